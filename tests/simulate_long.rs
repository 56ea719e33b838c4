//! Long runs: judged as they go, in memory that grows with what goes wrong and not with the run.

use std::ops::ControlFlow;

use brokerproof::guarantee::Guarantee;
use brokerproof::scenario;
use brokerproof::simulate::{Asked, End, Moment, Observer, Outcome, Simulator, Strategy, When};
use brokerproof::world::Scene;

/// How many spans the ledger keeps at most.
#[derive(Default)]
struct Ledger {
    steps: u64,
    most: usize,
}

impl Observer for Ledger {
    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(256) {
            let ledger = &moment.world.ledger;
            let senders: usize = ledger.senders.iter().map(|sends| sends.kept()).sum();
            let of_reader = ledger.readers.iter().map(|r| r.effects.kept() + r.processed.kept());
            self.most = self.most.max(senders + of_reader.sum::<usize>());
        }
        ControlFlow::Continue(())
    }
}

/// A run of so many records through three consumers with as many faults in each of them.
fn run(records: u32) -> (Outcome, Ledger) {
    let path = format!("{}/tests/data/long/three-consumers.toml", env!("CARGO_MANIFEST_DIR"));
    let mut scenario = scenario::load(path.as_ref()).unwrap_or_else(|failure| panic!("{failure}"));
    scenario.setting.sources[0].records = records;
    let scene = Scene::new(scenario.setting);
    let mut simulator = Simulator::new(&scene);
    let when = Some(When::Chance { from: 0, part: 1, whole: 200 });
    simulator.asked = Asked { strategy: Some(Strategy::Clocks), when };
    let mut ledger = Ledger::default();
    let outcome = simulator.run(1, &mut ledger);
    (outcome, ledger)
}

#[test]
fn what_is_remembered_grows_with_the_faults_and_not_with_the_run() {
    let (short, little) = run(4_000);
    let (long, much) = run(16_000);
    for outcome in [&short, &long] {
        assert_eq!(outcome.end, End::Rest, "{outcome:?}");
        assert_eq!(outcome.faults(), 40);
        // Effects in three places: crashes repeat some, and lose none.
        let broken = |guarantee| outcome.found.iter().any(|found| found.guarantee() == guarantee);
        assert!(broken(Guarantee::AtMost) && !broken(Guarantee::AtLeast), "{:?}", outcome.found);
    }
    assert!(long.steps > 3 * short.steps, "{} and {}", short.steps, long.steps);
    assert!(much.most < 2 * little.most + 100, "{} and {}", little.most, much.most);
}
