//! The price of durability, as text, JSON and CSV.

use serde::Serialize;

use super::csv::cell;
use super::numbers::{columns, fitted, grouped, rate, rounded};
use crate::dedup::measure::Durable;

/// What was measured of durability.
#[derive(Clone, PartialEq, Debug)]
pub struct DurableReport {
    /// The machine, in words.
    pub machine: String,
    /// Distinct keys of the measurement that is not cut short.
    pub keys: u64,
    /// The same for embedded stores.
    pub store_keys: u64,
    /// Syncs a second of one page.
    pub syncs_per_second: f64,
    /// The measurements.
    pub rows: Vec<Durable>,
}

/// A table for each granularity, with a line for each strategy or crate; what stands around them in lines of
/// `width`.
pub fn durable_text(report: &DurableReport, width: usize) -> String {
    let above = format!(
        "{} keys at most{}; the disk syncs one written page {} times a second\n{}\n",
        grouped(report.keys),
        match report.store_keys == report.keys {
            true => String::new(),
            false => format!(", {} for embedded stores", grouped(report.store_keys)),
        },
        grouped(report.syncs_per_second as u64),
        report.machine,
    );
    let mut text = fitted(&above, width);
    for rows in report.rows.chunk_by(|one, next| one.granularity == next.granularity) {
        let granularity = rows[0].granularity;
        let messages = match granularity.messages {
            1 => String::new(),
            messages => format!(" of {} messages", grouped(messages)),
        };
        let head = ["strategy or crate", "keys", "msg/s", "p50 us", "p99 us", "B/key", "recovery"];
        let mut table = vec![head.map(String::from).to_vec()];
        table.extend(rows.iter().map(cells));
        text +=
            &format!("\nOne sync for each {}{messages}\n{}", granularity.name, columns(&table, 1));
    }
    let below = "msg/s: of wall time, with the syncs. p50 and p99: of one commit. B/key: on disk. \
                 recovery: nanoseconds a key until a new process answers.";
    format!("{text}\n{}", fitted(below, width))
}

fn cells(row: &Durable) -> Vec<String> {
    let known = |number: Option<f64>, decimals: usize| {
        number.map_or("-".to_string(), |number| format!("{number:.decimals$}"))
    };
    vec![
        row.name.clone(),
        grouped(row.keys),
        rate(row.speed.messages_per_second),
        known(row.speed.commit_p50_us, 0),
        known(row.speed.commit_p99_us, 0),
        format!("{:.1}", row.speed.disk_per_key),
        known(row.speed.recovery_ns_per_key, 1),
    ]
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
    keys: u64,
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
        keys: durable.keys,
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
    let mut text = "name,peer,granularity,messages_per_commit,keys,messages_per_second,\
                    commit_p50_us,commit_p99_us,disk_bytes_per_key,recovery_ns_per_key\n"
        .to_string();
    for durable in &report.rows {
        let row = row(durable);
        let known = |number: Option<f64>| number.map_or(String::new(), |number| number.to_string());
        text += &format!(
            "{},{},{},{},{},{},{},{},{},{}\n",
            cell(row.name),
            row.peer,
            row.granularity,
            row.messages_per_commit,
            row.keys,
            row.messages_per_second,
            known(row.commit_p50_us),
            known(row.commit_p99_us),
            row.disk_bytes_per_key,
            known(row.recovery_ns_per_key),
        );
    }
    text
}
