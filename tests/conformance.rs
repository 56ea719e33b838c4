//! The model answers as recorded Kafka brokers did, and the comparison would notice if it did not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use brokerproof::cli::{self, conform::Conform};
use brokerproof::conform::compare::differences;
use brokerproof::conform::driver::Driver;
use brokerproof::conform::json::{self, Value};
use brokerproof::conform::play::{Outcome, PlayOptions, play};
use brokerproof::conform::report::{Exit, Report};
use brokerproof::conform::script::Script;
use brokerproof::conform::{self, Options, draw, junit, machine, text, trace};
use brokerproof::protocol::safeguard::{Safeguard, SafeguardSet};
use brokerproof::protocol::variant::Kafka;
use clap::Parser as _;

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

fn name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or("")
}

/// Whether a file's calls are all of one broker without coordinators and members.
fn is_modelled(path: &str) -> bool {
    name(path).starts_with("log-") || name(path) == "offsets.jsonl"
}

/// The text of every recording that a filter takes, with its path.
fn texts(take: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let files = conform::files(&recordings()).expect("the recordings can be listed");
    let paths = files.into_iter().map(|path| (path.display().to_string(), path));
    paths
        .filter(|(name, _)| take(name))
        .map(|(name, path)| (name, std::fs::read_to_string(path).expect("a recording is text")))
        .collect()
}

/// Every script of some texts.
fn scripts(texts: &[(String, String)]) -> Vec<(&str, Script<'_>)> {
    let lines = texts
        .iter()
        .flat_map(|(path, text)| conform::lines(text).map(move |(_, line)| (path.as_str(), line)));
    lines
        .map(|(path, line)| {
            (path, conform::read_line(line, None).expect("a recording is a script"))
        })
        .collect()
}

fn shown(report: &Report) -> String {
    let mut shown = String::new();
    text::write(&mut shown, report, text::TextOptions { differences: 5 }).expect("text");
    shown
}

#[test]
fn every_recorded_answer_is_the_models() {
    let report = conform::run(&[recordings()], Options::default());
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    assert_eq!(report.counts().differ, 0, "{}", shown(&report));
    for kafka in Kafka::ALL {
        for wanted in ["log-curated.jsonl", "offsets.jsonl"] {
            let there = report.files.iter().any(|file| {
                name(&file.path) == wanted
                    && !file.scripts.is_empty()
                    && file.scripts.iter().all(|script| script.kafka == kafka.name())
            });
            assert!(there, "no {wanted} of Kafka {}", kafka.name());
        }
    }
    for file in report.files.iter().filter(|file| is_modelled(&file.path)) {
        let counts = file.counts();
        assert_eq!(counts.agree, counts.total(), "{}: {}", file.path, shown(&report));
        assert!(counts.agree > 0, "{} is empty", file.path);
    }
}

#[test]
fn a_run_says_the_same_each_time() {
    let path = [recordings().join("4.3.0/log-curated.jsonl")];
    let one = machine::json(&conform::run(&path, Options::default()));
    let other = machine::json(&conform::run(&path, Options::default()));
    assert_eq!(one, other);
}

/// Safeguards whose removal no recorded script can show, and why.
const NOT_SHOWN: &[(Safeguard, &str)] = &[
    (Safeguard::VerifiedSequence, "only shown by transactions that a coordinator verifies"),
    (Safeguard::VerificationGuard, "only shown by transactions that a coordinator verifies"),
    (Safeguard::CommitGeneration, "only shown by groups whose members join one after the other"),
    (Safeguard::TransactionalIdGiven, "only shown beside transactional ids that were initialised"),
    (Safeguard::OneProducerPerRequest, "each recorded produce request has one batch"),
    (Safeguard::ControlBatch, "no recorded produce call sets `control`"),
    (Safeguard::TimestampRange, "no recorded record has a time after the broker's"),
    (Safeguard::DeleteIfCompacted, "no recorded delete-records is of a compacted topic"),
];

