//! Explicit graphs: the order (faults, steps), every modality both ways, limits, panics.

mod toys;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use brokerproof::check::{Breach, Cost, Extent, Limit, Limits, Report, Search, Verdict, check};
use brokerproof::system::{Modality, Model, Property, ReplayError, Schedule};
use brokerproof::system::{replay_lenient, replay_strict};
use proptest::prelude::*;
use toys::graph::{Edge, Graph, Trap};

fn at(faults: u32, steps: u32) -> Cost {
    Cost { faults, steps }
}

/// One property for each state and modality: it is not this one, or it is.
fn about_each(states: u8) -> Vec<Property<u8>> {
    let mut properties = Vec::new();
    for wanted in 0..states {
        let (is, is_not) = (move |state: &u8| *state == wanted, move |state: &u8| *state != wanted);
        properties.push(Property::new(format!("never {wanted}"), Modality::Always, is_not));
        properties.push(Property::new(format!("no rest {wanted}"), Modality::AtRest, is_not));
        properties.push(Property::new(format!("reach {wanted}"), Modality::Reachable, is));
    }
    properties
}

fn end_of(graph: &Graph, verdict: &Verdict<Edge>) -> (u8, Cost) {
    let schedule = verdict.schedule().expect("a state decides it");
    let end = replay_strict(graph, schedule, |_| {}).expect("the schedule is a run");
    assert_eq!(verdict.cost(), Some(at(end.faults, end.steps as u32)));
    (end.state, at(end.faults, end.steps as u32))
}

const STATES: u8 = 9;

fn graphs() -> impl Strategy<Value = Graph> {
    let edge = (0..STATES, 0..STATES, prop_oneof![4 => Just(0), 3 => Just(1), 1 => 2..4_u32]);
    let initial = prop::collection::vec(0..STATES, 1..3);
    (initial, prop::collection::vec(edge, 0..24))
        .prop_map(|(initial, edges)| Graph::new(&initial, &edges))
}

proptest! {
    #[test]
    fn costs_are_least_and_every_state_is_found(graph in graphs()) {
        let properties = about_each(STATES);
        let report = Search::new(&graph, &properties).outcomes(|state| *state).run_silently();
        let least = graph.least_costs();
        let at_rest = graph.at_rest();
        prop_assert!(report.extent.is_complete());
        let explored = *report.extent.explored();
        prop_assert_eq!(explored.states, least.len() as u64);
        prop_assert_eq!(explored.at_rest, at_rest.len() as u64);
        let edges = graph.edges.iter().filter(|edge| least.contains_key(&edge.from)).count();
        prop_assert_eq!(explored.transitions, edges as u64);
        prop_assert_eq!(Some(explored.faults), least.values().map(|cost| cost.faults).max());
        prop_assert!(explored.complete_faults >= Some(explored.faults));
        let outcomes: BTreeMap<u8, Cost> = at_rest.iter().map(|s| (*s, least[s])).collect();
        prop_assert_eq!(&report.outcomes, &outcomes);
        for state in 0..STATES {
            let answer = |name: &str| report.verdict(&format!("{name} {state}")).unwrap();
            match least.get(&state) {
                Some(cost) => {
                    prop_assert_eq!(end_of(&graph, answer("never")), (state, *cost));
                    prop_assert_eq!(end_of(&graph, answer("reach")), (state, *cost));
                }
                None => {
                    prop_assert!(matches!(answer("never"), Verdict::Holds(_)));
                    prop_assert!(matches!(answer("reach"), Verdict::Unreached(_)));
                }
            }
            let quiescent = at_rest.contains(&state);
            prop_assert_eq!(graph.is_quiescent(&state) && least.contains_key(&state), quiescent);
            if quiescent {
                prop_assert_eq!(end_of(&graph, answer("no rest")), (state, least[&state]));
            } else {
                prop_assert!(matches!(answer("no rest"), Verdict::Holds(_)));
            }
        }
    }

    #[test]
    fn limits_cut_and_never_lie(
        graph in graphs(),
        states in 0..8_u64,
        steps in prop::option::of(0..4_u32),
        faults in prop::option::of(0..3_u32),
    ) {
        let properties = about_each(STATES);
        let limits = Limits { states, steps, faults, ..Limits::default() };
        let report = Search::new(&graph, &properties).limits(&limits).run_silently();
        let least = graph.least_costs();
        let explored = *report.extent.explored();
        prop_assert!(explored.states <= states);
        if report.extent.is_complete() {
            prop_assert_eq!(explored.states, least.len() as u64);
        }
        if let Some(complete) = explored.complete_faults {
            let within = least.values().filter(|cost| cost.faults <= complete).count();
            prop_assert!(explored.states >= within as u64);
        }
        for decision in &report.decisions {
            match &decision.verdict {
                Verdict::Holds(extent) | Verdict::Unreached(extent) => {
                    prop_assert!(extent.is_complete());
                }
                Verdict::Unknown(extent) => prop_assert!(!extent.is_complete()),
                found => {
                    let (state, cost) = end_of(&graph, found);
                    prop_assert!(steps.is_none_or(|most| cost.steps <= most));
                    prop_assert!(faults.is_none_or(|most| cost.faults <= most));
                    if steps.is_none() {
                        prop_assert_eq!(cost, least[&state]);
                    }
                }
            }
        }
    }

    #[test]
    fn two_searches_agree_in_every_byte(graph in graphs()) {
        let properties = about_each(STATES);
        let once = |every| {
            let search = Search::new(&graph, &properties).progress_every(every);
            let search = search.cycles(|state| state / 3).outcomes(|state| *state);
            format!("{:?}", search.run_silently())
        };
        prop_assert_eq!(once(1), once(8192));
    }
}

