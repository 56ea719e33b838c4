//! A process stands still for longer than any timer (a long garbage collection, a frozen machine).

use crate::cluster::{Cluster, Effects, Fixed, Process, Program};
use crate::fault::{Fault, FaultClass, Target};
use crate::history::event::ProcessId;

/// A producer's process stands still.
pub(super) struct PauseProducer;
/// An application's process stands still.
pub(super) struct PauseConsumer;
/// The broker's process stands still.
pub(super) struct PauseBroker;

fn awake(cluster: &Cluster, wanted: impl Fn(&Process) -> bool) -> Vec<Target> {
    (0..)
        .zip(&cluster.processes)
        .filter(|(_, process)| !process.paused && wanted(process))
        .map(|(i, _)| Target::Process(ProcessId(i)))
        .collect()
}

fn pause(cluster: &mut Cluster, fixed: Fixed<'_>, target: Target, effects: &mut Effects) {
    match target {
        Target::Process(process) => cluster.pause_process(fixed, process, true, effects),
        _ => cluster.pause_broker(true, effects),
    }
}

macro_rules! pause {
    ($fault:ident, $name:literal, $doc:literal, $class:ident, $targets:expr) => {
        impl Fault for $fault {
            fn name(&self) -> &'static str {
                $name
            }

            fn doc(&self) -> &'static str {
                $doc
            }

            fn classes(&self) -> &'static [FaultClass] {
                &[FaultClass::$class]
            }

            fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
                let targets: fn(&Cluster) -> Vec<Target> = $targets;
                targets(cluster)
            }

            fn strike(
                &self,
                cluster: &mut Cluster,
                fixed: Fixed<'_>,
                target: Target,
                effects: &mut Effects,
            ) {
                pause(cluster, fixed, target, effects);
            }
        }
    };
}

pause!(
    PauseProducer,
    "pause-producer",
    "A producer's process stands still, longer than delivery.timeout.ms. Heals by going on.",
    Producer,
    |cluster| awake(cluster, |process| matches!(process.program, Program::Source(_)))
);
pause!(
    PauseConsumer,
    "pause-consumer",
    "An application's process stands still. Heals by going on.",
    Consumer,
    |cluster| awake(cluster, |process| matches!(process.program, Program::Reader(_)))
);
pause!(
    PauseBroker,
    "pause-broker",
    "The broker's process stands still, longer than any timer of the clients that wait for it. Heals by \
     going on.",
    Messaging,
    |cluster| {
        let awake = cluster.node.up && !cluster.node.paused;
        if awake { vec![Target::Broker] } else { Vec::new() }
    }
);
