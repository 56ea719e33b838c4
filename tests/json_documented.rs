//! Every field of every document stands in JSON.md.

mod support;

use std::fs;

use brokerproof::check::Cost;
use brokerproof::decide::ablate::{Failure, Use};
use brokerproof::guarantee::{Anomaly, Guarantee};
use brokerproof::protocol::safeguard::Safeguard;
use brokerproof::report::ablation::json;
use serde_json::Value;
use support::{empty_folder, root, run_in};

fn fields(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                if !found.contains(name) {
                    found.push(name.clone());
                }
                fields(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}

/// The section of a document: from its heading to the next one.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let from = text.find(heading).unwrap_or_else(|| panic!("no {heading}"));
    let rest = &text[from + heading.len()..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

/// The document of a table with a row of its own making: the verb itself searches every model.
fn ablation() -> String {
    let failure = Failure {
        model: "m".to_owned(),
        guarantee: Guarantee::AtMost,
        anomaly: Anomaly::Duplicate,
        cost: Cost { faults: 1, steps: 2 },
        before: None,
    };
    let by = Safeguard::SequenceOrder;
    json(&[(Safeguard::DuplicateBatch, Use::Covered { by, failure })], 1)
}

#[test]
fn every_field_is_described() {
    let described = fs::read_to_string(root().join("JSON.md")).expect("text");
    let matrix = section(&described, "\n## The matrix");
    let folder = root();
    let schedule = "models/2-consuming/commit-after.at-most.schedule";
    let consumer = "tests/data/properties/kafka-consumer.properties";
    let files = [
        "check",
        "--consumer",
        consumer,
        "--json",
        "--states",
        "2000",
        "--changes",
        "1",
        "--timings",
    ];
    let streams = "tests/data/properties/kukulcan-streams.properties";
    let small = ["dedup", "--json", "--keys", "300", "--commit-every", "100"];
    let compared = [&small[..], &["--strategy", "exact-set,datastore"]].concat();
    let durable = [&small[..], &["--batch", "50", "--durability"]].concat();
    let documents: [(&str, &[&str]); 10] = [
        ("\n## The matrix", &["models", "commit", "--json"]),
        ("\n## `check`", &["check", "commit-after", "--json"]),
        ("\n## `check`", &files),
        ("\n## `check`", &["check", streams, "--json"]),
        ("\n## `replay`", &["replay", schedule, "--json"]),
        ("\n## `shrink`", &["shrink", schedule, "--json"]),
        ("\n## `list`", &["list", "--json"]),
        ("\n## `simulate`", &["simulate", "commit-after", "--seeds", "1..200", "--json"]),
        ("\n## `dedup`", &compared),
        ("\n## `dedup --durability`", &durable),
    ];
    let by_verbs = documents.map(|(heading, arguments)| {
        (heading, format!("{arguments:?}"), run_in(&folder, arguments).out)
    });
    let ablation = ("\n## `ablate`", "ablate".to_owned(), ablation());
    for (heading, arguments, text) in by_verbs.into_iter().chain([ablation]) {
        let document: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{arguments}: {error}\n{text}"));
        let mut names = Vec::new();
        fields(&document, &mut names);
        assert!(names.len() > 1, "{arguments}: {names:?}");
        let here = section(&described, heading);
        for name in names.iter().filter(|name| *name != "format") {
            let known = [here, matrix].iter().any(|part| {
                part.contains(&format!("`{name}`"))
                    || part.contains(&format!(".{name}`"))
                    || part.contains(&format!("`{name}[]`"))
                    || part.contains(&format!(".{name}[]`"))
                    || part.contains(&format!("`{name}."))
            });
            assert!(known, "{arguments}: `{name}` is not in {heading} of JSON.md");
        }
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let folder = empty_folder("equal-bytes");
    let verb = ["check", "commit-before", "--json"];
    assert_eq!(run_in(&folder, &verb).out, run_in(&folder, &verb).out);
}
