//! What a client makes of the keys it is given: defaults, what it changes silently, what it refuses.
//!
//! Sources: `ProducerConfig.java: postProcessAndValidateIdempotenceConfigs`, `KafkaProducer.java:
//! configureDeliveryTimeout`, `ConsumerConfig.java: postProcessParsedConfig`, `Heartbeat.java`. Nothing here knows
//! files or lines: a caller maps the keys back.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::config::{
    Acks, AutoOffsetReset, ConsumerConfig, ConsumerKind, ProducerConfig, TopicConfig,
};
use crate::protocol::config_keys::Side;
use crate::protocol::config_value::{ConfigValue, ValueError};
use crate::protocol::variant::Kafka;

/// The keys of one component with their effective values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    side: Side,
    kafka: Kafka,
    values: BTreeMap<&'static str, ConfigValue>,
    given: BTreeSet<&'static str>,
}

/// A value that Kafka sets otherwise than the file, or the default, says, without an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The key whose value changes.
    pub key: &'static str,
    /// The value that holds.
    pub value: String,
    /// The keys that cause it.
    pub because: Vec<&'static str>,
    /// Why, as a sentence without its end.
    pub reason: String,
}

/// A combination with which the client cannot be constructed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The keys at odds; the first is the one that the exception names.
    pub keys: Vec<&'static str>,
    /// Why, as a sentence without its end.
    pub reason: String,
    /// Kafka's source file that refuses.
    pub source: &'static str,
}

/// What resolution found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// Silent changes, in the order of Kafka's code.
    pub changes: Vec<Change>,
    /// Refusals, in the order of Kafka's code; Kafka shows the first alone.
    pub refusals: Vec<Refusal>,
}

impl Findings {
    fn change(&mut self, key: &'static str, value: String, because: &[&'static str], why: String) {
        self.changes.push(Change { key, value, because: because.to_vec(), reason: why });
    }

    fn refuse(&mut self, keys: &[&'static str], source: &'static str, reason: String) {
        self.refusals.push(Refusal { keys: keys.to_vec(), reason, source });
    }
}

impl Effective {
    /// The defaults of a preset.
    pub fn defaults(side: Side, kafka: Kafka) -> Effective {
        let keys = side.keys().filter(|key| key.is_in(kafka));
        let values = keys.map(|key| (key.name, key.default_value(kafka))).collect();
        Effective { side, kafka, values, given: BTreeSet::new() }
    }

