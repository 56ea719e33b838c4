//! `dedup`: every strategy of deduplication on one workload, what it costs and when it errs.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::dedup::DedupError;
use crate::dedup::examine::{Examination, examine, kinds_shown, select};
use crate::dedup::list::{Family, STRATEGIES};
use crate::dedup::measure::{Granularity, durability, sync_rate};
use crate::dedup::render::{
    Bounds, DurableReport, advice, csv, durable_csv, durable_json, durable_text, json, peers_table,
    plot, table,
};
use crate::dedup::sizing::Sizing;
use crate::dedup::trial::{Distance, Plan, Share, Workload};

/// Compare deduplication strategies: speed, memory, records lost and effects repeated.
#[derive(Args, Clone, Debug)]
pub struct Dedup {
    /// Distinct records sent.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub keys: u64,
    /// Keys for strategies and crates on an embedded store, which take minutes for what others do in
    /// seconds: the first so many. What it changes is said in the report.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub store_keys: u64,
    /// Share of duplicates among all messages, 0 to 0.9.
    #[arg(long, default_value = "0.01")]
    pub duplicates: Share,
    /// How far behind its record a duplicate comes: near, ack-retry, block, failover, pareto, webhook,
    /// far, hot, reorder-MEAN, or your own histogram as bins:LOG2=WEIGHT,...
    #[arg(long, default_value = "pareto")]
    pub distance: Distance,
    /// Mean number of messages between two crashes; 0 for none.
    #[arg(long, default_value_t = 20_000)]
    pub crash_every: u64,
    /// Mean number of messages until a rebalance gives the partition to another owner; 0 for never.
    #[arg(long, default_value_t = 0)]
    pub move_every: u64,
    /// Messages between two commits.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub commit_every: u64,
    /// Messages of one poll, for --durability.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    pub batch: u64,
    /// Keys or ticks that windowed strategies remember.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(2..))]
    pub window: u64,
    /// False positives of filters: one new key in so many.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2..))]
    pub one_in: u64,
    /// Producers, each with its own sequence numbers.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub producers: u32,
    /// Bits of each producer's window of sequence numbers; a power of two.
    #[arg(long, default_value_t = 1_024)]
    pub sequence_bits: u32,
    /// Also show memory that is saved every so many messages.
    #[arg(long, default_value_t = 0)]
    pub snapshot_every: u64,
    /// What all random numbers come from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Only these strategies or families (control, keys, filters, sequences, stores, traps).
    #[arg(long, value_delimiter = ',')]
    pub strategy: Vec<String>,
    /// Only counts: read no clock, so that equal input gives equal bytes.
    #[arg(long)]
    pub counts: bool,
    /// Without the crates beside the strategies.
    #[arg(long)]
    pub no_peers: bool,
    /// Instead: the durable ones with one sync for each record, batch and transaction.
    #[arg(long, conflicts_with_all = ["counts", "svg"])]
    pub durability: bool,
    /// Recommend with at most so many bytes of main memory a key.
    #[arg(long)]
    pub max_memory: Option<f64>,
    /// Recommend with at most this share of records lost.
    #[arg(long, default_value_t = 0.0)]
    pub max_lost: f64,
    /// Recommend with at most this share of records repeated.
    #[arg(long, default_value_t = 0.0)]
    pub max_repeated: f64,
    /// Where durable strategies make their files, removed afterwards; the system's place for temporary
    /// files if not given. It should lie on the disk that matters.
    #[arg(long)]
    pub directory: Option<PathBuf>,
    /// Print JSON; JSON.md describes each field.
    #[arg(long, group = "form")]
    pub json: bool,
    /// Print CSV.
    #[arg(long, group = "form")]
    pub csv: bool,
    /// Print a picture (SVG): cost against leaked duplicates.
    #[arg(long, group = "form", conflicts_with = "counts")]
    pub svg: bool,
}

/// Why nothing was printed, or not all.
#[derive(Debug)]
pub enum DedupFailure {
    /// A name that is neither a strategy nor a family.
    Unknown(String),
    /// Sizes that make no sense.
    Usage(DedupError),
    /// A strategy or crate failed.
    Failed(DedupError),
    /// Files cannot be made in this directory.
    Directory(PathBuf, io::Error),
    /// The output could not be written.
    Output(io::Error),
}

