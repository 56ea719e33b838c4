//! `simulate --shard` and `merge` as their users call them.

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Run, command, empty_folder, finish, root, run_in};

const LOST: &str = "tests/data/lost-answer.toml";
const SCHEDULERS: &[&str] = &[
    "JOB_COMPLETION_INDEX",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_COUNT",
    "AWS_BATCH_JOB_ARRAY_INDEX",
    "CI_NODE_INDEX",
    "CI_NODE_TOTAL",
    "BUILDKITE_PARALLEL_JOB",
    "CIRCLE_NODE_INDEX",
];

/// A folder with a scenario in it.
fn folder(test: &str) -> PathBuf {
    let folder = empty_folder(test);
    fs::copy(root().join(LOST), folder.join("lost.toml")).expect("a copy");
    folder
}

fn shard(folder: &Path, seeds: &str, shard: &str, more: &[&str]) -> Run {
    let words = ["simulate", "lost.toml", "--seeds", seeds, "--shard", shard, "--out", "out"];
    run_in(folder, &[&words[..], more].concat())
}

#[track_caller]
fn fails(run: &Run, because: &str) {
    assert_eq!(run.code, Some(254), "{because}: {}", run.all());
    assert!(run.err.contains(because), "no {because:?} in {}", run.all());
}

#[test]
fn shards_together_say_what_one_sweep_says() {
    let folder = folder("shards-together");
    let whole = run_in(&folder, &["simulate", "lost.toml", "--seeds", "1..500"]);
    for of in [1, 2, 5] {
        for number in 1..=of {
            let run = shard(&folder, "1..500", &format!("{number}/{of}"), &[]);
            assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.all());
        }
        let merged = run_in(&folder, &["merge", "out"]);
        assert_eq!(merged.code, whole.code, "{}", merged.all());
        assert_eq!(merged.out, whole.out);
        fs::rename(folder.join("out"), folder.join(format!("of-{of}"))).expect("a folder");
    }
}

#[test]
fn shards_are_merged_in_any_order() {
    let folder = folder("shards-orders");
    for number in ["1/3", "2/3", "3/3"] {
        assert_eq!(shard(&folder, "1..200", number, &[]).code, Some(0));
    }
    let files = [1, 2, 3].map(|number| format!("out/shard-{number}-of-3.jsonl"));
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let whole = run_in(&folder, &["simulate", "lost.toml", "--seeds", "1..200", "--json"]);
    for order in orders {
        let words = order.map(|place: usize| files[place].as_str());
        let merged = run_in(&folder, &[&["merge", "--json"], &words[..]].concat());
        assert_eq!(merged.out, whole.out, "{words:?}: {}", merged.err);
    }
}

#[test]
fn what_is_incomplete_or_not_of_one_sweep_is_refused() {
    let folder = folder("shards-refused");
    for number in ["1/2", "2/2", "3/5"] {
        assert_eq!(shard(&folder, "1..50", number, &[]).code, Some(0));
    }
    let path = |name: &str| folder.join("out").join(name);
    let (one, two, fifth) =
        ("out/shard-1-of-2.jsonl", "out/shard-2-of-2.jsonl", "out/shard-3-of-5.jsonl");
    let merge = |files: &[&str]| run_in(&folder, &[&["merge"], files].concat());
    fails(&merge(&[one]), "shard 2 of 2 is missing");
    fails(&merge(&[fifth]), "shard 1 of 5 is missing (and 3 more)");
    fails(
        &merge(&[one, two, fifth]),
        "shard-3-of-5.jsonl: line 1: it is one of 5 shards, not of 2",
    );
    fails(&merge(&[one, two, "nowhere.jsonl"]), "nowhere.jsonl");
    fs::copy(path("shard-1-of-2.jsonl"), folder.join("copy.jsonl")).expect("a copy");
    fails(&merge(&[one, two, "copy.jsonl"]), "both are shard 1");
    fs::create_dir(folder.join("empty")).expect("a folder");
    fails(&merge(&["empty"]), "there is no shard's file");
    fs::rename(path("shard-3-of-5.jsonl"), folder.join("other.jsonl")).expect("a file");
    assert_eq!(shard(&folder, "1..60", "3/5", &[]).code, Some(0));
    fails(&merge(&["other.jsonl", fifth]), "--seeds=1..60`, not of");
}

#[test]
fn altered_files_are_refused_by_merge_and_resume() {
    let folder = folder("shards-altered");
    assert_eq!(shard(&folder, "1..10000", "1/1", &[]).code, Some(0));
    let path = folder.join("out/shard-1-of-1.jsonl");
    let text = fs::read_to_string(&path).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "one about itself, three blocks\n{text}");
    let version = format!("\"program\":\"{}\"", env!("CARGO_PKG_VERSION"));
    for (altered, because) in [
        (format!("{text}{}\n", lines[3]), "line 5: it tells of runs from place 8192 on"),
        (format!("{}\n{}\n{}\n", lines[0], lines[1], lines[3]), "line 3: it tells of runs"),
        (text.replacen("\"runs\":4096,\"steps\":", "\"runs\":4096,\"steps\":1", 1), "line 2: its"),
        (format!("{text}{{\"place\":10000,\"seed\":10001,\"runs\":"), "line 5: it is no line"),
        (text.replace(&version, "\"program\":\"0.0.9\""), "line 1: written by brokerproof 0.0.9"),
        (text.replace("\"format\":2", "\"format\":1"), "line 1: a file of format 1"),
    ] {
        assert_ne!(altered, text, "{because}");
        fs::write(&path, &altered).expect("writable");
        let because = format!("shard-1-of-1.jsonl: {because}");
        fails(&run_in(&folder, &["merge", "out"]), &because);
        fails(&shard(&folder, "1..10000", "1/1", &[]), &because);
        assert_eq!(fs::read_to_string(&path).expect("text"), altered);
    }
}

