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
        (vec!["--at", "1ms crash-broker", "--burst", "3"], "cannot be used with"),
        (vec!["--chance", "1/9", "--burst", "3"], "cannot be used with"),
        (vec!["--save", "x", "--story", "none"], "--story none tells none"),
        (vec!["--at", "2s crash-broker", "--time", "1s"], "behind the end of --time"),
        (vec!["--faults", "0", "--kinds", "crash-broker"], "no kind of fault strikes"),
        (vec!["--seeds", "9..1"], "the last (1) is below the first (9)"),
        (vec!["--seeds", "9"], "first..last"),
        (vec!["--strategy", "luck"], "uniform"),
        (vec!["--kinds", "disconect"], "disconnect"),
        (vec!["--time", "soon"], "500ms"),
        (vec!["--at", "12s"], "crash-broker"),
        (vec!["--seeds", "1..18446744073709551615"], "the largest seed"),
        (vec!["--every", "1ms", "--burst", "0"], "0 is not in 1.."),
        (vec!["--records", "0"], "0 is not in 1.."),
        (vec!["--at", "1s disconnect", "--faults", "3"], "cannot be used with"),
        (vec!["--strategy", "uniform", "--every", "1s"], "--every has no effect"),
        (vec!["--strategy", "fifo", "--network", "1ms"], "--network has no effect"),
        (vec!["--strategy", "swarm", "--time", "1h"], "--time has no effect"),
        (vec!["--kinds", "window-passed"], "window-passed finds nothing to strike"),
        (vec!["--at", "1s false-positive"], "false-positive finds nothing to strike"),
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
    // Of any kind, and however long after all is done.
    let late = at(&["--at", "1h crash-broker"]);
    assert!(flat(&late.out).contains("1 fault (1 crash-broker)"), "{}", late.all());
    // The second one strikes the process that has started again.
    let twice = at(&["--at", "2ms crash-consumer", "--at", "2ms crash-consumer"]);
    assert!(flat(&twice.out).contains("2 faults (2 crash-consumer)"), "{}", twice.all());
    // Nothing is called yet, and then it is; an hour later nothing is called any more.
    let call = at(&["--at", "0s remote-call-before"]);
    assert!(flat(&call.out).contains("1 fault (1 remote-call-before)"), "{}", call.all());
    let call = at(&["--at", "1h remote-call-before"]);
    let missed = "Of 1 of --at, 1 fault found nothing to strike any more.";
    assert!(flat(&call.out).contains(missed), "{}", call.all());
    let kinds = run(&["simulate", LOST, "--seeds", "1..20", "--kinds", "disconnect,poison"]);
    assert!(flat(&kinds.out).contains("Never struck, of --kinds: poison."), "{}", kinds.all());
    let never = at(&["--chance", "0/5"]);
    assert!(never.out.contains("no faults"), "{}", never.all());
    let calm = at(&["--faults", "0"]);
    assert!(calm.out.contains("no faults"), "{}", calm.all());
    let burst = at(&["--faults", "6", "--every", "1ms", "--burst", "3", "--time", "1h"]);
    assert!(flat(&burst.out).contains("bursts of 3 faults"), "{}", burst.all());
    assert!(flat(&burst.out).contains("6 faults ("), "{}", burst.all());
}

#[test]
fn what_needs_time_lets_clocks_run() {
    for words in [&["--time", "1h"][..], &["--network", "1ms..2ms"], &["--every", "1s"]] {
        let run =
            run(&[&["simulate", LOST, "--seeds", "1..20", "--story", "none"], words].concat());
        assert!(run.out.contains("; 20 clocks."), "{}", run.all());
    }
    let told = |network| {
        let words =
            ["simulate", LOST, "--seeds", "1..200", "--network", network, "--story", "none"];
        run(&words).out
    };
    assert_ne!(told("1us"), told("40s"), "how long a message travels decides what overtakes what");
}

#[test]
fn extreme_numbers_are_numbers() {
    for words in [
        &["--faults", "4294967295", "--seeds", "1..12"][..],
        &["--steps", "18446744073709551615", "--seeds", "1..12"],
        &["--seed", "18446744073709551614"],
        &["--every", "5000000h", "--time", "5000000h", "--seeds", "1..3"],
        &["--at", "5000000h disconnect", "--seeds", "1..3"],
    ] {
        let run = run(&[&["simulate", LOST, "--story", "none"], words].concat());
        assert_eq!(run.code, Some(0), "{words:?}\n{}", run.all());
    }
}

#[test]
fn a_run_with_more_faults_than_a_file_may_have_is_saved_all_the_same() {
    let folder = empty_folder("simulate-many-faults");
    fs::copy(root().join(LOST), folder.join("lost.toml")).expect("a copy");
    let words = ["simulate", "lost.toml", "--faults", "5000", "--seeds", "1..40", "--save", "."];
    let run = run_in(&folder, &words);
    assert_eq!(run.code, Some(0), "{}", run.all());
    let saved = schedules(&folder);
    assert!(!saved.is_empty(), "{}", run.all());
    for schedule in saved {
        let replayed = run_in(&folder, &["replay", &schedule]);
        assert_eq!(replayed.code, Some(0), "{}", replayed.all());
    }
}

#[test]
fn a_folder_for_schedules_is_made_and_its_name_may_be_any() {
    let folder = empty_folder("simulate-quoted");
    fs::copy(root().join(LOST), folder.join("my scenario.toml")).expect("a copy");
    let words = ["simulate", "my scenario.toml", "--seeds", "1..40", "--save", "to be/'kept'"];
    let run = run_in(&folder, &words);
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert!(!schedules(&folder.join("to be/'kept'")).is_empty());
    let quoted = "brokerproof replay 'to be/'\\''kept'\\''/";
    assert!(run.out.contains(quoted), "{}", run.all());
    let told = run_in(&folder, &words[..4]);
    let again = "brokerproof simulate 'my scenario.toml' --seed=";
    assert!(told.out.contains(again), "{}", told.all());
}

#[test]
fn a_livelock_is_told_and_saved_with_its_circle() {
    let folder = empty_folder("simulate-livelock");
    let run =
        run_in(&folder, &["simulate", "poison-crash-loop", "--seeds", "1..40", "--save", "."]);
    assert_eq!(run.code, Some(0), "the model claims it\n{}", run.all());
    let told = flat(&run.out);
    for part in [
        "livelock (claimed to break)",
        "ended in a circle that nothing but a fault leaves. Every other run came to rest.",
        "How \"at-least\" breaks, with 1 fault",
        "repeat for ever",
    ] {
        assert!(told.contains(part), "no {part:?} in\n{}", run.all());
    }
    let saved = schedules(&folder);
    let replayed = run_in(&folder, &["replay", saved.first().expect("one is saved")]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.all());
    let json = run_in(&folder, &["simulate", "poison-crash-loop", "--seeds", "1..40", "--json"]);
    let document: Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(document["restless"], 0);
    assert!(document["circles"].as_u64() > Some(0));
    assert_eq!(document["broken"][0]["anomaly"], "livelock");
}
