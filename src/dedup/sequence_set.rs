//! Every sequence number per producer: a mark below which all are seen, and those beyond it in compressed
//! bitmaps of the crate `roaring`.
//!
//! A producer that is read in order costs a mark; a number that comes too early waits in the bitmap until the
//! gap before it is filled.
//!
//! Assumes that producers number densely: a gap that stays costs memory, not correctness.

use roaring::{RoaringBitmap, RoaringTreemap};

use super::filter::admission;
use super::{Admission, Arrival, Dedup, DedupError, Loss, Recognises, Theory};

/// The numbers of one producer.
#[derive(Clone, Debug, Default)]
struct Numbers {
    /// The least number not seen.
    next: u64,
    /// Whether any number beyond it was seen.
    has_beyond: bool,
    /// The numbers beyond it that were seen.
    beyond: RoaringTreemap,
}

impl Numbers {
    /// Marks a number; tells whether it was marked.
    #[inline(always)]
    fn mark(&mut self, sequence: u64) -> bool {
        if sequence != self.next || self.has_beyond {
            return sequence < self.next || self.mark_beyond(sequence);
        }
        self.next += 1;
        false
    }

    /// Marks a number that is not below the mark, with numbers beyond it or to be put there.
    #[inline(never)]
    fn mark_beyond(&mut self, sequence: u64) -> bool {
        if sequence != self.next {
            self.has_beyond = true;
            return !self.beyond.insert(sequence);
        }
        let run = self.beyond.iter().zip(sequence + 1..).take_while(|(held, next)| held == next);
        self.next = sequence + 1 + run.count() as u64;
        self.beyond.remove_range(..self.next);
        self.has_beyond = !self.beyond.is_empty();
        false
    }

    fn bytes(&self) -> u64 {
        self.beyond.bitmaps().map(|(_, map)| allocated(map)).sum()
    }
}

/// Bytes of the containers of a bitmap, and of the rows that name them.
fn allocated(map: &RoaringBitmap) -> u64 {
    let parts = map.statistics();
    u64::from(parts.n_containers) * 48
        + parts.n_bytes_array_containers
        + parts.n_bytes_bitset_containers
        + parts.n_bytes_run_containers
}

/// All numbers of all producers.
#[derive(Clone, Debug, Default)]
pub struct SequenceSet {
    producers: Vec<Numbers>,
}

impl SequenceSet {
    /// Sets for `producers` producers, and for more when they appear.
    pub fn with_room(producers: u32) -> SequenceSet {
        SequenceSet { producers: vec![Numbers::default(); producers as usize] }
    }

    #[inline(always)]
    fn judge(&mut self, arrival: &Arrival) -> Admission {
        let producer = arrival.producer as usize;
        if producer >= self.producers.len() {
            self.make_room(producer);
        }
        admission(self.producers[producer].mark(arrival.sequence))
    }

    #[cold]
    fn make_room(&mut self, producer: usize) {
        self.producers.resize(producer + 1, Numbers::default());
    }
}

impl Dedup for SequenceSet {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(self.judge(arrival))
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.producers.fill(Numbers::default());
        Ok(())
    }

    fn bytes(&self) -> u64 {
        let rows = self.producers.capacity() as u64 * size_of::<Numbers>() as u64;
        rows + self.producers.iter().map(Numbers::bytes).sum::<u64>()
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Sequences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_beyond_32_bits_are_told_apart() {
        let mut set = SequenceSet::with_room(1);
        let mut admit =
            |sequence| set.admit(&Arrival { sequence, producer: 3, ..Arrival::default() }).unwrap();
        let numbers = [5, (1 << 32) + 5, u64::MAX, (2 << 32) + 5];
        assert_eq!(numbers.map(&mut admit), [Admission::Process; 4]);
        assert_eq!(numbers.map(&mut admit), [Admission::Skip; 4]);
    }
    #[test]
    fn a_gap_that_is_filled_leaves_no_bitmap() {
        let mut numbers = Numbers::default();
        assert!((1..100_000).all(|sequence| !numbers.mark(sequence)));
        assert!(numbers.bytes() > 0 && numbers.mark(99_999));
        assert!(!numbers.mark(0) && numbers.mark(0));
        assert_eq!((numbers.next, numbers.has_beyond, numbers.bytes()), (100_000, false, 0));
    }

    proptest! {
        /// In any order, with gaps that are filled and gaps that stay.
        #[test]
        fn it_agrees_with_a_set(steps in prop::collection::vec(0u64..40, 1..300)) {
            let (mut numbers, mut seen) = (Numbers::default(), BTreeSet::new());
            for (turn, step) in steps.into_iter().enumerate() {
                let sequence = (turn as u64 / 2 + step).saturating_sub(20);
                prop_assert_eq!(numbers.mark(sequence), !seen.insert(sequence));
            }
            let dense = (0..).take_while(|number| seen.contains(number)).count();
            prop_assert_eq!(numbers.next, dense as u64);
        }
    }
}
