//! Produce (`KafkaApis.scala: handleProduceRequest`, `ReplicaManager.scala: handleProduceAppend,
//! appendRecordsToLeader`).
//!
//! The order of the tests is Kafka's (rule R1.2).

use std::collections::{BTreeMap, BTreeSet};

use super::parked::Parked;
use super::timers::named;
use super::topics::At;
use super::{Broker, Reply};
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::log::append::{Append, Appended};
use crate::protocol::message::{ProduceAnswer, ProduceRequest, Response, TopicPartition, Version};
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer_state::append_info::Origin;
use crate::protocol::producer_state::verification::Guard;
use crate::protocol::safeguard::Safeguard;
use crate::protocol::variant::StaleEpoch;
use crate::record::{Batch, Offset, PayloadId, Timestamp};

/// First version whose transactional batches add their partition to the transaction (KIP-890).
const FIRST_VERSION_OF_TRANSACTIONS_2: Version = 12;

/// What became of one partition's part.
enum Part {
    Refused(ErrorCode),
    Waiting(At),
}

impl Broker {
    pub(super) fn produce(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        reply: Reply,
        request: ProduceRequest,
        out: &mut Outbox,
    ) {
        let acks = request.acks;
        let parts: Vec<Part> =
            request.data.iter().map(|(at, batch)| self.place(*at, batch)).collect();
        if let Some(error) = whole_request_error(protocol, &request, &parts, out) {
            let answers = request.data.iter().map(|(at, _)| refused(*at, error)).collect();
            return finish(reply, acks, answers, out);
        }
        let guards = self.verify(protocol, now, &request, &parts);
        let odd = protocol.refuses(Safeguard::RequiredAcks, !(-1..=1).contains(&acks), out);
        let mut answers = Vec::new();
        let mut wanted = Vec::new();
        for ((partition, batch), part) in request.data.into_iter().zip(parts) {
            let at = match part {
                Part::Waiting(at) => at,
                Part::Refused(error) => {
                    answers.push(refused(partition, error));
                    continue;
                }
            };
            let guard = match guards.get(&at).copied().unwrap_or(Ok(None)) {
                Ok(_) if odd => Err(ErrorCode::InvalidRequiredAcks),
                guard => guard,
            };
            let appended =
                guard.and_then(|guard| self.append(protocol, now, at, batch, guard, out));
            match appended {
                Ok((appended, log_start_offset)) => {
                    wanted.push((at, appended.last_offset + 1));
                    answers.push(ProduceAnswer {
                        partition,
                        error: ErrorCode::None,
                        base_offset: appended.first_offset,
                        log_start_offset,
                    });
                }
                Err(error) => answers.push(refused(partition, error)),
            }
        }
        if acks == -1 && !self.passed(&wanted) {
            self.park(Parked::Produce { reply, answers, wanted });
        } else {
            finish(reply, acks, answers, out);
        }
    }

    fn place(&self, partition: TopicPartition, batch: &Batch) -> Part {
        match self.locate(partition) {
            Err(error) => Part::Refused(error),
            Ok(_) if batch.records.is_empty() => Part::Refused(ErrorCode::InvalidRecord),
            Ok(at) => Part::Waiting(at),
        }
    }

