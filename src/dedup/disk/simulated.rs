//! A disk that can lose power: it remembers every write since the last sync, and can show the bytes that
//! would be found after a crash at any point of a run.
//!
//! Until a sync returns, a write may be on the platter or not, in any order, and a sector at a time. So a
//! crash after the k-th operation leaves the bytes of the last sync before it, and of the writes since
//! then whatever a [`Fate`] says.
//!
//! Must never know what is stored.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::{Disk, Disks};

/// Bytes that a disk writes as one.
const SECTOR: usize = 512;

/// One operation on a disk.
#[derive(Clone, Debug)]
enum Operation {
    Write { at: u64, data: Vec<u8> },
    Resize { size: u64 },
    Sync,
}

impl Operation {
    /// Performs it on the bytes; a sync leaves them as they are.
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Operation::Write { at, data } => write(bytes, *at, data),
            Operation::Resize { size } => bytes.resize(*size as usize, 0),
            Operation::Sync => {}
        }
    }
}

fn write(bytes: &mut Vec<u8>, at: u64, data: &[u8]) {
    let (from, to) = (at as usize, at as usize + data.len());
    if bytes.len() < to {
        bytes.resize(to, 0);
    }
    bytes[from..to].copy_from_slice(data);
}

#[derive(Debug, Default)]
struct Inner {
    first: Vec<u8>,
    bytes: Vec<u8>,
    journal: Option<Vec<Operation>>,
}

/// A disk in main memory. Clones share the bytes.
#[derive(Clone, Default)]
pub struct SimulatedDisk {
    inner: Arc<Mutex<Inner>>,
}

impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedDisk").field("size", &self.lock().bytes.len()).finish()
    }
}

impl SimulatedDisk {
    /// A disk with these bytes, all of them durable.
    pub fn with_bytes(bytes: Vec<u8>) -> SimulatedDisk {
        let inner = Inner { first: Vec::new(), bytes, journal: None };
        SimulatedDisk { inner: Arc::new(Mutex::new(inner)) }
    }

    /// Begins to remember operations; what is there now is durable.
    pub fn record(&self) {
        let mut inner = self.lock();
        inner.first = inner.bytes.clone();
        inner.journal = Some(Vec::new());
    }

    /// How many operations were remembered so far.
    pub fn operations(&self) -> usize {
        self.lock().journal.as_ref().map_or(0, Vec::len)
    }

    /// The bytes as a reader in the same process sees them.
    pub fn bytes(&self) -> Vec<u8> {
        self.lock().bytes.clone()
    }

    /// What crashes at every point of the recorded run would leave.
    pub fn crash_points(&self) -> CrashPoints {
        let inner = self.lock();
        CrashPoints {
            durable: inner.first.clone(),
            pending: Vec::new(),
            rest: inner.journal.clone().unwrap_or_default().into_iter(),
            done: 0,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn perform(&self, operation: Operation) {
        let mut inner = self.lock();
        operation.apply(&mut inner.bytes);
        if let Some(journal) = &mut inner.journal {
            journal.push(operation);
        }
    }
}

impl Disk for SimulatedDisk {
    fn size(&self) -> io::Result<u64> {
        Ok(self.lock().bytes.len() as u64)
    }

    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        let inner = self.lock();
        let from = at as usize;
        let held = inner.bytes.get(from..from + out.len());
        out.copy_from_slice(held.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, at: u64, data: &[u8]) -> io::Result<()> {
        let mut inner = self.lock();
        write(&mut inner.bytes, at, data);
        if let Some(journal) = &mut inner.journal {
            journal.push(Operation::Write { at, data: data.to_vec() });
        }
        Ok(())
    }

    fn resize(&self, size: u64) -> io::Result<()> {
        self.perform(Operation::Resize { size });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.perform(Operation::Sync);
        Ok(())
    }
}

/// Simulated disks by name. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisks {
    disks: Arc<Mutex<BTreeMap<String, SimulatedDisk>>>,
}

impl SimulatedDisks {
    /// The disk of this name; a new one is empty.
    pub fn disk(&self, name: &str) -> SimulatedDisk {
        let mut disks = self.disks.lock().unwrap_or_else(PoisonError::into_inner);
        disks.entry(name.to_string()).or_default().clone()
    }
}

impl Disks for SimulatedDisks {
    fn open(&self, name: &str) -> io::Result<Arc<dyn Disk>> {
        Ok(Arc::new(self.disk(name)))
    }
}

/// What becomes of the writes since the last sync.
#[derive(Debug)]
pub enum Fate<'a> {
    /// All of them reached the disk: the process died, the machine did not.
    Kept,
    /// None did.
    Lost,
    /// All but the last did, and of the last only its first half.
    Torn,
    /// Each sector of each did or did not, as the generator says.
    Scattered(&'a mut ChaCha8Rng),
}

/// Walks through a recorded run, one operation at a time.
#[derive(Clone, Debug)]
pub struct CrashPoints {
    durable: Vec<u8>,
    pending: Vec<Operation>,
    rest: std::vec::IntoIter<Operation>,
    done: usize,
}

impl CrashPoints {
    /// Performs one more operation; `false` at the end of the run.
    pub fn advance(&mut self) -> bool {
        let Some(operation) = self.rest.next() else { return false };
        self.done += 1;
        if matches!(operation, Operation::Sync) {
            for pending in self.pending.drain(..) {
                pending.apply(&mut self.durable);
            }
        } else {
            self.pending.push(operation);
        }
        true
    }

