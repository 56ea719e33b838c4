//! Which search decides, and what it is asked.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::check::{Extent, Limit, Limits, Progress, Report, Search, Verdict, Walks};
use crate::decide::{certify, times};
use crate::guarantee::{Guarantee, Subject};
use crate::scenario::Scenario;
use crate::system::Property;
use crate::world::property::Pin;
use crate::world::{Action, Scene, World};

/// What searches. All that search in the order of faults and steps give the same verdicts and the same shortest
/// counterexamples.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Whole states: slow, and what the others are compared with.
    Plain,
    /// Worlds in parts.
    Parts {
        /// How many threads; the answers are the same for any number.
        threads: NonZeroUsize,
    },
    /// The same, and worlds are equal that differ in nothing but what the adversary has left.
    Lean {
        /// How many threads; the answers are the same for any number.
        threads: NonZeroUsize,
    },
    /// The same, and of actions that do not touch each other not every order is tried, and of worlds that differ by
    /// which of two equal clients is which one is kept. What breaks is looked for again without that, up to the first
    /// counterexample, so that it is the shortest.
    Reduced {
        /// How many threads; the answers are the same for any number.
        threads: NonZeroUsize,
    },
    /// Depth-first, remembering no more than the limit of bytes allows: finds what a search that runs out of memory
    /// does not, but no circles, and its counterexamples are made short within bounds.
    DepthFirst,
    /// Random walks: they find, and never show that something holds.
    Walks(Walks),
}

impl Default for Engine {
    fn default() -> Self {
        Engine::Reduced { threads: NonZeroUsize::MIN }
    }
}

impl Engine {
    /// The scenario as this engine sees it.
    pub(super) fn scene(self, scenario: &Scenario) -> Scene {
        match self {
            Engine::Plain | Engine::Parts { .. } => Scene::new(scenario.setting.clone()),
            _ => Scene::without_budget(scenario.setting.clone()),
        }
    }

    /// Whether what it finds first has the fewest faults, whatever ends the search.
    pub(super) fn is_in_order(self) -> bool {
        !matches!(self, Engine::DepthFirst | Engine::Walks(_))
    }
}

/// What is asked about a scenario, and within which limits.
pub(super) struct Asked<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) scene: &'a Scene,
    pub(super) guarantees: &'a [(Guarantee, Subject)],
    pub(super) pins: &'a [Pin],
    pub(super) limits: &'a Limits,
    /// End as soon as everything is decided by a state.
    pub(super) settle: bool,
}

/// What is called now and then, and may end the search.
pub(super) type Watch<'w> = &'w mut dyn FnMut(&Progress) -> ControlFlow<()>;

