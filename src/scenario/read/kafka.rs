//! Kafka's own keys within a table: looked up, set, resolved as the component does.

use super::fields::Fields;
use super::{Manner, Reader};
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::{KeyInfo, Side, program};
use crate::protocol::config_value::ValueError;
use crate::scenario::document::{Entry, Span, Value};
use crate::scenario::modelled;
use crate::scenario::nearest::nearest;
use crate::scenario::notice::Unmodelled;
use crate::scenario::problem::ProblemKind;

impl Reader<'_> {
    /// Takes what is left of a table as keys of Kafka's and resolves them.
    pub(super) fn kafka_keys(&mut self, fields: &mut Fields, side: Side) -> Effective {
        self.kafka_keys_on(fields, Effective::defaults(side, self.kafka))
    }

    /// The same on top of other defaults.
    pub(super) fn kafka_keys_on(&mut self, fields: &mut Fields, defaults: Effective) -> Effective {
        let side = defaults.side();
        let mut effective = defaults;
        let mut given: Vec<&'static KeyInfo> = Vec::new();
        let mut plug_ins: Vec<String> = Vec::new();
        for entry in fields.rest() {
            match self.look_up(fields, &entry, side) {
                Found::Key(info) => {
                    given.push(info);
                    self.set(&mut effective, &entry, info);
                }
                Found::OfPlugIn => plug_ins.push(entry.key),
                Found::Nothing => {}
            }
        }
        let findings = effective.resolve();
        self.report(fields, findings);
        self.remark_on(fields, &given, &plug_ins, &effective);
        self.gaps(fields, side, &effective);
        effective
    }

    /// The key of a name in this preset; whatever else the name is has been reported then.
    fn look_up(&mut self, fields: &Fields, entry: &Entry, side: Side) -> Found {
        let topic = side == Side::Topic;
        let Some(info) = side.key(&entry.key) else {
            match self.manner {
                Manner::Toml => self.no_key_of(fields, entry, side),
                Manner::Properties if topic => self.unknown_to_topics(entry),
                Manner::Properties if self.is_of_plug_in(&entry.key) => return Found::OfPlugIn,
                Manner::Properties => self.ignored(entry, side),
            }
            return Found::Nothing;
        };
        if info.is_in(self.kafka) {
            return Found::Key(info);
        }
        if topic {
            self.unknown_to_topics(entry)
        } else {
            self.not_in_preset(entry, info)
        }
        Found::Nothing
    }

    fn set(&mut self, effective: &mut Effective, entry: &Entry, info: &'static KeyInfo) {
        if self.manner == Manner::Properties && effective.is_given(info.name) {
            self.given_twice(entry);
        }
        if let Some(since) = info.deprecated.filter(|since| *since <= self.kafka) {
            self.deprecated(entry, since);
        }
        match as_properties(&entry.value) {
            None => self.wrong_type(entry, info.value.describe()),
            Some(text) => {
                if let Err(error) = effective.set(&entry.key, &text) {
                    self.refused_value(entry, &error);
                }
            }
        }
    }

    /// The program whose file this is, if not a client's or broker's: then nothing else is looked at.
    pub(super) fn is_of_program(&mut self, fields: &Fields) -> bool {
        let Some(found) = fields.keys().find_map(program) else { return false };
        let first = fields.keys().find(|key| found.keys.contains(key)).unwrap_or_default();
        self.unmodelled_at(&fields.place(first), found.name, "recognised by this key");
        true
    }

    /// A topic refuses names that it does not know, unlike clients (`LogConfig.java: validateNames`).
    fn unknown_to_topics(&mut self, entry: &Entry) {
        let keys = Side::Topic.keys().filter(|key| key.is_in(self.kafka)).map(|key| key.name);
        let kind = ProblemKind::KafkaRefuses {
            reason: format!(
                "`{}` is no key of a topic in Kafka {}",
                crate::scenario::source::quoted(&entry.key),
                self.kafka.name()
            ),
            source: "LogConfig.java",
        };
        let meant = nearest(&entry.key, keys.chain(["partitions", "replication.factor"]));
        let problem = self.problem(&entry.key_span, kind).nearest(meant);
        self.problems.push(problem);
    }

    fn no_key_of(&mut self, fields: &Fields, entry: &Entry, side: Side) {
        let names: Vec<&'static str> = side.keys().map(|key| key.name).collect();
        self.unknown_key(fields, entry, &names);
        let hint = self.home_of(&entry.key, side);
        if let Some(problem) = self.problems.last_mut() {
            problem.expected = Some(format!(
                "one of {}, or a key of Kafka's {}",
                fields.known().join(", "),
                side.name()
            ));
            if hint.is_some() {
                problem.nearest = None;
                problem.hint = hint;
            }
        }
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
            Value::Text(text) => {
                former_value(&entry.key, text).or_else(|| nearest(text, words.iter().copied()))
            }
            _ => None,
        };
        let problem = self.problem(&entry.value_span, kind);
        self.problems.push(problem.expected(error.expected()).nearest(meant));
    }

    fn gaps(&mut self, fields: &Fields, side: Side, effective: &Effective) {
        for gap in modelled::KEYS.iter().filter(|gap| gap.side == side) {
            if (gap.asks)(&effective.value(gap.key)) {
                self.unmodelled(fields, gap.key, gap.about);
            }
        }
    }

    pub(super) fn unmodelled(&mut self, fields: &Fields, key: &str, about: &str) {
        self.unmodelled_at(&fields.place(key), key, about);
    }

    pub(super) fn unmodelled_at(&mut self, span: &Span, key: &str, about: &str) {
        self.gaps.push(Unmodelled {
            path: self.source.path().to_owned(),
            position: Some(self.source.position(span.start)),
            what: key.to_owned(),
            about: about.to_owned(),
        });
    }
}

/// What a value of former clients, or of librdkafka, is called today.
fn former_value(key: &str, text: &str) -> Option<&'static str> {
    match (key, text) {
        ("auto.offset.reset", "smallest" | "beginning") => Some("earliest"),
        ("auto.offset.reset", "largest" | "end") => Some("latest"),
        ("auto.offset.reset", "error") => Some("none"),
        _ => None,
    }
}

/// What a name turned out to be.
enum Found {
    Key(&'static KeyInfo),
    OfPlugIn,
    Nothing,
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
