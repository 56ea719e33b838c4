//! The producer against hand-made answers, rule by rule (R5).

use super::*;
use crate::history::Event;
use crate::history::event::Outcome;
use crate::protocol::message::{ProduceAnswer, ProduceRequest, TopicPartition, TopicRef};
use crate::protocol::outbox::{self, Message};
use crate::record::{Offset, PayloadId, Sequence};

const TOPIC: TopicName = TopicName(0);

/// A producer with what is fixed for it, and what it pushed since the last look.
struct Bench {
    protocol: Protocol,
    config: ProducerConfig,
    producer: Producer,
    out: Outbox,
}

impl Bench {
    fn new(config: ProducerConfig) -> Bench {
        let mut bench = Bench {
            protocol: Protocol::default(),
            config,
            producer: Producer::new([(TOPIC, TopicId(1), 1)]),
            out: Outbox::default(),
        };
        bench.act(|producer, cx, out| producer.connected(cx, out));
        if bench.config.idempotence {
            assert!(matches!(bench.requests()[..], [Request::InitProducerId(_)]));
            bench.answer(Response::InitProducerId {
                error: ErrorCode::None,
                producer_id: 7,
                producer_epoch: 0,
            });
        }
        bench
    }

    fn idempotent() -> Bench {
        Bench::new(ProducerConfig::default())
    }

    fn plain(max_in_flight: u32) -> Bench {
        Bench::new(ProducerConfig {
            idempotence: false,
            max_in_flight,
            ..ProducerConfig::default()
        })
    }

    fn act(&mut self, act: impl FnOnce(&mut Producer, ProducerContext<'_>, &mut Outbox)) {
        let cx = ProducerContext {
            protocol: &self.protocol,
            config: &self.config,
            process: ProcessId(0),
            batch_records: 1,
        };
        act(&mut self.producer, cx, &mut self.out);
    }

    fn send(&mut self, payload: u32) {
        let payload = PayloadId(payload);
        let record = Record { payload, key: None, tombstone: false, timestamp: 0, size: 1 };
        self.act(|producer, cx, out| producer.send(cx, TOPIC, record, out));
    }

    fn answer(&mut self, response: Response) {
        self.act(|producer, cx, out| producer.receive(cx, response, out));
    }

    fn produced(&mut self, error: ErrorCode, base_offset: Offset) {
        let partition = TopicPartition { topic: TopicRef::Id(TopicId(1)), partition: 0 };
        let answer = ProduceAnswer { partition, error, base_offset, log_start_offset: 0 };
        self.answer(Response::Produce(vec![answer]));
    }

    fn reconnect(&mut self) {
        self.act(|producer, cx, out| producer.disconnected(cx, out));
        self.act(|producer, cx, out| producer.connected(cx, out));
    }

    fn requests(&mut self) -> Vec<Request> {
        let request = |envelope: outbox::Envelope| match envelope.message {
            Message::Request(request) => request,
            Message::Response(response) => panic!("a producer sent {response:?}"),
        };
        std::mem::take(&mut self.out.sends).into_iter().map(request).collect()
    }

    /// (payload, epoch, sequence) of each batch sent since the last look.
    fn sent(&mut self) -> Vec<(u32, ProducerEpoch, Sequence)> {
        let batch = |request: Request| match request {
            Request::Produce(ProduceRequest { data, .. }) => {
                let batch = &data[0].1;
                (batch.records[0].1.payload.0, batch.producer_epoch, batch.base_sequence)
            }
            other => panic!("not a produce: {other:?}"),
        };
        self.requests().into_iter().map(batch).collect()
    }

    fn outcomes(&mut self) -> Vec<(u32, Outcome)> {
        let outcome = |event: Event| match event {
            Event::SendEnded { payload, outcome, .. } => Some((payload.0, outcome)),
            _ => None,
        };
        std::mem::take(&mut self.out.events).into_iter().filter_map(outcome).collect()
    }
}

#[test]
fn sequences_are_given_at_the_first_drain_and_kept_on_retry() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.send(1);
    assert_eq!(bench.sent(), [(0, 0, 0), (1, 0, 1)]);
    bench.reconnect();
    // A retry goes only as first in-flight batch: the window is 1 until it is answered.
    assert_eq!(bench.sent(), [(0, 0, 0)]);
    bench.produced(ErrorCode::None, 0);
    assert_eq!(bench.sent(), [(1, 0, 1)]);
    assert_eq!(bench.outcomes(), [(0, Outcome::Acked(0))]);
}

