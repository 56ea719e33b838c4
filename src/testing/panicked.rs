//! A program that panics breaks what is asked of it, whatever that is: how it came to that.

use crate::check::quietly;
use crate::decide::trace_steps;
use crate::guarantee::Guarantee;
use crate::report::{Style, told};
use crate::system::{Model, Schedule};
use crate::testing::small::enough;
use crate::testing::{Broken, Trial};
use crate::world::{Action, Scene};

impl Trial {
    /// Tells of a panic of the program that a search found. The last action of its schedule may be the one in which
    /// it panics; that one cannot be told.
    pub(super) fn searched_panic(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
        (message, schedule): &(String, Schedule<Action>),
    ) -> Box<Broken> {
        self.panicked(scene, guarantee, message, &schedule.actions, String::new())
    }

    /// Tells of a panic in a run: in the fewest steps, if a small search finds it, or else behind the run's actions.
    pub(super) fn run_panicked(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
        message: &str,
        actions: &[Action],
        said: &str,
    ) -> Box<Broken> {
        let searched = self.in_small(|trial| {
            let scene = Scene::new(trial.scenario.setting.clone());
            let broken = trial.search(&scene, guarantee)?.err()?;
            broken.panic.is_some().then_some(broken)
        });
        if let Some((records, mut broken)) = searched {
            broken.story = format!("{said}; {}\n\n{}", enough(records), broken.story);
            return broken;
        }
        self.panicked(scene, guarantee, message, actions, format!("{said}.\n\n"))
    }

    fn panicked(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
        message: &str,
        actions: &[Action],
        mut story: String,
    ) -> Box<Broken> {
        let path = self.scenario.path.as_str();
        let told = [actions, actions.split_last().map_or(&[][..], |(_, before)| before)];
        let trace = told.into_iter().find_map(|actions| {
            let schedule = Schedule::new(path, "panic", actions.to_vec());
            quietly(|| trace_steps(scene, &schedule)).ok()?.ok()
        });
        let faults = actions.iter().map(|action| scene.faults(action)).sum();
        if let Some(trace) = trace {
            story += &told::panic(&self.scenario, message, faults, &trace, Style::plain(100));
        }
        Box::new(Broken {
            guarantee,
            finding: None,
            panic: Some(message.to_owned()),
            story,
            faults,
            steps: actions.len().try_into().unwrap_or(u32::MAX),
            // Nobody has looked for a shorter way in every order of steps.
            shortest: false,
        })
    }
}
