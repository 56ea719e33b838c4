//! Every strategy at a million keys with 1 % and 10 % of duplicates.
//!
//! One iteration is a whole stream through a strategy that begins empty: strategies in main memory in
//! batches of 512, durable ones with a commit every 1,000 messages, on files in the system's place for
//! temporary files. `BROKERPROOF_BENCH_KEYS` sets another number of keys.

use std::hint::black_box;

use brokerproof::dedup::disk::{Disks, FileDisks, SimulatedDisks};
use brokerproof::dedup::list::STRATEGIES;
use brokerproof::dedup::sizing::Sizing;
use brokerproof::dedup::trial::{Stream, Workload};
use brokerproof::dedup::{Admission, Arrival, Dedup};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const KEYS: u64 = 1_000_000;
const BATCH: usize = 512;
const COMMIT: usize = 1_000;

fn keys() -> u64 {
    let set = std::env::var("BROKERPROOF_BENCH_KEYS").ok();
    set.and_then(|keys| keys.parse().ok()).unwrap_or(KEYS)
}

fn arrivals(duplicates: &str) -> Vec<Arrival> {
    let workload = Workload {
        keys: keys(),
        duplicates: duplicates.parse().expect("a share"),
        distance: "near".parse().expect("a distance"),
        producers: 100,
        delayed_by: 0,
        seed: 1,
    };
    Stream::new(&workload).map(|message| message.arrival).collect()
}

fn whole_stream(dedup: &mut dyn Dedup, arrivals: &[Arrival], batch: usize) -> u64 {
    let mut admissions = vec![Admission::Process; batch];
    let mut processed = 0;
    for arrivals in arrivals.chunks(batch) {
        dedup.admit_batch(arrivals, &mut admissions).expect("a strategy that works");
        dedup.commit().expect("a strategy that commits");
        let admissions = &admissions[..arrivals.len()];
        processed +=
            admissions.iter().filter(|answer| **answer == Admission::Process).count() as u64;
    }
    processed
}

fn strategies(criterion: &mut Criterion) {
    let directory = std::env::temp_dir().join(format!("brokerproof-bench-{}", std::process::id()));
    let sizing = Sizing { keys: keys(), window: keys() / 10, ..Sizing::default() };
    for duplicates in ["0.01", "0.1"] {
        let arrivals = arrivals(duplicates);
        let mut group = criterion.benchmark_group(format!("duplicates {duplicates}"));
        group.throughput(Throughput::Elements(arrivals.len() as u64)).sample_size(10);
        for row in STRATEGIES.iter().filter(|row| row.overtaken_by == 0) {
            for &kind in row.kinds.iter().filter(|kind| kind.name() != "snapshot") {
                let name = BenchmarkId::new(row.name, kind);
                let durable = kind.order().is_some();
                let batch = if durable { COMMIT } else { BATCH };
                let mut turn = 0;
                let begin = || {
                    turn += 1;
                    let files = directory.join(format!("{}-{kind}-{turn}", row.name));
                    let disks: Box<dyn Disks> = if durable {
                        Box::new(FileDisks::new(&files).expect("a directory"))
                    } else {
                        Box::new(SimulatedDisks::default())
                    };
                    (row.build(&sizing, kind, &*disks).expect("a strategy"), files)
                };
                let mut begin = begin;
                group.bench_function(name, |bencher| {
                    bencher.iter_batched_ref(
                        &mut begin,
                        |(dedup, _)| black_box(whole_stream(&mut **dedup, &arrivals, batch)),
                        BatchSize::PerIteration,
                    );
                });
                // Files of finished turns go before the next strategy takes the disk.
                if durable {
                    std::fs::remove_dir_all(&directory).expect("files that can be removed");
                }
            }
        }
        group.finish();
    }
}

criterion_group!(benches, strategies);
criterion_main!(benches);
