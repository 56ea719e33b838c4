//! Breadth-first search in the order (faults, steps).
//!
//! States are numbered as they are found, in ascending cost, so that the list of states is the queue,
//! and a *bucket*, all states of one cost, is a range of numbers. Bucket (f, s) comes from the actions
//! that cost c of every bucket (f - c, s - 1), the older ones first. A state is expanded once for each
//! cost that its actions have, which spares a tentative place in the queue for what a fault leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{ControlFlow, Range};

use super::cycle::Edges;
use super::panics::quietly;
use super::search::Search;
use super::verdict::{Cost, Limit};
use super::visited::{NO_PARENT, Visited};
use super::{Explored, Progress, Report};
use crate::system::Model;

/// All states of one cost.
pub(super) struct Bucket {
    pub(super) cost: Cost,
    pub(super) start: u32,
    /// What the actions of its states cost, 0 excepted.
    pub(super) costs: BTreeSet<u32>,
}

/// How far the expansion of a range of states has come, so that it can go on after a panic.
pub(super) struct Cursor {
    pub(super) state: u32,
    pub(super) end: u32,
    pub(super) bucket: usize,
    pub(super) cost: u32,
    pub(super) loaded: bool,
    pub(super) action: usize,
    pub(super) resting: bool,
}

/// Which question to the model is being asked, so that a panic can be blamed on it.
#[derive(Clone, Copy)]
pub(super) enum Asking {
    Enabled,
    Step,
    Property(usize),
    Outcome,
    Measure,
}

/// What decides a property.
#[derive(Clone)]
pub(super) struct Deciding {
    pub(super) state: u32,
    pub(super) panic: Option<String>,
}

/// A panic of the model: the state before it, and the action if it is one's.
pub(super) struct Fell<A> {
    pub(super) message: String,
    pub(super) state: Option<u32>,
    pub(super) action: Option<A>,
    pub(super) cost: Cost,
}

/// The search under way.
pub(super) struct Breadth<'a, M: Model, O> {
    pub(super) search: Search<'a, M, O>,
    pub(super) visited: Visited<M::State>,
    pub(super) buckets: Vec<Bucket>,
    /// Whether a state has actions that cost something.
    pub(super) costly: Vec<bool>,
    pub(super) cursor: Cursor,
    pub(super) asking: Asking,
    pub(super) actions: Vec<M::Action>,
    pub(super) effects: Vec<M::Effect>,
    /// The state that is being stepped, and whether it still equals the one it was cloned from.
    pub(super) scratch: Option<M::State>,
    pub(super) fresh: bool,
    pub(super) judged: u32,
    pub(super) question: usize,
    pub(super) deciding: Vec<Option<Deciding>>,
    pub(super) fell: Option<Fell<M::Action>>,
    pub(super) outcomes: BTreeMap<O, Cost>,
    pub(super) measures: Vec<u32>,
    pub(super) edges: Edges,
    pub(super) explored: Explored,
    pub(super) limits: BTreeSet<Limit>,
    /// States expanded for the actions that cost nothing.
    pub(super) expanded: u64,
    /// Expansions of any kind.
    pub(super) ticks: u64,
    /// Set to end the search at once.
    pub(super) halted: bool,
}

impl<'a, M: Model, O: Ord> Breadth<'a, M, O> {
    pub(super) fn new(search: Search<'a, M, O>) -> Self {
        let deciding = vec![None; search.properties.len()];
        let cursor = Cursor {
            state: 0,
            end: 0,
            bucket: 0,
            cost: 0,
            loaded: false,
            action: 0,
            resting: false,
        };
        Breadth {
            search,
            visited: Visited::new(),
            buckets: Vec::new(),
            costly: Vec::new(),
            cursor,
            asking: Asking::Enabled,
            actions: Vec::new(),
            effects: Vec::new(),
            scratch: None,
            fresh: false,
            judged: 0,
            question: 0,
            deciding,
            fell: None,
            outcomes: BTreeMap::new(),
            measures: Vec::new(),
            edges: Edges::default(),
            explored: Explored::default(),
            limits: BTreeSet::new(),
            expanded: 0,
            ticks: 0,
            halted: false,
        }
    }

