//! The set of all states, beside the trail: it finds out which words are new, and pushes those.
//!
//! It takes one of two forms, whichever needs less: with the trail, a state takes less than 16 bytes if its word fits
//! into 64 bits.

use super::index::Index;
use super::key::Key;
use super::quotient::Quotient;
use super::trail::Trail;

/// The widest words of which a quotient table and the trail take less than 16 bytes a state.
const NARROW: u32 = 48;

/// A word that is another state from now on.
pub(super) struct Renumbered<K> {
    pub(super) word: K,
    pub(super) from: u32,
    pub(super) to: u32,
}

enum Form {
    Quotient(Quotient),
    Index(Index),
}

impl Form {
    /// The words of a trail, and room for so many.
    fn of<K: Key>(trail: &Trail<K>, bits: u32, count: usize) -> Form {
        match quotient_for(count, bits) {
            Some(power) => Form::Quotient(Quotient::of(trail, power, bits)),
            None => Form::Index(Index::of(trail, count)),
        }
    }
}

/// A set of words.
pub(super) struct Table {
    form: Form,
    /// The bits of a word.
    bits: u32,
}

/// The size of a quotient table for so many words, if that is the form to take.
fn quotient_for(count: usize, bits: u32) -> Option<u32> {
    let power = Quotient::power_for(count, bits);
    (bits <= NARROW && Quotient::fits(power, bits)).then_some(power)
}

impl Table {
    /// The words of a trail, which are so wide.
    pub(super) fn of<K: Key>(trail: &Trail<K>, bits: u32) -> Self {
        Table { form: Form::of(trail, bits, trail.len() as usize), bits }
    }

    /// The bytes that a table of so many words takes.
    pub(super) fn bytes_for(count: usize, bits: u32) -> u64 {
        match quotient_for(count, bits) {
            Some(power) => Quotient::bytes(power),
            None => Index::bytes_for(count),
        }
    }

    /// Adds words to the trail unless they are there; `source` tells whose the word at a place is.
    pub(super) fn add<K: Key>(
        &mut self,
        words: &[K],
        trail: &mut Trail<K>,
        mut source: impl FnMut(usize) -> u32,
    ) {
        let mut done = 0;
        while done < words.len() {
            let count = trail.len() as usize;
            let most = match &self.form {
                Form::Quotient(quotient) => quotient.most(),
                Form::Index(index) => index.most(),
            };
            if count >= most {
                self.make_room(trail, count + 1);
                continue;
            }
            let some = &words[done..words.len().min(done.saturating_add(most - count))];
            let source = |at: usize| source(done + at);
            let dealt_with = match &mut self.form {
                Form::Quotient(quotient) => quotient.add(some, trail, source),
                Form::Index(index) => index.add(some, trail, source),
            };
            done += dealt_with;
            if dealt_with < some.len() {
                self.grow(trail);
            }
        }
    }

    /// Where states are found by their words, if this form tells.
    pub(super) fn numbers(&self) -> Option<&Index> {
        match &self.form {
            Form::Quotient(_) => None,
            Form::Index(index) => Some(index),
        }
    }

    /// Follows states that have changed places with each other in the trail.
    pub(super) fn renumber<K: Key>(&mut self, moved: &[Renumbered<K>]) {
        if let Form::Index(index) = &mut self.form {
            index.renumber(moved);
        }
    }

    /// Makes room for so many words.
    fn make_room<K: Key>(&mut self, trail: &Trail<K>, count: usize) {
        let doubled = match (quotient_for(count, self.bits), &self.form) {
            (Some(power), Form::Quotient(old)) if old.power() + 1 == power => old.doubled::<K>(),
            _ => None,
        };
        let anew = || Form::of(trail, self.bits, count);
        self.form = doubled.map_or_else(anew, Form::Quotient);
    }

