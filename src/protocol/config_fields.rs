//! Which field of a setting holds which key of Kafka's: one row each, for reading, writing and setting.

use crate::protocol::config::{
    Acks, AutoOffsetReset, BrokerConfig, ConsumerConfig, ConsumerKind, ProducerConfig, TopicConfig,
};
use crate::protocol::config_value::ConfigValue;

/// A key and its field.
pub struct Field<C: 'static> {
    /// Kafka's name.
    pub key: &'static str,
    /// The field as the key's value.
    pub get: fn(&C) -> ConfigValue,
    /// Sets the field; a value that is not of the key's type is passed over.
    pub set: fn(&mut C, &ConfigValue),
}

macro_rules! number {
    ($key:literal, $field:ident) => {
        Field {
            key: $key,
            get: |c| ConfigValue::Number(i64::try_from(c.$field).unwrap_or(i64::MAX)),
            set: |c, value| {
                if let ConfigValue::Number(number) = value
                    && let Ok(number) = (*number).try_into()
                {
                    c.$field = number;
                }
            },
        }
    };
}

macro_rules! flag {
    ($key:literal, $field:ident) => {
        Field {
            key: $key,
            get: |c| ConfigValue::Boolean(c.$field),
            set: |c, value| {
                if let ConfigValue::Boolean(value) = value {
                    c.$field = *value;
                }
            },
        }
    };
}

/// A field of one of few values, each with its word; the last stands for every other word.
macro_rules! word {
    ($key:literal, $field:ident, $($word:literal = $value:expr),+ $(,)?) => {
        Field {
            key: $key,
            get: |c| {
                let words = [$(($word, $value)),+];
                let word = words.iter().find(|(_, value)| *value == c.$field);
                word.map_or(ConfigValue::Null, |(word, _)| ConfigValue::Text((*word).to_owned()))
            },
            set: |c, value| {
                if let ConfigValue::Text(text) = value {
                    let words = [$(($word, $value)),+];
                    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
                    if let Some((_, value)) = found.or(words.last()) {
                        c.$field = *value;
                    }
                }
            },
        }
    };
}

/// Settings of a producer.
pub const PRODUCER_FIELDS: &[Field<ProducerConfig>] = &[
    word!("acks", acks, "0" = Acks::None, "1" = Acks::Leader, "all" = Acks::All),
    flag!("enable.idempotence", idempotence),
    number!("retries", retries),
    number!("max.in.flight.requests.per.connection", max_in_flight),
    number!("linger.ms", linger_ms),
    number!("request.timeout.ms", request_timeout_ms),
    number!("retry.backoff.ms", retry_backoff_ms),
    number!("retry.backoff.max.ms", retry_backoff_max_ms),
    number!("reconnect.backoff.ms", reconnect_backoff_ms),
    number!("reconnect.backoff.max.ms", reconnect_backoff_max_ms),
    number!("metadata.max.age.ms", metadata_max_age_ms),
    number!("delivery.timeout.ms", delivery_timeout_ms),
    number!("max.block.ms", max_block_ms),
];

/// Settings of a consumer.
pub const CONSUMER_FIELDS: &[Field<ConsumerConfig>] = &[
    word!(
        "group.protocol",
        kind,
        "consumer" = ConsumerKind::Async,
        "classic" = ConsumerKind::Classic,
    ),
    word!(
        "auto.offset.reset",
        auto_offset_reset,
        "earliest" = AutoOffsetReset::Earliest,
        "none" = AutoOffsetReset::None,
        "latest" = AutoOffsetReset::Latest,
    ),
    flag!("enable.auto.commit", enable_auto_commit),
    number!("auto.commit.interval.ms", auto_commit_interval_ms),
    word!("isolation.level", read_committed, "read_committed" = true, "read_uncommitted" = false),
    number!("max.poll.records", max_poll_records),
    number!("request.timeout.ms", request_timeout_ms),
    number!("max.poll.interval.ms", max_poll_interval_ms),
    number!("session.timeout.ms", session_timeout_ms),
    number!("default.api.timeout.ms", default_api_timeout_ms),
    number!("retry.backoff.ms", retry_backoff_ms),
    number!("retry.backoff.max.ms", retry_backoff_max_ms),
    number!("reconnect.backoff.ms", reconnect_backoff_ms),
    number!("reconnect.backoff.max.ms", reconnect_backoff_max_ms),
    number!("metadata.max.age.ms", metadata_max_age_ms),
    number!("fetch.max.wait.ms", fetch_max_wait_ms),
    number!("fetch.max.bytes", fetch_max_bytes),
    number!("max.partition.fetch.bytes", max_partition_fetch_bytes),
];

