//! Tests one producer's batches against what the partition knows of it, and gathers what they change
//! (`ProducerAppendInfo.java`).
//!
//! Knows nothing of the log or of other producers. Nothing is changed before every test has passed.

use super::entry::{BatchMetadata, ProducerEntry};
use super::verification::Verification;
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::outbox::Outbox;
use crate::protocol::safeguard::Safeguard;
use crate::protocol::variant::{FirstSequence, MarkerEpoch};
use crate::record::{
    Batch, ControlKind, NO_PRODUCER_EPOCH, Offset, ProducerEpoch, ProducerId, Sequence,
};

/// Who has a batch written (`AppendOrigin.java`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// A client's produce request.
    Client,
    /// A transaction or group coordinator.
    Coordinator,
    /// A copy of what a leader has accepted, or a batch that was in the log already.
    Replication,
}

/// A transaction that a marker has ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CompletedTransaction {
    /// Whose.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// Its marker.
    pub last_offset: Offset,
    /// Whether the marker was an abort.
    pub aborted: bool,
}

/// The append of one producer under test.
#[derive(Clone, Debug)]
pub struct AppendInfo {
    producer_id: ProducerId,
    current: ProducerEntry,
    updated: ProducerEntry,
    verification: Option<Verification>,
}

impl AppendInfo {
    /// Begins with what the partition knows.
    pub fn new(
        producer_id: ProducerId,
        current: ProducerEntry,
        verification: Option<Verification>,
    ) -> AppendInfo {
        let updated = current.without_batches();
        AppendInfo { producer_id, current, updated, verification }
    }

    /// What the partition shall know afterwards.
    pub fn into_entry(self) -> ProducerEntry {
        self.updated
    }

    /// Tests a batch and takes it up. `transaction_version` is that of a marker's request.
    ///
    /// # Errors
    /// INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_TXN_STATE,
    /// TRANSACTION_COORDINATOR_FENCED.
    pub fn append(
        &mut self,
        protocol: &Protocol,
        batch: &Batch,
        origin: Origin,
        transaction_version: i8,
        out: &mut Outbox,
    ) -> Result<Option<CompletedTransaction>, ErrorCode> {
        if batch.control {
            // A control batch without its record was cleaned: nothing is known of the transaction.
            let Some(marker) = batch.marker else { return Ok(None) };
            self.check_marker_epoch(protocol, batch, origin, transaction_version, out)?;
            let fenced = self.updated.coordinator_epoch > marker.coordinator_epoch
                && origin != Origin::Replication;
            if protocol.refuses(Safeguard::CoordinatorEpochFence, fenced, out) {
                return Err(ErrorCode::TransactionCoordinatorFenced);
            }
            let completed =
                self.updated.current_txn_first_offset.map(|first_offset| CompletedTransaction {
                    producer_id: self.producer_id,
                    first_offset,
                    last_offset: batch.base_offset,
                    aborted: marker.kind == ControlKind::Abort,
                });
            self.updated.end_transaction(
                batch.producer_epoch,
                marker.coordinator_epoch,
                batch.max_timestamp,
            );
            return Ok(completed);
        }
        self.append_data(protocol, batch, origin, out)?;
        Ok(None)
    }

    fn append_data(
        &mut self,
        protocol: &Protocol,
        batch: &Batch,
        origin: Origin,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let fenced =
            batch.producer_epoch < self.updated.producer_epoch && origin != Origin::Replication;
        if protocol.refuses(Safeguard::ProducerEpochFence, fenced, out) {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if origin == Origin::Client {
            self.check_sequence(protocol, batch.producer_epoch, batch.base_sequence, out)?;
        }
        let metadata = BatchMetadata {
            last_sequence: batch.last_sequence(),
            last_offset: batch.last_offset,
            offset_delta: (batch.last_offset - batch.base_offset) as i32,
        };
        self.updated.add_batch(batch.producer_epoch, metadata, batch.max_timestamp);
        let open = self.updated.current_txn_first_offset.is_some();
        if protocol.refuses(Safeguard::OpenTransaction, open && !batch.transactional, out) {
            return Err(ErrorCode::InvalidTxnState);
        }
        if !open && batch.transactional {
            self.updated.current_txn_first_offset = Some(batch.base_offset);
        }
        Ok(())
    }

    fn check_marker_epoch(
        &self,
        protocol: &Protocol,
        batch: &Batch,
        origin: Origin,
        transaction_version: i8,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        if origin == Origin::Replication {
            return Ok(());
        }
        let current = self.updated.producer_epoch;
        let lower = batch.producer_epoch < current;
        if protocol.refuses(Safeguard::MarkerEpochFence, lower, out) {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        // KIP-1228: a marker of transactions version 2 bears a new epoch; an equal one is welcome only as
        // the repeat of a marker that has done its work.
        let strict =
            transaction_version >= 2 && protocol.kafka.marker_epoch() == MarkerEpoch::Bumped;
        let stale = strict
            && batch.producer_epoch == current
            && self.updated.current_txn_first_offset.is_some()
            && batch.producer_epoch != ProducerEpoch::MAX;
        if protocol.refuses(Safeguard::MarkerEpochBump, stale, out) {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        Ok(())
    }

    fn check_sequence(
        &self,
        protocol: &Protocol,
        epoch: ProducerEpoch,
        first: Sequence,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        if let Some(verification) = &self.verification {
            let unknown = protocol.kafka.first_sequence() == FirstSequence::ZeroIfVerified
                && verification.supports_epoch_bump
                && first != 0
                && self.current.batches.is_empty();
            let late = unknown || first > verification.lowest_sequence;
            if protocol.refuses(Safeguard::VerifiedSequence, late, out) {
                return Err(ErrorCode::OutOfOrderSequenceNumber);
            }
        }
        let stored = self.updated.producer_epoch;
        let broken = if epoch != stored {
            first != 0 && stored != NO_PRODUCER_EPOCH
        } else {
            let last = if self.updated.batches.is_empty() {
                self.current.last_sequence()
            } else {
                self.updated.last_sequence()
            };
            self.current.producer_epoch != NO_PRODUCER_EPOCH && !follows(last, first)
        };
        if protocol.refuses(Safeguard::SequenceOrder, broken, out) {
            return Err(ErrorCode::OutOfOrderSequenceNumber);
        }
        Ok(())
    }
}

fn follows(last: Sequence, next: Sequence) -> bool {
    i64::from(next) == i64::from(last) + 1 || (next == 0 && last == Sequence::MAX)
}
