//! What a partition knows of its producers (`ProducerStateManager.java`).
//!
//! Knows nothing of segments, clients or time but as an argument. Open transactions are those of the
//! entries: nothing is kept twice.

pub mod append_info;
pub mod entry;
pub mod verification;

use std::collections::BTreeMap;

use crate::record::{Offset, ProducerEpoch, ProducerId, Timestamp};
use append_info::{AppendInfo, CompletedTransaction};
use entry::ProducerEntry;
use verification::{Guard, Verification};

/// The state of every producer at one offset of a log.
pub type Snapshot = BTreeMap<ProducerId, ProducerEntry>;

/// What a partition knows of its producers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct ProducerStates {
    producers: BTreeMap<ProducerId, ProducerEntry>,
    verifications: BTreeMap<ProducerId, Verification>,
    guards_made: u32,
    /// Transactions whose marker is not below the high watermark yet: first offset, marker's offset.
    unreplicated: BTreeMap<Offset, Offset>,
    /// On disk, by the offset up to which each holds.
    snapshots: BTreeMap<Offset, Snapshot>,
}

impl ProducerStates {
    /// Every known producer.
    pub fn producers(&self) -> &BTreeMap<ProducerId, ProducerEntry> {
        &self.producers
    }

    /// What is known of one producer.
    pub fn entry(&self, producer_id: ProducerId) -> Option<&ProducerEntry> {
        self.producers.get(&producer_id)
    }

    /// The snapshots on disk.
    pub fn snapshots(&self) -> &BTreeMap<Offset, Snapshot> {
        &self.snapshots
    }

    /// First offset of the oldest transaction that is open or whose marker is not replicated.
    pub fn first_unstable_offset(&self) -> Option<Offset> {
        let open = self.producers.values().filter_map(|entry| entry.current_txn_first_offset).min();
        let unreplicated = self.unreplicated.keys().next().copied();
        open.into_iter().chain(unreplicated).min()
    }

    /// The last stable offset that a marker's index entry bears: the first offset of the oldest open
    /// transaction of *another* producer, else what follows the marker.
    pub fn last_stable_offset(&self, completed: &CompletedTransaction) -> Offset {
        self.producers
            .iter()
            .filter(|(producer_id, _)| **producer_id != completed.producer_id)
            .filter_map(|(_, entry)| entry.current_txn_first_offset)
            .min()
            .unwrap_or(completed.last_offset + 1)
    }

    /// Begins an append of this producer.
    pub fn prepare(&self, producer_id: ProducerId) -> AppendInfo {
        let current = self.entry(producer_id).cloned().unwrap_or_else(ProducerEntry::empty);
        AppendInfo::new(producer_id, current, self.verifications.get(&producer_id).copied())
    }

    /// Takes over what an append found.
    pub fn update(&mut self, producer_id: ProducerId, updated: ProducerEntry) {
        match self.producers.get_mut(&producer_id) {
            Some(entry) => entry.update(updated),
            None => {
                self.producers.insert(producer_id, updated);
            }
        }
    }

    /// A transaction's marker was written; the last stable offset waits for its replication.
    pub fn complete(&mut self, completed: &CompletedTransaction) {
        self.unreplicated.insert(completed.first_offset, completed.last_offset);
    }

    /// What is below the high watermark is replicated.
    pub fn on_high_watermark(&mut self, high_watermark: Offset) {
        self.unreplicated.retain(|_, marker| *marker >= high_watermark);
    }

    /// Forgets the producers that were silent for too long and have no open transaction; says which.
    pub fn remove_expired(&mut self, now: Timestamp, limit: Timestamp) -> Vec<ProducerId> {
        let gone: Vec<_> = self
            .producers
            .iter()
            .filter(|(_, entry)| is_expired(entry, now, limit))
            .map(|(producer_id, _)| *producer_id)
            .collect();
        for producer_id in &gone {
            self.producers.remove(producer_id);
        }
        self.verifications.retain(|_, entry| now - entry.timestamp < limit);
        gone
    }

