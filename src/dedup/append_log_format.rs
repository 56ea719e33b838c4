//! The bytes of the append log: a head, and one frame for each commit.
//!
//! ```text
//! 0       head: magic, version, salt, checksum
//! 4096    frame: magic, number, keys n, position, checksum, 0, then n keys of 16 bytes
//!         frame ...
//!         zeros up to the end of what is reserved
//! ```
//!
//! A frame is written and synced as a whole before the next one begins, so at most one is ever in doubt:
//! the last. Its checksum covers the salt of the log and its own number, so neither a torn frame nor what
//! an earlier torn frame left behind it can pass for one. A frame that fails while a later one is whole
//! was damaged after it was synced, which is reported instead of being cut off.
//!
//! Must never know what the keys mean.

use std::io;

use super::disk::Disk;
use super::{DedupError, hash};
use crate::record::Offset;

/// Where frames begin: what comes before is one page.
pub(super) const HEAD_BYTES: u64 = 4096;
/// Bytes of a frame without its keys.
pub(super) const FRAME_BYTES: usize = 48;
/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 16;

const HEAD_MAGIC: u64 = 0x6465_6475_705f_6c67;
const FRAME_MAGIC: u64 = 0x6672_616d_655f_6b79;
const VERSION: u64 = 1;
/// Bytes read at once.
const WINDOW_BYTES: usize = 1 << 20;

fn word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

/// The head of a log with this salt.
pub(super) fn head(salt: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in [HEAD_MAGIC, VERSION, salt, head_sum(salt)] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes
}

fn head_sum(salt: u64) -> u64 {
    [VERSION, salt].into_iter().fold(HEAD_MAGIC, hash::absorb)
}

/// The salt of a log, or `None` if the log was never finished being created.
///
/// # Errors
/// [`DedupError::Corrupt`] if it is no log, or one of another version.
pub(super) fn salt_of(disk: &dyn Disk) -> Result<Option<u64>, DedupError> {
    let size = disk.size()?;
    let mut bytes = vec![0; size.min(HEAD_BYTES + FRAME_BYTES as u64) as usize];
    disk.read(0, &mut bytes)?;
    let whole = bytes.len() >= 32 && word(&bytes, 0) == HEAD_MAGIC;
    if whole && word(&bytes, 24) == head_sum(word(&bytes, 16)) {
        return match word(&bytes, 8) {
            VERSION => Ok(Some(word(&bytes, 16))),
            other => Err(DedupError::Corrupt(format!("a log of version {other}, not {VERSION}"))),
        };
    }
    let unfinished = bytes.iter().skip(32).all(|byte| *byte == 0);
    if unfinished && (!whole || word(&bytes, 8) <= VERSION) && starts_as_a_head(&bytes) {
        return Ok(None);
    }
    Err(DedupError::Corrupt("the head is not that of an append log".into()))
}

/// Whether the first bytes are those of a head, or zeros where its bytes did not arrive.
fn starts_as_a_head(bytes: &[u8]) -> bool {
    let magic = HEAD_MAGIC.to_le_bytes();
    bytes.iter().zip(magic).all(|(&byte, expected)| byte == expected || byte == 0)
}

fn frame_sum(salt: u64, number: u64, position: Offset, keys: &[u8]) -> u64 {
    let count = (keys.len() / KEY_BYTES) as u64;
    let mut sums = [salt, number, count, position as u64].into_iter().fold(0, hash::absorb);
    let mut other = !sums;
    for key in keys.chunks_exact(KEY_BYTES) {
        sums = hash::absorb(sums, word(key, 0));
        other = hash::absorb(other, word(key, 8));
    }
    hash::absorb(sums, other)
}

/// Completes a frame: `frame` is room for the frame's own fields, then the keys.
pub(super) fn seal(frame: &mut [u8], salt: u64, number: u64, position: Offset) {
    let (fields, keys) = frame.split_at_mut(FRAME_BYTES);
    let count = (keys.len() / KEY_BYTES) as u64;
    let sum = frame_sum(salt, number, position, keys);
    let words = [FRAME_MAGIC, number, count, position as u64, sum, 0];
    for (bytes, word) in fields.chunks_exact_mut(8).zip(words) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}

