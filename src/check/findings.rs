//! What a search has found out so far, whatever the engine.

use std::collections::{BTreeMap, BTreeSet};

use super::verdict::{Cost, Explored, Limit};

/// What decides a property.
#[derive(Clone)]
pub(super) struct Deciding {
    /// The state.
    pub(super) state: u32,
    /// The exchanges, one after the other, after which it decides; none for most.
    pub(super) turns: Vec<usize>,
    /// The message, if asking it panicked.
    pub(super) panic: Option<String>,
}

/// A panic of the model.
pub(super) struct Fell<A> {
    pub(super) message: String,
    /// The state before it, if it was not an initial one that could not be made.
    pub(super) state: Option<u32>,
    /// The action that panicked, if one did.
    pub(super) action: Option<A>,
    /// The cost of the way to it, with the action.
    pub(super) cost: Cost,
}

/// Verdicts in the making.
pub(super) struct Findings<A, O> {
    /// What decides each property.
    pub(super) deciding: Vec<Option<Deciding>>,
    /// The cheapest panic.
    pub(super) fell: Option<Fell<A>>,
    pub(super) outcomes: BTreeMap<O, Cost>,
    pub(super) explored: Explored,
    pub(super) limits: BTreeSet<Limit>,
    /// Set to end the search at once.
    pub(super) halted: bool,
    stop_when_settled: bool,
}

impl<A, O> Findings<A, O> {
    pub(super) fn new(properties: usize, stop_when_settled: bool) -> Self {
        Findings {
            deciding: vec![None; properties],
            fell: None,
            outcomes: BTreeMap::new(),
            explored: Explored::default(),
            limits: BTreeSet::new(),
            halted: false,
            stop_when_settled,
        }
    }

    /// Notes that a state decides a property.
    pub(super) fn decide(&mut self, property: usize, deciding: Deciding) {
        self.deciding[property] = Some(deciding);
        if self.stop_when_settled && self.deciding.iter().all(Option::is_some) {
            self.limits.insert(Limit::Settled);
            self.halted = true;
        }
    }

    /// Notes a panic of the model.
    pub(super) fn fall(&mut self, fell: Fell<A>)
    where
        A: Ord,
    {
        self.limits.insert(Limit::Panic);
        let is_less = |before: &Fell<A>| {
            let same = fell.cost == before.cost && fell.state == before.state;
            fell.cost < before.cost || same && fell.action < before.action
        };
        if self.fell.as_ref().is_none_or(is_less) {
            self.fell = Some(fell);
        }
    }

    /// Ends the search because of a limit.
    pub(super) fn halt(&mut self, limit: Option<Limit>) {
        self.limits.extend(limit);
        self.halted = true;
    }
}
