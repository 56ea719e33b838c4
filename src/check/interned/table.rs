//! A set of words that stores only a part of each: the bucket says the rest. Exact, not a filter.
//!
//! A word is mixed by a bijection. Its high bits choose a bucket, one cache line; its low bits, the
//! *remainder*, are kept in the bucket together with the number of buckets that were passed because they
//! were full. From these and the place the mixed word can be told again, so a table grows without the
//! words.

use super::key::Key;

/// What a slot holds: remainder and buckets passed, plus 1; 0 where the slot is empty.
trait Tag: Copy + Eq + Default {
    /// Its bits.
    const BITS: u32;
    /// How many fill a bucket.
    const LANES: usize = 512 / Self::BITS as usize;

    fn pack<K: Key>(word: K) -> Self;
    fn unpack<K: Key>(self) -> K;
    /// The tag of the same remainder with one bucket more passed.
    fn next(self) -> Self;
    /// A mixture of two.
    fn either(self, other: Self) -> Self;
}

macro_rules! tag {
    ($type:ty) => {
        impl Tag for $type {
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

            #[inline]
            fn either(self, other: Self) -> Self {
                self | other
            }
        }
    };
}

tag!(u32);
tag!(u64);
tag!(u128);

/// A word may pass as many buckets as so many bits count.
const PASSED_BITS: u32 = 3;

/// The least number of buckets, as a power of two.
const LEAST: u32 = 4;

/// How many words there may be for each 16 slots.
const FULL: usize = 12;

/// Buckets with tags of one width.
struct Buckets<T> {
    slots: Vec<T>,
    /// Slots before the first cache line.
    skip: usize,
    /// The number of buckets, as a power of two.
    power: u32,
    /// The bits of a word.
    bits: u32,
}

/// Where a word is looked for first.
#[derive(Clone, Copy)]
struct Probe<T> {
    /// The first slot of the bucket.
    first: usize,
    tag: T,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Placed {
    Known,
    New,
    Crowded,
}

impl<T: Tag> Buckets<T> {
    fn new(power: u32, bits: u32) -> Self {
        let count = T::LANES << power;
        let slots = vec![T::default(); count + T::LANES - 1];
        let skip = slots.as_ptr().align_offset(64).min(T::LANES - 1);
        Buckets { slots, skip, power, bits }
    }

    /// Whether the remainders of words leave room in a tag.
    fn fits(power: u32, bits: u32) -> bool {
        bits - power + PASSED_BITS < T::BITS
    }

    /// The number of buckets, as a power of two, if tags were the shortest.
    fn nominal(&self) -> u32 {
        self.power - (16 / T::LANES).ilog2()
    }

    #[inline]
    fn probe<K: Key>(&self, mixed: K) -> Probe<T> {
        let kept = self.bits - self.power;
        let remainder = mixed & K::ones(kept);
        let bucket = (mixed >> kept.min(K::BITS - 1)).low() as usize & ((1 << self.power) - 1);
        let first = self.skip + bucket * T::LANES;
        Probe { first, tag: T::pack(remainder << PASSED_BITS) }
    }

    #[inline]
    fn row(&self, bucket: usize) -> &[T] {
        &self.slots[self.skip + bucket * T::LANES..][..T::LANES]
    }

    #[inline]
    fn place(&mut self, probe: Probe<T>) -> Placed {
        let row = &mut self.slots[probe.first..][..T::LANES];
        if row.iter().fold(false, |known, slot| known | (*slot == probe.tag)) {
            return Placed::Known;
        }
        if row[T::LANES - 1] == T::default() {
            put(row, probe.tag);
            return Placed::New;
        }
        self.pass(probe)
    }

    #[inline]
    fn contains(&self, probe: Probe<T>) -> bool {
        let row = &self.slots[probe.first..][..T::LANES];
        let known = row.iter().fold(false, |known, slot| known | (*slot == probe.tag));
        known || (row[T::LANES - 1] != T::default() && self.is_behind(probe))
    }

    /// Looks behind a full bucket.
    #[cold]
    fn is_behind(&self, probe: Probe<T>) -> bool {
        let Probe { first, mut tag } = probe;
        let mut bucket = (first - self.skip) / T::LANES;
        let packed: u128 = tag.unpack();
        let stride = stride(packed >> PASSED_BITS);
        for _ in 1..1 << PASSED_BITS {
            bucket = (bucket + stride) & ((1 << self.power) - 1);
            tag = tag.next();
            let row = self.row(bucket);
            if row.contains(&tag) {
                return true;
            }
            if row[T::LANES - 1] == T::default() {
                return false;
            }
        }
        false
    }

    /// Puts a word that is not there; whether there was room.
    #[inline]
    fn settle(&mut self, probe: Probe<T>) -> bool {
        let row = &mut self.slots[probe.first..][..T::LANES];
        if row[T::LANES - 1] == T::default() {
            put(row, probe.tag);
            return true;
        }
        self.pass(probe) == Placed::New
    }

