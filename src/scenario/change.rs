//! Other values for the keys of a set of `.properties` files: what somebody could change.
//!
//! Says what can be changed, never what should be: whether a change helps is for a search to decide.

use super::Failure;
use super::from_files::{FromFiles, Named, Options, OwnedTexts, Texts, from_texts};
use super::parts::Parts;
use crate::protocol::config_fields::{CONSUMER_FIELDS, PRODUCER_FIELDS, TOPIC_FIELDS};
use crate::protocol::config_keys::{Allowed, Bearing, KeyInfo, Side};
use crate::protocol::config_value::ConfigValue;
use crate::protocol::variant::Kafka;

/// A key with another value than the files give it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// Whose key.
    pub side: Side,
    /// The file in which it would stand.
    pub path: String,
    /// Kafka's name of it.
    pub key: &'static str,
    /// What it would be.
    pub value: String,
    /// What it is now, after Kafka's own changes; `None`: null.
    pub now: Option<String>,
}

impl<'a> Texts<'a> {
    fn of(&self, side: Side) -> Option<Named<'a>> {
        match side {
            Side::Producer => self.producer,
            Side::Consumer => self.consumer,
            Side::Topic => self.topic,
            Side::Broker => self.server,
        }
    }
}

/// Every single change of a key that decides delivery in the given files: each other word of a key that takes
/// one of few, the opposite of a truth value, the default and the smallest of a number. Text keys without a list
/// of words are left alone.
pub fn changes(texts: &Texts<'_>, options: &Options) -> Vec<Change> {
    let parts = Parts::read(texts, options.kafka);
    let mut changes = Vec::new();
    for side in Side::ALL {
        let Some(file) = texts.of(*side) else { continue };
        let effective = match side {
            Side::Producer => &parts.producer.effective,
            Side::Consumer => &parts.consumer.effective,
            Side::Topic => &parts.topic.effective,
            Side::Broker => &parts.server.effective,
        };
        for key in side.keys().filter(|key| matters(*side, key) && key.is_in(options.kafka)) {
            // The model takes fewer records in a poll than Kafka's default, unless a file says how many.
            if key.name == "max.poll.records" && !effective.is_given(key.name) {
                continue;
            }
            let now = effective.value(key.name);
            for value in others(key, options.kafka, &now) {
                changes.push(Change {
                    side: *side,
                    path: file.path.to_owned(),
                    key: key.name,
                    value,
                    now: shown(&now),
                });
            }
        }
    }
    changes
}

/// Whether the model has a field for a key that decides delivery.
fn matters(side: Side, key: &KeyInfo) -> bool {
    if key.bearing != Bearing::Delivery {
        return false;
    }
    match side {
        Side::Producer => PRODUCER_FIELDS.iter().any(|field| field.key == key.name),
        Side::Consumer => CONSUMER_FIELDS.iter().any(|field| field.key == key.name),
        Side::Topic => TOPIC_FIELDS.iter().any(|field| field.key == key.name),
        Side::Broker => {
            let synonyms = crate::protocol::config_keys::TOPIC_SYNONYMS;
            synonyms.iter().any(|synonym| synonym.broker == key.name)
        }
    }
}

/// The values that are worth a try beside the present one.
fn others(key: &KeyInfo, kafka: Kafka, now: &ConfigValue) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    match (now, key.allowed_in(kafka)) {
        (ConfigValue::Boolean(value), _) => texts.push((!value).to_string()),
        (_, Allowed::OneOf(words) | Allowed::OneOfOrDuration(words, _)) => {
            texts.extend(words.iter().map(|word| (*word).to_owned()));
        }
        (_, Allowed::AnyCase(words)) => {
            texts.extend(words.iter().map(|word| word.to_ascii_lowercase()));
        }
        (ConfigValue::Number(_), allowed) => {
            texts.extend(key.default_in(kafka).map(str::to_owned));
            if let Allowed::Between(least, _) = allowed {
                texts.push(least.to_string());
            }
        }
        _ => {}
    }
    // The same value under two names, such as acks=all and acks=-1, is one.
    let is_alias = |text: &String| key.name == "acks" && text == "-1";
    let same = |text: &String| match (key.parse(kafka, text), now) {
        (Ok(ConfigValue::Text(value)), ConfigValue::Text(now)) => value.eq_ignore_ascii_case(now),
        (Ok(value), now) => value == *now,
        (Err(_), _) => true,
    };
    texts.retain(|text| !is_alias(text) && !same(text));
    texts.dedup();
    texts
}

fn shown(value: &ConfigValue) -> Option<String> {
    match value {
        ConfigValue::Null => None,
        ConfigValue::Boolean(value) => Some(value.to_string()),
        ConfigValue::Number(number) => Some(number.to_string()),
        ConfigValue::Thousandths(ratio) => Some(format!("{}.{:03}", ratio / 1000, ratio % 1000)),
        ConfigValue::Text(text) => Some(text.clone()),
        ConfigValue::List(texts) => Some(texts.join(",")),
    }
}

/// The scenarios of the files with changes: each as a last line of its file, where it counts.
///
/// # Errors
/// As [`from_texts`]: what Kafka would refuse, or what is not modelled yet.
pub fn changed(
    texts: &Texts<'_>,
    options: &Options,
    changes: &[&Change],
) -> Result<FromFiles, Failure> {
    let text_of = |side: Side| -> Option<(String, String)> {
        let file = texts.of(side)?;
        let mut text = file.text.to_owned();
        for change in changes.iter().filter(|change| change.side == side) {
            text.push_str(&format!("\n\n{}={}\n", change.key, change.value));
        }
        Some((file.path.to_owned(), text))
    };
    from_texts(&OwnedTexts::of(text_of).texts(), options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::config::Acks;

    fn texts(producer: &str) -> Texts<'_> {
        Texts { producer: Some(Named { path: "p.properties", text: producer }), ..Texts::default() }
    }

    #[test]
    fn what_can_be_changed() {
        let all = changes(&texts("acks=1\nretries=3\n"), &Options::default());
        let shown: Vec<String> = all.iter().map(|c| format!("{}={}", c.key, c.value)).collect();
        assert_eq!(
            shown,
            [
                "acks=all",
                "acks=0",
                "enable.idempotence=true",
                "max.in.flight.requests.per.connection=1",
                "retries=2147483647",
                "retries=0",
            ]
        );
        // Dropped in silence by Kafka, so that is what it is now.
        assert_eq!(all[2].now.as_deref(), Some("false"));
    }

    #[test]
    fn a_change_counts_whatever_the_file_ends_in() {
        for end in ["acks=1", "acks=1\n", "acks=1\\", "acks=1\\\n", "# acks=1", "acks=\\u0031"] {
            let text = format!("linger.ms=7\n{end}");
            let texts = texts(&text);
            let all = changes(&texts, &Options::default());
            let Some(change) = all.iter().find(|c| c.key == "acks" && c.value == "0") else {
                panic!("{end:?}: {all:?}")
            };
            let rows = changed(&texts, &Options::default(), &[change]).expect("right").rows;
            assert_eq!(rows[0].scenario.setting.producers[0].config.acks, Acks::None, "{end:?}");
        }
    }
}
