//! What each safeguard is good for: removes it from the protocol, and looks at what breaks.
//!
//! A safeguard that never refuses anything in a scenario changes nothing there when it is removed, so only those
//! scenarios are searched again in which it does.

use std::ops::ControlFlow;
use std::sync::Mutex;

use crate::check::{Cost, Progress, Search};
use crate::cluster::Effect;
use crate::decide::{Decided, decide, limits};
use crate::guarantee::{Anomaly, Guarantee, Half};
use crate::protocol::note::Note;
use crate::protocol::safeguard::{Safeguard, SafeguardSet};
use crate::scenario::Scenario;
use crate::system::Model;
use crate::world::{Action, Scene, World};

/// A scenario with all its safeguards, decided.
#[derive(Clone, PartialEq, Debug)]
pub struct Baseline {
    /// The scenario.
    pub scenario: Scenario,
    /// What it gives.
    pub decided: Decided,
    /// The safeguards that refuse something in it.
    pub refused: SafeguardSet,
}

/// How a scenario fails without some safeguards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The scenario's name.
    pub model: String,
    /// What breaks.
    pub guarantee: Guarantee,
    /// The anomaly of the cheapest breach.
    pub anomaly: Anomaly,
    /// What that takes.
    pub cost: Cost,
    /// At how many faults it breaks with the safeguard in place; nothing if it does not.
    pub before: Option<u32>,
}

/// What a safeguard is good for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Use {
    /// Scenarios fail without it: each with its cheapest failure; the cheapest first.
    Needed(Vec<Failure>),
    /// Nothing fails without it alone, but something does without another one as well, more than without the
    /// other one alone.
    Covered {
        /// The other one.
        by: Safeguard,
        /// What fails without both.
        failure: Failure,
    },
    /// It refuses something in these scenarios, and nothing fails without it, or without it and another one.
    Idle(Vec<String>),
    /// It never refuses anything in any scenario.
    Unused,
}

/// The scenario as it is, and what refuses something in it.
pub fn baseline(
    scenario: &Scenario,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Baseline {
    let decided = decide(scenario, &limits(scenario), progress);
    let refused = refused(scenario, progress);
    Baseline { scenario: scenario.clone(), decided, refused }
}

/// What a safeguard is good for in some scenarios.
pub fn ablate(
    safeguard: Safeguard,
    baselines: &[Baseline],
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Use {
    let refusing: Vec<&Baseline> =
        baselines.iter().filter(|baseline| baseline.refused.contains(safeguard)).collect();
    if refusing.is_empty() {
        return Use::Unused;
    }
    let mut failures: Vec<Failure> = refusing
        .iter()
        .filter_map(|baseline| {
            let without = without(&baseline.scenario, &[safeguard]);
            let decided = decide(&without, &limits(&without), progress);
            failure(&baseline.scenario.name, &baseline.decided, &decided)
        })
        .collect();
    failures.sort_by_key(|failure| failure.cost);
    if !failures.is_empty() {
        return Use::Needed(failures);
    }
    for baseline in &refusing {
        let without = without(&baseline.scenario, &[safeguard]);
        let others = refused(&without, progress);
        let others = Safeguard::ALL.iter().filter(|s| others.contains(**s) && **s != safeguard);
        for other in others {
            if let Some(failure) = covered(&baseline.scenario, safeguard, *other, progress) {
                return Use::Covered { by: *other, failure };
            }
        }
    }
    Use::Idle(refusing.iter().map(|baseline| baseline.scenario.name.clone()).collect())
}

/// What fails without two safeguards, more than without the second alone.
fn covered(
    scenario: &Scenario,
    first: Safeguard,
    second: Safeguard,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Option<Failure> {
    let mut decide = |safeguards: &[Safeguard]| {
        let without = without(scenario, safeguards);
        decide(&without, &limits(&without), progress)
    };
    let alone = decide(&[second]);
    let both = decide(&[first, second]);
    failure(&scenario.name, &alone, &both)
}

fn without(scenario: &Scenario, safeguards: &[Safeguard]) -> Scenario {
    let mut scenario = scenario.clone();
    for safeguard in safeguards {
        scenario.setting.protocol.ablated.insert(*safeguard);
    }
    scenario
}

/// The cheapest breach of the first guarantee that breaks now and did not before, or at fewer faults than before.
fn failure(model: &str, before: &Decided, now: &Decided) -> Option<Failure> {
    Guarantee::ALL.iter().find_map(|&guarantee| {
        let breach = now.breach(guarantee)?;
        let earlier = before.half(guarantee).breaks_at();
        let is_worse = match before.half(guarantee) {
            Half::No(faults) => breach.cost.faults < faults,
            Half::Yes | Half::Unknown => true,
        };
        is_worse.then(|| Failure {
            model: model.to_owned(),
            guarantee,
            anomaly: breach.finding.anomaly,
            cost: breach.cost,
            before: earlier,
        })
    })
}

/// The safeguards that refuse something anywhere in a scenario.
fn refused(
    scenario: &Scenario,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> SafeguardSet {
    let scene = Scene::new(scenario.setting.clone());
    let watching = Watching { scene, refused: Mutex::new(SafeguardSet::default()) };
    Search::new(&watching, &[]).limits(&limits(scenario)).run(progress);
    watching.refused.into_inner().expect("nobody panics holding it")
}

/// A scene that writes down which safeguards refuse something; its states are those of the scene.
struct Watching {
    scene: Scene,
    refused: Mutex<SafeguardSet>,
}

impl Model for Watching {
    type State = World;
    type Action = Action;
    type Effect = Effect;

    fn initial(&self) -> Vec<World> {
        self.scene.initial()
    }

    fn enabled(&self, world: &World, actions: &mut Vec<Action>) {
        self.scene.enabled(world, actions);
    }

    fn step(&self, world: &mut World, action: &Action, effects: &mut Vec<Effect>) {
        let first = effects.len();
        self.scene.step(world, action, effects);
        for effect in &effects[first..] {
            if let Effect::Note(Note::Refused(safeguard)) = effect {
                self.refused.lock().expect("nobody panics holding it").insert(*safeguard);
            }
        }
    }

    fn faults(&self, action: &Action) -> u32 {
        self.scene.faults(action)
    }

    fn budget(&self) -> Option<u32> {
        self.scene.budget()
    }
}
