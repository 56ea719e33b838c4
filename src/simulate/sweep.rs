//! Many seeds on several threads; results come in the order of seeds, whatever the number of threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::simulate::{Outcome, Simulator};

/// Seeds that one thread takes at once.
const CHUNK: u64 = 64;

/// Which seeds, and in how many ways at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// The one behind the last.
    pub end: u64,
    /// Of so many consecutive seeds one is taken: the shards of one run.
    pub stride: u64,
}

impl Seeds {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.end.saturating_sub(self.first).div_ceil(self.stride.max(1))
    }

    /// At most `length` of them, from a place.
    pub fn block(&self, place: u64, length: u64) -> Seeds {
        let first = self.at(place);
        let end = self.at(place.saturating_add(length)).min(self.end);
        Seeds { first, end, stride: self.stride }
    }

    /// The seed at a place.
    fn at(&self, place: u64) -> u64 {
        self.first.saturating_add(place.saturating_mul(self.stride.max(1)))
    }
}

/// How a sweep ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Swept {
    /// The runs that were told, in the order of their seeds and without a gap.
    pub runs: u64,
    /// Whether all were.
    pub complete: bool,
}

/// Runs all seeds and tells each outcome, in the order of seeds; when `tell` breaks, the sweep ends.
pub fn sweep(
    simulator: &Simulator<'_>,
    seeds: Seeds,
    threads: usize,
    tell: &mut (dyn FnMut(&Outcome) -> ControlFlow<()> + Send),
) -> Swept {
    let count = seeds.count();
    let next = AtomicU64::new(0);
    let stopped = AtomicBool::new(false);
    let told = Mutex::new(Told { next: 0, runs: 0, waiting: BTreeMap::new(), tell });
    let work = || {
        let mut simulator = simulator.clone();
        while !stopped.load(Ordering::Relaxed) {
            let begin = next.fetch_add(CHUNK, Ordering::Relaxed);
            if begin >= count {
                return;
            }
            let places = begin..(begin + CHUNK).min(count);
            let outcomes: Vec<Outcome> =
                places.map(|place| simulator.run(seeds.at(place), &mut ())).collect();
            let mut told = told.lock().expect("nobody panics while telling");
            if told.take(begin, outcomes).is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    if threads <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let runs = told.into_inner().expect("nobody panics while telling").runs;
    Swept { runs, complete: runs == count }
}

struct Told<'a> {
    next: u64,
    runs: u64,
    waiting: BTreeMap<u64, Vec<Outcome>>,
    tell: &'a mut (dyn FnMut(&Outcome) -> ControlFlow<()> + Send),
}

impl Told<'_> {
    /// Tells a chunk, and those that waited for it, in order.
    fn take(&mut self, begin: u64, outcomes: Vec<Outcome>) -> ControlFlow<()> {
        self.waiting.insert(begin, outcomes);
        while let Some(outcomes) = self.waiting.remove(&self.next) {
            self.next += CHUNK;
            for outcome in &outcomes {
                self.runs += 1;
                (self.tell)(outcome)?;
            }
        }
        ControlFlow::Continue(())
    }
}
