//! Names that stand in real files and are no keys of today's Java clients: librdkafka's own, those of
//! Kafka's former clients, and those by which a file of Streams or Connect is recognised.
//!
//! Sources: librdkafka's `CONFIGURATION.md`, the documentation of Kafka 0.8 to 2.0, `StreamsConfig.java`,
//! `ConnectorConfig.java`, `DistributedConfig.java`.

/// Where a name is at home.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// librdkafka, and the clients built on it.
    Librdkafka,
    /// Kafka's clients in Scala, gone since 2.0.
    Scala,
    /// Both of these.
    Both,
    /// The Java clients before 1.0.
    FormerJava,
}

impl Origin {
    /// For messages: "librdkafka", ...
    pub fn describe(self) -> &'static str {
        match self {
            Origin::Librdkafka => "librdkafka",
            Origin::Scala => "Kafka's Scala clients, gone since 2.0",
            Origin::Both => "librdkafka, and of Kafka's Scala clients, gone since 2.0",
            Origin::FormerJava => "Java clients before 1.0",
        }
    }

    /// Whether librdkafka reads it.
    pub fn is_librdkafka(self) -> bool {
        matches!(self, Origin::Librdkafka | Origin::Both)
    }
}

/// A name that the Java clients ignore.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Foreign {
    /// The name.
    pub name: &'static str,
    /// The key of the Java clients that says the same, or nearly.
    pub java: Option<&'static str>,
    /// Where it is at home.
    pub origin: Origin,
}

const fn rd(name: &'static str, java: &'static str) -> Foreign {
    Foreign { name, java: Some(java), origin: Origin::Librdkafka }
}

const fn only_rd(name: &'static str) -> Foreign {
    Foreign { name, java: None, origin: Origin::Librdkafka }
}

const fn scala(name: &'static str, java: &'static str) -> Foreign {
    Foreign { name, java: Some(java), origin: Origin::Scala }
}

const fn only_scala(name: &'static str) -> Foreign {
    Foreign { name, java: None, origin: Origin::Scala }
}

const fn both(name: &'static str, java: &'static str) -> Foreign {
    Foreign { name, java: Some(java), origin: Origin::Both }
}

const fn former(name: &'static str, java: &'static str) -> Foreign {
    Foreign { name, java: Some(java), origin: Origin::FormerJava }
}

/// The name's entry, if it is foreign.
pub fn foreign(name: &str) -> Option<&'static Foreign> {
    FOREIGN.iter().find(|foreign| foreign.name == name)
}

