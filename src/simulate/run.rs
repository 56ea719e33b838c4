//! One run: perturbed first, then healthy, to rest.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use crate::cluster::timer::Freedom;
use crate::cluster::{Effect, Effects, LinkId};
use crate::fault::{FAULTS, FaultId, Target};
use crate::guarantee::{Guarantee, Subject};
use crate::history::Event;
use crate::simulate::contact::failed;
use crate::simulate::judge::{Found, Judge};
use crate::simulate::look::Looks;
use crate::simulate::pace::{Micros, Pace};
use crate::simulate::race::{Clocks, Race};
use crate::simulate::strategy::{Asked, Drawn, Order, When, allowed, draw};
use crate::simulate::stream::{Purpose, Stream};
use crate::simulate::threads::{thread, threads};
use crate::system::Model;
use crate::world::circle::{self, Circle};
use crate::world::{Action, Scene, World};

/// How far the perturbed part of a run goes; then no more fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Limits {
    /// Steps; none: ten times as many as the run without faults has.
    pub steps: Option<u64>,
    /// Virtual time.
    pub time: Option<Micros>,
}

/// What a run shows to whoever watches: one action that was performed.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// Virtual time; 0 if no clocks run.
    pub now: Micros,
    /// The action.
    pub action: Action,
    /// What it did.
    pub effects: &'a [Effect],
    /// The state after it.
    pub world: &'a World,
}

/// Watches a run.
pub trait Observer {
    /// Whether it reads messages, notes, or what programs did. If not, they are left out of the effects, and
    /// the run is faster.
    const READS_STORIES: bool = true;

    /// An action was performed. When it breaks, the run ends there.
    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()>;
}

/// Nobody watches.
impl Observer for () {
    const READS_STORIES: bool = false;

    fn performed(&mut self, _moment: Moment<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Writes the actions down.
impl Observer for Vec<Action> {
    const READS_STORIES: bool = false;

    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        self.push(moment.action);
        ControlFlow::Continue(())
    }
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// At rest.
    Rest,
    /// In a circle: so many states can follow without a further fault, and none of them is at rest.
    Circle(usize),
    /// Neither, within its steps.
    Steps,
}

/// How a run went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// How many actions were performed, strikes included.
    pub steps: u64,
    /// How often each fault struck, by [`FaultId`].
    pub struck: Vec<u32>,
    /// Virtual time at its end; 0 if no clocks ran.
    pub time: Micros,
    /// How it ended.
    pub end: End,
    /// What it leaves open, since it came to no rest: guarantees that are judged at rest.
    pub open: Vec<(Subject, Guarantee)>,
    /// The first anomaly of each guarantee that it breaks, in the order in which they came.
    pub found: Vec<Found>,
}

impl Outcome {
    /// How many faults struck.
    pub fn faults(&self) -> u64 {
        self.struck.iter().map(|&count| u64::from(count)).sum()
    }
}

/// Steps that the run without faults may have before its length is only estimated.
const LENGTH: u64 = 20_000;
/// Healthy steps beyond twice the plain run after which a circle is looked for, then after twice as many.
const CIRCLING: u64 = 500;

/// Draws runs of a scenario. Keeps its memory from one run to the next.
#[derive(Clone, Debug)]
pub struct Simulator<'a> {
    scene: &'a Scene,
    /// How long things take.
    pub pace: Pace,
    /// What is not drawn.
    pub asked: Asked,
    /// How far the perturbed part goes.
    pub limits: Limits,
    judge: Judge,
    initial: World,
    /// The faults that the scenario allows.
    allowed: Vec<FaultId>,
    length: u64,
    race: Race,
    effects: Effects,
    strikes: Vec<Action>,
}

