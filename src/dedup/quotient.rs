//! Quotient filter of the crate `qfilter`: short fingerprints that can be deleted, merged and resized.
//!
//! Assumes that it is sized for every key it will ever hold, or may grow: a filter that is full refuses
//! the next key with an error instead of guessing.

use std::fmt;

use super::{DedupError, FalsePositives, Filter, Probe};

/// A rank-select quotient filter.
#[derive(Clone)]
pub struct QuotientFilter {
    filter: qfilter::Filter,
    capacity: u64,
}

impl fmt::Debug for QuotientFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuotientFilter").field("capacity", &self.capacity).finish()
    }
}

impl QuotientFilter {
    /// A filter that takes at most one new key in `one_in` for an old one when it holds `keys` keys.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if the crate cannot build such a filter.
    pub fn with_room(keys: u64, one_in: u64) -> Result<QuotientFilter, DedupError> {
        let capacity = keys.max(1);
        let filter = qfilter::Filter::new(capacity, 1.0 / one_in.max(2) as f64)
            .map_err(|error| DedupError::Sizing(error.to_string()))?;
        Ok(QuotientFilter { filter, capacity })
    }
}

impl Filter for QuotientFilter {
    fn contains(&self, probe: Probe) -> bool {
        self.filter.contains_fingerprint(probe.hash)
    }

    fn insert(&mut self, probe: Probe) -> Result<bool, DedupError> {
        match self.filter.insert_fingerprint(false, probe.hash) {
            Ok(inserted) => Ok(!inserted),
            Err(_) => Err(DedupError::Full(self.capacity)),
        }
    }

    fn clear(&mut self) {
        self.filter.clear();
    }

    fn bytes(&self) -> u64 {
        self.filter.memory_usage() as u64
    }

    fn false_positives(&self) -> FalsePositives {
        FalsePositives::Fingerprints { bits: u32::from(self.filter.fingerprint_size()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_filter_says_so() {
        let mut filter = QuotientFilter::with_room(100, 1_000).unwrap();
        let full = (0..10_000).find_map(|key| filter.insert(Probe::of(key)).err());
        assert_eq!(full, Some(DedupError::Full(100)));
    }
}