    /// Goes on behind a full bucket.
    #[cold]
    fn pass(&mut self, probe: Probe<T>) -> Placed {
        let Probe { first, mut tag } = probe;
        let mut bucket = (first - self.skip) / T::LANES;
        let packed: u128 = tag.unpack();
        let stride = stride(packed >> PASSED_BITS);
        for _ in 1..1 << PASSED_BITS {
            bucket = (bucket + stride) & ((1 << self.power) - 1);
            tag = tag.next();
            let row = &mut self.slots[self.skip + bucket * T::LANES..][..T::LANES];
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

    /// Calls back with every mixed word.
    fn each<K: Key>(&self, mut back: impl FnMut(K)) {
        let kept = self.bits - self.power;
        for bucket in 0..1_usize << self.power {
            for tag in self.row(bucket).iter().take_while(|tag| **tag != T::default()) {
                let packed: K = tag.unpack();
                let passed = (packed & K::ones(PASSED_BITS)).low() as usize;
                let remainder = packed >> PASSED_BITS;
                let first = bucket.wrapping_sub(passed.wrapping_mul(stride(remainder)));
                let first = (first & ((1 << self.power) - 1)) as u32;
                let high = if kept < K::BITS { K::from(first) << kept } else { K::default() };
                back(high | remainder);
            }
        }
    }
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

    /// Calls back with the places of the mixed words, at most [`BATCH`], that are not in the table.
    #[inline]
    pub(super) fn absent<K: Key>(&self, mixed: &[K], back: impl FnMut(usize)) {
        with!(&self.buckets, b => absent(b, mixed, back));
    }

    /// Adds words, once `mix` has spread their bits, and pushes `offset` and the places in `words` of those
    /// that are new.
    pub(super) fn add<K: Key>(
        &mut self,
        words: &[K],
        mix: impl Fn(K) -> K + Copy,
        offset: u32,
        new: &mut Vec<u32>,
    ) {
        let mut done = 0;
        while done < words.len() {
            let batch = &words[done..words.len().min(done + BATCH)];
            if self.count + batch.len() > self.most {
                self.grow::<K>();
            }
            let before = new.len();
            let at = offset + done as u32;
            let added = with!(&mut self.buckets, b => add(b, batch, mix, at, new));
            self.count += new.len() - before;
            done += added;
            if added < batch.len() {
                self.grow::<K>();
            }
        }
    }

    /// Grows; words of few bits may have all the room that they can need.
    fn grow<K: Key>(&mut self) {
        let (power, bits) = with!(&self.buckets, b => (b.nominal(), b.bits));
        for power in power + 1.. {
            let mut next = width(power.min(bits), bits);
            let mut crowded = false;
            with!(&self.buckets, old => with!(&mut next, new => old.each(|mixed: K| {
                crowded |= !new.settle(new.probe(mixed));
            })));
            if !crowded {
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

/// How many buckets are loaded before they are needed, so that memory answers many at a time.
pub(super) const BATCH: usize = 64;

/// See [`Table::absent`].
#[inline]
fn absent<T: Tag, K: Key>(buckets: &Buckets<T>, mixed: &[K], mut back: impl FnMut(usize)) {
    let mut probes = [Probe { first: 0, tag: T::default() }; BATCH];
    for (probe, word) in probes.iter_mut().zip(mixed) {
        *probe = buckets.probe(*word);
    }
    let probes = &probes[..mixed.len()];
    let touched = probes.iter().map(|probe| buckets.slots[probe.first]);
    std::hint::black_box(touched.fold(T::default(), T::either));
    for (at, probe) in probes.iter().enumerate() {
        if !buckets.contains(*probe) {
            back(at);
        }
    }
}

/// Adds words until there is no room for one; how many were dealt with.
fn add<T: Tag, K: Key>(
    buckets: &mut Buckets<T>,
    words: &[K],
    mix: impl Fn(K) -> K,
    offset: u32,
    new: &mut Vec<u32>,
) -> usize {
    let mut probes = [Probe { first: 0, tag: T::default() }; BATCH];
    for (probe, word) in probes.iter_mut().zip(words) {
        *probe = buckets.probe(mix(*word));
    }
    // Nothing but loads, so that as many as possible are under way at once.
    let touched = probes[..words.len()].iter().map(|probe| buckets.slots[probe.first]);
    std::hint::black_box(touched.fold(T::default(), T::either));
    for (at, probe) in probes[..words.len()].iter().enumerate() {
        match buckets.place(*probe) {
            Placed::Known => {}
            Placed::New => new.push(offset + at as u32),
            Placed::Crowded => return at,
        }
    }
    words.len()
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
            for words in piece.chunks(BATCH) {
                let mixed: Vec<K> = words.iter().map(|word| mix(*word)).collect();
                let mut absent = Vec::new();
                table.absent(&mixed, |at| absent.push(words[at]));
                let unknown = words.iter().filter(|word| !expected.contains(*word));
                assert!(unknown.eq(&absent));
            }
            table.add(piece, mix, 7, &mut new);
            let is_new = |at: &u32| expected.insert(piece[*at as usize]);
            let first: Vec<u32> = (0..piece.len() as u32).filter(is_new).map(|at| at + 7).collect();
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
            table.add(&words, |word| word.mix(46), 0, &mut Vec::new());
            assert_eq!(table.count, words.len());
            let bytes = with!(&table.buckets, b => size_of_val(b.slots.as_slice()));
            assert!(bytes < 16 * words.len(), "{bytes} bytes");
            let told = Table::bytes_for(words.len(), 46);
            assert!((bytes as u64 - told) < 64, "{bytes} bytes, {told} told");
        }
    }

    #[test]
    fn all_words_of_few_bits_fit() {
        let words: Vec<u64> = (0..1 << 12).rev().collect();
        compare(12, &words, 100);
        compare(1, &[1_u64, 0, 1], 1);
    }
}
