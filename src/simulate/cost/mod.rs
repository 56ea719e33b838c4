//! What a level costs: one workload in several configurations on the same virtual cluster, measured.
//!
//! What differs between two configurations is to be the configuration: so all of them are struck at the same
//! times, and whoever crashes is down for the same time.

mod probe;
mod ways;

use std::ops::ControlFlow;

pub use ways::{Way, ways, with_interval};

use crate::cluster::ClientTimer;
use crate::fault::{FaultId, Target};
use crate::guarantee::Plan;
use crate::history::event::ProcessId;
use crate::simulate::cost::probe::{Logs, Probe};
use crate::simulate::pace::duration;
use crate::simulate::stream::{Purpose, Stream};
use crate::simulate::{
    Asked, Drawn, End, Micros, Order, Outcome, Pace, Simulator, Spread, Strategy, When,
};
use crate::world::{Scene, Setting};

/// Runs in which an application crashes once, each at another time; so many for each application.
pub const CRASHES: u64 = 50;
/// How long an application that crashed is down.
pub const RESTART: Micros = 1_000_000;

/// Nothing that is waited for takes longer, apart from what the scenario or the caller says.
const PATIENCE: Micros = 3_600_000_000;

/// What was measured of one configuration. Times are virtual.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cost {
    /// Records that were handed out.
    pub records: u64,
    /// Requests of all clients.
    pub requests: u64,
    /// Of these, those that produce.
    pub produce_requests: u64,
    /// Bytes of record batches that were sent to the broker and fetched from it, each time they were.
    pub batch_bytes: u64,
    /// Offsets that the coordinator wrote.
    pub offsets_stored: u64,
    /// Control batches in the logs at the end.
    pub markers: u64,
    /// The most records below a high watermark that the last stable offset held back.
    pub held_back: u64,
    /// Of each application, in the scenario's order.
    pub apps: Vec<Served>,
}

/// What was measured of one application.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Served {
    /// From the source to the first effect here, over all stages before it, of each record that had one: in
    /// ascending order.
    pub latencies: Vec<Micros>,
    /// From its crash to its own next effect: the median of those of [`CRASHES`] runs in which there was one.
    pub recovery: Option<Micros>,
    /// Its effects that were repeated, in all runs with a crash of any application.
    pub repeated: u64,
    /// Records that it is to process, and that had no effect here, in those runs.
    pub lost: u64,
}

impl Served {
    /// The latency that so many hundredths of the records stay within.
    pub fn percentile(&self, hundredths: usize) -> Option<Micros> {
        let rank = (self.latencies.len() * hundredths).div_ceil(100).max(1);
        self.latencies.get(rank - 1).copied()
    }
}

/// What is the same for all configurations.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// All random numbers come from it.
    pub seed: u64,
    /// The mean time between two records of a source.
    pub arrival: Micros,
    /// How long a message travels.
    pub network: Spread,
}

/// Why there is no measurement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unmeasured {
    /// It was stopped from outside.
    Stopped,
    /// A run comes to no rest.
    Restless,
}

/// How many runs it takes to measure a configuration.
pub fn runs(setting: &Setting) -> u64 {
    1 + CRASHES * setting.apps.len() as u64
}

/// Measures configurations of one scenario.
pub struct Measuring<'a> {
    terms: Terms,
    /// When an application crashes, in each of [`CRASHES`] runs.
    crashes: Vec<Micros>,
    go_on: &'a dyn Fn() -> ControlFlow<()>,
}

