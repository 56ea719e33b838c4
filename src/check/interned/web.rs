//! The graph of the actions without cost between packed states, worked out again when it is asked for.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::engine::Interned;
use super::key::Key;
use crate::check::cycle::Edges;
use crate::system::Parted;

/// The graph, with the numbers of the states.
pub(super) struct Web<'e, 's, 'a, M: Parted, K, O> {
    engine: &'e mut Interned<'s, 'a, M, K, O>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

impl<'e, 's, 'a, M: Parted, K: Key, O: Ord> Web<'e, 's, 'a, M, K, O> {
    pub(super) fn new(engine: &'e mut Interned<'s, 'a, M, K, O>) -> Self {
        let hasher = FixedState::with_seed(0);
        let states = engine.trail.len();
        let mut numbers = HashTable::with_capacity(states as usize);
        for number in 0..states {
            let hash = hasher.hash_one(engine.trail.key(number));
            numbers.insert_unique(hash, number, |n| hasher.hash_one(engine.trail.key(*n)));
        }
        Web { engine, numbers, hasher }
    }

    pub(super) fn state(&self, number: u32) -> M::State {
        self.engine.state(number)
    }
}

impl<M: Parted, K: Key, O: Ord> Edges for Web<'_, '_, '_, M, K, O> {
    fn states(&self) -> u32 {
        self.engine.trail.len()
    }

    fn targets(&mut self, state: u32, targets: &mut Vec<u32>) {
        let engine = &mut *self.engine;
        if !engine.expanded.iter().any(|range| range.contains(&state)) {
            return;
        }
        let mut words = Vec::new();
        for pass in engine.passes(0) {
            engine.gather_alone(pass, state, &mut words);
        }
        for word in &words {
            let hash = self.hasher.hash_one(*word);
            let number = self.numbers.find(hash, |number| engine.trail.key(*number) == *word);
            targets.extend(number.copied().filter(|number| *number != state));
        }
    }
}
