//! A trap: a general-purpose cache, here of the crate `quick_cache`, used as a window of seen keys.
//!
//! A cache keeps what is asked for again and refuses what is new, which is the right thing for a cache and
//! the wrong thing here: every key is new exactly once, and it is the new keys whose duplicates are near.
//! So duplicates pass at distances far below the capacity, where a set of recent keys would pass none.
//! Listed to be seen failing, not to be used.

use std::fmt;

use foldhash::fast::FixedState;
use quick_cache::UnitWeighter;
use quick_cache::unsync::{Cache, DefaultLifecycle};

use super::{Admission, Arrival, Dedup, DedupError, Loss};
use super::{FalsePositives, Forgets, Recognises, Theory};

/// A cache that resists scans, with keys for values.
pub struct CacheWindow {
    cache: Cache<u128, (), UnitWeighter, FixedState>,
}

impl fmt::Debug for CacheWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheWindow").field("capacity", &self.cache.capacity()).finish()
    }
}

impl CacheWindow {
    /// A cache of `capacity` keys.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if the capacity is 0.
    pub fn with_capacity(capacity: u64) -> Result<CacheWindow, DedupError> {
        if capacity == 0 {
            return Err(DedupError::Sizing("a window of no keys".into()));
        }
        let cache = Cache::with(
            capacity as usize,
            capacity,
            UnitWeighter,
            FixedState::with_seed(0),
            DefaultLifecycle::default(),
        );
        Ok(CacheWindow { cache })
    }
}

impl Dedup for CacheWindow {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        if self.cache.get(&arrival.key).is_some() {
            return Ok(Admission::Skip);
        }
        self.cache.insert(arrival.key, ());
        Ok(Admission::Process)
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.cache.clear();
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.cache.memory_used().total() as u64
    }

    fn theory(&self) -> Theory {
        Theory {
            recognises: Recognises::Keys,
            forgets: Forgets::ByItsOwnRule,
            false_positives: FalsePositives::Never,
        }
    }
}
