//! Numbering states as the plain engine does: the states found from one state in the order of the actions that
//! lead to them, not in the order in which actions are remembered.

use super::engine::Interned;
use super::key::Key;
use super::local::Done;
use super::table::Renumbered;
use crate::check::order::Task;
use crate::check::visited::NO_PARENT;
use crate::system::Parted;

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Sorts the states that a task has found.
    pub(super) fn sort_found(&mut self, task: &Task) {
        if !self.search.canonical || self.too_wide {
            return;
        }
        let passes = self.passes(task.price);
        let mut led = Vec::new();
        for (parent, children) in self.trail.families(self.judged) {
            if children.len() < 2 || parent == NO_PARENT {
                continue;
            }
            led.clear();
            for &pass in &passes {
                self.led_to(pass, parent, &mut led);
            }
            let (orbits, layout) = (&self.orbits, &self.core.layout);
            led.iter_mut().for_each(|(word, _)| *word = orbits.least(layout, *word));
            let locals = &self.locals;
            let least = |key: K| {
                let to = led.iter().filter(|(word, _)| *word == key);
                to.map(|(_, outcome)| &locals.outcome(*outcome).action).min()
            };
            let keys = children.clone().map(|child| (self.trail.key(child), child));
            let mut keys: Vec<(K, u32)> = keys.collect();
            keys.sort_by_cached_key(|(key, _)| least(*key));
            let sorted = keys.into_iter().zip(children);
            let moved = sorted.filter(|((_, child), place)| child != place);
            let moves: Vec<Renumbered<K>> =
                moved.map(|((key, from), to)| Renumbered { word: key, from, to }).collect();
            moves.iter().for_each(|moved| self.trail.replace(moved.word, moved.to));
            self.table.renumber(&moves);
        }
    }

    /// Where the actions of a pass lead from a state, each with its outcome.
    fn led_to(&mut self, pass: usize, state: u32, led: &mut Vec<(K, u32)>) {
        let key = self.trail.key(state);
        self.core.led_to(pass, key, led);
        let wide: Vec<usize> = self.core.passes[pass].wide.iter().map(|w| w.group).collect();
        if wide.is_empty() {
            return;
        }
        let (row, all) = (self.row(key), 0..self.blocks.len());
        let all: Vec<usize> = all.collect();
        for group in wide {
            if !self.locals.may_enable(group, &row) {
                continue;
            }
            for outcome in self.locals.perform(group, &row) {
                if let Done::Changed(at) = self.locals.outcome(outcome).done {
                    let next = self.changed(group, at, &row);
                    led.push((self.word(&all, &next), outcome));
                }
            }
        }
    }
}
