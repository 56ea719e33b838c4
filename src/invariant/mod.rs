//! Truths about internal state: one file each, and the list.
//!
//! They say nothing of deliveries. One that breaks is an error of the model, not a verdict; a test looks
//! at every bundled model's states.

mod committed_within_log;
mod high_watermark_monotone;
mod log_bounds;
mod positions_within_log;
mod producer_state_of_log;

use crate::cluster::Cluster;
use crate::protocol::log::Log;
use crate::record::{Partition, TopicName};

/// One step from a state to the next.
#[derive(Clone, Copy, Debug)]
pub struct Transition<'a> {
    /// The state before it; none for an initial state.
    pub before: Option<&'a Cluster>,
    /// The state after it.
    pub after: &'a Cluster,
}

/// Something that is true of every reachable state, or of every step.
pub trait Invariant: Sync {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it says, and the source.
    fn doc(&self) -> &'static str;
    /// Kinds of faults by which real state, too, ceases to be so.
    fn excused_by(&self) -> &'static [&'static str] {
        &[]
    }
    /// Checks a step.
    ///
    /// # Errors
    /// What is not so, in words.
    fn check(&self, step: Transition<'_>) -> Result<(), String>;
}

/// Every invariant.
pub const INVARIANTS: &[&dyn Invariant] = &[
    &log_bounds::LogBounds,
    &high_watermark_monotone::HighWatermarkMonotone,
    &producer_state_of_log::ProducerStateOfLog,
    &positions_within_log::PositionsWithinLog,
    &committed_within_log::CommittedWithinLog,
];

/// Every partition's log of a broker that runs.
fn logs(cluster: &Cluster) -> impl Iterator<Item = (TopicName, Partition, &Log)> {
    let topics = cluster.node.broker.topics().iter().filter(|_| cluster.node.up);
    topics.flat_map(|(&name, topic)| {
        (0..).zip(&topic.partitions).map(move |(number, led)| (name, number, &led.log))
    })
}
