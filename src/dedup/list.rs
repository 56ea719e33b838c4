//! The list of strategies: what each is, what it rests on, how it is built.
//!
//! Everything that names strategies reads this list: the `dedup` verb, the benchmark, the scenarios,
//! the tests.

use super::disk::Disks;
use super::model::Rule;
use super::sizing::Sizing;
use super::{
    AppendLog, BlockedBloom, BloomStore, CacheWindow, ConditionalWrite, Datastore, Dedup,
    DedupError, ExactSet, Fingerprints, FiveBatches, HighWater, Kind, LibraryBloom, Lifelong,
    NoDedup, OffsetWithResult, Order, QuotientFilter, RecentSet, Rotating, SequenceSet,
    SequenceWindow, Snapshotted, Turn,
};

/// What a strategy recognises a duplicate by, as a heading.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// Nothing, for comparison.
    Control,
    /// A key, exactly.
    Keys,
    /// A key, approximately.
    Filters,
    /// A sequence number.
    Sequences,
    /// What a datastore holds.
    Stores,
    /// Plausible and wrong.
    Traps,
}

impl Family {
    /// Every family, in the order of the list.
    pub const ALL: [Family; 6] = [
        Family::Control,
        Family::Keys,
        Family::Filters,
        Family::Sequences,
        Family::Stores,
        Family::Traps,
    ];

    /// The name that the command line knows.
    pub fn name(self) -> &'static str {
        match self {
            Family::Control => "control",
            Family::Keys => "keys",
            Family::Filters => "filters",
            Family::Sequences => "sequences",
            Family::Stores => "stores",
            Family::Traps => "traps",
        }
    }
}

/// Builds a strategy with a kind of memory, its durable state on these disks.
pub type Build = fn(&Sizing, Kind, &dyn Disks) -> Result<Box<dyn Dedup>, DedupError>;

/// One row of the list.
#[derive(Debug)]
pub struct Strategy {
    /// The name that tables, scenarios and the command line use.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// What must be true for it to neither lose nor repeat while its memory is kept.
    pub assumption: &'static str,
    /// Its family.
    pub family: Family,
    /// The kinds of memory it comes with; the first is its usual one.
    pub kinds: &'static [Kind],
    /// Its abstract form for exhaustive search.
    pub rule: Rule,
    /// Mean number of positions by which one original in a hundred is delayed in this row's trial, on
    /// top of the workload asked for; 0 for none. Only traps have one.
    pub overtaken_by: u64,
    /// Whether every decision or commit goes through an embedded store, which takes minutes for what
    /// others do in seconds.
    pub embedded: bool,
    build: Build,
}

impl Strategy {
    /// Builds it.
    ///
    /// # Errors
    /// A size that makes no sense, a kind of memory that it does not come with, a store that cannot be
    /// opened.
    pub fn build(
        &self,
        sizing: &Sizing,
        kind: Kind,
        disks: &dyn Disks,
    ) -> Result<Box<dyn Dedup>, DedupError> {
        if !self.kinds.contains(&kind) {
            let known: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
            let known = known.join(", ");
            let what = format!("{} is not {kind}; it comes as {known}", self.name);
            return Err(DedupError::Sizing(what));
        }
        (self.build)(sizing, kind, disks)
    }
}

/// The row of this name.
pub fn find(name: &str) -> Option<&'static Strategy> {
    STRATEGIES.iter().find(|strategy| strategy.name == name)
}

const IN_MEMORY: &[Kind] = &[Kind::Volatile, Kind::Snapshot];
const DURABLE: &[Kind] = &[Kind::DurableBefore, Kind::DurableAfter, Kind::DurableWith];

/// Gives a strategy in main memory its kind of memory.
fn held<D: Dedup + Clone + 'static>(
    strategy: D,
    sizing: &Sizing,
    kind: Kind,
) -> Result<Box<dyn Dedup>, DedupError> {
    match kind {
        Kind::Snapshot => Ok(Box::new(Snapshotted::new(strategy, sizing.snapshot_every)?)),
        _ => Ok(Box::new(strategy)),
    }
}

