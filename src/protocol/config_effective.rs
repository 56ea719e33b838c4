//! The keys of one component with their effective values, and the settings that the roles read from
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::config::{
    Acks, AutoOffsetReset, BrokerConfig, ConsumerConfig, ConsumerKind, ProducerConfig, TopicConfig,
};
use crate::protocol::config_keys::{KeyInfo, Side, TOPIC_SYNONYMS};
use crate::protocol::config_value::{ConfigValue, ValueError};
use crate::protocol::variant::Kafka;

/// The keys of one component with their effective values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    pub(super) side: Side,
    pub(super) kafka: Kafka,
    /// What is not the default.
    pub(super) values: BTreeMap<&'static str, ConfigValue>,
    pub(super) given: BTreeSet<&'static str>,
}

impl Effective {
    /// The defaults of a preset.
    pub fn defaults(side: Side, kafka: Kafka) -> Effective {
        Effective { side, kafka, values: BTreeMap::new(), given: BTreeSet::new() }
    }

    /// Sets a key as a file says. Keys that the preset does not have are not taken, as Kafka
    /// ignores them.
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

    /// Another default than Kafka's, for what a program sets itself.
    #[must_use]
    pub fn assuming(mut self, name: &str, text: &str) -> Effective {
        if let Some(key) = self.side.key(name)
            && let Ok(value) = key.parse(self.kafka, text)
        {
            self.values.insert(key.name, value);
        }
        self
    }

    /// Whether a file gave it.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Whose keys they are.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The version whose defaults and rules hold.
    pub fn kafka(&self) -> Kafka {
        self.kafka
    }

    /// A whole number; 0 for a key of another type.
    pub fn number(&self, name: &str) -> i64 {
        match self.value(name) {
            ConfigValue::Number(number) => number,
            _ => 0,
        }
    }

    /// A whole number that is not negative.
    pub fn unsigned(&self, name: &str) -> u64 {
        u64::try_from(self.number(name)).unwrap_or(0)
    }

    /// A truth value; false for a key of another type.
    pub fn boolean(&self, name: &str) -> bool {
        self.value(name) == ConfigValue::Boolean(true)
    }

    /// A text, unless it is null.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(ConfigValue::Text(text)) => Some(text),
            Some(_) => None,
            None => self.key(name)?.default_in(self.kafka),
        }
    }

    /// The value of a key; null of one that the preset does not have.
    pub fn value(&self, name: &str) -> ConfigValue {
        let default = || self.key(name).map(|key| key.default_value(self.kafka));
        self.values.get(name).cloned().or_else(default).unwrap_or(ConfigValue::Null)
    }

    fn key(&self, name: &str) -> Option<&'static KeyInfo> {
        self.side.key(name).filter(|key| key.is_in(self.kafka))
    }

    pub(super) fn acks(&self) -> Acks {
        match self.text("acks") {
            Some("0") => Acks::None,
            Some("1") => Acks::Leader,
            _ => Acks::All,
        }
    }

    pub(super) fn kind(&self) -> ConsumerKind {
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
            matches!(self.value("cleanup.policy"),
                ConfigValue::List(policies) if policies.iter().any(|p| p == policy))
        };
        let ratio = match self.value("min.cleanable.dirty.ratio") {
            ConfigValue::Thousandths(ratio) => u32::try_from(ratio).unwrap_or(0),
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
            index_interval_bytes: self.unsigned("index.interval.bytes"),
            max_compaction_lag_ms: self.number("max.compaction.lag.ms"),
            log_append_time: self.text("message.timestamp.type") == Some("LogAppendTime"),
            message_timestamp_before_max_ms: self.number("message.timestamp.before.max.ms"),
            message_timestamp_after_max_ms: self.unless_default("message.timestamp.after.max.ms"),
        }
    }

    /// A number, unless it is what the preset has by itself.
    fn unless_default(&self, name: &str) -> Option<i64> {
        let default = self.side.key(name)?.default_value(self.kafka);
        let number = self.number(name);
        (default != ConfigValue::Number(number)).then_some(number)
    }

    /// The defaults of the topics of this broker.
    pub fn topic_defaults(&self) -> Effective {
        let mut topic = Effective::defaults(Side::Topic, self.kafka);
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for synonym in TOPIC_SYNONYMS {
            let Some(key) = Side::Topic.key(synonym.topic).filter(|key| key.is_in(self.kafka))
            else {
                continue;
            };
            if !self.is_given(synonym.broker) || !done.insert(synonym.topic) {
                continue;
            }
            let value = match self.values.get(synonym.broker) {
                Some(ConfigValue::Number(number)) if key.name == "retention.ms" && *number < 0 => {
                    ConfigValue::Number(-1)
                }
                Some(ConfigValue::Number(number)) => {
                    ConfigValue::Number(number.saturating_mul(synonym.factor))
                }
                Some(value) => value.clone(),
                None => continue,
            };
            topic.values.insert(key.name, value);
        }
        topic
    }

    /// The settings of a broker.
    pub fn broker(&self) -> BrokerConfig {
        let minutes = self.number("offsets.retention.minutes");
        BrokerConfig {
            transaction_partition_verification: self
                .boolean("transaction.partition.verification.enable"),
            producer_id_expiration_ms: self.number("producer.id.expiration.ms"),
            producer_id_expiration_check_interval_ms: self
                .number("producer.id.expiration.check.interval.ms"),
            offsets_retention_ms: minutes.saturating_mul(60_000),
            offsets_retention_check_interval_ms: self.number("offsets.retention.check.interval.ms"),
            offset_metadata_max_bytes: u32::try_from(self.number("offset.metadata.max.bytes"))
                .unwrap_or(0),
            log_retention_check_interval_ms: self.number("log.retention.check.interval.ms"),
            log_initial_task_delay_ms: self.number("log.initial.task.delay.ms"),
            log_cleaner_backoff_ms: self.number("log.cleaner.backoff.ms"),
            log_flush_start_offset_checkpoint_interval_ms: self
                .number("log.flush.start.offset.checkpoint.interval.ms"),
            log_flush_offset_checkpoint_interval_ms: self
                .number("log.flush.offset.checkpoint.interval.ms"),
            replica_high_watermark_checkpoint_interval_ms: self
                .number("replica.high.watermark.checkpoint.interval.ms"),
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
