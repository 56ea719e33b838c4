//! The JSON documents: one struct each, with a version that is raised when a field changes its meaning or goes.
//! Fields may be added at any time.
//!
//! Every document is one object on lines of its own, with its fields in the order of the structs. `seconds` is
//! `null` unless asked for, so that equal input gives equal bytes. A half is `"yes"`, `"no"` or `"unknown"`; a
//! level has its name in scenario files, or is `null` while a half is unknown.

use serde::{Deserialize, Serialize};

use crate::check::{Extent, Limit};
use crate::decide::{Breach, Decided, Trace};
use crate::guarantee::{Finding, Guarantee, Half, Level, Subject};
use crate::report::schedule;
use crate::report::story::Story;
use crate::report::table::{Outcome, Row, Standing};
use crate::report::verdict;
use crate::scenario::{Scenario, Weight};
use crate::system::Schedule;
use crate::world::{Action, Scene};

/// The version of the documents.
pub const FORMAT: u32 = 1;

/// `brokerproof --json`: the matrix.
#[derive(Serialize, Clone, Debug)]
pub struct Matrix {
    /// [`FORMAT`].
    pub format: u32,
    /// The version of Kafka that the models are about; several are separated by commas.
    pub kafka: String,
    /// One for each model, in the order of their paths.
    pub models: Vec<Model>,
    /// Whether every model does what it claims.
    pub as_expected: bool,
}

/// A row of the matrix.
#[derive(Serialize, Clone, Debug)]
pub struct Model {
    /// The model's name.
    pub name: String,
    /// The folder that it lies in, below that of all models.
    pub folder: String,
    /// A half.
    pub at_most: &'static str,
    /// A half.
    pub at_least: &'static str,
    /// The level.
    pub level: Option<&'static str>,
    /// The fewest faults that break a half of the level; `null` if none within the budget do.
    pub breaks_at: Option<u32>,
    /// The anomaly of that first breach.
    pub anomaly: Option<&'static str>,
    /// Whether `order-per-key` holds, as a half.
    pub order: &'static str,
    /// Whether `acknowledged-is-kept` holds, as a half.
    pub kept: &'static str,
    /// Distinct states.
    pub states: u64,
    /// Steps performed.
    pub steps: u64,
    /// How long the search took; only with `--timings`.
    pub seconds: Option<f64>,
    /// Whether it does what it claims.
    pub as_expected: bool,
    /// Why there is no verdict, if there is none: a wrong file, or something that is not modelled.
    pub problem: Option<String>,
}

/// `brokerproof check --json`: one scenario.
#[derive(Serialize, Clone, Debug)]
pub struct Check {
    /// [`FORMAT`].
    pub format: u32,
    /// The path of the scenario.
    pub scenario: String,
    /// The version of Kafka.
    pub kafka: &'static str,
    /// One for each application; one with `app` `null` if the log itself is judged.
    pub rows: Vec<AppRow>,
    /// What was looked at.
    pub extent: ExtentOf,
    /// Distinct states.
    pub states: u64,
    /// Steps performed.
    pub steps: u64,
    /// How long the search took; only with `--timings`.
    pub seconds: Option<f64>,
    /// Remarks on the file.
    pub notes: Vec<String>,
    /// Remarks on the file that should not be overlooked.
    pub warnings: Vec<String>,
    /// Claims of the file that do not agree.
    pub mismatches: Vec<Mismatch>,
    /// Whether the scenario does what it claims; `null` if it claims nothing.
    pub as_expected: Option<bool>,
}

/// What was decided about one application.
#[derive(Serialize, Clone, Debug)]
pub struct AppRow {
    /// Its name; `null` for the log itself.
    pub app: Option<String>,
    /// A half.
    pub at_most: &'static str,
    /// A half.
    pub at_least: &'static str,
    /// The level.
    pub level: Option<&'static str>,
    /// The fewest faults that break each half.
    pub breaks_at: BreaksAt,
    /// The anomaly of the cheapest breach of a half.
    pub anomaly: Option<&'static str>,
    /// The text of the schedule of that breach, as `replay` reads it.
    pub schedule: Option<String>,
    /// What is wrong in its end and why, in words.
    pub why: Option<String>,
    /// Whether `order-per-key` holds, as a half.
    pub order: &'static str,
    /// Whether `acknowledged-is-kept` holds, as a half.
    pub kept: &'static str,
}

/// The fewest faults that break each half; `null` if none within the budget do.
#[derive(Serialize, Clone, Copy, Debug)]
pub struct BreaksAt {
    /// Of `at-most`.
    pub at_most: Option<u32>,
    /// Of `at-least`.
    pub at_least: Option<u32>,
}

/// What was looked at.
#[derive(Serialize, Clone, Debug)]
pub struct ExtentOf {
    /// `"complete"`, `"bounded"` or `"sampled"`.
    pub kind: &'static str,
    /// Everything with up to so many faults was looked at.
    pub complete_faults: Option<u32>,
    /// What cut the search short.
    pub limits: Vec<String>,
    /// The bounds of the world, in words.
    pub bounds: String,
}

