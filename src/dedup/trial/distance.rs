//! How far behind its record a duplicate comes: distributions with evidence from the field.
//!
//! A distance is counted in originals: 1 is right behind the record itself, d has d - 1 other originals
//! between. Each distribution also knows how many duplicates it produces between two distances, which
//! the closed forms integrate over.
//!
//! Must never know strategies.

use std::fmt;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::draw::{Geometric, below};

/// Longest block that is read again: the default of `max.poll.records`.
pub(super) const BLOCK: u64 = 500;
/// Records in flight of all producers when a broker fails over.
pub(super) const IN_FLIGHT: u64 = 250;
/// Longest distance of a retry: five batches of a hundred.
const RETRIES: u64 = 500;
/// Mean of [`Distance::Near`].
const NEAR: u64 = 100;
/// First step of [`Distance::Webhook`], the factor to the next, and how many there are.
const WEBHOOK: (u64, u64, u32) = (50, 6, 9);
/// Keys that [`Distance::Hot`] repeats.
pub(super) const HOT: u64 = 16;

/// A distribution of redelivery distances.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Distance {
    /// Geometric with mean 100: the next retry.
    Near,
    /// Uniform over five batches of 100: a producer's retry after a lost acknowledgement.
    AckRetry,
    /// The last 1 to 500 records in one block, at their old positions: a consumer that reads again
    /// what it had polled and not committed.
    Block,
    /// The last 250 records in one block, at new positions: all producers send again what was in flight
    /// when a broker failed over.
    Failover,
    /// P(beyond w) = 1 / sqrt(w): clients that were offline, minutes to weeks.
    Pareto,
    /// 50, 300, 1800, ... records, sixfold each time: a queue's or webhook's schedule of retries.
    Webhook,
    /// Uniform over the rest of the stream: no bound at all.
    Far,
    /// Sixteen early records again and again, the first half of the time.
    Hot,
    /// As near, and one original in a hundred is delayed by so many positions in the mean.
    Reorder(u64),
    /// The user's own histogram: weights of the bins from 2^b up to 2^(b+1).
    Bins(Vec<(u32, u64)>),
}

impl Distance {
    /// The names that the command line knows, for messages.
    pub const NAMES: &'static str = "near, ack-retry, block, failover, pareto, webhook, far, hot, \
                                     reorder-MEAN, bins:LOG2=WEIGHT,...";

    /// Whether duplicates come as whole blocks.
    pub(super) fn block(&self) -> Option<(u64, u64)> {
        match self {
            Distance::Block => Some((1, BLOCK)),
            Distance::Failover => Some((IN_FLIGHT, IN_FLIGHT)),
            _ => None,
        }
    }

    /// Whether a duplicate is the same log entry, read again.
    pub(super) fn same_position(&self) -> bool {
        *self == Distance::Block
    }

    /// The mean delay of an original in a hundred.
    pub(super) fn delay(&self) -> u64 {
        if let Distance::Reorder(mean) = self { *mean } else { 0 }
    }

    /// P(distance > w), for distributions that are the same for every record.
    fn beyond(&self, w: f64) -> f64 {
        match self {
            Distance::Near | Distance::Reorder(_) => (1.0 - 1.0 / NEAR as f64).powf(w),
            Distance::AckRetry => (1.0 - w / RETRIES as f64).max(0.0),
            Distance::Pareto => w.max(1.0).powf(-0.5),
            Distance::Webhook => {
                let (first, factor, steps) = WEBHOOK;
                let beyond = (0..steps).filter(|k| (first * factor.pow(*k)) as f64 > w).count();
                beyond as f64 / f64::from(steps)
            }
            Distance::Bins(bins) => bins_beyond(bins, w),
            Distance::Block | Distance::Failover | Distance::Far | Distance::Hot => 0.0,
        }
    }