impl Asked<'_> {
    /// The properties, guarantees first; how often records are worked on is asked only by whole searches.
    fn properties(&self) -> Vec<Property<World>> {
        let guarantees = self.guarantees.iter();
        let guarantees = guarantees.map(|&(g, subject)| self.scene.guarantee_property(g, subject));
        let pins = self.pins.iter().map(|&pin| self.scene.pin_property(pin));
        let times = if self.settle { Vec::new() } else { times::questions(self.scene) };
        guarantees.chain(pins).chain(times).collect()
    }

    fn search<'s>(
        &'s self,
        properties: &'s [Property<World>],
        limits: &Limits,
        settle: bool,
    ) -> Search<'s, Scene> {
        let search = Search::new(self.scene, properties)
            .limits(limits)
            .scenario(self.scenario.path.clone())
            .cycles(|_: &World| ());
        if settle { search.stop_when_settled() } else { search }
    }

    /// Searches.
    pub(super) fn report(&self, engine: Engine, progress: Watch<'_>) -> Report<Action> {
        let properties = self.properties();
        let search = self.search(&properties, self.limits, self.settle);
        match engine {
            Engine::Plain => search.run(progress),
            Engine::Parts { threads } | Engine::Lean { threads } => {
                search.threads(threads.get()).canonical().run_interned(progress)
            }
            Engine::Reduced { threads } => {
                let search = search.threads(threads.get()).canonical().reduced();
                let report = search.run_interned(progress);
                self.complete(report, threads, progress)
            }
            Engine::DepthFirst => {
                let report = search.run_depth_first_in_parts(progress);
                self.certified(without_rest(report, &properties), progress)
            }
            Engine::Walks(walks) => {
                let report = search.run_walks(walks, progress);
                self.certified(report, progress)
            }
        }
    }

    /// Looks breadth-first, within bounds, for cheaper ways to what was found out of order.
    fn certified(&self, found: Report<Action>, progress: Watch<'_>) -> Report<Action> {
        let limits =
            Limits { states: self.limits.states.min(certify::STATES), ..self.limits.clone() };
        self.with_shortest(found, &limits, NonZeroUsize::MIN, progress)
    }

    /// Looks without any reduction at what a reduced search cannot show: the shortest ways, cycles, panics.
    fn complete(
        &self,
        reduced: Report<Action>,
        threads: NonZeroUsize,
        progress: Watch<'_>,
    ) -> Report<Action> {
        if is_stopped(&reduced) {
            return reduced;
        }
        if reduced.panicked.is_some() || reduced.comes_to_rest == Some(false) {
            let properties = self.properties();
            let search = self.search(&properties, self.limits, self.settle);
            let mut whole = search.threads(threads.get()).canonical().run_interned(progress);
            // What was found stands, wherever a limit or the user has ended the search of the whole.
            for (known, found) in whole.decisions.iter_mut().zip(reduced.decisions) {
                if matches!(known.verdict, Verdict::Unknown(_)) && found.verdict.cost().is_some() {
                    *known = found;
                    whole.comes_to_rest = Some(false);
                }
            }
            whole.panicked = whole.panicked.or(reduced.panicked);
            return whole;
        }
        self.with_shortest(reduced, self.limits, threads, progress)
    }

    /// What was found, by its shortest ways as far as a search with all orders comes to them within limits.
    fn with_shortest(
        &self,
        mut found: Report<Action>,
        limits: &Limits,
        threads: NonZeroUsize,
        progress: Watch<'_>,
    ) -> Report<Action> {
        if is_stopped(&found) {
            return found;
        }
        let (mut again, mut places, mut faults) = (Vec::new(), Vec::new(), 0);
        for (place, (decision, property)) in
            found.decisions.iter().zip(self.properties()).enumerate()
        {
            if let Some(cost) = decision.verdict.cost() {
                faults = faults.max(cost.faults);
                again.push(property);
                places.push(place);
            }
        }
        if again.is_empty() {
            return found;
        }
        let limits = Limits { faults: Some(faults), ..limits.clone() };
        let search = self.search(&again, &limits, true).threads(threads.get()).canonical();
        let shortest = search.run_interned(progress);
        for (place, decision) in places.into_iter().zip(shortest.decisions) {
            if decision.verdict.cost().is_some() {
                found.decisions[place] = decision;
            }
        }
        found
    }
}

fn is_stopped(report: &Report<Action>) -> bool {
    let limits = match &report.extent {
        Extent::Bounded { limits, .. } => limits.as_slice(),
        _ => &[],
    };
    limits.contains(&Limit::Stopped)
}

/// What a depth-first search may say: where runs may go around in circles, nothing that is judged at rest holds.
fn without_rest(mut report: Report<Action>, properties: &[Property<World>]) -> Report<Action> {
    if report.comes_to_rest == Some(true) || !report.extent.is_complete() {
        return report;
    }
    let mut explored = *report.extent.explored();
    explored.complete_faults = None;
    report.extent = Extent::Bounded { explored, limits: vec![Limit::Circles] };
    for (decision, property) in report.decisions.iter_mut().zip(properties) {
        if property.only_at_rest && decision.verdict.cost().is_none() {
            decision.verdict = Verdict::Unknown(report.extent.clone());
        }
    }
    report
}
