//! Shards that are interrupted, resumed, or not what they seem to be.

use std::env;
use std::path::{Path, PathBuf};

use super::*;
use crate::scenario;
use crate::simulate::Seeds;

const SCENARIO: &str = "format = 1\n[topic.t]\n[source.s]\nrecords = 1\n[producer.p]\n[app.a]\n\
    group.id = \"g\"\nenable.auto.commit = false\ncommit = \"after-processing\"\n\
    [faults]\nclasses = [\"consumer\"]\ntotal = 1\n";

/// The second of three shards: nine runs.
const SEEDS: Seeds = Seeds { first: 12, end: 38, stride: 3 };

fn own_header() -> Header {
    let words = ["simulate", "s.toml", "--seeds=11..37"].map(str::to_owned);
    Header::new("s.toml", SCENARIO, words.to_vec(), 2, 3)
}

/// A folder of a test's own, gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let folder = env::temp_dir().join(format!("brokerproof-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("shard-2-of-3.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over in the folder of temporary files harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the shard, in blocks of so many runs, until it is done or so many blocks are written.
fn fill(path: &Path, block: u64, threads: usize, blocks: u64) -> Result<(), String> {
    let scenario = scenario::parse(SCENARIO, "s.toml").expect("a scenario");
    let scene = Scene::new(scenario.setting);
    let simulator = Simulator::new(&scene);
    let mut file = ShardFile::open(path, &own_header(), SEEDS)?;
    let work = Work { simulator: &simulator, block, threads };
    let written = std::sync::atomic::AtomicU64::new(0);
    let enough = || written.load(std::sync::atomic::Ordering::Relaxed) >= blocks;
    let go_on = || if enough() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    work.fill(&mut file, &go_on, &mut |_| {
        written.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    })
}

fn filled(path: &Path, block: u64, threads: usize) -> Result<Vec<u8>, String> {
    fill(path, block, threads, u64::MAX)?;
    Ok(fs::read(path).expect("a file"))
}

/// The seeds and the runs of the lines of a file.
fn lines(bytes: &[u8]) -> Vec<(u64, u64)> {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    let number = |line: &str, field: &str| -> u64 {
        let (_, rest) = line.split_once(&format!("\"{field}\":")).expect("the field");
        rest.split_once(',').expect("more").0.parse().expect("a number")
    };
    text.lines().skip(1).map(|line| (number(line, "seed"), number(line, "runs"))).collect()
}

#[test]
fn a_file_that_ends_at_any_byte_goes_on_to_the_same_bytes() {
    let folder = Folder::new("cut");
    let path = folder.file();
    let whole = filled(&path, 4, 1).expect("a shard");
    assert_eq!(lines(&whole), [(12, 4), (24, 4), (36, 1)]);
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).expect("writable");
        let resumed = filled(&path, 4, 1).unwrap_or_else(|problem| panic!("{length}: {problem}"));
        assert_eq!(resumed, whole, "cut off at {length}");
    }
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads_and_interruptions() {
    let folder = Folder::new("threads");
    let path = folder.file();
    let whole = filled(&path, 2, 1).expect("a shard");
    for threads in [2, 3, 8] {
        fs::remove_file(&path).expect("a file");
        assert_eq!(filled(&path, 2, threads).expect("a shard"), whole, "{threads} threads");
    }
    for threads in [1, 4] {
        fs::remove_file(&path).expect("a file");
        for blocks in 1..=5 {
            fill(&path, 2, threads, 1).expect("a shard");
            let so_far = fs::read(&path).expect("a file");
            assert!(whole.starts_with(&so_far), "{}", String::from_utf8_lossy(&so_far));
            assert_eq!(lines(&so_far).len(), blocks);
        }
        assert_eq!(fs::read(&path).expect("a file"), whole);
    }
}

