//! What each safeguard is good for: pinned as a whole over the small models, and over all models by
//! `tests/data/ablation.json`, which `brokerproof ablate --all --json` has written. To search all of them takes
//! minutes of a processor in a release build, so here each row is looked at in the one model that shows it; the
//! whole is compared by `cargo run --release -- ablate --all --expect tests/data/ablation.json`.

mod support;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use brokerproof::decide::ablate::{Baseline, Use, ablate, baseline};
use brokerproof::protocol::safeguard::Safeguard;
use brokerproof::report::Style;
use brokerproof::report::ablation;
use brokerproof::scenario::load;
use serde_json::Value;
use support::{golden, root, run};

/// Models that together take a second or two.
const SMALL: &[&str] = &[
    "1-producing/acks-1-retry",
    "1-producing/idempotent-retry",
    "1-producing/remember-before-send",
    "2-consuming/commit-before",
];

fn baseline_of(path: &Path) -> Baseline {
    let scenario = load(path).unwrap_or_else(|failure| panic!("{failure}"));
    baseline(&scenario, &mut |_| ControlFlow::Continue(()))
}

fn baselines() -> Vec<Baseline> {
    let models = root().join("models");
    SMALL.iter().map(|name| baseline_of(&models.join(format!("{name}.toml")))).collect()
}

/// The file of a model, in whichever folder it lies.
fn path_of(model: &str) -> PathBuf {
    let folders = fs::read_dir(root().join("models")).expect("models");
    let paths =
        folders.map(|folder| folder.expect("a folder").path().join(format!("{model}.toml")));
    paths.into_iter().find(|path| path.is_file()).unwrap_or_else(|| panic!("no model {model}"))
}

fn expected() -> Value {
    let text = fs::read_to_string(root().join("tests/data/ablation.json")).expect("the table");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn what_fails_without_each_safeguard() {
    let baselines = baselines();
    let found = |safeguard: &Safeguard| {
        (*safeguard, ablate(*safeguard, &baselines, &mut |_| ControlFlow::Continue(())))
    };
    let rows: Vec<(Safeguard, Use)> = Safeguard::ALL.iter().map(found).collect();
    let duplicates = rows.iter().find(|(safeguard, _)| *safeguard == Safeguard::DuplicateBatch);
    assert!(matches!(duplicates, Some((_, Use::Needed(_)))), "{duplicates:?}");
    golden("ablation.txt", &ablation::table(&rows, baselines.len(), Style::plain(80)));
}

#[test]
fn each_row_of_the_whole_table_is_as_its_cheapest_model_shows() {
    let table = expected();
    let rows = table["safeguards"].as_array().expect("rows");
    let names: Vec<&str> = rows.iter().filter_map(|row| row["safeguard"].as_str()).collect();
    let known: Vec<&str> = Safeguard::ALL.iter().map(|safeguard| safeguard.name()).collect();
    assert_eq!(names, known);
    for (row, safeguard) in rows.iter().zip(Safeguard::ALL) {
        let models: Vec<&Value> = match row["use"].as_str().expect("a word") {
            // What refuses something says what it waits for no more.
            "unused" => {
                assert!(row["awaits"].is_string(), "{row}");
                continue;
            }
            "idle" => row["idle_in"].as_array().expect("models").iter().take(1).collect(),
            _ => vec![&row["failures"][0]["model"]],
        };
        let models = models.into_iter().filter_map(Value::as_str);
        let shown: Vec<Baseline> = models.map(|model| baseline_of(&path_of(model))).collect();
        let found = ablate(*safeguard, &shown, &mut |_| ControlFlow::Continue(()));
        let found: Value =
            serde_json::from_str(&ablation::json(&[(*safeguard, found)], 1)).expect("JSON");
        let found = &found["safeguards"][0];
        for field in ["use", "covered_by", "awaits"] {
            assert_eq!(found[field], row[field], "{field} of {row}");
        }
        assert_eq!(found["failures"][0], row["failures"][0]);
        assert_eq!(found["idle_in"][0], row["idle_in"][0]);
    }
}

#[test]
fn wrong_names_and_files() {
    let wrong = run(&["ablate", "duplicate-bach"]);
    assert_eq!(wrong.code, Some(254), "{}", wrong.all());
    assert!(wrong.err.contains("did you mean `duplicate-batch`?"), "{}", wrong.all());
    // Said before the search, not after it.
    let missing = run(&["ablate", "--all", "--expect", "missing.json"]);
    assert_eq!(missing.code, Some(254), "{}", missing.all());
    assert!(missing.err.contains("missing.json: there is no such file"), "{}", missing.all());
}
