//! The adversary: one file per fault, and the list. Healing restores what can act, never data.
//!
//! Each strike costs one fault of the budget; what it stopped is started again at no cost.

mod crash;
mod dedup;
mod disconnect;
mod expiry;
mod pause;
mod processing;
mod remote_call;
mod slow;
mod topic;

use crate::cluster::{ClientTimer, Cluster, Effects, Fixed, LinkId};
use crate::history::event::ProcessId;
use crate::record::{GroupId, Offset, Partition, ProducerId, TopicName};

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

/// What a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// The broker.
    Broker,
    /// A client process.
    Process(ProcessId),
    /// The worker thread of a client process.
    Worker(ProcessId),
    /// A connection.
    Link(LinkId),
    /// A timer of a client process.
    Timer(ProcessId, ClientTimer),
    /// A topic.
    Topic(TopicName),
    /// The records of a partition before this offset.
    Head(TopicName, Partition, Offset),
    /// What a partition remembers of a producer.
    ProducerState(TopicName, Partition, ProducerId),
    /// A group's committed offset of a partition.
    CommittedOffset(GroupId, TopicName, Partition),
}

/// Something that the adversary can do.
pub trait Fault: Sync {
    /// Its name in scenario files and schedules.
    fn name(&self) -> &'static str;
    /// What happens, and what follows.
    fn doc(&self) -> &'static str;
    /// The classes of failure that it belongs to. What never heals, or is an administrator's or a
    /// configuration's doing, belongs to none: a scenario names it by its kind.
    fn classes(&self) -> &'static [FaultClass];
    /// Whether a scenario has anything that it could ever strike; where it has not, nobody needs to hear of
    /// it.
    fn may_strike(&self, _fixed: Fixed<'_>) -> bool {
        true
    }
    /// What it can strike now, in ascending order.
    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target>;
    /// Does it.
    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    );
}

/// Number of a fault in [`FAULTS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FaultId(pub u8);

/// The name of the loss of power, which needs to know of commits what no other fault does.
pub const POWER_LOSS: &str = "power-loss";

/// Every fault, in the order in which the explorer tries them.
pub const FAULTS: &[&dyn Fault] = &[
    &disconnect::Disconnect,
    &crash::CrashProducer,
    &crash::CrashConsumer,
    &crash::CrashBroker,
    &crash::PowerLoss,
    &remote_call::RemoteCallBefore,
    &remote_call::RemoteCallAfter,
    &processing::ProcessingFailure,
    &pause::PauseProducer,
    &pause::PauseConsumer,
    &pause::PauseBroker,
    &slow::Slow,
    &processing::Poison,
    &expiry::Retention,
    &expiry::ProducerIdExpiry,
    &expiry::OffsetExpiry,
    &topic::PartitionGrowth,
    &topic::TopicDeletion,
    &dedup::FALSE_POSITIVE,
    &dedup::WINDOW_PASSED,
];

impl FaultId {
    /// Its entry in the list.
    pub fn fault(self) -> &'static dyn Fault {
        FAULTS[usize::from(self.0)]
    }

    /// The fault with this name.
    pub fn named(name: &str) -> Option<FaultId> {
        FAULTS.iter().position(|fault| fault.name() == name).map(|i| FaultId(i as u8))
    }
}