    /// Makes room for a word for which a quotient table has none, though it is not full.
    #[cold]
    fn grow<K: Key>(&mut self, trail: &Trail<K>) {
        if let Form::Quotient(old) = &self.form {
            self.form = Form::Quotient(Quotient::of(trail, old.power() + 1, self.bits));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::super::key::Layout;
    use super::*;

    /// Adds words piece by piece, and compares with a plain set.
    fn compare<K: Key>(bits: u32, words: &[K], pieces: usize) -> Trail<K> {
        let layout = Layout::new(match bits {
            0..=32 => vec![bits],
            _ => vec![32; bits as usize / 32].into_iter().chain([bits % 32]).collect(),
        });
        let mut trail = Trail::new(layout);
        let mut table = Table::of(&trail, bits);
        let mut known = BTreeSet::new();
        let mut expected = Vec::new();
        for (piece, words) in words.chunks(pieces.max(1)).enumerate() {
            table.add(words, &mut trail, |at| (piece * pieces + at) as u32);
            let first = words.iter().enumerate().filter(|(_, word)| known.insert(**word));
            expected.extend(first.map(|(at, word)| (*word, Some((piece * pieces + at) as u32))));
        }
        let found: Vec<_> = (0..trail.len()).map(|n| (trail.key(n), trail.parent(n))).collect();
        assert_eq!(found, expected);
        let mut again = Table::of(&trail, bits);
        again.add(words, &mut trail, |at| panic!("{at} was known"));
        trail
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            words in prop::collection::vec(any::<u128>(), 0..3000),
            bits in 1..=128_u32,
            pieces in 1..200_usize,
        ) {
            let wide: Vec<u128> = words.iter().map(|word| word & u128::ones(bits)).collect();
            compare(bits, &wide, pieces);
            let bits = bits.min(64);
            let short: Vec<u64> = words.iter().map(|word| *word as u64 & u64::ones(bits)).collect();
            compare(bits, &short, pieces);
        }
    }

    #[test]
    fn states_that_change_places_are_found_where_they_are() {
        for bits in [20, 60] {
            let words: Vec<u64> = (0..1000).collect();
            let mut trail = compare(bits, &words, 300);
            let mut table = Table::of(&trail, bits);
            for first in (0..999).step_by(3) {
                let to = [first + 1, first + 2, first];
                let moved = (first..first + 3).zip(to).map(|(from, to)| {
                    let word = trail.key(from);
                    Renumbered { word, from, to }
                });
                let moved: Vec<_> = moved.collect();
                moved.iter().for_each(|moved| trail.replace(moved.word, moved.to));
                table.renumber(&moved);
            }
            assert_eq!([0, 1, 2].map(|number| trail.key(number)), [2, 0, 1]);
            table.add(&words, &mut trail, |at| panic!("{at} was known"));
        }
    }

    #[test]
    fn a_state_takes_less_than_16_bytes() {
        let counts = (1..400).map(|step| 1000 + step * step * 100);
        for count in counts {
            for bits in [20_u32, 40, 41, 46, 48, 49, 56, 64] {
                let trail = u64::from(bits.div_ceil(8)) * count + count / 2;
                let bytes = trail + Table::bytes_for(count as usize, bits);
                assert!(count < 6000 || bytes <= 16 * count, "{count} of {bits} bits: {bytes}");
            }
        }
    }

    #[test]
    fn structured_words_find_room_in_what_is_told() {
        for (bits, shift) in [(46, 0), (46, 5), (46, 17), (46, 30), (60, 44), (30, 8), (30, 14)] {
            let words: Vec<u64> = (0..40_000).map(|word| word << shift & u64::ones(bits)).collect();
            let trail = compare(bits, &words, 7000);
            let table = Table::of(&trail, bits);
            let bytes = match &table.form {
                Form::Quotient(quotient) => Quotient::bytes(quotient.power()),
                Form::Index(index) => index.bytes(),
            };
            assert_eq!(bytes, Table::bytes_for(trail.len() as usize, bits));
        }
    }

    #[test]
    fn all_words_of_few_bits_fit() {
        let words: Vec<u64> = (0..1 << 12).rev().collect();
        compare(12, &words, 100);
        compare(1, &[1_u64, 0, 1], 1);
    }
}
