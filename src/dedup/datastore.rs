//! Datastore of seen keys: an embedded store holds every key; marks are written before the effects,
//! after them, or in one transaction with them.
//!
//! Assumes that a key names one record. Before: that losing the effects of a crash is bearable. After:
//! that repeating them is. With: that the effect lives in the same store.

use std::fmt;

use super::disk::Disks;
use super::filter::admission;
use super::store::{SEEN, Store, broken};
use super::{
    Admission, Arrival, Dedup, DedupError, Loss, Memory, Order, Recognises, Theory, judge_one,
};
use crate::record::Offset;

/// Marks in an embedded store.
pub struct Datastore {
    store: Store,
    order: Order,
    next: Option<Offset>,
}

impl fmt::Debug for Datastore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datastore").field("store", &self.store).field("order", &self.order).finish()
    }
}

/// The disk's name.
const NAME: &str = "datastore";

impl Datastore {
    /// Opens the store.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(disks: &dyn Disks, order: Order) -> Result<Datastore, DedupError> {
        Ok(Datastore { store: Store::open(disks, NAME)?, order, next: None })
    }

    /// The store beneath.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl Dedup for Datastore {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        judge_one(arrival, |arrivals, answers| self.admit_batch(arrivals, answers))
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        let mut seen = self.store.transaction()?.open_table(SEEN).map_err(broken)?;
        for (arrival, answer) in arrivals.iter().zip(admissions) {
            *answer = admission(seen.insert(arrival.key, ()).map_err(broken)?.is_some());
            self.next = self.next.max(Some(arrival.offset.saturating_add(1)));
        }
        Ok(())
    }

    fn effect(&mut self, arrival: &Arrival) -> Result<(), DedupError> {
        if self.order == Order::With { self.store.count_effect(arrival.key) } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        if let (Order::With, Some(next)) = (self.order, self.next) {
            self.store.set_position(0, next)?;
        }
        self.store.commit()
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.next = None;
        self.store.reopen()
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: self.order }
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn disk_bytes(&self) -> u64 {
        self.store.disk_bytes()
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Keys)
    }
}
