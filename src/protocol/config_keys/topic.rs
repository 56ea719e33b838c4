//! The keys of a topic (`TopicConfig.java`, `LogConfig.java`).

use super::key::*;
use crate::protocol::variant::Kafka::*;
use Bearing::*;

/// Keys of a topic.
pub const TOPIC: &[KeyInfo] = &[
    list("cleanup.policy", Delivery).default("delete").one_of(&["compact", "delete"]),
    int("compression.gzip.level", Throughput).default("-1").between(-1, 9),
    int("compression.lz4.level", Throughput).default("9").between(1, 17),
    text("compression.type", Throughput).default("producer").one_of(&[
        "uncompressed",
        "zstd",
        "lz4",
        "snappy",
        "gzip",
        "producer",
    ]),
    int("compression.zstd.level", Throughput).default("3").between(-131072, 22),
    long("delete.retention.ms", Timing).default("86400000").at_least(0),
    long("file.delete.delay.ms", Storage).default("60000").at_least(0),
    long("flush.messages", Delivery).default("9223372036854775807").at_least(1),
    long("flush.ms", Timing).default("9223372036854775807").at_least(0),
    list("follower.replication.throttled.replicas", Replication).default(""),
    int("index.interval.bytes", Storage).default("4096").at_least(0),
    int("internal.segment.bytes", Storage).since(V4_1),
    list("leader.replication.throttled.replicas", Replication).default(""),
    long("local.retention.bytes", Storage).default("-2").at_least(-2),
    long("local.retention.ms", Storage).default("-2").at_least(-2),
    long("max.compaction.lag.ms", Timing).default("9223372036854775807").at_least(1),
    int("max.message.bytes", Delivery).default("1048588").at_least(0),
    boolean("message.downconversion.enable", Encoding).default("true").until(V3_9),
    text("message.format.version", Encoding).default("3.0-IV1").until(V3_9).deprecated(V3_9),
    long("message.timestamp.after.max.ms", Delivery)
        .default("3600000")
        .at_least(0)
        .before(V4_1, "9223372036854775807"),
    long("message.timestamp.before.max.ms", Delivery).default("9223372036854775807").at_least(0),
    long("message.timestamp.difference.max.ms", Delivery)
        .default("9223372036854775807")
        .at_least(0)
        .until(V3_9)
        .deprecated(V3_9),
    text("message.timestamp.type", Delivery)
        .default("CreateTime")
        .one_of(&["CreateTime", "LogAppendTime"]),
    double("min.cleanable.dirty.ratio", Timing).default("0.5").within(0.0, 1.0),
    long("min.compaction.lag.ms", Timing).default("0").at_least(0),
    int("min.insync.replicas", Delivery).default("1").at_least(1),
    boolean("preallocate", Storage).default("false"),
    boolean("remote.log.copy.disable", Storage).default("false"),
    boolean("remote.log.delete.on.disable", Storage).default("false"),
    boolean("remote.storage.enable", Storage).default("false"),
    long("retention.bytes", Delivery).default("-1"),
    long("retention.ms", Timing).default("604800000").at_least(-1),
    int("segment.bytes", Storage)
        .default("1073741824")
        .at_least(1048576)
        .allowed_before(V4_1, Allowed::Between(14, i64::MAX)),
    int("segment.index.bytes", Storage).default("10485760").at_least(4),
    long("segment.jitter.ms", Timing).default("0").at_least(0),
    long("segment.ms", Timing).default("604800000").at_least(1),
    boolean("unclean.leader.election.enable", Replication).default("false"),
];
