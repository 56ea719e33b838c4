//! `simulate --cost`: what each level costs on the same virtual cluster.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::check::write_new;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::simulate::options::time;
use crate::cli::simulate::{Progress, Simulate};
use crate::cli::stop::Stop;
use crate::report::simulate as report;
use crate::report::simulate_cost::{Row, csv, table};
use crate::report::simulate_cost_plot::{Point, svg};
use crate::report::text::grouped;
use crate::scenario::Scenario;
use crate::simulate::Micros;
use crate::simulate::cost::{Cost, Measuring, Terms, Unmeasured, Way, runs, ways, with_interval};
use crate::world::Setting;

/// Records of a measurement if nothing else is said.
const RECORDS: u32 = 2_000;
/// The commit intervals of the plot, in milliseconds.
const INTERVALS: &[u64] = &[100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// Arguments of a measurement.
#[derive(Args, Clone, Debug)]
pub struct Costing {
    /// Measures what each level costs: the scenario's workload (2,000 records of each source unless --records
    /// is given) in several configurations on the same virtual cluster, without faults, and with one crash of
    /// an application. --seed, --records, --arrival and --network change it.
    #[arg(long, conflicts_with_all = [
        "seeds", "strategy", "steps", "time", "faults", "kinds", "chance", "every", "burst", "at", "threads",
        "require", "story", "certify", "save", "shard", "json", "timings",
    ])]
    pub cost: bool,
    /// The mean time between two records of a source in a measurement.
    #[arg(long, value_name = "TIME", value_parser = time, requires = "cost", default_value = "10ms")]
    pub arrival: Micros,
    /// Writes the table of --cost as CSV into a file; never over one that says something else.
    #[arg(long, value_name = "FILE", requires = "cost")]
    pub csv: Option<PathBuf>,
    /// Draws latency and repeated effects against the interval of automatic commits (SVG) into a file; never
    /// over one that says something else.
    #[arg(long, value_name = "FILE", requires = "cost")]
    pub svg: Option<PathBuf>,
}

/// What is to be measured, and what came of it.
struct Session<'a> {
    /// The scenario's name.
    name: &'a str,
    /// The scenario with as many records as are asked for.
    setting: Setting,
    ways: Vec<Way>,
    measuring: Measuring<'a>,
    progress: Progress,
    ran: u64,
    /// Configurations and intervals of which a run comes to no rest.
    restless: u64,
}

/// Measures, and prints the table.
pub(super) fn run(arguments: &Simulate, scenario: &Scenario, console: &mut Console) -> Exit {
    if let Err(problem) = check(arguments, scenario) {
        console.error(&problem);
        return Exit::BadInput;
    }
    let stop = Stop::on_interrupt();
    let go_on = || stop.flow();
    let costing = &arguments.costing;
    let records = arguments.perturbation.records.unwrap_or(RECORDS);
    let mut setting = scenario.setting.clone();
    setting.sources.iter_mut().for_each(|source| source.records = records);
    let network = arguments.perturbation.pace().network;
    let terms = Terms { seed: arguments.seed.unwrap_or(1), arrival: costing.arrival, network };
    let ways = ways(&setting);
    let mut progress = Progress::begin(console.bar(all_runs(&setting, &ways, costing)));
    progress.bar.set_message("the scenario as it is");
    let measuring = match Measuring::begin(&setting, terms, &go_on) {
        Ok(measuring) => measuring,
        Err(unmeasured) => {
            progress.bar.finish_and_clear();
            console.error(match unmeasured {
                Unmeasured::Stopped => "stopped before anything was measured",
                Unmeasured::Restless => "nothing is measured: this scenario comes to no rest",
            });
            return Exit::Undecided;
        }
    };
    progress.shows(1, String::new);
    let mut session =
        Session { name: &scenario.name, setting, ways, measuring, progress, ran: 1, restless: 0 };
    let (rows, points) = session.perform(costing.svg.is_some());
    session.progress.bar.finish_and_clear();
    session.tell(arguments, &rows, points.as_deref(), console)
}

/// How many runs are performed: one of the scenario as it is, those of each configuration, and of each point
/// of the plot if that is wanted.
fn all_runs(setting: &Setting, ways: &[Way], costing: &Costing) -> u64 {
    let points = if costing.svg.is_some() { INTERVALS.len() } else { 0 };
    let measured = ways.iter().filter(|way| way.setting.is_ok()).count();
    1 + runs(setting) * (measured + points) as u64
}

