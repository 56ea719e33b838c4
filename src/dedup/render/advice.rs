//! A recommendation in words: which strategies qualify under bounds on memory, loss and repeats.
//!
//! What a trial counted is one sample: a run in which no crash came shows nothing of what crashes cost. So a
//! strategy qualifies only if what its closed form expects is within the bounds, too.

use super::numbers::{about, fitted, grouped, rate};
use crate::dedup::examine::{Report, Run};
use crate::dedup::list::Family;
use crate::dedup::trial::Expected;

/// What a user can bear.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bounds {
    /// Bytes of main memory for each distinct key, at most.
    pub memory_per_key: Option<f64>,
    /// Records lost, at most, as a share of all records.
    pub lost: f64,
    /// Effects repeated, at most, as a share of all records.
    pub repeated: f64,
}

/// How many are expected, if that is more than so many; less than half a one is as good as none.
fn expects(form: Option<Expected>, most: f64) -> Option<String> {
    let mean = form?.mean;
    (mean >= 0.5 && mean > most).then(|| about(mean))
}

/// Why a run does not qualify; empty if it does.
fn objections(run: &Run, bounds: &Bounds) -> Vec<String> {
    let mut objections = Vec::new();
    if run.family == Family::Traps {
        objections.push(format!("a trap; it would need this: {}", run.assumption));
    }
    let originals = run.outcome.originals.max(1) as f64;
    let lost = run.outcome.wrongly_dropped;
    if lost as f64 / originals > bounds.lost {
        let by_crash = run.outcome.dropped_by_crash;
        let cause = if by_crash == lost { ", marked when a crash came" } else { "" };
        objections.push(format!("lost {}{cause}", grouped(lost)));
    } else if let Some(expected) = expects(run.prediction.dropped, bounds.lost * originals) {
        objections.push(format!("lost {} here, but {expected} are expected", grouped(lost)));
    }
    let repeated = run.outcome.let_through;
    if repeated as f64 / originals > bounds.repeated {
        let by_crash = run.outcome.repeated_by_crash;
        let cause = match by_crash {
            0 => String::new(),
            all if all == repeated => ", all read again after a crash".to_string(),
            some => format!(", {} of them read again after a crash", grouped(some)),
        };
        objections.push(format!("repeated {}{cause}", grouped(repeated)));
    } else if let Some(expected) = expects(run.prediction.let_through, bounds.repeated * originals)
    {
        let repeated = grouped(repeated);
        objections.push(format!("repeated {repeated} here, but {expected} are expected"));
    }
    if let (Some(most), Some(speed)) = (bounds.memory_per_key, run.speed)
        && speed.memory_per_key > most
    {
        objections.push(format!("takes {:.1} bytes of memory a key", speed.memory_per_key));
    }
    objections
}

/// Names, in order of speed, what qualifies and what it rests on, then why the others do not, in lines of
/// `width`.
pub fn advice(report: &Report, bounds: &Bounds, width: usize) -> String {
    let mut fitting: Vec<&Run> =
        report.runs.iter().filter(|run| objections(run, bounds).is_empty()).collect();
    let speed = |run: &Run| run.speed.map_or(0.0, |speed| speed.messages_per_second);
    fitting.sort_by(|a, b| speed(b).total_cmp(&speed(a)));
    let memory = match bounds.memory_per_key {
        Some(most) => format!("at most {most} bytes of memory a key"),
        None => "any memory".to_string(),
    };
    let share = |share: f64| match share {
        0.0 => "none".to_string(),
        share => format!("at most {} in a million records", about(share * 1e6)),
    };
    let mut text = format!(
        "Asked for: lost {}, repeated {}, {memory}. {} of {} qualify on this workload.\n",
        share(bounds.lost),
        share(bounds.repeated),
        fitting.len(),
        report.runs.len(),
    );
    for (place, run) in fitting.iter().enumerate() {
        text += &recommendation(place, run);
    }
    if fitting.is_empty() {
        text += "Loosen a bound, or change what makes them fail:\n";
    }
    for run in &report.runs {
        let objections = objections(run, bounds);
        if !objections.is_empty() {
            text += &format!("  not {} ({}): {}\n", run.strategy, run.kind, objections.join("; "));
        }
    }
    fitted(&text, width)
}

fn recommendation(place: usize, run: &Run) -> String {
    let cost = run.speed.map_or(String::new(), |speed| {
        let memory = format!("{:.1} bytes of memory a key", speed.memory_per_key);
        format!(": {} msg/s, {memory}", rate(speed.messages_per_second))
    });
    let risk = |what: &str, form: Option<Expected>| match form {
        Some(form) if form.mean > 0.0 => format!(" {} {what} expected.", about(form.mean)),
        Some(_) => String::new(),
        None => format!(" No closed form for what is {what}."),
    };
    let which = if place == 0 { "Use" } else { "  or" };
    format!(
        "{which} {} ({}){cost}. Rests on: {}.{}{}\n",
        run.strategy,
        run.kind,
        run.assumption,
        risk("lost", run.prediction.dropped),
        risk("repeated", run.prediction.let_through),
    )
}
