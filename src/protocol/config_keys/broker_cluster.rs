//! The keys of a broker that are about groups, replicas and controllers
//! (`AbstractKafkaConfig.java` and the classes it gathers).

use super::key::*;
use crate::protocol::variant::Kafka::*;
use Bearing::*;

const ASSIGNORS_3_9: &str = "org.apache.kafka.coordinator.group.assignor.UniformAssignor,\
     org.apache.kafka.coordinator.group.assignor.RangeAssignor";

/// Keys of a broker about groups, replicas and controllers.
pub const BROKER_CLUSTER: &[KeyInfo] = &[
    boolean("auto.leader.rebalance.enable", Replication).default("true"),
    int("broker.heartbeat.interval.ms", Replication).default("2000"),
    int("broker.session.timeout.ms", Replication).default("9000"),
    boolean("controlled.shutdown.enable", Replication).default("true"),
    int("controlled.shutdown.max.retries", Replication).default("3").until(V3_9),
    long("controlled.shutdown.retry.backoff.ms", Replication).default("5000").until(V3_9),
    list("controller.listener.names", Replication),
    int("controller.quorum.append.linger.ms", Replication)
        .default("25")
        .at_least(0)
        .allowed_before(V4_1, Allowed::Any),
    boolean("controller.quorum.auto.join.enable", Replication).default("false").since(V4_3),
    list("controller.quorum.bootstrap.servers", Replication).default(""),
    int("controller.quorum.election.backoff.max.ms", Replication)
        .default("1000")
        .at_least(0)
        .allowed_before(V4_1, Allowed::Any),
    int("controller.quorum.election.timeout.ms", Replication)
        .default("1000")
        .at_least(0)
        .allowed_before(V4_1, Allowed::Any),
    int("controller.quorum.fetch.max.bytes", Replication)
        .default("1048576")
        .at_least(1)
        .since(V4_3),
    int("controller.quorum.fetch.snapshot.max.bytes", Replication)
        .default("1048576")
        .at_least(1)
        .since(V4_3),
    int("controller.quorum.fetch.timeout.ms", Replication)
        .default("2000")
        .at_least(0)
        .allowed_before(V4_1, Allowed::Any),
    int("controller.quorum.request.timeout.ms", Replication)
        .default("2000")
        .at_least(0)
        .allowed_before(V4_1, Allowed::Any),
    int("controller.quorum.retry.backoff.ms", Replication)
        .default("20")
        .at_least(0)
        .allowed_before(V4_1, Allowed::Any),
    list("controller.quorum.voters", Replication).default(""),
    int("controller.quota.window.num", Replication).default("11").at_least(1),
    int("controller.quota.window.size.seconds", Replication).default("1").at_least(1),
    int("controller.socket.timeout.ms", Replication).default("30000"),
    boolean("eligible.leader.replicas.enable", Replication).default("false").until(V3_9),
    boolean("follower.fetch.last.tiered.offset.enable", Replication).default("false").since(V4_3),
    int("group.consumer.assignment.interval.ms", Membership)
        .default("1000")
        .at_least(0)
        .since(V4_3),
    list("group.consumer.assignors", Membership)
        .default("uniform,range")
        .before(V4_1, ASSIGNORS_3_9),
    int("group.consumer.heartbeat.interval.ms", Membership).default("5000").at_least(1),
    int("group.consumer.max.assignment.interval.ms", Membership)
        .default("15000")
        .at_least(0)
        .since(V4_3),
    int("group.consumer.max.heartbeat.interval.ms", Membership).default("15000").at_least(1),
    int("group.consumer.max.session.timeout.ms", Membership).default("60000").at_least(1),
    int("group.consumer.max.size", Membership).default("2147483647").at_least(1),
    text("group.consumer.migration.policy", Membership)
        .default("bidirectional")
        .any_case(&["DISABLED", "DOWNGRADE", "UPGRADE", "BIDIRECTIONAL"])
        .before(V4_1, "disabled"),
    int("group.consumer.min.assignment.interval.ms", Membership)
        .default("0")
        .at_least(0)
        .since(V4_3),
    int("group.consumer.min.heartbeat.interval.ms", Membership).default("5000").at_least(1),
    int("group.consumer.min.session.timeout.ms", Membership).default("45000").at_least(1),
    int("group.consumer.regex.refresh.interval.ms", Membership)
        .default("600000")
        .at_least(10000)
        .since(V4_1),
    int("group.consumer.session.timeout.ms", Membership).default("45000").at_least(1),
    int("group.coordinator.append.linger.ms", Membership)
        .default("-1")
        .at_least(-1)
        .before(V4_1, "10")
        .before(V4_3, "5")
        .allowed_before(V4_3, Allowed::Between(0, i64::MAX)),
    int("group.coordinator.background.threads", Membership).default("2").at_least(1).since(V4_3),
    int("group.coordinator.cached.buffer.max.bytes", Membership)
        .default("1048588")
        .at_least(524288)
        .since(V4_3),
    boolean("group.coordinator.new.enable", Membership).default("false").until(V3_9),
    list("group.coordinator.rebalance.protocols", Membership)
        .default("classic,consumer,streams")
        .one_of(&["consumer", "classic", "share", "streams"])
        .before(V4_1, "classic"),
    int("group.coordinator.threads", Membership).default("4").at_least(1).before(V4_1, "1"),
    int("group.max.session.timeout.ms", Membership).default("1800000"),
    int("group.max.size", Membership).default("2147483647").at_least(1),
    int("group.min.session.timeout.ms", Membership).default("6000"),
    int("group.share.assignment.interval.ms", Membership).default("1000").at_least(0).since(V4_3),
    list("group.share.assignors", Membership).default("simple").since(V4_1),
    int("group.share.delivery.count.limit", Membership).default("5").between(2, 10),
    boolean("group.share.enable", Membership).default("false").until(V4_1),
    int("group.share.heartbeat.interval.ms", Membership).default("5000").at_least(1),
    int("group.share.initialize.retry.interval.ms", Membership)
        .default("30000")
        .at_least(1)
        .since(V4_3),
    int("group.share.max.assignment.interval.ms", Membership)
        .default("15000")
        .at_least(0)
        .since(V4_3),
    int("group.share.max.delivery.count.limit", Membership)
        .default("10")
        .between(5, 25)
        .since(V4_3),
    short("group.share.max.groups", Membership).default("10").between(1, 100).until(V3_9),
    int("group.share.max.heartbeat.interval.ms", Membership).default("15000").at_least(1),
    int("group.share.max.partition.max.record.locks", Membership)
        .default("4000")
        .between(2000, 10000)
        .since(V4_3),
    int("group.share.max.record.lock.duration.ms", Membership)
        .default("60000")
        .between(30000, 3600000),
    int("group.share.max.session.timeout.ms", Membership).default("60000").at_least(1),
    int("group.share.max.share.sessions", Membership).default("2000").at_least(1).since(V4_1),
    int("group.share.max.size", Membership)
        .default("200")
        .between(1, 1000)
        .allowed_before(V4_1, Allowed::Between(10, 1000)),
    int("group.share.min.assignment.interval.ms", Membership).default("0").at_least(0).since(V4_3),
    int("group.share.min.delivery.count.limit", Membership).default("2").between(2, 5).since(V4_3),
    int("group.share.min.heartbeat.interval.ms", Membership).default("5000").at_least(1),
    int("group.share.min.partition.max.record.locks", Membership)
        .default("100")
        .between(100, 2000)
        .since(V4_3),
    int("group.share.min.record.lock.duration.ms", Membership)
        .default("15000")
        .between(1000, 30000),
    int("group.share.min.session.timeout.ms", Membership).default("45000").at_least(1),
    int("group.share.partition.max.record.locks", Membership)
        .default("2000")
        .between(100, 10000)
        .before(V4_1, "200"),
    text("group.share.persister.class.name", Membership)
        .default("org.apache.kafka.server.share.persister.DefaultStatePersister")
        .since(V4_1),
    int("group.share.record.lock.duration.ms", Membership)
        .default("30000")
        .between(1000, 3600000)
        .allowed_before(V4_1, Allowed::Between(1000, 60000)),
    int("group.share.session.timeout.ms", Membership).default("45000").at_least(1),
    int("group.streams.assignment.interval.ms", Membership).default("1000").at_least(0).since(V4_3),
    int("group.streams.heartbeat.interval.ms", Membership).default("5000").at_least(1).since(V4_1),
    int("group.streams.initial.rebalance.delay.ms", Membership)
        .default("3000")
        .at_least(0)
        .since(V4_3),
    int("group.streams.max.assignment.interval.ms", Membership)
        .default("15000")
        .at_least(0)
        .since(V4_3),
    int("group.streams.max.heartbeat.interval.ms", Membership)
        .default("15000")
        .at_least(1)
        .since(V4_1),
    int("group.streams.max.session.timeout.ms", Membership)
        .default("60000")
        .at_least(1)
        .since(V4_1),
    int("group.streams.max.size", Membership).default("2147483647").at_least(1).since(V4_1),
    int("group.streams.max.standby.replicas", Membership).default("2").at_least(0).since(V4_1),
    int("group.streams.min.assignment.interval.ms", Membership)
        .default("0")
        .at_least(0)
        .since(V4_3),
    int("group.streams.min.heartbeat.interval.ms", Membership)
        .default("5000")
        .at_least(1)
        .since(V4_1),
    int("group.streams.min.session.timeout.ms", Membership)
        .default("45000")
        .at_least(1)
        .since(V4_1),
    int("group.streams.num.standby.replicas", Membership).default("0").at_least(0).since(V4_1),
    int("group.streams.session.timeout.ms", Membership).default("45000").at_least(1).since(V4_1),
    int("initial.broker.registration.timeout.ms", Replication).default("60000"),
    text("inter.broker.protocol.version", Replication).default("3.9-IV0").until(V3_9),
    long("internal.metadata.delete.delay.millis", Replication).default("60000").since(V4_1),
    int("internal.metadata.log.segment.bytes", Replication).since(V4_1),
    int("internal.metadata.max.batch.size.in.bytes", Replication).default("8388608").since(V4_1),
    int("internal.metadata.max.fetch.size.in.bytes", Replication)
        .default("8388608")
        .since(V4_1)
        .until(V4_1),
    long("leader.imbalance.check.interval.seconds", Replication).default("300").at_least(1),
    int("leader.imbalance.per.broker.percentage", Replication).default("10").until(V3_9),
    text("metadata.log.dir", Replication),
    long("metadata.log.max.record.bytes.between.snapshots", Replication)
        .default("20971520")
        .at_least(1),
    long("metadata.log.max.snapshot.interval.ms", Replication).default("3600000").at_least(0),
    int("metadata.log.segment.bytes", Replication)
        .default("1073741824")
        .at_least(8388608)
        .allowed_before(V4_1, Allowed::Between(12, i64::MAX)),
    int("metadata.log.segment.min.bytes", Replication).default("8388608").at_least(12).until(V3_9),
    long("metadata.log.segment.ms", Replication).default("604800000"),
    int("metadata.max.idle.interval.ms", Replication).default("500").at_least(0),
    long("metadata.max.retention.bytes", Replication).default("104857600"),
    long("metadata.max.retention.ms", Replication).default("604800000"),
    int("node.id", Replication).at_least(0).before(V4_1, "-1").allowed_before(V4_1, Allowed::Any),
    int("num.partitions", Membership).default("1").at_least(1),
    int("num.replica.fetchers", Replication)
        .default("1")
        .at_least(1)
        .allowed_before(V4_3, Allowed::Any),
    short("offsets.commit.required.acks", Replication).default("-1").until(V3_9),
    int("offsets.topic.num.partitions", Membership).default("50").at_least(1),
    short("offsets.topic.replication.factor", Replication).default("3").at_least(1),
    list("process.roles", Replication).one_of(&["broker", "controller"]).before(V4_1, ""),
    int("replica.fetch.backoff.ms", Replication).default("1000").at_least(0),
    int("replica.fetch.max.bytes", Replication).default("1048576").at_least(0),
    int("replica.fetch.min.bytes", Replication).default("1"),
    int("replica.fetch.response.max.bytes", Replication).default("10485760").at_least(0),
    int("replica.fetch.wait.max.ms", Replication).default("500"),
    long("replica.lag.time.max.ms", Replication).default("30000"),
    text("replica.selector.class", Replication),
    int("replica.socket.receive.buffer.bytes", Replication).default("65536"),
    int("replica.socket.timeout.ms", Replication).default("30000"),
    int("replication.quota.window.num", Replication).default("11").at_least(1),
    int("replication.quota.window.size.seconds", Replication).default("1").at_least(1),
    int("share.coordinator.append.linger.ms", Membership)
        .default("-1")
        .at_least(-1)
        .before(V4_3, "5")
        .allowed_before(V4_3, Allowed::Between(0, i64::MAX))
        .since(V4_1),
    int("share.coordinator.cached.buffer.max.bytes", Membership)
        .default("1048588")
        .at_least(524288)
        .since(V4_3),
    int("share.coordinator.cold.partition.snapshot.interval.ms", Membership)
        .default("300000")
        .at_least(1)
        .since(V4_1),
    int("share.coordinator.load.buffer.size", Membership)
        .default("5242880")
        .at_least(1)
        .since(V4_1),
    int("share.coordinator.snapshot.update.records.per.snapshot", Membership)
        .default("500")
        .between(0, 500)
        .allowed_before(V4_3, Allowed::Between(0, i64::MAX))
        .since(V4_1),
    int("share.coordinator.state.topic.compression.codec", Membership).default("0").since(V4_1),
    short("share.coordinator.state.topic.min.isr", Membership).default("2").at_least(1).since(V4_1),
    int("share.coordinator.state.topic.num.partitions", Membership)
        .default("50")
        .at_least(1)
        .since(V4_1),
    int("share.coordinator.state.topic.prune.interval.ms", Membership)
        .default("300000")
        .at_least(1)
        .since(V4_1),
    short("share.coordinator.state.topic.replication.factor", Membership)
        .default("3")
        .at_least(1)
        .since(V4_1),
    int("share.coordinator.state.topic.segment.bytes", Membership)
        .default("104857600")
        .at_least(1)
        .since(V4_1),
    int("share.coordinator.threads", Membership).default("1").at_least(1).since(V4_1),
    int("share.coordinator.write.timeout.ms", Membership).default("5000").at_least(1).since(V4_1),
    boolean("unclean.leader.election.enable", Replication).default("false"),
    long("unclean.leader.election.interval.ms", Replication).default("300000").at_least(1),
    text("zookeeper.clientCnxnSocket", Replication).until(V3_9),
    text("zookeeper.connect", Replication).until(V3_9),
    int("zookeeper.connection.timeout.ms", Replication).until(V3_9),
    int("zookeeper.max.in.flight.requests", Replication).default("10").at_least(1).until(V3_9),
    boolean("zookeeper.metadata.migration.enable", Replication).default("false").until(V3_9),
    int("zookeeper.metadata.migration.min.batch.size", Replication)
        .default("200")
        .at_least(1)
        .until(V3_9),
    int("zookeeper.session.timeout.ms", Replication).default("18000").until(V3_9),
];
