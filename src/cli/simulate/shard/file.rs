//! A shard's file: only ever appended to, by one process at a time. One that was interrupted goes on behind its
//! last whole line; what is not ours is left as it is.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::report::simulate_shard::{Block, Header};
use crate::report::simulate_shard_lines::{Chain, Lines, Told};
use crate::simulate::{Seeds, Summary};

/// A shard's file that this process writes. Others are kept out as long as it lives.
#[derive(Debug)]
pub struct ShardFile {
    path: PathBuf,
    file: File,
    seeds: Seeds,
    chain: Chain,
    /// The runs that it tells of.
    done: u64,
}

impl ShardFile {
    /// Begins a file, or goes on with the one that is there, if that is one of the same shard: what was cut off at
    /// its end is left out, since those runs are made again.
    ///
    /// # Errors
    /// Another process writes it, it is another shard's or nothing of ours, or it cannot be written; with its path
    /// and the line. It is left as it is.
    pub fn open(path: &Path, header: &Header, seeds: Seeds) -> Result<ShardFile, String> {
        let shown = path.display();
        let failed = |error: std::io::Error| format!("{shown}: {error}");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(failed)?;
        lock(&file).map_err(|problem| format!("{shown}: {problem}"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mut chain = Chain::default();
        let first = header.line(&mut chain);
        // It was begun, and not even its first line was written.
        let begun = bytes.len() < first.len() && first.as_bytes().starts_with(&bytes);
        if begun {
            file.set_len(0).map_err(failed)?;
            append(&mut file, &first).map_err(failed)?;
            return Ok(ShardFile { path: path.to_owned(), file, seeds, chain, done: 0 });
        }
        let told = told(&bytes, header, seeds)
            .map_err(|problem| format!("{shown}: {problem}; the file is left as it is"))?;
        if told.length < bytes.len() {
            file.set_len(told.length as u64).map_err(failed)?;
        }
        let (chain, done) = (told.chain, told.sum.runs);
        Ok(ShardFile { path: path.to_owned(), file, seeds, chain, done })
    }

    /// The seeds of the shard.
    pub fn seeds(&self) -> Seeds {
        self.seeds
    }

    /// How many of its runs it tells of: those of its first seeds.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Appends the sum over the runs that come next, and returns when the disk has it.
    ///
    /// # Errors
    /// Why that failed. What was written is cut off when the file is opened again.
    pub fn append(&mut self, summary: &Summary) -> Result<(), String> {
        let block = Block::of(summary, self.done, self.seeds.at(self.done));
        let line = block.line(&mut self.chain);
        let written = append(&mut self.file, &line);
        written.map_err(|error| format!("{}: {error}", self.path.display()))?;
        self.done += summary.runs;
        Ok(())
    }
}

/// Keeps other processes out, until the file is closed; also by the system, if this process is killed.
fn lock(file: &File) -> Result<(), String> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err("another process is writing it".to_owned()),
        // Some network file systems have no locks: two processes are then told apart by the lines' checksums.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(()),
        Err(TryLockError::Error(error)) => Err(format!("it cannot be locked: {error}")),
    }
}

/// Where the end is, is asked each time: nothing of others is written over.
fn append(file: &mut File, line: &str) -> std::io::Result<()> {
    file.seek(SeekFrom::End(0))?;
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

/// What a file says that is to be gone on with.
fn told(bytes: &[u8], header: &Header, seeds: Seeds) -> Result<Told, String> {
    let (found, lines) = Lines::begin(bytes)?;
    if let Some(other) = found.other_sweep(header) {
        return Err(format!("line 1: {other}; name another folder"));
    }
    if found != *header {
        return Err(format!("line 1: it is shard {}, not {}", found.shard, header.shard));
    }
    lines.blocks(seeds)
}

/// The bytes of a file.
///
/// # Errors
/// Why it cannot be read, with its path.
pub fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}
