//! Bloom filter in blocks of one cache line: a key touches one line, whatever the rate.
//!
//! A hash names a block of 512 bits and two bits in each of its eight words. Blocks fill unevenly, so the
//! same rate of false positives takes about 1.6 times the memory of a Bloom filter whose bits lie
//! anywhere; in exchange one miss decides.
//!
//! Assumes that it is sized for every key it will ever hold.

use super::hash;
use super::{DedupError, FalsePositives, Filter, Probe};
use crate::memory::{Lines, prefetch};

/// Words of a block.
const WORDS: usize = 8;
/// Bits that a key sets in each word.
const PER_WORD: u32 = 2;

/// One cache line.
type Block = [u64; WORDS];

/// A Bloom filter of one-line blocks.
#[derive(Clone, Debug)]
pub struct BlockedBloom {
    blocks: Lines<Block>,
}

impl BlockedBloom {
    /// A filter that takes one new key in `one_in` for an old one when it holds `keys` keys: the fewest
    /// blocks for which the closed form says so.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if `one_in` is not between 2 and 10^12.
    pub fn with_room(keys: u64, one_in: u64) -> Result<BlockedBloom, DedupError> {
        if !(2..=1_000_000_000_000).contains(&one_in) {
            return Err(DedupError::Sizing(format!("false positives of one in {one_in}")));
        }
        let keys = keys.max(1);
        let target = 1.0 / one_in as f64;
        let enough = |blocks: u64| form(blocks).rate(keys as f64) <= target;
        let (mut least, mut most) = (1, keys);
        while least < most {
            let middle = least.midpoint(most);
            if enough(middle) { most = middle } else { least = middle + 1 }
        }
        Ok(BlockedBloom { blocks: Lines::zeroed(least as usize) })
    }

    /// The bits of a hash in each of the words: the low six bits of two streams of 48.
    #[inline(always)]
    fn streams(hash: u64) -> (u64, u64) {
        (hash::again(hash, 0), hash::again(hash, 1))
    }
}

fn form(blocks: u64) -> FalsePositives {
    FalsePositives::Blocked { blocks, words: WORDS as u32, per_word: PER_WORD }
}

impl Filter for BlockedBloom {
    #[inline(always)]
    fn touch(&self, hash: u64) {
        let blocks = self.blocks.all();
        prefetch(&blocks[hash::place(hash, blocks.len())]);
    }

    #[inline(always)]
    fn contains(&self, probe: Probe) -> bool {
        let (first, second) = Self::streams(probe.hash);
        let blocks = self.blocks.all();
        let block = &blocks[hash::place(probe.hash, blocks.len())];
        let mut missing = 0;
        for (word, held) in block.iter().enumerate() {
            let mask = 1u64 << ((first >> (6 * word)) & 63) | 1u64 << ((second >> (6 * word)) & 63);
            missing |= mask & !held;
        }
        missing == 0
    }

    #[inline(always)]
    fn insert(&mut self, probe: Probe) -> Result<bool, DedupError> {
        let (first, second) = Self::streams(probe.hash);
        let blocks = self.blocks.all_mut();
        let block = &mut blocks[hash::place(probe.hash, blocks.len())];
        let mut missing = 0;
        for (word, held) in block.iter_mut().enumerate() {
            let mask = 1u64 << ((first >> (6 * word)) & 63) | 1u64 << ((second >> (6 * word)) & 63);
            missing |= mask & !*held;
            *held |= mask;
        }
        Ok(missing == 0)
    }

    fn clear(&mut self) {
        self.blocks.clear();
    }

    fn bytes(&self) -> u64 {
        self.blocks.bytes()
    }

    fn false_positives(&self) -> FalsePositives {
        form(self.blocks.count() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_was_inserted_and_little_else() {
        let mut filter = BlockedBloom::with_room(20_000, 1_000).unwrap();
        let mut taken = 0;
        for index in 0..20_000 {
            taken += u64::from(filter.insert(Probe::of(hash::nth_key(index, 3))).unwrap());
        }
        assert!(taken < 20, "{taken} new keys taken for old ones on the way");
        assert!((0..20_000).all(|index| filter.contains(Probe::of(hash::nth_key(index, 3)))));
        let strangers = (20_000..120_000)
            .filter(|&index| filter.contains(Probe::of(hash::nth_key(index, 3))))
            .count();
        assert!((70..=130).contains(&strangers), "{strangers} of an expected 100");
    }

    #[test]
    fn a_rate_that_makes_no_sense_is_refused() {
        assert!(matches!(BlockedBloom::with_room(10, 1), Err(DedupError::Sizing(_))));
    }
}
