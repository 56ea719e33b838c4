//! Parse, run, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(brokerproof::cli::main(std::env::args_os()))
}