#[test]
fn an_interrupted_shard_goes_on() {
    let folder = folder("shards-resumed");
    assert_eq!(shard(&folder, "1..9000", "1/2", &["--threads", "1"]).code, Some(0));
    let path = folder.join("out/shard-1-of-2.jsonl");
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(text.lines().count(), 3, "one about itself, two blocks\n{text}");
    // The machine went down while the last line was written.
    fs::write(&path, &text[..text.len() - 20]).expect("writable");
    fails(&run_in(&folder, &["merge", path.to_str().expect("text")]), "is missing");
    assert_eq!(shard(&folder, "1..9000", "2/2", &[]).code, Some(0));
    fails(
        &run_in(&folder, &["merge", "out"]),
        "it tells of 4,096 of 4,500 runs; run the shard again",
    );
    assert_eq!(shard(&folder, "1..9000", "1/2", &["--threads", "3"]).code, Some(0));
    assert_eq!(fs::read_to_string(&path).expect("text"), text);
    // Another sweep is not written behind it.
    fails(&shard(&folder, "1..8000", "1/2", &[]), "--seeds=1..9000`, not of");
    fails(&shard(&folder, "1..9000", "1/2", &["--require", "at-most-once"]), "not of");
    assert_eq!(fs::read_to_string(&path).expect("text"), text);
}

#[test]
fn a_shard_without_seeds_counts_as_well() {
    let folder = folder("shards-empty");
    let whole = run_in(&folder, &["simulate", "lost.toml", "--seeds", "1..3"]);
    for number in 1..=5 {
        let run = shard(&folder, "1..3", &format!("{number}/5"), &[]);
        assert_eq!(run.code, Some(0), "{}", run.all());
    }
    let last = fs::read_to_string(folder.join("out/shard-5-of-5.jsonl")).expect("text");
    assert_eq!(last.lines().count(), 1, "a header and no block\n{last}");
    assert_eq!(shard(&folder, "1..3", "5/5", &[]).code, Some(0), "nothing to go on with");
    let merged = run_in(&folder, &["merge", "out"]);
    assert_eq!((merged.code, &merged.out), (whole.code, &whole.out), "{}", merged.all());
}

#[test]
fn the_largest_seeds_have_shards() {
    let folder = folder("shards-largest");
    let seeds = "18446744073709551610..18446744073709551614";
    let whole = run_in(&folder, &["simulate", "lost.toml", "--seeds", seeds, "--json"]);
    assert_eq!(whole.code, Some(0), "{}", whole.all());
    for number in ["1/2", "2/2"] {
        let run = shard(&folder, seeds, number, &[]);
        assert_eq!(run.code, Some(0), "{}", run.all());
    }
    assert_eq!(run_in(&folder, &["merge", "--json", "out"]).out, whole.out);
    for number in ["2/18446744073709551615", "18446744073709551615/18446744073709551615"] {
        let run = shard(&folder, seeds, number, &["--timings"]);
        assert_eq!(run.code, Some(0), "{}", run.all());
        assert!(run.err.contains(" s of CPU") || cfg!(not(unix)), "{}", run.all());
    }
    let one = "out/shard-2-of-18446744073709551615.jsonl";
    fails(&run_in(&folder, &["merge", one]), "is missing (and 18,446,744,073,709,551,613 more)");
}

#[test]
fn a_shard_is_written_by_one_process() {
    let folder = folder("shards-locked");
    fs::create_dir(folder.join("out")).expect("a folder");
    let path = folder.join("out/shard-1-of-2.jsonl");
    let other = File::create(&path).expect("a file");
    other.try_lock().expect("free");
    let locked = shard(&folder, "1..9", "1/2", &[]);
    fails(&locked, "shard-1-of-2.jsonl: another process is writing it");
    drop(other);
    assert_eq!(shard(&folder, "1..9", "1/2", &[]).code, Some(0));
}

