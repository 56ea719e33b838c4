//! Random numbers: one ChaCha stream per purpose, integers and exact ratios only.
//!
//! A seed gives the same numbers on every machine and in every build profile. Knows nothing of what they
//! are drawn for.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What numbers are drawn for: each purpose has a stream of its own, so that a further draw for one of them
/// leaves the others as they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Purpose {
    /// Which strategy, which faults, how often.
    Strategy = 0,
    /// Which action comes next.
    Choice = 1,
    /// How long things take.
    Delay = 2,
    /// When faults strike, which, and what.
    Fault = 3,
}

/// An endless sequence of numbers.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The numbers of a seed for a purpose.
    pub fn new(seed: u64, purpose: Purpose) -> Stream {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut numbers = ChaCha8Rng::from_seed(key);
        numbers.set_stream(purpose as u64);
        Stream(numbers)
    }

    /// A number below `bound`, each as likely as the others; 0 if there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        match u32::try_from(bound) {
            Ok(0 | 1) => 0,
            Ok(bound) => u64::from(self.below_small(bound)),
            Err(_) => self.below_large(bound),
        }
    }

    /// The high half of a product is uniform once the few products that would favour some are drawn again
    /// (Lemire 2019).
    fn below_small(&mut self, bound: u32) -> u32 {
        loop {
            let product = u64::from(self.0.next_u32()) * u64::from(bound);
            let low = product as u32;
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (product >> 32) as u32;
            }
        }
    }

    fn below_large(&mut self, bound: u64) -> u64 {
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(bound);
            let low = product as u64;
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (product >> 64) as u64;
            }
        }
    }

    /// An index into a list of this length, which must not be empty.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub fn within(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least).saturating_add(1))
    }

    /// True in `part` of `whole` cases.
    pub fn ratio(&mut self, part: u32, whole: u32) -> bool {
        self.below(u64::from(whole)) < u64::from(part)
    }

    /// An exponentially distributed number with this mean, rounded down: by comparing uniform numbers
    /// (von Neumann 1951), so without a logarithm.
    pub fn exponential(&mut self, mean: u64) -> u64 {
        let mut whole: u64 = 0;
        loop {
            let first = self.0.next_u32();
            let (mut last, mut length) = (first, 1_u32);
            loop {
                let next = self.0.next_u32();
                if next >= last {
                    break;
                }
                (last, length) = (next, length + 1);
            }
            if length % 2 == 1 {
                let fraction = (u128::from(mean) * u128::from(first)) >> 32;
                return whole.saturating_mul(mean).saturating_add(fraction as u64);
            }
            whole += 1;
        }
    }

    /// An index drawn by weight; none if all weights are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> Option<usize> {
        let sum: u64 = weights.clone().map(u64::from).sum();
        if sum == 0 {
            return None;
        }
        let mut drawn = self.below(sum);
        for (index, weight) in weights.enumerate() {
            match drawn.checked_sub(u64::from(weight)) {
                Some(rest) => drawn = rest,
                None => return Some(index),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_a_seed_are_fixed_and_differ() {
        let mut choice = Stream::new(7, Purpose::Choice);
        let drawn: Vec<u64> = (0..8).map(|_| choice.below(1000)).collect();
        // Written down once: a change of these numbers changes every seed's run.
        assert_eq!(drawn, [158, 934, 673, 281, 112, 963, 727, 796]);
        let mut delay = Stream::new(7, Purpose::Delay);
        assert_ne!(drawn, (0..8).map(|_| delay.below(1000)).collect::<Vec<u64>>());
    }

    #[test]
    fn draws_are_within_bounds_and_reach_all() {
        let mut stream = Stream::new(1, Purpose::Choice);
        for bound in 1..20 {
            let drawn: std::collections::BTreeSet<u64> =
                (0..600).map(|_| stream.below(bound)).collect();
            assert_eq!(drawn.len() as u64, bound);
        }
        assert_eq!(stream.below(0), 0);
        assert!((0..1000).all(|_| (3..=5).contains(&stream.within(3, 5))));
        assert!(stream.below(u64::MAX) < u64::MAX);
        assert!((0..100).all(|_| !stream.ratio(0, 5) && stream.ratio(5, 5)));
    }

    #[test]
    fn exponential_has_its_mean_and_median() {
        let mut stream = Stream::new(2, Purpose::Delay);
        let mut drawn: Vec<u64> = (0..40_000).map(|_| stream.exponential(1_000_000)).collect();
        let mean = drawn.iter().sum::<u64>() / 40_000;
        assert!((980_000..1_020_000).contains(&mean), "{mean}");
        drawn.sort_unstable();
        assert!((675_000..712_000).contains(&drawn[20_000]), "{}", drawn[20_000]);
    }

    #[test]
    fn weights_are_kept() {
        let mut stream = Stream::new(3, Purpose::Fault);
        let weights = [0, 1, 3];
        let mut counts = [0; 3];
        for _ in 0..4000 {
            counts[stream.weighted(weights.iter().copied()).expect("some weight")] += 1;
        }
        assert_eq!(counts[0], 0);
        assert!((800..1200).contains(&counts[1]), "{counts:?}");
        assert_eq!(stream.weighted([0, 0].into_iter()), None);
    }
}
