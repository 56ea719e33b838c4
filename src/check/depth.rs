//! Depth-first search with bounded memory: it remembers so many states, and the way to where it is. What it
//! does not remember it may expand again, so it ends all the same, if late.

use std::hash::{BuildHasher, Hash};
use std::ops::ControlFlow;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::found::Found;
use super::order::Watch;
use super::panics::quietly;
use super::search::Search;
use super::verdict::{Cost, Effort, Limit};
use super::{Progress, Report};
use crate::system::{Model, Schedule};

/// A state on the way, and its actions.
struct Frame<S, A> {
    state: S,
    cost: Cost,
    actions: Vec<A>,
    /// The next action to perform.
    next: usize,
    /// Whether no action without cost has changed the state so far, nor panicked.
    resting: bool,
}

/// States with the least cost that they were met with.
struct Memory<S> {
    states: Vec<(S, Cost)>,
    places: HashTable<u32>,
    hasher: FixedState,
    most: usize,
}

impl<S: Eq + Hash + Clone> Memory<S> {
    fn new(most: usize) -> Self {
        let (states, places) = (Vec::new(), HashTable::new());
        let most = most.min(u32::MAX as usize);
        Memory { states, places, hasher: FixedState::with_seed(0), most }
    }

    fn is_full(&self) -> bool {
        self.states.len() >= self.most
    }

    /// Whether a state was met with no more of what matters; if not, it is now, if there is room.
    fn meets(&mut self, state: &S, cost: Cost, rules: Rules) -> bool {
        let hash = self.hasher.hash_one(state);
        let states = &self.states;
        let place = self.places.find(hash, |place| states[*place as usize].0 == *state);
        if let Some(&place) = place {
            let before = &mut self.states[place as usize].1;
            if rules.covers(*before, cost) {
                return true;
            }
            if rules.covers(cost, *before) {
                *before = cost;
            }
            return false;
        }
        if !self.is_full() {
            let (states, hasher) = (&mut self.states, &self.hasher);
            let number = states.len() as u32;
            states.push((state.clone(), cost));
            let rehash = |place: &u32| hasher.hash_one(&states[*place as usize].0);
            self.places.insert_unique(hash, number, rehash);
        }
        false
    }
}

/// Which costs bound the future of a state.
#[derive(Clone, Copy)]
struct Rules {
    faults: bool,
    steps: bool,
}

impl Rules {
    /// Whether what follows from one cost includes what follows from the other.
    fn covers(self, one: Cost, other: Cost) -> bool {
        (!self.faults || one.faults <= other.faults) && (!self.steps || one.steps <= other.steps)
    }
}

/// The search under way.
struct Depth<'a, M: Model, O> {
    search: Search<'a, M, O>,
    found: Found<'a, M, O>,
    memory: Memory<M::State>,
    rules: Rules,
    most_faults: u32,
    path: Vec<Frame<M::State, M::Action>>,
    initial: usize,
}

/// Searches depth-first, and remembers at most so many states.
pub(super) fn search<M: Model, O: Ord>(
    search: Search<'_, M, O>,
    remember: usize,
    watch: Watch<'_>,
) -> Report<M::Action, O> {
    let (limits, budget) = (&search.limits, search.model.budget());
    let rules = Rules {
        faults: limits.faults.is_some() || budget.is_some(),
        steps: limits.steps.is_some(),
    };
    let found = Found::new(search.properties, search.stop_when_settled);
    let mut depth = Depth {
        found,
        memory: Memory::new(remember),
        rules,
        most_faults: budget.unwrap_or(u32::MAX),
        path: Vec::new(),
        initial: 0,
        search,
    };
    depth.run(watch);
    let each = size_of::<(M::State, Cost)>() + 5;
    let heap = |(state, _): &(M::State, Cost)| depth.search.model.heap_bytes(state) as u64;
    let bytes = (depth.memory.states.len() * each) as u64;
    let bytes = bytes + depth.memory.states.iter().map(heap).sum::<u64>();
    depth.found.report(None, Effort { state_bytes: bytes, ..Effort::default() })
}

