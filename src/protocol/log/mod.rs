//! One partition's log: segments, the terms of its leaders, its producers, its bounds
//! (`UnifiedLog.java`, `LocalLog.java`).
//!
//! Knows nothing of requests, of other partitions or of who leads. The log end offset and the last
//! stable offset are computed, never kept.

pub mod append;
pub mod clean;
pub mod clean_transactions;
pub mod epochs;
pub mod load;
pub mod read;
pub mod retention;
pub mod segment;
pub mod timestamps;

use crate::protocol::producer_state::ProducerStates;
use crate::protocol::variant::{Kafka, UnstableOffset};
use crate::record::{Batch, LeaderEpoch, Offset, Rename, Swap, Timestamp};
use epochs::LeaderEpochs;
use segment::Segment;

/// What is written about a log beside it, as it was last written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Checkpoint {
    /// `log-start-offset-checkpoint`: only of a log that begins within its first segment.
    pub log_start_offset: Option<Offset>,
    /// `recovery-point-offset-checkpoint`.
    pub recovery_point: Offset,
    /// `cleaner-offset-checkpoint`: up to where the log was compacted.
    pub cleaned_to: Option<Offset>,
}

/// One partition's log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Log {
    /// In the order of their offsets; at least one, the last is active.
    segments: Vec<Segment>,
    log_start_offset: Offset,
    high_watermark: Offset,
    /// What is below is flushed.
    recovery_point: Offset,
    /// Up to where it was flushed before the broker last stopped.
    flushed: Offset,
    epochs: LeaderEpochs,
    producers: ProducerStates,
    checkpoint: Checkpoint,
    /// Compaction failed once and leaves the log alone until the next start.
    uncleanable: bool,
}

/// An offset and where it lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub offset: Offset,
    pub segment: Offset,
    pub position: u64,
}

impl Log {
    /// An empty one.
    pub fn new(now: Timestamp) -> Log {
        Log {
            segments: vec![Segment::new(0, now)],
            log_start_offset: 0,
            high_watermark: 0,
            recovery_point: 0,
            flushed: 0,
            epochs: LeaderEpochs::default(),
            producers: ProducerStates::default(),
            checkpoint: Checkpoint::default(),
            uncleanable: false,
        }
    }

    /// Its segments.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Everything in it, in order; also what lies before the log start offset in the first segment.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> {
        self.segments.iter().flat_map(|segment| segment.batches())
    }

    /// Offset of the first record that a reader may ask for.
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// What is below is replicated.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// Offset that the next record gets.
    pub fn log_end_offset(&self) -> Offset {
        self.active().next_offset()
    }

    /// What is below is decided: no transaction is open there. At most the high watermark.
    pub fn last_stable_offset(&self, kafka: Kafka) -> Offset {
        let unstable = self.first_unstable_offset(kafka);
        unstable.map_or(self.high_watermark, |offset| offset.min(self.high_watermark))
    }

    /// What it knows of its producers.
    pub fn producers(&self) -> &ProducerStates {
        &self.producers
    }

    /// The same, to change it.
    pub fn producers_mut(&mut self) -> &mut ProducerStates {
        &mut self.producers
    }

    /// The terms of its leaders.
    pub fn epochs(&self) -> &LeaderEpochs {
        &self.epochs
    }

    /// What is written beside it.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// A leader takes over: its term begins at the log's end.
    pub fn begin_term(&mut self, epoch: LeaderEpoch) {
        self.epochs.assign(epoch, self.log_end_offset());
    }

    /// Raises the high watermark; whether it moved.
    pub fn raise_high_watermark(&mut self, offset: Offset) -> bool {
        let moves = offset > self.high_watermark;
        if moves {
            self.set_high_watermark(offset);
        }
        moves
    }

    fn set_high_watermark(&mut self, offset: Offset) {
        self.high_watermark = offset;
        self.producers.on_high_watermark(offset);
    }

    fn active(&self) -> &Segment {
        self.segments.last().expect("a log has a segment")
    }

    fn active_mut(&mut self) -> &mut Segment {
        self.segments.last_mut().expect("a log has a segment")
    }

    /// Number of the segment that holds an offset, if the log reaches so far back.
    fn floor_segment(&self, offset: Offset) -> Option<usize> {
        self.segments.partition_point(|segment| segment.base_offset() <= offset).checked_sub(1)
    }

    fn first_unstable_offset(&self, kafka: Kafka) -> Option<Offset> {
        let first = self.producers.first_unstable_offset()?;
        if first >= self.log_start_offset {
            return Some(first);
        }
        Some(match kafka.unstable_offset() {
            UnstableOffset::LogStart => self.log_start_offset,
            UnstableOffset::BatchStart => self.place(self.log_start_offset).offset,
        })
    }

    /// The place of the first batch that ends at or after an offset; beyond the last batch the log's
    /// end.
    fn place(&self, offset: Offset) -> Place {
        let first = self.floor_segment(offset).unwrap_or(0);
        for segment in &self.segments[first..] {
            if let Some(found) = segment.find(offset) {
                return Place {
                    offset: segment.batches()[found.index].base_offset,
                    segment: segment.base_offset(),
                    position: found.position,
                };
            }
        }
        self.end_place()
    }

    fn end_place(&self) -> Place {
        let active = self.active();
        Place {
            offset: active.next_offset(),
            segment: active.base_offset(),
            position: active.size(),
        }
    }
}

impl Rename for Log {
    fn rename(&mut self, swap: &Swap) {
        let Log {
            segments,
            log_start_offset: _,
            high_watermark: _,
            recovery_point: _,
            flushed: _,
            epochs: _,
            producers: _,
            checkpoint: _,
            uncleanable: _,
        } = self;
        segments.rename(swap);
    }
}
