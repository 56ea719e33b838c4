//! Set of the most recently seen keys, of a fixed number, in the crate `lru`.
//!
//! Assumes that fewer distinct keys than its capacity arrive between a record and its duplicate.

use std::fmt;
use std::num::NonZeroUsize;

use foldhash::fast::FixedState;
use lru::LruCache;

use super::filter::admission;
use super::{Admission, Arrival, Dedup, DedupError, Loss};
use super::{FalsePositives, Forgets, Recognises, Theory};

/// Bytes that the allocator and the list take for one entry: key, two links, its own header.
const ENTRY_BYTES: u64 = 48;
/// Bytes that the index takes for one place: two pointers and a control byte.
const PLACE_BYTES: u64 = 17;

/// The last keys seen.
#[derive(Clone)]
pub struct RecentSet {
    keys: LruCache<u128, (), FixedState>,
}

impl fmt::Debug for RecentSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecentSet").field("capacity", &self.keys.cap()).finish()
    }
}

impl RecentSet {
    /// A set of the last `capacity` keys.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if the capacity is 0.
    pub fn with_capacity(capacity: u64) -> Result<RecentSet, DedupError> {
        let capacity = NonZeroUsize::new(capacity as usize)
            .ok_or_else(|| DedupError::Sizing("a window of no keys".into()))?;
        Ok(RecentSet { keys: LruCache::with_hasher(capacity, FixedState::with_seed(0)) })
    }
}

impl Dedup for RecentSet {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(admission(self.keys.put(arrival.key, ()).is_some()))
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.keys.clear();
        Ok(())
    }

    fn bytes(&self) -> u64 {
        let places = (self.keys.cap().get() as u64 * 8 / 7).next_power_of_two();
        self.keys.len() as u64 * ENTRY_BYTES + places * PLACE_BYTES
    }

    fn theory(&self) -> Theory {
        Theory {
            recognises: Recognises::Keys,
            forgets: Forgets::LeastRecent { capacity: self.keys.cap().get() as u64 },
            false_positives: FalsePositives::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_the_least_recently_seen() {
        let mut set = RecentSet::with_capacity(3).unwrap();
        let mut admit = |key| set.admit(&Arrival { key, ..Arrival::default() }).unwrap();
        assert_eq!([1, 2, 3, 1, 4].map(&mut admit)[3], Admission::Skip);
        assert_eq!(admit(1), Admission::Skip, "seen again, so it stayed");
        assert_eq!(admit(2), Admission::Process, "the least recent went");
    }

    #[test]
    fn no_capacity_is_refused() {
        assert!(matches!(RecentSet::with_capacity(0), Err(DedupError::Sizing(_))));
    }
}
