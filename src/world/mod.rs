//! The model of a whole scenario: nodes on links, faults with budgets, a ledger of what clients saw.
//!
//! Knows nothing of files, clocks or the ways in which the next action is chosen.

pub mod action;
pub mod circle;
mod closed;
mod exchange;
mod kinds;
pub mod parts;
pub mod property;
pub mod setting;

pub use action::Action;
use parts::Anatomy;
pub use setting::Setting;

use std::sync::Arc;

use crate::app::reader::Course;
use crate::cluster::{Cluster, Effect, Effects, LinkId, Program};
use crate::fault::{FAULTS, FaultId, POWER_LOSS};
use crate::history::event::ProcessId;
use crate::history::{Audit, Ledger};
use crate::protocol::note::Note;
use crate::protocol::safeguard::SafeguardSet;
use crate::system::Model;

/// What the adversary has left; part of a state's identity, since it bounds the future.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Budget {
    /// Faults in all.
    pub total: u32,
    /// Faults of each kind, by [`FaultId`].
    pub kinds: Vec<u32>,
}

/// One state of a scenario.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct World {
    /// Nodes and links.
    pub cluster: Cluster,
    /// What the adversary has left.
    pub budget: Budget,
    /// What clients saw.
    pub ledger: Ledger,
    /// Which of the safeguards that the scenario watches have refused something.
    pub refused: SafeguardSet,
}

/// A scenario as a transition system.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What is fixed.
    pub setting: Arc<Setting>,
    anatomy: Arc<Anatomy>,
    /// Whether whoever searches counts the faults, and not the states.
    counted_outside: bool,
}

impl Scene {
    /// The transition system of a scenario.
    pub fn new(setting: Setting) -> Scene {
        let anatomy = Arc::new(Anatomy::new(&setting, false));
        Scene { setting: Arc::new(setting), anatomy, counted_outside: false }
    }

    /// The same for a search that counts the faults on the way to a state itself: what the adversary has left is
    /// then no part of a state, so that equal worlds are equal however many faults it took to get there. Only
    /// kinds of faults with a lower limit of their own are still counted in the state.
    pub fn without_budget(setting: Setting) -> Scene {
        let anatomy = Arc::new(Anatomy::new(&setting, true));
        Scene { setting: Arc::new(setting), anatomy, counted_outside: true }
    }

    fn strikes(&self, world: &World, actions: &mut Vec<Action>) {
        for i in 0..FAULTS.len() as u8 {
            self.strikes_of(world, FaultId(i), actions);
        }
    }

    /// Pushes what a fault can strike now, in ascending order; nothing if the budget is spent.
    pub fn strikes_of(&self, world: &World, fault: FaultId, actions: &mut Vec<Action>) {
        if world.budget.total > 0 && world.budget.kinds[usize::from(fault.0)] > 0 {
            let targets = fault.fault().targets(&world.cluster, self.setting.fixed());
            actions.extend(targets.into_iter().map(|target| Action::Strike(fault, target)));
        }
    }

    /// Pushes the actions that cost nothing, in ascending order.
    pub fn free_actions(&self, world: &World, actions: &mut Vec<Action>) {
        for id in self.setting.fixed().processes() {
            self.process_actions(world, id, actions);
        }
        for (id, _) in world.cluster.links() {
            Scene::link_actions(world, id, actions);
        }
        Scene::broker_actions(world, actions);
        actions.sort_unstable();
    }

    fn process_actions(&self, world: &World, id: ProcessId, actions: &mut Vec<Action>) {
        let fixed = self.setting.fixed();
        let process = &world.cluster.processes[usize::from(id.0)];
        if process.paused {
            actions.push(Action::Resume(id));
            return;
        }
        match &process.program {
            Program::Source(program) => {
                if program.can_run(fixed.source_context(id)) {
                    actions.push(Action::Run(id));
                }
            }
            Program::Reader(program) => {
                if program.can_run() {
                    actions.push(Action::Run(id));
                }
                if program.worker_on().is_some() {
                    actions.push(Action::RunWorker(id));
                }
                if program.may_err(fixed.reader_context(id), &process.durable, Course::Evicted) {
                    actions.push(Action::Evict(id));
                }
            }
            Program::Down => actions.push(Action::Restart(id)),
            Program::Stopped => {}
        }
        process.each_timer(fixed, id, &world.cluster.node, |timer, over| {
            if over {
                actions.push(Action::Fire(id, timer));
            }
        });
    }

