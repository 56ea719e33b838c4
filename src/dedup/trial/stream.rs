//! The stream of a trial: originals in order, some of them late, and duplicates of some of them.
//!
//! A record is sent again at most once (but for hot records and blocks), so that the distance of a
//! duplicate is the distance to its record and a closed form can be exact.
//!
//! Must never know strategies.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use super::super::{Arrival, hash};
use super::distance::{Distance, HOT, Sampler};
use super::draw::{Chance, Geometric, Purpose, below, stream};
use crate::record::Offset;

/// One original in so many is delayed, if any is.
pub(super) const DELAYED_ONE_IN: u64 = 100;

/// A share of all messages, in millionths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Share {
    millionths: u64,
}

impl Share {
    /// So many in a million.
    ///
    /// # Errors
    /// More than 900,000: there would be hardly an original.
    pub fn of_million(millionths: u64) -> Result<Share, ShareError> {
        if millionths > 900_000 { Err(ShareError) } else { Ok(Share { millionths }) }
    }

    /// As a fraction.
    pub fn fraction(self) -> f64 {
        self.millionths as f64 / 1e6
    }

    /// Duplicates per original, as a fraction of whole numbers.
    fn per_original(self) -> (u64, u64) {
        (self.millionths, 1_000_000 - self.millionths)
    }
}

/// A share that is no number, or too large.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShareError;

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share of duplicates is a number from 0 to 0.9, with at most six decimals")
    }
}

impl std::error::Error for ShareError {}

impl FromStr for Share {
    type Err = ShareError;

    /// Reads a decimal fraction exactly.
    fn from_str(text: &str) -> Result<Share, ShareError> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let sound = !text.is_empty() && digits(whole) && digits(decimals) && decimals.len() <= 6;
        if !sound || whole.len() > 3 {
            return Err(ShareError);
        }
        let whole: u64 =
            if whole.is_empty() { 0 } else { whole.parse().map_err(|_| ShareError)? };
        let padded = format!("{decimals:0<6}");
        let millionths: u64 = padded.parse().map_err(|_| ShareError)?;
        Share::of_million(whole * 1_000_000 + millionths)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fraction())
    }
}

/// What is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Workload {
    /// Originals.
    pub keys: u64,
    /// Share of duplicates among all messages.
    pub duplicates: Share,
    /// How far behind they come.
    pub distance: Distance,
    /// Producers, among whom originals go round.
    pub producers: u32,
    /// Mean delay of one original in a hundred, beside what `distance` says; 0 for none.
    pub delayed_by: u64,
    /// What all random numbers come from.
    pub seed: u64,
}

impl Workload {
    /// The mean delay of one original in a hundred, from either source.
    pub(super) fn delay(&self) -> u64 {
        self.delayed_by.max(self.distance.delay())
    }

    /// Expected duplicates per original, or blocks per original.
    pub(super) fn events_per_original(&self) -> (u64, u64) {
        let (duplicates, originals) = self.duplicates.per_original();
        match self.distance.block() {
            Some((least, most)) => (duplicates * 2, originals * (least + most)),
            None => (duplicates, originals),
        }
    }
}

/// One message, with what is true of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    /// Which record, from 0.
    pub record: u64,
    /// Whether it is the first of its record.
    pub original: bool,
    /// What a strategy sees of it.
    pub arrival: Arrival,
}

/// What is to be sent when the originals have come so far.
type Due = Reverse<(u64, u64, bool)>;

/// Draws a workload's messages, one after the other.
#[derive(Clone, Debug)]
pub struct Stream {
    workload: Workload,
    again: Chance,
    sampler: Sampler,
    delayed: Chance,
    delay: Geometric,
    duplicates: ChaCha8Rng,
    distances: ChaCha8Rng,
    delays: ChaCha8Rng,
    next: u64,
    sent: u64,
    due: BinaryHeap<Due>,
    ready: VecDeque<Message>,
}

impl Stream {
    /// The stream of a workload.
    pub fn new(workload: &Workload) -> Stream {
        let (events, originals) = workload.events_per_original();
        let delay = workload.delay();
        Stream {
            again: Chance::new(events, originals),
            sampler: Sampler::new(&workload.distance),
            delayed: Chance::new(u64::from(delay > 0), DELAYED_ONE_IN),
            delay: Geometric::with_mean(delay),
            duplicates: stream(workload.seed, Purpose::Duplicate),
            distances: stream(workload.seed, Purpose::Distance),
            delays: stream(workload.seed, Purpose::Delay),
            next: 0,
            sent: 0,
            due: BinaryHeap::new(),
            ready: VecDeque::new(),
            workload: workload.clone(),
        }
    }

    /// Lets one more original come, or, after the last, one late one.
    fn advance(&mut self) {
        let now = self.next;
        if now < self.workload.keys {
            self.next += 1;
            self.original(now);
            self.repeat(now);
        }
        let last = self.next == self.workload.keys;
        while let Some(Reverse((due, record, original))) = self.due.peek().copied() {
            if due > now && !last {
                break;
            }
            self.due.pop();
            self.send(record, original, due.max(now));
        }
    }

