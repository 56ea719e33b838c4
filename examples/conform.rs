//! The verb `conform` alone: `cargo run --example conform -- PATH...`.

use std::io;
use std::process::ExitCode;

use brokerproof::cli::conform::{Conform, run};
use clap::Parser;

/// Plays recorded exchanges with real Kafka brokers against the model's broker.
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    conform: Conform,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let exit = run(&arguments.conform, &mut out, &mut io::stderr().lock());
    ExitCode::from(exit.code())
}
