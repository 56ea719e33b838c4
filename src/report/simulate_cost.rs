//! What a level costs: as a table and as CSV.

use std::fmt::Write;

use crate::app::setting::AppSetting;
use crate::report::simulate::time;
use crate::report::text::{grouped, left, listed, right, width, wrap};
use crate::simulate::Micros;
use crate::simulate::cost::{CRASHES, Cost, RESTART, Served};
use crate::world::Setting;

/// A row: the configuration, and what was measured, or why nothing was.
pub type Row = (String, Result<Cost, String>);

/// What is counted of the whole cluster.
const OF_CLUSTER: &[&str] =
    &["requests/record", "batch bytes/record", "offsets stored", "markers", "held back"];
/// What is counted of each application.
const OF_APP: &[&str] = &["p50 ms", "p99 ms", "recovery ms", "repeated", "lost"];
/// Columns of a number, at least.
const NUMBER: usize = 9;

/// A ratio with two digits behind the point, rounded down.
fn ratio(part: u64, whole: u64) -> String {
    let hundredths = (u128::from(part) * 100).checked_div(u128::from(whole)).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A time in milliseconds: `1,003.250`.
fn milliseconds(micros: Option<Micros>) -> String {
    let shown = |micros: Micros| format!("{}.{:03}", grouped(micros / 1000), micros % 1000);
    micros.map_or_else(|| "-".to_owned(), shown)
}

fn of_cluster(cost: &Cost) -> Vec<String> {
    vec![
        ratio(cost.requests, cost.records),
        ratio(cost.batch_bytes, cost.records),
        grouped(cost.offsets_stored),
        grouped(cost.markers),
        grouped(cost.held_back),
    ]
}

fn of_app(served: &Served) -> Vec<String> {
    vec![
        milliseconds(served.percentile(50)),
        milliseconds(served.percentile(99)),
        milliseconds(served.recovery),
        grouped(served.repeated),
        grouped(served.lost),
    ]
}

/// A line of cells below their names, behind a name of its own.
fn line(first: &str, indent: usize, names: &[&str], cells: &[String]) -> String {
    let cells = names.iter().zip(cells).map(|(name, cell)| right(cell, name.len().max(NUMBER)));
    format!("    {}  {}\n", left(first, indent), cells.collect::<Vec<String>>().join("  "))
}

fn heading(indent: usize, names: &[&str]) -> String {
    let cells: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    line("", indent, names, &cells)
}

/// The table as text: the rows of a scenario's configurations.
pub fn table(rows: &[Row], setting: &Setting, columns: usize) -> String {
    let mut text = String::new();
    let names = setting.apps.iter().map(|app| width(&app.name));
    let indent = names.max().unwrap_or(0);
    for (name, cost) in rows {
        let _ = writeln!(text, "{name}");
        match cost {
            Err(reason) => {
                for line in wrap(reason, columns.saturating_sub(4)) {
                    let _ = writeln!(text, "    {line}");
                }
            }
            Ok(cost) => {
                text += &heading(indent, OF_CLUSTER);
                text += &line("", indent, OF_CLUSTER, &of_cluster(cost));
                text += &heading(indent, OF_APP);
                for (app, served) in setting.apps.iter().zip(&cost.apps) {
                    text += &line(&app.name, indent, OF_APP, &of_app(served));
                }
            }
        }
    }
    for paragraph in notes(setting) {
        text.push('\n');
        for line in wrap(&paragraph, columns) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// What the columns mean.
fn notes(setting: &Setting) -> Vec<String> {
    let apps = setting.apps.len() as u64;
    let each = if apps > 1 { " for each application" } else { "" };
    let (together, restart) = (grouped(CRASHES * apps), time(RESTART));
    let columns = format!(
        "Batch bytes are those of record batches, each time they are sent or fetched, without the headers of \
         requests. p50 and p99: from the source to the application's effect, over all stages before it, in \
         virtual time, without faults. Recovery: the median time from a crash of the application to its own \
         next effect, {restart} of it until the process runs again, in {CRASHES} runs with one crash \
         each{each}, at the same times in all configurations. Repeated and lost: effects of these {together} \
         runs together, whoever crashed; between two configurations that both repeat, or both lose, a \
         difference of a few is chance."
    );
    let subscribed: Vec<String> = subscribed(setting).map(|app| app.name.clone()).collect();
    if subscribed.is_empty() {
        return vec![columns];
    }
    let waits = format!(
        "In a real group the partitions of a member that crashed are free only when its session is over, up to \
         session.timeout.ms later (45 s by default). Groups of several members are not modelled yet: that wait \
         is no part of the recovery of {}. Where the offset is stored with the result, reading begins here \
         before the group is joined.",
        listed(&subscribed)
    );
    vec![columns, waits]
}

fn subscribed(setting: &Setting) -> impl Iterator<Item = &AppSetting> {
    setting.apps.iter().filter(|app| app.subscribe)
}

/// The table as CSV: a row for each application of each configuration. Times are in microseconds; what is
/// counted of the whole cluster stands in each of its rows.
pub fn csv(rows: &[Row], setting: &Setting) -> String {
    let mut text = String::from(
        "configuration,application,records,requests,produce_requests,batch_bytes,offsets_stored,markers,\
         held_back,p50_us,p99_us,recovery_us,repeated,lost,remark\n",
    );
    for (name, cost) in rows {
        match cost {
            Ok(cost) => {
                for (app, served) in setting.apps.iter().zip(&cost.apps) {
                    let cells = csv_cells(cost, served).join(",");
                    let _ = writeln!(text, "{},{},{cells},", quoted(name), quoted(&app.name));
                }
            }
            Err(reason) => {
                let empty = ",".repeat(13);
                let _ = writeln!(text, "{}{empty},{}", quoted(name), quoted(reason));
            }
        }
    }
    text
}

fn csv_cells(cost: &Cost, served: &Served) -> Vec<String> {
    let known = |time: Option<Micros>| time.map_or_else(String::new, |time| time.to_string());
    let counts = [
        cost.records,
        cost.requests,
        cost.produce_requests,
        cost.batch_bytes,
        cost.offsets_stored,
        cost.markers,
        cost.held_back,
    ];
    let mut cells: Vec<String> = counts.iter().map(u64::to_string).collect();
    cells.extend([
        known(served.percentile(50)),
        known(served.percentile(99)),
        known(served.recovery),
    ]);
    cells.extend([served.repeated, served.lost].map(|count| count.to_string()));
    cells
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