#[test]
fn at_most_max_in_flight_requests() {
    let mut bench = Bench::plain(2);
    (0..4).for_each(|payload| bench.send(payload));
    assert_eq!(bench.sent().len(), 2);
    bench.produced(ErrorCode::None, 0);
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn without_idempotence_a_disconnect_turns_the_batches_round() {
    // Each cancelled batch goes to the front of the queue, the oldest first (RecordAccumulator.java:
    // reenqueue), so the youngest is sent first.
    let mut bench = Bench::plain(5);
    bench.send(0);
    bench.send(1);
    bench.sent();
    bench.reconnect();
    let order: Vec<u32> = bench.sent().into_iter().map(|(payload, _, _)| payload).collect();
    assert_eq!(order, [1, 0]);
}

#[test]
fn one_request_in_flight_keeps_the_order() {
    let mut bench = Bench::plain(1);
    bench.send(0);
    bench.send(1);
    assert_eq!(bench.sent().len(), 1);
    bench.reconnect();
    let order: Vec<u32> = bench.sent().into_iter().map(|(payload, _, _)| payload).collect();
    assert_eq!(order, [0]);
}

#[test]
fn acks_0_is_complete_when_it_is_sent() {
    let config =
        ProducerConfig { acks: Acks::None, idempotence: false, ..ProducerConfig::default() };
    let mut bench = Bench::new(config);
    bench.send(0);
    assert_eq!(bench.sent().len(), 1);
    assert_eq!(bench.outcomes(), [(0, Outcome::Acked(-1))]);
    bench.reconnect();
    assert!(bench.sent().is_empty(), "acks=0 is never retried");
}

#[test]
fn out_of_order_of_the_next_batch_bumps_the_epoch() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.sent();
    bench.produced(ErrorCode::OutOfOrderSequenceNumber, -1);
    // The batch follows the last acknowledged one, so there is a gap: KIP-360's local bump.
    assert_eq!(bench.sent(), [(0, 1, 0)]);
}

#[test]
fn out_of_order_behind_an_unanswered_batch_is_only_retried() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.send(1);
    bench.sent();
    bench.produced(ErrorCode::NotEnoughReplicas, -1);
    assert_eq!(bench.sent(), [(0, 0, 0)], "the first batch is tried again");
    bench.produced(ErrorCode::OutOfOrderSequenceNumber, -1);
    assert!(bench.sent().is_empty(), "the second waits for the first");
    bench.produced(ErrorCode::None, 0);
    assert_eq!(bench.sent(), [(1, 0, 1)]);
}

#[test]
fn an_expired_retry_stops_new_batches_until_it_is_resolved_by_a_bump() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.sent();
    bench.act(|producer, cx, out| producer.disconnected(cx, out));
    bench.act(|producer, cx, out| producer.expire(cx, out));
    assert_eq!(bench.outcomes(), [(0, Outcome::Unknown)]);
    bench.act(|producer, cx, out| producer.connected(cx, out));
    bench.send(1);
    assert_eq!(bench.sent(), [(1, 1, 0)], "a new epoch, since batch 0 may be in the log");
}

#[test]
fn a_first_attempt_that_expires_in_flight_is_forgotten_but_a_late_success_counts() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.sent();
    bench.producer.batches.iter_mut().for_each(|batch| batch.may_expire = true);
    bench.act(|producer, cx, out| producer.expire(cx, out));
    assert_eq!(bench.outcomes(), [(0, Outcome::Unknown)]);
    bench.produced(ErrorCode::None, 0);
    assert!(bench.outcomes().is_empty(), "the future is complete already");
    bench.send(1);
    assert_eq!(bench.sent(), [(1, 0, 1)]);
}

#[test]
fn a_confirmed_failure_renumbers_what_is_in_flight_under_a_new_epoch() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.send(1);
    bench.sent();
    bench.produced(ErrorCode::MessageTooLarge, -1);
    assert_eq!(bench.outcomes(), [(0, Outcome::Refused)]);
    bench.produced(ErrorCode::OutOfOrderSequenceNumber, -1);
    assert_eq!(bench.sent(), [(1, 1, 0)]);
}

#[test]
fn a_renumbered_batch_that_was_sent_again_asks_for_a_bump_again() {
    // Once drained, a batch no longer counts as renumbered (ProducerBatch.java: close).
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.sent();
    bench.produced(ErrorCode::OutOfOrderSequenceNumber, -1);
    assert_eq!(bench.sent(), [(0, 1, 0)]);
    bench.produced(ErrorCode::OutOfOrderSequenceNumber, -1);
    assert_eq!(bench.sent(), [(0, 2, 0)]);
}

#[test]
fn without_retries_a_disconnect_fails_the_batch_with_an_unknown_outcome() {
    let config = ProducerConfig { retries: 0, idempotence: false, ..ProducerConfig::default() };
    let mut bench = Bench::new(config);
    bench.send(0);
    bench.sent();
    bench.reconnect();
    assert_eq!(bench.outcomes(), [(0, Outcome::Unknown)]);
    assert!(bench.sent().is_empty());
}

#[test]
fn a_fatal_error_fails_everything() {
    let mut bench = Bench::idempotent();
    bench.send(0);
    bench.send(1);
    bench.sent();
    bench.produced(ErrorCode::InvalidProducerIdMapping, -1);
    assert_eq!(bench.producer.fatal(), Some(ErrorCode::InvalidProducerIdMapping));
    let ended: Vec<u32> = bench.outcomes().into_iter().map(|(payload, _)| payload).collect();
    assert_eq!(ended, [0, 1]);
}
