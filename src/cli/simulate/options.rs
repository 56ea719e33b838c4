//! Arguments of `simulate`, and how they change a scenario and what is drawn.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::cli::check::Stories;
use crate::cli::simulate::cost::Costing;
use crate::fault::FaultId;
use crate::guarantee::Level;
use crate::scenario::{Scenario, nearest};
use crate::simulate::{Asked, Limits, Micros, Pace, Seeds, Spread, Strategy, When};

/// Arguments of `simulate`.
#[derive(Args, Clone, Debug)]
pub struct Simulate {
    /// The scenario: a TOML file, or the name of a bundled model.
    #[arg(value_name = "FILE")]
    pub scenario: PathBuf,
    /// One run: what it draws is said first.
    #[arg(long, value_name = "N", conflicts_with = "seeds", value_parser = clap::value_parser!(u64).range(..u64::MAX))]
    pub seed: Option<u64>,
    /// Runs of these seeds, first and last included.
    #[arg(long, value_name = "A..B", default_value = "1..1000", value_parser = seeds)]
    pub seeds: Seeds,
    /// How runs are perturbed.
    #[command(flatten)]
    pub perturbation: Perturbation,
    /// What a level costs.
    #[command(flatten)]
    pub costing: Costing,
    /// Runs at a time; as many as there are processors by default. The output is the same for any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Not as expected if a run refutes this level (no-guarantee, at-most-once, at-least-once,
    /// effectively-once), whatever the scenario claims.
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub require: Option<Level>,
    /// What is told and kept of it.
    #[command(flatten)]
    pub telling: Told,
    /// Runs only each n-th seed, beginning with the i-th, and writes what they show into the folder of
    /// --out, for `merge`, which tells it. `auto`: from the variables of Kubernetes (JOB_COMPLETION_INDEX),
    /// Slurm (SLURM_ARRAY_TASK_ID), AWS Batch, GitLab (CI_NODE_INDEX), Buildkite or CircleCI, the first of them
    /// that is set.
    #[arg(long, value_name = "I/N", requires = "out", conflicts_with = "seed")]
    pub shard: Option<String>,
    /// How many shards there are, where `--shard auto` cannot know it (Kubernetes).
    #[arg(long, value_name = "N", requires = "shard")]
    pub of: Option<u64>,
    /// The folder for what a shard shows. A shard that was interrupted goes on where it was; exit code 2 until
    /// all its runs are done.
    #[arg(long, value_name = "FOLDER", requires = "shard")]
    pub out: Option<PathBuf>,
    /// Says how long it took.
    #[arg(long)]
    pub timings: bool,
}

/// What is told of a sweep, and kept of what it breaks.
#[derive(Args, Clone, Debug)]
pub struct Told {
    /// Which stories to tell.
    #[arg(long, value_name = "WHICH", default_value = "level")]
    pub story: Stories,
    /// States that a search may look at to certify that nothing shorter breaks a guarantee.
    #[arg(long, value_name = "N", default_value_t = crate::decide::certify::STATES)]
    pub certify: u64,
    /// Writes the schedules of what breaks into this folder; never over a file that says something else.
    #[arg(long, value_name = "FOLDER")]
    pub save: Option<PathBuf>,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
}

impl Told {
    /// Whether what is to be saved is told as well: only then is it made small.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self) -> Result<(), String> {
        match (&self.save, self.story) {
            (Some(_), Stories::None) => {
                Err("--save keeps the runs whose stories are told, and --story none tells none"
                    .into())
            }
            _ => Ok(()),
        }
    }
}

