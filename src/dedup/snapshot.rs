//! Memory that is saved whole from time to time: a crash goes back to the last snapshot, a move to
//! another owner to nothing.
//!
//! Must never know what it wraps. The saved copy is a clone; writing it to a disk is the application's
//! affair and no part of the trade-off that is shown here.

use super::{Admission, Arrival, Dedup, DedupError, Loss, Memory, Theory};

/// A strategy in main memory, with snapshots.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Snapshotted<D> {
    live: D,
    saved: D,
    every: u64,
    since: u64,
}

impl<D: Dedup + Clone> Snapshotted<D> {
    /// Saves `empty`, and again at each commit by which `every` records have passed.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if `every` is 0.
    pub fn new(empty: D, every: u64) -> Result<Snapshotted<D>, DedupError> {
        if every == 0 {
            return Err(DedupError::Sizing("a snapshot every 0 records".into()));
        }
        Ok(Snapshotted { live: empty.clone(), saved: empty, every, since: 0 })
    }
}

impl<D: Dedup + Clone> Dedup for Snapshotted<D> {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        self.since += 1;
        self.live.admit(arrival)
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        self.since += arrivals.len().min(admissions.len()) as u64;
        self.live.admit_batch(arrivals, admissions)
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        if self.since >= self.every {
            self.saved = self.live.clone();
            self.since = 0;
        }
        Ok(())
    }

    fn fail(&mut self, loss: Loss) -> Result<(), DedupError> {
        if loss == Loss::Moved {
            self.saved.fail(loss)?;
        }
        self.live = self.saved.clone();
        self.since = 0;
        Ok(())
    }

    fn memory(&self) -> Memory {
        Memory::Snapshot { every: self.every }
    }

    fn bytes(&self) -> u64 {
        self.live.bytes()
    }

    fn disk_bytes(&self) -> u64 {
        self.saved.bytes()
    }

    fn theory(&self) -> Theory {
        self.live.theory()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ExactSet, Lifelong};
    use super::*;

    fn keyed(key: u128) -> Arrival {
        Arrival { key, ..Arrival::default() }
    }

    #[test]
    fn a_crash_forgets_what_came_after_the_last_snapshot() {
        let set = Lifelong::new(ExactSet::with_room(10));
        let mut strategy = Snapshotted::new(set, 2).unwrap();
        for key in 1..=3 {
            strategy.admit(&keyed(key)).unwrap();
            strategy.commit().unwrap();
        }
        strategy.fail(Loss::Crash).unwrap();
        assert_eq!(strategy.clone().admit(&keyed(2)), Ok(Admission::Skip));
        assert_eq!(strategy.clone().admit(&keyed(3)), Ok(Admission::Process));
        strategy.fail(Loss::Moved).unwrap();
        assert_eq!(strategy.admit(&keyed(1)), Ok(Admission::Process), "the new owner has no copy");
    }
}
