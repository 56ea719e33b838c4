//! The keys that producers and consumers share (`CommonClientConfigs.java`, `SslConfigs.java`,
//! `SaslConfigs.java`).

use super::key::*;
use crate::protocol::variant::Kafka::*;
use Bearing::*;

/// Keys of every client.
pub const CLIENT: &[KeyInfo] = &[
    boolean("auto.include.jmx.reporter", Metrics).default("true").until(V3_9).deprecated(V3_9),
    list("bootstrap.servers", Connection).before(V4_3, ""),
    text("client.dns.lookup", Connection)
        .default("use_all_dns_ips")
        .one_of(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"]),
    text("client.id", Naming).default(""),
    list("config.providers", Extension).default("").since(V4_3),
    long("connections.max.idle.ms", Connection).default("540000"),
    boolean("enable.metrics.push", Metrics).default("true"),
    list("interceptor.classes", Extension).default(""),
    long("metadata.max.age.ms", Connection).default("300000").at_least(0),
    long("metadata.recovery.rebootstrap.trigger.ms", Connection)
        .default("300000")
        .at_least(0)
        .since(V4_1),
    text("metadata.recovery.strategy", Connection)
        .default("rebootstrap")
        .any_case(&["REBOOTSTRAP", "NONE"])
        .before(V4_1, "none"),
    list("metric.reporters", Metrics)
        .default("org.apache.kafka.common.metrics.JmxReporter")
        .before(V4_1, ""),
    int("metrics.num.samples", Metrics).default("2").at_least(1),
    text("metrics.recording.level", Metrics).default("INFO").one_of(&["INFO", "DEBUG", "TRACE"]),
    long("metrics.sample.window.ms", Metrics).default("30000").at_least(0),
    int("receive.buffer.bytes", Connection).default("32768").at_least(-1),
    long("reconnect.backoff.max.ms", Connection).default("1000").at_least(0),
    long("reconnect.backoff.ms", Connection).default("50").at_least(0),
    int("request.timeout.ms", Timing).default("30000").at_least(0),
    long("retry.backoff.max.ms", Timing).default("1000").at_least(0),
    long("retry.backoff.ms", Timing).default("100").at_least(0),
    class("sasl.client.callback.handler.class", Security),
    password("sasl.jaas.config", Security),
    text("sasl.kerberos.kinit.cmd", Security).default("/usr/bin/kinit"),
    long("sasl.kerberos.min.time.before.relogin", Security).default("60000"),
    text("sasl.kerberos.service.name", Security),
    double("sasl.kerberos.ticket.renew.jitter", Security).default("0.05"),
    double("sasl.kerberos.ticket.renew.window.factor", Security).default("0.8"),
    class("sasl.login.callback.handler.class", Security),
    class("sasl.login.class", Security),
    int("sasl.login.connect.timeout.ms", Security),
    int("sasl.login.read.timeout.ms", Security),
    short("sasl.login.refresh.buffer.seconds", Security).default("300").between(0, 3600),
    short("sasl.login.refresh.min.period.seconds", Security).default("60").between(0, 900),
    double("sasl.login.refresh.window.factor", Security).default("0.8").within(0.5, 1.0),
    double("sasl.login.refresh.window.jitter", Security).default("0.05").within(0.0, 0.25),
    long("sasl.login.retry.backoff.max.ms", Security).default("10000"),
    long("sasl.login.retry.backoff.ms", Security).default("100"),
    text("sasl.mechanism", Security).default("GSSAPI"),
    text("sasl.oauthbearer.assertion.algorithm", Security)
        .default("RS256")
        .any_case(&["ES256", "RS256"])
        .since(V4_1),
    text("sasl.oauthbearer.assertion.claim.aud", Security).since(V4_1),
    int("sasl.oauthbearer.assertion.claim.exp.seconds", Security)
        .default("300")
        .between(0, 86400)
        .since(V4_1),
    text("sasl.oauthbearer.assertion.claim.iss", Security).since(V4_1),
    boolean("sasl.oauthbearer.assertion.claim.jti.include", Security).default("false").since(V4_1),
    int("sasl.oauthbearer.assertion.claim.nbf.seconds", Security)
        .default("60")
        .between(0, 3600)
        .since(V4_1),
    text("sasl.oauthbearer.assertion.claim.sub", Security).since(V4_1),
    text("sasl.oauthbearer.assertion.file", Security).since(V4_1),
    text("sasl.oauthbearer.assertion.private.key.file", Security).since(V4_1),
    password("sasl.oauthbearer.assertion.private.key.passphrase", Security).since(V4_1),
    text("sasl.oauthbearer.assertion.template.file", Security).since(V4_1),
    text("sasl.oauthbearer.client.credentials.client.id", Security).since(V4_1),
    password("sasl.oauthbearer.client.credentials.client.secret", Security).since(V4_1),
    int("sasl.oauthbearer.clock.skew.seconds", Security).default("30"),
    list("sasl.oauthbearer.expected.audience", Security).default("").null_before(V4_3),
    text("sasl.oauthbearer.expected.issuer", Security),
    boolean("sasl.oauthbearer.header.urlencode", Security).default("false"),
    long("sasl.oauthbearer.jwks.endpoint.refresh.ms", Security).default("3600000"),
    long("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", Security).default("10000"),
    long("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", Security).default("100"),
    text("sasl.oauthbearer.jwks.endpoint.url", Security),
    class("sasl.oauthbearer.jwt.retriever.class", Security)
        .default("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever")
        .since(V4_1),
    class("sasl.oauthbearer.jwt.validator.class", Security)
        .default("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator")
        .since(V4_1),
    text("sasl.oauthbearer.scope", Security).since(V4_1),
    text("sasl.oauthbearer.scope.claim.name", Security).default("scope"),
    text("sasl.oauthbearer.sub.claim.name", Security).default("sub"),
    text("sasl.oauthbearer.token.endpoint.url", Security),
    text("security.protocol", Security).default("PLAINTEXT").any_case(&[
        "SASL_SSL",
        "PLAINTEXT",
        "SSL",
        "SASL_PLAINTEXT",
    ]),
    text("security.providers", Security),
    int("send.buffer.bytes", Connection).default("131072").at_least(-1),
    long("socket.connection.setup.timeout.max.ms", Connection).default("30000"),
    long("socket.connection.setup.timeout.ms", Connection).default("10000"),
    list("ssl.cipher.suites", Security).default("").null_before(V4_3),
    list("ssl.enabled.protocols", Security).default("TLSv1.2,TLSv1.3"),
    text("ssl.endpoint.identification.algorithm", Security).default("https"),
    class("ssl.engine.factory.class", Security),
    password("ssl.key.password", Security),
    text("ssl.keymanager.algorithm", Security).default("SunX509"),
    password("ssl.keystore.certificate.chain", Security),
    password("ssl.keystore.key", Security),
    text("ssl.keystore.location", Security),
    password("ssl.keystore.password", Security),
    text("ssl.keystore.type", Security).default("JKS"),
    text("ssl.protocol", Security).default("TLSv1.3"),
    text("ssl.provider", Security),
    text("ssl.secure.random.implementation", Security),
    text("ssl.trustmanager.algorithm", Security).default("PKIX"),
    password("ssl.truststore.certificates", Security),
    text("ssl.truststore.location", Security),
    password("ssl.truststore.password", Security),
    text("ssl.truststore.type", Security).default("JKS"),
];
