//! A run that breaks something is reduced to the few choices that matter.
//!
//! A run is told apart from the plain one, in which the oldest action comes first and no fault strikes, by
//! its *choices*: at this step that action instead. Delta debugging (Zeller and Hildebrandt 2002) leaves out
//! as many as it can; what is left is moved to where it is simplest. Every candidate is a run of the model,
//! judged like any other.

use crate::cluster::Effects;
use crate::guarantee::{Anomaly, Finding, Guarantee, Subject};
use crate::simulate::judge::{Found, Judge};
use crate::simulate::look::Looks;
use crate::simulate::race::Race;
use crate::system::{Model, Schedule};
use crate::world::circle::{self, Circle, Lasso};
use crate::world::{Action, Scene, World};

/// One choice: at this step of the run, counted from 0, this action instead of the oldest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The step.
    pub step: u64,
    /// The action.
    pub action: Action,
}

/// What is left of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reduced {
    /// The choices.
    pub choices: Vec<Choice>,
    /// The whole run up to what it shows.
    pub schedule: Schedule<Action>,
    /// For a livelock, the circle at the end of the schedule.
    pub circle: Vec<Action>,
    /// What it shows.
    pub found: Found,
    /// How many runs it took.
    pub runs: u64,
}

/// How far strikes are moved in search of their place, in steps.
const SCANNED: u64 = 40;
/// Runs that reducing may take at most.
const RUNS: u64 = 4_000;

/// Reduces a run, given by its actions, that shows what was found. None if the actions that differ from the plain run
/// do not show a breach of that guarantee.
pub fn reduce(
    scene: &Scene,
    scenario: &str,
    actions: &[Action],
    finding: &Finding,
) -> Option<Reduced> {
    let limit = 4 * actions.len() as u64 + 2000;
    let mut trial = Trial {
        scene,
        judge: Judge::new(scene),
        guarantee: finding.anomaly.breaks(),
        subject: finding.subject,
        circles: finding.anomaly == Anomaly::Livelock,
        limit,
        runs: 0,
        race: Race::default(),
        initial: scene.initial().swap_remove(0),
    };
    let choices = trial.choices_of(actions);
    trial.shows(&choices)?;
    let mut choices = trial.leave_out(choices);
    loop {
        let before = choices.clone();
        choices = trial.strikes_alone(choices);
        choices = trial.leave_out_and_shift(choices);
        choices = trial.simplify(choices);
        choices = trial.leave_out(choices);
        if choices == before || trial.runs >= RUNS {
            break;
        }
    }
    let (found, actions) = trial.shows(&choices)?;
    let actions = to_rest(scene, actions);
    let (actions, circle) = match found.finding.anomaly {
        Anomaly::Livelock => {
            let lasso = lasso(scene, &actions, &found.finding)?;
            (lasso.stem, lasso.round)
        }
        _ => (actions, Vec::new()),
    };
    let origin = format!("simulate: {}", found.guarantee().name());
    let schedule = Schedule::new(scenario, origin, actions);
    Some(Reduced { choices, schedule, circle, found, runs: trial.runs })
}

/// The actions up to where the last ones change nothing.
fn to_rest(scene: &Scene, mut actions: Vec<Action>) -> Vec<Action> {
    let end = circle::end_of(scene, &actions);
    let mut world = scene.initial().swap_remove(0);
    for step in 0..actions.len() {
        if world == end {
            actions.truncate(step);
            break;
        }
        scene.step(&mut world, &actions[step], &mut Vec::new());
    }
    actions
}

/// The way into the circle that a run with a livelock ends in, and around.
pub fn lasso(scene: &Scene, run: &[Action], finding: &Finding) -> Option<Lasso> {
    let circle = Circle::around(scene, &circle::end_of(scene, run), circle::STATES)?;
    let (guarantee, subject) = (finding.anomaly.breaks(), finding.subject);
    circle.lasso(scene, run, |world| !scene.findings(guarantee, subject, world, true).is_empty())
}

