//! One trial: a consumer that reads a stream in batches, asks a strategy, performs effects, commits, and
//! now and then loses its memory; afterwards the effects are counted.
//!
//! Effects are outside the process and survive a crash, but for those that a strategy keeps in its own
//! transaction: these count when it is committed.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;

use super::draw::{Geometric, Purpose, below, stream};
use super::stream::{Message, Stream, Workload};
use crate::dedup::{Admission, Dedup, DedupError, Loss, Order};

/// When the consumer commits, and when it fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Messages between two commits.
    pub commit_every: u64,
    /// Mean number of messages from one crash to the next; 0 for never.
    pub crash_every: u64,
    /// Mean number of messages until the partition gets another owner; 0 for never.
    pub move_every: u64,
}

impl Plan {
    /// No failures, a commit every 1,000 messages.
    pub const CALM: Plan = Plan { commit_every: 1_000, crash_every: 0, move_every: 0 };

    /// Whether a batch has a chance to be committed at all.
    ///
    /// # Errors
    /// [`DedupError::Sizing`] if it has less than one in fifty, or holds nothing.
    pub fn check(&self) -> Result<(), DedupError> {
        if self.commit_every == 0 {
            return Err(DedupError::Sizing("a commit every 0 messages".into()));
        }
        for every in [self.crash_every, self.move_every] {
            if every > 0 && every.saturating_mul(4) < self.commit_every {
                return Err(DedupError::Sizing(format!(
                    "a failure every {every} messages leaves no batch of {} a chance",
                    self.commit_every
                )));
            }
        }
        Ok(())
    }
}

/// What a trial counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Messages sent, duplicates included.
    pub messages: u64,
    /// Records sent.
    pub originals: u64,
    /// Messages that repeat a record.
    pub duplicates: u64,
    /// Records without an effect at the end.
    pub wrongly_dropped: u64,
    /// Of these, records that were marked before a crash took their effect away.
    pub dropped_by_crash: u64,
    /// Effects beyond the first of each record.
    pub let_through: u64,
    /// Of these, effects of what was read again after a crash or move.
    pub repeated_by_crash: u64,
    /// Answers that were errors for the sender.
    pub refused: u64,
    /// Crashes.
    pub crashes: u64,
    /// Moves to another owner.
    pub moves: u64,
}

/// A failure in a batch: before which half-step, and of which kind.
#[derive(Clone, Copy, Debug)]
struct Failure {
    message: u64,
    after_effect: bool,
    loss: Loss,
}

/// Draws failures.
struct Failures {
    random: ChaCha8Rng,
    crash: Option<Geometric>,
    moved: Option<Geometric>,
}

impl Failures {
    fn new(plan: &Plan, seed: u64) -> Failures {
        let every = |mean: u64| (mean > 0).then(|| Geometric::with_mean(mean - 1));
        let random = stream(seed, Purpose::Failure);
        Failures { random, crash: every(plan.crash_every), moved: every(plan.move_every) }
    }

    /// The first failure among `length` messages, if there is one.
    fn draw(&mut self, length: u64) -> Option<Failure> {
        let random = &mut self.random;
        let mut first = None;
        for (geometric, loss) in [(&self.crash, Loss::Crash), (&self.moved, Loss::Moved)] {
            let Some(geometric) = geometric else { continue };
            let message = geometric.draw(random);
            let after_effect = below(random, 2) == 1;
            let earlier = first.is_none_or(|first: Failure| message < first.message);
            if message < length && earlier {
                first = Some(Failure { message, after_effect, loss });
            }
        }
        first
    }
}

/// Refused records, kept by their senders until their predecessors are in.
#[derive(Clone, Debug, Default)]
struct Senders {
    /// Per producer, by sequence number.
    waiting: BTreeMap<u32, BTreeMap<u64, Message>>,
    /// Per producer, the number after the last one processed.
    next: BTreeMap<u32, u64>,
}