    fn append(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        at: At,
        batch: Batch,
        guard: Option<Guard>,
        out: &mut Outbox,
    ) -> Result<(Appended, Offset), ErrorCode> {
        let led = self.partition_mut(at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let records = batch.records.iter().filter(|_| !out.brief);
        let payloads: Vec<PayloadId> = records.map(|(_, record)| record.payload).collect();
        let append = Append {
            batch,
            origin: Origin::Client,
            leader_epoch: led.leader_epoch,
            guard,
            transaction_version: 0,
        };
        let config = protocol.topic(at.0);
        let appended = led.log.append_as_leader(protocol, config, now, append, out)?;
        led.log.raise_high_watermark(led.log.log_end_offset());
        let (partition, base_offset) = (named(at.0, at.1), appended.first_offset);
        out.note_with(|| match appended.duplicate {
            true => Note::Duplicate { partition, base_offset, payloads },
            false => Note::Appended { partition, base_offset, payloads },
        });
        Ok((appended, led.log.log_start_offset()))
    }

    /// Has the transaction coordinator verify or begin the transaction on the partitions where none is
    /// open (KIP-890): the guard of each, or its error.
    fn verify(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        request: &ProduceRequest,
        parts: &[Part],
    ) -> BTreeMap<At, Result<Option<Guard>, ErrorCode>> {
        let mut results = BTreeMap::new();
        let adds = request.version >= FIRST_VERSION_OF_TRANSACTIONS_2;
        if request.transactional_id.is_none()
            || !(adds || protocol.broker.transaction_partition_verification)
        {
            return results;
        }
        for ((_, batch), part) in request.data.iter().zip(parts) {
            let Part::Waiting(at) = part else { continue };
            if !(batch.transactional && batch.has_producer_id()) {
                continue;
            }
            let begun = self.start_verification(protocol, now, *at, batch, adds);
            // No transactional id was ever initialised here, so the coordinator knows none of them.
            let unknown = begun.and_then(|guard| match guard {
                Some(_) => Err(ErrorCode::InvalidProducerIdMapping),
                None => Ok(None),
            });
            results.insert(*at, unknown);
        }
        results
    }

    /// The guard that the append must show, or none if the transaction is open on the partition
    /// (`UnifiedLog.java: maybeStartTransactionVerification`).
    fn start_verification(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        at: At,
        batch: &Batch,
        supports_epoch_bump: bool,
    ) -> Result<Option<Guard>, ErrorCode> {
        let led = self.partition_mut(at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let (producer_id, epoch) = (batch.producer_id, batch.producer_epoch);
        let stored = led.log.producers().entry(producer_id).map(|entry| entry.producer_epoch);
        let stale = protocol.kafka.stale_epoch() >= StaleEpoch::AtVerification
            && stored.is_some_and(|stored| epoch < stored);
        if stale {
            return Err(ErrorCode::InvalidProducerEpoch);
        }
        if led.log.has_ongoing_transaction(protocol, producer_id, epoch) {
            return Ok(None);
        }
        Ok(Some(led.log.producers_mut().start_verification(
            now,
            producer_id,
            epoch,
            batch.base_sequence,
            supports_epoch_bump,
        )))
    }
}

/// What refuses a request as a whole.
fn whole_request_error(
    protocol: &Protocol,
    request: &ProduceRequest,
    parts: &[Part],
    out: &mut Outbox,
) -> Option<ErrorCode> {
    let transactional = request.data.iter().any(|(_, batch)| batch.transactional);
    let nameless = request.transactional_id.is_none() && transactional;
    if protocol.refuses(Safeguard::TransactionalIdGiven, nameless, out) {
        return Some(ErrorCode::TransactionalIdAuthorizationFailed);
    }
    let producers: BTreeSet<_> = request
        .data
        .iter()
        .zip(parts)
        .filter(|(_, part)| matches!(part, Part::Waiting(_)))
        .map(|((_, batch), _)| batch)
        .filter(|batch| batch.transactional && batch.has_producer_id())
        .map(|batch| (batch.producer_id, batch.producer_epoch))
        .collect();
    protocol
        .refuses(Safeguard::OneProducerPerRequest, producers.len() > 1, out)
        .then_some(ErrorCode::InvalidProducerIdMapping)
}

fn refused(partition: TopicPartition, error: ErrorCode) -> ProduceAnswer {
    ProduceAnswer { partition, error, base_offset: -1, log_start_offset: -1 }
}

/// With acks=0 nothing is said; an error closes the connection.
fn finish(reply: Reply, acks: i16, answers: Vec<ProduceAnswer>, out: &mut Outbox) {
    if acks != 0 {
        reply.send(Response::Produce(answers), out);
    } else if answers.iter().any(|answer| answer.error != ErrorCode::None) {
        out.closes.push(reply.connection);
    }
}