impl fmt::Display for DedupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DedupFailure::Unknown(name) => {
                let rows = STRATEGIES.iter().map(|row| row.name);
                let names: Vec<&str> = rows.chain(Family::ALL.map(Family::name)).collect();
                let nearest = names.iter().min_by_key(|known| distance(known, name));
                let nearest = nearest.map_or("", |nearest| nearest);
                write!(
                    f,
                    "no strategy is called {name:?}; the nearest is {nearest:?}. There are "
                )?;
                f.write_str(&names.join(", "))
            }
            DedupFailure::Usage(error) | DedupFailure::Failed(error) => error.fmt(f),
            DedupFailure::Directory(path, error) => {
                writeln!(f, "{}: no files can be made here: {error}", path.display())?;
                f.write_str("  help: name another place with --directory")
            }
            DedupFailure::Output(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DedupFailure {}

impl DedupFailure {
    /// Whether the user can mend it: bad input or usage, exit code 254; else our own error, 255.
    pub fn is_usage(&self) -> bool {
        use DedupFailure::{Directory, Unknown, Usage};
        matches!(self, Unknown(_) | Usage(_) | Directory(..))
    }
}

impl From<DedupError> for DedupFailure {
    fn from(error: DedupError) -> DedupFailure {
        match error {
            DedupError::Sizing(_) => DedupFailure::Usage(error),
            _ => DedupFailure::Failed(error),
        }
    }
}

impl From<io::Error> for DedupFailure {
    fn from(error: io::Error) -> DedupFailure {
        DedupFailure::Output(error)
    }
}

/// Edits that turn one name into another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (place, letter) in from.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], place + 1);
        for column in 0..to.len() {
            let change = corner + usize::from(to[column] != letter);
            corner = row[column + 1];
            row[column + 1] = change.min(row[column] + 1).min(corner + 1);
        }
    }
    row[to.len()]
}

/// Runs the verb: the report to standard output, what is being done to a line of standard error.
pub fn verb(args: &Dedup, console: &mut Console) -> Exit {
    let spinner = console.spinner();
    let mut out = Vec::new();
    let width = console.style.width;
    let outcome = run(args, width, &mut out, &mut |doing| {
        spinner.set_message(doing.to_string());
        spinner.tick();
    });
    spinner.finish_and_clear();
    match outcome {
        Ok(()) => {
            console.print(&String::from_utf8_lossy(&out));
            Exit::AsExpected
        }
        Err(failure) => {
            console.error(&failure.to_string());
            if failure.is_usage() { Exit::BadInput } else { Exit::OurError }
        }
    }
}

/// Measures and writes the report to `out`, for people in lines of `width`, what is being done to
/// `progress`.
///
/// # Errors
/// [`DedupFailure`]; nothing is printed unless the failure is one of output.
pub fn run(
    args: &Dedup,
    width: usize,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(&str),
) -> Result<(), DedupFailure> {
    let names: Vec<&str> = args.strategy.iter().map(String::as_str).collect();
    let rows = select(&names).map_err(|name| DedupFailure::Unknown(name.to_string()))?;
    let place = Place::new(args)?;
    let text = if args.durability {
        durable(args, &place, width, progress)?
    } else {
        let snapshots = args.snapshot_every > 0;
        let rows = rows.into_iter().map(|row| (row, kinds_shown(row, snapshots))).collect();
        compared(args, rows, &place, width, progress)?
    };
    out.write_all(text.as_bytes())?;
    Ok(())
}

