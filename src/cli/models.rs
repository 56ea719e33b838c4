//! `models`, and no verb at all: every bundled model, then the matrix.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;

use crate::cli::OUR_ERROR;
use crate::cli::bundled::{Bundled, MODELS};
use crate::cli::console::{Console, Stopwatch};
use crate::cli::exit::Exit;
use crate::cli::parallel;
use crate::cli::stop::Stop;
use crate::decide::{decide, limits};
use crate::guarantee::Guarantee;
use crate::report::table::{Outcome, Row, Standing, matrix};
use crate::report::text::grouped;
use crate::report::{json, schedule, ways};
use crate::scenario::{Failure, Scenario, Tier, parse};

/// Arguments of `models`.
#[derive(Args, Clone, Debug, Default)]
pub struct Models {
    /// Only models whose name or path has one of these parts, whatever their tier.
    #[arg(value_name = "PART")]
    pub parts: Vec<String>,
    /// How.
    #[command(flatten)]
    pub options: Options,
}

/// Options of `models`, and of no verb at all.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Every tier, not only the quick one.
    #[arg(long)]
    pub all: bool,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
    /// Says how long each model took.
    #[arg(long)]
    pub timings: bool,
    /// How many models are decided at a time; as many as there are processors by default.
    #[arg(long, value_name = "N")]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Writes the counterexample of each broken half beside its model, below this folder, the counts of the
    /// searches into measured.jsonl, and with --all the table of all models into README.md. For whoever changes
    /// the sources.
    #[arg(long, value_name = "FOLDER")]
    pub write: Option<PathBuf>,
}

/// A model on its way to a row.
struct Entry {
    model: &'static Bundled,
    scenario: Result<Scenario, Failure>,
}

/// A decided model.
struct Done {
    row: Row,
    took: Duration,
}

/// Runs the verb.
pub fn run(arguments: &Models, console: &mut Console) -> Exit {
    let entries = entries(arguments);
    if entries.is_empty() {
        console.error("no bundled model has such a name; `brokerproof list models` names them all");
        return Exit::BadInput;
    }
    let stop = Stop::on_interrupt();
    let bar = console.bar(entries.len() as u64);
    let done = decide_all(&entries, arguments, &stop, &bar);
    bar.finish_and_clear();
    if let Some(folder) = &arguments.options.write
        && let Err(problem) = write(folder, &entries, &done, console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    let rows: Vec<Row> = done.iter().map(|done| done.row.clone()).collect();
    if arguments.options.json {
        let seconds = |i: usize| arguments.options.timings.then(|| done[i].took.as_secs_f64());
        let kafka = |i: usize| kafka(&entries[i]);
        console.print(&json::matrix(&rows, kafka, seconds));
    } else {
        console.print(&matrix(&rows, console.style));
        if arguments.options.timings {
            for done in &done {
                console.say(&format!("{:8.3} s  {}", done.took.as_secs_f64(), done.row.name));
            }
        }
        hint(&rows, console);
    }
    let worst = rows.iter().map(|row| row.outcome.standing()).max();
    if worst == Some(Standing::Broken) {
        console.say(OUR_ERROR);
    }
    worst.map_or(Exit::AsExpected, Exit::of)
}

fn kafka(entry: &Entry) -> Option<&'static str> {
    entry.scenario.as_ref().ok().map(|scenario| scenario.setting.protocol.kafka.name())
}

fn hint(rows: &[Row], console: &Console) {
    let broken = rows.iter().find(|row| match &row.outcome {
        Outcome::Decided(decided) => decided.first_breach().is_some(),
        _ => false,
    });
    if let Some(row) = broken {
        console.say(&format!("The story behind a row: brokerproof check {}", row.name));
    }
}

fn entries(arguments: &Models) -> Vec<Entry> {
    let wanted = |model: &&Bundled| {
        arguments.parts.is_empty() || arguments.parts.iter().any(|part| model.path.contains(part))
    };
    let read = |model: &'static Bundled| Entry { model, scenario: parse(model.text, model.path) };
    let any_tier = arguments.options.all || !arguments.parts.is_empty();
    let runs = |entry: &Entry| {
        any_tier || entry.scenario.as_ref().map_or(true, |scenario| scenario.tier == Tier::Quick)
    };
    MODELS.iter().filter(wanted).map(read).filter(runs).collect()
}

