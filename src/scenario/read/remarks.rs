//! What is said about accepted keys: silent changes, names that are ignored, keys without bearing.

use super::Reader;
use super::fields::Fields;
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::{Bearing, KeyInfo, Side, foreign, is_of_plug_in};
use crate::protocol::config_resolve::Findings;
use crate::protocol::config_value::ConfigValue;
use crate::protocol::variant::Kafka;
use crate::scenario::document::{Entry, Span};
use crate::scenario::nearest::nearest;
use crate::scenario::notice::{Notice, Weight};
use crate::scenario::problem::ProblemKind;
use crate::scenario::source::quoted;

/// How many warnings of one file are kept.
const MOST_NOTICES: usize = 100;

impl Reader<'_> {
    /// A remark on a place.
    pub(super) fn warn(&mut self, span: &Span, text: String) {
        if self.notices.len() >= MOST_NOTICES {
            return;
        }
        self.notices.push(Notice {
            weight: Weight::Warning,
            path: self.source.path().to_owned(),
            position: Some(self.source.position(span.start)),
            text,
        });
    }

    pub(super) fn note(&mut self, text: String) {
        let path = self.source.path().to_owned();
        self.notices.push(Notice { weight: Weight::Note, path, position: None, text });
    }

    pub(super) fn is_of_plug_in(&self, key: &str) -> bool {
        is_of_plug_in(key)
    }

    pub(super) fn not_in_preset(&mut self, entry: &Entry, info: &KeyInfo) {
        let version = self.kafka.name();
        let text = if self.kafka < info.since {
            format!("`{}` came after Kafka {version}, which ignores it", entry.key)
        } else {
            format!("`{}` is gone in Kafka {version}, which ignores it", entry.key)
        };
        self.warn(&entry.key_span, text);
    }

    pub(super) fn deprecated(&mut self, entry: &Entry, since: Kafka) {
        let text = format!("`{}` is deprecated since Kafka {} or before", entry.key, since.name());
        self.warn(&entry.key_span, text);
    }

    pub(super) fn given_twice(&mut self, entry: &Entry) {
        self.warn(&entry.key_span, format!("`{}` is given again; the last one counts", entry.key));
    }

    /// A name in a properties file that its component does not know.
    pub(super) fn ignored(&mut self, entry: &Entry, side: Side) {
        if self.notices.len() >= MOST_NOTICES {
            return;
        }
        let mut text = format!("a {} ignores `{}`: ", side.name(), quoted(&entry.key));
        let keys = side.keys().filter(|key| key.is_in(self.kafka)).map(|key| key.name);
        match (self.home_of(&entry.key, side), nearest(&entry.key, keys)) {
            (Some(home), _) => text.push_str(&home),
            (None, Some(meant)) => {
                text.push_str(&format!("unknown to Kafka; the nearest key is `{meant}`"));
            }
            (None, None) => text.push_str("unknown to Kafka"),
        }
        self.warn(&entry.key_span, text);
    }

    /// Where a name is at home that this side does not know. For a client a former or foreign client's
    /// name is meant sooner than a broker's key.
    pub(super) fn home_of(&self, key: &str, side: Side) -> Option<String> {
        let client = matches!(side, Side::Producer | Side::Consumer);
        if let Some(foreign) = foreign(key).filter(|_| client) {
            let mut text = format!("it is a name of {}", foreign.origin.describe());
            if let Some(java) = foreign.java.filter(|java| side.key(java).is_some()) {
                text.push_str(&format!("; the Java client's name is `{java}`"));
            }
            return Some(text);
        }
        let home = Side::ALL.iter().find(|other| other.key(key).is_some())?;
        Some(format!("it is a key of a {}", home.name()))
    }

    pub(super) fn report(&mut self, fields: &Fields, findings: Findings) {
        for refusal in findings.refusals {
            let given: Vec<&&str> = refusal.keys.iter().filter(|key| fields.gives(key)).collect();
            let at = given.first().map_or_else(|| fields.span.clone(), |key| fields.place(key));
            let kind = ProblemKind::KafkaRefuses {
                reason: format!("`{}`: {}", refusal.keys[0], refusal.reason),
                source: refusal.source,
            };
            let mut problem = self.problem(&at, kind);
            let others = given.iter().skip(1).map(|key| {
                let line = self.source.position(fields.place(key).start).line;
                format!("`{key}` on line {line}")
            });
            let others: Vec<String> = others.collect();
            if !others.is_empty() {
                problem = problem.hint(format!("see also {}", others.join(" and ")));
            }
            self.problems.push(problem);
        }
        for change in findings.changes {
            let cause = change.because.iter().find(|key| fields.gives(key)).copied();
            let at = fields.place(cause.unwrap_or(change.key));
            let because = change.because.join(", ");
            let text = format!(
                "Kafka sets {}={} because of {because}: {}",
                change.key, change.value, change.reason
            );
            self.warn(&at, text);
        }
    }

    /// Notes on keys that decide nothing, one line for each reason.
    pub(super) fn remark_on(
        &mut self,
        fields: &Fields,
        given: &[&'static KeyInfo],
        plug_ins: &[String],
        effective: &Effective,
    ) {
        let extensions = given.iter().filter(|key| key.bearing == Bearing::Extension);
        for key in extensions.filter(|key| !is_nothing(&effective.value(key.name))) {
            let text = format!("`{}` names code that is not looked at", key.name);
            self.warn(&fields.place(key.name), text);
        }
        let names = |bearing: Bearing| {
            let mut names: Vec<&str> = Vec::new();
            for key in given.iter().filter(|key| key.bearing == bearing) {
                if !names.contains(&key.name) {
                    names.push(key.name);
                }
            }
            names
        };
        let timing = names(Bearing::Timing);
        if !timing.is_empty() {
            self.note(format!(
                "these decide when, not whether (every order is tried): {}",
                timing.join(", ")
            ));
        }
        let aside = Bearing::NONE.iter().filter_map(|bearing| {
            let names = names(*bearing);
            (!names.is_empty()).then(|| format!("{}: {}", bearing.name(), names.join(", ")))
        });
        let mut aside: Vec<String> = aside.collect();
        if !plug_ins.is_empty() {
            let names: Vec<String> = plug_ins.iter().map(|name| quoted(name)).collect();
            aside.push(format!("read by plug-ins: {}", names.join(", ")));
        }
        if !aside.is_empty() {
            self.note(format!("these have no bearing on delivery: {}", aside.join("; ")));
        }
    }
}

fn is_nothing(value: &ConfigValue) -> bool {
    match value {
        ConfigValue::Null => true,
        ConfigValue::List(items) => items.is_empty(),
        ConfigValue::Text(text) => text.is_empty(),
        _ => false,
    }
}
