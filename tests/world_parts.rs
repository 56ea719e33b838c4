//! Worlds are taken apart as they claim, and the engine of parts decides as the plain one does.
//! `cargo run --release --example kafka -- FILE...` compares whole searches of larger scenarios.

mod support;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use brokerproof::decide::{Engine, decide_with, limits};
use brokerproof::fault::FAULTS;
use brokerproof::scenario::{Scenario, Tier, load};
use brokerproof::system::Parted;
use brokerproof::system::footprint::{check, check_slots};
use brokerproof::world::Scene;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use support::scenarios::states;

/// Every scenario in a folder, and in the folders in it.
fn scenarios(folder: &str) -> Vec<Scenario> {
    let mut paths = Vec::new();
    support::toml_files(&support::root().join(folder), &mut paths);
    assert!(!paths.is_empty(), "no scenarios in {folder}");
    paths.iter().map(|path| load(path).unwrap_or_else(|failure| panic!("{failure}"))).collect()
}

fn check_footprints(scenario: &Scenario, random: &mut ChaCha8Rng, runs: usize, pairs: usize) {
    let scene = Scene::new(scenario.setting.clone());
    check_slots(&scene).unwrap_or_else(|claim| panic!("{}: {claim}", scenario.path));
    let states = states(&scene, random, runs, 80);
    let mut any = || &states[(random.next_u64() % states.len() as u64) as usize];
    for _ in 0..pairs {
        let (one, other) = (any(), any());
        check(&scene, one, other).unwrap_or_else(|claim| panic!("{}: {claim}", scenario.path));
    }
}

#[test]
fn steps_touch_nothing_but_their_footprints() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for scenario in scenarios("models").iter().chain(&scenarios("tests/data")) {
        check_footprints(scenario, &mut random, 3, 16);
    }
}

#[test]
fn every_fault_touches_nothing_but_its_footprint() {
    let scenario = load(&support::root().join("tests/data/parts/every-fault.toml"));
    let scenario = scenario.unwrap_or_else(|failure| panic!("{failure}"));
    let models = scenarios("models");
    let all = models.iter().chain([&scenario]).flat_map(|s| &s.setting.faults.kinds);
    let kinds: Vec<_> = all.filter(|(_, cap)| *cap > 0).map(|(kind, _)| kind.as_str()).collect();
    for fault in FAULTS {
        assert!(kinds.contains(&fault.name()), "no scenario has {}", fault.name());
    }
    let mut random = ChaCha8Rng::seed_from_u64(11);
    check_footprints(&scenario, &mut random, 60, 400);
    let scene = Scene::new(scenario.setting.clone());
    assert!(scene.blocks().len() > 4);
}

/// Decides a scenario with both engines, and compares every byte of what they say.
fn compare_engines(scenario: &Scenario, states: u64) {
    let mut limits = limits(scenario);
    limits.states = limits.states.min(states);
    let decide =
        |engine| decide_with(engine, scenario, &limits, &mut |_| ControlFlow::Continue(()));
    let plain = decide(Engine::Plain);
    for threads in [1, 2].into_iter().filter_map(NonZeroUsize::new) {
        let parts = decide(Engine::Parts { threads });
        if plain.extent.is_complete() {
            assert_eq!(plain, parts, "{} with {threads} threads", scenario.path);
        } else {
            // Where a limit of states cuts a search off the engines have done different parts of the rest.
            assert!(!parts.extent.is_complete(), "{}", scenario.path);
            assert_eq!(plain.explored().states, parts.explored().states, "{}", scenario.path);
        }
    }
}

/// The scenario with at most one fault.
fn with_one_fault(mut scenario: Scenario) -> Scenario {
    scenario.setting.faults.total = scenario.setting.faults.total.min(1);
    scenario
}

#[test]
fn both_engines_decide_models_alike() {
    let quick = |scenario: &Scenario| scenario.tier == Tier::Quick;
    for scenario in scenarios("models").into_iter().filter(quick) {
        compare_engines(&scenario, 2_000);
        compare_engines(&with_one_fault(scenario), 1_000);
    }
}

#[test]
fn both_engines_decide_other_scenarios_alike() {
    for scenario in scenarios("tests/data") {
        compare_engines(&with_one_fault(scenario), 1_000);
    }
}
