//! `simulate --cost`: what each level costs on the same virtual cluster.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::simulate::Simulate;
use crate::cli::simulate::options::time;
use crate::report::simulate_cost::{Point, Row, csv, svg, table};
use crate::scenario::Scenario;
use crate::simulate::Micros;
use crate::simulate::cost::{measure, ways, with_interval};

/// Records of a measurement if nothing else is said.
const RECORDS: u32 = 2_000;
/// The commit intervals of the plot, in milliseconds.
const INTERVALS: &[u64] = &[100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// Arguments of a measurement.
#[derive(Args, Clone, Debug)]
pub struct Costing {
    /// Measures what each level costs: the scenario's workload (2,000 records unless --records is given) in
    /// several configurations on the same virtual cluster.
    #[arg(long, conflicts_with_all = ["shard", "json", "save", "require"])]
    pub cost: bool,
    /// The mean time between two records of a measurement.
    #[arg(long, value_name = "TIME", value_parser = time, requires = "cost", default_value = "10ms")]
    pub arrival: Micros,
    /// Writes the table of --cost as CSV into a file.
    #[arg(long, value_name = "FILE", requires = "cost")]
    pub csv: Option<PathBuf>,
    /// Draws latency against the commit interval into a file.
    #[arg(long, value_name = "FILE", requires = "cost")]
    pub svg: Option<PathBuf>,
}

/// Measures, and prints the table.
pub(super) fn run(arguments: &Simulate, scenario: &Scenario, console: &mut Console) -> Exit {
    if scenario.setting.apps.is_empty() {
        console.error("--cost needs a scenario with an application: effects are what is measured");
        return Exit::BadInput;
    }
    let costing = &arguments.costing;
    let records = arguments.perturbation.records.unwrap_or(RECORDS);
    let seed = arguments.seed.unwrap_or(1);
    let measured = |setting| measure(&setting, seed, costing.arrival);
    let rows: Vec<Row> = ways(&scenario.setting, records)
        .into_iter()
        .map(|way| (way.name, way.setting.map(measured)))
        .collect();
    console.print(&table(&rows, console.style.width));
    if let Some(path) = &costing.csv
        && let Err(problem) = written(path, &csv(&rows), console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    if let Some(path) = &costing.svg {
        let point = |&interval: &u64| {
            (interval, measured(with_interval(&scenario.setting, records, interval)))
        };
        let points: Vec<Point> = INTERVALS.iter().map(point).collect();
        if let Err(problem) = written(path, &svg(&points), console) {
            console.error(&problem);
            return Exit::BadInput;
        }
    }
    Exit::AsExpected
}

fn written(path: &Path, text: &str, console: &Console) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    console.say(&format!("written: {}", path.display()));
    Ok(())
}
