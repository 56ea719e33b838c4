//! An open-addressing set whose buckets are cache lines.
//!
//! One miss a key is the floor of any table larger than the caches, and most tables pay more: a
//! separate array of control bytes, a chain, a probe that runs into the next line. Here a bucket is one
//! aligned line of 64 bytes; a hash names the line and the slot in it to begin with, and only a full
//! line sends a key to the next one. At the load of 70 % that it grows at, 4 % of the keys in lines of
//! eight sit in a second line, 12 % in lines of four.
//!
//! Must never show its order: nothing iterates it but its own growth.

use bytemuck::Pod;

use super::hash;
use crate::memory::{Lines, prefetch};

/// What a table holds: a value with one pattern that means *empty*.
pub(crate) trait Slot: Pod + Eq {
    /// The pattern of an empty slot, of zeros only; never inserted.
    const EMPTY: Self;
    /// The hash that the slot was inserted with.
    fn hash(self) -> u64;
}

impl Slot for u128 {
    const EMPTY: u128 = 0;
    #[inline(always)]
    fn hash(self) -> u64 {
        hash::of_key(self)
    }
}

/// Fingerprints are their own hashes.
impl Slot for u64 {
    const EMPTY: u64 = 0;
    #[inline(always)]
    fn hash(self) -> u64 {
        self
    }
}

/// A set of slots in lines of `N`, a power of two.
#[derive(Clone, Debug)]
pub(crate) struct Table<S: Slot, const N: usize> {
    lines: Lines<[S; N]>,
    used: usize,
    limit: usize,
}

impl<S: Slot, const N: usize> Table<S, N> {
    /// A table that takes `keys` keys without growing.
    pub(crate) fn with_room(keys: u64) -> Table<S, N> {
        let lines = (keys as usize * 10 / 7).div_ceil(N) + 1;
        Table { lines: Lines::zeroed(lines), used: 0, limit: lines * N * 7 / 10 }
    }

    /// Asks for the line of a hash.
    #[inline(always)]
    pub(crate) fn touch(&self, hash: u64) {
        let lines = self.lines.all();
        prefetch(&lines[hash::place(hash, lines.len())]);
    }

    /// Inserts; tells whether it was there. `hash` must be the slot's.
    #[inline(always)]
    pub(crate) fn insert(&mut self, slot: S, hash: u64) -> bool {
        debug_assert!(slot != S::EMPTY);
        let lines = self.lines.all_mut();
        let mut place = hash::place(hash, lines.len());
        loop {
            let line = &mut lines[place];
            for step in 0..N {
                let at = (hash as usize).wrapping_add(step) % N;
                if line[at] == slot {
                    return true;
                }
                if line[at] == S::EMPTY {
                    line[at] = slot;
                    self.used += 1;
                    if self.used >= self.limit {
                        self.grow();
                    }
                    return false;
                }
            }
            place = if place + 1 == lines.len() { 0 } else { place + 1 };
        }
    }

    /// Whether it is there.
    #[inline(always)]
    pub(crate) fn contains(&self, slot: S, hash: u64) -> bool {
        let lines = self.lines.all();
        let mut place = hash::place(hash, lines.len());
        loop {
            let line = &lines[place];
            for step in 0..N {
                let at = (hash as usize).wrapping_add(step) % N;
                if line[at] == slot {
                    return true;
                }
                if line[at] == S::EMPTY {
                    return false;
                }
            }
            place = if place + 1 == lines.len() { 0 } else { place + 1 };
        }
    }

    /// Doubles the room.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        let mut larger = Table::with_room(self.limit as u64 * 2);
        for line in self.lines.all() {
            for &slot in line.iter().filter(|slot| **slot != S::EMPTY) {
                larger.insert(slot, slot.hash());
            }
        }
        *self = larger;
    }

    /// Forgets everything and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.lines.clear();
        self.used = 0;
    }

    /// How many slots are taken.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Bytes of its lines.
    pub(crate) fn bytes(&self) -> u64 {
        self.lines.bytes()
    }
}

/// Whole keys, four to a line. The key 0, which marks an empty slot, is kept aside.
#[derive(Clone, Debug)]
pub(crate) struct KeyTable {
    table: Table<u128, 4>,
    zero: bool,
}

impl KeyTable {
    /// A table that takes `keys` keys without growing.
    pub(crate) fn with_room(keys: u64) -> KeyTable {
        KeyTable { table: Table::with_room(keys), zero: false }
    }

    /// Asks for the line of a hash.
    #[inline(always)]
    pub(crate) fn touch(&self, hash: u64) {
        self.table.touch(hash);
    }

    /// Inserts; tells whether it was there.
    #[inline(always)]
    pub(crate) fn insert(&mut self, key: u128, hash: u64) -> bool {
        if key == 0 {
            return std::mem::replace(&mut self.zero, true);
        }
        self.table.insert(key, hash)
    }

    /// Whether it is there.
    #[inline(always)]
    pub(crate) fn contains(&self, key: u128, hash: u64) -> bool {
        if key == 0 { self.zero } else { self.table.contains(key, hash) }
    }

    /// Forgets everything and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.table.clear();
        self.zero = false;
    }

    /// Bytes of its lines.
    pub(crate) fn bytes(&self) -> u64 {
        self.table.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_grows_and_keeps_everything() {
        let mut table: Table<u64, 8> = Table::with_room(0);
        for index in 0..5_000u64 {
            let slot = hash::again(index, 0).max(1);
            assert!(!table.insert(slot, slot));
        }
        assert_eq!(table.len(), 5_000);
        for index in 0..5_000u64 {
            let slot = hash::again(index, 0).max(1);
            assert!(table.contains(slot, slot) && table.insert(slot, slot));
        }
        assert!(table.bytes() <= 5_000 * 8 * 20 / 7 + 128, "{} bytes", table.bytes());
    }

    #[test]
    fn a_presized_table_does_not_grow() {
        let mut table = KeyTable::with_room(10_000);
        let before = table.bytes();
        for index in 0..10_000 {
            let key = hash::nth_key(index, 1);
            assert!(!table.insert(key, hash::of_key(key)));
        }
        assert_eq!(table.bytes(), before);
    }

    #[test]
    fn keys_of_one_line_spill_and_wrap_around() {
        let mut table: Table<u64, 8> = Table::with_room(40);
        let high: Vec<u64> = (0..30).map(|low| u64::MAX - low).collect();
        for &slot in &high {
            assert!(!table.insert(slot, slot));
        }
        assert!(high.iter().all(|&slot| table.contains(slot, slot)));
        assert!(!table.contains(u64::MAX - 31, u64::MAX - 31));
    }

    proptest! {
        #[test]
        fn it_agrees_with_an_ordered_set(keys in prop::collection::vec(0u128..60, 0..200)) {
            let mut table = KeyTable::with_room(1);
            let mut set = BTreeSet::new();
            for key in keys {
                prop_assert_eq!(table.contains(key, hash::of_key(key)), set.contains(&key));
                prop_assert_eq!(table.insert(key, hash::of_key(key)), !set.insert(key));
            }
            table.clear();
            prop_assert!(set.iter().all(|&key| !table.contains(key, hash::of_key(key))));
        }
    }
}
