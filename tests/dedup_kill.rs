//! A few kills with SIGKILL of every durable strategy; `cargo run --release --example dedup_kill --
//! --times 200` is the long form.

#[path = "support/kill.rs"]
mod kill;

use std::path::PathBuf;
use std::process::Command;

use kill::Subject;

const PLACE: &str = "BROKERPROOF_KILL_PLACE";
const DIRECTORY: &str = "BROKERPROOF_KILL_DIRECTORY";
const RECORDS: u64 = 300;

/// Not a test by itself: what the child processes of the next one run.
#[test]
fn child() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let place = std::env::var(PLACE).unwrap().parse().unwrap();
    kill::child(&Subject { place, directory: PathBuf::from(directory), records: RECORDS });
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let place = std::env::temp_dir().join(format!("brokerproof-kill-{}", std::process::id()));
    let start = |subject: &Subject| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
        command.env(PLACE, subject.place.to_string()).env(DIRECTORY, &subject.directory);
        command
    };
    let killed = kill::kill(8, RECORDS, 1, &place, &start).unwrap();
    assert!(killed.kills == 8 && killed.runs >= kill::STRATEGIES.len() as u32, "{killed:?}");
    std::fs::remove_dir_all(place).unwrap();
}
