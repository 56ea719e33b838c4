//! The enabled actions and since when each is: newly enabled ones get a clock, disabled ones lose theirs.

use crate::cluster::{ClientTimer, Effect};
use crate::history::event::ProcessId;
use crate::simulate::contact::Contacts;
use crate::simulate::pace::{Micros, Pace, duration, is_periodic};
use crate::simulate::stream::Stream;
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
}

/// What is enabled, in the order of actions.
#[derive(Clone, Default, Debug)]
pub(super) struct Race {
    entries: Vec<Entry>,
    spare: Vec<Entry>,
    actions: Vec<Action>,
    /// What each process can do, as it was last looked at; the last list is the broker's.
    lists: Vec<Vec<Action>>,
    /// Virtual time; it stands still if no clocks run.
    pub(super) now: Micros,
    steps: u64,
    /// When each periodic timer of a process is next due.
    periodic: Vec<(ProcessId, ClientTimer, Micros)>,
    contacts: Contacts,
}

impl Race {
    /// Begins anew, keeping its memory.
    pub(super) fn begin(&mut self) {
        self.entries.clear();
        self.now = 0;
        self.steps = 0;
        self.periodic.clear();
        self.contacts.begin();
    }

    /// What is enabled now.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
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
        self.list(scene, world, performed);
        if let Some(clocks) = &mut clocks {
            self.contacts.heed(&scene.setting, clocks.effects, self.now, clocks.delays);
        }
        self.spare.clear();
        let mut before = self.entries.iter().peekable();
        for &action in &self.actions {
            while before.next_if(|entry| entry.action < action).is_some() {}
            let kept = before.next_if(|entry| entry.action == action);
            let kept = kept.filter(|_| performed != Some(action)).copied();
            self.spare.push(kept.unwrap_or_else(|| {
                let due = clocks.as_mut().map_or(0, |clocks| {
                    let mut begin = self.now;
                    let delay = match action {
                        Action::Reconnect(link) => {
                            let (setting, delays) = (&scene.setting, &mut *clocks.delays);
                            self.contacts.until_connected(setting, link, begin, delays)
                        }
                        _ => clocks.pace.delay(&scene.setting, &action, clocks.delays),
                    };
                    if let Action::DeliverRequest(link) = action {
                        begin = begin.max(self.contacts.waits_until(link));
                    }
                    due(&self.periodic, begin, action, delay)
                });
                Entry { action, since: self.steps, due }
            }));
        }
        std::mem::swap(&mut self.entries, &mut self.spare);
    }

    /// Lists what is enabled; only those are looked at anew for whom the last action may have changed it.
    fn list(&mut self, scene: &Scene, world: &World, performed: Option<Action>) {
        let processes = world.cluster.processes.len();
        self.lists.resize_with(processes + 1, Vec::new);
        self.actions.clear();
        for (place, list) in self.lists.iter_mut().enumerate() {
            let process = (place < processes).then_some(ProcessId(place as u8));
            if performed.is_none_or(|action| scene.may_change(&action, process)) {
                list.clear();
                scene.free_actions_of(world, process, list);
            }
            self.actions.extend_from_slice(list);
        }
        self.actions.sort_unstable();
        debug_assert!(
            {
                let mut all = Vec::new();
                scene.free_actions(world, &mut all);
                all == self.actions
            },
            "{performed:?} changes what others can do"
        );
    }

    /// Whether only such actions are enabled as may leave the state as it is: a program that works, or a timer.
    /// Everything else takes or gives something.
    pub(super) fn may_rest(&self, scene: &Scene) -> bool {
        self.entries.iter().all(|entry| match entry.action {
            Action::Run(id) => scene.setting.fixed().app_index(id).is_some(),
            Action::RunWorker(_) | Action::Evict(_) | Action::Fire(..) => true,
            _ => false,
        })
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
        self.entries.iter().min_by_key(|entry| entry.since).map(|entry| entry.action)
    }

    /// The one whose clock is over first, and when; of several the least.
    pub(super) fn earliest(&self) -> Option<(Action, Micros)> {
        self.entries.iter().min_by_key(|entry| entry.due).map(|entry| (entry.action, entry.due))
    }
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
