//! The JSON documents: one struct each, with a version that is raised when a field changes its meaning or goes.
//! Fields may be added at any time.
//!
//! Every document is one object on lines of its own, with its fields in the order of the structs. `seconds` is
//! `null` unless asked for, so that equal input gives equal bytes. A half is `"yes"`, `"no"` or `"unknown"`; a
//! level has its name in scenario files, or is `null` while a half is unknown.

use serde::{Deserialize, Serialize};

use crate::check::{Extent, Limit};
use crate::decide::shrink::Shrunk;
use crate::decide::stages::OfClass;
use crate::decide::{Breach, Decided, Looked, Times, Trace};
use crate::guarantee::{Finding, Guarantee, Half, Level, Subject};
use crate::report::files::{FilesReport, LiftsOf};
use crate::report::schedule;
use crate::report::story::Story;
use crate::report::table::{Outcome, Row, Standing};
use crate::report::verdict;
use crate::scenario::{NotModelled, Notice, Scenario, Weight};
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
    /// How often a record is worked on: `1`, `0-1`, `1+`, `0+`, `?`; `null` without an application.
    pub times_processed: Option<&'static str>,
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

/// `brokerproof check --json`: one scenario, or the configuration files of a project.
#[derive(Serialize, Clone, Debug)]
pub struct Check {
    /// [`FORMAT`].
    pub format: u32,
    /// The path of the scenario; those of configuration files are joined by commas.
    pub scenario: String,
    /// The version of Kafka.
    pub kafka: &'static str,
    /// One for each application, or for each shape that it may have; one with `app` `null` if the log itself is
    /// judged.
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
    /// The level that `--require` names; `null` without it.
    pub required: Option<&'static str>,
    /// Whether every row gives what is required; `null` if nothing is, or if it was not decided.
    pub as_required: Option<bool>,
}

/// What was decided about one application.
#[derive(Serialize, Clone, Debug)]
pub struct AppRow {
    /// Its name, or for configuration files its shape; `null` for the log itself.
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
    /// How often the application works on a record, as in the matrix; `null` if nobody asked.
    pub times_processed: Option<&'static str>,
    /// What each class of failures does by itself; empty for a scenario file, and with `--faults`.
    pub classes: Vec<ClassRow>,
    /// What to change in the configuration files, class by class if they were decided so; empty for a scenario
    /// file, or if nobody looked.
    pub to_change: Vec<ToChange>,
}

/// What a class of failures does by itself.
#[derive(Serialize, Clone, Debug)]
pub struct ClassRow {
    /// Its name.
    pub class: &'static str,
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
}

/// The fewest changes that lift a level.
#[derive(Serialize, Clone, Debug)]
pub struct ToChange {
    /// Under which class of failures; `null`: within the whole budget.
    pub class: Option<&'static str>,
    /// The level as it is.
    pub from: &'static str,
    /// Each alone does it; empty if none was found.
    pub lifts: Vec<JsonLift>,
    /// How many sets of changes were decided, each by a search of its own.
    pub tried: u32,
    /// Every set of up to so many changes was looked at.
    pub keys: usize,
    /// Sets that the limits left undecided.
    pub undecided: u32,
}

/// Changes that lift a level together.
#[derive(Serialize, Clone, Debug)]
pub struct JsonLift {
    /// The keys.
    pub changes: Vec<JsonChange>,
    /// The level with them.
    pub level: &'static str,
}

