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

/// What the program says that is interrupted a second after its start: on both streams.
fn interrupted(folder: &str, arguments: &[&str]) -> (String, String) {
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
    assert_eq!(status.code(), Some(2), "{out}\n{err}");
    (out, err)
}

#[test]
fn an_interrupted_search_says_what_it_knows() {
    let (out, err) = interrupted("interrupt", &["check", "large.toml", "--story", "none"]);
    assert!(out.contains("it was stopped from outside"), "{out}\n{err}");
}

#[test]
fn an_interrupted_run_says_what_it_has_shown() {
    let long = ["--seed", "1", "--strategy", "clocks", "--records", "50000000", "--story", "none"];
    let arguments = [&["simulate", "large.toml"][..], &long[..]].concat();
    let (out, err) = interrupted("interrupt-simulate", &arguments);
    assert!(out.contains("Stopped from outside after"), "{out}\n{err}");
    assert!(!out.contains("within the steps"), "{out}\n{err}");
}