    /// Pushes the actions that cost nothing of a process and its connections; of the broker's own for none.
    /// Together they are [`Scene::free_actions`].
    pub fn free_actions_of(
        &self,
        world: &World,
        process: Option<ProcessId>,
        actions: &mut Vec<Action>,
    ) {
        let Some(process) = process else { return Scene::broker_actions(world, actions) };
        self.process_actions(world, process, actions);
        for lane in 0..world.cluster.processes[usize::from(process.0)].links.len() as u8 {
            Scene::link_actions(world, LinkId { process, lane }, actions);
        }
    }

    /// Whether an action may change what a process can do without cost; for none, what the broker can do.
    ///
    /// A process changes itself and its connections. What the broker is asked may be answered to applications
    /// that wait. Everything else may change whatever there is. `world::parts` has the exact footprints.
    pub fn may_change(&self, action: &Action, process: Option<ProcessId>) -> bool {
        match *action {
            Action::Run(id)
            | Action::RunWorker(id)
            | Action::Evict(id)
            | Action::Fire(id, _)
            | Action::Restart(id)
            | Action::Resume(id) => process == Some(id),
            Action::DeliverResponse(link) | Action::LoseLate(link, _) | Action::Reconnect(link) => {
                process == Some(link.process)
            }
            Action::DeliverRequest(link) | Action::DeliverLate(link, _) => {
                let waits = |process| self.setting.fixed().app_index(process).is_some();
                process.is_some_and(|process| process == link.process || waits(process))
            }
            Action::RestartBroker
            | Action::ResumeBroker
            | Action::LoseTail(..)
            | Action::LoseCommit
            | Action::Recreate(_)
            | Action::Strike(..) => true,
        }
    }

    fn link_actions(world: &World, id: LinkId, actions: &mut Vec<Action>) {
        let link = world.cluster.link(id);
        let process = &world.cluster.processes[usize::from(id.process.0)];
        let alive = !matches!(process.program, Program::Down | Program::Stopped);
        let acts = alive && !process.paused;
        let broker_acts = world.cluster.node.up && !world.cluster.node.paused;
        if !link.requests.is_empty() && link.held.is_none() && broker_acts {
            actions.push(Action::DeliverRequest(id));
        }
        if !link.answers.is_empty() && acts {
            actions.push(Action::DeliverResponse(id));
        }
        for orphan in 0..link.orphans.len() as u8 {
            if broker_acts {
                actions.push(Action::DeliverLate(id, orphan));
            }
            actions.push(Action::LoseLate(id, orphan));
        }
        // A new connection begins with ApiVersions, which a paused broker does not answer.
        if acts && !link.connected && broker_acts {
            actions.push(Action::Reconnect(id));
        }
    }

    fn broker_actions(world: &World, actions: &mut Vec<Action>) {
        if !world.cluster.node.up {
            actions.push(Action::RestartBroker);
            let tails = world.cluster.tails().into_iter();
            actions.extend(tails.map(|(name, number, from)| Action::LoseTail(name, number, from)));
            if world.cluster.node.lost_power && world.cluster.node.broker.unflushed_commits() > 0 {
                actions.push(Action::LoseCommit);
            }
        }
        if world.cluster.node.paused {
            actions.push(Action::ResumeBroker);
        }
        if world.cluster.node.up {
            actions.extend(world.cluster.deleted.iter().map(|&topic| Action::Recreate(topic)));
        }
    }

    /// What an audit reader finds in a state.
    pub fn audit(&self, world: &World) -> Audit {
        world.cluster.audit(self.setting.fixed())
    }

