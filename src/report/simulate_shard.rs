//! The lines of a shard's file: JSON, one about the sweep, then one for each block of runs.

use serde::{Deserialize, Serialize};

use crate::guarantee::{Anomaly, Finding, Subject};
use crate::report::simulate_shard_lines::Chain;
use crate::simulate::{Broken, Strategy, Summary};

/// The format of the files; raised whenever a line changes. 1 had no checksums.
const FORMAT: u32 = 2;
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

/// What a shard's file is about.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Header {
    format: u32,
    /// The version of the program: the run of a seed may differ from one to the next.
    program: String,
    /// The path of the scenario.
    pub scenario: String,
    /// A digest of what the scenario says.
    digest: String,
    /// The words of the command, without its shard.
    pub command: Vec<String>,
    /// Which shard, counted from 1.
    pub shard: u64,
    /// Of how many.
    pub of: u64,
}

/// What every version's header says.
#[derive(Deserialize)]
struct Version {
    format: u32,
    program: Option<String>,
}

impl Header {
    /// The header of a shard; `text` is the scenario in full.
    pub fn new(scenario: &str, text: &str, command: Vec<String>, shard: u64, of: u64) -> Header {
        let (scenario, digest) = (scenario.to_owned(), digest(text));
        Header { format: FORMAT, program: PROGRAM.to_owned(), scenario, digest, command, shard, of }
    }

    /// Its line, with which the chain begins.
    pub fn line(&self, chain: &mut Chain) -> String {
        chain.seal(&serde_json::to_string(self).expect("a struct of numbers and texts"))
    }

    /// Whether a line is the header of a version that this one goes on with: itself.
    ///
    /// # Errors
    /// Why not.
    pub fn known(line: &str) -> Result<(), String> {
        let version: Version = serde_json::from_str(line)
            .map_err(|_| "it does not begin as the file of a shard does".to_owned())?;
        let by = version.program.as_deref().unwrap_or("of an earlier version");
        if version.format != FORMAT {
            return Err(format!(
                "a file of format {} (by brokerproof {by}), where this version reads format {FORMAT}: use the \
                 version that began it, or begin anew in another folder",
                version.format
            ));
        }
        if by != PROGRAM {
            return Err(format!(
                "written by brokerproof {by}; this is {PROGRAM}, where the run of a seed may be another: use \
                 the version that began it, or begin anew in another folder"
            ));
        }
        Ok(())
    }

    /// Reads a line without its checksum.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(body: &str) -> Result<Header, String> {
        let header: Header = serde_json::from_str(body)
            .map_err(|error| format!("it is not the first line of a shard: {error}"))?;
        if header.shard == 0 || header.shard > header.of {
            return Err(format!("there is no shard {} of {}", header.shard, header.of));
        }
        Ok(header)
    }

    /// In what another header is not about the same sweep, for people; none if it is.
    pub fn other_sweep(&self, other: &Header) -> Option<String> {
        if self.command != other.command {
            let (own, other) = (self.command.join(" "), other.command.join(" "));
            Some(format!("it is of `{own}`, not of `{other}`"))
        } else if self.digest != other.digest || self.scenario != other.scenario {
            Some(format!("the scenario {} said something else when it was written", self.scenario))
        } else if self.of != other.of {
            Some(format!("it is one of {} shards, not of {}", self.of, other.of))
        } else {
            None
        }
    }

    /// Whether the scenario says this.
    pub fn is_about(&self, text: &str) -> bool {
        self.digest == digest(text)
    }
}

/// It tells texts apart, it does not protect them.
fn digest(text: &str) -> String {
    Chain::default().with(text).digits()
}

/// The sum over a block of runs: those of consecutive seeds of the shard.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The runs of the shard before it.
    place: u64,
    /// The seed of its first run.
    seed: u64,
    runs: u64,
    steps: u64,
    struck: Vec<u64>,
    strategies: Vec<(String, u64)>,
    circles: u64,
    restless: Option<(u64, u64)>,
    broken: Vec<Line>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
struct Line {
    app: Option<usize>,
    anomaly: String,
    runs: u64,
    seed: u64,
    step: u64,
}

impl Block {
    /// The block of a sum: behind how many of the shard's runs, and its first seed.
    pub fn of(summary: &Summary, place: u64, seed: u64) -> Block {
        let line = |(subject, broken): (Subject, &Broken)| Line {
            app: match subject {
                Subject::App(app) => Some(app),
                Subject::Log => None,
            },
            anomaly: broken.finding.anomaly.name().to_owned(),
            runs: broken.runs,
            seed: broken.seed,
            step: broken.step,
        };
        let strategies = summary.strategies.iter();
        Block {
            place,
            seed,
            runs: summary.runs,
            steps: summary.steps,
            struck: summary.struck.clone(),
            strategies: strategies.map(|(s, &runs)| (s.name().to_owned(), runs)).collect(),
            circles: summary.circles,
            restless: summary.restless,
            broken: summary
                .broken
                .iter()
                .map(|(&(subject, _), broken)| line((subject, broken)))
                .collect(),
        }
    }

    /// How many runs it tells of.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Behind how many runs of the shard.
    pub fn place(&self) -> u64 {
        self.place
    }

    /// The seed of its first run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How the line of a block begins, whatever its runs show.
    pub fn begin(place: u64, seed: u64) -> String {
        format!("{{\"place\":{place},\"seed\":{seed},\"runs\":")
    }

    /// Its line, behind those of the chain.
    pub fn line(&self, chain: &mut Chain) -> String {
        chain.seal(&serde_json::to_string(self).expect("a struct of numbers and texts"))
    }

    /// Reads a line without its checksum.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(body: &str) -> Result<Block, String> {
        serde_json::from_str(body).map_err(|error| format!("it is not a line of a shard: {error}"))
    }

    /// The sum again.
    ///
    /// # Errors
    /// A name that this version does not know.
    pub fn summary(&self) -> Result<Summary, String> {
        let mut summary = Summary {
            runs: self.runs,
            steps: self.steps,
            struck: self.struck.clone(),
            circles: self.circles,
            restless: self.restless,
            ..Summary::default()
        };
        for (name, runs) in &self.strategies {
            let strategy = Strategy::ALL.iter().find(|strategy| strategy.name() == name);
            let strategy = strategy.ok_or_else(|| format!("no strategy is called `{name}`"))?;
            summary.strategies.insert(*strategy, *runs);
        }
        for line in &self.broken {
            let anomaly = Anomaly::ALL.iter().find(|anomaly| anomaly.name() == line.anomaly);
            let anomaly =
                *anomaly.ok_or_else(|| format!("no anomaly is called `{}`", line.anomaly))?;
            let subject = line.app.map_or(Subject::Log, Subject::App);
            let finding = Finding { anomaly, subject, payload: None, loss: None };
            let broken = Broken { runs: line.runs, seed: line.seed, finding, step: line.step };
            summary.broken.insert((subject, anomaly.breaks()), broken);
        }
        Ok(summary)
    }
}
