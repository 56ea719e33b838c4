//! The fast breadth-first engine, for models whose states are rows of parts.
//!
//! Parts are numbered, rows of parts make *blocks*, which are numbered too, and a state is its blocks'
//! numbers packed into one word. Successors are remembered for each combination of the blocks that some
//! groups touch together (a *unit*), behind that for each local situation of a group, and behind that the
//! model's own code runs, once for each situation. Words that were found are kept in a table that stores a
//! part of each, exactly, and in the order of finding. Must never know what a part means.

mod canon;
mod closed;
mod core;
mod engine;
mod expand;
mod facts;
mod fresh;
mod index;
mod judge;
mod key;
mod local;
mod memo;
mod orbit;
mod parallel;
mod quotient;
mod recent;
mod returns;
mod rows;
mod table;
mod trail;
mod web;

use super::cycle::{self, Cycles};
use super::depth::Keep;
use super::findings::{Fell, Findings};
use super::order::{Driver, Watch};
use super::panics::quietly;
use super::report::{Writer, action_to};
use super::search::{Measure, Search};
use super::verdict::{Extent, Limit, Verdict};
use super::{Report, breadth};
use crate::system::Parted;
use crate::system::footprint::check_slots;
use engine::Interned;
use key::Key;
use rows::Values;
use web::Web;

/// How many states are expanded between two looks at limits and progress.
const PIECE: u64 = 1 << 15;

/// Searches breadth-first.
pub(super) fn search<M: Parted, O: Ord>(
    mut search: Search<'_, M, O>,
    watch: Watch<'_>,
) -> Report<M::Action, O> {
    if let Err(claim) = check_slots(search.model) {
        panic!("the model's parts are not as they must be: {claim}");
    }
    if let Ok(initial) = quietly(|| search.model.initial())
        && let Some((first, rest)) = initial.split_first()
    {
        let mut measure = search.measure.take();
        if search.fewer_orders || search.up_to_exchanges {
            // What a reduced search leaves out may be what closes a cycle, but not whether there is one that
            // nothing without cost leads out of; and up to exchanges, what advances may seem to come back.
            measure = measure.map(|_| -> Measure<'_, M::State> { Box::new(|_| 0) });
        }
        let initial = (first, rest);
        let narrow = attempt::<M, u64, O>(&search, initial, &mut measure, watch);
        let report =
            narrow.or_else(|| attempt::<M, u128, O>(&search, initial, &mut measure, watch));
        if let Some(report) = report {
            return report;
        }
        search.measure = measure;
    }
    breadth::search(search, watch)
}

/// What may be remembered of a state in parts: their numbers.
pub(super) fn keep<'k, M: Parted>(model: &'k M) -> Keep<'k, M::State, Box<[u32]>> {
    let mut parts: Vec<Values<M::Part>> = (0..model.slots()).map(|_| Values::new()).collect();
    let key = move |state: &M::State| {
        let slots = parts.iter_mut().enumerate();
        slots.map(|(slot, values)| values.number(model.part(state, slot))).collect()
    };
    Keep { key: Box::new(key), heap: Box::new(|row| size_of_val::<[u32]>(row) as u64) }
}

/// Searches with keys of one width; `None` if states do not fit into them.
fn attempt<M: Parted, K: Key, O: Ord>(
    search: &Search<'_, M, O>,
    (first, rest): (&M::State, &[M::State]),
    measure: &mut Option<Measure<'_, M::State>>,
    watch: Watch<'_>,
) -> Option<Report<M::Action, O>> {
    let (limits, every) = (&search.limits, search.every.unwrap_or(PIECE));
    let budget = search.model.budget();
    let engine = Interned::<M, K, O>::new(search, first.clone(), rest);
    let (mut engine, order) = Driver::new(engine, limits, budget, every, watch).run();
    if engine.too_wide {
        return None;
    }
    let effort = engine.effort();
    let mut findings = std::mem::replace(&mut engine.findings, Findings::new(0, false));
    let is_reduced = search.fewer_orders || search.up_to_exchanges;
    findings.explored.reduced = search.fewer_orders;
    findings.explored.exchanged = !engine.orbits.is_empty();
    let cycles = measure.as_mut().map(|measure| cycles(&mut engine, measure));
    let cycles = cycles.unwrap_or(Ok(Cycles::default())).unwrap_or_else(|(state, message)| {
        let (cost, state) = (order.cost(state), Some(state));
        findings.fall(Fell { message, state, action: None, cost });
        Cycles::default()
    });
    // A cycle of a reduced graph is none that could be told.
    let (trapped, cycles) = match is_reduced {
        true => (cycles.trap.is_some(), Cycles::default()),
        false => (false, cycles),
    };
    let writer = Writer {
        model: search.model,
        properties: search.properties,
        scenario: &search.scenario,
        order: &order,
        parent: |state| engine.trail.parent(state),
        state: |state| engine.state(state),
        action: |from, to, price, turns: &mut Vec<usize>| action(&engine, (from, to, price), turns),
    };
    let report = writer.report(findings, cycles, effort);
    let trapped = measure.is_some().then_some(trapped);
    Some(if is_reduced { reduced(report, search, trapped) } else { report })
}

