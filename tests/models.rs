//! Every bundled model does what it claims, and every claim is decided.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use brokerproof::decide::{decide, limits};
use brokerproof::scenario::{Claim, Scenario, Tier, load};

/// Every model, in order of their paths.
fn models() -> Vec<Scenario> {
    let mut paths = Vec::new();
    toml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models"), &mut paths);
    assert!(!paths.is_empty(), "no models");
    paths.iter().map(|path| load(path).unwrap_or_else(|failure| panic!("{failure}"))).collect()
}

fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("models are readable");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            toml_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
}

#[test]
fn quick_models_do_what_they_claim() {
    let mut wrong = Vec::new();
    for scenario in models().iter().filter(|scenario| scenario.tier == Tier::Quick) {
        let decided = decide(scenario, &limits(scenario), &mut |_| ControlFlow::Continue(()));
        if let Some((message, schedule)) = &decided.panic {
            wrong.push(format!("{}: {message} after {:?}", scenario.path, schedule.actions));
        }
        for mismatch in &decided.mismatches {
            let (line, claimed) = (mismatch.line, &mismatch.claimed);
            wrong.push(format!("{}:{line}: {claimed}, but {}", scenario.path, mismatch.decided));
        }
        if !decided.claims_decided {
            wrong.push(format!("{}: a claim was not decided", scenario.path));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_model_claims_a_level_and_pins_something_reachable() {
    for scenario in models() {
        let claims: Vec<&Claim> =
            scenario.expectations.iter().flat_map(|expectation| &expectation.claims).collect();
        let level = claims.iter().any(|claim| matches!(claim, Claim::Level(_)));
        let pinned = claims.iter().any(|claim| matches!(claim, Claim::Reachable(_)));
        assert!(level && pinned, "{}: no level or nothing reachable", scenario.path);
        assert!(!scenario.title.is_empty(), "{}: no story in a comment", scenario.path);
    }
}
