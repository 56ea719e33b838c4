//! Offsets by timestamp (`UnifiedLog.java: fetchOffsetByTimestamp`, `LogSegment.java:
//! findOffsetByTimestamp`).

use super::Log;
use super::segment::Segment;
use crate::record::{Batch, LeaderEpoch, Offset, Timestamp};

/// An offset and the term of the leader that wrote there, if it is known.
pub type OffsetAndEpoch = (Offset, Option<LeaderEpoch>);

impl Log {
    /// The log start offset, with the first term if that reaches so far back.
    pub fn earliest(&self) -> OffsetAndEpoch {
        let known = self.epochs().earliest().filter(|(_, start)| *start <= self.log_start_offset());
        (self.log_start_offset(), known.map(|(epoch, _)| epoch))
    }

    /// The first record with the largest timestamp; it may lie before the log start offset.
    pub fn offset_of_max_timestamp(&self) -> Option<OffsetAndEpoch> {
        let mut newest: Option<&Segment> = None;
        for segment in self.segments() {
            if newest.is_none_or(|known| segment.max_timestamp() > known.max_timestamp()) {
                newest = Some(segment);
            }
        }
        let newest = newest?;
        let largest = newest.max_timestamp();
        let batch = newest.batches().iter().find(|batch| batch.max_timestamp == largest)?;
        offset_of_max(batch).map(|offset| (offset, known_epoch(batch)))
    }

    /// The first record at or after a time, from the log start offset on, within the first segment
    /// whose largest timestamp is not before that time.
    pub fn offset_for_timestamp(&self, time: Timestamp) -> Option<OffsetAndEpoch> {
        let segment = self.segments().iter().find(|segment| segment.largest_timestamp() >= time)?;
        segment
            .batches()
            .iter()
            .filter(|batch| batch.max_timestamp >= time)
            .flat_map(|batch| timed_offsets(batch).map(move |(offset, at)| (batch, offset, at)))
            .find(|(_, offset, at)| *at >= time && *offset >= self.log_start_offset())
            .map(|(batch, offset, _)| (offset, known_epoch(batch)))
    }
}

fn known_epoch(batch: &Batch) -> Option<LeaderEpoch> {
    Some(batch.leader_epoch).filter(|&epoch| epoch >= 0)
}

/// Offsets and times of the records, a marker's included.
fn timed_offsets(batch: &Batch) -> impl Iterator<Item = (Offset, Timestamp)> {
    let marker = batch.marker.map(|_| (batch.base_offset, batch.max_timestamp));
    marker.into_iter().chain(batch.offsets().map(|(offset, record)| (offset, record.timestamp)))
}

/// The first record that bears its batch's largest timestamp (`RecordBatch.java:
/// offsetOfMaxTimestamp`).
fn offset_of_max(batch: &Batch) -> Option<Offset> {
    timed_offsets(batch).find(|(_, at)| *at == batch.max_timestamp).map(|(offset, _)| offset)
}
