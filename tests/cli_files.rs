//! `check` of a project's own configuration files, as real processes.
//!
//! The files below `tests/data/properties` have key lines of files that real projects ship; each names its source
//! and licence in its first lines.

mod support;

use std::fs;

use serde_json::Value;
use support::{Run, empty_folder, run, run_in};

/// Small enough for a test, and enough to break something.
const SMALL: &[&str] = &["--faults", "1,crash-consumer"];
/// The same for a producer alone.
const SMALL_FOR_PRODUCERS: &[&str] = &["--faults", "1,disconnect"];

fn check(arguments: &[&str]) -> Run {
    let mut all = vec!["check"];
    all.extend(arguments);
    all.extend(SMALL);
    run(&all)
}

fn with_producer(test: &str, text: &str, arguments: &[&str]) -> Run {
    let folder = empty_folder(test);
    fs::write(folder.join("p.properties"), text).expect("writable");
    let mut all = vec!["check", "--producer", "p.properties", "--story", "none"];
    all.extend(arguments);
    all.extend(SMALL_FOR_PRODUCERS);
    run_in(&folder, &all)
}

fn assert_run(run: &Run, code: i32, said: &[&str]) {
    assert_eq!(run.code, Some(code), "{}", run.all());
    let all = run.all();
    let words = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in said {
        assert!(words.contains(part), "no {part:?} in\n{all}");
    }
}

#[test]
fn every_file_of_a_real_project_gives_a_report() {
    for (side, file) in [
        ("--producer", "kafka-producer"),
        ("--producer", "ureplicator-producer"),
        ("--server", "kafka-server"),
        ("--consumer", "kafka-consumer"),
        ("--consumer", "ureplicator-consumer"),
    ] {
        let path = format!("tests/data/properties/{file}.properties");
        let run = check(&[side, &path, "--changes", "0", "--story", "none"]);
        assert_run(&run, 0, &[file, "these have no bearing on delivery"]);
    }
}

#[test]
fn without_an_application_there_is_a_row_for_each_shape() {
    let path = "tests/data/properties/ureplicator-consumer.properties";
    let run = check(&["--consumer", path, "--changes", "0"]);
    assert_run(&run, 0, &["the level depends on when the application commits"]);
    for shape in ["auto ", "auto-hand-off ", "before ", "after ", "with-result "] {
        assert!(run.out.contains(&format!("\n  {shape}")), "{}", run.all());
    }
    assert!(
        run.err.contains("The story behind a row: brokerproof check --consumer"),
        "{}",
        run.all()
    );
    let one = check(&["--consumer", path, "--changes", "0", "--app", "after"]);
    assert_run(&one, 0, &["ureplicator-consumer: at least once", "How \"at-most\" breaks"]);
}

#[test]
fn a_file_of_streams_is_not_modelled_yet_wherever_it_is_named() {
    let path = "tests/data/properties/kukulcan-streams.properties";
    for arguments in [&["check", path][..], &["check", "--consumer", path]] {
        assert_run(&run(arguments), 2, &["not modelled yet: Kafka Streams"]);
    }
    let json = run(&["check", "--producer", path, "--json"]);
    let document: Value = serde_json::from_str(&json.out).expect("JSON");
    assert!(document["not_modelled"][0].as_str().is_some_and(|text| text.contains("Streams")));
    let transactional = with_producer("transactional", "transactional.id=a\n", &[]);
    assert_run(&transactional, 2, &["p.properties:1:1: not modelled yet: transactional.id"]);
}

#[test]
fn warnings_name_the_line_and_what_was_meant() {
    let text = "acks=1\nenable.idempotense=true\nsasl.mechanisms=PLAIN\nlinger.ms=1\nlinger.ms=2\n";
    let run = with_producer("warnings", text, &["--changes", "0"]);
    assert_run(
        &run,
        0,
        &[
            "p.properties:1:1: Kafka sets enable.idempotence=false because of acks",
            "p.properties:2:1: a producer ignores `enable.idempotense`: unknown to Kafka; the nearest key \
             is `enable.idempotence`",
            "`sasl.mechanisms`: it is a name of librdkafka; the Java client's name is `sasl.mechanism`",
            "p.properties:5:1: `linger.ms` is given again",
        ],
    );
}

#[test]
fn what_kafka_refuses_is_an_error_with_its_line() {
    let text = "acks=1\nenable.idempotence=true\n";
    let run = with_producer("refused", text, &[]);
    assert_run(&run, 254, &["p.properties:1:1: Kafka refuses this", "source: ProducerConfig.java"]);
    assert_eq!(run.out, "");
}

