//! The keys of a consumer alone (`ConsumerConfig.java`).

use super::key::*;
use crate::protocol::variant::Kafka::*;
use Bearing::*;

/// KIP-1106 added a duration.
const OFFSET_RESETS: &[&str] = &["latest", "earliest", "none"];

const ASSIGNORS: &str = "org.apache.kafka.clients.consumer.RangeAssignor,\
     org.apache.kafka.clients.consumer.CooperativeStickyAssignor";

/// Keys of a consumer; [`CLIENT`](super::CLIENT) has the rest.
pub const CONSUMER: &[KeyInfo] = &[
    boolean("allow.auto.create.topics", Membership).default("true"),
    int("auto.commit.interval.ms", Timing).default("5000").at_least(0),
    text("auto.offset.reset", Delivery)
        .default("latest")
        .one_of_or_duration(OFFSET_RESETS, "by_duration:")
        .allowed_before(V4_1, Allowed::OneOf(OFFSET_RESETS)),
    boolean("check.crcs", Encoding).default("true"),
    text("client.rack", Naming).default(""),
    int("default.api.timeout.ms", Timing).default("60000").at_least(0),
    boolean("enable.auto.commit", Delivery).default("true"),
    boolean("exclude.internal.topics", Membership).default("true"),
    int("fetch.max.bytes", Throughput).default("52428800").at_least(0),
    int("fetch.max.wait.ms", Throughput).default("500").at_least(0),
    int("fetch.min.bytes", Throughput).default("1").at_least(0),
    text("group.id", Delivery),
    text("group.instance.id", Membership).non_empty(),
    text("group.protocol", Delivery).default("classic").any_case(&["CONSUMER", "CLASSIC"]),
    text("group.remote.assignor", Membership),
    int("heartbeat.interval.ms", Timing).default("3000"),
    boolean("internal.leave.group.on.close", Membership).default("true").until(V4_1),
    boolean("internal.throw.on.fetch.stable.offset.unsupported", Transactions).default("false"),
    text("isolation.level", Delivery)
        .default("read_uncommitted")
        .one_of(&["read_committed", "read_uncommitted"]),
    class("key.deserializer", Encoding),
    int("max.partition.fetch.bytes", Throughput).default("1048576").at_least(0),
    int("max.poll.interval.ms", Timing).default("300000").at_least(1),
    int("max.poll.records", Delivery).default("500").at_least(1),
    list("partition.assignment.strategy", Membership).default(ASSIGNORS),
    int("session.timeout.ms", Timing).default("45000"),
    text("share.acknowledgement.mode", Membership)
        .default("implicit")
        .one_of(&["implicit", "explicit"])
        .since(V4_1),
    text("share.acquire.mode", Membership)
        .default("BATCH_OPTIMIZED")
        .any_case(&["batch_optimized", "record_limit"])
        .since(V4_3),
    class("value.deserializer", Encoding),
];