impl<'a> Simulator<'a> {
    /// A simulator of a scenario; performs it once without faults, to learn how long it is.
    pub fn new(scene: &'a Scene) -> Simulator<'a> {
        let mut simulator = Simulator {
            scene,
            pace: Pace::default(),
            asked: Asked::default(),
            limits: Limits::default(),
            judge: Judge::new(scene),
            initial: scene.initial().swap_remove(0),
            allowed: allowed(&scene.setting),
            length: 0,
            race: Race::default(),
            effects: Effects::default(),
            strikes: Vec::new(),
        };
        simulator.length = simulator.measure_length();
        simulator
    }

    /// The steps of the run without faults, the oldest action first.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// What is drawn for a seed before its run begins.
    pub fn drawn(&self, seed: u64) -> Drawn {
        draw(seed, &self.allowed, self.scene.setting.faults.total, self.length, &self.asked)
    }

    /// The run of a seed.
    pub fn run(&mut self, seed: u64, observer: &mut impl Observer) -> Outcome {
        let drawn = self.drawn(seed);
        self.run_drawn(seed, &drawn, observer)
    }

    /// The run of a seed with what was drawn, or changed, before.
    pub fn run_drawn(&mut self, seed: u64, drawn: &Drawn, observer: &mut impl Observer) -> Outcome {
        let steps = self.limits.steps.unwrap_or(10 * self.length + 100);
        let mut run = Run {
            simulator: self,
            drawn,
            choice: Stream::new(seed, Purpose::Choice),
            delays: Stream::new(seed, Purpose::Delay),
            faults: Stream::new(seed, Purpose::Fault),
            priorities: Vec::new(),
            changes: 0,
            next: 0,
            pending: 0,
            waiting: Vec::new(),
            next_time: None,
            perturbed_steps: steps,
            healthy: drawn.when == When::Never,
            looks: Looks::default(),
            at_rest: false,
            next_circle: None,
            outcome: Outcome {
                seed,
                steps: 0,
                struck: vec![0; FAULTS.len()],
                time: 0,
                end: End::Steps,
                open: Vec::new(),
                found: Vec::new(),
            },
        };
        run.perform_all(observer);
        let mut outcome = run.outcome;
        if outcome.end == End::Steps {
            outcome.open = self.judge.left_open(&outcome.found);
        }
        outcome.time = self.race.now;
        outcome
    }

    fn measure_length(&mut self) -> u64 {
        let fifo = Drawn {
            strategy: crate::simulate::Strategy::Fifo,
            order: Order::Fifo,
            kinds: Vec::new(),
            when: When::Never,
        };
        self.limits.steps = Some(LENGTH);
        let handed = &mut Handed::default();
        let outcome = self.run_drawn(0, &fifo, handed);
        self.limits.steps = None;
        let records: u64 =
            self.scene.setting.sources.iter().map(|source| u64::from(source.records)).sum();
        match outcome.end {
            End::Rest => outcome.steps,
            // What goes on when all is handed out may go on for ever.
            _ if handed.count >= records => handed.last_progress,
            _ => outcome.steps * records / handed.count.max(1),
        }
    }
}

/// Watches the run without faults.
#[derive(Default)]
struct Handed {
    /// How many records the sources have handed out.
    count: u64,
    steps: u64,
    /// After how many steps a record was handed out or had an effect for the last time.
    last_progress: u64,
}

impl Observer for Handed {
    const READS_STORIES: bool = false;

    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        self.steps += 1;
        for effect in moment.effects {
            match effect {
                Effect::Event(Event::Handed { .. }) => self.count += 1,
                Effect::Event(Event::Effect { .. }) => {}
                _ => continue,
            }
            self.last_progress = self.steps;
        }
        ControlFlow::Continue(())
    }
}

struct Run<'r, 'a> {
    simulator: &'r mut Simulator<'a>,
    drawn: &'r Drawn,
    choice: Stream,
    delays: Stream,
    faults: Stream,
    /// Of each thread; the highest runs.
    priorities: Vec<u64>,
    /// How many changes of priority are behind.
    changes: usize,
    /// How many points of the fault schedule are behind.
    next: usize,
    /// Strikes of the present burst that are still to come.
    pending: u32,
    /// Faults that are due, but have found nothing to strike so far.
    waiting: Vec<(FaultId, Option<Target>)>,
    /// When the next burst begins.
    next_time: Option<Micros>,
    perturbed_steps: u64,
    healthy: bool,
    looks: Looks,
    /// The last look has found it at rest.
    at_rest: bool,
    /// When a circle is looked for next; none before the run is healthy.
    next_circle: Option<u64>,
    outcome: Outcome,
}

impl Run<'_, '_> {
    fn perform_all(&mut self, observer: &mut impl Observer) {
        let mut world = self.simulator.initial.clone();
        self.simulator.race.begin();
        self.simulator.effects.begin(true);
        self.begin_order(&world);
        self.update(&world, None, None);
        while let Some(action) = self.choose(&world) {
            if self.perform(&mut world, action, observer).is_break() {
                return;
            }
            let effects = self.simulator.effects.list();
            self.at_rest =
                self.looks.is_due(effects, self.outcome.steps) && self.is_at_rest(&world);
            if self.is_circle_due() && self.is_in_circle(&world) {
                return;
            }
        }
    }

    /// Whether it is worth to look for a circle.
    fn is_circle_due(&mut self) -> bool {
        if !self.healthy || self.at_rest {
            return false;
        }
        let (steps, first) = (self.outcome.steps, 2 * self.simulator.length + CIRCLING);
        let next = *self.next_circle.get_or_insert(steps.saturating_add(first));
        let due = steps >= next;
        if due {
            self.next_circle = Some(steps.saturating_mul(2));
        }
        due
    }

