//! Effective settings back as keys of Kafka's: those whose value is not the preset's default.

use super::defaults;
use super::write::text;
use crate::protocol::config::{BrokerConfig, ConsumerConfig, ProducerConfig, TopicConfig};
use crate::protocol::config_effective::Effective;
use crate::protocol::config_fields::{
    BROKER_FIELDS, CONSUMER_FIELDS, Field, PRODUCER_FIELDS, TOPIC_FIELDS,
};
use crate::protocol::config_keys::Side;
use crate::protocol::config_value::ConfigValue;
use crate::protocol::variant::Kafka;

/// Keys with their values, in TOML.
type Keys = Vec<(&'static str, String)>;

/// The keys whose value differs between a setting and the default.
fn differing<C>(setting: &C, default: &C, fields: &[Field<C>]) -> Keys {
    let mut keys = Vec::new();
    for field in fields {
        let value = (field.get)(setting);
        if value != (field.get)(default) {
            keys.push((field.key, toml(&value)));
        }
    }
    keys
}

fn toml(value: &ConfigValue) -> String {
    match value {
        ConfigValue::Null => text(""),
        ConfigValue::Boolean(value) => value.to_string(),
        ConfigValue::Number(number) => number.to_string(),
        ConfigValue::Thousandths(ratio) => format!("{}.{:03}", ratio / 1000, ratio % 1000),
        ConfigValue::Text(value) => text(value),
        ConfigValue::List(values) => text(&values.join(",")),
    }
}

pub(super) fn producer_keys(config: &ProducerConfig, kafka: Kafka) -> Keys {
    let default = Effective::defaults(Side::Producer, kafka).producer();
    differing(config, &default, PRODUCER_FIELDS)
}

pub(super) fn consumer_keys(config: &ConsumerConfig, kafka: Kafka) -> Keys {
    let kafkas = Effective::defaults(Side::Consumer, kafka);
    let default =
        ConsumerConfig { max_poll_records: defaults::MAX_POLL_RECORDS, ..kafkas.consumer() };
    let mut keys = differing(config, &default, CONSUMER_FIELDS);
    // A session must be longer than the time between two heartbeats, which no setting has.
    if config.session_timeout_ms <= kafkas.unsigned("heartbeat.interval.ms") {
        let heartbeat = i64::try_from(config.session_timeout_ms).unwrap_or(i64::MAX) - 1;
        keys.push(("heartbeat.interval.ms", heartbeat.to_string()));
    }
    keys
}

pub(super) fn topic_keys(config: &TopicConfig, kafka: Kafka) -> Keys {
    let default = Effective::defaults(Side::Topic, kafka).topic(config.replication_factor);
    differing(config, &default, TOPIC_FIELDS)
}

pub(super) fn broker_keys(config: &BrokerConfig, kafka: Kafka) -> Keys {
    differing(config, &Effective::defaults(Side::Broker, kafka).broker(), BROKER_FIELDS)
}
