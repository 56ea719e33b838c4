//! The command line: the only place for files, arguments and the terminal; one file per verb.
//!
//! Results go to standard output, whatever else there is to say to standard error. Must never know a rule of
//! Kafka's.

pub mod ablate;
pub mod bundled;
pub mod check;
pub mod check_files;
pub mod conform;
pub mod console;
pub mod dedup;
pub mod exit;
pub mod list;
pub mod models;
pub mod parallel;
pub mod replay;
pub mod search;
pub mod shell;
pub mod shrink;
pub mod simulate;
pub mod source;
pub mod stop;
pub mod words;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{Parser, Subcommand};

use console::{Colour, Console};
use exit::Exit;

/// Which delivery guarantee does a Kafka pipeline really give, and what is the least that breaks it?
///
/// Without a verb: decides every bundled model and prints the matrix.
#[derive(Parser, Clone, Debug)]
#[command(name = "brokerproof", version, args_conflicts_with_subcommands = true)]
#[command(after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// Without a verb.
    #[command(flatten)]
    pub models: models::Options,
    /// Whether to colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Colour,
}

const EXIT_CODES: &str = "Exit codes:
  0    as expected, or a report without expectations
  1    not as expected
  2    undecided, or asks for what is not modelled yet
  254  bad input or usage
  255  an error of brokerproof itself";

/// What brokerproof can do.
#[derive(Subcommand, Clone, Debug)]
pub enum Verb {
    /// Decides bundled models and prints the matrix (what happens without a verb).
    Models(models::Models),
    /// Decides one scenario: its level, what each guarantee does, and the story of what breaks it.
    Check(check::Check),
    /// Performs many random runs of one scenario, and makes what breaks it small.
    Simulate(Box<simulate::Simulate>),
    /// Puts the shards of a sweep together: what `simulate` would have said without shards.
    Merge(simulate::Merge),
    /// Performs a schedule action by action and says what each did, and what is wrong in the end.
    Replay(replay::Replay),
    /// Makes a schedule shorter that ends in the same anomaly, and says whether it is the shortest.
    Shrink(shrink::Shrink),
    /// Lists what brokerproof knows: guarantees, anomalies, faults, timers, invariants, safeguards, and more.
    List(list::List),
    /// Removes each safeguard of the protocol in turn, and says which model fails then, and how.
    Ablate(ablate::Ablate),
    /// Plays recorded exchanges with real Kafka brokers against the model's broker.
    Conform(conform::Conform),
    /// Compares strategies of deduplication: speed, memory, records lost and effects repeated.
    Dedup(dedup::Dedup),
    /// Prints completions for a shell.
    #[command(hide = true)]
    Completions(shell::Completions),
    /// Prints the manual page, or writes those of all verbs into a folder.
    #[command(hide = true)]
    Manual(shell::Manual),
}

/// Parses the arguments, the program's name first, runs, and returns the exit code.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let usage = error.use_stderr();
            // Nothing is left to tell it to if this fails.
            let _ = error.print();
            return if usage { Exit::BadInput } else { Exit::AsExpected }.code();
        }
    };
    let mut console = Console::new(cli.color);
    let exit = match catch_unwind(AssertUnwindSafe(|| run(&cli, &mut console))) {
        Ok(exit) => exit,
        Err(_) => {
            console.say(OUR_ERROR);
            Exit::OurError
        }
    };
    match console.finish() {
        Ok(()) => exit.code(),
        Err(error) => {
            console.error(&format!("standard output: {error}"));
            Exit::BadInput.code()
        }
    }
}

/// What is said after a panic, or after a panic of the model.
pub const OUR_ERROR: &str = "\
This is an error of brokerproof itself, not of your files. Please report it, with the command, your files and
the message above, where brokerproof's sources are kept.";

fn run(cli: &Cli, console: &mut Console) -> Exit {
    match &cli.verb {
        None => {
            let options = cli.models.clone();
            models::run(&models::Models { parts: Vec::new(), options }, console)
        }
        Some(Verb::Models(arguments)) => models::run(arguments, console),
        Some(Verb::Check(arguments)) => check::run(arguments, console),
        Some(Verb::Simulate(arguments)) => simulate::run(arguments, console),
        Some(Verb::Merge(arguments)) => simulate::merge(arguments, console),
        Some(Verb::Replay(arguments)) => replay::run(arguments, console),
        Some(Verb::Shrink(arguments)) => shrink::run(arguments, console),
        Some(Verb::Completions(arguments)) => shell::completions(arguments, console),
        Some(Verb::Manual(arguments)) => shell::manual(arguments, console),
        Some(Verb::List(arguments)) => list::run(arguments, console),
        Some(Verb::Ablate(arguments)) => ablate::run(arguments, console),
        Some(Verb::Conform(arguments)) => {
            let mut out = Vec::new();
            let exit = conform::run(arguments, &mut out, &mut std::io::stderr().lock());
            console.print(&String::from_utf8_lossy(&out));
            Exit::of_conform(exit)
        }
        Some(Verb::Dedup(arguments)) => dedup::verb(arguments, console),
    }
}
