//! A scenario that is written reads back the same.

use std::path::{Path, PathBuf};

use brokerproof::dedup::list::{STRATEGIES, Strategy as Row};
use brokerproof::dedup::model::Rule;
use brokerproof::dedup::{Kind, Memory};
use brokerproof::fault::FAULTS;
use brokerproof::guarantee::Anomaly;
use brokerproof::protocol::Protocol;
use brokerproof::protocol::config::{
    Acks, AutoOffsetReset, BrokerConfig, ConsumerConfig, ConsumerKind, ProducerConfig, TopicConfig,
};
use brokerproof::protocol::safeguard::{Safeguard, SafeguardSet};
use brokerproof::protocol::variant::{Kafka, VARIANTS, Variants};
use brokerproof::record::{GroupId, TopicName};
use brokerproof::scenario::vocabulary as words;
use brokerproof::scenario::{
    self, Claim, Expectation, GUARANTEES, LEVELS, Limits, Scenario, TIERS,
};
use brokerproof::world::setting::{
    AppSetting, CommitOrder, DedupSetting, EffectKind, FaultSetting, Identity, ProducerSetting,
    Setting, SourceSetting, TopicSetting,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

fn word<T: Copy + std::fmt::Debug + 'static>(words: words::Words<T>) -> impl Strategy<Value = T> {
    select(words).prop_map(|(_, value)| value)
}

/// Names of tables, also such that need quotes.
fn name() -> impl Strategy<Value = String> {
    "[a-z][a-zA-Z0-9._-]{0,7}"
}

/// Groups may have any name, but Kafka cuts off blanks around it.
fn groups(count: usize) -> impl Strategy<Value = Vec<String>> {
    let group = "[a-zA-Z0-9._ \"\\\\é\u{1}=#']{1,8}"
        .prop_map(|name: String| name.trim_matches(|c: char| c <= ' ').to_owned());
    let group = group.prop_filter("empty", |name| !name.is_empty());
    proptest::collection::btree_set(group, count).prop_map(|names| names.into_iter().collect())
}

fn names(count: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(name(), count).prop_map(|names| names.into_iter().collect())
}

fn producer_config() -> impl Strategy<Value = ProducerConfig> {
    let ms = || prop_oneof![Just(0_u64), Just(5), 1..1_000_000_u64];
    (
        select(&[Acks::None, Acks::Leader, Acks::All][..]),
        any::<bool>(),
        prop_oneof![Just(0_u32), Just(i32::MAX as u32), 1..100_u32],
        1..8_u32,
        ((ms(), ms(), ms(), ms(), ms()), (ms(), ms(), ms(), ms())),
    )
        .prop_map(|(acks, idempotence, retries, max_in_flight, (times, backoffs))| {
            let (linger_ms, request_timeout_ms, retry_backoff_ms, more, max_block_ms) = times;
            // What Kafka refuses or changes is no setting.
            let idempotence = idempotence && acks == Acks::All && retries > 0 && max_in_flight <= 5;
            ProducerConfig {
                acks,
                retries,
                max_in_flight,
                idempotence,
                linger_ms,
                request_timeout_ms,
                retry_backoff_ms,
                delivery_timeout_ms: linger_ms + request_timeout_ms + more,
                max_block_ms,
                retry_backoff_max_ms: backoffs.0,
                reconnect_backoff_ms: backoffs.1,
                reconnect_backoff_max_ms: backoffs.2,
                metadata_max_age_ms: backoffs.3,
            }
        })
}

fn consumer_config() -> impl Strategy<Value = ConsumerConfig> {
    let ms = || 1..1_000_000_u64;
    (
        select(&[AutoOffsetReset::Earliest, AutoOffsetReset::Latest, AutoOffsetReset::None][..]),
        (any::<bool>(), any::<bool>()),
        prop_oneof![Just(1_u32), Just(500), 1..9_u32],
        (ms(), ms(), ms(), ms(), prop_oneof![Just(0_u64), Just(2_999), Just(3_000), ms()]),
        (ms(), ms(), ms(), ms(), ms(), ms()),
    )
        .prop_map(
            |(auto_offset_reset, (auto, read_committed), max_poll_records, times, backoffs)| {
                ConsumerConfig {
                    kind: ConsumerKind::Classic,
                    auto_offset_reset,
                    enable_auto_commit: auto,
                    auto_commit_interval_ms: times.0,
                    read_committed,
                    max_poll_records,
                    request_timeout_ms: times.1,
                    max_poll_interval_ms: times.2,
                    session_timeout_ms: times.4,
                    default_api_timeout_ms: times.3,
                    retry_backoff_ms: backoffs.0,
                    retry_backoff_max_ms: backoffs.1,
                    reconnect_backoff_ms: backoffs.2,
                    reconnect_backoff_max_ms: backoffs.3,
                    metadata_max_age_ms: backoffs.4,
                    fetch_max_wait_ms: backoffs.5,
                    fetch_max_bytes: backoffs.4 as u32,
                    max_partition_fetch_bytes: backoffs.0 as u32,
                }
            },
        )
}

