//! `replay`: performs a schedule, and says what each action did.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::bundled;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::source;
use crate::decide::{Trace, trace};
use crate::guarantee::Guarantee;
use crate::report::text::hang;
use crate::report::{json, schedule, told};
use crate::scenario::{Errors, Failure, Problem, ProblemKind, Scenario, read_text};
use crate::system::Schedule;
use crate::world::{Action, Scene};

/// Arguments of `replay`.
#[derive(Args, Clone, Debug)]
pub struct Replay {
    /// The schedule.
    #[arg(value_name = "FILE")]
    pub schedule: PathBuf,
    /// The scenario, if it is not where the schedule says.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
pub fn run(arguments: &Replay, console: &mut Console) -> Exit {
    let given = Given {
        schedule: &arguments.schedule,
        scenario: arguments.scenario.as_deref(),
        json: arguments.json,
    };
    let loaded = match given.load(console) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Loaded { scenario, actions, trace, .. } = &loaded;
    if arguments.json {
        console.print(&json::replay(scenario, actions, trace));
    } else {
        let shown = arguments.schedule.display();
        let heading = format!("{shown}: {} in {}", actions.origin, scenario.path);
        console.print(&hang("", &heading, console.style.width));
        console.print("\n");
        console.print(&told::run(scenario, trace, console.style));
    }
    compare(&actions.origin, trace, console)
}

/// A schedule of the command line.
pub(super) struct Given<'a> {
    pub(super) schedule: &'a Path,
    /// Where its scenario is, if it is not where the schedule says.
    pub(super) scenario: Option<&'a Path>,
    pub(super) json: bool,
}

/// A schedule that fits its scenario.
pub(super) struct Loaded {
    pub(super) scenario: Scenario,
    pub(super) scene: Scene,
    pub(super) actions: Schedule<Action>,
    pub(super) trace: Trace,
}

impl Given<'_> {
    /// Reads the schedule and its scenario, and performs it; or says what is wrong.
    pub(super) fn load(&self, console: &mut Console) -> Result<Loaded, Exit> {
        let shown = self.schedule.display();
        let text = read_text(self.schedule).map_err(|errors| {
            console.error(&errors.to_string());
            Exit::BadInput
        })?;
        let misfit = |misfit: &schedule::Misfit| {
            console.error(&format!("{shown}: {misfit}"));
            Exit::BadInput
        };
        let lines = schedule::read(&text).map_err(|error| misfit(&error))?;
        let scenario = match self.find_scenario(&lines.scenario) {
            Ok(scenario) => scenario,
            Err(failure) => return Err(source::fail(console, &failure, self.json)),
        };
        let scene = Scene::new(scenario.setting.clone());
        let actions = schedule::actions(&scene, &lines, &text).map_err(|error| misfit(&error))?;
        let trace = trace(&scene, &actions)
            .map_err(|error| misfit(&schedule::misfit(&scenario.setting, &error, &text)))?;
        Ok(Loaded { scenario, scene, actions, trace })
    }

    /// The scenario: the one that the command names; else, by the path in the schedule, beside the schedule, in
    /// the working directory, or among the bundled models.
    fn find_scenario(&self, named: &str) -> Result<Scenario, Failure> {
        if let Some(path) = self.scenario {
            return source::load(path);
        }
        let beside = self.schedule.parent().map(|folder| folder.join(named));
        let here = PathBuf::from(named);
        for path in beside.into_iter().chain([here]) {
            if path.is_file() {
                return crate::scenario::load(&path);
            }
        }
        match bundled::named(named) {
            Some(model) => crate::scenario::parse(model.text, model.path),
            None => {
                let problem = Problem::whole(named, ProblemKind::NotFound).hint(format!(
                    "it is the scenario of {}; say where it is with --scenario FILE",
                    self.schedule.display()
                ));
                Err(Failure::Invalid(Errors(vec![problem])))
            }
        }
    }
}

/// The guarantee that a schedule of ours was written for, by its origin: `check: at-most billing`.
pub(super) fn guarantee_of(origin: &str) -> Option<Guarantee> {
    let named = origin.split_once(": ")?.1.split(' ').next();
    Guarantee::ALL.iter().copied().find(|guarantee| Some(guarantee.name()) == named)
}

/// Whether a run still breaks what its schedule was written for; another origin expects nothing.
fn compare(origin: &str, trace: &Trace, console: &Console) -> Exit {
    let Some(guarantee) = guarantee_of(origin) else { return Exit::AsExpected };
    if trace.findings.iter().any(|finding| finding.anomaly.breaks() == guarantee) {
        return Exit::AsExpected;
    }
    let name = guarantee.name();
    console.say(&format!("not as expected: the schedule says that it breaks {name}; it does not"));
    Exit::NotAsExpected
}
