//! One row of a table of keys.

use crate::protocol::variant::Kafka;

/// `Integer.MAX_VALUE`.
pub const INT_MAX: i64 = i32::MAX as i64;

/// What a value must look like (`ConfigDef.java: Type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueType {
    /// `true` or `false`, in any case.
    Boolean,
    /// 16 bits.
    Short,
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    /// A decimal number.
    Double,
    /// Any text.
    Text,
    /// Texts between commas.
    List,
    /// The name of a Java class; it is not looked up.
    Class,
    /// A secret.
    Password,
}

impl ValueType {
    /// For error messages: "true or false", "a whole number of 32 bits", ...
    pub fn describe(self) -> &'static str {
        match self {
            ValueType::Boolean => "true or false",
            ValueType::Short => "a whole number of 16 bits",
            ValueType::Int => "a whole number of 32 bits",
            ValueType::Long => "a whole number of 64 bits",
            ValueType::Double => "a number",
            ValueType::Text | ValueType::Password => "a text",
            ValueType::List => "a list",
            ValueType::Class => "the name of a class",
        }
    }
}

/// Which values of the type are taken (`ConfigDef.java: Validator`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Allowed {
    /// All.
    Any,
    /// From the first to the second.
    Between(i64, i64),
    /// Decimal numbers from the first to the second.
    Within(f64, f64),
    /// These words; every element of a list must be one.
    OneOf(&'static [&'static str]),
    /// These words, or the prefix with a duration that is not negative, in ISO 8601.
    OneOfOrDuration(&'static [&'static str], &'static str),
    /// These words in any case.
    AnyCase(&'static [&'static str]),
    /// A text that is not empty.
    NonEmpty,
}

/// What a key has to do with delivery.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bearing {
    /// It decides what can be lost, repeated or reordered.
    Delivery,
    /// It decides how long something takes: the explorer tries every order anyway, the simulator
    /// counts it.
    Timing,
    /// None: how a connection is made.
    Connection,
    /// None: who may do what.
    Security,
    /// None: metrics and logs.
    Metrics,
    /// None: sizes of buffers, batches and answers, compression, quotas, threads.
    Throughput,
    /// None: how records become bytes.
    Encoding,
    /// None within one partition: which partition a record goes to.
    Placement,
    /// None: names and places.
    Naming,
    /// None with one consumer and one topic: who reads which partition.
    Membership,
    /// None with one replica and one broker: how replicas follow and leaders change.
    Replication,
    /// None without transactions.
    Transactions,
    /// None: files and segments.
    Storage,
    /// Code of the user's own, which nobody can know.
    Extension,
}

impl Bearing {
    /// Those without bearing on what the model has.
    pub const NONE: &'static [Bearing] = &[
        Bearing::Connection,
        Bearing::Security,
        Bearing::Metrics,
        Bearing::Throughput,
        Bearing::Encoding,
        Bearing::Placement,
        Bearing::Naming,
        Bearing::Membership,
        Bearing::Replication,
        Bearing::Transactions,
        Bearing::Storage,
    ];

    /// For notes: "connection", "security", ...
    pub fn name(self) -> &'static str {
        match self {
            Bearing::Delivery => "delivery",
            Bearing::Timing => "timing",
            Bearing::Connection => "connection",
            Bearing::Security => "security",
            Bearing::Metrics => "metrics",
            Bearing::Throughput => "throughput",
            Bearing::Encoding => "encoding",
            Bearing::Placement => "partitioning",
            Bearing::Naming => "names",
            Bearing::Membership => "membership",
            Bearing::Replication => "replication",
            Bearing::Transactions => "transactions",
            Bearing::Storage => "storage",
            Bearing::Extension => "plug-ins",
        }
    }
}

