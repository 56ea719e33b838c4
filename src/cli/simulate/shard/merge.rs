//! `merge`: the shards of a sweep put together, in any order; complete, or refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::simulate::options::{Told, level};
use crate::cli::simulate::shard::file::bytes;
use crate::cli::simulate::shard::part::Part;
use crate::cli::simulate::{Simulate, simulator, tell};
use crate::cli::{Cli, Verb, source};
use crate::guarantee::Level;
use crate::report::simulate_shard::Header;
use crate::report::simulate_shard_lines::Lines;
use crate::report::text::{count, grouped};
use crate::scenario::{Failure, Scenario, write};
use crate::simulate::Summary;
use crate::world::Scene;

/// Arguments of `merge`.
#[derive(Args, Clone, Debug)]
pub struct Merge {
    /// The files of all shards, or the folder with them. The scenario must lie where it lay when the shards were
    /// run, and say the same.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Not as expected if a run refutes this level (no-guarantee, at-most-once, at-least-once,
    /// effectively-once), whatever the scenario claims; the level that the shards were begun with by default.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub require: Option<Level>,
    /// What is told and kept of it.
    #[command(flatten)]
    pub telling: Told,
}

/// Runs `merge`.
pub fn merge(arguments: &Merge, console: &mut Console) -> Exit {
    let read = read_all(&arguments.files).and_then(|(header, simulate, summary)| {
        scenario(&header, &simulate)
            .map(|(scenario, changed)| (simulate, summary, scenario, changed))
    });
    let (simulate, summary, scenario, changed) = match read {
        Ok(read) => read,
        Err(problem) => {
            console.error(&problem);
            return Exit::BadInput;
        }
    };
    let simulate = Simulate {
        require: arguments.require.or(simulate.require),
        telling: arguments.telling.clone(),
        ..simulate
    };
    if let Err(problem) = simulate.telling.check() {
        console.error(&problem);
        return Exit::BadInput;
    }
    let scene = Scene::new(scenario.setting.clone());
    let simulator = simulator(&simulate.perturbation, &scene);
    let told = tell::Telling {
        arguments: &simulate,
        scenario: &scenario,
        changed,
        simulator: &simulator,
        stopped: false,
    };
    told.tell(simulate.all_seeds(), &summary, None, console)
}

/// A shard's file in full, with its header.
struct Shard {
    path: PathBuf,
    header: Header,
    bytes: Vec<u8>,
}

/// Reads the files of all shards: what they are about, the arguments they were begun with, and their sum.
fn read_all(files: &[PathBuf]) -> Result<(Header, Simulate, Summary), String> {
    let mut shards: BTreeMap<u64, Shard> = BTreeMap::new();
    for path in paths(files)? {
        let shard = read(path)?;
        if let Some(first) = shards.values().next()
            && let Some(other) = shard.header.other_sweep(&first.header)
        {
            let (path, first) = (shard.path.display(), first.path.display());
            return Err(format!("{path}: line 1: {other}, as {first} is"));
        }
        let number = shard.header.shard;
        if let Some(before) = shards.get(&number) {
            let (before, path) = (before.path.display(), shard.path.display());
            return Err(format!("{before} and {path}: both are shard {number}"));
        }
        shards.insert(number, shard);
    }
    let Some(first) = shards.values().next() else {
        return Err("there is no shard's file (shard-I-of-N.jsonl)".to_owned());
    };
    let header = first.header.clone();
    let simulate = simulate(&header).ok_or_else(|| {
        format!("{}: line 1: its command is not one of ours", first.path.display())
    })?;
    complete(&shards, header.of)?;
    let mut sum = Summary::default();
    for shard in shards.values() {
        sum.merge(&shard.sum(&simulate)?);
    }
    Ok((header, simulate, sum))
}

fn read(path: PathBuf) -> Result<Shard, String> {
    let bytes = bytes(&path)?;
    let begun = Lines::begin(&bytes);
    let (header, _) = begun.map_err(|problem| format!("{}: {problem}", path.display()))?;
    Ok(Shard { path, header, bytes })
}

impl Shard {
    /// The sum over all runs of the shard.
    fn sum(&self, simulate: &Simulate) -> Result<Summary, String> {
        let at = |problem: String| format!("{}: {problem}", self.path.display());
        let seeds = Part::new(self.header.shard, self.header.of)?.seeds(simulate.all_seeds());
        let told = Lines::begin(&self.bytes).and_then(|(_, lines)| lines.blocks(seeds));
        let sum = told.map_err(at)?.sum;
        if sum.runs < seeds.count() {
            let (done, all) = (grouped(sum.runs), count(seeds.count(), "run"));
            return Err(at(format!(
                "it tells of {done} of {all}; run the shard again, it goes on where it was"
            )));
        }
        Ok(sum)
    }
}

/// Whether all shards are there.
fn complete(shards: &BTreeMap<u64, Shard>, of: u64) -> Result<(), String> {
    // Each key is one of 1 to `of`, so the first gap is at most one behind the last of them.
    let Some(missing) = (1..=of).find(|number| !shards.contains_key(number)) else {
        return Ok(());
    };
    let others = of - shards.len() as u64 - 1;
    let others = match others {
        0 => String::new(),
        others => format!(" (and {} more)", grouped(others)),
    };
    Err(format!("shard {missing} of {of} is missing{others}"))
}

/// The arguments that a sweep was begun with.
fn simulate(header: &Header) -> Option<Simulate> {
    let words = ["brokerproof".to_owned()].into_iter().chain(header.command.iter().cloned());
    match Cli::try_parse_from(words).ok()?.verb? {
        Verb::Simulate(simulate) if simulate.command_line(None) == header.command => {
            Some(*simulate)
        }
        _ => None,
    }
}

/// The scenario of a sweep as its runs had it, and whether that is another than the file's.
fn scenario(header: &Header, simulate: &Simulate) -> Result<(Scenario, bool), String> {
    let path = &simulate.scenario;
    let loaded = source::load(path).map_err(|failure| not_found(path, &failure));
    let mut scenario = loaded?;
    let changed = simulate.perturbation.apply(&mut scenario);
    if !header.is_about(&write(&scenario)) {
        return Err(format!(
            "{}: it does not say what it said when the shards were run; bring that back, or run them again \
             in another folder",
            path.display()
        ));
    }
    Ok((scenario, changed))
}

fn not_found(path: &Path, failure: &Failure) -> String {
    if path.exists() {
        return format!("the scenario of the shards cannot be read: {failure}");
    }
    let from = if path.is_relative() { ", seen from the folder where they were run" } else { "" };
    format!(
        "{}: the scenario of the shards is not there; they were begun with this path{from}. Bring it back, or \
         merge from that folder",
        path.display()
    )
}

/// The files that are named, and those of shards in folders that are.
fn paths(files: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for file in files {
        if !file.is_dir() {
            paths.push(file.clone());
            continue;
        }
        let entries = fs::read_dir(file).map_err(|error| format!("{}: {error}", file.display()))?;
        for entry in entries {
            let path = entry.map_err(|error| format!("{}: {error}", file.display()))?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if name.is_some_and(|name| name.starts_with("shard-") && name.ends_with(".jsonl")) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.dedup();
    Ok(paths)
}
