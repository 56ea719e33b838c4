//! Searches that leave something out decide as the plain one does, of every bundled model and of random small
//! scenarios: without the budget in the states every byte of a verdict is the same; with orders left out, too, or up to
//! exchanges of equal clients, or both, both halves of the level, `breaks_at`, the least costs of what is judged at
//! rest, and all that states at rest have to tell. None ever has more states.

mod support;

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;

use brokerproof::check::{Cost, Limits, Report, Search, Verdict};
use brokerproof::decide;
use brokerproof::guarantee::{Anomaly, Guarantee, Half};
use brokerproof::protocol::safeguard::Safeguard;
use brokerproof::scenario::{Scenario, load, parse};
use brokerproof::system::footprint::check;
use brokerproof::system::{Modality, Model, Parted, Property, replay_strict};
use brokerproof::world::property::Pin;
use brokerproof::world::{Action, Scene, World};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use support::scenarios::states;

type Told = Report<Action, String>;

/// Which search.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Plain,
    Parts,
    FewerOrders,
    UpToExchanges,
    Reduced(usize),
}

fn properties(scene: &Scene) -> Vec<Property<World>> {
    let mut properties = Vec::new();
    for subject in scene.subjects() {
        let of =
            Guarantee::ALL.iter().map(|guarantee| scene.guarantee_property(*guarantee, subject));
        properties.extend(of);
    }
    properties.extend(Pin::SIMPLE.iter().map(|(_, pin)| scene.pin_property(*pin)));
    properties
}

/// What a state at rest has to tell: every anomaly, and what clients saw.
fn outcome(scene: &Scene, world: &World) -> String {
    let subjects = scene.subjects().into_iter();
    let findings = subjects.flat_map(|subject| {
        Guarantee::ALL.iter().flat_map(move |guarantee| {
            let found = scene.findings(*guarantee, subject, world, true);
            found.into_iter().map(|found| format!("{:?} {:?}", found.anomaly, found.payload))
        })
    });
    format!("{:?} {:?}", findings.collect::<Vec<_>>(), world.ledger)
}

fn search(scene: &Scene, engine: Engine, states: u64) -> Told {
    let properties = properties(scene);
    let limits = Limits { states, ..Limits::default() };
    let search = Search::new(scene, &properties)
        .limits(&limits)
        .outcomes(|world| outcome(scene, world))
        .cycles(|_| ());
    let quiet = &mut |_: &_| ControlFlow::Continue(());
    match engine {
        Engine::Plain => search.run(quiet),
        Engine::Parts => search.canonical().run_interned(quiet),
        Engine::FewerOrders => search.canonical().fewer_orders().run_interned(quiet),
        Engine::UpToExchanges => search.canonical().up_to_exchanges().run_interned(quiet),
        Engine::Reduced(threads) => {
            search.canonical().reduced().threads(threads).run_interned(quiet)
        }
    }
}

