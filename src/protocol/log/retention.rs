//! The log's head goes, new segments begin (`UnifiedLog.java: maybeRoll, deleteOldSegments,
//! maybeIncrementLogStartOffset`).

use super::Log;
use super::segment::Segment;
use crate::protocol::config::TopicConfig;
use crate::protocol::error_code::ErrorCode;
use crate::record::{Batch, Offset, Timestamp};

impl Log {
    /// Raises the log start offset; what is below can't be read any more. Whether it moved.
    ///
    /// # Errors
    /// OFFSET_OUT_OF_RANGE beyond the high watermark.
    pub fn increment_log_start_offset(&mut self, offset: Offset) -> Result<bool, ErrorCode> {
        if offset > self.high_watermark {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let moves = offset > self.log_start_offset;
        if moves {
            self.log_start_offset = offset;
            self.recovery_point = self.recovery_point.max(offset);
            self.epochs.truncate_from_start(offset);
            self.producers.on_high_watermark(offset);
        }
        Ok(moves)
    }

    /// Begins a new segment if the active one has no room for the batch or is too old.
    pub(super) fn maybe_roll(&mut self, config: &TopicConfig, now: Timestamp, batch: &Batch) {
        let active = self.active();
        let limit = if config.cleanup_compact && config.max_compaction_lag_ms > 0 {
            config.segment_ms.min(config.max_compaction_lag_ms)
        } else {
            config.segment_ms
        };
        let old = active.time_waited_for_roll(now, batch.max_timestamp) > limit;
        let full = active.size() + batch.size() > config.segment_bytes;
        if full || (!active.is_empty() && old) {
            self.roll(now);
        }
    }

    /// Begins a new segment at the log's end; the older ones are flushed.
    pub(super) fn roll(&mut self, now: Timestamp) {
        let end = self.log_end_offset();
        self.segments.push(Segment::new(end, now));
        self.producers.take_snapshot(end, self.log_start_offset);
        self.recovery_point = self.recovery_point.max(end);
    }

    /// Deletes the segments that are below the log start offset, beyond the retention size, or beyond
    /// the retention time, each test by itself. Whether anything went.
    pub fn delete_old_segments(&mut self, config: &TopicConfig, now: Timestamp) -> bool {
        let log_start_offset = self.log_start_offset;
        let mut deleted = self.delete_while(now, |_, next| {
            next.is_some_and(|next| next.base_offset() <= log_start_offset)
        });
        if config.cleanup_delete {
            deleted |= self.delete_beyond_size(config, now);
            deleted |= config.retention_ms >= 0
                && self.delete_while(now, |segment, _| {
                    now - segment.largest_timestamp() > config.retention_ms
                });
        }
        deleted
    }

    fn delete_beyond_size(&mut self, config: &TopicConfig, now: Timestamp) -> bool {
        let size = self.segments.iter().map(Segment::size).sum::<u64>() as i64;
        if config.retention_bytes < 0 || size < config.retention_bytes {
            return false;
        }
        let mut excess = size - config.retention_bytes;
        self.delete_while(now, |segment, _| {
            let goes = excess - segment.size() as i64 >= 0;
            if goes {
                excess -= segment.size() as i64;
            }
            goes
        })
    }

    /// Deletes segments from the oldest on while the test says so, all below the high watermark. A
    /// log always keeps a segment: if all go, a new one begins first.
    fn delete_while(
        &mut self,
        now: Timestamp,
        mut goes: impl FnMut(&Segment, Option<&Segment>) -> bool,
    ) -> bool {
        let mut count = 0;
        for (index, segment) in self.segments.iter().enumerate() {
            let next = self.segments.get(index + 1);
            let end = next.map_or_else(|| self.log_end_offset(), Segment::base_offset);
            let below = self.high_watermark >= end && goes(segment, next);
            if !below || (next.is_none() && segment.is_empty()) {
                break;
            }
            count += 1;
        }
        if count == 0 {
            return false;
        }
        if count == self.segments.len() {
            self.roll(now);
        }
        let start = self.segments[count].base_offset();
        // The start is at most the high watermark, so nothing can refuse it.
        let _ = self.increment_log_start_offset(start);
        for segment in self.segments.drain(..count) {
            self.producers.delete_snapshot(segment.base_offset());
        }
        true
    }

    /// Writes the log start offset down, if it lies within the first segment.
    pub fn checkpoint_log_start_offset(&mut self) {
        let within = self.log_start_offset > self.segments[0].base_offset();
        self.checkpoint.log_start_offset = within.then_some(self.log_start_offset);
    }

    /// Writes the recovery point down.
    pub fn checkpoint_recovery_point(&mut self) {
        self.checkpoint.recovery_point = self.recovery_point;
    }
}
