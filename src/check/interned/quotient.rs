//! A set of words that stores only a part of each: the bucket says the rest. Exact, not a filter.
//!
//! A word is mixed by a bijection. Its high bits choose a bucket, one cache line; its low bits, the
//! *remainder*, are kept in the bucket together with the number of buckets that were passed because they
//! were full. From these and the place the mixed word can be told again, so a table is doubled without the
//! words.

use super::key::Key;
use super::trail::Trail;
use crate::memory::{Lines, prefetch};

/// How many slots are in a bucket.
const LANES: usize = 16;

/// A bucket: a slot holds remainder and buckets passed, plus 1, or 0 if it is empty.
type Row = [u32; LANES];

/// A word may pass as many buckets as so many bits count.
const PASSED_BITS: u32 = 4;

/// The least number of buckets, as a power of two: a page of memory.
const LEAST: u32 = 6;

/// How many of 16 slots may be in use.
const FULL: usize = 14;

/// How many buckets are asked for at once, so that memory answers many at a time.
const BATCH: usize = 32;

/// Buckets, whose number is a power of two.
pub(super) struct Quotient {
    rows: Lines<Row>,
    /// The bits of a word.
    bits: u32,
}

/// Where a word is looked for first, and as what.
#[derive(Clone, Copy, Default)]
struct Probe {
    bucket: usize,
    tag: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Placed {
    Known,
    New,
    Crowded,
}

/// How words are looked for in a table of some size.
#[derive(Clone, Copy)]
struct Aim {
    /// The bits of a word.
    bits: u32,
    /// How many of them are kept.
    kept: u32,
    /// The greatest bucket.
    last: usize,
}

impl Aim {
    #[inline]
    fn probe<K: Key>(self, mixed: K) -> Probe {
        let remainder = (mixed & K::ones(self.kept)).low() as u32;
        let bucket = (mixed >> self.kept.min(K::BITS - 1)).low() as usize & self.last;
        Probe { bucket, tag: (remainder << PASSED_BITS) + 1 }
    }
}

impl Quotient {
    pub(super) fn new(power: u32, bits: u32) -> Self {
        Quotient { rows: Lines::lazy(1 << power), bits }
    }

    /// The words of a trail, in so many buckets as a power of two, or in more if they are too crowded.
    pub(super) fn of<K: Key>(trail: &Trail<K>, power: u32, bits: u32) -> Self {
        let mut next = Quotient::new(power, bits);
        let (aim, rows) = (next.aim(), next.rows.all_mut());
        let mut first = 0;
        while first < trail.len() {
            let end = first.saturating_add(BATCH as u32).min(trail.len());
            let mut probes = [Probe::default(); BATCH];
            for (probe, number) in probes.iter_mut().zip(first..end) {
                *probe = aim.probe(trail.key(number).mix(bits));
                prefetch(&rows[probe.bucket]);
            }
            for probe in &probes[..(end - first) as usize] {
                if settle(rows, *probe) == Placed::Crowded {
                    return Quotient::of(trail, power + 1, bits);
                }
            }
            first = end;
        }
        next
    }

    /// The number of buckets for so many words, as a power of two.
    pub(super) fn power_for(count: usize, bits: u32) -> u32 {
        let mut power = LEAST.min(bits);
        while most(power, bits) < count {
            power += 1;
        }
        power
    }

    /// Whether the remainders of words leave room in a slot.
    pub(super) fn fits(power: u32, bits: u32) -> bool {
        bits - power + PASSED_BITS < u32::BITS
    }

    /// The bytes of so many buckets, as a power of two.
    pub(super) fn bytes(power: u32) -> u64 {
        (size_of::<Row>() as u64) << power
    }

    /// The number of buckets, as a power of two.
    pub(super) fn power(&self) -> u32 {
        self.rows.count().ilog2()
    }

    /// How many words may be in it.
    pub(super) fn most(&self) -> usize {
        most(self.power(), self.bits)
    }

    fn aim(&self) -> Aim {
        let kept = self.bits - self.power();
        Aim { bits: self.bits, kept, last: self.rows.count() - 1 }
    }