/// Compares the searches of a scenario, if the whole one fits into so many states; the numbers of states of the whole
/// one, without the budget, with fewer orders, up to exchanges, and with both left out.
fn compare(scenario: &Scenario, whole: Engine, states: u64) -> Option<[u64; 5]> {
    let name = &scenario.path;
    let all = search(&Scene::new(scenario.setting.clone()), whole, states);
    if !all.extent.is_complete() {
        return None;
    }
    let scene = Scene::without_budget(scenario.setting.clone());
    let lean = search(&scene, Engine::Parts, states);
    assert!(lean.extent.is_complete(), "{name}");
    let schedules = |told: &Told| -> Vec<(Option<Cost>, Option<Vec<Action>>)> {
        let verdicts = told.decisions.iter().map(|decision| &decision.verdict);
        verdicts.map(|v| (v.cost(), v.schedule().map(|s| s.actions.clone()))).collect()
    };
    assert_eq!(schedules(&all), schedules(&lean), "{name}");
    assert_eq!(all.outcomes, lean.outcomes, "{name}");
    assert_eq!((&all.livelock, &all.trap), (&lean.livelock, &lean.trap), "{name}");
    let engines = [Engine::FewerOrders, Engine::UpToExchanges, Engine::Reduced(1)];
    let reduced = engines.map(|engine| search(&scene, engine, states));
    for (reduced, engine) in reduced.iter().zip(engines) {
        assert!(reduced.extent.is_complete(), "{name}");
        assert_eq!(reduced.comes_to_rest, Some(all.trap.is_none()), "{name}");
        assert_eq!(all.outcomes, reduced.outcomes, "{name}");
        for (all, some) in all.decisions.iter().zip(&reduced.decisions) {
            let exact = engine == Engine::UpToExchanges;
            assert!(!exact || all.verdict.cost() == some.verdict.cost(), "{name}");
            let may_be_unknown = !exact && reduced.comes_to_rest == Some(false);
            compare_verdicts(&scene, (&all.verdict, &some.verdict), may_be_unknown, name);
        }
    }
    let together = search(&scene, Engine::Reduced(2), states);
    let [orders, exchanges, reduced] = reduced;
    assert_eq!(format!("{reduced:?}"), format!("{together:?}"), "{name}");
    let states = |told: &Told| told.extent.explored().states;
    let [whole, lean] = [&all, &lean].map(states);
    let [orders, exchanges, both] = [&orders, &exchanges, &reduced].map(states);
    let counts = [whole, lean, orders, exchanges, both];
    let fewer = whole >= lean && lean >= orders && lean >= exchanges && orders >= both;
    assert!(fewer && exchanges >= both, "{name}: {counts:?}");
    let alone = Scene::new(scenario.setting.clone()).exchanges().is_empty();
    assert!(!alone || lean == exchanges, "{name}: {counts:?}");
    Some(counts)
}

fn compare_verdicts(
    scene: &Scene,
    (all, some): (&Verdict<Action>, &Verdict<Action>),
    may_be_unknown: bool,
    name: &str,
) {
    let faults = |verdict: &Verdict<Action>| verdict.cost().map(|cost| cost.faults);
    match some {
        Verdict::Unknown(_) => assert!(may_be_unknown, "{name}"),
        Verdict::Holds(_) | Verdict::Unreached(_) => {
            assert_eq!(std::mem::discriminant(all), std::mem::discriminant(some), "{name}");
        }
        Verdict::Violated { schedule, shortest, .. }
        | Verdict::Reached { schedule, shortest, .. } => {
            assert_eq!(faults(all), faults(some), "{name}");
            assert!(!shortest || all.cost() == some.cost(), "{name}");
            assert!(all.cost() <= some.cost(), "{name}");
            let end = replay_strict(scene, schedule, |_| {});
            assert!(end.is_ok(), "{name}");
        }
    }
}

/// The scenario with so many faults at most.
fn within(mut scenario: Scenario, total: u32) -> Scenario {
    scenario.setting.faults.total = scenario.setting.faults.total.min(total);
    scenario
}

/// Every model in full if it is small enough, and else with one fault.
#[test]
fn bundled_models_are_decided_alike() {
    let mut paths = Vec::new();
    support::toml_files(&support::root().join("models"), &mut paths);
    let (mut all, mut some, mut in_full) = (0, 0, 0);
    for path in paths {
        let scenario = load(&path).unwrap_or_else(|failure| panic!("{failure}"));
        let whole = compare(&within(scenario.clone(), 2), Engine::Parts, 3_000);
        in_full += usize::from(whole.is_some());
        let compared = whole.or_else(|| compare(&within(scenario, 1), Engine::Parts, 8_000));
        let Some([whole, .., reduced]) = compared else { continue };
        (all, some) = (all + whole, some + reduced);
    }
    assert!(in_full > 40 && all > 3 * some / 2, "{in_full} in full; {all} states, {some} reduced");
}

