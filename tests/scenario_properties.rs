//! Scenarios from `.properties` files: real ones, and such that are wrong.

use std::path::{Path, PathBuf};

use brokerproof::protocol::config::{Acks, AutoOffsetReset};
use brokerproof::protocol::variant::Kafka;
use brokerproof::scenario::{
    self, Client, Failure, Files, FromFiles, Named, Notice, Options, ProblemKind, Texts, Weight,
    from_properties, from_texts,
};
use brokerproof::world::setting::{CommitOrder, EffectKind, FaultSetting, Remember};

fn data(name: &str) -> Option<PathBuf> {
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/properties").join(name))
}

fn right(files: &Files) -> FromFiles {
    from_properties(files, &Options::default()).unwrap_or_else(|failure| panic!("{failure}"))
}

/// One file, read as that of a producer, consumer, topic or broker.
fn one<'a>(side: &str, text: &'a str) -> Texts<'a> {
    let file = Some(Named { path: "x.properties", text });
    let none = Texts::default();
    match side {
        "producer" => Texts { producer: file, ..none },
        "consumer" => Texts { consumer: file, ..none },
        "topic" => Texts { topic: file, ..none },
        _ => Texts { server: file, ..none },
    }
}

fn read(side: &str, text: &str, options: &Options) -> Result<FromFiles, Failure> {
    from_texts(&one(side, text), options)
}

fn accepted(side: &str, text: &str) -> FromFiles {
    read(side, text, &Options::default()).unwrap_or_else(|failure| panic!("{failure}\n{text}"))
}

fn told(side: &str, text: &str) -> Vec<String> {
    match read(side, text, &Options::default()) {
        Err(Failure::Invalid(errors)) => {
            let show = |problem: &scenario::Problem| {
                let at =
                    problem.position.map_or("-".to_owned(), |p| format!("{}:{}", p.line, p.column));
                format!("{at} {}", problem.kind)
            };
            errors.0.iter().map(show).collect()
        }
        other => panic!("not an error: {other:?}\n{text}"),
    }
}

fn of_weight(notices: &[Notice], weight: Weight) -> Vec<String> {
    let of_weight = notices.iter().filter(|notice| notice.weight == weight);
    of_weight
        .map(|notice| match notice.position {
            Some(at) => format!("{}: {}", at.line, notice.text),
            None => notice.text.clone(),
        })
        .collect()
}

fn shapes(all: &FromFiles) -> Vec<&'static str> {
    all.rows.iter().filter_map(|row| row.shape).collect()
}

#[test]
fn kafkas_own_producer() {
    let all = right(&Files { producer: data("kafka-producer.properties"), ..Files::default() });
    assert_eq!(all.rows.len(), 1);
    assert_eq!(all.rows[0].shape, None);
    let setting = &all.rows[0].scenario.setting;
    assert!(setting.apps.is_empty());
    assert_eq!(setting.producers[0].config, Default::default());
    assert_eq!((setting.sources[0].records, setting.sources[0].remember), (2, Remember::AfterAck));
    assert_eq!((setting.topics[0].partitions, setting.faults.total), (1, 2));
    assert_eq!(setting.protocol.kafka, Kafka::V4_3);
    assert_eq!(of_weight(&all.notices, Weight::Warning), [""; 0]);
    let notes = of_weight(&all.notices, Weight::Note);
    assert_eq!(
        notes[0],
        "these have no bearing on delivery: connection: bootstrap.servers; throughput: compression.type"
    );
}

#[test]
fn kafkas_own_consumer_has_a_row_for_each_shape() {
    let all = right(&Files { consumer: data("kafka-consumer.properties"), ..Files::default() });
    assert_eq!(shapes(&all), ["auto", "auto-hand-off", "before", "after", "with-result"]);
    for row in &all.rows {
        let setting = &row.scenario.setting;
        let app = &setting.apps[0];
        assert_eq!(setting.groups, ["test-consumer-group"]);
        assert_eq!(app.config.auto_offset_reset, AutoOffsetReset::Latest);
        assert!(app.config.enable_auto_commit);
        let stored = app.commit == CommitOrder::WithResult;
        assert_eq!(app.effect, if stored { EffectKind::Store } else { EffectKind::Local });
    }
    let notes = of_weight(&all.notices, Weight::Note);
    assert!(notes.iter().any(|note| note.starts_with("enable.auto.commit is on")), "{notes:?}");
    assert!(notes.iter().any(|note| note.starts_with("no file of a producer")), "{notes:?}");
    assert!(notes.iter().any(|note| note.starts_with("max.poll.records is taken as 1")));
}

