//! Random walks: runs drawn from a seed. They find, and never show that something holds.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::found::Found;
use super::order::Watch;
use super::panics::quietly;
use super::search::Search;
use super::verdict::{Cost, Effort, Limit};
use super::{Progress, Report};
use crate::system::{Model, Schedule};

/// Which walks to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Walks {
    /// How many.
    pub runs: u64,
    /// The most steps of each.
    pub steps: u32,
    /// What they are drawn from; each run has a stream of its own.
    pub seed: u64,
}

/// A walk under way.
struct Walk<'w, 'a, M: Model, O> {
    search: &'w Search<'a, M, O>,
    found: Found<'a, M, O>,
    random: ChaCha8Rng,
    most_faults: u32,
    schedule: Schedule<M::Action>,
    state: M::State,
    cost: Cost,
    /// Where faults are bounded: the steps from which each of those of this run is due, the last one first.
    due: Option<Vec<u32>>,
}

/// The longest stretch of steps over which the faults of a run are spread, as a power of two.
const SPREAD: u32 = 10;
/// The most faults that are spread.
const MOST: u32 = 16;

/// Draws walks. Each action that may be performed has the same chance; but where faults are bounded, how many a run
/// has and when they are due is drawn before, since else its first steps would take them all.
pub(super) fn search<M: Model, O: Ord>(
    search: Search<'_, M, O>,
    walks: Walks,
    watch: Watch<'_>,
) -> Report<M::Action, O> {
    let mut found = Found::new(search.properties, search.stop_when_settled);
    let nothing = Cost { faults: 0, steps: 0 };
    let empty = Schedule::new(search.scenario.clone(), String::new(), Vec::new());
    let initial = match quietly(|| search.model.initial()) {
        Ok(initial) => initial,
        Err(message) => {
            found.fall(message, empty.clone(), nothing);
            Vec::new()
        }
    };
    let mut runs = 0;
    if let Some(first) = initial.first() {
        let budget = search.model.budget().into_iter().chain(search.limits.faults).min();
        let mut walk = Walk {
            search: &search,
            found,
            random: ChaCha8Rng::seed_from_u64(walks.seed),
            most_faults: budget.unwrap_or(u32::MAX),
            schedule: empty,
            state: first.clone(),
            cost: nothing,
            due: None,
        };
        while runs < walks.runs && !walk.found.halted {
            walk.run(&initial, runs, walks);
            runs += 1;
            let every = search.every.unwrap_or(256);
            if runs.is_multiple_of(every) && watch(&walk.progress()).is_break() {
                walk.found.cut(Limit::Stopped);
                walk.found.halted = true;
            }
        }
        found = walk.found;
    }
    found.report(Some(runs), Effort::default())
}

impl<M: Model, O: Ord> Walk<'_, '_, M, O> {
    fn progress(&self) -> Progress {
        Progress {
            states: self.found.explored.states,
            transitions: self.found.explored.transitions,
            frontier: 0,
            faults: self.cost.faults,
            steps: self.cost.steps,
            bytes: 0,
        }
    }

    /// A number below `count`, each with the same chance.
    fn below(&mut self, count: usize) -> usize {
        let count = count as u64;
        let rest = u64::MAX % count + 1;
        loop {
            let drawn = self.random.next_u64();
            if rest == count || drawn <= u64::MAX - rest {
                return (drawn % count) as usize;
            }
        }
    }

    fn run(&mut self, initial: &[M::State], run: u64, walks: Walks) {
        self.random = ChaCha8Rng::seed_from_u64(walks.seed);
        self.random.set_stream(run);
        self.schedule.actions.clear();
        self.schedule.initial = self.below(initial.len());
        self.state.clone_from(&initial[self.schedule.initial]);
        self.cost = Cost { faults: 0, steps: 0 };
        self.due = self.draw_faults();
        let origin = |why: &str| format!("walk {run} of seed {}: {why}", walks.seed);
        while self.look(&origin) && self.cost.steps < walks.steps {
            if !self.step(&origin) {
                break;
            }
        }
    }

