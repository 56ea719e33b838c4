//! The front door with every option.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Limits, Progress, Report};
use super::{breadth, interned};
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

    /// Collects what `outcome` says of the states at rest.
    pub fn outcomes<P: Ord>(self, outcome: impl Fn(&M::State) -> P + 'a) -> Search<'a, M, P> {
        Search {
            model: self.model,
            properties: self.properties,
            limits: self.limits,
            scenario: self.scenario,
            stop_when_settled: self.stop_when_settled,
            every: self.every,
            outcome: Some(Box::new(outcome)),
            measure: self.measure,
        }
    }

    /// Looks for cycles of actions without cost in which `measure` stays what it is, single actions
    /// that change nothing excepted. Stores every edge without cost: 4 bytes each.
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
    /// block.
    pub fn run_interned(
        self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Report<M::Action, O>
    where
        M: Parted,
    {
        interned::search(self, progress)
    }

    /// Searches without telling anyone how it goes.
    pub fn run_silently(self) -> Report<M::Action, O> {
        self.run(&mut |_| ControlFlow::Continue(()))
    }
}
