//! Compaction (`Cleaner.java`, `LogCleanerManager.java: cleanableOffsets`, `LogToClean.java`,
//! `MemoryRecords.java: filterTo`).
//!
//! Knows nothing of threads: one call is one cleaning of one log. The offset map has no limit.

use std::collections::BTreeMap;

use super::Log;
use super::clean_transactions::CleanedTransactions;
use super::segment::Segment;
use crate::protocol::config::TopicConfig;
use crate::protocol::variant::{Kafka, LastCleanedBatch};
use crate::record::{Batch, KeyId, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Offset, Record, Timestamp};

/// What one cleaning is to do.
struct Cleaning<'a> {
    kafka: Kafka,
    config: &'a TopicConfig,
    now: Timestamp,
    /// Base offset of the first segment that may not be cleaned.
    first_uncleanable: Offset,
    /// The newest offset of each key in the dirty part.
    newest: BTreeMap<KeyId, Offset>,
    /// The last offset that was looked at.
    latest_offset: Offset,
}

/// A batch can't be written again.
struct Unwritable;

#[derive(PartialEq, Eq)]
enum Retention {
    Delete,
    DeleteEmpty,
    RetainEmpty,
}

impl Log {
    /// Whether compaction, and with it retention, leaves the log alone: a batch of it could not be
    /// written again (`LogCleanerManager.java: markPartitionUncleanable`).
    pub fn is_uncleanable(&self) -> bool {
        self.uncleanable
    }

    /// Compacts the log if it is dirty enough; whether it was.
    pub fn clean(&mut self, kafka: Kafka, config: &TopicConfig, now: Timestamp) -> bool {
        if self.uncleanable {
            return false;
        }
        let Some((first_dirty, first_uncleanable)) = self.range_to_clean(kafka, config, now) else {
            return false;
        };
        let mut cleaning = Cleaning {
            kafka,
            config,
            now,
            first_uncleanable,
            newest: BTreeMap::new(),
            latest_offset: -1,
        };
        self.find_newest(&mut cleaning, first_dirty);
        let end = cleaning.latest_offset + 1;
        let mut transactions = CleanedTransactions::default();
        for (first, count) in self.groups(config, end) {
            if self.clean_group(&cleaning, first, count, &mut transactions).is_err() {
                self.uncleanable = true;
                self.checkpoint.cleaned_to = Some(first_dirty);
                return false;
            }
        }
        self.checkpoint.cleaned_to = Some(end);
        true
    }

    /// The first dirty offset and the base offset of the first segment that may not be cleaned, if
    /// there is enough to clean.
    fn range_to_clean(
        &mut self,
        kafka: Kafka,
        config: &TopicConfig,
        now: Timestamp,
    ) -> Option<(Offset, Offset)> {
        let start = self.log_start_offset;
        let checkpointed = self.checkpoint.cleaned_to.unwrap_or(start);
        let mut first_dirty = checkpointed;
        if checkpointed < start || checkpointed > self.log_end_offset() {
            first_dirty = start;
            self.checkpoint.cleaned_to = Some(start);
        }
        let lag = config.min_compaction_lag_ms.max(0);
        let too_young = self
            .inactive_from(first_dirty)
            .iter()
            .find(|segment| lag > 0 && segment.largest_timestamp() > now.saturating_sub(lag));
        let limit = self
            .last_stable_offset(kafka)
            .min(self.active().base_offset())
            .min(too_young.map_or(Offset::MAX, Segment::base_offset))
            .max(first_dirty);
        let first_uncleanable =
            self.inactive_from(limit).first().unwrap_or(self.active()).base_offset();
        let bytes = |segments: &[Segment]| segments.iter().map(Segment::size).sum::<u64>();
        let cleanable = bytes(self.between(first_dirty.min(first_uncleanable), first_uncleanable));
        let below = self.segments.partition_point(|segment| segment.base_offset() < first_dirty);
        let total = bytes(&self.segments[..below]) + cleanable;
        let ratio = u64::from(config.min_cleanable_dirty_ratio);
        let overdue = self.is_overdue(config, first_dirty, now) && cleanable > 0;
        (total > 0 && (overdue || cleanable * 1000 > ratio * total))
            .then_some((first_dirty, first_uncleanable))
    }

