//! A timer of a client is over although its peer is up and connected.

use crate::cluster::timer::Freedom;
use crate::cluster::{Cluster, Effects, Fixed};
use crate::fault::{Fault, FaultClass, Target};
use crate::history::event::ProcessId;

/// See the module.
pub(super) struct Slow;

impl Fault for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn doc(&self) -> &'static str {
        "A timer of a client (request, delivery or API timeout) is over although its peer is up and \
         connected: the network or the peer was slow. The client does what it does then."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Messaging]
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        let mut targets = Vec::new();
        for (i, process) in (0..).zip(&cluster.processes) {
            let id = ProcessId(i);
            if process.paused {
                continue;
            }
            for (timer, over) in process.timers(fixed, id, &cluster.node) {
                if !over && timer.freedom() == Freedom::AfterFault {
                    targets.push(Target::Timer(id, timer));
                }
            }
        }
        targets
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        if let Target::Timer(process, timer) = target {
            cluster.fire(fixed, process, timer, effects);
        }
    }
}
