//! The calls of a script that the model can be asked: their arguments, their answers' fields and
//! the versions in which Kafka offers them.
//!
//! A call or a field that is missing here is *not modelled*; scripts that use it are counted apart.
//! Version ranges: `ApiMessageType.java` of 3.9.1, 4.1.0 and 4.3.0 (unstable ones left out), from
//! the first version on that carries format-2 records or Kafka-stored offsets.

use crate::protocol::message::Version;
use crate::protocol::variant::Kafka;

/// What an argument must look like. A text `"$3.epoch+1"` may stand for any number or text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A text, or a number that is read as one.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Bool,
    /// A producer's name, or a number that is a producer id by itself.
    Producer,
    /// A list of texts.
    Texts,
    /// A list of values, `{key, value}`, `{value, timestamp}`, `{value, size}` or `null`.
    Records,
    /// `[["t", 0], ..]`.
    Pairs,
    /// `{"t": [0, 1]}` or `[["t", 0], ..]`.
    Partitions,
    /// `{"t": {"0": 5}}`; an offset is a number or `{offset, leader_epoch, metadata}`.
    Offsets,
    /// `{"retention.ms": "1000"}`.
    Config,
    /// A call of its own.
    Step,
}

/// Versions from the first to the last, for 3.9, 4.1 and 4.3.
pub type Versions = [(Version, Version); 3];

/// A call that the model can be asked.
#[derive(Debug)]
pub struct CallSpec {
    /// Its name in scripts.
    pub name: &'static str,
    /// Versions that Kafka offers; `None` for a call that is no API of its own.
    pub versions: Option<Versions>,
    /// Its own arguments (besides [`COMMON`]).
    pub arguments: &'static [(&'static str, Kind)],
    /// Fields that its answer can have; empty: no answer.
    pub answer: &'static [&'static str],
}

impl CallSpec {
    /// The versions that a Kafka offers.
    pub fn range(&self, kafka: Kafka) -> Option<(Version, Version)> {
        let versions = self.versions.as_ref()?;
        Some(match kafka {
            Kafka::V3_9 => versions[0],
            Kafka::V4_1 => versions[1],
            Kafka::V4_3 => versions[2],
        })
    }
}

/// Arguments that every call may have.
pub const COMMON: &[(&str, Kind)] = &[
    ("v", Kind::Number),
    ("as", Kind::Text),
    ("broker", Kind::Number),
    ("retry_on", Kind::Texts),
    ("answer_ignore", Kind::Texts),
];

use Kind::{
    Bool, Config, Number, Offsets, Pairs, Partitions, Producer, Records, Step, Text, Texts,
};

const TOPIC: (&str, Kind) = ("topic", Text);
const PARTITION: (&str, Kind) = ("partition", Number);
const ISOLATION: (&str, Kind) = ("isolation", Text);
const LEADER_EPOCH: (&str, Kind) = ("current_leader_epoch", Number);
const GROUP: (&str, Kind) = ("group", Text);

