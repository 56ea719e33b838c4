//! Sets the fields of [`BrokerConfig`] and [`TopicConfig`] by Kafka's own names, one at a time.
//!
//! A setting that cannot change what the modelled parts answer is listed as irrelevant, by name; any
//! other that is no field is unknown. Knows nothing of files. Fields, values and defaults of topics are
//! those of the tables of keys.

use crate::protocol::config::{BrokerConfig, TopicConfig};
use crate::protocol::config_fields::{BROKER_FIELDS, Field, TOPIC_FIELDS};
use crate::protocol::config_keys::{KeyInfo, Side, Synonym, TOPIC_SYNONYMS};
use crate::protocol::config_value::ConfigValue;
use crate::protocol::variant::Kafka;

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
    /// The value is none that any version of Kafka takes.
    Invalid {
        /// What must stand there.
        expected: String,
    },
}

/// Settings of a topic without bearing on what a model answers.
const IRRELEVANT_TOPIC: &[&str] = &[
    "file.delete.delay.ms",
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "preallocate",
    "unclean.leader.election.enable",
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

/// A value as the newest version that takes it reads it.
fn parse(key: &KeyInfo, value: &str) -> Result<ConfigValue, ConfigError> {
    let mut refused = None;
    for kafka in Kafka::ALL.iter().rev() {
        match key.parse(*kafka, value) {
            Ok(value) => return Ok(value),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    let expected = refused.map_or_else(String::new, |error| error.expected().to_owned());
    Err(ConfigError::Invalid { expected })
}

fn apply<C>(
    side: Side,
    fields: &[Field<C>],
    irrelevant: &[&str],
    config: &mut C,
    name: &str,
    value: &str,
) -> Result<Applied, ConfigError> {
    if irrelevant.contains(&name) {
        return Ok(Applied::Irrelevant);
    }
    let field = fields.iter().find(|field| field.key == name);
    let (Some(field), Some(key)) = (field, side.key(name)) else {
        return Err(ConfigError::Unknown);
    };
    (field.set)(config, &parse(key, value)?);
    Ok(Applied::Set)
}

/// The synonyms whose topic setting is a field.
fn topic_defaults() -> impl Iterator<Item = &'static Synonym> {
    TOPIC_SYNONYMS.iter().filter(|s| TOPIC_FIELDS.iter().any(|field| field.key == s.topic))
}

impl TopicConfig {
    /// Sets a topic's setting by Kafka's name for it.
    ///
    /// # Errors
    /// An unknown setting, or a value that is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<Applied, ConfigError> {
        apply(Side::Topic, TOPIC_FIELDS, IRRELEVANT_TOPIC, self, key, value)
    }

    /// The settings of a topic that sets nothing itself, on a broker with these settings (name and
    /// value each). Settings of the broker that are no default of a topic's are passed over; of
    /// several for one setting that in the smallest unit counts, as in Kafka.
    ///
    /// # Errors
    /// The name of the broker's setting whose value is not of its kind.
    pub fn on_broker<'s>(
        settings: impl Iterator<Item = (&'s str, &'s str)> + Clone,
    ) -> Result<TopicConfig, (&'static str, ConfigError)> {
        let mut config = TopicConfig::default();
        let mut done: Vec<&str> = Vec::new();
        for synonym in topic_defaults() {
            let given = settings.clone().find(|(key, _)| *key == synonym.broker);
            let (Some((_, value)), Some(key)) = (given, Side::Broker.key(synonym.broker)) else {
                continue;
            };
            let value = parse(key, value).map_err(|error| (synonym.broker, error))?;
            let field = TOPIC_FIELDS.iter().find(|field| field.key == synonym.topic);
            if let (Some(field), false) = (field, done.contains(&synonym.topic)) {
                (field.set)(&mut config, &synonym.converted(value));
                done.push(synonym.topic);
            }
        }
        Ok(config)
    }

    /// Names of all topic settings that can be given.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        TOPIC_FIELDS.iter().map(|field| field.key).chain(IRRELEVANT_TOPIC.iter().copied())
    }
}

impl BrokerConfig {
    /// Sets a broker's setting by Kafka's name for it. Defaults of topics count as known; they take
    /// effect through [`TopicConfig::on_broker`].
    ///
    /// # Errors
    /// An unknown setting, or a value that is not of its kind.
    pub fn set(&mut self, key: &str, value: &str) -> Result<Applied, ConfigError> {
        if topic_defaults().any(|synonym| synonym.broker == key) {
            return Ok(Applied::Set);
        }
        apply(Side::Broker, BROKER_FIELDS, IRRELEVANT_BROKER, self, key, value)
    }

    /// Names of all broker settings that can be given.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        let own = BROKER_FIELDS.iter().map(|field| field.key);
        let defaults = topic_defaults().map(|synonym| synonym.broker);
        own.chain(defaults).chain(IRRELEVANT_BROKER.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_irrelevant_is_no_field() {
        assert!(TOPIC_FIELDS.iter().all(|field| !IRRELEVANT_TOPIC.contains(&field.key)));
        assert!(BROKER_FIELDS.iter().all(|field| !IRRELEVANT_BROKER.contains(&field.key)));
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
        // Versions before 4.0 took segments as small as this.
        assert_eq!(topic.set("segment.bytes", "14"), Ok(Applied::Set));
        let invalid = ConfigError::Invalid { expected: "a whole number of at least -1".to_owned() };
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
        let never = TopicConfig::on_broker([("log.retention.hours", "-1")].into_iter()).unwrap();
        assert_eq!(never.retention_ms, -1);
    }
}