/// A key with another value.
#[derive(Serialize, Clone, Debug)]
pub struct JsonChange {
    /// The file in which it belongs.
    pub file: String,
    /// Kafka's name of it.
    pub key: &'static str,
    /// What it would be.
    pub value: String,
    /// What it is now, after Kafka's own changes; `null` if nothing.
    pub now: Option<String>,
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
    /// How many random runs were drawn, if it was by chance.
    pub runs: Option<u64>,
    /// Whether the states and steps are those of a search that leaves out orders which make no difference.
    pub reduced: bool,
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
        times_processed: decided.and_then(Decided::times).map(Times::text),
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

fn remarks(notices: &[Notice], weight: Weight) -> Vec<String> {
    let of = notices.iter().filter(move |notice| notice.weight == weight);
    of.map(ToString::to_string).collect()
}

/// A level that is required, and whether everything gives it.
pub type RequiredLevel = Option<(Level, Option<bool>)>;

/// The document of one scenario.
pub fn check(
    scenario: &Scenario,
    decided: &Decided,
    required: RequiredLevel,
    seconds: Option<f64>,
) -> String {
    let subjects = verdict::subjects(decided);
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
        extent: extent(scenario, &[decided]),
        states: decided.explored().states,
        steps: decided.explored().transitions,
        seconds,
        notes: remarks(&scenario.notices, Weight::Note),
        warnings: remarks(&scenario.notices, Weight::Warning),
        mismatches: decided.mismatches.iter().map(mismatch).collect(),
        as_expected: claims.then(|| decided.as_expected()),
        required: required.map(|(level, _)| level.name()),
        as_required: required.and_then(|(_, attained)| attained),
    })
}

/// The document of a project's configuration files.
pub fn check_files(report: &FilesReport, required: RequiredLevel, seconds: Option<f64>) -> String {
    let rows = report.rows.iter().map(|row| {
        let subject = verdict::subjects(&row.decided)[0];
        AppRow {
            app: row.shape.map(str::to_owned),
            classes: row.classes.iter().map(class_row).collect(),
            to_change: row.lifts.iter().map(|of| to_change(report, of)).collect(),
            ..self::row(&row.scenario, &row.decided, subject)
        }
    });
    let explored = || report.rows.iter().map(|row| row.decided.explored());
    let all: Vec<&Decided> = report.rows.iter().map(|row| &row.decided).collect();
    let first = &report.rows[0].scenario;
    text(&Check {
        format: FORMAT,
        scenario: report.paths.join(","),
        kafka: first.setting.protocol.kafka.name(),
        rows: rows.collect(),
        extent: extent(first, &all),
        states: explored().map(|explored| explored.states).sum(),
        steps: explored().map(|explored| explored.transitions).sum(),
        seconds,
        notes: remarks(&report.notices, Weight::Note),
        warnings: remarks(&report.notices, Weight::Warning),
        mismatches: Vec::new(),
        as_expected: None,
        required: required.map(|(level, _)| level.name()),
        as_required: required.and_then(|(_, attained)| attained),
    })
}

fn class_row(of: &OfClass) -> ClassRow {
    let half_of = |guarantee| of.decided.half(guarantee);
    let (most, least) = (half_of(Guarantee::AtMost), half_of(Guarantee::AtLeast));
    ClassRow {
        class: of.class.name(),
        at_most: half(most),
        at_least: half(least),
        level: level(most, least),
        breaks_at: BreaksAt { at_most: most.breaks_at(), at_least: least.breaks_at() },
        anomaly: of.decided.first_breach().map(|breach| breach.finding.anomaly.name()),
    }
}

fn to_change(report: &FilesReport, of: &LiftsOf) -> ToChange {
    let lifts = &of.lifts;
    let change = |number: &usize| {
        let change = &report.changes[*number];
        JsonChange {
            file: change.path.clone(),
            key: change.key,
            value: change.value.clone(),
            now: change.now.clone(),
        }
    };
    let lift = |lift: &crate::decide::lift::Lift| JsonLift {
        changes: lift.changes.iter().map(change).collect(),
        level: lift.to.name(),
    };
    ToChange {
        class: of.class.map(|class| class.name()),
        from: of.from.name(),
        lifts: lifts.found.iter().map(lift).collect(),
        tried: lifts.tried,
        keys: lifts.complete,
        undecided: lifts.undecided,
    }
}

/// The document of a file that asks for what is not modelled yet.
#[derive(Serialize, Clone, Debug)]
pub struct Unmodelled {
    /// [`FORMAT`].
    pub format: u32,
    /// What it asks for, each with its place.
    pub not_modelled: Vec<String>,
}

