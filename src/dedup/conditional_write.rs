//! Conditional write: each entity has a version, and a write names the version that it follows. A write
//! that follows an older version was done before; one that follows a version not reached is refused.
//!
//! Assumes that one writer numbers each entity's versions and never uses one again, and that a refused
//! write is sent again when its predecessor is in.

use std::fmt;

use redb::ReadableTable;

use super::disk::Disks;
use super::store::{Store, VERSIONS, broken};
use super::{
    Admission, Arrival, Dedup, DedupError, Loss, Memory, Order, Recognises, Theory, judge_one,
};

/// Versions in the same transaction as the effects. The entity is the arrival's `producer`, the version
/// that its write follows is the arrival's `sequence`.
pub struct ConditionalWrite {
    store: Store,
}

impl fmt::Debug for ConditionalWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionalWrite").field("store", &self.store).finish()
    }
}

/// The disk's name.
const NAME: &str = "conditional-write";

impl ConditionalWrite {
    /// Opens the store.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(disks: &dyn Disks) -> Result<ConditionalWrite, DedupError> {
        Ok(ConditionalWrite { store: Store::open(disks, NAME)? })
    }

    /// The store beneath.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Dedup for ConditionalWrite {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        judge_one(arrival, |arrivals, answers| self.admit_batch(arrivals, answers))
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        let mut versions = self.store.transaction()?.open_table(VERSIONS).map_err(broken)?;
        for (arrival, answer) in arrivals.iter().zip(admissions) {
            let version = versions.get(arrival.producer).map_err(broken)?;
            let version = version.map_or(0, |version| version.value());
            *answer = match arrival.sequence.cmp(&version) {
                std::cmp::Ordering::Less => Admission::Skip,
                std::cmp::Ordering::Equal => Admission::Process,
                std::cmp::Ordering::Greater => Admission::Refuse,
            };
            if *answer == Admission::Process {
                versions.insert(arrival.producer, version + 1).map_err(broken)?;
            }
        }
        Ok(())
    }

    fn effect(&mut self, arrival: &Arrival) -> Result<(), DedupError> {
        self.store.count_effect(arrival.key)
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.store.commit()
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.store.reopen()
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: Order::With }
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn disk_bytes(&self) -> u64 {
        self.store.disk_bytes()
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::NextSequence)
    }
}
