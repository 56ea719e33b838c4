//! Plays recordings against the model's broker: `cargo run --example conform -- PATH...`.

use std::path::PathBuf;
use std::process::ExitCode;

use brokerproof::conform::{self, Options, text};

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let report = conform::run(&paths, Options::default());
    let mut out = String::new();
    if text::write(&mut out, &report, text::TextOptions::default()).is_ok() {
        print!("{out}");
    }
    ExitCode::from(report.exit().code())
}