    pub(super) fn run(
        mut self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O> {
        self.begin();
        let mut faults = Some(0);
        while let Some(layer) = faults.filter(|_| !self.halted) {
            if self.search.limits.faults.is_some_and(|most| layer > most) {
                self.limits.extend(self.search.limits.faults.map(Limit::Faults));
                break;
            }
            self.layer(layer, progress);
            if self.limits.is_empty() {
                self.explored.complete_faults = Some(layer);
            }
            faults = self.next_layer(layer);
        }
        self.explored.states = u64::from(self.visited.len());
        for bucket in &self.buckets {
            self.explored.depth = self.explored.depth.max(bucket.cost.steps);
            self.explored.faults = self.explored.faults.max(bucket.cost.faults);
        }
        let measures = std::mem::take(&mut self.measures);
        let edges = std::mem::take(&mut self.edges);
        self.report(edges.close(measures))
    }

    /// Puts the initial states into the first bucket.
    fn begin(&mut self) {
        let cost = Cost { faults: 0, steps: 0 };
        self.buckets.push(Bucket { cost, start: 0, costs: BTreeSet::new() });
        let model = self.search.model;
        let initial = match quietly(|| model.initial()) {
            Ok(initial) => initial,
            Err(message) => {
                self.fell = Some(Fell { message, state: None, action: None, cost });
                self.limits.insert(Limit::Panic);
                Vec::new()
            }
        };
        for state in initial {
            self.scratch = Some(state);
            self.visit(NO_PARENT);
        }
        self.scratch = None;
        self.fresh = false;
        self.expand(0..0, 0, 0);
    }

    /// The least number of faults above `layer` with which anything can be reached.
    fn next_layer(&self, layer: u32) -> Option<u32> {
        let sums = self.buckets.iter().flat_map(|bucket| {
            bucket.costs.iter().filter_map(|cost| bucket.cost.faults.checked_add(*cost))
        });
        sums.filter(|sum| *sum > layer).min()
    }

    /// Finds all states that need exactly this many faults.
    fn layer(&mut self, faults: u32, progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>) {
        let sources: Vec<usize> = (0..self.buckets.len())
            .filter(|&index| {
                let bucket = &self.buckets[index];
                faults > bucket.cost.faults && bucket.costs.contains(&(faults - bucket.cost.faults))
            })
            .collect();
        let mut current = (faults == 0).then_some(0);
        let mut last = None;
        while !self.halted {
            let next = match current {
                Some(bucket) => self.buckets[bucket].cost.steps,
                None => match self.least_steps(&sources, last) {
                    Some(steps) => steps,
                    None => break,
                },
            };
            last = Some(next);
            let steps = next + 1;
            if self.search.limits.steps.is_some_and(|most| steps > most) {
                self.limits.extend(self.search.limits.steps.map(Limit::Steps));
                break;
            }
            current = self.produce(Cost { faults, steps }, &sources, current, progress);
        }
    }

    fn least_steps(&self, sources: &[usize], after: Option<u32>) -> Option<u32> {
        let steps = sources.iter().map(|&source| self.buckets[source].cost.steps);
        steps.filter(|steps| after.is_none_or(|after| *steps > after)).min()
    }

    /// Fills the bucket of one cost, and returns it unless it stays empty.
    fn produce(
        &mut self,
        cost: Cost,
        sources: &[usize],
        current: Option<usize>,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<usize> {
        let index = self.buckets.len();
        let start = self.visited.len();
        self.buckets.push(Bucket { cost, start, costs: BTreeSet::new() });
        let sources = sources
            .iter()
            .copied()
            .filter(|&source| self.buckets[source].cost.steps + 1 == cost.steps);
        let sources: Vec<usize> = sources.chain(current).collect();
        for bucket in sources {
            let range = self.range(bucket);
            let price = cost.faults - self.buckets[bucket].cost.faults;
            let mut from = range.start;
            while from < range.end && !self.halted {
                let piece = (range.end - from).min(self.until_progress());
                self.expand(from..from + piece, bucket, price);
                from += piece;
                self.tell(price, piece, progress);
            }
        }
        if self.visited.len() == start {
            self.buckets.pop();
            return None;
        }
        Some(index)
    }

    fn until_progress(&self) -> u32 {
        let every = self.search.every;
        u32::try_from(every - self.ticks % every).unwrap_or(u32::MAX)
    }

    fn tell(
        &mut self,
        price: u32,
        piece: u32,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) {
        self.ticks += u64::from(piece);
        if price == 0 {
            self.expanded += u64::from(piece);
        }
        if !self.ticks.is_multiple_of(self.search.every) || self.halted {
            return;
        }
        let cost = self.buckets.last().map_or(Cost { faults: 0, steps: 0 }, |bucket| bucket.cost);
        let states = u64::from(self.visited.len());
        let now = Progress {
            states,
            transitions: self.explored.transitions,
            frontier: states - self.expanded,
            faults: cost.faults,
            steps: cost.steps,
            bytes: self.bytes(),
        };
        if progress(&now).is_break() {
            self.limits.insert(Limit::Stopped);
            self.halted = true;
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        let words = self.measures.len() as u64 * 4;
        self.visited.bytes() + self.costly.len() as u64 + words + self.edges.bytes()
    }

    fn range(&self, bucket: usize) -> Range<u32> {
        let end = self.buckets.get(bucket + 1).map_or(self.visited.len(), |next| next.start);
        self.buckets[bucket].start..end
    }

    /// The cost of a state.
    pub(super) fn cost(&self, state: u32) -> Cost {
        let after = self.buckets.partition_point(|bucket| bucket.start <= state);
        self.buckets[after - 1].cost
    }
}
