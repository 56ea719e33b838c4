//! What happened inside a role, for stories. Nothing is judged by a note.

use crate::history::event::ProcessId;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::TopicPartition;
use crate::protocol::safeguard::Safeguard;
use crate::record::{ControlKind, GroupId, Offset, PayloadId, ProducerEpoch, ProducerId};

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
    /// A transaction marker was written.
    MarkerWritten {
        /// Where.
        partition: TopicPartition,
        /// Where.
        offset: Offset,
        /// Whose transaction it ends.
        producer_id: ProducerId,
        /// Commit or abort.
        result: ControlKind,
    },
    /// The head of a log went.
    HeadDeleted {
        /// Where.
        partition: TopicPartition,
        /// Where the log begins now.
        log_start_offset: Offset,
    },
    /// A log was compacted.
    Compacted {
        /// Where.
        partition: TopicPartition,
    },
    /// A partition forgot a producer that had long been silent.
    ProducerForgotten {
        /// Where.
        partition: TopicPartition,
        /// Whom.
        producer_id: ProducerId,
    },
    /// A committed offset expired.
    OffsetForgotten {
        /// Whose.
        group: GroupId,
        /// Where.
        partition: TopicPartition,
    },
    /// A starting broker has read a log.
    LogLoaded {
        /// Where.
        partition: TopicPartition,
        /// Where it begins.
        log_start_offset: Offset,
        /// Where it ends.
        log_end_offset: Offset,
    },
    /// The role was asked for something of Kafka's that the model does not have. What it answers from
    /// then on says nothing about Kafka.
    NotModelled(&'static str),
}
