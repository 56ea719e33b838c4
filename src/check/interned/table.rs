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

/// Where a word is looked for.
#[derive(Clone, Copy)]
struct Probe<T> {
    bucket: usize,
    stride: usize,
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
        Probe {
            bucket: (mixed >> kept.min(K::BITS - 1)).low() as usize & ((1 << self.power) - 1),
            stride: stride(remainder),
            tag: T::pack(remainder << PASSED_BITS),
        }
    }

    #[inline]
    fn row(&self, bucket: usize) -> &[T] {
        &self.slots[self.skip + bucket * T::LANES..][..T::LANES]
    }

    #[inline]
    fn place(&mut self, mut probe: Probe<T>) -> Placed {
        for _ in 0..1 << PASSED_BITS {
            let row = &mut self.slots[self.skip + probe.bucket * T::LANES..][..T::LANES];
            let known = row.iter().fold(false, |known, slot| known | (*slot == probe.tag));
            if known {
                return Placed::Known;
            }
            if row[T::LANES - 1] == T::default() {
                let used = row.iter().map(|slot| usize::from(*slot != T::default())).sum::<usize>();
                row[used] = probe.tag;
                return Placed::New;
            }
            probe.bucket = (probe.bucket + probe.stride) & ((1 << self.power) - 1);
            probe.tag = probe.tag.next();
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
        let mut power = LEAST.min(bits);
        while most(power, bits) < room {
            power += 1;
        }
        Table { buckets: width(power, bits), count: 0, most: most(power, bits) }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The bytes in use.
    pub(super) fn bytes(&self) -> u64 {
        with!(&self.buckets, buckets => size_of_val(buckets.slots.as_slice()) as u64)
    }

    /// Adds words, and pushes the places in `words` of those that are new.
    pub(super) fn add<K: Key>(&mut self, words: &[K], new: &mut Vec<u32>) {
        let mut done = 0;
        while done < words.len() {
            let batch = &words[done..words.len().min(done + BATCH)];
            if self.count + batch.len() > self.most {
                self.grow::<K>();
            }
            let before = new.len();
            let added = with!(&mut self.buckets, b => add(b, batch, done as u32, new));
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
                crowded |= new.place(new.probe(mixed)) == Placed::Crowded;
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

/// Buckets with the shortest tags that will do.
fn width(power: u32, bits: u32) -> Width {
    if Buckets::<u32>::fits(power, bits) {
        Width::Short(Buckets::new(power, bits))
    } else if Buckets::<u64>::fits(power, bits) {
        Width::Middle(Buckets::new(power + 1, bits))
    } else {
        Width::Long(Buckets::new(power + 2, bits))
    }
}

/// How many buckets are loaded before they are needed, so that memory answers many at a time.
const BATCH: usize = 64;

/// Adds words until there is no room for one; how many were dealt with.
fn add<T: Tag, K: Key>(
    buckets: &mut Buckets<T>,
    words: &[K],
    offset: u32,
    new: &mut Vec<u32>,
) -> usize {
    let mut probes = [Probe { bucket: 0, stride: 0, tag: T::default() }; BATCH];
    let mut touched = T::default();
    for (probe, word) in probes.iter_mut().zip(words) {
        *probe = buckets.probe(word.mix(buckets.bits));
        touched = touched.either(buckets.row(probe.bucket)[0]);
    }
    std::hint::black_box(touched);
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
        for piece in words.chunks(pieces.max(1)) {
            let mut new = Vec::new();
            table.add(piece, &mut new);
            let first: Vec<u32> =
                (0..piece.len() as u32).filter(|at| expected.insert(piece[*at as usize])).collect();
            assert_eq!(new, first);
        }
        assert_eq!(table.len(), expected.len());
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
            table.add(&words, &mut Vec::new());
            assert_eq!(table.len(), words.len());
            assert!(table.bytes() < 16 * words.len() as u64, "{} bytes", table.bytes());
        }
    }

    #[test]
    fn all_words_of_few_bits_fit() {
        let words: Vec<u64> = (0..1 << 12).rev().collect();
        compare(12, &words, 100);
        compare(1, &[1_u64, 0, 1], 1);
    }
}
