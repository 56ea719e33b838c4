//! Clients that are set alike can change places: what a world makes possible is then possible with the names exchanged,
//! at the same costs, and what is asked about one of them is true of the other.

mod support;

use brokerproof::guarantee::{Guarantee, Subject};
use brokerproof::scenario::{Scenario, load, parse};
use brokerproof::system::exchange::{check, usable};
use brokerproof::system::{Model, Parted};
use brokerproof::world::{Scene, World};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use support::scenarios::states;

/// The subjects, in another order: whatever is asked of one is asked of the one in its place.
fn exchanged_subjects(scene: &Scene, exchange: usize) -> Vec<Subject> {
    let (subjects, senders) = (scene.subjects(), scene.setting.producers.len());
    let [one, other] = scene.exchanged_processes(exchange).map(|id| usize::from(id.0));
    let to = |subject: &Subject| match *subject {
        Subject::App(app) if app + senders == one => Subject::App(other - senders),
        Subject::App(app) if app + senders == other => Subject::App(one - senders),
        subject => subject,
    };
    subjects.iter().map(to).collect()
}

/// Checks one state against what becomes of it.
fn check_state(scene: &Scene, state: &World, name: &str) {
    let all: Vec<usize> = (0..scene.exchanges().len()).collect();
    check(scene, &all, state).unwrap_or_else(|claim| panic!("{name}: {claim}"));
    let rests = scene.is_quiescent(state);
    for exchange in 0..scene.exchanges().len() {
        let exchanged = scene.exchanged(exchange, state);
        assert_eq!(scene.is_quiescent(&exchanged), rests, "{name}");
        for (one, other) in scene.subjects().into_iter().zip(exchanged_subjects(scene, exchange)) {
            for &guarantee in Guarantee::ALL {
                let [before, after] =
                    [(one, state), (other, &exchanged)].map(|(subject, world)| {
                        let rest = scene.is_judged_at_rest(guarantee, subject);
                        let found = scene.findings(guarantee, subject, world, rest);
                        found
                            .into_iter()
                            .map(|found| (found.anomaly, found.loss))
                            .collect::<Vec<_>>()
                    });
                let sorted = |mut found: Vec<_>| {
                    found.sort_unstable();
                    found
                };
                assert_eq!(sorted(before), sorted(after), "{name}: {guarantee:?}");
            }
        }
    }
}

/// Checks states of random runs; how many ways to exchange clients there are.
fn check_scenario(scenario: &Scenario, random: &mut ChaCha8Rng, runs: usize, some: usize) -> usize {
    for scene in
        [Scene::new(scenario.setting.clone()), Scene::without_budget(scenario.setting.clone())]
    {
        if scene.exchanges().is_empty() {
            return 0;
        }
        assert_eq!(usable(&scene, &scene.initial()).len(), scene.exchanges().len());
        let states = states(&scene, random, runs, 90);
        for _ in 0..some {
            let state = &states[(random.next_u64() % states.len() as u64) as usize];
            check_state(&scene, state, &scenario.path);
        }
    }
    Scene::new(scenario.setting.clone()).exchanges().len()
}

#[test]
fn equal_clients_of_models_change_places() {
    let mut paths = Vec::new();
    support::toml_files(&support::root().join("models"), &mut paths);
    support::toml_files(&support::root().join("tests/data"), &mut paths);
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut with = 0;
    for path in paths {
        let scenario = load(&path).unwrap_or_else(|failure| panic!("{failure}"));
        with += usize::from(check_scenario(&scenario, &mut random, 12, 60) > 0);
    }
    assert!(with >= 2, "{with} models have equal clients");
}

#[test]
fn equal_clients_of_random_scenarios_change_places() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let (mut checked, mut ways, mut stages) = (0, 0, 0);
    for number in 0..4_000 {
        let text = support::scenarios::with_equal_clients(&mut random);
        let Ok(scenario) = parse(&text, &format!("random {number}")) else { continue };
        let exchanges = check_scenario(&scenario, &mut random, 4, 12);
        checked += usize::from(exchanges > 0);
        ways += exchanges;
        let sends_on = scenario.setting.apps.iter().any(|app| app.output.is_some());
        stages += usize::from(exchanges > 0 && sends_on);
        if checked == 250 {
            break;
        }
    }
    assert!(checked == 250 && ways > 270, "{checked} scenarios, {ways} ways");
    assert!(stages > 10, "{stages} with a further stage");
}
