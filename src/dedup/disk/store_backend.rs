//! The embedded store `redb` on a [`Disk`].

use std::io;
use std::sync::Arc;

use redb::StorageBackend;

use super::Disk;

/// Hands the store's reads and writes to a disk.
#[derive(Debug)]
pub(crate) struct StoreBackend {
    /// The disk.
    pub(crate) disk: Arc<dyn Disk>,
}

impl StorageBackend for StoreBackend {
    fn len(&self) -> io::Result<u64> {
        self.disk.size()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.disk.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.disk.resize(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.disk.write(offset, data)
    }
}