/// The document of a file that asks for what is not modelled yet.
pub fn not_modelled(gaps: &NotModelled) -> String {
    text(&Unmodelled {
        format: FORMAT,
        not_modelled: gaps.0.iter().map(ToString::to_string).collect(),
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
    let times = decided.times.iter().find(|times| times.subject == subject).copied();
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
        times_processed: times.map(Times::text),
        classes: Vec::new(),
        to_change: Vec::new(),
    }
}

/// The text of a counterexample's schedule, and its last sentence.
pub(super) fn told(scenario: &Scenario, breach: &Breach) -> Option<(String, String)> {
    let scene = Scene::new(scenario.setting.clone());
    let schedule = breach.whole();
    let trace = crate::decide::trace(&scene, &schedule).ok()?;
    let circle = breach.circle.len();
    let story = Story::of_finding(&scenario.setting, &trace, &breach.finding, circle);
    let lines = schedule::lines(&scenario.setting, &schedule);
    Some((lines.to_string(), story.endings.join(" ")))
}

fn extent(scenario: &Scenario, all: &[&Decided]) -> ExtentOf {
    let looked = verdict::looked_by_all(all);
    let cut = |looked: &Looked| looked.total > 0 && !looked.complete;
    let mut kind = if looked.len() > 1 && looked.iter().any(cut) { "bounded" } else { "complete" };
    let mut limits: Vec<Limit> = Vec::new();
    let mut runs = None;
    for decided in all {
        match &decided.extent {
            Extent::Complete(_) => {}
            Extent::Bounded { limits, .. } if *limits == [Limit::Settled] => {}
            Extent::Bounded { limits: of, .. } => {
                kind = "bounded";
                limits.extend(of.iter().copied());
            }
            Extent::Sampled { runs: of, .. } => {
                kind = "sampled";
                runs = Some(*of);
            }
        }
    }
    limits.sort();
    limits.dedup();
    let complete = all.iter().map(|decided| decided.explored().complete_faults);
    ExtentOf {
        kind,
        complete_faults: complete.min().flatten(),
        limits: limits.iter().map(verdict::limit).collect(),
        bounds: verdict::bounds(&scenario.setting, &looked),
        runs,
        reduced: all.iter().any(|decided| decided.explored().reduced),
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

/// `brokerproof shrink --json`: a schedule that was made shorter.
#[derive(Serialize, Clone, Debug)]
pub struct Shrink {
    /// [`FORMAT`].
    pub format: u32,
    /// The path of the scenario.
    pub scenario: String,
    /// The anomaly that is kept.
    pub anomaly: &'static str,
    /// The application; `null` for the log itself.
    pub app: Option<String>,
    /// What the schedule took.
    pub from: Took,
    /// What the shorter one takes.
    pub to: Took,
    /// Whether no way to the anomaly takes fewer faults, or as many and fewer actions; `null` if the search did not
    /// come to an end.
    pub shortest: Option<bool>,
    /// States that the search looked at.
    pub states: u64,
    /// The text of the shorter schedule, as `replay` reads it.
    pub schedule: String,
}

/// What a schedule takes.
#[derive(Serialize, Clone, Copy, Debug)]
pub struct Took {
    /// Actions, faults included.
    pub actions: u64,
    /// Faults.
    pub faults: u64,
}

/// The document of a schedule that was made shorter.
pub fn shrink(scenario: &Scenario, before: &Trace, shrunk: &Shrunk, schedule: &str) -> String {
    let faults = before.steps.iter().filter(|step| step.is_fault).count() as u64;
    text(&Shrink {
        format: FORMAT,
        scenario: scenario.path.clone(),
        anomaly: shrunk.finding.anomaly.name(),
        app: app(scenario, shrunk.finding.subject),
        from: Took { actions: before.steps.len() as u64, faults },
        to: Took { actions: u64::from(shrunk.cost.steps), faults: u64::from(shrunk.cost.faults) },
        shortest: shrunk.shortest.then_some(true),
        states: shrunk.states,
        schedule: schedule.to_owned(),
    })
}
