//! `check`: decides one scenario, of a scenario file or of Kafka's own `.properties` files.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, ValueEnum};

use crate::check::Progress;
use crate::cli::check_files::{self, FileArguments};
use crate::cli::console::{Console, Stopwatch};
use crate::cli::exit::Exit;
use crate::cli::search::{self, How};
use crate::cli::source;
use crate::cli::stop::Stop;
use crate::cli::{OUR_ERROR, words};
use crate::decide::{Breach, Decided, decide_with, limits, trace};
use crate::guarantee::{Guarantee, Half, Level};
use crate::report::{Tone, json, schedule, told, verdict};
use crate::scenario::Scenario;
use crate::world::Scene;

/// Arguments of `check`.
#[derive(Args, Clone, Debug)]
#[command(override_usage = "brokerproof check [OPTIONS] <FILE>
       brokerproof check [OPTIONS] --producer <FILE> --consumer <FILE>")]
#[command(group(
    ArgGroup::new("what")
        .args(["scenario", "producer", "consumer", "topic", "server"])
        .multiple(true)
        .required(true)
))]
pub struct Check {
    /// The scenario: a TOML file, or the name of a bundled model.
    #[arg(value_name = "FILE", conflicts_with_all = ["producer", "consumer", "topic", "server"])]
    pub scenario: Option<PathBuf>,
    /// Files of a real project instead.
    #[command(flatten)]
    pub files: FileArguments,
    /// The level that it must have at least: at-most-once, at-least-once or effectively-once.
    #[arg(long, value_name = "LEVEL", value_parser = words::level)]
    pub require: Option<Level>,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
    /// Says how long it took.
    #[arg(long)]
    pub timings: bool,
    /// Ends each search at so many states.
    #[arg(long, value_name = "N")]
    pub states: Option<u64>,
    /// How it is searched.
    #[command(flatten)]
    pub how: How,
    /// Which stories to tell: of what breaks the level, unless there are several applications to choose from.
    #[arg(long, value_name = "WHICH")]
    pub story: Option<Stories>,
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
    match &arguments.scenario {
        Some(path) => run_scenario(arguments, path, console),
        None => check_files::run(arguments, console),
    }
}

fn run_scenario(arguments: &Check, path: &Path, console: &mut Console) -> Exit {
    let scenario = match source::load(path) {
        Ok(scenario) => scenario,
        Err(failure) => return source::fail(console, &failure, arguments.json),
    };
    let mut limits = arguments.how.within(limits(&scenario));
    limits.states = arguments.states.unwrap_or(limits.states);
    let stop = Stop::on_interrupt();
    let bar = console.spinner();
    let begin = Stopwatch::begin();
    let mut progress = |progress: &Progress| {
        search::tell(&bar, begin, &limits, progress);
        stop.flow()
    };
    let decided = decide_with(arguments.how.engine(), &scenario, &limits, &mut progress);
    bar.finish_and_clear();
    let took = begin.elapsed();
    if decided.panic.is_some() {
        return panicked(&scenario, &decided, console);
    }
    let required = arguments.require.map(|level| Required::of(level, [&decided].into_iter()));
    if arguments.json {
        let seconds = arguments.timings.then_some(took.as_secs_f64());
        let required = required.map(|required| (required.level, required.attained));
        console.print(&json::check(&scenario, &decided, required, seconds));
    } else {
        console.print(&verdict::verdict(&scenario, &decided, console.style));
        if let Some(required) = required {
            console.print(&required.text(console));
        }
        let again = format!("brokerproof check {}", path.display());
        tell(arguments, &scenario, &decided, &again, console);
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
    if let Some(path) = &arguments.how.dot
        && let Err(problem) = search::picture(&scenario, &decided, path, console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    exit(&scenario, &decided, required)
}

/// How what was found compares with a level that is required.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Required {
    pub(super) level: Level,
    /// Whether everything gives it; nothing if that was not decided.
    pub(super) attained: Option<bool>,
}

impl Required {
    pub(super) fn of<'a>(level: Level, all: impl Iterator<Item = &'a Decided>) -> Required {
        let halves: &[Guarantee] = match level {
            Level::NoGuarantee => &[],
            Level::AtMostOnce => &[Guarantee::AtMost],
            Level::AtLeastOnce => &[Guarantee::AtLeast],
            Level::EffectivelyOnce => &[Guarantee::AtMost, Guarantee::AtLeast],
        };
        // What was not looked at is not known to hold.
        let half = |decided: &Decided, half: Guarantee| match decided.half(half) {
            Half::Yes if decided.looked.iter().any(|looked| !looked.complete) => Half::Unknown,
            known => known,
        };
        let of = all.flat_map(|decided| halves.iter().map(move |which| half(decided, *which)));
        let attained = match of.fold(Half::Yes, Half::meet) {
            Half::Yes => Some(true),
            Half::No(_) => Some(false),
            Half::Unknown => None,
        };
        Required { level, attained }
    }

    pub(super) fn text(self, console: &Console) -> String {
        let level = self.level.name();
        let (tone, text) = match self.attained {
            Some(true) => (Tone::Good, format!("as required: {level}")),
            Some(false) => (Tone::Bad, format!("NOT AS REQUIRED: {level} is required")),
            None => (Tone::Doubtful, format!("UNDECIDED: whether it is {level}, as required")),
        };
        format!("\n{}", console.style.block(tone, "  ", &text))
    }

    fn exit(self) -> Exit {
        match self.attained {
            Some(true) => Exit::AsExpected,
            Some(false) => Exit::NotAsExpected,
            None => Exit::Undecided,
        }
    }
}

