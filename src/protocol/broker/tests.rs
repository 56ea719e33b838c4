//! What no recording can show: waiting, several partitions in one request, the adversary's own deeds,
//! and that what changed nothing leaves an equal state.

use super::*;
use crate::protocol::config::TopicConfig;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::*;
use crate::protocol::note::Note;
use crate::protocol::outbox::Message;
use crate::protocol::safeguard::Safeguard;
use crate::record::{Batch, ControlKind, GroupId, Offset, PayloadId, Record, TransactionalId};

const T: TopicName = TopicName(0);

struct Bench {
    protocol: Protocol,
    broker: Broker,
    out: Outbox,
}

impl Bench {
    fn new(partitions: Partition) -> Bench {
        let mut protocol = Protocol { topics: vec![TopicConfig::default()], ..Protocol::default() };
        protocol.broker.transaction_partition_verification = false;
        let broker = Broker::new(&protocol, 0);
        let mut bench = Bench { protocol, broker, out: Outbox::default() };
        bench.ask(Request::CreateTopic(CreateTopicRequest { topic: T, partitions }));
        bench
    }

    /// Sends a request over a connection; what was sent back is left in the outbox.
    fn send(&mut self, connection: u16, request: Request) {
        let (connection, correlation) = (Connection(connection), Correlation(7));
        self.out.clear();
        self.broker.receive(&self.protocol, 0, connection, correlation, request, &mut self.out);
    }

    fn answers(&mut self) -> Vec<(Connection, Response)> {
        std::mem::take(&mut self.out.sends)
            .into_iter()
            .map(|sent| match sent.message {
                Message::Response(response) => (sent.connection, response),
                Message::Request(request) => panic!("a broker asks: {request:?}"),
            })
            .collect()
    }

    fn ask(&mut self, request: Request) -> Response {
        self.send(1, request);
        let mut answers = self.answers();
        assert_eq!(answers.len(), 1, "{answers:?}");
        answers.remove(0).1
    }

