//! Appending as the leader (`UnifiedLog.java: append, analyzeAndValidateProducerState`,
//! `LogValidator.java`).
//!
//! Knows nothing of requests, acknowledgements or replicas. An append is one atomic step: every test
//! comes before every change, but for the term and the segment, as in Kafka.

use super::Log;
use super::segment::AbortedEntry;
use crate::protocol::Protocol;
use crate::protocol::config::TopicConfig;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer_state::append_info::{CompletedTransaction, Origin};
use crate::protocol::producer_state::entry::ProducerEntry;
use crate::protocol::producer_state::verification::Guard;
use crate::protocol::safeguard::Safeguard;
use crate::protocol::variant::{OngoingTransaction, StaleEpoch};
use crate::record::{
    Batch, LeaderEpoch, Offset, ProducerEpoch, ProducerId, Timestamp, batch::NO_TIMESTAMP,
};

/// What is to be appended, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Append {
    /// What.
    pub batch: Batch,
    /// By whom.
    pub origin: Origin,
    /// Term of the leader.
    pub leader_epoch: LeaderEpoch,
    /// What the verification of its transaction gave.
    pub guard: Option<Guard>,
    /// Of a marker's request.
    pub transaction_version: i8,
}

/// Where it is now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Offset of the first record.
    pub first_offset: Offset,
    /// Offset of the last record.
    pub last_offset: Offset,
    /// Whether it had been there before.
    pub duplicate: bool,
}

struct Accepted {
    updated: Option<(ProducerId, ProducerEntry)>,
    completed: Option<CompletedTransaction>,
}

enum Analysis {
    Duplicate(Appended),
    Accepted(Accepted),
}

impl Log {
    /// Tests a batch and appends it, unless it is there already.
    ///
    /// # Errors
    /// Those of rule R1.2, points 6 and 7.
    pub fn append_as_leader(
        &mut self,
        protocol: &Protocol,
        config: &TopicConfig,
        now: Timestamp,
        append: Append,
        out: &mut Outbox,
    ) -> Result<Appended, ErrorCode> {
        let Append { mut batch, origin, leader_epoch, guard, transaction_version } = append;
        validate(protocol, config, now, &batch, origin, out)?;
        let count = batch.last_offset - batch.base_offset;
        batch.base_offset = self.log_end_offset();
        batch.last_offset = batch.base_offset + count;
        batch.leader_epoch = leader_epoch;
        if config.log_append_time {
            stamp(&mut batch, now);
        }
        self.epochs.assign(leader_epoch, batch.base_offset);
        if batch.size() > config.segment_bytes {
            return Err(ErrorCode::RecordListTooLarge);
        }
        self.maybe_roll(config, now, &batch);
        match self.analyze(protocol, &batch, origin, guard, transaction_version, out)? {
            Analysis::Duplicate(appended) => Ok(appended),
            Analysis::Accepted(accepted) => Ok(self.write(config, now, batch, accepted)),
        }
    }

    /// Whether a transaction of the producer is open that makes verification unnecessary.
    pub fn has_ongoing_transaction(
        &self,
        protocol: &Protocol,
        producer_id: ProducerId,
        epoch: ProducerEpoch,
    ) -> bool {
        self.producers.entry(producer_id).is_some_and(|entry| {
            entry.current_txn_first_offset.is_some()
                && match protocol.kafka.ongoing_transaction() {
                    OngoingTransaction::AnyEpoch => true,
                    OngoingTransaction::SameEpoch => entry.producer_epoch == epoch,
                }
        })
    }

    fn analyze(
        &mut self,
        protocol: &Protocol,
        batch: &Batch,
        origin: Origin,
        guard: Option<Guard>,
        transaction_version: i8,
        out: &mut Outbox,
    ) -> Result<Analysis, ErrorCode> {
        if !batch.has_producer_id() {
            return Ok(Analysis::Accepted(Accepted { updated: None, completed: None }));
        }
        let known = self.producers.entry(batch.producer_id);
        let window = protocol.variants.duplicate_window;
        let original = known.and_then(|entry| entry.find_duplicate(window, batch));
        if let Some(original) = original.filter(|_| origin == Origin::Client)
            && protocol.refuses(Safeguard::DuplicateBatch, true, out)
        {
            return Ok(Analysis::Duplicate(Appended {
                first_offset: original.first_offset(),
                last_offset: original.last_offset,
                duplicate: true,
            }));
        }
        self.check_guard(protocol, batch, guard, out)?;
        let mut info = self.producers.prepare(batch.producer_id);
        let completed = info.append(protocol, batch, origin, transaction_version, out)?;
        if batch.transactional && !self.keeps_verification(protocol, batch) {
            self.producers.clear_verification(batch.producer_id);
        }
        let updated = Some((batch.producer_id, info.into_entry()));
        Ok(Analysis::Accepted(Accepted { updated, completed }))
    }

