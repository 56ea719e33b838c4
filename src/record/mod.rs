//! The nouns that everyone may know: identifiers, records, batches.
//!
//! Knows nothing of brokers, clients, links or formats. Payload bytes never enter the model: a record
//! carries the number of its payload and of its key.

pub mod batch;
pub mod swap;

pub use batch::{Batch, ControlKind, Marker, Record, decrement_sequence};
pub use swap::{Rename, Swap};

use std::fmt;

/// Position of a record in a partition's log.
pub type Offset = i64;
/// Number of a partition within its topic.
pub type Partition = i32;
/// Milliseconds of virtual time.
pub type Timestamp = i64;
/// Identity of an idempotent or transactional producer; [`NO_PRODUCER_ID`] for none.
pub type ProducerId = i64;
/// Term of a producer id; it fences older instances.
pub type ProducerEpoch = i16;
/// Number of a record among those that one producer sent to one partition in one epoch.
pub type Sequence = i32;
/// Term of a partition's leader.
pub type LeaderEpoch = i32;
/// Term of a transaction coordinator.
pub type CoordinatorEpoch = i32;

/// `RecordBatch.java: NO_PRODUCER_ID`.
pub const NO_PRODUCER_ID: ProducerId = -1;
/// `RecordBatch.java: NO_PRODUCER_EPOCH`.
pub const NO_PRODUCER_EPOCH: ProducerEpoch = -1;
/// `RecordBatch.java: NO_SEQUENCE`.
pub const NO_SEQUENCE: Sequence = -1;

macro_rules! symbol {
    ($(#[$doc:meta])* $name:ident($number:ty), $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub $number);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

symbol!(
    /// A topic's name, as a number of the scenario's table of names.
    TopicName(u16), "topic"
);
symbol!(
    /// The identity of one incarnation of a topic (KIP-516): a topic that is deleted and created anew
    /// under the same name has another one.
    TopicId(u32), "topic-id"
);
symbol!(
    /// A `group.id`, as a number of the table of names.
    GroupId(u16), "group"
);
symbol!(
    /// A member's id within a group, as a number of the table of names.
    MemberId(u16), "member"
);
symbol!(
    /// A `group.instance.id`, as a number of the table of names.
    InstanceId(u16), "instance"
);
symbol!(
    /// A `transactional.id`, as a number of the table of names.
    TransactionalId(u16), "transactional-id"
);
symbol!(
    /// What a record says; a source record keeps its payload through every resend.
    PayloadId(u32), "m"
);
symbol!(
    /// A record's key.
    KeyId(u32), "k"
);
