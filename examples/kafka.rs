//! How fast scenarios are searched, by engine and feature.
//!
//! `cargo run --release --example kafka -- [--states N] [--parts] FILE...`
//!
//! For each engine: distinct states, steps, seconds by the clock and of the processors (rates are by the latter, where
//! the system tells it, since other programs may be running), the bytes of a stored state and of what is
//! remembered, and how often the protocol's code ran. It fails if the engines do not say the same. `--parts` leaves
//! out the engine that keeps whole states, which takes long.
#![allow(clippy::disallowed_methods, reason = "a comparison of speeds measures time")]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use brokerproof::check::{Limits, Report, Search};
use brokerproof::guarantee::Guarantee;
use brokerproof::scenario::load;
use brokerproof::system::{Property, Schedule};
use brokerproof::world::{Action, Scene, World};

type Told = Report<Action, String>;

fn properties(scene: &Scene) -> Vec<Property<World>> {
    let subjects = scene.subjects().into_iter();
    let asked = subjects.flat_map(|s| Guarantee::ALL.iter().map(move |&guarantee| (guarantee, s)));
    asked.map(|(guarantee, subject)| scene.guarantee_property(guarantee, subject)).collect()
}

/// How a scenario is searched.
#[derive(Clone, Copy)]
struct How {
    name: &'static str,
    in_parts: bool,
    threads: usize,
    /// The adversary's budget is part of a state.
    with_budget: bool,
    fewer_orders: bool,
    up_to_exchanges: bool,
    canonical: bool,
    cycles: bool,
}

const AS_CHECK: How = How {
    name: "parts, as in check",
    in_parts: true,
    threads: 1,
    with_budget: true,
    fewer_orders: false,
    up_to_exchanges: false,
    canonical: true,
    cycles: true,
};

/// Each feature switched off in turn, or on.
const KINDS: [How; 11] = [
    How { name: "whole states", in_parts: false, ..AS_CHECK },
    AS_CHECK,
    How { name: "parts, 2 threads", threads: 2, ..AS_CHECK },
    How { name: "parts, no livelock", cycles: false, ..AS_CHECK },
    How { name: "parts, no livelock, any order", cycles: false, canonical: false, ..AS_CHECK },
    How { name: "budget outside", with_budget: false, ..AS_CHECK },
    How { name: "fewer orders", fewer_orders: true, ..AS_CHECK },
    How { name: "fewer orders, budget outside", fewer_orders: true, ..OUTSIDE },
    How { name: "up to exchanges, outside", up_to_exchanges: true, ..OUTSIDE },
    REDUCED,
    How { name: "the same, 2 threads", threads: 2, ..REDUCED },
];

const OUTSIDE: How = How { with_budget: false, ..AS_CHECK };

const REDUCED: How = How {
    name: "reduced: all three",
    fewer_orders: true,
    up_to_exchanges: true,
    with_budget: false,
    ..AS_CHECK
};

fn measure(path: &str, limits: &Limits, whole: bool) -> Result<(), String> {
    let scenario = load(Path::new(path)).map_err(|failure| failure.to_string())?;
    println!("{path}");
    println!(
        "{:<30} {:>10} {:>11} {:>8} {:>6} {:>11} {:>11} {:>8} {:>8} {:>9} {:>9}",
        "engine",
        "states",
        "steps",
        "s",
        "cpu s",
        "steps/s",
        "states/s",
        "B/state",
        "memo MB",
        "calls",
        "combined"
    );
    let mut first: Option<Told> = None;
    for how in KINDS.iter().filter(|how| whole || how.in_parts) {
        let scene = match how.with_budget {
            true => Scene::new(scenario.setting.clone()),
            false => Scene::without_budget(scenario.setting.clone()),
        };
        let asked = properties(&scene);
        let (begin, before) = (Instant::now(), cpu_seconds());
        let told = search(&scene, &asked, limits, *how);
        let seconds = begin.elapsed().as_secs_f64();
        let cpu = cpu_seconds() - before;
        let counted = if cpu > 0.0 { cpu } else { seconds };
        let (explored, effort) = (*told.extent.explored(), &told.effort);
        println!(
            "{:<30} {:>10} {:>11} {seconds:>8.3} {cpu:>6.2} {:>11.0} {:>11.0} {:>8.1} {:>8.1} {:>9} {:>9}",
            how.name,
            explored.states,
            explored.transitions,
            explored.transitions as f64 / counted,
            explored.states as f64 / counted,
            effort.state_bytes as f64 / explored.states as f64,
            effort.memo_bytes as f64 / 1e6,
            effort.local_calls,
            effort.combinations,
        );
        if how.in_parts {
            println!(
                "  bits of a state: {}; contents of blocks: {:?}",
                effort.key_bits, effort.blocks
            );
        }
        let first = first.get_or_insert_with(|| told.clone());
        if told.extent.is_complete() && first.extent.is_complete() && !agree(first, &told, *how) {
            return Err(format!("{path}: {} does not say the same as the first", how.name));
        }
    }
    Ok(())
}

fn search(scene: &Scene, asked: &[Property<World>], limits: &Limits, how: How) -> Told {
    let mut search = Search::new(scene, asked)
        .limits(limits)
        .threads(how.threads)
        .outcomes(|world| format!("{:?}", world.ledger));
    if how.canonical {
        search = search.canonical();
    }
    if how.fewer_orders {
        search = search.fewer_orders();
    }
    if how.up_to_exchanges {
        search = search.up_to_exchanges();
    }
    if how.cycles {
        search = search.cycles(|_| ());
    }
    match how.in_parts {
        true => search.run_interned(&mut |_| ControlFlow::Continue(())),
        false => search.run_silently(),
    }
}

/// Whether two reports say the same: every byte where the order of actions is kept, and always the outcomes with
/// their least costs, and which properties hold.
fn agree(one: &Told, other: &Told, how: How) -> bool {
    let held = |told: &Told| -> Vec<Option<u32>> {
        let costs = told.decisions.iter().map(|decision| decision.verdict.cost());
        costs.map(|cost| cost.map(|cost| cost.faults)).collect()
    };
    let reduced = how.fewer_orders || how.up_to_exchanges;
    // A reduced search lengthens ways to what is not judged at rest.
    let steps = reduced || one.outcomes == other.outcomes;
    let outcomes = one.outcomes.keys().eq(other.outcomes.keys());
    let exact = reduced || !how.canonical || schedules(one) == schedules(other);
    let extent = reduced || !how.with_budget || one.extent == other.extent;
    let lassos =
        reduced || !how.cycles || (&one.livelock, &one.trap) == (&other.livelock, &other.trap);
    held(one) == held(other) && steps && outcomes && exact && extent && lassos
}

fn schedules(told: &Told) -> Vec<Option<&Schedule<Action>>> {
    told.decisions.iter().map(|decision| decision.verdict.schedule()).collect()
}

/// The processor time of this process, user and system, to the hundredth; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|f| f.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn main() -> ExitCode {
    let (mut limits, mut whole) = (Limits::default(), true);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let result = if word == "--states" {
            let number = words.next().and_then(|number| number.parse().ok());
            number.map(|states| limits.states = states).ok_or("--states: expected a number".into())
        } else if word == "--parts" {
            whole = false;
            Ok(())
        } else {
            measure(&word, &limits, whole)
        };
        if let Err(problem) = result {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