/// How runs are perturbed, and how far.
#[derive(Args, Clone, Debug)]
pub struct Perturbation {
    /// How to choose what comes next: uniform, random, fifo, swarm, pct, clocks; drawn per seed by default.
    #[arg(long, value_name = "NAME", value_parser = strategy)]
    pub strategy: Option<Strategy>,
    /// No fault strikes after so many steps; the run goes on to rest.
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,
    /// No fault strikes after so much virtual time (500ms, 10s, 5min, 2h); the run goes on to rest. This, --every, --at
    /// and --network choose the strategy clocks: with the others time stands still.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub time: Option<Micros>,
    /// So many faults in a run instead of those of the scenario.
    #[arg(long, value_name = "N")]
    pub faults: Option<u32>,
    /// These kinds of faults instead of those of the scenario.
    #[arg(long, value_name = "KIND,..", value_delimiter = ',', value_parser = kind)]
    pub kinds: Vec<FaultId>,
    /// So many records of each source instead of those of the scenario; memory grows with the log and the
    /// faults alone, so a million is no trouble.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST_RECORDS))]
    pub records: Option<u32>,
    /// A fault before each step with this chance, for instance 1/50.
    #[arg(long, value_name = "A/B", value_parser = chance, conflicts_with_all = ["every", "at"])]
    pub chance: Option<(u32, u32)>,
    /// Faults at random times with this mean between them.
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "at")]
    pub every: Option<Micros>,
    /// So many faults at a time.
    #[arg(
        long, value_name = "N", requires = "every", conflicts_with_all = ["at", "chance"],
        default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub burst: u32,
    /// This fault at this time, or as soon afterwards as it finds something to strike, and no others; may be repeated:
    /// --at "12s crash-broker".
    #[arg(
        long, value_name = "TIME KIND", value_parser = at, conflicts_with_all = ["faults", "kinds"]
    )]
    pub at: Vec<(Micros, FaultId)>,
    /// How long a message travels: from..to each as likely, or least+mean for an exponential rest.
    #[arg(long, value_name = "TIMES", value_parser = spread)]
    pub network: Option<Spread>,
}

/// Records are numbered through over all sources.
const MOST_RECORDS: i64 = 100_000_000;

impl Perturbation {
    /// Changes the scenario as the arguments say; whether anything changed.
    pub fn apply(&self, scenario: &mut Scenario) -> bool {
        let before = scenario.setting.clone();
        let faults = &mut scenario.setting.faults;
        let uncapped = faults.total;
        faults.total = self.faults.unwrap_or(uncapped);
        if !self.kinds.is_empty() {
            let named = |kind: &FaultId| (kind.fault().name().to_owned(), faults.total);
            faults.kinds = self.kinds.iter().map(named).collect();
        }
        for (_, cap) in &mut faults.kinds {
            // A cap that was no more than the total is none.
            *cap = if *cap >= uncapped { faults.total } else { (*cap).min(faults.total) };
        }
        if !self.at.is_empty() {
            let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
            for (_, kind) in &self.at {
                *kinds.entry(kind.fault().name()).or_default() += 1;
            }
            faults.total = kinds.values().sum();
            faults.kinds = kinds.into_iter().map(|(kind, cap)| (kind.to_owned(), cap)).collect();
        }
        if let Some(records) = self.records {
            scenario.setting.sources.iter_mut().for_each(|source| source.records = records);
        }
        scenario.setting != before
    }