/// Settings of a topic.
pub const TOPIC_FIELDS: &[Field<TopicConfig>] = &[
    Field {
        key: "cleanup.policy",
        get: |c| {
            let policies = [(c.cleanup_compact, "compact"), (c.cleanup_delete, "delete")];
            let on = policies.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned());
            ConfigValue::List(on.collect())
        },
        set: |c, value| {
            if let ConfigValue::List(policies) = value {
                c.cleanup_compact = policies.iter().any(|policy| policy == "compact");
                c.cleanup_delete = policies.iter().any(|policy| policy == "delete");
            }
        },
    },
    number!("delete.retention.ms", delete_retention_ms),
    Field {
        key: "flush.messages",
        get: |c| ConfigValue::Number(i64::try_from(c.flush_messages).unwrap_or(i64::MAX)),
        set: |c, value| {
            if let ConfigValue::Number(number) = value {
                let never = *number == i64::MAX;
                c.flush_messages =
                    if never { u64::MAX } else { u64::try_from(*number).unwrap_or(0) };
            }
        },
    },
    number!("index.interval.bytes", index_interval_bytes),
    number!("max.compaction.lag.ms", max_compaction_lag_ms),
    number!("max.message.bytes", max_message_bytes),
    Field {
        key: "message.timestamp.after.max.ms",
        get: |c| c.message_timestamp_after_max_ms.map_or(ConfigValue::Null, ConfigValue::Number),
        set: |c, value| {
            if let ConfigValue::Number(number) = value {
                c.message_timestamp_after_max_ms = Some(*number);
            }
        },
    },
    number!("message.timestamp.before.max.ms", message_timestamp_before_max_ms),
    word!("message.timestamp.type", log_append_time, "LogAppendTime" = true, "CreateTime" = false),
    Field {
        key: "min.cleanable.dirty.ratio",
        get: |c| ConfigValue::Thousandths(i64::from(c.min_cleanable_dirty_ratio)),
        set: |c, value| {
            if let ConfigValue::Thousandths(ratio) = value {
                c.min_cleanable_dirty_ratio = u32::try_from(*ratio).unwrap_or(0);
            }
        },
    },
    number!("min.compaction.lag.ms", min_compaction_lag_ms),
    number!("min.insync.replicas", min_insync_replicas),
    number!("retention.bytes", retention_bytes),
    number!("retention.ms", retention_ms),
    number!("segment.bytes", segment_bytes),
    number!("segment.ms", segment_ms),
];

