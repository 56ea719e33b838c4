//! Depth-first search with bounded memory: it remembers so many states, and the way to where it is. What it
//! does not remember it may expand again, so it ends all the same, if late.

use std::collections::BTreeMap;
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
    /// Where it stands on the path.
    mark: Mark,
}

/// The hash of a state, and the faults before it where they matter.
type Mark = (u64, u32);

/// What is remembered of states: equal for equal states alone.
pub(super) struct Keep<'k, S, K> {
    /// What is remembered of a state.
    pub(super) key: Box<dyn FnMut(&S) -> K + 'k>,
    /// The bytes of it beyond its own size, as counted.
    pub(super) heap: Box<dyn Fn(&K) -> u64 + 'k>,
}

/// States with the least cost that they were met with.
struct Memory<'k, S, K> {
    keep: Keep<'k, S, K>,
    states: Vec<(K, Cost)>,
    places: HashTable<u32>,
    hasher: FixedState,
    most: usize,
    bytes: u64,
    most_bytes: u64,
}

impl<'k, S, K: Eq + Hash> Memory<'k, S, K> {
    fn new(keep: Keep<'k, S, K>, most: usize, most_bytes: u64) -> Self {
        let (states, places) = (Vec::new(), HashTable::new());
        let most = most.min(u32::MAX as usize);
        let hasher = FixedState::with_seed(0);
        Memory { keep, states, places, hasher, most, bytes: 0, most_bytes }
    }

    fn is_full(&self) -> bool {
        self.states.len() >= self.most || self.bytes >= self.most_bytes
    }

    /// Whether a state was met with no more of what matters; if not, it is now, if there is room.
    fn meets(&mut self, state: K, hash: u64, cost: Cost, rules: Rules) -> bool {
        let states = &self.states;
        let place = self.places.find(hash, |place| states[*place as usize].0 == state);
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
            self.bytes += size_of::<(K, Cost)>() as u64 + 5 + (self.keep.heap)(&state);
            let (states, hasher) = (&mut self.states, &self.hasher);
            let number = states.len() as u32;
            states.push((state, cost));
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
struct Depth<'a, M: Model, O, K> {
    search: Search<'a, M, O>,
    found: Found<'a, M, O>,
    memory: Memory<'a, M::State, K>,
    rules: Rules,
    most_faults: u32,
    path: Vec<Frame<M::State, M::Action>>,
    /// How often each mark is on the path.
    marks: BTreeMap<Mark, u32>,
    /// Whether actions without cost may lead around in a circle.
    circles: bool,
    initial: usize,
}

/// Searches depth-first, and remembers at most so many states, and no more once they take the limit of bytes.
pub(super) fn search<'a, M: Model, O: Ord, K: Eq + Hash>(
    search: Search<'a, M, O>,
    remember: usize,
    keep: Keep<'a, M::State, K>,
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
        memory: Memory::new(keep, remember, limits.bytes.unwrap_or(u64::MAX)),
        rules,
        most_faults: budget.unwrap_or(u32::MAX),
        path: Vec::new(),
        marks: BTreeMap::new(),
        circles: false,
        initial: 0,
        search,
    };
    depth.run(watch);
    let effort = Effort { state_bytes: depth.memory.bytes, ..Effort::default() };
    let circles = depth.circles;
    let mut report = depth.found.report(None, effort);
    // Where no circle was met on the way, each run without faults ends, and does so at rest.
    report.comes_to_rest = (report.extent.is_complete() && !circles).then_some(true);
    report
}

impl<M: Model, O: Ord, K: Eq + Hash> Depth<'_, M, O, K> {
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
            let key = (self.memory.keep.key)(&state);
            let hash = self.memory.hasher.hash_one(&key);
            if !self.memory.meets(key, hash, nothing, self.rules) {
                self.enter(state, nothing, hash);
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
        // Behind the most steps there may be more, with any number of faults.
        if !self.found.halted && self.search.limits.steps.is_none() {
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
            bytes: self.memory.bytes,
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
    fn enter(&mut self, state: M::State, cost: Cost, hash: u64) {
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
        let mark = self.mark(hash, cost);
        let frame = Frame { state, cost, actions, next: 0, resting: asked.is_ok(), mark };
        self.path.push(frame);
        *self.marks.entry(mark).or_insert(0) += 1;
        self.judge(false, cost);
        if let Err(message) = asked {
            let schedule = self.way("panic");
            self.found.fall(message, schedule, cost);
            self.path.iter_mut().rev().take(1).for_each(|frame| frame.actions.clear());
        }
        if let Some(most) = self.search.limits.steps.filter(|most| cost.steps >= *most) {
            self.found.cut(Limit::Steps(most));
            self.step_back();
        }
    }

    /// Takes the last state off the path.
    fn step_back(&mut self) {
        let Some(frame) = self.path.pop() else { return };
        if let Some(times) = self.marks.get_mut(&frame.mark) {
            *times -= 1;
            if *times == 0 {
                self.marks.remove(&frame.mark);
            }
        }
    }

    /// Where the states of a path have the same number of faults before them, nothing cost any between.
    fn mark(&self, hash: u64, cost: Cost) -> Mark {
        (hash, if self.rules.faults { cost.faults } else { 0 })
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
        let key = (self.memory.keep.key)(&next);
        let hash = self.memory.hasher.hash_one(&key);
        // Two states of one hash would be taken for a circle, which says less, and nothing false.
        self.circles |= price == 0 && self.marks.contains_key(&self.mark(hash, cost));
        if self.memory.meets(key, hash, cost, self.rules) {
            return;
        }
        // A state on the path was met there with less, but may not be remembered.
        if self.memory.is_full() && self.path.iter().rev().any(|frame| frame.state == next) {
            return;
        }
        self.enter(next, cost, hash);
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
        self.step_back();
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
