//! What a sweep showed: the counts, then for each broken guarantee the run made small, with its story.

use std::path::Path;

use crate::cli::check::{Stories, write_new};
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::simulate::options::wanted;
use crate::cli::simulate::{Simulate, Took, refutes};
use crate::decide::certify::certify;
use crate::decide::{Breach, trace};
use crate::fault::FaultId;
use crate::guarantee::{Guarantee, Level};
use crate::report::simulate as report;
use crate::report::simulate_json as json;
use crate::report::text::{count, grouped, listed};
use crate::report::{Tone, schedule, told};
use crate::scenario::{MOST_FAULTS, Scenario, write};
use crate::simulate::threads;
use crate::simulate::{Broken, Reduced, Seeds, Simulator, Summary, reduce};
use crate::system::Model;
use crate::world::setting::FaultSetting;
use crate::world::{Action, Scene};

/// Runs of more steps are not reduced themselves: a smaller workload is looked for.
const REDUCIBLE: u64 = 5_000;

/// What is needed to tell a sweep.
pub(super) struct Telling<'a> {
    pub(super) arguments: &'a Simulate,
    pub(super) scenario: &'a Scenario,
    /// Whether the scenario is another than that of the file.
    pub(super) changed: bool,
    pub(super) simulator: &'a Simulator<'a>,
    /// Whether the runs were stopped from outside.
    pub(super) stopped: bool,
}

/// A run made small.
struct Small {
    /// The scenario that it is a run of: the one that was asked for, or the same with fewer records.
    scenario: Scenario,
    changed: bool,
    seed: u64,
    steps: u64,
    reduced: Reduced,
    breach: Breach,
}

