//! Strategies in abstract form, small enough to be part of an explored state.
//!
//! An explorer cannot carry a Bloom filter, and need not: whether a filter errs on *this* key is chance,
//! and whether a window has passed *by now* is time, and both belong to the adversary. So the abstract
//! form remembers exactly, and lists the ways in which the real structure might answer otherwise as
//! [`Choice`]s. [`Choice::FalsePositive`] and [`Choice::WindowPassed`] are faults and cost 1. What a cache
//! evicts is its own rule and no event: [`Choice::Evicted`] costs nothing.
//!
//! # How a world calls it
//!
//! The state of a consuming process holds one [`ModelDedup`]. Judging an arrival is one action for each of
//! [`ModelDedup::choices`]; which actions follow is told by [`ModelDedup::order`]:
//!
//! * *before*: `admit` every record of the poll, then `commit`, both before the first effect;
//! * *after*: `admit`, then the effect, as two actions (a crash fits between); `commit` before the
//!   position is committed;
//! * *with*: `admit` as one action; effects, `commit` and (if it is stored there) the position as one
//!   indivisible action; if the effect fails, `abort`, and the record is judged anew.
//!
//! What a crash leaves is `fail(Loss::Crash)`; what the next owner finds after a rebalance is
//! `fail(Loss::Moved)` of a copy. A name of a scenario becomes a rule by [`super::list::find`].
//!
//! Must never know the real structures, so that each can be checked against the other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Admission, Arrival, Loss, Memory, Order};
use crate::record::Offset;

/// What a strategy recognises a duplicate by, in abstract form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Rule {
    /// Nothing is recognised.
    Nothing,
    /// Keys.
    Keys {
        /// Whether a new key may be taken for an old one.
        approximate: bool,
        /// Whether an old key may have been forgotten.
        forgetful: bool,
    },
    /// Keys, in a cache that evicts by a rule of its own: at any distance.
    Cache,
    /// What is not above the producer's highest sequence number is skipped.
    HighWater,
    /// The same, but numbers below are told apart until they fall out of the window.
    SequenceWindow,
    /// Every sequence number is remembered.
    Sequences,
    /// The last five are skipped, the next is processed, else it is an error; whoever is unknown may
    /// begin anywhere.
    FiveBatches,
    /// Older versions are skipped, the next is processed, else it is an error.
    NextVersion,
    /// What lies before the stored position is skipped.
    Offsets,
}

/// How the structure behind an abstract strategy answers this time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Choice {
    /// As the rule says.
    Honest,
    /// A new key is taken for an old one.
    FalsePositive,
    /// What should be remembered has left the window: a key is forgotten; a sequence number is below
    /// what can be told apart.
    WindowPassed,
    /// A cache did not keep a key.
    Evicted,
}

impl Choice {
    /// Whether it is a fault.
    pub fn is_fault(self) -> bool {
        matches!(self, Choice::FalsePositive | Choice::WindowPassed)
    }
}

/// Batches that a broker remembers.
const RETAINED: u64 = 5;

/// What is remembered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
struct Marks {
    keys: BTreeSet<u128>,
    /// Per producer, the numbers seen; only their ends for rules that need no more.
    sequences: BTreeMap<u32, BTreeSet<u64>>,
    /// The position to read from.
    next: Offset,
}

/// A strategy in abstract form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ModelDedup {
    rule: Rule,
    memory: Memory,
    live: Marks,
    kept: Marks,
    since: u64,
}

impl ModelDedup {
    /// A strategy that has seen nothing.
    pub fn new(rule: Rule, memory: Memory) -> ModelDedup {
        let (live, kept) = (Marks::default(), Marks::default());
        ModelDedup { rule, memory, live, kept, since: 0 }
    }

    /// Its kind of memory.
    pub fn memory(&self) -> Memory {
        self.memory
    }

    /// The order in which the application performs effects and commits marks.
    pub fn order(&self) -> Order {
        self.memory.order()
    }