impl<M: Model, O: Ord> Depth<'_, M, O> {
    fn run(&mut self, watch: Watch<'_>) {
        let model = self.search.model;
        let nothing = Cost { faults: 0, steps: 0 };
        let initial = match quietly(|| model.initial()) {
            Ok(initial) => initial,
            Err(message) => {
                let schedule = self.way("panic");
                self.found.fall(message, schedule, nothing);
                return;
            }
        };
        let every = self.search.every.unwrap_or(8192);
        for (number, state) in initial.into_iter().enumerate() {
            self.initial = number;
            if !self.memory.meets(&state, nothing, self.rules) {
                self.enter(state, nothing);
            }
            while !self.path.is_empty() && !self.found.halted {
                let before = self.found.explored.states;
                self.go_on();
                let states = self.found.explored.states;
                if states > before && states.is_multiple_of(every) && self.tell(watch).is_break() {
                    self.found.cut(Limit::Stopped);
                    self.found.halted = true;
                }
            }
        }
        if !self.found.halted {
            self.found.explored.complete_faults = Some(self.found.explored.faults);
        }
    }

    fn tell(&self, watch: Watch<'_>) -> ControlFlow<()> {
        let cost = self.path.last().map_or(Cost { faults: 0, steps: 0 }, |frame| frame.cost);
        watch(&Progress {
            states: self.found.explored.states,
            transitions: self.found.explored.transitions,
            frontier: self.path.len() as u64,
            faults: cost.faults,
            steps: cost.steps,
            bytes: (self.memory.states.len() * size_of::<(M::State, Cost)>()) as u64,
        })
    }

    /// The way to the end of the path.
    fn way(&self, why: &str) -> Schedule<M::Action> {
        let before = self.path.len().saturating_sub(1);
        let actions = self.path[..before].iter().map(|frame| frame.actions[frame.next - 1].clone());
        let mut schedule = Schedule::new(
            self.search.scenario.clone(),
            format!("depth-first: {why}"),
            actions.collect(),
        );
        schedule.initial = self.initial;
        schedule
    }

    /// Goes to a state, judges it and lists its actions.
    fn enter(&mut self, state: M::State, cost: Cost) {
        if self.found.explored.states >= self.search.limits.states {
            self.found.cut(Limit::States(self.search.limits.states));
            self.found.halted = true;
            return;
        }
        let explored = &mut self.found.explored;
        explored.states += 1;
        explored.depth = explored.depth.max(cost.steps);
        explored.faults = explored.faults.max(cost.faults);
        let model = self.search.model;
        let mut actions = Vec::new();
        let asked = quietly(|| model.enabled(&state, &mut actions));
        let frame = Frame { state, cost, actions, next: 0, resting: asked.is_ok() };
        self.path.push(frame);
        self.judge(false, cost);
        if let Err(message) = asked {
            let schedule = self.way("panic");
            self.found.fall(message, schedule, cost);
            self.path.iter_mut().rev().take(1).for_each(|frame| frame.actions.clear());
        }
        if let Some(most) = self.search.limits.steps.filter(|most| cost.steps >= *most) {
            self.found.cut(Limit::Steps(most));
            self.path.pop();
        }
    }

    fn judge(&mut self, at_rest: bool, cost: Cost) {
        let Some(frame) = self.path.pop() else { return };
        // The way ends with the last action of the frame before.
        let before: Vec<M::Action> =
            self.path.iter().map(|frame| frame.actions[frame.next - 1].clone()).collect();
        let (scenario, initial) = (&self.search.scenario, self.initial);
        let way = |why: &str| {
            let origin = format!("depth-first: {why}");
            let mut schedule = Schedule::new(scenario.clone(), origin, before.clone());
            schedule.initial = initial;
            schedule
        };
        self.found.judge(&frame.state, at_rest, cost, way);
        self.path.push(frame);
    }

    /// Performs the next action of the last state, or leaves it.
    fn go_on(&mut self) {
        let (model, limits) = (self.search.model, &self.search.limits);
        let Some(frame) = self.path.last_mut() else { return };
        let Some(action) = frame.actions.get(frame.next) else { return self.leave() };
        frame.next += 1;
        let mut next = frame.state.clone();
        let stepped = quietly(|| {
            let price = model.faults(action);
            model.step(&mut next, action, &mut Vec::new());
            price
        });
        let before = frame.cost;
        let price = match stepped {
            Ok(price) => price,
            Err(message) => {
                frame.resting = false;
                let price = quietly(|| model.faults(action)).unwrap_or(0);
                let cost = Cost { faults: before.faults + price, steps: before.steps + 1 };
                let mut schedule = self.way("panic");
                let last = self.path.last().map(|frame| frame.actions[frame.next - 1].clone());
                schedule.actions.extend(last);
                return self.found.fall(message, schedule, cost);
            }
        };
        let cost = Cost { faults: before.faults.saturating_add(price), steps: before.steps + 1 };
        if cost.faults > self.most_faults {
            return;
        }
        if let Some(most) = limits.faults.filter(|most| cost.faults > *most) {
            return self.found.cut(Limit::Faults(most));
        }
        self.found.explored.transitions += 1;
        if next == frame.state {
            return;
        }
        frame.resting &= price > 0;
        if self.memory.meets(&next, cost, self.rules) {
            return;
        }
        // A state on the path was met there with less, but may not be remembered.
        if self.memory.is_full() && self.path.iter().rev().any(|frame| frame.state == next) {
            return;
        }
        self.enter(next, cost);
    }

    fn leave(&mut self) {
        let Some((resting, cost)) = self.path.last().map(|frame| (frame.resting, frame.cost))
        else {
            return;
        };
        if resting {
            self.found.explored.at_rest += 1;
            self.judge(true, cost);
            self.tell_outcome(cost);
        }
        self.path.pop();
    }

    fn tell_outcome(&mut self, cost: Cost) {
        let (Some(outcome), Some(frame)) = (&self.search.outcome, self.path.last()) else { return };
        match quietly(|| outcome(&frame.state)) {
            Ok(outcome) => self.found.tell(outcome, cost),
            Err(message) => {
                let schedule = self.way("panic");
                self.found.fall(message, schedule, cost);
            }
        }
    }
}
