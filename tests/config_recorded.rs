//! Our reading of Kafka's keys against recordings of real Kafka (`tests/data/config/README.md`).

use brokerproof::protocol::config::{Acks, AutoOffsetReset};
use brokerproof::protocol::config_effective::Effective;
use brokerproof::protocol::config_keys::{Allowed, KeyInfo, Side, ValueType};
use brokerproof::protocol::variant::Kafka;

const DEFINITIONS: &str = include_str!("data/config/definitions.tsv");
const PRODUCERS: &str = include_str!("data/config/producers.tsv");
const CONSUMERS: &str = include_str!("data/config/consumers.tsv");
const TOPICS: &str = include_str!("data/config/topics.tsv");

fn versions(column: &str) -> Vec<Kafka> {
    column.split(',').map(|name| Kafka::parse(name).expect("a recorded version")).collect()
}

fn side(name: &str) -> Side {
    *Side::ALL.iter().find(|side| side.name() == name).expect("a side")
}

/// Some lists were texts in older versions, and one number was shorter.
fn same_type(ours: ValueType, recorded: &str) -> bool {
    let name = match ours {
        ValueType::Boolean => "BOOLEAN",
        ValueType::Short => "SHORT",
        ValueType::Int => "INT",
        ValueType::Long => "LONG",
        ValueType::Double => "DOUBLE",
        ValueType::Text => "STRING",
        ValueType::List => "LIST",
        ValueType::Class => "CLASS",
        ValueType::Password => "PASSWORD",
    };
    let older = [(ValueType::List, "STRING"), (ValueType::Int, "SHORT")];
    name == recorded || older.contains(&(ours, recorded))
}

fn same_range(key: &KeyInfo, kafka: Kafka, recorded: &str) -> bool {
    let inside = recorded.trim_start_matches("(case insensitive) ");
    let Some(inside) = inside.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return match recorded {
            "non-empty string" => key.allowed_in(kafka) == Allowed::NonEmpty,
            "[1,...,9] or -1" => key.allowed_in(kafka) == Allowed::Between(-1, 9),
            _ => matches!(key.allowed_in(kafka), Allowed::Any | Allowed::Between(-1, _)),
        };
    };
    if let Some((least, most)) = inside.split_once(",...") {
        let most = most.trim_start_matches(',');
        return match key.allowed_in(kafka) {
            Allowed::Between(a, b) => {
                let full = if key.value == ValueType::Int { i64::from(i32::MAX) } else { i64::MAX };
                least.parse() == Ok(a) && (most.parse() == Ok(b) || (most.is_empty() && b >= full))
            }
            Allowed::Within(a, b) => least.parse() == Ok(a) && most.parse() == Ok(b),
            _ => false,
        };
    }
    let words: Vec<&str> = inside.split(", ").collect();
    match key.allowed_in(kafka) {
        Allowed::OneOf(ours) => {
            words == ours || key.name == "group.coordinator.rebalance.protocols"
        }
        Allowed::OneOfOrDuration(ours, prefix) => {
            words.iter().all(|word| ours.contains(word) || word.starts_with(prefix))
        }
        Allowed::AnyCase(ours) => words == ours,
        Allowed::Any => recorded.starts_with("[partitionId]") || recorded.starts_with("[0.8.0, "),
        _ => false,
    }
}

#[test]
fn every_key_is_in_our_tables_as_kafka_defines_it() {
    let mut seen = 0;
    for line in DEFINITIONS.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [side_name, name, value, default, range, recorded] = columns[..] else {
            panic!("not six columns: {line}");
        };
        let key = side(side_name).key(name).unwrap_or_else(|| panic!("{side_name} lacks {name}"));
        for kafka in versions(recorded) {
            seen += 1;
            assert!(key.is_in(kafka), "{name} in {}", kafka.name());
            assert!(same_type(key.value, value), "{name}: {value}");
            // Whether it is a nothing or an empty list makes no difference to us.
            let ours = key.default_in(kafka).unwrap_or("");
            let recorded = if default == "null" { "" } else { default };
            assert!(ours == recorded || receive_buffer(key), "{name}: {ours} is not {recorded}");
            assert!(same_range(key, kafka, range), "{name}: {:?} is not {range}", key.allowed);
        }
    }
    let ours = Side::ALL.iter().flat_map(|side| {
        side.keys().map(|key| Kafka::ALL.iter().filter(|kafka| key.is_in(**kafka)).count())
    });
    assert_eq!(ours.sum::<usize>(), seen, "we have keys that Kafka has not");
}