#[test]
fn each_safeguard_is_shown_by_a_recording() {
    let texts = texts(|_| true);
    let scripts = scripts(&texts);
    let mut wrong = String::new();
    for safeguard in Safeguard::ALL {
        let mut ablated = SafeguardSet::default();
        ablated.insert(*safeguard);
        let found = first_difference(&scripts, ablated);
        let excused = NOT_SHOWN.iter().any(|(other, _)| other == safeguard);
        match (found, excused) {
            (Some(_), false) | (None, true) => {}
            (None, false) => {
                let _ = writeln!(wrong, "{}: no recording shows its removal", safeguard.name());
            }
            (Some(script), true) => {
                let _ = writeln!(wrong, "{}: {script} shows it after all", safeguard.name());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The first script that differs when safeguards are removed, and does not otherwise.
fn first_difference(scripts: &[(&str, Script<'_>)], ablated: SafeguardSet) -> Option<String> {
    let differs = |path: &str, script: &Script<'_>, ablated| {
        let options = PlayOptions { ablated, ignored: conform::ignored(path) };
        matches!(play(script, options).expect("a recording is a script"), Outcome::Differs(_))
    };
    let shows = |(path, script): &&(&str, Script<'_>)| {
        differs(path, script, ablated) && !differs(path, script, SafeguardSet::default())
    };
    scripts.iter().find(shows).map(|(_, script)| script.name.to_string())
}

/// Shows `visit` an answer with each of its fields in turn missing or changed.
fn falsify<'a>(answer: &mut Value<'a>, visit: &mut dyn FnMut(&[usize], &Value<'a>)) {
    let mut places = Vec::new();
    all_places(answer, &mut Vec::new(), &mut places);
    for place in &places {
        for other in changed(at(answer, place)) {
            let truth = std::mem::replace(at(answer, place), other);
            visit(place, answer);
            *at(answer, place) = truth;
        }
        let Some((last, parent)) = place.split_last() else { continue };
        match at(answer, parent) {
            Value::Object(fields) => {
                let truth = fields.remove(*last);
                visit(place, answer);
                if let Value::Object(fields) = at(answer, parent) {
                    fields.insert(*last, truth);
                }
            }
            Value::List(values) => {
                let truth = values.remove(*last);
                visit(place, answer);
                if let Value::List(values) = at(answer, parent) {
                    values.insert(*last, truth);
                }
            }
            _ => {}
        }
    }
}

/// The places of a value, each as the numbers of its fields and elements from outside in.
fn all_places(value: &Value<'_>, place: &mut Vec<usize>, places: &mut Vec<Vec<usize>>) {
    places.push(place.clone());
    let inner: Vec<&Value<'_>> = match value {
        Value::Object(fields) => fields.iter().map(|(_, value)| value).collect(),
        Value::List(values) => values.iter().collect(),
        _ => Vec::new(),
    };
    for (index, value) in inner.into_iter().enumerate() {
        place.push(index);
        all_places(value, place, places);
        place.pop();
    }
}

fn at<'v, 'a>(value: &'v mut Value<'a>, place: &[usize]) -> &'v mut Value<'a> {
    place.iter().fold(value, |value, index| match value {
        Value::Object(fields) => &mut fields[*index].1,
        Value::List(values) => &mut values[*index],
        other => other,
    })
}

/// Other values for one place: of the same kind, and of another.
fn changed<'a>(value: &Value<'a>) -> Vec<Value<'a>> {
    match value {
        Value::Null => vec![Value::Number(0), Value::fixed("")],
        Value::Bool(flag) => vec![Value::Bool(!flag), Value::Null],
        Value::Number(number) => vec![
            Value::Number(number.wrapping_add(1)),
            Value::Number(number.wrapping_sub(1)),
            Value::Text(number.to_string().into()),
            Value::Null,
        ],
        Value::Decimal(_) => vec![Value::Number(0)],
        Value::Text(text) => vec![
            Value::Text(format!("{text}x").into()),
            Value::Text(String::new().into()),
            Value::Null,
        ]
        .into_iter()
        .filter(|other| !other.same(value))
        .collect(),
        Value::List(values) => {
            let mut longer = values.clone();
            longer.push(values.first().cloned().unwrap_or(Value::Number(0)));
            let mut changed = vec![Value::List(longer), Value::Null];
            if values.len() > 1 && !values[0].same(&values[1]) {
                let mut swapped = values.clone();
                swapped.swap(0, 1);
                changed.push(Value::List(swapped));
            }
            changed
        }
        Value::Object(fields) => {
            let mut more = fields.clone();
            more.push(("falsified".into(), Value::Number(0)));
            vec![Value::Object(more), Value::Null]
        }
    }
}

#[test]
fn a_falsified_answer_never_agrees_with_the_models() {
    let mut compared = 0_u32;
    let texts = texts(is_modelled);
    for (path, script) in scripts(&texts) {
        let mut driver = Driver::new(&script, SafeguardSet::default()).expect("playable");
        for step in &script.steps {
            let model = driver.perform(step).expect("playable");
            if let (Some(kafka), Some(model)) = (&step.answer, &model) {
                assert!(differences(kafka, model, &[]).is_empty());
                falsify(&mut kafka.clone(), &mut |place, falsified| {
                    compared += 1;
                    let found = differences(falsified, model, &[]);
                    assert!(!found.is_empty(), "{path} {}: {place:?} of {kafka}", script.name);
                });
            }
            driver.answers.push(model);
        }
    }
    assert!(compared > 100_000, "only {compared} falsified answers");
}

#[test]
fn a_falsified_recording_is_caught_at_its_step() {
    let mut played = 0_u32;
    // All places of all scripts are many; a stride that is prime to most counts takes samples.
    let mut number = 0_u32;
    let texts = texts(is_modelled);
    for (path, script) in scripts(&texts) {
        for index in 0..script.steps.len() {
            let Some(mut answer) = script.steps[index].answer.clone() else { continue };
            falsify(&mut answer, &mut |place, falsified| {
                number += 1;
                if !number.is_multiple_of(101) || matches!(falsified, Value::Null) {
                    return;
                }
                played += 1;
                let place = format!("{path} {} step {index} {place:?}", script.name);
                caught(&script, index, falsified.clone(), &place);
            });
        }
    }
    assert!(played > 1_000, "only {played} falsified recordings");
}

fn caught<'a>(script: &Script<'a>, index: usize, falsified: Value<'a>, place: &str) {
    let mut script = script.clone();
    script.steps[index].answer = Some(falsified);
    match play(&script, PlayOptions::default()).expect("still a script") {
        Outcome::Differs(difference) => {
            assert_eq!(difference.step, index, "{place}");
            assert!(!difference.fields.is_empty(), "{place}");
            assert_eq!(difference.calls.len(), index + 1, "{place}");
        }
        other => panic!("{place} gives {other:?}"),
    }
}

/// A recording whose first answer is falsified, one that is not modelled, one that is no script.
fn mixed() -> Report {
    let text = std::fs::read_to_string(recordings().join("4.3.0/log-curated.jsonl")).unwrap();
    let (_, good) = conform::lines(&text).next().unwrap();
    let bad = good.replacen("\"base_offset\":0", "\"base_offset\":7", 1);
    let bad = bad.replacen("\"name\":\"", "\"name\":\"falsified-<&>-", 1);
    assert_ne!(good, bad);
    let unknown = r#"{"name":"u","rules":["R9"],"steps":[{"call":"prodduce"}]}"#;
    let lines = [good, &bad, unknown, r#"{"name":"w","steps":[{"call":7}]}"#].join("\n");
    let mut report = Report::default();
    conform::run_text("mixed.jsonl", &lines, Options::default(), &mut report);
    report
}

#[test]
fn each_outcome_is_counted_apart_and_has_its_exit_code() {
    let mut report = mixed();
    let counts = report.counts();
    assert_eq!((counts.agree, counts.differ, counts.not_modelled), (1, 1, 1));
    assert_eq!(report.errors.len(), 1);
    let error = report.errors[0].to_string();
    assert_eq!(error, "mixed.jsonl:4:23: expected a text, found a number");
    assert_eq!(report.not_modelled().get("prodduce"), Some(&(1, Some("produce"))));
    assert_eq!(report.exit(), Exit::BadInput);
    report.errors.clear();
    assert_eq!(report.exit(), Exit::Differs);
    report.files[0].scripts.retain(|script| !matches!(script.outcome, Outcome::Differs(_)));
    assert_eq!(report.exit(), Exit::NotModelled);
    report.files[0].scripts.retain(|script| matches!(script.outcome, Outcome::Agrees));
    assert_eq!(report.exit(), Exit::Agrees);
    let codes = [Exit::Agrees, Exit::Differs, Exit::NotModelled, Exit::BadInput].map(Exit::code);
    assert_eq!(codes, [0, 1, 2, 254]);
}

#[test]
fn a_difference_shows_both_answers_and_the_model() {
    let report = mixed();
    let text = shown(&report);
    for part in ["differs at step 0", "base_offset", "Kafka 7", "model 0", "high watermark"] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn the_json_report_has_its_documented_members() {
    let json: serde_json::Value = serde_json::from_str(&machine::json(&mixed())).unwrap();
    assert_eq!(json["format"], 1);
    assert_eq!(json["verdict"], "bad-input");
    assert_eq!((&json["agree"], &json["differ"]), (&1.into(), &1.into()));
    let difference = &json["scripts"][1]["difference"];
    assert_eq!(difference["kafka"]["base_offset"], 7);
    assert_eq!(difference["model"]["base_offset"], 0);
    assert_eq!(difference["fields"][0]["field"], "base_offset");
    assert_eq!(json["uses"][0]["nearest"], "produce");
    assert_eq!(json["errors"][0]["column"], 23);
}

#[test]
fn the_junit_report_is_well_formed() {
    let mut xml = String::new();
    junit::write(&mut xml, &mixed()).unwrap();
    let elements = well_formed(&xml);
    for (element, count) in [("testsuite", 2), ("testcase", 4), ("failure", 1), ("skipped", 1)] {
        assert_eq!(elements.iter().filter(|name| *name == element).count(), count, "{xml}");
    }
    assert!(xml.contains("falsified-&lt;&amp;&gt;-"), "{xml}");
}

/// The names of all elements, in order; panics if one is not closed or a character is not escaped.
fn well_formed(xml: &str) -> Vec<String> {
    let body = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").expect("a prolog");
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut parts = body.split('<');
    assert_eq!(parts.next().map(str::trim), Some(""), "text before the root");
    for part in parts {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "a > that is not escaped: {text}");
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let (entity, _) = entity.split_once(';').expect("an entity ends");
            let known = ["amp", "lt", "gt", "quot", "apos", "#10", "#9", "#13"];
            assert!(known.contains(&entity), "&{entity};");
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap_or("").to_owned();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if !tag.ends_with('/') {
            open.push(name.clone());
        }
        all.push(name);
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    all
}

/// Runs the verb; its exit code and what it wrote.
fn verb(arguments: &[&str]) -> (u8, String, String) {
    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        conform: Conform,
    }
    let arguments = std::iter::once(&"conform").chain(arguments);
    let parsed = Arguments::try_parse_from(arguments).expect("arguments");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::conform::run(&parsed.conform, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (exit.code(), text(out), text(err))
}

#[test]
fn the_verb_writes_each_form_and_exits_as_documented() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let curated = recordings().join("4.3.0/offsets.jsonl").display().to_string();
    let (code, out, err) = verb(&[&curated]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("agree  differ  not modelled"), "{out}");

    let junit = folder.join("conform.xml").display().to_string();
    let (code, out, _) = verb(&[&curated, "--json", "--only", "commit-plain", "--junit", &junit]);
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &json["agree"]), (0, &1.into()));
    let xml = std::fs::read_to_string(junit).expect("the file is written");
    assert_eq!(well_formed(&xml).iter().filter(|name| *name == "testcase").count(), 1);

    // Version 10 of the offset calls is unknown to Kafka 3.9.
    assert_eq!(verb(&[&curated, "--kafka", "3.9", "--only", "commit-plain"]).0, 2);

    let bad = folder.join("bad.jsonl");
    std::fs::write(&bad, "# mine\n\n{\"name\": 1}\n").expect("a file");
    let (code, _, err) = verb(&[&bad.display().to_string()]);
    assert_eq!(code, 254);
    assert!(err.ends_with("bad.jsonl:3:2: expected a text, found a number\n"), "{err}");

    let (code, out, _) = verb(&["--trace", "commit-plain", &curated]);
    assert_eq!(code, 0);
    assert!(out.starts_with("commit-plain (Kafka 4.3)"), "{out}");
    assert_eq!(verb(&["--trace", "no-such-script", &curated]).0, 254);
}