impl Senders {
    /// Takes back a refused message, unless its number is done with.
    fn keep(&mut self, message: &Message) {
        let (producer, sequence) = (message.arrival.producer, message.arrival.sequence);
        if self.next.get(&producer).is_none_or(|next| sequence >= *next) {
            self.waiting.entry(producer).or_default().entry(sequence).or_insert(*message);
        }
    }

    /// What a sender sends again once its predecessor is processed.
    fn follow(&mut self, message: &Message) -> Option<Message> {
        let (producer, next) = (message.arrival.producer, message.arrival.sequence + 1);
        let known = self.next.entry(producer).or_default();
        *known = next.max(*known);
        self.waiting.get_mut(&producer)?.remove(&next)
    }
}

/// What is true about effects.
struct Truth {
    effects: Vec<u8>,
    /// Records whose effect was due when a crash came, marks already durable.
    robbed: Vec<u64>,
}

struct Consumer<'a> {
    dedup: &'a mut dyn Dedup,
    order: Order,
    truth: Truth,
    senders: Senders,
    outcome: Outcome,
    /// Whether the batch in hand was read before.
    again: bool,
}

/// Runs a strategy through a workload under a plan.
///
/// # Errors
/// A plan under which nothing can be finished; whatever the strategy reports.
pub fn run(dedup: &mut dyn Dedup, workload: &Workload, plan: &Plan) -> Result<Outcome, DedupError> {
    plan.check()?;
    let mut failures = Failures::new(plan, workload.seed);
    let mut messages = Stream::new(workload);
    let order = dedup.memory().order();
    let truth = Truth { effects: vec![0; workload.keys as usize], robbed: Vec::new() };
    let mut consumer = Consumer {
        dedup,
        order,
        truth,
        senders: Senders::default(),
        outcome: Outcome { originals: workload.keys, ..Outcome::default() },
        again: false,
    };
    let mut batch = Vec::new();
    loop {
        batch.clear();
        batch.extend(messages.by_ref().take(plan.commit_every as usize));
        if batch.is_empty() {
            break;
        }
        consumer.outcome.messages += batch.len() as u64;
        consumer.outcome.duplicates +=
            batch.iter().filter(|message| !message.original).count() as u64;
        consumer.again = false;
        let senders = consumer.senders.clone();
        while !consumer.attempt(&batch, failures.draw(batch.len() as u64))? {
            consumer.again = true;
            consumer.senders = senders.clone();
        }
    }
    Ok(consumer.finish())
}