type Rows = Vec<(&'static crate::dedup::list::Strategy, Vec<crate::dedup::Kind>)>;

fn compared(
    args: &Dedup,
    rows: Rows,
    place: &Place,
    width: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<String, DedupFailure> {
    let examination = Examination {
        rows,
        workload: workload(args),
        plan: Plan {
            commit_every: args.commit_every,
            crash_every: args.crash_every,
            move_every: args.move_every,
        },
        sizing: sizing(args),
        store_keys: args.store_keys,
        timed: !args.counts,
        peers: !args.no_peers,
    };
    let report = examine(&examination, machine(), &place.directory, progress)?;
    let bounds = Bounds {
        memory_per_key: args.max_memory,
        lost: args.max_lost,
        repeated: args.max_repeated,
    };
    Ok(if args.json {
        json(&report)
    } else if args.csv {
        csv(&report)
    } else if args.svg {
        plot(&report).unwrap_or_default()
    } else {
        let advice = advice(&report, &bounds, width);
        format!("{}\n{}\n{advice}", table(&report, width), peers_table(&report, width))
    })
}

fn durable(
    args: &Dedup,
    place: &Place,
    width: usize,
    progress: &mut dyn FnMut(&str),
) -> Result<String, DedupFailure> {
    let (workload, sizing) = (workload(args), sizing(args));
    let mut rows = Vec::new();
    for granularity in Granularity::all(args.batch, args.commit_every) {
        let told =
            |name: &str| progress(&format!("{name}, one sync for each {}", granularity.name));
        let (most, place) = (args.store_keys, &place.directory);
        rows.extend(durability(granularity, &sizing, &workload, most, place, told)?);
    }
    let syncs_per_second = sync_rate(&place.directory)?;
    let (keys, store_keys) = (args.keys, args.keys.min(args.store_keys));
    let report = DurableReport { machine: machine(), keys, store_keys, syncs_per_second, rows };
    Ok(if args.json {
        durable_json(&report)
    } else if args.csv {
        durable_csv(&report)
    } else {
        durable_text(&report, width)
    })
}

fn workload(args: &Dedup) -> Workload {
    Workload {
        keys: args.keys,
        duplicates: args.duplicates,
        distance: args.distance.clone(),
        producers: args.producers,
        delayed_by: 0,
        seed: args.seed,
    }
}

fn sizing(args: &Dedup) -> Sizing {
    Sizing {
        keys: args.keys,
        window: args.window,
        one_in: args.one_in,
        producers: args.producers,
        sequence_bits: args.sequence_bits,
        snapshot_every: args.snapshot_every,
    }
}

/// A new directory for files, removed at the end.
struct Place {
    directory: PathBuf,
}

impl Place {
    fn new(args: &Dedup) -> Result<Place, DedupFailure> {
        let parent = args.directory.clone().unwrap_or_else(std::env::temp_dir);
        let unusable = |error| DedupFailure::Directory(parent.clone(), error);
        fs::create_dir_all(&parent).map_err(unusable)?;
        let mut turn = 0;
        loop {
            let name = format!("brokerproof-dedup-{}-{turn}", std::process::id());
            let directory = parent.join(name);
            match fs::create_dir(&directory) {
                Ok(()) => return Ok(Place { directory }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => turn += 1,
                Err(error) => return Err(unusable(error)),
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nothing can be done about a directory that does not go; its files are gone already.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The machine in words, for reports.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, model)| model.trim());
    let processors = std::thread::available_parallelism().map_or(1, |count| count.get());
    let (system, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let build = if cfg!(debug_assertions) { ", built without optimization" } else { "" };
    format!("{model}, {processors} processors, {system} {architecture}{build}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        dedup: Dedup,
    }

    fn printed(line: &str) -> Result<String, DedupFailure> {
        let words = std::iter::once("dedup").chain(line.split_whitespace());
        let args = Line::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).dedup;
        let mut out = Vec::new();
        run(&args, 100, &mut out, &mut |_| {})?;
        Ok(String::from_utf8(out).unwrap())
    }

    const SMALL: &str = "--keys 2000 --crash-every 3000 --commit-every 100 --window 500";

    #[test]
    fn the_json_has_the_promised_fields() {
        let text = printed(&format!("{SMALL} --json --strategy keys,append-log")).unwrap();
        let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        let sorted = |mut names: Vec<&str>| {
            names.sort_unstable();
            names.into_iter().map(String::from).collect::<Vec<String>>()
        };
        let mut top = keys(&whole);
        top.sort();
        assert_eq!(top, sorted(vec!["format", "machine", "keys", "duplicates", "runs", "peers"]));
        let mut run = keys(&whole["runs"][0]);
        run.sort();
        let promised = "strategy kind keys messages_per_second bytes_per_key p50_ns p99_ns \
                        wrongly_dropped let_through predicted_dropped predicted_let_through \
                        recovery_ns_per_key";
        assert_eq!(run, sorted(promised.split_whitespace().collect()));
        let mut peer = keys(&whole["peers"][0]);
        peer.sort();
        let promised = "crate version form keys messages_per_second bytes_per_key";
        assert_eq!(peer, sorted(promised.split_whitespace().collect()));
        assert_eq!(whole["keys"], 2_000);
        assert_eq!(whole["duplicates"], 0.01);
        assert!(whole["runs"].as_array().unwrap().len() >= 6);
        assert!(whole["runs"][0]["messages_per_second"].as_f64().unwrap() > 0.0);
    }

    #[test]
    fn counts_are_the_same_bytes_twice_in_every_form() {
        for form in ["", "--json", "--csv"] {
            let line = format!("{SMALL} --counts --snapshot-every 500 --distance near {form}");
            assert_eq!(printed(&line).unwrap(), printed(&line).unwrap());
        }
        let with = |seed| printed(&format!("{SMALL} --counts --csv --seed {seed}")).unwrap();
        assert_ne!(with(1), with(2));
    }

    #[test]
    fn the_text_recommends_and_says_why_not() {
        let text = printed(&format!("{SMALL} --counts --strategy none,datastore")).unwrap();
        assert!(text.contains("Use datastore (durable-with)"), "{text}");
        assert!(text.contains("not none (volatile): repeated"), "{text}");
        assert!(text.contains("not datastore (durable-before): lost"), "{text}");
        // No crash came, but one might have.
        let line = "--keys 2000 --crash-every 100000 --commit-every 1000 --counts --seed 3";
        let text = printed(&format!("{line} --strategy exact-set,datastore")).unwrap();
        assert!(text.contains("not exact-set (volatile): repeated 0 here, but "), "{text}");
    }

    #[test]
    fn the_picture_names_every_strategy() {
        let text = printed(&format!("{SMALL} --svg --no-peers --strategy keys,traps")).unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
        for name in ["exact-set", "fingerprints", "recent-set", "cache-window"] {
            assert!(text.contains(name), "{name}");
        }
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }

    #[test]
    fn durability_has_a_row_for_each_granularity() {
        let line = "--keys 300 --batch 50 --commit-every 100 --durability --csv";
        let text = printed(line).unwrap();
        for granularity in ["record,1,", "batch,50,", "transaction,100,"] {
            assert!(text.contains(&format!("append-log,false,{granularity}")), "{text}");
        }
    }

    #[test]
    fn embedded_stores_get_fewer_keys_and_it_is_said() {
        let line =
            "--keys 3000 --store-keys 500 --counts --strategy exact-set,append-log,datastore";
        let text = printed(&format!("{line} --csv")).unwrap();
        let keys = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.split(',').nth(3).unwrap()
        };
        assert_eq!(["exact-set", "append-log", "datastore"].map(keys), ["3000", "3000", "500"]);
        let said = "embedded stores only the first 500 keys";
        assert!(printed(line).unwrap().contains(said));
        let none = printed("--keys 3000 --store-keys 500 --counts --strategy exact-set").unwrap();
        assert!(!none.contains("embedded stores"), "{none}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let line = "--keys 2000 --batch 50 --commit-every 100";
        for more in ["--counts", "--strategy exact-set,datastore", "--durability"] {
            let words = format!("dedup {line} {more}");
            let args = Line::try_parse_from(words.split_whitespace()).unwrap().dedup;
            let mut out = Vec::new();
            run(&args, 80, &mut out, &mut |_| {}).unwrap();
            let text = String::from_utf8(out).unwrap();
            let wide = text.lines().find(|line| line.chars().count() > 80);
            assert!(wide.is_none(), "{more}: {wide:?}");
        }
    }

    #[test]
    fn bad_input_is_named() {
        let error = printed("--strategy blom --counts").unwrap_err();
        assert!(
            error.is_usage() && error.to_string().contains("the nearest is \"bloom\""),
            "{error}"
        );
        let error = printed("--keys 10 --sequence-bits 100 --counts").unwrap_err();
        assert!(error.is_usage(), "{error}");
        let error = printed("--keys 10 --crash-every 3 --counts").unwrap_err();
        assert!(error.is_usage(), "{error}");
        let error = printed("--keys 10 --counts --directory /dev/null/x").unwrap_err();
        assert!(error.is_usage() && error.to_string().starts_with("/dev/null/x: "), "{error}");
    }
}
