//! Exact set in main memory with an append-only log on disk: one frame and one sync for each commit.
//!
//! The log grows into space that was filled with zeros before, so a sync writes data and no metadata.
//! After a crash the log is read once from its start. Memory is that of the exact set.
//!
//! Assumes what an exact set assumes, and that one process at a time writes the log. Before: that losing
//! the effects of a crash is bearable. After: that repeating them is.

use std::fmt;
use std::sync::Arc;

use super::append_log_format::{self as format, End, FRAME_BYTES, HEAD_BYTES};
use super::disk::{Disk, Disks};
use super::filter::admission;
use super::table::KeyTable;
use super::{Admission, Arrival, Dedup, DedupError, Loss, Memory, Order, Recognises, Theory};
use super::{hash, prefetch};
use crate::record::Offset;

/// Bytes reserved at once: as many as there are, within these bounds.
const LEAST_RESERVED: u64 = 64 << 10;
const MOST_RESERVED: u64 = 8 << 20;

/// A set of keys that is as durable as its log.
pub struct AppendLog {
    disk: Arc<dyn Disk>,
    order: Order,
    keys: KeyTable,
    room: u64,
    salt: u64,
    end: End,
    reserved: u64,
    /// The next frame: room for its fields, then the keys admitted since the last commit.
    frame: Vec<u8>,
    position: Offset,
    /// A write or sync failed: nobody knows what is on the disk.
    broken: bool,
}

impl fmt::Debug for AppendLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppendLog").field("disk", &self.disk).field("end", &self.end).finish()
    }
}

/// The disk's name.
const NAME: &str = "append-log";

impl AppendLog {
    /// Opens the log and reads it; a new one gets this salt, which no other log on a reused disk may
    /// have. The set takes `room` keys before it grows.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] for [`Order::With`], since a log holds no effects;
    /// [`DedupError::Corrupt`] if the log is damaged anywhere but in its last frame.
    pub fn open(
        disks: &dyn Disks,
        order: Order,
        room: u64,
        salt: u64,
    ) -> Result<AppendLog, DedupError> {
        if order == Order::With {
            return Err(DedupError::Sizing("an append log cannot hold the effects".into()));
        }
        let mut log = AppendLog {
            disk: disks.open(NAME)?,
            order,
            keys: KeyTable::with_room(0),
            room,
            salt,
            end: End { at: HEAD_BYTES, number: 0, position: 0 },
            reserved: 0,
            frame: vec![0; FRAME_BYTES],
            position: 0,
            broken: false,
        };
        log.reopen()?;
        Ok(log)
    }

    /// Whether a key is in the set.
    pub fn has_seen(&self, key: u128) -> bool {
        self.keys.contains(key, hash::of_key(key))
    }

    /// The position last committed.
    pub fn position(&self) -> Offset {
        self.end.position
    }

    fn reopen(&mut self) -> Result<(), DedupError> {
        self.frame.truncate(FRAME_BYTES);
        self.broken = false;
        match format::salt_of(&*self.disk)? {
            Some(salt) => self.salt = salt,
            None => self.create()?,
        }
        self.reserved = self.disk.size()?;
        let on_disk = self.reserved.saturating_sub(HEAD_BYTES + MOST_RESERVED) / 16;
        let mut keys = KeyTable::with_room(self.room.max(on_disk));
        self.end = format::replay(&*self.disk, self.salt, |frame| insert_all(&mut keys, frame))?;
        self.keys = keys;
        self.position = self.end.position;
        // What was read may not have been synced by the process that wrote it.
        Ok(self.disk.sync()?)
    }

    fn create(&mut self) -> Result<(), DedupError> {
        self.disk.resize(0)?;
        self.disk.write(0, &vec![0; (HEAD_BYTES + LEAST_RESERVED) as usize])?;
        self.disk.write(0, &format::head(self.salt))?;
        Ok(self.disk.sync()?)
    }

    #[inline(always)]
    fn judge(&mut self, arrival: &Arrival, hash: u64) -> Admission {
        let seen = self.keys.insert(arrival.key, hash);
        if !seen {
            self.frame.extend_from_slice(&arrival.key.to_le_bytes());
        }
        self.position = self.position.max(arrival.offset.saturating_add(1));
        admission(seen)
    }

    fn sound(&self) -> Result<(), DedupError> {
        if self.broken {
            return Err(DedupError::Disk("an earlier write failed; open the log again".into()));
        }
        Ok(())
    }

    fn write_frame(&mut self) -> Result<(), DedupError> {
        format::seal(&mut self.frame, self.salt, self.end.number, self.position);
        let end = self.end.at + self.frame.len() as u64;
        while end > self.reserved {
            let more = self.reserved.clamp(LEAST_RESERVED, MOST_RESERVED);
            self.disk.write(self.reserved, &vec![0; more as usize])?;
            self.reserved += more;
        }
        self.disk.write(self.end.at, &self.frame)?;
        self.disk.sync()?;
        self.end = End { at: end, number: self.end.number + 1, position: self.position };
        Ok(())
    }
}

