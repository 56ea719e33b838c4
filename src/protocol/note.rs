//! What happened inside a role, for stories. Nothing is judged by a note.

use crate::history::event::ProcessId;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::TopicPartition;
use crate::protocol::safeguard::Safeguard;
use crate::record::{GroupId, Offset, PayloadId, ProducerEpoch};

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
    /// A producer will send a batch again.
    Retried {
        /// Whose.
        process: ProcessId,
        /// What.
        payloads: Vec<PayloadId>,
        /// The broker's answer; none if the connection broke.
        error: Option<ErrorCode>,
    },
    /// A batch was not acknowledged within `delivery.timeout.ms`.
    BatchExpired {
        /// Whose.
        process: ProcessId,
        /// What.
        payloads: Vec<PayloadId>,
    },
    /// An idempotent producer went on under a new epoch of its own.
    EpochBumped {
        /// Whose.
        process: ProcessId,
        /// The new epoch.
        epoch: ProducerEpoch,
    },
}
