//! Where a run ends that comes to no rest: in a circle, or only late.

use crate::cluster::Effects;
use crate::guarantee::{Anomaly, Finding, Guarantee, Subject};
use crate::system::Model;
use crate::world::{Action, Scene, World};

/// States that can follow one without a further fault, at most, for a circle to be seen.
pub const STATES: usize = 300;

/// All states that can follow one without a further fault, where none of them is at rest: nothing but a fault leads
/// out of them.
#[derive(Clone, Debug)]
pub struct Circle {
    /// The one that they follow is the first.
    worlds: Vec<World>,
    /// From each: the actions that change it, and where they lead.
    edges: Vec<Vec<(Action, usize)>>,
    /// Those that are never left for good, once they are entered.
    ends: Vec<usize>,
}

/// A way into a circle, and once around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lasso {
    /// From the initial state to the circle.
    pub stem: Vec<Action>,
    /// Around, back to where the stem ends.
    pub round: Vec<Action>,
}

impl Circle {
    /// What follows a state. None if some state of it is at rest, or if there are more than so many.
    pub fn around(scene: &Scene, world: &World, most: usize) -> Option<Circle> {
        let mut circle =
            Circle { worlds: vec![world.clone()], edges: Vec::new(), ends: Vec::new() };
        let (mut effects, mut actions) = (Effects::default(), Vec::new());
        while let Some(state) = circle.worlds.get(circle.edges.len()).cloned() {
            actions.clear();
            scene.free_actions(&state, &mut actions);
            let mut edges = Vec::new();
            for &action in &actions {
                let mut after = state.clone();
                effects.begin(true);
                scene.step_into(&mut after, &action, &mut effects);
                if after != state {
                    edges.push((action, circle.place(after)));
                }
            }
            if edges.is_empty() || circle.worlds.len() > most {
                return None;
            }
            circle.edges.push(edges);
        }
        circle.ends = circle.find_ends();
        Some(circle)
    }

    fn place(&mut self, world: World) -> usize {
        let known = self.worlds.iter().position(|known| *known == world);
        known.unwrap_or_else(|| {
            self.worlds.push(world);
            self.worlds.len() - 1
        })
    }

    /// A state is never left for good if whatever can follow it has as much to follow.
    fn find_ends(&self) -> Vec<usize> {
        let follow = |&start: &usize| {
            let mut seen = vec![false; self.worlds.len()];
            let mut found = vec![start];
            seen[start] = true;
            let mut next = 0;
            while let Some(&state) = found.get(next) {
                next += 1;
                for &(_, to) in &self.edges[state] {
                    if !std::mem::replace(&mut seen[to], true) {
                        found.push(to);
                    }
                }
            }
            found
        };
        let following: Vec<Vec<usize>> = (0..self.worlds.len()).map(|s| follow(&s)).collect();
        let is_end =
            |&s: &usize| following[s].iter().all(|&to| following[to].len() == following[s].len());
        (0..self.worlds.len()).filter(is_end).collect()
    }

    /// How many states can follow.
    pub fn states(&self) -> usize {
        self.worlds.len()
    }

    /// The states that are never left for good once they are entered: sooner or later a run is in them.
    pub fn ends(&self) -> impl Iterator<Item = &World> {
        self.ends.iter().map(|&end| &self.worlds[end])
    }

    /// Whether some state of it would break a guarantee of a subject if it were at rest.
    pub fn breaks(&self, scene: &Scene, guarantee: Guarantee, subject: Subject) -> bool {
        self.ends().any(|world| !scene.findings(guarantee, subject, world, true).is_empty())
    }

    /// The run to the first state of the circle's end that is wanted, and around; `run` led to the circle.
    pub fn lasso(
        &self,
        scene: &Scene,
        run: &[Action],
        wanted: impl Fn(&World) -> bool,
    ) -> Option<Lasso> {
        let end = *self.ends.iter().find(|&&end| wanted(&self.worlds[end]))?;
        // Most runs have gone around before anyone looked.
        let met = first_met(scene, run, |world| {
            self.ends.iter().copied().find(|&end| self.worlds[end] == *world && wanted(world))
        });
        let (mut stem, end) = match met {
            Some((steps, end)) => (run[..steps].to_vec(), end),
            None => (run.to_vec(), end),
        };
        if met.is_none() {
            stem.extend(self.way(0, end).unwrap_or_default());
        }
        let around = self.edges[end].iter().filter_map(|&(action, to)| {
            let back = self.way(to, end)?;
            Some([vec![action], back].concat())
        });
        let round = around.min_by_key(Vec::len)?;
        Some(Lasso { stem, round })
    }

    /// The shortest way from one state to another.
    fn way(&self, from: usize, to: usize) -> Option<Vec<Action>> {
        let mut ways: Vec<Option<Vec<Action>>> = vec![None; self.worlds.len()];
        ways[from] = Some(Vec::new());
        let (mut found, mut next) = (vec![from], 0);
        while let Some(&state) = found.get(next) {
            next += 1;
            if state == to {
                return ways[to].clone();
            }
            for &(action, after) in &self.edges[state] {
                if ways[after].is_none() {
                    let mut way = ways[state].clone().unwrap_or_default();
                    way.push(action);
                    ways[after] = Some(way);
                    found.push(after);
                }
            }
        }
        None
    }
}

/// After how many steps a run first comes to a state that is looked for, and what was found of it.
fn first_met<T>(
    scene: &Scene,
    run: &[Action],
    find: impl Fn(&World) -> Option<T>,
) -> Option<(usize, T)> {
    let mut world = scene.initial().swap_remove(0);
    let mut effects = Effects::default();
    for (steps, action) in run.iter().enumerate() {
        if let Some(found) = find(&world) {
            return Some((steps, found));
        }
        effects.begin(true);
        scene.step_into(&mut world, action, &mut effects);
    }
    find(&world).map(|found| (run.len(), found))
}

impl Finding {
    /// A circle in which a record of a subject has no effect.
    pub fn livelock(subject: Subject) -> Finding {
        Finding { anomaly: Anomaly::Livelock, subject, payload: None, loss: None }
    }
}

/// The state that a run leads to.
pub fn end_of(scene: &Scene, run: &[Action]) -> World {
    let mut world = scene.initial().swap_remove(0);
    let mut effects = Effects::default();
    for action in run {
        effects.begin(true);
        scene.step_into(&mut world, action, &mut effects);
    }
    world
}
