//! The price of durability: the durable strategies and the embedded stores with one sync for each
//! record, for each batch and for each transaction, beside the rate at which the disk syncs at all.

use std::path::Path;

use super::clock;
use super::peers::{PEERS, measure_peer, version_of};
use super::speed::{Speed, measure};
use crate::dedup::disk::{Disks, FileDisks};
use crate::dedup::examine::bounded;
use crate::dedup::list::{Family, find};
use crate::dedup::sizing::Sizing;
use crate::dedup::trial::Workload;
use crate::dedup::{DedupError, Kind};

/// The strategies whose durability is measured, each in one of its kinds.
pub const DURABLE: &[(&str, Kind)] = &[
    ("append-log", Kind::DurableAfter),
    ("bloom-store", Kind::DurableAfter),
    ("datastore", Kind::DurableWith),
    ("offset-with-result", Kind::DurableWith),
    ("conditional-write", Kind::DurableWith),
];

/// How much one sync makes durable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Granularity {
    /// The name that the table shows.
    pub name: &'static str,
    /// Messages for each commit.
    pub messages: u64,
    /// Commits measured, at most.
    pub commits: u64,
}

impl Granularity {
    /// One record, a batch of one poll, a transaction of many polls.
    pub fn all(batch: u64, transaction: u64) -> [Granularity; 3] {
        [
            Granularity { name: "record", messages: 1, commits: 2_000 },
            Granularity { name: "batch", messages: batch, commits: 1_000 },
            Granularity { name: "transaction", messages: transaction, commits: u64::MAX },
        ]
    }
}

/// One measurement.
#[derive(Clone, PartialEq, Debug)]
pub struct Durable {
    /// The strategy or crate.
    pub name: String,
    /// Whether it is a crate beside which strategies are measured.
    pub peer: bool,
    /// How much one sync makes durable.
    pub granularity: Granularity,
    /// Distinct keys that it got.
    pub keys: u64,
    /// What was measured.
    pub speed: Speed,
}

/// Measures every durable strategy and every embedded store at a granularity, on as many keys of the
/// workload as the granularity allows; embedded stores on the first `store_keys` of them.
///
/// # Errors
/// Whatever a store reports.
pub fn durability(
    granularity: Granularity,
    sizing: &Sizing,
    workload: &Workload,
    store_keys: u64,
    place: &Path,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Durable>, DedupError> {
    let most = granularity.messages.saturating_mul(granularity.commits);
    let (workload, sizing) = bounded(workload, sizing, most);
    let (store_workload, store_sizing) = bounded(&workload, &sizing, store_keys);
    let every = granularity.messages;
    let mut measured = Vec::new();
    for &(name, kind) in DURABLE {
        progress(name);
        let Some(row) = find(name) else { continue };
        let (sizing, workload) = match row.embedded {
            true => (&store_sizing, &store_workload),
            false => (&sizing, &workload),
        };
        let speed = measure(row, kind, sizing, workload, every, place)?;
        let (name, keys) = (name.to_string(), workload.keys);
        measured.push(Durable { name, peer: false, granularity, keys, speed });
    }
    for peer in PEERS.iter().filter(|peer| peer.family == Family::Stores) {
        progress(peer.name);
        let speed = measure_peer(peer, &store_sizing, &store_workload, every, place)?.speed;
        let name = format!("{} {}", peer.name, version_of(peer.name));
        measured.push(Durable { name, peer: true, granularity, keys: store_workload.keys, speed });
    }
    Ok(measured)
}

/// Syncs a second of one page that was written before: what the disk allows at most.
///
/// # Errors
/// The operating system's.
pub fn sync_rate(place: &Path) -> Result<f64, DedupError> {
    const SYNCS: u32 = 500;
    let directory = place.join("sync-rate");
    let disks = FileDisks::new(&directory)?;
    let disk = disks.open("page")?;
    disk.write(0, &[1; 4096])?;
    disk.sync()?;
    let (done, took) = clock::time(|| -> Result<(), DedupError> {
        for turn in 0..SYNCS {
            disk.write(0, &[turn as u8; 4096])?;
            disk.sync()?;
        }
        Ok(())
    });
    done?;
    std::fs::remove_dir_all(&directory)?;
    Ok(f64::from(SYNCS) / took.as_secs_f64())
}