impl Telling<'_> {
    pub(super) fn tell(
        &self,
        seeds: Seeds,
        summary: &Summary,
        took: Option<Took>,
        console: &mut Console,
    ) -> Exit {
        let guarantees = wanted(self.arguments.telling.story);
        let small: Vec<(Guarantee, Broken, Option<Small>)> = guarantees
            .iter()
            .filter_map(|&guarantee| summary.first(guarantee).map(|broken| (guarantee, *broken)))
            .map(|(guarantee, broken)| (guarantee, broken, self.make_small(&broken)))
            .collect();
        if self.arguments.telling.json {
            let schedules = small.iter().map(|(_, broken, small)| json::Shown {
                seed: small.as_ref().map_or(broken.seed, |small| small.seed),
                finding: &broken.finding,
                schedule: small.as_ref().map(|small| {
                    let setting = &small.scenario.setting;
                    schedule::lines(setting, &small.breach.whole()).to_string()
                }),
                choices: small.as_ref().map(|small| small.reduced.choices.len() as u64),
                certified: small.as_ref().is_some_and(|small| small.breach.shortest),
            });
            let refuted = self.level_refuted(summary);
            let cpu = took.and_then(|took| took.cpu);
            let wall = took.map(|took| took.wall);
            let shown: Vec<json::Shown<'_>> = schedules.collect();
            console.print(&json::document(
                self.scenario,
                seeds,
                summary,
                &shown,
                refuted,
                !self.stopped,
                (cpu, wall),
            ));
        } else {
            console.print(&report::summary(
                self.scenario,
                seeds,
                summary,
                self.stopped,
                console.style,
            ));
            self.tell_missed(summary, console);
            for (guarantee, broken, small) in &small {
                self.tell_small(*guarantee, broken, small.as_ref(), console);
            }
            if let Some(took) = took {
                console.say(&report::took(took.wall, took.cpu));
            }
        }
        if let Some(folder) = &self.arguments.telling.save {
            for (guarantee, _, small) in &small {
                let Some(small) = small else { continue };
                if let Err(problem) = save(folder, *guarantee, small, console) {
                    console.error(&problem);
                    return Exit::BadInput;
                }
            }
        }
        self.exit(summary)
    }

    /// Says which of the faults that were asked for by name found nothing to strike.
    fn tell_missed(&self, summary: &Summary, console: &mut Console) {
        let perturbation = &self.arguments.perturbation;
        let asked = summary.runs.saturating_mul(perturbation.at.len() as u64);
        let never = |kind: &&FaultId| summary.struck.get(usize::from(kind.0)) == Some(&0);
        let never: Vec<String> = perturbation
            .kinds
            .iter()
            .filter(never)
            .map(|kind| kind.fault().name().into())
            .collect();
        let text = if summary.faults() < asked && !self.stopped {
            let missed = count(asked - summary.faults(), "fault");
            format!("Of {} of --at, {missed} found nothing to strike any more.", grouped(asked))
        } else if !never.is_empty() {
            format!("Never struck, of --kinds: {}.", listed(&never))
        } else {
            return;
        };
        console.print(&console.style.block(Tone::Doubtful, "  ", &text));
    }

    fn exit(&self, summary: &Summary) -> Exit {
        if refutes(self.arguments.require, self.scenario, summary) {
            Exit::NotAsExpected
        } else if self.stopped || summary.restless.is_some() {
            Exit::Undecided
        } else {
            Exit::AsExpected
        }
    }

    /// The level that is refuted: the one that is required or claimed, or effectively once if none is.
    fn level_refuted(&self, summary: &Summary) -> Option<&'static str> {
        let claimed = self.scenario.expectations.iter().find_map(|expectation| {
            expectation.claims.iter().find_map(|claim| match claim {
                crate::scenario::Claim::Level(level) => Some(*level),
                _ => None,
            })
        });
        let level = self.arguments.require.or(claimed).unwrap_or(Level::EffectivelyOnce);
        let broken = |&guarantee: &Guarantee| summary.first(guarantee).is_some();
        let demanded = |guarantee: &Guarantee| report::demanded(level, *guarantee);
        Guarantee::ALL.iter().filter(|g| demanded(g)).any(broken).then(|| level.name())
    }

    /// The run of a seed again, reduced and certified.
    fn make_small(&self, broken: &Broken) -> Option<Small> {
        if broken.step > REDUCIBLE {
            return self.smaller_workload(broken);
        }
        let mut actions: Vec<Action> = Vec::new();
        let mut recorder = UpTo { actions: &mut actions, limit: broken.step as usize };
        self.simulator.clone().run(broken.seed, &mut recorder);
        small(self.scenario.clone(), self.changed, broken, &actions, self.arguments.telling.certify)
    }

    /// The same scenario with fewer records and few faults, and a run of it that breaks the same.
    fn smaller_workload(&self, broken: &Broken) -> Option<Small> {
        const SEEDS: u64 = 300;
        for records in [1, 2, 3, 5, 10, 20] {
            let mut scenario = self.scenario.clone();
            scenario.setting.sources.iter_mut().for_each(|source| {
                source.records = source.records.min(records);
            });
            bound(&mut scenario.setting.faults, 3);
            let scene = Scene::new(scenario.setting.clone());
            let mut simulator = Simulator::new(&scene);
            for seed in 1..=SEEDS {
                let mut actions = Vec::new();
                let outcome = simulator.run(seed, &mut actions);
                let (guarantee, subject) =
                    (broken.finding.anomaly.breaks(), broken.finding.subject);
                let found = outcome.found.iter().find(|found| {
                    found.guarantee() == guarantee && found.finding.subject == subject
                });
                if let Some(found) = found {
                    let broken = Broken { seed, finding: found.finding, step: found.step, runs: 1 };
                    let actions = &actions[..found.step as usize];
                    return small(scenario, true, &broken, actions, self.arguments.telling.certify);
                }
            }
        }
        None
    }

    fn tell_small(
        &self,
        guarantee: Guarantee,
        broken: &Broken,
        small: Option<&Small>,
        console: &mut Console,
    ) {
        console.print("\n");
        let style = console.style;
        let Some(small) = small else {
            let why = if broken.step > REDUCIBLE {
                "is too long to be reduced, and no small workload showed the same"
            } else {
                "could not be reduced"
            };
            let (seed, steps) = (broken.seed, count(broken.step, "step"));
            let text =
                format!("Seed {seed} breaks {} after {steps}; the run {why}.", guarantee.name());
            return console.print(&style.block(Tone::Quiet, "", &text));
        };
        let scene = Scene::new(small.scenario.setting.clone());
        let mut said = String::new();
        if small.steps != broken.step || small.seed != broken.seed {
            let records: u32 = small.scenario.setting.sources.iter().map(|s| s.records).sum();
            said = format!(
                "Seed {} breaks {} after {}. The same happens with {}. ",
                broken.seed,
                guarantee.name(),
                count(broken.step, "step"),
                count(records.into(), "record")
            );
        } else {
            let threads = threads(&scene.initial()[0]);
            let drawn = report::drawn(&self.simulator.drawn(small.seed), threads);
            console.print(&style.block(
                Tone::Quiet,
                "",
                &format!("Seed {} drew {drawn}.", small.seed),
            ));
        }
        let certified = small.breach.shortest;
        said.push_str(&report::reduction(small.seed, small.steps, &small.reduced, certified));
        console.print(&style.block(Tone::Quiet, "", &said));
        let Ok(trace) = trace(&scene, &small.breach.whole()) else { return };
        let story = told::breach(&small.scenario, guarantee, &small.breach, &trace, style);
        console.print(&format!("\n{story}"));
        console.print(&self.replay_command(guarantee, broken.seed, small));
    }

    /// The commands that store the counterexample of a seed's run and replay it.
    fn replay_command(&self, guarantee: Guarantee, seed: u64, small: &Small) -> String {
        let name = file_name(guarantee, small);
        let folder = self.arguments.telling.save.as_deref();
        let path = folder.map_or_else(|| name.clone().into(), |folder| folder.join(&name));
        let replay = shell(&["replay".to_owned(), path.display().to_string()]);
        let lines = match folder {
            Some(_) => format!("      {replay}\n"),
            None => {
                let mut words = self.arguments.command_line(Some(seed));
                if !wanted(Stories::Level).contains(&guarantee) {
                    words.push("--story=all".to_owned());
                }
                format!("      {} --save .\n      {replay}\n", shell(&words))
            }
        };
        format!("\n  Replay it step by step:\n{lines}")
    }
}