    /// Sets a key as a file says. Keys that the preset does not have are not taken, as Kafka ignores them.
    ///
    /// # Errors
    /// A value that Kafka refuses; the default stays.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), ValueError> {
        let Some(key) = self.side.key(name).filter(|key| key.is_in(self.kafka)) else {
            return Ok(());
        };
        let value = key.parse(self.kafka, text)?;
        self.values.insert(key.name, value);
        self.given.insert(key.name);
        Ok(())
    }

    /// Whether a file gave it.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// The version whose defaults and rules hold.
    pub fn kafka(&self) -> Kafka {
        self.kafka
    }

    /// A whole number; 0 for a key of another type.
    pub fn number(&self, name: &str) -> i64 {
        match self.values.get(name) {
            Some(ConfigValue::Number(number)) => *number,
            _ => 0,
        }
    }

    /// A whole number that is not negative.
    pub fn unsigned(&self, name: &str) -> u64 {
        u64::try_from(self.number(name)).unwrap_or(0)
    }

    /// A truth value; false for a key of another type.
    pub fn boolean(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(ConfigValue::Boolean(true)))
    }

    /// A text, unless it is null.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(ConfigValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The value of a key of the preset.
    pub fn value(&self, name: &str) -> Option<&ConfigValue> {
        self.values.get(name)
    }

    /// Applies the client's own rules (a topic has none), and says what they changed and refused.
    pub fn resolve(&mut self) -> Findings {
        let mut findings = Findings::default();
        match self.side {
            Side::Producer => {
                self.resolve_idempotence(&mut findings);
                self.resolve_delivery_timeout(&mut findings);
            }
            Side::Consumer => self.resolve_consumer(&mut findings),
            Side::Topic => {}
        }
        findings
    }

    fn acks(&self) -> Acks {
        match self.text("acks") {
            Some("0") => Acks::None,
            Some("1") => Acks::Leader,
            _ => Acks::All,
        }
    }

    /// KIP-679: an idempotence that was asked for is refused if another setting contradicts it; one by default is
    /// dropped. Since 4.0 more than five requests in flight are refused in both cases.
    fn resolve_idempotence(&mut self, findings: &mut Findings) {
        const SOURCE: &str = "ProducerConfig.java";
        let asked = self.is_given("enable.idempotence");
        let mut dropped: Vec<&'static str> = Vec::new();
        if self.boolean("enable.idempotence") {
            let in_flight = self.number("max.in.flight.requests.per.connection");
            let contradictions = [
                (
                    "retries",
                    self.number("retries") == 0,
                    "the idempotent producer needs retries above 0".to_owned(),
                ),
                (
                    "acks",
                    self.acks() != Acks::All,
                    "the idempotent producer needs acks=all".to_owned(),
                ),
                (
                    "max.in.flight.requests.per.connection",
                    in_flight > 5,
                    format!("the idempotent producer allows at most 5, not {in_flight}"),
                ),
            ];
            for (key, contradicts, reason) in contradictions {
                let always = key.starts_with("max.in.flight") && self.kafka >= Kafka::V4_1;
                if contradicts && (asked || always) {
                    findings.refuse(&[key, "enable.idempotence"], SOURCE, reason);
                } else if contradicts {
                    dropped.push(key);
                }
            }
        }
        if !dropped.is_empty() {
            self.values.insert("enable.idempotence", ConfigValue::Boolean(false));
            let why = "idempotence is on by default only, and is dropped in silence".to_owned();
            findings.change("enable.idempotence", "false".to_owned(), &dropped, why);
        }
        if self.is_given("transactional.id") && !self.boolean("enable.idempotence") {
            let keys = &["transactional.id", "enable.idempotence"];
            findings.refuse(keys, SOURCE, "transactions need idempotence".to_owned());
        }
        if self.boolean("transaction.two.phase.commit.enable")
            && self.is_given("transaction.timeout.ms")
        {
            let keys = &["transaction.timeout.ms", "transaction.two.phase.commit.enable"];
            let why = "with two-phase commit a transaction has no timeout".to_owned();
            findings.refuse(keys, SOURCE, why);
        }
    }

    /// A delivery timeout below linger and request timeout is refused if given, else raised.
    fn resolve_delivery_timeout(&mut self, findings: &mut Findings) {
        let int_max = i64::from(i32::MAX);
        let linger = self.number("linger.ms").min(int_max);
        let least = (linger + self.number("request.timeout.ms")).min(int_max);
        if self.number("delivery.timeout.ms") >= least {
            return;
        }
        let causes = ["linger.ms", "request.timeout.ms"];
        if self.is_given("delivery.timeout.ms") {
            let keys = &["delivery.timeout.ms", "linger.ms", "request.timeout.ms"];
            let why = format!("it may not be below linger.ms + request.timeout.ms = {least}");
            findings.refuse(keys, "KafkaProducer.java", why);
        } else {
            self.values.insert("delivery.timeout.ms", ConfigValue::Number(least));
            let why = "it may not be below linger.ms + request.timeout.ms".to_owned();
            let because: Vec<&str> = causes.into_iter().filter(|key| self.is_given(key)).collect();
            findings.change("delivery.timeout.ms", least.to_string(), &because, why);
        }
    }

    fn resolve_consumer(&mut self, findings: &mut Findings) {
        if self.text("group.id").is_none() {
            if !self.is_given("enable.auto.commit") {
                self.values.insert("enable.auto.commit", ConfigValue::Boolean(false));
            } else if self.boolean("enable.auto.commit") {
                let keys = &["enable.auto.commit", "group.id"];
                let why = "a consumer without group.id cannot commit".to_owned();
                findings.refuse(keys, "ConsumerConfig.java", why);
            }
        }
        self.refuse_unsupported(findings);
        let classic = self.kind() == ConsumerKind::Classic;
        let session = self.number("session.timeout.ms");
        if classic
            && self.text("group.id").is_some()
            && self.number("heartbeat.interval.ms") >= session
        {
            let keys = &["heartbeat.interval.ms", "session.timeout.ms"];
            let why = format!("it must be below session.timeout.ms = {session}");
            findings.refuse(keys, "Heartbeat.java", why);
        }
    }

    /// `ConsumerConfig.java: checkUnsupportedConfigsPostProcess`; 3.9 knew the assignor alone.
    fn refuse_unsupported(&self, findings: &mut Findings) {
        let (unsupported, protocol): (&[&'static str], _) = match self.kind() {
            ConsumerKind::Classic => (
                &["group.remote.assignor", "share.acknowledgement.mode", "share.acquire.mode"],
                "classic",
            ),
            ConsumerKind::Async if self.kafka >= Kafka::V4_1 => (
                &[
                    "partition.assignment.strategy",
                    "heartbeat.interval.ms",
                    "session.timeout.ms",
                    "share.acknowledgement.mode",
                    "share.acquire.mode",
                ],
                "consumer",
            ),
            ConsumerKind::Async => return,
        };
        for key in unsupported.iter().filter(|key| self.is_given(key)) {
            let why = format!("it may not be given with group.protocol={protocol}");
            findings.refuse(&[key, "group.protocol"], "ConsumerConfig.java", why);
        }
    }

    fn kind(&self) -> ConsumerKind {
        match self.text("group.protocol") {
            Some(name) if name.eq_ignore_ascii_case("consumer") => ConsumerKind::Async,
            _ => ConsumerKind::Classic,
        }
    }

    /// The part that the producer's role reads.
    pub fn producer(&self) -> ProducerConfig {
        ProducerConfig {
            acks: self.acks(),
            retries: u32::try_from(self.number("retries")).unwrap_or(0),
            max_in_flight: u32::try_from(self.number("max.in.flight.requests.per.connection"))
                .unwrap_or(1),
            idempotence: self.boolean("enable.idempotence"),
            linger_ms: self.unsigned("linger.ms"),
            request_timeout_ms: self.unsigned("request.timeout.ms"),
            retry_backoff_ms: self.unsigned("retry.backoff.ms"),
            delivery_timeout_ms: self.unsigned("delivery.timeout.ms"),
            max_block_ms: self.unsigned("max.block.ms"),
        }
    }

    /// The settings of a topic with so many replicas.
    pub fn topic(&self, replication_factor: u16) -> TopicConfig {
        let has = |policy: &str| {
            matches!(self.values.get("cleanup.policy"),
                Some(ConfigValue::List(policies)) if policies.iter().any(|p| p == policy))
        };
        let ratio = match self.values.get("min.cleanable.dirty.ratio") {
            Some(ConfigValue::Thousandths(ratio)) => u32::try_from(*ratio).unwrap_or(0),
            _ => 0,
        };
        TopicConfig {
            replication_factor,
            min_insync_replicas: u32::try_from(self.number("min.insync.replicas")).unwrap_or(1),
            cleanup_compact: has("compact"),
            cleanup_delete: has("delete"),
            retention_ms: self.number("retention.ms"),
            retention_bytes: self.number("retention.bytes"),
            segment_ms: self.number("segment.ms"),
            segment_bytes: self.unsigned("segment.bytes"),
            max_message_bytes: self.unsigned("max.message.bytes"),
            min_compaction_lag_ms: self.number("min.compaction.lag.ms"),
            delete_retention_ms: self.number("delete.retention.ms"),
            min_cleanable_dirty_ratio: ratio,
            flush_messages: match self.unsigned("flush.messages") {
                never if never == i64::MAX as u64 => u64::MAX,
                records => records,
            },
            ..TopicConfig::default()
        }
    }

    /// The part that the consumer's role reads.
    pub fn consumer(&self) -> ConsumerConfig {
        ConsumerConfig {
            kind: self.kind(),
            auto_offset_reset: match self.text("auto.offset.reset") {
                Some("earliest") => AutoOffsetReset::Earliest,
                Some("none") => AutoOffsetReset::None,
                _ => AutoOffsetReset::Latest,
            },
            enable_auto_commit: self.boolean("enable.auto.commit"),
            auto_commit_interval_ms: self.unsigned("auto.commit.interval.ms"),
            read_committed: self.text("isolation.level") == Some("read_committed"),
            max_poll_records: u32::try_from(self.number("max.poll.records")).unwrap_or(1),
            request_timeout_ms: self.unsigned("request.timeout.ms"),
            max_poll_interval_ms: self.unsigned("max.poll.interval.ms"),
            session_timeout_ms: self.unsigned("session.timeout.ms"),
            default_api_timeout_ms: self.unsigned("default.api.timeout.ms"),
        }
    }
}
