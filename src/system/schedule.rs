//! A schedule: the list of actions that reproduces a run, as text that people read, edit and compare.
//!
//! ```text
//! # Comments stand on lines of their own.
//! format = 1
//! scenario = "models/commit-after.toml"
//! origin = "check: at-most"
//!
//! actions:
//!   deliver 1
//!   crash 2
//! end
//! ```
//!
//! The last line shows that the file is whole. Nothing here knows what an action means.

use std::fmt::{self, Display, Write};
use std::str::FromStr;

use super::spelling::nearest;

/// The version of the text that is written, and the newest that is understood.
pub const FORMAT: u32 = 1;

const KEYS: [&str; 4] = ["format", "scenario", "origin", "initial"];
const ACTIONS: &str = "actions:";
const END: &str = "end";

/// A list of actions, with where it comes from.
///
/// As text each action is one line: what its `Display` writes must be a single line that is neither
/// empty nor `end`, does not begin with `#` and has no blanks at its ends, and its `FromStr` must read
/// it back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule<A> {
    /// The version of the format, [`FORMAT`] for a new one.
    pub format: u32,
    /// What the actions belong to, for instance a path.
    pub scenario: String,
    /// Who wrote it and why, in words.
    pub origin: String,
    /// In which of the model's initial states the run begins, counted from 0.
    pub initial: usize,
    /// The actions, first to last.
    pub actions: Vec<A>,
}

impl<A> Schedule<A> {
    /// A schedule of the present format that begins in the first initial state.
    pub fn new(scenario: impl Into<String>, origin: impl Into<String>, actions: Vec<A>) -> Self {
        Schedule {
            format: FORMAT,
            scenario: scenario.into(),
            origin: origin.into(),
            initial: 0,
            actions,
        }
    }
}

impl<A: Display> Display for Schedule<A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, A::to_string)
    }
}

impl<A> Schedule<A> {
    /// The schedule as text, for actions whose text depends on something else.
    pub fn text(&self, action: impl Fn(&A) -> String) -> String {
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(&mut text, action);
        text
    }

    fn write(&self, out: &mut impl Write, action: impl Fn(&A) -> String) -> fmt::Result {
        writeln!(out, "format = {}", self.format)?;
        writeln!(out, "scenario = {}", Quoted(&self.scenario))?;
        writeln!(out, "origin = {}", Quoted(&self.origin))?;
        if self.initial > 0 {
            writeln!(out, "initial = {}", self.initial)?;
        }
        writeln!(out, "\n{ACTIONS}")?;
        for each in &self.actions {
            let line = action(each);
            debug_assert!(is_a_line(&line), "not one line of text: {line:?}");
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "{END}")
    }
}

fn is_a_line(text: &str) -> bool {
    text.trim() == text
        && !text.is_empty()
        && text != END
        && !text.starts_with('#')
        && !text.contains(['\n', '\r'])
}

/// Why a text is no schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScheduleError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a line of a schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// The text holds nothing, or comments only.
    Empty,
    /// The text does not begin with `format = N`.
    NoFormat {
        /// What stands there.
        found: String,
    },
    /// The text was written by a newer version.
    NewerFormat {
        /// Its format.
        found: u32,
    },
    /// A line of the header is neither `key = value` nor `actions:`.
    NotAKey {
        /// What stands there.
        found: String,
        /// The word that may have been meant.
        nearest: Option<String>,
    },
    /// A key of the header that is not known.
    UnknownKey {
        /// The key.
        found: String,
        /// The key that may have been meant.
        nearest: Option<String>,
    },
    /// A key of the header that stood there before.
    RepeatedKey {
        /// The key.
        key: String,
    },
    /// A key that the header lacks.
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong kind.
    BadValue {
        /// Its key.
        key: String,
        /// What was expected.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A line that is no action.
    BadAction {
        /// What stands there.
        found: String,
        /// Why it is none.
        reason: String,
        /// The first word that may have been meant.
        nearest: Option<String>,
    },
    /// The text ends before its last line, `end`.
    CutOff,
    /// Something follows after `end`.
    AfterEnd {
        /// What stands there.
        found: String,
    },
}

