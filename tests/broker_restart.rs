//! Whatever a broker has been through, a restart must not change what it tells of its logs; only
//! the memory of more than one batch of a producer goes.

use brokerproof::protocol::Protocol;
use brokerproof::protocol::broker::{Broker, Stop};
use brokerproof::protocol::config::TopicConfig;
use brokerproof::protocol::log::Log;
use brokerproof::protocol::message::*;
use brokerproof::protocol::outbox::Outbox;
use brokerproof::protocol::variant::Kafka;
use brokerproof::record::*;
use proptest::prelude::*;

const T: TopicName = TopicName(0);

/// One deed of the outside world.
#[derive(Clone, Debug)]
enum Deed {
    Produce { producer: i64, epoch: i16, sequence: i32, transactional: bool, time: Timestamp },
    Mark { producer: i64, epoch: i16, coordinator_epoch: i32, commit: bool },
    Restart(bool),
}

fn deed() -> impl Strategy<Value = Deed> {
    let times = prop::sample::select(vec![0, 1_000, 250_000, 600_000]);
    prop_oneof![
        8 => (-1..3i64, 0..3i16, 0..4i32, any::<bool>(), times).prop_map(
            |(producer, epoch, sequence, transactional, time)| {
                let transactional = transactional && producer >= 0;
                Deed::Produce { producer, epoch, sequence, transactional, time }
            }
        ),
        4 => (0..3i64, 0..3i16, 0..2i32, any::<bool>()).prop_map(
            |(producer, epoch, coordinator_epoch, commit)| {
                Deed::Mark { producer, epoch, coordinator_epoch, commit }
            }
        ),
        1 => any::<bool>().prop_map(Deed::Restart),
    ]
}

struct World {
    protocol: Protocol,
    broker: Broker,
}

impl World {
    fn new(kafka: Kafka) -> World {
        let topic = TopicConfig { segment_ms: 200_000, retention_ms: -1, ..TopicConfig::default() };
        let mut protocol = Protocol { kafka, topics: vec![topic], ..Protocol::default() };
        protocol.broker.transaction_partition_verification = false;
        protocol.broker.producer_id_expiration_ms = Timestamp::MAX;
        let mut world = World { broker: Broker::new(&protocol, 0), protocol };
        world.send(Request::CreateTopic(CreateTopicRequest { topic: T, partitions: 1 }));
        world
    }

    fn send(&mut self, request: Request) {
        let mut out = Outbox::default();
        let (connection, correlation) = (Connection(0), Correlation(0));
        self.broker.receive(&self.protocol, 0, connection, correlation, request, &mut out);
        assert_eq!(out.sends.len(), 1);
    }

    fn restart(&mut self, clean: bool) {
        let how = if clean { Stop::Clean } else { Stop::Kill };
        self.broker.stop(&self.protocol, 0, how);
        self.broker.start(&self.protocol, 0, &mut Outbox::default());
    }

    fn log(&self) -> &Log {
        self.broker.log(T, 0).expect("the topic was created")
    }

    fn perform(&mut self, deed: &Deed) {
        match *deed {
            Deed::Produce { producer, epoch, sequence, transactional, time } => {
                let record = Record {
                    payload: PayloadId(0),
                    key: None,
                    tombstone: false,
                    timestamp: time,
                    size: 7,
                };
                let known = producer >= 0;
                let batch = Batch {
                    producer_id: producer,
                    producer_epoch: if known { epoch } else { NO_PRODUCER_EPOCH },
                    base_sequence: if known { sequence } else { NO_SEQUENCE },
                    transactional,
                    ..Batch::of(vec![record])
                };
                let partition = TopicPartition { topic: TopicRef::Name(T), partition: 0 };
                self.send(Request::Produce(ProduceRequest {
                    version: 9,
                    acks: -1,
                    transactional_id: Some(TransactionalId(0)),
                    data: vec![(partition, batch)],
                }));
            }
            Deed::Mark { producer, epoch, coordinator_epoch, commit } => {
                self.send(Request::WriteTxnMarkers(WriteTxnMarkersRequest {
                    version: 1,
                    producer_id: producer,
                    producer_epoch: epoch,
                    coordinator_epoch,
                    result: if commit { ControlKind::Commit } else { ControlKind::Abort },
                    transaction_version: 0,
                    partitions: vec![(T, 0)],
                }));
            }
            Deed::Restart(clean) => self.restart(clean),
        }
    }
}

/// What a log tells that a restart must keep.
fn told(log: &Log) -> impl PartialEq + std::fmt::Debug + use<> {
    let producers: Vec<_> = log
        .producers()
        .producers()
        .iter()
        .map(|(producer, entry)| (*producer, entry.snapshot()))
        .collect();
    let aborted: Vec<_> = log.segments().iter().map(|one| one.aborted().to_vec()).collect();
    let bounds = (log.log_start_offset(), log.high_watermark(), log.log_end_offset());
    (log.batches().cloned().collect::<Vec<_>>(), producers, aborted, bounds)
}

proptest! {
    #[test]
    fn a_restart_keeps_what_the_log_tells(
        deeds in prop::collection::vec(deed(), 1..40),
        clean in any::<bool>(),
        kafka in prop::sample::select(Kafka::ALL.to_vec()),
    ) {
        let mut world = World::new(kafka);
        for deed in &deeds {
            world.perform(deed);
            let log = world.log();
            let stable = log.last_stable_offset(kafka);
            prop_assert!(log.log_start_offset() <= stable && stable <= log.high_watermark());
            prop_assert_eq!(log.high_watermark(), log.log_end_offset());
        }
        let before = told(world.log());
        let stable = world.log().last_stable_offset(kafka);
        world.restart(clean);
        prop_assert_eq!(told(world.log()), before);
        prop_assert_eq!(world.log().last_stable_offset(kafka), stable);
        // A second restart finds nothing more to forget.
        let settled = world.broker.clone();
        let batches = |broker: &Broker| broker.log(T, 0).map(|log| log.producers().producers().clone());
        world.restart(clean);
        prop_assert_eq!(batches(&world.broker), batches(&settled));
    }
}