    /// The answers that this arrival may get, the honest one first; the others only where they differ.
    pub fn choices(&self, arrival: &Arrival) -> Vec<Choice> {
        let mut choices = vec![Choice::Honest];
        match self.rule {
            Rule::Keys { approximate, forgetful } => {
                let seen = self.live.keys.contains(&arrival.key);
                // What holds nothing takes nothing for what it holds.
                if approximate && !seen && !self.live.keys.is_empty() {
                    choices.push(Choice::FalsePositive);
                }
                if forgetful && seen {
                    choices.push(Choice::WindowPassed);
                }
            }
            Rule::Cache if self.live.keys.contains(&arrival.key) => choices.push(Choice::Evicted),
            Rule::SequenceWindow => {
                let numbers = self.live.sequences.get(&arrival.producer);
                let below = numbers.and_then(BTreeSet::last).is_some_and(|l| arrival.sequence < *l);
                if below && numbers.is_some_and(|seen| !seen.contains(&arrival.sequence)) {
                    choices.push(Choice::WindowPassed);
                }
            }
            _ => {}
        }
        choices
    }

    /// Judges an arrival and marks it in main memory.
    pub fn admit(&mut self, arrival: &Arrival, choice: Choice) -> Admission {
        if let Memory::Snapshot { every } = self.memory {
            self.since = (self.since + 1).min(every);
        }
        let seen = match self.rule {
            Rule::Nothing => false,
            Rule::Keys { .. } | Rule::Cache => {
                let new = self.live.keys.insert(arrival.key);
                match choice {
                    Choice::Honest => !new,
                    // The bits that made it look old stay as they are: it looks old from now on.
                    Choice::FalsePositive => true,
                    Choice::WindowPassed | Choice::Evicted => false,
                }
            }
            Rule::Offsets => {
                let seen = arrival.offset < self.live.next;
                self.live.next = self.live.next.max(arrival.offset.saturating_add(1));
                seen
            }
            _ => return self.admit_sequence(arrival, choice),
        };
        if seen { Admission::Skip } else { Admission::Process }
    }

    fn admit_sequence(&mut self, arrival: &Arrival, choice: Choice) -> Admission {
        let sequence = arrival.sequence;
        let numbers = self.live.sequences.entry(arrival.producer).or_default();
        let last = numbers.last().copied();
        let process = match self.rule {
            Rule::HighWater => last.is_none_or(|last| sequence > last),
            Rule::SequenceWindow | Rule::Sequences => {
                choice == Choice::Honest && !numbers.contains(&sequence)
            }
            _ => match last {
                None => self.rule == Rule::FiveBatches || sequence == 0,
                Some(last) => sequence == last.saturating_add(1),
            },
        };
        let refuse = match self.rule {
            Rule::FiveBatches => !process && !numbers.contains(&sequence),
            Rule::NextVersion => !process && last.is_none_or(|last| sequence > last),
            _ => false,
        };
        if process {
            numbers.insert(sequence);
            self.reduce(arrival.producer);
        }
        match (process, refuse) {
            (true, _) => Admission::Process,
            (false, true) => Admission::Refuse,
            (false, false) => Admission::Skip,
        }
    }

    /// Forgets the numbers that no answer depends on, so that equal states are equal.
    fn reduce(&mut self, producer: u32) {
        let Some(numbers) = self.live.sequences.get_mut(&producer) else { return };
        let keep = match self.rule {
            Rule::HighWater | Rule::NextVersion => 1,
            Rule::FiveBatches => RETAINED,
            _ => return,
        };
        while numbers.len() as u64 > keep {
            numbers.pop_first();
        }
    }

    /// Ends a batch: what this memory keeps of it is kept from here on. Tells whether anything was written.
    pub fn commit(&mut self) -> bool {
        let keep = match self.memory {
            Memory::Volatile => false,
            Memory::Snapshot { every } => self.since >= every,
            Memory::Durable { .. } => true,
        };
        if keep {
            self.kept = self.live.clone();
            self.since = 0;
        }
        keep
    }

    /// The open transaction is rolled back (order *with*): what was not committed was never marked.
    pub fn abort(&mut self) {
        self.live = self.kept.clone();
    }