/// Marks and effects in one transaction, unless the kind says otherwise.
fn order(kind: Kind) -> Order {
    kind.order().unwrap_or(Order::With)
}

/// Room for one generation: half a window, or all keys if they are fewer.
fn generation(sizing: &Sizing) -> u64 {
    (sizing.window / 2).min(sizing.keys) + 1
}

/// Every strategy.
pub const STRATEGIES: &[Strategy] = &[
    Strategy {
        name: "none",
        doc: "Processes everything: the control that must show every duplicate.",
        assumption: "no record is delivered twice",
        family: Family::Control,
        kinds: &[Kind::Volatile],
        rule: Rule::Nothing,
        overtaken_by: 0,
        embedded: false,
        build: |_, _, _| Ok(Box::new(NoDedup)),
    },
    Strategy {
        name: "exact-set",
        doc: "Remembers every key, whole.",
        assumption: "a key names one record and is the same on every resend",
        family: Family::Keys,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: false, forgetful: false },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            held(Lifelong::new(ExactSet::with_room(sizing.keys)), sizing, kind)
        },
    },
    Strategy {
        name: "fingerprints",
        doc: "Remembers a 64-bit fingerprint of every key.",
        assumption: "unique keys, of which no two share a fingerprint",
        family: Family::Keys,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: true, forgetful: false },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            held(Lifelong::new(Fingerprints::with_room(sizing.keys)), sizing, kind)
        },
    },
    Strategy {
        name: "time-window",
        doc: "Remembers whole keys for between half a window and a window of time.",
        assumption: "unique keys, redelivered within half the window, by a clock that does not jump",
        family: Family::Keys,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: false, forgetful: true },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let generation = ExactSet::with_room(generation(sizing));
            held(Rotating::new(generation, Turn::Ticks, sizing.window)?, sizing, kind)
        },
    },
    Strategy {
        name: "recent-set",
        doc: "Remembers the most recently seen keys, a fixed number (least recently used goes).",
        assumption: "unique keys, redelivered before as many other keys have come",
        family: Family::Keys,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: false, forgetful: true },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| held(RecentSet::with_capacity(sizing.window)?, sizing, kind),
    },
    Strategy {
        name: "bloom",
        doc: "Bloom filter for the whole stream, bits anywhere (fastbloom).",
        assumption: "unique keys, no more than it was sized for, and a loss at its rate is bearable",
        family: Family::Filters,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: true, forgetful: false },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let filter = LibraryBloom::with_room(sizing.keys, sizing.one_in)?;
            held(Lifelong::new(filter), sizing, kind)
        },
    },
    Strategy {
        name: "blocked-bloom",
        doc: "Bloom filter for the whole stream, the bits of a key in one cache line.",
        assumption: "unique keys, no more than it was sized for, and a loss at its rate is bearable",
        family: Family::Filters,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: true, forgetful: false },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let filter = BlockedBloom::with_room(sizing.keys, sizing.one_in)?;
            held(Lifelong::new(filter), sizing, kind)
        },
    },
    Strategy {
        name: "rotating-bloom",
        doc: "Two generations of a Bloom filter (fastbloom): a window in little memory.",
        assumption: "unique keys, redelivered within half the window; a loss at its rate is bearable",
        family: Family::Filters,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: true, forgetful: true },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let half = LibraryBloom::with_room(generation(sizing), 2 * sizing.one_in)?;
            held(Rotating::new(half, Turn::Keys, sizing.window)?, sizing, kind)
        },
    },
    Strategy {
        name: "rotating-blocked-bloom",
        doc: "Two generations of a one-cache-line Bloom filter.",
        assumption: "unique keys, redelivered within half the window; a loss at its rate is bearable",
        family: Family::Filters,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: true, forgetful: true },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let half = BlockedBloom::with_room(generation(sizing), 2 * sizing.one_in)?;
            held(Rotating::new(half, Turn::Keys, sizing.window)?, sizing, kind)
        },
    },
    Strategy {
        name: "quotient-filter",
        doc: "Short fingerprints that could be deleted, merged and resized (qfilter).",
        assumption: "unique keys, no more than it was sized for, and a loss at its rate is bearable",
        family: Family::Filters,
        kinds: IN_MEMORY,
        rule: Rule::Keys { approximate: true, forgetful: false },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let filter = QuotientFilter::with_room(sizing.keys, sizing.one_in)?;
            held(Lifelong::new(filter), sizing, kind)
        },
    },
    Strategy {
        name: "high-water",
        doc: "Remembers each producer's highest sequence number and skips what is not above it.",
        assumption: "each producer's records arrive in order, under one stable name",
        family: Family::Sequences,
        kinds: IN_MEMORY,
        rule: Rule::HighWater,
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| held(HighWater::with_room(sizing.producers), sizing, kind),
    },
    Strategy {
        name: "sequence-window",
        doc: "The same with a bitmap of the numbers just below (anti-replay window, RFC 6479).",
        assumption: "a record is overtaken by fewer of its producer's records than the window holds",
        family: Family::Sequences,
        kinds: IN_MEMORY,
        rule: Rule::SequenceWindow,
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| {
            let window = SequenceWindow::with_room(sizing.producers, sizing.sequence_bits)?;
            held(window, sizing, kind)
        },
    },
    Strategy {
        name: "sequence-set",
        doc: "Remembers every sequence number in compressed bitmaps (roaring).",
        assumption: "producers number densely and keep their names",
        family: Family::Sequences,
        kinds: IN_MEMORY,
        rule: Rule::Sequences,
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, _| held(SequenceSet::with_room(sizing.producers), sizing, kind),
    },
    Strategy {
        name: "five-batches",
        doc: "A Kafka broker's own: the last five batches of each producer; a gap is an error.",
        assumption: "at most five requests in flight, and one session of each producer",
        family: Family::Sequences,
        kinds: &[Kind::DurableWith],
        rule: Rule::FiveBatches,
        overtaken_by: 0,
        embedded: false,
        build: |sizing, _, _| Ok(Box::new(FiveBatches::with_room(sizing.producers))),
    },
    Strategy {
        name: "append-log",
        doc: "Exact set in memory, and on disk a log with one frame and one sync for each commit.",
        assumption: "unique keys; a crash between effect and mark is bearable in the chosen order",
        family: Family::Stores,
        kinds: &[Kind::DurableAfter, Kind::DurableBefore],
        rule: Rule::Keys { approximate: false, forgetful: false },
        overtaken_by: 0,
        embedded: false,
        build: |sizing, kind, disks| {
            Ok(Box::new(AppendLog::open(disks, order(kind), sizing.keys, 1)?))
        },
    },
    Strategy {
        name: "bloom-store",
        doc: "Bloom filter that answers for most new keys, before an embedded store (redb).",
        assumption: "unique keys, and a filter that holds every key of the store",
        family: Family::Stores,
        kinds: &[Kind::DurableAfter],
        rule: Rule::Keys { approximate: false, forgetful: false },
        overtaken_by: 0,
        embedded: true,
        build: |sizing, _, disks| Ok(Box::new(BloomStore::open(disks, sizing.keys, 100)?)),
    },
    Strategy {
        name: "datastore",
        doc: "An embedded store (redb) of seen keys, marked before, after or with the effect.",
        assumption: "unique keys; with: the effect lives in the same store",
        family: Family::Stores,
        kinds: DURABLE,
        rule: Rule::Keys { approximate: false, forgetful: false },
        overtaken_by: 0,
        embedded: true,
        build: |_, kind, disks| Ok(Box::new(Datastore::open(disks, order(kind))?)),
    },
    Strategy {
        name: "offset-with-result",
        doc: "The position to read from, in the transaction that stores the effects (redb).",
        assumption: "a duplicate is a redelivery of the same log entry, never a second send",
        family: Family::Stores,
        kinds: &[Kind::DurableWith],
        rule: Rule::Offsets,
        overtaken_by: 0,
        embedded: true,
        build: |_, _, disks| Ok(Box::new(OffsetWithResult::open(disks)?)),
    },
    Strategy {
        name: "conditional-write",
        doc: "Each write names the version that it follows, compared and set in one step (redb).",
        assumption: "one writer numbers each entity's versions, and sends again what was refused",
        family: Family::Stores,
        kinds: &[Kind::DurableWith],
        rule: Rule::NextVersion,
        overtaken_by: 0,
        embedded: true,
        build: |_, _, disks| Ok(Box::new(ConditionalWrite::open(disks)?)),
    },
    Strategy {
        name: "cache-window",
        doc: "Trap: a general-purpose cache (quick_cache) used as a window of seen keys.",
        assumption: "a cache that keeps what is new; such a cache evicts that first, and every key is new once",
        family: Family::Traps,
        kinds: &[Kind::Volatile],
        rule: Rule::Cache,
        overtaken_by: 0,
        embedded: false,
        build: |sizing, _, _| Ok(Box::new(CacheWindow::with_capacity(sizing.window)?)),
    },
    Strategy {
        name: "high-water-overtaken",
        doc: "Trap: high-water fed by a channel that delays one record in a hundred.",
        assumption: "the order that high-water needs, which this row's workload does not keep",
        family: Family::Traps,
        kinds: &[Kind::Volatile],
        rule: Rule::HighWater,
        overtaken_by: 1_000,
        embedded: false,
        build: |sizing, kind, _| held(HighWater::with_room(sizing.producers), sizing, kind),
    },
];

