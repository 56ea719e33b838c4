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
//!
//! # Engines
//!
//! | run | what it is for |
//! |---|---|
//! | [`Search::run`] | any model; whole states; what the others are compared with |
//! | [`Search::run_interned`] | a [`Parted`] model: the same answers, faster, in 16 bytes a state |
//! | ... with [`Search::threads`] | the same bytes on several threads |
//! | ... with [`Search::reduced`] | fewer states; what is judged at rest stays the same |
//! | [`Search::run_depth_first`] | memory that is bounded beforehand |
//! | [`Search::run_walks`] | models that are too large |
//! | [`StateGraph`] | pictures of small models, and which faults cannot be done without |
//!
//! # How a model opts in to the fast engine
//!
//! 1. Cut the state into *slots*, each holding a *part*: a node, a link, a budget, one client's share of the
//!    ledger. `part` and `put` copy one out and in; `Part` is usually an enum.
//! 2. List the *groups* of actions, each with the slots that it reads and writes, and what its actions
//!    cost. `enabled_in` lists a group's actions; `enabled` may simply call it for every group and sort.
//!    `step` stays as it is. It must touch nothing but its group's slots: not even to ask whether something
//!    is possible.
//! 3. Put the slots into *blocks*: a small one for what is shared, one for each client with all that is its
//!    own, so that each group touches the shared block and at most one other. A group that touches much
//!    and is seldom enabled (a broker starts again, and all its connections with it) gets a *guard*: the
//!    few slots that tell when it is not.
//! 4. A bound for the faults of a whole run is [`Model::budget`], not a part: then faults of different
//!    clients do not touch each other.
//! 5. Make properties of facts or pieces ([`Property::of_pieces`]), each naming the slots that it reads.
//!    Others work, but each new state is put together for them.
//! 6. Test the claims: [`crate::system::footprint::check`] on random pairs of reachable states, and both
//!    engines against each other. The engine itself tries the first situations of each group in two
//!    surroundings (all of them with debug assertions) and reports a false footprint as a panic of the
//!    model.
//! 7. For reduced searches say in `refuses` which part alone forbids a group: an empty queue forbids its
//!    delivery.
//!
//! [`Effort`] tells how well it pays. If `combinations` come near the states, some block changes too often:
//! `blocks` shows which.
//!
//! [`Parted`]: crate::system::Parted

mod breadth;
mod cycle;
mod depth;
mod findings;
mod found;
pub mod graph;
mod interned;
mod limits;
mod order;
mod panics;
mod report;
mod search;
mod verdict;
mod visited;
mod walk;

use std::ops::ControlFlow;

use crate::system::{Model, Property};

pub use graph::StateGraph;
pub use limits::{Limits, Progress};
pub use panics::quietly;
pub use search::Search;
pub use verdict::{
    Breach, Cost, Decision, Effort, Explored, Extent, Lasso, Limit, Panicked, Report, Verdict,
};
pub use walk::Walks;

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