    /// Whether nothing but a fault leads to rest from here; then the run ends.
    fn is_in_circle(&mut self, world: &World) -> bool {
        let Simulator { judge, scene, .. } = &*self.simulator;
        let Some(circle) = Circle::around(scene, world, circle::STATES) else { return false };
        self.outcome.open =
            judge.in_circle(scene, &circle, self.outcome.steps, &mut self.outcome.found);
        self.outcome.end = End::Circle(circle.states());
        true
    }

    /// Whether every enabled action leaves the state as it is.
    fn is_at_rest(&self, world: &World) -> bool {
        let Simulator { scene, race, .. } = &*self.simulator;
        let rests = race.is_at_rest(scene, world);
        // Copies of a large world take long.
        debug_assert!(self.outcome.steps > LENGTH || rests == scene.is_quiescent(world));
        rests
    }

    fn begin_order(&mut self, world: &World) {
        if let Order::Priorities { .. } = self.drawn.order {
            let threads = threads(world);
            let mut ranks: Vec<u64> = (0..threads as u64).collect();
            for last in (1..threads).rev() {
                ranks.swap(last, self.choice.index(last + 1));
            }
            // Below them is room for threads that fall.
            self.priorities = ranks.into_iter().map(|rank| rank + LOWERED).collect();
        }
        if let When::Rate { every, .. } = self.drawn.when {
            self.next_time = Some(self.faults.exponential(every));
        }
    }

    fn update(
        &mut self,
        world: &World,
        performed: Option<Action>,
        answered: Option<(LinkId, bool)>,
    ) {
        let simulator = &mut *self.simulator;
        let clocks = (self.drawn.order == Order::Clocks).then_some(Clocks {
            pace: &simulator.pace,
            delays: &mut self.delays,
            effects: simulator.effects.list(),
            answered,
        });
        simulator.race.update(simulator.scene, world, performed, clocks);
    }

    fn perform<O: Observer>(
        &mut self,
        world: &mut World,
        action: Action,
        observer: &mut O,
    ) -> ControlFlow<()> {
        let answered = match action {
            Action::DeliverResponse(link) => {
                let answer = world.cluster.link(link).answers.front();
                answer.map(|answer| (link, failed(answer)))
            }
            _ => None,
        };
        let simulator = &mut *self.simulator;
        simulator.effects.begin(!O::READS_STORIES);
        simulator.scene.step_into(world, &action, &mut simulator.effects);
        self.outcome.steps += 1;
        if let Action::Strike(FaultId(fault), _) = action {
            self.outcome.struck[usize::from(fault)] += 1;
        }
        let step = self.outcome.steps;
        simulator.judge.after_step(world, simulator.effects.list(), step, &mut self.outcome.found);
        let (now, effects) = (simulator.race.now, simulator.effects.list());
        observer.performed(Moment { now, action, effects, world })?;
        if effects.iter().any(|effect| matches!(effect, Effect::Event(Event::Handed { .. }))) {
            // No circle begins before the last record is handed out.
            self.next_circle = None;
        }
        self.update(world, Some(action), answered);
        ControlFlow::Continue(())
    }

    /// The state is at rest.
    fn rest(&mut self, world: &World) {
        let Simulator { judge, scene, .. } = &*self.simulator;
        judge.at_rest(scene, world, self.outcome.steps, &mut self.outcome.found);
        self.outcome.end = End::Rest;
    }

    /// The next action; none at the end of the run.
    fn choose(&mut self, world: &World) -> Option<Action> {
        self.heal(world);
        if self.at_rest || self.simulator.race.count() == 0 {
            self.rest(world);
            return self.strike_at_rest(world);
        }
        self.outcome.end = End::Steps;
        if !self.healthy
            && let Some(strike) = self.strike(world)
        {
            return Some(strike);
        }
        let race = &mut self.simulator.race;
        // The end of a run that comes to no rest.
        let patience = 20 * self.simulator.length + 2000;
        if self.outcome.steps >= self.perturbed_steps.saturating_add(patience) {
            return None;
        }
        match &self.drawn.order {
            Order::Clocks => {
                let (action, due) = race.earliest()?;
                self.simulator.race.now = due.max(self.simulator.race.now);
                Some(action)
            }
            Order::Fifo => self.oldest(),
            _ if self.healthy && self.outcome.steps > self.perturbed_steps => race.oldest(),
            Order::Random => Some(race.at(self.choice.index(race.count()))),
            Order::Priorities { .. } => self.highest(world),
        }
    }

