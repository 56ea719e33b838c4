//! `conform`: plays recorded exchanges with real Kafka brokers against the model's broker.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::words;
use crate::conform::error::InputError;
use crate::conform::play::PlayOptions;
use crate::conform::report::{Exit, Report};
use crate::conform::text::{self, TextOptions};
use crate::conform::{self, Options, draw, junit, machine, trace};
use crate::protocol::variant::Kafka;

/// Arguments of `conform`.
#[derive(Args, Clone, Debug)]
pub struct Conform {
    /// Recordings: files, or folders with .jsonl files.
    #[arg(required_unless_present = "trace")]
    pub paths: Vec<PathBuf>,
    /// Plays this version of Kafka (3.9, 4.1 or 4.3) instead of the one that each recording names.
    #[arg(long, value_parser = words::kafka)]
    pub kafka: Option<Kafka>,
    /// Plays only scripts whose name has this part.
    #[arg(long, value_name = "PART")]
    pub only: Option<String>,
    /// Shows all differences in full, not only the first ten.
    #[arg(long)]
    pub all: bool,
    /// Writes the report as one line of JSON.
    #[arg(long, conflicts_with = "trace")]
    pub json: bool,
    /// Writes the report as JUnit's XML into a file, too.
    #[arg(long, value_name = "FILE", conflicts_with = "trace")]
    pub junit: Option<PathBuf>,
    /// Prints what the model does at each call: of the scripts of this file, or of those of this
    /// name in the recordings.
    #[arg(long, value_name = "SCRIPT")]
    pub trace: Option<String>,
}

/// Runs the verb; the report goes to `out`, errors to `err`.
pub fn run(arguments: &Conform, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let result = match &arguments.trace {
        Some(script) => run_trace(arguments, script, out, err),
        None => run_report(arguments, out, err),
    };
    match result {
        Ok(exit) => exit,
        Err(error) => {
            // Nothing is left to tell it to if this fails as well.
            let _ = writeln!(err, "error: {error}");
            Exit::BadInput
        }
    }
}

fn run_report(arguments: &Conform, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<Exit> {
    let options =
        Options { kafka: arguments.kafka, only: arguments.only.as_deref(), ..Options::default() };
    let report = conform::run(&arguments.paths, options);
    if let Some(path) = &arguments.junit {
        let mut xml = String::new();
        junit::write(&mut xml, &report).map_err(io::Error::other)?;
        std::fs::write(path, xml).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
    }
    if arguments.json {
        writeln!(out, "{}", machine::json(&report))?;
        return Ok(report.exit());
    }
    write_text(arguments, &report, out)?;
    write_errors(&report.errors, err)?;
    Ok(report.exit())
}

fn write_text(arguments: &Conform, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = String::new();
    let differences = if arguments.all { usize::MAX } else { TextOptions::default().differences };
    text::write(&mut shown, report, TextOptions { differences }).map_err(io::Error::other)?;
    out.write_all(shown.as_bytes())
}

/// How many errors are shown.
const MAX_ERRORS: usize = 20;

fn write_errors(errors: &[InputError], err: &mut dyn Write) -> io::Result<()> {
    for error in errors.iter().take(MAX_ERRORS) {
        writeln!(err, "error: {error}")?;
    }
    match errors.len().saturating_sub(MAX_ERRORS) {
        0 => Ok(()),
        more => writeln!(err, "error: and {more} more"),
    }
}

/// Traces the scripts of a file, or those of a name in the recordings. Exits as a report on them
/// would.
fn run_trace(
    arguments: &Conform,
    script: &str,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let of_file = Path::new(script).is_file();
    let mut errors = Vec::new();
    let mut paths = Vec::new();
    if of_file {
        paths.push(PathBuf::from(script));
    } else {
        for path in &arguments.paths {
            match conform::files(path) {
                Ok(files) => paths.extend(files),
                Err(error) => errors.push(error),
            }
        }
    }
    let wanted = if of_file { None } else { Some(script) };
    let mut traced = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        })?;
        let path = path.display().to_string();
        for (line, text) in conform::lines(&text) {
            match trace_line(&path, text, arguments.kafka, wanted) {
                Ok(None) => {}
                Ok(Some(found)) => {
                    writeln!(out, "{}", draw::draw(&found))?;
                    traced.push(found);
                }
                Err(error) => errors.push(error.place(&path, line, text)),
            }
        }
    }
    write_errors(&errors, err)?;
    if traced.is_empty() && errors.is_empty() {
        writeln!(err, "error: no script and no file is called `{script}`")?;
    }
    Ok(if errors.is_empty() && !traced.is_empty() { exit_of(&traced) } else { Exit::BadInput })
}

fn trace_line(
    path: &str,
    text: &str,
    kafka: Option<Kafka>,
    wanted: Option<&str>,
) -> Result<Option<trace::Trace>, conform::LineError> {
    let script = conform::read_line(text, kafka)?;
    if wanted.is_some_and(|name| script.name != name) {
        return Ok(None);
    }
    let options = PlayOptions { ignored: conform::ignored(path), ..PlayOptions::default() };
    trace::trace(&script, options).map(Some).map_err(conform::LineError::Script)
}

fn exit_of(traces: &[trace::Trace]) -> Exit {
    let mut steps = traces.iter().flat_map(|trace| &trace.steps);
    if steps.any(|step| !step.differences.is_empty()) {
        Exit::Differs
    } else if traces.iter().any(|trace| trace.not_modelled.is_some()) {
        Exit::NotModelled
    } else {
        Exit::Agrees
    }
}