#[test]
fn a_trace_goes_to_the_end_and_needs_no_answers() {
    let line = r#"{"name": "own", "about": "Two records.", "topics": {"t": {}}, "steps": [
        {"call": "init-producer-id", "as": "P"},
        {"call": "produce", "topic": "t", "partition": 0,
         "producer": "P", "epoch": 0, "sequence": 0, "records": ["a"]},
        {"call": "produce", "topic": "t", "partition": 0,
         "producer": "P", "epoch": 0, "sequence": 5, "records": ["b"]},
        {"call": "pass-time", "ms": 10},
        {"call": "fetch", "topic": "t", "partition": 0, "offset": "$1.base_offset"}]}"#
        .replace('\n', " ");
    let script = conform::read_line(&line, None).unwrap();
    let trace = trace::trace(&script, PlayOptions::default()).unwrap();
    assert_eq!(trace.steps.len(), 5);
    let drawn = draw::draw(&trace);
    // Rows are folded: a text may go on in the next one.
    let words: Vec<&str> = drawn.split(['|', ' ', '\n']).filter(|word| !word.is_empty()).collect();
    let unfolded = words.join(" ");
    for part in ["appends to t-0 at 0: a", "safeguard sequence-order", "\"records\": [\"a\"]"] {
        assert!(unfolded.contains(part), "{part} is missing in\n{drawn}");
    }
    // Without answers there is nothing to agree with.
    assert!(play(&script, PlayOptions::default()).is_err());
}