    /// The option that means nothing where time stands still.
    fn timed(&self) -> Option<&'static str> {
        let given = [
            ("--every", self.every.is_some()),
            ("--at", !self.at.is_empty()),
            ("--time", self.time.is_some()),
            ("--network", self.network.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    /// Whether the arguments fit each other and the scenario, to which they were applied.
    ///
    /// # Errors
    /// What has no effect.
    pub fn check(&self, scenario: &Scenario) -> Result<(), String> {
        if let (Some(option), Some(strategy)) = (self.timed(), self.strategy)
            && strategy != Strategy::Clocks
        {
            let strategy = strategy.name();
            return Err(format!(
                "with the strategy {strategy} time stands still, and {option} has no effect: say --strategy \
                 clocks, or leave --strategy out"
            ));
        }
        let late = self.at.iter().find(|(at, _)| self.time.is_some_and(|end| *at > end));
        if let Some((_, kind)) = late {
            return Err(format!(
                "--at: {} would strike behind the end of --time",
                kind.fault().name()
            ));
        }
        if self.faults == Some(0) && (!self.kinds.is_empty() || self.every.is_some()) {
            return Err("--faults 0: then no kind of fault strikes, at no time".into());
        }
        let fixed = scenario.setting.fixed();
        let named = self.kinds.iter().chain(self.at.iter().map(|(_, kind)| kind));
        match named.into_iter().find(|kind| !kind.fault().may_strike(fixed)) {
            Some(kind) => {
                Err(format!("{} finds nothing to strike in {}", kind.fault().name(), scenario.path))
            }
            None => Ok(()),
        }
    }

    /// What is not drawn.
    pub fn asked(&self) -> Asked {
        let when = if let Some((part, whole)) = self.chance {
            Some(When::Chance { from: 0, part, whole })
        } else if let Some(every) = self.every {
            Some(When::Rate { every, burst: self.burst })
        } else if self.at.is_empty() {
            None
        } else {
            let mut times: Vec<_> = self.at.iter().map(|&(t, fault)| (t, fault, None)).collect();
            times.sort_by_key(|&(time, ..)| time);
            Some(When::Times(times))
        };
        let clocks = self.timed().map(|_| Strategy::Clocks);
        Asked { strategy: self.strategy.or(clocks), when }
    }

    /// How far the perturbed part goes.
    pub fn limits(&self) -> Limits {
        Limits { steps: self.steps, time: self.time }
    }

    /// How long things take.
    pub fn pace(&self) -> Pace {
        let mut pace = Pace::default();
        pace.network = self.network.unwrap_or(pace.network);
        pace
    }
}

impl Simulate {
    /// The seeds of all runs, shards aside.
    pub fn all_seeds(&self) -> Seeds {
        self.seed.map_or(self.seeds, |seed| Seeds { first: seed, end: seed + 1, stride: 1 })
    }
}

impl Simulate {
    /// The words that say the same: which runs, or the run of one seed, and how they are perturbed.
    pub fn command_line(&self, one: Option<u64>) -> Vec<String> {
        let mut words = vec!["simulate".to_owned(), self.scenario.display().to_string()];
        let seeds = self.all_seeds();
        match one.or(self.seed) {
            Some(seed) => words.push(format!("--seed={seed}")),
            None => words.push(format!("--seeds={}..{}", seeds.first, seeds.end - 1)),
        }
        let perturbation = &self.perturbation;
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.map(|value| format!("--{name}={value}")));
        };
        option("strategy", perturbation.strategy.map(|strategy| strategy.name().to_owned()));
        option("steps", perturbation.steps.map(|steps| steps.to_string()));
        option("time", perturbation.time.map(written));
        option("faults", perturbation.faults.map(|faults| faults.to_string()));
        let kinds: Vec<&str> = perturbation.kinds.iter().map(|kind| kind.fault().name()).collect();
        option("kinds", (!kinds.is_empty()).then(|| kinds.join(",")));
        option("records", perturbation.records.map(|records| records.to_string()));
        option("chance", perturbation.chance.map(|(part, whole)| format!("{part}/{whole}")));
        option("every", perturbation.every.map(written));
        let bursts = perturbation.every.is_some() && perturbation.burst != 1;
        option("burst", bursts.then(|| perturbation.burst.to_string()));
        for &(time, fault) in &perturbation.at {
            option("at", Some(format!("{} {}", written(time), fault.fault().name())));
        }
        let network = perturbation.network.map(|spread| match spread {
            Spread::Uniform(least, most) => format!("{}..{}", written(least), written(most)),
            Spread::Exponential(least, mean) => format!("{}+{}", written(least), written(mean)),
        });
        option("network", network);
        option("require", self.require.map(|level| level.name().to_owned()));
        words
    }
}

fn seeds(text: &str) -> Result<Seeds, String> {
    let expected = || "expected first..last, for instance 1..100000".to_owned();
    let (first, last) = text.split_once("..").ok_or_else(expected)?;
    let last = last.strip_prefix('=').unwrap_or(last);
    let number = |text: &str| text.trim().replace('_', "").parse::<u64>().map_err(|_| expected());
    let (first, last) = (number(first)?, number(last)?);
    if last < first {
        return Err(format!("there is none: the last ({last}) is below the first ({first})"));
    }
    if last == u64::MAX {
        return Err(format!("the largest seed is {}", u64::MAX - 1));
    }
    Ok(Seeds { first, end: last + 1, stride: 1 })
}

/// The units of durations, in microseconds, the longest first.
const UNITS: &[(&str, Micros)] =
    &[("h", 3_600_000_000), ("min", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)];

