//! The keys of one table, taken one by one; what nobody took is unknown.

use std::ops::RangeInclusive;

use super::Reader;
use crate::scenario::document::{Entry, Span, Table, Value};
use crate::scenario::nearest::nearest;
use crate::scenario::problem::ProblemKind;
use crate::scenario::vocabulary::Words;

/// A table while it is read.
pub(super) struct Fields {
    /// For messages: "[producer.shop]".
    pub(super) title: String,
    /// Where the table begins.
    pub(super) span: Span,
    entries: Vec<Option<Entry>>,
    /// Where each key stood, also those that were taken.
    places: Vec<(String, Span)>,
    /// The keys that were asked for.
    known: Vec<&'static str>,
}

impl Fields {
    pub(super) fn new(title: String, table: Table) -> Fields {
        let places = table.entries.iter().map(|e| (e.key.clone(), e.key_span.clone())).collect();
        let entries = table.entries.into_iter().map(Some).collect();
        Fields { title, span: table.span, entries, places, known: Vec::new() }
    }

    /// Takes a key, if it is given.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Entry> {
        self.known.push(key);
        let found = self.entries.iter_mut().find(|e| e.as_ref().is_some_and(|e| e.key == key))?;
        found.take()
    }

    /// Takes all keys that begin with a prefix, which is cut off.
    pub(super) fn take_prefix(&mut self, prefix: &str) -> Vec<Entry> {
        let mut taken = Vec::new();
        for slot in &mut self.entries {
            let rest = slot.as_ref().and_then(|e| e.key.strip_prefix(prefix)).map(str::to_owned);
            if let Some(rest) = rest
                && let Some(entry) = slot.take()
            {
                taken.push(Entry { key: rest, ..entry });
            }
        }
        taken
    }

    /// Everything that was not taken.
    pub(super) fn rest(&mut self) -> Vec<Entry> {
        self.entries.iter_mut().filter_map(Option::take).collect()
    }

    /// Whether the table has keys at all.
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The keys that were asked for.
    pub(super) fn known(&self) -> &[&'static str] {
        &self.known
    }

    /// Every key of the table, also those that were taken.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|(key, _)| key.as_str())
    }

    /// Where a key stands, the last time if several, or else the table.
    pub(super) fn place(&self, key: &str) -> Span {
        let found = self.places.iter().rev().find(|(name, _)| name == key);
        found.map_or_else(|| self.span.clone(), |(_, span)| span.clone())
    }

    /// Whether a key is given.
    pub(super) fn gives(&self, key: &str) -> bool {
        self.places.iter().any(|(name, _)| name == key)
    }
}

