//! The kinds of actions: those of one kind touch the same parts. Kinds that need not be told apart are asked about
//! together, since most of the time of a search goes into asking.

use crate::cluster::{ClientTimer, LinkId};
use crate::fault::{FaultId, Target};
use crate::history::event::ProcessId;
use crate::system::Group;
use crate::world::parts::PAUSE_BROKER;
use crate::world::{Action, Scene, World};

/// Actions that touch the same slots.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Kind {
    Run(ProcessId),
    RunWorker(ProcessId),
    Request(LinkId),
    Response(LinkId),
    Late(LinkId),
    LoseLate(LinkId),
    Fire(ProcessId),
    FetchWait(ProcessId),
    Reconnect(LinkId),
    Restart(ProcessId),
    Resume(ProcessId),
    RestartBroker,
    ResumeBroker,
    /// What a broker without power loses.
    LoseData,
    Recreate,
    StrikeProcess(ProcessId),
    /// The broker stops running, and every connection breaks.
    StrikeBroker,
    PauseBroker,
    /// Logs, topics, what is remembered of producers.
    StrikeTopics,
    StrikeOffsets,
}

/// Which kind an action is of.
fn kind_of(action: &Action) -> Kind {
    match *action {
        Action::Run(id) | Action::Evict(id) => Kind::Run(id),
        Action::RunWorker(id) => Kind::RunWorker(id),
        Action::DeliverRequest(link) => Kind::Request(link),
        Action::DeliverResponse(link) => Kind::Response(link),
        Action::DeliverLate(link, _) => Kind::Late(link),
        Action::LoseLate(link, _) => Kind::LoseLate(link),
        Action::Fire(id, ClientTimer::FetchWait) => Kind::FetchWait(id),
        Action::Fire(id, _) => Kind::Fire(id),
        Action::Reconnect(link) => Kind::Reconnect(link),
        Action::Restart(id) => Kind::Restart(id),
        Action::Resume(id) => Kind::Resume(id),
        Action::RestartBroker => Kind::RestartBroker,
        Action::ResumeBroker => Kind::ResumeBroker,
        Action::LoseTail(..) | Action::LoseCommit => Kind::LoseData,
        Action::Recreate(_) => Kind::Recreate,
        Action::Strike(fault, target) => kind_of_strike(fault, target),
    }
}

fn kind_of_strike(fault: FaultId, target: Target) -> Kind {
    match target {
        Target::Process(id) | Target::Worker(id) | Target::Timer(id, _) => Kind::StrikeProcess(id),
        Target::Link(link) => Kind::StrikeProcess(link.process),
        Target::Broker if fault.fault().name() == PAUSE_BROKER => Kind::PauseBroker,
        Target::Broker => Kind::StrikeBroker,
        Target::Topic(_) | Target::Head(..) | Target::ProducerState(..) => Kind::StrikeTopics,
        Target::CommittedOffset(..) => Kind::StrikeOffsets,
    }
}

/// Where the actions of a kind are listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Source {
    Process(ProcessId),
    Link(LinkId),
    Broker,
    Adversary,
}

impl Kind {
    fn source(self) -> Source {
        match self {
            Kind::Run(id)
            | Kind::RunWorker(id)
            | Kind::Fire(id)
            | Kind::FetchWait(id)
            | Kind::Restart(id)
            | Kind::Resume(id) => Source::Process(id),
            Kind::Request(link)
            | Kind::Response(link)
            | Kind::Late(link)
            | Kind::LoseLate(link)
            | Kind::Reconnect(link) => Source::Link(link),
            Kind::RestartBroker | Kind::ResumeBroker | Kind::LoseData | Kind::Recreate => {
                Source::Broker
            }
            Kind::StrikeProcess(_)
            | Kind::StrikeBroker
            | Kind::PauseBroker
            | Kind::StrikeTopics
            | Kind::StrikeOffsets => Source::Adversary,
        }
    }

    /// The process that does it by itself, whatever the broker and others do meanwhile.
    fn alone(self) -> Option<ProcessId> {
        match self {
            Kind::Run(id)
            | Kind::RunWorker(id)
            | Kind::Fire(id)
            | Kind::Restart(id)
            | Kind::Resume(id) => Some(id),
            Kind::Response(link) | Kind::Reconnect(link) => Some(link.process),
            _ => None,
        }
    }
}

/// Joins what a process does by itself into one group, as far as it writes the same slots and reads none besides but
/// calm ones.
pub(super) fn joined(
    all: impl Iterator<Item = (Kind, Group)>,
    calm: &[usize],
) -> Vec<(Vec<Kind>, Group)> {
    let mut groups: Vec<(Vec<Kind>, Group)> = Vec::new();
    for (kind, group) in all {
        let is_calm = |group: &Group| group.reads.iter().all(|slot| calm.contains(slot));
        let same = groups.iter_mut().find(|(kinds, other)| {
            let alone = kind.alone().is_some() && kinds[0].alone() == kind.alone();
            alone && other.writes == group.writes && is_calm(other) && is_calm(&group)
        });
        let Some((kinds, other)) = same else {
            groups.push((vec![kind], group));
            continue;
        };
        kinds.push(kind);
        other.name = format!("{} and {}", other.name, group.name);
        other.reads.extend(group.reads);
        other.reads.sort_unstable();
        other.reads.dedup();
    }
    groups
}

impl Scene {
    /// Pushes the actions of some kinds, in ascending order.
    pub(super) fn actions_of(&self, kinds: &[Kind], world: &World, actions: &mut Vec<Action>) {
        let begin = actions.len();
        for (place, kind) in kinds.iter().enumerate() {
            let source = kind.source();
            if kinds[..place].iter().any(|before| before.source() == source) {
                continue;
            }
            match source {
                Source::Process(id) => self.process_actions(world, id, actions),
                Source::Link(link) => Scene::link_actions(world, link, actions),
                Source::Broker => Scene::broker_actions(world, actions),
                Source::Adversary => self.strikes(world, actions),
            }
        }
        let mut kept = begin;
        for at in begin..actions.len() {
            if kinds.contains(&kind_of(&actions[at])) {
                actions.swap(kept, at);
                kept += 1;
            }
        }
        actions.truncate(kept);
        actions[begin..].sort_unstable();
    }
}
