//! Loss of power at every point of a run, on the simulated disk: after each single write, resize and sync
//! of a durable strategy the writes since the last sync are lost, kept, torn or scattered, and what is
//! found is opened again. Nothing acknowledged may be lost, a batch is there as a whole or not at all,
//! and where effects live in the store each is there exactly once.

use brokerproof::dedup::disk::{CrashPoints, Disk, Fate, SimulatedDisks};
use brokerproof::dedup::list::find;
use brokerproof::dedup::sizing::Sizing;
use brokerproof::dedup::{Admission, Arrival, Dedup, Kind, Order, Store};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A run that is crashed: so many batches of so many records.
struct Script {
    strategy: &'static str,
    kind: Kind,
    batches: u64,
    batch: u64,
}

impl Script {
    fn build(&self, disks: &SimulatedDisks) -> Box<dyn Dedup> {
        let sizing = Sizing { keys: 100, producers: 1, ..Sizing::default() };
        find(self.strategy).unwrap().build(&sizing, self.kind, disks).unwrap()
    }

    fn records(&self) -> u64 {
        self.batches * self.batch
    }

    /// Works through a batch; tells which records were processed.
    fn work(&self, dedup: &mut dyn Dedup, batch: u64) -> Vec<u64> {
        let mut processed = Vec::new();
        for record in batch * self.batch..(batch + 1) * self.batch {
            let arrival = Arrival {
                key: u128::from(record) * 77 + 1,
                producer: 0,
                sequence: record,
                offset: record as i64,
                tick: 0,
            };
            match dedup.admit(&arrival).unwrap() {
                Admission::Process => {
                    dedup.effect(&arrival).unwrap();
                    processed.push(record);
                }
                Admission::Skip => {}
                Admission::Refuse => panic!("{} refuses {record}", self.strategy),
            }
        }
        dedup.commit().unwrap();
        processed
    }

    /// Runs to the end on a recorded disk; tells how many operations had been done when each batch was
    /// acknowledged.
    fn record(&self) -> (CrashPoints, Vec<usize>) {
        let disks = SimulatedDisks::default();
        let disk = disks.disk(self.strategy);
        disk.record();
        let mut dedup = self.build(&disks);
        let acknowledged = (0..self.batches)
            .map(|batch| {
                assert_eq!(self.work(&mut *dedup, batch).len() as u64, self.batch);
                disk.operations()
            })
            .collect();
        let points = disk.crash_points();
        drop(dedup);
        (points, acknowledged)
    }

    /// Opens what a crash left, with `acknowledged` batches acknowledged before it, works through
    /// everything again, and checks.
    fn recover(&self, bytes: &[u8], acknowledged: u64, what: &str) {
        let disks = SimulatedDisks::default();
        disks.disk(self.strategy).write(0, bytes).unwrap();
        let mut dedup = self.build(&disks);
        let mut kept = 0;
        for batch in 0..self.batches {
            let processed = self.work(&mut *dedup, batch).len() as u64;
            assert!(
                processed == 0 || processed == self.batch,
                "{what}: {processed} records of batch {batch} were not there"
            );
            if processed == 0 {
                assert_eq!(kept, batch, "{what}: batch {batch} is there, an earlier one is not");
                kept += 1;
            }
        }
        assert!(kept >= acknowledged, "{what}: {acknowledged} acknowledged, {kept} kept");
        assert!(kept <= acknowledged + 1, "{what}: {kept} kept of {acknowledged}");
        drop(dedup);
        self.check_effects(&disks, what);
    }

    fn check_effects(&self, disks: &SimulatedDisks, what: &str) {
        if self.kind.order() != Some(Order::With) {
            return;
        }
        let effects = Store::open(disks, self.strategy).unwrap().effects().unwrap();
        assert_eq!(effects.len() as u64, self.records(), "{what}");
        assert!(effects.iter().all(|(_, count)| *count == 1), "{what}: {effects:?}");
    }

    /// Crashes at every point, with every fate; returns how many crashes that were.
    fn crash_everywhere(&self) -> u64 {
        let (mut points, acknowledged) = self.record();
        let mut random = ChaCha8Rng::seed_from_u64(4);
        let mut crashes = 0;
        while points.advance() {
            let done = points.done();
            let acknowledged = acknowledged.iter().filter(|at| **at <= done).count() as u64;
            let mut crash = |fate: Fate<'_>| {
                let what = format!("{} {} at {done}, {fate:?}", self.strategy, self.kind);
                self.recover(&points.after_crash(fate), acknowledged, &what);
                crashes += 1;
            };
            crash(Fate::Kept);
            if points.in_doubt() {
                crash(Fate::Lost);
                crash(Fate::Torn);
                crash(Fate::Scattered(&mut random));
            }
        }
        crashes
    }
}

fn script(strategy: &'static str, kind: Kind, batches: u64, batch: u64) -> Script {
    Script { strategy, kind, batches, batch }
}

#[test]
fn the_append_log_survives_a_crash_at_every_point() {
    for kind in [Kind::DurableAfter, Kind::DurableBefore] {
        assert!(script("append-log", kind, 40, 5).crash_everywhere() > 160);
    }
    // Frames of many sectors, and growth past what was reserved.
    assert!(script("append-log", Kind::DurableAfter, 12, 700).crash_everywhere() > 50);
}

#[test]
fn the_datastore_survives_a_crash_at_every_point_in_every_order() {
    for kind in [Kind::DurableBefore, Kind::DurableAfter, Kind::DurableWith] {
        assert!(script("datastore", kind, 5, 4).crash_everywhere() > 50);
    }
}

#[test]
fn what_is_stored_with_the_effects_survives_a_crash_at_every_point() {
    for strategy in ["offset-with-result", "conditional-write"] {
        assert!(script(strategy, Kind::DurableWith, 4, 3).crash_everywhere() > 40);
    }
    assert!(script("bloom-store", Kind::DurableAfter, 4, 3).crash_everywhere() > 40);
}

/// The test can fail: a disk whose syncs do nothing loses what was acknowledged.
#[test]
fn a_disk_that_lies_about_its_syncs_is_found_out() {
    let script = script("append-log", Kind::DurableAfter, 5, 5);
    let (mut points, acknowledged) = script.record();
    let start = points.after_crash(Fate::Lost);
    while points.advance() {}
    assert_eq!(acknowledged.len(), 5);
    let found_out = std::panic::catch_unwind(|| script.recover(&start, 5, "a lying disk"));
    assert!(found_out.is_err());
}

/// A crash during the recovery from a crash.
#[test]
fn the_append_log_survives_a_crash_while_it_recovers() {
    let script = script("append-log", Kind::DurableAfter, 6, 40);
    let (mut points, acknowledged) = script.record();
    let mut random = ChaCha8Rng::seed_from_u64(9);
    while points.advance() {
        if !points.in_doubt() {
            continue;
        }
        let done = points.done();
        let acknowledged = acknowledged.iter().filter(|at| **at <= done).count() as u64;
        let disks = SimulatedDisks::default();
        let disk = disks.disk("append-log");
        disk.write(0, &points.after_crash(Fate::Scattered(&mut random))).unwrap();
        disk.record();
        drop(script.build(&disks));
        let mut again = disk.crash_points();
        while again.advance() {
            for fate in [Fate::Lost, Fate::Torn, Fate::Kept] {
                let what = format!("at {done}, then at {} {fate:?}", again.done());
                script.recover(&again.after_crash(fate), acknowledged, &what);
            }
        }
    }
}
