//! A trial: a program of somebody's own, a workload and faults, and the question what it guarantees.

use std::fmt;
use std::ops::ControlFlow;

use crate::app::own::{OwnProgram, Program};
use crate::check::Limits;
use crate::decide::certify::certify;
use crate::decide::{Breach, decide_guarantees, order, trace};
use crate::fault::{FAULTS, FaultId};
use crate::guarantee::{Finding, Guarantee, Half, Subject};
use crate::report::simulate::drawn as drawn_text;
use crate::report::text::count;
use crate::report::{Style, told};
use crate::scenario::{Failure, Scenario, nearest, parse};
use crate::simulate::{
    Asked, Drawn, Found, Order, Outcome, Seeds, Simulator, Strategy, When, reduce, sweep,
};
use crate::system::Model;
use crate::world::setting::FaultSetting;
use crate::world::{Action, Scene};

/// States that a search looks at before a trial is simulated instead.
const STATES: u64 = 50_000;
/// States that a search looks at to certify the run of a plan: a property test shrinks many of them.
const STATES_OF_PLAN: u64 = 2_000;
/// Runs of a simulated trial.
const RUNS: u64 = 500;

/// A program, a workload and faults; see the methods for what holds if nothing is said.
#[derive(Clone, Debug)]
pub struct Trial {
    scenario: Scenario,
    plan: Option<Vec<(u64, FaultId)>>,
    order: u64,
    states: u64,
    runs: u64,
}

/// Why a guarantee is believed to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Evidence {
    /// Everything that can happen within the bounds was looked at.
    Proven {
        /// Distinct states; of steps that touch nothing of each other's one order stands for all.
        states: u64,
    },
    /// It held in every run that was drawn.
    Simulated {
        /// Runs.
        runs: u64,
        /// Their steps.
        steps: u64,
    },
}

impl Evidence {
    /// Whether everything within the bounds was looked at.
    pub fn is_proof(self) -> bool {
        matches!(self, Evidence::Proven { .. })
    }

    /// Both together.
    fn and(self, other: Evidence) -> Evidence {
        match (self, other) {
            (Evidence::Proven { states }, Evidence::Proven { states: more }) => {
                Evidence::Proven { states: states.max(more) }
            }
            (simulated @ Evidence::Simulated { .. }, _) | (_, simulated) => simulated,
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Evidence::Proven { states } => {
                write!(out, "proven: all {} within the bounds", count(states, "state"))
            }
            Evidence::Simulated { runs, steps } => {
                write!(out, "not broken in {} of {}", count(runs, "run"), count(steps, "step"))
            }
        }
    }
}

/// A guarantee that does not hold, and how it breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which.
    pub guarantee: Guarantee,
    /// What is wrong in the end.
    pub finding: Finding,
    /// How it comes to that, told as `brokerproof check` does.
    pub story: String,
    /// The faults on the way.
    pub faults: u32,
    /// The actions on the way.
    pub steps: u32,
    /// Whether no way has fewer faults, or as few and fewer steps.
    pub shortest: bool,
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} is broken: {}", self.guarantee.name(), self.finding.anomaly.doc())?;
        write!(out, "\n{}", self.story)
    }
}

impl std::error::Error for Broken {}

impl Trial {
    /// A program that reads two records from one partition, where nothing fails. An idempotent producer that
    /// never gives up sends them; the consumer does not commit by itself, and begins at the earliest record.
    pub fn of<P: Program>() -> Trial {
        let program = OwnProgram::of::<P>();
        let name = program.name().to_lowercase();
        let text = format!(
            "format = 1\n[topic.records]\npartitions = 1\n[source.source]\nrecords = 2\n\
             remember = \"after-ack\"\n[producer.producer]\nsource = \"source\"\ntopic = \"records\"\n\
             delivery.timeout.ms = 2147483647\n\
             [app.{name:?}]\ngroup.id = {name:?}\nenable.auto.commit = false\n\
             auto.offset.reset = \"earliest\"\ncommit = \"after-processing\"\neffect = \"remote-call\"\n"
        );
        let mut scenario = match parse(&text, &format!("{name}.toml")) {
            Ok(scenario) => scenario,
            Err(failure) => panic!("our own scenario is wrong: {failure}"),
        };
        scenario.setting.faults = FaultSetting::default();
        Trial::from_scenario(program, scenario)
    }