    /// Whether `max.compaction.lag.ms` is over for a dirty segment.
    fn is_overdue(&self, config: &TopicConfig, first_dirty: Offset, now: Timestamp) -> bool {
        let oldest = self
            .inactive_from(first_dirty)
            .iter()
            .filter_map(Segment::first_timestamp)
            .filter(|&time| time > 0)
            .min();
        oldest.is_some_and(|time| time < now.saturating_sub(config.max_compaction_lag_ms.max(0)))
    }

    /// The segments from the one that holds `from` to the one before `to` (`LogSegments.java: values`).
    fn between(&self, from: Offset, to: Offset) -> &[Segment] {
        let first = self.floor_segment(from).unwrap_or(0);
        let end = self.segments.partition_point(|segment| segment.base_offset() < to);
        if from >= to { &[] } else { &self.segments[first..end.max(first)] }
    }

    fn inactive_from(&self, from: Offset) -> &[Segment] {
        self.between(from, self.active().base_offset())
    }

    fn find_newest(&self, cleaning: &mut Cleaning<'_>, start: Offset) {
        let dirty = self.between(start, cleaning.first_uncleanable);
        let mut transactions = CleanedTransactions::default();
        transactions.add(self.aborted_from(start, cleaning.first_uncleanable));
        for (index, segment) in dirty.iter().enumerate() {
            for batch in segment.batches() {
                if batch.control {
                    transactions.on_control(batch);
                } else if !transactions.on_batch(batch) {
                    for (offset, record) in batch.offsets().filter(|(offset, _)| *offset >= start) {
                        if let Some(key) = record.key {
                            cleaning.newest.insert(key, offset);
                        }
                    }
                }
            }
            let next =
                dirty.get(index + 1).map_or(cleaning.first_uncleanable, Segment::base_offset);
            cleaning.latest_offset = next - 1;
        }
    }

    fn aborted_from(&self, offset: Offset, bound: Offset) -> Vec<super::segment::AbortedEntry> {
        self.floor_segment(offset)
            .map(|first| self.collect_aborted(first, self.log_start_offset, bound))
            .unwrap_or_default()
    }

    /// Runs of segments below an offset that fit into one: (base offset of the first, how many).
    fn groups(&self, config: &TopicConfig, end: Offset) -> Vec<(Offset, usize)> {
        let mut groups: Vec<(Offset, usize)> = Vec::new();
        let mut bytes = 0;
        for segment in self.between(0, end) {
            match groups.last_mut() {
                Some(group) if bytes + segment.size() <= config.segment_bytes => {
                    group.1 += 1;
                    bytes += segment.size();
                }
                _ => {
                    groups.push((segment.base_offset(), 1));
                    bytes = segment.size();
                }
            }
        }
        groups
    }

    fn clean_group(
        &mut self,
        cleaning: &Cleaning<'_>,
        first: Offset,
        count: usize,
        transactions: &mut CleanedTransactions,
    ) -> Result<(), Unwritable> {
        let at = self.floor_segment(first).unwrap_or(0);
        let group = &self.segments[at..at + count];
        let mut cleaned = Segment::new(first, cleaning.now);
        for (index, segment) in group.iter().enumerate() {
            let next = group.get(index + 1).map(Segment::base_offset);
            let bound = next.unwrap_or_else(|| segment.next_offset());
            transactions.add(self.aborted_from(segment.base_offset(), bound));
            for batch in segment.batches() {
                if let Some(batch) = self.filter(cleaning, batch, transactions, &mut cleaned)? {
                    cleaned.append(batch, cleaning.now, cleaning.config.index_interval_bytes);
                }
            }
        }
        cleaned.set_last_modified(group[count - 1].last_modified());
        let replaced: Vec<Offset> = group[1..].iter().map(Segment::base_offset).collect();
        self.segments.splice(at..at + count, [cleaned]);
        for offset in replaced {
            self.producers.delete_snapshot(offset);
        }
        Ok(())
    }

