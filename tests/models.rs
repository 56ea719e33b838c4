//! Every bundled model claims something, and not in vain; that it does what it claims is told by
//! tests/cli_bundled.rs.

use std::fs;
use std::path::{Path, PathBuf};

use brokerproof::scenario::{Claim, Scenario, load};

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
