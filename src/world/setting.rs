//! What a scenario fixes. Everything that a run can change is in the state instead.

use crate::fault::FaultId;
use crate::protocol::Protocol;
use crate::protocol::safeguard::SafeguardSet;

pub use crate::app::setting::*;
use crate::cluster::Fixed;
pub use crate::fault::FaultClass;

/// A whole scenario, fixed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Version, ablations, settings of brokers and topics.
    pub protocol: Protocol,
    /// Names and sizes of the topics, by [`crate::record::TopicName`].
    pub topics: Vec<TopicSetting>,
    /// Names of the consumer groups, by [`crate::record::GroupId`].
    pub groups: Vec<String>,
    /// The sources.
    pub sources: Vec<SourceSetting>,
    /// The producer processes.
    pub producers: Vec<ProducerSetting>,
    /// The application processes.
    pub apps: Vec<AppSetting>,
    /// What the adversary may do.
    pub faults: FaultSetting,
    /// Safeguards whose refusals a pin asks for.
    pub watched: SafeguardSet,
}

/// What the adversary may do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FaultSetting {
    /// How many faults in all.
    pub total: u32,
    /// How often each kind may strike, by the kind's name; a kind that is not named may not strike.
    pub kinds: Vec<(String, u32)>,
}

impl Setting {
    /// The kinds of faults that may strike this scenario, with how often.
    pub fn striking_faults(&self) -> Vec<&(String, u32)> {
        let something =
            |name: &str| FaultId::named(name).is_none_or(|id| id.fault().may_strike(self.fixed()));
        self.faults.kinds.iter().filter(|(name, cap)| *cap > 0 && something(name)).collect()
    }

    /// What the cluster needs of it.
    pub fn fixed(&self) -> Fixed<'_> {
        Fixed {
            protocol: &self.protocol,
            topics: &self.topics,
            sources: &self.sources,
            producers: &self.producers,
            apps: &self.apps,
        }
    }
}