/// What is wrong with the arguments, or the scenario.
fn check(arguments: &Simulate, scenario: &Scenario) -> Result<(), String> {
    if scenario.setting.apps.is_empty() {
        let text = "--cost needs a scenario with an application: effects are what is measured";
        return Err(text.to_owned());
    }
    // Said before the measurement, which may take long.
    let costing = &arguments.costing;
    for path in [&costing.csv, &costing.svg].into_iter().flatten() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(format!("{}: there is no such folder", path.display()));
        }
    }
    Ok(())
}

impl Session<'_> {
    /// Measures the rows of the table, and the points of the plot if they are wanted; each until it is stopped.
    fn perform(&mut self, plots: bool) -> (Vec<Row>, Option<Vec<Point>>) {
        let mut rows = Vec::new();
        for way in self.ways.clone() {
            let cost = match way.setting {
                Ok(setting) => match self.measure(&setting, &way.name) {
                    ControlFlow::Continue(cost) => cost,
                    ControlFlow::Break(()) => return (rows, None),
                },
                Err(reason) => Err(reason),
            };
            rows.push((way.name, cost));
        }
        let mut points = Vec::new();
        for &interval in INTERVALS.iter().filter(|_| plots) {
            let doing = format!("commits every {} ms", grouped(interval));
            match self.measure(&with_interval(&self.setting, interval), &doing) {
                ControlFlow::Continue(cost) => {
                    points.extend(cost.ok().map(|cost| (interval, cost)))
                }
                ControlFlow::Break(()) => return (rows, None),
            }
        }
        (rows, plots.then_some(points))
    }

    /// Measures one configuration; breaks if it was stopped.
    fn measure(&mut self, setting: &Setting, doing: &str) -> ControlFlow<(), Result<Cost, String>> {
        let (ran, progress) = (&mut self.ran, &mut self.progress);
        let cost = self.measuring.measure(setting, &mut || {
            *ran += 1;
            progress.shows(*ran, || doing.to_owned());
        });
        match cost {
            Ok(cost) => ControlFlow::Continue(Ok(cost)),
            Err(Unmeasured::Restless) => {
                self.restless += 1;
                ControlFlow::Continue(Err("not measured: a run comes to no rest".to_owned()))
            }
            Err(Unmeasured::Stopped) => ControlFlow::Break(()),
        }
    }

    /// Prints the rows, and writes what is complete into files.
    fn tell(
        &self,
        arguments: &Simulate,
        rows: &[Row],
        points: Option<&[Point]>,
        console: &mut Console,
    ) -> Exit {
        if !rows.is_empty() {
            console.print(&table(rows, &self.setting, console.style.width));
        }
        let costing = &arguments.costing;
        let (measured, all) = (rows.len(), self.ways.len());
        let missing = |path: &Path| format!("stopped: {} is not written", path.display());
        if measured < all {
            console.say(&format!("stopped after {measured} of {all} configurations"));
        }
        let table = (measured == all).then(|| csv(rows, &self.setting));
        let plot = points.map(|points| self.plot(arguments, points));
        for (path, text) in [(&costing.csv, table), (&costing.svg, plot)] {
            let Some(path) = path else { continue };
            match text.map(|text| write_new(path, &text, console)) {
                None => console.say(&missing(path)),
                Some(Ok(())) => {}
                Some(Err(problem)) => {
                    console.error(&problem);
                    return Exit::BadInput;
                }
            }
        }
        if self.restless > 0 {
            console.say(&format!("{} not measured: a run comes to no rest", self.restless));
        }
        let stopped = measured < all || (costing.svg.is_some() && points.is_none());
        if stopped || self.restless > 0 { Exit::Undecided } else { Exit::AsExpected }
    }

    fn plot(&self, arguments: &Simulate, points: &[Point]) -> String {
        let apps: Vec<&str> = self.setting.apps.iter().map(|app| app.name.as_str()).collect();
        let records = arguments.perturbation.records.unwrap_or(RECORDS);
        let about = format!(
            "{}: {} records of each source, one every {} on average",
            self.name,
            grouped(u64::from(records)),
            report::time(arguments.costing.arrival)
        );
        svg(points, &apps, &about)
    }
}