/// All of them.
pub const FOREIGN: &[Foreign] = &[
    only_rd("allow.auto.create.topics.regex"),
    only_rd("api.version.fallback.ms"),
    only_rd("api.version.request"),
    only_rd("api.version.request.timeout.ms"),
    both("auto.commit.enable", "enable.auto.commit"),
    only_rd("auto.offset.store"),
    both("batch.num.messages", "batch.size"),
    former("block.on.buffer.full", "max.block.ms"),
    only_rd("broker.address.family"),
    only_rd("broker.address.ttl"),
    only_rd("broker.version.fallback"),
    only_rd("builtin.features"),
    both("compression.codec", "compression.type"),
    rd("compression.level", "compression.zstd.level"),
    only_scala("compressed.topics"),
    only_rd("consume.callback.max.messages"),
    scala("consumer.id", "client.id"),
    scala("consumer.timeout.ms", "default.api.timeout.ms"),
    only_rd("coordinator.query.interval.ms"),
    only_rd("debug"),
    only_rd("delivery.report.only.error"),
    only_scala("dual.commit.enabled"),
    rd("enable.auto.offset.store", "enable.auto.commit"),
    only_rd("enable.gapless.guarantee"),
    only_rd("enable.partition.eof"),
    only_rd("enable.random.seed"),
    only_rd("enable.sparse.connections"),
    rd("enable.ssl.certificate.verification", "ssl.endpoint.identification.algorithm"),
    rd("fetch.error.backoff.ms", "retry.backoff.ms"),
    both("fetch.message.max.bytes", "max.partition.fetch.bytes"),
    only_rd("fetch.queue.backoff.ms"),
    both("fetch.wait.max.ms", "fetch.max.wait.ms"),
    only_rd("group.protocol.type"),
    scala("key.serializer.class", "key.serializer"),
    only_rd("log.connection.close"),
    only_rd("log.queue"),
    only_rd("log.thread.name"),
    only_rd("log_level"),
    rd("max.in.flight", "max.in.flight.requests.per.connection"),
    only_rd("message.copy.max.bytes"),
    rd("message.max.bytes", "max.request.size"),
    both("message.send.max.retries", "retries"),
    rd("message.timeout.ms", "delivery.timeout.ms"),
    both("metadata.broker.list", "bootstrap.servers"),
    former("metadata.fetch.timeout.ms", "max.block.ms"),
    only_scala("num.consumer.fetchers"),
    only_rd("offset.store.method"),
    only_rd("offset.store.path"),
    only_rd("offset.store.sync.interval.ms"),
    only_scala("offsets.channel.backoff.ms"),
    only_scala("offsets.channel.socket.timeout.ms"),
    only_scala("offsets.commit.max.retries"),
    only_scala("offsets.storage"),
    rd("partitioner", "partitioner.class"),
    only_rd("plugin.library.paths"),
    only_rd("produce.offset.report"),
    only_scala("producer.type"),
    rd("queue.buffering.backpressure.threshold", "max.in.flight.requests.per.connection"),
    rd("queue.buffering.max.kbytes", "buffer.memory"),
    both("queue.buffering.max.messages", "buffer.memory"),
    both("queue.buffering.max.ms", "linger.ms"),
    scala("queue.enqueue.timeout.ms", "max.block.ms"),
    rd("queued.max.messages.kbytes", "fetch.max.bytes"),
    only_scala("queued.max.message.chunks"),
    only_rd("queued.min.messages"),
    only_rd("queuing.strategy"),
    scala("rebalance.backoff.ms", "retry.backoff.ms"),
    only_scala("rebalance.max.retries"),
    only_rd("receive.message.max.bytes"),
    only_rd("reconnect.backoff.jitter.ms"),
    scala("refresh.leader.backoff.ms", "retry.backoff.ms"),
    both("request.required.acks", "acks"),
    rd("sasl.mechanisms", "sasl.mechanism"),
    rd("sasl.oauthbearer.method", "sasl.login.callback.handler.class"),
    rd("sasl.password", "sasl.jaas.config"),
    rd("sasl.username", "sasl.jaas.config"),
    scala("serializer.class", "value.serializer"),
    only_rd("socket.blocking.max.ms"),
    only_rd("socket.keepalive.enable"),
    only_rd("socket.max.fails"),
    only_rd("socket.nagle.disable"),
    both("socket.receive.buffer.bytes", "receive.buffer.bytes"),
    rd("socket.send.buffer.bytes", "send.buffer.bytes"),
    both("socket.timeout.ms", "request.timeout.ms"),
    rd("ssl.ca.certificate.stores", "ssl.truststore.location"),
    rd("ssl.ca.location", "ssl.truststore.location"),
    rd("ssl.ca.pem", "ssl.truststore.certificates"),
    rd("ssl.certificate.location", "ssl.keystore.location"),
    rd("ssl.certificate.pem", "ssl.keystore.certificate.chain"),
    only_rd("ssl.crl.location"),
    rd("ssl.key.location", "ssl.keystore.location"),
    rd("ssl.key.pem", "ssl.keystore.key"),
    only_rd("statistics.interval.ms"),
    rd("sticky.partitioning.linger.ms", "linger.ms"),
    former("timeout.ms", "request.timeout.ms"),
    only_rd("topic.blacklist"),
    only_rd("topic.metadata.propagation.max.ms"),
    only_rd("topic.metadata.refresh.fast.cnt"),
    rd("topic.metadata.refresh.fast.interval.ms", "retry.backoff.ms"),
    both("topic.metadata.refresh.interval.ms", "metadata.max.age.ms"),
    only_rd("topic.metadata.refresh.sparse"),
    scala("zookeeper.connect", "bootstrap.servers"),
    only_scala("zookeeper.connection.timeout.ms"),
    scala("zookeeper.session.timeout.ms", "session.timeout.ms"),
    only_scala("zookeeper.sync.time.ms"),
];

