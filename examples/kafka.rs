//! How fast scenarios are searched, by engine and feature.
//!
//! `cargo run --release --example kafka -- [--states N] FILE...`
//!
//! For each engine: distinct states, steps, seconds, the bytes of a stored state and of what is remembered, and
//! how often the protocol's code ran. It fails if the engines do not say the same in every byte.
#![allow(clippy::disallowed_methods, reason = "a comparison of speeds measures time")]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use brokerproof::check::{Limits, Report, Search};
use brokerproof::guarantee::Guarantee;
use brokerproof::scenario::load;
use brokerproof::system::Property;
use brokerproof::world::{Action, Scene, World};

type Told = Report<Action>;

fn properties(scene: &Scene) -> Vec<Property<World>> {
    let subjects = scene.subjects().into_iter();
    let asked = subjects.flat_map(|s| Guarantee::ALL.iter().map(move |&guarantee| (guarantee, s)));
    asked.map(|(guarantee, subject)| scene.guarantee_property(guarantee, subject)).collect()
}

fn search<'a>(
    scene: &'a Scene,
    asked: &'a [Property<World>],
    limits: &Limits,
    (threads, canonical, cycles): (usize, bool, bool),
) -> Search<'a, Scene> {
    let mut search = Search::new(scene, asked).limits(limits).threads(threads);
    if canonical {
        search = search.canonical();
    }
    if cycles { search.cycles(|_| ()) } else { search }
}

fn measure(path: &str, limits: &Limits) -> Result<(), String> {
    let scenario = load(Path::new(path)).map_err(|failure| failure.to_string())?;
    let scene = Scene::new(scenario.setting);
    let asked = properties(&scene);
    println!("{path}");
    println!(
        "{:<34} {:>10} {:>11} {:>8} {:>11} {:>8} {:>9} {:>9} {:>9}",
        "engine", "states", "steps", "s", "steps/s", "B/state", "memo MB", "calls", "combined"
    );
    let kinds: [(&str, bool, (usize, bool, bool)); 6] = [
        ("whole states", false, (1, false, true)),
        ("whole states, no livelock", false, (1, false, false)),
        ("parts, as in check", true, (1, true, true)),
        ("parts, as in check, 2 threads", true, (2, true, true)),
        ("parts, no livelock", true, (1, true, false)),
        ("parts, no livelock, any order", true, (1, false, false)),
    ];
    let mut first: Option<Told> = None;
    for (name, in_parts, how) in kinds {
        let begin = Instant::now();
        let search = search(&scene, &asked, limits, how);
        let told: Told = match in_parts {
            true => search.run_interned(&mut |_| ControlFlow::Continue(())),
            false => search.run_silently(),
        };
        let seconds = begin.elapsed().as_secs_f64();
        let (explored, effort) = (*told.extent.explored(), &told.effort);
        println!(
            "{name:<34} {:>10} {:>11} {seconds:>8.3} {:>11.0} {:>8.1} {:>9.1} {:>9} {:>9}",
            explored.states,
            explored.transitions,
            explored.transitions as f64 / seconds,
            effort.state_bytes as f64 / explored.states as f64,
            effort.memo_bytes as f64 / 1e6,
            effort.local_calls,
            effort.combinations,
        );
        if in_parts && how == (1, true, true) {
            println!(
                "  bits of a state: {}; contents of blocks: {:?}",
                effort.key_bits, effort.blocks
            );
        }
        let first = first.get_or_insert_with(|| told.clone());
        if told.extent.is_complete() && !agree(first, &told, how) {
            return Err(format!("{path}: {name} does not say the same as whole states"));
        }
    }
    Ok(())
}

/// Whether two reports say the same: where the order of actions does not matter, of counts alone.
fn agree(one: &Told, other: &Told, (_, canonical, cycles): (usize, bool, bool)) -> bool {
    let alike = one.extent == other.extent;
    let told = !canonical || one.decisions == other.decisions;
    alike && told && (!cycles || (&one.livelock, &one.trap) == (&other.livelock, &other.trap))
}

fn main() -> ExitCode {
    let mut limits = Limits::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let result = if word == "--states" {
            let number = words.next().and_then(|number| number.parse().ok());
            number.map(|states| limits.states = states).ok_or("--states: expected a number".into())
        } else {
            measure(&word, &limits)
        };
        if let Err(problem) = result {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
