//! Every bundled model claims something, and not in vain; that it does what it claims is told by
//! tests/cli_bundled.rs.

mod support;

use brokerproof::scenario::{Claim, Scenario, load};
use support::{root, toml_files};

/// Every model, in order of their paths.
fn models() -> Vec<Scenario> {
    let mut paths = Vec::new();
    toml_files(&root().join("models"), &mut paths);
    assert!(!paths.is_empty(), "no models");
    paths.iter().map(|path| load(path).unwrap_or_else(|failure| panic!("{failure}"))).collect()
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
