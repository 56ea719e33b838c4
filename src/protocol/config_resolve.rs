//! What a component makes of the keys it is given: what it changes silently, what it refuses.
//!
//! Sources: `ProducerConfig.java: postProcessAndValidateIdempotenceConfigs`, `KafkaProducer.java:
//! configureDeliveryTimeout`, `ConsumerConfig.java: postProcessParsedConfig`, `Heartbeat.java`,
//! `LogConfig.java: validateValues`, `KafkaConfig.scala: validateValues`. Nothing here knows files
//! or lines: a caller maps the keys back.

use crate::protocol::config::{Acks, ConsumerKind};
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::Side;
use crate::protocol::config_value::ConfigValue;
use crate::protocol::variant::Kafka;

/// A value that Kafka sets otherwise than the file, or the default, says, without an error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The key whose value changes.
    pub key: &'static str,
    /// The value that holds.
    pub value: String,
    /// The keys that cause it.
    pub because: Vec<&'static str>,
    /// Why, as a sentence without its end.
    pub reason: String,
}

/// A combination with which the client cannot be constructed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The keys at odds; the first is the one that the exception names.
    pub keys: Vec<&'static str>,
    /// Why, as a sentence without its end.
    pub reason: String,
    /// Kafka's source file that refuses.
    pub source: &'static str,
}

/// What resolution found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Findings {
    /// Silent changes, in the order of Kafka's code.
    pub changes: Vec<Change>,
    /// Refusals, in the order of Kafka's code; Kafka shows the first alone.
    pub refusals: Vec<Refusal>,
}

impl Findings {
    fn change(&mut self, key: &'static str, value: String, because: &[&'static str], why: String) {
        self.changes.push(Change { key, value, because: because.to_vec(), reason: why });
    }

    fn refuse(&mut self, keys: &[&'static str], source: &'static str, reason: String) {
        self.refusals.push(Refusal { keys: keys.to_vec(), reason, source });
    }
}

impl Effective {
    /// Applies the component's own rules, and says what they changed and refused.
    pub fn resolve(&mut self) -> Findings {
        let mut findings = Findings::default();
        match self.side {
            Side::Producer => {
                self.resolve_idempotence(&mut findings);
                self.resolve_delivery_timeout(&mut findings);
            }
            Side::Consumer => self.resolve_consumer(&mut findings),
            Side::Topic => {
                self.resolve_lags(["min.compaction.lag.ms", "max.compaction.lag.ms"], &mut findings)
            }
            Side::Broker => {
                self.resolve_lags(
                    ["log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"],
                    &mut findings,
                );
                self.resolve_broker_times(&mut findings);
            }
        }
        findings
    }

    /// KIP-679: an idempotence that was asked for is refused if another setting contradicts it; one
    /// by default is dropped. Since 4.0 more than five requests in flight are refused in both
    /// cases.
    fn resolve_idempotence(&mut self, findings: &mut Findings) {
        const SOURCE: &str = "ProducerConfig.java";
        let asked = self.is_given("enable.idempotence");
        let mut dropped: Vec<&'static str> = Vec::new();
        if self.boolean("enable.idempotence") {
            let in_flight = self.number("max.in.flight.requests.per.connection");
            let contradictions = [
                (
                    "retries",
                    self.number("retries") == 0,
                    "the idempotent producer needs retries above 0".to_owned(),
                ),
                (
                    "acks",
                    self.producer().acks != Acks::All,
                    "the idempotent producer needs acks=all".to_owned(),
                ),
                (
                    "max.in.flight.requests.per.connection",
                    in_flight > 5,
                    format!("the idempotent producer allows at most 5, not {in_flight}"),
                ),
            ];
            for (key, contradicts, reason) in contradictions {
                let always = key.starts_with("max.in.flight") && self.kafka >= Kafka::V4_1;
                if contradicts && (asked || always) {
                    findings.refuse(&[key, "enable.idempotence"], SOURCE, reason);
                } else if contradicts {
                    dropped.push(key);
                }
            }
        }
        if !dropped.is_empty() {
            self.values.insert("enable.idempotence", ConfigValue::Boolean(false));
            let why = "idempotence is on by default only, and is dropped in silence".to_owned();
            findings.change("enable.idempotence", "false".to_owned(), &dropped, why);
        }
        if self.is_given("transactional.id") && !self.boolean("enable.idempotence") {
            let keys = &["transactional.id", "enable.idempotence"];
            findings.refuse(keys, SOURCE, "transactions need idempotence".to_owned());
        }
        if self.boolean("transaction.two.phase.commit.enable")
            && self.is_given("transaction.timeout.ms")
        {
            let keys = &["transaction.timeout.ms", "transaction.two.phase.commit.enable"];
            let why = "with two-phase commit a transaction has no timeout".to_owned();
            findings.refuse(keys, SOURCE, why);
        }
    }

