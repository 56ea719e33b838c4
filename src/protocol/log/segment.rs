//! One segment of a log: a run of batches with its indexes (`LogSegment.java`, `OffsetIndex.java`,
//! `TransactionIndex.java`).
//!
//! Knows nothing of other segments, producers or readers. Positions are bytes from the segment's begin.

use crate::record::batch::NO_TIMESTAMP;
use crate::record::{Batch, Offset, ProducerId, Rename, Swap, Timestamp};

/// An aborted transaction, as a segment's index has it (`AbortedTxn.java`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AbortedEntry {
    /// Whose.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// Its marker.
    pub last_offset: Offset,
    /// The last stable offset when the marker was written.
    pub last_stable_offset: Offset,
}

/// Where a batch lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Number of the batch within the segment.
    pub index: usize,
    /// Its first byte.
    pub position: u64,
}

/// One segment of a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Segment {
    base_offset: Offset,
    batches: Vec<Batch>,
    /// Where each batch ends, so that a long segment is searched and not summed up.
    ends: Vec<u64>,
    aborted: Vec<AbortedEntry>,
    /// (last offset of the batch, its position), sparse: one entry about every
    /// `index.interval.bytes`.
    offset_index: Vec<(Offset, u64)>,
    /// Where counting for the next entry of the index began.
    index_from: u64,
    /// When this process opened it; it rolls by this if its first batch bears no timestamp.
    created: Timestamp,
    /// When it was last written to.
    last_modified: Timestamp,
}

impl Segment {
    /// An empty one.
    pub fn new(base_offset: Offset, now: Timestamp) -> Segment {
        Segment {
            base_offset,
            batches: Vec::new(),
            ends: Vec::new(),
            aborted: Vec::new(),
            offset_index: Vec::new(),
            index_from: 0,
            created: now,
            last_modified: now,
        }
    }

    /// Offset that its first record has or would have.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// What it holds.
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// The aborted transactions whose markers it holds, in the order of the markers.
    pub fn aborted(&self) -> &[AbortedEntry] {
        &self.aborted
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// The offset after its last batch; its base offset if it is empty (`readNextOffset`).
    pub fn next_offset(&self) -> Offset {
        self.batches.last().map_or(self.base_offset, Batch::next_offset)
    }

    /// When it was last written to.
    pub fn last_modified(&self) -> Timestamp {
        self.last_modified
    }

    /// Overwrites the time of the last write, as compaction does.
    pub fn set_last_modified(&mut self, time: Timestamp) {
        self.last_modified = time;
    }

    /// The largest timestamp of its batches, -1 if none bears one.
    pub fn max_timestamp(&self) -> Timestamp {
        self.batches.iter().map(|batch| batch.max_timestamp).max().unwrap_or(NO_TIMESTAMP)
    }

    /// The largest timestamp of its batches, or else the time of the last write.
    pub fn largest_timestamp(&self) -> Timestamp {
        let largest = self.max_timestamp();
        if largest >= 0 { largest } else { self.last_modified }
    }

    /// Time of the first batch, if it bears one.
    pub fn first_timestamp(&self) -> Option<Timestamp> {
        self.batches.first().map(|batch| batch.max_timestamp).filter(|&time| time >= 0)
    }

    /// How old it would be with a further batch (`timeWaitedForRoll`).
    pub fn time_waited_for_roll(&self, now: Timestamp, timestamp: Timestamp) -> Timestamp {
        match self.first_timestamp() {
            Some(first) => timestamp - first,
            None => now - self.created,
        }
    }

    /// Adds a batch at the end.
    pub fn append(&mut self, batch: Batch, now: Timestamp, index_interval_bytes: u64) {
        let position = self.size();
        let counted = self.offset_index.last().map_or(0, |entry| entry.1).max(self.index_from);
        if position - counted > index_interval_bytes {
            self.offset_index.push((batch.last_offset, position));
        }
        self.ends.push(position + batch.size());
        self.batches.push(batch);
        self.last_modified = now;
    }

    /// Drops the batches from an offset on.
    pub fn truncate(&mut self, from: Offset) {
        let kept = self.batches.partition_point(|batch| batch.last_offset < from);
        self.batches.truncate(kept);
        self.ends.truncate(kept);
    }

    /// Notes an aborted transaction whose marker it holds.
    pub fn append_aborted(&mut self, entry: AbortedEntry) {
        self.aborted.push(entry);
    }

    /// A new process opens it: counting for the index begins anew.
    pub fn reopen(&mut self, now: Timestamp) {
        self.created = now;
        self.index_from = self.size();
    }

    /// Rebuilds the indexes from the batches; the aborted transactions are to be found again
    /// (`recover`).
    pub fn reset_indexes(&mut self, index_interval_bytes: u64) {
        self.aborted.clear();
        self.offset_index.clear();
        let (mut position, mut indexed) = (0, 0);
        for (batch, end) in self.batches.iter().zip(&self.ends) {
            if position - indexed > index_interval_bytes {
                self.offset_index.push((batch.last_offset, position));
                indexed = position;
            }
            position = *end;
        }
    }

    /// The first batch that ends at or after an offset (`translateOffset`).
    pub fn find(&self, offset: Offset) -> Option<Found> {
        let index = self.batches.partition_point(|batch| batch.last_offset < offset);
        let position = if index == 0 { 0 } else { self.ends[index - 1] };
        (index < self.batches.len()).then_some(Found { index, position })
    }

    /// Whole batches from one batch on that end within so many bytes.
    pub fn slice(&self, from: Found, bytes: u64) -> &[Batch] {
        let limit = from.position + bytes;
        let end = self.ends.partition_point(|end| *end <= limit);
        &self.batches[from.index..end.max(from.index)]
    }

    /// The offset in the first entry of the index at or beyond a position (`fetchUpperBoundOffset`).
    /// The search never looks at the first entry itself: one that lies exactly at the position is
    /// passed over (`AbstractIndex.java: binarySearch`).
    pub fn upper_bound_offset(&self, position: u64) -> Option<Offset> {
        let index = self.offset_index.partition_point(|entry| entry.1 < position);
        let passed_over = index == 0 && self.offset_index.first()?.1 == position;
        self.offset_index.get(index + usize::from(passed_over)).map(|entry| entry.0)
    }

    /// The aborted transactions that overlap [offset, bound); and whether a later segment can't hold
    /// more of them (`collectAbortedTxns`).
    pub fn collect_aborted(&self, offset: Offset, bound: Offset) -> (Vec<AbortedEntry>, bool) {
        let mut found = Vec::new();
        for entry in &self.aborted {
            if entry.last_offset >= offset && entry.first_offset < bound {
                found.push(*entry);
            }
            if entry.last_stable_offset >= bound {
                return (found, true);
            }
        }
        (found, false)
    }
}

impl Rename for Segment {
    fn rename(&mut self, swap: &Swap) {
        let Segment {
            batches,
            base_offset: _,
            ends: _,
            aborted: _,
            offset_index: _,
            index_from: _,
            created: _,
            last_modified: _,
        } = self;
        batches.rename(swap);
    }
}