    /// A program in place of every application of a scenario, given as the text of its file.
    ///
    /// # Errors
    /// What is wrong with the text, or not modelled yet.
    pub fn in_scenario<P: Program>(text: &str) -> Result<Trial, Failure> {
        parse(text, "scenario.toml")
            .map(|scenario| Trial::from_scenario(OwnProgram::of::<P>(), scenario))
    }

    fn from_scenario(program: OwnProgram, mut scenario: Scenario) -> Trial {
        for app in &mut scenario.setting.apps {
            app.own = Some(program);
        }
        Trial { scenario, plan: None, order: 0, states: STATES, runs: RUNS }
    }

    /// So many records of each source.
    pub fn records(mut self, records: u32) -> Trial {
        self.scenario.setting.sources.iter_mut().for_each(|source| source.records = records);
        self
    }

    /// The records bear so many keys in turn; 0: none.
    pub fn keys(mut self, keys: u32) -> Trial {
        self.scenario.setting.sources.iter_mut().for_each(|source| source.keys = keys);
        self
    }

    /// Each topic has so many partitions, at least one.
    pub fn partitions(mut self, partitions: u16) -> Trial {
        let topics = &mut self.scenario.setting.topics;
        topics.iter_mut().for_each(|topic| topic.partitions = partitions.max(1));
        self
    }

    /// Poll returns up to so many records (`max.poll.records`), at least one.
    pub fn max_poll_records(mut self, records: u32) -> Trial {
        let apps = &mut self.scenario.setting.apps;
        apps.iter_mut().for_each(|app| app.config.max_poll_records = records.max(1));
        self
    }

    /// Up to so many faults of these kinds, at any moments. `brokerproof list faults` shows the kinds.
    ///
    /// # Panics
    /// If there is no such kind.
    pub fn faults(mut self, total: u32, kinds: &[&str]) -> Trial {
        let faults = &mut self.scenario.setting.faults;
        faults.total = total;
        let named = |&kind: &&str| (kind_named(kind).fault().name().to_owned(), total);
        faults.kinds = kinds.iter().map(named).collect();
        self.plan = None;
        self
    }

    /// Exactly these faults, each before a step of the run: a trial of one run.
    ///
    /// # Panics
    /// If there is no such kind.
    pub fn planned_faults(self, plan: &[(u64, &str)]) -> Trial {
        let kinds: Vec<&str> = plan.iter().map(|&(_, kind)| kind).collect();
        let mut trial = self.faults(plan.len() as u32, &kinds);
        trial.scenario.setting.faults.kinds.sort();
        trial.scenario.setting.faults.kinds.dedup();
        let mut plan: Vec<(u64, FaultId)> =
            plan.iter().map(|&(step, kind)| (step, kind_named(kind))).collect();
        plan.sort_by_key(|&(step, _)| step);
        trial.plan = Some(plan);
        trial
    }

    /// The order of actions of a trial with planned faults: 0 for the oldest first, else drawn from the number.
    pub fn order(mut self, order: u64) -> Trial {
        self.order = order;
        self
    }

    /// Looks at up to so many states before it simulates; 0: simulates at once.
    pub fn states(mut self, states: u64) -> Trial {
        self.states = states;
        self
    }

    /// Simulates so many runs where there are too many states.
    pub fn runs(mut self, runs: u64) -> Trial {
        self.runs = runs;
        self
    }

    /// Whether guarantees hold: by looking at everything that can happen if that is not too much, else by
    /// simulating. The same trial always gives the same answer.
    ///
    /// # Errors
    /// The first that does not, with its story.
    pub fn check(&self, guarantees: &[Guarantee]) -> Result<Evidence, Box<Broken>> {
        let scene = Scene::new(self.scenario.setting.clone());
        if let Some(plan) = &self.plan {
            return self.run_plan(&scene, plan, guarantees);
        }
        let mut evidence = Evidence::Proven { states: 0 };
        for &guarantee in guarantees {
            let decided = if self.states > 0 { self.search(&scene, guarantee) } else { None };
            let this = decided.unwrap_or_else(|| self.simulate(&scene, guarantee))?;
            evidence = evidence.and(this);
        }
        Ok(evidence)
    }

