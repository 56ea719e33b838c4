//! Ctrl-C ends a search with what is known so far.

#![cfg(unix)]

mod support;

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use support::{command, empty_folder};

/// A scenario whose search takes hours.
const LARGE: &str = "format = 1\n[topic.t]\n[source.s]\nrecords = 9\n[producer.p]\n[app.a]\ngroup.id = \"g\"\n\
    enable.auto.commit = false\ncommit = \"after-processing\"\n[app.b]\ngroup.id = \"h\"\n\
    enable.auto.commit = false\ncommit = \"before-processing\"\n[faults]\ntotal = 9\n";

/// What the program says that is interrupted a second after its start, on both streams, and its code.
fn interrupted(folder: &str, arguments: &[&str]) -> (String, String, Option<i32>) {
    let folder = empty_folder(folder);
    fs::write(folder.join("large.toml"), LARGE).expect("writable");
    let mut child = command(&folder, arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Long enough to listen to the signal, short enough to be still at work.
    sleep(Duration::from_secs(1));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill");
    assert!(sent.success());
    let status = child.wait().expect("it ends");
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
    (out, err, status.code())
}

#[test]
fn an_interrupted_search_says_what_it_knows() {
    let stopped = "it was stopped from outside";
    let searches: [(&[&str], &str, i32); 3] = [
        (&[], stopped, 2),
        (&["--depth-first", "--max-memory", "8"], stopped, 2),
        // Whatever random runs found by then stands: both halves break.
        (&["--walks", "1000000000"], "Random runs find what breaks", 0),
    ];
    for (how, says, code) in searches {
        let arguments = [&["check", "large.toml", "--story", "none"], how].concat();
        let (out, err, ended) = interrupted("interrupt", &arguments);
        assert_eq!(ended, Some(code), "{out}\n{err}");
        assert!(out.contains(says), "{out}\n{err}");
    }
}

#[test]
fn an_interrupted_run_says_what_it_has_shown() {
    let long = ["--seed", "1", "--strategy", "clocks", "--records", "50000000", "--story", "none"];
    let arguments = [&["simulate", "large.toml"][..], &long[..]].concat();
    let (out, err, code) = interrupted("interrupt-simulate", &arguments);
    assert_eq!(code, Some(2), "{out}\n{err}");
    assert!(out.contains("Stopped from outside after"), "{out}\n{err}");
    assert!(!out.contains("within the steps"), "{out}\n{err}");
}

#[test]
fn an_interrupted_shard_says_how_to_go_on() {
    let words =
        ["simulate", "large.toml", "--seeds", "1..1000000000", "--shard", "1/2", "--out", "."];
    let (out, err, code) = interrupted("interrupt-shard", &words);
    assert_eq!(code, Some(2), "{out}\n{err}");
    assert!(
        err.contains("of 500,000,000 runs; stopped, and the same command goes on"),
        "{out}\n{err}"
    );
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("interrupt-shard");
    let text = fs::read_to_string(folder.join("shard-1-of-2.jsonl")).expect("text");
    assert!(text.starts_with("{\"format\"") && text.ends_with('\n'), "whole lines alone\n{text}");
}

#[test]
fn an_interrupted_measurement_says_so() {
    let arguments = ["simulate", "large.toml", "--cost", "--records", "5000"];
    let (out, err, code) = interrupted("interrupt-cost", &arguments);
    assert_eq!(code, Some(2), "{out}\n{err}");
    // Nothing at all if the machine is slow.
    let said = [" of 5 configurations", "stopped before anything was measured"];
    assert!(said.iter().any(|said| err.contains(said)), "{out}\n{err}");
}

#[test]
fn an_interrupted_sweep_is_undecided_and_says_how_far_it_came() {
    let arguments = ["simulate", "large.toml", "--seeds", "1..1000000000", "--story", "none"];
    let (out, err, code) = interrupted("interrupt-sweep", &arguments);
    assert_eq!(code, Some(2), "{out}\n{err}");
    assert!(out.contains("Stopped after") && out.contains("of 1,000,000,000 runs"), "{out}\n{err}");
    let (out, err, code) = interrupted("interrupt-json", &[&arguments[..], &["--json"]].concat());
    assert_eq!(code, Some(2), "{out}\n{err}");
    assert!(out.contains("\"complete\": false"), "{out}\n{err}");
}

#[test]
fn a_system_at_rest_is_not_watched_for_faults_that_find_nothing() {
    let folder = empty_folder("rest");
    fs::write(folder.join("large.toml"), LARGE).expect("writable");
    let words = ["simulate", "large.toml", "--seed", "1", "--kinds", "processing-failure"];
    let every = ["--every", "1ms", "--time", "10000h", "--story", "none"];
    let run = support::run_in(&folder, &[&words[..], &every[..]].concat());
    assert!(run.out.contains("Every run came to rest"), "{}", run.all());
}
