//! The same two-phase commit in our engines and in Stateright: states per second and bytes per state.
//!
//! `cargo run --release --example peers -- [--size N] [--repeat N] [--engines LIST] [--json]`
//!
//! Each engine runs in a process of its own, one after the other, and the best of the repeated runs
//! counts. Bytes are the greatest resident size of the process, divided by its distinct states; the table is what
//! our engine counts of its stored states and their parents, and the memo what else it remembers.
//! `--engines parts,stateright` leaves the others out, which take long or much memory for more than 8 managers.
#![allow(clippy::disallowed_methods, reason = "a comparison of speeds measures time")]

mod measured;
#[path = "peers/stateright_model.rs"]
mod stateright_model;
#[path = "../tests/toys/mod.rs"]
mod toys;

use std::fs;
use std::ops::ControlFlow;
use std::process::{Command, ExitCode};
use std::time::Instant;

use brokerproof::check::{Effort, Limits, Search};
use measured::{Machine, Output, Ratio, Run, cpu_seconds};
use toys::two_phase::{TwoPhase, properties, properties_of_parts};

/// The engines, with their number of threads.
const ENGINES: [(&str, usize); 5] =
    [("parts", 1), ("parts", 2), ("plain", 1), ("stateright", 1), ("stateright", 2)];
/// The model's name in the output.
const MODEL: &str = "two-phase commit";
/// Whose speed is compared with.
const PEER: &str = "stateright";

struct Options {
    size: usize,
    repeat: usize,
    json: bool,
    /// The engines to run; all if none is named.
    engines: Vec<String>,
    /// Run this engine here, with so many threads.
    alone: Option<(String, usize)>,
}

