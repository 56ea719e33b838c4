//! The ways to search a scenario that are compared: each feature switched off in turn, or on.

use std::ops::ControlFlow;

use brokerproof::check::{Limits, Report, Search};
use brokerproof::guarantee::Guarantee;
use brokerproof::scenario::Scenario;
use brokerproof::system::{Property, Schedule};
use brokerproof::world::{Action, Scene, World};

pub type Told = Report<Action, String>;

pub fn properties(scene: &Scene) -> Vec<Property<World>> {
    let subjects = scene.subjects().into_iter();
    let asked = subjects.flat_map(|s| Guarantee::ALL.iter().map(move |&guarantee| (guarantee, s)));
    asked.map(|(guarantee, subject)| scene.guarantee_property(guarantee, subject)).collect()
}

/// How a scenario is searched.
#[derive(Clone, Copy)]
pub struct How {
    pub name: &'static str,
    pub in_parts: bool,
    pub threads: usize,
    /// The adversary's budget is part of a state.
    pub with_budget: bool,
    pub fewer_orders: bool,
    pub up_to_exchanges: bool,
    pub canonical: bool,
    pub cycles: bool,
}

pub const AS_CHECK: How = How {
    name: "parts, as in check",
    in_parts: true,
    threads: 1,
    with_budget: true,
    fewer_orders: false,
    up_to_exchanges: false,
    canonical: true,
    cycles: true,
};

/// Each feature switched off in turn, or on.
pub const KINDS: [How; 11] = [
    How { name: "whole states", in_parts: false, ..AS_CHECK },
    AS_CHECK,
    How { name: "parts, 2 threads", threads: 2, ..AS_CHECK },
    How { name: "parts, no livelock", cycles: false, ..AS_CHECK },
    How { name: "parts, no livelock, any order", cycles: false, canonical: false, ..AS_CHECK },
    How { name: "budget outside", with_budget: false, ..AS_CHECK },
    How { name: "fewer orders", fewer_orders: true, ..AS_CHECK },
    How { name: "fewer orders, budget outside", fewer_orders: true, ..OUTSIDE },
    How { name: "up to exchanges, outside", up_to_exchanges: true, ..OUTSIDE },
    REDUCED,
    How { name: "the same, 2 threads", threads: 2, ..REDUCED },
];

const OUTSIDE: How = How { with_budget: false, ..AS_CHECK };

const REDUCED: How = How {
    name: "reduced: all three",
    fewer_orders: true,
    up_to_exchanges: true,
    with_budget: false,
    ..AS_CHECK
};

pub fn search(scene: &Scene, asked: &[Property<World>], limits: &Limits, how: How) -> Told {
    let mut search = Search::new(scene, asked)
        .limits(limits)
        .threads(how.threads)
        .outcomes(|world| format!("{:?}", world.ledger));
    if how.canonical {
        search = search.canonical();
    }
    if how.fewer_orders {
        search = search.fewer_orders();
    }
    if how.up_to_exchanges {
        search = search.up_to_exchanges();
    }
    if how.cycles {
        search = search.cycles(|_| ());
    }
    match how.in_parts {
        true => search.run_interned(&mut |_| ControlFlow::Continue(())),
        false => search.run_silently(),
    }
}

impl How {
    /// The scenario as it is searched so.
    pub fn scene(self, scenario: &Scenario) -> Scene {
        match self.with_budget {
            true => Scene::new(scenario.setting.clone()),
            false => Scene::without_budget(scenario.setting.clone()),
        }
    }
}

/// Whether two reports say the same: every byte where the order of actions is kept, and always the outcomes with
/// their least costs, and which properties hold.
pub fn agree(one: &Told, other: &Told, how: How) -> bool {
    let held = |told: &Told| -> Vec<Option<u32>> {
        let costs = told.decisions.iter().map(|decision| decision.verdict.cost());
        costs.map(|cost| cost.map(|cost| cost.faults)).collect()
    };
    let reduced = how.fewer_orders || how.up_to_exchanges;
    // A reduced search lengthens ways to what is not judged at rest.
    let steps = reduced || one.outcomes == other.outcomes;
    let outcomes = one.outcomes.keys().eq(other.outcomes.keys());
    let exact = reduced || !how.canonical || schedules(one) == schedules(other);
    let extent = reduced || !how.with_budget || one.extent == other.extent;
    let lassos =
        reduced || !how.cycles || (&one.livelock, &one.trap) == (&other.livelock, &other.trap);
    held(one) == held(other) && steps && outcomes && exact && extent && lassos
}

fn schedules(told: &Told) -> Vec<Option<&Schedule<Action>>> {
    told.decisions.iter().map(|decision| decision.verdict.schedule()).collect()
}
