//! Depth-first search, random walks and state graphs, behind the same front door.

mod toys;

use std::ops::ControlFlow;

use brokerproof::check::{
    Extent, Limit, Limits, Progress, Report, Search, StateGraph, Verdict, Walks,
};
use brokerproof::system::{Modality, Model, Property, replay_strict};
use proptest::prelude::*;
use toys::graph::{Edge, Graph, Trap};
use toys::noise::{Fall, noises, questions};
use toys::philosophers::{Manners, Philosophers, Table};
use toys::puzzle::{Banks, River, Sliding};

fn go_on() -> impl FnMut(&Progress) -> ControlFlow<()> {
    |_| ControlFlow::Continue(())
}

/// Whether two reports give the same answers, costs apart.
fn same_answers<A: Clone + Ord + std::fmt::Debug, O>(
    one: &Report<A, O>,
    two: &Report<A, O>,
) -> bool {
    let kind = |verdict: &Verdict<A>| std::mem::discriminant(verdict);
    one.decisions.iter().zip(&two.decisions).all(|(a, b)| kind(&a.verdict) == kind(&b.verdict))
}

fn replays<M: Model>(model: &M, report: &Report<M::Action>) -> bool {
    report
        .decisions
        .iter()
        .filter_map(|decision| {
            let schedule = decision.verdict.schedule()?;
            let end = replay_strict(model, schedule, |_| {}).ok()?;
            let cost = decision.verdict.cost()?;
            Some((end.faults, end.steps as u32) == (cost.faults, cost.steps))
        })
        .all(|fits| fits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn depth_first_gives_the_same_answers(model in noises(), remember in 0..400_usize) {
        let properties = questions(&model, 60);
        let first = |state: &Vec<u64>| state[0];
        let breadth = Search::new(&model, &properties).outcomes(first).run_silently();
        let states = breadth.extent.explored().states;
        // Without memory a search may take for ever, so only what is small does without.
        let remember = if states > 6 { usize::MAX } else { remember };
        let search = Search::new(&model, &properties).outcomes(first);
        let depth = search.run_depth_first(remember, &mut go_on());
        prop_assert!(depth.extent.is_complete());
        prop_assert!(same_answers(&breadth, &depth));
        let keys = |report: &Report<_, u64>| report.outcomes.keys().copied().collect::<Vec<_>>();
        prop_assert_eq!(keys(&breadth), keys(&depth));
        prop_assert!(depth.extent.explored().states >= states);
        if model.budget.is_none() && remember == usize::MAX {
            prop_assert_eq!(depth.extent.explored().states, states);
            prop_assert_eq!(depth.extent.explored().at_rest, breadth.extent.explored().at_rest);
        }
    }

    #[test]
    fn depth_first_in_parts_is_the_same_and_knows_whether_runs_end(model in noises()) {
        let properties = questions(&model, 60);
        let whole = Search::new(&model, &properties).run_depth_first(usize::MAX, &mut go_on());
        let parts = Search::new(&model, &properties).run_depth_first_in_parts(&mut go_on());
        let parts = Report { effort: whole.effort.clone(), ..parts };
        prop_assert_eq!(&whole, &parts);
        let cycles = Search::new(&model, &[]).cycles(|_| ()).run_silently();
        let ends = cycles.livelock.is_none().then_some(true);
        // Without a budget a circle with a fault in it may be taken for one without.
        let known = |told: Option<bool>| told == ends || told.is_none() && model.budget.is_none();
        prop_assert!(known(whole.comes_to_rest));
        // With room for nothing it sees every circle, too, and looks at states as often as there are ways to them.
        if whole.extent.explored().states < 7 {
            let limits = Limits { bytes: Some(0), ..Limits::default() };
            let search = Search::new(&model, &properties).limits(&limits);
            let forgetful = search.run_depth_first_in_parts(&mut go_on());
            prop_assert!(same_answers(&whole, &forgetful));
            prop_assert!(known(forgetful.comes_to_rest));
            prop_assert_eq!(forgetful.effort.state_bytes, 0);
        }
    }

    #[test]
    fn what_depth_first_finds_is_a_run(
        mut model in noises(),
        states in 1..50_u64,
        steps in prop::option::of(1..6_u32),
        faults in prop::option::of(0..2_u32),
        falls in any::<bool>(),
    ) {
        model.fall = falls.then_some(Fall { group: 0, one_in: 5, in_step: true });
        let properties = questions(&model, 30);
        let limits = Limits { states, steps, faults, ..Limits::default() };
        let search = Search::new(&model, &properties).limits(&limits);
        let report = search.run_depth_first(usize::MAX, &mut go_on());
        prop_assert!(replays(&model, &report));
        prop_assert!(report.extent.explored().states <= states);
        for decision in &report.decisions {
            let cost = decision.verdict.cost();
            prop_assert!(cost.is_none_or(|cost| steps.is_none_or(|most| cost.steps <= most)));
            prop_assert!(cost.is_none_or(|cost| faults.is_none_or(|most| cost.faults <= most)));
            let complete = report.extent.is_complete();
            let unknown = matches!(decision.verdict, Verdict::Unknown(_));
            prop_assert!(cost.is_some() || complete != unknown);
        }
    }

    #[test]
    fn walks_find_nothing_that_is_not_there(model in noises(), seed in any::<u64>()) {
        let properties = questions(&model, 60);
        let breadth = Search::new(&model, &properties).run_silently();
        let walks = Walks { runs: 20, steps: 30, seed };
        let run = || Search::new(&model, &properties).run_walks(walks, &mut go_on());
        let report = run();
        prop_assert!(replays(&model, &report));
        prop_assert_eq!(format!("{report:?}"), format!("{:?}", run()));
        for (found, all) in report.decisions.iter().zip(&breadth.decisions) {
            match found.verdict.cost() {
                Some(cost) => prop_assert!(all.verdict.cost().is_some_and(|least| least <= cost)),
                None => {
                    let is_open = matches!(found.verdict, Verdict::Unknown(Extent::Sampled { .. }));
                    prop_assert!(is_open);
                }
            }
        }
    }
}

#[test]
fn depth_first_is_told_what_cut_it_short() {
    let model = Sliding { width: 3, height: 2 };
    let reasons = |limits: &Limits| {
        let search = Search::new(&model, &[]).limits(limits);
        match search.run_depth_first(usize::MAX, &mut go_on()).extent {
            Extent::Bounded { limits, .. } => limits,
            _ => Vec::new(),
        }
    };
    assert_eq!(reasons(&Limits::default()), []);
    assert_eq!(reasons(&Limits { states: 100, ..Limits::default() }), [Limit::States(100)]);
    assert_eq!(reasons(&Limits { steps: Some(5), ..Limits::default() }), [Limit::Steps(5)]);
    let search = Search::new(&model, &[]).progress_every(10);
    let report = search.run_depth_first(usize::MAX, &mut |_| ControlFlow::Break(()));
    assert_eq!(report.extent.explored().states, 10);
    assert!(!report.extent.is_complete());
}

#[test]
fn depth_first_with_little_memory_ends_all_the_same() {
    let properties = [Property::new("across", Modality::Reachable, Banks::is_done)];
    for remember in [0, 1, 3, 100] {
        let report = Search::new(&River, &properties).run_depth_first(remember, &mut go_on());
        assert!(report.extent.is_complete());
        let Some(Verdict::Reached { schedule, shortest: false, .. }) = report.verdict("across")
        else {
            panic!("{report:?}")
        };
        assert!(replay_strict(&River, schedule, |_| {}).expect("it is a run").state.is_done());
        assert!(report.extent.explored().states >= 10);
    }
}

#[test]
fn panics_on_the_way_are_told_with_their_schedule() {
    let mut graph = Graph::new(&[0], &[(0, 1, 0), (1, 2, 0), (1, 3, 1)]);
    let edge = Edge { from: 1, to: 3, cost: 1 };
    graph.trap = Trap::Step(edge);
    let depth = Search::new(&graph, &[]).run_depth_first(usize::MAX, &mut go_on());
    let walks = Walks { runs: 50, steps: 9, seed: 1 };
    let walk = Search::new(&graph, &[]).run_walks(walks, &mut go_on());
    for report in [depth, walk] {
        let panicked = report.panicked.expect("it panics");
        assert_eq!(panicked.schedule.actions, [Edge { from: 0, to: 1, cost: 0 }, edge]);
        assert_eq!((panicked.cost.faults, panicked.cost.steps), (1, 2));
    }
}

#[test]
fn walks_meet_what_is_common() {
    let model = Philosophers { count: 3, manners: Manners::LeftFirst };
    let properties = [Property::new("all eat", Modality::AtRest, Table::is_full)];
    let walks = Walks { runs: 200, steps: 100, seed: 7 };
    let search = Search::new(&model, &properties).outcomes(Table::served);
    let report = search.run_walks(walks, &mut go_on());
    assert!(matches!(report.verdict("all eat"), Some(Verdict::Violated { shortest: false, .. })));
    assert_eq!(report.outcomes.keys().copied().collect::<Vec<_>>(), [0, 3]);
    assert!(matches!(report.extent, Extent::Sampled { runs: 200, .. }));
    assert!(report.extent.explored().at_rest >= 200);
}

#[test]
fn a_graph_can_be_drawn() {
    let model = Graph::new(&[0], &[(0, 1, 0), (1, 1, 0), (0, 2, 1)]);
    let graph = StateGraph::explore(&model, 100);
    let dot = graph.to_dot(|state| format!("state \"{state}\""), |edge| format!("to {}", edge.to));
    assert_eq!(
        dot,
        "digraph states {\n  node [shape=box];\n  \
         0 [label=\"state \\\"0\\\"\", style=bold];\n  \
         1 [label=\"state \\\"1\\\"\", peripheries=2];\n  \
         2 [label=\"state \\\"2\\\"\", peripheries=2];\n  \
         0 -> 1 [label=\"to 1\"];\n  \
         0 -> 2 [label=\"to 2\", style=dashed];\n  \
         1 -> 1 [label=\"to 1\"];\n}\n"
    );
    let cut = StateGraph::explore(&model, 2);
    assert!(cut.is_cut && cut.to_dot(u8::to_string, |_| String::new()).contains("and more"));
}

#[test]
fn needed_faults_lie_on_every_way() {
    let edge = |from, to| Edge { from, to, cost: 1 };
    let edges = [(0, 1, 1), (1, 2, 1), (1, 3, 1), (2, 4, 0), (3, 4, 1), (4, 5, 1), (0, 6, 1)];
    let graph = StateGraph::explore(&Graph::new(&[0], &edges), 100);
    let needed = graph.needed_faults(|state| *state == 5);
    assert_eq!(needed, Some(vec![edge(0, 1), edge(4, 5)]));
    assert_eq!(graph.needed_faults(|state| *state == 0), Some(Vec::new()));
    assert_eq!(graph.needed_faults(|state| *state == 9), None);
}
