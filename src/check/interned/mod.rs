//! The fast breadth-first engine, for models whose states are rows of parts.
//!
//! Parts are numbered, rows of parts make *blocks*, which are numbered too, and a state is its blocks'
//! numbers packed into one word. Successors are remembered for each combination of the blocks that some
//! groups touch together (a *unit*), behind that for each local situation of a group, and behind that the
//! model's own code runs, once for each situation. Words that were found are kept in a table that stores a
//! part of each, exactly, and in the order of finding. Must never know what a part means.

mod engine;
mod expand;
mod facts;
mod judge;
mod key;
mod local;
mod memo;
mod rows;
mod table;
mod trail;

use super::order::{Driver, Watch};
use super::panics::quietly;
use super::report::{Writer, action_between};
use super::search::Search;
use super::{Report, breadth, cycle};
use crate::system::Parted;
use engine::Interned;
use key::Key;

/// How many states are expanded between two looks at limits and progress.
const PIECE: u64 = 1 << 15;

/// Searches breadth-first.
pub(super) fn search<M: Parted, O: Ord>(
    search: Search<'_, M, O>,
    watch: Watch<'_>,
) -> Report<M::Action, O> {
    if let Err(claim) = crate::system::footprint::check_slots(search.model) {
        panic!("the model's parts are not as they must be: {claim}");
    }
    if search.measure.is_none()
        && let Ok(initial) = quietly(|| search.model.initial())
        && let Some((first, rest)) = initial.split_first()
    {
        let narrow = attempt::<M, u64, O>(&search, first, rest, watch);
        let report = narrow.or_else(|| attempt::<M, u128, O>(&search, first, rest, watch));
        if let Some(report) = report {
            return report;
        }
    }
    breadth::search(search, watch)
}

/// Searches with keys of one width; `None` if states do not fit into them.
fn attempt<M: Parted, K: Key, O: Ord>(
    search: &Search<'_, M, O>,
    first: &M::State,
    rest: &[M::State],
    watch: Watch<'_>,
) -> Option<Report<M::Action, O>> {
    let (limits, every) = (&search.limits, search.every.unwrap_or(PIECE));
    let budget = search.model.budget();
    let engine = Interned::<M, K, O>::new(search, first.clone(), rest);
    let (mut engine, order) = Driver::new(engine, limits, budget, every, watch).run();
    if engine.overflows() {
        return None;
    }
    let findings = engine.take_findings();
    let writer = Writer {
        model: search.model,
        properties: search.properties,
        scenario: &search.scenario,
        order: &order,
        parent: |state| engine.parent(state),
        state: |state| engine.state(state),
        action: |from, to, price| {
            action_between(search.model, &engine.state(from), &engine.state(to), price)
        },
    };
    Some(writer.report(findings, cycle::Cycles::default()))
}
