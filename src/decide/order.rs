//! The same run in an order that is easier to follow.
//!
//! A shortest counterexample mixes what happens here with what happens there, since the search takes the first
//! of many orders. Two neighbouring actions may change places if either order is possible and leads to the
//! same state; so length, faults and end stay, and only the telling gets better.

use std::collections::BTreeSet;

use crate::cluster::Effect;
use crate::history::event::ProcessId;
use crate::record::PayloadId;
use crate::system::{Model, Schedule};
use crate::world::{Action, Scene, World};

/// What an action is about, for telling.
#[derive(Clone, PartialEq, Eq, Debug)]
struct About {
    process: Option<ProcessId>,
    payloads: BTreeSet<PayloadId>,
    is_fault: bool,
    commits: bool,
    begins: bool,
}

/// An equally long run to the same end that follows each record as far as it can before the next, and lets
/// clients find their positions first.
pub fn follow(scene: &Scene, schedule: &Schedule<Action>) -> Schedule<Action> {
    let mut ordered = schedule.clone();
    let Some(mut run) = Run::new(scene, schedule) else { return ordered };
    let mut struck = false;
    for place in 0..run.actions.len() {
        let mut best: Option<(u32, usize)> = None;
        for from in place..run.actions.len() {
            let score = run.score(place, from, struck);
            if best.is_none_or(|(highest, _)| score > highest) && run.can_come(from, place) {
                best = Some((score, from));
            }
        }
        if let Some((_, from)) = best.filter(|(_, from)| *from > place) {
            run.bring(from, place);
        }
        struck |= run.about[place].is_fault;
    }
    ordered.actions = run.actions;
    ordered
}

struct Run<'a> {
    scene: &'a Scene,
    actions: Vec<Action>,
    /// Before each action, and at the end.
    states: Vec<World>,
    about: Vec<About>,
}

impl<'a> Run<'a> {
    fn new(scene: &'a Scene, schedule: &Schedule<Action>) -> Option<Run<'a>> {
        let first = scene.initial().into_iter().nth(schedule.initial)?;
        let mut run = Run {
            scene,
            actions: schedule.actions.clone(),
            states: vec![first],
            about: Vec::new(),
        };
        run.perform_from(0);
        Some(run)
    }

    fn perform_from(&mut self, place: usize) {
        self.states.truncate(place + 1);
        self.about.truncate(place);
        for action in &self.actions[place..] {
            let mut state = self.states[self.states.len() - 1].clone();
            let mut effects = Vec::new();
            self.scene.step(&mut state, action, &mut effects);
            self.about.push(about(self.scene, action, &effects));
            self.states.push(state);
        }
    }

    /// How well an action would stand at a place: high is good.
    fn score(&self, place: usize, from: usize, struck: bool) -> u32 {
        let this = &self.about[from];
        if this.is_fault {
            return 0;
        }
        if !struck && (this.begins || this.payloads.is_empty() && !this.commits) {
            return 10;
        }
        let Some(before) = place.checked_sub(1).map(|before| &self.about[before]) else { return 1 };
        let same_record = !this.payloads.is_disjoint(&before.payloads);
        let same_process = this.process.is_some() && this.process == before.process;
        let next_step = same_process && (this.payloads.is_empty() || before.payloads.is_empty());
        1 + 2 * u32::from(same_record || next_step) + u32::from(same_process)
    }

    /// Whether an action can change places with each one before it, down to a place.
    fn can_come(&self, from: usize, place: usize) -> bool {
        let moving = self.actions[from];
        (place..from).rev().all(|other| {
            // `moving` stands behind `other` now, and would stand before it.
            let passed = self
                .after(&self.states[other], moving)
                .and_then(|state| self.after(&state, self.actions[other]));
            let target = if other + 1 == from {
                Some(self.states[from + 1].clone())
            } else {
                self.after(&self.states[other + 1], moving)
            };
            passed.is_some() && passed == target
        })
    }

    /// The state after an action, if it is possible.
    fn after(&self, state: &World, action: Action) -> Option<World> {
        let mut enabled = Vec::new();
        self.scene.enabled(state, &mut enabled);
        enabled.contains(&action).then(|| {
            let mut next = state.clone();
            self.scene.step(&mut next, &action, &mut Vec::new());
            next
        })
    }

    fn bring(&mut self, from: usize, place: usize) {
        let action = self.actions.remove(from);
        self.actions.insert(place, action);
        self.perform_from(place);
    }
}

fn about(scene: &Scene, action: &Action, effects: &[Effect]) -> About {
    About {
        process: action.process(),
        payloads: effects.iter().flat_map(Effect::payloads).collect(),
        is_fault: scene.faults(action) > 0,
        commits: effects.iter().any(Effect::is_about_a_commit),
        begins: effects.iter().any(Effect::finds_beginning),
    }
}
