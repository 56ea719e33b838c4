//! Settings of a script's broker and topics, by Kafka's names, as the protocol's configuration.

use std::borrow::Cow;

use crate::conform::arguments::Blocked;
use crate::conform::driver::Driver;
use crate::conform::error::{ScriptError, nearest};
use crate::conform::json::{Part, Value};
use crate::conform::mapping::{Field, MAX_PARTITIONS};
use crate::conform::script::{Script, plain, wrong};
use crate::protocol::Protocol;
use crate::protocol::config::TopicConfig;
use crate::protocol::config_set::ConfigError;
use crate::record::{Partition, TopicName};

impl<'a> Driver<'a> {
    /// Sets a topic's configuration; returns how many partitions it shall have.
    pub(super) fn configure_topic(
        &mut self,
        topic: TopicName,
        spec: &Value<'a>,
    ) -> Result<Partition, Blocked> {
        let mut config = self.topic_defaults.clone();
        let mut partitions = 1;
        let Value::Object(fields) = spec else { return Ok(1) };
        for (key, value) in fields {
            match (&**key, value) {
                ("partitions", Value::Number(count)) => {
                    partitions = Field::of(*count);
                    few(partitions)?;
                }
                ("partitions", other) => {
                    let path = [Part::Key("partitions")];
                    return Err(wrong(&path, "a number", other).into());
                }
                ("config", Value::Object(settings)) => topic_settings(&mut config, settings)?,
                ("replicas", Value::Number(1)) => {}
                ("topic" | "v" | "as" | "broker" | "retry_on" | "answer_ignore", _) => {}
                (other, value) => {
                    return Err(Blocked::NotModelled(format!("topic {other}={value}")));
                }
            }
        }
        self.protocol.topics[usize::from(topic.0)] = config;
        Ok(partitions)
    }
}

/// Refuses to make more partitions than a machine can hold.
pub(super) fn few(partitions: Partition) -> Result<(), Blocked> {
    if partitions > MAX_PARTITIONS {
        return Err(Blocked::NotModelled(format!("more than {MAX_PARTITIONS} partitions")));
    }
    Ok(())
}

/// Sets the broker's settings; returns what they make the topics' defaults.
pub(super) fn broker_settings(
    protocol: &mut Protocol,
    script: &Script<'_>,
) -> Result<TopicConfig, Blocked> {
    let invalid = |key: &str, expected: &str| {
        let path = [Part::Key("broker"), Part::Key(key)];
        Blocked::Input(ScriptError::at(&path, format!("`{key}` expects {expected}")))
    };
    let mut settings: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(script.broker.len());
    for (key, value) in &script.broker {
        let value = plain(value);
        match protocol.broker.set(key, &value) {
            Ok(_) => settings.push((key, value)),
            Err(ConfigError::Invalid { expected }) => return Err(invalid(key, &expected)),
            Err(ConfigError::Unknown) => {
                let keys = crate::protocol::config::BrokerConfig::keys();
                return Err(Blocked::NotModelled(unknown_setting(key, nearest(key, keys))));
            }
        }
    }
    TopicConfig::on_broker(settings.iter().map(|(key, value)| (*key, &**value))).map_err(
        |(key, error)| match error {
            ConfigError::Invalid { expected } => invalid(key, &expected),
            ConfigError::Unknown => Blocked::NotModelled(unknown_setting(key, None)),
        },
    )
}

fn topic_settings(
    config: &mut TopicConfig,
    settings: &[(Cow<'_, str>, Value<'_>)],
) -> Result<(), Blocked> {
    for (key, value) in settings {
        match config.set(key, &plain(value)) {
            Ok(_) => {}
            Err(ConfigError::Invalid { expected }) => {
                let path = [Part::Key("config"), Part::Key(key)];
                return Err(ScriptError::at(&path, format!("`{key}` expects {expected}")).into());
            }
            Err(ConfigError::Unknown) => {
                let near = nearest(key, TopicConfig::keys());
                return Err(Blocked::NotModelled(unknown_setting(key, near)));
            }
        }
    }
    Ok(())
}

fn unknown_setting(key: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("setting {key} (did you mean {nearest}?)"),
        None => format!("setting {key}"),
    }
}