fn topic_config() -> impl Strategy<Value = TopicConfig> {
    let ms = || prop_oneof![Just(i64::MAX), 0..1_000_000_i64];
    (
        any::<bool>(),
        (1..4_u32, 0..=1000_u32, any::<bool>()),
        (ms(), ms(), ms(), ms(), ms()),
        (1_048_576..1_u64 << 30, 0..1_u64 << 30, 0..9000_u64),
        prop_oneof![Just(u64::MAX), 1..100_u64],
        option::of(0..3_599_999_i64),
    )
        .prop_map(|(delete, small, times, sizes, flush_messages, after)| TopicConfig {
            replication_factor: 1,
            min_insync_replicas: small.0,
            cleanup_compact: false,
            cleanup_delete: delete,
            retention_ms: times.0 - 1,
            retention_bytes: times.1 - 1,
            segment_ms: times.2.max(1),
            segment_bytes: sizes.0,
            max_message_bytes: sizes.1,
            min_compaction_lag_ms: times.3,
            delete_retention_ms: times.4,
            min_cleanable_dirty_ratio: small.1,
            flush_messages,
            index_interval_bytes: sizes.2,
            max_compaction_lag_ms: times.3.max(1),
            log_append_time: small.2,
            message_timestamp_before_max_ms: times.1,
            message_timestamp_after_max_ms: after,
        })
}

fn broker_config() -> impl Strategy<Value = BrokerConfig> {
    let default = Just(BrokerConfig::default());
    let other =
        (any::<bool>(), vec(1..1_000_000_i64, 11)).prop_map(|(verification, n)| BrokerConfig {
            transaction_partition_verification: verification,
            producer_id_expiration_ms: n[0],
            producer_id_expiration_check_interval_ms: n[1],
            offsets_retention_ms: n[2] * 60_000,
            offsets_retention_check_interval_ms: n[3],
            offset_metadata_max_bytes: n[4] as u32,
            log_retention_check_interval_ms: n[5],
            log_initial_task_delay_ms: n[6],
            log_cleaner_backoff_ms: n[7],
            log_flush_start_offset_checkpoint_interval_ms: n[8],
            log_flush_offset_checkpoint_interval_ms: n[9],
            replica_high_watermark_checkpoint_interval_ms: n[10],
        });
    prop_oneof![default, other]
}

/// So many sources, each with its producer.
fn producing(
    count: usize,
    topics: u16,
) -> impl Strategy<Value = Vec<(SourceSetting, ProducerSetting)>> {
    let one = (
        (1..1000_u32, 0..4_u32, word(words::REMEMBER)),
        (0..topics, producer_config(), 1..4_u32),
        (word(words::ON_SEND_FAILURE), word(words::ON_FATAL)),
    );
    (names(count), vec(one, count)).prop_map(|(names, all)| {
        let mut pairs = Vec::new();
        for (index, (name, (source, producer, policies))) in names.into_iter().zip(all).enumerate()
        {
            let (records, keys, remember) = source;
            let (topic, config, batch_records) = producer;
            let source = SourceSetting { name: name.clone(), records, keys, remember };
            let producer = ProducerSetting {
                name,
                source: index,
                topic: TopicName(topic),
                config,
                batch_records,
                on_send_failure: policies.0,
                on_fatal: policies.1,
            };
            pairs.push((source, producer));
        }
        pairs
    })
}

