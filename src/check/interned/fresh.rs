//! What was worked out while other threads look at what is remembered: it joins that when they rest.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::core::{Core, Gathered, Local, Which};
use super::key::Key;

/// What one of the units does in a combination.
struct Noted<K> {
    unit: (usize, Which),
    combination: K,
    local: Local<K>,
}

/// What is to be remembered, in the order in which it was worked out.
pub(super) struct Fresh<K> {
    noted: Vec<Noted<K>>,
    places: HashMap<((usize, Which), K), usize, FixedState>,
}

impl<K: Key> Fresh<K> {
    pub(super) fn new() -> Self {
        Fresh { noted: Vec::new(), places: HashMap::with_hasher(FixedState::default()) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    pub(super) fn note(&mut self, unit: (usize, Which), combination: K, local: Local<K>) {
        self.places.insert((unit, combination), self.noted.len());
        self.noted.push(Noted { unit, combination, local });
    }

    /// Gathers the successors of a state by the unit at which gathering stopped, if they are noted here: whether
    /// the model fell there.
    pub(super) fn gather(
        &self,
        core: &Core<K>,
        unit: (usize, Which),
        key: K,
        gathered: &mut Gathered,
        words: &mut Vec<K>,
    ) -> Option<bool> {
        let mask = core.unit(unit.0, unit.1).mask;
        let Local { successors, loops, fell } =
            &self.noted[*self.places.get(&(unit, key & mask))?].local;
        words.extend(successors.iter().map(|(word, _)| key & !mask | *word));
        gathered.count(successors.len(), *loops as u64);
        Some(*fell)
    }

    /// Remembers it.
    pub(super) fn join(&mut self, core: &mut Core<K>) {
        self.places.clear();
        for Noted { unit, combination, local } in self.noted.drain(..) {
            core.remember(unit, combination, local);
        }
    }
}
