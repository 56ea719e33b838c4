//! The cost of one strategy: messages a second, one decision's p50 and p99, bytes, recovery.
//!
//! Messages are drawn a few hundred at a time into a buffer that stays in the cache, and only the
//! strategy's part is timed. Strategies in main memory are reported per second of processor time, which
//! is wall time less what this thread waited for a processor; durable ones per second of wall time,
//! since they wait for the disk.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use super::clock::{self, Scheduling, Waits, percentile};
use crate::dedup::disk::{Disks, FileDisks, SimulatedDisks};
use crate::dedup::list::Strategy;
use crate::dedup::sizing::Sizing;
use crate::dedup::trial::{Message, Stream, Workload};
use crate::dedup::{Admission, Arrival, Dedup, DedupError, Kind, Loss};

/// Messages drawn at once.
const CHUNK: usize = 512;
/// Decisions timed one by one, at most, and at most this share of all messages.
const TIMED: u64 = 100_000;
const TIMED_SHARE: u64 = 10;

/// What was measured of one strategy.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Speed {
    /// Messages decided a second; commits included, if it is durable.
    pub messages_per_second: f64,
    /// Half of the decisions took at most so many nanoseconds, the timer's own included.
    pub p50_ns: u64,
    /// 99 of 100 took at most so many.
    pub p99_ns: u64,
    /// Bytes of main memory per distinct key.
    pub memory_per_key: f64,
    /// Bytes on disk per distinct key.
    pub disk_per_key: f64,
    /// From the start of a new process to its first answer, per key; `None` if nothing is recovered.
    pub recovery_ns_per_key: Option<f64>,
    /// Half of the commits took at most so many microseconds; `None` if there is nothing to commit.
    pub commit_p50_us: Option<f64>,
    /// 99 of 100 commits did.
    pub commit_p99_us: Option<f64>,
    /// The share of time in which this thread waited for a processor.
    pub waited: f64,
}

/// The nanoseconds that timing nothing takes.
pub fn timer_floor_ns() -> u64 {
    let mut samples: Vec<u64> =
        (0..10_001).map(|_| clock::time(|| black_box(())).1.as_nanos() as u64).collect();
    percentile(&mut samples, 50)
}

/// Measures a strategy on a workload. Durable strategies work in a new directory under `place`, which is
/// removed afterwards.
///
/// # Errors
/// Whatever the strategy or the directory reports.
pub fn measure(
    row: &Strategy,
    kind: Kind,
    sizing: &Sizing,
    workload: &Workload,
    commit_every: u64,
    place: &Path,
) -> Result<Speed, DedupError> {
    let directory = place.join(format!("{}-{kind}", row.name));
    let durable = kind.order().is_some();
    let disks: Box<dyn Disks> = if durable {
        Box::new(FileDisks::new(&directory.join("first"))?)
    } else {
        Box::new(SimulatedDisks::default())
    };
    let mut dedup = row.build(sizing, kind, &*disks)?;
    let mut speed = through(&mut *dedup, workload, commit_every)?;
    if dedup.disk_bytes() > 0 && durable {
        let copy = directory.join("second");
        copy_files(&directory.join("first"), &copy)?;
        drop(dedup);
        let disks = FileDisks::new(&copy)?;
        let (reopened, took) = clock::time(|| row.build(sizing, kind, &disks));
        reopened?;
        speed.recovery_ns_per_key = Some(per(took, workload.keys));
    } else if kind == Kind::Snapshot {
        let (failed, took) = clock::time(|| dedup.fail(Loss::Crash));
        failed?;
        speed.recovery_ns_per_key = Some(per(took, workload.keys));
    }
    if durable {
        fs::remove_dir_all(&directory)?;
    }
    Ok(speed)
}

fn per(took: Duration, number: u64) -> f64 {
    took.as_nanos() as f64 / number.max(1) as f64
}

