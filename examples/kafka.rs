//! How fast scenarios are searched, by engine and feature.
//!
//! `cargo run --release --example kafka -- [--states N] [--parts] [--json] [--verdicts] FILE...`
//!
//! For each engine: distinct states, steps, seconds by the clock and of the processors (rates are by the latter, where
//! the system tells it, since other programs may be running), the bytes of a stored state and of what is
//! remembered, and how often the protocol's code ran. A state that waits to be expanded takes nothing besides. It
//! fails if the engines do not say the same. `--parts` leaves out the engine that keeps whole states, which takes long;
//! `--json` prints the same for machines, with ratios to what `check --engine parts` does.
//!
//! `--verdicts` asks instead what a property test asks: how long it takes from the call to the verdict, by default and
//! with all orders, of the scenarios that have at most so many states.
#![allow(clippy::disallowed_methods, reason = "a comparison of speeds measures time")]

#[path = "measured/kinds.rs"]
mod kinds;
mod measured;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use brokerproof::check::Limits;
use brokerproof::decide::{Engine, decide_with};
use brokerproof::scenario::{Scenario, load};
use kinds::{AS_CHECK, How, KINDS, Told, agree, properties, search};
use measured::{Machine, Output, Ratio, Run, cpu_seconds};

/// The most states of a search that property tests wait for.
const SMALL: u64 = 100_000;
/// The least of so many times counts.
const TIMES: u32 = 5;

struct Options {
    limits: Limits,
    whole: bool,
    json: bool,
    verdicts: bool,
    files: Vec<String>,
}

fn options() -> Result<Options, String> {
    let limits = Limits::default();
    let mut options =
        Options { limits, whole: true, json: false, verdicts: false, files: Vec::new() };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--states" => {
                let number = words.next().and_then(|number| number.parse().ok());
                options.limits.states = number.ok_or("--states: expected a number")?;
            }
            "--parts" => options.whole = false,
            "--json" => options.json = true,
            "--verdicts" => options.verdicts = true,
            other if other.starts_with("--") => {
                let known = "--states, --parts, --json, --verdicts";
                return Err(format!("unknown option {other}; known: {known}"));
            }
            file => options.files.push(file.to_owned()),
        }
    }
    if options.files.is_empty() { Err("expected scenario files".into()) } else { Ok(options) }
}

fn read(path: &str) -> Result<Scenario, String> {
    load(Path::new(path)).map_err(|failure| failure.to_string())
}

/// Searches a scenario in every way, and fails if they do not say the same.
fn measure(path: &str, options: &Options) -> Result<Vec<(How, Run, Told)>, String> {
    let scenario = read(path)?;
    let mut measured: Vec<(How, Run, Told)> = Vec::new();
    for how in KINDS.into_iter().filter(|how| options.whole || how.in_parts) {
        let scene = how.scene(&scenario);
        let asked = properties(&scene);
        let (begin, before) = (Instant::now(), cpu_seconds());
        let told = search(&scene, &asked, &options.limits, how);
        let (seconds, cpu_seconds) = (begin.elapsed().as_secs_f64(), cpu_seconds() - before);
        let (explored, effort) = (*told.extent.explored(), &told.effort);
        let bytes = effort.state_bytes as f64 / explored.states as f64;
        let run = Run {
            model: scenario.path.clone(),
            engine: how.name.to_owned(),
            threads: how.threads,
            distinct: explored.states,
            generated: explored.transitions,
            seconds,
            cpu_seconds,
            bytes_per_state: bytes,
            table_bytes_per_state: Some(bytes),
            memo_bytes: Some(effort.memo_bytes),
        };
        let first = measured.first().map_or(&told, |(_, _, first)| first);
        if told.extent.is_complete() && first.extent.is_complete() && !agree(first, &told, how) {
            return Err(format!("{path}: {} does not say the same as the first", how.name));
        }
        measured.push((how, run, told));
    }
    Ok(measured)
}