/// A command of ours as a shell reads it.
fn shell(words: &[String]) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,+@%".contains(letter);
    let word = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    let words: Vec<String> = words.iter().map(word).collect();
    format!("brokerproof {}", words.join(" "))
}

/// Writes down the actions of a run up to a limit, and ends it there.
struct UpTo<'a> {
    actions: &'a mut Vec<Action>,
    limit: usize,
}

impl crate::simulate::Observer for UpTo<'_> {
    const READS_STORIES: bool = false;

    fn performed(&mut self, moment: crate::simulate::Moment<'_>) -> std::ops::ControlFlow<()> {
        self.actions.push(moment.action);
        if self.actions.len() >= self.limit {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    }
}

fn small(
    scenario: Scenario,
    changed: bool,
    broken: &Broken,
    actions: &[Action],
    states: u64,
) -> Option<Small> {
    let scene = Scene::new(scenario.setting.clone());
    let reduced = reduce(&scene, &scenario.path, actions, &broken.finding)?;
    let finding = reduced.found.finding;
    let breach = certify(&scene, finding, &reduced.schedule, &reduced.circle, states);
    Some(Small { scenario, changed, seed: broken.seed, steps: broken.step, reduced, breach })
}

/// No more faults than so many.
fn bound(faults: &mut FaultSetting, most: u32) {
    faults.total = faults.total.min(most);
    faults.kinds.iter_mut().for_each(|(_, cap)| *cap = (*cap).min(most));
}

fn file_name(guarantee: Guarantee, small: &Small) -> String {
    let name = &small.scenario.name;
    format!("{name}.seed-{}.{}.schedule", small.seed, guarantee.name())
}

/// Writes a schedule into a folder, and beside it the scenario, if that is another than the file's.
fn save(
    folder: &Path,
    guarantee: Guarantee,
    small: &Small,
    console: &Console,
) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut schedule = small.breach.whole();
    let name = file_name(guarantee, small);
    if small.changed {
        let changed = name.replace(".schedule", ".toml");
        let mut scenario = small.scenario.clone();
        // What the other scenario claims says nothing about this one.
        scenario.expectations.clear();
        // A file has fewer faults than a long run, and a run made small has fewer still.
        bound(&mut scenario.setting.faults, MOST_FAULTS);
        write_new(&folder.join(&changed), &write(&scenario), console)?;
        schedule.scenario = changed;
    }
    let scene = Scene::new(small.scenario.setting.clone());
    let trace = trace(&scene, &schedule).map_err(|error| format!("{error:?}"))?;
    let title = format!("Found by seed {}, reduced, and certified if it says so.", small.seed);
    let text = schedule::commented(&small.scenario.setting, &schedule, &trace, &title);
    write_new(&folder.join(name), &text, console)
}
