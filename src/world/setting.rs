//! What a scenario fixes. Everything that a run can change is in the state instead.

use crate::protocol::Protocol;

pub use crate::app::setting::*;

/// A whole scenario, fixed.
#[derive(Clone, Debug)]
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
}

/// A topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicSetting {
    /// Its name.
    pub name: String,
    /// How many partitions it begins with.
    pub partitions: u16,
}

/// The four classes of failure of the article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FaultClass {
    /// The producer fails.
    Producer,
    /// A call that publishes or writes fails, before or after it took effect.
    RemoteCall,
    /// The messaging system fails.
    Messaging,
    /// The consumer fails while processing.
    Consumer,
}

impl FaultClass {
    /// All four.
    pub const ALL: &'static [FaultClass] = &[
        FaultClass::Producer,
        FaultClass::RemoteCall,
        FaultClass::Messaging,
        FaultClass::Consumer,
    ];

    /// Its name in scenario files.
    pub fn name(self) -> &'static str {
        match self {
            FaultClass::Producer => "producer",
            FaultClass::RemoteCall => "remote-call",
            FaultClass::Messaging => "messaging",
            FaultClass::Consumer => "consumer",
        }
    }
}

/// What the adversary may do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FaultSetting {
    /// How many faults in all.
    pub total: u32,
    /// How often each kind may strike, by the kind's name; a kind that is not named may not strike.
    pub kinds: Vec<(String, u32)>,
}
