//! Schedules as files: a readable text in which each action says what it did.

use std::fmt;
use std::str::FromStr;

use crate::decide::{Decided, Trace};
use crate::guarantee::Guarantee;
use crate::report::story::Story;
use crate::scenario::{Claim, Scenario, nearest};
use crate::system::schedule::line_of_action;
use crate::system::{Model, ReplayError, Schedule, ScheduleError};
use crate::world::{Action, Scene, Setting};

/// An action as a line: what it means is for the scenario to say, which knows the names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ActionLine(pub String);

impl fmt::Display for ActionLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ActionLine {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<ActionLine, Self::Err> {
        Ok(ActionLine(text.to_owned()))
    }
}

/// Why a text is no schedule of a scenario.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Misfit {
    /// It is no schedule at all.
    Format(ScheduleError),
    /// A line is no action of the scenario.
    Unknown {
        /// The line, counted from 1.
        line: usize,
        /// What stands there.
        found: String,
        /// The action that was probably meant.
        nearest: Option<String>,
    },
    /// An action is not possible where it stands.
    NotEnabled {
        /// The line, counted from 1.
        line: usize,
        /// The action.
        found: String,
        /// What is possible there.
        enabled: Vec<String>,
    },
    /// The scenario has fewer initial states than the schedule asks for.
    NoSuchInitial {
        /// The number asked for, counted from 0.
        asked: usize,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Format(error) => error.fmt(f),
            Misfit::Unknown { line, found, nearest } => {
                write!(f, "line {line}: expected an action of this scenario, found `{found}`")?;
                match nearest {
                    Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
                    None => write!(f, "; is it a schedule of another scenario?"),
                }
            }
            Misfit::NotEnabled { line, found, enabled } => {
                write!(f, "line {line}: `{found}` is not possible here")?;
                for action in enabled {
                    write!(f, "\n  possible: {action}")?;
                }
                write!(
                    f,
                    "\n  help: is it a schedule of another scenario, or was that changed since?"
                )
            }
            Misfit::NoSuchInitial { asked } => {
                write!(f, "this scenario begins in one state only, there is no initial = {asked}")
            }
        }
    }
}

impl std::error::Error for Misfit {}

/// A schedule of lines.
pub fn lines(setting: &Setting, schedule: &Schedule<Action>) -> Schedule<ActionLine> {
    let line = |action: &Action| ActionLine(setting.action_text(action));
    Schedule {
        format: schedule.format,
        scenario: schedule.scenario.clone(),
        origin: schedule.origin.clone(),
        initial: schedule.initial,
        actions: schedule.actions.iter().map(line).collect(),
    }
}

/// Reads the text of a schedule, without knowing its scenario.
///
/// # Errors
/// The first line that is not as it should be.
pub fn read(text: &str) -> Result<Schedule<ActionLine>, Misfit> {
    Schedule::parse(text).map_err(Misfit::Format)
}

/// The actions that the lines of a schedule name, each possible where it stands; `text` is what it was read from.
///
/// # Errors
/// The first line that is no action of the scenario, with the nearest one, or that is not possible where it
/// stands, with what is.
pub fn actions(
    scene: &Scene,
    schedule: &Schedule<ActionLine>,
    text: &str,
) -> Result<Schedule<Action>, Misfit> {
    let setting = &scene.setting;
    let mut initial = scene.initial();
    if schedule.initial >= initial.len() {
        return Err(Misfit::NoSuchInitial { asked: schedule.initial });
    }
    let mut world = initial.swap_remove(schedule.initial);
    let mut enabled = Vec::new();
    let mut actions = Vec::with_capacity(schedule.actions.len());
    for (number, ActionLine(line)) in schedule.actions.iter().enumerate() {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        enabled.clear();
        scene.enabled(&world, &mut enabled);
        let Some(action) = enabled.iter().find(|action| setting.action_text(action) == words)
        else {
            let line_number = line_of_action(text, number).unwrap_or(0);
            return Err(no_action(setting, &enabled, line_number, line, &words));
        };
        scene.step(&mut world, action, &mut Vec::new());
        actions.push(*action);
    }
    Ok(Schedule {
        format: schedule.format,
        scenario: schedule.scenario.clone(),
        origin: schedule.origin.clone(),
        initial: schedule.initial,
        actions,
    })
}

