//! Many seeds on several threads; results come in the order of seeds, whatever the number of threads.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::simulate::{Moment, Observer, Outcome, Simulator};

/// Seeds that one thread takes at once, at most.
const CHUNK: u64 = 64;
/// Of long runs it takes fewer: about so many steps.
const CHUNK_STEPS: u64 = 20_000;

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

    /// At most `length` of them, from a place. Places behind the last seed have none.
    pub fn block(&self, place: u64, length: u64) -> Seeds {
        let first = self.at(place);
        let end = self.at(place.saturating_add(length)).min(self.end);
        Seeds { first, end, stride: self.stride }
    }

    /// The seed at a place; behind the last one, [`u64::MAX`] at most.
    pub fn at(&self, place: u64) -> u64 {
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

/// Runs all seeds and tells each outcome, in the order of seeds; when `tell` breaks, the sweep ends. `go_on` is
/// asked now and then while runs go on; when it breaks, they end and are not told.
pub fn sweep(
    simulator: &Simulator<'_>,
    seeds: Seeds,
    threads: usize,
    go_on: &(dyn Fn() -> ControlFlow<()> + Sync),
    tell: &mut (dyn FnMut(&Outcome) -> ControlFlow<()> + Send),
) -> Swept {
    let count = seeds.count();
    let chunk = (CHUNK_STEPS / simulator.length().max(1)).clamp(1, CHUNK);
    let next = AtomicU64::new(0);
    let stopped = AtomicBool::new(false);
    let told =
        Told { next: 0, runs: 0, ended: false, chunk, count, waiting: BTreeMap::new(), tell };
    let told = Mutex::new(told);
    let work = || {
        let mut simulator = simulator.clone();
        while !stopped.load(Ordering::Relaxed) {
            let begin = next.fetch_add(chunk, Ordering::Relaxed);
            if begin >= count {
                return;
            }
            let places = begin..begin.saturating_add(chunk).min(count);
            let outcomes: Vec<Outcome> =
                places.map_while(|place| run(&mut simulator, seeds.at(place), go_on)).collect();
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

/// The run of a seed; none if it was to end before it was over.
fn run(
    simulator: &mut Simulator<'_>,
    seed: u64,
    go_on: &(dyn Fn() -> ControlFlow<()> + Sync),
) -> Option<Outcome> {
    let outcome = simulator.run(seed, &mut Asking { steps: 0, go_on });
    go_on().is_continue().then_some(outcome)
}

/// Asks now and then whether a run is to go on.
struct Asking<'a> {
    steps: u32,
    go_on: &'a (dyn Fn() -> ControlFlow<()> + Sync),
}

impl Observer for Asking<'_> {
    const READS_STORIES: bool = false;

    fn performed(&mut self, _moment: Moment<'_>) -> ControlFlow<()> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(1 << 12) { (self.go_on)() } else { ControlFlow::Continue(()) }
    }
}

struct Told<'a> {
    next: u64,
    runs: u64,
    /// Nothing more is told: what follows would leave a gap.
    ended: bool,
    chunk: u64,
    count: u64,
    waiting: BTreeMap<u64, Vec<Outcome>>,
    tell: &'a mut (dyn FnMut(&Outcome) -> ControlFlow<()> + Send),
}

impl Told<'_> {
    /// Tells a chunk, and those that waited for it, in order. One that is cut short is the last.
    fn take(&mut self, begin: u64, outcomes: Vec<Outcome>) -> ControlFlow<()> {
        let whole = self.chunk.min(self.count - begin);
        let cut_short = (outcomes.len() as u64) < whole;
        self.waiting.insert(begin, outcomes);
        while !self.ended
            && let Some(outcomes) = self.waiting.remove(&self.next)
        {
            self.ended = (outcomes.len() as u64) < self.chunk.min(self.count - self.next);
            self.next = self.next.saturating_add(self.chunk);
            for outcome in &outcomes {
                self.runs += 1;
                if (self.tell)(outcome).is_break() {
                    self.ended = true;
                    break;
                }
            }
        }
        if self.ended || cut_short { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
