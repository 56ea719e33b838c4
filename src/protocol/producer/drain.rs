//! The sender takes batches from the accumulator (`RecordAccumulator.java: drainBatchesForOneNode`).

use std::ops::Bound::{Excluded, Unbounded};

use crate::protocol::message::{
    InitProducerIdRequest, ProduceRequest, Request, TopicPartition, TopicRef,
};
use crate::protocol::outbox::Outbox;
use crate::protocol::producer::batch::ProducerState;
use crate::protocol::producer::complete::Attempt;
use crate::protocol::producer::{BatchNumber, InFlight, Key, Producer, ProducerContext};
use crate::protocol::variant::Kafka;
use crate::record::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Sequence, TopicName};

/// Version of InitProducerId that clients speak here.
const INIT_PRODUCER_ID_VERSION: i16 = 5;

/// The request of an idempotent producer for an id of its own.
pub(super) fn init_producer_id() -> Request {
    Request::InitProducerId(InitProducerIdRequest {
        version: INIT_PRODUCER_ID_VERSION,
        transactional_id: None,
        transaction_timeout_ms: i32::MAX,
        producer_id: NO_PRODUCER_ID,
        producer_epoch: NO_PRODUCER_EPOCH,
    })
}

impl Producer {
    /// Sends one request with a batch of each partition that has one ready; false if there was none or no
    /// more requests may be in flight.
    pub(super) fn drain(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) -> bool {
        if self.in_flight.len() >= cx.config.max_in_flight as usize {
            return false;
        }
        let mut drained: Vec<BatchNumber> = Vec::new();
        let mut next = self.queues.keys().next().copied();
        while let Some(key) = next {
            drained.extend(self.drain_partition(cx, key));
            next = self.queues.range((Excluded(key), Unbounded)).next().map(|(&key, _)| key);
        }
        if drained.is_empty() {
            return false;
        }
        let version = produce_version(cx.protocol.kafka);
        let data = drained
            .iter()
            .map(|number| {
                let batch = self.batch(*number);
                (self.reference(version, batch.topic, batch.partition), batch.encoded())
            })
            .collect();
        let request = Request::Produce(ProduceRequest {
            version,
            acks: cx.config.acks.code(),
            transactional_id: None,
            data,
        });
        if Producer::awaits_answers(cx) {
            self.request(InFlight::Produce(drained), request, out);
        } else {
            out.request(super::CONNECTION, super::Correlation(0), request);
            for number in drained {
                self.complete_attempt(cx, number, Attempt::Unanswered, out);
            }
            self.forget_done();
        }
        true
    }

    /// The partition's first batch, if it may go now; an idempotent producer gives it its sequence.
    fn drain_partition(&mut self, cx: ProducerContext<'_>, key: Key) -> Option<BatchNumber> {
        let number = *self.queues.get(&key)?.front()?;
        if !self.batch(number).is_ready(cx.batch_records)
            || self.is_muted(cx, key)
            || self.awaits_metadata(number)
            || (cx.config.idempotence && self.must_wait(key, number))
        {
            return None;
        }
        self.queues.get_mut(&key)?.pop_front();
        if self.queues[&key].is_empty() {
            self.queues.remove(&key);
        }
        if cx.config.idempotence && self.batch(number).state.is_none() {
            self.assign_sequence(key, number);
        }
        // `ProducerBatch.java: close`, which the drain calls, ends `reopened`.
        self.batch_mut(number).reset = false;
        Some(number)
    }

    /// With one request in flight a partition is muted while a batch of it is on its way.
    fn is_muted(&self, cx: ProducerContext<'_>, key: Key) -> bool {
        cx.config.max_in_flight == 1 && self.flying().any(|number| self.batch(number).key() == key)
    }

    /// A retry waits for the metadata that its error asked for: the back-off is no shorter.
    fn awaits_metadata(&self, number: BatchNumber) -> bool {
        self.batch(number).attempts > 0 && self.in_flight.contains(&InFlight::Metadata)
    }

    /// `shouldStopDrainBatchesForPartition`.
    fn must_wait(&mut self, key: Key, number: BatchNumber) -> bool {
        let first = self.first_tracked(key);
        match self.batch(number).state {
            None => (first.is_some() && self.is_stale(key)) || self.entry(key).unresolved.is_some(),
            Some(_) => first != Some(number),
        }
    }

    fn assign_sequence(&mut self, key: Key, number: BatchNumber) {
        if self.is_stale(key) && self.first_tracked(key).is_none() {
            self.start_at_beginning(key);
        }
        let (id, epoch) = (self.producer_id, self.producer_epoch);
        let count = self.batch(number).records.len() as Sequence;
        let entry = self.entry(key);
        let base_sequence = entry.next_sequence;
        entry.next_sequence += count;
        self.batch_mut(number).state = Some(ProducerState { id, epoch, base_sequence });
    }

    fn reference(&self, version: i16, topic: TopicName, partition: i32) -> TopicPartition {
        let by_id = self.metadata.get(&topic).filter(|_| version >= 13);
        let topic = by_id.map_or(TopicRef::Name(topic), |known| TopicRef::Id(known.id));
        TopicPartition { topic, partition }
    }
}

/// The newest Produce that clients and brokers of a version share.
fn produce_version(kafka: Kafka) -> i16 {
    match kafka {
        Kafka::V3_9 => 11,
        Kafka::V4_1 | Kafka::V4_3 => 13,
    }
}