/// A part of a disk, read ahead.
struct Window<'a> {
    disk: &'a dyn Disk,
    size: u64,
    from: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// Bytes from `at` on, or `None` past the end.
    fn get(&mut self, at: u64, length: usize) -> io::Result<Option<&[u8]>> {
        if at.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Ok(None);
        }
        let held = at >= self.from && at + length as u64 <= self.from + self.bytes.len() as u64;
        if !held {
            let ahead = (length.max(WINDOW_BYTES) as u64).min(self.size - at);
            self.bytes.resize(ahead as usize, 0);
            self.disk.read(at, &mut self.bytes)?;
            self.from = at;
        }
        let start = (at - self.from) as usize;
        Ok(Some(&self.bytes[start..start + length]))
    }
}

/// A whole frame.
struct Frame<'a> {
    position: Offset,
    keys: &'a [u8],
}

/// The frame at a place, if there is a whole one whose number passes `wanted`.
fn frame_at<'a>(
    window: &'a mut Window<'_>,
    at: u64,
    salt: u64,
    wanted: impl Fn(u64) -> bool,
) -> io::Result<Option<Frame<'a>>> {
    let Some(fields) = window.get(at, FRAME_BYTES)? else { return Ok(None) };
    let (number, count) = (word(fields, 8), word(fields, 16));
    let (position, sum) = (word(fields, 24) as Offset, word(fields, 32));
    let plausible = word(fields, 0) == FRAME_MAGIC && wanted(number) && count < 1 << 40;
    if !plausible {
        return Ok(None);
    }
    let length = FRAME_BYTES + count as usize * KEY_BYTES;
    let Some(bytes) = window.get(at, length)? else { return Ok(None) };
    let keys = &bytes[FRAME_BYTES..];
    Ok((frame_sum(salt, number, position, keys) == sum).then_some(Frame { position, keys }))
}

/// Where a log ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct End {
    /// The byte after the last whole frame.
    pub(super) at: u64,
    /// The number of the next frame.
    pub(super) number: u64,
    /// The position in the last frame, or 0.
    pub(super) position: Offset,
}

/// Reads every whole frame in order and hands over its keys.
///
/// # Errors
/// [`DedupError::Corrupt`] if a frame is damaged and a later one is whole; the disk's errors.
pub(super) fn replay(
    disk: &dyn Disk,
    salt: u64,
    mut each: impl FnMut(&[u128]),
) -> Result<End, DedupError> {
    let mut window = Window { disk, size: disk.size()?, from: 0, bytes: Vec::new() };
    let mut end = End { at: HEAD_BYTES, number: 0, position: 0 };
    let mut keys: Vec<u128> = Vec::new();
    while let Some(frame) = frame_at(&mut window, end.at, salt, |number| number == end.number)? {
        keys.clear();
        keys.extend(
            frame
                .keys
                .chunks_exact(KEY_BYTES)
                .map(|key| u128::from(word(key, 0)) | u128::from(word(key, 8)) << 64),
        );
        end.position = frame.position;
        end.at += (FRAME_BYTES + keys.len() * KEY_BYTES) as u64;
        end.number += 1;
        each(&keys);
    }
    if let Some(at) = later_frame(&mut window, salt, end)? {
        return Err(DedupError::Corrupt(format!(
            "frame {} at byte {} is damaged, but a later one at byte {at} is whole",
            end.number, end.at
        )));
    }
    Ok(end)
}

/// The place of a whole frame behind the end, if there is one.
fn later_frame(window: &mut Window<'_>, salt: u64, end: End) -> Result<Option<u64>, DedupError> {
    let mut at = end.at + KEY_BYTES as u64;
    while at + FRAME_BYTES as u64 <= window.size {
        let length = (window.size - at).min(WINDOW_BYTES as u64) as usize / KEY_BYTES * KEY_BYTES;
        let Some(bytes) = window.get(at, length)? else { return Ok(None) };
        let found = bytes.chunks_exact(KEY_BYTES).position(|part| word(part, 0) == FRAME_MAGIC);
        let Some(found) = found else {
            at += length as u64;
            continue;
        };
        at += (found * KEY_BYTES) as u64;
        if frame_at(window, at, salt, |number| number > end.number)?.is_some() {
            return Ok(Some(at));
        }
        at += KEY_BYTES as u64;
    }
    Ok(None)
}
