//! Asking the properties about packed states.

use super::engine::Interned;
use super::key::Key;
use crate::check::findings::{Deciding, Fell};
use crate::check::order::Task;
use crate::check::panics::quietly;
use crate::check::verdict::Limit;
use crate::check::visited::MOST;
use crate::system::{Modality, Parted, Property};

/// How many states a piece may find beyond the limit before they are forgotten again.
const SPARE: u64 = 1 << 28;

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Judges the states that a task has found, and those among its states that are at rest; keeps the
    /// limits.
    pub(super) fn judge_found(&mut self, task: &Task) {
        if self.too_wide {
            return;
        }
        let most = self.search.limits.states.min(MOST - SPARE);
        if u64::from(self.trail.len()) > most {
            self.trail.truncate(most as u32);
            self.findings.halt(Some(Limit::States(most)));
        }
        let of_all = |property: &&Property<M::State>| !property.only_at_rest;
        let opaque = self.search.properties.iter().filter(of_all).any(|p| p.facts.is_none());
        let mut images = Vec::new();
        while self.judged < self.trail.len() {
            let number = self.judged;
            self.judged += 1;
            self.check_exchanges(number);
            self.orbits.images(&self.core.layout, self.trail.key(number), &mut images);
            for &(key, way) in &images {
                if self.join(key, false) || opaque {
                    self.ask((number, key, way), false);
                }
            }
        }
        let resting = std::mem::take(&mut self.resting);
        self.findings.explored.at_rest += resting.len() as u64;
        let asked = self.search.properties.iter().any(|p| p.only_at_rest);
        for &number in &resting {
            self.orbits.images(&self.core.layout, self.trail.key(number), &mut images);
            for &(key, way) in &images {
                if asked {
                    self.join(key, true);
                    self.ask((number, key, way), true);
                }
                self.tell_outcome((number, key), task);
            }
        }
        self.resting = resting;
        self.resting.clear();
        let limit = self.search.limits.bytes;
        if let Some(most) = limit.filter(|most| crate::check::order::Engine::bytes(self) > *most) {
            self.findings.halt(Some(Limit::Bytes(most)));
        }
    }

    /// Joins the facts of a state; if it says no, the same facts were joined before.
    #[inline]
    fn join(&mut self, key: K, at_rest: bool) -> bool {
        let (layout, properties) = (&self.core.layout, self.search.properties);
        let judge = &mut self.judges[usize::from(at_rest)];
        judge.join(key, layout, properties, &mut self.locals, &self.blocks)
    }

    /// Asks the open questions about the state whose facts are joined, one of the orbit of the kept one with this
    /// number: those at rest, or all others.
    fn ask(&mut self, (number, key, way): (u32, K, usize), at_rest: bool) {
        for (index, property) in self.search.properties.iter().enumerate() {
            let due = property.only_at_rest == at_rest;
            if !due || self.findings.deciding[index].is_some() {
                continue;
            }
            let wanted = property.modality != Modality::Reachable;
            let told = self.judges[usize::from(at_rest)].holds(index, property);
            if told == Some(wanted) {
                continue;
            }
            // The whole state has the last word.
            let row = self.row(key);
            let state = self.locals.state(&row);
            let panic = match quietly(|| (property.holds)(state)) {
                Ok(holds) if holds == wanted => continue,
                Ok(_) => None,
                Err(message) => Some(message),
            };
            let turns = self.orbits.turns(way).to_vec();
            self.findings.decide(index, Deciding { state: number, turns, panic });
        }
    }

    fn tell_outcome(&mut self, (number, key): (u32, K), task: &Task) {
        let Some(outcome) = &self.search.outcome else { return };
        let row = self.row(key);
        let state = self.locals.state(&row);
        match quietly(|| outcome(state)) {
            Ok(outcome) => {
                self.findings.outcomes.entry(outcome).or_insert(task.from);
            }
            Err(message) => {
                let (state, action, cost) = (Some(number), None, task.from);
                self.findings.fall(Fell { message, state, action, cost });
            }
        }
    }
}
