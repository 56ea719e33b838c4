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
    let folder = empty_folder("interrupt");
    fs::write(folder.join("large.toml"), LARGE).expect("writable");
    let mut child = command(&folder, &["check", "large.toml", "--story", "none"])
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
    assert_eq!(status.code(), Some(2), "{out}\n{err}");
    assert!(out.contains("it was stopped from outside"), "{out}\n{err}");
}
