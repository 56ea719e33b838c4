//! A scenario as a TOML file, which reads back as the same setting.
//!
//! What a reader looks for first is always written; the rest only where it is not the default.

use std::fmt::Write;

use super::defaults;
use super::expect::{Claim, Expectation, GUARANTEES, LEVELS};
use super::read::FORMAT;
use super::vocabulary::{
    COMMIT, COMMIT_EVERY, DEDUP_ID, EFFECT, ON_COMMIT_FAILURE, ON_FATAL, ON_PROCESSING_ERROR,
    ON_SEND_FAILURE, REMEMBER, word_of,
};
use super::write_keys::{broker_keys, consumer_keys, producer_keys, topic_keys};
use super::{Scenario, TIERS};
use crate::dedup::Memory;
use crate::protocol::config::ProducerConfig;
use crate::protocol::safeguard::Safeguard;
use crate::protocol::variant::{DefaultIdempotence, Variants};
use crate::world::setting::{
    AppSetting, DedupSetting, FaultClass, FaultSetting, Identity, OutputSetting, ProducerSetting,
    Setting,
};

const IDEMPOTENCE: &str = "enable.idempotence";

/// The file of a scenario.
pub fn write(scenario: &Scenario) -> String {
    let mut out = Out::default();
    if !scenario.title.is_empty() {
        out.line(&format!("# {}", scenario.title));
    }
    let setting = &scenario.setting;
    out.key("format", FORMAT.to_string());
    out.key("kafka", text(setting.protocol.kafka.name()));
    out.key("tier", text(word_of(TIERS, &scenario.tier)));
    let ablated = Safeguard::ALL.iter().filter(|s| setting.protocol.ablated.contains(**s));
    let ablated: Vec<String> = ablated.map(|safeguard| text(safeguard.name())).collect();
    out.key_unless("ablate", list(&ablated), ablated.is_empty());
    let today = Variants::default().words();
    let chosen = setting.protocol.variants.words();
    if chosen != today {
        out.header("[variant]");
        for ((key, word), (_, usual)) in chosen.iter().zip(&today) {
            out.key_unless(key, text(word), word == usual);
        }
    }
    let limits =
        [("states", scenario.limits.states), ("depth", scenario.limits.depth.map(u64::from))];
    if limits.iter().any(|(_, limit)| limit.is_some()) {
        out.header("[limits]");
        for (key, limit) in limits {
            out.key_unless(key, limit.unwrap_or_default().to_string(), limit.is_none());
        }
    }
    let server = broker_keys(&setting.protocol.broker, setting.protocol.kafka);
    if !server.is_empty() {
        out.header("[server]");
        out.keys(server);
    }
    out.topics_and_sources(setting);
    for producer in &setting.producers {
        out.producer(setting, producer);
    }
    for app in &setting.apps {
        out.app(setting, app);
    }
    out.faults(&setting.faults);
    for expectation in &scenario.expectations {
        out.expectation(expectation);
    }
    out.text
}

/// A text in quotes, with TOML's escapes.
pub(super) fn text(value: &str) -> String {
    toml::Value::String(value.to_owned()).to_string()
}

fn list(elements: &[String]) -> String {
    format!("[{}]", elements.join(", "))
}