    /// A delivery timeout below linger and request timeout is refused if given, else raised.
    fn resolve_delivery_timeout(&mut self, findings: &mut Findings) {
        let int_max = i64::from(i32::MAX);
        let linger = self.number("linger.ms").min(int_max);
        let least = (linger + self.number("request.timeout.ms")).min(int_max);
        if self.number("delivery.timeout.ms") >= least {
            return;
        }
        let causes = ["linger.ms", "request.timeout.ms"];
        if self.is_given("delivery.timeout.ms") {
            let keys = &["delivery.timeout.ms", "linger.ms", "request.timeout.ms"];
            let why = format!("it may not be below linger.ms + request.timeout.ms = {least}");
            findings.refuse(keys, "KafkaProducer.java", why);
        } else {
            self.values.insert("delivery.timeout.ms", ConfigValue::Number(least));
            let why = "it may not be below linger.ms + request.timeout.ms".to_owned();
            let because: Vec<&str> = causes.into_iter().filter(|key| self.is_given(key)).collect();
            findings.change("delivery.timeout.ms", least.to_string(), &because, why);
        }
    }

    fn resolve_consumer(&mut self, findings: &mut Findings) {
        if self.text("group.id").is_none() {
            if !self.is_given("enable.auto.commit") {
                self.values.insert("enable.auto.commit", ConfigValue::Boolean(false));
            } else if self.boolean("enable.auto.commit") {
                let keys = &["enable.auto.commit", "group.id"];
                let why = "a consumer without group.id cannot commit".to_owned();
                findings.refuse(keys, "ConsumerConfig.java", why);
            }
        }
        self.refuse_unsupported(findings);
        let classic = self.consumer().kind == ConsumerKind::Classic;
        let session = self.number("session.timeout.ms");
        if classic
            && self.text("group.id").is_some()
            && self.number("heartbeat.interval.ms") >= session
        {
            let keys = &["heartbeat.interval.ms", "session.timeout.ms"];
            let why = format!("it must be below session.timeout.ms = {session}");
            findings.refuse(keys, "Heartbeat.java", why);
        }
    }

    /// `ConsumerConfig.java: checkUnsupportedConfigsPostProcess`; 3.9 knew the assignor alone.
    fn refuse_unsupported(&self, findings: &mut Findings) {
        let (unsupported, protocol): (&[&'static str], _) = match self.consumer().kind {
            ConsumerKind::Classic => (
                &["group.remote.assignor", "share.acknowledgement.mode", "share.acquire.mode"],
                "classic",
            ),
            ConsumerKind::Async if self.kafka >= Kafka::V4_1 => (
                &[
                    "partition.assignment.strategy",
                    "heartbeat.interval.ms",
                    "session.timeout.ms",
                    "share.acknowledgement.mode",
                    "share.acquire.mode",
                ],
                "consumer",
            ),
            ConsumerKind::Async => return,
        };
        let blank = |key: &str| self.text(key).is_some_and(|text| text.trim().is_empty());
        for key in unsupported.iter().filter(|key| self.is_given(key) && !blank(key)) {
            let why = format!("it may not be given with group.protocol={protocol}");
            findings.refuse(&[key, "group.protocol"], "ConsumerConfig.java", why);
        }
    }

    fn resolve_lags(&self, [least, most]: [&'static str; 2], findings: &mut Findings) {
        if self.number(least) > self.number(most) {
            let why = format!("it may not be above {most} = {}", self.number(most));
            findings.refuse(&[least, most], "LogConfig.java", why);
        }
    }

    /// Times in hours and minutes count only if none in a smaller unit is given.
    fn resolve_broker_times(&self, findings: &mut Findings) {
        let topic = self.topic_defaults();
        let retention = topic.number("retention.ms");
        if retention != -1 && retention < 1 {
            let why = "it must be -1, for ever, or at least 1".to_owned();
            let keys = &["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
            findings.refuse(keys, "KafkaConfig.scala", why);
        }
        if topic.number("segment.ms") < 1 {
            let why = "it must be at least 1".to_owned();
            findings.refuse(&["log.roll.ms", "log.roll.hours"], "KafkaConfig.scala", why);
        }
    }
}
