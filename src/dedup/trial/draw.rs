//! Random numbers without floating point, so that a seed means the same on every machine.
//!
//! Must never share a stream of random numbers between two purposes.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// Which records are sent again.
    Duplicate = 1,
    /// After what distance.
    Distance = 2,
    /// Which originals are delayed, and by how much.
    Delay = 3,
    /// When the process crashes or the partition moves.
    Failure = 4,
}

/// The stream of random numbers of a purpose.
pub(super) fn stream(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(purpose as u64);
    random
}

/// A number below `bound`; 0 if that is 0.
pub(super) fn below(random: &mut ChaCha8Rng, bound: u64) -> u64 {
    ((u128::from(random.next_u64()) * u128::from(bound)) >> 64) as u64
}

/// An event with a fixed probability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chance {
    threshold: u128,
}

impl Chance {
    /// The probability `numerator / denominator`, at most 1.
    pub(super) fn new(numerator: u64, denominator: u64) -> Chance {
        let ratio = (u128::from(numerator) << 64) / u128::from(denominator.max(1));
        Chance { threshold: ratio.min(1 << 64) }
    }

    /// Whether it happens.
    pub(super) fn happens(self, random: &mut ChaCha8Rng) -> bool {
        u128::from(random.next_u64()) < self.threshold
    }
}

/// Numbers from 0 on with P(at least k) = (mean / (mean + 1))^k.
///
/// The binary digits of such a number are independent, so it is drawn digit by digit; the odds of digit
/// j are r^(2^j) : 1, computed by squaring in fixed point.
#[derive(Clone, Debug)]
pub(super) struct Geometric {
    digits: Vec<u64>,
}

impl Geometric {
    pub(super) fn with_mean(mean: u64) -> Geometric {
        let mut ratio = (u128::from(mean) << 64) / (u128::from(mean) + 1);
        let mut digits = Vec::new();
        while ratio > 0 {
            digits.push(((ratio << 63) / ((1 << 63) + (ratio >> 1))) as u64);
            ratio = (ratio * ratio) >> 64;
        }
        Geometric { digits }
    }

    pub(super) fn draw(&self, random: &mut ChaCha8Rng) -> u64 {
        let digit = |(place, odds): (usize, &u64)| u64::from(random.next_u64() < *odds) << place;
        self.digits.iter().enumerate().map(digit).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_numbers_have_the_right_mean_and_tail() {
        for mean in [0, 1, 10, 1_000, 100_000] {
            let mut random = stream(5, Purpose::Delay);
            let geometric = Geometric::with_mean(mean);
            let draws: Vec<u64> = (0..40_000).map(|_| geometric.draw(&mut random)).collect();
            let average = draws.iter().sum::<u64>() as f64 / draws.len() as f64;
            assert!((average - mean as f64).abs() <= mean as f64 * 0.02, "{mean}: {average}");
            let beyond = draws.iter().filter(|draw| **draw >= 2 * mean + 2).count() as f64;
            let ratio = mean as f64 / (mean as f64 + 1.0);
            let expected = ratio.powf(2.0 * mean as f64 + 2.0) * draws.len() as f64;
            assert!((beyond - expected).abs() <= 4.0 * expected.sqrt() + 1.0, "{mean}: {beyond}");
        }
    }

    #[test]
    fn chances_are_met() {
        let mut random = stream(5, Purpose::Duplicate);
        let count = (0..100_000).filter(|_| Chance::new(1, 20).happens(&mut random)).count();
        assert!((4_800..5_200).contains(&count), "{count}");
        assert!(Chance::new(3, 3).happens(&mut random) && !Chance::new(0, 3).happens(&mut random));
    }

    #[test]
    fn purposes_do_not_share_numbers() {
        let first = |purpose| stream(1, purpose).next_u64();
        assert_ne!(first(Purpose::Duplicate), first(Purpose::Distance));
        assert_eq!(first(Purpose::Delay), first(Purpose::Delay));
    }
}
