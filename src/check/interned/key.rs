//! Packed states: the numbers of a state's blocks side by side in one word.

use std::fmt::Debug;
use std::hash::Hash;
use std::ops::{BitAnd, BitOr, BitXor, Not, Shl, Shr};

/// A word that holds a state.
pub(super) trait Key:
    Copy
    + Eq
    + Ord
    + Hash
    + Debug
    + Default
    + Send
    + Sync
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + From<u32>
    + 'static
{
    /// Its bits.
    const BITS: u32;

    /// Its lowest bits.
    fn low(self) -> u64;

    /// A bijection of words of so many bits that spreads what differs over the high bits.
    fn mix(self, bits: u32) -> Self;

    /// A hash for tables of a power of two: take the high bits.
    fn hash(self) -> u64;

    /// Writes all its bytes to a place.
    fn write(self, bytes: &mut [u8], at: usize);

    /// The word whose lowest bytes stand at a place; whatever follows is cut off with `mask`.
    fn read(bytes: &[u8], at: usize, mask: Self) -> Self;

    /// A word with so many bits set.
    fn ones(bits: u32) -> Self {
        if bits == 0 { Self::default() } else { !Self::default() >> (Self::BITS - bits) }
    }
}

/// How many bytes may be read or written behind the last key.
pub(super) const MARGIN: usize = 16;

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
const OTHER_ODD: u64 = 0xd6e8_feb8_6659_fd93;

impl Key for u64 {
    const BITS: u32 = 64;

    #[inline]
    fn low(self) -> u64 {
        self
    }

    #[inline]
    fn mix(self, bits: u32) -> u64 {
        let (ones, half) = (u64::ones(bits), bits.div_ceil(2));
        let mut word = self ^ (self >> half);
        word = word.wrapping_mul(ODD) & ones;
        word ^= word >> half;
        word.wrapping_mul(OTHER_ODD) & ones
    }

    #[inline]
    fn hash(self) -> u64 {
        (self ^ (self >> 32)).wrapping_mul(ODD)
    }

    #[inline]
    fn write(self, bytes: &mut [u8], at: usize) {
        bytes[at..at + 8].copy_from_slice(&self.to_le_bytes());
    }

    #[inline]
    fn read(bytes: &[u8], at: usize, mask: u64) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(word) & mask
    }
}

impl Key for u128 {
    const BITS: u32 = 128;

    #[inline]
    fn low(self) -> u64 {
        self as u64
    }

    #[inline]
    fn mix(self, bits: u32) -> u128 {
        const WIDE_ODD: u128 = ((ODD as u128) << 64) | OTHER_ODD as u128;
        let (ones, half) = (u128::ones(bits), bits.div_ceil(2));
        let mut word = self ^ (self >> half);
        word = word.wrapping_mul(WIDE_ODD) & ones;
        word ^= word >> half;
        word.wrapping_mul(WIDE_ODD) & ones
    }

    #[inline]
    fn hash(self) -> u64 {
        ((self as u64) ^ ((self >> 64) as u64).rotate_left(29)).hash()
    }

    #[inline]
    fn write(self, bytes: &mut [u8], at: usize) {
        bytes[at..at + 16].copy_from_slice(&self.to_le_bytes());
    }

    #[inline]
    fn read(bytes: &[u8], at: usize, mask: u128) -> u128 {
        let mut word = [0; 16];
        word.copy_from_slice(&bytes[at..at + 16]);
        u128::from_le_bytes(word) & mask
    }
}

/// Where each block's number stands in a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    widths: Vec<u32>,
    /// Where each block begins, and the bits that its numbers have.
    places: Vec<(u32, u64)>,
    bits: u32,
}

impl Layout {
    pub(super) fn new(widths: Vec<u32>) -> Self {
        let mut next = 0;
        let place = |width: &u32| {
            next += width;
            (next - width, u64::ones(*width))
        };
        let places = widths.iter().map(place).collect();
        let bits = widths.iter().sum();
        Layout { widths, places, bits }
    }

