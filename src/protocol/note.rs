//! What happened inside a role, for stories. Nothing is judged by a note.

use crate::protocol::message::TopicPartition;
use crate::protocol::safeguard::Safeguard;
use crate::record::{GroupId, Offset, PayloadId};

/// One thing that happened inside a role.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Note {
    /// A safeguard refused (or, for a duplicate, recognised) something.
    Refused(Safeguard),
    /// The log grew.
    Appended {
        /// Where.
        partition: TopicPartition,
        /// Offset of the first record.
        base_offset: Offset,
        /// What.
        payloads: Vec<PayloadId>,
    },
    /// A batch was recognised as a repeat of the one at this offset.
    Duplicate {
        /// Where.
        partition: TopicPartition,
        /// Offset of the first record of the original.
        base_offset: Offset,
        /// What.
        payloads: Vec<PayloadId>,
    },
    /// A committed offset was stored.
    OffsetStored {
        /// Whose.
        group: GroupId,
        /// Where.
        partition: TopicPartition,
        /// Next record to read.
        offset: Offset,
    },
    /// The role was asked for something of Kafka's that the model does not have. What it answers from
    /// then on says nothing about Kafka.
    NotModelled(&'static str),
}