/// The action of a price from one state to another that is meant after some exchanges, and those after which the first
/// is meant, so that they follow each other in one run.
///
/// The initial states are the same whatever is exchanged, so a run may be exchanged as a whole; it is told backwards.
fn action<M: Parted, K: Key, O: Ord>(
    engine: &Interned<'_, '_, M, K, O>,
    (from, to, price): (u32, u32, u32),
    turns: &mut Vec<usize>,
) -> M::Action {
    let (model, mut images) = (engine.search.model, Vec::new());
    let turned = |state: M::State, turns: &[usize]| {
        turns.iter().fold(state, |state, turn| model.exchanged(*turn, &state))
    };
    let [from, to] = [from, to].map(|state| engine.trail.key(state));
    engine.orbits.images(&engine.core.layout, to, &mut images);
    let [before, behind] = [from, to].map(|key| engine.locals.whole(&engine.row(key)));
    // The step led to one of the states that the other one stands for.
    for (_, way) in images {
        let way = engine.orbits.turns(way);
        let reached = turned(behind.clone(), way);
        if let Some(action) = action_to(model, &before, &reached, price) {
            let back = way.iter().rev();
            let then: Vec<usize> = back.chain(turns.iter()).copied().collect();
            *turns = then;
            if turns.is_empty() {
                return action;
            }
            let [before, reached] = [before, reached].map(|state| turned(state, turns));
            let found = action_to(model, &before, &reached, price);
            return found.expect("an exchange leads from steps to steps");
        }
    }
    panic!("step must depend on nothing but the state and the action")
}

/// Looks for cycles: first for components, then for the measures of their states.
fn cycles<M: Parted, K: Key, O: Ord>(
    engine: &mut Interned<'_, '_, M, K, O>,
    measure: &mut Measure<'_, M::State>,
) -> Result<Cycles, (u32, String)> {
    let properties = engine.search.properties;
    let Some(mut web) = Web::new(engine) else { return Ok(Cycles::default()) };
    let ask = |web: &Web<'_, '_, '_, M, K, O>, state| {
        let state = web.state(state);
        quietly(|| measure(&state))
    };
    let broken = |web: &Web<'_, '_, '_, M, K, O>, state| {
        cycle::broken_at_rest(properties, &web.state(state))
    };
    let mut cycles = cycle::find(&mut web, ask, broken)?;
    // A state that only changes places with others of its orbit is a trap by itself.
    cycles.trap = cycles.trap.or(web.turning.map(|state| vec![state]));
    Ok(cycles)
}

/// What a reduced search may say. States at rest are kept with their least costs, so what is said about them
/// stands. Of what is stable a state at rest shows at last whether it ever was, if every state leads to one; but
/// not what is the shortest way there. Nothing is shown about other properties that were not decided.
///
/// Whether every state leads to rest is seen in the reduced graph: if it has no trap, there is none at all. For take
/// a run from one of its states to one that cannot come to rest, of all such runs a shortest. From its first
/// state the reduced graph has a way to rest. As long as an action on that way comes from a component that the
/// run does not touch, it changes places with the whole run; where the component is touched, or the state is
/// expanded in full, an action of the run may come first, and what is left is a shorter run. Exchanges in between
/// change nothing of this: the run is exchanged, too.
fn reduced<M: Parted, O: Ord>(
    mut report: Report<M::Action, O>,
    search: &Search<'_, M, O>,
    trapped: Option<bool>,
) -> Report<M::Action, O> {
    // A trap of the reduced graph is told even where a limit cut the search short: it may be one of the whole graph.
    let complete = report.extent.is_complete();
    report.comes_to_rest = trapped.filter(|trapped| *trapped || complete).map(|trapped| !trapped);
    if !search.fewer_orders {
        return report;
    }
    if report.comes_to_rest == Some(false) {
        // What is stable need not show at rest, so no number of faults is looked at to the end.
        report.extent.explored_mut().complete_faults = None;
    }
    let rests = search.model.runs_end() || report.comes_to_rest == Some(true);
    for (decision, property) in report.decisions.iter_mut().zip(search.properties) {
        let at_rest = property.only_at_rest;
        let shown = at_rest || property.stable && rests;
        match &mut decision.verdict {
            Verdict::Violated { shortest, .. } | Verdict::Reached { shortest, .. } => {
                *shortest = at_rest;
            }
            Verdict::Holds(extent) | Verdict::Unreached(extent) => {
                if !shown {
                    let (explored, limits) = (*extent.explored(), vec![Limit::Reduced]);
                    decision.verdict = Verdict::Unknown(Extent::Bounded { explored, limits });
                }
            }
            Verdict::Unknown(_) => {}
        }
    }
    report
}
