//! Bloom filter in front of a store: the filter says *surely new* for most keys, and only what it is
//! unsure of costs a look-up. Keys of a batch are written together, sorted.
//!
//! Never loses by a false positive: the store decides. Assumes that the filter holds every key of the
//! store, so it is filled again from the store after a crash; a key missing there would be processed
//! twice.

use std::fmt;

use super::disk::Disks;
use super::filter::admission;
use super::store::{SEEN, broken};
use super::{Admission, Arrival, Dedup, DedupError, ExactSet, Filter, LibraryBloom, Loss};
use super::{Memory, Order, Probe, Recognises, Store, Theory};

/// A filter before an embedded store; marks become durable after the effects.
pub struct BloomStore {
    store: Store,
    filter: LibraryBloom,
    /// Keys admitted since the last commit.
    pending: ExactSet,
    /// The same, to be written.
    unwritten: Vec<u128>,
}

impl fmt::Debug for BloomStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BloomStore").field("store", &self.store).finish()
    }
}

/// The disk's name.
const NAME: &str = "bloom-store";
/// Keys of a batch that need no growing.
const BATCH: u64 = 256;

impl BloomStore {
    /// Opens the store and fills a filter for `keys` keys, at one false positive in `one_in`.
    ///
    /// # Errors
    /// As [`Store::open`], and [`DedupError::Sizing`] if there is no such filter.
    pub fn open(disks: &dyn Disks, keys: u64, one_in: u64) -> Result<BloomStore, DedupError> {
        let filter = LibraryBloom::with_room(keys, one_in)?;
        let pending = ExactSet::with_room(BATCH);
        let store = Store::open(disks, NAME)?;
        let mut strategy = BloomStore { store, filter, pending, unwritten: Vec::new() };
        strategy.fill()?;
        Ok(strategy)
    }

    /// The store beneath.
    pub fn store(&self) -> &Store {
        &self.store
    }

    fn fill(&mut self) -> Result<(), DedupError> {
        self.filter.clear();
        let filter = &mut self.filter;
        self.store.each_seen(|key| filter.insert(Probe::of(key)).map(|_| ()))
    }

    fn seen(&mut self, probe: Probe) -> Result<bool, DedupError> {
        let unsure = self.filter.insert(probe)?;
        if unsure && (self.pending.contains(probe) || self.store.has_seen(probe.key)?) {
            return Ok(true);
        }
        self.pending.insert(probe)?;
        self.unwritten.push(probe.key);
        Ok(false)
    }
}

impl Dedup for BloomStore {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(admission(self.seen(Probe::of(arrival.key))?))
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.unwritten.sort_unstable();
        {
            let mut seen = self.store.transaction()?.open_table(SEEN).map_err(broken)?;
            for key in &self.unwritten {
                seen.insert(key, ()).map_err(broken)?;
            }
        }
        self.store.commit()?;
        self.unwritten.clear();
        self.pending.clear();
        Ok(())
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.unwritten.clear();
        self.pending.clear();
        self.store.reopen()?;
        self.fill()
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: Order::After }
    }

    fn bytes(&self) -> u64 {
        self.filter.bytes() + self.pending.bytes() + self.unwritten.capacity() as u64 * 16
    }

    fn disk_bytes(&self) -> u64 {
        self.store.disk_bytes()
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Keys)
    }
}
