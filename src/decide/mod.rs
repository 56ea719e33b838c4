//! Decides a scenario: asks the checker about every guarantee and pin, and compares with its claims.
//!
//! Knows nothing of files, terminals or how a verdict is drawn.

pub mod ablate;
pub mod certify;
mod claims;
pub mod engine;
pub mod lift;
pub mod order;
pub mod shrink;
pub mod stages;
pub mod times;
pub mod trace;

use std::ops::ControlFlow;

pub use claims::Mismatch;
pub use engine::Engine;
pub use times::Times;
pub use trace::{Trace, trace, trace_steps};

use crate::check::{Cost, Explored, Extent, Lasso, Limits, Progress, Report, Verdict};
use crate::decide::engine::Asked;
use crate::guarantee::{Finding, Guarantee, Half, Level, Subject};
use crate::scenario::{Claim, Scenario};
use crate::system::{Model, Schedule, replay_strict};
use crate::world::circle::{self, Circle};
use crate::world::property::Pin;
use crate::world::{Action, Scene, World};

/// What a search decided about a guarantee of a subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judgement {
    /// Which guarantee.
    pub guarantee: Guarantee,
    /// Whose effects.
    pub subject: Subject,
    /// Whether it holds.
    pub half: Half,
    /// The cheapest way to break it, if it breaks.
    pub breach: Option<Breach>,
}

/// The cheapest way to break a guarantee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Breach {
    /// What is wrong in the end.
    pub finding: Finding,
    /// How it comes to that.
    pub schedule: Schedule<Action>,
    /// Faults and steps on the way.
    pub cost: Cost,
    /// Whether no way has fewer faults, or as few and fewer steps.
    pub shortest: bool,
    /// Whether no way has fewer faults.
    pub fewest: bool,
    /// For a livelock, the circle at the end of the schedule.
    pub circle: Vec<Action>,
}

impl Breach {
    /// The schedule, and for a livelock once around its circle.
    pub fn whole(&self) -> Schedule<Action> {
        let mut schedule = self.schedule.clone();
        schedule.actions.extend(self.circle.iter().copied());
        schedule
    }
}

/// Whether a pinned condition was reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pinned {
    /// The condition.
    pub pin: Pin,
    /// The cheapest way, if there is one.
    pub schedule: Option<Schedule<Action>>,
    /// Whether the search was cut short before it was known.
    pub unknown: bool,
}

/// A budget of faults: any so many of these kinds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Looked {
    /// The names of the kinds.
    pub kinds: Vec<String>,
    /// How many faults in all.
    pub total: u32,
    /// Whether all of it was looked at, or nothing was left to ask.
    pub complete: bool,
}

/// Everything that was decided about a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// The scenario's name.
    pub name: String,
    /// Every guarantee of every subject, subject by subject.
    pub judgements: Vec<Judgement>,
    /// How often each application works on a record.
    pub times: Vec<Times>,
    /// The pins.
    pub pins: Vec<Pinned>,
    /// What was looked at.
    pub extent: Extent,
    /// The budgets of faults within which it was looked at, and those within which it was not.
    pub looked: Vec<Looked>,
    /// A panic of the model: our own error, with the way to it.
    pub panic: Option<(String, Schedule<Action>)>,
    /// Claims of the scenario that do not agree with what was decided.
    pub mismatches: Vec<Mismatch>,
    /// Whether every claim was decided.
    pub claims_decided: bool,
}

impl Decided {
    /// How often any application works on a record; none if there is no application.
    pub fn times(&self) -> Option<Times> {
        self.times.iter().copied().reduce(Times::or)
    }

    /// What holds of every subject.
    pub fn half(&self, guarantee: Guarantee) -> Half {
        let of = self.judgements.iter().filter(|judgement| judgement.guarantee == guarantee);
        of.map(|judgement| judgement.half).fold(Half::Yes, Half::meet)
    }

    /// The level of the scenario: the meet over its subjects.
    pub fn level(&self) -> Level {
        Level::of(self.half(Guarantee::AtMost), self.half(Guarantee::AtLeast))
    }

    /// The cheapest breach of a guarantee over all subjects.
    pub fn breach(&self, guarantee: Guarantee) -> Option<&Breach> {
        let of = self.judgements.iter().filter(|judgement| judgement.guarantee == guarantee);
        of.filter_map(|judgement| judgement.breach.as_ref()).min_by_key(|breach| breach.cost)
    }

    /// What was decided about a guarantee of a subject.
    pub fn judgement(&self, guarantee: Guarantee, subject: Subject) -> Option<&Judgement> {
        let of = |j: &&Judgement| j.guarantee == guarantee && j.subject == subject;
        self.judgements.iter().find(of)
    }

