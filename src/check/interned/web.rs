//! The graph of the actions without cost between packed states, worked out again when it is asked for.

use std::collections::BTreeSet;

use super::engine::Interned;
use super::index::Index;
use super::key::Key;
use super::returns::Returns;
use crate::check::cycle::Edges;
use crate::system::Parted;

/// The graph, with the numbers of the states.
pub(super) struct Web<'e, 's, 'a, M: Parted, K, O> {
    engine: &'e mut Interned<'s, 'a, M, K, O>,
    /// Which actions may lie on a cycle. Exchanges bring blocks back to what others were, so up to them any may.
    returns: Option<Returns>,
    /// Where states are found, unless the engine's own table tells.
    numbers: Option<Index>,
    passes: Vec<usize>,
    words: Vec<K>,
    wide_words: Vec<K>,
    /// The least state met so far from which all actions that change it lead to others of its orbit.
    pub(super) turning: Option<u32>,
}

impl<'e, 's, 'a, M: Parted, K: Key, O: Ord> Web<'e, 's, 'a, M, K, O> {
    /// The graph, unless it is plain that it has no cycle.
    pub(super) fn new(engine: &'e mut Interned<'s, 'a, M, K, O>) -> Option<Self> {
        let returns = engine.orbits.is_empty().then(|| returns(engine));
        if returns.as_ref().is_some_and(Returns::is_empty) {
            return None;
        }
        let numbers = match engine.table.numbers() {
            Some(_) => None,
            None => Some(Index::of(&engine.trail, engine.trail.len() as usize)),
        };
        let passes = engine.passes(0);
        let (words, wide_words) = (Vec::new(), Vec::new());
        Some(Web { engine, returns, numbers, passes, words, wide_words, turning: None })
    }

    pub(super) fn state(&self, number: u32) -> M::State {
        self.engine.state(number)
    }

    /// Pushes the states to which an edge leads; `around` leaves out edges that lie on no cycle.
    fn push_targets(&mut self, state: u32, around: bool, targets: &mut Vec<u32>) {
        let engine = &mut *self.engine;
        if !engine.expanded.iter().any(|range| range.contains(&state)) {
            return;
        }
        self.words.clear();
        for &pass in &self.passes {
            engine.gather_alone(pass, state, &mut self.words, &mut self.wide_words);
        }
        self.words.append(&mut self.wide_words);
        let key = engine.trail.key(state);
        self.words.retain(|word| *word != key);
        engine.settle(&mut self.words);
        if !self.words.is_empty() && self.words.iter().all(|word| *word == key) {
            self.turning = self.turning.into_iter().chain([state]).min();
        }
        if let Some(returns) = self.returns.as_ref().filter(|_| around) {
            self.words.retain(|word| returns.may_lead(key, *word, &engine.core.layout));
        }
        let trail = &engine.trail;
        // A limit may have taken back states that the table still has.
        let is_other = |number: &u32| *number != state && *number < trail.len();
        let others = |number: u32| targets.extend(Some(number).filter(is_other));
        if let Some(numbers) = self.numbers.as_ref().or_else(|| engine.table.numbers()) {
            numbers.find(&self.words, trail, others);
        }
    }
}

/// Which actions without cost may lie on a cycle.
fn returns<M: Parted, K: Key, O: Ord>(engine: &mut Interned<'_, '_, M, K, O>) -> Returns {
    engine.core();
    let remembered = |engine: &Interned<'_, '_, M, K, O>| {
        let mut returns = Returns::new(engine.blocks.iter().map(|block| block.rows.len()));
        returns.add_remembered(&engine.core);
        returns
    };
    let mut returns = remembered(engine);
    let guards = engine.core.acting_guards();
    if !guards.is_empty() {
        // What guarded groups do is not remembered: it is worked out again from each state. Mostly they change their
        // guards for good, which takes little to see.
        let layout = engine.core.layout.clone();
        let mask = guards.iter().fold(K::default(), |mask, block| mask | layout.mask(*block));
        let mut changes = BTreeSet::new();
        each_wide(engine, |from, to| _ = changes.insert((from & mask, to & mask)));
        for (from, to) in &changes {
            returns.add(guards.iter().copied(), *from, *to, &layout);
        }
        returns.join();
        let stays = changes.iter().any(|(from, to)| returns.may_lead(*from, *to, &layout));
        returns = remembered(engine);
        if stays {
            let blocks = 0..engine.blocks.len();
            each_wide(engine, |from, to| returns.add(blocks.clone(), from, to, &layout));
        }
    }
    returns.settle();
    returns
}

/// Calls back with each step of a guarded group without cost: from which state to which.
fn each_wide<M: Parted, K: Key, O: Ord>(
    engine: &mut Interned<'_, '_, M, K, O>,
    mut back: impl FnMut(K, K),
) {
    let passes = engine.passes(0);
    let (mut others, mut words) = (Vec::new(), Vec::new());
    for state in engine.expanded.clone().into_iter().flatten() {
        for &pass in &passes {
            others.clear();
            engine.gather_alone(pass, state, &mut others, &mut words);
        }
        let key = engine.trail.key(state);
        words.drain(..).for_each(|word| back(key, word));
    }
}

impl<M: Parted, K: Key, O: Ord> Edges for Web<'_, '_, '_, M, K, O> {
    fn states(&self) -> u32 {
        self.engine.trail.len()
    }

    fn targets(&mut self, state: u32, targets: &mut Vec<u32>) {
        self.push_targets(state, false, targets);
    }

    fn targets_around(&mut self, state: u32, targets: &mut Vec<u32>) {
        self.push_targets(state, true, targets);
    }
}
