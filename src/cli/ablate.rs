//! `ablate`: removes each safeguard in turn, and says what fails then.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::check::Progress;
use crate::cli::bundled::MODELS;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::parallel;
use crate::cli::stop::Stop;
use crate::decide::ablate::{ablate, baseline};
use crate::protocol::safeguard::Safeguard;
use crate::report::ablation;
use crate::scenario::{Scenario, Tier, nearest, parse, read_text};

/// Arguments of `ablate`.
#[derive(Args, Clone, Debug)]
pub struct Ablate {
    /// Only these safeguards.
    #[arg(value_name = "SAFEGUARD")]
    pub safeguards: Vec<String>,
    /// In models of every tier, not only the quick ones.
    #[arg(long)]
    pub all: bool,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
    /// A document of this verb: exits with 1 if the table is not that one.
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
}

/// Runs the verb.
pub fn run(arguments: &Ablate, console: &mut Console) -> Exit {
    let mut wanted: Vec<Safeguard> = Vec::new();
    for name in &arguments.safeguards {
        let Some(safeguard) = Safeguard::ALL.iter().find(|known| known.name() == name) else {
            let names = Safeguard::ALL.iter().map(|safeguard| safeguard.name());
            let meant = nearest(name, names);
            let meant = meant.map_or_else(
                || "; `brokerproof list safeguards` names them all".to_owned(),
                |name| format!("; did you mean `{name}`?"),
            );
            console.error(&format!("there is no safeguard `{name}`{meant}"));
            return Exit::BadInput;
        };
        wanted.push(*safeguard);
    }
    if wanted.is_empty() {
        wanted = Safeguard::ALL.to_vec();
    }
    let expected = match arguments.expect.as_deref().map(read_text).transpose() {
        Ok(expected) => expected,
        Err(errors) => {
            console.error(&errors.to_string());
            return Exit::BadInput;
        }
    };
    let scenarios: Vec<Scenario> = MODELS
        .iter()
        .filter_map(|model| parse(model.text, model.path).ok())
        .filter(|scenario| arguments.all || scenario.tier == Tier::Quick)
        .collect();
    let stop = Stop::on_interrupt();
    let bar = console.bar((scenarios.len() + wanted.len()) as u64);
    let baselines = parallel::each(&scenarios, None, |scenario| {
        bar.set_message(scenario.name.clone());
        let baseline = baseline(scenario, &mut |_: &Progress| stop.flow());
        bar.inc(1);
        baseline
    });
    let rows = parallel::each(&wanted, None, |safeguard| {
        bar.set_message(format!("without {}", safeguard.name()));
        let found = ablate(*safeguard, &baselines, &mut |_: &Progress| stop.flow());
        bar.inc(1);
        (*safeguard, found)
    });
    bar.finish_and_clear();
    if stop.is_asked() {
        console.say("stopped: the table would not be whole");
        return Exit::Undecided;
    }
    let models = baselines.len();
    console.print(&match arguments.json {
        true => ablation::json(&rows, models),
        false => ablation::table(&rows, models, console.style),
    });
    match (&arguments.expect, expected) {
        (Some(path), Some(wanted)) => {
            compare(path, &wanted, &ablation::json(&rows, models), console)
        }
        _ => Exit::AsExpected,
    }
}

fn compare(path: &Path, wanted: &str, found: &str, console: &Console) -> Exit {
    if wanted == found {
        return Exit::AsExpected;
    }
    let differs = wanted.lines().zip(found.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| wanted.lines().count().min(found.lines().count()));
    console.say(&format!(
        "not as expected: the table differs from line {} of {}:\n  wanted: {}\n  found:  {}",
        line + 1,
        path.display(),
        wanted.lines().nth(line).unwrap_or("").trim(),
        found.lines().nth(line).unwrap_or("").trim(),
    ));
    Exit::NotAsExpected
}