/// How a run ends by what was decided, what the scenario claims, and what is required.
pub(super) fn exit(scenario: &Scenario, decided: &Decided, required: Option<Required>) -> Exit {
    let claims = scenario.expectations.iter().any(|expectation| !expectation.claims.is_empty());
    let halves = [Guarantee::AtMost, Guarantee::AtLeast];
    let unknown = halves.into_iter().any(|half| decided.half(half) == Half::Unknown);
    let by_claims = if !decided.mismatches.is_empty() {
        Exit::NotAsExpected
    } else if !decided.claims_decided || (!claims && unknown && required.is_none()) {
        Exit::Undecided
    } else {
        Exit::AsExpected
    };
    by_claims.max(required.map_or(Exit::AsExpected, Required::exit))
}

/// Says that the model panicked, and how it came to that.
pub(super) fn panicked(scenario: &Scenario, decided: &Decided, console: &Console) -> Exit {
    if let Some((message, schedule)) = &decided.panic {
        console.say(&format!("the model panicked: {message}\nafter these actions:\n"));
        console.say(&schedule::lines(&scenario.setting, schedule).to_string());
    }
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

/// Tells the stories of what breaks; `again` is the command that decides this scenario alone.
pub(super) fn tell(
    arguments: &Check,
    scenario: &Scenario,
    decided: &Decided,
    again: &str,
    console: &mut Console,
) {
    let scene = Scene::new(scenario.setting.clone());
    for (guarantee, breach) in told_of(arguments.story.unwrap_or(Stories::Level), decided) {
        let Ok(trace) = trace(&scene, &breach.whole()) else { continue };
        let story = told::breach(scenario, guarantee, breach, &trace, console.style);
        console.print(&format!("\n\n{story}"));
        console.print(&replay_command(arguments, scenario, guarantee, again));
    }
}

/// The command that replays a counterexample, where its file is or may be written.
fn replay_command(
    arguments: &Check,
    scenario: &Scenario,
    guarantee: Guarantee,
    again: &str,
) -> String {
    let name = schedule::file_name(scenario, guarantee);
    let beside = Path::new(&scenario.path).with_file_name(&name);
    let mut lines = Vec::new();
    if let Some(folder) = &arguments.save {
        lines.push(format!("brokerproof replay {}", folder.join(name).display()));
    } else if beside.is_file() {
        lines.push(format!("brokerproof replay {}", beside.display()));
    } else {
        lines.push(format!("{again} --save ."));
        lines.push(format!("brokerproof replay {name}"));
    }
    let lines: String = lines.iter().map(|line| format!("      {line}\n")).collect();
    format!("\n  Replay it step by step:\n{lines}")
}

/// Writes the schedules into a folder.
pub(super) fn save(
    folder: &Path,
    scenario: &Scenario,
    decided: &Decided,
    console: &Console,
) -> Result<(), String> {
    for (name, text) in schedule::files(scenario, decided) {
        write_new(&folder.join(name), &text, console)?;
    }
    Ok(())
}

/// Writes a file. One that says the same already is left alone; one that says something else is not written
/// over.
pub(super) fn write_new(path: &Path, text: &str, console: &Console) -> Result<(), String> {
    let shown = path.display();
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    match file {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| format!("{shown}: {error}"))?;
            console.say(&format!("written: {shown}"));
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if std::fs::read_to_string(path).is_ok_and(|there| there == text) {
                return Ok(());
            }
            Err(format!(
                "{shown}: this file says something else already, and is left as it is; move it away, or \
                 name another"
            ))
        }
        Err(error) => Err(format!("{shown}: {error}")),
    }
}
