//! The program as its user runs it: exit codes, the same bytes twice, schedules beside the models, bad input.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_brokerproof"))
        .current_dir(root())
        .args(arguments)
        .output()
        .expect("the program can be run")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is text")
}

/// A folder of this test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("an old folder can go");
    }
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    let one = run(&["models", "1-producing/remember", "--jobs", "1"]);
    assert_eq!(code(&one), 0, "{}", text(&one.stdout));
    assert!(text(&one.stdout).contains("all as expected"));
    let two = run(&["models", "1-producing/remember", "--jobs", "2"]);
    assert_eq!(one.stdout, two.stdout);
    assert!(!text(&one.stdout).contains('\u{1b}'), "no colour into a pipe");
}

#[test]
fn bad_input_is_an_error_with_its_place_and_never_a_panic() {
    let folder = folder("bad");
    let model = fs::read_to_string(root().join("models/2-consuming/commit-after.toml"));
    let model = model.expect("a model");
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("empty.toml", Vec::new(), "empty"),
        ("binary.toml", vec![0xff, 0xfe, 0, 1], "UTF-8"),
        ("open.toml", b"x = [".to_vec(), "open.toml:1:"),
        ("key.toml", model.replace("effect ", "efect ").into_bytes(), "nearest: effect"),
        ("future.toml", model.replace("format = 1", "format = 99").into_bytes(), "future.toml:"),
        ("topic.toml", model.replace("[\"orders\"]", "[\"order\"]").into_bytes(), "orders"),
        ("deep.toml", ["x = ", &"[".repeat(100_000)].concat().into_bytes(), "deep.toml:"),
    ];
    for (name, content, says) in cases {
        let path = folder.join(name);
        fs::write(&path, content).expect("a file can be written");
        let output = run(&["check", &path.display().to_string()]);
        let error = text(&output.stderr);
        assert_eq!(code(&output), 254, "{name}: {error}");
        assert!(error.contains(says), "{name}: {error}");
    }
    for arguments in [&["check", "/"][..], &["check", "no-such-file.toml"], &["chekc"], &["replay"]]
    {
        assert_eq!(code(&run(arguments)), 254, "{arguments:?}");
    }
}

#[test]
fn a_schedule_that_is_cut_off_or_of_another_scenario_is_refused() {
    let folder = folder("schedules");
    let path = root().join("models/2-consuming/commit-before.at-least.schedule");
    let whole = fs::read_to_string(path).expect("a schedule");
    let cut: String = whole.lines().take(20).map(|line| format!("{line}\n")).collect();
    let scenario = root().join("models/1-producing/acks-1-retry.toml").display().to_string();
    for (name, content) in [("cut.schedule", cut.as_str()), ("other.schedule", whole.as_str())] {
        let path = folder.join(name).display().to_string();
        fs::write(&path, content).expect("a file can be written");
        let output = run(&["replay", &path, "--scenario", &scenario]);
        assert_eq!(code(&output), 254, "{name}: {}", text(&output.stderr));
    }
}

#[test]
fn a_claim_that_is_not_so_exits_with_1_and_too_few_states_with_2() {
    let folder = folder("claims");
    let model = fs::read_to_string(root().join("models/2-consuming/commit-after.toml"));
    let wrong = model.expect("a model").replace("at-least-once", "effectively-once");
    let path = folder.join("wrong.toml").display().to_string();
    fs::write(&path, wrong).expect("a file can be written");
    assert_eq!(code(&run(&["check", &path])), 1);
    assert_eq!(code(&run(&["check", "commit-after", "--states", "50"])), 2);
}

#[test]
fn each_list_and_each_document_of_json_is_complete() {
    assert_eq!(code(&run(&["list"])), 0);
    for arguments in [&["--json"][..], &["check", "commit-after", "--json"], &["list", "--json"]] {
        let output = run(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        let document: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("a document of JSON");
        assert!(document.get("format").is_some(), "{arguments:?}");
    }
}
