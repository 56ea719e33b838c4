//! What a log's files are after a stop, and what a starting broker makes of them (`LogLoader.java`,
//! `UnifiedLog.java: close, rebuildProducerState`, `LogSegment.java: recover`).
//!
//! Knows nothing of why the broker stopped but whether it could say goodbye.

use std::collections::BTreeMap;

use super::Log;
use super::epochs::LeaderEpochs;
use super::segment::{AbortedEntry, Found, Segment};
use crate::protocol::Protocol;
use crate::protocol::config::TopicConfig;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer_state::ProducerStates;
use crate::protocol::producer_state::append_info::{AppendInfo, CompletedTransaction, Origin};
use crate::record::{Batch, Offset, ProducerId, Timestamp};

/// What loading needs beside the log.
struct Loading<'a> {
    protocol: &'a Protocol,
    now: Timestamp,
    /// Whether the broker had stopped cleanly.
    clean: bool,
}

impl Log {
    /// The broker stops; what was in memory alone is forgotten.
    pub fn stop(&mut self, clean: bool) {
        if clean {
            self.recovery_point = self.log_end_offset();
            self.producers.take_snapshot(self.log_end_offset(), self.log_start_offset);
            self.checkpoint_recovery_point();
            self.checkpoint_log_start_offset();
        }
        // What was flushed stays so, whatever the checkpoint says of where recovery begins.
        self.flushed = self.flushed_to();
        self.recovery_point = self.checkpoint.recovery_point;
        self.log_start_offset = 0;
        self.high_watermark = 0;
        self.uncleanable = false;
        self.producers.forget();
    }

    /// Up to where it is flushed; a loss of power may take anything behind.
    pub fn flushed_to(&self) -> Offset {
        self.flushed.max(self.recovery_point).min(self.log_end_offset())
    }

    /// The machine lost power: what lies from an offset on never reached the disk. Only of a stopped
    /// broker, which finds out when it recovers.
    pub fn lose_tail(&mut self, from: Offset) {
        self.segments.retain(|segment| segment.base_offset() == 0 || segment.base_offset() < from);
        for segment in &mut self.segments {
            segment.truncate(from);
        }
    }

    /// The broker starts: segments that may be torn are read again, and the state of producers is
    /// built from the newest usable snapshot and what follows it. The high watermark is left at the
    /// log start.
    pub fn load(&mut self, protocol: &Protocol, config: &TopicConfig, now: Timestamp, clean: bool) {
        let loading = Loading { protocol, now, clean };
        let checkpointed_start = self.checkpoint.log_start_offset.unwrap_or(0);
        for segment in &mut self.segments {
            segment.reopen(now);
        }
        if !clean {
            self.recover(&loading, config, checkpointed_start);
        }
        if self.log_end_offset() < checkpointed_start {
            self.segments = vec![Segment::new(checkpointed_start, now)];
            self.epochs.clear();
        }
        let end = self.log_end_offset();
        self.recovery_point = if clean { end } else { self.recovery_point.min(end) };
        self.epochs.truncate_from_end(end);
        self.log_start_offset = checkpointed_start.max(self.segments[0].base_offset());
        self.epochs.truncate_from_start(checkpointed_start);
        let bases: Vec<Offset> = self.segments.iter().map(Segment::base_offset).collect();
        self.producers.remove_stray_snapshots(&bases);
        rebuild(&loading, &mut self.producers, &self.segments, self.log_start_offset, end);
        self.recovery_point = self.recovery_point.max(self.log_start_offset);
        self.set_high_watermark(self.log_start_offset);
    }

    /// Reads the segments from the recovery point on again, each with the producers' state at its
    /// begin.
    fn recover(&mut self, loading: &Loading<'_>, config: &TopicConfig, log_start_offset: Offset) {
        let first = self.floor_segment(self.recovery_point).unwrap_or(0);
        for index in first..self.segments.len() {
            let base = self.segments[index].base_offset();
            let mut producers = self.producers.clone();
            rebuild(loading, &mut producers, &self.segments, log_start_offset, base);
            let segment = &mut self.segments[index];
            segment.reset_indexes(config.index_interval_bytes);
            recover_segment(loading, segment, &mut producers, &mut self.epochs);
            producers.take_snapshot(segment.next_offset(), log_start_offset);
            producers.forget();
            self.producers = producers;
        }
    }
}

