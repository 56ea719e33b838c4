//! Every sequence number per producer, in compressed bitmaps of the crate `roaring`.
//!
//! Assumes that producers number densely: a gap costs memory, not correctness.

use roaring::RoaringBitmap;

use super::filter::admission;
use super::{Admission, Arrival, Dedup, DedupError, Loss, Recognises, Theory};

/// The numbers of one producer, by their high halves.
#[derive(Clone, Debug, Default)]
struct Numbers {
    low: RoaringBitmap,
    high: Vec<(u32, RoaringBitmap)>,
}

impl Numbers {
    /// Marks a number; tells whether it was marked.
    fn mark(&mut self, sequence: u64) -> bool {
        let (half, rest) = ((sequence >> 32) as u32, sequence as u32);
        if half == 0 {
            return !self.low.insert(rest);
        }
        let place = match self.high.binary_search_by_key(&half, |(half, _)| *half) {
            Ok(place) => place,
            Err(place) => {
                self.high.insert(place, (half, RoaringBitmap::new()));
                place
            }
        };
        !self.high[place].1.insert(rest)
    }

    fn bytes(&self) -> u64 {
        let maps = std::iter::once(&self.low).chain(self.high.iter().map(|(_, map)| map));
        maps.map(allocated).sum()
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
            self.producers.resize(producer + 1, Numbers::default());
        }
        admission(self.producers[producer].mark(arrival.sequence))
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

    #[test]
    fn numbers_beyond_32_bits_are_told_apart() {
        let mut set = SequenceSet::with_room(1);
        let mut admit =
            |sequence| set.admit(&Arrival { sequence, producer: 3, ..Arrival::default() }).unwrap();
        let numbers = [5, (1 << 32) + 5, u64::MAX, (2 << 32) + 5];
        assert_eq!(numbers.map(&mut admit), [Admission::Process; 4]);
        assert_eq!(numbers.map(&mut admit), [Admission::Skip; 4]);
    }
}
