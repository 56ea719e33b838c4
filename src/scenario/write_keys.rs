//! Effective settings back as keys of Kafka's: those whose value is not the preset's default.

use super::defaults;
use super::write::text;
use crate::protocol::config::{
    Acks, AutoOffsetReset, BrokerConfig, ConsumerConfig, ConsumerKind, ProducerConfig, TopicConfig,
};
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::Side;
use crate::protocol::variant::Kafka;

/// Keys with their values, in TOML.
type Keys = Vec<(&'static str, String)>;

/// A key, and its value in a setting.
type Row<C> = (&'static str, fn(&C) -> String);

/// Keeps the keys whose value differs between a setting and the default.
fn differing<C>(setting: &C, default: &C, rows: &[Row<C>]) -> Keys {
    let differs = |(_, value): &&Row<C>| value(setting) != value(default);
    rows.iter().filter(differs).map(|(key, value)| (*key, value(setting))).collect()
}

pub(super) fn producer_keys(config: &ProducerConfig, kafka: Kafka) -> Keys {
    let mut defaults = Effective::defaults(Side::Producer, kafka);
    defaults.resolve();
    differing(
        config,
        &defaults.producer(),
        &[
            ("acks", |c| {
                text(match c.acks {
                    Acks::None => "0",
                    Acks::Leader => "1",
                    Acks::All => "all",
                })
            }),
            ("enable.idempotence", |c| c.idempotence.to_string()),
            ("retries", |c| c.retries.to_string()),
            ("max.in.flight.requests.per.connection", |c| c.max_in_flight.to_string()),
            ("linger.ms", |c| c.linger_ms.to_string()),
            ("request.timeout.ms", |c| c.request_timeout_ms.to_string()),
            ("retry.backoff.ms", |c| c.retry_backoff_ms.to_string()),
            ("delivery.timeout.ms", |c| c.delivery_timeout_ms.to_string()),
            ("max.block.ms", |c| c.max_block_ms.to_string()),
        ],
    )
}

pub(super) fn consumer_keys(config: &ConsumerConfig, kafka: Kafka) -> Keys {
    let kafkas = Effective::defaults(Side::Consumer, kafka);
    let default =
        ConsumerConfig { max_poll_records: defaults::MAX_POLL_RECORDS, ..kafkas.consumer() };
    let mut keys = differing(
        config,
        &default,
        &[
            ("group.protocol", |c| {
                text(match c.kind {
                    ConsumerKind::Classic => "classic",
                    ConsumerKind::Async => "consumer",
                })
            }),
            ("auto.offset.reset", |c| {
                text(match c.auto_offset_reset {
                    AutoOffsetReset::Earliest => "earliest",
                    AutoOffsetReset::Latest => "latest",
                    AutoOffsetReset::None => "none",
                })
            }),
            ("enable.auto.commit", |c| c.enable_auto_commit.to_string()),
            ("auto.commit.interval.ms", |c| c.auto_commit_interval_ms.to_string()),
            ("isolation.level", |c| {
                text(if c.read_committed { "read_committed" } else { "read_uncommitted" })
            }),
            ("max.poll.records", |c| c.max_poll_records.to_string()),
            ("request.timeout.ms", |c| c.request_timeout_ms.to_string()),
            ("max.poll.interval.ms", |c| c.max_poll_interval_ms.to_string()),
            ("session.timeout.ms", |c| c.session_timeout_ms.to_string()),
            ("default.api.timeout.ms", |c| c.default_api_timeout_ms.to_string()),
        ],
    );
    // A session must be longer than the time between two heartbeats, which no setting has.
    if config.session_timeout_ms <= kafkas.unsigned("heartbeat.interval.ms") {
        let heartbeat = i64::try_from(config.session_timeout_ms).unwrap_or(i64::MAX) - 1;
        keys.push(("heartbeat.interval.ms", heartbeat.to_string()));
    }
    keys
}

pub(super) fn topic_keys(config: &TopicConfig, kafka: Kafka) -> Keys {
    let default = Effective::defaults(Side::Topic, kafka).topic(config.replication_factor);
    differing(
        config,
        &default,
        &[
            ("cleanup.policy", |c| {
                let policies = [(c.cleanup_compact, "compact"), (c.cleanup_delete, "delete")];
                let on: Vec<&str> =
                    policies.iter().filter(|(on, _)| *on).map(|(_, name)| *name).collect();
                text(&on.join(","))
            }),
            ("min.insync.replicas", |c| c.min_insync_replicas.to_string()),
            ("retention.ms", |c| c.retention_ms.to_string()),
            ("retention.bytes", |c| c.retention_bytes.to_string()),
            ("segment.ms", |c| c.segment_ms.to_string()),
            ("segment.bytes", |c| c.segment_bytes.to_string()),
            ("max.message.bytes", |c| c.max_message_bytes.to_string()),
            ("min.compaction.lag.ms", |c| c.min_compaction_lag_ms.to_string()),
            ("max.compaction.lag.ms", |c| c.max_compaction_lag_ms.to_string()),
            ("delete.retention.ms", |c| c.delete_retention_ms.to_string()),
            ("min.cleanable.dirty.ratio", |c| {
                let ratio = c.min_cleanable_dirty_ratio;
                format!("{}.{:03}", ratio / 1000, ratio % 1000)
            }),
            ("flush.messages", |c| i64::try_from(c.flush_messages).unwrap_or(i64::MAX).to_string()),
            ("index.interval.bytes", |c| c.index_interval_bytes.to_string()),
            ("message.timestamp.type", |c| {
                text(if c.log_append_time { "LogAppendTime" } else { "CreateTime" })
            }),
            ("message.timestamp.before.max.ms", |c| c.message_timestamp_before_max_ms.to_string()),
            ("message.timestamp.after.max.ms", |c| {
                c.message_timestamp_after_max_ms.map_or_else(String::new, |ms| ms.to_string())
            }),
        ],
    )
}

pub(super) fn broker_keys(config: &BrokerConfig, kafka: Kafka) -> Keys {
    differing(
        config,
        &Effective::defaults(Side::Broker, kafka).broker(),
        &[
            ("transaction.partition.verification.enable", |c| {
                c.transaction_partition_verification.to_string()
            }),
            ("producer.id.expiration.ms", |c| c.producer_id_expiration_ms.to_string()),
            ("producer.id.expiration.check.interval.ms", |c| {
                c.producer_id_expiration_check_interval_ms.to_string()
            }),
            ("offsets.retention.minutes", |c| (c.offsets_retention_ms / 60_000).to_string()),
            ("offsets.retention.check.interval.ms", |c| {
                c.offsets_retention_check_interval_ms.to_string()
            }),
            ("offset.metadata.max.bytes", |c| c.offset_metadata_max_bytes.to_string()),
            ("log.retention.check.interval.ms", |c| c.log_retention_check_interval_ms.to_string()),
            ("log.initial.task.delay.ms", |c| c.log_initial_task_delay_ms.to_string()),
            ("log.cleaner.backoff.ms", |c| c.log_cleaner_backoff_ms.to_string()),
            ("log.flush.start.offset.checkpoint.interval.ms", |c| {
                c.log_flush_start_offset_checkpoint_interval_ms.to_string()
            }),
            ("log.flush.offset.checkpoint.interval.ms", |c| {
                c.log_flush_offset_checkpoint_interval_ms.to_string()
            }),
            ("replica.high.watermark.checkpoint.interval.ms", |c| {
                c.replica_high_watermark_checkpoint_interval_ms.to_string()
            }),
        ],
    )
}