    /// The bits of a key.
    #[inline]
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// Whether a number fits into its place.
    pub(super) fn fits(&self, block: usize, number: u32) -> bool {
        u64::from(number) >> self.widths[block] == 0
    }

    /// The bits of a block.
    pub(super) fn mask<K: Key>(&self, block: usize) -> K {
        K::ones(self.widths[block]) << self.places[block].0
    }

    /// A block's number in a key.
    #[inline]
    pub(super) fn get<K: Key>(&self, key: K, block: usize) -> u32 {
        let (shift, ones) = self.places[block];
        ((key >> shift).low() & ones) as u32
    }

    /// A block's number at its place.
    #[inline]
    pub(super) fn put<K: Key>(&self, block: usize, number: u32) -> K {
        K::from(number) << self.places[block].0
    }

    /// How keys of this layout become keys of another one, into which their numbers fit.
    pub(super) fn moves<K: Key>(&self, to: &Layout) -> Moves<K> {
        let mut moves: Vec<Move<K>> = Vec::new();
        for block in (0..self.widths.len()).filter(|block| self.widths[*block] > 0) {
            let (old, new) = (self.places[block].0, to.places[block].0);
            let (mask, up, down) =
                (self.mask(block), new.saturating_sub(old), old.saturating_sub(new));
            match moves.last_mut() {
                Some(last) if (last.up, last.down) == (up, down) => last.mask = last.mask | mask,
                _ => moves.push(Move { mask, up, down }),
            }
        }
        Moves(moves)
    }
}

/// Some bits of a key, and how far they move: one way or the other.
struct Move<K> {
    mask: K,
    up: u32,
    down: u32,
}

/// How each bit of a key moves.
pub(super) struct Moves<K>(Vec<Move<K>>);

impl<K: Key> Moves<K> {
    /// A key in the other layout.
    #[inline]
    pub(super) fn apply(&self, key: K) -> K {
        let moved = self.0.iter().map(|each| (key & each.mask) << each.up >> each.down);
        moved.fold(K::default(), |word, bits| word | bits)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn mixing_loses_nothing() {
        for bits in [1, 2, 5, 12, 16] {
            let mixed: BTreeSet<u64> = (0..1 << bits).map(|word: u64| word.mix(bits)).collect();
            assert_eq!(mixed.len(), 1 << bits);
            assert_eq!(mixed.last(), Some(&u64::ones(bits)));
            let mixed: BTreeSet<u128> = (0..1 << bits).map(|word: u128| word.mix(bits)).collect();
            assert_eq!(mixed.len(), 1 << bits);
            assert_eq!(mixed.last(), Some(&u128::ones(bits)));
        }
    }

    #[test]
    fn a_layout_finds_its_numbers_again() {
        let layout = Layout::new(vec![3, 0, 32, 7]);
        assert_eq!(layout.bits(), 42);
        let key =
            layout.put::<u64>(0, 5) | layout.put::<u64>(2, u32::MAX) | layout.put::<u64>(3, 99);
        assert_eq!([0, 1, 2, 3].map(|block| layout.get(key, block)), [5, 0, u32::MAX, 99]);
        let wider = Layout::new(vec![4, 2, 32, 9]);
        let moved = layout.moves(&wider).apply(key);
        assert_eq!([0, 1, 2, 3].map(|block| wider.get(moved, block)), [5, 0, u32::MAX, 99]);
        let back = wider.moves(&layout).apply(moved);
        assert_eq!(key, back);
        assert!(layout.fits(0, 7) && !layout.fits(0, 8) && layout.fits(1, 0));
        assert!(!layout.fits(1, 1) && layout.fits(2, u32::MAX));
    }

    #[test]
    fn bytes_hold_a_key() {
        let mut bytes = vec![0xff_u8; 5 + MARGIN];
        0x12_3456_789a_u64.write(&mut bytes, 3);
        assert_eq!(u64::read(&bytes, 3, u64::ones(40)), 0x12_3456_789a);
        0x12_3456_789a_u128.write(&mut bytes, 5);
        assert_eq!(u128::read(&bytes, 5, u128::ones(40)), 0x12_3456_789a);
    }
}
