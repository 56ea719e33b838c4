//! Verdicts of engines that keep no numbers of states, but know the way to where they are.

use std::collections::BTreeMap;

use super::panics::quietly;
use super::verdict::{
    Breach, Cost, Decision, Effort, Explored, Extent, Limit, Panicked, Report, Verdict,
};
use crate::system::{Modality, Model, Property, Schedule};

/// How a property was decided.
struct Decided<A> {
    panic: Option<String>,
    schedule: Schedule<A>,
    cost: Cost,
}

/// Verdicts in the making. Whatever is found first stays: it need not be the shortest.
pub(super) struct Found<'p, M: Model, O> {
    properties: &'p [Property<M::State>],
    decided: Vec<Option<Decided<M::Action>>>,
    panicked: Option<Panicked<M::Action>>,
    outcomes: BTreeMap<O, Cost>,
    pub(super) explored: Explored,
    limits: Vec<Limit>,
    stop_when_settled: bool,
    /// Set to end the search at once.
    pub(super) halted: bool,
}

impl<'p, M: Model, O: Ord> Found<'p, M, O> {
    pub(super) fn new(properties: &'p [Property<M::State>], stop_when_settled: bool) -> Self {
        Found {
            properties,
            decided: properties.iter().map(|_| None).collect(),
            panicked: None,
            outcomes: BTreeMap::new(),
            explored: Explored::default(),
            limits: Vec::new(),
            stop_when_settled,
            halted: false,
        }
    }

    /// Notes what cut the search short.
    pub(super) fn cut(&mut self, limit: Limit) {
        if !self.limits.contains(&limit) {
            self.limits.push(limit);
            self.limits.sort_unstable();
        }
    }

    /// Whether a property at rest is still open.
    pub(super) fn asks_at_rest(&self) -> bool {
        let open = self.properties.iter().zip(&self.decided).filter(|(_, d)| d.is_none());
        open.into_iter().any(|(property, _)| property.only_at_rest)
    }

    /// Asks the open questions about a state: those at rest, or all others.
    pub(super) fn judge(
        &mut self,
        state: &M::State,
        at_rest: bool,
        cost: Cost,
        way: impl Fn(&str) -> Schedule<M::Action>,
    ) {
        for (property, decided) in self.properties.iter().zip(&mut self.decided) {
            if decided.is_some() || property.only_at_rest != at_rest {
                continue;
            }
            let panic = match quietly(|| (property.holds)(state)) {
                Ok(holds) if holds != (property.modality == Modality::Reachable) => continue,
                Ok(_) => None,
                Err(message) => Some(message),
            };
            *decided = Some(Decided { panic, schedule: way(&property.name), cost });
        }
        if self.stop_when_settled
            && !self.decided.is_empty()
            && self.decided.iter().all(Option::is_some)
        {
            self.cut(Limit::Settled);
            self.halted = true;
        }
    }

    /// Notes an outcome at rest, with the least cost that was met.
    pub(super) fn tell(&mut self, outcome: O, cost: Cost) {
        let least = self.outcomes.entry(outcome).or_insert(cost);
        *least = cost.min(*least);
    }

    /// Notes a panic of the model.
    pub(super) fn fall(&mut self, message: String, schedule: Schedule<M::Action>, cost: Cost) {
        self.cut(Limit::Panic);
        if self.panicked.as_ref().is_none_or(|before| cost < before.cost) {
            self.panicked = Some(Panicked { message, schedule, cost });
        }
    }

    /// The report; `runs` tells how many runs were drawn, if it was by chance.
    pub(super) fn report(self, runs: Option<u64>, effort: Effort) -> Report<M::Action, O> {
        let (explored, limits) = (self.explored, self.limits);
        let extent = match runs {
            Some(runs) => Extent::Sampled { explored, runs },
            None if limits.is_empty() => Extent::Complete(explored),
            None => Extent::Bounded { explored, limits },
        };
        let decision = |(property, decided): (&Property<M::State>, Option<Decided<_>>)| {
            let reachable = property.modality == Modality::Reachable;
            let verdict = match decided {
                Some(Decided { panic, schedule, cost: Cost { faults, steps } }) => {
                    let shortest = false;
                    match panic {
                        None if reachable => Verdict::Reached { schedule, faults, steps, shortest },
                        panic => {
                            let breach = panic.map_or(Breach::False, Breach::Panic);
                            Verdict::Violated { breach, schedule, faults, steps, shortest }
                        }
                    }
                }
                None if !extent.is_complete() => Verdict::Unknown(extent.clone()),
                None if reachable => Verdict::Unreached(extent.clone()),
                None => Verdict::Holds(extent.clone()),
            };
            Decision { property: property.name.clone(), modality: property.modality, verdict }
        };
        let decisions = self.properties.iter().zip(self.decided).map(decision).collect();
        let (panicked, outcomes) = (self.panicked, self.outcomes);
        let (livelock, trap, comes_to_rest) = (None, None, None);
        Report { decisions, extent, panicked, outcomes, livelock, trap, comes_to_rest, effort }
    }
}