#[test]
fn fewer_faults_come_before_fewer_steps() {
    let graph = Graph::new(&[0], &[(0, 3, 1), (0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 1)]);
    let report = Search::new(&graph, &about_each(5)).run_silently();
    let cost = |name| report.verdict(name).and_then(Verdict::cost);
    assert_eq!(cost("never 3"), Some(at(0, 3)));
    assert_eq!(cost("never 4"), Some(at(1, 4)));
}

#[test]
fn the_least_parent_and_the_least_action_tell_the_story() {
    let graph = Graph::new(&[0], &[(0, 2, 0), (0, 1, 0), (1, 3, 0), (2, 3, 0)]);
    let report = Search::new(&graph, &about_each(4)).run_silently();
    let schedule = report.verdict("never 3").and_then(Verdict::schedule).expect("reachable");
    let edge = |from, to| Edge { from, to, cost: 0 };
    assert_eq!(schedule.actions, [edge(0, 1), edge(1, 3)]);
}

fn chain() -> Graph {
    Graph::new(&[0], &[(0, 1, 0), (1, 2, 0), (2, 3, 1), (3, 4, 0), (4, 5, 1)])
}

fn with(limits: Limits) -> Report<Edge> {
    Search::new(&chain(), &about_each(6)).limits(&limits).scenario("chain").run_silently()
}

fn reasons(report: &Report<Edge>) -> Vec<Limit> {
    match &report.extent {
        Extent::Bounded { limits, .. } => limits.clone(),
        _ => Vec::new(),
    }
}

#[test]
fn every_limit_is_named() {
    let report = with(Limits { states: 3, ..Limits::default() });
    assert_eq!(reasons(&report), [Limit::States(3)]);
    assert_eq!(report.extent.explored().complete_faults, Some(0));
    assert!(matches!(report.verdict("never 4"), Some(Verdict::Unknown(_))));
    assert!(matches!(report.verdict("never 2"), Some(Verdict::Violated { .. })));
    let report = with(Limits { states: 6, ..Limits::default() });
    assert!(report.extent.is_complete(), "a limit that nothing hits is none");
    let report = with(Limits { steps: Some(2), ..Limits::default() });
    assert_eq!(reasons(&report), [Limit::Steps(2)]);
    let report = with(Limits { faults: Some(1), ..Limits::default() });
    assert_eq!(reasons(&report), [Limit::Faults(1)]);
    assert_eq!(report.extent.explored().complete_faults, Some(1));
    assert_eq!(report.extent.explored().states, 5);
    let report = with(Limits { bytes: Some(20), ..Limits::default() });
    assert_eq!(reasons(&report), [Limit::Bytes(20)]);
    assert!(report.extent.explored().states < 6);
}

#[test]
fn a_budget_of_the_model_cuts_nothing() {
    let mut graph = chain();
    graph.budget = Some(1);
    let report = Search::new(&graph, &about_each(6)).run_silently();
    assert!(report.extent.is_complete());
    assert_eq!(report.extent.explored().states, 5);
    assert!(matches!(report.verdict("never 5"), Some(Verdict::Holds(_))));
    let tighter = Limits { faults: Some(0), ..Limits::default() };
    let report = Search::new(&graph, &about_each(6)).limits(&tighter).run_silently();
    assert_eq!(reasons(&report), [Limit::Faults(0)]);
    let looser = Limits { faults: Some(2), ..Limits::default() };
    let report = Search::new(&graph, &about_each(6)).limits(&looser).run_silently();
    assert!(report.extent.is_complete());
}

