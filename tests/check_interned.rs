//! The engine of parts agrees with the plain one about everything, and does so for any number of threads.

mod toys;

use std::ops::ControlFlow;

use brokerproof::check::{Limits, Report, Search, Verdict};
use brokerproof::system::footprint::{self, FalseClaim};
use brokerproof::system::{Group, Modality, Model, Parted, Property, replay_strict};
use proptest::prelude::*;
use toys::noise::{Act, Fall, Noise, noises, questions};
use toys::two_phase::{TwoPhase, properties_of_parts};

type Told = Report<Act, Vec<u64>>;

fn search<'a>(
    model: &'a Noise,
    properties: &'a [Property<Vec<u64>>],
    limits: &Limits,
) -> Search<'a, Noise, Vec<u64>> {
    Search::new(model, properties)
        .limits(limits)
        .cycles(|state| state[0] / 2)
        .outcomes(|state| state[..2].to_vec())
}

fn plain(model: &Noise, properties: &[Property<Vec<u64>>], limits: &Limits) -> Told {
    search(model, properties, limits).run_silently()
}

fn fast(model: &Noise, properties: &[Property<Vec<u64>>], limits: &Limits, threads: usize) -> Told {
    let search = search(model, properties, limits).threads(threads);
    search.run_interned(&mut |_| ControlFlow::Continue(()))
}

