//! Conformance: recorded exchanges with real Kafka brokers are played against the model's own
//! broker, and every field of every answer is compared.
//!
//! A *script* is a line of JSON: topics, and calls with the answers that a real Kafka gave. The
//! [`driver`] sends the calls' requests to the very [`Broker`](crate::protocol::broker::Broker)
//! that the explorer and the simulator run; there is no second interpretation of Kafka's rules and
//! no special path. What scripts and the model call differently goes through one place,
//! [`mapping`].
//!
//! It must never know a rule of Kafka's, and never let something unknown pass as agreement: what
//! the model cannot be asked is *not modelled*, named and counted apart.

#![allow(
    clippy::ptr_arg,
    reason = "a name is borrowed from its line; `&str` would lose for how long"
)]

pub mod answers;
pub mod arguments;
pub mod calls;
mod clock;
pub mod compare;
pub mod draw;
pub mod driver;
pub mod error;
pub mod json;
pub mod junit;
pub mod machine;
pub mod mapping;
pub mod play;
pub mod report;
mod requests;
pub mod script;
mod settings;
mod state;
pub mod text;
pub mod trace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use error::{InputError, ScriptError};
use play::PlayOptions;
use report::{FileReport, Report, ScriptReport};
use script::Script;

use crate::protocol::safeguard::SafeguardSet;
use crate::protocol::variant::Kafka;

/// How recordings are played.
#[derive(Clone, Copy, Default, Debug)]
pub struct Options<'o> {
    /// The version to play; `None`: the one that each recording names.
    pub kafka: Option<Kafka>,
    /// Safeguards that are removed from the model.
    pub ablated: SafeguardSet,
    /// Only scripts whose name has this part.
    pub only: Option<&'o str>,
}

/// Plays every script of some files and folders (their `.jsonl` files, at any depth, in order of
/// names). Bad input is in the report's errors; the other scripts are played all the same.
pub fn run(paths: &[PathBuf], options: Options<'_>) -> Report {
    let mut report = Report::default();
    for path in paths {
        match files(path) {
            Ok(files) if files.is_empty() => {
                report.errors.push(whole(path, "no .jsonl file in this folder".to_owned()));
            }
            Ok(files) => files.iter().for_each(|file| run_file(file, options, &mut report)),
            Err(error) => report.errors.push(error),
        }
    }
    report
}

fn run_file(path: &Path, options: Options<'_>, report: &mut Report) {
    let name = path.display().to_string();
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => run_text(&name, &text, options, report),
        Ok(Err(error)) => {
            let valid = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
            let mut bad = whole(path, "not UTF-8".to_owned());
            bad.line = line;
            report.errors.push(bad);
        }
        Err(error) => report.errors.push(whole(path, error.to_string())),
    }
}

fn whole(path: &Path, message: String) -> InputError {
    let path = path.display().to_string();
    InputError { path, line: 0, column: 0, message, nearest: None }
}

/// Plays every script of a text; blank lines and lines that begin with `#` are passed over.
pub fn run_text(path: &str, text: &str, options: Options<'_>, report: &mut Report) {
    let mut scripts = Vec::new();
    let mut names = BTreeSet::new();
    for (line, text) in lines(text) {
        match run_line(path, text, options) {
            Ok(Some(script)) if !names.insert(script.name.clone()) => {
                let message = format!("two scripts are named `{}`", script.name);
                let part = [json::Part::Key("name")];
                report.errors.push(ScriptError::at(&part, message).place(path, line, text));
            }
            Ok(Some(script)) => scripts.push(ScriptReport { line, ..script }),
            Ok(None) => {}
            Err(error) => report.errors.push(error.place(path, line, text)),
        }
    }
    report.files.push(FileReport { path: path.to_owned(), scripts });
}

/// The lines that hold scripts, with their numbers from 1.
pub fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim_start().is_empty() && !line.starts_with('#'))
}

/// What is wrong with a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineError {
    /// It is no JSON.
    Json(json::JsonError),
    /// It is no script.
    Script(ScriptError),
}

impl LineError {
    /// With file, line and column; `text` is the line.
    pub fn place(self, path: &str, line: usize, text: &str) -> InputError {
        match self {
            LineError::Json(error) => InputError {
                path: path.to_owned(),
                line,
                column: json::column(text, error.at),
                message: error.message,
                nearest: None,
            },
            LineError::Script(error) => error.place(path, line, text),
        }
    }
}

/// Reads the script of one line; `kafka` overrides the version that it names.
///
/// # Errors
/// What is wrong with the line.
pub fn read_line(line: &str, kafka: Option<Kafka>) -> Result<Script<'_>, LineError> {
    let value = json::parse(line).map_err(LineError::Json)?;
    Script::read(value, kafka).map_err(LineError::Script)
}

/// Plays the script of one line, if it is wanted; the report's line number is 0.
///
/// # Errors
/// What is wrong with the line.
pub fn run_line(
    path: &str,
    line: &str,
    options: Options<'_>,
) -> Result<Option<ScriptReport>, LineError> {
    let script = read_line(line, options.kafka)?;
    if options.only.is_some_and(|part| !script.name.contains(part)) {
        return Ok(None);
    }
    let options = PlayOptions { ablated: options.ablated, ignored: ignored(path) };
    let outcome = play::play(&script, options).map_err(LineError::Script)?;
    Ok(Some(ScriptReport {
        name: script.name.into_owned(),
        line: 0,
        kafka: script.kafka.name(),
        rules: script.rules.into_iter().map(|rule| rule.into_owned()).collect(),
        steps: script.steps.len(),
        outcome,
    }))
}

/// Fields of a file's answers that depend on chance: in a `.topic-order.jsonl` file an assignor's
/// choice followed the order of random topic ids.
pub fn ignored(path: &str) -> &'static [&'static str] {
    if path.ends_with(".topic-order.jsonl") { &["assignment", "target_assignment"] } else { &[] }
}

/// A file itself, or a folder's `.jsonl` files at any depth, in order of names.
///
/// # Errors
/// What cannot be read.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, InputError> {
    let broken = |path: &Path, error: std::io::Error| whole(path, error.to_string());
    if !std::fs::metadata(path).map_err(|error| broken(path, error))?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| broken(path, error))? {
        entries.push(entry.map_err(|error| broken(path, error))?.path());
    }
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if std::fs::metadata(&entry).is_ok_and(|data| data.is_dir()) {
            found.extend(files(&entry)?);
        } else if entry.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(entry);
        }
    }
    Ok(found)
}
