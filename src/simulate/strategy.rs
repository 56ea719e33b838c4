//! How a run is perturbed: in which order actions come, which faults there are, and when they strike.
//! All of it is drawn from the seed, or said by whoever asks.

use crate::fault::{FAULTS, FaultId, Target};
use crate::simulate::pace::Micros;
use crate::simulate::stream::{Purpose, Stream};
use crate::world::Setting;

/// A way to draw runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Strategy {
    /// Every enabled action is as likely as the others, faults included.
    Uniform,
    /// Actions in random order, faults with a chance per step.
    RandomOrder,
    /// The oldest enabled action first, faults with a chance per step.
    Fifo,
    /// Each run draws which faults exist, how often each strikes, and the order of actions
    /// (Groce et al. 2012).
    Swarm,
    /// Priorities per thread and a few points at which they change (Burckhardt et al. 2010).
    Pct,
    /// A race of clocks in virtual time, with the scenario's own durations.
    Clocks,
}

impl Strategy {
    /// All of them, in the order in which they are drawn.
    pub const ALL: &'static [Strategy] = &[
        Strategy::Uniform,
        Strategy::RandomOrder,
        Strategy::Fifo,
        Strategy::Swarm,
        Strategy::Pct,
        Strategy::Clocks,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::Uniform => "uniform",
            Strategy::RandomOrder => "random",
            Strategy::Fifo => "fifo",
            Strategy::Swarm => "swarm",
            Strategy::Pct => "pct",
            Strategy::Clocks => "clocks",
        }
    }
}

/// In which order actions come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Any, each as likely.
    Random,
    /// The oldest first.
    Fifo,
    /// By priorities of threads, drawn in the run; after each of these steps the thread that ran falls
    /// below all others.
    Priorities {
        /// The steps, in order.
        changes: Vec<u64>,
        /// The depth of the bugs that it aims at: one more than the changes.
        depth: u32,
        /// The number of steps that the changes are spread over.
        steps: u64,
    },
    /// By clocks.
    Clocks,
}

/// When faults strike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// Never.
    Never,
    /// From this step on, as one of the enabled actions, each as likely.
    Among(u64),
    /// From a step on, with a chance before each step.
    Chance {
        /// The first step.
        from: u64,
        /// So many in `whole`.
        part: u32,
        /// See `part`.
        whole: u32,
    },
    /// Before these steps, in order, any: as soon as it finds something to strike.
    Steps(Vec<u64>),
    /// Before these steps, in order, these, each as soon as it finds something to strike.
    Planned(Vec<(u64, FaultId)>),
    /// At random times.
    Rate {
        /// The mean time between two bursts.
        every: Micros,
        /// How many strike in one burst.
        burst: u32,
    },
    /// At these times, in order, these, each as soon as it finds something to strike; and what they strike, any of
    /// their targets if nothing is said.
    Times(Vec<(Micros, FaultId, Option<Target>)>),
}

/// Everything that was drawn for a run before it began.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// The strategy.
    pub strategy: Strategy,
    /// The order of actions.
    pub order: Order,
    /// The faults that exist in this run, with their weights.
    pub kinds: Vec<(FaultId, u32)>,
    /// When they strike.
    pub when: When,
}

/// What whoever asks has said; the rest is drawn.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Asked {
    /// The strategy; none: drawn per seed.
    pub strategy: Option<Strategy>,
    /// When faults strike; none: as the strategy has it.
    pub when: Option<When>,
}

/// A fault may strike at most with one chance in so many per step: the chance in the strategies' names.
const OFTEN: u32 = 5;

/// Steps before which a fault strikes are drawn for so many at most.
const MOST: u32 = 1000;