/// A part of a header or an inline table: bare, or in quotes if it must be.
fn name(value: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !value.is_empty() && value.bytes().all(bare) {
        return value.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The keys of a producer; with idempotence said if this version forgets it by default.
fn client_keys(setting: &Setting, config: &ProducerConfig) -> Vec<(&'static str, String)> {
    let mut keys = producer_keys(config, setting.protocol.kafka);
    let forgotten = setting.protocol.variants.default_idempotence == DefaultIdempotence::Forgotten;
    if forgotten && !keys.iter().any(|(key, _)| *key == IDEMPOTENCE) {
        keys.insert(0, (IDEMPOTENCE, config.idempotence.to_string()));
    }
    keys
}

#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn header(&mut self, header: &str) {
        self.text.push('\n');
        self.line(header);
    }

    fn key(&mut self, key: &str, value: String) {
        self.line(&format!("{key} = {value}"));
    }

    fn key_unless(&mut self, key: &str, value: String, default: bool) {
        if !default {
            self.key(key, value);
        }
    }

    fn keys(&mut self, keys: Vec<(&'static str, String)>) {
        for (key, value) in keys {
            self.key(key, value);
        }
    }

    fn topics_and_sources(&mut self, setting: &Setting) {
        let protocol = &setting.protocol;
        for (topic, config) in setting.topics.iter().zip(&protocol.topics) {
            self.header(&format!("[topic.{}]", name(&topic.name)));
            self.key("partitions", topic.partitions.to_string());
            let replicas = config.replication_factor;
            self.key_unless("replication.factor", replicas.to_string(), replicas == 1);
            self.keys(topic_keys(config, protocol.kafka));
        }
        for source in &setting.sources {
            self.header(&format!("[source.{}]", name(&source.name)));
            self.key("records", source.records.to_string());
            self.key_unless("keys", source.keys.to_string(), source.keys == defaults::KEYS);
            self.key("remember", text(word_of(REMEMBER, &source.remember)));
        }
    }

    fn producer(&mut self, setting: &Setting, producer: &ProducerSetting) {
        self.header(&format!("[producer.{}]", name(&producer.name)));
        self.key("source", text(&setting.sources[producer.source].name));
        self.key("topic", text(&setting.topics[usize::from(producer.topic.0)].name));
        let batch = producer.batch_records;
        self.key_unless("batch.records", batch.to_string(), batch == defaults::BATCH_RECORDS);
        self.key_unless(
            "on-send-failure",
            text(word_of(ON_SEND_FAILURE, &producer.on_send_failure)),
            producer.on_send_failure == defaults::ON_SEND_FAILURE,
        );
        self.key_unless(
            "on-fatal",
            text(word_of(ON_FATAL, &producer.on_fatal)),
            producer.on_fatal == defaults::ON_FATAL,
        );
        self.keys(client_keys(setting, &producer.config));
    }

    fn app(&mut self, setting: &Setting, app: &AppSetting) {
        self.header(&format!("[app.{}]", name(&app.name)));
        self.key("group.id", text(&setting.groups[usize::from(app.group.0)]));
        let topic =
            |topic: &crate::record::TopicName| text(&setting.topics[usize::from(topic.0)].name);
        let topics: Vec<String> = app.topics.iter().map(topic).collect();
        self.key("topics", list(&topics));
        self.key_unless(
            "subscribe",
            app.subscribe.to_string(),
            app.subscribe == defaults::SUBSCRIBE,
        );
        let every = app.commit_every == defaults::COMMIT_EVERY;
        let sync = app.commit_sync == defaults::COMMIT_SYNC;
        // TOML does not let `commit` stand beside `commit.every`.
        let key = if every && sync { "commit" } else { "commit.order" };
        self.key(key, text(word_of(COMMIT, &app.commit)));
        self.key_unless("commit.every", text(word_of(COMMIT_EVERY, &app.commit_every)), every);
        self.key_unless("commit.sync", app.commit_sync.to_string(), sync);
        self.key("effect", text(word_of(EFFECT, &app.effect)));
        if let Some(output) = &app.output {
            self.output(setting, output);
        }
        if let Some(dedup) = &app.dedup {
            self.dedup(dedup);
        }
        self.key_unless(
            "on-processing-error",
            text(word_of(ON_PROCESSING_ERROR, &app.on_processing_error)),
            app.on_processing_error == defaults::ON_PROCESSING_ERROR,
        );
        self.key_unless(
            "on-commit-failure",
            text(word_of(ON_COMMIT_FAILURE, &app.on_commit_failure)),
            app.on_commit_failure == defaults::ON_COMMIT_FAILURE,
        );
        let instances = app.instances;
        self.key_unless("instances", instances.to_string(), instances == defaults::INSTANCES);
        self.keys(consumer_keys(&app.config, setting.protocol.kafka));
    }

    fn output(&mut self, setting: &Setting, output: &OutputSetting) {
        for (key, topic) in [("topic", output.topic), ("dead-letter", output.dead_letter)] {
            if let Some(topic) = topic {
                let name = text(&setting.topics[usize::from(topic.0)].name);
                self.key(&format!("output.{key}"), name);
            }
        }
        let batch = output.batch_records;
        let usual = output.wait == defaults::OUTPUT_WAIT;
        self.key_unless("output.wait", output.wait.to_string(), usual);
        let usual = batch == defaults::BATCH_RECORDS;
        self.key_unless("output.batch.records", batch.to_string(), usual);
        let usual = output.on_send_failure == defaults::OUTPUT_ON_SEND_FAILURE;
        let word = text(word_of(ON_SEND_FAILURE, &output.on_send_failure));
        self.key_unless("output.on-send-failure", word, usual);
        let usual = output.on_fatal == defaults::ON_FATAL;
        self.key_unless("output.on-fatal", text(word_of(ON_FATAL, &output.on_fatal)), usual);
        for (key, value) in client_keys(setting, &output.config) {
            self.key(&format!("output.{key}"), value);
        }
    }

    fn dedup(&mut self, dedup: &DedupSetting) {
        self.key("dedup.strategy", text(dedup.strategy));
        self.key("dedup.memory", text(dedup.memory.kind().name()));
        if let Memory::Snapshot { every } = dedup.memory {
            let default = every == u64::from(defaults::SNAPSHOT_EVERY);
            self.key_unless("dedup.snapshot.every", every.to_string(), default);
        }
        let stamped = dedup.identity == Identity::Stamped;
        self.key_unless("dedup.id", text(word_of(DEDUP_ID, &dedup.identity)), stamped);
    }

    /// By classes if they say the same, else each fault with its bound.
    fn faults(&mut self, faults: &FaultSetting) {
        self.header("[faults]");
        let subsets = 0..1u32 << FaultClass::ALL.len();
        let subset = |bits: u32| -> Vec<FaultClass> {
            let classes = FaultClass::ALL.iter().enumerate();
            classes.filter(|(at, _)| bits >> at & 1 == 1).map(|(_, class)| *class).collect()
        };
        // Of several that say the same the largest: every class rather than three that cover the fourth.
        let same =
            |classes: &Vec<FaultClass>| defaults::kinds_of(classes, faults.total) == faults.kinds;
        if let Some(classes) = subsets.rev().map(subset).find(same) {
            let names: Vec<String> = classes.iter().map(|class| text(class.name())).collect();
            self.key("classes", list(&names));
        } else {
            let kind = |(kind, most): &(String, u32)| format!("{} = {most}", name(kind));
            let kinds: Vec<String> = faults.kinds.iter().map(kind).collect();
            self.key("kinds", format!("{{ {} }}", kinds.join(", ")));
        }
        self.key("total", faults.total.to_string());
    }

    fn expectation(&mut self, expectation: &Expectation) {
        self.header("[[expect]]");
        if let Some(app) = &expectation.app {
            self.key("app", text(app));
        }
        let mut breaks_at = Vec::new();
        let (mut anomalies, mut reachable) = (Vec::new(), Vec::new());
        for claim in &expectation.claims {
            match claim {
                Claim::Level(level) => self.key("level", text(word_of(LEVELS, level))),
                Claim::Holds(guarantee, holds) => {
                    self.key(word_of(GUARANTEES, guarantee), holds.to_string());
                }
                Claim::BreaksAt(guarantee, faults) => {
                    breaks_at.push(format!("{} = {faults}", word_of(GUARANTEES, guarantee)));
                }
                Claim::Anomaly(anomaly) => anomalies.push(text(anomaly)),
                Claim::Reachable(pin) => reachable.push(text(pin)),
            }
        }
        self.key_unless(
            "breaks_at",
            format!("{{ {} }}", breaks_at.join(", ")),
            breaks_at.is_empty(),
        );
        self.key_unless("anomaly", list(&anomalies), anomalies.is_empty());
        self.key_unless("reachable", list(&reachable), reachable.is_empty());
    }
}