/// A strategy in one of its kinds of memory.
fn dedup() -> impl Strategy<Value = DedupSetting> {
    let usable =
        |row: &&Row| row.overtaken_by == 0 && !matches!(row.rule, Rule::Nothing | Rule::Offsets);
    let kinds = |row: &'static Row| row.kinds.iter().map(move |&kind| (row, kind));
    let pairs: Vec<(&'static Row, Kind)> =
        STRATEGIES.iter().filter(usable).flat_map(kinds).collect();
    (select(pairs), 1..9_u64, word(words::DEDUP_ID)).prop_map(|((row, kind), every, identity)| {
        let memory = match kind.order() {
            Some(order) => Memory::Durable { order },
            None if kind == Kind::Snapshot => Memory::Snapshot { every },
            None => Memory::Volatile,
        };
        let keys = matches!(row.rule, Rule::Keys { .. } | Rule::Cache);
        let identity = if keys { identity } else { Identity::Stamped };
        DedupSetting { strategy: row.name, rule: row.rule, memory, identity }
    })
}

fn app(index: u16, topics: u16) -> impl Strategy<Value = AppSetting> {
    let all: Vec<u16> = (0..topics).collect();
    (
        (name(), consumer_config(), subsequence(all, 1..=usize::from(topics))),
        (any::<bool>(), any::<bool>(), word(words::COMMIT), word(words::COMMIT_EVERY)),
        (word(words::EFFECT), word(words::ON_PROCESSING_ERROR), word(words::ON_COMMIT_FAILURE)),
        option::of(dedup()),
    )
        .prop_map(move |((name, mut config, topics), commit, policies, dedup)| {
            let order = commit.2;
            if matches!(order, CommitOrder::Auto | CommitOrder::AutoHandOff) {
                config.enable_auto_commit = true;
            }
            let with_result = order == CommitOrder::WithResult;
            let in_store = dedup.is_some_and(|dedup| dedup.memory.kind() == Kind::DurableWith);
            AppSetting {
                name: format!("{name}{index}"),
                group: GroupId(index),
                subscribe: commit.0,
                topics: topics.into_iter().map(TopicName).collect(),
                config,
                commit_sync: commit.1,
                commit: order,
                commit_every: commit.3,
                effect: match policies.0 {
                    _ if with_result || in_store => EffectKind::Store,
                    // What is sent on has a test of its own.
                    EffectKind::Topic => EffectKind::Local,
                    effect => effect,
                },
                dedup: dedup.filter(|_| order != CommitOrder::AutoHandOff),
                on_processing_error: policies.1,
                on_commit_failure: policies.2,
                output: None,
                own: None,
                instances: 1,
            }
        })
}

fn faults() -> impl Strategy<Value = FaultSetting> {
    let all: Vec<&str> = FAULTS.iter().map(|fault| fault.name()).collect();
    let count = all.len();
    (0..4_u32, subsequence(all, 0..=count), vec(0..5_u32, count), any::<bool>()).prop_map(
        |(total, kinds, caps, full)| FaultSetting {
            total,
            kinds: kinds
                .into_iter()
                .zip(caps)
                .map(|(kind, cap)| (kind.to_owned(), if full { total } else { cap.min(total) }))
                .collect(),
        },
    )
}

fn safeguards() -> impl Strategy<Value = SafeguardSet> {
    subsequence(Safeguard::ALL.to_vec(), 0..3).prop_map(|all| {
        let mut set = SafeguardSet::default();
        all.into_iter().for_each(|safeguard| set.insert(safeguard));
        set
    })
}

fn setting() -> impl Strategy<Value = Setting> {
    (1..4_u16, 1..3_usize, 0..3_u16).prop_flat_map(|(topics, producers, apps)| {
        let apps: Vec<_> = (0..apps).map(|index| app(index, topics)).collect();
        (
            ((select(Kafka::ALL), variants()), safeguards(), broker_config(), faults()),
            (names(usize::from(topics)), vec((1..5_u16, topic_config()), usize::from(topics))),
            producing(producers, topics),
            (apps, groups(3)),
        )
            .prop_map(
                |(
                    ((kafka, variants), ablated, broker, faults),
                    (names, configs),
                    producing,
                    apps,
                )| {
                    let (sources, producers) = producing.into_iter().unzip();
                    let topics = names.into_iter().zip(&configs);
                    let topic = |(name, (partitions, _)): (String, &(u16, TopicConfig))| {
                        TopicSetting { name, partitions: *partitions }
                    };
                    let (apps, groups) = apps;
                    Setting {
                        topics: topics.map(topic).collect(),
                        protocol: Protocol {
                            kafka,
                            variants,
                            ablated,
                            broker,
                            topics: configs.into_iter().map(|(_, config)| config).collect(),
                        },
                        groups: groups.into_iter().take(apps.len()).collect(),
                        sources,
                        producers,
                        apps,
                        faults,
                        watched: SafeguardSet::default(),
                    }
                },
            )
    })
}

/// A design for each variant.
fn variants() -> impl Strategy<Value = Variants> {
    vec(any::<Index>(), VARIANTS.len()).prop_map(|choices| {
        let mut variants = Variants::default();
        for (variant, choice) in VARIANTS.iter().zip(choices) {
            let (word, _) = choice.get(variant.words);
            assert!(variants.choose(variant.key, word), "{} has no {word}", variant.key);
        }
        variants
    })
}

/// Claims in the order in which a file is read.
fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let guarantees: Vec<_> = GUARANTEES.iter().map(|(_, guarantee)| *guarantee).collect();
    let anomalies: Vec<String> = Anomaly::ALL.iter().map(|a| a.name().to_owned()).collect();
    (
        word(LEVELS),
        subsequence(guarantees.clone(), 0..4),
        subsequence(guarantees, 0..4),
        subsequence(anomalies.clone(), 0..2),
        subsequence(anomalies, 0..3),
        (any::<bool>(), 0..5_u32),
    )
        .prop_map(|(level, holds, breaks, anomalies, reachable, (value, faults))| {
            let mut claims = vec![Claim::Level(level)];
            claims.extend(holds.into_iter().map(|guarantee| Claim::Holds(guarantee, value)));
            claims.extend(breaks.into_iter().map(|guarantee| Claim::BreaksAt(guarantee, faults)));
            claims.extend(anomalies.into_iter().map(Claim::Anomaly));
            claims.extend(reachable.into_iter().map(Claim::Reachable));
            claims
        })
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let limits = (option::of(1..1000_u64), option::of(1..1000_u32));
    (setting(), vec(claims(), 0..3), limits, word(TIERS), "([A-Za-z,;: ]{0,30}[a-z.])?").prop_map(
        |(setting, claims, (states, depth), tier, title)| {
            let app = setting.apps.first().map(|app| app.name.clone());
            let expectation = |claims| Expectation { line: 0, app: app.clone(), claims };
            Scenario {
                name: "written".to_owned(),
                path: "written.toml".to_owned(),
                title: title.trim().to_owned(),
                expectations: claims.into_iter().map(expectation).collect(),
                setting,
                tier,
                limits: Limits { states, depth },
                notices: Vec::new(),
            }
        },
    )
}

