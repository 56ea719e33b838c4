//! Puzzles with known answers, and philosophers.

mod toys;

use brokerproof::check::{Breach, Limits, Search, Verdict, check};
use brokerproof::system::{Modality, Property, Schedule, replay_lenient, replay_strict};
use std::ops::ControlFlow;
use toys::philosophers::{Manners, Philosophers, Table};
use toys::puzzle::{Banks, River, Sliding};

#[test]
fn the_farmer_needs_seven_crossings() {
    let properties = [
        Property::new("across", Modality::Reachable, Banks::is_done),
        Property::new("safe", Modality::Always, Banks::is_safe),
    ];
    let report = check(&River, &properties, &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let Some(Verdict::Reached { schedule, faults, steps, shortest }) = report.verdict("across")
    else {
        panic!("the puzzle has an answer: {report:?}")
    };
    assert_eq!((*faults, *steps, *shortest), (0, 7, true));
    assert!(matches!(report.verdict("safe"), Some(Verdict::Holds(extent)) if extent.is_complete()));
    assert_eq!(report.extent.explored().states, 10);
    assert_eq!(report.extent.explored().transitions, 20);
    assert_eq!(report.extent.explored().at_rest, 0);

    let text = schedule.to_string();
    let again: Schedule<_> = Schedule::parse(&text).expect("what was written can be read");
    assert_eq!(again, *schedule);
    let replayed = replay_strict(&River, &again, |_| {}).expect("it is a run");
    assert!(replayed.state.is_done());
    let replayed = replay_lenient(&River, &again, |_| {}).expect("it is a run");
    assert!(replayed.state.is_done() && replayed.skipped.is_empty());
}

#[test]
fn sliding_tiles_have_the_known_numbers_of_boards_and_moves() {
    for (width, height, states, depth) in [(2, 2, 12, 6), (3, 2, 360, 21), (2, 3, 360, 21)] {
        let model = Sliding { width, height };
        let report = Search::new(&model, &[]).run_silently();
        assert!(report.extent.is_complete());
        assert_eq!(report.extent.explored().states, states);
        assert_eq!(report.extent.explored().depth, depth);
        assert_eq!(report.extent.explored().at_rest, 0);
    }
}

#[test]
fn eight_tiles_have_half_of_nine_factorial_boards() {
    let farthest = vec![8, 6, 7, 2, 5, 4, 3, 0, 1];
    let properties =
        [Property::new("farthest", Modality::Reachable, move |board: &Vec<u8>| *board == farthest)];
    let model = Sliding { width: 3, height: 3 };
    let report = Search::new(&model, &properties).run_silently();
    assert_eq!(report.extent.explored().states, 181_440);
    assert_eq!(report.extent.explored().depth, 31);
    let cost = report.verdict("farthest").and_then(Verdict::cost).expect("it is reachable");
    assert!(cost.steps <= 31);
}

fn all_eat() -> [Property<Table>; 2] {
    [
        Property::new("all eat", Modality::AtRest, Table::is_full),
        Property::new("all can eat", Modality::Reachable, Table::is_full),
    ]
}

#[test]
fn philosophers_starve_when_all_take_the_left_fork_first() {
    let model = Philosophers { count: 4, manners: Manners::LeftFirst };
    let properties = all_eat();
    let report = Search::new(&model, &properties).outcomes(Table::served).run_silently();
    let Some(Verdict::Violated { breach, schedule, steps, .. }) = report.verdict("all eat") else {
        panic!("they starve: {report:?}")
    };
    assert_eq!((breach, *steps), (&Breach::False, 4));
    let starved = replay_strict(&model, schedule, |_| {}).expect("it is a run").state;
    assert_eq!(starved.served(), 0);
    assert!(starved.taken.iter().all(|taken| *taken));
    assert!(matches!(report.verdict("all can eat"), Some(Verdict::Reached { .. })));
    let outcomes: Vec<_> = report.outcomes.iter().map(|(served, at)| (*served, at.steps)).collect();
    assert_eq!(outcomes, [(0, 4), (4, 12)]);
}

#[test]
fn philosophers_eat_when_one_takes_the_right_fork_first() {
    let model = Philosophers { count: 4, manners: Manners::LastRightFirst };
    let properties = all_eat();
    let report = Search::new(&model, &properties).cycles(Table::served).run_silently();
    assert!(matches!(report.verdict("all eat"), Some(Verdict::Holds(_))));
    assert!(report.extent.explored().at_rest > 0, "not vacuously");
    assert_eq!((report.livelock, report.trap), (None, None));
}

#[test]
fn polite_philosophers_may_be_polite_for_ever() {
    let model = Philosophers { count: 3, manners: Manners::Polite };
    let properties = all_eat();
    let report = Search::new(&model, &properties).cycles(Table::served).run_silently();
    assert!(matches!(report.verdict("all eat"), Some(Verdict::Holds(_))), "at rest all have eaten");
    let lasso = report.livelock.expect("a cycle");
    assert!(lasso.cycle.len() >= 2);
    let mut round = lasso.stem.clone();
    let before = replay_strict(&model, &round, |_| {}).expect("it is a run").state;
    round.actions.extend(lasso.cycle);
    let after = replay_strict(&model, &round, |_| {}).expect("it is a run").state;
    assert_eq!(before, after);
    assert_eq!(report.trap, None, "somebody can always choose to eat");
}