/// A duration as [`time`] reads it, in the longest unit of which it is a whole number.
fn written(time: Micros) -> String {
    let whole = UNITS.iter().find(|(_, unit)| time > 0 && time.is_multiple_of(*unit));
    let (name, unit) = whole.unwrap_or(&("s", 1));
    format!("{}{name}", time / unit)
}

/// Reads a duration: `500ms`.
pub fn time(text: &str) -> Result<Micros, String> {
    let expected = || format!("expected a duration like 500ms, 10s, 5min or 2h, found `{text}`");
    let digits = text.trim().find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.trim().split_at(digits.ok_or_else(expected)?);
    let unit = if unit.trim() == "m" { "min" } else { unit.trim() };
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(expected)?;
    let number: u64 = number.parse().map_err(|_| expected())?;
    number.checked_mul(*factor).ok_or_else(expected)
}

fn spread(text: &str) -> Result<Spread, String> {
    if let Some((least, most)) = text.split_once("..") {
        let (least, most) = (time(least)?, time(most)?);
        if least > most {
            return Err("expected the shorter time first".to_owned());
        }
        return Ok(Spread::Uniform(least, most));
    }
    match text.split_once('+') {
        Some((least, mean)) => Ok(Spread::Exponential(time(least)?, time(mean)?)),
        None => time(text).map(|time| Spread::Uniform(time, time)),
    }
}

fn chance(text: &str) -> Result<(u32, u32), String> {
    let expected = || "expected a chance like 1/50".to_owned();
    let (part, whole) = text.split_once('/').ok_or_else(expected)?;
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| expected());
    let (part, whole) = (number(part)?, number(whole)?);
    if whole == 0 || part > whole {
        return Err(expected());
    }
    Ok((part, whole))
}

fn kind(text: &str) -> Result<FaultId, String> {
    let names = || crate::fault::FAULTS.iter().map(|fault| fault.name());
    FaultId::named(text.trim()).ok_or_else(|| match nearest(text, names()) {
        Some(near) => format!("there is no such fault; did you mean `{near}`?"),
        None => "there is no such fault; `brokerproof list faults` shows all".to_owned(),
    })
}

fn at(text: &str) -> Result<(Micros, FaultId), String> {
    let expected = || "expected a time and a fault like \"12s crash-broker\"".to_owned();
    let (when, what) = text.trim().split_once(char::is_whitespace).ok_or_else(expected)?;
    Ok((time(when)?, kind(what)?))
}

fn strategy(text: &str) -> Result<Strategy, String> {
    let names: Vec<&str> = Strategy::ALL.iter().map(|strategy| strategy.name()).collect();
    let found = Strategy::ALL.iter().find(|strategy| strategy.name() == text).copied();
    found.ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

/// Reads the name of a level.
pub(super) fn level(text: &str) -> Result<Level, String> {
    let names: Vec<&str> = Level::ALL.iter().map(|level| level.name()).collect();
    let found = Level::ALL.iter().find(|level| level.name() == text).copied();
    found.ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

/// Which stories are told of a sweep.
pub fn wanted(stories: Stories) -> &'static [crate::guarantee::Guarantee] {
    use crate::guarantee::Guarantee;
    match stories {
        Stories::None => &[],
        Stories::Level => &[Guarantee::AtMost, Guarantee::AtLeast],
        Stories::All => Guarantee::ALL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_or_refused() {
        assert_eq!(time("500ms"), Ok(500_000));
        assert_eq!(time("2h"), Ok(7_200_000_000));
        assert!(time("12").is_err() && time("s").is_err() && time("99999999999999999h").is_err());
        assert_eq!(seeds("1..3").map(|seeds| seeds.count()), Ok(3));
        assert!(seeds("3..1").is_err() && seeds("x").is_err());
        assert_eq!(spread("1ms..2ms"), Ok(Spread::Uniform(1_000, 2_000)));
        assert_eq!(spread("1ms+2ms"), Ok(Spread::Exponential(1_000, 2_000)));
        assert!(spread("2ms..1ms").is_err());
        assert_eq!(chance("1/50"), Ok((1, 50)));
        assert!(chance("2/1").is_err() && chance("1/0").is_err());
        assert_eq!(at("12s crash-broker").map(|(time, _)| time), Ok(12_000_000));
        assert!(at("12s crash-borker").is_err_and(|error| error.contains("crash-broker")));
    }
}
