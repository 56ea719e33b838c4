//! The nouns that everyone may know: identifiers, records, batches.
//!
//! Knows nothing of brokers, clients, links or formats. Payload bytes never enter the model: a record
//! carries the number of its payload and of its key.

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

/// One record, as the model knows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Record {
    /// Which payload.
    pub payload: PayloadId,
    /// Which key, if any.
    pub key: Option<KeyId>,
    /// Whether the value is null.
    pub tombstone: bool,
    /// Create time, in milliseconds; set by the client.
    pub timestamp: Timestamp,
    /// Encoded size within its batch, in bytes.
    pub size: u32,
}

/// What a control batch says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ControlKind {
    /// The transaction is committed.
    Commit,
    /// The transaction is aborted.
    Abort,
}

/// A transaction marker (`EndTransactionMarker.java`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Marker {
    /// Commit or abort.
    pub kind: ControlKind,
    /// Term of the coordinator that wrote it.
    pub coordinator_epoch: CoordinatorEpoch,
}

/// A record batch (message format 2, `DefaultRecordBatch.java`).
///
/// Clients send batches with `base_offset` 0 and `leader_epoch` -1; the leader assigns both.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Batch {
    /// Offset of the first record when the batch was appended.
    pub base_offset: Offset,
    /// Offset of the last record when the batch was appended; compaction leaves it.
    pub last_offset: Offset,
    /// The producer's id, or [`NO_PRODUCER_ID`].
    pub producer_id: ProducerId,
    /// The producer's epoch, or [`NO_PRODUCER_EPOCH`].
    pub producer_epoch: ProducerEpoch,
    /// Sequence of the first record, or [`NO_SEQUENCE`].
    pub base_sequence: Sequence,
    /// Whether it belongs to a transaction.
    pub transactional: bool,
    /// Whether the control bit is set; a client that sets it sends no marker and is refused.
    pub control: bool,
    /// The marker, in a control batch that a coordinator had written.
    pub marker: Option<Marker>,
    /// Term of the leader that appended it; -1 before.
    pub leader_epoch: LeaderEpoch,
    /// The records with their offsets relative to `base_offset`; compaction may leave gaps.
    pub records: Vec<(u32, Record)>,
}

impl Batch {
    /// A batch as a client sends it.
    pub fn of(records: Vec<Record>) -> Batch {
        let last = records.len() as Offset - 1;
        Batch {
            base_offset: 0,
            last_offset: last,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            transactional: false,
            control: false,
            marker: None,
            leader_epoch: -1,
            records: (0..).zip(records).collect(),
        }
    }

    /// Sequence of the last record; after `Int.MAX` comes 0 (`DefaultRecordBatch.java:
    /// incrementSequence`).
    pub fn last_sequence(&self) -> Sequence {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        let last = i64::from(self.base_sequence) + (self.last_offset - self.base_offset);
        (last % (i64::from(i32::MAX) + 1)) as Sequence
    }

    /// Whether a producer id is given.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    /// Encoded size in bytes: the header of 61 bytes and the records.
    pub fn size(&self) -> u64 {
        61 + self.records.iter().map(|(_, record)| u64::from(record.size)).sum::<u64>()
    }

    /// Largest timestamp of the batch's records, or -1.
    pub fn max_timestamp(&self) -> Timestamp {
        self.records.iter().map(|(_, record)| record.timestamp).max().unwrap_or(-1)
    }
}