/// Compares what both engines must agree about, and replays every schedule.
fn compare(model: &Noise, slow: &Told, fast: &Told) -> Result<(), TestCaseError> {
    prop_assert_eq!(&slow.extent, &fast.extent);
    prop_assert_eq!(&slow.outcomes, &fast.outcomes);
    for (slow, fast) in slow.decisions.iter().zip(&fast.decisions) {
        prop_assert_eq!(&slow.property, &fast.property);
        match (slow.verdict.schedule(), fast.verdict.schedule()) {
            (Some(_), Some(schedule)) => {
                prop_assert_eq!(slow.verdict.cost(), fast.verdict.cost());
                let end = replay_strict(model, schedule, |_| {}).expect("it is a run");
                let cost = fast.verdict.cost().expect("a state decides it");
                prop_assert_eq!((end.faults, end.steps as u32), (cost.faults, cost.steps));
                let same = std::mem::discriminant(&slow.verdict);
                prop_assert_eq!(same, std::mem::discriminant(&fast.verdict));
            }
            _ => prop_assert_eq!(&slow.verdict, &fast.verdict),
        }
    }
    for (slow, fast) in [(&slow.livelock, &fast.livelock), (&slow.trap, &fast.trap)] {
        prop_assert_eq!(slow.is_some(), fast.is_some());
        if let (Some(slow), Some(fast)) = (slow, fast) {
            prop_assert_eq!(slow.cost, fast.cost);
            let mut round = fast.stem.clone();
            let before = replay_strict(model, &round, |_| {}).expect("it is a run").state;
            round.actions.extend(fast.cycle.iter().copied());
            let after = replay_strict(model, &round, |_| {}).expect("it is a run").state;
            prop_assert_eq!(before, after);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_engines_agree(model in noises(), rare in 2..200_u64) {
        let properties = questions(&model, rare);
        let slow = plain(&model, &properties, &Limits::default());
        let quick = fast(&model, &properties, &Limits::default(), 1);
        compare(&model, &slow, &quick)?;
        prop_assert_eq!(&slow.panicked, &None);
        prop_assert_eq!(&quick.panicked, &None);
        let search = search(&model, &properties, &Limits::default()).canonical();
        let same = search.run_interned(&mut |_| ControlFlow::Continue(()));
        let same = Report { effort: slow.effort.clone(), ..same };
        prop_assert_eq!(slow, same, "in the order of actions everything is the same");
    }

    #[test]
    fn both_engines_stop_at_the_same_limits(
        model in noises(),
        steps in prop::option::of(0..5_u32),
        faults in prop::option::of(0..3_u32),
    ) {
        let properties = questions(&model, 40);
        let limits = Limits { steps, faults, ..Limits::default() };
        let slow = plain(&model, &properties, &limits);
        let quick = fast(&model, &properties, &limits, 1);
        compare(&model, &slow, &quick)?;
        let search = search(&model, &properties, &limits).canonical();
        let same = search.run_interned(&mut |_| ControlFlow::Continue(()));
        prop_assert_eq!(&slow, &Report { effort: slow.effort.clone(), ..same });
    }

    #[test]
    fn a_limit_of_states_is_kept(model in noises(), states in 1..40_u64) {
        let properties = questions(&model, 20);
        let limits = Limits { states, ..Limits::default() };
        let slow = plain(&model, &properties, &limits);
        let quick = fast(&model, &properties, &limits, 1);
        prop_assert_eq!(slow.extent.is_complete(), quick.extent.is_complete());
        let explored = (slow.extent.explored(), quick.extent.explored());
        prop_assert_eq!(explored.0.states, explored.1.states);
        for decision in &quick.decisions {
            if let Some(schedule) = decision.verdict.schedule() {
                let replayed = replay_strict(&model, schedule, |_| {});
                prop_assert!(replayed.is_ok());
            }
        }
    }

    #[test]
    fn panics_are_told_by_both(
        mut model in noises(),
        group in any::<prop::sample::Index>(),
        one_in in 1..20_u64,
        in_step in any::<bool>(),
    ) {
        let group = group.index(model.groups.len());
        if !in_step {
            // The plain engine asks for all actions at once, whatever they cost.
            model.groups[group].cost = 0;
        }
        model.fall = Some(Fall { group, one_in, in_step });
        let slow = Search::new(&model, &[]).run_silently();
        let search = Search::new(&model, &[]);
        let quick = search.run_interned(&mut |_| ControlFlow::Continue(()));
        let cost = |report: &Report<Act>| report.panicked.as_ref().map(|panicked| panicked.cost);
        prop_assert_eq!(cost(&slow), cost(&quick));
        prop_assert_eq!(slow.extent.is_complete(), quick.extent.is_complete());
        if in_step {
            prop_assert_eq!(slow.extent.explored(), quick.extent.explored());
        }
    }

    #[test]
    fn a_reduced_search_keeps_what_is_at_rest(model in noises(), rare in 2..60_u64) {
        let properties = questions(&model, rare);
        let whole = fast(&model, &properties, &Limits::default(), 1);
        let search = search(&model, &properties, &Limits::default()).reduced();
        let reduced = search.run_interned(&mut |_| ControlFlow::Continue(()));
        prop_assert_eq!(&whole.outcomes, &reduced.outcomes);
        // Whether every state can come to rest is seen in either graph.
        let whole_cycles = Search::new(&model, &[]).cycles(|_| ());
        let whole_cycles = whole_cycles.run_interned(&mut |_| ControlFlow::Continue(()));
        prop_assert_eq!(reduced.comes_to_rest, Some(whole_cycles.trap.is_none()));
        let explored = (whole.extent.explored(), reduced.extent.explored());
        prop_assert_eq!(explored.0.at_rest, explored.1.at_rest);
        prop_assert!(explored.0.states >= explored.1.states);
        for (all, some) in whole.decisions.iter().zip(&reduced.decisions) {
            if all.modality == Modality::AtRest {
                prop_assert_eq!(all.verdict.cost(), some.verdict.cost());
            }
            if let Some(schedule) = some.verdict.schedule() {
                let replayed = replay_strict(&model, schedule, |_| {});
                prop_assert!(replayed.is_ok());
                prop_assert!(all.verdict.cost() <= some.verdict.cost());
            }
            let claims = matches!(some.verdict, Verdict::Holds(_) | Verdict::Unreached(_));
            prop_assert!(!claims || all.modality == Modality::AtRest);
        }
    }

    #[test]
    fn footprints_are_true(model in noises(), states in prop::collection::vec(any::<u64>(), 2)) {
        prop_assert_eq!(footprint::check_slots(&model), Ok(()));
        let values = model.values;
        let state = |seed: u64| (0..model.slots() as u32).map(move |slot| (seed >> slot) % values);
        let [one, other] = [0, 1].map(|at| state(states[at]).collect::<Vec<u64>>());
        prop_assert_eq!(footprint::check(&model, &one, &other), Ok(()));
        for property in questions(&model, 3) {
            let checked = footprint::check_property(&model, &property, &one, &other);
            prop_assert_eq!(checked, Ok(()));
        }
    }
}

/// Noise with so many states that several threads are worth while.
fn much_noise(seed: u64) -> Noise {
    let mut groups: Vec<Group> = Vec::new();
    for slot in 1..7 {
        groups.push(Group::new(format!("alone {slot}"), [slot], [slot]));
        groups.push(Group::new(format!("shared {slot}"), [0, slot], [0, slot]));
    }
    groups.push(Group::new("fault", [3], [3]).costing(1));
    groups.push(Group::new("all", [0, 1, 2, 3, 4], [1, 2, 3, 4]).guarded_by([0]));
    Noise {
        seed,
        values: 6,
        blocks: vec![vec![0], vec![1, 2], vec![3, 4], vec![5, 6]],
        groups,
        initial: vec![vec![0; 7]],
        budget: Some(1),
        fall: None,
        peeks: None,
        pokes: None,
        ignoring: false,
    }
}

#[test]
fn threads_make_no_difference_in_any_byte() {
    for seed in 0..2 {
        let mut model = much_noise(seed);
        if seed == 1 {
            model.fall = Some(Fall { group: 5, one_in: 7, in_step: true });
        }
        let properties = questions(&model, 5000);
        let all = [(1_000_000, 2), (9_000, 3)];
        for (states, threads) in all.into_iter().skip(seed as usize) {
            let limits = Limits { states, ..Limits::default() };
            let alone = fast(&model, &properties, &limits, 1);
            assert!(alone.extent.explored().states >= 9_000, "{:?}", alone.extent);
            let together = fast(&model, &properties, &limits, threads);
            assert_eq!(format!("{alone:?}"), format!("{together:?}"));
        }
    }
}

/// What one thread works out while others look depends on how fast they are; nothing that is told does.
#[test]
fn threads_make_no_difference_however_fast_they_are() {
    let model = TwoPhase { managers: 6 };
    let properties = properties_of_parts(6);
    let run = |threads: usize, canonical: bool| {
        let search = Search::new(&model, &properties).threads(threads).cycles(|_| 0);
        let search = if canonical { search.canonical() } else { search };
        format!("{:?}", search.run_interned(&mut |_| ControlFlow::Continue(())))
    };
    for canonical in [false, true] {
        let alone = run(1, canonical);
        for threads in [2, 2, 2, 3, 5] {
            assert_eq!(alone, run(threads, canonical), "{threads} threads");
        }
    }
}

#[test]
fn false_footprints_are_told() {
    let peeks = Noise { peeks: Some((0, 6)), ..much_noise(1) };
    let pokes = Noise { pokes: Some((1, 6)), ..much_noise(1) };
    for (model, words) in [(&peeks, "does not name"), (&pokes, "does not write")] {
        let report = Search::new(model, &[]).run_interned(&mut |_| ControlFlow::Continue(()));
        let panicked = report.panicked.expect("it is told");
        assert!(panicked.message.contains(words), "{}", panicked.message);
        assert!(!report.extent.is_complete());
    }
    let (state, other) = (vec![0; 7], vec![1, 2, 3, 4, 5, 0, 1]);
    let reads = |claim: &FalseClaim| matches!(claim, FalseClaim::Reads { .. });
    let others: Vec<Vec<u64>> = (0..6).map(|value| vec![value; 7]).collect();
    let told = others.iter().find_map(|other| footprint::check(&peeks, &state, other).err());
    assert!(told.as_ref().is_some_and(reads), "{told:?}");
    let mut states = vec![state];
    for _ in 0..20 {
        let mut actions = Vec::new();
        let last = states.last().expect("there is one").clone();
        pokes.enabled(&last, &mut actions);
        for act in actions.iter().take(3) {
            let mut next = last.clone();
            pokes.step(&mut next, act, &mut Vec::new());
            states.push(next);
        }
    }
    let told = states.iter().find_map(|state| footprint::check(&pokes, state, &other).err());
    assert!(matches!(told, Some(FalseClaim::Writes { slot: 6, .. })), "{told:?}");
    let mut model = much_noise(1);
    model.blocks[1] = vec![1];
    model.blocks.push(vec![0]);
    let claim = footprint::check_slots(&model);
    assert_eq!(claim, Err(FalseClaim::Blocks { slot: 0, blocks: 2 }));
}

#[test]
fn a_model_that_needs_wide_keys_is_searched_all_the_same() {
    // Thirty blocks of three bits do not fit into 64 bits, and fifty of them not into 128.
    for slots in [30, 50] {
        let shared: Vec<Group> =
            (0..slots).map(|slot| Group::new(format!("{slot}"), [slot], [slot])).collect();
        let model = Noise {
            seed: 9,
            values: 5,
            blocks: (0..slots).map(|slot| vec![slot]).collect(),
            groups: shared,
            initial: (0..5).map(|value| vec![value; slots]).collect(),
            budget: None,
            fall: None,
            peeks: None,
            pokes: None,
            ignoring: false,
        };
        let limits = Limits { steps: Some(2), ..Limits::default() };
        let slow = plain(&model, &[], &limits);
        let quick = fast(&model, &[], &limits, 1);
        assert_eq!(slow.extent, quick.extent);
        assert_eq!(slow.outcomes, quick.outcomes);
        assert_eq!(quick.effort.key_bits > 64, slots == 30, "{:?}", quick.effort);
    }
}

#[test]
fn the_effort_is_told() {
    let model = much_noise(2);
    let limits = Limits { states: 4_000, ..Limits::default() };
    let report = fast(&model, &[], &limits, 1);
    let effort = &report.effort;
    assert_eq!(effort.blocks.len(), 4);
    assert!(effort.local_calls > 0 && effort.combinations > 0);
    assert!(effort.state_bytes < 32 * report.extent.explored().states);
    assert!(report.decisions.is_empty());
}