    /// The same words in twice as many buckets, if there is room for all. A bucket's words come into two new ones side
    /// by side, but for those that had passed others.
    pub(super) fn doubled<K: Key>(&self) -> Option<Quotient> {
        let mut next = Quotient::new(self.power() + 1, self.bits);
        let (aim, kept, mut passed) = (next.aim(), self.aim().kept, Vec::new());
        let pairs = next.rows.all_mut().chunks_exact_mut(2);
        for (bucket, (pair, row)) in pairs.zip(self.rows.all()).enumerate() {
            let mut used = [0; 2];
            for tag in row.iter().take_while(|tag| **tag != 0) {
                let packed = tag - 1;
                if packed & ones(PASSED_BITS) != 0 {
                    passed.push(self.mixed::<K>(bucket, packed));
                    continue;
                }
                let half = (packed >> (kept + PASSED_BITS - 1)) as usize & 1;
                pair[half][used[half]] = (packed & ones(aim.kept + PASSED_BITS)) + 1;
                used[half] += 1;
            }
        }
        let rows = next.rows.all_mut();
        let all = passed.into_iter().all(|mixed| settle(rows, aim.probe(mixed)) == Placed::New);
        all.then_some(next)
    }

    /// The mixed word of what is in a bucket.
    fn mixed<K: Key>(&self, bucket: usize, packed: u32) -> K {
        let Aim { kept, last, .. } = self.aim();
        let passed = (packed & ones(PASSED_BITS)) as usize;
        let remainder = packed >> PASSED_BITS;
        let first = bucket.wrapping_sub(passed.wrapping_mul(stride(remainder)));
        let first = (first & last) as u32;
        let high = if kept < K::BITS { K::from(first) << kept } else { K::default() };
        high | K::from(remainder)
    }

    /// Adds words, for which there is room, to the trail unless they are there; how many were dealt with before one was
    /// crowded out.
    pub(super) fn add<K: Key>(
        &mut self,
        words: &[K],
        trail: &mut Trail<K>,
        mut source: impl FnMut(usize) -> u32,
    ) -> usize {
        let (aim, rows) = (self.aim(), self.rows.all_mut());
        let ask = |rows: &[Row], words: &[K]| {
            let mut probes = [Probe::default(); BATCH];
            for (probe, word) in probes.iter_mut().zip(words) {
                *probe = aim.probe(word.mix(aim.bits));
                prefetch(&rows[probe.bucket]);
            }
            probes
        };
        let mut batches = words.chunks(BATCH);
        let Some(mut batch) = batches.next() else { return 0 };
        let (mut probes, mut at) = (ask(rows, batch), 0);
        loop {
            // The next buckets are on their way while these are looked at.
            let next = batches.next();
            let later = next.map(|batch| ask(rows, batch));
            for (probe, word) in probes.iter().zip(batch) {
                match place(rows, *probe) {
                    Placed::Known => {}
                    Placed::New => trail.push(*word, source(at)),
                    Placed::Crowded => return at,
                }
                at += 1;
            }
            let (Some(next), Some(later)) = (next, later) else { return words.len() };
            (batch, probes) = (next, later);
        }
    }
}

/// How many words may be in so many buckets, as a power of two. Words of few bits may have all the room that they can
/// need.
fn most(power: u32, bits: u32) -> usize {
    if power >= bits { usize::MAX } else { FULL << power }
}

/// Puts a word where it is not yet.
#[inline]
fn place(rows: &mut [Row], probe: Probe) -> Placed {
    let row = &rows[probe.bucket];
    if row.iter().fold(false, |known, slot| known | (*slot == probe.tag)) {
        return Placed::Known;
    }
    settle(rows, probe)
}

/// Puts a word that is not in its first bucket.
#[inline]
fn settle(rows: &mut [Row], probe: Probe) -> Placed {
    let row = &mut rows[probe.bucket];
    if row[LANES - 1] == 0 {
        put(row, probe.tag);
        return Placed::New;
    }
    pass(rows, probe)
}

/// Goes on behind a full bucket.
#[cold]
fn pass(rows: &mut [Row], probe: Probe) -> Placed {
    let Probe { mut bucket, mut tag } = probe;
    let stride = stride((tag - 1) >> PASSED_BITS);
    for _ in 1..1 << PASSED_BITS {
        bucket = (bucket + stride) & (rows.len() - 1);
        tag += 1;
        let row = &mut rows[bucket];
        if row.contains(&tag) {
            return Placed::Known;
        }
        if row[LANES - 1] == 0 {
            put(row, tag);
            return Placed::New;
        }
    }
    Placed::Crowded
}

/// Puts a tag into the first empty slot.
#[inline]
fn put(row: &mut Row, tag: u32) {
    let used = row.iter().map(|slot| usize::from(*slot != 0)).sum::<usize>();
    row[used] = tag;
}

/// How far apart the buckets are in which a word is looked for: odd, so that it meets all.
#[inline]
fn stride(remainder: u32) -> usize {
    (remainder as usize) << 1 | 1
}

/// A slot with so many of its lowest bits set.
#[inline]
fn ones(bits: u32) -> u32 {
    !0 >> (u32::BITS - bits)
}
