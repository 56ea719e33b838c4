//! One n-th of a sweep: which seeds, what is written about them, and how the parts are put together again.
//!
//! The union over the shards is the same set of seeds for every n. A shard's file is only ever appended to:
//! a line about itself, then a line for each block of runs. One that was interrupted goes on behind its last
//! whole line.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Parser};

use crate::cli::check::Stories;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::simulate::{Simulate, jobs, simulator, tell};
use crate::cli::source;
use crate::cli::stop::Stop;
use crate::cli::{Cli, Verb};
use crate::report::simulate_shard::{Block, Header};
use crate::report::text::{count, grouped};
use crate::scenario::{Scenario, write};
use crate::simulate::{Outcome, Seeds, Summary, sweep};
use crate::world::Scene;

/// Runs in a line of a shard's file.
const BLOCK: u64 = 4096;

/// Arguments of `merge`.
#[derive(Args, Clone, Debug)]
pub struct Merge {
    /// The files of all shards, or the folder with them.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Which stories to tell.
    #[arg(long, value_name = "WHICH", default_value = "level")]
    pub story: Stories,
    /// Writes the schedules of what breaks into this folder; never over a file that says something else.
    #[arg(long, value_name = "FOLDER")]
    pub save: Option<PathBuf>,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which part of how many, both counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Part {
    number: u64,
    of: u64,
}

impl Part {
    fn new(number: u64, of: u64) -> Result<Part, String> {
        if number == 0 || number > of {
            return Err(format!("there is no shard {number} of {of}: they are counted from 1"));
        }
        Ok(Part { number, of })
    }

