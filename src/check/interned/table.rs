//! A set of words that stores only a part of each: the bucket says the rest. Exact, not a filter.
//!
//! A word is mixed by a bijection. Its high bits choose a bucket, one cache line; its low bits, the
//! *remainder*, are kept in the bucket together with the number of buckets that were passed because they
//! were full. From these and the place the mixed word can be told again, so a table grows without the
//! words.

use bytemuck::Pod;

use super::key::Key;
use crate::memory::{Lines, prefetch};

/// What a slot holds: remainder and buckets passed, plus 1; 0 where the slot is empty.
trait Tag: Copy + Eq + Default {
    /// A bucket of them.
    type Row: Pod + AsRef<[Self]> + AsMut<[Self]>;
    /// Its bits.
    const BITS: u32;
    /// How many fill a bucket.
    const LANES: usize = 512 / Self::BITS as usize;

    fn pack<K: Key>(word: K) -> Self;
    fn unpack<K: Key>(self) -> K;
    /// The tag of the same remainder with one bucket more passed.
    fn next(self) -> Self;
}

macro_rules! tag {
    ($type:ty) => {
        impl Tag for $type {
            type Row = [$type; 512 / <$type>::BITS as usize];
            const BITS: u32 = <$type>::BITS;

            #[inline]
            fn pack<K: Key>(word: K) -> Self {
                word.wide() as $type + 1
            }

            #[inline]
            fn unpack<K: Key>(self) -> K {
                K::narrow((self - 1).into())
            }

            #[inline]
            fn next(self) -> Self {
                self + 1
            }
        }
    };
}

tag!(u32);
tag!(u64);
tag!(u128);

/// A word may pass as many buckets as so many bits count.
const PASSED_BITS: u32 = 3;

/// The least number of buckets, as a power of two: a page of memory.
const LEAST: u32 = 6;

/// How many words there may be for each 16 slots.
const FULL: usize = 12;

/// Buckets with tags of one width; their number is a power of two.
struct Buckets<T: Tag> {
    rows: Lines<T::Row>,
    /// The bits of a word.
    bits: u32,
}

/// Where a word is looked for first.
#[derive(Clone, Copy)]
struct Probe<T> {
    bucket: usize,
    tag: T,
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
    /// The bits of a word that are kept.
    kept: u32,
    /// The greatest bucket.
    last: usize,
}

impl Aim {
    #[inline]
    fn probe<T: Tag, K: Key>(self, mixed: K) -> Probe<T> {
        let remainder = mixed & K::ones(self.kept);
        let bucket = (mixed >> self.kept.min(K::BITS - 1)).low() as usize & self.last;
        Probe { bucket, tag: T::pack(remainder << PASSED_BITS) }
    }
}

impl<T: Tag> Buckets<T> {
    fn new(power: u32, bits: u32) -> Self {
        Buckets { rows: Lines::lazy(1 << power), bits }
    }

    /// Whether the remainders of words leave room in a tag.
    fn fits(power: u32, bits: u32) -> bool {
        bits - power + PASSED_BITS < T::BITS
    }

    /// The number of buckets, as a power of two.
    fn power(&self) -> u32 {
        self.rows.count().ilog2()
    }

    /// The number of buckets, as a power of two, if tags were the shortest.
    fn nominal(&self) -> u32 {
        self.power() - (16 / T::LANES).ilog2()
    }

    fn aim(&self) -> Aim {
        Aim { kept: self.bits - self.power(), last: self.rows.count() - 1 }
    }