    /// The oldest. What only may happen after a fault has no turn, or it would always happen before whatever comes
    /// of that fault: a request that outlived its connection arrives, is lost, or stays on its way; a timer that was
    /// held up is over, or not yet. A broker that lost its power has lost some of what it had not flushed, or nothing.
    fn oldest(&mut self) -> Option<Action> {
        let race = &self.simulator.race;
        let oldest = race.oldest()?;
        if oldest == Action::RestartBroker
            && race.entries().any(|entry| is_loss(&entry.action))
            && self.choice.ratio(1, 2)
        {
            return self.any_of(is_loss);
        }
        if !is_optional(&oldest) {
            return Some(oldest);
        }
        match (self.choice.below(4), oldest) {
            (0, _) => Some(oldest),
            (1, Action::DeliverLate(link, n)) => Some(Action::LoseLate(link, n)),
            _ => race.oldest_of(|action| !is_optional(action)).or(Some(oldest)),
        }
    }

    /// Ends the perturbed part when its time has come.
    fn heal(&mut self, world: &World) {
        let time = self.simulator.limits.time;
        self.healthy |= self.outcome.steps >= self.perturbed_steps
            || time.is_some_and(|time| self.simulator.race.now >= time)
            || world.budget.total == 0;
    }

    /// The thread of highest priority, which falls if its time has come.
    fn highest(&mut self, world: &World) -> Option<Action> {
        let Order::Priorities { changes, .. } = &self.drawn.order else { return None };
        let actions = self.simulator.race.entries().map(|entry| entry.action);
        let priority = |action: &Action| self.priorities[thread(world, action)];
        let best = actions.max_by_key(|action| (priority(action), Reverse(*action)))?;
        if changes.get(self.changes).is_some_and(|&step| self.outcome.steps >= step) {
            self.priorities[thread(world, &best)] = LOWERED - 1 - self.changes as u64;
            self.changes += 1;
            return self.highest(world);
        }
        // How much is lost is drawn; by rank it would always be the most.
        if is_loss(&best) {
            self.any_of(|action| thread(world, action) == thread(world, &best))
        } else {
            Some(best)
        }
    }

    /// One of the enabled actions of a kind.
    fn any_of(&mut self, wanted: impl Fn(&Action) -> bool) -> Option<Action> {
        let race = &self.simulator.race;
        let mut actions: Vec<Action> =
            race.entries().map(|entry| entry.action).filter(wanted).collect();
        actions.sort_unstable();
        (!actions.is_empty()).then(|| actions[self.choice.index(actions.len())])
    }

    /// A strike, if it is time for one.
    fn strike(&mut self, world: &World) -> Option<Action> {
        match &self.drawn.when {
            When::Never => None,
            When::Among(from) if self.outcome.steps < *from => None,
            When::Among(_) => {
                self.list_strikes(world);
                let (free, strikes) = (self.simulator.race.count(), &self.simulator.strikes);
                let drawn = self.choice.index(free + strikes.len());
                drawn.checked_sub(free).map(|strike| strikes[strike])
            }
            When::Chance { from, .. } if self.outcome.steps < *from => None,
            When::Chance { part, whole, .. } => {
                self.faults.ratio(*part, *whole).then(|| self.any_strike(world)).flatten()
            }
            When::Steps(steps) => {
                let ahead = steps.get(self.next..).unwrap_or_default();
                let due = ahead.iter().take_while(|&&step| step <= self.outcome.steps).count();
                self.next += due;
                for _ in 0..due {
                    let kind = self.faults.weighted(self.drawn.kinds.iter().map(|&(_, w)| w))?;
                    self.waiting.push((self.drawn.kinds[kind].0, None));
                }
                self.waiting_strike(world)
            }
            When::Planned(plan) => {
                let ahead = plan.get(self.next..).unwrap_or_default();
                let due = ahead.iter().take_while(|&&(step, _)| step <= self.outcome.steps);
                self.waiting.extend(due.clone().map(|&(_, fault)| (fault, None)));
                self.next += due.count();
                self.waiting_strike(world)
            }
            When::Rate { .. } | When::Times(_) => {
                let next = self.simulator.race.earliest().map(|(_, due)| due);
                self.strike_before(world, next)
            }
        }
    }