/// A key of Kafka's configuration.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct KeyInfo {
    /// Kafka's name of it.
    pub name: &'static str,
    /// Type of its value.
    pub value: ValueType,
    /// Range of its value, in the newest preset.
    pub allowed: Allowed,
    /// What it has to do with delivery.
    pub bearing: Bearing,
    /// Value if it is not given, in the newest preset; `None`: null, or it must be given.
    pub default: Option<&'static str>,
    /// Defaults of all presets before one, where they were others; the older first.
    pub older_defaults: [Option<(Kafka, Option<&'static str>)>; 2],
    /// Range of all presets before one, if it was another.
    pub older_allowed: Option<(Kafka, Allowed)>,
    /// First preset that has it.
    pub since: Kafka,
    /// Last preset that has it.
    pub until: Kafka,
    /// Since which preset Kafka's documentation calls it deprecated.
    pub deprecated: Option<Kafka>,
}

impl KeyInfo {
    /// The default in a preset.
    pub fn default_in(&self, kafka: Kafka) -> Option<&'static str> {
        let older = self.older_defaults.iter().flatten().find(|(changed, _)| kafka < *changed);
        older.map_or(self.default, |(_, older)| *older)
    }

    /// The range in a preset.
    pub fn allowed_in(&self, kafka: Kafka) -> Allowed {
        match self.older_allowed {
            Some((changed, older)) if kafka < changed => older,
            _ => self.allowed,
        }
    }

    /// Whether a preset has it.
    pub fn is_in(&self, kafka: Kafka) -> bool {
        self.since <= kafka && kafka <= self.until
    }

    const fn new(name: &'static str, value: ValueType, bearing: Bearing) -> KeyInfo {
        KeyInfo {
            name,
            value,
            allowed: Allowed::Any,
            bearing,
            default: None,
            older_defaults: [None; 2],
            older_allowed: None,
            since: Kafka::V3_9,
            until: Kafka::V4_3,
            deprecated: None,
        }
    }

    pub(super) const fn default(mut self, value: &'static str) -> KeyInfo {
        self.default = Some(value);
        self
    }

    pub(super) const fn before(self, kafka: Kafka, value: &'static str) -> KeyInfo {
        self.older(kafka, Some(value))
    }

    pub(super) const fn null_before(self, kafka: Kafka) -> KeyInfo {
        self.older(kafka, None)
    }

    const fn older(mut self, kafka: Kafka, value: Option<&'static str>) -> KeyInfo {
        let slot = if self.older_defaults[0].is_none() { 0 } else { 1 };
        self.older_defaults[slot] = Some((kafka, value));
        self
    }

    pub(super) const fn allowed_before(mut self, kafka: Kafka, allowed: Allowed) -> KeyInfo {
        self.older_allowed = Some((kafka, allowed));
        self
    }

    pub(super) const fn at_least(mut self, least: i64) -> KeyInfo {
        self.allowed = Allowed::Between(least, i64::MAX);
        self
    }

    pub(super) const fn between(mut self, least: i64, most: i64) -> KeyInfo {
        self.allowed = Allowed::Between(least, most);
        self
    }

    pub(super) const fn within(mut self, least: f64, most: f64) -> KeyInfo {
        self.allowed = Allowed::Within(least, most);
        self
    }

    pub(super) const fn one_of(mut self, words: &'static [&'static str]) -> KeyInfo {
        self.allowed = Allowed::OneOf(words);
        self
    }

    pub(super) const fn one_of_or_duration(
        mut self,
        words: &'static [&'static str],
        prefix: &'static str,
    ) -> KeyInfo {
        self.allowed = Allowed::OneOfOrDuration(words, prefix);
        self
    }

    pub(super) const fn any_case(mut self, words: &'static [&'static str]) -> KeyInfo {
        self.allowed = Allowed::AnyCase(words);
        self
    }

    pub(super) const fn non_empty(mut self) -> KeyInfo {
        self.allowed = Allowed::NonEmpty;
        self
    }

    pub(super) const fn since(mut self, kafka: Kafka) -> KeyInfo {
        self.since = kafka;
        self
    }

    pub(super) const fn until(mut self, kafka: Kafka) -> KeyInfo {
        self.until = kafka;
        self
    }

    pub(super) const fn deprecated(mut self, kafka: Kafka) -> KeyInfo {
        self.deprecated = Some(kafka);
        self
    }
}

macro_rules! constructors {
    ($($name:ident = $value:ident),* $(,)?) => {
        $(pub(super) const fn $name(name: &'static str, bearing: Bearing) -> KeyInfo {
            KeyInfo::new(name, ValueType::$value, bearing)
        })*
    };
}

constructors! {
    boolean = Boolean,
    short = Short,
    int = Int,
    long = Long,
    double = Double,
    text = Text,
    list = List,
    class = Class,
    password = Password,
}
