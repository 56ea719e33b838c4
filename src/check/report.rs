//! From the numbers of a finished search to a report: schedules are derived again, from the parents.

use super::cycle::Cycles;
use super::findings::{Deciding, Fell, Findings};
use super::order::Order;
use super::panics::quietly;
use super::verdict::{Breach, Cost, Decision, Effort, Extent, Lasso, Panicked, Report, Verdict};
use crate::system::{Modality, Model, Property, Schedule};

/// Turns numbers of states into schedules.
pub(super) struct Writer<'w, M: Model, P, S, A> {
    pub(super) model: &'w M,
    pub(super) properties: &'w [Property<M::State>],
    pub(super) scenario: &'w str,
    pub(super) order: &'w Order,
    /// The parent of a state, unless runs begin there.
    pub(super) parent: P,
    /// The state with a number.
    pub(super) state: S,
    /// The action of a price that leads from one state to another. The other is meant after some exchanges; in their
    /// place come those after which the first is meant.
    pub(super) action: A,
}

impl<M, P, S, A> Writer<'_, M, P, S, A>
where
    M: Model,
    P: Fn(u32) -> Option<u32>,
    S: Fn(u32) -> M::State,
    A: Fn(u32, u32, u32, &mut Vec<usize>) -> M::Action,
{
    pub(super) fn report<O>(
        &self,
        findings: Findings<M::Action, O>,
        cycles: Cycles,
        effort: Effort,
    ) -> Report<M::Action, O> {
        let Findings { deciding, fell, outcomes, explored, limits, .. } = findings;
        let limits: Vec<_> = limits.into_iter().collect();
        let extent = if limits.is_empty() {
            Extent::Complete(explored)
        } else {
            Extent::Bounded { explored, limits }
        };
        let decisions = self.properties.iter().zip(deciding);
        let decisions = decisions
            .map(|(property, deciding)| self.decision(property, deciding, &extent))
            .collect();
        let panicked = fell.map(|fell| self.panicked(fell));
        let livelock = cycles.livelock.map(|cycle| self.lasso(&cycle, "livelock"));
        let trap = cycles.trap.map(|cycle| self.lasso(&cycle, "trap"));
        let traps = cycles.broken.into_iter();
        let name = |property: usize| self.properties[property].name.clone();
        let traps = traps.map(|(p, cycle)| (name(p), self.lasso(&cycle, "trap"))).collect();
        let comes_to_rest = None;
        Report {
            decisions,
            extent,
            panicked,
            outcomes,
            livelock,
            trap,
            traps,
            comes_to_rest,
            effort,
        }
    }

    fn decision(
        &self,
        property: &Property<M::State>,
        deciding: Option<Deciding>,
        extent: &Extent,
    ) -> Decision<M::Action> {
        let verdict = match deciding {
            Some(deciding) => self.decided(property, deciding),
            None if !extent.is_complete() => Verdict::Unknown(extent.clone()),
            None if property.modality == Modality::Reachable => Verdict::Unreached(extent.clone()),
            None => Verdict::Holds(extent.clone()),
        };
        Decision { property: property.name.clone(), modality: property.modality, verdict }
    }

    fn decided(&self, property: &Property<M::State>, deciding: Deciding) -> Verdict<M::Action> {
        let Cost { faults, steps } = self.order.cost(deciding.state);
        let schedule = self.schedule(deciding.state, deciding.turns, &property.name);
        let shortest = true;
        let breach = match deciding.panic {
            Some(message) => Breach::Panic(message),
            None if property.modality == Modality::Reachable => {
                return Verdict::Reached { schedule, faults, steps, shortest };
            }
            None => Breach::False,
        };
        Verdict::Violated { breach, schedule, faults, steps, shortest }
    }

    fn panicked(&self, fell: Fell<M::Action>) -> Panicked<M::Action> {
        let mut schedule = match fell.state {
            Some(state) => self.schedule(state, Vec::new(), "panic"),
            None => Schedule::new(self.scenario, "check: panic", Vec::new()),
        };
        schedule.actions.extend(fell.action);
        Panicked { message: fell.message, schedule, cost: fell.cost }
    }

    fn lasso(&self, cycle: &[u32], why: &str) -> Lasso<M::Action> {
        let next = cycle.iter().cycle().skip(1);
        // Cycles are looked for where nothing is exchanged.
        let around = cycle.iter().zip(next);
        let around = around.map(|(from, to)| (self.action)(*from, *to, 0, &mut Vec::new()));
        Lasso {
            stem: self.schedule(cycle[0], Vec::new(), why),
            cost: self.order.cost(cycle[0]),
            cycle: around.collect(),
        }
    }

    /// The way along its parents to a state after some exchanges.
    fn schedule(&self, state: u32, mut turns: Vec<usize>, why: &str) -> Schedule<M::Action> {
        let mut actions = Vec::new();
        let mut at = state;
        while let Some(parent) = (self.parent)(at) {
            let price = self.order.cost(at).faults - self.order.cost(parent).faults;
            actions.push((self.action)(parent, at, price, &mut turns));
            at = parent;
        }
        actions.reverse();
        let mut schedule = Schedule::new(self.scenario, format!("check: {why}"), actions);
        let (first, initial) = ((self.state)(at), self.model.initial());
        schedule.initial = initial.iter().position(|state| *state == first).unwrap_or(0);
        schedule
    }
}

/// The least action of a price that leads from one state to another, which one does.
pub(super) fn action_between<M: Model>(
    model: &M,
    from: &M::State,
    to: &M::State,
    price: u32,
) -> M::Action {
    let found = action_to(model, from, to, price);
    found.expect("step must depend on nothing but the state and the action")
}

/// The least action of a price that leads from one state to another, if there is one.
pub(super) fn action_to<M: Model>(
    model: &M,
    from: &M::State,
    to: &M::State,
    price: u32,
) -> Option<M::Action> {
    let mut actions = Vec::new();
    model.enabled(from, &mut actions);
    let leads = |action: &M::Action| {
        let stepped = quietly(|| {
            let mut state = from.clone();
            model.step(&mut state, action, &mut Vec::new());
            state == *to
        });
        stepped == Ok(true)
    };
    actions.retain(|action| quietly(|| model.faults(action)) == Ok(price));
    actions.into_iter().find(leads)
}
