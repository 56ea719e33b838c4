//! Position stored with the result: the store that holds the effects also holds the position to read
//! from next, and one transaction moves both.
//!
//! Assumes that a duplicate is a redelivery of the same log entry. A record that a producer sent twice
//! has two positions, and both are processed. Assumes, too, one owner of the partition at a time.

use super::disk::Disks;
use super::filter::admission;
use super::{
    Admission, Arrival, Dedup, DedupError, Loss, Memory, Order, Recognises, Store, Theory,
};
use crate::record::Offset;

/// A position in the same transaction as the effects.
#[derive(Debug)]
pub struct OffsetWithResult {
    store: Store,
    next: Offset,
}

/// The disk's name.
const NAME: &str = "offset-with-result";

impl OffsetWithResult {
    /// Opens the store.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(disks: &dyn Disks) -> Result<OffsetWithResult, DedupError> {
        let store = Store::open(disks, NAME)?;
        let next = store.position(0)?.unwrap_or(0);
        Ok(OffsetWithResult { store, next })
    }

    /// The store beneath.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Dedup for OffsetWithResult {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        let seen = arrival.offset < self.next;
        self.next = self.next.max(arrival.offset.saturating_add(1));
        Ok(admission(seen))
    }

    fn effect(&mut self, arrival: &Arrival) -> Result<(), DedupError> {
        self.store.count_effect(arrival.key)
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.store.set_position(0, self.next)?;
        self.store.commit()
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.store.reopen()?;
        self.next = self.store.position(0)?.unwrap_or(0);
        Ok(())
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: Order::With }
    }

    fn bytes(&self) -> u64 {
        size_of::<Offset>() as u64
    }

    fn disk_bytes(&self) -> u64 {
        self.store.disk_bytes()
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Offsets)
    }
}