    /// With even chances a fault strikes a system at rest, as long as the budget lasts.
    fn strike_at_rest(&mut self, world: &World) -> Option<Action> {
        if self.healthy {
            return None;
        }
        match &self.drawn.when {
            When::Never => None,
            // Without an end nothing says how long a system at rest is watched.
            When::Rate { .. } if self.simulator.limits.time.is_none() => None,
            When::Rate { .. } | When::Times(_) => self.strike_before(world, None),
            When::Steps(steps) if self.next >= steps.len() && self.waiting.is_empty() => None,
            When::Steps(_) if !self.waiting.is_empty() => {
                // What found nothing to strike makes room for what does.
                self.waiting.pop();
                self.any_strike(world)
            }
            When::Planned(plan) => {
                if let Some(strike) = self.waiting_strike(world) {
                    return Some(strike);
                }
                let &(_, fault) = plan.get(self.next)?;
                self.next += 1;
                self.waiting.push((fault, None));
                self.strike_at_rest(world)
            }
            _ => self.faults.ratio(1, 2).then(|| self.any_strike(world)).flatten(),
        }
    }

    /// A strike that is due before the next action's time.
    fn strike_before(&mut self, world: &World, next: Option<Micros>) -> Option<Action> {
        let end = self.simulator.limits.time.unwrap_or(Micros::MAX);
        let until = next.unwrap_or(end).min(end);
        loop {
            if let Some(strike) = self.waiting_strike(world) {
                return Some(strike);
            }
            if self.pending > 0 {
                self.pending -= 1;
                let strike = self.any_strike(world);
                if strike.is_none() {
                    self.miss_until(until);
                }
                return strike;
            }
            match &self.drawn.when {
                When::Rate { every, burst } => {
                    let time = self.next_time.filter(|&time| time < until)?;
                    self.next_time = Some(time.saturating_add(1 + self.faults.exponential(*every)));
                    self.pending = *burst;
                    self.simulator.race.now = self.simulator.race.now.max(time);
                }
                When::Times(times) => {
                    let &(time, fault, target) = times.get(self.next)?;
                    if time > until {
                        return None;
                    }
                    self.next += 1;
                    self.simulator.race.now = self.simulator.race.now.max(time);
                    self.waiting.push((fault, target));
                }
                _ => return None,
            }
        }
    }

    /// Nothing can be struck now, nor before the next action: what was to come until then is lost. How long it takes
    /// from then on does not depend on how long it took so far.
    fn miss_until(&mut self, until: Micros) {
        self.pending = 0;
        if let When::Rate { every, .. } = self.drawn.when {
            let next = until.saturating_add(self.faults.exponential(every));
            self.next_time = self.next_time.map(|time| time.max(next));
        }
    }

    /// The first fault that is due and finds something to strike.
    fn waiting_strike(&mut self, world: &World) -> Option<Action> {
        (0..self.waiting.len()).find_map(|place| {
            let (fault, target) = self.waiting[place];
            let strike = self.strike_of(world, fault, target)?;
            self.waiting.remove(place);
            Some(strike)
        })
    }

    fn list_strikes(&mut self, world: &World) {
        self.simulator.strikes.clear();
        for &(fault, _) in &self.drawn.kinds {
            self.simulator.scene.strikes_of(world, fault, &mut self.simulator.strikes);
        }
    }

    /// A strike of a fault at a target, or at any of its targets; none if there is none now.
    fn strike_of(
        &mut self,
        world: &World,
        fault: FaultId,
        target: Option<Target>,
    ) -> Option<Action> {
        let strikes = &mut self.simulator.strikes;
        strikes.clear();
        self.simulator.scene.strikes_of(world, fault, strikes);
        if let Some(target) = target {
            strikes.retain(|strike| *strike == Action::Strike(fault, target));
        }
        (!strikes.is_empty()).then(|| strikes[self.faults.index(strikes.len())])
    }

    /// A strike of any fault, by weight, that has a target now.
    fn any_strike(&mut self, world: &World) -> Option<Action> {
        let mut kinds = self.drawn.kinds.clone();
        while let Some(drawn) = self.faults.weighted(kinds.iter().map(|&(_, weight)| weight)) {
            if let Some(strike) = self.strike_of(world, kinds[drawn].0, None) {
                return Some(strike);
            }
            kinds.remove(drawn);
        }
        None
    }
}

/// Whether an action only may happen, sooner or later, after a fault.
fn is_optional(action: &Action) -> bool {
    match action {
        Action::DeliverLate(..) | Action::LoseLate(..) => true,
        Action::Fire(_, timer) => timer.freedom() == Freedom::AfterFault,
        _ => false,
    }
}

/// Whether an action takes what a broker without power had not flushed.
fn is_loss(action: &Action) -> bool {
    matches!(action, Action::LoseTail(..) | Action::LoseCommit)
}

/// Priorities below this one are those of threads that fell.
const LOWERED: u64 = 1 << 32;
