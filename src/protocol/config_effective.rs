//! The keys of one component with their effective values, and the settings that the roles read from
//! them.

use std::collections::{BTreeMap, BTreeSet};

use crate::protocol::config::{BrokerConfig, ConsumerConfig, ProducerConfig, TopicConfig};
use crate::protocol::config_fields::{
    BROKER_FIELDS, CONSUMER_FIELDS, Field, PRODUCER_FIELDS, TOPIC_FIELDS,
};
use crate::protocol::config_keys::{KeyInfo, Side, TOPIC_SYNONYMS};
use crate::protocol::config_value::{ConfigValue, ValueError};
use crate::protocol::variant::Kafka;

/// The keys of one component with their effective values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effective {
    pub(super) side: Side,
    pub(super) kafka: Kafka,
    /// What is not the default.
    pub(super) values: BTreeMap<&'static str, ConfigValue>,
    pub(super) given: BTreeSet<&'static str>,
}

impl Effective {
    /// The defaults of a preset.
    pub fn defaults(side: Side, kafka: Kafka) -> Effective {
        Effective { side, kafka, values: BTreeMap::new(), given: BTreeSet::new() }
    }

    /// Sets a key as a file says. Keys that the preset does not have are not taken, as Kafka
    /// ignores them.
    ///
    /// # Errors
    /// A value that Kafka refuses; the default stays.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), ValueError> {
        let Some(key) = self.side.key(name).filter(|key| key.is_in(self.kafka)) else {
            return Ok(());
        };
        let value = key.parse(self.kafka, text)?;
        self.values.insert(key.name, value);
        self.given.insert(key.name);
        Ok(())
    }

    /// Another default than Kafka's, for what a program sets itself.
    #[must_use]
    pub fn assuming(mut self, name: &str, text: &str) -> Effective {
        if let Some(key) = self.side.key(name)
            && let Ok(value) = key.parse(self.kafka, text)
        {
            self.values.insert(key.name, value);
        }
        self
    }

    /// Whether a file gave it.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Whose keys they are.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The version whose defaults and rules hold.
    pub fn kafka(&self) -> Kafka {
        self.kafka
    }

    /// A whole number; 0 for a key of another type.
    pub fn number(&self, name: &str) -> i64 {
        match self.value(name) {
            ConfigValue::Number(number) => number,
            _ => 0,
        }
    }

    /// A whole number that is not negative.
    pub fn unsigned(&self, name: &str) -> u64 {
        u64::try_from(self.number(name)).unwrap_or(0)
    }

    /// A truth value; false for a key of another type.
    pub fn boolean(&self, name: &str) -> bool {
        self.value(name) == ConfigValue::Boolean(true)
    }

    /// A text, unless it is null.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.values.get(name) {
            Some(ConfigValue::Text(text)) => Some(text),
            Some(_) => None,
            None => self.key(name)?.default_in(self.kafka),
        }
    }

    /// The value of a key; null of one that the preset does not have.
    pub fn value(&self, name: &str) -> ConfigValue {
        let default = || self.key(name).map(|key| key.default_value(self.kafka));
        self.values.get(name).cloned().or_else(default).unwrap_or(ConfigValue::Null)
    }

    fn key(&self, name: &str) -> Option<&'static KeyInfo> {
        self.side.key(name).filter(|key| key.is_in(self.kafka))
    }

    /// The part that the producer's role reads.
    pub fn producer(&self) -> ProducerConfig {
        self.filled(PRODUCER_FIELDS)
    }

    /// The part that the consumer's role reads.
    pub fn consumer(&self) -> ConsumerConfig {
        self.filled(CONSUMER_FIELDS)
    }

    /// The settings of a topic with so many replicas.
    pub fn topic(&self, replication_factor: u16) -> TopicConfig {
        TopicConfig { replication_factor, ..self.filled(TOPIC_FIELDS) }
    }

    /// The settings of a broker.
    pub fn broker(&self) -> BrokerConfig {
        self.filled(BROKER_FIELDS)
    }

    /// A field that says "the version's default" by holding nothing keeps to it.
    fn filled<C: Default>(&self, fields: &[Field<C>]) -> C {
        let mut config = C::default();
        for field in fields {
            let value = self.value(field.key);
            let default = self.key(field.key).map(|key| key.default_value(self.kafka));
            if (field.get)(&config) != ConfigValue::Null || default.as_ref() != Some(&value) {
                (field.set)(&mut config, &value);
            }
        }
        config
    }

    /// The defaults of the topics of this broker.
    pub fn topic_defaults(&self) -> Effective {
        let mut topic = Effective::defaults(Side::Topic, self.kafka);
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for synonym in TOPIC_SYNONYMS {
            let Some(key) = Side::Topic.key(synonym.topic).filter(|key| key.is_in(self.kafka))
            else {
                continue;
            };
            if !self.is_given(synonym.broker) || !done.insert(synonym.topic) {
                continue;
            }
            let value = synonym.converted(self.value(synonym.broker));
            topic.values.insert(key.name, value);
        }
        topic
    }
}
