//! A fixed mixing of keys into 64 bits, and of numbers into keys.
//!
//! Must never be seeded by the process: the same key gives the same bits in every run.

/// Odd constants without structure: the fractional parts of the square roots of 2, 3, 5 and 7.
const ROOTS: [u64; 4] =
    [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1];

/// Both halves of a product, folded: the mixing step.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// 64 bits of a key. Two keys agree with probability 2^-64.
#[inline(always)]
pub(crate) fn of_key(key: u128) -> u64 {
    let low = (key as u64) ^ ROOTS[0];
    let high = ((key >> 64) as u64) ^ ROOTS[1];
    let product = u128::from(low) * u128::from(high);
    fold((product as u64) ^ ROOTS[2], ((product >> 64) as u64) ^ ROOTS[3])
}

/// Further 64 bits from those of a key; `which` is 0 or 1.
#[inline(always)]
pub(crate) fn again(hash: u64, which: usize) -> u64 {
    fold(hash ^ ROOTS[which], ROOTS[3 - which])
}

/// Folds one word into a running checksum.
#[inline(always)]
pub(crate) fn absorb(sum: u64, word: u64) -> u64 {
    fold(sum ^ word ^ ROOTS[1], ROOTS[0]) ^ word.rotate_left(29)
}

/// A place among `places`, from the high bits of a hash.
#[inline(always)]
pub(crate) fn place(hash: u64, places: usize) -> usize {
    ((u128::from(hash) * places as u128) >> 64) as usize
}

/// A permutation of 64-bit numbers: xor-shifts and odd factors, each of which can be undone.
fn permute(mut word: u64) -> u64 {
    for constant in [ROOTS[0], ROOTS[2] | 1] {
        word ^= word >> 32;
        word = word.wrapping_mul(constant);
        word ^= word >> 29;
    }
    word ^ (word >> 31)
}

/// The key of the `index`th record of a workload: looks random, and no two indices share one.
pub(crate) fn nth_key(index: u64, seed: u64) -> u128 {
    let low = permute(index ^ permute(seed));
    let high = permute(low ^ ROOTS[1]);
    (u128::from(high) << 64) | u128::from(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn keys_are_distinct_and_depend_on_the_seed() {
        let keys: BTreeSet<u128> = (0..10_000).map(|index| nth_key(index, 7)).collect();
        assert_eq!(keys.len(), 10_000);
        assert_ne!(nth_key(0, 7), nth_key(0, 8));
    }

    #[test]
    fn every_bit_of_a_key_moves_about_half_the_bits_of_its_hash() {
        for key in [0u128, 1, u128::MAX, nth_key(5, 5)] {
            for bit in 0..128 {
                let moved = (of_key(key) ^ of_key(key ^ (1 << bit))).count_ones();
                assert!((10..=54).contains(&moved), "bit {bit} of {key:x} moved {moved}");
            }
        }
    }

    #[test]
    fn small_numbers_spread_over_all_places() {
        let mut counts = [0u32; 64];
        for key in 0..64_000u128 {
            counts[place(of_key(key), 64)] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
    }
}