/// Notices a state that was there before: it remembers one at a time, each twice as long as the one before
/// (Brent 1980).
#[derive(Default)]
struct Returns {
    remembered: Option<World>,
    until: u64,
}

impl Returns {
    fn has_returned(&mut self, step: u64, world: &World) -> bool {
        let returned = self.remembered.as_ref() == Some(world);
        if returned || step >= self.until {
            self.until = 2 * step + 1;
            self.remembered = Some(world.clone());
        }
        returned
    }
}

struct Trial<'a> {
    scene: &'a Scene,
    judge: Judge,
    guarantee: Guarantee,
    subject: Subject,
    /// Whether circles are looked for.
    circles: bool,
    limit: u64,
    runs: u64,
    race: Race,
    initial: World,
}

impl Trial<'_> {
    /// Where the actions differ from the plain run.
    fn choices_of(&mut self, actions: &[Action]) -> Vec<Choice> {
        let mut choices = Vec::new();
        let mut world = self.begin();
        for (step, &action) in (0..).zip(actions) {
            if self.race.oldest() != Some(action) {
                choices.push(Choice { step, action });
            }
            self.scene.step(&mut world, &action, &mut Vec::new());
            self.race.update(self.scene, &world, Some(action), None);
        }
        choices
    }

    fn begin(&mut self) -> World {
        let world = self.initial.clone();
        self.race.begin();
        self.race.update(self.scene, &world, None, None);
        world
    }

    fn possible(&self, world: &World, action: Action) -> bool {
        match action {
            Action::Strike(fault, _) => {
                let mut strikes = Vec::new();
                self.scene.strikes_of(world, fault, &mut strikes);
                strikes.contains(&action)
            }
            _ => self.race.entries().any(|entry| entry.action == action),
        }
    }

    /// Performs the plain run with these choices, as far as they are possible. What it shows, and its
    /// actions up to there; none if it does not show it.
    fn shows(&mut self, choices: &[Choice]) -> Option<(Found, Vec<Action>)> {
        self.runs += 1;
        let mut world = self.begin();
        let (mut actions, mut effects) = (Vec::new(), Effects::default());
        let mut coming = choices.iter().peekable();
        let (mut found, mut returns) = (Vec::new(), Returns::default());
        let mut looks = Looks::default();
        for step in 0..self.limit {
            let mut chosen = None;
            while let Some(choice) = coming.next_if(|choice| choice.step <= step) {
                if self.possible(&world, choice.action) {
                    chosen = Some(choice.action);
                    break;
                }
            }
            let looks = looks.is_due(effects.list(), step);
            let is_at_rest = || self.race.is_at_rest(self.scene, &world);
            if chosen.is_none() && (self.race.count() == 0 || looks && is_at_rest()) {
                self.judge.at_rest(self.scene, &world, step, &mut found);
                // What was to come later comes now, or never.
                let late = coming.find(|choice| self.possible(&world, choice.action));
                chosen = late.map(|choice| choice.action);
                if self.wanted(&found).is_some() || chosen.is_none() {
                    break;
                }
            }
            if self.circles && coming.peek().is_none() && returns.has_returned(step, &world) {
                let circle = Circle::around(self.scene, &world, circle::STATES);
                let look = |circle| self.judge.in_circle(self.scene, &circle, step, &mut found);
                if circle.map(look).is_some() {
                    break;
                }
            }
            let action = chosen.or_else(|| self.race.oldest())?;
            effects.begin(true);
            self.scene.step_into(&mut world, &action, &mut effects);
            actions.push(action);
            self.judge.after_step(&world, effects.list(), step + 1, &mut found);
            if self.wanted(&found).is_some() {
                break;
            }
            self.race.update(self.scene, &world, Some(action), None);
        }
        self.wanted(&found).map(|found| (found, actions))
    }

    fn wanted(&self, found: &[Found]) -> Option<Found> {
        let wanted = |found: &&Found| {
            found.guarantee() == self.guarantee && found.finding.subject == self.subject
        };
        found.iter().find(wanted).copied()
    }

    fn holds_without(&mut self, choices: &[Choice]) -> bool {
        self.runs < RUNS && self.shows(choices).is_some()
    }

    /// Leaves out as many choices as possible, large parts first.
    fn leave_out(&mut self, mut choices: Vec<Choice>) -> Vec<Choice> {
        let mut size = choices.len().div_ceil(2).max(1);
        loop {
            let mut begin = 0;
            let mut smaller = false;
            while begin < choices.len() {
                let end = (begin + size).min(choices.len());
                let rest = [&choices[..begin], &choices[end..]].concat();
                if self.holds_without(&rest) {
                    choices = rest;
                    smaller = true;
                } else {
                    begin = end;
                }
            }
            if size == 1 && !smaller || choices.is_empty() || self.runs >= RUNS {
                return choices;
            }
            size = if size == 1 { 1 } else { size.div_ceil(2).min(choices.len().max(1)) };
        }
    }

    /// Looks for a place at which the strikes alone show it, all of them moved by the same distance. Other
    /// choices mostly bring a strike to its place, which another place for the strike does as well.
    fn strikes_alone(&mut self, choices: Vec<Choice>) -> Vec<Choice> {
        let is_strike = |choice: &&Choice| matches!(choice.action, Action::Strike(..));
        let strikes: Vec<Choice> = choices.iter().filter(is_strike).copied().collect();
        if strikes.is_empty() || strikes.len() == choices.len() {
            return choices;
        }
        let first = strikes[0].step;
        for distance in 0..=SCANNED {
            for place in [first.checked_sub(distance), first.checked_add(distance)] {
                let Some(place) = place else { continue };
                let moved: Vec<Choice> = strikes
                    .iter()
                    .map(|choice| Choice { step: choice.step - first + place, ..*choice })
                    .collect();
                if self.holds_without(&moved) {
                    return moved;
                }
            }
        }
        choices
    }

    /// Leaves out single choices, with all later ones moved a little: what was left out took a step.
    fn leave_out_and_shift(&mut self, mut choices: Vec<Choice>) -> Vec<Choice> {
        let mut place = choices.len();
        while place > 0 {
            place -= 1;
            if place >= choices.len() || choices.len() <= 1 {
                continue;
            }
            for shift in [1, -1, 2, -2, 3, -3] {
                let mut rest = choices.clone();
                rest.remove(place);
                for later in &mut rest[place..] {
                    later.step = later.step.saturating_add_signed(shift);
                }
                if self.holds_without(&rest) {
                    choices = rest;
                    break;
                }
            }
        }
        choices
    }

    /// Moves each choice to the earliest step at which it does the same, so that fewer steps come before
    /// it; what an earlier one makes needless is left out afterwards.
    fn simplify(&mut self, mut choices: Vec<Choice>) -> Vec<Choice> {
        for place in 0..choices.len() {
            let least = place.checked_sub(1).map_or(0, |before| choices[before].step);
            let mut distance = choices[place].step.saturating_sub(least);
            while distance > 0 {
                let mut moved = choices.clone();
                moved[place].step -= distance.min(moved[place].step - least);
                if moved != choices && self.shows_shorter(&choices, &moved) {
                    choices = moved;
                }
                distance /= 2;
            }
        }
        choices
    }

    /// Whether other choices show it in a run that is not longer.
    fn shows_shorter(&mut self, choices: &[Choice], other: &[Choice]) -> bool {
        if self.runs >= RUNS {
            return false;
        }
        let length = self.shows(choices).map_or(usize::MAX, |(_, actions)| actions.len());
        self.shows(other).is_some_and(|(_, actions)| actions.len() <= length)
    }
}
