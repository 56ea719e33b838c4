//! Exit codes and error messages of real processes: as expected, not as expected, undecided, bad input.

mod support;

use std::fs;

use support::{Run, empty_folder, run, run_in};

/// A small scenario with some lines at its end.
fn scenario(rest: &str) -> String {
    format!(
        "format = 1\n[topic.t]\n[source.s]\nrecords = 1\n[producer.p]\nacks = 1\n\
         enable.idempotence = false\n[faults]\nkinds = [\"disconnect\"]\ntotal = 1\n{rest}"
    )
}

/// Checks a text as a file.
fn check(test: &str, text: &[u8], options: &[&str]) -> Run {
    let folder = empty_folder(test);
    fs::write(folder.join("mine.toml"), text).expect("writable");
    let mut arguments = vec!["check", "mine.toml"];
    arguments.extend(options);
    run_in(&folder, &arguments)
}

fn assert_code(run: &Run, code: i32, said: &[&str]) {
    assert_eq!(run.code, Some(code), "{}", run.all());
    for part in said {
        assert!(run.out.contains(part) || run.err.contains(part), "no {part:?} in\n{}", run.all());
    }
    assert!(!run.err.contains("panicked"), "{}", run.all());
}

#[test]
fn as_expected_is_0() {
    let claims = "[[expect]]\nlevel = \"no-guarantee\"\nbreaks_at = { at-most = 1 }\n";
    let run = check("as-expected", scenario(claims).as_bytes(), &[]);
    assert_code(&run, 0, &["mine: no guarantee", "as expected: 2 claims", "FAULT 1", "duplicate"]);
    assert_eq!(run.err, "");
}

#[test]
fn a_report_without_expectations_is_0() {
    let run = check("report", scenario("").as_bytes(), &["--story", "none"]);
    assert_code(&run, 0, &["mine: no guarantee"]);
    assert!(!run.out.contains("as expected"), "{}", run.all());
    assert!(!run.out.contains("FAULT"), "{}", run.all());
}

#[test]
fn not_as_expected_is_1_with_the_line() {
    let run =
        check("wrong", scenario("[[expect]]\nlevel = \"effectively-once\"\n").as_bytes(), &[]);
    assert_code(&run, 1, &["NOT AS EXPECTED: mine.toml:11", "level effectively-once"]);
}

#[test]
fn undecided_is_2_and_says_how_far_it_came() {
    let claims = "[[expect]]\nlevel = \"no-guarantee\"\n";
    for text in [scenario(""), scenario(claims)] {
        let run = check("undecided", text.as_bytes(), &["--states", "10"]);
        assert_code(&run, 2, &["mine: unknown", "the limit of 10 states was reached"]);
    }
}

#[test]
fn what_is_not_modelled_is_2_with_its_place() {
    let text = "format = 1\n[topic.t]\n[source.s]\n[producer.p]\ntransactional.id = \"x\"\n";
    let run = check("not-modelled", text.as_bytes(), &[]);
    assert_code(&run, 2, &["mine.toml:5:1: not modelled yet: transactional.id"]);
}

#[test]
fn wrong_files_are_254() {
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty", b"", "mine.toml: this file is empty"),
        ("binary", b"\xff\xfe\x00\x01", "not text in UTF-8"),
        ("syntax", b"format = = 1\n", "mine.toml:1:"),
        ("future", b"format = 99\n", "format 99 is of a later version"),
        ("unknown", b"format = 1\nfautls = 1\n", "nearest: faults"),
        ("key", b"format = 1\n[topic.t]\nretention.sm = 1\n", "nearest: retention.ms"),
    ];
    for (test, text, said) in cases {
        let run = check(&format!("wrong-{test}"), text, &[]);
        assert_code(&run, 254, &["error: ", said]);
        assert_eq!(run.out, "", "{}", run.all());
    }
}

#[test]
fn files_that_cannot_be_read_are_254() {
    let folder = empty_folder("unreadable");
    let missing = run_in(&folder, &["check", "nothing.toml"]);
    assert_code(&missing, 254, &["error: nothing.toml: there is no such file"]);
    assert_code(&run_in(&folder, &["check", "."]), 254, &["this is a directory"]);
    let near = run_in(&folder, &["check", "comit-after"]);
    assert_code(&near, 254, &["there is a bundled model `commit-after`"]);
}

#[test]
fn wrong_usage_is_254() {
    for arguments in [
        &["chekc", "x.toml"][..],
        &["check"],
        &["check", "x.toml", "--sotry", "none"],
        &["check", "x.toml", "--states", "many"],
        &["--jobs", "0"],
        &["list", "fautls"],
        &["models", "no-such-model"],
    ] {
        assert_code(&run(arguments), 254, &["error: "]);
    }
    assert_code(&run(&["chekc"]), 254, &["check"]);
    assert_code(&run(&["list", "fautls"]), 254, &["did you mean `faults`?"]);
}

#[test]
fn help_and_version_are_0() {
    for arguments in [&["--help"][..], &["--version"], &["check", "--help"], &["help", "replay"]] {
        assert_code(&run(arguments), 0, &["brokerproof"]);
    }
}
