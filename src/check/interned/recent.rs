//! Words that were found a short while ago, told before the large table is asked: states that follow each other
//! have many successors in common.

use super::key::Key;

/// How many words are remembered, as a power of two: they should stay in the fastest cache.
const POWER: u32 = 13;

/// Some of the last words.
pub(super) struct Recent<K> {
    /// By the highest bits of the hash. Where no word was met, stands one that belongs elsewhere.
    words: Vec<K>,
    /// Of which layout they are.
    layout: u32,
}

impl<K: Key> Recent<K> {
    pub(super) fn new() -> Self {
        let mut recent = Recent { words: Vec::new(), layout: 0 };
        recent.forget();
        recent
    }

    /// Forgets words of any other layout than this.
    pub(super) fn begin(&mut self, layout: u32) {
        if self.layout != layout {
            self.layout = layout;
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.words.clear();
        self.words.resize(1 << POWER, K::default());
        // Zero belongs to the first place.
        self.words[0] = K::from(1);
    }

    /// Whether a word was not met lately; from now on it was.
    #[inline]
    pub(super) fn is_new(&mut self, word: K) -> bool {
        let before = &mut self.words[(word.hash() >> (64 - POWER)) as usize & ((1 << POWER) - 1)];
        let is_new = *before != word;
        *before = word;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_word_is_new_at_first() {
        let mut recent: Recent<u64> = Recent::new();
        let mut met = BTreeSet::new();
        for word in (0..100_000_u64).map(|at| at * at % 6007) {
            assert!(recent.is_new(word) || met.contains(&word));
            assert!(!recent.is_new(word));
            met.insert(word);
        }
        recent.begin(1);
        assert!((0..100).all(|word| recent.is_new(word)));
        let mut wide: Recent<u128> = Recent::new();
        assert!(wide.is_new(0) && wide.is_new(1) && !wide.is_new(0));
    }
}
