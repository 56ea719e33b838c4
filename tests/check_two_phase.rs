//! Two-phase commit has the counts that others publish.

mod toys;

use brokerproof::check::{Explored, Extent, Search, Verdict};
use toys::two_phase::{TwoPhase, properties, properties_of_parts};

fn counts(managers: usize) -> Explored {
    let model = TwoPhase { managers };
    let properties = properties();
    let report = Search::new(&model, &properties).run_silently();
    let Extent::Complete(explored) = report.extent else { panic!("no limit: {:?}", report.extent) };
    for name in ["consistent", "decided at rest"] {
        assert!(matches!(report.verdict(name), Some(Verdict::Holds(_))), "{name}");
    }
    let steps = |name| report.verdict(name).and_then(Verdict::cost).map(|cost| cost.steps);
    assert_eq!(steps("commit agreement"), Some(3 * managers as u32 + 1));
    assert_eq!(steps("abort agreement"), Some(managers as u32));
    explored
}

#[test]
fn three_managers() {
    let explored = counts(3);
    assert_eq!(explored.states, 288);
    assert_eq!(explored.transitions + 1, 1146, "with the initial state, as others count");
    assert_eq!(explored.depth + 1, 11, "in states, as others count");
}

#[test]
fn five_managers() {
    assert_eq!(counts(5).states, 8_832);
}

#[test]
fn seven_managers() {
    assert_eq!(counts(7).states, 296_448);
}

#[test]
fn the_fast_engine_agrees() {
    for managers in 1..=7 {
        let model = TwoPhase { managers };
        let (plain, parts) = (properties(), properties_of_parts(managers));
        let slow = Search::new(&model, &plain).run_silently();
        for properties in [&plain, &parts] {
            let fast = Search::new(&model, properties)
                .run_interned(&mut |_| std::ops::ControlFlow::Continue(()));
            assert_eq!(fast.extent, slow.extent);
            for (fast, slow) in fast.decisions.iter().zip(&slow.decisions) {
                assert_eq!(fast.verdict.cost(), slow.verdict.cost());
            }
        }
    }
}
