//! What is printed about real decided scenarios, as files: verdicts, diagrams, sentences, schedules, the matrix.
//! `UPDATE_GOLDEN=1 cargo test --test report_golden` rewrites them; read the difference before you keep it.

mod support;

use std::ops::ControlFlow;
use std::path::PathBuf;

use brokerproof::decide::{Decided, decide, limits};
use brokerproof::report::table::{Outcome, Row, matrix};
use brokerproof::report::{Style, schedule};
use brokerproof::scenario::{Scenario, load};
use support::{command, finish, golden, root};

/// The scenarios of these tests.
const NAMES: &[&str] = &[
    "begins-at-the-end",
    "fire-and-forget",
    "hand-off",
    "late-commit",
    "lost-answer",
    "overtaken",
    "remote-call",
    "restart-of-the-producer",
    "send-again",
    "two-applications",
];

fn path(name: &str) -> PathBuf {
    root().join("tests/data").join(format!("{name}.toml"))
}

fn decided(name: &str) -> (Scenario, Decided) {
    let scenario = load(&path(name)).unwrap_or_else(|failure| panic!("{failure}"));
    let decided = decide(&scenario, &limits(&scenario), &mut |_| ControlFlow::Continue(()));
    (scenario, decided)
}

/// What `check` prints in a terminal of so many columns.
fn check(name: &str, columns: &str) -> String {
    let file = format!("tests/data/{name}.toml");
    let mut command = command(&root(), &["check", &file, "--story", "all"]);
    let run = finish(command.env("COLUMNS", columns));
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert_eq!(run.err, "", "{}", run.all());
    run.out
}

#[test]
fn every_scenario_of_these_tests_is_listed() {
    let mut found: Vec<String> = std::fs::read_dir(root().join("tests/data"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    found.sort();
    assert_eq!(found, NAMES);
}

#[test]
fn verdicts_and_stories() {
    for name in NAMES {
        golden(&format!("{name}.check.txt"), &check(name, "80"));
    }
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    for name in ["lost-answer", "remote-call", "hand-off"] {
        for columns in [60, 80, 100] {
            for line in check(name, &columns.to_string()).lines() {
                let is_command = line.trim_start().starts_with("brokerproof ");
                let width = brokerproof::report::text::width(line);
                assert!(is_command || width <= columns, "{name} at {columns}: {line}");
            }
        }
    }
}

#[test]
fn schedules_as_files() {
    for name in ["lost-answer", "hand-off"] {
        let (scenario, decided) = decided(name);
        let files = schedule::files(&scenario, &decided);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        let wanted = [format!("{name}.at-most.schedule"), format!("{name}.at-least.schedule")];
        assert_eq!(names, wanted);
        for (file, text) in &files {
            golden(file, text);
        }
    }
}

#[test]
fn the_matrix() {
    let mut rows: Vec<Row> = ["lost-answer", "fire-and-forget", "remote-call", "hand-off"]
        .iter()
        .zip(["1-producing", "1-producing", "2-consuming", "2-consuming"])
        .map(|(name, folder)| {
            let (scenario, decided) = decided(name);
            Row::of(folder, &scenario, decided)
        })
        .collect();
    rows.push(Row {
        folder: "3-transactions".to_owned(),
        name: "transactional".to_owned(),
        outcome: Outcome::NotModelled(
            "models/3-transactions/transactional.toml:9:1: not modelled yet: transactional.id"
                .into(),
        ),
    });
    for width in [110, 100, 80] {
        let text = matrix(&rows, Style::plain(width));
        for line in text.lines() {
            assert!(brokerproof::report::text::width(line) <= width, "{width}: {line}");
        }
        golden(&format!("matrix.{width}.txt"), &text);
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    let rows: Vec<Row> = ["lost-answer", "remote-call"]
        .iter()
        .map(|name| {
            let (scenario, decided) = decided(name);
            Row::of("", &scenario, decided)
        })
        .collect();
    for width in [100, 80] {
        let coloured = matrix(&rows, Style { colour: true, width });
        assert!(coloured.contains('\x1b'));
        assert_eq!(without_colours(&coloured), matrix(&rows, Style::plain(width)));
    }
    let arguments = ["check", "tests/data/lost-answer.toml", "--color"];
    let run = |when| finish(&mut command(&root(), &[&arguments[..], &[when]].concat())).out;
    let coloured = run("always");
    assert!(coloured.contains('\x1b'));
    assert_eq!(without_colours(&coloured), run("never"));
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (_, rest) = part.split_once('m').expect("a colour ends with m");
        text + rest
    })
}
