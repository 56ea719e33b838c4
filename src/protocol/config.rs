//! Kafka's own settings, as far as they have a bearing on delivery. Defaults are those of Kafka 4.3.
//!
//! Sources: `ProducerConfig.java`, `ConsumerConfig.java`, `TopicConfig.java`, `ServerLogConfigs.java`,
//! `TransactionLogConfig.java`, `GroupCoordinatorConfig.java`.

use crate::record::Timestamp;

/// How many acknowledgements a producer waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Acks {
    /// `acks=0`: none; no answer comes.
    None,
    /// `acks=1`: the leader's.
    Leader,
    /// `acks=all`: that of every in-sync replica.
    All,
}

impl Acks {
    /// The number in a produce request.
    pub fn code(self) -> i16 {
        match self {
            Acks::None => 0,
            Acks::Leader => 1,
            Acks::All => -1,
        }
    }
}

/// Effective settings of a producer, after Kafka's own resolution of defaults (KIP-679).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ProducerConfig {
    pub acks: Acks,
    /// `Int.MAX` by default.
    pub retries: u32,
    pub max_in_flight: u32,
    pub idempotence: bool,
    /// Milliseconds.
    pub linger_ms: u64,
    /// Milliseconds.
    pub request_timeout_ms: u64,
    /// Milliseconds.
    pub retry_backoff_ms: u64,
    /// Milliseconds.
    pub retry_backoff_max_ms: u64,
    /// Milliseconds.
    pub reconnect_backoff_ms: u64,
    /// Milliseconds.
    pub reconnect_backoff_max_ms: u64,
    /// Milliseconds.
    pub delivery_timeout_ms: u64,
    /// Milliseconds.
    pub max_block_ms: u64,
    /// Milliseconds.
    pub metadata_max_age_ms: u64,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        ProducerConfig {
            acks: Acks::All,
            retries: i32::MAX as u32,
            max_in_flight: 5,
            idempotence: true,
            linger_ms: 5,
            request_timeout_ms: 30_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            reconnect_backoff_ms: 50,
            reconnect_backoff_max_ms: 1_000,
            delivery_timeout_ms: 120_000,
            max_block_ms: 60_000,
            metadata_max_age_ms: 300_000,
        }
    }
}

/// `auto.offset.reset`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum AutoOffsetReset {
    /// The first record of the log.
    Earliest,
    /// The end of the log.
    #[default]
    Latest,
    /// An error for the application.
    None,
}

/// Which consumer the Java client runs (`group.protocol`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum ConsumerKind {
    /// `classic`: one thread, everything happens inside `poll`.
    #[default]
    Classic,
    /// `consumer` (KIP-848): a background thread of its own.
    Async,
}

/// Effective settings of a consumer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ConsumerConfig {
    pub kind: ConsumerKind,
    pub auto_offset_reset: AutoOffsetReset,
    pub enable_auto_commit: bool,
    /// Milliseconds.
    pub auto_commit_interval_ms: u64,
    pub read_committed: bool,
    pub max_poll_records: u32,
    /// Milliseconds.
    pub request_timeout_ms: u64,
    /// Milliseconds.
    pub max_poll_interval_ms: u64,
    /// Milliseconds.
    pub session_timeout_ms: u64,
    /// Milliseconds.
    pub default_api_timeout_ms: u64,
    /// Milliseconds.
    pub retry_backoff_ms: u64,
    /// Milliseconds.
    pub retry_backoff_max_ms: u64,
    /// Milliseconds.
    pub reconnect_backoff_ms: u64,
    /// Milliseconds.
    pub reconnect_backoff_max_ms: u64,
    /// Milliseconds.
    pub metadata_max_age_ms: u64,
    /// Milliseconds.
    pub fetch_max_wait_ms: u64,
    pub fetch_max_bytes: u32,
    pub max_partition_fetch_bytes: u32,
}

