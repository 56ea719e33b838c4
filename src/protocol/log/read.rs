//! Reading batches (`LocalLog.java: read, addAbortedTransactions`).
//!
//! Knows nothing of requests. One read stays within one segment.

use super::segment::AbortedEntry;
use super::{Log, Place};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::variant::Kafka;
use crate::record::{Batch, Offset};

/// Up to where a reader reads (`FetchIsolation.java`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bound {
    /// Everything: followers.
    LogEnd,
    /// read_uncommitted.
    HighWatermark,
    /// read_committed.
    LastStable,
}

/// How a reader reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadOptions {
    /// The version of Kafka.
    pub kafka: Kafka,
    /// How many bytes at most.
    pub max_bytes: u64,
    /// Up to where.
    pub bound: Bound,
    /// Whether the first batch comes even if it is larger.
    pub at_least_one: bool,
    /// Whether the reader is to be told which transactions were aborted.
    pub with_aborted: bool,
}

/// What a read found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Read {
    /// Whole batches.
    pub batches: Vec<Batch>,
    /// Bytes read, of a last, torn batch too.
    pub bytes: u64,
    /// Whether not even the first batch fits.
    pub first_incomplete: bool,
    /// The aborted transactions that the reader must skip.
    pub aborted: Option<Vec<AbortedEntry>>,
}

impl Log {
    /// Reads from an offset on.
    ///
    /// # Errors
    /// OFFSET_OUT_OF_RANGE before the log start offset and beyond the log end offset.
    pub fn read(&self, offset: Offset, options: ReadOptions) -> Result<Read, ErrorCode> {
        if offset < self.log_start_offset() || offset > self.log_end_offset() {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let Some(first) = self.floor_segment(offset) else {
            return Err(ErrorCode::OffsetOutOfRange);
        };
        let ReadOptions { kafka, max_bytes, bound, at_least_one, with_aborted } = options;
        let end = self.bound(kafka, bound);
        if offset >= end.offset {
            return Ok(Read { aborted: with_aborted.then(Vec::new), ..Read::default() });
        }
        for (index, segment) in self.segments().iter().enumerate().skip(first) {
            let Some(found) = segment.find(offset) else { continue };
            let first_size = segment.batches()[found.index].size();
            let wanted = if at_least_one { max_bytes.max(first_size) } else { max_bytes };
            let readable = match segment.base_offset().cmp(&end.segment) {
                std::cmp::Ordering::Less => segment.size(),
                std::cmp::Ordering::Equal => end.position,
                std::cmp::Ordering::Greater => 0,
            };
            let bytes = readable.saturating_sub(found.position).min(wanted);
            let aborted = with_aborted.then(|| {
                let next = self.segments().get(index + 1).map(|next| next.base_offset());
                let upper = segment
                    .upper_bound_offset(found.position + bytes)
                    .unwrap_or_else(|| next.unwrap_or_else(|| self.log_end_offset()));
                self.collect_aborted(index, offset, upper)
            });
            return Ok(Read {
                batches: segment.slice(found, bytes).to_vec(),
                bytes,
                first_incomplete: bytes > 0 && wanted < first_size,
                aborted,
            });
        }
        Ok(Read::default())
    }

    /// The aborted transactions that overlap [offset, bound), from one segment on.
    pub(super) fn collect_aborted(
        &self,
        from_segment: usize,
        offset: Offset,
        bound: Offset,
    ) -> Vec<AbortedEntry> {
        let mut all = Vec::new();
        for segment in &self.segments()[from_segment..] {
            let (found, complete) = segment.collect_aborted(offset, bound);
            all.extend(found);
            if complete {
                break;
            }
        }
        all
    }

    fn bound(&self, kafka: Kafka, bound: Bound) -> Place {
        let high_watermark = || self.place_of_bound(self.high_watermark());
        match bound {
            Bound::LogEnd => self.end_place(),
            Bound::HighWatermark => high_watermark(),
            Bound::LastStable => match self.first_unstable_offset(kafka) {
                Some(offset) if offset < self.high_watermark() => self.place_of_bound(offset),
                _ => high_watermark(),
            },
        }
    }

    fn place_of_bound(&self, offset: Offset) -> Place {
        if offset >= self.log_end_offset() {
            self.end_place()
        } else {
            Place { offset, ..self.place(offset) }
        }
    }
}