/// All calls that the model can be asked, by name.
pub const CALLS: &[CallSpec] = &[
    CallSpec {
        name: "await",
        versions: None,
        arguments: &[("id", Text)],
        answer: &["error", "base_offset", "log_start_offset"],
    },
    CallSpec {
        name: "await-log-start",
        versions: None,
        arguments: &[TOPIC, PARTITION, ("offset", Number)],
        answer: &["error", "offset"],
    },
    CallSpec {
        name: "create-partitions",
        versions: None,
        arguments: &[TOPIC, ("count", Number), ("partitions", Number)],
        answer: &["error"],
    },
    CallSpec {
        name: "create-topic",
        versions: None,
        arguments: &[TOPIC, ("partitions", Number), ("replicas", Number), ("config", Config)],
        answer: &["error"],
    },
    CallSpec {
        name: "delete-group",
        versions: Some([(0, 2); 3]),
        arguments: &[GROUP],
        answer: &["error"],
    },
    CallSpec {
        name: "delete-records",
        versions: Some([(0, 2); 3]),
        arguments: &[TOPIC, PARTITION, ("before", Number)],
        answer: &["error", "low_watermark"],
    },
    CallSpec { name: "delete-topic", versions: None, arguments: &[TOPIC], answer: &["error"] },
    CallSpec {
        name: "describe-group",
        versions: Some([(0, 5), (0, 6), (0, 6)]),
        arguments: &[GROUP],
        answer: &["error", "state", "protocol_type", "protocol", "members"],
    },
    CallSpec {
        name: "describe-producers",
        versions: Some([(0, 0); 3]),
        arguments: &[TOPIC, PARTITION],
        answer: &["error", "producers"],
    },
    CallSpec { name: "disconnect", versions: None, arguments: &[], answer: &[] },
    CallSpec {
        name: "fetch",
        versions: Some([(4, 17), (4, 18), (4, 18)]),
        arguments: &[
            TOPIC,
            PARTITION,
            ("offset", Number),
            ISOLATION,
            ("max_bytes", Number),
            ("partition_max_bytes", Number),
            ("min_bytes", Number),
            ("max_wait_ms", Number),
            LEADER_EPOCH,
            ("last_fetched_epoch", Number),
        ],
        answer: &[
            "error",
            "high_watermark",
            "last_stable_offset",
            "log_start_offset",
            "aborted",
            "batches",
            "diverging",
        ],
    },
    CallSpec {
        name: "init-producer-id",
        versions: Some([(0, 5); 3]),
        arguments: &[
            ("transactional_id", Text),
            ("timeout_ms", Number),
            ("producer", Producer),
            ("epoch", Number),
        ],
        answer: &["error", "producer", "epoch"],
    },
    CallSpec {
        name: "list-groups",
        versions: Some([(0, 5); 3]),
        arguments: &[("groups", Texts)],
        answer: &["error", "groups"],
    },
    CallSpec {
        name: "list-offsets",
        versions: Some([(1, 9), (1, 10), (1, 11)]),
        arguments: &[TOPIC, PARTITION, ("at", Text), ISOLATION, LEADER_EPOCH],
        answer: &["error", "offset", "leader_epoch"],
    },
    CallSpec {
        name: "offset-commit",
        versions: Some([(2, 9), (2, 9), (2, 10)]),
        arguments: &[
            GROUP,
            ("generation", Number),
            ("member", Text),
            ("instance", Text),
            ("offsets", Offsets),
        ],
        answer: &["errors"],
    },
    CallSpec {
        name: "offset-delete",
        versions: Some([(0, 0); 3]),
        arguments: &[GROUP, ("partitions", Partitions)],
        answer: &["error", "errors"],
    },
    CallSpec {
        name: "offset-fetch",
        versions: Some([(1, 9), (1, 9), (1, 10)]),
        arguments: &[
            GROUP,
            ("member", Text),
            ("generation", Number),
            ("partitions", Partitions),
            ("require_stable", Bool),
        ],
        answer: &["error", "offsets"],
    },
    CallSpec {
        name: "offset-for-leader-epoch",
        versions: Some([(0, 4), (2, 4), (2, 4)]),
        arguments: &[TOPIC, PARTITION, ("epoch", Number), LEADER_EPOCH],
        answer: &["error", "epoch", "end_offset"],
    },
    CallSpec { name: "pass-time", versions: None, arguments: &[("ms", Number)], answer: &[] },
    CallSpec {
        name: "produce",
        versions: Some([(3, 11), (3, 13), (3, 13)]),
        arguments: &[
            TOPIC,
            PARTITION,
            ("acks", Number),
            ("timeout_ms", Number),
            ("producer", Producer),
            ("epoch", Number),
            ("sequence", Number),
            ("transactional", Bool),
            ("transactional_id", Text),
            ("records", Records),
            ("compression", Text),
            ("control", Bool),
        ],
        answer: &["error", "base_offset", "log_start_offset", "closed"],
    },
    CallSpec {
        name: "repeat",
        versions: None,
        arguments: &[("times", Number), ("inner", Step)],
        answer: &["error", "producer", "epoch"],
    },
    CallSpec { name: "restart-broker", versions: None, arguments: &[("how", Text)], answer: &[] },
    CallSpec { name: "settle", versions: None, arguments: &[], answer: &[] },
    CallSpec {
        name: "start",
        versions: None,
        arguments: &[("id", Text), ("inner", Step), ("ms", Number)],
        answer: &[],
    },
    CallSpec {
        name: "write-txn-markers",
        versions: Some([(0, 1), (1, 1), (1, 2)]),
        arguments: &[
            ("producer", Producer),
            ("epoch", Number),
            ("coordinator_epoch", Number),
            ("result", Text),
            ("partitions", Pairs),
            ("transaction_version", Number),
        ],
        answer: &["errors"],
    },
];

/// Calls of recorded scripts that the model cannot be asked yet. A name that is in neither list is
/// probably misspelt.
pub const NOT_MODELLED: &[&str] = &[
    "add-offsets-to-txn",
    "add-partitions-to-txn",
    "alter-config",
    "alter-group-config",
    "alter-share-group-offsets",
    "await-high-watermark",
    "await-isr",
    "await-leader",
    "await-state",
    "consumer-group-describe",
    "consumer-group-heartbeat",
    "copy-disk",
    "delete-share-group-offsets",
    "describe-partition",
    "describe-share-group-offsets",
    "describe-transactions",
    "elect-leader",
    "end-txn",
    "heartbeat",
    "join-group",
    "leave-group",
    "list-transactions",
    "pause-broker",
    "place-coordinator",
    "read-share-group-state",
    "reassign",
    "replica-fetch",
    "resume-broker",
    "share-acknowledge",
    "share-fetch",
    "share-group-describe",
    "share-group-heartbeat",
    "start-broker",
    "stop-broker",
    "sync-group",
    "txn-offset-commit",
];

/// The call of a name, if the model can be asked it.
pub fn find(name: &str) -> Option<&'static CallSpec> {
    CALLS.binary_search_by(|call| call.name.cmp(name)).ok().map(|index| &CALLS[index])
}

/// Names of all calls, modelled or not.
pub fn names() -> impl Iterator<Item = &'static str> {
    CALLS.iter().map(|call| call.name).chain(NOT_MODELLED.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_in_order_and_have_one_list_each() {
        assert!(CALLS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(NOT_MODELLED.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(NOT_MODELLED.iter().all(|name| find(name).is_none()));
    }
}