#[test]
fn kafkas_own_broker() {
    let all = right(&Files { server: data("kafka-server.properties"), ..Files::default() });
    assert_eq!(of_weight(&all.notices, Weight::Warning), [""; 0]);
    let protocol = &all.rows[0].scenario.setting.protocol;
    assert_eq!(protocol.topics[0].retention_ms, 168 * 3_600_000);
    assert_eq!(protocol.broker.log_retention_check_interval_ms, 300_000);
}

#[test]
fn files_of_former_clients() {
    let files = Files {
        producer: data("ureplicator-producer.properties"),
        consumer: data("ureplicator-consumer.properties"),
        ..Files::default()
    };
    let all = right(&files);
    assert_eq!(all.rows.len(), 5);
    assert_eq!(all.rows[0].scenario.name, "ureplicator-producer+ureplicator-consumer");
    let setting = &all.rows[0].scenario.setting;
    assert_eq!(setting.producers[0].config.delivery_timeout_ms, 600_000);
    assert_eq!(setting.producers[0].config.linger_ms, 1000);
    assert!(setting.producers[0].config.idempotence);
    assert_eq!(setting.apps[0].config.auto_offset_reset, AutoOffsetReset::Earliest);
    let ignored: Vec<String> = of_weight(&all.notices, Weight::Warning)
        .iter()
        .filter_map(|text| text.split('`').nth(1).map(str::to_owned))
        .collect();
    assert_eq!(
        ignored,
        [
            "producer.type",
            "zookeeper.connect",
            "zookeeper.connection.timeout.ms",
            "zookeeper.session.timeout.ms",
            "consumer.id",
            "socket.receive.buffer.bytes",
            "fetch.message.max.bytes",
            "queued.max.message.chunks",
        ]
    );
}

