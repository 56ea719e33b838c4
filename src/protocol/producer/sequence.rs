//! Sequences of an idempotent producer (`TransactionManager.java`, `TxnPartitionEntry.java`).

use crate::protocol::error_code::ErrorCode;
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer::batch::{ProducerBatch, ProducerState};
use crate::protocol::producer::{BatchNumber, Key, Producer, ProducerContext};
use crate::protocol::variant::IdempotentRecovery;
use crate::record::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID, ProducerEpoch, ProducerId, Sequence};

/// What the producer knows of its sequences on one partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct PartitionEntry {
    pub(super) id: ProducerId,
    pub(super) epoch: ProducerEpoch,
    pub(super) next_sequence: Sequence,
    pub(super) last_acked_sequence: Option<Sequence>,
    /// The sequence after the newest expired batch that may have been appended
    /// (`partitionsWithUnresolvedSequences`).
    pub(super) unresolved: Option<Sequence>,
}

impl PartitionEntry {
    pub(super) fn new() -> PartitionEntry {
        PartitionEntry {
            id: NO_PRODUCER_ID,
            epoch: NO_PRODUCER_EPOCH,
            next_sequence: 0,
            last_acked_sequence: None,
            unresolved: None,
        }
    }

    /// Whether a sequence follows the last acknowledged one.
    pub(super) fn is_next(&self, sequence: Sequence) -> bool {
        sequence - self.last_acked_sequence.unwrap_or(-1) == 1
    }
}

impl Producer {
    /// The tracked batches of a partition with what they were sent under: they are in flight, or wait to be sent
    /// again, before those that were never sent.
    fn sent(&self, key: Key) -> impl Iterator<Item = (ProducerState, BatchNumber)> {
        let queued = self.queues.get(&key).into_iter().flatten().copied();
        let again = queued.take_while(|&number| self.batch(number).state.is_some());
        self.flying().chain(again).filter_map(move |number| {
            let batch = self.batch(number);
            let tracked = batch.key() == key && batch.is_tracked();
            batch.state.filter(|_| tracked).map(|state| (state, number))
        })
    }

    /// The tracked batches of a partition in the order of their sequences.
    pub(super) fn tracked(&self, key: Key) -> Vec<BatchNumber> {
        let mut tracked: Vec<(ProducerState, BatchNumber)> = self.sent(key).collect();
        tracked.sort_unstable();
        let of_partition = |batch: &ProducerBatch| batch.key() == key && batch.is_tracked();
        debug_assert_eq!(tracked.len(), self.batches.iter().filter(|b| of_partition(b)).count());
        tracked.into_iter().map(|(_, number)| number).collect()
    }

    /// The first of the tracked batches of a partition.
    pub(super) fn first_tracked(&self, key: Key) -> Option<BatchNumber> {
        self.sent(key).min().map(|(_, number)| number)
    }

    pub(super) fn entry(&mut self, key: Key) -> &mut PartitionEntry {
        self.entries.entry(key).or_insert_with(PartitionEntry::new)
    }

    /// Whether a partition still uses an older producer id or epoch.
    pub(super) fn is_stale(&mut self, key: Key) -> bool {
        let current = (self.producer_id, self.producer_epoch);
        let entry = self.entry(key);
        (entry.id, entry.epoch) != current
    }

    /// `markSequenceUnresolved`.
    pub(super) fn mark_unresolved(&mut self, key: Key, last_sequence: Option<Sequence>) {
        if let Some(last) = last_sequence {
            let entry = self.entry(key);
            entry.unresolved = entry.unresolved.max(Some(last + 1));
        }
    }

    /// `maybeResolveSequences`: once nothing of the partition is tracked any more, either all was
    /// acknowledged, or an epoch bump is asked for.
    pub(super) fn resolve_sequences(&mut self) {
        let unresolved: Vec<Key> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.unresolved.is_some())
            .map(|(&key, _)| key)
            .collect();
        for key in unresolved {
            if self.first_tracked(key).is_some() {
                continue;
            }
            let entry = self.entry(key);
            entry.unresolved = None;
            if !entry.is_next(entry.next_sequence) {
                self.ask_for_bump(key);
            }
        }
    }

    /// `requestIdempotentEpochBumpForPartition`.
    pub(super) fn ask_for_bump(&mut self, key: Key) {
        self.bump_required = true;
        if !self.bump_asked.contains(&key) {
            self.bump_asked.push(key);
            self.bump_asked.sort_unstable();
        }
    }

    /// `bumpIdempotentEpochAndResetIdIfNeeded`: the next epoch, or at the last one a new producer id; the
    /// batches of the partitions that asked are numbered from 0 (KIP-360).
    pub(super) fn bump_epoch_if_asked(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        if !self.bump_required {
            return;
        }
        self.bump_required = false;
        if cx.protocol.variants.idempotent_recovery == IdempotentRecovery::Fatal {
            self.bump_asked.clear();
            let error = ErrorCode::OutOfOrderSequenceNumber;
            self.fatal = Some(error);
            self.abort_all(cx, error, out);
            return;
        }
        if self.producer_epoch == ProducerEpoch::MAX {
            (self.producer_id, self.producer_epoch) = (NO_PRODUCER_ID, NO_PRODUCER_EPOCH);
        } else {
            self.producer_epoch += 1;
        }
        out.note(Note::EpochBumped { process: cx.process, epoch: self.producer_epoch });
        for key in std::mem::take(&mut self.bump_asked) {
            self.start_at_beginning(key);
            self.entry(key).unresolved = None;
        }
    }

    /// `startSequencesAtBeginning`: renumbers the tracked batches under the current epoch.
    pub(super) fn start_at_beginning(&mut self, key: Key) {
        let (id, epoch) = (self.producer_id, self.producer_epoch);
        let mut sequence = 0;
        for number in self.tracked(key) {
            let batch = self.batch_mut(number);
            batch.state = Some(ProducerState { id, epoch, base_sequence: sequence });
            batch.reset = true;
            sequence += batch.records.len() as Sequence;
        }
        let entry = self.entry(key);
        *entry = PartitionEntry {
            id,
            epoch,
            next_sequence: sequence,
            last_acked_sequence: None,
            unresolved: entry.unresolved,
        };
    }
}
