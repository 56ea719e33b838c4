//! What breaks a trial, told as small as it can be made.

use crate::check::quietly;
use crate::decide::certify::certify;
use crate::decide::{Breach, trace, trace_steps};
use crate::guarantee::Guarantee;
use crate::report::text::count;
use crate::report::{Style, told};
use crate::simulate::{End, Found, Outcome, lasso, reduce};
use crate::system::Schedule;
use crate::testing::trial::of;
use crate::testing::{Broken, Trial};
use crate::world::circle::Lasso;
use crate::world::setting::FaultSetting;
use crate::world::{Action, Scene};

/// States that a search for a small story looks at: a property test shrinks many trials.
const STATES_OF_STORY: u64 = 2_000;
/// States that a search looks at to certify a run that no small search told.
const CERTIFYING: u64 = 5_000;
/// Records and faults of a workload that is searched for a small story, at most.
const SMALL: u32 = 3;

impl Trial {
    /// Tells of a run that breaks a guarantee or leaves it open, by its actions.
    pub(super) fn refuted(
        &self,
        scene: &Scene,
        outcome: &Outcome,
        guarantee: Guarantee,
        said: &str,
        actions: &[Action],
    ) -> Box<Broken> {
        let Some(found) = of(outcome, guarantee) else {
            return Box::new(Broken {
                guarantee,
                finding: None,
                panic: None,
                story: format!("{said}.\n\n{}", restless(outcome)),
                faults: outcome.faults() as u32,
                steps: outcome.steps.try_into().unwrap_or(u32::MAX),
                shortest: false,
            });
        };
        let smaller = self.in_small(|trial| {
            let scene = Scene::new(trial.scenario.setting.clone());
            trial.search(&scene, guarantee)?.err().filter(|broken| broken.finding.is_some())
        });
        if let Some((records, mut broken)) = smaller {
            broken.story = format!("{said}; {}\n\n{}", enough(records), broken.story);
            return broken;
        }
        let actions = &actions[..found.step as usize];
        // Other runs are tried, in which the program may panic.
        quietly(|| self.make_small(scene, &found, actions, format!("{said}."))).unwrap_or_else(
            |message| {
                let said = format!("{said}; a run like it panics");
                self.run_panicked(scene, guarantee, &message, actions, &said)
            },
        )
    }

    /// The first answer to be had of workloads with few records, and of few faults before many: searched, since places
    /// in a run and orders of actions shrink badly. Every other workload gives them another meaning.
    pub(super) fn in_small<R>(&self, ask: impl Fn(&Trial) -> Option<R>) -> Option<(u32, R)> {
        let setting = &self.scenario.setting;
        let most = setting.sources.iter().map(|source| source.records).max()?;
        let total = setting.faults.total.min(SMALL);
        let kinds: Vec<(String, u32)> = setting.striking_faults().into_iter().cloned().collect();
        (1..=most.min(SMALL)).find_map(|records| {
            let as_it_is = self.clone().records(records).states(STATES_OF_STORY);
            let plain = as_it_is.clone().partitions(1).keys(0);
            let single = |kind: &(String, u32)| plain.with_faults(1, vec![kind.clone()]);
            let singles = kinds.iter().filter(|_| total > 0).map(single);
            let whole = [&plain, &as_it_is].map(|trial| trial.with_faults(total, kinds.clone()));
            let found = singles.chain(whole).find_map(|trial| ask(&trial));
            found.map(|found| (records, found))
        })
    }

    /// The same with so many faults, at any moments, of these kinds with their own limits.
    fn with_faults(&self, total: u32, kinds: Vec<(String, u32)>) -> Trial {
        let mut trial = self.clone();
        trial.scenario.setting.faults = FaultSetting { total, kinds };
        trial.plan = None;
        trial
    }

    fn make_small(
        &self,
        scene: &Scene,
        found: &Found,
        actions: &[Action],
        said: String,
    ) -> Box<Broken> {
        let path = &self.scenario.path;
        let breach = match reduce(scene, path, actions, &found.finding) {
            Some(reduced) => {
                let finding = reduced.found.finding;
                certify(scene, finding, &reduced.schedule, &reduced.circle, CERTIFYING)
            }
            None => {
                let circle = lasso(scene, actions, &found.finding);
                let Lasso { stem, round } =
                    circle.unwrap_or_else(|| Lasso { stem: actions.to_vec(), round: Vec::new() });
                let schedule = Schedule::new(path.as_str(), "simulate", stem);
                certify(scene, found.finding, &schedule, &round, 1)
            }
        };
        self.broken(scene, found.guarantee(), &breach, said)
    }

    pub(super) fn broken(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
        breach: &Breach,
        said: String,
    ) -> Box<Broken> {
        let mut story = if said.is_empty() { said } else { format!("{said}\n\n") };
        let run = breach.whole();
        // The end is looked at by trying what is possible there, in which the program may panic.
        let traced = quietly(|| trace(scene, &run)).unwrap_or_else(|_| trace_steps(scene, &run));
        if let Ok(trace) = traced {
            story += &told::breach(&self.scenario, guarantee, breach, &trace, Style::plain(100));
        }
        Box::new(Broken {
            guarantee,
            finding: Some(breach.finding),
            panic: None,
            story,
            faults: breach.cost.faults,
            steps: breach.cost.steps,
            shortest: breach.shortest,
        })
    }
}

/// That so many records do.
pub(super) fn enough(records: u32) -> String {
    let are = if records == 1 { "is" } else { "are" };
    format!("{} {are} enough:", count(records.into(), "record"))
}

/// What is known of a run that leaves something open.
fn restless(outcome: &Outcome) -> String {
    let steps = count(outcome.steps, "step");
    match outcome.end {
        End::Circle(states) => format!(
            "The run ends in a circle of {}, which nothing but a fault leaves; in some of them the guarantee would \
             be broken, in others not.\n",
            count(states as u64, "state")
        ),
        _ => format!(
            "After {steps}, {} among them, something still goes on. A program comes to rest if it only polls when \
             nothing is left to do, and if its memory does not grow while it polls.\n",
            count(outcome.faults(), "fault")
        ),
    }
}
