//! TOML as this format reads it: tables whose keys are flat, as Kafka's are, each with its place.
//!
//! TOML reads `enable.idempotence = true` as a table `enable` within a table. Here it is one key
//! again, whichever way it was written: dotted, quoted, as an inline table or under a header of its
//! own.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Errors, Problem, ProblemKind};
use super::source::Source;

/// How many errors of syntax are shown: the later ones mostly follow from the first.
const SYNTAX_ERRORS: usize = 5;
/// How many are looked at: of a file that is no TOML at all there may be as many as characters.
const LOOKED_AT: usize = 50;
/// The longest text that is searched for more than one error of syntax, in bytes.
const RECOVERABLE: usize = 256 * 1024;

/// A place in the text, in bytes.
pub(super) type Span = Range<usize>;

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    /// As written.
    Float(String),
    Boolean(bool),
    Array(Vec<(Span, Value)>),
    /// An array's element with keys, or a table without any.
    Table(Vec<Entry>),
    /// A date or time, as written; a whole number of more than 64 bits.
    Other(String),
}

impl Value {
    /// For messages: what stands there.
    pub(super) fn describe(&self) -> String {
        match self {
            Value::Text(text) => format!("the text \"{}\"", super::source::quoted(text)),
            Value::Integer(number) => format!("the number {number}"),
            Value::Float(text) => format!("the number {text}"),
            Value::Boolean(value) => format!("{value}"),
            Value::Array(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
            Value::Other(text) => super::source::quoted(text),
        }
    }
}

/// A key with its value.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Span,
    pub(super) value: Value,
    pub(super) value_span: Span,
}

/// A table with all its keys flat.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Table {
    /// Its name: "orders" of `[topic.orders]`; empty for tables without.
    pub(super) name: String,
    /// Where the name, or the header, stands.
    pub(super) span: Span,
    /// The keys in the order of the file.
    pub(super) entries: Vec<Entry>,
}

/// A key that is not read further yet: whether it is a key of Kafka's or a name is for the reader
/// to know.
pub(super) struct Item<'i> {
    pub(super) key: String,
    pub(super) key_span: Span,
    value: Spanned<DeValue<'i>>,
}

/// Parses a text into the keys of its top level, in the order of the file.
pub(super) fn parse<'i>(source: &Source<'i>) -> Result<Vec<Item<'i>>, Errors> {
    let table = if source.text().len() <= RECOVERABLE {
        let (table, errors) = DeTable::parse_recoverable(source.text());
        if !errors.is_empty() {
            return Err(Errors(syntax_errors(source, &errors)));
        }
        table
    } else {
        DeTable::parse(source.text())
            .map_err(|error| Errors(syntax_errors(source, std::slice::from_ref(&error))))?
    };
    Ok(items(table.into_inner()))
}

fn items(table: DeTable<'_>) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = table
        .into_iter()
        .map(|(key, value)| Item {
            key_span: key.span(),
            key: key.into_inner().into_owned(),
            value,
        })
        .collect();
    items.sort_by_key(|item| item.key_span.start);
    items
}

impl<'i> Item<'i> {
    /// The key with its value, whatever that is.
    pub(super) fn entry(self, source: &Source<'_>) -> Entry {
        Entry {
            key: self.key,
            key_span: self.key_span,
            value_span: self.value.span(),
            value: convert(source, self.value.into_inner()),
        }
    }

    /// A table of keys; otherwise the entry.
    pub(super) fn table(self, source: &Source<'_>) -> Result<Table, Entry> {
        match self.value.get_ref() {
            DeValue::Table(_) => {
                let entry = self.entry(source);
                let Value::Table(entries) = entry.value else { return Err(entry) };
                Ok(Table { name: entry.key, span: entry.key_span, entries })
            }
            _ => Err(self.entry(source)),
        }
    }

