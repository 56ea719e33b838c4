//! Where words stand in the trail: a set that holds none of them.
//!
//! A slot holds the number of a state and, in the bits that this leaves, some of the word's hash. A bucket is one
//! cache line, which tells most words that are not there; what may be there is compared with the trail. Four bytes are
//! enough whatever the width of a word, and the table is filled anew from the trail when it grows.

use super::key::Key;
use super::table::Renumbered;
use super::trail::Trail;
use crate::memory::{Lines, prefetch};

/// How many slots are in a bucket.
const LANES: usize = 16;

/// A bucket: a slot holds tag and number + 1, or 0 if it is empty.
type Row = [u32; LANES];

/// The least number of buckets: a page of memory.
const LEAST: usize = 64;

/// How many of 16 slots may be in use.
const FULL: usize = 14;

/// How many words are asked for at once, so that memory answers many at a time.
const BATCH: usize = 32;

/// The numbers of states by their words.
pub(super) struct Index {
    rows: Lines<Row>,
    /// The bits of a slot that hold the number.
    number_bits: u32,
}

/// Where a word is looked for, and as what.
#[derive(Clone, Copy, Default)]
struct Probe {
    row: usize,
    /// The tag, where it stands in a slot.
    tag: u32,
}

/// How many buckets so many words need.
fn rows_for(count: usize) -> usize {
    let mut rows = LEAST;
    while rows * FULL < count {
        // Doubling would leave half of the memory empty.
        rows += rows / 2;
    }
    rows
}

impl Index {
    /// No words yet, but room for some.
    pub(super) fn new(room: usize) -> Self {
        let rows = rows_for(room);
        let number_bits = u32::BITS - ((rows * FULL) as u32).leading_zeros();
        Index { rows: Lines::lazy(rows), number_bits }
    }

    /// The words of a trail, and room for so many.
    pub(super) fn of<K: Key>(trail: &Trail<K>, room: usize) -> Self {
        let mut index = Index::new(room);
        let mut first = 0;
        while first < trail.len() {
            let end = first.saturating_add(BATCH as u32).min(trail.len());
            let mut probes = [Probe::default(); BATCH];
            for (probe, number) in probes.iter_mut().zip(first..end) {
                *probe = index.ask(trail.key(number));
            }
            probes.iter().zip(first..end).for_each(|(probe, number)| index.settle(*probe, number));
            first = end;
        }
        index
    }

    /// How many words may be in it.
    pub(super) fn most(&self) -> usize {
        self.rows.count() * FULL
    }

