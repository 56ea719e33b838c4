//! No text makes the reader of schedules panic, and what it accepts is written as it was read.
#![no_main]

use std::sync::OnceLock;

use brokerproof::report::schedule::{actions, read};
use brokerproof::scenario::parse;
use brokerproof::world::Scene;
use libfuzzer_sys::fuzz_target;

const SCENARIO: &str = include_str!("../../models/2-consuming/commit-after.toml");

static SCENE: OnceLock<Scene> = OnceLock::new();

fuzz_target!(|text: &str| {
    let scene = SCENE.get_or_init(|| {
        let scenario = parse(SCENARIO, "commit-after.toml").unwrap_or_else(|f| panic!("{f}"));
        Scene::new(scenario.setting)
    });
    match read(text) {
        Ok(lines) => {
            let again = read(&lines.to_string()).unwrap_or_else(|misfit| panic!("{misfit}"));
            assert_eq!(again, lines);
            match actions(scene, &lines, text) {
                Ok(actions) => assert_eq!(actions.actions.len(), lines.actions.len()),
                Err(misfit) => assert!(!misfit.to_string().is_empty()),
            }
        }
        Err(misfit) => assert!(!misfit.to_string().is_empty()),
    }
});