#[test]
fn a_required_level_turns_the_report_into_a_check() {
    let good = with_producer("required", "", &["--require", "no-guarantee"]);
    assert_run(&good, 254, &["this file is empty"]);
    let text = "# Kafka's defaults\n";
    let level = ["--require", "at-least-once", "--changes", "0"];
    assert_run(&with_producer("required-not", text, &level), 1, &["NOT AS REQUIRED"]);
    let level = ["--require", "at-most-once", "--changes", "0"];
    assert_run(&with_producer("required-yes", text, &level), 0, &["as required: at-most-once"]);
    let early = ["--require", "at-least-once", "--states", "5", "--changes", "0"];
    assert_run(&with_producer("required-open", text, &early), 2, &["UNDECIDED"]);
}

#[test]
fn a_scenario_is_kept_once_and_never_written_over() {
    let folder = empty_folder("kept");
    fs::write(folder.join("p.properties"), "acks=1\n").expect("writable");
    let verb = ["check", "--producer", "p.properties", "--changes", "0", "--story", "none"];
    let mut keeping = verb.to_vec();
    keeping.extend(["--write", "kept.toml"]);
    keeping.extend(SMALL_FOR_PRODUCERS);
    assert_run(&run_in(&folder, &keeping), 0, &["written: kept.toml"]);
    let kept = run_in(&folder, &["check", "kept.toml", "--story", "none"]);
    assert_run(&kept, 0, &["kept: no guarantee", "acks=1, enable.idempotence=false"]);
    assert_run(&run_in(&folder, &keeping), 0, &[]);
    fs::write(folder.join("kept.toml"), "# mine\n").expect("writable");
    assert_run(&run_in(&folder, &keeping), 254, &["says something else already"]);
    assert_eq!(fs::read_to_string(folder.join("kept.toml")).expect("text"), "# mine\n");
}

#[test]
fn several_scenarios_are_not_kept_in_one_file() {
    let path = "tests/data/properties/kafka-consumer.properties";
    let run = check(&["--consumer", path, "--write", "never.toml"]);
    assert_run(&run, 254, &["say which with --app auto"]);
}

/// At most once breaks by a retry; three single changes end that, and a search says so of each.
#[test]
fn what_to_change_is_checked_change_by_change() {
    let run = with_producer("advice", "acks=1\n", &[]);
    assert_run(
        &run,
        0,
        &[
            "What to change",
            "acks=all (now 1), or acks=0 (now 1), or retries=0 (now 2147483647) each make it at most once",
            "(now no guarantee)",
        ],
    );
}

#[test]
fn the_document_has_a_row_for_each_shape_and_what_to_change() {
    let path = "tests/data/properties/kafka-consumer.properties";
    let run = check(&["--consumer", path, "--json"]);
    let document: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(document["format"], 1);
    let rows = document["rows"].as_array().expect("a list");
    let apps: Vec<&str> = rows.iter().filter_map(|row| row["app"].as_str()).collect();
    assert_eq!(apps, ["auto", "auto-hand-off", "before", "after", "with-result"]);
    // Without a committed offset this group begins at the end of the log.
    assert_eq!(rows[3]["breaks_at"]["at_least"], 0);
    let lifts = &rows[3]["to_change"][0]["lifts"];
    assert_eq!(lifts[0]["changes"][0]["key"], "auto.offset.reset");
    assert_eq!(lifts[0]["changes"][0]["value"], "earliest");
    assert_eq!(lifts[0]["level"], "at-least-once");
    assert!(document["warnings"].as_array().is_some() && document["seconds"].is_null());
}

#[test]
fn wrong_words_are_answered_with_the_nearest() {
    let file = "tests/data/properties/kafka-consumer.properties";
    for (option, word, said) in [
        ("--app", "affter", "did you mean `after`?"),
        ("--kafka", "4.2", "there are presets of 3.9, 4.1, 4.3"),
        ("--client", "jawa", "did you mean `java`?"),
        ("--require", "at-least", "did you mean `at-least-once`?"),
        ("--faults", "disconect", "did you mean `disconnect`?"),
        ("--changes", "9", "9 is not in 0..=3"),
    ] {
        assert_run(&run(&["check", "--consumer", file, option, word]), 254, &[said]);
    }
    let both = run(&["check", "commit-after", "--consumer", file]);
    assert_run(&both, 254, &["cannot be used with"]);
    assert_run(&run(&["check", file]), 254, &["say whose keys it has: --producer"]);
    let librdkafka = run(&["check", "--consumer", file, "--client", "librdkafka"]);
    assert_run(&librdkafka, 2, &["not modelled yet: librdkafka"]);
}