impl Display for ScheduleError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: ", self.line)?;
        match &self.problem {
            Problem::Empty => write!(out, "expected a schedule, found nothing"),
            Problem::NoFormat { found } => {
                write!(out, "expected a schedule that begins with `format = {FORMAT}`, ")?;
                write!(out, "found `{found}`")
            }
            Problem::NewerFormat { found } => write!(
                out,
                "this schedule has format {found}, and this version reads formats up to {FORMAT}: \
                 a newer version wrote it"
            ),
            Problem::NotAKey { found, nearest } => {
                write!(out, "expected `key = value` or `{ACTIONS}`, found `{found}`")?;
                hint(out, nearest)
            }
            Problem::UnknownKey { found, nearest } => {
                write!(out, "expected one of {}, found the key `{found}`", KEYS.join(", "))?;
                hint(out, nearest)
            }
            Problem::RepeatedKey { key } => write!(out, "the key `{key}` stands here twice"),
            Problem::MissingKey { key } => write!(out, "expected the key `{key}` before this line"),
            Problem::BadValue { key, expected, found } => {
                write!(out, "expected {expected} for `{key}`, found `{found}`")
            }
            Problem::BadAction { found, reason, nearest } => {
                write!(out, "expected an action, found `{found}`: {reason}")?;
                hint(out, nearest)
            }
            Problem::CutOff => {
                write!(out, "expected `{END}` as the last line: the schedule was cut off")
            }
            Problem::AfterEnd { found } => {
                write!(out, "expected nothing after `{END}`, found `{found}`")
            }
        }
    }
}

impl std::error::Error for ScheduleError {}

fn hint(out: &mut fmt::Formatter<'_>, nearest: &Option<String>) -> fmt::Result {
    match nearest {
        Some(word) => write!(out, "; did you mean `{word}`?"),
        None => Ok(()),
    }
}

impl<A: FromStr> Schedule<A>
where
    A::Err: Display,
{
    /// Reads a schedule.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        Self::parse_with_words(text, &[])
    }

    /// Reads a schedule whose actions begin with one of `words`: an action that cannot be read is
    /// reported with the nearest of them.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn parse_with_words(text: &str, words: &[&str]) -> Result<Self, ScheduleError> {
        Self::parse_by(text, words, A::from_str)
    }
}

impl<A> Schedule<A> {
    /// Reads a schedule whose actions `read` understands, and begin with one of `words`.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn parse_by<E: Display>(
        text: &str,
        words: &[&str],
        read: impl Fn(&str) -> Result<A, E>,
    ) -> Result<Self, ScheduleError> {
        let mut lines = Lines::new(text);
        let mut schedule = header(&mut lines)?;
        loop {
            let Some((line, found)) = lines.next() else {
                return Err(lines.error_at_end(Problem::CutOff));
            };
            if found == END {
                break;
            }
            schedule.actions.push(action(found, words, &read).map_err(|p| at(line, p))?);
        }
        match lines.next() {
            Some((line, found)) => Err(at(line, Problem::AfterEnd { found: found.to_owned() })),
            None => Ok(schedule),
        }
    }
}

/// The line, counted from 1, on which the action with the given number (from 0) stands.
pub fn line_of_action(text: &str, number: usize) -> Option<usize> {
    let mut lines = Lines::new(text);
    lines.by_ref().find(|(_, found)| *found == ACTIONS)?;
    lines.take_while(|(_, found)| *found != END).nth(number).map(|(line, _)| line)
}

fn action<A, E: Display>(
    found: &str,
    words: &[&str],
    read: impl Fn(&str) -> Result<A, E>,
) -> Result<A, Problem> {
    read(found).map_err(|error| {
        let first = found.split_whitespace().next().unwrap_or(found);
        let near =
            if words.contains(&first) { None } else { nearest(first, words.iter().copied()) };
        Problem::BadAction {
            found: found.to_owned(),
            reason: error.to_string(),
            nearest: near.map(str::to_owned),
        }
    })
}

fn at(line: usize, problem: Problem) -> ScheduleError {
    ScheduleError { line, problem }
}

