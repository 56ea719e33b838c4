//! How a scenario is searched makes no difference to what is said of it, and pictures of small ones.

mod support;

use std::fs;

use serde_json::Value;
use support::{empty_folder, run, run_in};

/// What is said, without what is told of the search itself.
fn said(arguments: &[&str]) -> String {
    let told = run(&[&["check", "commit-before", "--json"], arguments].concat());
    assert_eq!(told.code, Some(0), "{}", told.all());
    let of_search = ["\"states\"", "\"steps\"", "\"reduced\""];
    let of_search = |line: &&str| of_search.iter().any(|name| line.trim().starts_with(name));
    told.out.lines().filter(|line| !of_search(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn engines_and_threads_say_the_same() {
    let usual = said(&[]);
    let reduced = |arguments: &[&str]| {
        let told = run(&[&["check", "commit-before", "--json"], arguments].concat());
        told.out.contains("\"reduced\": true")
    };
    assert!(reduced(&[]) && !reduced(&["--engine", "lean"]));
    for engine in ["plain", "parts", "lean", "reduced"] {
        assert_eq!(usual, said(&["--engine", engine]), "{engine}");
    }
    assert_eq!(usual, said(&["--engine", "reduced", "--threads", "2"]));
    let little = run(&["check", "commit-before", "--max-memory", "0"]);
    assert_eq!(little.code, Some(2), "{}", little.all());
    assert!(little.out.contains("the limit of 0 bytes"), "{}", little.all());
}

/// A field of the document that `check` writes.
fn field(arguments: &[&str], pointer: &str) -> Value {
    let told = run(arguments);
    let told: Value = serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{}", told.all()));
    told.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {told}")).clone()
}

#[test]
fn random_runs_find_and_never_show_that_something_holds() {
    let walk = ["check", "commit-before", "--walks", "300", "--json"];
    let told = run(&walk);
    assert_eq!(told.code, Some(2), "{}", told.all());
    assert_eq!(told.out, run(&walk).out, "the same seed gives the same runs");
    assert_eq!(field(&walk, "/extent/kind"), "sampled");
    assert_eq!(field(&walk, "/extent/runs"), 300);
    assert_eq!(field(&walk, "/rows/0/at_least"), "no");
    for half in ["at_most", "order"] {
        assert_eq!(field(&walk, &format!("/rows/0/{half}")), "unknown");
    }
    let other = [&walk[..], &["--seed", "2"]].concat();
    assert_ne!(field(&walk, "/steps"), field(&other, "/steps"));
    let words = run(&["check", "commit-before", "--walks", "300", "--story", "none"]);
    assert!(words.out.contains("Looked at: 300 random runs"), "{}", words.all());
    for wrong in [&["--threads", "2"][..], &["--depth-first"], &["--max-memory", "9"]] {
        let told = run(&[&walk[..], wrong].concat());
        assert_eq!(told.code, Some(254), "{}", told.all());
    }
    assert_eq!(run(&["check", "commit-before", "--seed", "2"]).code, Some(254));
}

#[test]
fn depth_first_decides_alike_with_little_memory() {
    for model in ["commit-before", "acks-0.producer", "commit-after.consumer"] {
        let usual = ["check", model, "--json"];
        let deep = ["check", model, "--json", "--depth-first"];
        for half in ["at_most", "at_least", "order", "kept", "times_processed"] {
            let place = format!("/rows/0/{half}");
            let (known, found) = (field(&usual, &place), field(&deep, &place));
            assert!(known == found || found == "unknown" || found == "?", "{model} {half}");
        }
        assert_eq!(field(&usual, "/rows/0/at_least"), field(&deep, "/rows/0/at_least"), "{model}");
    }
    let told =
        run(&["check", "commit-before", "--depth-first", "--max-memory", "0", "--states", "5000"]);
    assert!(told.out.contains("the limit of 5,000 states was reached"), "{}", told.all());
}

#[test]
fn the_usage_fits_a_terminal() {
    let told = run(&["check", "--help"]);
    let usage: Vec<&str> =
        told.out.lines().skip_while(|line| !line.starts_with("Usage")).take(2).collect();
    assert!(
        usage.iter().all(|line| line.len() <= 80 && line.contains("brokerproof check")),
        "{usage:?}"
    );
}

#[test]
fn a_small_scenario_is_drawn_and_needed_faults_are_named() {
    let folder = empty_folder("dot");
    let draw =
        |to: &str| run_in(&folder, &["check", "acks-0.producer", "--story", "none", "--dot", to]);
    for _ in 0..2 {
        let told = draw("states.dot");
        assert_eq!(told.code, Some(0), "{}", told.all());
        assert!(told.out.contains("at-least breaks; on every way there: strike"), "{}", told.all());
    }
    let drawn = fs::read_to_string(folder.join("states.dot")).expect("it is written");
    assert!(drawn.starts_with("digraph states {") && drawn.contains("style=dashed"));
    fs::write(folder.join("other.dot"), "mine").expect("writable");
    let told = draw("other.dot");
    assert_eq!(told.code, Some(254), "{}", told.all());
    assert_eq!(fs::read_to_string(folder.join("other.dot")).expect("still there"), "mine");
    let told = run(&["check", "commit-before", "--story", "none", "--dot", "none.dot"]);
    assert!(told.err.contains("more than 2,000 states"), "{}", told.all());
}
