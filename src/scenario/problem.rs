//! What is wrong with a user's file: typed, with a place, what was expected and the nearest known
//! name.

use std::fmt;
use std::ops::Range;

use super::source::{Excerpt, Position, Source};

/// One mistake.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file.
    pub path: String,
    /// Where in it; `None` if the whole file is meant.
    pub position: Option<Position>,
    /// What is wrong.
    pub kind: ProblemKind,
    /// The line that is meant.
    pub excerpt: Option<Excerpt>,
    /// What would be right, for people.
    pub expected: Option<String>,
    /// The known name that was probably meant.
    pub nearest: Option<String>,
    /// What else helps.
    pub hint: Option<String>,
}

/// The kinds of mistakes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// There is no such file.
    NotFound,
    /// The path names a directory.
    Directory,
    /// The operating system does not let us read it.
    NoPermission,
    /// It could not be read for another reason, which the operating system gave.
    Unreadable(String),
    /// More bytes than any scenario has.
    TooLarge {
        /// What is accepted, in bytes.
        limit: u64,
    },
    /// Not UTF-8: no text at all, probably.
    Binary,
    /// Nothing in it.
    Empty,
    /// Not TOML, or not properties; the parser's words.
    Syntax(String),
    /// A format of a later version of this program.
    FutureFormat(i64),
    /// A version of Kafka that there is no preset of.
    NoPreset(String),
    /// A key, table or element of a list of names that nobody knows.
    UnknownKey {
        /// As written.
        key: String,
        /// The table it stands in.
        table: String,
    },
    /// A word that is none of those that are known here.
    UnknownName {
        /// The key whose value it is.
        key: String,
        /// As written.
        name: String,
    },
    /// A value of another type.
    WrongType {
        /// The key whose value it is.
        key: String,
        /// What stands there.
        found: String,
    },
    /// A value of the right type beyond what is possible.
    OutOfRange {
        /// The key whose value it is.
        key: String,
        /// As written.
        found: String,
    },
    /// A key that must be given is not.
    Missing {
        /// The key.
        key: String,
        /// The table it belongs to.
        table: String,
    },
    /// A name that Kafka would not take for a topic.
    BadName {
        /// "topic", "source", "producer", "app".
        what: String,
        /// As written.
        name: String,
    },
    /// A reference to a topic or source that the file does not have.
    NoSuch {
        /// "topic", "source", "app".
        what: &'static str,
        /// As written.
        name: String,
    },
    /// Two statements of the file contradict each other.
    Contradiction(String),
    /// Kafka itself refuses this.
    KafkaRefuses {
        /// Why.
        reason: String,
        /// The source file of Kafka that does.
        source: &'static str,
    },
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProblemKind::NotFound => write!(f, "there is no such file"),
            ProblemKind::Directory => write!(f, "this is a directory, not a file"),
            ProblemKind::NoPermission => write!(f, "no permission to read this file"),
            ProblemKind::Unreadable(why) => write!(f, "cannot read this file: {why}"),
            ProblemKind::TooLarge { limit } => {
                write!(
                    f,
                    "this file is larger than {} MB, which is the most that is read",
                    limit / 1_000_000
                )
            }
            ProblemKind::Binary => write!(f, "this file is not text in UTF-8"),
            ProblemKind::Empty => write!(f, "this file is empty"),
            ProblemKind::Syntax(message) => write!(f, "{message}"),
            ProblemKind::FutureFormat(format) => {
                write!(f, "format {format} is of a later version of brokerproof")
            }
            ProblemKind::NoPreset(name) => write!(f, "there is no preset of Kafka {name}"),
            ProblemKind::UnknownKey { key, table } => write!(f, "unknown key `{key}` in {table}"),
            ProblemKind::UnknownName { key, name } => write!(f, "`{key}` cannot be \"{name}\""),
            ProblemKind::WrongType { key, found } => write!(f, "`{key}` cannot be {found}"),
            ProblemKind::OutOfRange { key, found } => write!(f, "`{key}` cannot be {found}"),
            ProblemKind::Missing { key, table } => write!(f, "{table} has no `{key}`"),
            ProblemKind::BadName { what, name } => {
                write!(f, "\"{name}\" cannot be the name of a {what}")
            }
            ProblemKind::NoSuch { what, name } => write!(f, "there is no {what} \"{name}\""),
            ProblemKind::Contradiction(text) => write!(f, "{text}"),
            ProblemKind::KafkaRefuses { reason, .. } => write!(f, "Kafka refuses this: {reason}"),
        }
    }
}

impl Problem {
    /// A mistake of a file as a whole.
    pub fn whole(path: &str, kind: ProblemKind) -> Problem {
        Problem {
            path: path.to_owned(),
            position: None,
            kind,
            excerpt: None,
            expected: None,
            nearest: None,
            hint: None,
        }
    }

    /// A mistake at a place.
    pub fn at(source: &Source<'_>, span: &Range<usize>, kind: ProblemKind) -> Problem {
        Problem {
            position: Some(source.position(span.start)),
            excerpt: Some(source.excerpt(span)),
            ..Problem::whole(source.path(), kind)
        }
    }

    /// Says what would be right.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Problem {
        self.expected = Some(expected.into());
        self
    }

    /// Says what was probably meant.
    #[must_use]
    pub fn nearest(mut self, nearest: Option<&str>) -> Problem {
        self.nearest = nearest.map(str::to_owned);
        self
    }

    /// Says what else helps.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }
}

/// Plain text without colour: the place, the message, the line with a mark under what is meant, and
/// help.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, &self.path, self.position)?;
        write!(f, "{}", self.kind)?;
        write_excerpt(f, self.position, self.excerpt.as_ref())?;
        let source = match &self.kind {
            ProblemKind::KafkaRefuses { source, .. } => Some(*source),
            _ => None,
        };
        let lines = [
            ("expected", self.expected.as_deref()),
            ("nearest", self.nearest.as_deref()),
            ("help", self.hint.as_deref()),
            ("source", source),
        ];
        for (label, text) in lines {
            if let Some(text) = text {
                write!(f, "\n  {label}: {text}")?;
            }
        }
        Ok(())
    }
}

pub(super) fn write_place(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    position: Option<Position>,
) -> fmt::Result {
    match position {
        Some(Position { line, column }) => write!(f, "{path}:{line}:{column}: "),
        None if path.is_empty() => Ok(()),
        None => write!(f, "{path}: "),
    }
}

fn write_excerpt(
    f: &mut fmt::Formatter<'_>,
    position: Option<Position>,
    excerpt: Option<&Excerpt>,
) -> fmt::Result {
    let (Some(position), Some(excerpt)) = (position, excerpt) else {
        return Ok(());
    };
    let number = position.line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(excerpt.indent);
    write!(f, "\n  {margin} |")?;
    write!(f, "\n  {number} | {}", excerpt.text)?;
    write!(f, "\n  {margin} | {indent}{}", "^".repeat(excerpt.width))
}

/// How many mistakes are shown at a time.
const SHOWN: usize = 30;

/// Everything that is wrong with a file, in its order; at least one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Errors(pub Vec<Problem>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(SHOWN).enumerate() {
            if index > 0 {
                write!(f, "\n\n")?;
            }
            write!(f, "{problem}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n\nand {more} more"),
        }
    }
}

impl std::error::Error for Errors {}
