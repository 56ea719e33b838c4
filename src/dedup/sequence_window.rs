//! Highest sequence number per producer with a bitmap of those just below it: the anti-replay window of
//! IPsec and WireGuard, after RFC 6479: a ring of words that is never shifted.
//!
//! Assumes that a record is overtaken by fewer of its producer's records than the window holds. What
//! falls below the window is skipped, seen or not.

use super::filter::admission;
use super::{Admission, Arrival, Dedup, DedupError, FalsePositives, Loss};
use super::{Forgets, Recognises, Theory};

/// A window of sequence numbers for each producer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SequenceWindow {
    /// The least number not used yet, per producer.
    next: Vec<u64>,
    /// A ring of words per producer; the bit of a number is at its value modulo the ring.
    rings: Vec<u64>,
    /// Words of a ring, a power of two.
    words: usize,
}

impl SequenceWindow {
    /// Windows of `bits` bits for `producers` producers, and for more when they appear. One word is
    /// always being refilled, so `bits - 64` numbers below the highest can be told apart.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] unless `bits` is a power of two of at least 128.
    pub fn with_room(producers: u32, bits: u32) -> Result<SequenceWindow, DedupError> {
        if bits < 128 || !bits.is_power_of_two() {
            return Err(DedupError::Sizing(format!(
                "a window of {bits} bits: not 128, 256, 512, .."
            )));
        }
        let words = bits as usize / 64;
        let producers = producers as usize;
        Ok(SequenceWindow { next: vec![0; producers], rings: vec![0; producers * words], words })
    }

    /// Numbers at or below the highest that can be told apart.
    fn size(&self) -> u64 {
        (self.words as u64 - 1) * 64
    }

    #[inline(always)]
    fn judge(&mut self, arrival: &Arrival) -> Admission {
        let producer = arrival.producer as usize;
        if producer >= self.next.len() {
            self.make_room(producer);
        }
        let (size, sequence) = (self.size(), arrival.sequence);
        let next = &mut self.next[producer];
        let ring = &mut self.rings[producer * self.words..(producer + 1) * self.words];
        if sequence >= *next {
            let (from, to) = (next.wrapping_sub(1) / 64, sequence / 64);
            if *next == 0 {
                ring.fill(0);
            } else if from != to {
                advance(ring, from, to);
            }
            *next = sequence.saturating_add(1);
        } else if *next - sequence > size {
            return Admission::Skip;
        }
        let word = &mut ring[(sequence / 64) as usize & (self.words - 1)];
        let bit = 1u64 << (sequence % 64);
        let seen = *word & bit != 0;
        *word |= bit;
        admission(seen)
    }

    #[cold]
    fn make_room(&mut self, producer: usize) {
        self.next.resize(producer + 1, 0);
        self.rings.resize((producer + 1) * self.words, 0);
    }
}

/// Empties the words that come into the window when the highest number moves from word `from` to `to`.
fn advance(ring: &mut [u64], from: u64, to: u64) {
    let mask = ring.len() as u64 - 1;
    for word in 1..=(to - from).min(ring.len() as u64) {
        ring[((from + word) & mask) as usize] = 0;
    }
}

impl Dedup for SequenceWindow {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(self.judge(arrival))
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.next.fill(0);
        self.rings.fill(0);
        Ok(())
    }

    fn bytes(&self) -> u64 {
        (self.next.capacity() + self.rings.capacity()) as u64 * 8
    }

    fn theory(&self) -> Theory {
        Theory {
            recognises: Recognises::SequenceWindow { size: self.size() },
            forgets: Forgets::Never,
            false_positives: FalsePositives::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn numbered(sequence: u64) -> Arrival {
        Arrival { sequence, ..Arrival::default() }
    }

    #[test]
    fn sizes_that_are_no_window_are_refused() {
        for bits in [0, 64, 100, 1000] {
            assert!(matches!(SequenceWindow::with_room(1, bits), Err(DedupError::Sizing(_))));
        }
    }

    #[test]
    fn the_largest_numbers_do_not_wrap() {
        let mut window = SequenceWindow::with_room(1, 128).unwrap();
        assert_eq!(window.admit(&numbered(u64::MAX - 1)), Ok(Admission::Process));
        assert_eq!(window.admit(&numbered(u64::MAX - 1)), Ok(Admission::Skip));
        assert_eq!(window.admit(&numbered(0)), Ok(Admission::Skip));
    }

    proptest! {
        /// Against a set of all numbers: inside the window the answer is exact, below it is skip.
        #[test]
        fn it_agrees_with_a_set(steps in prop::collection::vec(0u64..400, 1..300)) {
            let mut window = SequenceWindow::with_room(0, 128).unwrap();
            let (mut seen, mut highest) = (BTreeSet::new(), 0u64);
            for (turn, step) in steps.into_iter().enumerate() {
                let sequence = (turn as u64 * 3 + step).saturating_sub(200);
                let below = !seen.is_empty() && sequence + 64 <= highest;
                let expected = if below || seen.contains(&sequence) {
                    Admission::Skip
                } else {
                    Admission::Process
                };
                prop_assert_eq!(window.admit(&numbered(sequence)), Ok(expected));
                if !below {
                    seen.insert(sequence);
                }
                highest = highest.max(sequence);
            }
        }
    }
}
