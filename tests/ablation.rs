//! What each safeguard is good for, pinned over the small models; over all of them by
//! `brokerproof ablate --all --expect FILE`, whose FILE a `brokerproof ablate --all --json` has written.

mod support;

use std::ops::ControlFlow;
use std::path::Path;

use brokerproof::decide::ablate::{Baseline, Use, ablate, baseline};
use brokerproof::protocol::safeguard::Safeguard;
use brokerproof::report::Style;
use brokerproof::report::ablation;
use brokerproof::scenario::load;
use support::{golden, root, run};

/// Models that together take a second or two.
const SMALL: &[&str] = &[
    "1-producing/acks-1-retry",
    "1-producing/idempotent-retry",
    "1-producing/remember-before-send",
    "2-consuming/commit-before",
];

fn baselines() -> Vec<Baseline> {
    let of = |name: &&str| {
        let path = root().join(Path::new("models")).join(format!("{name}.toml"));
        let scenario = load(&path).unwrap_or_else(|failure| panic!("{failure}"));
        baseline(&scenario, &mut |_| ControlFlow::Continue(()))
    };
    SMALL.iter().map(of).collect()
}

#[test]
fn what_fails_without_each_safeguard() {
    let baselines = baselines();
    let found = |safeguard: &Safeguard| {
        (*safeguard, ablate(*safeguard, &baselines, &mut |_| ControlFlow::Continue(())))
    };
    let rows: Vec<(Safeguard, Use)> = Safeguard::ALL.iter().map(found).collect();
    let duplicates = rows.iter().find(|(safeguard, _)| *safeguard == Safeguard::DuplicateBatch);
    assert!(matches!(duplicates, Some((_, Use::Needed(_)))), "{duplicates:?}");
    golden("ablation.txt", &ablation::table(&rows, baselines.len(), Style::plain(80)));
}

#[test]
fn wrong_names_and_files() {
    let wrong = run(&["ablate", "duplicate-bach"]);
    assert_eq!(wrong.code, Some(254), "{}", wrong.all());
    assert!(wrong.err.contains("did you mean `duplicate-batch`?"), "{}", wrong.all());
}
