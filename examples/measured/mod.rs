//! What measurements have in common: the machine, the form of their JSON, and the time of the processors.

use std::fs;

use serde::{Deserialize, Serialize};

/// One search that was measured.
#[derive(Clone, Serialize, Deserialize)]
pub struct Run {
    pub model: String,
    pub engine: String,
    pub threads: usize,
    pub distinct: u64,
    pub generated: u64,
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub bytes_per_state: f64,
    pub table_bytes_per_state: Option<f64>,
    pub memo_bytes: Option<u64>,
}

/// How many times as fast as a peer one is.
#[derive(Serialize)]
pub struct Ratio {
    pub model: String,
    pub ours: String,
    pub threads: usize,
    pub peer: String,
    pub ratio: f64,
}

#[derive(Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub system: String,
}

#[derive(Serialize)]
pub struct Output {
    pub machine: Machine,
    pub runs: Vec<Run>,
    pub ratios: Vec<Ratio>,
}

impl Output {
    pub fn json(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map_err(|error| error.to_string())
    }
}

impl Machine {
    /// This one, as far as the system tells.
    pub fn here() -> Machine {
        let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("model name"));
        let name = line.and_then(|line| line.split_once(':'));
        Machine {
            processor: name
                .map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, it)| it.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: std::env::consts::OS.to_owned(),
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}, {} cores, {}", self.processor, self.cores, self.system)
    }
}

/// The processor time of this process, user and system, to the hundredth; 0 where the system does not
/// tell.
pub fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|f| f.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}
