//! `check`: decides one scenario.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::check::Progress;
use crate::cli::OUR_ERROR;
use crate::cli::console::{Console, Stopwatch};
use crate::cli::exit::Exit;
use crate::cli::source;
use crate::cli::stop::Stop;
use crate::decide::{Breach, Decided, decide, limits, trace};
use crate::guarantee::{Guarantee, Half};
use crate::report::text::grouped;
use crate::report::{json, schedule, told, verdict};
use crate::scenario::Scenario;
use crate::world::Scene;

/// Arguments of `check`.
#[derive(Args, Clone, Debug)]
pub struct Check {
    /// The scenario: a TOML file, or the name of a bundled model.
    #[arg(value_name = "FILE")]
    pub scenario: PathBuf,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
    /// Says how long it took.
    #[arg(long)]
    pub timings: bool,
    /// Ends the search at so many states.
    #[arg(long, value_name = "N")]
    pub states: Option<u64>,
    /// Which stories to tell.
    #[arg(long, value_name = "WHICH", default_value = "level")]
    pub story: Stories,
    /// Writes the schedules of what breaks into this folder; never over a file that says something else.
    #[arg(long, value_name = "FOLDER")]
    pub save: Option<PathBuf>,
}

/// Which stories to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Stories {
    /// Of the halves of the level that break.
    Level,
    /// Of every guarantee that breaks.
    All,
    /// None.
    None,
}

/// Runs the verb.
pub fn run(arguments: &Check, console: &mut Console) -> Exit {
    let scenario = match source::load(&arguments.scenario) {
        Ok(scenario) => scenario,
        Err(failure) => return source::fail(console, &failure),
    };
    let mut limits = limits(&scenario);
    limits.states = arguments.states.unwrap_or(limits.states);
    let stop = Stop::on_interrupt();
    let bar = console.spinner();
    let begin = Stopwatch::begin();
    let mut progress = |progress: &Progress| {
        let states = grouped(progress.states);
        bar.set_message(format!("{states} states, up to {} faults", progress.faults));
        bar.tick();
        stop.flow()
    };
    let decided = decide(&scenario, &limits, &mut progress);
    bar.finish_and_clear();
    let took = begin.elapsed();
    if let Some((message, schedule)) = &decided.panic {
        return panicked(&scenario, message, schedule, console);
    }
    if arguments.json {
        let seconds = arguments.timings.then_some(took.as_secs_f64());
        console.print(&json::check(&scenario, &decided, seconds));
    } else {
        console.print(&verdict::verdict(&scenario, &decided, console.style));
        tell(arguments, &scenario, &decided, console);
        if arguments.timings {
            console.say(&format!("{:.3} s", took.as_secs_f64()));
        }
    }
    if let Some(folder) = &arguments.save
        && let Err(problem) = save(folder, &scenario, &decided, console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    exit(&scenario, &decided)
}

fn exit(scenario: &Scenario, decided: &Decided) -> Exit {
    let claims = scenario.expectations.iter().any(|expectation| !expectation.claims.is_empty());
    let halves = [Guarantee::AtMost, Guarantee::AtLeast];
    let unknown = halves.into_iter().any(|half| decided.half(half) == Half::Unknown);
    if !decided.mismatches.is_empty() {
        Exit::NotAsExpected
    } else if !decided.claims_decided || (!claims && unknown) {
        Exit::Undecided
    } else {
        Exit::AsExpected
    }
}

fn panicked(
    scenario: &Scenario,
    message: &str,
    schedule: &crate::system::Schedule<crate::world::Action>,
    console: &Console,
) -> Exit {
    console.say(&format!("the model panicked: {message}\nafter these actions:\n"));
    console.say(&schedule::lines(&scenario.setting, schedule).to_string());
    console.say(OUR_ERROR);
    Exit::OurError
}

/// The guarantees whose stories are told, with what breaks them.
fn told_of(stories: Stories, decided: &Decided) -> Vec<(Guarantee, &Breach)> {
    let wanted: &[Guarantee] = match stories {
        Stories::None => &[],
        Stories::Level => &[Guarantee::AtMost, Guarantee::AtLeast],
        Stories::All => Guarantee::ALL,
    };
    let of = wanted.iter().filter_map(|&guarantee| Some((guarantee, decided.breach(guarantee)?)));
    of.collect()
}

fn tell(arguments: &Check, scenario: &Scenario, decided: &Decided, console: &mut Console) {
    let scene = Scene::new(scenario.setting.clone());
    for (guarantee, breach) in told_of(arguments.story, decided) {
        let mut schedule = breach.schedule.clone();
        schedule.actions.extend(breach.circle.iter().copied());
        let Ok(trace) = trace(&scene, &schedule) else { continue };
        let story = told::breach(scenario, guarantee, breach, &trace, console.style);
        console.print(&format!("\n\n{story}"));
        console.print(&replay_command(arguments, scenario, guarantee));
    }
}

/// The command that replays a counterexample, where its file is or may be written.
fn replay_command(arguments: &Check, scenario: &Scenario, guarantee: Guarantee) -> String {
    let name = schedule::file_name(scenario, guarantee);
    let beside = Path::new(&scenario.path).with_file_name(&name);
    let mut lines = Vec::new();
    if let Some(folder) = &arguments.save {
        lines.push(format!("brokerproof replay {}", folder.join(name).display()));
    } else if beside.is_file() {
        lines.push(format!("brokerproof replay {}", beside.display()));
    } else {
        lines.push(format!("brokerproof check {} --save .", arguments.scenario.display()));
        lines.push(format!("brokerproof replay {name}"));
    }
    let lines: String = lines.iter().map(|line| format!("      {line}\n")).collect();
    format!("\n  Replay it step by step:\n{lines}")
}

/// Writes the schedules into a folder. A file that says the same already is left alone; one that says something
/// else is not written over.
fn save(
    folder: &Path,
    scenario: &Scenario,
    decided: &Decided,
    console: &Console,
) -> Result<(), String> {
    for (name, text) in schedule::files(scenario, decided) {
        let path = folder.join(name);
        let shown = path.display();
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        match file {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|error| format!("{shown}: {error}"))?;
                console.say(&format!("written: {shown}"));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                    return Err(format!(
                        "{shown}: this file says something else already, and is left as it is; move \
                         it away, or name another folder"
                    ));
                }
            }
            Err(error) => return Err(format!("{shown}: {error}")),
        }
    }
    Ok(())
}
