//! Schedules as files: saved, replayed, refused where they do not fit, never written over something else.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Run, empty_folder, root, run_in};

const NAME: &str = "lost-answer.at-most.schedule";

/// A folder with a scenario and the schedules of what breaks it.
fn saved(test: &str) -> PathBuf {
    let folder = empty_folder(test);
    let data = root().join("tests/data/lost-answer.toml");
    fs::copy(data, folder.join("lost-answer.toml")).expect("a copy");
    let run = run_in(&folder, &["check", "lost-answer.toml", "--save", "."]);
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert!(run.err.contains(&format!("written: ./{NAME}")), "{}", run.all());
    assert!(run.out.contains(&format!("brokerproof replay ./{NAME}")), "{}", run.all());
    folder
}

fn replay(folder: &Path) -> Run {
    run_in(folder, &["replay", NAME])
}

/// Replays the schedule with a part of its text replaced.
fn replay_with(folder: &Path, from: &str, to: &str) -> Run {
    let path = folder.join(NAME);
    let text = fs::read_to_string(&path).expect("text");
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replacen(from, to, 1)).expect("writable");
    let run = replay(folder);
    fs::write(&path, text).expect("writable");
    run
}

#[test]
fn a_saved_schedule_replays_and_shows_its_anomaly() {
    let run = replay(&saved("replays"));
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.all());
    for part in
        ["check: at-most log in lost-answer.toml", "FAULT 1", "stands in the log more than once"]
    {
        assert!(run.out.contains(part), "no {part:?} in\n{}", run.all());
    }
}

#[test]
fn a_schedule_finds_its_scenario() {
    let folder = saved("finds");
    let elsewhere = empty_folder("finds-elsewhere");
    let schedule = folder.join(NAME).display().to_string();
    let run = run_in(&elsewhere, &["replay", &schedule]);
    assert_eq!(run.code, Some(0), "beside the schedule\n{}", run.all());

    fs::copy(folder.join(NAME), elsewhere.join(NAME)).expect("a copy");
    let lost = replay(&elsewhere);
    assert_eq!(lost.code, Some(254), "{}", lost.all());
    assert!(lost.err.contains("lost-answer.toml: there is no such file"), "{}", lost.all());
    assert!(lost.err.contains("--scenario FILE"), "{}", lost.all());

    let scenario = folder.join("lost-answer.toml").display().to_string();
    let told = run_in(&elsewhere, &["replay", NAME, "--scenario", &scenario]);
    assert_eq!(told.code, Some(0), "{}", told.all());
}

#[test]
fn each_action_as_json() {
    let folder = saved("as-json");
    let run = run_in(&folder, &["replay", NAME, "--json"]);
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    let steps = document["steps"].as_array().expect("a list");
    let faults = steps.iter().filter(|step| step["fault"] == true).count();
    assert_eq!(faults, 1);
    assert!(steps.iter().all(|step| step["did"].as_str().is_some_and(|did| !did.is_empty())));
    assert_eq!(document["at_rest"], true);
    assert_eq!(document["findings"][0]["anomaly"], "duplicate");
    assert_eq!(document["findings"][0]["breaks"], "at-most");
}

#[test]
fn a_schedule_that_breaks_nothing_any_more_is_1() {
    let folder = saved("harmless");
    let path = folder.join(NAME);
    let text = fs::read_to_string(&path).expect("text");
    let kept: String = text
        .lines()
        .take_while(|line| !line.trim_start().starts_with("strike"))
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&path, kept + "end\n").expect("writable");
    let run = replay(&folder);
    assert_eq!(run.code, Some(1), "{}", run.all());
    assert!(run.err.contains("it breaks at-most; it does not"), "{}", run.all());
}

#[test]
fn what_does_not_fit_is_254_with_its_line() {
    let folder = saved("misfits");
    let cases = [
        ("\nend\n", "\n", "the schedule was cut off"),
        ("format = 1", "format = 7", "a newer version wrote it"),
        ("format = 1", "fromat = 1", "line "),
        (
            "strike disconnect shop-broker",
            "strike disconect shop-broker",
            "did you mean `strike disconnect",
        ),
        ("  run shop\n", "  run bakery\n", "expected an action of this scenario"),
        ("  run shop\n", "  restart shop\n", "`restart shop` is not possible here"),
        ("  run shop\n", "  restart shop\n", "possible: run shop"),
        ("\nactions:", "initial = 3\n\nactions:", "there is no initial = 3"),
    ];
    for (from, to, said) in cases {
        let run = replay_with(&folder, from, to);
        assert_eq!(run.code, Some(254), "{from:?} to {to:?}: {}", run.all());
        assert!(run.err.starts_with(&format!("error: {NAME}: ")), "{}", run.all());
        assert!(run.err.contains(said), "no {said:?} in\n{}", run.all());
        assert_eq!(run.out, "", "{}", run.all());
    }
}

#[test]
fn no_schedule_at_all_is_254() {
    let folder = empty_folder("no-schedule");
    fs::write(folder.join("empty"), "").expect("writable");
    fs::write(folder.join("binary"), b"\xff\xfe\x00").expect("writable");
    for (name, said) in [
        ("empty", "found nothing"),
        ("binary", "not text in UTF-8"),
        ("missing", "there is no such file"),
        (".", "this is a directory"),
    ] {
        let run = run_in(&folder, &["replay", name]);
        assert_eq!(run.code, Some(254), "{}", run.all());
        assert!(run.err.contains(said), "no {said:?} in\n{}", run.all());
    }
}

#[test]
fn nothing_else_is_written_over() {
    let folder = saved("precious");
    let again = run_in(&folder, &["check", "lost-answer.toml", "--save", "."]);
    assert_eq!(again.code, Some(0), "the same may stay\n{}", again.all());

    fs::write(folder.join(NAME), "mine\n").expect("writable");
    let refused = run_in(&folder, &["check", "lost-answer.toml", "--save", "."]);
    assert_eq!(refused.code, Some(254), "{}", refused.all());
    assert!(refused.err.contains("this file says something else already"), "{}", refused.all());
    assert_eq!(fs::read_to_string(folder.join(NAME)).expect("text"), "mine\n");

    let nowhere = run_in(&folder, &["check", "lost-answer.toml", "--save", "no/such/folder"]);
    assert_eq!(nowhere.code, Some(254), "{}", nowhere.all());
}
