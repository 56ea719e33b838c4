//! How a scenario is searched makes no difference to what is said of it, and pictures of small ones.

mod support;

use std::fs;

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
