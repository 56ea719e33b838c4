//! From the numbers of a finished search to a report: schedules are derived again, from the parents.

use super::breadth::{Breadth, Deciding, Fell};
use super::cycle::Cycles;
use super::panics::quietly;
use super::verdict::{Breach, Cost, Decision, Extent, Lasso, Panicked, Report, Verdict};
use crate::system::{Modality, Model, Property, Schedule};

impl<M: Model, O: Ord> Breadth<'_, M, O> {
    pub(super) fn report(mut self, cycles: Cycles) -> Report<M::Action, O> {
        let limits: Vec<_> = self.limits.iter().copied().collect();
        let explored = self.explored;
        let extent = if limits.is_empty() {
            Extent::Complete(explored)
        } else {
            Extent::Bounded { explored, limits }
        };
        let deciding = std::mem::take(&mut self.deciding);
        let decisions = self.search.properties.iter().zip(deciding);
        let decisions = decisions
            .map(|(property, deciding)| self.decision(property, deciding, &extent))
            .collect();
        let panicked = self.fell.take().map(|fell| self.panicked(fell));
        let livelock = cycles.livelock.map(|cycle| self.lasso(&cycle, "livelock"));
        let trap = cycles.trap.map(|cycle| self.lasso(&cycle, "trap"));
        let outcomes = std::mem::take(&mut self.outcomes);
        Report { decisions, extent, panicked, outcomes, livelock, trap }
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
        let Cost { faults, steps } = self.cost(deciding.state);
        let schedule = self.schedule(deciding.state, &property.name);
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
            Some(state) => self.schedule(state, "panic"),
            None => Schedule::new(self.search.scenario.clone(), "check: panic", Vec::new()),
        };
        schedule.actions.extend(fell.action);
        Panicked { message: fell.message, schedule, cost: fell.cost }
    }

    fn lasso(&self, cycle: &[u32], why: &str) -> Lasso<M::Action> {
        let next = cycle.iter().cycle().skip(1);
        let around = cycle.iter().zip(next).map(|(from, to)| self.action(*from, *to, 0));
        Lasso {
            stem: self.schedule(cycle[0], why),
            cost: self.cost(cycle[0]),
            cycle: around.collect(),
        }
    }

    /// The way to a state along its parents.
    fn schedule(&self, state: u32, why: &str) -> Schedule<M::Action> {
        let mut actions = Vec::new();
        let mut at = state;
        while let Some(parent) = self.visited.parent(at) {
            let price = self.cost(at).faults - self.cost(parent).faults;
            actions.push(self.action(parent, at, price));
            at = parent;
        }
        actions.reverse();
        let origin = format!("check: {why}");
        let mut schedule = Schedule::new(self.search.scenario.clone(), origin, actions);
        let first = self.visited.state(at);
        let initial = self.search.model.initial();
        schedule.initial = initial.iter().position(|state| state == first).unwrap_or(0);
        schedule
    }

    /// The least action of a price that leads from one state to another.
    fn action(&self, from: u32, to: u32, price: u32) -> M::Action {
        let (model, source) = (self.search.model, self.visited.state(from));
        let mut actions = Vec::new();
        model.enabled(source, &mut actions);
        let leads = |action: &M::Action| {
            let stepped = quietly(|| {
                let mut state = source.clone();
                model.step(&mut state, action, &mut Vec::new());
                state == *self.visited.state(to)
            });
            stepped == Ok(true)
        };
        actions.retain(|action| quietly(|| model.faults(action)) == Ok(price));
        let found = actions.into_iter().find(leads);
        found.expect("step must depend on nothing but the state and the action")
    }
}
