//! The keys of a producer alone (`ProducerConfig.java`).

use super::key::*;
use crate::protocol::variant::Kafka::*;
use Bearing::*;

/// Keys of a producer; [`CLIENT`](super::CLIENT) has the rest.
pub const PRODUCER: &[KeyInfo] = &[
    text("acks", Delivery).default("all").one_of(&["all", "-1", "0", "1"]),
    int("batch.size", Throughput).default("16384").at_least(0),
    long("buffer.memory", Throughput).default("33554432").at_least(0),
    int("compression.gzip.level", Throughput).default("-1").between(-1, 9),
    int("compression.lz4.level", Throughput).default("9").between(1, 17),
    text("compression.type", Throughput)
        .default("none")
        .one_of(&["none", "gzip", "snappy", "lz4", "zstd"]),
    int("compression.zstd.level", Throughput).default("3").between(-131072, 22),
    int("delivery.timeout.ms", Timing).default("120000").at_least(0),
    boolean("enable.idempotence", Delivery).default("true"),
    class("key.serializer", Encoding),
    long("linger.ms", Timing).default("5").at_least(0).before(V4_1, "0"),
    long("max.block.ms", Timing).default("60000").at_least(0),
    int("max.in.flight.requests.per.connection", Delivery).default("5").at_least(1),
    int("max.request.size", Throughput).default("1048576").at_least(0),
    long("metadata.max.idle.ms", Connection).default("300000").at_least(5000),
    boolean("partitioner.adaptive.partitioning.enable", Placement).default("true"),
    long("partitioner.availability.timeout.ms", Placement).default("0").at_least(0),
    class("partitioner.class", Placement),
    boolean("partitioner.ignore.keys", Placement).default("false"),
    int("retries", Delivery).default("2147483647").between(0, INT_MAX),
    int("transaction.timeout.ms", Transactions).default("60000"),
    boolean("transaction.two.phase.commit.enable", Delivery).default("false").since(V4_1),
    text("transactional.id", Delivery).non_empty(),
    class("value.serializer", Encoding),
];
