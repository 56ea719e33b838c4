//! Scenario files that are right: what they mean.

use brokerproof::protocol::config::{Acks, AutoOffsetReset};
use brokerproof::protocol::variant::Kafka;
use brokerproof::record::{GroupId, TopicName};
use brokerproof::scenario::{
    self, Claim, ExpectedGuarantee, ExpectedLevel, Scenario, Tier, Weight,
};
use brokerproof::world::setting::{
    CommitEvery, CommitOrder, EffectKind, OnCommitFailure, OnFatal, OnProcessingError,
    OnSendFailure, Remember,
};

fn parse(text: &str) -> Scenario {
    scenario::parse(text, "models/example.toml").unwrap_or_else(|failure| panic!("{failure}"))
}

const EXAMPLE: &str = r#"# Commit after processing: nothing is lost, but a crash between the effect and the commit repeats it.
format = 1
kafka  = "4.3"
tier   = "quick"

[topic.orders]
partitions = 1
replication.factor = 1

[source.till]
records  = 2
remember = "after-ack"

[producer.shop]
source = "till"
topic  = "orders"
enable.idempotence = true

[app.billing]
group.id = "billing"
topics   = ["orders"]
enable.auto.commit = false
commit   = "after-processing"
effect   = "remote-call"

[faults]                       # one budget; healing is never limited
classes = ["consumer"]
total   = 2

[[expect]]
level     = "at-least-once"
breaks_at = { at-most = 1 }
reachable = "repeated-effect"
"#;

#[test]
fn the_example_of_the_design() {
    let scenario = parse(EXAMPLE);
    assert_eq!(scenario.name, "example");
    assert!(scenario.title.starts_with("Commit after processing: nothing is lost"));
    assert_eq!(scenario.tier, Tier::Quick);
    assert_eq!(scenario.notices, []);
    let setting = &scenario.setting;
    assert_eq!(setting.protocol.kafka, Kafka::V4_3);
    assert_eq!((setting.topics[0].name.as_str(), setting.topics[0].partitions), ("orders", 1));
    let source = &setting.sources[0];
    assert_eq!((source.records, source.keys, source.remember), (2, 0, Remember::AfterAck));
    let producer = &setting.producers[0];
    assert_eq!((producer.source, producer.topic), (0, TopicName(0)));
    assert!(producer.config.idempotence);
    assert_eq!(producer.config.acks, Acks::All);
    assert_eq!(producer.batch_records, 1);
    assert_eq!(producer.on_send_failure, OnSendFailure::GiveUp);
    assert_eq!(producer.on_fatal, OnFatal::Restart);
    let app = &setting.apps[0];
    assert_eq!((app.group, app.topics.as_slice()), (GroupId(0), [TopicName(0)].as_slice()));
    assert!(!app.config.enable_auto_commit);
    assert_eq!(app.config.max_poll_records, 1);
    assert_eq!(app.commit, CommitOrder::AfterProcessing);
    assert_eq!(app.commit_every, CommitEvery::Poll);
    assert!(app.commit_sync);
    assert_eq!(app.effect, EffectKind::RemoteCall);
    assert_eq!(app.on_processing_error, OnProcessingError::Retry);
    assert_eq!(app.on_commit_failure, OnCommitFailure::TryAgain);
    assert_eq!(setting.groups, ["billing"]);
    assert_eq!(setting.faults.total, 2);
    assert!(setting.faults.kinds.contains(&("crash-consumer".to_owned(), 2)));
    assert!(setting.faults.kinds.iter().all(|(kind, _)| kind != "crash-broker"));
    let expectation = &scenario.expectations[0];
    assert_eq!(expectation.line, 30);
    assert_eq!(
        expectation.claims,
        [
            Claim::Level(ExpectedLevel::AtLeastOnce),
            Claim::BreaksAt(ExpectedGuarantee::AtMost, 1),
            Claim::Reachable("repeated-effect".to_owned()),
        ]
    );
}

/// A model of one producer and one application, with lines for each and for the faults.
fn model(source: &str, producer: &str, app: &str, faults: &str) -> Scenario {
    parse(&format!(
        "format = 1\n[topic.t]\n[source.s]\n{source}\n[producer.p]\n{producer}\n\
         [app.a]\ngroup.id = \"g\"\n{app}\n[faults]\n{faults}\n"
    ))
}

#[test]
fn a_retry_with_acks_1_has_no_idempotence() {
    let scenario = model("", "acks = 1\nretries = 3", "", "kinds = { disconnect = 1 }");
    let config = &scenario.setting.producers[0].config;
    assert_eq!((config.acks, config.retries, config.idempotence), (Acks::Leader, 3, false));
    assert_eq!(scenario.setting.faults.kinds, [("disconnect".to_owned(), 1)]);
    let warning = &scenario.notices[0];
    assert_eq!(warning.weight, Weight::Warning);
    assert_eq!(warning.position.map(|at| (at.line, at.column)), Some((6, 1)));
    assert!(warning.text.contains("enable.idempotence=false"), "{}", warning.text);
}

#[test]
fn idempotence_can_be_asked_for() {
    let scenario = model("", "acks = \"all\"\nenable.idempotence = true", "", "total = 1");
    let config = &scenario.setting.producers[0].config;
    assert_eq!((config.acks, config.idempotence), (Acks::All, true));
    assert_eq!(scenario.notices, []);
    assert_eq!(scenario.setting.faults.total, 1);
    assert!(scenario.setting.faults.kinds.iter().all(|(_, most)| *most == 1));
}

#[test]
fn commits_come_before_or_after() {
    for (word, order) in [
        ("before-processing", CommitOrder::BeforeProcessing),
        ("after-processing", CommitOrder::AfterProcessing),
    ] {
        let app = format!("enable.auto.commit = false\ncommit = \"{word}\"");
        let scenario = model("", "", &app, "");
        assert_eq!(scenario.setting.apps[0].commit, order);
    }
    let app = "enable.auto.commit = false\ncommit.order = \"before-processing\"\n\
               commit.every = \"record\"\ncommit.sync = false\nauto.offset.reset = \"earliest\"\n\
               max.poll.records = 2";
    let app = model("", "", app, "").setting.apps.remove(0);
    assert_eq!(app.commit, CommitOrder::BeforeProcessing);
    assert_eq!(app.commit_every, CommitEvery::Record);
    assert!(!app.commit_sync);
    assert_eq!(app.config.auto_offset_reset, AutoOffsetReset::Earliest);
    assert_eq!(app.config.max_poll_records, 2);
}

#[test]
fn sources_remember() {
    for (word, remember) in [
        ("before-send", Remember::BeforeSend),
        ("after-send", Remember::AfterSend),
        ("after-ack", Remember::AfterAck),
        ("never", Remember::Never),
    ] {
        let scenario = model(&format!("remember = \"{word}\""), "", "", "");
        assert_eq!(scenario.setting.sources[0].remember, remember);
    }
}

#[test]
fn keys_are_the_same_however_they_are_written() {
    let ways = [
        "enable.idempotence = false",
        "enable = { idempotence = false }",
        "\"enable.idempotence\" = false",
        "enable.'idempotence' = \"False\"",
        "[producer.p.enable]\nidempotence = \"false\"",
    ];
    for way in ways {
        assert!(!model("", way, "", "").setting.producers[0].config.idempotence, "{way}");
    }
}