    /// A table whose keys are names of tables; otherwise the entry.
    pub(super) fn named(self, source: &Source<'_>) -> Result<Vec<Item<'i>>, Entry> {
        let span = self.value.span();
        match self.value.into_inner() {
            DeValue::Table(table) => Ok(items(table)),
            other => Err(Entry {
                key: self.key,
                key_span: self.key_span,
                value_span: span,
                value: convert(source, other),
            }),
        }
    }

    /// An array of tables; otherwise the entry.
    pub(super) fn tables(self, source: &Source<'_>) -> Result<Vec<Table>, Entry> {
        let name = self.key.clone();
        let entry = self.entry(source);
        let Value::Array(elements) = &entry.value else { return Err(entry) };
        let table = |(span, value): &(Span, Value)| match value {
            Value::Table(entries) => {
                Some(Table { name: name.clone(), span: span.clone(), entries: entries.clone() })
            }
            _ => None,
        };
        let tables: Option<Vec<Table>> = elements.iter().map(table).collect();
        tables.ok_or(entry)
    }
}

fn syntax_errors(source: &Source<'_>, errors: &[toml::de::Error]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for error in errors.iter().take(LOOKED_AT) {
        let span = error.span().unwrap_or(0..0);
        let kind = ProblemKind::Syntax(error.message().replace('\n', ", "));
        let mut problem = Problem::at(source, &span, kind);
        problem.hint = syntax_hint(source, error.message(), &span);
        let line = problem.position.map(|position| position.line);
        if problems.iter().all(|other| other.position.map(|p| p.line) != line) {
            problems.push(problem);
        }
    }
    problems.sort_by_key(|problem| problem.position);
    problems.truncate(SYNTAX_ERRORS);
    problems
}

/// Two habits of `.properties` that TOML does not share.
fn syntax_hint(source: &Source<'_>, message: &str, span: &Span) -> Option<String> {
    if message.contains("duplicate key") || message.contains("extend") {
        let text = "a key may stand only once, and TOML does not let `a` and `a.b` stand side by side: put one in \
                    quotes, \"a.b\" = ..; beside `commit.every` write `commit.order` instead of `commit`";
        return Some(text.to_owned());
    }
    let line = whole_line(source.text(), span.start);
    let (key, value) = line.split_once('=')?;
    let (key, value) = (key.trim(), value.split('#').next().unwrap_or("").trim());
    let bare = value.starts_with(|c: char| c.is_alphabetic() || c == '/' || c == '*');
    if !bare || matches!(value, "true" | "false" | "inf" | "nan") || value.contains(['"', '\'']) {
        return None;
    }
    let (key, value) = (super::source::quoted(key), super::source::quoted(value));
    Some(format!("a text stands in quotes: {key} = \"{value}\""))
}

fn whole_line(text: &str, at: usize) -> &str {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or("")
}

/// The keys of a table with all levels below it, in the order of the file.
fn entries(source: &Source<'_>, table: DeTable<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    flatten(source, table, "", 0, &mut entries);
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

fn flatten(
    source: &Source<'_>,
    table: DeTable<'_>,
    prefix: &str,
    above: usize,
    entries: &mut Vec<Entry>,
) {
    for (key, value) in table {
        let span = key.span();
        let name = format!("{prefix}{}", key.get_ref());
        let value_span = value.span();
        match value.into_inner() {
            DeValue::Table(inner) if !inner.is_empty() => {
                flatten(source, inner, &format!("{name}."), above + 1, entries);
            }
            other => {
                let key_span = dotted_start(source.text(), span.start, above)..span.end;
                let value = convert(source, other);
                entries.push(Entry { key: name, key_span, value, value_span });
            }
        }
    }
}

/// Where a dotted key begins, given where its last part does: at most `parts` parts before it.
fn dotted_start(text: &str, last: usize, parts: usize) -> usize {
    let bytes = text.as_bytes();
    let blank = |byte: u8| byte == b' ' || byte == b'\t';
    let skip_blanks = |mut at: usize| {
        while at > 0 && blank(bytes[at - 1]) {
            at -= 1;
        }
        at
    };
    let mut start = last;
    for _ in 0..parts {
        let dot = skip_blanks(start);
        if dot == 0 || bytes[dot - 1] != b'.' {
            break;
        }
        let end = skip_blanks(dot - 1);
        let Some(part) = simple_key_start(bytes, end) else {
            break;
        };
        start = part;
    }
    start
}

/// Where the bare or quoted key that ends before `end` begins.
fn simple_key_start(bytes: &[u8], end: usize) -> Option<usize> {
    let last = *bytes.get(end.checked_sub(1)?)?;
    if last == b'"' || last == b'\'' {
        return bytes[..end - 1].iter().rposition(|byte| *byte == last);
    }
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let start = bytes[..end].iter().rposition(|byte| !bare(*byte)).map_or(0, |at| at + 1);
    (start < end).then_some(start)
}

fn convert(source: &Source<'_>, value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Other(integer.as_str().to_owned()),
        },
        DeValue::Float(float) => Value::Float(float.as_str().to_owned()),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(datetime) => Value::Other(datetime.to_string()),
        DeValue::Array(array) => {
            let convert = |element: Spanned<DeValue<'_>>| {
                (element.span(), convert(source, element.into_inner()))
            };
            Value::Array(array.into_iter().map(convert).collect())
        }
        DeValue::Table(table) => Value::Table(entries(source, table)),
    }
}
