//! What goes where, and that it is always the same: bytes, colours, pipes, JSON.

mod support;

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;
use support::{command, finish, root, run};

/// Some quick models, by parts of their names.
const SOME: &[&str] = &["acks-1-retry", "remember-before-send"];

fn models(options: &[&str]) -> Vec<&'static str> {
    let mut arguments = vec!["models"];
    arguments.extend(SOME);
    let options: Vec<&'static str> =
        options.iter().map(|option| &*Box::leak(option.to_string().into_boxed_str())).collect();
    arguments.extend(options);
    arguments
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    for format in [&[][..], &["--json"]] {
        let with = |jobs| run(&models(&[format, &["--jobs", jobs]].concat()));
        let (one, two, again) = (with("1"), with("2"), with("2"));
        assert_eq!(one.code, Some(0), "{}", one.all());
        assert!(one.out.contains("acks-1-retry"), "{}", one.all());
        assert_eq!(one.out, two.out);
        assert_eq!(two.out, again.out);
    }
}

#[test]
fn a_story_twice_is_the_same() {
    let check = || run(&["check", "tests/data/remote-call.toml", "--story", "all"]);
    let first = check();
    assert_eq!(first.code, Some(0), "{}", first.all());
    assert_eq!(first.out, check().out);
}

#[test]
fn to_a_pipe_no_colours_and_no_bar() {
    for arguments in [&models(&[])[..], &["check", "tests/data/remote-call.toml"], &["list"]] {
        let run = run(arguments);
        assert!(!run.out.contains('\x1b') && !run.err.contains('\x1b'), "{}", run.all());
        assert!(!run.err.contains('#') && !run.err.contains("states"), "{}", run.all());
    }
}

#[test]
fn colours_on_demand() {
    let arguments = ["check", "tests/data/lost-answer.toml", "--color", "always"];
    assert!(run(&arguments).out.contains("\x1b[1;31m"));
    let mut without = command(&root(), &["check", "tests/data/lost-answer.toml"]);
    assert!(!finish(without.env("NO_COLOR", "1")).out.contains('\x1b'));
}

#[test]
fn the_matrix_as_json() {
    let run = run(&models(&["--json"]));
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["format"], 1);
    assert_eq!(document["kafka"], "4.3");
    assert_eq!(document["as_expected"], true);
    let models = document["models"].as_array().expect("a list");
    assert_eq!(models.len(), SOME.len());
    let first = &models[0];
    assert_eq!(first["name"], "acks-1-retry");
    assert_eq!(first["level"], "no-guarantee");
    assert_eq!((&first["at_most"], &first["at_least"]), (&"no".into(), &"no".into()));
    assert_eq!(first["breaks_at"], 1);
    assert_eq!(first["seconds"], Value::Null);
    for field in ["anomaly", "order", "states", "steps", "as_expected"] {
        assert!(!first[field].is_null(), "{field}");
    }
}

#[test]
fn one_scenario_as_json() {
    let run = run(&["check", "tests/data/two-applications.toml", "--json"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{}", run.all());
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["scenario"], "tests/data/two-applications.toml");
    assert_eq!(document["as_expected"], Value::Null);
    assert_eq!(document["extent"]["kind"], "complete");
    let rows = document["rows"].as_array().expect("a list");
    let apps: Vec<&Value> = rows.iter().map(|row| &row["app"]).collect();
    assert_eq!(apps, ["billing", "stock"]);
    assert_eq!(rows[0]["breaks_at"]["at_least"], 1);
    assert_eq!(rows[0]["breaks_at"]["at_most"], Value::Null);
    assert!(rows[0]["schedule"].as_str().expect("a text").ends_with("end\n"));
    assert_eq!(rows[1]["level"], "effectively-once");
    assert_eq!(rows[1]["schedule"], Value::Null);
}

#[test]
fn durations_only_on_demand() {
    let arguments = ["check", "tests/data/remote-call.toml", "--json", "--timings"];
    let document: Value = serde_json::from_str(&run(&arguments).out).expect("JSON");
    assert!(document["seconds"].is_number());
    let told = run(&["check", "tests/data/remote-call.toml", "--timings", "--story", "none"]);
    assert!(told.err.trim().ends_with(" s"), "{}", told.all());
    assert!(!told.out.contains(" s\n"), "{}", told.all());
}

#[test]
fn lists_as_json() {
    let document: Value = serde_json::from_str(&run(&["list", "--json"]).out).expect("JSON");
    let lists = document["lists"].as_array().expect("a list");
    let names: Vec<&str> = lists.iter().map(|list| list["name"].as_str().expect("text")).collect();
    let wanted = [
        "guarantees",
        "anomalies",
        "faults",
        "timers",
        "invariants",
        "safeguards",
        "presets",
        "variants",
        "strategies",
        "pins",
        "models",
    ];
    assert_eq!(names, wanted);
    let mut seen = std::collections::BTreeSet::new();
    for list in lists {
        for entry in list["entries"].as_array().expect("a list") {
            let name = entry["name"].as_str().expect("text");
            assert!(!entry["doc"].as_str().expect("text").is_empty(), "{name} has no doc");
            assert!(seen.insert((list["name"].as_str(), name)), "{name} stands there twice");
        }
    }
    let faults = &lists[2]["entries"];
    assert_eq!(faults[0]["name"], "disconnect");
    assert_eq!(faults[0]["cost"], 1);
    assert_eq!(faults[0]["of"][0], "remote-call");
}

/// A reader that goes away, as `head` does, is no error of ours.
#[test]
fn a_closed_pipe_is_no_panic() {
    for arguments in [&["list"][..], &["check", "tests/data/lost-answer.toml"]] {
        let mut command = command(&root(), arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let status = child.wait().expect("it ends");
        let mut said = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        assert_eq!(status.code(), Some(0), "{said}");
        assert_eq!(said, "");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let mut command = support::command(&root(), &["list", "faults"]);
    let output = command.stdout(full).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(254), "{said}");
    assert!(said.starts_with("error: standard output: "), "{said}");
}
