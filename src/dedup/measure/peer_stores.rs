//! Embedded stores, used as an application would: one transaction or batch per commit holds the new keys
//! and the position, and is synced.

use std::fmt::Display;
use std::path::Path;

use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};

use crate::dedup::{
    Admission, Arrival, Dedup, DedupError, Loss, Memory, Order, Recognises, Theory, judge_one,
};

const SEEN: TableDefinition<'_, u128, ()> = TableDefinition::new("seen");
const POSITION: TableDefinition<'_, (), i64> = TableDefinition::new("position");

fn report(error: impl Display) -> DedupError {
    DedupError::Store(error.to_string())
}

/// What the stores have in common: one batch is judged, then committed.
trait PeerStore {
    /// Judges and writes a batch, without making it durable.
    fn judge(&mut self, arrivals: &[Arrival], answers: &mut [Admission]) -> Result<(), DedupError>;
    /// Makes it durable.
    fn commit(&mut self) -> Result<(), DedupError>;
    /// Bytes on disk.
    fn disk_bytes(&self) -> u64;
}

/// A store behind the trait of the strategies.
struct Judged<S>(S);

impl<S: PeerStore> Dedup for Judged<S> {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        judge_one(arrival, |arrivals, answers| self.0.judge(arrivals, answers))
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        self.0.judge(arrivals, admissions)
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.0.commit()
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        Err(DedupError::Store("a peer is not made to fail".into()))
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: Order::With }
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn disk_bytes(&self) -> u64 {
        self.0.disk_bytes()
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Keys)
    }
}

/// `redb` with its own file backend and its usual settings.
pub(super) fn redb(directory: &Path) -> Result<Box<dyn Dedup>, DedupError> {
    let path = directory.join("redb");
    let database = Database::create(&path).map_err(report)?;
    Ok(Box::new(Judged(Redb { path, database, open: None })))
}

struct Redb {
    path: std::path::PathBuf,
    open: Option<WriteTransaction>,
    database: Database,
}

impl PeerStore for Redb {
    fn judge(&mut self, arrivals: &[Arrival], answers: &mut [Admission]) -> Result<(), DedupError> {
        let transaction = match self.open.take() {
            Some(transaction) => transaction,
            None => self.database.begin_write().map_err(report)?,
        };
        {
            let mut seen = transaction.open_table(SEEN).map_err(report)?;
            for (arrival, answer) in arrivals.iter().zip(answers) {
                let known = seen.insert(arrival.key, ()).map_err(report)?.is_some();
                *answer = if known { Admission::Skip } else { Admission::Process };
            }
            let mut position = transaction.open_table(POSITION).map_err(report)?;
            let before = position.get(()).map_err(report)?.map_or(0, |held| held.value());
            position.insert((), before + arrivals.len() as i64).map_err(report)?;
        }
        self.open = Some(transaction);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.open.take().map_or(Ok(()), |transaction| transaction.commit().map_err(report))
    }

    fn disk_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }
}

#[cfg(feature = "peers")]
pub(super) use optional::{canopydb, fjall};

#[cfg(feature = "peers")]
mod optional {
    use canopydb::{Database, TreeOptions, WriteTransaction};
    use fjall::{Keyspace, KeyspaceCreateOptions, PersistMode};
    use hashbrown::HashSet;

    use super::{Admission, Arrival, Dedup, DedupError, Judged, Path, PeerStore, report};

    /// Bytes of all files under a directory.
    fn bytes_under(directory: &Path) -> u64 {
        let Ok(entries) = std::fs::read_dir(directory) else { return 0 };
        let size = |entry: std::fs::DirEntry| match entry.metadata() {
            Ok(file) if file.is_dir() => bytes_under(&entry.path()),
            Ok(file) => file.len(),
            Err(_) => 0,
        };
        entries.flatten().map(size).sum()
    }

