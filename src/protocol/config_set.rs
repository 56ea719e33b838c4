//! From Kafka's own setting names to the fields of [`BrokerConfig`] and [`TopicConfig`]: one table each.
//!
//! A setting that cannot change what the modelled parts answer is listed as irrelevant, by name; any
//! other is unknown. Knows nothing of files. Sources: `TopicConfig.java`, `LogConfig.java`,
//! `ServerLogConfigs.java`, `ServerTopicConfigSynonyms.java`, `GroupCoordinatorConfig.java`.

use crate::protocol::config::{BrokerConfig, TopicConfig};
use crate::record::Timestamp;

/// What became of a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applied {
    /// It is a field now.
    Set,
    /// It has no bearing on what is modelled.
    Irrelevant,
}

/// Why a setting was not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// No such setting is modelled.
    Unknown,
    /// The value is not of the setting's kind.
    Invalid {
        /// What must stand there.
        expected: &'static str,
    },
}

type Setter<C> = fn(&mut C, &str) -> Result<(), ConfigError>;

fn number<T: TryFrom<i64>>(
    value: &str,
    least: i64,
    expected: &'static str,
) -> Result<T, ConfigError> {
    let number = value.trim().parse::<i64>().ok().filter(|number| *number >= least);
    number.and_then(|n| T::try_from(n).ok()).ok_or(ConfigError::Invalid { expected })
}

fn positive<T: TryFrom<i64>>(value: &str) -> Result<T, ConfigError> {
    number(value, 1, "a number from 1")
}

fn natural<T: TryFrom<i64>>(value: &str) -> Result<T, ConfigError> {
    number(value, 0, "a number from 0")
}

/// -1 stands for no limit.
fn limit(value: &str) -> Result<i64, ConfigError> {
    number(value, -1, "a number from -1")
}

fn flag(value: &str) -> Result<bool, ConfigError> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ConfigError::Invalid { expected: "true or false" }),
    }
}

/// A decimal from 0 to 1 in thousandths; further digits are dropped.
fn thousandths(value: &str) -> Result<u32, ConfigError> {
    let invalid = ConfigError::Invalid { expected: "a decimal from 0 to 1" };
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return Err(invalid);
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().unwrap_or(u32::MAX) };
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths = whole.saturating_mul(1000).saturating_add(padded.parse().unwrap_or(0));
    if thousandths <= 1000 { Ok(thousandths) } else { Err(invalid) }
}

fn cleanup_policy(config: &mut TopicConfig, value: &str) -> Result<(), ConfigError> {
    let mut compact = false;
    let mut delete = false;
    for policy in value.split(',').map(str::trim).filter(|policy| !policy.is_empty()) {
        match policy {
            "compact" => compact = true,
            "delete" => delete = true,
            _ => {
                return Err(ConfigError::Invalid { expected: "compact, delete or compact,delete" });
            }
        }
    }
    config.cleanup_compact = compact;
    config.cleanup_delete = delete;
    Ok(())
}

fn timestamp_type(config: &mut TopicConfig, value: &str) -> Result<(), ConfigError> {
    config.log_append_time = match value.trim() {
        "CreateTime" => false,
        "LogAppendTime" => true,
        _ => return Err(ConfigError::Invalid { expected: "CreateTime or LogAppendTime" }),
    };
    Ok(())
}

