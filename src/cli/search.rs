//! How a scenario is searched: the engine and its bounds, and how far it has come.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::ProgressBar;

use crate::check::{Limits, Progress, StateGraph, Walks};
use crate::cli::check::write_new;
use crate::cli::console::{Console, Stopwatch};
use crate::decide::{Decided, Engine, judge_end};
use crate::guarantee::{Finding, Guarantee};
use crate::report::text::grouped;
use crate::scenario::Scenario;
use crate::world::{Action, Scene, World};

/// The most states of a picture: more nobody can look at.
const PICTURED: usize = 2_000;

/// How a scenario is searched.
#[derive(Args, Clone, Debug)]
pub struct How {
    /// Which search; all say the same.
    #[arg(long, value_name = "WHICH", value_enum, default_value_t = Which::Reduced,
          conflicts_with_all = ["producer", "consumer", "topic", "server"])]
    pub engine: Which,
    /// Searches on so many threads, with the same result.
    #[arg(long, value_name = "N", default_value = "1",
          conflicts_with_all = ["producer", "consumer", "topic", "server"])]
    pub threads: NonZeroUsize,
    /// Ends the search at so many MiB, as counted; --depth-first goes on, and remembers no more.
    #[arg(long, value_name = "MIB",
          conflicts_with_all = ["walks", "producer", "consumer", "topic", "server"])]
    pub max_memory: Option<u64>,
    /// Follows each run to its end before the next, so that it can do with little memory; what it does not remember it
    /// looks at again. Counterexamples need not be the shortest.
    #[arg(long, conflicts_with_all = ["engine", "threads", "walks", "producer", "consumer", "topic", "server"])]
    pub depth_first: bool,
    /// Draws so many random runs instead: they find what breaks, and never show that something holds.
    #[arg(long, value_name = "N",
          conflicts_with_all = ["engine", "threads", "states", "producer", "consumer", "topic", "server"])]
    pub walks: Option<u64>,
    /// What the random runs are drawn from. The same seed gives the same runs.
    #[arg(long, value_name = "SEED", default_value = "1", requires = "walks")]
    pub seed: u64,
    /// Writes all states and actions as a graph for Graphviz, if they are few, and names the faults that lie on every
    /// way to what breaks; never over a file that says something else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["producer", "consumer", "topic", "server"])]
    pub dot: Option<PathBuf>,
}

/// The most steps of a random run: more than runs take that come to rest.
const STEPS: u32 = 1_000;

/// The searches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Which {
    /// Whole states: what the others are compared with.
    Plain,
    /// What happens in one place is worked out once.
    Parts,
    /// The same; worlds are one state however many faults it took to get there.
    Lean,
    /// The same; of what does not touch each other not every order is tried, and equal clients may change places.
    Reduced,
}

impl How {
    /// The engine.
    pub(super) fn engine(&self) -> Engine {
        let threads = self.threads;
        if let Some(runs) = self.walks {
            return Engine::Walks(Walks { runs, steps: STEPS, seed: self.seed });
        }
        if self.depth_first {
            return Engine::DepthFirst;
        }
        match self.engine {
            Which::Plain => Engine::Plain,
            Which::Parts => Engine::Parts { threads },
            Which::Lean => Engine::Lean { threads },
            Which::Reduced => Engine::Reduced { threads },
        }
    }

    /// The limits with the one of memory.
    pub(super) fn within(&self, limits: Limits) -> Limits {
        let bytes = self.max_memory.map(|mib| mib.saturating_mul(1 << 20));
        Limits { bytes: bytes.or(limits.bytes), ..limits }
    }
}

/// Says on the bar how far a search has come, and how fast.
pub(super) fn tell(bar: &ProgressBar, begin: Stopwatch, limits: &Limits, now: &Progress) {
    let seconds = begin.elapsed().as_secs_f64().max(0.001);
    let share = now.states as f64 / limits.states.max(1) as f64 * 100.0;
    bar.tick();
    if now.bytes == 0 && now.frontier == 0 {
        // Random runs remember nothing, and have no limit of states.
        let speed = grouped((now.states as f64 / seconds) as u64);
        return bar
            .set_message(format!("{} states met in random runs, {speed}/s", grouped(now.states)));
    }
    bar.set_message(format!(
        "{} states, {}/s, {} to expand, {} MiB, up to {} faults, {share:.0}% of the limit",
        grouped(now.states),
        grouped((now.states as f64 / seconds) as u64),
        grouped(now.frontier),
        grouped(now.bytes >> 20),
        now.faults,
    ));
}

/// Writes the graph of a scenario's states, and names the faults without which nothing breaks.
pub(super) fn picture(
    scenario: &Scenario,
    decided: &Decided,
    path: &Path,
    console: &mut Console,
) -> Result<(), String> {
    let scene = Scene::new(scenario.setting.clone());
    let graph = StateGraph::explore(&scene, PICTURED);
    if graph.is_cut {
        return Err(format!("--dot: there are more than {} states", grouped(PICTURED as u64)));
    }
    let names = |found: Vec<Finding>| {
        let mut names: Vec<&str> = found.iter().map(|finding| finding.anomaly.name()).collect();
        names.dedup();
        names.join("\n")
    };
    let action = |action: &Action| scenario.setting.action_text(action);
    let dot = graph.to_dot(|world| names(judge_end(&scene, world)), action);
    write_new(path, &dot, console)?;
    for guarantee in Guarantee::ALL.iter().filter(|guarantee| decided.breach(**guarantee).is_some())
    {
        let breaks = |world: &World| {
            judge_end(&scene, world).iter().any(|found| found.anomaly.breaks() == *guarantee)
        };
        let Some(faults) = graph.needed_faults(breaks) else { continue };
        let faults: Vec<String> = faults.iter().map(action).collect();
        let text = match faults.is_empty() {
            true => "no fault lies on every way there".to_owned(),
            false => format!("on every way there: {}", faults.join(", ")),
        };
        console.print(&format!("\n  {} breaks; {text}\n", guarantee.name()));
    }
    Ok(())
}