    /// Forgets one producer that has no open transaction; whether there was one.
    pub fn expire(&mut self, producer_id: ProducerId) -> bool {
        let idle =
            self.entry(producer_id).is_some_and(|entry| entry.current_txn_first_offset.is_none());
        if idle {
            self.producers.remove(&producer_id);
        }
        idle
    }

    /// The guard of a transaction that is about to be verified (`maybeCreateVerificationStateEntry`).
    pub fn start_verification(
        &mut self,
        now: Timestamp,
        producer_id: ProducerId,
        epoch: ProducerEpoch,
        sequence: i32,
        supports_epoch_bump: bool,
    ) -> Guard {
        let made = &mut self.guards_made;
        let entry = self.verifications.entry(producer_id).or_insert_with(|| {
            *made += 1;
            Verification {
                guard: Guard(*made),
                timestamp: now,
                lowest_sequence: sequence,
                epoch,
                supports_epoch_bump,
            }
        });
        entry.update(epoch, sequence);
        entry.guard
    }

    /// The verification under way, if any.
    pub fn verification(&self, producer_id: ProducerId) -> Option<&Verification> {
        self.verifications.get(&producer_id)
    }

    /// A transaction began or ended: its guard has served.
    pub fn clear_verification(&mut self, producer_id: ProducerId) {
        self.verifications.remove(&producer_id);
    }

    // ---- snapshots

    /// Writes a snapshot that holds up to an offset, unless a newer one exists.
    pub fn take_snapshot(&mut self, end_offset: Offset, log_start_offset: Offset) {
        let last = self.snapshots.keys().next_back().copied().unwrap_or(log_start_offset);
        if end_offset > last {
            let entries = self.producers.iter().map(|(id, entry)| (*id, entry.snapshot()));
            self.snapshots.insert(end_offset, entries.collect());
        }
    }

    /// A segment went, its snapshot with it.
    pub fn delete_snapshot(&mut self, offset: Offset) {
        self.snapshots.remove(&offset);
    }

    /// Deletes the snapshots that belong to no segment, but for the newest of them if it is newer
    /// than the last segment (`removeStraySnapshots`).
    pub fn remove_stray_snapshots(&mut self, base_offsets: &[Offset]) {
        let is_stray = |offset: &Offset| !base_offsets.contains(offset);
        let newest = self.snapshots.keys().copied().rfind(is_stray);
        let last_base = base_offsets.iter().copied().max();
        self.snapshots.retain(|offset, _| {
            !is_stray(offset)
                || (Some(*offset) == newest && last_base.is_none_or(|base| *offset >= base))
        });
    }

    /// Forgets everything but the snapshots on disk, as a new process does.
    pub fn forget(&mut self) {
        let snapshots = std::mem::take(&mut self.snapshots);
        *self = ProducerStates { snapshots, ..ProducerStates::default() };
    }

    /// Drops the snapshots outside (log start, log end] and loads the newest of the rest; returns the
    /// offset up to which the state then holds (`truncateAndReload`).
    pub fn reload(
        &mut self,
        log_start_offset: Offset,
        log_end_offset: Offset,
        now: Timestamp,
        limit: Timestamp,
    ) -> Offset {
        self.snapshots.retain(|offset, _| *offset > log_start_offset && *offset <= log_end_offset);
        self.producers.clear();
        self.unreplicated.clear();
        let Some((offset, snapshot)) = self.snapshots.last_key_value() else {
            return log_start_offset;
        };
        self.producers = snapshot
            .iter()
            .filter(|(_, entry)| !is_expired(entry, now, limit))
            .map(|(producer_id, entry)| (*producer_id, entry.clone()))
            .collect();
        *offset
    }
}

fn is_expired(entry: &ProducerEntry, now: Timestamp, limit: Timestamp) -> bool {
    entry.current_txn_first_offset.is_none() && now - entry.last_timestamp >= limit
}