impl Default for ConsumerConfig {
    fn default() -> Self {
        ConsumerConfig {
            kind: ConsumerKind::Classic,
            auto_offset_reset: AutoOffsetReset::Latest,
            enable_auto_commit: true,
            auto_commit_interval_ms: 5_000,
            read_committed: false,
            max_poll_records: 500,
            request_timeout_ms: 30_000,
            max_poll_interval_ms: 300_000,
            session_timeout_ms: 45_000,
            default_api_timeout_ms: 60_000,
            retry_backoff_ms: 100,
            retry_backoff_max_ms: 1_000,
            reconnect_backoff_ms: 50,
            reconnect_backoff_max_ms: 1_000,
            metadata_max_age_ms: 300_000,
            fetch_max_wait_ms: 500,
            fetch_max_bytes: 52_428_800,
            max_partition_fetch_bytes: 1_048_576,
        }
    }
}

/// Settings of a topic.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct TopicConfig {
    pub replication_factor: u16,
    pub min_insync_replicas: u32,
    pub cleanup_compact: bool,
    pub cleanup_delete: bool,
    /// -1: for ever.
    pub retention_ms: Timestamp,
    /// -1: without limit.
    pub retention_bytes: i64,
    pub segment_ms: Timestamp,
    pub segment_bytes: u64,
    pub max_message_bytes: u64,
    pub min_compaction_lag_ms: Timestamp,
    pub delete_retention_ms: Timestamp,
    /// Thousandths.
    pub min_cleanable_dirty_ratio: u32,
    /// Records between two flushes; `u64::MAX` leaves it to the operating system.
    pub flush_messages: u64,
    /// Bytes between two entries of the offset index.
    pub index_interval_bytes: u64,
    pub max_compaction_lag_ms: Timestamp,
    /// `message.timestamp.type=LogAppendTime`: the broker's clock is written over the client's.
    pub log_append_time: bool,
    pub message_timestamp_before_max_ms: Timestamp,
    /// `None`: the version's default (KIP-1030).
    pub message_timestamp_after_max_ms: Option<Timestamp>,
}

impl Default for TopicConfig {
    fn default() -> Self {
        TopicConfig {
            replication_factor: 1,
            min_insync_replicas: 1,
            cleanup_compact: false,
            cleanup_delete: true,
            retention_ms: 604_800_000,
            retention_bytes: -1,
            segment_ms: 604_800_000,
            segment_bytes: 1_073_741_824,
            max_message_bytes: 1_048_588,
            min_compaction_lag_ms: 0,
            delete_retention_ms: 86_400_000,
            min_cleanable_dirty_ratio: 500,
            flush_messages: u64::MAX,
            index_interval_bytes: 4096,
            max_compaction_lag_ms: Timestamp::MAX,
            log_append_time: false,
            message_timestamp_before_max_ms: Timestamp::MAX,
            message_timestamp_after_max_ms: None,
        }
    }
}

/// Settings of a broker.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct BrokerConfig {
    pub transaction_partition_verification: bool,
    pub producer_id_expiration_ms: Timestamp,
    pub producer_id_expiration_check_interval_ms: Timestamp,
    pub offsets_retention_ms: Timestamp,
    pub offsets_retention_check_interval_ms: Timestamp,
    pub offset_metadata_max_bytes: u32,
    pub log_retention_check_interval_ms: Timestamp,
    pub log_initial_task_delay_ms: Timestamp,
    pub log_cleaner_backoff_ms: Timestamp,
    pub log_flush_start_offset_checkpoint_interval_ms: Timestamp,
    pub log_flush_offset_checkpoint_interval_ms: Timestamp,
    pub replica_high_watermark_checkpoint_interval_ms: Timestamp,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        BrokerConfig {
            transaction_partition_verification: true,
            producer_id_expiration_ms: 86_400_000,
            producer_id_expiration_check_interval_ms: 600_000,
            offsets_retention_ms: 604_800_000,
            offsets_retention_check_interval_ms: 600_000,
            offset_metadata_max_bytes: 4096,
            log_retention_check_interval_ms: 300_000,
            log_initial_task_delay_ms: 30_000,
            log_cleaner_backoff_ms: 15_000,
            log_flush_start_offset_checkpoint_interval_ms: 60_000,
            log_flush_offset_checkpoint_interval_ms: 60_000,
            replica_high_watermark_checkpoint_interval_ms: 5_000,
        }
    }
}
