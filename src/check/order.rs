//! The order (faults, steps), for every breadth-first engine.
//!
//! States are numbered as they are found, in ascending cost, so that the list of states is the queue,
//! and a *bucket*, all states of one cost, is a range of numbers. Bucket (f, s) comes from the actions
//! that cost c of every bucket (f - c, s - 1), the older ones first. A state is expanded once for each
//! cost that its actions have, which spares a tentative place in the queue for what a fault leads to.

use std::collections::BTreeSet;
use std::ops::{ControlFlow, Range};

use super::findings::Findings;
use super::verdict::{Cost, Limit};
use super::{Limits, Progress};

/// What calls for the progress, and may end the search.
pub(super) type Watch<'w> = &'w mut dyn FnMut(&Progress) -> ControlFlow<()>;

/// Expands states; keeps them, numbers them, judges them.
pub(super) trait Engine {
    /// What a model's action is.
    type Action;
    /// What an outcome at rest is.
    type Outcome;

    /// How many states were found so far.
    fn found(&self) -> u32;

    /// The bytes in use, as counted.
    fn bytes(&self) -> u64;

    /// What was found out so far.
    fn findings(&mut self) -> &mut Findings<Self::Action, Self::Outcome>;

    /// Performs the actions of one price of some states, and notes in `costs` which actions of another
    /// price these states have.
    fn expand(&mut self, task: &Task, costs: &mut BTreeSet<u32>);

    /// Whether one of these states has an action of one of these prices.
    fn has_action(&mut self, states: Range<u32>, price: u32) -> bool;
}

/// A range of states to expand.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// The states, all of the same cost.
    pub(super) states: Range<u32>,
    /// What the actions to perform cost.
    pub(super) price: u32,
    /// The cost of these states.
    pub(super) from: Cost,
    /// The cost of the states that the actions lead to.
    pub(super) to: Cost,
}

/// All states of one cost.
struct Bucket {
    cost: Cost,
    start: u32,
    /// What the actions of its states may cost, 0 excepted.
    costs: BTreeSet<u32>,
}

/// Which states have which cost.
#[derive(Default)]
pub(super) struct Order {
    buckets: Vec<Bucket>,
}

impl Order {
    /// The cost of a state.
    pub(super) fn cost(&self, state: u32) -> Cost {
        let after = self.buckets.partition_point(|bucket| bucket.start <= state);
        self.buckets[after - 1].cost
    }

    fn begin(&mut self, cost: Cost, start: u32) -> usize {
        self.buckets.push(Bucket { cost, start, costs: BTreeSet::new() });
        self.buckets.len() - 1
    }

    fn range(&self, bucket: usize, found: u32) -> Range<u32> {
        let end = self.buckets.get(bucket + 1).map_or(found, |next| next.start);
        self.buckets[bucket].start..end
    }

    /// The least number of faults above `layer` with which anything may be reached.
    fn next_layer(&self, layer: u32) -> Option<u32> {
        let sums = self.buckets.iter().flat_map(|bucket| {
            bucket.costs.iter().filter_map(|cost| bucket.cost.faults.checked_add(*cost))
        });
        sums.filter(|sum| *sum > layer).min()
    }

    /// The buckets from which a fault may lead to this layer.
    fn sources(&self, faults: u32) -> Vec<usize> {
        let leads = |bucket: &Bucket| {
            faults > bucket.cost.faults && bucket.costs.contains(&(faults - bucket.cost.faults))
        };
        (0..self.buckets.len()).filter(|&index| leads(&self.buckets[index])).collect()
    }

    fn least_steps(&self, sources: &[usize], after: Option<u32>) -> Option<u32> {
        let steps = sources.iter().map(|&source| self.buckets[source].cost.steps);
        steps.filter(|steps| after.is_none_or(|after| *steps > after)).min()
    }
}

/// A search in this order.
pub(super) struct Driver<'d, 'w, E> {
    /// What does the work. Its initial states were found before.
    pub(super) engine: E,
    pub(super) limits: &'d Limits,
    /// The most faults that the model allows, which cuts nothing off.
    pub(super) budget: Option<u32>,
    /// After how many expansions the progress is told.
    pub(super) every: u64,
    pub(super) watch: Watch<'w>,
    order: Order,
    expanded: u64,
    ticks: u64,
}

impl<'d, 'w, E: Engine> Driver<'d, 'w, E> {
    pub(super) fn new(
        engine: E,
        limits: &'d Limits,
        budget: Option<u32>,
        every: u64,
        watch: Watch<'w>,
    ) -> Self {
        let order = Order::default();
        Driver { engine, limits, budget, every, watch, order, expanded: 0, ticks: 0 }
    }

