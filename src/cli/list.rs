//! `list`: what brokerproof knows.

use clap::Args;

use crate::cli::bundled::MODELS;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::report::list::{Entry, List as Names, json, lists, text};
use crate::scenario::{nearest, parse};

/// Arguments of `list`.
#[derive(Args, Clone, Debug)]
pub struct List {
    /// Only these: guarantees, anomalies, faults, timers, invariants, safeguards, presets, variants, strategies, pins, models.
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the verb.
pub fn run(arguments: &List, console: &mut Console) -> Exit {
    let mut all = lists();
    all.push(models());
    for what in &arguments.what {
        if all.iter().all(|list| list.name != *what) {
            let names: Vec<&str> = all.iter().map(|list| list.name.as_str()).collect();
            let meant = nearest(what, names.iter().copied());
            let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            console.error(&format!("expected one of {}, found `{what}`{meant}", names.join(", ")));
            return Exit::BadInput;
        }
    }
    let wanted = |list: &Names| arguments.what.is_empty() || arguments.what.contains(&list.name);
    let chosen: Vec<Names> = all.into_iter().filter(wanted).collect();
    let out = if arguments.json { json(&chosen) } else { text(&chosen, console.style) };
    console.print(&out);
    Exit::AsExpected
}

fn models() -> Names {
    let entries = MODELS.iter().map(|model| {
        let title = parse(model.text, model.path).map(|scenario| scenario.title);
        Entry {
            name: model.name().to_owned(),
            doc: title.unwrap_or_else(|failure| failure.to_string()),
            cost: None,
            of: Vec::new(),
        }
    });
    Names {
        name: "models".to_owned(),
        about: "the bundled scenarios: `check NAME` decides one and tells its story".to_owned(),
        entries: entries.collect(),
    }
}
