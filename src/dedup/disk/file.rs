//! Disks that are files in a directory.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Disk, Disks};

/// A directory whose files are disks.
#[derive(Clone, Debug)]
pub struct FileDisks {
    directory: PathBuf,
}

impl FileDisks {
    /// The directory, created if it is not there.
    ///
    /// # Errors
    /// The operating system's.
    pub fn new(directory: &Path) -> io::Result<FileDisks> {
        fs::create_dir_all(directory)?;
        Ok(FileDisks { directory: directory.to_path_buf() })
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Disks for FileDisks {
    fn open(&self, name: &str) -> io::Result<Arc<dyn Disk>> {
        let path = self.directory.join(name);
        let new = !path.exists();
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        if new {
            sync_directory(&self.directory)?;
        }
        Ok(Arc::new(FileDisk { file }))
    }
}

/// Makes the name of a new file durable.
#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Makes the name of a new file durable: this system does so by itself.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// One file.
#[derive(Debug)]
struct FileDisk {
    file: File,
}

impl Disk for FileDisk {
    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    #[cfg(unix)]
    fn read(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, out, at)
    }

    #[cfg(unix)]
    fn write(&self, at: u64, data: &[u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.file, data, at)
    }

    #[cfg(windows)]
    fn read(&self, mut at: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.file, out, at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    at += read as u64;
                    out = &mut out[read..];
                }
            }
        }
        Ok(())
    }

    #[cfg(windows)]
    fn write(&self, mut at: u64, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let written = std::os::windows::fs::FileExt::seek_write(&self.file, data, at)?;
            at += written as u64;
            data = &data[written..];
        }
        Ok(())
    }

    fn resize(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}
