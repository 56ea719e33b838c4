//! Bloom filter of the crate `fastbloom`, at a rate of false positives that the user names.
//!
//! Assumes that it is sized for every key it will ever hold: past that number its rate of loss grows
//! without a sign. A key touches as many cache lines as it sets bits.

use std::fmt;

use fastbloom::BloomFilter;

use super::{DedupError, FalsePositives, Filter, Probe};

/// A Bloom filter whose bits lie anywhere.
#[derive(Clone)]
pub struct LibraryBloom {
    filter: BloomFilter,
}

impl fmt::Debug for LibraryBloom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LibraryBloom").field("bits", &self.filter.num_bits()).finish()
    }
}

impl LibraryBloom {
    /// A filter that takes one new key in `one_in` for an old one when it holds `keys` keys.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if `one_in` is less than 2.
    pub fn with_room(keys: u64, one_in: u64) -> Result<LibraryBloom, DedupError> {
        if one_in < 2 {
            return Err(DedupError::Sizing(format!("false positives of one in {one_in}")));
        }
        let filter = BloomFilter::with_false_pos(1.0 / one_in as f64)
            .seed(&0)
            .expected_items(keys.max(1) as usize);
        Ok(LibraryBloom { filter })
    }
}

impl Filter for LibraryBloom {
    fn contains(&self, probe: Probe) -> bool {
        self.filter.contains_hash(probe.hash)
    }

    fn insert(&mut self, probe: Probe) -> Result<bool, DedupError> {
        Ok(self.filter.insert_hash(probe.hash))
    }

    fn clear(&mut self) {
        self.filter.clear();
    }

    fn bytes(&self) -> u64 {
        self.filter.num_bits() as u64 / 8
    }

    fn false_positives(&self) -> FalsePositives {
        let bits = self.filter.num_bits() as u64;
        FalsePositives::Bloom { bits, hashes: self.filter.num_hashes() }
    }
}
