//! Certifies a run that was found otherwise: a breadth-first search within bounds looks for a cheaper one.

use crate::check::{Limits, Search};
use crate::decide::{Breach, Engine, cost, order};
use crate::guarantee::{Anomaly, Finding};
use crate::system::Schedule;
use crate::world::{Action, Scene, World};

/// States that certifying may look at if nothing else is said.
pub const STATES: u64 = 200_000;

/// The cheapest run that breaks a guarantee of a subject, if the search finds one among so many states; else the
/// given one, which is known to break it with this finding. `circle` is that of a livelock, behind the schedule.
pub fn certify(
    scene: &Scene,
    finding: Finding,
    schedule: &Schedule<Action>,
    circle: &[Action],
    states: u64,
) -> Breach {
    let (guarantee, subject) = (finding.anomaly.breaks(), finding.subject);
    let cost = cost(scene, &schedule.actions);
    let properties = [scene.guarantee_property(guarantee, subject)];
    let limits = Limits { states, faults: Some(cost.faults), ..Limits::default() };
    let mut search = Search::new(scene, &properties)
        .limits(&limits)
        .scenario(schedule.scenario.clone())
        .stop_when_settled();
    if finding.anomaly == Anomaly::Livelock {
        search = search.cycles(|_: &World| ());
    }
    let report = search.run_silently();
    let judged = super::judgement(scene, &report, (guarantee, subject), Engine::Plain);
    match judged.breach {
        Some(breach) if breach.cost <= cost => Breach {
            schedule: Schedule { origin: schedule.origin.clone(), ..breach.schedule },
            ..breach
        },
        _ => Breach {
            finding,
            schedule: order::follow(scene, schedule),
            cost,
            shortest: false,
            fewest: false,
            circle: circle.to_vec(),
        },
    }
}
