//! `simulate`: many random runs of a scenario, and the shortest story of what they break.

mod cost;
mod options;
mod shard;
mod tell;

use std::ops::ControlFlow;
use std::thread;

pub use options::{Perturbation, Simulate};
pub use shard::{Merge, merge};

use crate::cli::console::{Console, Stopwatch};
use crate::cli::exit::Exit;
use crate::cli::source;
use crate::cli::stop::Stop;
use crate::guarantee::{Guarantee, Level};
use crate::report::text::grouped;
use crate::report::{Tone, simulate as report};
use crate::scenario::Scenario;
use crate::simulate::threads;
use crate::simulate::{End, Limits, Moment, Observer, Outcome, Seeds, Simulator, Summary, sweep};
use crate::system::Model;
use crate::world::Scene;

/// Runs the verb.
pub fn run(arguments: &Simulate, console: &mut Console) -> Exit {
    let mut scenario = match source::load(&arguments.scenario) {
        Ok(scenario) => scenario,
        Err(failure) => return source::fail(console, &failure, arguments.telling.json),
    };
    let changed = arguments.perturbation.apply(&mut scenario);
    let checked = arguments.perturbation.check(&scenario).and_then(|()| arguments.telling.check());
    if let Err(problem) = checked {
        console.error(&problem);
        return Exit::BadInput;
    }
    if arguments.costing.cost {
        return cost::run(arguments, &scenario, console);
    }
    if arguments.shard.is_some() {
        return shard::run(arguments, &scenario, console);
    }
    let stop = Stop::on_interrupt();
    let scene = Scene::new(scenario.setting.clone());
    let simulator = simulator(&arguments.perturbation, &scene);
    let seeds = arguments.all_seeds();
    if let (Some(seed), false) = (arguments.seed, arguments.telling.json) {
        let threads = threads(&scene.initial()[0]);
        let drawn = report::drawn(&simulator.drawn(seed), threads);
        console.print(&console.style.block(
            Tone::Quiet,
            "",
            &format!("Seed {seed} draws {drawn}."),
        ));
        console.print("\n");
    }
    let begin = Begin::now();
    let (summary, stopped) = perform(arguments, &simulator, seeds, &stop, console);
    let took = begin.took();
    let told =
        tell::Telling { arguments, scenario: &scenario, changed, simulator: &simulator, stopped };
    told.tell(seeds, &summary, arguments.timings.then_some(took), console)
}

/// A simulator as the arguments have it.
fn simulator<'a>(perturbation: &Perturbation, scene: &'a Scene) -> Simulator<'a> {
    let mut simulator = Simulator::new(scene);
    simulator.asked = perturbation.asked();
    simulator.limits = perturbation.limits();
    simulator.pace = perturbation.pace();
    simulator
}

/// How many runs at a time.
fn jobs(arguments: &Simulate) -> usize {
    let all = || thread::available_parallelism().map_or(1, usize::from);
    arguments.threads.map_or_else(all, usize::from)
}

/// The runs, and whether they were stopped from outside.
fn perform(
    arguments: &Simulate,
    simulator: &Simulator<'_>,
    seeds: Seeds,
    stop: &Stop,
    console: &Console,
) -> (Summary, bool) {
    let watch = Stopwatch::begin();
    let mut summary = Summary::default();
    if seeds.count() == 1 {
        let mut watcher =
            Watcher { stop, bar: console.spinner(), steps: 0, watch, limits: simulator.limits };
        let outcome = simulator.clone().run(seeds.first, &mut watcher);
        watcher.bar.finish_and_clear();
        summary.add(&outcome, simulator.drawn(outcome.seed).strategy);
        return (summary, stop.is_asked() && outcome.end == End::Steps);
    }
    let mut bar = Progress::begin(console.bar(seeds.count()));
    let mut tell = |outcome: &Outcome| {
        summary.add(outcome, simulator.drawn(outcome.seed).strategy);
        bar.shows(summary.runs, || rates(&watch, summary.runs, summary.steps));
        stop.flow()
    };
    let swept = sweep(simulator, seeds, jobs(arguments), &|| stop.flow(), &mut tell);
    bar.bar.finish_and_clear();
    (summary, !swept.complete)
}

/// A bar that is drawn anew a few times a second, however many runs there are.
struct Progress {
    bar: indicatif::ProgressBar,
    watch: Stopwatch,
    /// When it was last drawn, in tenths of a second since the beginning.
    drawn: u128,
}

impl Progress {
    fn begin(bar: indicatif::ProgressBar) -> Progress {
        bar.tick();
        Progress { bar, watch: Stopwatch::begin(), drawn: 0 }
    }

    fn shows(&mut self, done: u64, message: impl FnOnce() -> String) {
        let tenths = self.watch.elapsed().as_millis() / 100;
        if tenths > self.drawn {
            self.drawn = tenths;
            self.bar.set_message(message());
            self.bar.set_position(done);
        }
    }
}

fn rates(watch: &Stopwatch, runs: u64, steps: u64) -> String {
    let milliseconds = (watch.elapsed().as_millis() as u64).max(1);
    format!(
        "{} runs/s, {} steps/s",
        grouped(runs * 1000 / milliseconds),
        grouped(steps * 1000 / milliseconds)
    )
}

/// Shows how far one long run has come, and ends it on Ctrl-C.
struct Watcher<'a> {
    stop: &'a Stop,
    bar: indicatif::ProgressBar,
    steps: u64,
    watch: Stopwatch,
    limits: Limits,
}

impl Observer for Watcher<'_> {
    const READS_STORIES: bool = false;

    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        self.steps += 1;
        if !self.steps.is_multiple_of(1 << 14) {
            return ControlFlow::Continue(());
        }
        let milliseconds = (self.watch.elapsed().as_millis() as u64).max(1);
        let of =
            self.limits.steps.map_or_else(String::new, |steps| format!(" of {}", grouped(steps)));
        self.bar.set_message(format!(
            "{}{of} steps, {} steps/s, virtual time {}",
            grouped(self.steps),
            grouped(self.steps * 1000 / milliseconds),
            report::time(moment.now)
        ));
        self.bar.tick();
        self.stop.flow()
    }
}

/// When a measurement began.
#[derive(Clone, Copy, Debug)]
struct Begin {
    wall: Stopwatch,
    cpu: Option<u64>,
}

/// How long something took, in microseconds; the processors' time where the system says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Took {
    /// Of a clock on the wall.
    pub wall: u64,
    /// Of all processors.
    pub cpu: Option<u64>,
}

impl Begin {
    fn now() -> Begin {
        Begin { wall: Stopwatch::begin(), cpu: cpu_micros() }
    }

    fn took(self) -> Took {
        let cpu = cpu_micros().zip(self.cpu).map(|(end, begin)| end - begin);
        Took { wall: self.wall.elapsed().as_micros() as u64, cpu }
    }
}

#[cfg(unix)]
fn cpu_micros() -> Option<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1_000)
}

#[cfg(not(unix))]
fn cpu_micros() -> Option<u64> {
    None
}

/// Whether runs refute that a guarantee holds where it must: by the level that is required, or by what the
/// scenario claims.
fn refutes(arguments: Option<Level>, scenario: &Scenario, summary: &Summary) -> bool {
    summary.broken.keys().any(|&(subject, guarantee): &(_, Guarantee)| match arguments {
        Some(level) => report::demanded(level, guarantee),
        None => report::claimed(scenario, guarantee, subject) == Some(true),
    })
}
