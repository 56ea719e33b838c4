//! The models within the program are those of the folder, and what stands beside them is what the checker finds.
//!
//! `cargo run --release -- --all --write models` brings the schedules and `measured.jsonl` up to date.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use brokerproof::cli::bundled::{MODELS, named};
use brokerproof::report::json::measured_model;
use brokerproof::scenario::{Tier, parse};
use support::{empty_folder, root, run, run_in};

fn files(folder: &Path, ending: &str, found: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            let below = path.strip_prefix(root()).or_else(|_| path.strip_prefix(folder));
            found.insert(below.expect("below").to_string_lossy().replace('\\', "/"), path);
        }
    }
}

fn models(ending: &str) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    files(&root().join("models"), ending, &mut found);
    found
}

#[test]
fn the_program_has_every_model_of_the_folder() {
    let wanted: Vec<String> = models(".toml").into_keys().collect();
    let found: Vec<&str> = MODELS.iter().map(|model| model.path).collect();
    assert_eq!(found, wanted, "bring the list in src/cli/bundled.rs up to date");
    let names: BTreeSet<&str> = MODELS.iter().map(|model| model.name()).collect();
    assert_eq!(names.len(), MODELS.len(), "two models have the same name");
}

#[test]
fn models_are_found_by_name_and_by_path() {
    let model = MODELS.first().expect("models");
    for text in [model.name().to_owned(), model.path.to_owned(), format!("{}.toml", model.name())] {
        assert_eq!(named(&text), Some(model), "{text}");
    }
    assert_eq!(named("no-such-model"), None);
    let elsewhere = empty_folder("bundled-elsewhere");
    let run = run_in(&elsewhere, &["check", "acks-1-retry", "--story", "none"]);
    assert_eq!(run.code, Some(0), "{}", run.all());
}

#[test]
fn every_schedule_beside_a_model_still_breaks_what_it_was_written_for() {
    for (name, path) in models(".schedule") {
        let run = run(&["replay", &path.display().to_string()]);
        assert_eq!(run.code, Some(0), "{name}: {}", run.all());
    }
}

/// Every half of a quick model that breaks has its schedule beside it, word for word; no other has one; and the
/// counts are those of `measured.jsonl`.
#[test]
fn what_stands_beside_quick_models_is_what_the_checker_finds() {
    let folder = empty_folder("written");
    let quick: Vec<_> = MODELS
        .iter()
        .filter(|model| {
            let scenario = parse(model.text, model.path);
            scenario.is_ok_and(|scenario| scenario.tier == Tier::Quick)
        })
        .collect();
    for model in MODELS {
        let copy = folder.join(model.path);
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        fs::write(copy, model.text).expect("writable");
    }
    let run = run_in(&folder, &["models", "--write", "models"]);
    assert_eq!(run.code, Some(0), "every model does what it claims:\n{}", run.all());

    let mut written = BTreeMap::new();
    files(&folder.join("models"), ".schedule", &mut written);
    let mut wrong = Vec::new();
    for model in &quick {
        let stem = model.path.trim_end_matches("toml");
        let of = |all: &BTreeMap<String, PathBuf>, base: &Path| -> BTreeMap<String, String> {
            let text = |path: &PathBuf| fs::read_to_string(path).expect("text");
            all.values()
                .filter_map(|path| {
                    let below = path.strip_prefix(base).expect("below").display().to_string();
                    below.starts_with(stem).then(|| (below, text(path)))
                })
                .collect()
        };
        if of(&written, &folder) != of(&models(".schedule"), &root()) {
            wrong.push(model.path.to_owned());
        }
    }
    let lines = |base: &Path| -> BTreeMap<String, String> {
        let text = fs::read_to_string(base.join("models/measured.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| Some((measured_model(line)?, line.to_owned()))).collect()
    };
    let (found, kept) = (lines(&folder), lines(&root()));
    for model in &quick {
        let name = model.path.trim_start_matches("models/").trim_end_matches(".toml");
        if found.get(name) != kept.get(name) {
            wrong.push(format!(
                "measured.jsonl: {name}: {:?}, not {:?}",
                found.get(name),
                kept.get(name)
            ));
        }
    }
    let page = |base: &Path| fs::read_to_string(base.join("models/README.md")).unwrap_or_default();
    if quick.len() == MODELS.len() && page(&folder) != page(&root()) {
        wrong.push("models/README.md".to_owned());
    }
    assert!(wrong.is_empty(), "run with `-- --all --write models`:\n{}", wrong.join("\n"));
}
