//! Makes a schedule shorter and cheaper that ends in the same anomaly.
//!
//! First by leaving out actions, whatever their number; then by a bounded search for any cheaper way to the same
//! anomaly. Only that search can say that there is none.

use std::ops::ControlFlow;

use crate::check::{Cost, Limits, Progress, Search, Verdict};
use crate::decide::{cost, order};
use crate::guarantee::Finding;
use crate::system::{Modality, Model, Property, Schedule, replay_lenient};
use crate::world::{Action, Scene, World};

/// A schedule that was made shorter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shrunk {
    /// The actions that are left, in an order that is easy to follow.
    pub schedule: Schedule<Action>,
    /// What it takes.
    pub cost: Cost,
    /// What is wrong in the end.
    pub finding: Finding,
    /// What leaving out actions alone came to.
    pub reduced: Cost,
    /// Whether no way to the anomaly takes fewer faults, or as many and fewer steps; false if the search did not
    /// come to an end.
    pub shortest: bool,
    /// States that the search looked at.
    pub states: u64,
}

/// Makes a schedule shorter that ends in a finding. Nothing if it does not end so.
pub fn shrink(
    scene: &Scene,
    schedule: &Schedule<Action>,
    finding: &Finding,
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Option<Shrunk> {
    let mut reducing = Reducing { scene, schedule, finding };
    let actions = reducing.reduce(schedule.actions.clone())?;
    let reduced = cost(scene, &actions);
    let anomaly = is_anomaly(scene, finding);
    let within =
        Limits { faults: Some(reduced.faults), steps: Some(reduced.steps), ..limits.clone() };
    let asked = [anomaly];
    let report = Search::new(scene, &asked).limits(&within).stop_when_settled().run(progress);
    let states = report.extent.explored().states;
    let mut best = Schedule { actions, ..schedule.clone() };
    let mut shortest = false;
    if let Some(Verdict::Reached { schedule: found, shortest: proven, .. }) =
        report.verdict(&asked[0].name)
    {
        shortest = *proven;
        if cost(scene, &found.actions) < reduced {
            best.actions.clone_from(&found.actions);
            best.initial = found.initial;
        }
    }
    let best = order::follow(scene, &best);
    let cost = cost(scene, &best.actions);
    Some(Shrunk { cost, finding: *finding, reduced, shortest, states, schedule: best })
}

/// The property that the anomaly of a finding is reached, for the same subject.
fn is_anomaly(scene: &Scene, finding: &Finding) -> Property<World> {
    let (scene, finding) = (scene.clone(), *finding);
    Property::new("the same anomaly", Modality::Reachable, move |world: &World| {
        shows(&scene, world, &finding)
    })
}

fn shows(scene: &Scene, world: &World, finding: &Finding) -> bool {
    let guarantee = finding.anomaly.breaks();
    let at_rest = scene.is_judged_at_rest(guarantee, finding.subject);
    if at_rest && !scene.is_quiescent(world) {
        return false;
    }
    let found = scene.findings(guarantee, finding.subject, world, at_rest);
    found.iter().any(|other| other.anomaly == finding.anomaly)
}

/// Fault-free actions after which a run to rest is given up.
const MOST_TO_REST: usize = 2_000;

struct Reducing<'a> {
    scene: &'a Scene,
    schedule: &'a Schedule<Action>,
    finding: &'a Finding,
}

impl Reducing<'_> {
    /// Leaves out ever smaller pieces, until no single action can go.
    fn reduce(&mut self, actions: Vec<Action>) -> Option<Vec<Action>> {
        let mut best = self.attempt(&actions)?;
        let mut piece = best.len().div_ceil(2).max(1);
        loop {
            let mut progressed = false;
            let mut at = 0;
            while at < best.len() {
                let mut shorter = best.clone();
                shorter.drain(at..(at + piece).min(best.len()));
                match self.attempt(&shorter) {
                    Some(found) if cost(self.scene, &found) < cost(self.scene, &best) => {
                        best = found;
                        progressed = true;
                    }
                    _ => at += piece,
                }
            }
            if piece == 1 && !progressed {
                return Some(best);
            }
            if !progressed {
                piece = piece.div_ceil(2).max(1);
            }
        }
    }

    /// Performs what is possible of some actions, goes on to rest if the anomaly shows only there, and returns what
    /// was performed if it shows.
    fn attempt(&self, actions: &[Action]) -> Option<Vec<Action>> {
        let schedule = Schedule { actions: actions.to_vec(), ..self.schedule.clone() };
        let mut performed = Vec::new();
        let replayed = replay_lenient(self.scene, &schedule, |moment| {
            performed.extend(moment.action.copied());
        });
        let mut world = replayed.ok()?.state;
        let guarantee = self.finding.anomaly.breaks();
        let at_rest = self.scene.is_judged_at_rest(guarantee, self.finding.subject);
        if at_rest {
            self.settle(&mut world, &mut performed);
        }
        shows(self.scene, &world, self.finding).then_some(performed)
    }

    /// Goes on without faults, in turn, until nothing changes any more.
    fn settle(&self, world: &mut World, performed: &mut Vec<Action>) {
        let mut last: Option<Action> = None;
        let mut enabled = Vec::new();
        for _ in 0..MOST_TO_REST {
            enabled.clear();
            self.scene.enabled(world, &mut enabled);
            enabled.retain(|action| self.scene.faults(action) == 0);
            // The next one after the last that was performed, round and round.
            let first = enabled.iter().position(|a| Some(*a) > last).unwrap_or(0);
            enabled.rotate_left(first);
            let moved = enabled.iter().find_map(|action| {
                let mut next = world.clone();
                self.scene.step(&mut next, action, &mut Vec::new());
                (next != *world).then_some((*action, next))
            });
            let Some((action, next)) = moved else { return };
            *world = next;
            performed.push(action);
            last = Some(action);
        }
    }
}