    fn produce(&mut self, data: Vec<(Partition, Batch)>) -> Vec<(ErrorCode, Offset)> {
        match self.ask(Request::Produce(produce(-1, data))) {
            Response::Produce(answers) => {
                answers.into_iter().map(|answer| (answer.error, answer.base_offset)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn mark(&mut self, result: ControlKind) {
        let request = WriteTxnMarkersRequest {
            version: 1,
            producer_id: 5,
            producer_epoch: 0,
            coordinator_epoch: 0,
            result,
            transaction_version: 0,
            partitions: vec![(T, 0)],
        };
        self.ask(Request::WriteTxnMarkers(request));
    }

    fn restart(&mut self, how: Stop) {
        self.broker.stop(&self.protocol, 0, how);
        self.broker.start(&self.protocol, 0, &mut self.out);
    }
}

fn at(partition: Partition) -> TopicPartition {
    TopicPartition { topic: TopicRef::Name(T), partition }
}

fn record(payload: u32) -> Record {
    let payload = PayloadId(payload);
    Record { payload, key: None, tombstone: false, timestamp: 0, size: 10 }
}

fn plain(payload: u32) -> Batch {
    Batch::of(vec![record(payload)])
}

fn idempotent(sequence: i32) -> Batch {
    Batch { producer_id: 5, producer_epoch: 0, base_sequence: sequence, ..plain(sequence as u32) }
}

fn transactional(sequence: i32) -> Batch {
    Batch { transactional: true, ..idempotent(sequence) }
}

fn produce(acks: i16, data: Vec<(Partition, Batch)>) -> ProduceRequest {
    ProduceRequest {
        version: 9,
        acks,
        transactional_id: Some(TransactionalId(0)),
        data: data.into_iter().map(|(partition, batch)| (at(partition), batch)).collect(),
    }
}

fn fetch(isolation_level: IsolationLevel, offsets: &[(Partition, Offset)]) -> FetchRequest {
    let partition = |(partition, fetch_offset): &(Partition, Offset)| FetchPartition {
        partition: at(*partition),
        fetch_offset: *fetch_offset,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        max_bytes: 1000,
    };
    FetchRequest {
        version: 12,
        isolation_level,
        max_bytes: 1000,
        may_wait: true,
        partitions: offsets.iter().map(partition).collect(),
    }
}

fn payloads(response: &Response) -> Vec<Vec<u32>> {
    let Response::Fetch(answers) = response else { panic!("{response:?}") };
    let of = |answer: &FetchAnswer| {
        let records = answer.batches.iter().flat_map(|batch| &batch.records);
        records.map(|(_, record)| record.payload.0).collect()
    };
    answers.iter().map(of).collect()
}

#[test]
fn a_waiting_fetch_is_answered_by_the_next_record() {
    let mut bench = Bench::new(1);
    let wanted = fetch(IsolationLevel::ReadUncommitted, &[(0, 0)]);
    bench.send(2, Request::Fetch(wanted));
    assert!(bench.answers().is_empty());
    bench.send(3, Request::Produce(produce(1, vec![(0, plain(4))])));
    let answers = bench.answers();
    assert_eq!(answers[0].0, Connection(3));
    assert_eq!(answers[1].0, Connection(2));
    assert_eq!(payloads(&answers[1].1), [[4]]);
}

#[test]
fn a_waiting_fetch_of_committed_records_is_answered_by_the_marker() {
    let mut bench = Bench::new(1);
    bench.produce(vec![(0, transactional(0))]);
    bench.send(2, Request::Fetch(fetch(IsolationLevel::ReadCommitted, &[(0, 0)])));
    assert!(bench.answers().is_empty());
    bench.produce_silently(transactional(1));
    assert_eq!(bench.broker.parked.len(), 1);
    bench.send(3, Request::WriteTxnMarkers(commit_marker()));
    let answers = bench.answers();
    assert_eq!(payloads(&answers[1].1), [[0, 1]]);
    assert!(bench.broker.parked.is_empty());
}

fn commit_marker() -> WriteTxnMarkersRequest {
    WriteTxnMarkersRequest {
        version: 1,
        producer_id: 5,
        producer_epoch: 0,
        coordinator_epoch: 0,
        result: ControlKind::Commit,
        transaction_version: 0,
        partitions: vec![(T, 0)],
    }
}

impl Bench {
    fn produce_silently(&mut self, batch: Batch) {
        self.send(9, Request::Produce(produce(0, vec![(0, batch)])));
        assert!(self.out.sends.is_empty() && self.out.closes.is_empty());
    }
}

#[test]
fn a_waiting_fetch_goes_with_its_connection_and_its_topic() {
    let mut bench = Bench::new(1);
    bench.send(2, Request::Fetch(fetch(IsolationLevel::ReadUncommitted, &[(0, 0)])));
    bench.send(3, Request::Fetch(fetch(IsolationLevel::ReadUncommitted, &[(0, 0)])));
    bench.broker.disconnected(Connection(2));
    bench.send(4, Request::DeleteTopic(T));
    let answers = bench.answers();
    assert_eq!(answers.len(), 2);
    let Response::Fetch(fetched) = &answers[1].1 else { panic!("{answers:?}") };
    assert_eq!(fetched[0].error, ErrorCode::UnknownTopicOrPartition);
}

#[test]
fn acks_0_hears_nothing_and_loses_its_connection_after_an_error() {
    let mut bench = Bench::new(1);
    bench.produce_silently(idempotent(0));
    bench.send(2, Request::Produce(produce(0, vec![(0, idempotent(5))])));
    assert!(bench.out.sends.is_empty());
    assert_eq!(bench.out.closes, [Connection(2)]);
}

#[test]
fn the_partitions_of_a_produce_request_fail_apart() {
    let mut bench = Bench::new(2);
    let answers = bench.produce(vec![(0, idempotent(0)), (7, idempotent(0)), (1, idempotent(3))]);
    let unknown = (ErrorCode::UnknownTopicOrPartition, -1);
    assert_eq!(answers, [(ErrorCode::None, 0), unknown, (ErrorCode::None, 0)]);
}

#[test]
fn two_producers_in_one_transactional_request_are_refused_as_a_whole() {
    let mut bench = Bench::new(2);
    let other = Batch { producer_id: 6, ..transactional(0) };
    let data = vec![(0, transactional(0)), (1, other), (7, idempotent(0))];
    let refused = (ErrorCode::InvalidProducerIdMapping, -1);
    assert_eq!(bench.produce(data.clone()), [refused; 3]);
    assert!(bench.out.notes.contains(&Note::Refused(Safeguard::OneProducerPerRequest)));
    bench.protocol.ablated.insert(Safeguard::OneProducerPerRequest);
    assert_eq!(bench.produce(data)[0], (ErrorCode::None, 0));
}

#[test]
fn only_the_first_partition_with_records_may_exceed_the_limit() {
    let mut bench = Bench::new(3);
    for partition in [1, 2] {
        bench.produce(vec![(partition, plain(1))]);
    }
    let mut wanted = fetch(IsolationLevel::ReadCommitted, &[(0, 0), (1, 0), (2, 0)]);
    wanted.max_bytes = 1;
    let response = bench.ask(Request::Fetch(wanted.clone()));
    assert_eq!(payloads(&response), [vec![], vec![1], vec![]]);
    wanted.max_bytes = 141;
    let response = bench.ask(Request::Fetch(wanted.clone()));
    assert_eq!(payloads(&response), [vec![], vec![1], vec![]]);
    let Response::Fetch(answers) = response else { unreachable!() };
    assert_eq!(answers[2].aborted, None, "a batch that does not fit is left out with its list");
    wanted.max_bytes = 142;
    assert_eq!(payloads(&bench.ask(Request::Fetch(wanted))), [vec![], vec![1], vec![1]]);
}

#[test]
fn what_is_refused_or_repeated_leaves_an_equal_state() {
    let mut bench = Bench::new(1);
    bench.produce(vec![(0, idempotent(0))]);
    let before = bench.broker.clone();
    assert_eq!(bench.produce(vec![(0, idempotent(0))]), [(ErrorCode::None, 0)]);
    assert_eq!(
        bench.produce(vec![(0, idempotent(2))]),
        [(ErrorCode::OutOfOrderSequenceNumber, -1)]
    );
    let stale = Batch { producer_epoch: -1, ..idempotent(0) };
    assert_eq!(bench.produce(vec![(0, stale)]), [(ErrorCode::InvalidProducerEpoch, -1)]);
    assert_eq!(bench.broker, before);
}

#[test]
fn a_crash_forgets_what_was_in_memory_alone() {
    let mut long = Bench::new(1);
    for sequence in 0..3 {
        long.produce(vec![(0, idempotent(sequence))]);
    }
    let mut restarted = long.broker.clone();
    restarted.stop(&long.protocol, 0, Stop::Kill);
    let stopped = restarted.clone();
    restarted.stop(&long.protocol, 0, Stop::Kill);
    assert_eq!(restarted, stopped);
    assert_eq!(
        long.broker.log(T, 0).map(|log| log.producers().producers()[&5].batches.len()),
        Some(3)
    );
    long.restart(Stop::Kill);
    assert_eq!(
        long.broker.log(T, 0).map(|log| log.producers().producers()[&5].batches.len()),
        Some(1)
    );
}

#[test]
fn a_stopped_broker_hears_nothing_and_plans_nothing() {
    let mut bench = Bench::new(1);
    bench.broker.stop(&bench.protocol, 0, Stop::Clean);
    bench.send(1, Request::Metadata(MetadataRequest { version: 12, topics: vec![] }));
    assert!(bench.out.sends.is_empty());
    assert_eq!(bench.broker.due(&bench.protocol), None);
    bench.broker.start(&bench.protocol, 0, &mut bench.out);
    assert!(bench.broker.due(&bench.protocol).is_some());
    let loaded = |note: &Note| matches!(note, Note::LogLoaded { .. });
    assert!(bench.out.notes.iter().any(loaded));
}

#[test]
fn the_adversary_removes_a_head_but_nothing_beyond_the_high_watermark() {
    let mut bench = Bench::new(1);
    bench.produce(vec![(0, plain(0))]);
    bench.produce(vec![(0, plain(1))]);
    let before = bench.broker.clone();
    bench.broker.delete_head(&bench.protocol, T, 0, 3, &mut bench.out);
    assert_eq!(bench.broker, before);
    bench.broker.delete_head(&bench.protocol, T, 0, 1, &mut bench.out);
    assert_eq!(bench.broker.log(T, 0).map(Log::log_start_offset), Some(1));
    let wanted = fetch(IsolationLevel::ReadUncommitted, &[(0, 0)]);
    let Response::Fetch(answers) = bench.ask(Request::Fetch(wanted)) else { unreachable!() };
    assert_eq!(answers[0].error, ErrorCode::OffsetOutOfRange);
}

#[test]
fn the_adversary_makes_a_partition_forget_an_idle_producer_only() {
    let mut bench = Bench::new(1);
    bench.produce(vec![(0, transactional(0))]);
    bench.broker.expire_producer(&bench.protocol, T, 0, 5, &mut bench.out);
    assert_eq!(
        bench.produce(vec![(0, transactional(5))]),
        [(ErrorCode::OutOfOrderSequenceNumber, -1)]
    );
    bench.mark(ControlKind::Abort);
    bench.broker.expire_producer(&bench.protocol, T, 0, 5, &mut bench.out);
    assert_eq!(bench.produce(vec![(0, transactional(5))]), [(ErrorCode::None, 2)]);
}

#[test]
fn the_adversary_expires_a_committed_offset_and_the_group_stays() {
    let mut bench = Bench::new(1);
    let group = GroupId(0);
    let offset = CommittedOffset { offset: 3, leader_epoch: -1, metadata: Metadata::default() };
    bench.ask(Request::OffsetCommit(OffsetCommitRequest {
        version: 9,
        group,
        generation: -1,
        member: None,
        instance: None,
        offsets: vec![(at(0), offset)],
    }));
    bench.broker.expire_offset(&bench.protocol, group, T, 0, &mut bench.out);
    assert_eq!(bench.broker.offsets().get(group, T, 0), None);
    assert!(bench.broker.offsets().group(group).is_some());
}

#[test]
fn a_partition_asked_twice_in_one_request_is_an_error() {
    let mut bench = Bench::new(1);
    let wanted = ListOffsetsPartition {
        partition: at(0),
        spec: OffsetSpec::Latest,
        current_leader_epoch: -1,
    };
    let Response::ListOffsets(answers) = bench.ask(Request::ListOffsets(ListOffsetsRequest {
        version: 9,
        isolation_level: IsolationLevel::ReadUncommitted,
        partitions: vec![wanted.clone(), wanted],
    })) else {
        unreachable!()
    };
    assert!(answers.iter().all(|answer| answer.error == ErrorCode::InvalidRequest));
}

#[test]
fn timers_keep_their_rhythm_and_fire_in_order() {
    let mut bench = Bench::new(1);
    bench.protocol.broker.log_initial_task_delay_ms = 100;
    bench.protocol.broker.log_retention_check_interval_ms = 40;
    bench.broker = Broker::new(&bench.protocol, 0);
    let mut fired = Vec::new();
    while fired.len() < 4 {
        let (time, timer) = bench.broker.due(&bench.protocol).expect("running");
        bench.broker.fire(&bench.protocol, time, timer, &mut bench.out);
        fired.push((time, timer));
    }
    assert_eq!(
        fired,
        [
            (100, BrokerTimer::LogRetention),
            (100, BrokerTimer::LogStartCheckpoint),
            (100, BrokerTimer::RecoveryPointCheckpoint),
            (140, BrokerTimer::LogRetention),
        ]
    );
}
