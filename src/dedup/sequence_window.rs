//! Highest sequence number per producer with a bitmap of those just below it: the anti-replay window of
//! IPsec and WireGuard, after RFC 6479: a ring of words that is never shifted.
//!
//! Assumes that a record is overtaken by fewer of its producer's records than the window holds. What
//! falls below the window is skipped, seen or not.

use super::filter::admission;
use super::{Admission, Arrival, Dedup, DedupError, FalsePositives, Loss};
use super::{Forgets, Recognises, Theory};

/// What the next number of a producer is compared with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
struct Head {
    /// The least number above all that were seen.
    next: u64,
    /// The bits of the word that holds the highest number; the ring's is stale until the next word begins.
    word: u64,
}

/// A window of sequence numbers for each producer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SequenceWindow {
    heads: Vec<Head>,
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
        let heads = vec![Head::default(); producers];
        Ok(SequenceWindow { heads, rings: vec![0; producers * words], words })
    }

    /// Numbers at or below the highest that can be told apart.
    fn size(&self) -> u64 {
        (self.words as u64 - 1) * 64
    }

    #[inline(always)]
    fn judge(&mut self, arrival: &Arrival) -> Admission {
        let (producer, sequence) = (arrival.producer as usize, arrival.sequence);
        // The common case: the next number, in the word of the last one.
        if let Some(head) = self.heads.get_mut(producer)
            && sequence == head.next
            && sequence % 64 != 0
        {
            head.word |= 1 << (sequence % 64);
            head.next = sequence + 1;
            return Admission::Process;
        }
        self.judge_other(producer, sequence)
    }

    /// Any number: above the highest by more than one, in another word, below, or of a new producer.
    #[inline(never)]
    fn judge_other(&mut self, producer: usize, sequence: u64) -> Admission {
        if producer >= self.heads.len() {
            self.heads.resize(producer + 1, Head::default());
            self.rings.resize((producer + 1) * self.words, 0);
        }
        let (size, mask) = (self.size(), self.words - 1);
        let head = &mut self.heads[producer];
        let ring = &mut self.rings[producer * self.words..(producer + 1) * self.words];
        if sequence >= head.next {
            if let Some(highest) = head.next.checked_sub(1)
                && highest / 64 != sequence / 64
            {
                ring[(highest / 64) as usize & mask] = head.word;
                empty(ring, highest / 64, sequence / 64);
                head.word = 0;
            }
            head.next = sequence.saturating_add(1);
        } else if head.next - sequence > size {
            return Admission::Skip;
        }
        let is_highest = sequence / 64 == (head.next - 1) / 64;
        let word =
            if is_highest { &mut head.word } else { &mut ring[(sequence / 64) as usize & mask] };
        let bit = 1 << (sequence % 64);
        let seen = *word & bit != 0;
        *word |= bit;
        admission(seen)
    }
}

/// Empties the words that come into the window when the highest number moves from word `from` to `to`.
fn empty(ring: &mut [u64], from: u64, to: u64) {
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
        self.heads.fill(Head::default());
        self.rings.fill(0);
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.heads.capacity() as u64 * size_of::<Head>() as u64 + self.rings.capacity() as u64 * 8
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