/// A value with its place.
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl Reader<'_> {
    pub(super) fn wrong_type(&mut self, entry: &Entry, expected: &str) {
        let kind = ProblemKind::WrongType { key: entry.key.clone(), found: entry.value.describe() };
        let problem = self.problem(&entry.value_span, kind).expected(expected);
        self.problems.push(problem);
    }

    pub(super) fn missing(&mut self, fields: &Fields, key: &str, expected: &str) {
        let kind = ProblemKind::Missing { key: key.to_owned(), table: fields.title.clone() };
        let problem = self.problem(&fields.span, kind).expected(expected);
        self.problems.push(problem);
    }

    pub(super) fn text(
        &mut self,
        fields: &mut Fields,
        key: &'static str,
    ) -> Option<Placed<String>> {
        let entry = fields.take(key)?;
        match entry.value {
            Value::Text(value) => Some(Placed { value, span: entry.value_span }),
            _ => {
                self.wrong_type(&entry, "a text in quotes");
                None
            }
        }
    }

    pub(super) fn texts(
        &mut self,
        fields: &mut Fields,
        key: &'static str,
    ) -> Option<Vec<Placed<String>>> {
        let entry = fields.take(key)?;
        self.texts_of(entry)
    }

    /// A list of texts; one text alone counts as a list.
    pub(super) fn texts_of(&mut self, entry: Entry) -> Option<Vec<Placed<String>>> {
        let elements = match &entry.value {
            Value::Text(value) => {
                return Some(vec![Placed { value: value.clone(), span: entry.value_span }]);
            }
            Value::Array(elements) => elements,
            _ => {
                self.wrong_type(&entry, "a list of texts, such as [\"a\", \"b\"]");
                return None;
            }
        };
        let mut texts = Vec::new();
        for (span, value) in elements {
            match value {
                Value::Text(value) => {
                    texts.push(Placed { value: value.clone(), span: span.clone() });
                }
                other => {
                    let (key, found) = (format!("an element of {}", entry.key), other.describe());
                    let problem = self.problem(span, ProblemKind::WrongType { key, found });
                    self.problems.push(problem.expected("a text in quotes"));
                }
            }
        }
        (texts.len() == elements.len()).then_some(texts)
    }

    pub(super) fn boolean(&mut self, fields: &mut Fields, key: &'static str) -> Option<bool> {
        let entry = fields.take(key)?;
        self.boolean_of(&entry)
    }

    pub(super) fn boolean_of(&mut self, entry: &Entry) -> Option<bool> {
        match entry.value {
            Value::Boolean(value) => Some(value),
            _ => {
                self.wrong_type(entry, "true or false");
                None
            }
        }
    }

    pub(super) fn count(
        &mut self,
        fields: &mut Fields,
        key: &'static str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let entry = fields.take(key)?;
        self.count_of(&entry, range)
    }

    pub(super) fn count_of(&mut self, entry: &Entry, range: RangeInclusive<u32>) -> Option<u32> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let Value::Integer(number) = entry.value else {
            self.wrong_type(entry, &expected);
            return None;
        };
        let fits = u32::try_from(number).ok().filter(|number| range.contains(number));
        if fits.is_none() {
            let kind =
                ProblemKind::OutOfRange { key: entry.key.clone(), found: number.to_string() };
            let problem = self.problem(&entry.value_span, kind).expected(expected);
            self.problems.push(problem);
        }
        fits
    }

    pub(super) fn choice<T: Copy>(
        &mut self,
        fields: &mut Fields,
        key: &'static str,
        words: Words<T>,
    ) -> Option<T> {
        let placed = self.text(fields, key)?;
        self.word(key, &placed, words)
    }

    pub(super) fn word<T: Copy>(
        &mut self,
        key: &str,
        placed: &Placed<String>,
        words: Words<T>,
    ) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == placed.value);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.unknown_name(key, placed, &names);
        }
        found.map(|(_, value)| *value)
    }

    pub(super) fn unknown_name(&mut self, key: &str, placed: &Placed<String>, names: &[&str]) {
        let name = crate::scenario::source::quoted(&placed.value);
        let kind = ProblemKind::UnknownName { key: key.to_owned(), name };
        let meant = nearest(&placed.value, names.iter().copied());
        let expected = format!("one of {}", names.join(", "));
        let problem = self.problem(&placed.span, kind).expected(expected).nearest(meant);
        self.problems.push(problem);
    }

    /// Reports what was not taken.
    pub(super) fn finish(&mut self, mut fields: Fields) {
        for entry in fields.rest() {
            self.unknown_key(&fields, &entry, &[]);
        }
    }

    /// An unknown key, with the nearest of those asked for and of others.
    pub(super) fn unknown_key(&mut self, fields: &Fields, entry: &Entry, others: &[&'static str]) {
        let kind = ProblemKind::UnknownKey {
            key: crate::scenario::source::quoted(&entry.key),
            table: fields.title.clone(),
        };
        let known = fields.known().iter().chain(others).copied();
        let meant = nearest(&entry.key, known);
        let mut problem = self.problem(&entry.key_span, kind).nearest(meant);
        if others.is_empty() {
            problem = problem.expected(format!("one of {}", fields.known().join(", ")));
        }
        self.problems.push(problem);
    }
}
