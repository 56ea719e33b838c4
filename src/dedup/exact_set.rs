//! Exact set of keys: every key ever seen, whole.
//!
//! Assumes that a key names one record and is the same on every resend. Two different records under one
//! key are a loss; a resend under a new key is a repeat.

use super::table::KeyTable;
use super::{DedupError, FalsePositives, Filter, Probe};

/// All 16-byte keys, in lines of four.
#[derive(Clone, Debug)]
pub struct ExactSet {
    keys: KeyTable,
}

impl ExactSet {
    /// A set that takes `keys` keys before it grows.
    pub fn with_room(keys: u64) -> ExactSet {
        ExactSet { keys: KeyTable::with_room(keys) }
    }
}

impl Filter for ExactSet {
    #[inline(always)]
    fn touch(&self, hash: u64) {
        self.keys.touch(hash);
    }

    #[inline(always)]
    fn contains(&self, probe: Probe) -> bool {
        self.keys.contains(probe.key, probe.hash)
    }

    #[inline(always)]
    fn insert(&mut self, probe: Probe) -> Result<bool, DedupError> {
        Ok(self.keys.insert(probe.key, probe.hash))
    }

    fn clear(&mut self) {
        self.keys.clear();
    }

    fn bytes(&self) -> u64 {
        self.keys.bytes()
    }

    fn false_positives(&self) -> FalsePositives {
        FalsePositives::Never
    }
}