/// Settings of a topic.
const TOPIC: &[(&str, Setter<TopicConfig>)] = &[
    ("cleanup.policy", cleanup_policy),
    ("delete.retention.ms", |c, v| natural(v).map(|n| c.delete_retention_ms = n)),
    ("flush.messages", |c, v| positive(v).map(|n| c.flush_messages = n)),
    ("index.interval.bytes", |c, v| natural(v).map(|n| c.index_interval_bytes = n)),
    ("max.compaction.lag.ms", |c, v| positive(v).map(|n| c.max_compaction_lag_ms = n)),
    ("max.message.bytes", |c, v| natural(v).map(|n| c.max_message_bytes = n)),
    ("message.timestamp.after.max.ms", |c, v| {
        natural(v).map(|n| c.message_timestamp_after_max_ms = Some(n))
    }),
    ("message.timestamp.before.max.ms", |c, v| {
        natural(v).map(|n| c.message_timestamp_before_max_ms = n)
    }),
    ("message.timestamp.type", timestamp_type),
    ("min.cleanable.dirty.ratio", |c, v| thousandths(v).map(|n| c.min_cleanable_dirty_ratio = n)),
    ("min.compaction.lag.ms", |c, v| natural(v).map(|n| c.min_compaction_lag_ms = n)),
    ("min.insync.replicas", |c, v| positive(v).map(|n| c.min_insync_replicas = n)),
    ("retention.bytes", |c, v| limit(v).map(|n| c.retention_bytes = n)),
    ("retention.ms", |c, v| limit(v).map(|n| c.retention_ms = n)),
    ("segment.bytes", |c, v| positive(v).map(|n| c.segment_bytes = n)),
    ("segment.ms", |c, v| positive(v).map(|n| c.segment_ms = n)),
];

/// Settings of a topic without bearing on what a model answers.
const IRRELEVANT_TOPIC: &[&str] = &[
    "file.delete.delay.ms",
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "preallocate",
    "unclean.leader.election.enable",
];

/// Settings of a broker.
const BROKER: &[(&str, Setter<BrokerConfig>)] = &[
    ("log.cleaner.backoff.ms", |c, v| natural(v).map(|n| c.log_cleaner_backoff_ms = n)),
    ("log.flush.offset.checkpoint.interval.ms", |c, v| {
        natural(v).map(|n| c.log_flush_offset_checkpoint_interval_ms = n)
    }),
    ("log.flush.start.offset.checkpoint.interval.ms", |c, v| {
        natural(v).map(|n| c.log_flush_start_offset_checkpoint_interval_ms = n)
    }),
    ("log.initial.task.delay.ms", |c, v| natural(v).map(|n| c.log_initial_task_delay_ms = n)),
    ("log.retention.check.interval.ms", |c, v| {
        positive(v).map(|n| c.log_retention_check_interval_ms = n)
    }),
    ("offset.metadata.max.bytes", |c, v| natural(v).map(|n| c.offset_metadata_max_bytes = n)),
    ("offsets.retention.check.interval.ms", |c, v| {
        positive(v).map(|n| c.offsets_retention_check_interval_ms = n)
    }),
    ("offsets.retention.minutes", |c, v| {
        positive::<i32>(v).map(|n| c.offsets_retention_ms = Timestamp::from(n) * 60_000)
    }),
    ("producer.id.expiration.check.interval.ms", |c, v| {
        positive(v).map(|n| c.producer_id_expiration_check_interval_ms = n)
    }),
    ("producer.id.expiration.ms", |c, v| positive(v).map(|n| c.producer_id_expiration_ms = n)),
    ("replica.high.watermark.checkpoint.interval.ms", |c, v| {
        positive(v).map(|n| c.replica_high_watermark_checkpoint_interval_ms = n)
    }),
    ("transaction.partition.verification.enable", |c, v| {
        flag(v).map(|f| c.transaction_partition_verification = f)
    }),
];