    /// `canopydb` with keys of fixed length, synced at every commit.
    pub(in super::super) fn canopydb(directory: &Path) -> Result<Box<dyn Dedup>, DedupError> {
        let directory = directory.join("canopydb");
        // It makes its lock before its directory.
        std::fs::create_dir_all(&directory)?;
        let database = Database::new(&directory).map_err(report)?;
        Ok(Box::new(Judged(Canopy { directory, database, open: None })))
    }

    struct Canopy {
        directory: std::path::PathBuf,
        open: Option<WriteTransaction>,
        database: Database,
    }

    impl PeerStore for Canopy {
        fn judge(
            &mut self,
            arrivals: &[Arrival],
            answers: &mut [Admission],
        ) -> Result<(), DedupError> {
            let transaction = match self.open.take() {
                Some(transaction) => transaction,
                None => self.database.begin_write().map_err(report)?,
            };
            {
                let mut options = TreeOptions::default();
                options.fixed_key_len = 16;
                options.fixed_value_len = 0;
                let mut seen =
                    transaction.get_or_create_tree_with(b"seen", options).map_err(report)?;
                for (arrival, answer) in arrivals.iter().zip(answers) {
                    let key = arrival.key.to_be_bytes();
                    let known = seen.get(&key).map_err(report)?.is_some();
                    *answer = if known { Admission::Skip } else { Admission::Process };
                    if !known {
                        seen.insert(&key, b"").map_err(report)?;
                    }
                }
                let last = arrivals.last().map_or(0, |arrival| arrival.offset);
                let mut position = transaction.get_or_create_tree(b"position").map_err(report)?;
                position.insert(b"", &last.to_be_bytes()).map_err(report)?;
            }
            self.open = Some(transaction);
            Ok(())
        }

        fn commit(&mut self) -> Result<(), DedupError> {
            let Some(transaction) = self.open.take() else { return Ok(()) };
            transaction.commit_with(true).map(|_| ()).map_err(report)
        }

        fn disk_bytes(&self) -> u64 {
            bytes_under(&self.directory)
        }
    }

    /// `fjall` with its usual settings, one synced batch per commit.
    pub(in super::super) fn fjall(directory: &Path) -> Result<Box<dyn Dedup>, DedupError> {
        let directory = directory.join("fjall");
        let database = fjall::Database::builder(&directory).open().map_err(report)?;
        let seen = database.keyspace("seen", KeyspaceCreateOptions::default).map_err(report)?;
        let position =
            database.keyspace("position", KeyspaceCreateOptions::default).map_err(report)?;
        let pending = HashSet::with_hasher(foldhash::fast::FixedState::with_seed(1));
        Ok(Box::new(Judged(Fjall { directory, database, seen, position, pending, last: 0 })))
    }

    struct Fjall {
        directory: std::path::PathBuf,
        database: fjall::Database,
        seen: Keyspace,
        position: Keyspace,
        pending: HashSet<u128, foldhash::fast::FixedState>,
        last: i64,
    }

    impl PeerStore for Fjall {
        fn judge(
            &mut self,
            arrivals: &[Arrival],
            answers: &mut [Admission],
        ) -> Result<(), DedupError> {
            for (arrival, answer) in arrivals.iter().zip(answers) {
                let key = arrival.key.to_be_bytes();
                let known = self.pending.contains(&arrival.key)
                    || self.seen.contains_key(key).map_err(report)?;
                *answer = if known { Admission::Skip } else { Admission::Process };
                if !known {
                    self.pending.insert(arrival.key);
                }
                self.last = arrival.offset;
            }
            Ok(())
        }

        fn commit(&mut self) -> Result<(), DedupError> {
            let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
            let mut keys: Vec<u128> = self.pending.drain().collect();
            keys.sort_unstable();
            for key in keys {
                batch.insert(&self.seen, key.to_be_bytes(), b"");
            }
            // An empty key is refused.
            batch.insert(&self.position, b"at", self.last.to_be_bytes());
            batch.commit().map_err(report)
        }

        fn disk_bytes(&self) -> u64 {
            bytes_under(&self.directory)
        }
    }
}