/// Decides with the engine of whole worlds in parts, if so many states are enough, and compares: everything that is
/// told is the same with the others, but for how much was looked at, of which the reduced search never does more.
fn tell_alike(scenario: &Scenario, states: u64) -> Option<[u64; 2]> {
    let name = &scenario.path;
    let threads = NonZeroUsize::MIN;
    let limits = Limits { states, ..decide::limits(scenario) };
    let quiet = &mut |_: &_| ControlFlow::Continue(());
    let all = decide::decide_with(decide::Engine::Parts { threads }, scenario, &limits, quiet);
    if !all.extent.is_complete() {
        return None;
    }
    let mut counts = [all.explored().states; 2];
    for engine in [decide::Engine::Lean { threads }, decide::Engine::Reduced { threads }] {
        let some = decide::decide_with(engine, scenario, &limits, quiet);
        assert!(some.extent.is_complete(), "{name}");
        counts[1] = some.explored().states;
        assert!(counts[1] <= counts[0], "{name}");
        let some = decide::Decided { extent: all.extent.clone(), ..some };
        assert_eq!(all, some, "{name} with {engine:?}");
    }
    // Whoever asks for one guarantee alone gets the same answer about it, and the same counterexample.
    for &guarantee in Guarantee::ALL {
        let alone = decide::decide_guarantees(scenario, &[guarantee], &limits, quiet);
        for judgement in &alone.judgements {
            let known = all.judgement(guarantee, judgement.subject);
            assert_eq!(known, Some(judgement), "{name}: {guarantee:?} alone");
        }
    }
    // A search that ends early may know less, and never anything else.
    let limits = Limits { states: counts[1] / 2 + 1, ..limits };
    let early = decide::decide(scenario, &limits, quiet);
    for judgement in &early.judgements {
        let known = all.judgement(judgement.guarantee, judgement.subject).expect("it is asked");
        let less = judgement.half == Half::Unknown;
        assert!(less || at_least(judgement.half, known.half), "{name}: {judgement:?}, {known:?}");
        let shorter =
            |breach: &decide::Breach| known.breach.as_ref().map(|b| b.cost) > Some(breach.cost);
        assert!(!judgement.breach.as_ref().is_some_and(shorter), "{name}: {judgement:?}");
    }
    Some(counts)
}

/// Whether a search that ended early may say this of a half that is known: what breaks may do so with fewer faults.
fn at_least(early: Half, known: Half) -> bool {
    match (early, known) {
        (Half::No(early), Half::No(known)) => early >= known,
        _ => early == known,
    }
}

fn models() -> Vec<Scenario> {
    let mut paths = Vec::new();
    support::toml_files(&support::root().join("models"), &mut paths);
    let load = |path: &PathBuf| load(path).unwrap_or_else(|failure| panic!("{failure}"));
    paths.iter().map(load).collect()
}

/// Verdicts, counterexamples, pins and claims are the same with every engine: of all models where the tests are
/// optimized, and else of those that are not large.
#[test]
fn models_are_told_alike_by_every_engine() {
    let states = if cfg!(debug_assertions) { 6_000 } else { u64::MAX };
    let models = models();
    let counts: Vec<[u64; 2]> =
        models.iter().filter_map(|scenario| tell_alike(scenario, states)).collect();
    let all: u64 = counts.iter().map(|[all, _]| all).sum();
    let some: u64 = counts.iter().map(|[_, some]| some).sum();
    assert!(counts.len() > 80 && all > some * 3 / 2, "{}: {all}, {some}", counts.len());
    assert!(cfg!(debug_assertions) || counts.len() == models.len());
}

#[test]
fn random_small_scenarios_are_decided_alike() {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let (mut compared, mut all, mut some, mut fewer) = (0, 0, 0, 0);
    for number in 0.. {
        let text = support::scenarios::any(&mut random);
        let Ok(scenario) = parse(&text, &format!("random {number}")) else { continue };
        if let Some([whole, .., reduced]) = compare(&scenario, Engine::Plain, 700) {
            tell_alike(&scenario, 2_000).expect("it is small");
            (all, some) = (all + whole, some + reduced);
            fewer += u32::from(reduced < whole);
            compared += 1;
        }
        if compared == 220 {
            break;
        }
        assert!(number < 4_000, "only {compared} of {number} scenarios are small and meant");
    }
    assert!(fewer > 60, "{fewer} of {compared} are reduced: {all} states, {some} reduced");
}