    fn seeds(self, all: Seeds) -> Seeds {
        Seeds { first: all.first.saturating_add(self.number - 1), end: all.end, stride: self.of }
    }
}

/// The part that the arguments name, or the variables of whoever started this process.
fn part(arguments: &Simulate) -> Result<Part, String> {
    let text = arguments.shard.as_deref().unwrap_or("1/1");
    if text == "auto" {
        return automatic(&|name| std::env::var(name).ok(), arguments.of);
    }
    let expected = || format!("expected i/n or auto for --shard, found `{text}`");
    let (number, of) = text.split_once('/').ok_or_else(expected)?;
    let number = number.parse().map_err(|_| expected())?;
    Part::new(number, of.parse().map_err(|_| expected())?)
}

/// How one scheduler tells a process its place: the variable with its number, what the first is called, and
/// the variable with the count.
type Told = (&'static str, u64, Option<&'static str>);

const SCHEDULERS: &[Told] = &[
    ("JOB_COMPLETION_INDEX", 0, None),
    ("AWS_BATCH_JOB_ARRAY_INDEX", 0, Some("AWS_BATCH_JOB_ARRAY_SIZE")),
    ("CI_NODE_INDEX", 1, Some("CI_NODE_TOTAL")),
    ("BUILDKITE_PARALLEL_JOB", 0, Some("BUILDKITE_PARALLEL_JOB_COUNT")),
    ("CIRCLE_NODE_INDEX", 0, Some("CIRCLE_NODE_TOTAL")),
];

fn automatic(variable: &dyn Fn(&str) -> Option<String>, of: Option<u64>) -> Result<Part, String> {
    let number = |name: &str| -> Result<Option<u64>, String> {
        let Some(text) = variable(name) else { return Ok(None) };
        let wrong = |_| format!("expected a number in {name}, found `{text}`");
        text.trim().parse().map(Some).map_err(wrong)
    };
    if let Some(id) = number("SLURM_ARRAY_TASK_ID")? {
        // The ids of an array need not begin at 0, and may have a step.
        let least = number("SLURM_ARRAY_TASK_MIN")?.unwrap_or(0);
        let step = number("SLURM_ARRAY_TASK_STEP")?.unwrap_or(1).max(1);
        let all = number("SLURM_ARRAY_TASK_COUNT")?.or(of);
        let all = all.ok_or("SLURM_ARRAY_TASK_COUNT is not set: say --of N")?;
        let place = id.checked_sub(least).ok_or("SLURM_ARRAY_TASK_ID is below _MIN")?;
        return Part::new(place / step + 1, all);
    }
    for &(index, first, total) in SCHEDULERS {
        let Some(place) = number(index)? else { continue };
        let told = match total {
            Some(total) => number(total)?,
            None => None,
        };
        let all = told.or(of);
        let all = all.ok_or_else(|| format!("{index} does not say of how many: say --of N"))?;
        let place = place.checked_sub(first).ok_or_else(|| format!("{index} is below {first}"))?;
        return Part::new(place + 1, all);
    }
    Err("--shard auto: none of the variables of Kubernetes, Slurm, AWS Batch, GitLab, Buildkite or \
         CircleCI is set"
        .to_owned())
}

/// Runs one shard.
pub(super) fn run(arguments: &Simulate, scenario: &Scenario, console: &mut Console) -> Exit {
    let begun = part(arguments).and_then(|part| {
        let folder = arguments.out.clone().unwrap_or_default();
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let path = folder.join(format!("shard-{}-of-{}.jsonl", part.number, part.of));
        let header = header(arguments, scenario, part);
        ShardFile::open(&path, &header).map(|file| (part, path, file))
    });
    let (part, path, mut file) = match begun {
        Ok(begun) => begun,
        Err(problem) => {
            console.error(&problem);
            return Exit::BadInput;
        }
    };
    let scene = Scene::new(scenario.setting.clone());
    let simulator = simulator(&arguments.perturbation, &scene);
    let seeds = part.seeds(arguments.all_seeds());
    let stop = Stop::on_interrupt();
    let bar = console.bar(seeds.count());
    bar.set_position(file.done);
    while file.done < seeds.count() && !stop.is_asked() {
        let block = seeds.block(file.done, BLOCK);
        let mut summary = Summary::default();
        let mut add = |outcome: &Outcome| {
            summary.add(outcome, simulator.drawn(outcome.seed).strategy);
            stop.flow()
        };
        // A block that was interrupted is not written: it is run again.
        if sweep(&simulator, block, jobs(arguments), &|| stop.flow(), &mut add).complete
            && let Err(problem) = file.append(&summary)
        {
            console.error(&format!("{}: {problem}", path.display()));
            return Exit::BadInput;
        }
        bar.set_position(file.done);
    }
    bar.finish_and_clear();
    let all = seeds.count();
    let done = grouped(file.done);
    console.say(&format!("{}: {done} of {}", path.display(), count(all, "run")));
    if file.done < all { Exit::Undecided } else { Exit::AsExpected }
}

fn header(arguments: &Simulate, scenario: &Scenario, part: Part) -> Header {
    let mut arguments = arguments.clone();
    (arguments.shard, arguments.of, arguments.out) = (None, None, None);
    Header::new(&scenario.path, &write(scenario), arguments.command_line(), part.number, part.of)
}

/// A shard's file that is being written.
struct ShardFile {
    file: File,
    /// The runs that it tells of.
    done: u64,
}

impl ShardFile {
    /// Begins a file, or goes on with the one that is there.
    fn open(path: &Path, header: &Header) -> Result<ShardFile, String> {
        let shown = path.display();
        let failed = |error: std::io::Error| format!("{shown}: {error}");
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            // A line that was cut off tells of a block that is run again.
            file.set_len(whole as u64).map_err(failed)?;
        }
        let mut lines = text[..whole].lines();
        let mut done = 0;
        match lines.next() {
            None => append(&mut file, &header.line()).map_err(failed)?,
            Some(first) => {
                if Header::parse(first).map_err(|error| format!("{shown}: {error}"))? != *header {
                    return Err(format!(
                        "{shown}: it tells of other runs, and is left as it is; name another folder"
                    ));
                }
                for line in lines {
                    done += Block::parse(line).map_err(|error| format!("{shown}: {error}"))?.runs();
                }
            }
        }
        let file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        Ok(ShardFile { file, done })
    }

    fn append(&mut self, summary: &Summary) -> Result<(), String> {
        append(&mut self.file, &Block::of(summary).line()).map_err(|error| error.to_string())?;
        self.done += summary.runs;
        Ok(())
    }
}

fn append(file: &mut File, line: &str) -> std::io::Result<()> {
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()
}

