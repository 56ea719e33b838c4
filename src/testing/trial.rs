//! A trial: a program of somebody's own, a workload and faults, and the question what it guarantees.

use std::fmt;
use std::ops::ControlFlow;

use crate::app::own::{OwnProgram, Program};
use crate::check::{Limits, quietly};
use crate::decide::decide_guarantees;
use crate::fault::{FAULTS, FaultId};
use crate::guarantee::{Finding, Guarantee, Half};
use crate::report::simulate::drawn as drawn_text;
use crate::report::text::count;
use crate::scenario::{Errors, Failure, Problem, ProblemKind, Scenario, nearest, parse};
use crate::simulate::{Drawn, Found, Order, Outcome, Simulator, Strategy, When};
use crate::system::Model;
use crate::world::Scene;
use crate::world::setting::{AppSetting, FaultSetting, Setting};

/// What the text of a scenario is called in errors.
const PATH: &str = "scenario.toml";
/// States that a search looks at before a trial is simulated instead.
const STATES: u64 = 50_000;
/// Records of a source, and partitions of a topic, at most.
const MOST_RECORDS: u32 = 1_000_000;
const MOST_PARTITIONS: u16 = 1_000;
/// Runs of a simulated trial.
const RUNS: u64 = 500;

/// A program, a workload and faults; see the methods for what holds if nothing is said.
#[derive(Clone)]
pub struct Trial {
    pub(super) scenario: Scenario,
    pub(super) plan: Option<Vec<(u64, FaultId)>>,
    order: u64,
    states: u64,
    runs: u64,
}

/// One line: `proptest` prints it for every case that fails.
impl fmt::Debug for Trial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { sources, topics, apps, faults, .. } = &self.scenario.setting;
        let records: Vec<String> =
            sources.iter().map(|source| source.records.to_string()).collect();
        let keys: Vec<String> = sources.iter().map(|source| source.keys.to_string()).collect();
        let partitions: Vec<String> =
            topics.iter().map(|topic| topic.partitions.to_string()).collect();
        let polled: Vec<String> =
            apps.iter().map(|app| app.config.max_poll_records.to_string()).collect();
        let [records, keys, partitions, polled] =
            [records, keys, partitions, polled].map(|numbers| numbers.join("+"));
        write!(
            out,
            "Trial({}: records {records}, keys {keys}, partitions {partitions}, max.poll.records {polled}",
            self.scenario.name
        )?;
        match &self.plan {
            Some(plan) => {
                let planned = |&(step, fault): &(u64, FaultId)| {
                    format!("{} from step {step} on", fault.fault().name())
                };
                let plan: Vec<String> = plan.iter().map(planned).collect();
                write!(out, ", faults [{}], order {})", plan.join(", "), self.order)
            }
            None => {
                let kinds: Vec<&str> = faults.kinds.iter().map(|(kind, _)| kind.as_str()).collect();
                write!(out, ", up to {} faults of [{}])", faults.total, kinds.join(", "))
            }
        }
    }
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
        /// The faults that struck in them.
        faults: u64,
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
            (
                Evidence::Simulated { runs, steps, faults },
                Evidence::Simulated { runs: others, steps: more, faults: further },
            ) => Evidence::Simulated {
                runs: runs.min(others),
                steps: steps.min(more),
                faults: faults.min(further),
            },
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
            Evidence::Simulated { runs, steps, faults } => {
                let [runs, steps] = [count(runs, "run"), count(steps, "step")];
                write!(out, "not broken in {runs} of {steps} with {}", count(faults, "fault"))
            }
        }
    }
}

