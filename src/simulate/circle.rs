//! Where a run ends that comes to no rest: in a circle, or only late.

use crate::cluster::Effects;
use crate::system::Model;
use crate::world::{Action, Scene, World};

/// The number of states that can follow a run without a further fault, if there are so many at most and none of
/// them is at rest: then nothing but a fault leaves them, which is a livelock. None if some state is at rest, or
/// if there are more.
pub fn circle(scene: &Scene, run: &[Action], most: usize) -> Option<usize> {
    let mut world = scene.initial().swap_remove(0);
    let mut effects = Effects::default();
    for action in run {
        effects.begin(true);
        scene.step_into(&mut world, action, &mut effects);
    }
    let mut states: Vec<World> = vec![world];
    let mut next = 0;
    while let Some(state) = states.get(next).cloned() {
        next += 1;
        if states.len() > most || scene.is_quiescent(&state) {
            return None;
        }
        let mut actions = Vec::new();
        scene.free_actions(&state, &mut actions);
        for action in actions {
            let mut after = state.clone();
            effects.begin(true);
            scene.step_into(&mut after, &action, &mut effects);
            if !states.contains(&after) {
                states.push(after);
            }
        }
    }
    Some(states.len())
}
