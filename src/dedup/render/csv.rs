//! The table of an examination, as CSV: one line for each strategy and kind of memory, with the causes
//! of what went wrong.

use super::numbers::rounded;
use crate::dedup::examine::{Report, Run};
use crate::dedup::measure::Speed;

/// The names of the columns.
const HEAD: &str = "strategy,kind,family,keys,messages,duplicates,distance,seed,messages_per_second,\
p50_ns,p99_ns,memory_bytes_per_key,disk_bytes_per_key,wrongly_dropped,predicted_dropped,\
dropped_by_crash,let_through,predicted_let_through,repeated_by_crash,refused,crashes,moves,\
recovery_ns_per_key,commit_p50_us,commit_p99_us,assumption";

/// The table as CSV, with a line of names first; what is not known is empty.
pub fn csv(report: &Report) -> String {
    let mut text = format!("{HEAD}\n");
    for run in &report.runs {
        text += &line(report, run);
        text.push('\n');
    }
    text
}

/// A cell, in quotes if it needs them.
pub(super) fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

fn line(report: &Report, run: &Run) -> String {
    let known =
        |number: Option<f64>| number.map_or(String::new(), |number| rounded(number, 6).to_string());
    let speed = |pick: &dyn Fn(&Speed) -> Option<f64>| known(run.speed.as_ref().and_then(pick));
    let outcome = &run.outcome;
    [
        run.strategy.to_string(),
        run.kind.to_string(),
        run.family.name().to_string(),
        outcome.originals.to_string(),
        outcome.messages.to_string(),
        outcome.duplicates.to_string(),
        cell(&report.workload.distance.to_string()),
        report.workload.seed.to_string(),
        speed(&|speed| Some(speed.messages_per_second.round())),
        speed(&|speed| Some(speed.p50_ns as f64)),
        speed(&|speed| Some(speed.p99_ns as f64)),
        speed(&|speed| Some(speed.memory_per_key)),
        speed(&|speed| Some(speed.disk_per_key)),
        outcome.wrongly_dropped.to_string(),
        known(run.prediction.dropped.map(|form| form.mean)),
        outcome.dropped_by_crash.to_string(),
        outcome.let_through.to_string(),
        known(run.prediction.let_through.map(|form| form.mean)),
        outcome.repeated_by_crash.to_string(),
        outcome.refused.to_string(),
        outcome.crashes.to_string(),
        outcome.moves.to_string(),
        speed(&|speed| speed.recovery_ns_per_key),
        speed(&|speed| speed.commit_p50_us),
        speed(&|speed| speed.commit_p99_us),
        cell(run.assumption),
    ]
    .join(",")
}