#[test]
fn whoever_watches_can_stop_it() {
    let mut seen = Vec::new();
    let report = Search::new(&chain(), &about_each(6)).progress_every(1).run(&mut |progress| {
        seen.push((progress.states, progress.frontier, progress.faults, progress.steps));
        if progress.states == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(seen, [(2, 1, 0, 1), (3, 1, 0, 2)]);
    assert_eq!(reasons(&report), [Limit::Stopped]);
    assert!(matches!(report.verdict("never 2"), Some(Verdict::Violated { .. })));
    assert!(matches!(report.verdict("never 5"), Some(Verdict::Unknown(_))));
}

#[test]
fn it_stops_when_all_is_settled_if_asked() {
    let properties: Vec<_> =
        about_each(6).into_iter().filter(|p| p.name == "never 1" || p.name == "reach 3").collect();
    let graph = chain();
    let report = Search::new(&graph, &properties).stop_when_settled().run_silently();
    assert_eq!(reasons(&report), [Limit::Settled]);
    assert_eq!(report.extent.explored().states, 4);
    let whole = Search::new(&graph, &properties).run_silently();
    assert!(whole.extent.is_complete());
    assert_eq!(whole.decisions, report.decisions);
}

#[test]
fn a_schedule_says_where_it_comes_from() {
    let report = with(Limits::default());
    let schedule = report.verdict("never 3").and_then(Verdict::schedule).expect("reachable");
    assert_eq!(schedule.scenario, "chain");
    assert_eq!(schedule.origin, "check: never 3");
}

#[test]
fn a_panic_in_a_step_is_told_with_its_schedule() {
    let mut graph = chain();
    let edge = Edge { from: 2, to: 3, cost: 1 };
    graph.trap = Trap::Step(edge);
    let report = Search::new(&graph, &about_each(6)).run_silently();
    let panicked = report.panicked.as_ref().expect("it panics");
    assert!(panicked.message.contains("the trap of edge 2 to 3"), "{}", panicked.message);
    assert_eq!(panicked.schedule.actions.last(), Some(&edge));
    assert_eq!((panicked.schedule.actions.len(), panicked.cost), (3, at(1, 3)));
    assert_eq!(reasons(&report), [Limit::Panic]);
    assert!(matches!(report.verdict("never 2"), Some(Verdict::Violated { .. })));
    assert!(matches!(report.verdict("never 3"), Some(Verdict::Unknown(_))));
    assert!(matches!(report.verdict("reach 3"), Some(Verdict::Unknown(_))));
    assert!(matches!(report.verdict("no rest 2"), Some(Verdict::Violated { .. })));
}

#[test]
fn a_panic_leaves_the_other_states_to_be_searched() {
    let mut graph = Graph::new(&[0], &[(0, 1, 0), (0, 2, 0), (0, 3, 0), (2, 4, 0), (3, 5, 0)]);
    graph.trap = Trap::Step(Edge { from: 0, to: 2, cost: 0 });
    let report = Search::new(&graph, &about_each(6)).run_silently();
    assert_eq!(report.extent.explored().states, 4);
    assert!(matches!(report.verdict("never 5"), Some(Verdict::Violated { .. })));
    graph.trap = Trap::Enabled(2);
    let report = Search::new(&graph, &about_each(6)).run_silently();
    assert_eq!(report.extent.explored().states, 5);
    let panicked = report.panicked.expect("it panics");
    assert!(panicked.message.contains("the trap of state 2"));
    assert_eq!((panicked.schedule.actions.len(), panicked.cost), (1, at(0, 1)));
    assert!(matches!(report.decisions[7].verdict, Verdict::Unknown(_)), "at rest in 2 or not");
}

#[test]
fn a_panic_in_a_property_breaks_that_property() {
    let properties = [
        Property::new("asks too much", Modality::Always, |state: &u8| {
            assert!(*state < 2, "no answer for {state}");
            true
        }),
        Property::new("too much at rest", Modality::AtRest, |state: &u8| {
            assert!(*state > 5, "no rest for {state}");
            true
        }),
        Property::new("fine", Modality::Always, |state: &u8| *state < 6),
    ];
    let report =
        check(&chain(), &properties, &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let breach = |name| match report.verdict(name) {
        Some(Verdict::Violated { breach: Breach::Panic(message), schedule, .. }) => {
            (message.clone(), schedule.actions.len())
        }
        other => panic!("{other:?}"),
    };
    let (message, steps) = breach("asks too much");
    assert!(message.contains("no answer for 2"), "{message}");
    assert_eq!(steps, 2);
    let (message, steps) = breach("too much at rest");
    assert!(message.contains("no rest for 2"), "{message}");
    assert_eq!(steps, 2);
    assert!(matches!(report.verdict("fine"), Some(Verdict::Holds(_))));
    assert_eq!(report.panicked, None);
    assert!(report.extent.is_complete());
}

#[test]
fn panics_in_questions_at_rest_and_in_measures_are_told() {
    let graph = chain();
    let report =
        Search::new(&graph, &[]).outcomes(|_| -> u8 { panic!("no outcome") }).run_silently();
    let panicked = report.panicked.expect("it panics");
    assert!(panicked.message.contains("no outcome"));
    assert_eq!(panicked.cost, at(0, 2));
    let graph = Graph::new(&[0], &[(0, 1, 1), (1, 2, 0), (2, 1, 0)]);
    let report = Search::new(&graph, &[]).cycles(|_| -> u8 { panic!("no measure") }).run_silently();
    let panicked = report.panicked.expect("it panics");
    assert!(panicked.message.contains("no measure"));
    assert_eq!(panicked.cost, at(1, 1));
    assert_eq!(report.livelock, None);
}

#[test]
#[cfg(debug_assertions)]
fn actions_in_the_wrong_order_are_told() {
    let mut graph = Graph::new(&[0], &[(0, 1, 0), (0, 2, 0)]);
    graph.descending = true;
    let report = Search::new(&graph, &[]).run_silently();
    assert!(report.panicked.expect("it panics").message.contains("ascending order"));
}

#[test]
fn several_initial_states_are_told_apart() {
    let graph = Graph::new(&[7, 7, 4], &[(4, 5, 0), (7, 8, 0)]);
    let report = Search::new(&graph, &about_each(9)).run_silently();
    let schedule = report.verdict("never 5").and_then(Verdict::schedule).expect("reachable");
    assert_eq!((schedule.initial, schedule.actions.len()), (2, 1));
    let nothing = Graph::new(&[], &[(4, 5, 0)]);
    let report = Search::new(&nothing, &about_each(9)).run_silently();
    assert!(matches!(report.verdict("never 5"), Some(Verdict::Holds(_))));
    assert!(matches!(report.verdict("reach 5"), Some(Verdict::Unreached(_))));
}

#[test]
fn strict_replay_says_what_was_enabled_and_lenient_replay_skips() {
    let graph = chain();
    let edge = |from, to, cost| Edge { from, to, cost };
    let actions = vec![edge(0, 1, 0), edge(4, 5, 1), edge(1, 2, 0), edge(2, 3, 1)];
    let schedule = Schedule::new("chain", "test", actions);
    let error = replay_strict(&graph, &schedule, |_| {}).expect_err("the second is not enabled");
    let enabled = vec![edge(1, 2, 0)];
    assert_eq!(error, ReplayError::NotEnabled { position: 1, action: edge(4, 5, 1), enabled });
    let mut moments = Vec::new();
    let end = replay_lenient(&graph, &schedule, |moment| {
        moments.push((moment.step, moment.position, *moment.state));
    });
    let end = end.expect("the initial state exists");
    assert_eq!((end.state, end.steps, end.faults, end.skipped), (3, 3, 1, vec![1]));
    assert_eq!(moments, [(0, None, 0), (1, Some(0), 1), (2, Some(2), 2), (3, Some(3), 3)]);
    let mut elsewhere = schedule;
    elsewhere.initial = 1;
    let error = ReplayError::NoSuchInitial { asked: 1, count: 1 };
    assert_eq!(replay_lenient(&graph, &elsewhere, |_| {}), Err(error));
}

#[test]
fn a_livelock_and_a_trap_are_found_behind_faults() {
    let edges = [(0, 1, 1), (1, 2, 0), (2, 1, 0), (2, 3, 0), (3, 4, 0), (4, 3, 0), (4, 0, 1)];
    let graph = Graph::new(&[0], &edges);
    let report = Search::new(&graph, &[]).cycles(|_| 0).run_silently();
    let livelock = report.livelock.expect("1 and 2");
    assert_eq!((livelock.cost, livelock.cycle.len()), (at(1, 1), 2));
    let trap = report.trap.expect("3 and 4");
    assert_eq!((trap.cost, trap.cycle.len()), (at(1, 3), 2));
    let report = Search::new(&graph, &[]).cycles(|state| *state).run_silently();
    assert_eq!((report.livelock, report.trap), (None, None));
}
