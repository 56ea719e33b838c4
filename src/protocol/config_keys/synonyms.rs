//! Which keys of a broker give a topic its defaults (`ServerTopicConfigSynonyms.java`).

use crate::protocol::config_value::ConfigValue;

/// A key of a broker that stands for a key of a topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Synonym {
    /// The topic's key.
    pub topic: &'static str,
    /// The broker's.
    pub broker: &'static str,
    /// What the broker's value is multiplied with; 1 unless the units differ.
    pub factor: i64,
}

impl Synonym {
    /// The broker's value as that of the topic. A negative retention is none.
    pub fn converted(&self, value: ConfigValue) -> ConfigValue {
        match value {
            ConfigValue::Number(number) if self.topic == "retention.ms" && number < 0 => {
                ConfigValue::Number(-1)
            }
            ConfigValue::Number(number) => ConfigValue::Number(number.saturating_mul(self.factor)),
            other => other,
        }
    }
}

const fn same(topic: &'static str, broker: &'static str) -> Synonym {
    Synonym { topic, broker, factor: 1 }
}

const fn minutes(topic: &'static str, broker: &'static str) -> Synonym {
    Synonym { topic, broker, factor: 60_000 }
}

const fn hours(topic: &'static str, broker: &'static str) -> Synonym {
    Synonym { topic, broker, factor: 3_600_000 }
}

/// All of them; of several for one key the first that is given counts.
pub const TOPIC_SYNONYMS: &[Synonym] = &[
    same("cleanup.policy", "log.cleanup.policy"),
    same("compression.gzip.level", "compression.gzip.level"),
    same("compression.lz4.level", "compression.lz4.level"),
    same("compression.type", "compression.type"),
    same("compression.zstd.level", "compression.zstd.level"),
    same("delete.retention.ms", "log.cleaner.delete.retention.ms"),
    same("file.delete.delay.ms", "log.segment.delete.delay.ms"),
    same("flush.messages", "log.flush.interval.messages"),
    same("flush.ms", "log.flush.interval.ms"),
    same("flush.ms", "log.flush.scheduler.interval.ms"),
    same("index.interval.bytes", "log.index.interval.bytes"),
    same("local.retention.bytes", "log.local.retention.bytes"),
    same("local.retention.ms", "log.local.retention.ms"),
    same("max.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"),
    same("max.message.bytes", "message.max.bytes"),
    same("message.downconversion.enable", "log.message.downconversion.enable"),
    same("message.format.version", "log.message.format.version"),
    same("message.timestamp.after.max.ms", "log.message.timestamp.after.max.ms"),
    same("message.timestamp.before.max.ms", "log.message.timestamp.before.max.ms"),
    same("message.timestamp.difference.max.ms", "log.message.timestamp.difference.max.ms"),
    same("message.timestamp.type", "log.message.timestamp.type"),
    same("min.cleanable.dirty.ratio", "log.cleaner.min.cleanable.ratio"),
    same("min.compaction.lag.ms", "log.cleaner.min.compaction.lag.ms"),
    same("min.insync.replicas", "min.insync.replicas"),
    same("preallocate", "log.preallocate"),
    same("retention.bytes", "log.retention.bytes"),
    same("retention.ms", "log.retention.ms"),
    minutes("retention.ms", "log.retention.minutes"),
    hours("retention.ms", "log.retention.hours"),
    same("segment.bytes", "log.segment.bytes"),
    same("segment.index.bytes", "log.index.size.max.bytes"),
    same("segment.jitter.ms", "log.roll.jitter.ms"),
    hours("segment.jitter.ms", "log.roll.jitter.hours"),
    same("segment.ms", "log.roll.ms"),
    hours("segment.ms", "log.roll.hours"),
    same("unclean.leader.election.enable", "unclean.leader.election.enable"),
];