/// Settings of a broker without bearing on the logs and committed offsets of one broker: membership of
/// groups, replication, elections, coordinators of transactions, threads and buffers.
const IRRELEVANT_BROKER: &[&str] = &[
    "auto.create.topics.enable",
    "auto.leader.rebalance.enable",
    "background.threads",
    "broker.heartbeat.interval.ms",
    "broker.session.timeout.ms",
    "controlled.shutdown.enable",
    "controlled.shutdown.retry.backoff.ms",
    "group.consumer.assignment.interval.ms",
    "group.consumer.assignor.offload.enable",
    "group.consumer.heartbeat.interval.ms",
    "group.consumer.max.heartbeat.interval.ms",
    "group.consumer.max.session.timeout.ms",
    "group.consumer.min.heartbeat.interval.ms",
    "group.consumer.min.session.timeout.ms",
    "group.consumer.session.timeout.ms",
    "group.initial.rebalance.delay.ms",
    "group.max.session.timeout.ms",
    "group.min.session.timeout.ms",
    "group.share.assignment.interval.ms",
    "group.share.assignor.offload.enable",
    "group.share.min.heartbeat.interval.ms",
    "group.share.min.record.lock.duration.ms",
    "group.share.min.session.timeout.ms",
    "log.cleaner.dedupe.buffer.size",
    "log.cleaner.threads",
    "log.segment.delete.delay.ms",
    "num.io.threads",
    "num.network.threads",
    "num.recovery.threads.per.data.dir",
    "offsets.topic.num.partitions",
    "offsets.topic.replication.factor",
    "replica.fetch.backoff.ms",
    "replica.fetch.wait.max.ms",
    "replica.lag.time.max.ms",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms",
    "transaction.max.timeout.ms",
    "transaction.remove.expired.transaction.cleanup.interval.ms",
    "transaction.state.log.min.isr",
    "transaction.state.log.num.partitions",
    "transaction.state.log.replication.factor",
    "transactional.id.expiration.ms",
    "unclean.leader.election.interval.ms",
];

/// Settings of a broker that are the defaults of its topics' settings: the broker's name, the topic's,
/// and the unit of the one in the other. Of several for one setting the last one wins, as in Kafka.
const TOPIC_DEFAULTS: &[(&str, &str, i64)] = &[
    ("log.cleaner.delete.retention.ms", "delete.retention.ms", 1),
    ("log.cleaner.max.compaction.lag.ms", "max.compaction.lag.ms", 1),
    ("log.cleaner.min.cleanable.ratio", "min.cleanable.dirty.ratio", 1),
    ("log.cleaner.min.compaction.lag.ms", "min.compaction.lag.ms", 1),
    ("log.cleanup.policy", "cleanup.policy", 1),
    ("log.flush.interval.messages", "flush.messages", 1),
    ("log.index.interval.bytes", "index.interval.bytes", 1),
    ("log.message.timestamp.after.max.ms", "message.timestamp.after.max.ms", 1),
    ("log.message.timestamp.before.max.ms", "message.timestamp.before.max.ms", 1),
    ("log.message.timestamp.type", "message.timestamp.type", 1),
    ("log.retention.bytes", "retention.bytes", 1),
    ("log.retention.hours", "retention.ms", 3_600_000),
    ("log.retention.minutes", "retention.ms", 60_000),
    ("log.retention.ms", "retention.ms", 1),
    ("log.roll.hours", "segment.ms", 3_600_000),
    ("log.roll.ms", "segment.ms", 1),
    ("log.segment.bytes", "segment.bytes", 1),
    ("message.max.bytes", "max.message.bytes", 1),
    ("min.insync.replicas", "min.insync.replicas", 1),
];

fn apply<C>(
    rows: &[(&str, Setter<C>)],
    irrelevant: &[&str],
    config: &mut C,
    key: &str,
    value: &str,
) -> Result<Applied, ConfigError> {
    if let Ok(row) = rows.binary_search_by(|(name, _)| (*name).cmp(key)) {
        rows[row].1(config, value)?;
        return Ok(Applied::Set);
    }
    match irrelevant.binary_search(&key) {
        Ok(_) => Ok(Applied::Irrelevant),
        Err(_) => Err(ConfigError::Unknown),
    }
}

