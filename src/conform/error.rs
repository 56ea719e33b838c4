//! What is wrong with a script, and where.

use std::fmt;

use crate::conform::json::{Part, column, locate};

/// The nearest of some known names, if one is near enough to be meant.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (name.chars().count() / 3).max(1);
    known
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, other)| other)
}

/// Fewest insertions, deletions and substitutions of characters that make one text the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(100).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Bad input: where, what was expected, and what was probably meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputError {
    /// The file.
    pub path: String,
    /// Line, from 1; 0 if it is about the whole file.
    pub line: usize,
    /// Column in characters, from 1; 0 if it is about the whole line.
    pub column: usize,
    /// What was expected and what was found.
    pub message: String,
    /// The nearest known name, where a name was wrong.
    pub nearest: Option<String>,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(nearest) = &self.nearest {
            write!(f, " (did you mean `{nearest}`?)")?;
        }
        Ok(())
    }
}

impl std::error::Error for InputError {}

/// An error within a script, before its line and column are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptError {
    path: Vec<OwnedPart>,
    message: String,
    nearest: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum OwnedPart {
    Key(String),
    Index(usize),
}

impl ScriptError {
    /// An error about the thing at the end of a path.
    pub fn at(path: &[Part<'_>], message: impl Into<String>) -> ScriptError {
        let own = |part: &Part<'_>| match part {
            Part::Key(key) => OwnedPart::Key((*key).to_owned()),
            Part::Index(index) => OwnedPart::Index(*index),
        };
        ScriptError { path: path.iter().map(own).collect(), message: message.into(), nearest: None }
    }

    /// Adds the name that was probably meant.
    #[must_use]
    pub fn meant(mut self, nearest: Option<&str>) -> ScriptError {
        self.nearest = nearest.map(str::to_owned);
        self
    }

    /// The same error seen from further out: `path` leads to where its own path begins.
    #[must_use]
    pub fn within(mut self, path: &[Part<'_>]) -> ScriptError {
        let inner = std::mem::take(&mut self.path);
        let mut whole = ScriptError::at(path, "").path;
        whole.extend(inner);
        self.path = whole;
        self
    }

    /// With file, line and column; `text` is the line.
    pub fn place(&self, path: &str, line: usize, text: &str) -> InputError {
        let parts: Vec<Part<'_>> = self
            .path
            .iter()
            .map(|part| match part {
                OwnedPart::Key(key) => Part::Key(key),
                OwnedPart::Index(index) => Part::Index(*index),
            })
            .collect();
        InputError {
            path: path.to_owned(),
            line,
            column: column(text, locate(text, &parts)),
            message: self.message.clone(),
            nearest: self.nearest.clone(),
        }
    }
}
