//! What is common to sets and approximate filters over keys, and the strategy that never forgets.
//!
//! Must never know sequences, stores or time.

use super::{
    Admission, Arrival, Dedup, DedupError, FalsePositives, Forgets, Loss, Recognises, Theory,
};
use super::{hash, prefetch};

/// A key with its hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The key.
    pub key: u128,
    /// A fixed hash of it.
    pub hash: u64,
}

impl Probe {
    /// The probe of a key.
    #[inline(always)]
    pub fn of(key: u128) -> Probe {
        Probe { key, hash: hash::of_key(key) }
    }
}

/// A set of keys that may be exact or approximate. It may take a new key for an old one; it must never
/// take an old key for a new one.
pub trait Filter: Clone {
    /// Asks for the memory that a probe with this hash will look at.
    fn touch(&self, hash: u64) {
        let _ = hash;
    }

    /// Whether the key seems to be there.
    ///
    /// # Errors
    /// None in the structures of this crate; for those kept elsewhere.
    fn contains(&self, probe: Probe) -> bool;

    /// Inserts, and tells whether the key seemed to be there already.
    ///
    /// # Errors
    /// [`DedupError::Full`] if the structure cannot take one more key.
    fn insert(&mut self, probe: Probe) -> Result<bool, DedupError>;

    /// Forgets everything.
    fn clear(&mut self);

    /// Bytes of main memory, unused room included.
    fn bytes(&self) -> u64;

    /// How often it takes a new key for an old one.
    fn false_positives(&self) -> FalsePositives;
}

/// A filter that lives as long as the stream and never forgets.
#[derive(Clone, Debug)]
pub struct Lifelong<F> {
    filter: F,
}

impl<F: Filter> Lifelong<F> {
    /// A strategy over an empty filter.
    pub fn new(filter: F) -> Lifelong<F> {
        Lifelong { filter }
    }
}

#[inline(always)]
pub(super) fn admission(seen: bool) -> Admission {
    if seen { Admission::Skip } else { Admission::Process }
}

impl<F: Filter> Dedup for Lifelong<F> {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(admission(self.filter.insert(Probe::of(arrival.key))?))
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        let mut failed = Ok(());
        prefetch::admit_ahead(
            &mut (&mut self.filter, &mut failed),
            arrivals,
            admissions,
            hash::of_key,
            |(filter, _), hash| filter.touch(hash),
            |(filter, failed), arrival, hash| match filter.insert(Probe { key: arrival.key, hash })
            {
                Ok(seen) => admission(seen),
                Err(error) => {
                    **failed = Err(error);
                    Admission::Refuse
                }
            },
        );
        failed
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.filter.clear();
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.filter.bytes()
    }

    fn theory(&self) -> Theory {
        Theory {
            recognises: Recognises::Keys,
            forgets: Forgets::Never,
            false_positives: self.filter.false_positives(),
        }
    }
}
