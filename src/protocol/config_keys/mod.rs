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
mod foreign;
mod key;
mod producer;
mod synonyms;
mod topic;

pub use broker_cluster::BROKER_CLUSTER;
pub use broker_log::BROKER_LOG;
pub use broker_net::BROKER_NET;
pub use client::CLIENT;
pub use consumer::CONSUMER;
pub use foreign::{FOREIGN, Foreign, Origin, PROGRAMS, Program, foreign, is_of_plug_in, program};
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
        self.tables().into_iter().flatten()
    }

    /// The row of a key.
    pub fn key(self, name: &str) -> Option<&'static KeyInfo> {
        self.tables().into_iter().find_map(|table| {
            let row = table.binary_search_by(|key| key.name.cmp(name)).ok()?;
            table.get(row)
        })
    }

    /// Tables, each in the order of its names.
    fn tables(self) -> [&'static [KeyInfo]; 3] {
        match self {
            Side::Producer => [PRODUCER, CLIENT, &[]],
            Side::Consumer => [CONSUMER, CLIENT, &[]],
            Side::Topic => [TOPIC, &[], &[]],
            Side::Broker => [BROKER_LOG, BROKER_CLUSTER, BROKER_NET],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order() {
        for table in Side::ALL.iter().flat_map(|side| side.tables()) {
            let unordered = table.windows(2).find(|pair| pair[0].name >= pair[1].name);
            assert_eq!(unordered.map(|pair| pair[0].name), None);
        }
    }

    #[test]
    fn no_name_stands_twice() {
        for side in Side::ALL {
            let mut names: Vec<&str> = side.keys().map(|key| key.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{}", side.name());
        }
        let mut names: Vec<&str> = FOREIGN.iter().map(|foreign| foreign.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn a_foreign_name_is_no_key_of_a_client_and_its_counterpart_is() {
        let clients = [Side::Producer, Side::Consumer];
        for Foreign { name, java, .. } in FOREIGN {
            assert!(clients.iter().all(|side| side.key(name).is_none()), "{name}");
            let Some(java) = java else { continue };
            assert!(clients.iter().any(|side| side.key(java).is_some()), "{name}: {java}");
        }
        for key in PROGRAMS.iter().flat_map(|program| program.keys) {
            assert!(Side::ALL.iter().all(|side| side.key(key).is_none()), "{key}");
        }
    }

    #[test]
    fn every_default_is_a_value() {
        use crate::protocol::config_value::ConfigValue;
        use crate::protocol::variant::Kafka;
        for key in Side::ALL.iter().flat_map(|side| side.keys()) {
            for kafka in Kafka::ALL.iter().filter(|kafka| key.is_in(**kafka)) {
                let Some(text) = key.default_in(*kafka) else { continue };
                assert!(key.parse(*kafka, text).is_ok(), "{}={text}", key.name);
                assert_ne!(key.default_value(*kafka), ConfigValue::Null, "{}", key.name);
            }
        }
    }
}
