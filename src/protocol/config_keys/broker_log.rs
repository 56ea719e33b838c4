//! The keys of a broker that are about logs, offsets and transactions
//! (`AbstractKafkaConfig.java` and the classes it gathers).

use super::key::*;
use crate::protocol::variant::Kafka::*;
use Bearing::*;

const REMOTE_METADATA: &str = "org.apache.kafka.server.log.remote.metadata.storage.\
     TopicBasedRemoteLogMetadataManager";

/// Keys of a broker about logs, offsets and transactions.
pub const BROKER_LOG: &[KeyInfo] = &[
    int("add.partitions.to.txn.retry.backoff.max.ms", Transactions)
        .default("100")
        .at_least(0)
        .since(V4_1),
    int("add.partitions.to.txn.retry.backoff.ms", Transactions)
        .default("20")
        .at_least(1)
        .since(V4_1),
    int("alter.log.dirs.replication.quota.window.num", Storage).default("11").at_least(1),
    int("alter.log.dirs.replication.quota.window.size.seconds", Storage).default("1").at_least(1),
    boolean("auto.create.topics.enable", Storage).default("true"),
    list("cordoned.log.dirs", Storage).default("").since(V4_3),
    int("default.replication.factor", Delivery).default("1"),
    boolean("delete.topic.enable", Storage).default("true"),
    int("group.initial.rebalance.delay.ms", Timing).default("3000"),
    long("log.cleaner.backoff.ms", Timing).default("15000").at_least(0),
    long("log.cleaner.dedupe.buffer.size", Storage).default("134217728"),
    long("log.cleaner.delete.retention.ms", Timing).default("86400000").at_least(0),
    boolean("log.cleaner.enable", Delivery).default("true"),
    double("log.cleaner.io.buffer.load.factor", Storage).default("0.9"),
    int("log.cleaner.io.buffer.size", Storage).default("524288").at_least(0),
    double("log.cleaner.io.max.bytes.per.second", Storage).default("1.7976931348623157E308"),
    long("log.cleaner.max.compaction.lag.ms", Timing).default("9223372036854775807").at_least(1),
    double("log.cleaner.min.cleanable.ratio", Timing).default("0.5").within(0.0, 1.0),
    long("log.cleaner.min.compaction.lag.ms", Timing).default("0").at_least(0),
    int("log.cleaner.threads", Storage).default("1").at_least(0),
    list("log.cleanup.policy", Delivery).default("delete").one_of(&["compact", "delete"]),
    list("log.dir", Storage).default("/tmp/kafka-logs"),
    long("log.dir.failure.timeout.ms", Storage).default("30000").at_least(1),
    list("log.dirs", Storage),
    long("log.flush.interval.messages", Delivery).default("9223372036854775807").at_least(1),
    long("log.flush.interval.ms", Timing),
    int("log.flush.offset.checkpoint.interval.ms", Timing).default("60000").at_least(0),
    long("log.flush.scheduler.interval.ms", Timing).default("9223372036854775807"),
    int("log.flush.start.offset.checkpoint.interval.ms", Timing).default("60000").at_least(0),
    int("log.index.interval.bytes", Storage).default("4096").at_least(0),
    int("log.index.size.max.bytes", Storage).default("10485760").at_least(4),
    long("log.initial.task.delay.ms", Timing).default("30000").at_least(0),
    long("log.local.retention.bytes", Storage).default("-2").at_least(-2),
    long("log.local.retention.ms", Storage).default("-2").at_least(-2),
    boolean("log.message.downconversion.enable", Encoding).default("true").until(V3_9),
    text("log.message.format.version", Encoding).default("3.0-IV1").until(V3_9),
    long("log.message.timestamp.after.max.ms", Delivery)
        .default("3600000")
        .at_least(0)
        .before(V4_1, "9223372036854775807"),
    long("log.message.timestamp.before.max.ms", Delivery)
        .default("9223372036854775807")
        .at_least(0),
    long("log.message.timestamp.difference.max.ms", Delivery)
        .default("9223372036854775807")
        .at_least(0)
        .until(V3_9),
    text("log.message.timestamp.type", Delivery)
        .default("CreateTime")
        .one_of(&["CreateTime", "LogAppendTime"]),
    boolean("log.preallocate", Storage).default("false"),
    long("log.retention.bytes", Delivery).default("-1"),
    long("log.retention.check.interval.ms", Timing).default("300000").at_least(1),
    int("log.retention.hours", Timing).default("168"),
    int("log.retention.minutes", Timing),
    long("log.retention.ms", Timing),
    int("log.roll.hours", Timing).default("168").at_least(1),
    int("log.roll.jitter.hours", Timing).default("0").at_least(0),
    long("log.roll.jitter.ms", Timing),
    long("log.roll.ms", Timing),
    int("log.segment.bytes", Storage)
        .default("1073741824")
        .at_least(1048576)
        .allowed_before(V4_1, Allowed::Between(14, i64::MAX)),
    long("log.segment.delete.delay.ms", Storage).default("60000").at_least(0),
    int("message.max.bytes", Delivery).default("1048588").at_least(0),
    int("min.insync.replicas", Delivery).default("1").at_least(1),
    int("num.recovery.threads.per.data.dir", Storage).default("2").at_least(1).before(V4_1, "1"),
    int("num.replica.alter.log.dirs.threads", Storage),
    int("offset.metadata.max.bytes", Delivery).default("4096"),
    int("offsets.commit.timeout.ms", Timing).default("5000").at_least(1),
    long("offsets.retention.check.interval.ms", Timing).default("600000").at_least(1),
    int("offsets.retention.minutes", Timing).default("10080").at_least(1),
    int("producer.id.expiration.check.interval.ms", Timing).default("600000").at_least(1),
    int("producer.id.expiration.ms", Timing).default("86400000").at_least(1),
    int("remote.fetch.max.wait.ms", Storage).default("500").at_least(1),
    long("remote.list.offsets.request.timeout.ms", Storage)
        .default("30000")
        .at_least(1)
        .since(V4_1),
    long("remote.log.index.file.cache.total.size.bytes", Storage).default("1073741824").at_least(1),
    long("remote.log.index.file.cache.ttl.ms", Storage).default("900000").at_least(-1).since(V4_3),
    int("remote.log.manager.copier.thread.pool.size", Storage)
        .default("10")
        .at_least(1)
        .before(V4_1, "-1")
        .allowed_before(V4_1, Allowed::Between(-1, i64::MAX)),
    long("remote.log.manager.copy.max.bytes.per.second", Storage)
        .default("9223372036854775807")
        .at_least(1),
    int("remote.log.manager.copy.quota.window.num", Storage).default("11").at_least(1),
    int("remote.log.manager.copy.quota.window.size.seconds", Storage).default("1").at_least(1),
    int("remote.log.manager.expiration.thread.pool.size", Storage)
        .default("10")
        .at_least(1)
        .before(V4_1, "-1")
        .allowed_before(V4_1, Allowed::Between(-1, i64::MAX)),
    long("remote.log.manager.fetch.max.bytes.per.second", Storage)
        .default("9223372036854775807")
        .at_least(1),
    int("remote.log.manager.fetch.quota.window.num", Storage).default("11").at_least(1),
    int("remote.log.manager.fetch.quota.window.size.seconds", Storage).default("1").at_least(1),
    int("remote.log.manager.follower.thread.pool.size", Storage)
        .default("2")
        .at_least(1)
        .since(V4_3),
    long("remote.log.manager.task.interval.ms", Storage).default("30000").at_least(1),
    long("remote.log.manager.task.retry.backoff.max.ms", Storage).default("30000").at_least(1),
    long("remote.log.manager.task.retry.backoff.ms", Storage).default("500").at_least(1),
    double("remote.log.manager.task.retry.jitter", Storage).default("0.2").within(0.0, 0.5),
    int("remote.log.manager.thread.pool.size", Storage).default("2").at_least(1).before(V4_1, "10"),
    int("remote.log.metadata.custom.metadata.max.bytes", Storage).default("128").at_least(0),
    text("remote.log.metadata.manager.class.name", Storage).default(REMOTE_METADATA).non_empty(),
    text("remote.log.metadata.manager.impl.prefix", Storage).default("rlmm.config.").non_empty(),
    text("remote.log.metadata.manager.listener.name", Storage).non_empty(),
    int("remote.log.reader.max.pending.tasks", Storage).default("100").at_least(1),
    int("remote.log.reader.threads", Storage).default("10").at_least(1),
    text("remote.log.storage.manager.class.name", Storage).non_empty(),
    text("remote.log.storage.manager.impl.prefix", Storage).default("rsm.config.").non_empty(),
    boolean("remote.log.storage.system.enable", Storage).default("false"),
    long("replica.high.watermark.checkpoint.interval.ms", Timing).default("5000"),
    int("request.timeout.ms", Timing).default("30000"),
    int("transaction.abort.timed.out.transaction.cleanup.interval.ms", Transactions)
        .default("10000")
        .at_least(1),
    int("transaction.max.timeout.ms", Transactions).default("900000").at_least(1),
    boolean("transaction.partition.verification.enable", Delivery).default("true"),
    int("transaction.remove.expired.transaction.cleanup.interval.ms", Transactions)
        .default("3600000")
        .at_least(1),
    int("transaction.state.log.load.buffer.size", Transactions).default("5242880").at_least(1),
    int("transaction.state.log.min.isr", Transactions).default("2").at_least(1),
    int("transaction.state.log.num.partitions", Transactions).default("50").at_least(1),
    short("transaction.state.log.replication.factor", Transactions).default("3").at_least(1),
    int("transaction.state.log.segment.bytes", Transactions).default("104857600").at_least(1),
    boolean("transaction.two.phase.commit.enable", Delivery).default("false").since(V4_1),
    int("transactional.id.expiration.ms", Transactions).default("604800000").at_least(1),
];