    /// The expected number of duplicates with a distance in (`from`, `to`] among `n` originals, per
    /// expected duplicate of an original, or per block; `None` if there is no closed form. What would
    /// come after the end of the stream does not come.
    pub(super) fn mass(&self, n: f64, from: f64, to: f64) -> Option<f64> {
        let middle = f64::midpoint(from + 1.0, to);
        match self {
            Distance::Hot => None,
            Distance::Far => {
                let integral = |d: f64| if d > 0.0 { d * (n / d).ln() + d } else { 0.0 };
                Some(integral(to.min(n)) - integral(from.min(n)))
            }
            Distance::Block | Distance::Failover => {
                let (least, most) = self.block()?;
                let (least, most) = (least as f64, most as f64);
                let reach = ((most - middle + 1.0) / (most - least + 1.0)).clamp(0.0, 1.0);
                Some((to - from) * reach * (n - middle).max(0.0))
            }
            _ => Some((self.beyond(from) - self.beyond(to)) * (n - middle + 1.0).max(0.0)),
        }
    }
}

fn bins_beyond(bins: &[(u32, u64)], w: f64) -> f64 {
    let total: f64 = bins.iter().map(|(_, weight)| *weight as f64).sum();
    let beyond = bins.iter().map(|(bin, weight)| {
        let width = 2f64.powi(*bin as i32);
        *weight as f64 * ((2.0 * width - 1.0 - w) / width).clamp(0.0, 1.0)
    });
    beyond.sum::<f64>() / total
}

/// Draws distances.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    distance: Distance,
    near: Geometric,
}

impl Sampler {
    pub(super) fn new(distance: &Distance) -> Sampler {
        Sampler { distance: distance.clone(), near: Geometric::with_mean(NEAR - 1) }
    }

    /// A distance for a record with `rest` places left for its duplicate.
    pub(super) fn draw(&self, random: &mut ChaCha8Rng, rest: u64) -> u64 {
        match &self.distance {
            Distance::Near | Distance::Reorder(_) => 1 + self.near.draw(random),
            Distance::AckRetry => 1 + below(random, RETRIES),
            Distance::Pareto => {
                let square = (u128::from(random.next_u32()) + 1).pow(2);
                u64::try_from((1u128 << 64).div_ceil(square)).unwrap_or(u64::MAX)
            }
            Distance::Webhook => {
                let (first, factor, steps) = WEBHOOK;
                first * factor.pow(below(random, u64::from(steps)) as u32)
            }
            Distance::Far => 1 + below(random, rest),
            Distance::Bins(bins) => draw_bin(bins, random),
            Distance::Block | Distance::Failover | Distance::Hot => 1,
        }
    }
}

fn draw_bin(bins: &[(u32, u64)], random: &mut ChaCha8Rng) -> u64 {
    let total = bins.iter().map(|(_, weight)| weight).sum();
    let mut at = below(random, total);
    for &(bin, weight) in bins {
        if at < weight {
            return (1 << bin) + below(random, 1 << bin);
        }
        at -= weight;
    }
    1
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distance::Near => f.write_str("near"),
            Distance::AckRetry => f.write_str("ack-retry"),
            Distance::Block => f.write_str("block"),
            Distance::Failover => f.write_str("failover"),
            Distance::Pareto => f.write_str("pareto"),
            Distance::Webhook => f.write_str("webhook"),
            Distance::Far => f.write_str("far"),
            Distance::Hot => f.write_str("hot"),
            Distance::Reorder(mean) => write!(f, "reorder-{mean}"),
            Distance::Bins(bins) => {
                f.write_str("bins:")?;
                for (place, (bin, weight)) in bins.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    write!(f, "{comma}{bin}={weight}")?;
                }
                Ok(())
            }
        }
    }
}

/// A text that names no distribution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DistanceError {
    text: String,
}

impl fmt::Display for DistanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no distribution is called {:?}; there are {}", self.text, Distance::NAMES)
    }
}

impl std::error::Error for DistanceError {}

impl FromStr for Distance {
    type Err = DistanceError;

