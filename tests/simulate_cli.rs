//! `simulate` and `merge` as their users call them.

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{command, empty_folder, finish, root, run, run_in};

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
fn shards_together_say_what_one_sweep_says() {
    let folder = empty_folder("simulate-shards");
    let scenario = root().join(LOST).display().to_string();
    let whole = run_in(&folder, &["simulate", &scenario, "--seeds", "1..500"]);
    for of in ["2", "5"] {
        let out = format!("of-{of}");
        for number in 1..=of.parse::<u32>().expect("a number") {
            let shard = format!("{number}/{of}");
            let words =
                ["simulate", &scenario, "--seeds", "1..500", "--shard", &shard, "--out", &out];
            let run = run_in(&folder, &words);
            assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.all());
        }
        let merged = run_in(&folder, &["merge", &out]);
        assert_eq!(merged.code, whole.code, "{}", merged.all());
        assert_eq!(merged.out, whole.out);
    }
    let (one, two) = ("of-2/shard-1-of-2.jsonl", "of-2/shard-2-of-2.jsonl");
    let turned = run_in(&folder, &["merge", two, one]);
    assert_eq!(turned.out, whole.out, "in any order");
    for (files, problem) in [
        (vec![one], "shard 2 of 2 is missing"),
        (vec![one, two, "of-5/shard-3-of-5.jsonl"], "another"),
        (vec!["of-2", "nowhere.jsonl"], "nowhere.jsonl"),
    ] {
        let words: Vec<&str> = ["merge"].into_iter().chain(files).collect();
        let run = run_in(&folder, &words);
        assert_eq!(run.code, Some(254), "{problem}: {}", run.all());
    }
    fs::copy(folder.join(one), folder.join("copy.jsonl")).expect("a copy");
    let twice = run_in(&folder, &["merge", one, two, "copy.jsonl"]);
    assert!(twice.err.contains("both are shard 1"), "{}", twice.all());
}

#[test]
fn an_interrupted_shard_goes_on() {
    let folder = empty_folder("simulate-resumed");
    let scenario = root().join(LOST).display().to_string();
    let words =
        ["simulate", scenario.as_str(), "--seeds", "1..9000", "--shard", "1/2", "--out", "out"];
    assert_eq!(run_in(&folder, &words).code, Some(0));
    let path = folder.join("out/shard-1-of-2.jsonl");
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(text.lines().count(), 3, "one about itself, two blocks\n{text}");
    // The machine went down while the last line was written.
    fs::write(&path, &text[..text.len() - 20]).expect("writable");
    let cut = run_in(&folder, &["merge", "out"]);
    assert_eq!(cut.code, Some(254), "{}", cut.all());
    assert_eq!(run_in(&folder, &words).code, Some(0));
    assert_eq!(fs::read_to_string(&path).expect("text"), text);
    // Another sweep is not written behind it.
    let other = words.map(|word| if word == "1..9000" { "1..8000" } else { word });
    let other = run_in(&folder, &other);
    assert_eq!(other.code, Some(254), "{}", other.all());
    assert_eq!(fs::read_to_string(&path).expect("text"), text);
}

#[test]
fn a_scheduler_says_which_shard() {
    let folder = empty_folder("simulate-auto");
    let scenario = root().join(LOST).display().to_string();
    let words = ["simulate", &scenario, "--seeds", "1..10", "--shard", "auto", "--out", "out"];
    let mut begun = command(&folder, &words);
    begun.env("CI_NODE_INDEX", "2").env("CI_NODE_TOTAL", "3").env_remove("JOB_COMPLETION_INDEX");
    let run = finish(&mut begun);
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert!(folder.join("out/shard-2-of-3.jsonl").exists(), "{}", run.all());
}

#[test]
fn wrong_arguments_are_errors() {
    for (words, part) in [
        (vec!["--seeds", "9..1"], "first..last"),
        (vec!["--strategy", "luck"], "uniform"),
        (vec!["--kinds", "disconect"], "disconnect"),
        (vec!["--time", "soon"], "500ms"),
        (vec!["--at", "12s"], "crash-broker"),
        (vec!["--shard", "3/2", "--out", "x"], "no shard 3 of 2"),
        (vec!["--shard", "1/2"], "--out"),
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
