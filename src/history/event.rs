//! One thing that a client saw or did: the only evidence that a verdict may use.

use crate::record::{KeyId, Offset, Partition, PayloadId, TopicName};

/// Number of a process (a producer or an application) in the scenario's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProcessId(pub u8);

/// How a send ended, as the judge knows it (the application sees only Kafka's exception).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// The future completed without an error; the offset is -1 for acks=0.
    Acked(Offset),
    /// Every attempt got an answer that excludes an append.
    Refused,
    /// Anything else: the record may be in the log.
    Unknown,
}

/// One thing that a client saw or did.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// The source handed a record out: it is due.
    Handed {
        /// The producer's process.
        process: ProcessId,
        /// The source record.
        payload: PayloadId,
    },
    /// A send ended.
    SendEnded {
        /// The producer's process.
        process: ProcessId,
        /// The source record.
        payload: PayloadId,
        /// Where it was sent.
        topic: TopicName,
        /// Where it was sent.
        partition: Partition,
        /// How it ended.
        outcome: Outcome,
    },
    /// A poll returned a record.
    Polled {
        /// The application's process.
        process: ProcessId,
        /// Where it was read.
        topic: TopicName,
        /// Where it was read.
        partition: Partition,
        /// Where it was read.
        offset: Offset,
        /// The source record.
        payload: PayloadId,
    },
    /// The application worked on a record.
    Processed {
        /// The application's process.
        process: ProcessId,
        /// The source record.
        payload: PayloadId,
    },
    /// The effect of a record took place.
    Effect {
        /// The application's process.
        process: ProcessId,
        /// The source record.
        payload: PayloadId,
        /// Its key.
        key: Option<KeyId>,
    },
    /// The application took a record for one that it had processed before, and went on without it.
    Skipped {
        /// The application's process.
        process: ProcessId,
        /// The source record.
        payload: PayloadId,
    },
    /// The effect put an older value over a newer one of its key.
    Overwrote {
        /// The value that was there.
        before: PayloadId,
        /// The application's process.
        process: ProcessId,
        /// The source record.
        payload: PayloadId,
    },
    /// A commit ended without error: the next record to read is at this offset.
    Committed {
        /// The application's process.
        process: ProcessId,
        /// Which partition.
        topic: TopicName,
        /// Which partition.
        partition: Partition,
        /// Next record to read.
        offset: Offset,
    },
}