impl Consumer<'_> {
    /// Works through a batch up to its commit, or up to a failure: then `false`.
    fn attempt(&mut self, batch: &[Message], failure: Option<Failure>) -> Result<bool, DedupError> {
        let mut unwritten = Vec::new();
        let mut planned = Vec::new();
        let before = self.order == Order::Before;
        for (place, message) in batch.iter().enumerate() {
            if let Some(failure) = failure.filter(|failure| !before && !failure.after_effect)
                && failure.message == place as u64
            {
                return self.fail(failure);
            }
            self.admit(*message, &mut unwritten, &mut planned)?;
            if let Some(failure) = failure.filter(|failure| !before && failure.after_effect)
                && failure.message == place as u64
            {
                return self.fail(failure);
            }
        }
        self.dedup.commit()?;
        for record in unwritten {
            self.effect(record);
        }
        if before {
            return self.perform(batch.len(), &planned, failure);
        }
        Ok(true)
    }

    /// Asks about a message and whatever its sender held back behind it.
    fn admit(
        &mut self,
        message: Message,
        unwritten: &mut Vec<u64>,
        planned: &mut Vec<u64>,
    ) -> Result<(), DedupError> {
        let mut next = Some(message);
        while let Some(message) = next.take() {
            match self.dedup.admit(&message.arrival)? {
                Admission::Process => {
                    self.dedup.effect(&message.arrival)?;
                    match self.order {
                        Order::Before => planned.push(message.record),
                        Order::After => self.effect(message.record),
                        Order::With => unwritten.push(message.record),
                    }
                    next = self.senders.follow(&message);
                }
                Admission::Skip => {}
                Admission::Refuse => {
                    self.outcome.refused += 1;
                    self.senders.keep(&message);
                }
            }
        }
        Ok(())
    }

    /// Performs the effects of a batch whose marks are durable, up to a failure.
    fn perform(
        &mut self,
        length: usize,
        planned: &[u64],
        failure: Option<Failure>,
    ) -> Result<bool, DedupError> {
        let Some(failure) = failure else {
            planned.iter().for_each(|record| self.effect(*record));
            return Ok(true);
        };
        // The failure comes at a share of the way through the batch; effects are as far.
        let half_steps = 2 * failure.message + u64::from(failure.after_effect);
        let done = half_steps * planned.len() as u64 / (2 * length as u64);
        let (done, robbed) = planned.split_at(done as usize);
        done.iter().for_each(|record| self.effect(*record));
        self.truth.robbed.extend_from_slice(robbed);
        self.fail(failure)
    }

    fn effect(&mut self, record: u64) {
        let effects = &mut self.truth.effects[record as usize];
        if *effects > 0 {
            self.outcome.let_through += 1;
            self.outcome.repeated_by_crash += u64::from(self.again);
        }
        *effects = effects.saturating_add(1);
    }

    fn fail(&mut self, failure: Failure) -> Result<bool, DedupError> {
        match failure.loss {
            Loss::Crash => self.outcome.crashes += 1,
            Loss::Moved => self.outcome.moves += 1,
        }
        self.dedup.fail(failure.loss)?;
        Ok(false)
    }

    fn finish(mut self) -> Outcome {
        let effects = &self.truth.effects;
        self.outcome.wrongly_dropped =
            effects.iter().filter(|effects| **effects == 0).count() as u64;
        self.truth.robbed.sort_unstable();
        self.truth.robbed.dedup();
        let robbed = self.truth.robbed.iter().filter(|record| effects[**record as usize] == 0);
        self.outcome.dropped_by_crash = robbed.count() as u64;
        self.outcome
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::disk::SimulatedDisks;
    use super::super::super::list::{STRATEGIES, find};
    use super::super::super::sizing::Sizing;
    use super::super::super::{Kind, Memory};
    use super::*;

    const KEYS: u64 = 3_000;

    fn workload(distance: &str) -> Workload {
        let share = if distance == "block" { "0.5" } else { "0.1" };
        Workload {
            keys: KEYS,
            duplicates: share.parse().unwrap(),
            distance: distance.parse().unwrap(),
            producers: 10,
            delayed_by: 0,
            seed: 1,
        }
    }

    fn outcome(name: &str, kind: Kind, distance: &str, plan: &Plan) -> Outcome {
        let sizing = Sizing {
            keys: KEYS,
            producers: 10,
            window: 2_000,
            snapshot_every: 500,
            ..Sizing::default()
        };
        let row = find(name).unwrap();
        let mut dedup = row.build(&sizing, kind, &SimulatedDisks::default()).unwrap();
        run(&mut *dedup, &workload(distance), plan).unwrap()
    }

    #[test]
    fn without_faults_only_the_control_lets_near_duplicates_through() {
        for row in STRATEGIES.iter().filter(|row| row.overtaken_by == 0) {
            for &kind in row.kinds {
                let plan = Plan { commit_every: 97, ..Plan::CALM };
                let outcome = outcome(row.name, kind, "block", &plan);
                let expected = if row.name == "none" { outcome.duplicates } else { 0 };
                if row.name != "cache-window" {
                    assert_eq!(outcome.let_through, expected, "{} {kind}", row.name);
                }
                assert_eq!(outcome.wrongly_dropped, 0, "{} {kind}", row.name);
                assert!(outcome.duplicates > 100, "{outcome:?}");
            }
        }
    }

    #[test]
    fn a_durable_store_errs_under_crashes_as_its_order_says() {
        let plan = Plan { commit_every: 100, crash_every: 300, move_every: 900 };
        for (name, kind) in [
            ("datastore", Kind::DurableBefore),
            ("datastore", Kind::DurableAfter),
            ("datastore", Kind::DurableWith),
            ("append-log", Kind::DurableBefore),
            ("append-log", Kind::DurableAfter),
            ("bloom-store", Kind::DurableAfter),
            ("conditional-write", Kind::DurableWith),
            ("five-batches", Kind::DurableWith),
        ] {
            let outcome = outcome(name, kind, "near", &plan);
            assert!(outcome.crashes > 3 && outcome.moves > 0, "{outcome:?}");
            let lost = kind == Kind::DurableBefore;
            let repeated = kind == Kind::DurableAfter;
            assert_eq!(outcome.wrongly_dropped > 0, lost, "{name} {kind} {outcome:?}");
            assert_eq!(outcome.wrongly_dropped, outcome.dropped_by_crash);
            assert_eq!(outcome.let_through > 0, repeated, "{name} {kind} {outcome:?}");
            assert_eq!(outcome.let_through, outcome.repeated_by_crash);
        }
    }

    #[test]
    fn a_position_with_the_result_guards_against_redelivery_only() {
        let plan = Plan { commit_every: 100, crash_every: 300, move_every: 0 };
        let again = outcome("offset-with-result", Kind::DurableWith, "block", &plan);
        assert_eq!((again.let_through, again.wrongly_dropped), (0, 0));
        let resent = outcome("offset-with-result", Kind::DurableWith, "near", &plan);
        assert_eq!((resent.let_through, resent.wrongly_dropped), (resent.duplicates, 0));
    }

    #[test]
    fn overtaking_is_a_loss_for_high_water_and_an_error_for_kafka() {
        let lost = outcome("high-water", Kind::Volatile, "reorder-100", &Plan::CALM);
        assert!(lost.wrongly_dropped > 10 && lost.refused == 0, "{lost:?}");
        let window = outcome("sequence-window", Kind::Volatile, "reorder-100", &Plan::CALM);
        assert_eq!((window.wrongly_dropped, window.let_through), (0, 0));
        let kafka = outcome("five-batches", Kind::DurableWith, "reorder-100", &Plan::CALM);
        assert_eq!((kafka.wrongly_dropped, kafka.let_through), (0, 0));
        assert!(kafka.refused > 10, "{kafka:?}");
    }

    #[test]
    fn a_cache_lets_near_duplicates_through_where_a_set_of_recent_keys_does_not() {
        let cache = outcome("cache-window", Kind::Volatile, "near", &Plan::CALM);
        let recent = outcome("recent-set", Kind::Volatile, "near", &Plan::CALM);
        assert!(cache.let_through > cache.duplicates / 50, "{cache:?}");
        assert_eq!(recent.let_through, 0);
    }

    #[test]
    fn counts_depend_on_the_seed_alone() {
        let plan = Plan { commit_every: 50, crash_every: 200, move_every: 500 };
        for (name, kind) in [("exact-set", Kind::Snapshot), ("cache-window", Kind::Volatile)] {
            let first = outcome(name, kind, "pareto", &plan);
            assert_eq!(first, outcome(name, kind, "pareto", &plan));
        }
    }

    #[test]
    fn a_plan_that_cannot_end_is_refused() {
        let plan = Plan { commit_every: 1_000, crash_every: 10, move_every: 0 };
        assert!(matches!(plan.check(), Err(DedupError::Sizing(_))));
        assert!(matches!(Plan { commit_every: 0, ..plan }.check(), Err(DedupError::Sizing(_))));
        assert!(Memory::Volatile.order() == Order::After);
    }
}