/// A guarantee that does not hold, and how it breaks; or one that nobody can vouch for, since a run comes to no end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which.
    pub guarantee: Guarantee,
    /// What is wrong in the end; none if the program panics, or if a run comes to no rest, nor to a circle, and so
    /// leaves it open.
    pub finding: Option<Finding>,
    /// What the program panics with, if it does.
    pub panic: Option<String>,
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
        let name = self.guarantee.name();
        match (&self.finding, &self.panic) {
            (Some(finding), _) => writeln!(out, "{name} is broken: {}", finding.anomaly.doc())?,
            (None, Some(panic)) => writeln!(out, "the program panics: {panic}")?,
            (None, None) => writeln!(out, "{name} is open: a run comes to no rest")?,
        }
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

    /// A program in place of every application of a scenario, given as the text of its file. When it commits, and
    /// what it does about errors, is up to the program, whatever the file says.
    ///
    /// # Errors
    /// What is wrong with the text, or not modelled yet; an application that has what no program of this kind has.
    pub fn in_scenario<P: Program>(text: &str) -> Result<Trial, Failure> {
        let scenario = parse(text, PATH)?;
        match unfit(&scenario.setting.apps) {
            Some(problem) => Err(Failure::Invalid(Errors(vec![problem]))),
            None => Ok(Trial::from_scenario(OwnProgram::of::<P>(), scenario)),
        }
    }

    fn from_scenario(program: OwnProgram, mut scenario: Scenario) -> Trial {
        for app in &mut scenario.setting.apps {
            app.own = Some(program);
        }
        Trial { scenario, plan: None, order: 0, states: STATES, runs: RUNS }
    }

    /// So many records of each source, at least one.
    ///
    /// # Panics
    /// If there are none, or more than a million.
    #[track_caller]
    pub fn records(mut self, records: u32) -> Trial {
        assert!(records > 0, "no record shows nothing: expected at least 1");
        assert!(records <= MOST_RECORDS, "expected at most {MOST_RECORDS} records");
        self.scenario.setting.sources.iter_mut().for_each(|source| source.records = records);
        self
    }

    /// The records bear so many keys in turn; 0: none.
    pub fn keys(mut self, keys: u32) -> Trial {
        self.scenario.setting.sources.iter_mut().for_each(|source| source.keys = keys);
        self
    }

    /// Each topic has so many partitions, at least one.
    ///
    /// # Panics
    /// If there are more than a scenario may have.
    #[track_caller]
    pub fn partitions(mut self, partitions: u16) -> Trial {
        assert!(partitions <= MOST_PARTITIONS, "expected at most {MOST_PARTITIONS} partitions");
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
    /// If there is no such kind, if it finds nothing to strike here, or if there are to be faults of no kind.
    #[track_caller]
    pub fn faults(mut self, total: u32, kinds: &[&str]) -> Trial {
        assert!(total == 0 || !kinds.is_empty(), "faults of which kinds?");
        let faults = &mut self.scenario.setting.faults;
        faults.total = total;
        faults.kinds.clear();
        for &kind in kinds {
            let fault = kind_named(kind).fault();
            let strikes = fault.may_strike(self.scenario.setting.fixed());
            assert!(strikes, "{kind} finds nothing to strike in this trial");
            self.scenario.setting.faults.kinds.push((fault.name().to_owned(), total));
        }
        self.plan = None;
        self
    }

    /// Exactly these faults, each before a step of the run, or as soon afterwards as it finds something to strike: a
    /// trial of one run.
    ///
    /// # Panics
    /// If there is no such kind, or if it finds nothing to strike here.
    #[track_caller]
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

    /// Simulates so many runs where there are too many states, at least one.
    ///
    /// # Panics
    /// If none is wanted.
    pub fn runs(mut self, runs: u64) -> Trial {
        assert!(runs > 0, "no run shows nothing: expected at least 1");
        self.runs = runs;
        self
    }

    /// Whether guarantees hold: by looking at everything that can happen if that is not too much, else by
    /// simulating. The same trial always gives the same answer.
    ///
    /// # Errors
    /// The first that does not, with its story.
    ///
    /// # Panics
    /// If no guarantee is asked about.
    pub fn check(&self, guarantees: &[Guarantee]) -> Result<Evidence, Box<Broken>> {
        assert!(
            !guarantees.is_empty(),
            "which guarantee? a trial that is asked nothing shows nothing"
        );
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
    pub(super) fn search(
        &self,
        scene: &Scene,
        guarantee: Guarantee,
    ) -> Option<Result<Evidence, Box<Broken>>> {
        let limits = Limits { states: self.states, ..Limits::default() };
        let quiet = &mut |_: &_| ControlFlow::Continue(());
        let decided = decide_guarantees(&self.scenario, &[guarantee], &limits, quiet);
        if let Some(panic) = &decided.panic {
            return Some(Err(self.searched_panic(scene, guarantee, panic)));
        }
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
        let calm = |message: String| {
            self.run_panicked(scene, guarantee, &message, &[], "The run without faults panics")
        };
        let mut simulator = quietly(|| Simulator::new(scene)).map_err(calm)?;
        let (mut steps, mut faults) = (0, 0);
        for seed in 1..=self.runs {
            let outcome = quietly(|| simulator.run(seed, &mut ()));
            if let Ok(outcome) = &outcome
                && !broken_or_open(outcome, guarantee)
            {
                steps += outcome.steps;
                faults += outcome.faults();
                continue;
            }
            // Once more, with its actions.
            let mut actions = Vec::new();
            let _ = quietly(|| simulator.run(seed, &mut actions));
            let threads = crate::simulate::threads(&scene.initial()[0]);
            let said = format!("Seed {seed} drew {}", drawn_text(&simulator.drawn(seed), threads));
            return Err(match outcome {
                Ok(outcome) => self.refuted(scene, &outcome, guarantee, &said, &actions),
                Err(message) => {
                    let said = format!("{said}. It panics");
                    self.run_panicked(scene, guarantee, &message, &actions, &said)
                }
            });
        }
        Ok(Evidence::Simulated { runs: self.runs, steps, faults })
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
        let mut actions = Vec::new();
        let outcome = quietly(|| Simulator::new(scene).run_drawn(self.order, &drawn, &mut actions));
        let outcome = outcome.map_err(|message| {
            self.run_panicked(scene, guarantees[0], &message, &actions, "The planned run panics")
        })?;
        let open = guarantees.iter().find(|&&guarantee| broken_or_open(&outcome, guarantee));
        let Some(&guarantee) = open else {
            let (steps, faults) = (outcome.steps, outcome.faults());
            return Ok(Evidence::Simulated { runs: 1, steps, faults });
        };
        Err(self.refuted(scene, &outcome, guarantee, "The planned run breaks it", &actions))
    }
}

/// Why a program of somebody's own cannot stand in the place of these applications, if it cannot.
fn unfit(apps: &[AppSetting]) -> Option<Problem> {
    let problem = |text: String| Problem::whole(PATH, ProblemKind::Contradiction(text));
    if apps.is_empty() {
        let text = "there is no application in whose place the program could stand";
        return Some(problem(text.into()).expected("a table `[app.NAME]`"));
    }
    let sends = apps.iter().find(|app| app.output.is_some()).map(|app| {
        let text = format!("app.{} sends on, which a program of your own cannot do yet", app.name);
        problem(text).expected("another `effect` than topic, and no dead-letter topic")
    });
    let asks = apps.iter().find(|app| app.dedup.is_some()).map(|app| {
        let text = format!("app.{} has a strategy of deduplication, which only it asks", app.name);
        problem(text)
            .expected("no `dedup`; a program of your own keeps in its store what it has seen")
    });
    sends.or(asks)
}

/// Whether a run is no evidence for a guarantee.
fn broken_or_open(outcome: &Outcome, guarantee: Guarantee) -> bool {
    of(outcome, guarantee).is_some() || outcome.open.iter().any(|&(_, open)| open == guarantee)
}

/// What a run shows of a guarantee.
pub(super) fn of(outcome: &Outcome, guarantee: Guarantee) -> Option<Found> {
    outcome.found.iter().find(|found| found.guarantee() == guarantee).copied()
}

#[track_caller]
fn kind_named(kind: &str) -> FaultId {
    match FaultId::named(kind) {
        Some(fault) => fault,
        None => {
            let near = nearest(kind, FAULTS.iter().map(|fault| fault.name()));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            panic!("there is no fault called `{kind}`{hint}; `brokerproof list faults` shows all")
        }
    }
}
