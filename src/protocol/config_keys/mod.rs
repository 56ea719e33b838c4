//! Every key of Kafka's own configuration, as data: its type, default, range, and what it has to do with
//! delivery.
//!
//! One table for each kind of file. The rows were taken from the `ConfigDef`s of Kafka 3.9.1, 4.1.0 and 4.3.0;
//! a test compares them with a recording of those. What a key *does* is not here: see
//! [`config_resolve`](super::config_resolve) and the roles.

mod client;
mod consumer;
mod key;
mod producer;
mod topic;

pub use client::CLIENT;
pub use consumer::CONSUMER;
pub use key::{Allowed, Bearing, KeyInfo, ValueType};
pub use producer::PRODUCER;
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
}

impl Side {
    /// "producer", "consumer", "topic".
    pub fn name(self) -> &'static str {
        match self {
            Side::Producer => "producer",
            Side::Consumer => "consumer",
            Side::Topic => "topic",
        }
    }

    /// Its keys, in every preset.
    pub fn keys(self) -> impl Iterator<Item = &'static KeyInfo> {
        let (own, shared): (&[KeyInfo], &[KeyInfo]) = match self {
            Side::Producer => (PRODUCER, CLIENT),
            Side::Consumer => (CONSUMER, CLIENT),
            Side::Topic => (TOPIC, &[]),
        };
        own.iter().chain(shared)
    }

    /// The row of a key.
    pub fn key(self, name: &str) -> Option<&'static KeyInfo> {
        self.keys().find(|key| key.name == name)
    }
}