/// Whether a key is read by a plug-in of a client or broker, and not by Kafka itself.
pub fn is_of_plug_in(key: &str) -> bool {
    PLUG_IN_KEYS.contains(&key) || PLUG_IN_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Serializers with a registry of schemas, and Kafka's own authorizer.
const PLUG_IN_KEYS: &[&str] = &[
    "allow.everyone.if.no.acl.found",
    "auto.register.schemas",
    "avro.remove.java.properties",
    "basic.auth.credentials.source",
    "basic.auth.user.info",
    "json.value.type",
    "key.subject.name.strategy",
    "max.schemas.per.subject",
    "normalize.schemas",
    "specific.avro.reader",
    "specific.protobuf.value.type",
    "super.users",
    "use.latest.version",
    "value.subject.name.strategy",
];

const PLUG_IN_PREFIXES: &[&str] =
    &["bearer.auth.", "config.providers.", "confluent.", "listener.name.", "schema.registry."];

/// A kind of program whose files hold more than keys of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Program {
    /// "Kafka Streams".
    pub name: &'static str,
    /// Keys that only its files have; one is enough to recognise it.
    pub keys: &'static [&'static str],
}

/// The programs that are recognised.
pub const PROGRAMS: &[Program] = &[
    Program { name: "Kafka Streams", keys: STREAMS },
    Program { name: "Kafka Connect", keys: CONNECT },
    Program { name: "MirrorMaker 2", keys: MIRROR },
];

/// The program to which a key belongs.
pub fn program(key: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|program| program.keys.contains(&key))
}

const STREAMS: &[&str] = &[
    "acceptable.recovery.lag",
    "application.id",
    "application.server",
    "buffered.records.per.partition",
    "built.in.metrics.version",
    "cache.max.bytes.buffering",
    "default.deserialization.exception.handler",
    "default.dsl.store",
    "default.key.serde",
    "default.list.key.serde.inner",
    "default.list.key.serde.type",
    "default.list.value.serde.inner",
    "default.list.value.serde.type",
    "default.production.exception.handler",
    "default.timestamp.extractor",
    "default.value.serde",
    "deserialization.exception.handler",
    "dsl.store.suppliers.class",
    "ensure.explicit.internal.resource.naming",
    "max.task.idle.ms",
    "max.warmup.replicas",
    "num.standby.replicas",
    "num.stream.threads",
    "partition.grouper",
    "probing.rebalance.interval.ms",
    "processing.exception.handler",
    "processing.guarantee",
    "processor.wrapper.class",
    "production.exception.handler",
    "rack.aware.assignment.non_overlap_cost",
    "rack.aware.assignment.strategy",
    "rack.aware.assignment.tags",
    "rack.aware.assignment.traffic_cost",
    "repartition.purge.interval.ms",
    "rocksdb.config.setter",
    "state.cleanup.delay.ms",
    "state.dir",
    "statestore.cache.max.bytes",
    "task.assignor.class",
    "task.timeout.ms",
    "topology.optimization",
    "upgrade.from",
    "windowstore.changelog.additional.retention.ms",
];

const CONNECT: &[&str] = &[
    "config.storage.replication.factor",
    "config.storage.topic",
    "connector.class",
    "errors.deadletterqueue.topic.name",
    "errors.tolerance",
    "exactly.once.source.support",
    "exactly.once.support",
    "header.converter",
    "key.converter",
    "offset.flush.interval.ms",
    "offset.storage.file.filename",
    "offset.storage.replication.factor",
    "offset.storage.topic",
    "plugin.discovery",
    "plugin.path",
    "rest.advertised.host.name",
    "status.storage.replication.factor",
    "status.storage.topic",
    "tasks.max",
    "transaction.boundary",
    "value.converter",
];

const MIRROR: &[&str] = &[
    "clusters",
    "dedicated.mode.enable.internal.rest",
    "emit.checkpoints.enabled",
    "emit.heartbeats.enabled",
    "refresh.topics.enabled",
    "replication.policy.class",
    "source.cluster.alias",
    "sync.topic.acls.enabled",
    "target.cluster.alias",
];