    /// The cheapest breach of one of the level's halves.
    pub fn first_breach(&self) -> Option<&Breach> {
        let halves = [Guarantee::AtMost, Guarantee::AtLeast];
        halves.into_iter().filter_map(|g| self.breach(g)).min_by_key(|breach| breach.cost)
    }

    /// States and steps explored.
    pub fn explored(&self) -> &Explored {
        self.extent.explored()
    }

    /// Whether the scenario does what it claims.
    pub fn as_expected(&self) -> bool {
        self.mismatches.is_empty() && self.panic.is_none() && self.claims_decided
    }
}

/// The limits that a scenario asks for.
pub fn limits(scenario: &Scenario) -> Limits {
    let default = Limits::default();
    Limits {
        states: scenario.limits.states.unwrap_or(default.states),
        steps: scenario.limits.depth,
        ..default
    }
}

/// Decides a scenario within limits.
pub fn decide(
    scenario: &Scenario,
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Decided {
    decide_with(Engine::default(), scenario, limits, progress)
}

/// Decides a scenario within limits, with an engine of choice.
pub fn decide_with(
    engine: Engine,
    scenario: &Scenario,
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Decided {
    let asked = questions(&Scene::new(scenario.setting.clone()));
    decide_asked(engine, scenario, (&asked, false), limits, progress)
}

/// Decides some guarantees of a scenario, and looks no further once each is broken.
pub fn decide_guarantees(
    scenario: &Scenario,
    guarantees: &[Guarantee],
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Decided {
    let mut asked = questions(&Scene::new(scenario.setting.clone()));
    asked.retain(|(guarantee, _)| guarantees.contains(guarantee));
    decide_asked(Engine::default(), scenario, (&asked, true), limits, progress)
}

/// Decides some questions about a scenario; ends as soon as each is broken, if `settle`.
fn decide_asked(
    engine: Engine,
    scenario: &Scenario,
    (asked, settle): (&[(Guarantee, Subject)], bool),
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Decided {
    let scene = engine.scene(scenario);
    let pins = pins(scenario);
    let asking = Asked { scenario, scene: &scene, guarantees: asked, pins: &pins, limits, settle };
    let report = asking.report(engine, progress);
    let mut decided = Decided {
        name: scenario.name.clone(),
        judgements: asked
            .iter()
            .map(|&question| judgement(&scene, &report, question, engine))
            .collect(),
        times: if settle { Vec::new() } else { times::answers(&scene, &report) },
        pins: pins.iter().map(|&pin| pinned(&report, pin)).collect(),
        looked: vec![looked(scenario, &report.extent)],
        extent: report.extent.clone(),
        panic: report.panicked.as_ref().map(|p| (p.message.clone(), p.schedule.clone())),
        mismatches: Vec::new(),
        claims_decided: true,
    };
    claims::compare(scenario, &mut decided);
    decided
}

/// What performing some actions takes.
fn cost(scene: &Scene, actions: &[Action]) -> Cost {
    let faults = actions.iter().map(|action| scene.faults(action)).sum();
    Cost { faults, steps: u32::try_from(actions.len()).unwrap_or(u32::MAX) }
}

/// The budget of a scenario, as far as it was looked at.
fn looked(scenario: &Scenario, extent: &Extent) -> Looked {
    let faults = &scenario.setting.faults;
    let kinds = scenario.setting.striking_faults();
    // A kind that may strike less often bounds what is said of any mixture of the kinds.
    let most = kinds.iter().map(|(_, cap)| *cap).min().unwrap_or(0).min(faults.total);
    let total = match extent.is_complete() {
        true => most,
        false => extent.explored().complete_faults.unwrap_or(0).min(most),
    };
    let complete = extent.is_complete() || extent.explored().complete_faults.is_some();
    Looked { kinds: kinds.into_iter().map(|(name, _)| name.clone()).collect(), total, complete }
}

fn questions(scene: &Scene) -> Vec<(Guarantee, Subject)> {
    let subjects = scene.subjects().into_iter();
    subjects.flat_map(|s| Guarantee::ALL.iter().map(move |&guarantee| (guarantee, s))).collect()
}

fn pins(scenario: &Scenario) -> Vec<Pin> {
    let claims = scenario.expectations.iter().flat_map(|expectation| &expectation.claims);
    let mut pins: Vec<Pin> = claims
        .filter_map(|claim| match claim {
            Claim::Reachable(name) => Pin::parse(name),
            _ => None,
        })
        .collect();
    pins.sort_unstable();
    pins.dedup();
    pins
}

fn judgement(
    scene: &Scene,
    report: &Report<Action>,
    (guarantee, subject): (Guarantee, Subject),
    engine: Engine,
) -> Judgement {
    let verdict = report.verdict(&scene.property_name(guarantee, subject));
    let mut judgement = Judgement { guarantee, subject, half: Half::Unknown, breach: None };
    match verdict {
        Some(Verdict::Holds(_)) => judgement.half = Half::Yes,
        Some(Verdict::Violated { schedule, faults, steps, shortest, .. }) => {
            let cost = Cost { faults: *faults, steps: *steps };
            let breach = Breach {
                finding: finding(scene, guarantee, subject, schedule),
                schedule: schedule.clone(),
                cost,
                shortest: *shortest,
                fewest: *shortest || engine.is_in_order() && report.comes_to_rest != Some(false),
                circle: Vec::new(),
            };
            let breach = match breach.fewest {
                true => Breach { schedule: order::follow(scene, schedule), ..breach },
                false => shorter(scene, breach),
            };
            judgement.half = Half::No(breach.cost.faults);
            judgement.breach = Some(breach);
        }
        _ => {}
    }
    if let Some(lasso) = report.traps.get(&scene.property_name(guarantee, subject)) {
        let known = report.extent.is_complete()
            || report.extent.explored().complete_faults >= Some(lasso.cost.faults);
        add_trap(scene, &mut judgement, lasso, known);
    }
    judgement
}

/// A way that was found out of order, without the actions that it does not need.
fn shorter(scene: &Scene, breach: Breach) -> Breach {
    let alone = Limits { states: 1, ..Limits::default() };
    let quiet = &mut |_: &Progress| ControlFlow::Continue(());
    match shrink::shrink(scene, &breach.schedule, &breach.finding, &alone, quiet) {
        Some(shrunk) if shrunk.cost < breach.cost => {
            Breach { schedule: shrunk.schedule, cost: shrunk.cost, ..breach }
        }
        _ => Breach { schedule: order::follow(scene, &breach.schedule), ..breach },
    }
}

/// A circle that nothing but a fault leaves for good is a livelock, if a record of the subject has no effect
/// in it; that breaks *at least*. A run that ends in a circle comes to no rest; so whatever else a state of such a
/// circle breaks, and no state at rest does, is unknown. What holds in every state of every circle holds. `is_least`
/// says whether all circles were seen that as few faults lead to.
fn add_trap(scene: &Scene, judgement: &mut Judgement, lasso: &Lasso<Action>, is_least: bool) {
    if judgement.guarantee != Guarantee::AtLeast {
        if judgement.half == Half::Yes {
            judgement.half = Half::Unknown;
        }
        return;
    }
    if judgement.breach.as_ref().is_none_or(|breach| lasso.cost < breach.cost) {
        judgement.half = Half::No(lasso.cost.faults);
        judgement.breach = Some(Breach {
            finding: Finding::livelock(judgement.subject),
            schedule: order::follow(scene, &lasso.stem),
            cost: lasso.cost,
            shortest: is_least,
            fewest: is_least,
            circle: lasso.cycle.clone(),
        });
    }
}

/// What is wrong in the last state of a schedule.
fn finding(
    scene: &Scene,
    guarantee: Guarantee,
    subject: Subject,
    schedule: &Schedule<Action>,
) -> Finding {
    let world = match replay_strict(scene, schedule, |_| {}) {
        Ok(replayed) => replayed.state,
        Err(error) => panic!("the checker's own schedule does not replay: {error:?}"),
    };
    let at_rest = scene.is_judged_at_rest(guarantee, subject);
    let found = scene.findings(guarantee, subject, &world, at_rest);
    *found.first().expect("the property was false in this state")
}

fn pinned(report: &Report<Action>, pin: Pin) -> Pinned {
    let verdict = report.verdict(&format!("reachable {}", pin.name()));
    let schedule = verdict.and_then(Verdict::schedule).cloned();
    Pinned { pin, unknown: matches!(verdict, Some(Verdict::Unknown(_))), schedule }
}

/// The livelocks that a state is in: nothing but a fault leads to rest from it, and a record has no effect.
pub fn livelocks(scene: &Scene, world: &World) -> Vec<Finding> {
    let Some(circle) = Circle::around(scene, world, circle::STATES) else { return Vec::new() };
    let mut subjects = scene.subjects();
    subjects.retain(|&subject| circle.breaks(scene, Guarantee::AtLeast, subject));
    subjects.into_iter().map(Finding::livelock).collect()
}

/// Judges the last state of any schedule: every anomaly in it.
pub fn judge_end(scene: &Scene, world: &World) -> Vec<Finding> {
    let at_rest = scene.is_quiescent(world);
    let ask = |(guarantee, subject): (Guarantee, Subject)| {
        let needs_rest = scene.is_judged_at_rest(guarantee, subject);
        if needs_rest && !at_rest {
            return Vec::new();
        }
        scene.findings(guarantee, subject, world, needs_rest)
    };
    questions(scene).into_iter().flat_map(ask).collect()
}
