//! `shrink`: makes a schedule shorter that ends in the same anomaly.

use std::path::PathBuf;

use clap::Args;

use crate::check::Progress;
use crate::cli::check::write_new;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::replay::{Given, Loaded, guarantee_of};
use crate::cli::stop::Stop;
use crate::decide::shrink::{Shrunk, shrink};
use crate::decide::{limits, trace};
use crate::guarantee::{Anomaly, Finding};
use crate::report::text::{count, grouped};
use crate::report::{json, schedule};
use crate::scenario::nearest;

/// Arguments of `shrink`.
#[derive(Args, Clone, Debug)]
pub struct Shrink {
    /// The schedule.
    #[arg(value_name = "FILE")]
    pub schedule: PathBuf,
    /// The scenario, if it is not where the schedule says.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// The anomaly to keep, if the schedule ends in several.
    #[arg(long, value_name = "NAME", value_parser = anomaly)]
    pub anomaly: Option<Anomaly>,
    /// Writes the shorter schedule into this file; never over one that says something else.
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
    /// Ends the search that certifies it at so many states.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub states: u64,
    /// Writes one document of JSON.
    #[arg(long)]
    pub json: bool,
}

fn anomaly(text: &str) -> Result<Anomaly, String> {
    if let Some(anomaly) = Anomaly::ALL.iter().find(|anomaly| anomaly.name() == text) {
        return Ok(*anomaly);
    }
    let meant = nearest(text, Anomaly::ALL.iter().map(|anomaly| anomaly.name()));
    let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    Err(format!("`brokerproof list anomalies` has the names{meant}"))
}

/// Runs the verb.
pub fn run(arguments: &Shrink, console: &mut Console) -> Exit {
    let given = Given {
        schedule: &arguments.schedule,
        scenario: arguments.scenario.as_deref(),
        json: arguments.json,
    };
    let loaded = match given.load(console) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let Some(finding) = wanted(arguments, &loaded) else {
        let what = arguments.anomaly.map_or("nothing is wrong", |_| "this anomaly is not");
        let rest = if loaded.trace.at_rest { "" } else { ", which is not at rest," };
        console.error(&format!(
            "{}: {what} in the end of the run{rest} so there is nothing to keep",
            arguments.schedule.display()
        ));
        return Exit::BadInput;
    };
    let mut limits = limits(&loaded.scenario);
    limits.states = arguments.states;
    let stop = Stop::on_interrupt();
    let bar = console.spinner();
    let mut progress = |progress: &Progress| {
        bar.set_message(format!("{} states", grouped(progress.states)));
        bar.tick();
        stop.flow()
    };
    let shrunk = shrink(&loaded.scene, &loaded.actions, &finding, &limits, &mut progress);
    bar.finish_and_clear();
    let Some(mut shrunk) = shrunk else {
        console.error("the run does not end in the same anomaly when it is performed again");
        return Exit::OurError;
    };
    shrunk.schedule.origin = format!("shrink: {}", finding.anomaly.breaks().name());
    say(arguments, &loaded, &shrunk, console)
}

/// What to keep: what the command names, else what the schedule was written for, else whatever is wrong first.
fn wanted(arguments: &Shrink, loaded: &Loaded) -> Option<Finding> {
    let findings = &loaded.trace.findings;
    if let Some(anomaly) = arguments.anomaly {
        return findings.iter().find(|finding| finding.anomaly == anomaly).copied();
    }
    let guarantee = guarantee_of(&loaded.actions.origin);
    let of = findings.iter().find(|finding| Some(finding.anomaly.breaks()) == guarantee);
    of.or(findings.first()).copied()
}

fn say(arguments: &Shrink, loaded: &Loaded, shrunk: &Shrunk, console: &mut Console) -> Exit {
    let setting = &loaded.scenario.setting;
    let Ok(trace) = trace(&loaded.scene, &shrunk.schedule) else {
        console.error("the shorter schedule does not replay");
        return Exit::OurError;
    };
    let before = loaded.actions.actions.len() as u64;
    let faults = loaded.trace.steps.iter().filter(|step| step.is_fault).count() as u64;
    let certified = match shrunk.shortest {
        true => format!("no shorter way leads to it, of {}", count(shrunk.states, "state")),
        false => format!(
            "whether a shorter way leads to it is not known after {}",
            count(shrunk.states, "state")
        ),
    };
    let title = format!(
        "{}: {} with {}, of {} with {}; {certified}.",
        shrunk.finding.anomaly.name(),
        count(u64::from(shrunk.cost.steps), "action"),
        count(u64::from(shrunk.cost.faults), "fault"),
        count(before, "action"),
        count(faults, "fault"),
    );
    let text = schedule::commented(setting, &shrunk.schedule, &trace, &title);
    if arguments.json {
        console.print(&json::shrink(&loaded.scenario, &loaded.trace, shrunk, &text));
    } else if arguments.write.is_none() {
        console.print(&text);
    } else {
        console.print(&format!("{title}\n"));
    }
    if let Some(path) = &arguments.write
        && let Err(problem) = write_new(path, &text, console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    Exit::AsExpected
}