    /// Sends an original, now or late, and decides when it is sent again.
    fn original(&mut self, record: u64) {
        let late = self.workload.delay() > 0 && self.delayed.happens(&mut self.delays);
        let due = if late { record + self.delay.draw(&mut self.delays) } else { record };
        if late {
            self.due.push(Reverse((due, record, true)));
        } else {
            self.send(record, true, record);
        }
        let blocks = self.workload.distance.block().is_some();
        if blocks || self.workload.distance == Distance::Hot || due >= self.workload.keys {
            return;
        }
        if self.again.happens(&mut self.duplicates) {
            let rest = self.workload.keys - due;
            let distance = self.sampler.draw(&mut self.distances, rest);
            if distance <= rest {
                self.due.push(Reverse((due + distance - 1, record, false)));
            }
        }
    }

    /// Sends what is repeated in blocks or because it is hot.
    fn repeat(&mut self, now: u64) {
        if let Some((least, most)) = self.workload.distance.block() {
            if self.again.happens(&mut self.duplicates) {
                let length = least + below(&mut self.distances, most - least + 1);
                for record in (now + 1).saturating_sub(length)..=now {
                    self.send(record, false, now);
                }
            }
        } else if self.workload.distance == Distance::Hot
            && self.again.happens(&mut self.duplicates)
        {
            let rank = u64::from(self.distances.next_u32().trailing_zeros());
            self.send(rank.min(HOT - 1).min(now), false, now);
        }
    }

    fn send(&mut self, record: u64, original: bool, tick: u64) {
        let producers = u64::from(self.workload.producers.max(1));
        let again_at_its_place = self.workload.distance.same_position();
        let offset = if again_at_its_place { record } else { self.sent } as Offset;
        self.sent += 1;
        let arrival = Arrival {
            key: hash::nth_key(record, self.workload.seed),
            producer: (record % producers) as u32,
            sequence: record / producers,
            offset,
            tick,
        };
        self.ready.push_back(Message { record, original, arrival });
    }
}

impl Iterator for Stream {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        while self.ready.is_empty() && (self.next < self.workload.keys || !self.due.is_empty()) {
            self.advance();
        }
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(distance: &str, keys: u64) -> Workload {
        Workload {
            keys,
            duplicates: "0.1".parse().unwrap(),
            distance: distance.parse().unwrap(),
            producers: 7,
            delayed_by: 0,
            seed: 11,
        }
    }

    #[test]
    fn every_original_comes_once_and_duplicates_in_their_share() {
        for distance in ["near", "ack-retry", "block", "failover", "far", "hot", "reorder-50"] {
            let mut seen = vec![0u32; 20_000];
            let (mut duplicates, mut messages) = (0u32, 0u32);
            for message in Stream::new(&workload(distance, 20_000)) {
                messages += 1;
                seen[message.record as usize] += u32::from(message.original);
                duplicates += u32::from(!message.original);
            }
            assert!(seen.iter().all(|count| *count == 1), "{distance}");
            let share = f64::from(duplicates) / f64::from(messages);
            assert!((0.07..0.13).contains(&share), "{distance}: {share}");
        }
    }

    #[test]
    fn a_duplicate_follows_its_original() {
        for distance in ["near", "pareto", "far", "block", "hot", "reorder-300", "bins:2=1"] {
            let mut seen = vec![false; 5_000];
            for message in Stream::new(&workload(distance, 5_000)) {
                let before = std::mem::replace(&mut seen[message.record as usize], true);
                assert_eq!(before, !message.original, "{distance} {message:?}");
            }
        }
    }

    #[test]
    fn sequences_are_dense_and_positions_grow_unless_read_again() {
        let messages: Vec<Message> = Stream::new(&workload("near", 700)).collect();
        let numbers = |producer| {
            messages
                .iter()
                .filter(|message| message.original && message.arrival.producer == producer)
                .map(|message| message.arrival.sequence)
                .collect::<Vec<u64>>()
        };
        assert!((0..7).all(|producer| numbers(producer) == (0..100).collect::<Vec<u64>>()));
        assert!(messages.windows(2).all(|pair| pair[0].arrival.offset < pair[1].arrival.offset));
        assert!(messages.windows(2).all(|pair| pair[0].arrival.tick <= pair[1].arrival.tick));
        let block = Stream::new(&workload("block", 700));
        assert!(
            block.into_iter().all(|message| message.arrival.offset == message.record as Offset)
        );
    }

    #[test]
    fn the_seed_decides_everything() {
        let with = |seed| Stream::new(&Workload { seed, ..workload("reorder-9", 900) });
        assert!(with(1).eq(with(1)));
        assert!(!with(1).eq(with(2)));
    }

    #[test]
    fn shares_are_read_exactly() {
        assert_eq!("0.01".parse(), Share::of_million(10_000));
        assert_eq!(".5".parse(), Share::of_million(500_000));
        assert_eq!("0".parse(), Share::of_million(0));
        for wrong in ["", "-0.1", "1", "0.95", "1e-2", "0.1234567", "x"] {
            assert_eq!(wrong.parse::<Share>(), Err(ShareError), "{wrong}");
        }
    }
}