impl<'a> Measuring<'a> {
    /// For the configurations of a scenario, which is run once to learn how long that takes. `go_on` is asked
    /// now and then while runs go on; when it breaks, they end.
    ///
    /// # Errors
    /// If that run was stopped, or comes to no rest.
    pub fn begin(
        setting: &Setting,
        terms: Terms,
        go_on: &'a dyn Fn() -> ControlFlow<()>,
    ) -> Result<Measuring<'a>, Unmeasured> {
        let mut measuring = Measuring { terms, crashes: Vec::new(), go_on };
        let scene = Scene::new(may_crash(setting));
        let plan = scene.plan();
        let mut bench = measuring.bench(&scene, &plan);
        let mut probe = bench.probe();
        let outcome = bench.simulator.run_drawn(terms.seed, &drawn(When::Never), &mut probe);
        bench.check(&outcome)?;
        measuring.crashes = crash_times(terms.seed, probe.last);
        Ok(measuring)
    }

    /// Measures a configuration: a run without faults for everything but what follows a crash of an
    /// application, in other runs. `ran` is told of each run.
    ///
    /// # Errors
    /// If it was stopped, or a run comes to no rest.
    pub fn measure(&self, setting: &Setting, ran: &mut dyn FnMut()) -> Result<Cost, Unmeasured> {
        let scene = Scene::new(may_crash(setting));
        let plan = scene.plan();
        let mut bench = self.bench(&scene, &plan);
        let seed = self.terms.seed;
        let mut calm = Logs::new(bench.probe(), scene.setting.protocol.kafka);
        let outcome = bench.simulator.run_drawn(seed, &drawn(When::Never), &mut calm);
        bench.check(&outcome)?;
        ran();
        let mut cost = calm.probe.finish();
        for served in &mut cost.apps {
            (served.repeated, served.lost) = (0, 0);
        }
        for app in 0..cost.apps.len() {
            let mut recoveries = Vec::new();
            for (run, &time) in (0..).zip(&self.crashes) {
                let struck = bench.crash(seed.wrapping_add(run), app, time)?;
                ran();
                recoveries.extend(struck.apps[app].recovery);
                for (served, struck) in cost.apps.iter_mut().zip(&struck.apps) {
                    served.repeated += struck.repeated;
                    served.lost += struck.lost;
                }
            }
            recoveries.sort_unstable();
            cost.apps[app].recovery = recoveries.get(recoveries.len() / 2).copied();
        }
        Ok(cost)
    }

    fn bench<'b>(&'b self, scene: &'b Scene, plan: &'b Plan) -> Bench<'b> {
        let mut simulator = Simulator::new(scene);
        simulator.pace = Pace {
            source: Spread::Exponential(0, self.terms.arrival),
            network: self.terms.network,
            restart: Spread::Uniform(RESTART, RESTART),
            ..Pace::default()
        };
        simulator.asked = Asked::default();
        // Ended by patience, since the number of steps depends on how long nothing happens between records.
        simulator.limits.steps = Some(u64::MAX / 2);
        let patience = patience(&scene.setting, self.terms);
        Bench { scene, plan, simulator, patience, go_on: self.go_on }
    }
}

/// One configuration that is measured.
struct Bench<'a> {
    scene: &'a Scene,
    plan: &'a Plan,
    simulator: Simulator<'a>,
    patience: Micros,
    go_on: &'a dyn Fn() -> ControlFlow<()>,
}

impl<'a> Bench<'a> {
    fn probe(&self) -> Probe<'a> {
        Probe::new(self.scene, self.plan, self.patience, self.go_on)
    }

    /// A run in which an application crashes at a time.
    fn crash(&mut self, seed: u64, app: usize, time: Micros) -> Result<Cost, Unmeasured> {
        let process = ProcessId((self.scene.setting.producers.len() + app) as u8);
        let crash =
            FaultId::named(CRASH).map(|fault| (time, fault, Some(Target::Process(process))));
        let mut struck = self.probe();
        let drawn = drawn(When::Times(crash.into_iter().collect()));
        let outcome = self.simulator.run_drawn(seed, &drawn, &mut struck);
        self.check(&outcome)?;
        Ok(struck.finish())
    }

    fn check(&self, outcome: &Outcome) -> Result<(), Unmeasured> {
        match (outcome.end == End::Rest, (self.go_on)()) {
            (_, ControlFlow::Break(())) => Err(Unmeasured::Stopped),
            (true, ControlFlow::Continue(())) => Ok(()),
            (false, ControlFlow::Continue(())) => Err(Unmeasured::Restless),
        }
    }
}

/// The fault that strikes.
const CRASH: &str = "crash-consumer";

/// The same scenario with one crash of an application, and no other fault.
fn may_crash(setting: &Setting) -> Setting {
    let mut setting = setting.clone();
    setting.faults.total = 1;
    setting.faults.kinds = vec![(CRASH.to_owned(), 1)];
    setting
}

fn drawn(when: When) -> Drawn {
    Drawn { strategy: Strategy::Clocks, order: Order::Clocks, kinds: Vec::new(), when }
}

/// From a fifth of a run to four fifths of it, one in each of so many equal parts, at any time in it: a crash
/// must not keep step with the interval of commits.
fn crash_times(seed: u64, end: Micros) -> Vec<Micros> {
    let mut stream = Stream::new(seed, Purpose::Fault);
    let begin = |part: u64| {
        let share = u128::from(end) * u128::from(CRASHES + 3 * part) / u128::from(5 * CRASHES);
        // Less than the end.
        share as Micros
    };
    (0..CRASHES).map(|part| stream.within(begin(part), begin(part + 1))).collect()
}

/// How long a run may go without a record that is handed out or has an effect before it is given up.
fn patience(setting: &Setting, terms: Terms) -> Micros {
    let network = match terms.network {
        Spread::Uniform(_, most) => most,
        Spread::Exponential(least, mean) => least.saturating_add(mean),
    };
    let drawn = terms.arrival.saturating_add(network).saturating_mul(100);
    let waited_for = [ClientTimer::Linger, ClientTimer::AutoCommit];
    let timers = setting
        .fixed()
        .processes()
        .flat_map(|process| waited_for.map(|timer| duration(setting, process, timer)));
    timers.max().unwrap_or(0).saturating_add(drawn).saturating_add(PATIENCE)
}
