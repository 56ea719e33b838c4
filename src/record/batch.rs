//! Records, batches and transaction markers (message format 2).

use super::{
    CoordinatorEpoch, KeyId, LeaderEpoch, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE, Offset,
    PayloadId, ProducerEpoch, ProducerId, Sequence, Timestamp,
};

/// `RecordBatch.java: NO_TIMESTAMP`.
pub const NO_TIMESTAMP: Timestamp = -1;
/// `DefaultRecordBatch.java: RECORD_BATCH_OVERHEAD`: bytes of a batch's header.
pub const BATCH_OVERHEAD: u64 = 61;
/// Encoded size of the one record of a marker: a key of 4 bytes and a value of 6 (`EndTransactionMarker.java`).
const MARKER_SIZE: u64 = 17;

/// Bytes of a number in the variable-length encoding of records (`ByteUtils.java: sizeOfVarlong`).
pub fn varint_size(value: i64) -> u64 {
    let zigzag = ((value << 1) ^ (value >> 63)) as u64;
    u64::from((70 - (zigzag | 1).leading_zeros()) / 7)
}

/// The sequence that many records later; after `Int.MAX` comes 0 (`DefaultRecordBatch.java:
/// incrementSequence`).
pub fn increment_sequence(sequence: Sequence, increment: i32) -> Sequence {
    if sequence > Sequence::MAX - increment {
        increment - (Sequence::MAX - sequence) - 1
    } else {
        sequence + increment
    }
}

/// The sequence that many records earlier (`DefaultRecordBatch.java: decrementSequence`).
pub fn decrement_sequence(sequence: Sequence, decrement: i32) -> Sequence {
    if sequence < decrement {
        Sequence::MAX - (decrement - sequence) + 1
    } else {
        sequence - decrement
    }
}

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

impl Record {
    /// The size of a record whose timestamp is written as another difference to its batch's base
    /// (`DefaultRecord.java: sizeInBytes`).
    pub fn size_with_delta(&self, old_delta: i64, new_delta: i64) -> u32 {
        let size = u64::from(self.size);
        let length = (1..=5).find(|&n| varint_size((size - n) as i64) == n).unwrap_or(1);
        let body = size - length - varint_size(old_delta) + varint_size(new_delta);
        (varint_size(body as i64) + body) as u32
    }
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
    /// Largest timestamp of the batch as its header says; compaction may have removed the record.
    pub max_timestamp: Timestamp,
    /// When compaction may remove the batch's tombstones or its marker; set by a first compaction
    /// (KIP-534).
    pub delete_horizon: Option<Timestamp>,
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
            max_timestamp: records
                .iter()
                .map(|record| record.timestamp)
                .max()
                .unwrap_or(NO_TIMESTAMP),
            delete_horizon: None,
            records: (0..).zip(records).collect(),
        }
    }

    /// Sequence of the last record; after `Int.MAX` comes 0 (`DefaultRecordBatch.java:
    /// incrementSequence`).
    pub fn last_sequence(&self) -> Sequence {
        if self.base_sequence == NO_SEQUENCE {
            return NO_SEQUENCE;
        }
        increment_sequence(self.base_sequence, (self.last_offset - self.base_offset) as i32)
    }

    /// Whether a producer id is given.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    /// A transaction marker as a coordinator has it written (`MemoryRecords.java:
    /// withEndTransactionMarker`).
    pub fn of_marker(
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
        marker: Marker,
        timestamp: Timestamp,
    ) -> Batch {
        Batch {
            base_offset: 0,
            last_offset: 0,
            producer_id,
            producer_epoch,
            base_sequence: NO_SEQUENCE,
            transactional: true,
            control: true,
            marker: Some(marker),
            leader_epoch: -1,
            max_timestamp: timestamp,
            delete_horizon: None,
            records: Vec::new(),
        }
    }

    /// Offset of the record after the batch.
    pub fn next_offset(&self) -> Offset {
        self.last_offset + 1
    }

    /// The records with their offsets.
    pub fn offsets(&self) -> impl Iterator<Item = (Offset, &Record)> {
        self.records.iter().map(|(delta, record)| (self.base_offset + Offset::from(*delta), record))
    }

    /// Encoded size in bytes: the header and the records.
    pub fn size(&self) -> u64 {
        let marker = self.marker.map_or(0, |_| {
            // Compaction writes a marker's time as a difference to its delete horizon.
            let delta = self.delete_horizon.map_or(0, |horizon| self.max_timestamp - horizon);
            MARKER_SIZE - varint_size(0) + varint_size(delta)
        });
        BATCH_OVERHEAD + marker + self.records.iter().map(|(_, r)| u64::from(r.size)).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(timestamp: Timestamp, size: u32) -> Record {
        Record { payload: PayloadId(0), key: None, tombstone: false, timestamp, size }
    }

    #[test]
    fn sequences_wrap_after_the_largest() {
        assert_eq!(increment_sequence(Sequence::MAX - 1, 1), Sequence::MAX);
        assert_eq!(increment_sequence(Sequence::MAX, 1), 0);
        assert_eq!(increment_sequence(Sequence::MAX - 1, 3), 1);
        assert_eq!(decrement_sequence(1, 3), Sequence::MAX - 1);
        for (first, count) in [(0, 4), (Sequence::MAX - 2, 5), (Sequence::MAX, 0)] {
            assert_eq!(decrement_sequence(increment_sequence(first, count), count), first);
        }
    }

    #[test]
    fn numbers_take_seven_bits_a_byte() {
        let sizes = [(0, 1), (-1, 1), (63, 1), (64, 2), (-64, 1), (-65, 2), (8191, 2), (8192, 3)];
        for (value, size) in sizes {
            assert_eq!(varint_size(value), size, "{value}");
        }
        assert_eq!(varint_size(i64::MAX), 10);
        assert_eq!(varint_size(i64::MIN), 10);
    }

    #[test]
    fn a_record_grows_with_its_time_and_so_may_its_length() {
        // Attributes, time, offset, no key, 56 bytes of value, no headers: 62 bytes and their length.
        assert_eq!(record(0, 63).size_with_delta(0, 63), 63);
        assert_eq!(record(0, 63).size_with_delta(0, 64), 64);
        assert_eq!(record(0, 63).size_with_delta(0, 1 << 20), 67);
        assert_eq!(record(0, 67).size_with_delta(1 << 20, 0), 63);
    }

    #[test]
    fn a_marker_has_a_size_of_its_own() {
        let marker = Marker { kind: ControlKind::Abort, coordinator_epoch: 0 };
        let mut batch = Batch::of_marker(1, 0, marker, 1000);
        assert_eq!(batch.size(), 78);
        batch.delete_horizon = Some(1000 + 86_400_000);
        assert_eq!(batch.size(), 81);
        batch.marker = None;
        assert_eq!(batch.size(), 61);
    }
}