/// Runs `merge`.
pub fn merge(arguments: &Merge, console: &mut Console) -> Exit {
    let (simulate, summary) = match read_all(&arguments.files) {
        Ok(read) => read,
        Err(problem) => {
            console.error(&problem);
            return Exit::BadInput;
        }
    };
    let simulate = Simulate {
        story: arguments.story,
        save: arguments.save.clone(),
        json: arguments.json,
        ..simulate
    };
    let mut scenario = match source::load(&simulate.scenario) {
        Ok(scenario) => scenario,
        Err(failure) => return source::fail(console, &failure, arguments.json),
    };
    let changed = simulate.perturbation.apply(&mut scenario);
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

/// Reads the files of all shards.
fn read_all(files: &[PathBuf]) -> Result<(Simulate, Summary), String> {
    let mut shards: BTreeMap<u64, (Header, Summary, PathBuf)> = BTreeMap::new();
    for path in paths(files)? {
        let (header, summary) = read(&path)?;
        if let Some((_, _, other)) = shards.get(&header.shard) {
            return Err(format!(
                "{} and {}: both are shard {}",
                other.display(),
                path.display(),
                header.shard
            ));
        }
        shards.insert(header.shard, (header, summary, path));
    }
    let Some((first, _, _)) = shards.values().next() else {
        return Err("there is no shard's file (shard-I-of-N.jsonl)".to_owned());
    };
    let first = first.clone();
    let simulate = simulate(&first)?;
    let mut sum = Summary::default();
    for number in 1..=first.of {
        let Some((header, summary, path)) = shards.get(&number) else {
            return Err(format!("shard {number} of {} is missing", first.of));
        };
        if !header.same_sweep(&first) {
            return Err(format!("{}: it is a shard of another sweep", path.display()));
        }
        let seeds = Part::new(number, first.of)?.seeds(simulate.all_seeds());
        if summary.runs > seeds.count() {
            return Err(format!(
                "{}: it tells of {}, but has only {}",
                path.display(),
                count(summary.runs, "run"),
                count(seeds.count(), "seed")
            ));
        }
        if summary.runs != seeds.count() {
            return Err(format!(
                "{}: it tells of {} of {}; run the shard again, it goes on where it was",
                path.display(),
                summary.runs,
                count(seeds.count(), "run")
            ));
        }
        sum.merge(summary);
    }
    match shards.keys().find(|&&number| number > first.of) {
        Some(number) => Err(format!("there is no shard {number} of {}", first.of)),
        None => Ok((simulate, sum)),
    }
}

/// The arguments that a sweep was begun with.
fn simulate(header: &Header) -> Result<Simulate, String> {
    let words = ["brokerproof".to_owned()].into_iter().chain(header.command.iter().cloned());
    match Cli::try_parse_from(words).map(|cli| cli.verb) {
        Ok(Some(Verb::Simulate(simulate))) => {
            let loaded = source::load(&simulate.scenario).map_err(|error| error.to_string());
            let mut scenario = loaded?;
            simulate.perturbation.apply(&mut scenario);
            if !header.is_about(&write(&scenario)) {
                return Err(format!("{}: it has changed since the shards were run", scenario.path));
            }
            Ok(*simulate)
        }
        _ => Err("the shards were written by another version".to_owned()),
    }
}

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

fn read(path: &Path) -> Result<(Header, Summary), String> {
    let wrong = |error: String| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let mut lines = text[..whole].lines();
    let header = lines.next().ok_or_else(|| wrong("it is empty".to_owned()))?;
    let header = Header::parse(header).map_err(wrong)?;
    let mut summary = Summary::default();
    for line in lines {
        summary.merge(&Block::parse(line).and_then(|block| block.summary()).map_err(wrong)?);
    }
    Ok((header, summary))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(variables: &[(&str, &str)], of: Option<u64>) -> Result<Part, String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        automatic(&|name| variables.get(name).map(|&text| text.to_owned()), of)
    }

    #[test]
    fn schedulers_say_which_part() {
        let part = |number, of| Ok(Part { number, of });
        assert_eq!(auto(&[("JOB_COMPLETION_INDEX", "0")], Some(4)), part(1, 4));
        assert!(auto(&[("JOB_COMPLETION_INDEX", "0")], None).is_err());
        let slurm = [
            ("SLURM_ARRAY_TASK_ID", "14"),
            ("SLURM_ARRAY_TASK_MIN", "10"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert_eq!(auto(&slurm, None), part(3, 3));
        assert_eq!(auto(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")], None), part(2, 5));
        let buildkite = [("BUILDKITE_PARALLEL_JOB", "0"), ("BUILDKITE_PARALLEL_JOB_COUNT", "2")];
        assert_eq!(auto(&buildkite, None), part(1, 2));
        assert!(auto(&[("CIRCLE_NODE_INDEX", "2"), ("CIRCLE_NODE_TOTAL", "2")], None).is_err());
        assert!(auto(&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "2")], None).is_err());
        assert!(auto(&[], Some(2)).is_err());
    }

    #[test]
    fn shards_are_the_same_seeds_for_every_count() {
        let all = Seeds { first: 3, end: 103, stride: 1 };
        for of in 1..=7 {
            let mut seen = Vec::new();
            for number in 1..=of {
                let seeds = Part::new(number, of).expect("a part").seeds(all);
                let mut done = 0;
                while done < seeds.count() {
                    let block = seeds.block(done, 5);
                    seen.extend((block.first..block.end).step_by(of as usize));
                    done += block.count();
                }
            }
            seen.sort_unstable();
            assert_eq!(seen, (3..103).collect::<Vec<u64>>(), "{of} shards");
        }
    }
}
