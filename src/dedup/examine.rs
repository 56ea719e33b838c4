//! The whole examination: every strategy asked for, in every kind of memory asked for, tried, predicted
//! and measured on one workload, and the crates beside them.

use std::path::Path;

use super::disk::SimulatedDisks;
use super::list::{Family, STRATEGIES, Strategy};
use super::measure::{self, PEERS, PeerSpeed, Speed};
use super::sizing::Sizing;
use super::trial::{self, Outcome, Plan, Prediction, Workload};
use super::{DedupError, Kind};

/// What to examine.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The rows, with the kinds of memory of each.
    pub rows: Vec<(&'static Strategy, Vec<Kind>)>,
    /// What is sent.
    pub workload: Workload,
    /// When is committed, and what fails.
    pub plan: Plan,
    /// How large strategies are built.
    pub sizing: Sizing,
    /// The first so many keys of the workload are all that embedded stores get.
    pub store_keys: u64,
    /// Whether clocks are read: speeds, recovery, bytes.
    pub timed: bool,
    /// Whether crates are measured beside the strategies.
    pub peers: bool,
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Run {
    /// Its name.
    pub strategy: &'static str,
    /// Its family.
    pub family: Family,
    /// What it rests on.
    pub assumption: &'static str,
    /// Its kind of memory.
    pub kind: Kind,
    /// What the trial counted.
    pub outcome: Outcome,
    /// What it should have counted.
    pub prediction: Prediction,
    /// What was measured, if clocks were read.
    pub speed: Option<Speed>,
}

/// What an examination found.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The machine, in words.
    pub machine: String,
    /// What was sent.
    pub workload: Workload,
    /// When was committed, and what failed.
    pub plan: Plan,
    /// How large strategies were built.
    pub sizing: Sizing,
    /// Keys that embedded stores got.
    pub store_keys: u64,
    /// A row for each strategy and kind of memory.
    pub runs: Vec<Run>,
    /// A row for each crate.
    pub peers: Vec<PeerSpeed>,
    /// Messages a second of a strategy that does nothing, if clocks were read.
    pub floor: Option<f64>,
    /// Nanoseconds that timing nothing takes, if clocks were read.
    pub timer_ns: Option<u64>,
}

/// The kinds of memory in which a row is shown: all that are durable; of those in main memory the
/// volatile one, and with `snapshots` also that.
pub fn kinds_shown(row: &Strategy, snapshots: bool) -> Vec<Kind> {
    row.kinds.iter().copied().filter(|kind| snapshots || *kind != Kind::Snapshot).collect()
}

/// The rows of these names of strategies or families, in the order of the list; all rows for no names.
///
/// # Errors
/// The first name that is neither.
pub fn select<'a>(names: &[&'a str]) -> Result<Vec<&'static Strategy>, &'a str> {
    let names_it = |row: &Strategy, name: &str| row.name == name || row.family.name() == name;
    let unknown = names.iter().find(|name| !STRATEGIES.iter().any(|row| names_it(row, name)));
    if let Some(unknown) = unknown {
        return Err(unknown);
    }
    let wanted = |row: &&Strategy| names.is_empty() || names.iter().any(|name| names_it(row, name));
    Ok(STRATEGIES.iter().filter(wanted).collect())
}

/// Examines. Files are made and removed under `place`; `progress` is told what comes next.
///
/// # Errors
/// Whatever a strategy, a crate or the disk reports.
pub fn examine(
    examination: &Examination,
    machine: String,
    place: &Path,
    mut progress: impl FnMut(&str),
) -> Result<Report, DedupError> {
    examination.plan.check()?;
    let Examination { workload, plan, sizing, timed, .. } = examination;
    let (store_workload, store_sizing) = bounded(workload, sizing, examination.store_keys);
    let mut runs = Vec::new();
    for (row, kinds) in &examination.rows {
        for &kind in kinds {
            progress(&format!("{} {kind}", row.name));
            runs.push(run(row, kind, examination, place)?);
        }
    }
    let mut peers = Vec::new();
    for peer in PEERS.iter().filter(|_| *timed && examination.peers) {
        if runs.iter().any(|run| run.family == peer.family) {
            progress(&format!("{} ({})", peer.name, peer.doc));
            let (sizing, workload) = match peer.family {
                Family::Stores => (&store_sizing, &store_workload),
                _ => (sizing, workload),
            };
            let every = plan.commit_every;
            peers.push(measure::measure_peer(peer, sizing, workload, every, place)?);
        }
    }
    Ok(Report {
        machine,
        workload: workload.clone(),
        plan: *plan,
        sizing: *sizing,
        store_keys: store_workload.keys,
        runs,
        peers,
        floor: timed.then(|| measure::floor(workload)).transpose()?,
        timer_ns: timed.then(measure::timer_floor_ns),
    })
}

/// The workload and the sizes for a bounded number of keys.
pub fn bounded(workload: &Workload, sizing: &Sizing, keys: u64) -> (Workload, Sizing) {
    let keys = workload.keys.min(keys);
    (Workload { keys, ..workload.clone() }, Sizing { keys, ..*sizing })
}

fn run(
    row: &'static Strategy,
    kind: Kind,
    examination: &Examination,
    place: &Path,
) -> Result<Run, DedupError> {
    let Examination { plan, timed, .. } = examination;
    let most = if row.embedded { examination.store_keys } else { u64::MAX };
    let (mut workload, sizing) = bounded(&examination.workload, &examination.sizing, most);
    workload.delayed_by = workload.delayed_by.max(row.overtaken_by);
    let mut dedup = row.build(&sizing, kind, &SimulatedDisks::default())?;
    let outcome = trial::run(&mut *dedup, &workload, plan)?;
    let prediction = trial::predict(&dedup.theory(), dedup.memory(), &workload, plan);
    drop(dedup);
    let speed = timed
        .then(|| measure::measure(row, kind, &sizing, &workload, plan.commit_every, place))
        .transpose()?;
    Ok(Run {
        strategy: row.name,
        family: row.family,
        assumption: row.assumption,
        kind,
        outcome,
        prediction,
        speed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_chosen_by_name_and_family() {
        let names = |wanted: &[&str]| -> Vec<&str> {
            select(wanted).unwrap().iter().map(|row| row.name).collect()
        };
        assert_eq!(names(&["bloom", "control"]), ["none", "bloom"]);
        assert_eq!(names(&[]).len(), STRATEGIES.len());
        assert_eq!(select(&["bloom", "blom"]).unwrap_err(), "blom");
    }
}