    /// Takes over all words of half as many buckets; whether there was room. A bucket's words come into two new ones
    /// side by side, but for those that had passed others.
    fn split<K: Key>(&mut self, old: &Buckets<T>) -> bool {
        let (aim, kept, mut passed) = (self.aim(), old.aim().kept, Vec::new());
        let pairs = self.rows.all_mut().chunks_exact_mut(2);
        for (bucket, (pair, row)) in pairs.zip(old.rows.all()).enumerate() {
            let mut used = [0; 2];
            for tag in row.as_ref() {
                if *tag == T::default() {
                    break;
                }
                let packed: K = tag.unpack();
                if packed & K::ones(PASSED_BITS) != K::default() {
                    passed.push(old.mixed::<K>(bucket, *tag));
                    continue;
                }
                let half = (packed >> (kept + PASSED_BITS - 1)).low() as usize & 1;
                pair[half].as_mut()[used[half]] = T::pack(packed & K::ones(aim.kept + PASSED_BITS));
                used[half] += 1;
            }
        }
        let rows = self.rows.all_mut();
        passed.into_iter().all(|mixed| settle::<T>(rows, aim.probe(mixed)) == Placed::New)
    }

    /// Takes over all words of fewer buckets of the same width; whether there was room.
    fn double<K: Key>(&mut self, old: &Buckets<T>) -> bool {
        if self.power() == old.power() + 1 { self.split::<K>(old) } else { self.take::<K, T>(old) }
    }

    /// Takes over all words of other buckets; whether there was room.
    fn take<K: Key, O: Tag>(&mut self, old: &Buckets<O>) -> bool {
        let (aim, rows, mut fits) = (self.aim(), self.rows.all_mut(), true);
        old.each(|mixed: K| {
            let probe: Probe<T> = aim.probe(mixed);
            fits &= settle(rows, probe) == Placed::New;
        });
        fits
    }

    /// Calls back with every mixed word.
    fn each<K: Key>(&self, mut back: impl FnMut(K)) {
        for (bucket, row) in self.rows.all().iter().enumerate() {
            let used = row.as_ref().iter().take_while(|tag| **tag != T::default());
            used.for_each(|tag| back(self.mixed(bucket, *tag)));
        }
    }

    /// The mixed word of a tag in a bucket.
    fn mixed<K: Key>(&self, bucket: usize, tag: T) -> K {
        let Aim { kept, last } = self.aim();
        let packed: K = tag.unpack();
        let passed = (packed & K::ones(PASSED_BITS)).low() as usize;
        let remainder = packed >> PASSED_BITS;
        let first = bucket.wrapping_sub(passed.wrapping_mul(stride(remainder)));
        let first = (first & last) as u32;
        let high = if kept < K::BITS { K::from(first) << kept } else { K::default() };
        high | remainder
    }
}

/// Puts a word where it is not yet.
#[inline]
fn place<T: Tag>(rows: &mut [T::Row], probe: Probe<T>) -> Placed {
    let row = rows[probe.bucket].as_mut();
    if row.iter().fold(false, |known, slot| known | (*slot == probe.tag)) {
        return Placed::Known;
    }
    settle(rows, probe)
}

/// Puts a word that is not in its first bucket.
#[inline]
fn settle<T: Tag>(rows: &mut [T::Row], probe: Probe<T>) -> Placed {
    let row = rows[probe.bucket].as_mut();
    if row[T::LANES - 1] == T::default() {
        put(row, probe.tag);
        return Placed::New;
    }
    pass::<T>(rows, probe)
}

/// Goes on behind a full bucket.
#[cold]
fn pass<T: Tag>(rows: &mut [T::Row], probe: Probe<T>) -> Placed {
    let Probe { mut bucket, mut tag } = probe;
    let packed: u128 = tag.unpack();
    let stride = stride(packed >> PASSED_BITS);
    for _ in 1..1 << PASSED_BITS {
        bucket = (bucket + stride) & (rows.len() - 1);
        tag = tag.next();
        let row = rows[bucket].as_mut();
        if row.contains(&tag) {
            return Placed::Known;
        }
        if row[T::LANES - 1] == T::default() {
            put(row, tag);
            return Placed::New;
        }
    }
    Placed::Crowded
}

/// Puts a tag into the first empty slot.
#[inline]
fn put<T: Tag>(row: &mut [T], tag: T) {
    let used = row.iter().map(|slot| usize::from(*slot != T::default())).sum::<usize>();
    row[used] = tag;
}