    /// A transactional batch must continue an open transaction or show the guard of its verification
    /// (KIP-890).
    fn check_guard(
        &self,
        protocol: &Protocol,
        batch: &Batch,
        guard: Option<Guard>,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let (producer_id, epoch) = (batch.producer_id, batch.producer_epoch);
        if !batch.transactional || self.has_ongoing_transaction(protocol, producer_id, epoch) {
            return Ok(());
        }
        let stale = protocol.kafka.stale_epoch() >= StaleEpoch::BeforeGuard
            && self.producers.entry(producer_id).is_some_and(|entry| epoch < entry.producer_epoch);
        if protocol.refuses(Safeguard::ProducerEpochFence, stale, out) {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        let held = self.producers.verification(producer_id).map(|entry| entry.guard);
        let unverified = protocol.broker.transaction_partition_verification
            && !batch.control
            && (guard.is_none() || guard != held);
        if protocol.refuses(Safeguard::VerificationGuard, unverified, out) {
            return Err(ErrorCode::InvalidTxnState);
        }
        Ok(())
    }

    /// A marker whose epoch is that of a verification under transactions version 2 belongs to the
    /// transaction before: the next one has begun, and its guard stays.
    fn keeps_verification(&self, protocol: &Protocol, batch: &Batch) -> bool {
        protocol.kafka.stale_epoch() >= StaleEpoch::AtVerification
            && batch.control
            && self.producers.verification(batch.producer_id).is_some_and(|entry| {
                entry.supports_epoch_bump && entry.epoch == batch.producer_epoch
            })
    }

    fn write(
        &mut self,
        config: &TopicConfig,
        now: Timestamp,
        batch: Batch,
        accepted: Accepted,
    ) -> Appended {
        let (first_offset, last_offset) = (batch.base_offset, batch.last_offset);
        self.active_mut().append(batch, now, config.index_interval_bytes);
        if let Some((producer_id, entry)) = accepted.updated {
            self.producers.update(producer_id, entry);
        }
        if let Some(completed) = accepted.completed {
            self.complete(&completed);
        }
        if (self.log_end_offset() - self.recovery_point) as u64 >= config.flush_messages {
            self.recovery_point = self.log_end_offset();
        }
        Appended { first_offset, last_offset, duplicate: false }
    }

    fn complete(&mut self, completed: &CompletedTransaction) {
        if completed.aborted {
            let entry = AbortedEntry {
                producer_id: completed.producer_id,
                first_offset: completed.first_offset,
                last_offset: completed.last_offset,
                last_stable_offset: self.producers.last_stable_offset(completed),
            };
            self.active_mut().append_aborted(entry);
        }
        self.producers.complete(completed);
    }
}

fn stamp(batch: &mut Batch, now: Timestamp) {
    batch.max_timestamp = now;
    for (_, record) in &mut batch.records {
        record.timestamp = now;
    }
}

fn validate(
    protocol: &Protocol,
    config: &TopicConfig,
    now: Timestamp,
    batch: &Batch,
    origin: Origin,
    out: &mut Outbox,
) -> Result<(), ErrorCode> {
    let client = origin == Origin::Client;
    if client && batch.base_offset != 0 {
        return Err(ErrorCode::InvalidRecord);
    }
    let large = batch.size() > config.max_message_bytes;
    if protocol.refuses(Safeguard::MaxMessageBytes, large, out) {
        return Err(ErrorCode::MessageTooLarge);
    }
    if client {
        let count = batch.records.len() as i64;
        if count == 0 || batch.last_offset - batch.base_offset + 1 != count {
            return Err(ErrorCode::InvalidRecord);
        }
        if protocol.refuses(Safeguard::ControlBatch, batch.control, out) {
            return Err(ErrorCode::InvalidRecord);
        }
        let unnumbered = batch.has_producer_id() && batch.base_sequence < 0;
        if protocol.refuses(Safeguard::SequenceGiven, unnumbered, out) {
            return Err(ErrorCode::InvalidRecord);
        }
    }
    validate_records(protocol, config, now, batch, out)
}

fn validate_records(
    protocol: &Protocol,
    config: &TopicConfig,
    now: Timestamp,
    batch: &Batch,
    out: &mut Outbox,
) -> Result<(), ErrorCode> {
    let (mut keyless, mut untimely) = (false, false);
    for (_, record) in &batch.records {
        if config.cleanup_compact && record.key.is_none() {
            keyless = true;
        } else if !config.log_append_time && record.timestamp != NO_TIMESTAMP {
            let age = now - record.timestamp;
            untimely |= age > config.message_timestamp_before_max_ms
                || -age > protocol.timestamp_after_max(config);
        }
    }
    if protocol.refuses(Safeguard::TimestampRange, untimely, out) {
        return Err(ErrorCode::InvalidTimestamp);
    }
    if protocol.refuses(Safeguard::KeyIfCompacted, keyless, out) {
        return Err(ErrorCode::InvalidRecord);
    }
    Ok(())
}
