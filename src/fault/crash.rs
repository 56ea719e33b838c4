//! The process of a client or of the broker dies: its memory goes, page cache and disks stay.

use crate::cluster::{Cluster, Effects, Fixed, Program};
use crate::fault::{Fault, FaultClass, POWER_LOSS, Target};
use crate::history::event::ProcessId;

/// A producer's process dies.
pub(super) struct CrashProducer;
/// An application's process dies.
pub(super) struct CrashConsumer;
/// The broker's process dies.
pub(super) struct CrashBroker;
/// The broker's machine loses power.
pub(super) struct PowerLoss;

fn running(cluster: &Cluster, wanted: impl Fn(&Program) -> bool) -> Vec<Target> {
    (0..)
        .zip(&cluster.processes)
        .filter(|(_, process)| wanted(&process.program))
        .map(|(i, _)| Target::Process(ProcessId(i)))
        .collect()
}

fn running_broker(cluster: &Cluster) -> Vec<Target> {
    if cluster.node.up { vec![Target::Broker] } else { Vec::new() }
}

fn crash(cluster: &mut Cluster, target: Target, effects: &mut Effects) {
    if let Target::Process(process) = target {
        cluster.crash_process(process, effects);
    }
}

impl Fault for CrashProducer {
    fn name(&self) -> &'static str {
        "crash-producer"
    }

    fn doc(&self) -> &'static str {
        "A producer's process dies: its memory goes, the stored position of its source stays. Requests \
         on their way may still be taken. Heals by a restart."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Producer]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        running(cluster, |program| matches!(program, Program::Source(_)))
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        _fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        crash(cluster, target, effects);
    }
}

impl Fault for CrashConsumer {
    fn name(&self) -> &'static str {
        "crash-consumer"
    }

    fn doc(&self) -> &'static str {
        "An application's process dies: its memory goes; effects, committed offsets and what it stored \
         outside stay. Requests on their way may still be taken. Heals by a restart."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Consumer]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        running(cluster, |program| matches!(program, Program::Reader(_)))
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        _fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        crash(cluster, target, effects);
    }
}

impl Fault for CrashBroker {
    fn name(&self) -> &'static str {
        "crash-broker"
    }

    fn doc(&self) -> &'static str {
        "The broker's process dies: its memory goes, its page cache stays. Every connection breaks; \
         requests that it had not taken and answers on their way are lost. Heals by a restart."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Messaging]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        running_broker(cluster)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        _target: Target,
        effects: &mut Effects,
    ) {
        cluster.crash_broker(fixed, effects);
    }
}

impl Fault for PowerLoss {
    fn name(&self) -> &'static str {
        POWER_LOSS
    }

    fn doc(&self) -> &'static str {
        "The broker's machine loses power: like crash-broker, and besides of each partition and of the \
         commits, independently, any end that is not flushed goes (flush.messages; by default nothing is \
         flushed but what was rolled). Heals by a restart; the data does not come back."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        running_broker(cluster)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        _target: Target,
        effects: &mut Effects,
    ) {
        cluster.lose_power(fixed, effects);
    }
}