/// Without what is no part of the meaning: lines and remarks.
fn meaning(mut scenario: Scenario) -> Scenario {
    scenario.notices.clear();
    for expectation in &mut scenario.expectations {
        expectation.line = 0;
    }
    scenario
}

proptest! {
    #[test]
    fn what_is_written_reads_back(scenario in scenario()) {
        let text = scenario::write(&scenario);
        let read = scenario::parse(&text, "written.toml")
            .unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        prop_assert_eq!(&meaning(read.clone()), &scenario, "{}", text);
        prop_assert_eq!(scenario::write(&read), text);
    }
}

fn models(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            models(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn every_bundled_model_reads_back() {
    let mut found = Vec::new();
    models(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models"), &mut found);
    assert!(!found.is_empty());
    for path in found {
        let scenario = scenario::load(&path).unwrap_or_else(|failure| panic!("{failure}"));
        let text = scenario::write(&scenario);
        let read = scenario::parse(&text, &path.display().to_string())
            .unwrap_or_else(|failure| panic!("{failure}\n{text}"));
        assert_eq!(meaning(read), meaning(scenario), "{text}");
    }
}

#[test]
fn what_an_application_sends_on_is_written_and_reads_back() {
    let text = "format = 1\n[topic.a]\n[topic.b]\n[topic.rejected]\n[source.s]\n[producer.p]\ntopic = \"a\"\n\
                [app.first]\ngroup.id = \"g\"\ntopics = [\"a\"]\nenable.auto.commit = false\n\
                commit = \"after-processing\"\neffect = \"topic\"\non-processing-error = \"dead-letter\"\n\
                output.topic = \"b\"\noutput.dead-letter = \"rejected\"\noutput.wait = false\n\
                output.batch.records = 3\noutput.on-send-failure = \"send-again\"\noutput.on-fatal = \"stop\"\n\
                output.acks = \"1\"\noutput.enable.idempotence = false\n";
    let scenario =
        scenario::parse(text, "written.toml").unwrap_or_else(|failure| panic!("{failure}"));
    let output = scenario.setting.apps[0].output.clone().expect("an output");
    assert_eq!(output.topics().count(), 2);
    assert_eq!((output.wait, output.batch_records), (false, 3));
    let written = scenario::write(&scenario);
    let again =
        scenario::parse(&written, "written.toml").unwrap_or_else(|f| panic!("{f}\n{written}"));
    assert_eq!(again.setting, scenario.setting, "{written}");
}
