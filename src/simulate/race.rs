//! The enabled actions and since when each is: newly enabled ones get a clock, disabled ones lose theirs.

use std::cmp::Ordering;

use crate::cluster::{ClientTimer, Effect, LinkId};
use crate::history::event::ProcessId;
use crate::simulate::contact::Contacts;
use crate::simulate::deadline::Deadlines;
use crate::simulate::pace::{Micros, Pace, duration, is_of_batch, is_periodic};
use crate::simulate::stream::Stream;
use crate::system::Model;
use crate::world::{Action, Scene, World};

/// An enabled action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) action: Action,
    /// The step since which it is enabled.
    since: u64,
    /// When its clock is over, if clocks run.
    due: Micros,
}

/// Where the clocks come from; none run if there is none.
pub(super) struct Clocks<'a> {
    pub(super) pace: &'a Pace,
    pub(super) delays: &'a mut Stream,
    /// What the last step did.
    pub(super) effects: &'a [Effect],
    /// The answer that it delivered, and whether it makes the client ask again after a while.
    pub(super) answered: Option<(LinkId, bool)>,
}

/// What is enabled.
#[derive(Clone, Default, Debug)]
pub(super) struct Race {
    /// What each process can do, as it was last looked at, in any order; the last list is the broker's.
    lists: Vec<Vec<Entry>>,
    /// A list before it was looked at anew.
    before: Vec<Entry>,
    listed: Vec<Action>,
    /// Whose clocks are to be drawn, with their places in the lists: what is enabled since the last action.
    new: Vec<(Action, usize, usize)>,
    /// Virtual time; it stands still if no clocks run.
    pub(super) now: Micros,
    steps: u64,
    /// When each periodic timer of a process is next due.
    periodic: Vec<(ProcessId, ClientTimer, Micros)>,
    contacts: Contacts,
    deadlines: Deadlines,
}

impl Race {
    /// Begins anew, keeping its memory.
    pub(super) fn begin(&mut self) {
        self.lists.iter_mut().for_each(Vec::clear);
        self.now = 0;
        self.steps = 0;
        self.periodic.clear();
        self.contacts.begin();
        self.deadlines.begin();
    }