#[test]
fn merge_asks_and_certifies_as_simulate_does() {
    let folder = folder("shards-merge-options");
    for number in ["1/2", "2/2"] {
        assert_eq!(shard(&folder, "1..100", number, &[]).code, Some(0));
    }
    for more in [
        &["--require", "effectively-once"][..],
        &["--require", "no-guarantee", "--story", "none"],
        &["--certify", "1", "--json"],
    ] {
        let whole = [&["simulate", "lost.toml", "--seeds", "1..100"], more].concat();
        let whole = run_in(&folder, &whole);
        let merged = run_in(&folder, &[&["merge", "out"], more].concat());
        assert_eq!(merged.code, whole.code, "{more:?}: {}", merged.all());
        if more.contains(&"--json") {
            let document: Value = serde_json::from_str(&merged.out).expect("JSON");
            assert_eq!(document["violations"][0]["shortest"], false, "{}", merged.out);
            assert_eq!(merged.out, whole.out);
        }
    }
    // What the shards were begun with counts, unless something else is asked for.
    let required = ["--require", "effectively-once"];
    for number in ["1/2", "2/2"] {
        let words = ["simulate", "lost.toml", "--shard", number, "--out", "required"];
        let run = run_in(&folder, &[&words[..], &required].concat());
        assert_eq!(run.code, Some(0), "a shard alone does not judge\n{}", run.all());
    }
    let merge = ["merge", "required", "--story", "none"];
    assert_eq!(run_in(&folder, &merge).code, Some(1));
    let other = [&merge[..], &["--require", "no-guarantee"]].concat();
    assert_eq!(run_in(&folder, &other).code, Some(0));
}

#[test]
fn a_scenario_that_moved_or_changed_is_missed() {
    let folder = folder("shards-moved");
    assert_eq!(shard(&folder, "1..20", "1/1", &[]).code, Some(0));
    let elsewhere = folder.join("out");
    let moved = run_in(&elsewhere, &["merge", "."]);
    fails(&moved, "lost.toml: the scenario of the shards is not there");
    assert!(moved.err.contains("merge from that folder"), "{}", moved.all());
    let path = folder.join("lost.toml");
    let text = fs::read_to_string(&path).expect("text");
    fs::write(&path, text.replace("records = 2", "records = 3")).expect("writable");
    fails(&run_in(&folder, &["merge", "out"]), "lost.toml: it does not say what it said");
    fails(
        &shard(&folder, "1..20", "1/1", &[]),
        "line 1: the scenario lost.toml said something else",
    );
    fs::write(&path, "format = 1\nnonsense\n").expect("writable");
    fails(&run_in(&folder, &["merge", "out"]), "the scenario of the shards cannot be read");
    fs::write(&path, &text).expect("writable");
    assert_eq!(run_in(&folder, &["merge", "out"]).code, Some(0));
    // How it is written makes no difference.
    fs::write(&path, format!("{text}# Nothing follows.\n")).expect("writable");
    assert_eq!(run_in(&folder, &["merge", "out"]).code, Some(0));
}

#[test]
fn a_scheduler_says_which_shard() {
    let folder = folder("shards-auto");
    let words = ["simulate", "lost.toml", "--seeds", "1..10", "--shard", "auto", "--out", "out"];
    let begun = |variables: &[(&str, &str)], more: &[&str]| {
        let mut begun = command(&folder, &[&words[..], more].concat());
        SCHEDULERS.iter().for_each(|name| {
            begun.env_remove(name);
        });
        finish(begun.envs(variables.iter().copied()))
    };
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")];
    let run = begun(&gitlab, &[]);
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert!(folder.join("out/shard-2-of-3.jsonl").exists(), "{}", run.all());
    fails(&begun(&gitlab, &["--of", "4"]), "contradicts CI_NODE_TOTAL");
    fails(&begun(&[("JOB_COMPLETION_INDEX", "1")], &[]), "say --of N");
    let run = begun(&[("JOB_COMPLETION_INDEX", "0"), gitlab[0], gitlab[1]], &["--of", "7"]);
    assert!(folder.join("out/shard-1-of-7.jsonl").exists(), "{}", run.all());
    fails(&begun(&[], &["--of", "4"]), "none of the variables");
}

#[test]
fn wrong_arguments_are_errors() {
    let folder = folder("shards-wrong");
    for (words, part) in [
        (vec!["--shard", "3/2", "--out", "out"], "no shard 3 of 2"),
        (vec!["--shard", "0/2", "--out", "out"], "no shard 0 of 2"),
        (vec!["--shard", "half", "--out", "out"], "expected i/n or auto"),
        (vec!["--shard", "1/2"], "--out"),
        (vec!["--shard", "1/3", "--of", "2", "--out", "out"], "--of is for --shard auto"),
        (vec!["--shard", "1/3", "--of", "3", "--out", "out"], "--of is for --shard auto"),
        (
            vec!["--shard", "1/2", "--out", "out", "--json"],
            "leave --json out, and say it to `merge`",
        ),
        (vec!["--shard", "1/2", "--out", "out", "--save", "."], "leave --save out"),
        (vec!["--shard", "1/2", "--out", "out", "--story", "all"], "leave --story out"),
        (vec!["--shard", "1/2", "--out", "out", "--certify", "9"], "leave --certify out"),
        (vec!["--shard", "1/2", "--out", "out", "--seed", "9"], "--seed"),
    ] {
        let words: Vec<&str> = ["simulate", "lost.toml"].into_iter().chain(words).collect();
        fails(&run_in(&folder, &words), part);
        assert!(!folder.join("out").exists(), "nothing is begun");
    }
}
