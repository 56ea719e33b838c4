//! One `.properties` file: the keys of one producer, consumer, topic or broker.

use std::ops::Range;

use super::fields::Fields;
use super::{Manner, Reader};
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::Side;
use crate::scenario::document::{Table, Value};
use crate::scenario::notice::{Notice, Unmodelled};
use crate::scenario::problem::{Problem, ProblemKind};
use crate::scenario::properties;
use crate::scenario::source::Source;

/// What a file says of a component.
pub(in crate::scenario) struct Component {
    /// Its keys, resolved.
    pub(in crate::scenario) effective: Effective,
    /// `partitions` of a topic, if given.
    pub(in crate::scenario) partitions: Option<u16>,
    /// `replication.factor` of a topic, if given.
    pub(in crate::scenario) replicas: Option<u16>,
    /// What is wrong.
    pub(in crate::scenario) problems: Vec<Problem>,
    /// What is not modelled.
    pub(in crate::scenario) gaps: Vec<Unmodelled>,
    /// What is worth saying.
    pub(in crate::scenario) notices: Vec<Notice>,
    places: Vec<(String, Range<usize>)>,
}

/// Reads a file on top of the defaults of its component.
pub(in crate::scenario) fn component(source: &Source<'_>, defaults: Effective) -> Component {
    let mut reader = Reader::new(source);
    reader.manner = Manner::Properties;
    reader.kafka = defaults.kafka();
    let mut component = Component {
        effective: defaults,
        partitions: None,
        replicas: None,
        problems: Vec::new(),
        gaps: Vec::new(),
        notices: Vec::new(),
        places: Vec::new(),
    };
    match properties::read(source) {
        Err(errors) => reader.problems = errors.0,
        Ok(entries) => {
            component.places =
                entries.iter().map(|e| (e.key.clone(), e.key_span.clone())).collect();
            let table = Table { name: String::new(), span: 0..0, entries };
            let mut fields = Fields::new("the file".to_owned(), table);
            if !reader.is_of_program(&fields) {
                reader.fill(&mut component, &mut fields);
            }
        }
    }
    reader.problems.truncate(super::MOST_PROBLEMS);
    component.problems = reader.problems;
    component.gaps = reader.gaps;
    component.notices = reader.notices;
    component
}

/// The program, other than a client or a broker, whose file this is: as what is not modelled.
pub(in crate::scenario) fn program_of(source: &Source<'_>) -> Option<Unmodelled> {
    let entries = properties::read(source).ok()?;
    let table = Table { name: String::new(), span: 0..0, entries };
    let mut reader = Reader::new(source);
    reader.is_of_program(&Fields::new("the file".to_owned(), table));
    reader.gaps.pop()
}

impl Component {
    /// The defaults alone, of a component that no file describes.
    pub(in crate::scenario) fn of_defaults(mut effective: Effective) -> Component {
        effective.resolve();
        Component {
            effective,
            partitions: None,
            replicas: None,
            problems: Vec::new(),
            gaps: Vec::new(),
            notices: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Where a key stands; the beginning of the file otherwise.
    pub(in crate::scenario) fn place(&self, key: &str) -> Range<usize> {
        let found = self.places.iter().rev().find(|(name, _)| name == key);
        found.map_or(0..0, |(_, span)| span.clone())
    }
}

impl Reader<'_> {
    fn fill(&mut self, component: &mut Component, fields: &mut Fields) {
        if component.effective.side() == Side::Topic {
            component.partitions = self.number_of_topic(fields, "partitions");
            component.replicas = self.number_of_topic(fields, "replication.factor");
        }
        component.effective = self.kafka_keys_on(fields, component.effective.clone());
    }

    /// What Kafka takes when a topic is created, beside its keys.
    fn number_of_topic(&mut self, fields: &mut Fields, key: &'static str) -> Option<u16> {
        let entry = fields.take(key)?;
        let Value::Text(text) = &entry.value else { return None };
        let number = text.trim().parse::<u16>().ok().filter(|number| (1..=1000).contains(number));
        if number.is_none() {
            let kind =
                ProblemKind::OutOfRange { key: key.to_owned(), found: entry.value.describe() };
            let problem = self.problem(&entry.value_span, kind);
            self.problems.push(problem.expected("a whole number from 1 to 1000"));
        }
        number
    }
}
