//! Exhaustive checking of transition systems: one front door, generic over
//! [`Model`], that decides all properties in one search. Has never heard of Kafka, and reads no clock.
//!
//! [`check`] asks the usual question; [`Search`] has every option. The search goes by (faults, steps):
//! all states that can be reached with *f* faults, by steps, before any that needs *f + 1*. So the first
//! state that breaks a property does so with the fewest faults and, among those, with the fewest steps.
//! States are numbered in the order in which they are found, a state's parent is the one with the
//! least number, its action the least one: the same input gives the same counterexample.
//!
//! What a verdict claims is written on it: [`Extent`] says how much was explored, and anything short of
//! everything that is reachable makes an unbroken property [`Verdict::Unknown`].

mod breadth;
mod cycle;
mod findings;
mod interned;
mod limits;
mod order;
mod panics;
mod report;
mod search;
mod verdict;
mod visited;

use std::ops::ControlFlow;

use crate::system::{Model, Property};

pub use limits::{Limits, Progress};
pub use search::Search;
pub use verdict::{
    Breach, Cost, Decision, Explored, Extent, Lasso, Limit, Panicked, Report, Verdict,
};

/// Decides every property of a model, in one breadth-first search in the order (faults, steps).
///
/// `progress` is called now and then; when it breaks, the search ends with what is known so far.
pub fn check<M: Model>(
    model: &M,
    properties: &[Property<M::State>],
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Report<M::Action> {
    Search::new(model, properties).limits(limits).run(progress)
}
