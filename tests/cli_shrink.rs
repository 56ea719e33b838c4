//! `shrink`: longer schedules come out as short as a search finds them, and nothing is written over.

mod support;

use std::fs;

use serde_json::Value;
use support::{Run, empty_folder, root, run, run_in};

const SHORT: &str = "models/2-consuming/commit-after.at-most.schedule";

/// The counterexample of a bundled model with some actions in front that do nothing for it.
fn detour(test: &str) -> std::path::PathBuf {
    let folder = empty_folder(test);
    let text = fs::read_to_string(root().join(SHORT)).expect("text");
    let actions = "actions:\n  strike pause-consumer billing\n  resume billing\n";
    let text = text.replace("actions:\n", actions);
    fs::write(folder.join("long.schedule"), text).expect("writable");
    folder
}

fn shrink(folder: &std::path::Path, arguments: &[&str]) -> Run {
    let mut all = vec!["shrink", "long.schedule"];
    all.extend(arguments);
    run_in(folder, &all)
}

#[test]
fn a_detour_goes_and_the_rest_is_certified() {
    let folder = detour("shrink");
    let run = shrink(&folder, &["--json"]);
    assert_eq!(run.code, Some(0), "{}", run.all());
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["anomaly"], "repeated-effect");
    assert_eq!((&document["from"]["faults"], &document["to"]["faults"]), (&2.into(), &1.into()));
    assert_eq!(document["from"]["actions"].as_u64(), Some(28));
    assert_eq!(document["to"]["actions"].as_u64(), Some(26));
    assert_eq!(document["shortest"], true);
    // What comes out replays, and shows the same.
    fs::write(folder.join("short.schedule"), document["schedule"].as_str().expect("text"))
        .expect("writable");
    let replayed = run_in(&folder, &["replay", "short.schedule"]);
    assert_eq!(replayed.code, Some(0), "{}", replayed.all());
    assert!(replayed.out.contains("m0 took effect more than once"), "{}", replayed.all());
}

#[test]
fn without_the_search_nothing_is_certified() {
    let run = shrink(&detour("shrink-early"), &["--states", "3"]);
    assert_eq!(run.code, Some(0), "{}", run.all());
    let words = run.out.replace("\n#", " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("whether a shorter way leads to it is not known"), "{}", run.all());
    assert!(
        words.contains("26 actions with 1 fault, of 28 actions with 2 faults"),
        "{}",
        run.all()
    );
}

#[test]
fn nothing_is_written_over() {
    let folder = detour("shrink-write");
    let first = shrink(&folder, &["--write", "short.schedule"]);
    assert_eq!(first.code, Some(0), "{}", first.all());
    fs::write(folder.join("short.schedule"), "mine").expect("writable");
    let second = shrink(&folder, &["--write", "short.schedule"]);
    assert_eq!(second.code, Some(254), "{}", second.all());
    assert_eq!(fs::read_to_string(folder.join("short.schedule")).expect("text"), "mine");
}

#[test]
fn a_run_in_which_nothing_is_wrong_cannot_be_shrunk() {
    let folder = empty_folder("shrink-nothing");
    let text = "format = 1\nscenario = \"commit-after.toml\"\norigin = \"mine\"\n\nactions:\n  \
                deliver shop -> broker\nend\n";
    fs::write(folder.join("long.schedule"), text).expect("writable");
    let run = shrink(&folder, &[]);
    assert_eq!(run.code, Some(254), "{}", run.all());
    assert!(run.err.contains("nothing is wrong in the end"), "{}", run.all());
    let other = shrink(&folder, &["--anomaly", "lost-efect"]);
    assert_eq!(other.code, Some(254), "{}", other.all());
    assert!(other.err.contains("did you mean `lost-effect`?"), "{}", other.all());
}

#[test]
fn a_budget_of_hundreds_makes_no_replay_slow() {
    let folder = empty_folder("replay-budget");
    let text =
        fs::read_to_string(root().join("models/2-consuming/commit-after.toml")).expect("text");
    let text = text.replace("total = 2", "total = 900").replace("total   = 2", "total   = 900");
    assert!(text.contains("= 900"));
    fs::write(folder.join("commit-after.toml"), text).expect("writable");
    fs::copy(root().join(SHORT), folder.join("s.schedule")).expect("a copy");
    let right = run_in(&folder, &["replay", "s.schedule"]);
    assert_eq!(right.code, Some(0), "{}", right.all());
    let text = fs::read_to_string(folder.join("s.schedule")).expect("text");
    let wrong = text.replacen("  run shop\n", "  run shpo\n", 1);
    fs::write(folder.join("s.schedule"), wrong).expect("writable");
    let wrong = run_in(&folder, &["replay", "s.schedule"]);
    assert_eq!(wrong.code, Some(254), "{}", wrong.all());
    assert!(wrong.err.contains("did you mean `run shop`?"), "{}", wrong.all());
    assert!(run(&["completions", "bash"]).out.contains("brokerproof"));
    assert!(run(&["manual"]).out.contains(".TH brokerproof 1"));
}