#[test]
fn what_is_not_modelled_never_agrees() {
    let cases = [
        (r#""brokers": 3, "steps": []"#, "more than one broker"),
        (r#""features": {"transaction.version": 0}, "steps": []"#, "feature transaction.version=0"),
        (r#""kafka": "2.8.0", "steps": []"#, "kafka 2.8.0"),
        (r#""colour": 1, "steps": []"#, "script field `colour`"),
        (
            r#""broker": {"group.coordinator.rebalance.protocols": "classic"}, "steps": []"#,
            "setting group.coordinator.rebalance.protocols",
        ),
        (r#""steps": [{"call": "join-group"}]"#, "join-group"),
        (
            r#""topics": {"t": {}}, "steps": [{"call": "fetch", "topic": "t", "rack": "a"}]"#,
            "fetch.rack",
        ),
        (
            r#""topics": {"t": {}}, "steps": [{"call": "produce", "topic": "t", "partition": 0,
            "records": [{"value": "a", "headers": []}]}]"#,
            "produce.records.headers",
        ),
        (r#""kafka": "3.9", "steps": [{"call": "produce", "v": 13}]"#, "produce v13 on 3.9"),
        (
            r#""topics": {"t": {}}, "steps": [{"call": "list-offsets", "topic": "t", "partition": 0,
            "answer": {"error": "NONE", "colour": 1}}]"#,
            "list-offsets: answer.colour",
        ),
        (
            r#""steps": [{"call": "describe-producers", "partition": 0,
            "topic": "__consumer_offsets",
            "answer": {"error": "NONE"}}]"#,
            "topic __consumer_offsets",
        ),
    ];
    for (fields, what) in cases {
        let line = format!(r#"{{"name": "n", {fields}}}"#).replace('\n', " ");
        let report = conform::run_line("n.jsonl", &line, Options::default()).unwrap().unwrap();
        let Outcome::NotModelled(items) = report.outcome else { panic!("{line}: {report:?}") };
        assert!(items.iter().any(|item| item.what == what), "{what}: {items:?}");
    }
}

#[test]
fn bad_input_is_placed() {
    let cases = [
        (r#"{"name": "n", "steps": [}"#, 25, "expected a value"),
        (r#"{"name": "n", "name": "m", "steps": []}"#, 15, "the key `name` repeats"),
        (r#"{"name": "n", "steps": {}}"#, 15, "expected a list of calls"),
        (r#"{"steps": []}"#, 1, "needs a `name`"),
        (r#"{"name": "n", "steps": [{"call": "pass-time", "ms": "x"}]}"#, 47, "expected a number"),
        (r#"{"name": "n", "steps": [{"call": "pass-time"}]}"#, 25, "`pass-time` needs `ms`"),
        (r#"{"name": "n", "steps": [{"call": "pass-time", "ms": -1}]}"#, 47, "milliseconds"),
        (
            r#"{"name": "n", "broker": {"producer.id.expiration.ms": "x"}, "steps": []}"#,
            26,
            "`producer.id.expiration.ms` expects a whole number of 32 bits",
        ),
        (
            r#"{"name": "n", "topics": {"t": {"config": {"segment.ms": "0"}}}, "steps": []}"#,
            43,
            "`segment.ms` expects a whole number of at least 1",
        ),
        (
            r#"{"name": "n", "steps": [{"call": "restart-broker", "how": "clen"}]}"#,
            52,
            "expected clean or kill",
        ),
        (
            r#"{"name": "n", "steps": [{"call": "pass-time", "ms": "$0.offset"}]}"#,
            47,
            "`$0.offset` refers to nothing",
        ),
        (r#"{"name": "n", "steps": [{"call": "await", "id": "a"}]}"#, 43, "nothing was started"),
    ];
    for (line, column, message) in cases {
        let error = conform::run_line("n.jsonl", line, Options::default()).unwrap_err();
        let error = error.place("n.jsonl", 1, line);
        assert_eq!(error.column, column, "{line}: {error}");
        assert!(error.message.contains(message), "{line}: {error}");
    }
    let missing = conform::run(&[PathBuf::from("no-such-file.jsonl")], Options::default());
    assert_eq!(missing.exit(), Exit::BadInput);
}

#[test]
fn settings_and_versions_can_be_chosen() {
    let line = r#"{"name": "n", "kafka": "4.3.0", "steps": [{"call": "produce", "v": 12}]}"#;
    let script = conform::read_line(line, Some(Kafka::V3_9)).unwrap();
    assert_eq!(script.kafka, Kafka::V3_9);
    assert_eq!(script.not_modelled.len(), 1);
    assert_eq!(conform::read_line(line, None).unwrap().kafka, Kafka::V4_3);
}

mod mangled {
    //! Whatever a line holds, it is an error, a difference or not modelled: never a panic.

    use super::*;
    use proptest::prelude::*;
    use proptest::sample::Index;

    /// Some lines of every kind of call that the model can be asked.
    fn lines() -> Vec<String> {
        let texts = texts(is_modelled);
        let lines = texts.iter().flat_map(|(_, text)| conform::lines(text).step_by(7));
        lines.map(|(_, line)| line.to_owned()).filter(|line| line.len() < 8_000).collect()
    }

    fn harmless(line: &str) {
        match conform::run_line("mangled.jsonl", line, Options::default()) {
            Ok(report) => drop(report),
            Err(error) => {
                let error = error.place("mangled.jsonl", 1, line);
                assert!((1..=line.chars().count() + 1).contains(&error.column), "{error}");
                assert!(!error.message.is_empty());
            }
        }
    }

    /// A value for any place: extremes, wrong kinds, references.
    fn odd() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "null",
            "true",
            "0",
            "-1",
            "1",
            "2147483647",
            "-2147483648",
            "32767",
            "65536",
            "9223372036854775807",
            "-9223372036854775808",
            "99999999999999999999",
            "1.5",
            "\"\"",
            "\"x\"",
            "\"$0.epoch\"",
            "\"$1.error+1\"",
            "\"$99.a\"",
            "[]",
            "[[]]",
            "{}",
            "[null]",
            "{\"t\": {\"0\": 1}}",
            "{\"t\": [0, 1]}",
            "[[\"t\", 0]]",
            "\"__consumer_offsets\"",
            "\"\\ud83d\\ude00\"",
            "\"P\"",
            "[\"a\", {\"key\": \"k\"}]",
        ])
    }

    /// How many places a value has.
    fn places(value: &Value<'_>) -> usize {
        1 + match value {
            Value::List(values) => values.iter().map(places).sum(),
            Value::Object(fields) => fields.iter().map(|(_, value)| places(value)).sum(),
            _ => 0,
        }
    }

    /// Puts another value at a place, counted in order.
    fn put<'a>(value: &mut Value<'a>, place: &mut usize, other: &Value<'a>) {
        if *place == 0 {
            *value = other.clone();
        }
        *place = place.wrapping_sub(1);
        match value {
            Value::List(values) => values.iter_mut().for_each(|value| put(value, place, other)),
            Value::Object(fields) => {
                fields.iter_mut().for_each(|(_, value)| put(value, place, other));
            }
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 600,
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn bytes(
            line in prop::sample::select(lines()),
            edits in prop::collection::vec((any::<Index>(), any::<char>(), 0..3_u8), 1..6),
        ) {
            let mut characters: Vec<char> = line.chars().collect();
            for (at, character, kind) in edits {
                if characters.is_empty() { break; }
                let at = at.index(characters.len());
                match kind {
                    0 => { characters.remove(at); }
                    1 => characters.insert(at, character),
                    _ => characters[at] = character,
                }
            }
            harmless(&characters.into_iter().collect::<String>());
        }

        #[test]
        fn values(
            line in prop::sample::select(lines()),
            edits in prop::collection::vec((any::<Index>(), odd()), 1..5),
        ) {
            let mut script = json::parse(&line).expect("a recording is JSON");
            for (at, value) in edits {
                let other = json::parse(value).expect("JSON");
                let mut place = at.index(places(&script));
                put(&mut script, &mut place, &other);
            }
            let line = script.to_string();
            harmless(&line);
        }

        #[test]
        fn anything(line in any::<String>()) {
            harmless(&line);
        }

        #[test]
        fn nesting(
            depth in 1..20_000_usize,
            bracket in prop::sample::select(vec!["[", "{\"a\":", "{\"name\":[{"]),
        ) {
            harmless(&bracket.repeat(depth));
        }
    }
}