    fn from_str(text: &str) -> Result<Distance, DistanceError> {
        let unknown = || DistanceError { text: text.to_string() };
        Ok(match text {
            "near" => Distance::Near,
            "ack-retry" => Distance::AckRetry,
            "block" => Distance::Block,
            "failover" => Distance::Failover,
            "pareto" => Distance::Pareto,
            "webhook" => Distance::Webhook,
            "far" => Distance::Far,
            "hot" => Distance::Hot,
            _ => match text.split_once(['-', ':']) {
                Some(("reorder", mean)) => {
                    let mean = mean.parse().map_err(|_| unknown())?;
                    Distance::Reorder(Some(mean).filter(|mean| *mean > 0).ok_or_else(unknown)?)
                }
                Some(("bins", bins)) => Distance::Bins(parse_bins(bins).ok_or_else(unknown)?),
                _ => return Err(unknown()),
            },
        })
    }
}

fn parse_bins(text: &str) -> Option<Vec<(u32, u64)>> {
    let bin = |part: &str| {
        let (bin, weight) = part.split_once('=')?;
        let (bin, weight): (u32, u32) = (bin.trim().parse().ok()?, weight.trim().parse().ok()?);
        (bin < 48).then_some((bin, u64::from(weight)))
    };
    let bins: Vec<(u32, u64)> = text.split(',').map(bin).collect::<Option<_>>()?;
    bins.iter().any(|(_, weight)| *weight > 0).then_some(bins)
}

#[cfg(test)]
mod tests {
    use super::super::draw::{Purpose, stream};
    use super::*;

    fn all() -> Vec<Distance> {
        let names =
            "near ack-retry block failover pareto webhook far hot reorder-1000 bins:3=5,9=1";
        names.split(' ').map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn names_are_read_back() {
        for distance in all() {
            assert_eq!(distance.to_string().parse(), Ok(distance));
        }
        for wrong in
            ["", "nearby", "reorder-", "reorder-0", "reorder-x", "bins:", "bins:3", "bins:3=0"]
        {
            let error = wrong.parse::<Distance>().unwrap_err();
            assert!(error.to_string().contains("ack-retry"), "{error}");
        }
    }

    #[test]
    fn draws_follow_the_tail_that_the_closed_form_uses() {
        let draws = 20_000;
        for distance in all() {
            if distance.block().is_some() || matches!(distance, Distance::Far | Distance::Hot) {
                continue;
            }
            let (sampler, mut random) = (Sampler::new(&distance), stream(3, Purpose::Distance));
            let drawn: Vec<u64> = (0..draws).map(|_| sampler.draw(&mut random, 1_000)).collect();
            for w in [0, 1, 7, 10, 60, 300, 700, 1_000, 30_000] {
                let beyond = drawn.iter().filter(|d| **d > w).count() as f64;
                let expected = distance.beyond(w as f64) * f64::from(draws);
                let sigma = (expected * (1.0 - expected / f64::from(draws))).sqrt();
                assert!((beyond - expected).abs() <= 4.0 * sigma + 1.0, "{distance} {w}: {beyond}");
            }
        }
    }

    #[test]
    fn masses_of_parts_sum_to_the_whole() {
        for distance in all() {
            let Some(whole) = distance.mass(1e5, 0.0, 1e5) else { continue };
            let parts: f64 = (0..1_000)
                .filter_map(|part| {
                    distance.mass(1e5, f64::from(part) * 100.0, f64::from(part + 1) * 100.0)
                })
                .sum();
            if distance.block().is_none() && distance != Distance::Far {
                // One step over everything takes one mean position of the end for all.
                assert!(parts <= 1e5 && whole > 0.0, "{distance}: {parts}");
            }
            assert!(parts > 0.0);
        }
        let far = Distance::Far.mass(1e5, 0.0, 1e5).unwrap();
        assert!((far - 1e5).abs() < 1.0, "every original has room for its duplicate: {far}");
    }
}