    /// The bytes that it takes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> u64 {
        self.rows.bytes()
    }

    /// The bytes that so many words take.
    pub(super) fn bytes_for(count: usize) -> u64 {
        (rows_for(count) * size_of::<Row>()) as u64
    }

    /// Where to look for a word; its bucket is on its way from then on.
    #[inline]
    fn ask<K: Key>(&self, word: K) -> Probe {
        let (hash, rows) = (word.hash(), self.rows.all());
        let row = ((u128::from(hash) * rows.len() as u128) >> 64) as usize;
        prefetch(&rows[row]);
        // The highest bits choose the bucket, so the tag comes from those in the middle.
        Probe { row, tag: ((hash >> 8) as u32) >> self.number_bits << self.number_bits }
    }

    /// Asks memory for the state that a word is most likely to be.
    #[inline]
    fn foresee<K: Key>(&self, probe: Probe, trail: &Trail<K>) {
        let row = &self.rows.all()[probe.row];
        let hits = self.hits(row, probe);
        let slot = row[hits.trailing_zeros() as usize % LANES];
        if hits != 0 && slot != 0 {
            trail.ask(self.number(slot));
        }
    }

    /// A bit for each slot with this tag; empty ones may be among them.
    #[inline]
    fn hits(&self, row: &Row, probe: Probe) -> u32 {
        const BITS: Row = [
            1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000,
            0x8000,
        ];
        let tags = !0 << self.number_bits;
        let hit = |(slot, bit): (&u32, u32)| match slot & tags == probe.tag {
            true => bit,
            false => 0,
        };
        row.iter().zip(BITS).map(hit).fold(0, |all, hit| all | hit)
    }

    #[inline]
    fn number(&self, slot: u32) -> u32 {
        (slot & !(!0 << self.number_bits)) - 1
    }

    /// Calls back with the places of those of the words that are there, in order.
    pub(super) fn find<K: Key>(&self, words: &[K], trail: &Trail<K>, mut back: impl FnMut(u32)) {
        // There are few, so that it is not worth while to ask for what they may be, too.
        words.iter().for_each(|word| _ = self.ask(*word));
        let found = words.iter().filter_map(|word| self.place(self.ask(*word), *word, trail));
        found.for_each(&mut back);
    }

    /// Where a word stands.
    #[inline]
    fn place<K: Key>(&self, mut probe: Probe, word: K, trail: &Trail<K>) -> Option<u32> {
        loop {
            let row = &self.rows.all()[probe.row];
            let mut hits = self.hits(row, probe);
            while hits != 0 {
                let slot = row[hits.trailing_zeros() as usize % LANES];
                if slot != 0 && trail.key(self.number(slot)) == word {
                    return Some(self.number(slot));
                }
                hits &= hits - 1;
            }
            if row[LANES - 1] == 0 {
                return None;
            }
            probe.row = self.after(probe.row);
        }
    }

    #[inline]
    fn after(&self, row: usize) -> usize {
        if row + 1 == self.rows.count() { 0 } else { row + 1 }
    }

    /// Follows words that have changed places with each other.
    pub(super) fn renumber<K: Key>(&mut self, moved: &[Renumbered<K>]) {
        // Until all are found, none may look like another one.
        let found: Vec<(usize, usize, u32)> = moved
            .iter()
            .map(|moved| {
                let mut probe = self.ask(moved.word);
                let before = probe.tag | (moved.from + 1);
                loop {
                    let row = &self.rows.all()[probe.row];
                    if let Some(lane) = row.iter().position(|slot| *slot == before) {
                        return (probe.row, lane, probe.tag | (moved.to + 1));
                    }
                    assert!(row[LANES - 1] != 0, "state {} is in the table", moved.from);
                    probe.row = self.after(probe.row);
                }
            })
            .collect();
        for (row, lane, slot) in found {
            self.rows.all_mut()[row][lane] = slot;
        }
    }

    /// Puts a state into the first empty slot.
    #[inline]
    fn settle(&mut self, mut probe: Probe, number: u32) {
        loop {
            let row = &mut self.rows.all_mut()[probe.row];
            if row[LANES - 1] == 0 {
                let used = row.iter().map(|slot| usize::from(*slot != 0)).sum::<usize>();
                row[used] = probe.tag | (number + 1);
                return;
            }
            probe.row = self.after(probe.row);
        }
    }

    /// Adds words, for which there is room, to the trail unless they are there; how many were dealt with.
    pub(super) fn add<K: Key>(
        &mut self,
        words: &[K],
        trail: &mut Trail<K>,
        mut source: impl FnMut(usize) -> u32,
    ) -> usize {
        let mut at = 0;
        // While some words are looked for, memory is asked for the states that the next ones may be, and for the
        // buckets of those after them.
        let mut batches = words.chunks(BATCH);
        let mut asked = batches.next().map(|batch| (batch, self.ask_all(batch)));
        let mut foreseen = None;
        while foreseen.is_some() || asked.is_some() {
            let after = batches.next().map(|batch| (batch, self.ask_all(batch)));
            if let Some((batch, probes)) = &asked {
                probes[..batch.len()].iter().for_each(|probe| self.foresee(*probe, trail));
            }
            if let Some((batch, probes)) = std::mem::replace(&mut foreseen, asked) {
                for (word, probe) in batch.iter().zip(probes) {
                    if self.place(probe, *word, trail).is_none() {
                        self.settle(probe, trail.len());
                        trail.push(*word, source(at));
                    }
                    at += 1;
                }
            }
            asked = after;
        }
        at
    }

    #[inline]
    fn ask_all<K: Key>(&self, words: &[K]) -> [Probe; BATCH] {
        let mut probes = [Probe::default(); BATCH];
        for (probe, word) in probes.iter_mut().zip(words) {
            *probe = self.ask(*word);
        }
        probes
    }
}