fn table(path: &str, measured: &[(How, Run, Told)]) {
    println!("{path}");
    println!(
        "{:<30} {:>10} {:>11} {:>8} {:>6} {:>11} {:>11} {:>8} {:>8} {:>9} {:>9}",
        "engine",
        "states",
        "steps",
        "s",
        "cpu s",
        "steps/s",
        "states/s",
        "B/state",
        "memo MB",
        "calls",
        "combined"
    );
    for (how, run, told) in measured {
        let counted = if run.cpu_seconds > 0.0 { run.cpu_seconds } else { run.seconds };
        let effort = &told.effort;
        println!(
            "{:<30} {:>10} {:>11} {:>8.3} {:>6.2} {:>11.0} {:>11.0} {:>8.1} {:>8.1} {:>9} {:>9}",
            how.name,
            run.distinct,
            run.generated,
            run.seconds,
            run.cpu_seconds,
            run.generated as f64 / counted,
            run.distinct as f64 / counted,
            run.bytes_per_state,
            effort.memo_bytes as f64 / 1e6,
            effort.local_calls,
            effort.combinations,
        );
        if how.in_parts {
            println!(
                "  bits of a state: {}; contents of blocks: {:?}",
                effort.key_bits, effort.blocks
            );
        }
    }
}

fn json(measured: Vec<Vec<(How, Run, Told)>>) -> Result<String, String> {
    let mut output = Output { machine: Machine::here(), runs: Vec::new(), ratios: Vec::new() };
    for of_file in measured {
        let peer = of_file.iter().find(|(how, ..)| how.name == AS_CHECK.name);
        let seconds = peer.map_or(f64::NAN, |(_, run, _)| run.seconds);
        output.ratios.extend(of_file.iter().map(|(how, run, _)| Ratio {
            model: run.model.clone(),
            ours: how.name.to_owned(),
            threads: how.threads,
            peer: AS_CHECK.name.to_owned(),
            ratio: seconds / run.seconds,
        }));
        output.runs.extend(of_file.into_iter().map(|(_, run, _)| run));
    }
    output.json()
}

/// How long verdicts take, those that take longest last.
fn verdicts(files: &[String]) -> Result<(), String> {
    let mut rows = Vec::new();
    let in_full = Engine::Parts { threads: NonZeroUsize::MIN };
    let engines = [(Engine::default(), "default"), (in_full, "all orders")];
    for file in files {
        let scenario = read(file)?;
        for (engine, name) in engines {
            let mut least = f64::INFINITY;
            let mut states = 0;
            for _ in 0..TIMES {
                let begin = Instant::now();
                let limits = Limits { states: SMALL, ..Limits::default() };
                let go_on = &mut |_: &_| ControlFlow::Continue(());
                let decided = decide_with(engine, &scenario, &limits, go_on);
                least = least.min(begin.elapsed().as_secs_f64());
                states = decided.explored().states;
                if !decided.extent.is_complete() {
                    states = u64::MAX;
                    break;
                }
            }
            if states < SMALL {
                rows.push((least * 1e3, states, name, &file[..]));
            }
        }
    }
    rows.sort_by(|one, other| one.0.total_cmp(&other.0));
    println!("{:>8} {:>9} {:<10} scenario", "ms", "states", "search");
    for (milliseconds, states, name, file) in &rows {
        println!("{milliseconds:>8.1} {states:>9} {name:<10} {file}");
    }
    Ok(())
}

fn run() -> Result<(), String> {
    let options = options()?;
    if options.verdicts {
        println!("{}", Machine::here());
        return verdicts(&options.files);
    }
    let mut measured = Vec::new();
    for file in &options.files {
        let of_file = measure(file, &options)?;
        if !options.json {
            table(file, &of_file);
        }
        measured.push(of_file);
    }
    if options.json {
        println!("{}", json(measured)?);
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}
