//! `dedup` in scenarios: what is read, what is refused and why, and that every strategy has its models.

use std::fs;
use std::path::Path;

use brokerproof::dedup::list::STRATEGIES;
use brokerproof::dedup::{Kind, Memory, Order};
use brokerproof::scenario::{Failure, Scenario, parse};
use brokerproof::world::setting::{CommitOrder, DedupSetting, Identity};

fn file(app: &str) -> String {
    format!(
        "format = 1\n[topic.t]\n[source.s]\n[producer.p]\n[app.a]\ngroup.id = \"g\"\n\
         auto.offset.reset = \"earliest\"\n{app}\n"
    )
}

fn dedup(app: &str) -> Option<DedupSetting> {
    let scenario = parse(&file(app), "x.toml").unwrap_or_else(|failure| panic!("{failure}"));
    scenario.setting.apps[0].dedup
}

/// The first problem, with its line and its hint.
fn refused(app: &str) -> String {
    match parse(&file(app), "x.toml") {
        Err(Failure::Invalid(errors)) => {
            let first = &errors.0[0];
            let line = first.position.map_or(0, |position| position.line);
            let hint = first.hint.clone().or_else(|| first.nearest.clone()).unwrap_or_default();
            format!("{line}: {}; {hint}", first.kind)
        }
        other => panic!("not an error: {other:?}\n{app}"),
    }
}

#[test]
fn a_strategy_has_the_first_of_its_kinds_of_memory_unless_another_is_named() {
    assert_eq!(dedup(""), None);
    assert_eq!(dedup("dedup = \"none\""), None);
    let exact = dedup("dedup = \"exact-set\"").unwrap();
    assert_eq!((exact.strategy, exact.memory), ("exact-set", Memory::Volatile));
    assert_eq!(exact.identity, Identity::Stamped);
    let saved =
        "dedup.strategy = \"bloom\"\ndedup.memory = \"snapshot\"\ndedup.id = \"record-key\"";
    let saved = dedup(&format!("{saved}\ndedup.snapshot.every = 3")).unwrap();
    assert_eq!(saved.memory, Memory::Snapshot { every: 3 });
    assert_eq!(saved.identity, Identity::RecordKey);
    let store = dedup("dedup = \"append-log\"").unwrap();
    assert_eq!(store.memory, Memory::Durable { order: Order::After });
}

#[test]
fn what_cannot_be_is_refused_with_a_way_out() {
    for (app, expected) in [
        ("dedup = \"exact-sat\"", "8: `dedup` cannot be \"exact-sat\"; exact-set"),
        (
            "dedup = \"offset-with-result\"",
            "8: an offset stored with the result is no strategy of its own in a scenario; \
             write commit = \"with-result\"",
        ),
        (
            "dedup = \"high-water-overtaken\"",
            "8: this row of the table is no strategy of its own in a scenario; write dedup = \
             \"high-water\" and a topic that reorders",
        ),
        (
            "dedup.strategy = \"exact-set\"\ndedup.memory = \"durable-with\"",
            "9: `exact-set` has no such memory; expected volatile or snapshot",
        ),
        (
            "dedup.strategy = \"exact-set\"\ndedup.snapshot.every = 3",
            "9: only memory that is saved from time to time has snapshots; expected \
             dedup.memory = \"snapshot\"",
        ),
        (
            "dedup.strategy = \"high-water\"\ndedup.id = \"position\"",
            "9: `high-water` looks at no key; expected leave dedup.id out",
        ),
        (
            "dedup.memory = \"snapshot\"",
            "8: `dedup.memory` says how a strategy works, and there is none; expected \
             dedup.strategy = \"NAME\"",
        ),
        (
            "effect = \"remote-call\"\ndedup = \"conditional-write\"",
            "8: `conditional-write` marks a record in the transaction of its effect, which \
             must be in a store; expected effect = \"store\"",
        ),
    ] {
        assert_eq!(refused(app), expected, "{app}");
    }
    let text = file("commit = \"auto-hand-off\"\ndedup = \"exact-set\"");
    assert!(matches!(parse(&text, "x.toml"), Err(Failure::NotModelled(_))));
}

fn models() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/4-dedup");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let load = |path: &std::path::PathBuf| brokerproof::scenario::load(path);
    paths.iter().map(|path| load(path).unwrap_or_else(|failure| panic!("{failure}"))).collect()
}

/// A new strategy cannot be listed without a model that says what it guarantees.
#[test]
fn every_strategy_of_the_list_has_a_model() {
    let models = models();
    for row in STRATEGIES {
        let has_it = |model: &&Scenario| {
            let app = &model.setting.apps[0];
            match row.name {
                "none" => app.dedup.is_none() && app.commit != CommitOrder::WithResult,
                "offset-with-result" => app.commit == CommitOrder::WithResult,
                // The trap is the strategy in a scenario that keeps no order.
                "high-water-overtaken" => model.name == row.name,
                name => app.dedup.is_some_and(|dedup| dedup.strategy == name),
            }
        };
        assert!(models.iter().any(|model| has_it(&model)), "{} has no model", row.name);
    }
    for kind in Kind::ALL {
        let memory =
            |model: &Scenario| model.setting.apps[0].dedup.map(|dedup| dedup.memory.kind());
        assert!(models.iter().any(|model| memory(model) == Some(kind)), "{kind} has no model");
    }
}