    /// What is left of a batch.
    fn filter(
        &self,
        cleaning: &Cleaning<'_>,
        batch: &Batch,
        transactions: &mut CleanedTransactions,
        cleaned: &mut Segment,
    ) -> Result<Option<Batch>, Unwritable> {
        let can_discard = if batch.control {
            let verdict = transactions.on_control(batch);
            if let Some(entry) = verdict.index {
                cleaned.append_aborted(entry);
            }
            verdict.can_discard
        } else {
            transactions.on_batch(batch)
        };
        let over = batch.delete_horizon.is_some_and(|horizon| horizon <= cleaning.now);
        let discard = can_discard && (!batch.control || over);
        let retention = self.retention(cleaning, batch, discard);
        if retention == Retention::Delete {
            return Ok(None);
        }
        let keeps = |offset: Offset, record: &Record| {
            !discard && cleaning.retains_record(batch, offset, record)
        };
        let left: Vec<(u32, Record)> = batch
            .records
            .iter()
            .filter(|(delta, record)| keeps(batch.base_offset + Offset::from(*delta), record))
            .cloned()
            .collect();
        let marker = batch.marker.filter(|_| !discard);
        if left.is_empty() && marker.is_none() {
            return Ok((retention == Retention::RetainEmpty).then(|| empty_of(batch)));
        }
        let tombstones = left.iter().any(|(_, record)| record.tombstone);
        let whole = left.len() == batch.records.len();
        let ends_nothing = can_discard && batch.control;
        let sets_horizon = (tombstones || ends_nothing) && batch.delete_horizon.is_none();
        if whole && !sets_horizon {
            return Ok(Some(batch.clone()));
        }
        let horizon = if sets_horizon {
            Some(cleaning.now + cleaning.config.delete_retention_ms)
        } else {
            batch.delete_horizon
        };
        rewritten(batch, left, horizon).map(Some)
    }

    fn retention(&self, cleaning: &Cleaning<'_>, batch: &Batch, discard: bool) -> Retention {
        let known = batch.has_producer_id().then(|| self.producers.entry(batch.producer_id));
        let last_of_producer =
            known.flatten().is_some_and(|entry| match entry.last_data_offset() {
                Some(offset) => batch.last_offset == offset,
                None => batch.control && batch.producer_epoch == entry.producer_epoch,
            });
        let last_of_round = cleaning.kafka.last_cleaned_batch() == LastCleanedBatch::KeptEmpty
            && batch.next_offset() == cleaning.first_uncleanable;
        if last_of_producer || last_of_round {
            Retention::RetainEmpty
        } else if discard {
            Retention::Delete
        } else {
            Retention::DeleteEmpty
        }
    }
}

impl Cleaning<'_> {
    /// A record stays if it is the newest of its key, and a tombstone not yet due; also if it was not
    /// looked at.
    fn retains_record(&self, batch: &Batch, offset: Offset, record: &Record) -> bool {
        if offset > self.latest_offset {
            return true;
        }
        let Some(key) = record.key else { return false };
        let newest = self.newest.get(&key).is_none_or(|newest| offset >= *newest);
        let due = batch.delete_horizon.is_some_and(|horizon| self.now >= horizon);
        newest && !(record.tombstone && due)
    }
}

fn empty_of(batch: &Batch) -> Batch {
    Batch { records: Vec::new(), marker: None, delete_horizon: None, ..batch.clone() }
}

/// The batch with fewer records or with a delete horizon: timestamps are written anew as differences
/// to the horizon or to the first record.
///
/// # Errors
/// For a batch that no client library would write (`MemoryRecordsBuilder.java:
/// validateProducerState`).
fn rewritten(
    batch: &Batch,
    left: Vec<(u32, Record)>,
    horizon: Option<Timestamp>,
) -> Result<Batch, Unwritable> {
    let nameless = batch.producer_id == NO_PRODUCER_ID;
    if (batch.transactional && nameless) || (!nameless && batch.producer_epoch == NO_PRODUCER_EPOCH)
    {
        return Err(Unwritable);
    }
    let base = |horizon: Option<Timestamp>, records: &[(u32, Record)]| {
        horizon.or_else(|| records.first().map(|(_, record)| record.timestamp)).unwrap_or(0)
    };
    let old_base = base(batch.delete_horizon, &batch.records);
    let new_base = base(horizon, &left);
    let largest = left.iter().map(|(_, record)| record.timestamp).max();
    let records = left
        .into_iter()
        .map(|(delta, record)| {
            let size =
                record.size_with_delta(record.timestamp - old_base, record.timestamp - new_base);
            (delta, Record { size, ..record })
        })
        .collect();
    Ok(Batch {
        records,
        delete_horizon: horizon,
        max_timestamp: largest.unwrap_or(batch.max_timestamp),
        ..batch.clone()
    })
}