/// Draws what a run needs: of the faults that are allowed so many at most. `length` is the number of steps of
/// the run without faults.
pub fn draw(seed: u64, allowed: &[FaultId], total: u32, length: u64, asked: &Asked) -> Drawn {
    let mut stream = Stream::new(seed, Purpose::Strategy);
    let all: Vec<(FaultId, u32)> = allowed.iter().map(|&fault| (fault, 1)).collect();
    // Drawn even if it is given, so that `--strategy` gives the same run as the seed had in the mix.
    let drawn = Strategy::ALL[stream.index(Strategy::ALL.len())];
    let strategy = asked.strategy.unwrap_or(drawn);
    let (order, kinds, when) = match strategy {
        Strategy::Uniform => {
            // A small budget would be spent on the first steps of every run.
            let from = stream.below(length.max(1));
            (Order::Random, all, When::Among(from))
        }
        Strategy::RandomOrder => (Order::Random, all, sometimes(&mut stream, total, length)),
        Strategy::Fifo => (Order::Fifo, all, sometimes(&mut stream, total, length)),
        Strategy::Swarm => {
            let order = match stream.below(3) {
                0 => Order::Random,
                1 => Order::Fifo,
                _ => Order::Clocks,
            };
            let kinds = some_of(&mut stream, &all);
            (order, kinds, sometimes(&mut stream, total, length))
        }
        Strategy::Pct => {
            let depth = stream.within(1, 3) as u32;
            let changes = points(&mut stream, depth - 1, length);
            let order = Order::Priorities { changes, depth, steps: length };
            (order, all, When::Steps(points(&mut stream, total.min(MOST), length)))
        }
        Strategy::Clocks => (Order::Clocks, all, sometimes(&mut stream, total, length)),
    };
    let when = match asked.when.clone().unwrap_or(when) {
        _ if kinds.is_empty() => When::Never,
        When::Chance { part: 0, .. } => When::Never,
        when => when,
    };
    match when {
        // Times of faults mean nothing where time stands still.
        When::Rate { .. } | When::Times(_) => {
            Drawn { strategy: Strategy::Clocks, order: Order::Clocks, kinds, when }
        }
        _ => Drawn { strategy, order, kinds, when },
    }
}

/// The faults that the scenario allows.
pub fn allowed(setting: &Setting) -> Vec<FaultId> {
    let kinds = setting.striking_faults();
    let allowed = |fault: &FaultId| kinds.iter().any(|(kind, _)| kind == fault.fault().name());
    let any = setting.faults.total > 0;
    (0..FAULTS.len() as u8).map(FaultId).filter(|fault| any && allowed(fault)).collect()
}

/// Half of the faults, at least one, with weights from 1 to 4.
fn some_of(stream: &mut Stream, all: &[(FaultId, u32)]) -> Vec<(FaultId, u32)> {
    if all.is_empty() {
        return Vec::new();
    }
    let sure = stream.index(all.len());
    let mut kinds = Vec::new();
    for (place, &(fault, _)) in all.iter().enumerate() {
        let (taken, weight) = (stream.ratio(1, 2), stream.within(1, 4) as u32);
        if taken || place == sure {
            kinds.push((fault, weight));
        }
    }
    kinds
}

/// Steps before which something happens, spread over the length of a run.
fn points(stream: &mut Stream, count: u32, length: u64) -> Vec<u64> {
    let mut points: Vec<u64> = (0..count).map(|_| stream.below(length.max(1))).collect();
    points.sort_unstable();
    points
}

/// One chance in so many per step: the highest, or half of it, a quarter, ..., as long as all faults are likely to
/// strike in a run twice as long. Of lower ones most runs would see nothing.
fn chance(stream: &mut Stream, total: u32, length: u64) -> u32 {
    let room = 2 * length / u64::from(total.max(1));
    let lower = (1..24).take_while(|&halved| u64::from(OFTEN) << halved <= room).count();
    OFTEN << stream.index(lower + 1)
}

/// As many steps as there may be faults, or, more seldom, a chance per step: that spends a small budget at the
/// beginning.
fn sometimes(stream: &mut Stream, total: u32, length: u64) -> When {
    let whole = chance(stream, total, length);
    if stream.ratio(1, 4) {
        let from = if stream.ratio(1, 2) { 0 } else { stream.below(length.max(1)) };
        When::Chance { from, part: 1, whole }
    } else {
        When::Steps(points(stream, total.min(MOST), length))
    }
}
