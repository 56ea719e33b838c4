//! Kafka's own keys within a table: looked up, set, resolved as the client does.

use super::Reader;
use super::fields::Fields;
use crate::protocol::config_keys::{KeyInfo, Side};
use crate::protocol::config_resolve::{Effective, Findings};
use crate::protocol::config_value::ValueError;
use crate::scenario::document::{Entry, Value};
use crate::scenario::modelled;
use crate::scenario::nearest::nearest;
use crate::scenario::notice::{Notice, Unmodelled, Weight};
use crate::scenario::problem::ProblemKind;

impl Reader<'_> {
    /// Takes what is left of a table as keys of Kafka's and resolves them.
    pub(super) fn kafka_keys(&mut self, fields: &mut Fields, side: Side) -> Effective {
        let mut effective = Effective::defaults(side, self.kafka);
        for entry in fields.rest() {
            let Some(info) = side.key(&entry.key) else {
                self.no_key_of(fields, &entry, side);
                continue;
            };
            if !info.is_in(self.kafka) {
                self.not_in_preset(&entry, info);
                continue;
            }
            let Some(text) = as_properties(&entry.value) else {
                self.wrong_type(&entry, info.value.describe());
                continue;
            };
            if let Err(error) = effective.set(&entry.key, &text) {
                self.refused_value(&entry, &error);
            }
        }
        let findings = effective.resolve();
        self.report(fields, findings);
        self.gaps(fields, side, &effective);
        effective
    }

    fn no_key_of(&mut self, fields: &Fields, entry: &Entry, side: Side) {
        let names: Vec<&'static str> = side.keys().map(|key| key.name).collect();
        self.unknown_key(fields, entry, &names);
        let others = [Side::Producer, Side::Consumer, Side::Topic].into_iter();
        let home =
            others.filter(|other| *other != side).find(|other| other.key(&entry.key).is_some());
        if let Some(problem) = self.problems.last_mut() {
            problem.expected = Some(format!(
                "one of {}, or a key of Kafka's {}",
                fields.known().join(", "),
                side.name()
            ));
            if let Some(home) = home {
                problem.nearest = None;
                problem.hint = Some(format!("it is a key of a {}", home.name()));
            }
        }
    }

    fn not_in_preset(&mut self, entry: &Entry, info: &KeyInfo) {
        let version = self.kafka.name();
        let text = if self.kafka < info.since {
            format!("`{}` came after Kafka {version}, which ignores it", entry.key)
        } else {
            format!("`{}` is gone in Kafka {version}, which ignores it", entry.key)
        };
        self.warn(entry, text);
    }

    fn warn(&mut self, entry: &Entry, text: String) {
        self.notices.push(Notice {
            weight: Weight::Warning,
            path: self.source.path().to_owned(),
            position: Some(self.source.position(entry.key_span.start)),
            text,
        });
    }

    fn refused_value(&mut self, entry: &Entry, error: &ValueError) {
        let (key, found) = (entry.key.clone(), entry.value.describe());
        let (kind, words) = match error {
            ValueError::Type { .. } => (ProblemKind::WrongType { key, found }, &[][..]),
            ValueError::NotAllowed { words, .. } => {
                (ProblemKind::OutOfRange { key, found }, *words)
            }
        };
        let meant = match &entry.value {
            Value::Text(text) => nearest(text, words.iter().copied()),
            _ => None,
        };
        let problem = self.problem(&entry.value_span, kind);
        self.problems.push(problem.expected(error.expected()).nearest(meant));
    }

    fn report(&mut self, fields: &Fields, findings: Findings) {
        for refusal in findings.refusals {
            let given = refusal.keys.iter().find(|key| fields.gives(key));
            let at = given.map_or_else(|| fields.span.clone(), |key| fields.place(key));
            let kind = ProblemKind::KafkaRefuses {
                reason: format!("`{}`: {}", refusal.keys[0], refusal.reason),
                source: refusal.source,
            };
            let problem = self.problem(&at, kind);
            self.problems.push(problem);
        }
        for change in findings.changes {
            let cause = change.because.iter().find(|key| fields.gives(key)).copied();
            let at = fields.place(cause.unwrap_or(change.key));
            let because = change.because.join(", ");
            self.notices.push(Notice {
                weight: Weight::Warning,
                path: self.source.path().to_owned(),
                position: Some(self.source.position(at.start)),
                text: format!(
                    "Kafka sets {}={} because of {because}: {}",
                    change.key, change.value, change.reason
                ),
            });
        }
    }

    fn gaps(&mut self, fields: &Fields, side: Side, effective: &Effective) {
        for gap in modelled::KEYS.iter().filter(|gap| gap.side == side) {
            if effective.value(gap.key).is_some_and(gap.asks) {
                self.unmodelled(fields, gap.key, gap.about);
            }
        }
    }

    pub(super) fn unmodelled(&mut self, fields: &Fields, key: &str, about: &str) {
        self.gaps.push(Unmodelled {
            path: self.source.path().to_owned(),
            position: Some(self.source.position(fields.place(key).start)),
            what: key.to_owned(),
            about: about.to_owned(),
        });
    }
}

/// A value as it would stand in a `.properties` file.
fn as_properties(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(text) => Some(text.clone()),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Array(elements) => {
            let texts: Option<Vec<String>> =
                elements.iter().map(|(_, element)| as_properties(element)).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Table(_) | Value::Other(_) => None,
    }
}
