//! Every key of Kafka's own configuration, as data: its type, default, range, and what it has to do
//! with delivery.
//!
//! One table for each kind of file. The rows were taken from the `ConfigDef`s of Kafka 3.9.1, 4.1.0
//! and 4.3.0; a test compares them with a recording of those. What a key *does* is not here: see
//! [`config_resolve`](super::config_resolve) and the roles.

mod broker_cluster;
mod broker_log;
mod broker_net;
mod client;
mod consumer;
mod key;
mod producer;
mod synonyms;
mod topic;

pub use broker_cluster::BROKER_CLUSTER;
pub use broker_log::BROKER_LOG;
pub use broker_net::BROKER_NET;
pub use client::CLIENT;
pub use consumer::CONSUMER;
pub use key::{Allowed, Bearing, KeyInfo, ValueType};
pub use producer::PRODUCER;
pub use synonyms::{Synonym, TOPIC_SYNONYMS};
pub use topic::TOPIC;

/// Which component reads a set of keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// A producer (`ProducerConfig.java`).
    Producer,
    /// A consumer (`ConsumerConfig.java`).
    Consumer,
    /// A topic (`TopicConfig.java`, `LogConfig.java`).
    Topic,
    /// A broker (`AbstractKafkaConfig.java`).
    Broker,
}

impl Side {
    /// All of them.
    pub const ALL: &'static [Side] = &[Side::Producer, Side::Consumer, Side::Topic, Side::Broker];

    /// "producer", "consumer", "topic", "broker".
    pub fn name(self) -> &'static str {
        match self {
            Side::Producer => "producer",
            Side::Consumer => "consumer",
            Side::Topic => "topic",
            Side::Broker => "broker",
        }
    }

    /// Its keys, in every preset.
    pub fn keys(self) -> impl Iterator<Item = &'static KeyInfo> {
        let tables: [&[KeyInfo]; 3] = match self {
            Side::Producer => [PRODUCER, CLIENT, &[]],
            Side::Consumer => [CONSUMER, CLIENT, &[]],
            Side::Topic => [TOPIC, &[], &[]],
            Side::Broker => [BROKER_LOG, BROKER_CLUSTER, BROKER_NET],
        };
        tables.into_iter().flatten()
    }

    /// The row of a key.
    pub fn key(self, name: &str) -> Option<&'static KeyInfo> {
        self.keys().find(|key| key.name == name)
    }
}