    /// Performs an action like [`Model::step`]; how much is told of it is up to the list.
    pub fn step_into(&self, world: &mut World, action: &Action, effects: &mut Effects) {
        let fixed = self.setting.fixed();
        let begin = effects.list().len();
        self.perform(world, action, effects);
        for effect in &effects.list()[begin..] {
            match effect {
                Effect::Event(event) => world.ledger.fold(event, |p| fixed.source_of(p)),
                Effect::Note(Note::Refused(safeguard))
                    if self.setting.watched.contains(*safeguard) =>
                {
                    world.refused.insert(*safeguard);
                }
                _ => {}
            }
        }
    }

    fn perform(&self, world: &mut World, action: &Action, effects: &mut Effects) {
        let fixed = self.setting.fixed();
        let cluster = &mut world.cluster;
        match *action {
            Action::Run(id) => {
                cluster.run_program(fixed, id, Course::Succeeds, effects);
            }
            Action::Evict(id) => cluster.run_program(fixed, id, Course::Evicted, effects),
            Action::RunWorker(id) => {
                cluster.run_worker(fixed, id, Course::Succeeds, effects);
            }
            Action::DeliverRequest(id) => cluster.deliver_to_broker(fixed, id, effects),
            Action::DeliverResponse(id) => cluster.deliver_to_client(fixed, id, effects),
            Action::DeliverLate(id, n) => {
                cluster.deliver_late(fixed, id, usize::from(n), effects);
            }
            Action::LoseLate(id, n) => cluster.lose_late(id, usize::from(n), effects),
            Action::Fire(id, timer) => cluster.fire(fixed, id, timer, effects),
            Action::Reconnect(id) => cluster.reconnect(fixed, id, effects),
            Action::Restart(id) => cluster.restart_process(fixed, id, effects),
            Action::RestartBroker => cluster.restart_broker(fixed, effects),
            Action::Resume(id) => cluster.pause_process(fixed, id, false, effects),
            Action::ResumeBroker => cluster.pause_broker(false, effects),
            Action::LoseTail(name, number, from) => {
                cluster.lose_tail((name, number), from, effects);
            }
            Action::LoseCommit => cluster.lose_commit(effects),
            Action::Recreate(topic) => cluster.recreate(fixed, topic, effects),
            Action::Strike(fault, target) => {
                let kind = &mut world.budget.kinds[usize::from(fault.0)];
                if !self.counted_outside {
                    world.budget.total -= 1;
                }
                if !self.counted_outside || *kind < world.budget.total {
                    *kind -= 1;
                }
                fault.fault().strike(cluster, fixed, target, effects);
            }
        }
    }
}

impl Model for Scene {
    type State = World;
    type Action = Action;
    type Effect = Effect;

    fn initial(&self) -> Vec<World> {
        let setting = &self.setting;
        let cap = |fault: &&'static dyn crate::fault::Fault| {
            let kinds = &setting.faults.kinds;
            kinds.iter().find(|(name, _)| name == fault.name()).map_or(0, |(_, cap)| *cap)
        };
        let total = setting.faults.total;
        let mut cluster = Cluster::new(setting.fixed());
        if setting.striking_faults().iter().any(|(name, _)| name == POWER_LOSS) {
            cluster.node.broker.keep_unflushed();
        }
        vec![World {
            cluster,
            budget: Budget { total, kinds: FAULTS.iter().map(|f| cap(f).min(total)).collect() },
            ledger: Ledger::new(setting.producers.len(), setting.apps.len()),
            refused: SafeguardSet::default(),
        }]
    }

    fn enabled(&self, world: &World, actions: &mut Vec<Action>) {
        self.free_actions(world, actions);
        self.strikes(world, actions);
        actions.sort_unstable();
    }

    fn step(&self, world: &mut World, action: &Action, effects: &mut Vec<Effect>) {
        let mut told = Effects::behind(std::mem::take(effects));
        self.step_into(world, action, &mut told);
        *effects = told.into_list();
    }

    fn faults(&self, action: &Action) -> u32 {
        u32::from(matches!(action, Action::Strike(..)))
    }

    fn budget(&self) -> Option<u32> {
        self.counted_outside.then_some(self.setting.faults.total)
    }
}