/// The same of scenarios with clients that are set alike.
#[test]
fn equal_clients_are_decided_alike() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let (mut compared, mut sums, mut fewer) = (0, [0; 5], 0);
    for number in 0.. {
        let text = support::scenarios::with_equal_clients(&mut random);
        let Ok(scenario) = parse(&text, &format!("equal {number}")) else { continue };
        if Scene::new(scenario.setting.clone()).exchanges().is_empty() {
            continue;
        }
        if let Some(counts) = compare(&scenario, Engine::Parts, 3_000) {
            if compared % 4 == 0 {
                tell_alike(&scenario, 6_000).expect("it is small");
            }
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            fewer += u32::from(counts[3] < counts[1] && counts[4] < counts[2]);
            compared += 1;
        }
        if compared == 220 {
            break;
        }
        assert!(number < 4_000, "only {compared} of {number} scenarios are small and meant");
    }
    let [_, lean, orders, exchanges, both] = sums;
    assert!(fewer > 150, "{fewer} of {compared}: {sums:?}");
    assert!(10 * exchanges < 7 * lean && 10 * both < 8 * orders, "{sums:?}");
}

/// What is said of parts that make actions impossible or do not matter is true in the lean scenes, too.
#[test]
fn what_worlds_say_of_closed_parts_is_true() {
    let mut random = ChaCha8Rng::seed_from_u64(13);
    let mut paths = vec![support::root().join("tests/data/parts/every-fault.toml")];
    support::toml_files(&support::root().join("tests/data/parts"), &mut paths);
    for path in paths {
        let scenario = load(&path).unwrap_or_else(|failure| panic!("{failure}"));
        let scene = Scene::without_budget(scenario.setting);
        let states = states(&scene, &mut random, 30, 80);
        for _ in 0..200 {
            let [one, other] = [(); 2].map(|()| (random.next_u64() % states.len() as u64) as usize);
            let told = check(&scene, &states[one], &states[other]);
            told.unwrap_or_else(|claim| panic!("{}: {claim}", path.display()));
        }
    }
}

/// What is judged in every state stays broken, or reached, as long as nothing costs anything, so that a state at rest
/// shows it: every guarantee and every pin, on random runs of every model.
#[test]
fn what_is_stable_lasts() {
    let mut random = ChaCha8Rng::seed_from_u64(21);
    let mut seen = 0;
    for scenario in models() {
        let scene = Scene::without_budget(scenario.setting.clone());
        let anomalies = Anomaly::ALL.iter().map(|anomaly| Pin::Anomaly(*anomaly));
        let refusals = Safeguard::ALL.iter().map(|safeguard| Pin::Refused(*safeguard));
        let mut asked = properties(&scene);
        asked.extend(anomalies.chain(refusals).map(|pin| scene.pin_property(pin)));
        asked.extend((0..scenario.setting.apps.len()).map(|app| scene.worked_again(app)));
        asked.retain(|property| !property.only_at_rest);
        assert!(asked.iter().all(|property| property.stable), "{}", scenario.path);
        for _ in 0..2 {
            let mut state = scene.initial().remove(0);
            let mut before = vec![false; asked.len()];
            for _ in 0..90 {
                let mut actions = Vec::new();
                scene.enabled(&state, &mut actions);
                if actions.is_empty() {
                    break;
                }
                let action = actions[(random.next_u64() % actions.len() as u64) as usize];
                scene.step(&mut state, &action, &mut Vec::new());
                for (property, before) in asked.iter().zip(&mut before) {
                    let told =
                        (property.holds)(&state) == (property.modality == Modality::Reachable);
                    let lasts = told || !*before || scene.faults(&action) > 0;
                    assert!(lasts, "{}: {} ends with {action:?}", scenario.path, property.name);
                    seen += u64::from(told);
                    *before = told;
                }
            }
        }
    }
    assert!(seen > 1_000, "{seen}");
}
