//! The front door with every option.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::depth::Keep;
use super::walk::{self, Walks};
use super::{Limits, Progress, Report, breadth, depth, interned};
use crate::system::{Model, Parted, Property};

/// A question about states at rest.
pub(super) type Outcome<'a, S, O> = Box<dyn Fn(&S) -> O + 'a>;

/// Gives states of equal measure equal numbers.
pub(super) type Measure<'a, S> = Box<dyn FnMut(&S) -> u32 + 'a>;

/// A search that is being described; [`Search::run`] begins it.
#[must_use = "a search does nothing until it is run"]
pub struct Search<'a, M: Model, O = ()> {
    pub(super) model: &'a M,
    pub(super) properties: &'a [Property<M::State>],
    pub(super) limits: Limits,
    pub(super) scenario: String,
    pub(super) stop_when_settled: bool,
    pub(super) every: Option<u64>,
    pub(super) threads: usize,
    pub(super) fewer_orders: bool,
    pub(super) up_to_exchanges: bool,
    pub(super) canonical: bool,
    pub(super) outcome: Option<Outcome<'a, M::State, O>>,
    pub(super) measure: Option<Measure<'a, M::State>>,
}

impl<'a, M: Model> Search<'a, M> {
    /// A search that decides these properties, with the default limits.
    pub fn new(model: &'a M, properties: &'a [Property<M::State>]) -> Self {
        Search {
            model,
            properties,
            limits: Limits::default(),
            scenario: String::new(),
            stop_when_settled: false,
            every: None,
            threads: 1,
            fewer_orders: false,
            up_to_exchanges: false,
            canonical: false,
            outcome: None,
            measure: None,
        }
    }
}

impl<'a, M: Model, O: Ord> Search<'a, M, O> {
    /// Sets how far the search may go.
    pub fn limits(mut self, limits: &Limits) -> Self {
        self.limits = limits.clone();
        self
    }

    /// Sets the scenario that the schedules name.
    pub fn scenario(mut self, scenario: impl Into<String>) -> Self {
        self.scenario = scenario.into();
        self
    }

    /// Ends the search as soon as every property is decided by a state. A property that holds is not:
    /// only a search to the end shows that.
    pub fn stop_when_settled(mut self) -> Self {
        self.stop_when_settled = true;
        self
    }

    /// Sets after how many expanded states the progress is told, at least 1.
    pub fn progress_every(mut self, states: u64) -> Self {
        self.every = Some(states.max(1));
        self
    }

    /// Sets how many threads [`Search::run_interned`] may use, at least 1. The result is the same.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Leaves out all that may be left out: [`Search::fewer_orders`] and [`Search::up_to_exchanges`].
    pub fn reduced(self) -> Self {
        self.fewer_orders().up_to_exchanges()
    }

    /// Lets [`Search::run_interned`] keep one of the states that differ by nothing but exchanges of what is
    /// interchangeable ([`Parted::exchanges`]), and ask each question of all of them.
    ///
    /// Verdicts and outcomes, their costs, and whether everything comes to rest are the same; so is the length of a
    /// counterexample, though it may be another one. Tells of no cycles.
    pub fn up_to_exchanges(mut self) -> Self {
        self.up_to_exchanges = true;
        self
    }

    /// Lets [`Search::run_interned`] leave out orders of actions that do not touch each other, with the same
    /// states at rest at the same least costs.
    ///
    /// Verdicts at rest, outcomes and their costs are the same. A stable property
    /// ([`Property::stable`]) keeps its verdict and the least number of faults that break it if every state can
    /// come to rest, but its counterexample need not be the shortest. The model may say so
    /// ([`Parted::runs_end`]); if it does not, a search that is asked for cycles finds it out
    /// ([`Report::comes_to_rest`]). Other properties may end unknown ([`super::Limit::Reduced`]). Tells of no
    /// cycles.
    pub fn fewer_orders(mut self) -> Self {
        self.fewer_orders = true;
        self
    }

    /// Lets [`Search::run_interned`] number states exactly as [`Search::run`] does, at a small price, so that
    /// it chooses the same counterexamples.
    pub fn canonical(mut self) -> Self {
        self.canonical = true;
        self
    }

    /// Collects what `outcome` says of the states at rest.
    pub fn outcomes<P: Ord>(self, outcome: impl Fn(&M::State) -> P + 'a) -> Search<'a, M, P> {
        Search {
            model: self.model,
            properties: self.properties,
            limits: self.limits,
            scenario: self.scenario,
            stop_when_settled: self.stop_when_settled,
            every: self.every,
            threads: self.threads,
            fewer_orders: self.fewer_orders,
            up_to_exchanges: self.up_to_exchanges,
            canonical: self.canonical,
            outcome: Some(Box::new(outcome)),
            measure: self.measure,
        }
    }

    /// Looks for cycles of actions without cost in which `measure` stays what it is, single actions
    /// that change nothing excepted. `measure` is asked about states on cycles only.
    pub fn cycles<P: Ord + 'a>(mut self, measure: impl Fn(&M::State) -> P + 'a) -> Self {
        let mut numbers = BTreeMap::new();
        self.measure = Some(Box::new(move |state| {
            let next = numbers.len() as u32;
            *numbers.entry(measure(state)).or_insert(next)
        }));
        self
    }

    /// Searches breadth-first in the order (faults, steps).
    ///
    /// `progress` is called now and then; when it breaks, the search ends with what is known so far.
    pub fn run(
        self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O> {
        breadth::search(self, progress)
    }

    /// Searches in the same order, much faster, by remembering what was done in each local situation.
    ///
    /// The answers are the same; among counterexamples of equal cost it may choose another. A property
    /// made of facts ([`Property::of_facts`], [`Property::of_pieces`]) costs little, any other one is
    /// asked of every whole state.
    ///
    /// # Panics
    /// If the model's blocks or groups name slots that do not exist, or a slot is not in exactly one
    /// block; or, where exchanges matter, if one is found to be none.
    pub fn run_interned(
        self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O>
    where
        M: Parted,
    {
        interned::search(self, progress)
    }

    /// Searches depth-first, and remembers at most so many states; those that it does not remember it may
    /// expand, and count, more than once. Counterexamples are not the shortest. Of cycles it tells only if there is
    /// none ([`Report::comes_to_rest`]).
    ///
    /// A limit of bytes does not end it: with so many bytes no more states are remembered.
    pub fn run_depth_first(
        self,
        remember: usize,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O> {
        let model = self.model;
        let key = Box::new(|state: &M::State| state.clone());
        let heap = Box::new(|state: &M::State| model.heap_bytes(state) as u64);
        depth::search(self, remember, Keep { key, heap }, progress)
    }

    /// The same; what is remembered of a state are the numbers of its parts, so that more fit into the same bytes.
    pub fn run_depth_first_in_parts(
        self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O>
    where
        M: Parted,
    {
        let keep = interned::keep(self.model);
        depth::search(self, usize::MAX, keep, progress)
    }

    /// Draws random runs: they may find what decides a property, and never show that it holds. States
    /// are counted as often as they are met. Of the limits only the one of faults has a meaning.
    pub fn run_walks(
        self,
        walks: Walks,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O> {
        walk::search(self, walks, progress)
    }

    /// Searches without telling anyone how it goes.
    pub fn run_silently(self) -> Report<M::Action, O> {
        self.run(&mut |_| ControlFlow::Continue(()))
    }
}
