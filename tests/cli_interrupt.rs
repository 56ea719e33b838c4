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

#[test]
fn an_interrupted_search_says_what_it_knows() {
    let stopped = "it was stopped from outside";
    interrupt(&[], stopped, 2);
    interrupt(&["--depth-first", "--max-memory", "8"], stopped, 2);
    // Whatever random runs found by then stands: both halves break.
    interrupt(&["--walks", "1000000000"], "Random runs find what breaks", 0);
}

/// Interrupts a search, which says something in its end.
fn interrupt(how: &[&str], says: &str, code: i32) {
    let folder = empty_folder("interrupt");
    fs::write(folder.join("large.toml"), LARGE).expect("writable");
    let arguments = [&["check", "large.toml", "--story", "none"], how].concat();
    let mut child = command(&folder, &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // Long enough to listen to the signal, short enough to be still searching.
    sleep(Duration::from_secs(1));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill");
    assert!(sent.success());
    let status = child.wait().expect("it ends");
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
    child.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
    assert_eq!(status.code(), Some(code), "{out}\n{err}");
    assert!(out.contains(says), "{out}\n{err}");
}