impl TopicConfig {
    /// Sets a topic's setting by Kafka's name for it.
    ///
    /// # Errors
    /// An unknown setting, or a value that is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<Applied, ConfigError> {
        apply(TOPIC, IRRELEVANT_TOPIC, self, key, value)
    }

    /// The settings of a topic that sets nothing itself, on a broker with these settings (name and
    /// value each). Settings of the broker that are no default of a topic's are passed over.
    ///
    /// # Errors
    /// The name of the broker's setting whose value is not of its kind.
    pub fn on_broker<'s>(
        settings: impl Iterator<Item = (&'s str, &'s str)> + Clone,
    ) -> Result<TopicConfig, (&'static str, ConfigError)> {
        let mut config = TopicConfig::default();
        for (broker_key, topic_key, unit) in TOPIC_DEFAULTS {
            let Some((_, value)) = settings.clone().find(|(key, _)| key == broker_key) else {
                continue;
            };
            // A limit of -1 hours is no limit either.
            let scaled = match value.trim().parse::<i64>() {
                Ok(number) if number >= 0 => number.saturating_mul(*unit).to_string(),
                _ => value.to_owned(),
            };
            config.set(topic_key, &scaled).map_err(|error| (*broker_key, error))?;
        }
        Ok(config)
    }

    /// Names of all topic settings that can be given.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        TOPIC.iter().map(|(key, _)| *key).chain(IRRELEVANT_TOPIC.iter().copied())
    }
}

impl BrokerConfig {
    /// Sets a broker's setting by Kafka's name for it. Defaults of topics count as known; they take
    /// effect through [`TopicConfig::on_broker`].
    ///
    /// # Errors
    /// An unknown setting, or a value that is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<Applied, ConfigError> {
        if TOPIC_DEFAULTS.iter().any(|(name, _, _)| *name == key) {
            return Ok(Applied::Set);
        }
        apply(BROKER, IRRELEVANT_BROKER, self, key, value)
    }

    /// Names of all broker settings that can be given.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        let own = BROKER.iter().map(|(key, _)| *key);
        let defaults = TOPIC_DEFAULTS.iter().map(|(key, _, _)| *key);
        own.chain(defaults).chain(IRRELEVANT_BROKER.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order() {
        assert!(TOPIC.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(BROKER.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(IRRELEVANT_TOPIC.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(IRRELEVANT_BROKER.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn values_are_read_as_kafka_reads_them() {
        let mut topic = TopicConfig::default();
        assert_eq!(topic.set("retention.ms", "-1"), Ok(Applied::Set));
        assert_eq!(topic.retention_ms, -1);
        assert_eq!(topic.set("min.cleanable.dirty.ratio", "0.01"), Ok(Applied::Set));
        assert_eq!(topic.min_cleanable_dirty_ratio, 10);
        assert_eq!(topic.set("cleanup.policy", "compact,delete"), Ok(Applied::Set));
        assert!(topic.cleanup_compact && topic.cleanup_delete);
        let invalid = ConfigError::Invalid { expected: "a number from -1" };
        assert_eq!(topic.set("retention.ms", "-2"), Err(invalid));
        assert_eq!(topic.set("retention.msx", "1"), Err(ConfigError::Unknown));
        let mut broker = BrokerConfig::default();
        assert_eq!(broker.set("offsets.retention.minutes", "1"), Ok(Applied::Set));
        assert_eq!(broker.offsets_retention_ms, 60_000);
        let irrelevant = broker.set("group.min.session.timeout.ms", "100");
        assert_eq!(irrelevant, Ok(Applied::Irrelevant));
    }

    #[test]
    fn the_finer_unit_wins() {
        let settings = [("log.retention.ms", "5"), ("log.retention.hours", "1")];
        let config = TopicConfig::on_broker(settings.into_iter()).unwrap();
        assert_eq!(config.retention_ms, 5);
        let hours = TopicConfig::on_broker([("log.roll.hours", "2")].into_iter()).unwrap();
        assert_eq!(hours.segment_ms, 7_200_000);
    }
}
