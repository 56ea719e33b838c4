//! Which search decides, and what it is asked.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::check::{Extent, Limit, Limits, Progress, Report, Search, Verdict};
use crate::decide::times;
use crate::guarantee::{Guarantee, Subject};
use crate::scenario::Scenario;
use crate::system::Property;
use crate::world::property::Pin;
use crate::world::{Action, Scene, World};

/// What searches. All give the same verdicts and the same shortest counterexamples.
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
    /// The same, and of actions that do not touch each other not every order is tried. What breaks is looked for
    /// again with all orders, up to the first counterexample, so that it is the shortest.
    Reduced {
        /// How many threads; the answers are the same for any number.
        threads: NonZeroUsize,
    },
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
            Engine::Lean { .. } | Engine::Reduced { .. } => {
                Scene::without_budget(scenario.setting.clone())
            }
        }
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
        }
    }

    /// Looks without any reduction at what a reduced search cannot show: the shortest ways, cycles, panics.
    fn complete(
        &self,
        mut reduced: Report<Action>,
        threads: NonZeroUsize,
        progress: Watch<'_>,
    ) -> Report<Action> {
        let properties = self.properties();
        let limits = match &reduced.extent {
            Extent::Bounded { limits, .. } => limits.as_slice(),
            _ => &[],
        };
        if limits.contains(&Limit::Stopped) {
            return reduced;
        }
        if reduced.panicked.is_some() || reduced.comes_to_rest == Some(false) {
            let search = self.search(&properties, self.limits, self.settle);
            let mut whole = search.threads(threads.get()).canonical().run_interned(progress);
            // What was found stands, wherever a limit or the user has ended the search of the whole.
            for (known, found) in whole.decisions.iter_mut().zip(reduced.decisions) {
                if matches!(known.verdict, Verdict::Unknown(_)) && found.verdict.cost().is_some() {
                    *known = found;
                }
            }
            return whole;
        }
        let (mut again, mut places, mut faults) = (Vec::new(), Vec::new(), 0);
        for (place, (decision, property)) in reduced.decisions.iter().zip(properties).enumerate() {
            if let Some(cost) = decision.verdict.cost() {
                faults = faults.max(cost.faults);
                again.push(property);
                places.push(place);
            }
        }
        if again.is_empty() {
            return reduced;
        }
        let limits = Limits { faults: Some(faults), ..self.limits.clone() };
        let search = self.search(&again, &limits, true).threads(threads.get()).canonical();
        let shortest = search.run_interned(progress);
        for (place, decision) in places.into_iter().zip(shortest.decisions) {
            if decision.verdict.cost().is_some() {
                reduced.decisions[place] = decision;
            }
        }
        reduced
    }
}