#[test]
fn blocks_of_other_sizes_are_gone_on_with() {
    let folder = Folder::new("sizes");
    let path = folder.file();
    for block in [2, 1, 3] {
        fill(&path, block, 1, 1).expect("a shard");
    }
    let mixed = filled(&path, 100, 1).expect("a shard");
    assert_eq!(lines(&mixed), [(12, 2), (18, 1), (21, 3), (30, 3)]);
    assert_eq!(filled(&path, 7, 1).expect("a shard"), mixed, "nothing is left to be done");
}

#[test]
fn a_file_of_somebody_else_is_left_as_it_is() {
    let folder = Folder::new("foreign");
    let path = folder.file();
    let whole = filled(&path, 4, 1).expect("a shard");
    let text = String::from_utf8(whole.clone()).expect("text");
    let header = text.lines().next().expect("a line").to_owned();
    let doubled = format!("{text}{}\n", text.lines().last().expect("a line"));
    for (bytes, because) in [
        (b"notes without a line break".to_vec(), "line 1"),
        (b"notes\n".to_vec(), "line 1"),
        (b"\n".to_vec(), "line 1"),
        (b"\xff\xfe\n".to_vec(), "line 1"),
        (b"{\"place\":0}\n".to_vec(), "line 1"),
        ([&[0; 9], &whole[..]].concat(), "line 1"),
        // Not a prefix of the header: behind it something else was begun.
        (format!("{header} and notes").into_bytes(), "line 1"),
        (format!("{header}\nnotes").into_bytes(), "line 2"),
        (format!("{text}notes").into_bytes(), "line 5"),
        (doubled.into_bytes(), "line 5: it tells of runs from place 8 on, where place 9"),
        (text.replace("\"runs\":4", "\"runs\":5").into_bytes(), "line 2: its checksum is wrong"),
        (text.replace("11..37", "11..38").into_bytes(), "line 1: its checksum is wrong"),
    ] {
        fs::write(&path, &bytes).expect("writable");
        let problem = filled(&path, 4, 1).expect_err(because);
        assert!(problem.contains(because) && problem.contains("shard-2-of-3.jsonl: "), "{problem}");
        assert!(problem.ends_with("the file is left as it is"), "{problem}");
        assert_eq!(fs::read(&path).expect("a file"), bytes, "{problem}");
    }
}

#[test]
fn shards_of_other_sweeps_are_not_gone_on_with() {
    let folder = Folder::new("other");
    let path = folder.file();
    let whole = filled(&path, 4, 1).expect("a shard");
    let words = |seeds: &str| vec!["simulate".to_owned(), "s.toml".to_owned(), seeds.to_owned()];
    let own = words("--seeds=11..37");
    for (header, because) in [
        (Header::new("s.toml", SCENARIO, words("--seeds=1..9"), 2, 3), "--seeds=1..9"),
        (Header::new("s.toml", "else", own.clone(), 2, 3), "said something else"),
        (Header::new("s.toml", SCENARIO, own.clone(), 2, 4), "one of 3 shards, not of 4"),
        (Header::new("s.toml", SCENARIO, own, 3, 3), "it is shard 2, not 3"),
    ] {
        let problem = ShardFile::open(&path, &header, SEEDS).expect_err(because);
        assert!(problem.contains(because) && problem.contains("line 1: "), "{problem}");
        assert_eq!(fs::read(&path).expect("a file"), whole);
    }
}

#[test]
fn a_shard_is_written_by_one_at_a_time() {
    let folder = Folder::new("lock");
    let path = folder.file();
    let first = ShardFile::open(&path, &own_header(), SEEDS).expect("a shard");
    let problem = filled(&path, 4, 1).expect_err("it is locked");
    assert!(problem.contains("another process is writing it"), "{problem}");
    drop(first);
    assert!(filled(&path, 4, 1).is_ok());
}

#[test]
fn blocks_are_small_where_runs_are_long() {
    assert_eq!(block(0), BLOCK);
    assert_eq!(block(20), BLOCK);
    assert_eq!(block(10_000), 400);
    assert_eq!(block(15_000_000), 1);
    assert_eq!(block(u64::MAX), 1);
}