/// How far apart the buckets are in which a word is looked for: odd, so that it meets all.
#[inline]
fn stride<K: Key>(remainder: K) -> usize {
    (remainder.low() as usize) << 1 | 1
}

enum Width {
    Short(Buckets<u32>),
    Middle(Buckets<u64>),
    Long(Buckets<u128>),
}

/// Calls a function with the buckets, whatever their width.
macro_rules! with {
    ($width:expr, $buckets:ident => $do:expr) => {
        match $width {
            Width::Short($buckets) => $do,
            Width::Middle($buckets) => $do,
            Width::Long($buckets) => $do,
        }
    };
}

/// A set of words of so many bits.
pub(super) struct Table {
    buckets: Width,
    count: usize,
    /// How many words may be in it before it grows.
    most: usize,
}

impl Table {
    /// An empty set of words of `bits` bits, with room for some.
    pub(super) fn new(bits: u32, room: usize) -> Self {
        let power = power_for(room, bits);
        Table { buckets: width(power, bits), count: 0, most: most(power, bits) }
    }

    /// The bytes that a table of so many words of so many bits takes.
    pub(super) fn bytes_for(count: usize, bits: u32) -> u64 {
        let power = power_for(count, bits);
        let tag = match Tags::of(power, bits) {
            Tags::Short => size_of::<u32>(),
            Tags::Middle => size_of::<u64>(),
            Tags::Long => size_of::<u128>(),
        };
        (tag << power) as u64 * 16
    }

    /// Adds words, once `mix` has spread their bits, and pushes the places in `words` of those that are new.
    pub(super) fn add<K: Key>(
        &mut self,
        words: &[K],
        mix: impl Fn(K) -> K + Copy,
        new: &mut Vec<u32>,
    ) {
        let mut done = 0;
        while done < words.len() {
            let room = self.most - self.count;
            if room == 0 {
                self.grow::<K>();
                continue;
            }
            let some = &words[done..words.len().min(done.saturating_add(room))];
            let before = new.len();
            let dealt_with = with!(&mut self.buckets, b => add(b, some, mix, done as u32, new));
            self.count += new.len() - before;
            done += dealt_with;
            if dealt_with < some.len() {
                self.grow::<K>();
            }
        }
    }

    /// Grows; words of few bits may have all the room that they can need.
    fn grow<K: Key>(&mut self) {
        let (power, bits) = with!(&self.buckets, b => (b.nominal(), b.bits));
        for power in power + 1.. {
            let mut next = width(power.min(bits), bits);
            let fits = match (&self.buckets, &mut next) {
                (Width::Short(old), Width::Short(new)) => new.double::<K>(old),
                (Width::Middle(old), Width::Middle(new)) => new.double::<K>(old),
                (Width::Long(old), Width::Long(new)) => new.double::<K>(old),
                (old, new) => with!(old, old => with!(new, new => new.take::<K, _>(old))),
            };
            if fits {
                (self.buckets, self.most) = (next, most(power, bits));
                return;
            }
        }
    }
}

/// How many words may be in a table.
fn most(power: u32, bits: u32) -> usize {
    if power >= bits { usize::MAX } else { (1 << power) * FULL }
}

/// The number of buckets for so many words, as a power of two, if tags are the shortest.
fn power_for(count: usize, bits: u32) -> u32 {
    let mut power = LEAST.min(bits);
    while most(power, bits) < count {
        power += 1;
    }
    power
}

/// The widths of tags.
enum Tags {
    Short,
    Middle,
    Long,
}

impl Tags {
    /// The shortest that will do.
    fn of(power: u32, bits: u32) -> Tags {
        if Buckets::<u32>::fits(power, bits) {
            Tags::Short
        } else if Buckets::<u64>::fits(power, bits) {
            Tags::Middle
        } else {
            Tags::Long
        }
    }
}