    /// A search; none if it is too large.
    fn search(&self, scene: &Scene, guarantee: Guarantee) -> Option<Result<Evidence, Box<Broken>>> {
        let limits = Limits { states: self.states, ..Limits::default() };
        let quiet = &mut |_: &_| ControlFlow::Continue(());
        let decided = decide_guarantees(&self.scenario, &[guarantee], &limits, quiet);
        match decided.half(guarantee) {
            Half::Yes => Some(Ok(Evidence::Proven { states: decided.explored().states })),
            Half::No(_) => {
                let breach = decided.breach(guarantee)?;
                Some(Err(self.broken(scene, guarantee, breach, String::new())))
            }
            Half::Unknown => None,
        }
    }

    fn simulate(&self, scene: &Scene, guarantee: Guarantee) -> Result<Evidence, Box<Broken>> {
        let simulator = Simulator::new(scene);
        let mut steps = 0;
        let mut first: Option<(u64, Found)> = None;
        let mut tell = |outcome: &Outcome| {
            steps += outcome.steps;
            first = of(outcome, guarantee).map(|found| (outcome.seed, found));
            if first.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let seeds = Seeds { first: 1, end: 1 + self.runs, stride: 1 };
        // Tests run side by side already.
        sweep(&simulator, seeds, 1, &|| ControlFlow::Continue(()), &mut tell);
        let Some((seed, found)) = first else {
            return Ok(Evidence::Simulated { runs: self.runs, steps });
        };
        let mut actions = Vec::new();
        simulator.clone().run(seed, &mut actions);
        let threads = crate::simulate::threads(&scene.initial()[0]);
        let said = format!("Seed {seed} drew {}.", drawn_text(&simulator.drawn(seed), threads));
        Err(self.make_small(scene, guarantee, &found, &actions, said))
    }

    /// The one run of a plan.
    fn run_plan(
        &self,
        scene: &Scene,
        plan: &[(u64, FaultId)],
        guarantees: &[Guarantee],
    ) -> Result<Evidence, Box<Broken>> {
        let order = if self.order == 0 { Order::Fifo } else { Order::Random };
        let when = if plan.is_empty() { When::Never } else { When::Planned(plan.to_vec()) };
        let kinds = plan.iter().map(|&(_, fault)| (fault, 1)).collect();
        let drawn = Drawn { strategy: Strategy::RandomOrder, order, kinds, when };
        let mut simulator = Simulator::new(scene);
        simulator.asked = Asked::default();
        let mut actions = Vec::new();
        let outcome = simulator.run_drawn(self.order, &drawn, &mut actions);
        for &guarantee in guarantees {
            if let Some(found) = of(&outcome, guarantee) {
                return Err(self.make_small(scene, guarantee, &found, &actions, String::new()));
            }
        }
        Ok(Evidence::Simulated { runs: 1, steps: outcome.steps })
    }

    fn make_small(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
        found: &Found,
        actions: &[Action],
        said: String,
    ) -> Box<Broken> {
        let subject: Subject = found.finding.subject;
        let path = &self.scenario.path;
        let breach = match reduce(scene, path, actions, guarantee, subject) {
            Some(reduced) => {
                let finding = reduced.found.finding;
                let most = if self.plan.is_some() { STATES_OF_PLAN } else { STATES };
                certify(scene, guarantee, finding, &reduced.schedule, most)
            }
            None => {
                let actions = actions[..found.step as usize].to_vec();
                let schedule = crate::system::Schedule::new(path.as_str(), "simulate", actions);
                certify(scene, guarantee, found.finding, &order::follow(scene, &schedule), 1)
            }
        };
        self.broken(scene, guarantee, &breach, said)
    }

    fn broken(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
        breach: &Breach,
        said: String,
    ) -> Box<Broken> {
        let mut story = if said.is_empty() { said } else { format!("{said}\n\n") };
        let mut schedule = breach.schedule.clone();
        schedule.actions.extend(breach.circle.iter().copied());
        if let Ok(trace) = trace(scene, &schedule) {
            story += &told::breach(&self.scenario, guarantee, breach, &trace, Style::plain(100));
        }
        Box::new(Broken {
            guarantee,
            finding: breach.finding,
            story,
            faults: breach.cost.faults,
            steps: breach.cost.steps,
            shortest: breach.shortest,
        })
    }
}

fn of(outcome: &Outcome, guarantee: Guarantee) -> Option<Found> {
    outcome.found.iter().find(|found| found.guarantee() == guarantee).copied()
}

fn kind_named(kind: &str) -> FaultId {
    match FaultId::named(kind) {
        Some(fault) => fault,
        None => {
            let near = nearest(kind, FAULTS.iter().map(|fault| fault.name()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            panic!("there is no fault called `{kind}`{hint}")
        }
    }
}
