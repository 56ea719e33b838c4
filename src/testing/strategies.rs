//! `proptest` strategies for trials. They shrink towards fewer faults, simpler faults that come earlier, and
//! fewer records in one partition without keys. Whatever they shrink to, the story that is told of it has the fewest
//! records, and one fault of the same kinds rather than all of them, with which a small search finds it. `?` tells it
//! once; an assertion would do so for every step of shrinking.
//!
//! ```
//! use brokerproof::testing::Guarantee;
//! use brokerproof::testing::strategies::trials;
//! # use brokerproof::testing::{Message, Next, Outside, Program, Trial};
//! # #[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
//! # struct Careful(Vec<Message>, bool);
//! # impl Program for Careful {
//! #     type Store = ();
//! #     fn start(_: &()) -> Self { Careful::default() }
//! #     fn polled(&mut self, messages: &[Message]) { self.0 = messages.iter().rev().copied().collect(); }
//! #     fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
//! #         if std::mem::take(&mut self.1) {
//! #             return self.0.pop().map_or(Next::Poll, |message| Next::Commit(vec![message.position()]));
//! #         }
//! #         let Some(message) = self.0.last() else { return Next::Poll };
//! #         self.1 = outside.effect(message).is_ok();
//! #         if self.1 { Next::Continue } else { Next::Crash }
//! #     }
//! # }
//! use proptest::prelude::*;
//!
//! proptest! {
//!     #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]
//!     # /*
//!     #[test]
//!     # */
//!     fn nothing_is_lost(trial in trials::<Careful>()) {
//!         trial.check(&[Guarantee::AtLeast])?;
//!     }
//! }
//! # nothing_is_lost();
//! ```

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::testing::{Program, Trial};

/// How much there is to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Workload {
    /// Records of the source.
    pub records: u32,
    /// Keys that they bear in turn; 0: none.
    pub keys: u32,
    /// Partitions of the topic.
    pub partitions: u16,
    /// `max.poll.records`.
    pub max_poll_records: u32,
}

/// A fault, and before which step of the run it strikes.
pub type Planned = (u64, &'static str);

/// The faults that are planned if nothing else is said, the simplest first. (To a program of somebody's own a
/// `processing-failure` looks like a call that failed before it took effect.)
pub const KINDS: &[&str] = &[
    "crash-consumer",
    "remote-call-before",
    "remote-call-after",
    "disconnect",
    "pause-consumer",
    "crash-broker",
    "crash-producer",
    "pause-broker",
];

/// Workloads of up to so many records.
pub fn workloads(most_records: u32) -> impl Strategy<Value = Workload> {
    let parts = (1..=most_records.max(1), 0..=2_u32, 1..=2_u16, 1..=3_u32);
    parts.prop_map(|(records, keys, partitions, max_poll_records)| Workload {
        records,
        keys,
        partitions,
        max_poll_records,
    })
}

/// Up to so many faults of these kinds, the simplest first, each before one of the first 120 steps.
pub fn fault_plans(
    most: usize,
    kinds: &'static [&'static str],
) -> impl Strategy<Value = Vec<Planned>> {
    vec((0..120_u64, select(kinds)), 0..=most).prop_map(|mut plan| {
        plan.sort_by_key(|&(step, _)| step);
        plan
    })
}

/// Trials of a program: any workload, any plan of faults, actions in any of some orders.
pub fn trials<P: Program>() -> impl Strategy<Value = Trial> {
    (workloads(6), fault_plans(3, KINDS), 0..16_u64).prop_map(|(workload, plan, order)| {
        let trial = Trial::of::<P>().records(workload.records).keys(workload.keys);
        let trial = trial.partitions(workload.partitions);
        trial.max_poll_records(workload.max_poll_records).planned_faults(&plan).order(order)
    })
}