/// Faults up to which targets are enumerated for a message: enough to know every kind of action by its words.
const FAULTS_IN_MESSAGES: u32 = 4;

/// Why a line is not performed: it is no action at all, or none that is possible there.
fn no_action(
    setting: &Setting,
    enabled: &[Action],
    line: usize,
    found: &str,
    words: &str,
) -> Misfit {
    let mut smaller = setting.clone();
    smaller.faults.total = smaller.faults.total.min(FAULTS_IN_MESSAGES);
    let conceivable = smaller.conceivable_actions();
    let texts: Vec<String> = conceivable.iter().map(|a| setting.action_text(a)).collect();
    if texts.iter().any(|text| text == words) {
        let enabled = enabled.iter().map(|action| setting.action_text(action)).collect();
        return Misfit::NotEnabled { line, found: found.to_owned(), enabled };
    }
    let nearest = nearest(words, texts.iter().map(String::as_str)).map(str::to_owned);
    Misfit::Unknown { line, found: found.to_owned(), nearest }
}

/// Why a replay ended early, with the line of the schedule's text.
pub fn misfit(setting: &Setting, error: &ReplayError<Action>, text: &str) -> Misfit {
    match error {
        ReplayError::NoSuchInitial { asked, .. } => Misfit::NoSuchInitial { asked: *asked },
        ReplayError::NotEnabled { position, action, enabled } => Misfit::NotEnabled {
            line: line_of_action(text, *position).unwrap_or(0),
            found: setting.action_text(action),
            enabled: enabled.iter().map(|action| setting.action_text(action)).collect(),
        },
    }
}

/// The text of a schedule with a comment before each action, and one at the top.
pub fn commented(
    setting: &Setting,
    schedule: &Schedule<Action>,
    trace: &Trace,
    title: &str,
) -> String {
    let said = Story::of_steps(setting, trace);
    let mut said = said.iter();
    let mut text = String::new();
    for line in crate::report::text::wrap(title, 96) {
        text.push_str(&format!("# {line}\n"));
    }
    let mut in_actions = false;
    for line in lines(setting, schedule).to_string().lines() {
        if in_actions && line.starts_with(' ') {
            let what = said.next().map_or("", String::as_str);
            for comment in crate::report::text::wrap(what, 92) {
                text.push_str(&format!("  # {comment}\n"));
            }
        }
        in_actions |= line == "actions:";
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The guarantees whose counterexamples stand beside a scenario: both halves of the level, and those that the
/// scenario says something about.
pub fn kept(scenario: &Scenario) -> Vec<Guarantee> {
    let claims = || scenario.expectations.iter().flat_map(|expectation| &expectation.claims);
    let wanted = |guarantee: &Guarantee| {
        matches!(guarantee, Guarantee::AtMost | Guarantee::AtLeast)
            || claims().any(|claim| match claim {
                Claim::Holds(about, _) | Claim::BreaksAt(about, _) => about == guarantee,
                _ => false,
            })
    };
    Guarantee::ALL.iter().copied().filter(wanted).collect()
}

/// The name of the file with the counterexample of a guarantee: `commit-after.at-most.schedule`.
pub fn file_name(scenario: &Scenario, guarantee: Guarantee) -> String {
    format!("{}.{}.schedule", scenario.name, guarantee.name())
}

/// The files that belong beside a scenario: names and texts. The schedules name the scenario by its file's
/// name alone, so that both may be moved together.
pub fn files(scenario: &Scenario, decided: &Decided) -> Vec<(String, String)> {
    let scene = Scene::new(scenario.setting.clone());
    let mut files = Vec::new();
    for guarantee in kept(scenario) {
        let Some(breach) = decided.breach(guarantee) else { continue };
        let mut schedule = breach.whole();
        schedule.scenario = format!("{}.toml", scenario.name);
        // The checker's own schedule: it replays.
        let Ok(trace) = crate::decide::trace(&scene, &schedule) else { continue };
        let story =
            Story::of_finding(&scenario.setting, &trace, &breach.finding, breach.circle.len());
        let title = story.endings.join(" ");
        let text = commented(&scenario.setting, &schedule, &trace, &title);
        files.push((file_name(scenario, guarantee), text));
    }
    files
}
