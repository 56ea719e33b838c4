//! Set of 64-bit fingerprints: half the memory of whole keys, and one cache line a decision.
//!
//! Assumes, beside what an exact set assumes, that no two keys of a stream share a fingerprint: of n
//! keys, n^2 / 2^65 are expected to be taken for another, that is 3 in a million streams of 10^7 keys.

use super::table::Table;
use super::{DedupError, FalsePositives, Filter, Probe};

/// Fingerprints of 64 bits or fewer, in lines of eight.
#[derive(Clone, Debug)]
pub struct Fingerprints {
    table: Table<u64, 8>,
    bits: u32,
}

impl Fingerprints {
    /// A set of 64-bit fingerprints that takes `keys` keys before it grows.
    pub fn with_room(keys: u64) -> Fingerprints {
        Fingerprints { table: Table::with_room(keys), bits: 64 }
    }

    /// The same with fewer bits, to make collisions frequent enough to count.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] unless `bits` is between 8 and 64.
    pub fn with_bits(keys: u64, bits: u32) -> Result<Fingerprints, DedupError> {
        if !(8..=64).contains(&bits) {
            return Err(DedupError::Sizing(format!("fingerprints of {bits} bits, not 8 to 64")));
        }
        Ok(Fingerprints { table: Table::with_room(keys), bits })
    }

    /// The slot of a hash: its high bits. 0 marks an empty slot, so its place is taken by the least
    /// pattern that no other hash gives.
    #[inline(always)]
    fn slot(&self, hash: u64) -> u64 {
        let unused = 64 - self.bits;
        ((hash >> unused) << unused).max(1)
    }
}

impl Filter for Fingerprints {
    #[inline(always)]
    fn touch(&self, hash: u64) {
        self.table.touch(hash);
    }

    #[inline(always)]
    fn contains(&self, probe: Probe) -> bool {
        let slot = self.slot(probe.hash);
        self.table.contains(slot, slot)
    }

    #[inline(always)]
    fn insert(&mut self, probe: Probe) -> Result<bool, DedupError> {
        let slot = self.slot(probe.hash);
        Ok(self.table.insert(slot, slot))
    }

    fn clear(&mut self) {
        self.table.clear();
    }

    fn bytes(&self) -> u64 {
        self.table.bytes()
    }

    fn false_positives(&self) -> FalsePositives {
        FalsePositives::Fingerprints { bits: self.bits }
    }
}