fn width(power: u32, bits: u32) -> Width {
    match Tags::of(power, bits) {
        Tags::Short => Width::Short(Buckets::new(power, bits)),
        Tags::Middle => Width::Middle(Buckets::new(power + 1, bits)),
        Tags::Long => Width::Long(Buckets::new(power + 2, bits)),
    }
}

/// How many buckets are asked for at once, so that memory answers many at a time.
const BATCH: usize = 32;

/// Adds words until there is no room for one; how many were dealt with. The first one's place is `offset`.
fn add<T: Tag, K: Key>(
    buckets: &mut Buckets<T>,
    words: &[K],
    mix: impl Fn(K) -> K,
    offset: u32,
    new: &mut Vec<u32>,
) -> usize {
    let aim = buckets.aim();
    let rows = buckets.rows.all_mut();
    let ask = |rows: &[T::Row], words: &[K]| {
        let mut probes = [Probe { bucket: 0, tag: T::default() }; BATCH];
        for (probe, word) in probes.iter_mut().zip(words) {
            *probe = aim.probe(mix(*word));
            prefetch(&rows[probe.bucket]);
        }
        probes
    };
    let mut batches = words.chunks(BATCH);
    let Some(mut batch) = batches.next() else { return 0 };
    let (mut probes, mut at) = (ask(rows, batch), offset);
    loop {
        // The next buckets are on their way while these are looked at.
        let next = batches.next();
        let later = next.map(|batch| ask(rows, batch));
        for probe in &probes[..batch.len()] {
            match place(rows, *probe) {
                Placed::Known => {}
                Placed::New => new.push(at),
                Placed::Crowded => return (at - offset) as usize,
            }
            at += 1;
        }
        let (Some(next), Some(later)) = (next, later) else { return words.len() };
        (batch, probes) = (next, later);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn compare<K: Key>(bits: u32, words: &[K], pieces: usize) {
        let mut table = Table::new(bits, 0);
        let mut expected = BTreeSet::new();
        let mix = |word: K| word.mix(bits);
        for piece in words.chunks(pieces.max(1)) {
            let mut new = Vec::new();
            table.add(piece, mix, &mut new);
            let is_new = |at: &u32| expected.insert(piece[*at as usize]);
            let first: Vec<u32> = (0..piece.len() as u32).filter(is_new).collect();
            assert_eq!(new, first);
        }
        assert_eq!(table.count, expected.len());
        let mut mixed = BTreeSet::new();
        with!(&table.buckets, b => b.each(|word: K| {
            mixed.insert(word);
        }));
        let all: BTreeSet<K> = expected.into_iter().map(|word| word.mix(bits)).collect();
        assert_eq!(mixed, all);
    }

    proptest! {
        #[test]
        fn it_is_a_set(
            words in prop::collection::vec(any::<u128>(), 0..3000),
            bits in 1..=128_u32,
            pieces in 1..200_usize,
        ) {
            let wide: Vec<u128> = words.iter().map(|word| word & u128::ones(bits)).collect();
            compare(bits, &wide, pieces);
            let bits = bits.min(64);
            let short: Vec<u64> = words.iter().map(|word| *word as u64 & u64::ones(bits)).collect();
            compare(bits, &short, pieces);
        }
    }

    #[test]
    fn structured_words_find_room() {
        for shift in [0, 5, 17, 30] {
            let words: Vec<u64> = (0..40_000).map(|word| word << shift).collect();
            let mut table = Table::new(46, 0);
            table.add(&words, |word| word.mix(46), &mut Vec::new());
            assert_eq!(table.count, words.len());
            let bytes = with!(&table.buckets, b => b.rows.bytes());
            assert!(bytes < 16 * words.len() as u64, "{bytes} bytes");
            assert_eq!(bytes, Table::bytes_for(words.len(), 46));
        }
    }

    #[test]
    fn all_words_of_few_bits_fit() {
        let words: Vec<u64> = (0..1 << 12).rev().collect();
        compare(12, &words, 100);
        compare(1, &[1_u64, 0, 1], 1);
    }
}
