//! The embedded store under the durable strategies: `redb`, pure Rust, on any [`Disk`].
//!
//! One write transaction is open at a time; it holds the marks (and, for strategies that promise
//! atomicity, the effects and the position) of the batch in hand. Commit is durable when it returns.
//!
//! Must never decide what is a duplicate.

use std::fmt;
use std::sync::Arc;

use redb::{Builder, Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::DedupError;
use super::disk::{Disk, Disks, StoreBackend};
use crate::record::Offset;

/// Keys that were processed.
pub(super) const SEEN: TableDefinition<'_, u128, ()> = TableDefinition::new("seen");
/// How often the effect of each key was performed.
const EFFECTS: TableDefinition<'_, u128, u64> = TableDefinition::new("effects");
/// The position to read from, of each partition.
const POSITIONS: TableDefinition<'_, u32, Offset> = TableDefinition::new("positions");
/// The version of each entity.
pub(super) const VERSIONS: TableDefinition<'_, u32, u64> = TableDefinition::new("versions");

/// Bytes of pages that the store may keep in main memory.
const CACHE_BYTES: usize = 64 << 20;

/// Bytes of the store's magic number, at the begin of its file.
const MAGIC_BYTES: usize = 9;

/// A store with at most one open transaction.
pub struct Store {
    disk: Arc<dyn Disk>,
    open: Option<WriteTransaction>,
    database: Option<Database>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("disk", &self.disk).finish()
    }
}

/// Whatever the store reports, as ours.
pub(super) fn broken(error: impl Into<redb::Error>) -> DedupError {
    DedupError::Store(error.into().to_string())
}

impl Store {
    /// Opens the store on the disk of this name, and repairs it after a crash.
    ///
    /// # Errors
    /// What is on the disk is no store, or cannot be repaired.
    pub fn open(disks: &dyn Disks, name: &str) -> Result<Store, DedupError> {
        let mut store = Store { disk: disks.open(name)?, open: None, database: None };
        store.reopen()?;
        Ok(store)
    }

    /// Whether the store was begun to be created and the crash came first: its magic number, which is
    /// written last, is missing. Nothing can have been committed.
    fn is_unfinished(&self) -> Result<bool, DedupError> {
        let mut magic = [0; MAGIC_BYTES];
        let size = self.disk.size()?.min(MAGIC_BYTES as u64) as usize;
        self.disk.read(0, &mut magic[..size])?;
        Ok(magic == [0; MAGIC_BYTES])
    }

    /// Drops what is not committed and opens the store again.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn reopen(&mut self) -> Result<(), DedupError> {
        self.abort()?;
        self.database = None;
        if self.is_unfinished()? {
            self.disk.resize(0)?;
        }
        let backend = StoreBackend { disk: Arc::clone(&self.disk) };
        let mut builder = Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        self.database = Some(builder.create_with_backend(backend).map_err(broken)?);
        let transaction = self.transaction()?;
        transaction.open_table(SEEN).map_err(broken)?;
        transaction.open_table(EFFECTS).map_err(broken)?;
        transaction.open_table(POSITIONS).map_err(broken)?;
        transaction.open_table(VERSIONS).map_err(broken)?;
        self.commit()
    }

    fn database(&self) -> Result<&Database, DedupError> {
        self.database.as_ref().ok_or_else(|| DedupError::Store("not open".into()))
    }

    /// The open transaction, begun if there is none.
    pub(super) fn transaction(&mut self) -> Result<&WriteTransaction, DedupError> {
        if self.open.is_none() {
            self.open = Some(self.database()?.begin_write().map_err(broken)?);
        }
        self.open.as_ref().ok_or_else(|| DedupError::Store("no transaction".into()))
    }

    /// Makes the open transaction durable, if there is one.
    ///
    /// # Errors
    /// The store's; the transaction is then not committed.
    pub fn commit(&mut self) -> Result<(), DedupError> {
        match self.open.take() {
            Some(transaction) => transaction.commit().map_err(broken),
            None => Ok(()),
        }
    }

    /// Drops the open transaction, if there is one.
    ///
    /// # Errors
    /// The store's.
    pub fn abort(&mut self) -> Result<(), DedupError> {
        match self.open.take() {
            Some(transaction) => transaction.abort().map_err(broken),
            None => Ok(()),
        }
    }

    /// Counts one more effect of a key, in the open transaction.
    ///
    /// # Errors
    /// The store's.
    pub fn count_effect(&mut self, key: u128) -> Result<(), DedupError> {
        let mut table = self.transaction()?.open_table(EFFECTS).map_err(broken)?;
        let before = table.get(key).map_err(broken)?.map_or(0, |count| count.value());
        table.insert(key, before + 1).map_err(broken)?;
        Ok(())
    }

    /// Stores the position to read from, in the open transaction.
    ///
    /// # Errors
    /// The store's.
    pub fn set_position(&mut self, partition: u32, position: Offset) -> Result<(), DedupError> {
        let mut table = self.transaction()?.open_table(POSITIONS).map_err(broken)?;
        table.insert(partition, position).map_err(broken)?;
        Ok(())
    }

    /// The position last committed.
    ///
    /// # Errors
    /// The store's.
    pub fn position(&self, partition: u32) -> Result<Option<Offset>, DedupError> {
        let reading = self.database()?.begin_read().map_err(broken)?;
        let table = reading.open_table(POSITIONS).map_err(broken)?;
        Ok(table.get(partition).map_err(broken)?.map(|position| position.value()))
    }

    /// Whether a key is marked in what is committed.
    ///
    /// # Errors
    /// The store's.
    pub fn has_seen(&self, key: u128) -> Result<bool, DedupError> {
        let reading = self.database()?.begin_read().map_err(broken)?;
        let table = reading.open_table(SEEN).map_err(broken)?;
        Ok(table.get(key).map_err(broken)?.is_some())
    }

    /// Every marked key that is committed, in ascending order.
    ///
    /// # Errors
    /// The store's.
    pub fn each_seen(
        &self,
        mut each: impl FnMut(u128) -> Result<(), DedupError>,
    ) -> Result<(), DedupError> {
        let reading = self.database()?.begin_read().map_err(broken)?;
        let table = reading.open_table(SEEN).map_err(broken)?;
        for row in table.iter().map_err(broken)? {
            each(row.map_err(broken)?.0.value())?;
        }
        Ok(())
    }

    /// The effects that are committed: how often, by key, in ascending order.
    ///
    /// # Errors
    /// The store's.
    pub fn effects(&self) -> Result<Vec<(u128, u64)>, DedupError> {
        let reading = self.database()?.begin_read().map_err(broken)?;
        let table = reading.open_table(EFFECTS).map_err(broken)?;
        let mut effects = Vec::new();
        for row in table.iter().map_err(broken)? {
            let (key, count) = row.map_err(broken)?;
            effects.push((key.value(), count.value()));
        }
        Ok(effects)
    }

    /// Bytes on disk.
    pub fn disk_bytes(&self) -> u64 {
        self.disk.size().unwrap_or(0)
    }
}