/// Decides the models, several at a time; the results come in the order of the models.
fn decide_all(entries: &[Entry], arguments: &Models, stop: &Stop, bar: &ProgressBar) -> Vec<Done> {
    parallel::each(entries, arguments.options.jobs, |entry| {
        let done = decide_one(entry, stop, bar);
        bar.inc(1);
        done
    })
}

fn decide_one(entry: &Entry, stop: &Stop, bar: &ProgressBar) -> Done {
    let begin = Stopwatch::begin();
    let name = entry.model.name();
    let row =
        |outcome| Row { folder: entry.model.folder().to_owned(), name: name.to_owned(), outcome };
    let row = match &entry.scenario {
        Ok(scenario) => {
            bar.set_message(name);
            let mut progress = |progress: &crate::check::Progress| -> ControlFlow<()> {
                bar.set_message(format!("{name}: {} states", grouped(progress.states)));
                stop.flow()
            };
            let decided = decide(scenario, &limits(scenario), &mut progress);
            row(Outcome::Decided(Box::new(decided)))
        }
        Err(Failure::NotModelled(gaps)) => row(Outcome::NotModelled(gaps.to_string())),
        Err(Failure::Invalid(errors)) => row(Outcome::Invalid(errors.to_string())),
    };
    Done { row, took: begin.elapsed() }
}

/// Writes the schedules beside the models below a folder, removes those of what breaks no more, and brings the
/// counts up to date.
fn write(folder: &Path, entries: &[Entry], done: &[Done], console: &Console) -> Result<(), String> {
    let mut written = 0;
    let mut measured = read_measured(folder)?;
    for (entry, done) in entries.iter().zip(done) {
        let (Ok(scenario), Outcome::Decided(decided)) = (&entry.scenario, &done.row.outcome) else {
            continue;
        };
        let below = entry.model.path.strip_prefix("models/").unwrap_or(entry.model.path);
        let model = folder.join(below);
        if !model.is_file() {
            return Err(format!(
                "{}: there is no such model; expected the folder of the bundled models",
                model.display()
            ));
        }
        let beside = model.parent().unwrap_or(folder);
        let files = schedule::files(scenario, decided);
        for guarantee in Guarantee::ALL {
            let name = schedule::file_name(scenario, *guarantee);
            let path = beside.join(&name);
            let shown = path.display();
            let text = files.iter().find(|(other, _)| *other == name).map(|(_, text)| text);
            match text {
                Some(text) => {
                    fs::write(&path, text).map_err(|error| format!("{shown}: {error}"))?
                }
                None if path.exists() => {
                    fs::remove_file(&path).map_err(|error| format!("{shown}: {error}"))?;
                }
                None => {}
            }
            written += u32::from(text.is_some());
        }
        let name = below.trim_end_matches(".toml");
        measured.insert(name.to_owned(), json::measured(name, decided));
    }
    let known =
        |name: &String| MODELS.iter().any(|model| model.path == format!("models/{name}.toml"));
    measured.retain(|name, _| known(name));
    let lines: String = measured.into_values().collect();
    let path = folder.join(MEASURED);
    fs::write(&path, lines).map_err(|error| format!("{}: {error}", path.display()))?;
    if entries.len() == MODELS.len() {
        let path = folder.join(WAYS);
        fs::write(&path, table(entries, done))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    console.say(&format!("{written} schedules and {MEASURED} written below {}", folder.display()));
    Ok(())
}

/// The table of ways and classes.
const WAYS: &str = "README.md";

fn table(entries: &[Entry], done: &[Done]) -> String {
    let model = |(entry, done)| {
        let (entry, done): (&'_ Entry, &'_ Done) = (entry, done);
        let below = entry.model.path.strip_prefix("models/").unwrap_or(entry.model.path);
        let scenario = entry.scenario.as_ref().ok()?;
        let path = below.trim_end_matches(".toml").to_owned();
        Some(ways::Model { path, scenario, row: &done.row })
    };
    let models: Vec<ways::Model<'_>> = entries.iter().zip(done).filter_map(model).collect();
    ways::page(&models)
}

/// The counts of the bundled models, one line each.
const MEASURED: &str = "measured.jsonl";

/// The lines of the counts, by their models.
fn read_measured(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let path = folder.join(MEASURED);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let model = |line: &str| json::measured_model(line).map(|name| (name, format!("{line}\n")));
    Ok(text.lines().filter_map(model).collect())
}