/// A claim that does not agree.
#[derive(Serialize, Clone, Debug)]
pub struct Mismatch {
    /// The line of its `[[expect]]`.
    pub line: usize,
    /// What is claimed.
    pub claimed: String,
    /// What was decided.
    pub decided: String,
}

/// `brokerproof replay --json`: a run.
#[derive(Serialize, Clone, Debug)]
pub struct Replay {
    /// [`FORMAT`].
    pub format: u32,
    /// The path of the scenario.
    pub scenario: String,
    /// The actions, first to last.
    pub steps: Vec<Step>,
    /// Whether nothing but a fault could act after the last of them.
    pub at_rest: bool,
    /// What is wrong in the end.
    pub findings: Vec<Found>,
}

/// One action of a run.
#[derive(Serialize, Clone, Debug)]
pub struct Step {
    /// The action, as in a schedule.
    pub action: String,
    /// Whether it is a fault.
    pub fault: bool,
    /// What it did, in words.
    pub did: String,
}

/// An anomaly in the end of a run.
#[derive(Serialize, Clone, Debug)]
pub struct Found {
    /// Its name.
    pub anomaly: &'static str,
    /// The guarantee that it breaks.
    pub breaks: &'static str,
    /// The application; `null` for the log itself.
    pub app: Option<String>,
    /// What is wrong and why, in words.
    pub why: String,
}

fn text(document: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(document);
    // Strings, numbers and lists can always be written.
    text.unwrap_or_default() + "\n"
}

fn half(half: Half) -> &'static str {
    match half {
        Half::Yes => "yes",
        Half::No(_) => "no",
        Half::Unknown => "unknown",
    }
}

fn level(at_most: Half, at_least: Half) -> Option<&'static str> {
    let unknown = at_most == Half::Unknown || at_least == Half::Unknown;
    (!unknown).then(|| Level::of(at_most, at_least).name())
}

/// The document of the matrix. `kafka` and `seconds` know the version and the duration of a row by its number.
pub fn matrix(
    rows: &[Row],
    kafka: impl Fn(usize) -> Option<&'static str>,
    seconds: impl Fn(usize) -> Option<f64>,
) -> String {
    let mut versions: Vec<&str> = (0..rows.len()).filter_map(kafka).collect();
    versions.sort_unstable();
    versions.dedup();
    let models: Vec<Model> =
        rows.iter().enumerate().map(|(i, row)| model(row, seconds(i))).collect();
    text(&Matrix {
        format: FORMAT,
        kafka: versions.join(", "),
        as_expected: models.iter().all(|model| model.as_expected),
        models,
    })
}

fn model(row: &Row, seconds: Option<f64>) -> Model {
    let decided = match &row.outcome {
        Outcome::Decided(decided) => Some(&**decided),
        _ => None,
    };
    let of = |guarantee| decided.map_or(Half::Unknown, |decided| decided.half(guarantee));
    let breach = decided.and_then(Decided::first_breach);
    let (most, least) = (of(Guarantee::AtMost), of(Guarantee::AtLeast));
    Model {
        name: row.name.clone(),
        folder: row.folder.clone(),
        at_most: half(most),
        at_least: half(least),
        level: level(most, least),
        breaks_at: breach.map(|breach| breach.cost.faults),
        anomaly: breach.map(|breach| breach.finding.anomaly.name()),
        order: half(of(Guarantee::Order)),
        kept: half(of(Guarantee::AcknowledgedIsKept)),
        states: decided.map_or(0, |decided| decided.explored().states),
        steps: decided.map_or(0, |decided| decided.explored().transitions),
        seconds,
        as_expected: row.outcome.standing() == Standing::AsExpected,
        problem: match &row.outcome {
            Outcome::NotModelled(message) | Outcome::Invalid(message) => Some(message.clone()),
            Outcome::Decided(decided) => decided.panic.as_ref().map(|(message, _)| message.clone()),
        },
    }
}

/// A line of `models/measured.jsonl`: the counts of a search, so that a change of them is seen.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Measured {
    /// The model's path below the folder of all models, without its ending.
    pub model: String,
    /// Distinct states.
    pub states: u64,
    /// Steps performed.
    pub steps: u64,
    /// Of the states, those at rest.
    pub at_rest: u64,
}

/// The counts of a model as a line.
pub fn measured(model: &str, decided: &Decided) -> String {
    let explored = decided.explored();
    let measured = Measured {
        model: model.to_owned(),
        states: explored.states,
        steps: explored.transitions,
        at_rest: explored.at_rest,
    };
    // Strings and numbers can always be written.
    serde_json::to_string(&measured).unwrap_or_default() + "\n"
}

/// The model that a line of counts is about, if it is one.
pub fn measured_model(line: &str) -> Option<String> {
    serde_json::from_str::<Measured>(line).ok().map(|measured| measured.model)
}