    /// When the faults of a run are due, if they are bounded.
    fn draw_faults(&mut self) -> Option<Vec<u32>> {
        let most = self.most_faults;
        if most == 0 || most == u32::MAX {
            return None;
        }
        let count = 1 + self.below(most.min(MOST) as usize);
        let spread = 2 << self.below(SPREAD as usize);
        let mut due: Vec<u32> = (0..count).map(|_| self.below(spread) as u32).collect();
        due.sort_unstable_by(|one, other| other.cmp(one));
        Some(due)
    }

    /// Leaves of the actions those that may come now: faults when one is due or nothing else is possible, and then
    /// nothing else.
    fn choose(&mut self, actions: &mut Vec<(u32, M::Action)>) {
        let Some(due) = &mut self.due else { return };
        let possible = actions.iter().any(|(price, _)| *price > 0);
        let free = actions.iter().any(|(price, _)| *price == 0);
        let is_due = due.last().is_some_and(|step| *step <= self.cost.steps || !free);
        if possible && is_due {
            due.pop();
        }
        actions.retain(|(price, _)| (*price > 0) == (possible && is_due));
    }

    fn way(&self, origin: String) -> Schedule<M::Action> {
        Schedule { origin, ..self.schedule.clone() }
    }

    /// Judges the present state; whether the walk goes on.
    fn look(&mut self, origin: &impl Fn(&str) -> String) -> bool {
        let explored = &mut self.found.explored;
        explored.states += 1;
        explored.depth = explored.depth.max(self.cost.steps);
        explored.faults = explored.faults.max(self.cost.faults);
        let (schedule, cost) = (&self.schedule, self.cost);
        let way = |why: &str| Schedule { origin: origin(why), ..schedule.clone() };
        self.found.judge(&self.state, false, cost, way);
        let (model, state) = (self.search.model, &self.state);
        let asks = self.found.asks_at_rest() || self.search.outcome.is_some();
        if asks && quietly(|| model.is_quiescent(state)) == Ok(true) {
            self.found.explored.at_rest += 1;
            self.found.judge(state, true, cost, way);
            if let Some(outcome) = &self.search.outcome {
                match quietly(|| outcome(state)) {
                    Ok(outcome) => self.found.tell(outcome, cost),
                    Err(message) => self.found.fall(message, way("panic"), cost),
                }
            }
        }
        !self.found.halted
    }

    /// Performs an action by chance; whether there was one.
    fn step(&mut self, origin: &impl Fn(&str) -> String) -> bool {
        let (model, state, cost) = (self.search.model, &self.state, self.cost);
        let most = self.most_faults;
        let asked = quietly(|| {
            let mut actions = Vec::new();
            model.enabled(state, &mut actions);
            let allowed = |price: u32| cost.faults.checked_add(price).is_some_and(|f| f <= most);
            let priced = actions.into_iter().map(|action| (model.faults(&action), action));
            priced.filter(|(price, _)| allowed(*price)).collect::<Vec<_>>()
        });
        let mut actions = match asked {
            Ok(actions) => actions,
            Err(message) => {
                let schedule = self.way(origin("panic"));
                self.found.fall(message, schedule, cost);
                return false;
            }
        };
        self.choose(&mut actions);
        if actions.is_empty() {
            return false;
        }
        let (price, action) = actions.swap_remove(self.below(actions.len()));
        self.cost = Cost { faults: cost.faults + price, steps: cost.steps + 1 };
        self.schedule.actions.push(action.clone());
        let state = &mut self.state;
        if let Err(message) = quietly(|| model.step(state, &action, &mut Vec::new())) {
            let schedule = self.way(origin("panic"));
            self.found.fall(message, schedule, self.cost);
            return false;
        }
        self.found.explored.transitions += 1;
        true
    }
}