/// Reads up to and with the line `actions:`.
fn header<A>(lines: &mut Lines<'_>) -> Result<Schedule<A>, ScheduleError> {
    let Some((line, first)) = lines.next() else {
        return Err(lines.error_at_end(Problem::Empty));
    };
    let format = format(first).map_err(|problem| at(line, problem))?;
    let (mut scenario, mut origin, mut initial) = (None, None, None);
    loop {
        let Some((line, found)) = lines.next() else {
            return Err(lines.error_at_end(Problem::CutOff));
        };
        if found == ACTIONS {
            let missing = |key| at(line, Problem::MissingKey { key });
            return Ok(Schedule {
                format,
                scenario: scenario.ok_or_else(|| missing("scenario"))?,
                origin: origin.ok_or_else(|| missing("origin"))?,
                initial: initial.unwrap_or(0),
                actions: Vec::new(),
            });
        }
        let (key, value) = key_and_value(found).map_err(|problem| at(line, problem))?;
        let repeated = match key {
            "scenario" => scenario.replace(unquote(key, value).map_err(|p| at(line, p))?).is_some(),
            "origin" => origin.replace(unquote(key, value).map_err(|p| at(line, p))?).is_some(),
            "initial" => initial.replace(number(key, value).map_err(|p| at(line, p))?).is_some(),
            "format" => true,
            _ => return Err(at(line, unknown(key))),
        };
        if repeated {
            return Err(at(line, Problem::RepeatedKey { key: key.to_owned() }));
        }
    }
}

fn format(first: &str) -> Result<u32, Problem> {
    match key_and_value(first) {
        Ok(("format", value)) => {
            let found = number("format", value)?;
            let found = u32::try_from(found).unwrap_or(u32::MAX);
            if found > FORMAT {
                return Err(Problem::NewerFormat { found });
            }
            if found == 0 {
                return Err(bad_value("format", "a number from 1 on", value));
            }
            Ok(found)
        }
        _ => Err(Problem::NoFormat { found: first.to_owned() }),
    }
}

fn key_and_value(line: &str) -> Result<(&str, &str), Problem> {
    match line.split_once('=') {
        Some((key, value)) => Ok((key.trim(), value.trim())),
        None => Err(Problem::NotAKey {
            found: line.to_owned(),
            nearest: nearest(line, [ACTIONS]).map(str::to_owned),
        }),
    }
}

fn unknown(key: &str) -> Problem {
    Problem::UnknownKey { found: key.to_owned(), nearest: nearest(key, KEYS).map(str::to_owned) }
}

fn number(key: &str, value: &str) -> Result<usize, Problem> {
    value.parse().map_err(|_| bad_value(key, "a number", value))
}

fn bad_value(key: &str, expected: &'static str, found: &str) -> Problem {
    Problem::BadValue { key: key.to_owned(), expected, found: found.to_owned() }
}

/// Lines that say something, with their numbers.
struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    count: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Lines { lines: text.lines().enumerate(), count: text.lines().count() }
    }

    fn error_at_end(&self, problem: Problem) -> ScheduleError {
        at(self.count + 1, problem)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        self.lines
            .by_ref()
            .map(|(index, line)| (index + 1, line.trim()))
            .find(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    }
}

/// A text between quotation marks, on one line.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(out, "\\{character}")?,
                '\n' => out.write_str("\\n")?,
                '\r' => out.write_str("\\r")?,
                '\t' => out.write_str("\\t")?,
                other if other.is_control() => write!(out, "\\u{{{:x}}}", u32::from(other))?,
                other => out.write_char(other)?,
            }
        }
        out.write_char('"')
    }
}

fn unquote(key: &str, value: &str) -> Result<String, Problem> {
    let bad = || bad_value(key, "a text between quotation marks", value);
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(bad)?;
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Err(bad()),
            '\\' => text.push(escaped(&mut characters).ok_or_else(bad)?),
            other => text.push(other),
        }
    }
    Ok(text)
}

fn escaped(characters: &mut std::str::Chars<'_>) -> Option<char> {
    match characters.next()? {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        same @ ('"' | '\\') => Some(same),
        'u' => {
            let rest = characters.as_str().strip_prefix('{')?;
            let (digits, rest) = rest.split_once('}')?;
            *characters = rest.chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)
        }
        _ => None,
    }
}
