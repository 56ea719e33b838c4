//! The seam to storage: all that a durable strategy may ask of a disk.
//!
//! Two things stand behind it: a file ([`FileDisks`]), and a simulated disk ([`SimulatedDisks`]) that
//! remembers what was written since the last sync and can lose or tear it. The embedded store `redb`
//! runs on either.
//!
//! Must never know what is stored.

mod file;
mod simulated;
mod store_backend;

use std::fmt::Debug;
use std::io;
use std::sync::Arc;

pub use file::FileDisks;
pub use simulated::{CrashPoints, Fate, SimulatedDisk, SimulatedDisks};
pub(crate) use store_backend::StoreBackend;

/// One file's worth of bytes. What was written may be lost until [`Disk::sync`] returns.
pub trait Disk: Debug + Send + Sync {
    /// Length in bytes.
    ///
    /// # Errors
    /// The operating system's.
    fn size(&self) -> io::Result<u64>;

    /// Fills `out` from the byte `at` on.
    ///
    /// # Errors
    /// `UnexpectedEof` if the disk ends before; else the operating system's.
    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes `data` from the byte `at` on, and makes the disk longer if need be.
    ///
    /// # Errors
    /// The operating system's.
    fn write(&self, at: u64, data: &[u8]) -> io::Result<()>;

    /// Cuts or extends with zeros.
    ///
    /// # Errors
    /// The operating system's.
    fn resize(&self, size: u64) -> io::Result<()>;

    /// Returns when everything written so far would survive a loss of power.
    ///
    /// # Errors
    /// The operating system's; what was written since the last sync is then in doubt for good.
    fn sync(&self) -> io::Result<()>;
}

/// A place with named disks.
pub trait Disks: Debug {
    /// Opens the disk of this name; a new one is empty.
    ///
    /// # Errors
    /// The operating system's.
    fn open(&self, name: &str) -> io::Result<Arc<dyn Disk>>;
}
