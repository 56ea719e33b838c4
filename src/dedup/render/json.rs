//! The table of an examination, as JSON.

use serde::Serialize;

use super::numbers::rounded;
use crate::dedup::examine::{Report, Run};
use crate::dedup::measure::{PeerSpeed, Speed};

#[derive(Serialize)]
struct Whole<'a> {
    format: u32,
    machine: &'a str,
    keys: u64,
    duplicates: f64,
    runs: Vec<Row>,
    peers: Vec<PeerRow<'a>>,
}

#[derive(Serialize)]
struct Row {
    strategy: &'static str,
    kind: &'static str,
    keys: u64,
    messages_per_second: Option<f64>,
    bytes_per_key: Option<f64>,
    p50_ns: Option<u64>,
    p99_ns: Option<u64>,
    wrongly_dropped: u64,
    let_through: u64,
    predicted_dropped: Option<f64>,
    predicted_let_through: Option<f64>,
    recovery_ns_per_key: Option<f64>,
}

#[derive(Serialize)]
struct PeerRow<'a> {
    #[serde(rename = "crate")]
    name: &'a str,
    version: &'a str,
    form: &'static str,
    keys: u64,
    messages_per_second: f64,
    bytes_per_key: f64,
}

fn bytes(speed: &Speed) -> f64 {
    rounded(speed.memory_per_key + speed.disk_per_key, 3)
}

fn row(run: &Run) -> Row {
    let speed = run.speed.as_ref();
    Row {
        strategy: run.strategy,
        kind: run.kind.name(),
        keys: run.outcome.originals,
        messages_per_second: speed.map(|speed| speed.messages_per_second.round()),
        bytes_per_key: speed.map(bytes),
        p50_ns: speed.map(|speed| speed.p50_ns),
        p99_ns: speed.map(|speed| speed.p99_ns),
        wrongly_dropped: run.outcome.wrongly_dropped,
        let_through: run.outcome.let_through,
        predicted_dropped: run.prediction.dropped.map(|form| rounded(form.mean, 6)),
        predicted_let_through: run.prediction.let_through.map(|form| rounded(form.mean, 6)),
        recovery_ns_per_key: speed.and_then(|speed| speed.recovery_ns_per_key),
    }
}

fn peer_row(peer: &PeerSpeed) -> PeerRow<'_> {
    PeerRow {
        name: peer.name,
        version: &peer.version,
        form: peer.doc,
        keys: peer.keys,
        messages_per_second: peer.speed.messages_per_second.round(),
        bytes_per_key: bytes(&peer.speed),
    }
}

/// The table as JSON, format 1. `bytes_per_key` is main memory and disk together; what was not measured
/// and what has no closed form is `null`.
pub fn json(report: &Report) -> String {
    let whole = Whole {
        format: 1,
        machine: &report.machine,
        keys: report.workload.keys,
        duplicates: report.workload.duplicates.fraction(),
        runs: report.runs.iter().map(row).collect(),
        peers: report.peers.iter().map(peer_row).collect(),
    };
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}