fn options() -> Result<Options, String> {
    let mut options = Options { size: 8, repeat: 3, json: false, engines: Vec::new(), alone: None };
    let mut words = std::env::args().skip(1);
    let number = |word: Option<String>| {
        let word = word.ok_or("expected a number")?;
        word.parse::<usize>().map_err(|_| format!("expected a number, found {word}"))
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--size" => options.size = number(words.next())?,
            "--repeat" => options.repeat = number(words.next())?.max(1),
            "--json" => options.json = true,
            "--engines" => {
                let names = words.next().ok_or("expected names of engines")?;
                options.engines = names.split(',').map(str::to_owned).collect();
                let is_known = |name: &String| ENGINES.iter().any(|(known, _)| known == name);
                if let Some(name) = options.engines.iter().find(|name| !is_known(name)) {
                    return Err(format!("unknown engine {name}; known: parts, plain, stateright"));
                }
            }
            "--alone" => {
                let engine = words.next().ok_or("expected an engine")?;
                options.alone = Some((engine, number(words.next())?));
            }
            other => {
                let known = "--size, --repeat, --engines, --json";
                return Err(format!("unknown option {other}; known: {known}"));
            }
        }
    }
    if !(1..=16).contains(&options.size) {
        return Err("--size: expected 1 to 16 resource managers".to_owned());
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let result = match &options.alone {
        Some((engine, threads)) => alone(engine, *threads, options.size),
        None => compare(&options),
    };
    match result {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one engine in this process, and describes the run.
fn alone(engine: &str, threads: usize, managers: usize) -> Result<String, String> {
    let begin = Instant::now();
    let ((distinct, generated), effort) = match engine {
        "parts" | "plain" => ours(engine, threads, managers)?,
        "stateright" => (stateright_model::count(managers, threads), None),
        other => return Err(format!("unknown engine {other}")),
    };
    let run = Run {
        model: format!("{MODEL}, {managers} resource managers"),
        engine: engine.to_owned(),
        threads,
        distinct,
        generated,
        seconds: begin.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds(),
        bytes_per_state: resident_bytes() / distinct as f64,
        table_bytes_per_state: effort.as_ref().map(|e| e.state_bytes as f64 / distinct as f64),
        memo_bytes: effort.map(|effort| effort.memo_bytes),
    };
    serde_json::to_string(&run).map_err(|error| error.to_string())
}

/// Distinct and generated states, and what they took.
type Counted = ((u64, u64), Option<Effort>);

/// Distinct states, and generated ones as others count them: the initial state is one.
fn ours(engine: &str, threads: usize, managers: usize) -> Result<Counted, String> {
    let model = TwoPhase { managers };
    let limits = Limits { states: u64::from(u32::MAX), ..Limits::default() };
    let report = if engine == "plain" {
        Search::new(&model, &properties()).limits(&limits).run_silently()
    } else {
        let properties = properties_of_parts(managers);
        let search = Search::new(&model, &properties).limits(&limits).threads(threads);
        search.run_interned(&mut |_| ControlFlow::Continue(()))
    };
    if !report.extent.is_complete() {
        return Err(format!("the search ended early: {:?}", report.extent));
    }
    let explored = report.extent.explored();
    Ok(((explored.states, explored.transitions + 1), Some(report.effort.clone())))
}

fn compare(options: &Options) -> Result<String, String> {
    let mut runs: Vec<Run> = Vec::new();
    let wanted =
        |name: &str| options.engines.is_empty() || options.engines.iter().any(|e| e == name);
    for (engine, threads) in ENGINES.into_iter().filter(|(engine, _)| wanted(engine)) {
        let mut best: Option<Run> = None;
        for _ in 0..options.repeat {
            let run = child(engine, threads, options.size)?;
            if best.as_ref().is_none_or(|best| run.seconds < best.seconds) {
                best = Some(run);
            }
        }
        runs.extend(best);
    }
    let counts = |run: &Run| (run.distinct, run.generated);
    if runs.iter().any(|run| counts(run) != counts(&runs[0])) {
        return Err("the engines do not agree on the numbers of states".to_owned());
    }
    let peer = runs.iter().filter(|run| run.engine == PEER);
    let peer = peer.map(|run| run.seconds).fold(f64::INFINITY, f64::min);
    let ours = runs.iter().filter(|run| run.engine != PEER && peer.is_finite());
    let ratios = ours.map(|run| Ratio {
        model: run.model.clone(),
        ours: run.engine.clone(),
        threads: run.threads,
        peer: PEER.to_owned(),
        ratio: peer / run.seconds,
    });
    let output = Output { machine: Machine::here(), ratios: ratios.collect(), runs };
    if options.json { output.json() } else { Ok(table(&output)) }
}

fn child(engine: &str, threads: usize, size: usize) -> Result<Run, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let words = ["--size", &size.to_string(), "--alone", engine, &threads.to_string()];
    let output = Command::new(program).args(words).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{engine}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{engine}: {error}"))
}

fn table(output: &Output) -> String {
    let mut lines = vec![output.machine.to_string()];
    lines.extend(output.runs.first().map(|run| {
        format!("{}: {} distinct, {} generated", run.model, run.distinct, run.generated)
    }));
    lines.push(format!(
        "{:<12} {:>7} {:>9} {:>9} {:>14} {:>15} {:>9} {:>9} {:>9} {:>7}",
        "engine",
        "threads",
        "seconds",
        "cpu s",
        "M distinct/s",
        "M generated/s",
        "B/state",
        "table B",
        "memo MB",
        "ratio"
    ));
    for run in &output.runs {
        let ratio = output
            .ratios
            .iter()
            .find(|ratio| ratio.ours == run.engine && ratio.threads == run.threads)
            .map_or_else(String::new, |ratio| format!("{:.1}x", ratio.ratio));
        lines.push(format!(
            "{:<12} {:>7} {:>9.3} {:>9.2} {:>14.2} {:>15.2} {:>9.1} {:>9} {:>9} {:>7}",
            run.engine,
            run.threads,
            run.seconds,
            run.cpu_seconds,
            run.distinct as f64 / run.seconds / 1e6,
            run.generated as f64 / run.seconds / 1e6,
            run.bytes_per_state,
            run.table_bytes_per_state.map_or_else(String::new, |bytes| format!("{bytes:.1}")),
            run.memo_bytes.map_or_else(String::new, |bytes| format!("{:.1}", bytes as f64 / 1e6)),
            ratio
        ));
    }
    lines.join("\n")
}

/// The greatest resident size of this process; 0 where the system does not tell.
fn resident_bytes() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0
}
