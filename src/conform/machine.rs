//! The report as JSON for programs, format 1.
//!
//! ```json
//! {"format": 1, "verdict": "differs", "agree": 1, "differ": 1, "not_modelled": 0,
//!  "files": [{"path": "a.jsonl", "agree": 1, "differ": 1, "not_modelled": 0}],
//!  "rules": [{"rule": "R1.2", "agree": 1, "differ": 1, "not_modelled": 0}],
//!  "uses": [{"what": "join-group", "scripts": 1, "nearest": null}],
//!  "scripts": [{"path": "a.jsonl", "line": 1, "name": "x", "kafka": "4.3", "rules": ["R1.2"],
//!    "steps": 3, "outcome": "differs", "uses": [],
//!    "difference": {"step": 2, "calls": ["..."], "kafka": {"error": "NONE"}, "model": {},
//!      "fields": [{"field": "error", "kafka": "\"NONE\"", "model": null}], "state": ["..."]}}],
//!  "errors": [{"path": "a.jsonl", "line": 3, "column": 7, "message": "..", "nearest": null}]}
//! ```
//! `verdict` and `outcome` are `agrees`, `differs` or `not-modelled`; a run with errors says
//! `bad-input`. A field's `kafka` and `model` are JSON texts, or null where it is missing. A member
//! may be added without a new format number; none changes its meaning or goes away.

use serde::Serialize;

use crate::conform::play::{Difference, Outcome};
use crate::conform::report::{Counts, Exit, Report, ScriptReport};

/// The number of the format.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Machine<'r> {
    format: u32,
    verdict: &'static str,
    #[serde(flatten)]
    counts: MachineCounts,
    files: Vec<File<'r>>,
    rules: Vec<Rule<'r>>,
    uses: Vec<Use<'r>>,
    scripts: Vec<Script<'r>>,
    errors: Vec<Error<'r>>,
}

#[derive(Serialize)]
struct MachineCounts {
    agree: usize,
    differ: usize,
    not_modelled: usize,
}

impl From<Counts> for MachineCounts {
    fn from(counts: Counts) -> Self {
        let Counts { agree, differ, not_modelled } = counts;
        MachineCounts { agree, differ, not_modelled }
    }
}

#[derive(Serialize)]
struct File<'r> {
    path: &'r str,
    #[serde(flatten)]
    counts: MachineCounts,
}

#[derive(Serialize)]
struct Rule<'r> {
    rule: &'r str,
    #[serde(flatten)]
    counts: MachineCounts,
}

#[derive(Serialize)]
struct Use<'r> {
    what: &'r str,
    scripts: usize,
    nearest: Option<&'r str>,
}

#[derive(Serialize)]
struct Script<'r> {
    path: &'r str,
    line: usize,
    name: &'r str,
    kafka: &'r str,
    rules: &'r [String],
    steps: usize,
    outcome: &'static str,
    uses: Vec<&'r str>,
    difference: Option<MachineDifference<'r>>,
}

#[derive(Serialize)]
struct MachineDifference<'r> {
    step: usize,
    calls: &'r [String],
    kafka: serde_json::Value,
    model: serde_json::Value,
    fields: Vec<Field<'r>>,
    state: Vec<&'r str>,
}

#[derive(Serialize)]
struct Field<'r> {
    field: &'r str,
    kafka: Option<&'r str>,
    model: Option<&'r str>,
}

#[derive(Serialize)]
struct Error<'r> {
    path: &'r str,
    line: usize,
    column: usize,
    message: &'r str,
    nearest: Option<&'r str>,
}

/// The report as one line of JSON.
pub fn json(report: &Report) -> String {
    let machine = Machine {
        format: FORMAT,
        verdict: match report.exit() {
            Exit::Agrees => "agrees",
            Exit::Differs => "differs",
            Exit::NotModelled => "not-modelled",
            Exit::BadInput => "bad-input",
        },
        counts: report.counts().into(),
        files: report
            .files
            .iter()
            .map(|file| File { path: &file.path, counts: file.counts().into() })
            .collect(),
        rules: report
            .by_rule()
            .into_iter()
            .map(|(rule, counts)| Rule { rule: rule.0, counts: counts.into() })
            .collect(),
        uses: report
            .not_modelled()
            .into_iter()
            .map(|(what, (scripts, nearest))| Use { what, scripts, nearest })
            .collect(),
        scripts: report.scripts().map(|(file, one)| script(&file.path, one)).collect(),
        errors: report
            .errors
            .iter()
            .map(|error| Error {
                path: &error.path,
                line: error.line,
                column: error.column,
                message: &error.message,
                nearest: error.nearest.as_deref(),
            })
            .collect(),
    };
    // Only texts, numbers and lists: nothing that could fail to be written.
    serde_json::to_string(&machine).unwrap_or_default()
}

fn script<'r>(path: &'r str, report: &'r ScriptReport) -> Script<'r> {
    let (outcome, uses, found) = match &report.outcome {
        Outcome::Agrees => ("agrees", Vec::new(), None),
        Outcome::Differs(found) => ("differs", Vec::new(), Some(difference(found))),
        Outcome::NotModelled(items) => {
            ("not-modelled", items.iter().map(|item| item.what.as_str()).collect(), None)
        }
    };
    Script {
        path,
        line: report.line,
        name: &report.name,
        kafka: report.kafka,
        rules: &report.rules,
        steps: report.steps,
        outcome,
        uses,
        difference: found,
    }
}

fn difference(found: &Difference) -> MachineDifference<'_> {
    // A number too large for the reader stays a text.
    let value =
        |text: &str| serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
    MachineDifference {
        step: found.step,
        calls: &found.calls,
        kafka: value(&found.kafka),
        model: value(&found.model),
        fields: found
            .fields
            .iter()
            .map(|one| Field {
                field: &one.field,
                kafka: one.kafka.as_deref(),
                model: one.model.as_deref(),
            })
            .collect(),
        state: found.state.lines().collect(),
    }
}
