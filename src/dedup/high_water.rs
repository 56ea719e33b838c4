//! Highest sequence number per producer: what is not above it is skipped.
//!
//! Assumes that each producer's records arrive in order. Whatever is overtaken by a later record of its
//! producer is skipped unseen: a loss, and the reason for several bugs of brokers that use this scheme.

use super::filter::admission;
use super::{Admission, Arrival, Dedup, DedupError, Loss, Recognises, Theory};

/// The least sequence number that each producer has not used yet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct HighWater {
    next: Vec<u64>,
}

impl HighWater {
    /// Marks for `producers` producers, and for more when they appear.
    pub fn with_room(producers: u32) -> HighWater {
        HighWater { next: vec![0; producers as usize] }
    }

    #[inline(always)]
    fn judge(&mut self, arrival: &Arrival) -> Admission {
        let producer = arrival.producer as usize;
        if producer >= self.next.len() {
            self.make_room(producer);
        }
        let next = &mut self.next[producer];
        let seen = arrival.sequence < *next;
        *next = (*next).max(arrival.sequence.saturating_add(1));
        admission(seen)
    }

    #[cold]
    fn make_room(&mut self, producer: usize) {
        self.next.resize(producer + 1, 0);
    }
}

impl Dedup for HighWater {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(self.judge(arrival))
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.next.fill(0);
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.next.capacity() as u64 * 8
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::HighWater)
    }
}
