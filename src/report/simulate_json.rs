//! The JSON document of `simulate`.

use serde::Serialize;

use crate::guarantee::{Finding, Subject};
use crate::report::json::FORMAT;
use crate::scenario::Scenario;
use crate::simulate::{Seeds, Summary};

/// `brokerproof simulate --json`.
#[derive(Serialize, Clone, Debug)]
struct Document {
    format: u32,
    scenario: String,
    /// The first and the last seed, as on the command line.
    seeds: String,
    /// Whether all runs were over.
    complete: bool,
    runs: u64,
    steps: u64,
    /// Seconds of all processors; `null` unless asked for.
    cpu_seconds: Option<f64>,
    /// Seconds; `null` unless asked for.
    wall_seconds: Option<f64>,
    /// The first of each guarantee whose story is told.
    violations: Vec<Violation>,
    /// The level that is refuted: the one that is required or claimed, or else `effectively-once`.
    level_refuted: Option<&'static str>,
    /// Every guarantee that was broken, of every application.
    broken: Vec<Counted>,
    /// Runs that ended in a circle that nothing but a fault leaves.
    circles: u64,
    /// Runs that came to no rest and left open what is judged there.
    restless: u64,
}

#[derive(Serialize, Clone, Debug)]
struct Violation {
    seed: u64,
    anomaly: &'static str,
    schedule: Option<String>,
    breaks: &'static str,
    app: Option<String>,
    /// The choices that the run was reduced to.
    choices: Option<u64>,
    /// Whether a search has shown that nothing shorter does it.
    shortest: bool,
}

#[derive(Serialize, Clone, Debug)]
struct Counted {
    guarantee: &'static str,
    app: Option<String>,
    runs: u64,
    seed: u64,
    anomaly: &'static str,
}

/// A violation that is told.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The seed of the run that the schedule comes from.
    pub seed: u64,
    /// What is wrong.
    pub finding: &'a Finding,
    /// The schedule's text.
    pub schedule: Option<String>,
    /// The choices that the run was reduced to.
    pub choices: Option<u64>,
    /// Whether nothing shorter does it.
    pub certified: bool,
}

/// The document; the times, of all processors and of a clock, in microseconds.
pub fn document(
    scenario: &Scenario,
    seeds: Seeds,
    summary: &Summary,
    shown: &[Shown<'_>],
    level_refuted: Option<&'static str>,
    complete: bool,
    (cpu, wall): (Option<u64>, Option<u64>),
) -> String {
    let app = |subject: Subject| match subject {
        Subject::App(app) => Some(scenario.setting.apps[app].name.clone()),
        Subject::Log => None,
    };
    let seconds = |micros: u64| micros as f64 / 1e6;
    let violation = |shown: &Shown<'_>| Violation {
        seed: shown.seed,
        anomaly: shown.finding.anomaly.name(),
        schedule: shown.schedule.clone(),
        breaks: shown.finding.anomaly.breaks().name(),
        app: app(shown.finding.subject),
        choices: shown.choices,
        shortest: shown.certified,
    };
    let counted = summary.broken.iter().map(|(&(subject, guarantee), broken)| Counted {
        guarantee: guarantee.name(),
        app: app(subject),
        runs: broken.runs,
        seed: broken.seed,
        anomaly: broken.finding.anomaly.name(),
    });
    let document = Document {
        format: FORMAT,
        scenario: scenario.path.clone(),
        seeds: format!("{}..{}", seeds.first, seeds.end - 1),
        complete,
        runs: summary.runs,
        steps: summary.steps,
        cpu_seconds: cpu.map(seconds),
        wall_seconds: wall.map(seconds),
        violations: shown.iter().map(violation).collect(),
        level_refuted,
        broken: counted.collect(),
        circles: summary.circles,
        restless: summary.restless.map_or(0, |(runs, _)| runs),
    };
    let text = serde_json::to_string_pretty(&document);
    format!("{}\n", text.expect("a struct of numbers and texts"))
}