fn recover_segment(
    loading: &Loading<'_>,
    segment: &mut Segment,
    producers: &mut ProducerStates,
    epochs: &mut LeaderEpochs,
) {
    let mut aborted = Vec::new();
    for batch in segment.batches() {
        if batch.leader_epoch >= 0
            && epochs.latest().is_none_or(|latest| batch.leader_epoch > latest)
        {
            epochs.assign(batch.leader_epoch, batch.base_offset);
        }
        if !batch.has_producer_id() {
            continue;
        }
        let mut info = producers.prepare(batch.producer_id);
        let completed = replay(loading, &mut info, batch);
        producers.update(batch.producer_id, info.into_entry());
        if let Some(completed) = completed {
            if completed.aborted {
                aborted.push(AbortedEntry {
                    producer_id: completed.producer_id,
                    first_offset: completed.first_offset,
                    last_offset: completed.last_offset,
                    last_stable_offset: producers.last_stable_offset(&completed),
                });
            }
            producers.complete(&completed);
        }
    }
    for entry in aborted {
        segment.append_aborted(entry);
    }
}

/// Builds the state of producers at an offset from the newest snapshot and what follows it, and leaves
/// snapshots at the last two segments and at that offset.
fn rebuild(
    loading: &Loading<'_>,
    producers: &mut ProducerStates,
    segments: &[Segment],
    log_start_offset: Offset,
    end_offset: Offset,
) {
    let last_bases: Vec<Offset> = segments.iter().rev().take(2).map(Segment::base_offset).collect();
    if loading.clean && producers.snapshots().is_empty() {
        // Nothing was ever written by a producer with an id, as far as anybody knows.
        for offset in last_bases.iter().rev().chain([&end_offset]) {
            producers.take_snapshot(*offset, 0);
        }
        return;
    }
    let limit = loading.protocol.broker.producer_id_expiration_ms;
    let mut held = producers.reload(log_start_offset, end_offset, loading.now, limit);
    if end_offset > held && end_offset != 0 {
        let first = segments.partition_point(|segment| segment.base_offset() <= held);
        for segment in segments.iter().skip(first.saturating_sub(1)) {
            if segment.base_offset() >= end_offset {
                break;
            }
            held = held.max(segment.base_offset()).max(log_start_offset);
            if last_bases.contains(&segment.base_offset()) {
                producers.take_snapshot(held, log_start_offset);
            }
            load_records(loading, producers, records_between(segment, held, end_offset));
        }
    }
    producers.take_snapshot(end_offset, log_start_offset);
}

fn records_between(segment: &Segment, from: Offset, end: Offset) -> &[Batch] {
    let Some(start) = segment.find(from) else { return &[] };
    let stop = segment.find(end).map_or(segment.batches().len(), |found: Found| found.index);
    &segment.batches()[start.index..stop.max(start.index)]
}

/// Takes a run of batches up, as `loadProducersFromRecords` does: each producer's changes at once.
fn load_records(loading: &Loading<'_>, producers: &mut ProducerStates, batches: &[Batch]) {
    let mut infos: BTreeMap<ProducerId, AppendInfo> = BTreeMap::new();
    let mut completed = Vec::new();
    for batch in batches.iter().filter(|batch| batch.has_producer_id()) {
        let info =
            infos.entry(batch.producer_id).or_insert_with(|| producers.prepare(batch.producer_id));
        completed.extend(replay(loading, info, batch));
    }
    for (producer_id, info) in infos {
        producers.update(producer_id, info.into_entry());
    }
    for completed in completed {
        producers.complete(&completed);
    }
}

/// Takes up a batch that is in the log already: nothing tests it again.
fn replay(
    loading: &Loading<'_>,
    info: &mut AppendInfo,
    batch: &Batch,
) -> Option<CompletedTransaction> {
    let mut unheard = Outbox::default();
    info.append(loading.protocol, batch, Origin::Replication, 0, &mut unheard).unwrap_or_default()
}