/// What a killed process leaves: the files as they are while it still has them open.
fn copy_files(from: &Path, to: &Path) -> Result<(), DedupError> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Runs a workload through a strategy and measures it, but for recovery.
pub(super) fn through(
    dedup: &mut dyn Dedup,
    workload: &Workload,
    commit_every: u64,
) -> Result<Speed, DedupError> {
    let durable = dedup.memory().order() != crate::dedup::Order::After
        || matches!(dedup.memory(), crate::dedup::Memory::Durable { .. });
    let chunk = if durable { commit_every.max(1) as usize } else { CHUNK };
    let total = workload.keys + (workload.keys as f64 * workload.duplicates.fraction()) as u64;
    let timed = TIMED.min(total / TIMED_SHARE);
    let mut bulk = Bulk::new(chunk, durable);
    let mut stream = Stream::new(workload);
    let earlier = Scheduling::now();
    bulk.run(dedup, &mut stream, total - timed)?;
    let waited = Scheduling::waited_since(earlier);
    let (p50_ns, p99_ns) = single(dedup, stream, timed as usize)?;
    dedup.commit()?;
    let commit = |commits: &mut Vec<u64>, percent| {
        (!commits.is_empty()).then(|| percentile(commits, percent) as f64 / 1e3)
    };
    Ok(Speed {
        messages_per_second: bulk.messages as f64 / bulk.spent.as_secs_f64().max(1e-9),
        p50_ns,
        p99_ns,
        memory_per_key: dedup.bytes() as f64 / workload.keys.max(1) as f64,
        disk_per_key: dedup.disk_bytes() as f64 / workload.keys.max(1) as f64,
        recovery_ns_per_key: None,
        commit_p50_us: commit(&mut bulk.commits, 50),
        commit_p99_us: commit(&mut bulk.commits, 99),
        waited,
    })
}

/// Decisions by the batch.
struct Bulk {
    arrivals: Vec<Arrival>,
    admissions: Vec<Admission>,
    durable: bool,
    spent: Duration,
    messages: u64,
    commits: Vec<u64>,
    waits: Waits,
}

impl Bulk {
    fn new(chunk: usize, durable: bool) -> Bulk {
        Bulk {
            arrivals: Vec::with_capacity(chunk),
            admissions: vec![Admission::Process; chunk],
            durable,
            spent: Duration::ZERO,
            messages: 0,
            commits: Vec::new(),
            waits: Waits::begin(),
        }
    }

    fn run(
        &mut self,
        dedup: &mut dyn Dedup,
        stream: &mut Stream,
        messages: u64,
    ) -> Result<(), DedupError> {
        while self.messages < messages {
            let wanted = self.admissions.len().min((messages - self.messages) as usize);
            self.arrivals.clear();
            let drawn = stream.by_ref().take(wanted).map(|message| message.arrival);
            let ((), took) = clock::time(|| self.arrivals.extend(drawn));
            self.waits.during(took);
            if self.arrivals.is_empty() {
                return Ok(());
            }
            let (arrivals, admissions) = (black_box(&self.arrivals), &mut self.admissions);
            let (done, took) = clock::time(|| dedup.admit_batch(arrivals, admissions));
            done?;
            black_box(&self.admissions);
            let waited = self.waits.during(took);
            self.spent += if self.durable { took } else { took.saturating_sub(waited) };
            self.messages += self.arrivals.len() as u64;
            if self.durable {
                let (done, took) = clock::time(|| dedup.commit());
                done?;
                self.spent += took;
                self.commits.push(took.as_nanos() as u64);
            } else {
                let (done, took) = clock::time(|| dedup.commit());
                done?;
                self.waits.during(took);
            }
        }
        Ok(())
    }
}

/// Decisions one by one: p50 and p99.
fn single(dedup: &mut dyn Dedup, stream: Stream, most: usize) -> Result<(u64, u64), DedupError> {
    let messages: Vec<Message> = stream.take(most).collect();
    let mut samples = Vec::with_capacity(messages.len());
    for message in &messages {
        let (answer, took) = clock::time(|| black_box(dedup.admit(&message.arrival)));
        answer?;
        samples.push(took.as_nanos() as u64);
    }
    Ok((percentile(&mut samples, 50), percentile(&mut samples, 99)))
}

/// Messages a second of a strategy that reads each arrival and remembers nothing: the harness's own cost.
///
/// # Errors
/// None in practice; the signature is that of the strategies.
pub fn floor(workload: &Workload) -> Result<f64, DedupError> {
    through(&mut Floor, workload, CHUNK as u64).map(|speed| speed.messages_per_second)
}

/// Looks at what the cheapest strategy must look at.
struct Floor;

impl Dedup for Floor {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        let odd = (arrival.sequence ^ u64::from(arrival.producer)) & 1 == 1;
        Ok(if odd { Admission::Skip } else { Admission::Process })
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        Ok(())
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn theory(&self) -> crate::dedup::Theory {
        crate::dedup::Theory::exact(crate::dedup::Recognises::Nothing)
    }
}
