//! The graph of the actions without cost between packed states, worked out again when it is asked for.

use super::engine::Interned;
use super::index::Index;
use super::key::Key;
use crate::check::cycle::Edges;
use crate::system::Parted;

/// The graph, with the numbers of the states.
pub(super) struct Web<'e, 's, 'a, M: Parted, K, O> {
    engine: &'e mut Interned<'s, 'a, M, K, O>,
    numbers: Index,
    passes: Vec<usize>,
    words: Vec<K>,
    /// The least state met so far from which all actions that change it lead to others of its orbit.
    pub(super) turning: Option<u32>,
}

impl<'e, 's, 'a, M: Parted, K: Key, O: Ord> Web<'e, 's, 'a, M, K, O> {
    pub(super) fn new(engine: &'e mut Interned<'s, 'a, M, K, O>) -> Self {
        let numbers = Index::of(&engine.trail, engine.trail.len() as usize);
        let passes = engine.passes(0);
        Web { engine, numbers, passes, words: Vec::new(), turning: None }
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
        self.words.clear();
        for &pass in &self.passes {
            engine.gather_alone(pass, state, &mut self.words);
        }
        let key = engine.trail.key(state);
        self.words.retain(|word| *word != key);
        engine.settle(&mut self.words);
        if !self.words.is_empty() && self.words.iter().all(|word| *word == key) {
            self.turning = self.turning.into_iter().chain([state]).min();
        }
        let others = |number: u32| targets.extend((number != state).then_some(number));
        self.numbers.find(&self.words, &engine.trail, others);
    }
}
