//! `simulate` as its users call it.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{empty_folder, root, run, run_in};

/// A text without its line breaks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

const LOST: &str = "tests/data/lost-answer.toml";

#[test]
fn a_sweep_says_what_broke_and_how() {
    let run = run(&["simulate", LOST, "--seeds", "1..100"]);
    assert_eq!(run.code, Some(0), "what is claimed to break may break\n{}", run.all());
    for part in [
        "100 runs, seeds 1 to 100",
        "claimed to break",
        "Every run came to rest.",
        "drew strategy",
        "certifies that nothing shorter does it",
        "How \"at-most\" breaks, with 1 fault",
        "--save .",
    ] {
        assert!(flat(&run.out).contains(part), "no {part:?} in\n{}", run.all());
    }
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let bytes = |threads: &str| {
        run(&["simulate", LOST, "--seeds", "1..300", "--json", "--threads", threads]).out
    };
    let one = bytes("1");
    assert!(one.contains("\"violations\""), "{one}");
    assert_eq!(one, bytes("2"));
    assert_eq!(one, bytes("5"));
}

#[test]
fn the_document_has_its_fields() {
    let run =
        run(&["simulate", LOST, "--seeds", "1..100", "--json", "--require", "effectively-once"]);
    assert_eq!(run.code, Some(1), "{}", run.all());
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["format"], 1);
    assert_eq!(document["scenario"], LOST);
    assert_eq!(document["seeds"], "1..100");
    assert_eq!(document["runs"], 100);
    assert!(document["steps"].as_u64() > Some(500));
    assert!(document["cpu_seconds"].is_null() && document["wall_seconds"].is_null());
    assert_eq!(document["level_refuted"], "effectively-once");
    let violations = document["violations"].as_array().expect("a list");
    assert_eq!(violations.len(), 2);
    for violation in violations {
        assert!(violation["seed"].as_u64() <= Some(100));
        assert!(violation["anomaly"].is_string());
        let schedule = violation["schedule"].as_str().expect("text");
        assert!(schedule.starts_with("format = 1\n") && schedule.ends_with("end\n"), "{schedule}");
    }
}

#[test]
fn one_seed_says_first_what_it_draws() {
    let run = run(&["simulate", LOST, "--seed", "3", "--strategy", "pct", "--story", "none"]);
    assert!(run.out.starts_with("Seed 3 draws strategy pct: priorities of"), "{}", run.all());
    assert!(flat(&run.out).contains("a chance of at least 1 in"), "{}", run.all());
}

#[test]
fn a_saved_run_replays() {
    let folder = empty_folder("simulate-saved");
    fs::copy(root().join(LOST), folder.join("lost-answer.toml")).expect("a copy");
    let saved =
        run_in(&folder, &["simulate", "lost-answer.toml", "--seeds", "1..100", "--save", "."]);
    assert_eq!(saved.code, Some(0), "{}", saved.all());
    let schedules = schedules(&folder);
    assert_eq!(schedules.len(), 2, "{}", saved.all());
    for schedule in &schedules {
        let replayed = run_in(&folder, &["replay", schedule]);
        assert_eq!(replayed.code, Some(0), "{}", replayed.all());
        assert!(saved.out.contains(&format!("brokerproof replay ./{schedule}")), "{}", saved.all());
    }
    // A run of a changed scenario is stored with that scenario.
    let changed =
        ["simulate", "lost-answer.toml", "--records", "5", "--faults", "4", "--save", "."];
    let folder = empty_folder("simulate-saved-changed");
    fs::copy(root().join(LOST), folder.join("lost-answer.toml")).expect("a copy");
    let changed = run_in(&folder, &changed);
    let more: Vec<String> = self::schedules(&folder);
    let new = more.first();
    let new = new.unwrap_or_else(|| panic!("{}", changed.all()));
    assert!(folder.join(new.replace(".schedule", ".toml")).exists());
    let replayed = run_in(&folder, &["replay", new]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.all());
}

fn schedules(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("readable").file_name().display().to_string());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".schedule")).collect();
    names.sort();
    names
}

#[test]
fn wrong_arguments_are_errors() {
    for (words, part) in [
        (vec!["--seeds", "9..1"], "first..last"),
        (vec!["--strategy", "luck"], "uniform"),
        (vec!["--kinds", "disconect"], "disconnect"),
        (vec!["--time", "soon"], "500ms"),
        (vec!["--at", "12s"], "crash-broker"),
    ] {
        let words: Vec<&str> = ["simulate", LOST].into_iter().chain(words).collect();
        let run = run(&words);
        assert_eq!(run.code, Some(254), "{words:?}\n{}", run.all());
        assert!(run.err.contains(part), "{words:?}: no {part:?} in\n{}", run.all());
    }
}

#[test]
fn faults_strike_when_they_are_told_to() {
    let words = ["simulate", "commit-after", "--seed", "1", "--story", "none"];
    let at = |more: &[&str]| run(&[&words[..], more].concat());
    let told = at(&["--at", "2ms crash-consumer", "--at", "1ms pause-consumer"]);
    assert!(
        flat(&told.out).contains("pause-consumer at 1 ms, crash-consumer at 2 ms"),
        "{}",
        told.all()
    );
    assert!(
        flat(&told.out).contains("2 faults (1 crash-consumer and 1 pause-consumer)"),
        "{}",
        told.all()
    );
    let calm = at(&["--faults", "0"]);
    assert!(calm.out.contains("no faults"), "{}", calm.all());
    let burst = at(&["--faults", "6", "--every", "1ms", "--burst", "3", "--time", "1h"]);
    assert!(flat(&burst.out).contains("bursts of 3 faults"), "{}", burst.all());
    assert!(flat(&burst.out).contains("6 faults ("), "{}", burst.all());
}

#[test]
fn costs_are_measured() {
    let folder = empty_folder("simulate-cost");
    let words = ["simulate", "commit-after", "--cost", "--records", "200"];
    let files = ["--csv", "cost.csv", "--svg", "cost.svg"];
    let run = run_in(&folder, &[&words[..], &files[..]].concat());
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert!(run.out.contains("not modelled yet"), "transactions are no invention\n{}", run.all());
    let csv = fs::read_to_string(folder.join("cost.csv")).expect("text");
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|row| row.rsplit(',').collect()).collect();
    assert_eq!(rows.len(), 5, "{csv}");
    let number = |row: usize, back: usize| rows[row][back].parse::<u64>().expect("a number");
    // From behind: lost, repeated, recovery, p99, p50, held back, markers, offsets stored.
    assert_eq!(number(3, 1), 0, "offset and result together repeat nothing\n{csv}");
    assert_eq!(number(3, 7), 0, "and the broker stores no offsets\n{csv}");
    assert!(number(1, 7) >= 200 && number(1, 2) > 1_000_000, "{csv}");
    assert_eq!(number(1, 0), 0, "commit after processing loses nothing\n{csv}");
    let svg = fs::read_to_string(folder.join("cost.svg")).expect("text");
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{svg}");
}