#[test]
fn a_streams_file_is_not_modelled() {
    for side in ["producer", "consumer"] {
        let path = data("kukulcan-streams.properties");
        let none = Files::default();
        let files = match side {
            "producer" => Files { producer: path, ..none },
            _ => Files { consumer: path, ..none },
        };
        match from_properties(&files, &Options::default()) {
            Err(Failure::NotModelled(gaps)) => assert_eq!(gaps.0[0].what, "Kafka Streams"),
            other => panic!("{other:?}"),
        }
    }
    match read("consumer", "connector.class=a.B\nretries=x\n", &Options::default()) {
        Err(Failure::NotModelled(gaps)) => assert_eq!(gaps.0[0].what, "Kafka Connect"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_librdkafka_file_for_a_java_client() {
    let text = "bootstrap.servers=b\nsasl.mechanisms=PLAIN\nsasl.username=u\nsession.timeout.ms=6000\n\
                request.required.acks=1\nmessage.send.max.retries=0\nqueue.buffering.max.ms=5\n\
                enable.auto.offset.store=false\n";
    let all = accepted("producer", text);
    assert!(all.rows[0].scenario.setting.producers[0].config.idempotence);
    let warnings = of_weight(&all.notices, Weight::Warning);
    assert_eq!(warnings.len(), 7);
    assert_eq!(
        warnings[0],
        "2: a producer ignores `sasl.mechanisms`: it is a name of librdkafka; the Java client's name is \
         `sasl.mechanism`"
    );
    assert_eq!(
        warnings[2],
        "4: a producer ignores `session.timeout.ms`: it is a key of a consumer"
    );
    assert!(warnings[3].ends_with("the Java client's name is `acks`"), "{}", warnings[3]);
    assert!(warnings[4].ends_with("the Java client's name is `retries`"), "{}", warnings[4]);
    assert!(warnings[6].ends_with("it is a name of librdkafka"), "{}", warnings[6]);
    let options = Options { client: Client::Librdkafka, ..Options::default() };
    match read("producer", text, &options) {
        Err(Failure::NotModelled(gaps)) => assert_eq!(gaps.0[0].what, "librdkafka"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn silent_changes_duplicates_and_unknown_keys() {
    let text = "acks=1\nretires=3\nacks = 0\nmin.insync.replicas=2\nauto.include.jmx.reporter=true\n\
                made.up=1\nschema.registry.url=http://x\nfetch.min.bytes=1\n";
    let all = accepted("producer", text);
    let config = &all.rows[0].scenario.setting.producers[0].config;
    assert_eq!((config.acks, config.idempotence), (Acks::None, false));
    assert_eq!(
        of_weight(&all.notices, Weight::Warning),
        [
            "2: a producer ignores `retires`: unknown to Kafka; the nearest key is `retries`",
            "3: `acks` is given again; the last one counts",
            "4: a producer ignores `min.insync.replicas`: it is a key of a topic",
            "5: `auto.include.jmx.reporter` is gone in Kafka 4.3, which ignores it",
            "6: a producer ignores `made.up`: unknown to Kafka",
            "8: a producer ignores `fetch.min.bytes`: it is a key of a consumer",
            "3: Kafka sets enable.idempotence=false because of acks: idempotence is on by default only, \
             and is dropped in silence",
        ]
    );
    let notes = of_weight(&all.notices, Weight::Note);
    assert_eq!(
        notes[0],
        "these have no bearing on delivery: read by plug-ins: schema.registry.url"
    );
    let older = Options { kafka: Kafka::V3_9, ..Options::default() };
    let all = read("producer", "auto.include.jmx.reporter=true\n", &older).expect("right");
    assert_eq!(
        of_weight(&all.notices, Weight::Warning),
        ["1: `auto.include.jmx.reporter` is deprecated since Kafka 3.9 or before"]
    );
}

#[test]
fn kafkas_refusals_have_file_and_line() {
    assert_eq!(
        told("producer", "# c\nacks=1\nenable.idempotence=true\nretries=0\n"),
        [
            "2:1 Kafka refuses this: `acks`: the idempotent producer needs acks=all",
            "4:1 Kafka refuses this: `retries`: the idempotent producer needs retries above 0",
        ]
    );
    assert_eq!(
        told("producer", "linger.ms=5ms\n"),
        ["1:11 `linger.ms` cannot be the text \"5ms\""]
    );
    assert_eq!(
        told("consumer", "group.id=g\nauto.offset.reset = smallest\n"),
        ["2:21 `auto.offset.reset` cannot be the text \"smallest\""]
    );
    assert_eq!(
        told("consumer", "session.timeout.ms=3000\n"),
        [
            "1:1 Kafka refuses this: `heartbeat.interval.ms`: it must be below session.timeout.ms = 3000"
        ]
    );
    assert_eq!(
        told("topic", "retention.mss=1\n"),
        ["1:1 Kafka refuses this: `retention.mss` is no key of a topic in Kafka 4.3"]
    );
    assert_eq!(
        told("topic", "partitions=none\n"),
        ["1:12 `partitions` cannot be the text \"none\""]
    );
    assert_eq!(
        told("server", "log.retention.ms=0\n"),
        ["1:1 Kafka refuses this: `log.retention.ms`: it must be -1, for ever, or at least 1"]
    );
    assert_eq!(told("producer", "a=\\u00zz\n"), ["1:3 malformed \\u in a properties file"]);
    assert_eq!(told("producer", " \n\n"), ["- this file is empty"]);
}

#[test]
fn shapes_that_the_file_forbids_have_no_row() {
    let text = "group.id=g\nenable.auto.commit=false\nmax.poll.records=3\n";
    let all = accepted("consumer", text);
    assert_eq!(shapes(&all), ["before", "after", "with-result"]);
    assert_eq!(all.rows[0].scenario.setting.apps[0].config.max_poll_records, 3);
    let notes = of_weight(&all.notices, Weight::Note);
    assert!(notes.iter().any(|note| note.starts_with("enable.auto.commit is off")), "{notes:?}");
    let auto = Options { shape: Some(CommitOrder::Auto), ..Options::default() };
    match read("consumer", text, &auto) {
        Err(Failure::Invalid(errors)) => {
            assert!(matches!(errors.0[0].kind, ProblemKind::Contradiction(_)));
            assert_eq!(errors.0[0].position.map(|at| at.line), Some(2));
        }
        other => panic!("{other:?}"),
    }
    let after = Options { shape: Some(CommitOrder::AfterProcessing), ..Options::default() };
    assert_eq!(shapes(&read("consumer", text, &after).expect("right")), ["after"]);
    // Asked for a shape, there is an application even without a file of a consumer.
    assert_eq!(shapes(&read("producer", "acks=all\n", &after).expect("right")), ["after"]);
}

#[test]
fn options_are_kept() {
    let faults = FaultSetting { total: 1, kinds: vec![("disconnect".to_owned(), 1)] };
    let options = Options {
        kafka: Kafka::V3_9,
        faults: Some(faults.clone()),
        effect: Some(EffectKind::RemoteCall),
        shape: Some(CommitOrder::BeforeProcessing),
        ..Options::default()
    };
    let all = read("consumer", "group.id=g\n", &options).expect("right");
    let setting = &all.rows[0].scenario.setting;
    assert_eq!(setting.faults, faults);
    assert_eq!(setting.protocol.kafka, Kafka::V3_9);
    assert_eq!(setting.apps[0].effect, EffectKind::RemoteCall);
    assert_eq!(setting.apps[0].commit, CommitOrder::BeforeProcessing);
    // The defaults are those of the version: no lingering before 4.0.
    assert_eq!(setting.producers[0].config.linger_ms, 0);
}

#[test]
fn the_brokers_defaults_reach_the_topic_and_yield_to_its_own() {
    let server = "log.retention.hours=2\nlog.retention.minutes=3\nlog.cleanup.policy=delete\n\
                  message.max.bytes=5000\nmin.insync.replicas=1\n";
    let topic = "max.message.bytes=6000\npartitions=2\n";
    let texts = Texts {
        topic: Some(Named { path: "t", text: topic }),
        server: Some(Named { path: "s", text: server }),
        ..Texts::default()
    };
    let all = from_texts(&texts, &Options::default()).expect("right");
    let setting = &all.rows[0].scenario.setting;
    let config = &setting.protocol.topics[0];
    assert_eq!((config.retention_ms, config.max_message_bytes), (180_000, 6000));
    assert_eq!(setting.topics[0].partitions, 2);
}

#[test]
fn several_replicas_are_not_modelled_wherever_they_are_asked_for() {
    for (side, text, what) in [
        ("topic", "replication.factor=3\n", "replication.factor"),
        ("topic", "min.insync.replicas=2\n", "min.insync.replicas"),
        ("server", "default.replication.factor=3\n", "default.replication.factor"),
        ("server", "a=b\nmin.insync.replicas=2\n", "min.insync.replicas"),
        ("producer", "transactional.id=t\n", "transactional.id"),
        ("topic", "cleanup.policy=compact\n", "cleanup.policy"),
    ] {
        match read(side, text, &Options::default()) {
            Err(Failure::NotModelled(gaps)) => {
                assert_eq!(gaps.0[0].what, what);
                let line = text.lines().count();
                assert_eq!(gaps.0[0].position.map(|at| at.line), Some(line), "{gaps}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_unreadable_file_is_named() {
    let files = Files {
        producer: Some("no/such/file.properties".into()),
        consumer: Some(env!("CARGO_MANIFEST_DIR").into()),
        ..Files::default()
    };
    match from_properties(&files, &Options::default()) {
        Err(Failure::Invalid(errors)) => {
            let kinds: Vec<_> = errors.0.into_iter().map(|problem| problem.kind).collect();
            assert_eq!(kinds, [ProblemKind::NotFound, ProblemKind::Directory]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn latin_1_is_read_as_java_reads_it() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("latin-1.properties");
    std::fs::write(&path, b"group.id=caf\xe9\nenable.auto.commit=false\n").expect("written");
    let all = right(&Files { consumer: Some(path), ..Files::default() });
    assert_eq!(all.rows[0].scenario.setting.groups, ["café"]);
}

#[test]
fn what_is_kept_is_a_scenario() {
    let files = Files {
        producer: data("ureplicator-producer.properties"),
        consumer: data("ureplicator-consumer.properties"),
        ..Files::default()
    };
    for row in right(&files).rows {
        let text = scenario::write(&row.scenario);
        let read =
            scenario::parse(&text, "kept.toml").unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(read.setting, row.scenario.setting, "{text}");
        assert_eq!(of_weight(&read.notices, Weight::Warning), [""; 0]);
    }
}