    /// Searches to the end, and returns the engine and the costs of its states.
    pub(super) fn run(mut self) -> (E, Order) {
        let nothing = Cost { faults: 0, steps: 0 };
        self.order.begin(nothing, 0);
        let judge_initial = Task { states: 0..0, price: 0, from: nothing, to: nothing };
        self.engine.expand(&judge_initial, &mut BTreeSet::new());
        let mut faults = Some(0);
        while let Some(layer) = faults.filter(|_| !self.halted()) {
            if self.budget.is_some_and(|most| layer > most) || self.cuts_faults(layer) {
                break;
            }
            let before = self.engine.findings().explored.transitions;
            self.layer(layer);
            let found = self.engine.findings();
            // An engine may expect a layer to which no action leads.
            let exists = layer == 0 || found.explored.transitions > before;
            if found.limits.is_empty() && exists {
                found.explored.complete_faults = Some(layer);
            }
            faults = self.order.next_layer(layer);
        }
        let states = self.engine.found();
        let explored = &mut self.engine.findings().explored;
        explored.states = u64::from(states);
        for bucket in &self.order.buckets {
            explored.depth = explored.depth.max(bucket.cost.steps);
            explored.faults = explored.faults.max(bucket.cost.faults);
        }
        (self.engine, self.order)
    }

    fn halted(&mut self) -> bool {
        self.engine.findings().halted
    }

    /// Whether the limit of faults keeps the search out of a layer that exists.
    fn cuts_faults(&mut self, layer: u32) -> bool {
        let Some(most) = self.limits.faults.filter(|most| layer > *most) else { return false };
        let (mut next, budget) = (Some(layer), self.budget);
        while let Some(layer) = next.filter(|layer| budget.is_none_or(|most| *layer <= most)) {
            for bucket in self.order.sources(layer) {
                let states = self.order.range(bucket, self.engine.found());
                let price = layer - self.order.buckets[bucket].cost.faults;
                if self.engine.has_action(states, price) {
                    self.engine.findings().limits.insert(Limit::Faults(most));
                    return true;
                }
            }
            next = self.order.next_layer(layer);
        }
        true
    }

    /// Finds all states that need exactly this many faults.
    fn layer(&mut self, faults: u32) {
        let sources = self.order.sources(faults);
        let mut current = (faults == 0).then_some(0);
        let mut last = None;
        while !self.halted() {
            let next = match current {
                Some(bucket) => self.order.buckets[bucket].cost.steps,
                None => match self.order.least_steps(&sources, last) {
                    Some(steps) => steps,
                    None => break,
                },
            };
            last = Some(next);
            if let Some(most) = self.limits.steps.filter(|most| next >= *most) {
                self.engine.findings().limits.insert(Limit::Steps(most));
                break;
            }
            current = self.produce(Cost { faults, steps: next + 1 }, &sources, current);
        }
    }

    /// Fills the bucket of one cost, and returns it unless it stays empty.
    fn produce(&mut self, to: Cost, sources: &[usize], current: Option<usize>) -> Option<usize> {
        let start = self.engine.found();
        let index = self.order.begin(to, start);
        let buckets = &self.order.buckets;
        let sources = sources.iter().copied();
        let sources = sources.filter(|&source| buckets[source].cost.steps + 1 == to.steps);
        let sources: Vec<usize> = sources.chain(current).collect();
        for bucket in sources {
            let from = self.order.buckets[bucket].cost;
            let mut states = self.order.range(bucket, start);
            while !states.is_empty() && !self.halted() {
                let piece = states.start..states.start + self.until_tell().min(states.len() as u32);
                states.start = piece.end;
                let price = to.faults - from.faults;
                let task = Task { states: piece.clone(), price, from, to };
                self.engine.expand(&task, &mut self.order.buckets[bucket].costs);
                self.tell(&task);
            }
        }
        if self.engine.found() == start {
            self.order.buckets.pop();
            return None;
        }
        Some(index)
    }

    fn until_tell(&self) -> u32 {
        u32::try_from(self.every - self.ticks % self.every).unwrap_or(u32::MAX)
    }

    fn tell(&mut self, task: &Task) {
        let count = task.states.len() as u64;
        self.ticks += count;
        if task.price == 0 {
            self.expanded += count;
        }
        if !self.ticks.is_multiple_of(self.every) || self.halted() {
            return;
        }
        let states = u64::from(self.engine.found());
        let now = Progress {
            states,
            transitions: self.engine.findings().explored.transitions,
            frontier: states - self.expanded,
            faults: task.to.faults,
            steps: task.to.steps,
            bytes: self.engine.bytes(),
        };
        if (self.watch)(&now).is_break() {
            let found = self.engine.findings();
            found.limits.insert(Limit::Stopped);
            found.halted = true;
        }
    }
}