/// Inserts keys with their lines asked for in advance.
fn insert_all(set: &mut KeyTable, keys: &[u128]) {
    let insert = |set: &mut KeyTable, _, key, hash| {
        set.insert(key, hash);
    };
    prefetch::ahead(set, keys.iter().copied(), hash::of_key, KeyTable::touch, insert);
}

impl Dedup for AppendLog {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        self.sound()?;
        Ok(self.judge(arrival, hash::of_key(arrival.key)))
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        self.sound()?;
        let touch = |log: &AppendLog, hash| log.keys.touch(hash);
        prefetch::admit_ahead(self, arrivals, admissions, hash::of_key, touch, AppendLog::judge);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.sound()?;
        if self.frame.len() == FRAME_BYTES {
            return Ok(());
        }
        let written = self.write_frame();
        self.broken = written.is_err();
        self.frame.truncate(FRAME_BYTES);
        written
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.reopen()
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: self.order }
    }

    fn bytes(&self) -> u64 {
        self.keys.bytes() + self.frame.capacity() as u64
    }

    fn disk_bytes(&self) -> u64 {
        self.reserved
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Keys)
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::{SimulatedDisk, SimulatedDisks};
    use super::*;

    fn keyed(key: u128) -> Arrival {
        Arrival { key, offset: key as Offset, ..Arrival::default() }
    }

    fn written(batches: u128, each: u128) -> SimulatedDisks {
        let disks = SimulatedDisks::default();
        let mut log = AppendLog::open(&disks, Order::After, 10, 99).unwrap();
        for batch in 0..batches {
            for key in 0..each {
                log.admit(&keyed(batch * each + key)).unwrap();
            }
            log.commit().unwrap();
        }
        disks
    }

    #[test]
    fn what_was_committed_is_read_again() {
        let disks = written(30, 7);
        let mut log = AppendLog::open(&disks, Order::After, 10, 5).unwrap();
        assert_eq!(log.position(), 210);
        assert!((0..210).all(|key| log.has_seen(key)) && !log.has_seen(210));
        assert_eq!(log.admit(&keyed(209)), Ok(Admission::Skip));
        assert_eq!(log.admit(&keyed(300)), Ok(Admission::Process));
        log.fail(Loss::Crash).unwrap();
        assert_eq!(log.admit(&keyed(300)), Ok(Admission::Process), "it was not committed");
    }

    #[test]
    fn it_grows_past_what_was_reserved() {
        let disks = written(3, 20_000);
        let log = AppendLog::open(&disks, Order::After, 0, 5).unwrap();
        assert!((0..60_000).all(|key| log.has_seen(key)));
        assert!(log.disk_bytes() > 60_000 * 16 && log.disk_bytes() < 60_000 * 16 * 3);
    }

    #[test]
    fn damage_in_the_middle_is_reported_and_at_the_end_cut_off() {
        let bytes = written(5, 4).disk(NAME).bytes();
        let frame = FRAME_BYTES + 4 * 16;
        let reopened = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let disks = SimulatedDisks::default();
            disks.disk(NAME).write(0, &bytes).unwrap();
            AppendLog::open(&disks, Order::After, 0, 5)
        };
        for byte in [0, 20, FRAME_BYTES, frame - 1] {
            let middle = reopened(HEAD_BYTES as usize + 2 * frame + byte);
            assert!(matches!(middle, Err(DedupError::Corrupt(_))), "byte {byte}: {middle:?}");
            let last = reopened(HEAD_BYTES as usize + 4 * frame + byte).unwrap();
            assert!(last.has_seen(15) && !last.has_seen(16));
        }
        assert!(matches!(reopened(16), Err(DedupError::Corrupt(_))), "the salt");
    }

    #[test]
    fn another_file_is_no_log_and_no_order_holds_effects() {
        let disks = SimulatedDisks::default();
        disks.disk(NAME).write(0, b"name,amount\n1,2\n").unwrap();
        let opened = AppendLog::open(&disks, Order::After, 0, 1);
        assert!(matches!(opened, Err(DedupError::Corrupt(_))));
        let with = AppendLog::open(&SimulatedDisks::default(), Order::With, 0, 1);
        assert!(matches!(with, Err(DedupError::Sizing(_))));
    }

    #[test]
    fn the_same_run_writes_the_same_bytes() {
        assert_eq!(written(9, 9).disk(NAME).bytes(), written(9, 9).disk(NAME).bytes());
        assert!(SimulatedDisk::default().bytes().is_empty());
    }
}