#[cfg(test)]
mod tests {
    use super::super::disk::SimulatedDisks;
    use super::super::{Admission, Arrival, Loss};
    use super::*;
    use std::collections::BTreeSet;

    fn small() -> Sizing {
        Sizing { keys: 100, window: 100, producers: 1, snapshot_every: 1, ..Sizing::default() }
    }

    fn nth(sequence: u64) -> Arrival {
        let key = super::super::hash::nth_key(sequence, 1);
        Arrival { key, sequence, offset: sequence as i64, ..Arrival::default() }
    }

    #[test]
    fn names_are_unique_and_rows_say_something() {
        let names: BTreeSet<&str> = STRATEGIES.iter().map(|strategy| strategy.name).collect();
        assert_eq!(names.len(), STRATEGIES.len());
        for row in STRATEGIES {
            assert!(row.doc.ends_with('.') && row.doc.len() > 20, "{}", row.name);
            assert!(!row.assumption.is_empty() && !row.kinds.is_empty(), "{}", row.name);
            assert!(find(row.name).is_some_and(|found| found.name == row.name));
        }
        for family in Family::ALL {
            assert!(STRATEGIES.iter().any(|row| row.family == family), "{}", family.name());
        }
    }

    /// What every strategy but the control promises in order and without faults, and what each kind of
    /// memory keeps of it.
    #[test]
    fn every_row_skips_what_it_committed_unless_its_memory_is_gone() {
        for row in STRATEGIES {
            for &kind in row.kinds {
                let disks = SimulatedDisks::default();
                let mut strategy = row.build(&small(), kind, &disks).unwrap();
                assert_eq!(strategy.memory().kind(), kind, "{}", row.name);
                for number in 0..3 {
                    assert_eq!(
                        strategy.admit(&nth(number)),
                        Ok(Admission::Process),
                        "{}",
                        row.name
                    );
                    strategy.effect(&nth(number)).unwrap();
                }
                if row.family != Family::Control {
                    assert_eq!(strategy.admit(&nth(2)), Ok(Admission::Skip), "{} {kind}", row.name);
                }
                strategy.commit().unwrap();
                strategy.fail(Loss::Crash).unwrap();
                let kept = strategy.admit(&nth(2)).unwrap() == Admission::Skip;
                assert_eq!(kept, kind != Kind::Volatile, "{} {kind}", row.name);
                strategy.fail(Loss::Moved).unwrap();
                let kept = strategy.admit(&nth(2)).unwrap() == Admission::Skip;
                assert_eq!(kept, kind.order().is_some(), "{} {kind} moved", row.name);
            }
        }
    }

    #[test]
    fn a_kind_of_memory_that_a_row_does_not_have_is_refused() {
        let none = find("none").unwrap();
        let built = none.build(&small(), Kind::DurableWith, &SimulatedDisks::default());
        assert!(matches!(built, Err(DedupError::Sizing(_))));
    }
}