    /// What is enabled now, in any order.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lists.iter().flatten()
    }

    /// How many actions are enabled now.
    pub(super) fn count(&self) -> usize {
        self.lists.iter().map(Vec::len).sum()
    }

    /// Of the enabled actions in their order the one at a place.
    pub(super) fn at(&mut self, place: usize) -> Action {
        self.listed.clear();
        self.listed.extend(self.lists.iter().flatten().map(|entry| entry.action));
        *self.listed.select_nth_unstable(place).1
    }

    /// Looks at what is enabled after a step; `performed` has lost its clock, even if it is enabled again.
    pub(super) fn update(
        &mut self,
        scene: &Scene,
        world: &World,
        performed: Option<Action>,
        mut clocks: Option<Clocks<'_>>,
    ) {
        self.steps += 1;
        if let Some(action) = performed {
            self.restart_periodic(scene, action);
        }
        if let Some(clocks) = &mut clocks {
            let setting = &scene.setting;
            if let Some(answered) = clocks.answered {
                self.contacts.answered(setting, answered, self.now, clocks.delays);
            }
            self.contacts.heed(setting, clocks.effects, self.now);
            self.deadlines.heed(setting, clocks.effects, self.now);
        }
        self.list(scene, world, performed);
        if let Some(mut clocks) = clocks {
            // Clocks are drawn in the order of actions.
            let mut new = std::mem::take(&mut self.new);
            new.sort_unstable();
            for &(action, list, place) in &new {
                self.lists[list][place].due = self.clock(scene, world, action, &mut clocks);
            }
            self.new = new;
        }
    }

    /// When the clock of an action is over that became enabled now.
    fn clock(
        &mut self,
        scene: &Scene,
        world: &World,
        action: Action,
        clocks: &mut Clocks<'_>,
    ) -> Micros {
        let (setting, delays) = (&scene.setting, &mut *clocks.delays);
        if let Action::Fire(process, timer) = action
            && is_of_batch(timer)
            && let Some(payload) = world.cluster.processes[usize::from(process.0)].expires_next(
                setting.fixed(),
                process,
                timer,
            )
        {
            let timeout = duration(setting, process, timer);
            return self.deadlines.over(process, payload, self.now, timeout);
        }
        let delay = match action {
            Action::Reconnect(link) => {
                self.contacts.until_connected(setting, link, self.now, delays)
            }
            _ => clocks.pace.delay(setting, &action, delays),
        };
        let begin = match action {
            Action::DeliverRequest(link) => self.now.max(self.contacts.waits_until(link)),
            _ => self.now,
        };
        due(&self.periodic, begin, action, delay)
    }

    /// Lists what is enabled; only those are looked at anew for whom the last action may have changed it. What was
    /// enabled before keeps its age and its clock.
    fn list(&mut self, scene: &Scene, world: &World, performed: Option<Action>) {
        let processes = world.cluster.processes.len();
        self.lists.resize_with(processes + 1, Vec::new);
        self.new.clear();
        for (number, list) in self.lists.iter_mut().enumerate() {
            let process = (number < processes).then_some(ProcessId(number as u8));
            if !performed.is_none_or(|action| scene.may_change(&action, process)) {
                continue;
            }
            self.listed.clear();
            scene.free_actions_of(world, process, &mut self.listed);
            std::mem::swap(list, &mut self.before);
            list.clear();
            for (place, &action) in self.listed.iter().enumerate() {
                let kept = self.before.iter().find(|entry| entry.action == action);
                let kept = kept.filter(|_| performed != Some(action));
                // Which batch is the next one may have changed.
                let asked = matches!(action, Action::Fire(_, timer) if is_of_batch(timer));
                if kept.is_none() || asked {
                    self.new.push((action, number, place));
                }
                list.push(kept.copied().unwrap_or(Entry { action, since: self.steps, due: 0 }));
            }
        }
        debug_assert!(
            {
                let mut all = Vec::new();
                scene.free_actions(world, &mut all);
                let mut mine: Vec<Action> = self.entries().map(|entry| entry.action).collect();
                mine.sort_unstable();
                all == mine
            },
            "{performed:?} changes what others can do"
        );
    }

    /// Whether every enabled action leaves the state as it is. To try one out takes a copy of the state; so first it
    /// looks whether only such actions are enabled as may: a program that works, or a timer. Everything else takes or
    /// gives something.
    pub(super) fn is_at_rest(&self, scene: &Scene, world: &World) -> bool {
        let may_rest = self.entries().all(|entry| match entry.action {
            Action::Run(id) => scene.setting.fixed().app_index(id).is_some(),
            Action::RunWorker(_) | Action::Evict(_) | Action::Fire(..) => true,
            _ => false,
        });
        may_rest && scene.is_quiescent(world)
    }

    /// A periodic timer begins anew when it is over, and when its process starts.
    fn restart_periodic(&mut self, scene: &Scene, action: Action) {
        match action {
            Action::Fire(process, timer) if is_periodic(timer) => {
                let next = self.now.saturating_add(duration(&scene.setting, process, timer));
                self.periodic.retain(|&(p, t, _)| (p, t) != (process, timer));
                self.periodic.push((process, timer, next));
            }
            Action::Restart(process) => {
                let periodic = ClientTimer::ALL.iter().filter(|&&timer| is_periodic(timer));
                for &timer in periodic {
                    self.restart_periodic(scene, Action::Fire(process, timer));
                }
            }
            _ => {}
        }
    }

    /// The one that has been enabled for longest; of several the least.
    pub(super) fn oldest(&self) -> Option<Action> {
        least(self.entries(), |entry| entry.since).map(|entry| entry.action)
    }

    /// The same among some.
    pub(super) fn oldest_of(&self, wanted: impl Fn(&Action) -> bool) -> Option<Action> {
        let entries = self.entries().filter(|entry| wanted(&entry.action));
        least(entries, |entry| entry.since).map(|entry| entry.action)
    }

    /// The one whose clock is over first, and when; of several the least.
    pub(super) fn earliest(&self) -> Option<(Action, Micros)> {
        least(self.entries(), |entry| entry.due).map(|entry| (entry.action, entry.due))
    }
}

/// The entry with the least number; of several the one with the least action.
fn least<'a>(
    entries: impl Iterator<Item = &'a Entry>,
    number: impl Fn(&Entry) -> u64,
) -> Option<&'a Entry> {
    entries.reduce(|best, entry| {
        let before = match number(entry).cmp(&number(best)) {
            Ordering::Equal => entry.action < best.action,
            order => order.is_lt(),
        };
        if before { entry } else { best }
    })
}

/// When the clock of an action is over that became enabled now.
fn due(
    periodic: &[(ProcessId, ClientTimer, Micros)],
    now: Micros,
    action: Action,
    delay: Micros,
) -> Micros {
    match action {
        Action::Fire(process, timer) if is_periodic(timer) => {
            let known = periodic.iter().find(|&&(p, t, _)| (p, t) == (process, timer));
            // Until it was over for the first time it runs since the beginning.
            known.map_or(delay, |&(_, _, next)| next).max(now)
        }
        _ => now.saturating_add(delay),
    }
}
