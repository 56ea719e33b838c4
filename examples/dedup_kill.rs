//! The long test of durability: processes killed with SIGKILL at random points, their stores opened
//! again and checked.
//!
//! ```text
//! cargo run --release --example dedup_kill -- --times 200
//! ```

#[path = "../tests/support/kill.rs"]
mod kill;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Parser;
use kill::Subject;

/// Kill consumers at random points and check that nothing acknowledged is lost.
#[derive(Parser)]
struct Line {
    /// How many processes are killed.
    #[arg(long, default_value_t = 200)]
    times: u32,
    /// Records of one run.
    #[arg(long, default_value_t = 2_000)]
    records: u64,
    /// What the points are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where files are made; the system's place for temporary files if not given.
    #[arg(long)]
    directory: Option<PathBuf>,
    /// Internal: be the child for the strategy at this place.
    #[arg(long, hide = true)]
    child: Option<usize>,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let parent = line.directory.unwrap_or_else(std::env::temp_dir);
    if let Some(place) = line.child {
        kill::child(&Subject { place, directory: parent, records: line.records });
        return ExitCode::SUCCESS;
    }
    let place = parent.join(format!("brokerproof-kill-{}", std::process::id()));
    let program = std::env::current_exe().expect("this program has a path");
    let start = |subject: &Subject| {
        let mut command = Command::new(&program);
        command.args(["--child", &subject.place.to_string()]);
        command.args(["--records", &subject.records.to_string()]);
        command.arg("--directory").arg(&subject.directory);
        command
    };
    let result = kill::kill(line.times, line.records, line.seed, &place, &start);
    match result {
        Ok(killed) => {
            std::fs::remove_dir_all(&place).expect("files that can be removed");
            println!(
                "{} processes killed in {} runs of {} strategies: nothing acknowledged was lost. \
                 Effects repeated where effects come before marks: {}; lost where marks come before \
                 effects: {}; with both in one transaction: none.",
                killed.kills,
                killed.runs,
                kill::STRATEGIES.len(),
                killed.repeated,
                killed.lost,
            );
            ExitCode::SUCCESS
        }
        Err(broken) => {
            eprintln!("{broken}\nThe files are kept under {}.", place.display());
            ExitCode::FAILURE
        }
    }
}
