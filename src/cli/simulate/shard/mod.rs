//! One n-th of a sweep: which seeds, what is written about them, and how the parts are put together again.
//!
//! The union over the shards is the same set of seeds for every n. A shard's file is only ever appended to:
//! a line about itself, then a line for each block of runs. Its bytes are the same for any number of threads, and
//! however often the shard was interrupted.

mod file;
mod merge;
mod part;

use std::fs;
use std::mem;
use std::ops::ControlFlow;

pub use merge::{Merge, merge};

use crate::cli::check::Stories;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::simulate::{Begin, Simulate, jobs, simulator};
use crate::cli::stop::Stop;
use crate::decide::certify;
use crate::report::simulate::took;
use crate::report::simulate_shard::Header;
use crate::report::text::{count, grouped};
use crate::scenario::{Scenario, write};
use crate::simulate::{Outcome, Simulator, Summary, sweep};
use crate::world::Scene;
use file::ShardFile;
use part::Part;

/// Runs in a line of a shard's file, at most.
const BLOCK: u64 = 4096;
/// Of long runs there are fewer: about so many steps, some seconds' work.
const BLOCK_STEPS: u64 = 4_000_000;

/// Runs one shard.
pub(super) fn run(arguments: &Simulate, scenario: &Scenario, console: &mut Console) -> Exit {
    perform(arguments, scenario, console).unwrap_or_else(|problem| {
        console.error(&problem);
        Exit::BadInput
    })
}

fn perform(arguments: &Simulate, scenario: &Scenario, console: &Console) -> Result<Exit, String> {
    if let Some(option) = told_by_merge(arguments) {
        return Err(format!(
            "a shard tells nothing by itself: leave {option} out, and say it to `merge` when all shards are done"
        ));
    }
    let part = Part::of(arguments)?;
    let seeds = part.seeds(arguments.all_seeds());
    let folder = arguments.out.clone().unwrap_or_default();
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let path = folder.join(format!("shard-{}-of-{}.jsonl", part.number, part.of));
    let mut file = ShardFile::open(&path, &header(arguments, scenario, part), seeds)?;
    let scene = Scene::new(scenario.setting.clone());
    let simulator = simulator(&arguments.perturbation, &scene);
    let begin = Begin::now();
    let stop = Stop::on_interrupt();
    let bar = console.bar(seeds.count());
    bar.set_position(file.done());
    let work =
        Work { simulator: &simulator, block: block(simulator.length()), threads: jobs(arguments) };
    work.fill(&mut file, &|| stop.flow(), &mut |done| bar.set_position(done))?;
    bar.finish_and_clear();
    if arguments.timings {
        let time = begin.took();
        console.say(&took(time.wall, time.cpu));
    }
    let (done, all) = (file.done(), seeds.count());
    let shown = format!("{}: {} of {}", path.display(), grouped(done), count(all, "run"));
    if done < all {
        console.say(&format!("{shown}; stopped, and the same command goes on from there"));
        return Ok(Exit::Undecided);
    }
    console.say(&shown);
    Ok(Exit::AsExpected)
}

/// An argument about what is told, which all shards together do.
fn told_by_merge(arguments: &Simulate) -> Option<&'static str> {
    let given = [
        ("--json", arguments.telling.json),
        ("--save", arguments.telling.save.is_some()),
        ("--story", arguments.telling.story != Stories::Level),
        ("--certify", arguments.telling.certify != certify::STATES),
    ];
    given.into_iter().find_map(|(option, given)| given.then_some(option))
}

fn header(arguments: &Simulate, scenario: &Scenario, part: Part) -> Header {
    let words = arguments.command_line(None);
    Header::new(&scenario.path, &write(scenario), words, part.number, part.of)
}

/// How many runs make a block: by what they have in steps without faults, so that it is the same everywhere.
fn block(length: u64) -> u64 {
    (BLOCK_STEPS / length.max(1)).clamp(1, BLOCK)
}

/// What a shard's file is filled by.
struct Work<'a> {
    simulator: &'a Simulator<'a>,
    /// Runs of a line.
    block: u64,
    threads: usize,
}

impl Work<'_> {
    /// Runs what the file does not tell of yet, and appends it block by block, until `go_on` breaks. A block that
    /// was interrupted is not written: when the shard goes on, it is run again, and the bytes are the same.
    fn fill(
        &self,
        file: &mut ShardFile,
        go_on: &(dyn Fn() -> ControlFlow<()> + Sync),
        shows: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), String> {
        let (seeds, before) = (file.seeds(), file.done());
        let all = seeds.count();
        let mut summary = Summary::default();
        let mut failed = Ok(());
        let mut add = |outcome: &Outcome| {
            summary.add(outcome, self.simulator.drawn(outcome.seed).strategy);
            if summary.runs == self.block || file.done() + summary.runs == all {
                failed = file.append(&mem::take(&mut summary));
                shows(file.done());
            }
            if failed.is_err() { ControlFlow::Break(()) } else { go_on() }
        };
        sweep(self.simulator, seeds.block(before, u64::MAX), self.threads, go_on, &mut add);
        failed
    }
}

#[cfg(test)]
mod tests;
