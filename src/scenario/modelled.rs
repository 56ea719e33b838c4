//! The one list of what a scenario may ask for, correctly, and the model does not have yet.
//!
//! A file that asks for one of these is neither wrong nor decided: it is answered with its name. To
//! model one, delete its row.

use crate::protocol::config_keys::Side;
use crate::protocol::config_value::ConfigValue;
use crate::world::setting::{AppSetting, CommitOrder, OnProcessingError};

/// A key of Kafka's whose value may ask for what is not modelled.
pub(super) struct KeyGap {
    pub(super) side: Side,
    pub(super) key: &'static str,
    /// Whether this effective value asks for it.
    pub(super) asks: fn(&ConfigValue) -> bool,
    pub(super) about: &'static str,
}

/// A key of ours whose value may.
pub(super) struct OwnGap<T> {
    pub(super) key: &'static str,
    pub(super) asks: fn(&T) -> bool,
    pub(super) about: &'static str,
}

/// Keys of Kafka's.
pub(super) const KEYS: &[KeyGap] = &[
    KeyGap {
        side: Side::Producer,
        key: "transactional.id",
        asks: |value| matches!(value, ConfigValue::Text(_)),
        about: "a transactional producer",
    },
    KeyGap {
        side: Side::Producer,
        key: "transaction.two.phase.commit.enable",
        asks: |value| *value == ConfigValue::Boolean(true),
        about: "transactions in two phases, KIP-939",
    },
    KeyGap {
        side: Side::Consumer,
        key: "auto.offset.reset",
        asks: |value| is_text(value, |text| text.starts_with("by_duration")),
        about: "a position by age, KIP-1106",
    },
    KeyGap {
        side: Side::Topic,
        key: "cleanup.policy",
        asks: |value| matches!(value, ConfigValue::List(all) if all.iter().any(|p| p == "compact")),
        about: "a compacted topic",
    },
    KeyGap {
        side: Side::Topic,
        key: "remote.storage.enable",
        asks: |value| *value == ConfigValue::Boolean(true),
        about: "tiered storage, KIP-405",
    },
];

/// Keys of `[app.*]`.
pub(super) const APP: &[OwnGap<AppSetting>] = &[
    OwnGap {
        key: "instances",
        asks: |app| app.instances > 1,
        about: "several consumers of a group",
    },
    OwnGap {
        key: "commit",
        asks: |app| app.commit == CommitOrder::AutoHandOff && app.output.is_some(),
        about: "a worker thread that sends",
    },
    OwnGap {
        key: "on-processing-error",
        asks: |app| {
            let closes = app.on_processing_error == OnProcessingError::CloseAndRestart;
            closes && app.output.as_ref().is_some_and(|output| !output.wait)
        },
        about: "closing a producer that has sends open",
    },
];

/// `replication.factor` above this.
pub(super) const REPLICAS: u16 = 1;

fn is_text(value: &ConfigValue, asks: fn(&str) -> bool) -> bool {
    matches!(value, ConfigValue::Text(text) if asks(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_is_named_rightly() {
        for gap in KEYS {
            assert!(gap.side.key(gap.key).is_some(), "{}", gap.key);
        }
    }
}