/// The one key that producers and consumers share with different defaults.
fn receive_buffer(key: &KeyInfo) -> bool {
    key.name == "receive.buffer.bytes"
}

/// What we make of a list of `key=value`: effective settings, or the keys of the first refusal of
/// each kind.
fn resolve(side: Side, kafka: Kafka, given: &str) -> Result<Effective, Vec<String>> {
    let mut effective = Effective::defaults(side, kafka);
    let mut refused: Vec<String> = Vec::new();
    for (name, value) in given.split(';').filter_map(|pair| pair.split_once('=')) {
        if effective.set(name, value).is_err() {
            refused.push(name.to_owned());
        }
        let known = side.key(name).is_some_and(|key| key.is_in(kafka));
        if side == Side::Topic && !known {
            refused.push(name.to_owned());
        }
    }
    let findings = effective.resolve();
    refused.extend(findings.refusals.iter().map(|refusal| refusal.keys[0].to_owned()));
    if refused.is_empty() { Ok(effective) } else { Err(refused) }
}

/// Compares all lines of a recording; returns how many were refused.
fn compare(side: Side, recording: &str, show: fn(&Effective) -> String) -> usize {
    let mut refusals = 0;
    let mut wrong = Vec::new();
    for line in recording.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [given, outcome, recorded] = columns[..] else { panic!("not three columns: {line}") };
        for kafka in versions(recorded) {
            let ours = match (resolve(side, kafka, given), outcome.strip_prefix("refused ")) {
                (Ok(effective), None) => show(&effective),
                (Ok(_), Some(_)) => "accepted".to_owned(),
                (Err(keys), None) => format!("refused {}", keys.join(",")),
                (Err(keys), Some(named)) => {
                    refusals += 1;
                    // Kafka stops at the first; we name them all, and it must be among them.
                    let first = named.split(',').next().unwrap_or_default();
                    let fits = named.is_empty() || keys.iter().any(|key| key == first);
                    if fits { outcome.to_owned() } else { format!("refused {}", keys.join(",")) }
                }
            };
            if ours != outcome {
                wrong.push(format!("{} {given}\n  Kafka {outcome}\n  ours  {ours}", kafka.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    refusals
}

#[test]
fn producers_resolve_as_recorded() {
    let refusals = compare(Side::Producer, PRODUCERS, |effective| {
        let config = effective.producer();
        format!(
            "acks={};retries={};max.in.flight.requests.per.connection={};enable.idempotence={};\
             linger.ms={};request.timeout.ms={};delivery.timeout.ms={}",
            match config.acks {
                Acks::None => 0,
                Acks::Leader => 1,
                Acks::All => -1,
            },
            config.retries,
            config.max_in_flight,
            config.idempotence,
            config.linger_ms,
            config.request_timeout_ms,
            config.delivery_timeout_ms
        )
    });
    assert!(refusals > 100, "{refusals}");
}

#[test]
fn consumers_resolve_as_recorded() {
    let refusals = compare(Side::Consumer, CONSUMERS, |effective| {
        let config = effective.consumer();
        let reset = match config.auto_offset_reset {
            AutoOffsetReset::Earliest => "earliest",
            AutoOffsetReset::Latest => effective.text("auto.offset.reset").unwrap_or(""),
            AutoOffsetReset::None => "none",
        };
        format!(
            "enable.auto.commit={};auto.offset.reset={reset};isolation.level={};\
             max.poll.records={};session.timeout.ms={}",
            config.enable_auto_commit,
            if config.read_committed { "read_committed" } else { "read_uncommitted" },
            config.max_poll_records,
            config.session_timeout_ms
        )
    });
    assert!(refusals > 50, "{refusals}");
}

#[test]
fn topics_are_accepted_as_recorded() {
    assert!(compare(Side::Topic, TOPICS, |_| "accepted".to_owned()) > 20);
}
