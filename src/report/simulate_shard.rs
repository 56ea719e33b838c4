//! The lines of a shard's file: JSON, one about the sweep, then one for each block of runs.

use serde::{Deserialize, Serialize};

use crate::guarantee::{Anomaly, Finding, Subject};
use crate::report::json::FORMAT;
use crate::simulate::{Broken, Strategy, Summary};

/// What a shard's file is about.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Header {
    format: u32,
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

impl Header {
    /// The header of a shard; `text` is the scenario in full.
    pub fn new(scenario: &str, text: &str, command: Vec<String>, shard: u64, of: u64) -> Header {
        let (scenario, digest) = (scenario.to_owned(), digest(text));
        Header { format: FORMAT, scenario, digest, command, shard, of }
    }

    /// Its line.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a struct of numbers and texts")
    }

    /// Reads a line.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(line: &str) -> Result<Header, String> {
        let header: Header = serde_json::from_str(line)
            .map_err(|error| format!("line 1 is not that of a shard: {error}"))?;
        if header.format != FORMAT || header.of == 0 || header.shard == 0 {
            return Err(format!("line 1: expected format {FORMAT} and a shard of some"));
        }
        Ok(header)
    }

    /// Whether both are of the same sweep.
    pub fn same_sweep(&self, other: &Header) -> bool {
        Header { shard: other.shard, ..self.clone() } == *other
    }

    /// Whether the scenario says this.
    pub fn is_about(&self, text: &str) -> bool {
        self.digest == digest(text)
    }
}

/// FNV-1a, 64 bits: it tells texts apart, it does not protect them.
fn digest(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// The sum over a block of runs.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Block {
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
    /// The block of a sum.
    pub fn of(summary: &Summary) -> Block {
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

    /// Its line.
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("a struct of numbers and texts")
    }

    /// Reads a line.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(line: &str) -> Result<Block, String> {
        serde_json::from_str(line).map_err(|error| format!("not a line of a shard: {error}"))
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
