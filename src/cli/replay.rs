//! `replay`: performs a schedule, and says what each action did.

use std::path::PathBuf;

use clap::Args;

use crate::cli::bundled;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::source;
use crate::decide::{Trace, trace};
use crate::guarantee::Guarantee;
use crate::report::{json, schedule, told};
use crate::scenario::{Errors, Failure, Problem, ProblemKind, Scenario, read_text};
use crate::world::Scene;

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
    let shown = arguments.schedule.display();
    let text = match read_text(&arguments.schedule) {
        Ok(text) => text,
        Err(errors) => {
            console.error(&errors.to_string());
            return Exit::BadInput;
        }
    };
    let fail = |console: &Console, misfit: &schedule::Misfit| {
        console.error(&format!("{shown}: {misfit}"));
        Exit::BadInput
    };
    let lines = match schedule::read(&text) {
        Ok(lines) => lines,
        Err(misfit) => return fail(console, &misfit),
    };
    let scenario = match find_scenario(arguments, &lines.scenario) {
        Ok(scenario) => scenario,
        Err(failure) => return source::fail(console, &failure),
    };
    let actions = match schedule::actions(&scenario.setting, &lines, &text) {
        Ok(actions) => actions,
        Err(misfit) => return fail(console, &misfit),
    };
    let scene = Scene::new(scenario.setting.clone());
    match trace(&scene, &actions) {
        Ok(trace) => {
            if arguments.json {
                console.print(&json::replay(&scenario, &actions, &trace));
            } else {
                console.print(&format!("{shown}: {} in {}\n\n", lines.origin, scenario.path));
                console.print(&told::run(&scenario, &trace, console.style));
            }
            compare(&lines.origin, &trace, console)
        }
        Err(error) => fail(console, &schedule::misfit(&scenario.setting, &error, &text)),
    }
}

/// Whether a run still breaks what its schedule was written for; another origin expects nothing.
fn compare(origin: &str, trace: &Trace, console: &Console) -> Exit {
    let told = origin.strip_prefix("check: ").or_else(|| origin.strip_prefix("simulate: "));
    let named = told.and_then(|rest| rest.split(' ').next());
    let Some(guarantee) = Guarantee::ALL.iter().find(|g| Some(g.name()) == named) else {
        return Exit::AsExpected;
    };
    if trace.findings.iter().any(|finding| finding.anomaly.breaks() == *guarantee) {
        return Exit::AsExpected;
    }
    let name = guarantee.name();
    console.say(&format!("not as expected: the schedule says that it breaks {name}; it does not"));
    Exit::NotAsExpected
}

/// The scenario: the one that the command names; else, by the path in the schedule, beside the schedule, in
/// the working directory, or among the bundled models.
fn find_scenario(arguments: &Replay, named: &str) -> Result<Scenario, Failure> {
    if let Some(path) = &arguments.scenario {
        return source::load(path);
    }
    let beside = arguments.schedule.parent().map(|folder| folder.join(named));
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
                arguments.schedule.display()
            ));
            Err(Failure::Invalid(Errors(vec![problem])))
        }
    }
}