/// Settings of a broker.
pub const BROKER_FIELDS: &[Field<BrokerConfig>] = &[
    number!("log.cleaner.backoff.ms", log_cleaner_backoff_ms),
    number!("log.flush.offset.checkpoint.interval.ms", log_flush_offset_checkpoint_interval_ms),
    number!(
        "log.flush.start.offset.checkpoint.interval.ms",
        log_flush_start_offset_checkpoint_interval_ms
    ),
    number!("log.initial.task.delay.ms", log_initial_task_delay_ms),
    number!("log.retention.check.interval.ms", log_retention_check_interval_ms),
    number!("offset.metadata.max.bytes", offset_metadata_max_bytes),
    number!("offsets.retention.check.interval.ms", offsets_retention_check_interval_ms),
    Field {
        key: "offsets.retention.minutes",
        get: |c| ConfigValue::Number(c.offsets_retention_ms / 60_000),
        set: |c, value| {
            if let ConfigValue::Number(minutes) = value {
                c.offsets_retention_ms = minutes.saturating_mul(60_000);
            }
        },
    },
    number!("producer.id.expiration.check.interval.ms", producer_id_expiration_check_interval_ms),
    number!("producer.id.expiration.ms", producer_id_expiration_ms),
    number!(
        "replica.high.watermark.checkpoint.interval.ms",
        replica_high_watermark_checkpoint_interval_ms
    ),
    flag!("transaction.partition.verification.enable", transaction_partition_verification),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::config_effective::Effective;
    use crate::protocol::config_keys::{Bearing, Side};
    use crate::protocol::variant::Kafka;

    fn keys() -> Vec<(Side, &'static str)> {
        let producer = PRODUCER_FIELDS.iter().map(|field| (Side::Producer, field.key));
        let consumer = CONSUMER_FIELDS.iter().map(|field| (Side::Consumer, field.key));
        let topic = TOPIC_FIELDS.iter().map(|field| (Side::Topic, field.key));
        let broker = BROKER_FIELDS.iter().map(|field| (Side::Broker, field.key));
        producer.chain(consumer).chain(topic).chain(broker).collect()
    }

    #[test]
    fn every_field_is_a_key_of_every_preset() {
        for (side, name) in keys() {
            let key = side.key(name).unwrap_or_else(|| panic!("{name}"));
            assert!(Kafka::ALL.iter().all(|kafka| key.is_in(*kafka)), "{name}");
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_newest_preset() {
        let newest = |side| Effective::defaults(side, Kafka::default());
        assert_eq!(newest(Side::Producer).producer(), ProducerConfig::default());
        assert_eq!(newest(Side::Consumer).consumer(), ConsumerConfig::default());
        assert_eq!(newest(Side::Topic).topic(1), TopicConfig::default());
        assert_eq!(newest(Side::Broker).broker(), BrokerConfig::default());
    }

    #[test]
    fn what_is_set_can_be_got() {
        fn check<C: Default>(fields: &[Field<C>], side: Side) {
            for field in fields {
                let key = side.key(field.key).expect("a key");
                for text in ["1", "7", "true", "false", "0", "0.25", "none", "compact", "all"] {
                    let Ok(value) = key.parse(Kafka::V3_9, text) else { continue };
                    let mut config = C::default();
                    (field.set)(&mut config, &value);
                    assert_eq!((field.get)(&config), value, "{}={text}", field.key);
                }
            }
        }
        check(PRODUCER_FIELDS, Side::Producer);
        check(CONSUMER_FIELDS, Side::Consumer);
        check(TOPIC_FIELDS, Side::Topic);
        check(BROKER_FIELDS, Side::Broker);
    }

    /// Keys that decide delivery and are no field: each is looked at elsewhere.
    #[test]
    fn no_key_that_decides_delivery_is_forgotten() {
        let elsewhere = [
            // Not modelled when asked for.
            "transactional.id",
            "transaction.two.phase.commit.enable",
            "default.replication.factor",
            // The name of the group.
            "group.id",
            // Cleaning is not modelled, so neither is its absence.
            "log.cleaner.enable",
            // Former, and without effect beside its successors.
            "message.timestamp.difference.max.ms",
            "log.message.timestamp.difference.max.ms",
        ];
        let fields = keys();
        let defaults = crate::protocol::config_keys::TOPIC_SYNONYMS;
        for side in Side::ALL {
            for key in side.keys().filter(|key| key.bearing == Bearing::Delivery) {
                let known = fields.contains(&(*side, key.name))
                    || defaults.iter().any(|synonym| synonym.broker == key.name)
                    || elsewhere.contains(&key.name);
                assert!(known, "{}: {}", side.name(), key.name);
            }
        }
    }
}
