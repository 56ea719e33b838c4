//! Two generations of a filter: when the younger is half a window old, the older is forgotten.
//!
//! Assumes that a duplicate comes within half the window. Up to the whole window the answer depends on
//! the moment of the last rotation; beyond it a duplicate is let through.
//!
//! Must never refresh a key that it recognises: its age counts from its first arrival.

use super::filter::admission;
use super::{
    Admission, Arrival, Dedup, DedupError, FalsePositives, Filter, Forgets, Loss, Probe,
    Recognises, Theory, Tick, hash, prefetch,
};

/// What a window is counted in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Turn {
    /// Keys inserted.
    Keys,
    /// Ticks of the arrivals.
    Ticks,
}

/// Two generations of a filter.
#[derive(Clone, Debug)]
pub struct Rotating<F> {
    young: F,
    old: F,
    turn: Turn,
    half: u64,
    inserted: u64,
    born: Tick,
}

impl<F: Filter> Rotating<F> {
    /// A window of `window` keys or ticks in two generations, each a copy of the empty filter given,
    /// which must have room for half a window.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if the window is less than 2.
    pub fn new(empty: F, turn: Turn, window: u64) -> Result<Rotating<F>, DedupError> {
        if window < 2 {
            return Err(DedupError::Sizing(format!("a window of {window} in two halves")));
        }
        let half = window / 2;
        Ok(Rotating { young: empty.clone(), old: empty, turn, half, inserted: 0, born: 0 })
    }

    /// Lets generations pass until the younger is less than half a window old.
    #[inline(always)]
    fn turn(&mut self, tick: Tick) {
        match self.turn {
            Turn::Keys if self.inserted >= self.half => self.rotate(),
            Turn::Ticks if tick >= self.born.saturating_add(self.half) => {
                let passed = (tick - self.born) / self.half;
                for _ in 0..passed.min(2) {
                    self.rotate();
                }
                self.born += passed * self.half;
            }
            _ => {}
        }
    }

    #[cold]
    fn rotate(&mut self) {
        std::mem::swap(&mut self.young, &mut self.old);
        self.young.clear();
        self.inserted = 0;
    }

    #[inline(always)]
    fn seen(&mut self, probe: Probe, tick: Tick) -> Result<bool, DedupError> {
        self.turn(tick);
        if self.old.contains(probe) || self.young.insert(probe)? {
            return Ok(true);
        }
        self.inserted += 1;
        Ok(false)
    }
}

impl<F: Filter> Dedup for Rotating<F> {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(admission(self.seen(Probe::of(arrival.key), arrival.tick)?))
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        let mut failed = Ok(());
        prefetch::admit_ahead(
            &mut (self, &mut failed),
            arrivals,
            admissions,
            hash::of_key,
            |(rotating, _), hash| {
                rotating.young.touch(hash);
                rotating.old.touch(hash);
            },
            |(rotating, failed), arrival, hash| match rotating
                .seen(Probe { key: arrival.key, hash }, arrival.tick)
            {
                Ok(seen) => admission(seen),
                Err(error) => {
                    **failed = Err(error);
                    Admission::Refuse
                }
            },
        );
        failed
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.young.clear();
        self.old.clear();
        self.inserted = 0;
        Ok(())
    }

    fn bytes(&self) -> u64 {
        self.young.bytes() + self.old.bytes()
    }

    fn theory(&self) -> Theory {
        let ticks = self.turn == Turn::Ticks;
        Theory {
            recognises: Recognises::Keys,
            forgets: Forgets::Generations { half: self.half, ticks },
            false_positives: self.false_positives(),
        }
    }
}

impl<F: Filter> Rotating<F> {
    /// The form of one generation; the rate of both is their sum.
    fn false_positives(&self) -> FalsePositives {
        self.young.false_positives()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ExactSet;
    use super::*;

    fn at(key: u128, tick: Tick) -> Arrival {
        Arrival { key, tick, ..Arrival::default() }
    }

    #[test]
    fn a_window_of_keys_remembers_between_half_and_whole() {
        let mut window = Rotating::new(ExactSet::with_room(5), Turn::Keys, 10).unwrap();
        for key in 0..10 {
            assert_eq!(window.admit(&at(key, 0)), Ok(Admission::Process));
        }
        assert!((0..10).all(
            |key| window.young.contains(Probe::of(key)) || window.old.contains(Probe::of(key))
        ));
        assert_eq!(window.admit(&at(10, 0)), Ok(Admission::Process));
        assert_eq!(window.admit(&at(4, 0)), Ok(Admission::Process), "0 to 4 were forgotten");
        assert_eq!(window.admit(&at(5, 0)), Ok(Admission::Skip), "5 to 9 are in the old one");
    }

    #[test]
    fn a_window_of_time_forgets_by_the_tick_alone() {
        let mut window = Rotating::new(ExactSet::with_room(5), Turn::Ticks, 100).unwrap();
        assert_eq!(window.admit(&at(1, 30)), Ok(Admission::Process));
        assert_eq!(window.admit(&at(1, 99)), Ok(Admission::Skip));
        assert_eq!(window.admit(&at(1, 100)), Ok(Admission::Process), "two turns have passed");
        assert_eq!(window.admit(&at(1, 10_000)), Ok(Admission::Process));
    }

    #[test]
    fn time_that_goes_back_forgets_nothing() {
        let mut window = Rotating::new(ExactSet::with_room(5), Turn::Ticks, 100).unwrap();
        assert_eq!(window.admit(&at(1, 1_000)), Ok(Admission::Process));
        assert_eq!(window.admit(&at(1, 3)), Ok(Admission::Skip));
    }

    #[test]
    fn batches_answer_as_single_questions_do() {
        let arrivals: Vec<Arrival> = (0..3_000).map(|n| at(n * n % 700, n as u64 / 3)).collect();
        for turn in [Turn::Keys, Turn::Ticks] {
            let mut one = Rotating::new(ExactSet::with_room(50), turn, 100).unwrap();
            let mut many = one.clone();
            let singles: Vec<_> =
                arrivals.iter().map(|arrival| one.admit(arrival).unwrap()).collect();
            let mut batch = vec![Admission::Refuse; arrivals.len()];
            many.admit_batch(&arrivals, &mut batch).unwrap();
            assert_eq!(singles, batch);
        }
    }
}