    /// The process is gone, or its partition is; what is left is what its kind of memory keeps.
    pub fn fail(&mut self, loss: Loss) {
        let local = matches!(self.memory, Memory::Snapshot { .. });
        if local && loss == Loss::Moved {
            self.kept = Marks::default();
        }
        self.live = self.kept.clone();
        self.since = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::super::disk::SimulatedDisks;
    use super::super::list::STRATEGIES;
    use super::super::sizing::Sizing;
    use super::super::{Dedup, Kind};
    use super::*;
    use proptest::prelude::*;

    /// One thing that may happen to a strategy.
    #[derive(Clone, Copy, Debug)]
    enum Happening {
        Arrives(u64),
        Commits,
        Fails(Loss),
    }

    fn happening() -> impl Strategy<Value = Happening> {
        prop_oneof![
            8 => (0u64..7).prop_map(Happening::Arrives),
            3 => Just(Happening::Commits),
            1 => Just(Happening::Fails(Loss::Crash)),
            1 => Just(Happening::Fails(Loss::Moved)),
        ]
    }

    fn memory_of(kind: Kind, sizing: &Sizing) -> Memory {
        match kind.order() {
            Some(order) => Memory::Durable { order },
            None if kind == Kind::Snapshot => Memory::Snapshot { every: sizing.snapshot_every },
            None => Memory::Volatile,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        /// Within its window and without chance, each real strategy answers as its abstract form does,
        /// under any order of arrivals, commits, crashes and moves.
        #[test]
        fn real_strategies_agree_with_their_abstract_forms(
            happenings in prop::collection::vec(happening(), 1..40),
        ) {
            let sizing = Sizing {
                keys: 1_000, window: 10_000, producers: 2, snapshot_every: 3, ..Sizing::default()
            };
            for row in STRATEGIES {
                for &kind in row.kinds {
                    let disks = SimulatedDisks::default();
                    let mut real = row.build(&sizing, kind, &disks).unwrap();
                    let mut model = ModelDedup::new(row.rule, memory_of(kind, &sizing));
                    for &happening in &happenings {
                        agree(row.name, &mut *real, &mut model, happening)?;
                    }
                }
            }
        }
    }

    fn agree(
        name: &str,
        real: &mut dyn Dedup,
        model: &mut ModelDedup,
        happening: Happening,
    ) -> Result<(), TestCaseError> {
        match happening {
            Happening::Arrives(number) => {
                let arrival = Arrival {
                    key: u128::from(number) + 1,
                    producer: (number % 2) as u32,
                    sequence: number / 2,
                    offset: number as Offset,
                    tick: 0,
                };
                let expected = model.admit(&arrival, Choice::Honest);
                prop_assert_eq!(real.admit(&arrival).unwrap(), expected, "{} {:?}", name, arrival);
            }
            Happening::Commits => {
                real.commit().unwrap();
                model.commit();
            }
            Happening::Fails(loss) => {
                real.fail(loss).unwrap();
                model.fail(loss);
            }
        }
        Ok(())
    }

    #[test]
    fn the_adversary_chooses_only_where_it_matters() {
        let keyed = |key| Arrival { key, ..Arrival::default() };
        let filter = Rule::Keys { approximate: true, forgetful: true };
        let mut model = ModelDedup::new(filter, Memory::Volatile);
        assert_eq!(model.choices(&keyed(0)), [Choice::Honest], "nothing is in the filter");
        assert_eq!(model.admit(&keyed(0), Choice::Honest), Admission::Process);
        assert_eq!(model.choices(&keyed(1)), [Choice::Honest, Choice::FalsePositive]);
        assert_eq!(model.admit(&keyed(1), Choice::FalsePositive), Admission::Skip);
        assert_eq!(model.admit(&keyed(1), Choice::Honest), Admission::Skip, "and stays so");
        assert_eq!(model.choices(&keyed(1)), [Choice::Honest, Choice::WindowPassed]);
        assert_eq!(model.admit(&keyed(1), Choice::WindowPassed), Admission::Process);

        let numbered = |sequence| Arrival { sequence, ..Arrival::default() };
        let mut model = ModelDedup::new(Rule::SequenceWindow, Memory::Volatile);
        assert_eq!(model.choices(&numbered(5)), [Choice::Honest]);
        assert_eq!(model.admit(&numbered(5), Choice::Honest), Admission::Process);
        assert_eq!(model.choices(&numbered(4)), [Choice::Honest, Choice::WindowPassed]);
        assert_eq!(model.clone().admit(&numbered(4), Choice::Honest), Admission::Process);
        assert_eq!(model.admit(&numbered(4), Choice::WindowPassed), Admission::Skip);
    }
}
