//! The price of durability, as text, JSON and CSV.

use serde::Serialize;

use super::csv::cell;
use super::numbers::{columns, grouped, rate, rounded};
use crate::dedup::measure::Durable;

/// What was measured of durability.
#[derive(Clone, PartialEq, Debug)]
pub struct DurableReport {
    /// The machine, in words.
    pub machine: String,
    /// Distinct keys of the measurement that is not cut short.
    pub keys: u64,
    /// Syncs a second of one page.
    pub syncs_per_second: f64,
    /// The measurements.
    pub rows: Vec<Durable>,
}

/// A table with a line for each strategy or crate and granularity.
pub fn durable_text(report: &DurableReport) -> String {
    let mut rows = vec![
        [
            "strategy or crate",
            "one sync for each",
            "msg/s",
            "commit p50 us",
            "commit p99 us",
            "disk B/key",
            "recovery ns/key",
        ]
        .map(String::from)
        .to_vec(),
    ];
    for row in &report.rows {
        let known = |number: Option<f64>, decimals: usize| {
            number.map_or("-".to_string(), |number| format!("{number:.decimals$}"))
        };
        let granularity = row.granularity;
        rows.push(vec![
            row.name.clone(),
            format!("{} ({})", granularity.name, grouped(granularity.messages)),
            rate(row.speed.messages_per_second),
            known(row.speed.commit_p50_us, 0),
            known(row.speed.commit_p99_us, 0),
            format!("{:.1}", row.speed.disk_per_key),
            known(row.speed.recovery_ns_per_key, 1),
        ]);
    }
    format!(
        "{} keys at most; the disk syncs one written page {} times a second\n{}\n\n{}",
        grouped(report.keys),
        grouped(report.syncs_per_second as u64),
        report.machine,
        columns(&rows, 2),
    )
}

#[derive(Serialize)]
struct Whole<'a> {
    format: u32,
    machine: &'a str,
    keys: u64,
    syncs_per_second: f64,
    durability: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    peer: bool,
    granularity: &'a str,
    messages_per_commit: u64,
    messages_per_second: f64,
    commit_p50_us: Option<f64>,
    commit_p99_us: Option<f64>,
    disk_bytes_per_key: f64,
    recovery_ns_per_key: Option<f64>,
}

fn row(durable: &Durable) -> Row<'_> {
    let speed = &durable.speed;
    Row {
        name: &durable.name,
        peer: durable.peer,
        granularity: durable.granularity.name,
        messages_per_commit: durable.granularity.messages,
        messages_per_second: speed.messages_per_second.round(),
        commit_p50_us: speed.commit_p50_us,
        commit_p99_us: speed.commit_p99_us,
        disk_bytes_per_key: rounded(speed.disk_per_key, 3),
        recovery_ns_per_key: speed.recovery_ns_per_key,
    }
}

/// The same as JSON, format 1.
pub fn durable_json(report: &DurableReport) -> String {
    let whole = Whole {
        format: 1,
        machine: &report.machine,
        keys: report.keys,
        syncs_per_second: report.syncs_per_second.round(),
        durability: report.rows.iter().map(row).collect(),
    };
    let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text.push('\n');
    text
}

/// The same as CSV, with a line of names first.
pub fn durable_csv(report: &DurableReport) -> String {
    let mut text = "name,peer,granularity,messages_per_commit,messages_per_second,commit_p50_us,\
                    commit_p99_us,disk_bytes_per_key,recovery_ns_per_key\n"
        .to_string();
    for durable in &report.rows {
        let row = row(durable);
        let known = |number: Option<f64>| number.map_or(String::new(), |number| number.to_string());
        text += &format!(
            "{},{},{},{},{},{},{},{},{}\n",
            cell(row.name),
            row.peer,
            row.granularity,
            row.messages_per_commit,
            row.messages_per_second,
            known(row.commit_p50_us),
            known(row.commit_p99_us),
            row.disk_bytes_per_key,
            known(row.recovery_ns_per_key),
        );
    }
    text
}
