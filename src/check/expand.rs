//! Expanding states and judging them: every question that is put to the model, and who is to blame when
//! it panics.

use std::ops::Range;

use super::breadth::{Asking, Breadth, Cursor, Deciding, Fell};
use super::panics::quietly;
use super::verdict::Limit;
use super::visited::{MOST, NO_PARENT, Place};
use crate::system::{Modality, Model};

impl<M: Model, O: Ord> Breadth<'_, M, O> {
    /// Performs the actions of one price of some states, and judges what is new. Whatever panics is
    /// noted, and the rest goes on.
    pub(super) fn expand(&mut self, states: Range<u32>, bucket: usize, price: u32) {
        self.cursor = Cursor {
            state: states.start,
            end: states.end,
            bucket,
            cost: price,
            loaded: false,
            action: 0,
            resting: false,
        };
        loop {
            match quietly(|| self.advance()) {
                Ok(()) => return,
                Err(message) => self.blame(message),
            }
        }
    }

    fn advance(&mut self) {
        loop {
            self.judge_new();
            if self.halted || self.cursor.state == self.cursor.end {
                return;
            }
            if !self.cursor.loaded {
                self.load();
            } else if self.cursor.action < self.actions.len() {
                self.perform();
            } else {
                self.leave();
            }
        }
    }

    /// Lists the actions of the cursor's state, unless it has none of the price.
    fn load(&mut self) {
        let state = self.cursor.state;
        if self.cursor.cost > 0 && !self.costly[state as usize] {
            self.cursor.state += 1;
            return;
        }
        self.asking = Asking::Enabled;
        self.actions.clear();
        self.search.model.enabled(self.visited.state(state), &mut self.actions);
        debug_assert!(
            self.actions.is_sorted_by(|left, right| left < right),
            "enabled actions must come in ascending order, each once: {:?}",
            self.actions
        );
        self.fresh = false;
        self.cursor.loaded = true;
        self.cursor.action = 0;
        self.cursor.resting = self.cursor.cost == 0;
    }

    /// Performs the next action if it has the price.
    fn perform(&mut self) {
        self.asking = Asking::Step;
        let (number, model) = (self.cursor.state, self.search.model);
        let action = &self.actions[self.cursor.action];
        let cost = model.faults(action);
        if cost != self.cursor.cost {
            if self.cursor.cost == 0 {
                self.costly[number as usize] = true;
                self.buckets[self.cursor.bucket].costs.insert(cost);
            }
            self.cursor.action += 1;
            return;
        }
        let state = self.visited.state(number);
        match &mut self.scratch {
            Some(_) if self.fresh => {}
            Some(scratch) => scratch.clone_from(state),
            None => self.scratch = Some(state.clone()),
        }
        self.effects.clear();
        if let Some(scratch) = &mut self.scratch {
            model.step(scratch, action, &mut self.effects);
        }
        self.fresh = self.scratch.as_ref() == Some(state);
        if !self.fresh {
            self.cursor.resting = false;
            self.visit(number);
        }
        self.explored.transitions += 1;
        self.cursor.action += 1;
    }

    /// Keeps the stepped state if it is new.
    pub(super) fn visit(&mut self, parent: u32) {
        let limits = &self.search.limits;
        let states = u64::from(self.visited.len());
        let limit = if states >= limits.states.min(MOST) {
            Some(Limit::States(limits.states.min(MOST)))
        } else {
            limits.bytes.filter(|most| self.bytes() > *most).map(Limit::Bytes)
        };
        let model = self.search.model;
        let heap = |state: &M::State| model.heap_bytes(state);
        let target = match self.visited.visit(&mut self.scratch, parent, limit.is_none(), heap) {
            Place::Known(number) => number,
            Place::New(number) => {
                self.costly.push(false);
                number
            }
            Place::Full => {
                self.limits.extend(limit);
                self.halted = true;
                return;
            }
        };
        if self.search.measure.is_some() && parent != NO_PARENT && self.cursor.cost == 0 {
            self.edges.push(parent, target);
        }
    }

    /// Ends the expansion of the cursor's state, and judges it if it is at rest.
    fn leave(&mut self) {
        let number = self.cursor.state;
        if self.cursor.resting {
            self.judge(number, Modality::AtRest);
            if let Some(outcome) = &self.search.outcome {
                self.asking = Asking::Outcome;
                let outcome = outcome(self.visited.state(number));
                let cost = self.cost(number);
                self.outcomes.entry(outcome).or_insert(cost);
            }
            self.explored.at_rest += 1;
        }
        self.question = 0;
        self.cursor.state += 1;
        self.cursor.loaded = false;
    }

    /// Asks of each new state what must hold always or be reached.
    fn judge_new(&mut self) {
        while self.judged < self.visited.len() && !self.halted {
            let number = self.judged;
            if let Some(measure) = &mut self.search.measure
                && self.measures.len() == number as usize
            {
                self.asking = Asking::Measure;
                self.measures.push(measure(self.visited.state(number)));
            }
            self.judge(number, Modality::Always);
            self.question = 0;
            self.judged += 1;
        }
    }

    /// Asks the open questions about a state: those at rest, or all others.
    fn judge(&mut self, number: u32, modality: Modality) {
        let properties = self.search.properties;
        while let Some(property) = properties.get(self.question) {
            let index = self.question;
            let due = (property.modality == Modality::AtRest) == (modality == Modality::AtRest);
            if due && self.deciding[index].is_none() {
                self.asking = Asking::Property(index);
                let holds = (property.holds)(self.visited.state(number));
                if holds == (property.modality == Modality::Reachable) {
                    self.decide(index, Deciding { state: number, panic: None });
                }
            }
            self.question += 1;
        }
    }

    fn decide(&mut self, property: usize, deciding: Deciding) {
        self.deciding[property] = Some(deciding);
        if self.search.stop_when_settled && self.deciding.iter().all(Option::is_some) {
            self.limits.insert(Limit::Settled);
            self.halted = true;
        }
    }

    /// Notes a panic and moves on behind it.
    fn blame(&mut self, message: String) {
        let state = self.cursor.state;
        match self.asking {
            Asking::Enabled => {
                self.cursor.state += 1;
                self.fall(message, state, None);
            }
            Asking::Step => {
                let action = self.actions.get(self.cursor.action).cloned();
                self.cursor.action += 1;
                self.cursor.resting = false;
                self.scratch = None;
                self.fresh = false;
                self.fall(message, state, action);
            }
            Asking::Property(index) => {
                let at_rest = self.search.properties[index].modality == Modality::AtRest;
                let state = if at_rest { state } else { self.judged };
                self.decide(index, Deciding { state, panic: Some(message) });
            }
            Asking::Outcome => {
                self.search.outcome = None;
                self.fall(message, state, None);
            }
            Asking::Measure => {
                self.search.measure = None;
                self.fall(message, self.judged, None);
            }
        }
    }

    fn fall(&mut self, message: String, state: u32, action: Option<M::Action>) {
        let mut cost = self.cost(state);
        if action.is_some() {
            cost.faults += self.cursor.cost;
            cost.steps += 1;
        }
        self.limits.insert(Limit::Panic);
        if self.fell.as_ref().is_none_or(|fell| cost < fell.cost) {
            self.fell = Some(Fell { message, state: Some(state), action, cost });
        }
    }
}