/// The document of one scenario.
pub fn check(scenario: &Scenario, decided: &Decided, seconds: Option<f64>) -> String {
    let subjects = verdict::subjects(decided);
    let notices = |weight: Weight| {
        let of = scenario.notices.iter().filter(move |notice| notice.weight == weight);
        of.map(ToString::to_string).collect()
    };
    let claims = scenario.expectations.iter().any(|expectation| !expectation.claims.is_empty());
    let mismatch = |mismatch: &crate::decide::Mismatch| Mismatch {
        line: mismatch.line,
        claimed: mismatch.claimed.clone(),
        decided: mismatch.decided.clone(),
    };
    text(&Check {
        format: FORMAT,
        scenario: scenario.path.clone(),
        kafka: scenario.setting.protocol.kafka.name(),
        rows: subjects.iter().map(|&subject| row(scenario, decided, subject)).collect(),
        extent: extent(scenario, &decided.extent),
        states: decided.explored().states,
        steps: decided.explored().transitions,
        seconds,
        notes: notices(Weight::Note),
        warnings: notices(Weight::Warning),
        mismatches: decided.mismatches.iter().map(mismatch).collect(),
        as_expected: claims.then(|| decided.as_expected()),
    })
}

fn app(scenario: &Scenario, subject: Subject) -> Option<String> {
    match subject {
        Subject::App(app) => Some(scenario.setting.apps[app].name.clone()),
        Subject::Log => None,
    }
}

fn row(scenario: &Scenario, decided: &Decided, subject: Subject) -> AppRow {
    let judgement = |guarantee: Guarantee| {
        decided.judgements.iter().find(|j| j.subject == subject && j.guarantee == guarantee)
    };
    let of = |guarantee| judgement(guarantee).map_or(Half::Unknown, |judgement| judgement.half);
    let (most, least) = (of(Guarantee::AtMost), of(Guarantee::AtLeast));
    let halves = [Guarantee::AtMost, Guarantee::AtLeast];
    let breaches = halves.into_iter().filter_map(|guarantee| judgement(guarantee)?.breach.as_ref());
    let breach: Option<&Breach> = breaches.min_by_key(|breach| breach.cost);
    let told = breach.and_then(|breach| told(scenario, breach));
    let (schedule, why) = told.unzip();
    AppRow {
        app: app(scenario, subject),
        at_most: half(most),
        at_least: half(least),
        level: level(most, least),
        breaks_at: BreaksAt { at_most: most.breaks_at(), at_least: least.breaks_at() },
        anomaly: breach.map(|breach| breach.finding.anomaly.name()),
        schedule,
        why,
        order: half(of(Guarantee::Order)),
        kept: half(of(Guarantee::AcknowledgedIsKept)),
    }
}

/// The text of a counterexample's schedule, and its last sentence.
pub(super) fn told(scenario: &Scenario, breach: &Breach) -> Option<(String, String)> {
    let scene = Scene::new(scenario.setting.clone());
    let mut schedule = breach.schedule.clone();
    schedule.actions.extend(breach.circle.iter().copied());
    let trace = crate::decide::trace(&scene, &schedule).ok()?;
    let circle = breach.circle.len();
    let story = Story::of_finding(&scenario.setting, &trace, &breach.finding, circle);
    let lines = schedule::lines(&scenario.setting, &schedule);
    Some((lines.to_string(), story.endings.join(" ")))
}

fn extent(scenario: &Scenario, extent: &Extent) -> ExtentOf {
    let (kind, limits): (_, &[Limit]) = match extent {
        Extent::Complete(_) => ("complete", &[]),
        Extent::Bounded { limits, .. } => ("bounded", limits),
        Extent::Sampled { .. } => ("sampled", &[]),
    };
    ExtentOf {
        kind,
        complete_faults: extent.explored().complete_faults,
        limits: limits.iter().map(verdict::limit).collect(),
        bounds: verdict::bounds(&scenario.setting),
    }
}

/// The document of a run.
pub fn replay(scenario: &Scenario, schedule: &Schedule<Action>, trace: &Trace) -> String {
    let setting = &scenario.setting;
    let said = Story::of_steps(setting, trace);
    let steps = schedule.actions.iter().zip(&trace.steps).zip(said);
    let steps = steps.map(|((action, step), did)| Step {
        action: setting.action_text(action),
        fault: step.is_fault,
        did,
    });
    let endings = Story::of_run(setting, trace).endings;
    let found = |(finding, why): (&Finding, String)| Found {
        anomaly: finding.anomaly.name(),
        breaks: finding.anomaly.breaks().name(),
        app: app(scenario, finding.subject),
        why,
    };
    text(&Replay {
        format: FORMAT,
        scenario: scenario.path.clone(),
        steps: steps.collect(),
        at_rest: trace.at_rest,
        findings: trace.findings.iter().zip(endings).map(found).collect(),
    })
}