    /// Operations performed so far.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Whether anything is in doubt here.
    pub fn in_doubt(&self) -> bool {
        !self.pending.is_empty()
    }

    /// What would be found after a crash here.
    pub fn after_crash(&self, fate: Fate<'_>) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        match fate {
            Fate::Lost => {}
            Fate::Kept => self.pending.iter().for_each(|operation| operation.apply(&mut bytes)),
            Fate::Torn => self.tear(&mut bytes),
            Fate::Scattered(random) => {
                for operation in &self.pending {
                    scatter(operation, &mut bytes, random);
                }
            }
        }
        bytes
    }

    fn tear(&self, bytes: &mut Vec<u8>) {
        let Some((last, others)) = self.pending.split_last() else { return };
        others.iter().for_each(|operation| operation.apply(bytes));
        if let Operation::Write { at, data } = last {
            write(bytes, *at, &data[..data.len() / 2]);
        }
    }
}

fn scatter(operation: &Operation, bytes: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    match operation {
        Operation::Write { at, data } => {
            for (sector, part) in data.chunks(SECTOR).enumerate() {
                if random.next_u32() & 1 == 0 {
                    write(bytes, at + (sector * SECTOR) as u64, part);
                }
            }
        }
        Operation::Resize { .. } | Operation::Sync => {
            if random.next_u32() & 1 == 0 {
                operation.apply(bytes);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn only_what_was_synced_is_sure() {
        let disk = SimulatedDisk::default();
        disk.write(0, b"before").unwrap();
        disk.record();
        disk.write(0, b"A").unwrap();
        disk.sync().unwrap();
        disk.write(1, b"BBBB").unwrap();
        disk.resize(3).unwrap();
        assert_eq!(disk.bytes(), b"ABB");

        let mut points = disk.crash_points();
        assert_eq!(points.after_crash(Fate::Kept), b"before");
        assert!(points.advance() && points.in_doubt());
        assert_eq!(points.after_crash(Fate::Lost), b"before");
        assert_eq!(points.after_crash(Fate::Kept), b"Aefore");
        assert!(points.advance() && !points.in_doubt());
        assert_eq!(points.after_crash(Fate::Lost), b"Aefore");
        assert!(points.advance());
        assert_eq!(points.after_crash(Fate::Torn), b"ABBore");
        assert!(points.advance() && !points.advance());
        assert_eq!(points.after_crash(Fate::Torn), b"ABBBBe");
        assert_eq!(points.after_crash(Fate::Kept), b"ABB");
        assert_eq!(points.done(), 4);
    }

    #[test]
    fn scattering_keeps_whole_sectors_and_is_repeatable() {
        let disk = SimulatedDisk::default();
        disk.record();
        disk.write(100, &[7; SECTOR * 20 + 5]).unwrap();
        let mut points = disk.crash_points();
        points.advance();
        let scatter =
            |seed| points.after_crash(Fate::Scattered(&mut ChaCha8Rng::seed_from_u64(seed)));
        let bytes = scatter(1);
        assert_eq!(bytes, scatter(1));
        assert_ne!(bytes, scatter(2));
        let sectors = bytes[100..].chunks(SECTOR);
        assert!(sectors.clone().all(|sector| sector.iter().all(|byte| *byte == sector[0])));
        assert!(sectors.clone().any(|sector| sector[0] == 0), "something was lost");
    }

    #[test]
    fn reading_past_the_end_is_an_error() {
        let disk = SimulatedDisk::with_bytes(vec![1, 2]);
        assert_eq!(disk.read(1, &mut [0; 2]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
