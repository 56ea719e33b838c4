//! Kafka: plain state machines that take an input and push outputs.
//!
//! Knows nothing of links, faults, explorers, clocks (time is an argument), randomness or payload bytes.

pub mod broker;
pub mod config;
pub mod config_effective;
pub mod config_fields;
pub mod config_keys;
pub mod config_resolve;
pub mod config_set;
pub mod config_value;
pub mod consumer;
pub mod error_code;
pub mod log;
pub mod message;
pub mod note;
pub mod offsets;
pub mod outbox;
pub mod producer;
pub mod producer_state;
mod rename;
pub mod safeguard;
pub mod variant;

use config::{BrokerConfig, TopicConfig};
use note::Note;
use outbox::Outbox;
use safeguard::{Safeguard, SafeguardSet};
use variant::{Kafka, Variants};

use crate::record::{Timestamp, TopicName};

/// What is fixed for a cluster: its version, what was ablated, its settings.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Protocol {
    /// The version of Kafka.
    pub kafka: Kafka,
    /// The designs chosen on top of it.
    pub variants: Variants,
    /// The safeguards that are removed.
    pub ablated: SafeguardSet,
    /// Settings of the brokers.
    pub broker: BrokerConfig,
    /// Settings of each topic, by [`TopicName`].
    pub topics: Vec<TopicConfig>,
}

impl Protocol {
    /// Whether a protective check refuses: `broken` says that what it guards against is the case.
    pub fn refuses(&self, safeguard: Safeguard, broken: bool, out: &mut Outbox) -> bool {
        let refused = broken && !self.ablated.contains(safeguard);
        if refused {
            out.note(Note::Refused(safeguard));
        }
        refused
    }

    /// How far a record's time may be ahead of the broker's.
    pub fn timestamp_after_max(&self, config: &TopicConfig) -> Timestamp {
        config.message_timestamp_after_max_ms.unwrap_or(match self.kafka {
            Kafka::V3_9 => Timestamp::MAX,
            Kafka::V4_1 | Kafka::V4_3 => 3_600_000,
        })
    }

    /// The settings of a topic.
    pub fn topic(&self, name: TopicName) -> &TopicConfig {
        &self.topics[usize::from(name.0)]
    }
}
