//! Certifies a run that was found otherwise: a breadth-first search within bounds looks for a cheaper one.

use crate::check::{Cost, Limits, Search, Verdict};
use crate::decide::{Breach, cost, order};
use crate::guarantee::{Finding, Guarantee, Subject};
use crate::system::Schedule;
use crate::world::{Action, Scene};

/// States that certifying may look at if nothing else is said.
pub const STATES: u64 = 200_000;

/// The cheapest run that breaks a guarantee of a subject, if the search finds one among so many states;
/// else the given one, which is known to break it with this finding.
pub fn certify(
    scene: &Scene,
    guarantee: Guarantee,
    finding: Finding,
    schedule: &Schedule<Action>,
    states: u64,
) -> Breach {
    let subject: Subject = finding.subject;
    let cost = cost(scene, &schedule.actions);
    let properties = [scene.guarantee_property(guarantee, subject)];
    let limits = Limits { states, faults: Some(cost.faults), ..Limits::default() };
    let report = Search::new(scene, &properties)
        .limits(&limits)
        .scenario(schedule.scenario.clone())
        .stop_when_settled()
        .run_silently();
    let found = report.verdict(&properties[0].name);
    if let Some(Verdict::Violated { schedule: way, faults, steps, shortest, .. }) = found {
        let mut way = order::follow(scene, way);
        way.origin.clone_from(&schedule.origin);
        return Breach {
            finding: super::finding(scene, guarantee, subject, &way),
            schedule: way,
            cost: Cost { faults: *faults, steps: *steps },
            shortest: *shortest,
            fewest: *shortest,
            circle: Vec::new(),
        };
    }
    let schedule = order::follow(scene, schedule);
    Breach { finding, schedule, cost, shortest: false, fewest: false, circle: Vec::new() }
}
