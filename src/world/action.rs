//! The choices of a run, and their readable names.

use crate::cluster::{ClientTimer, LinkId};
use crate::fault::{FAULTS, FaultId, Target};
use crate::history::event::ProcessId;
use crate::record::{GroupId, Offset, Partition, TopicName};
use crate::world::setting::Setting;

/// One choice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Action {
    /// The main thread of a program makes its next step.
    Run(ProcessId),
    /// Its worker thread makes its next step.
    RunWorker(ProcessId),
    /// A program asks its strategy of deduplication, a cache that has not kept the record's key.
    Evict(ProcessId),
    /// The broker takes the next request of a link.
    DeliverRequest(LinkId),
    /// A process takes the next response of a link.
    DeliverResponse(LinkId),
    /// The broker takes a request that outlived its connection; the number counts broken connections.
    DeliverLate(LinkId, u8),
    /// Requests that outlived their connection never arrive.
    LoseLate(LinkId, u8),
    /// A client's timer is over.
    Fire(ProcessId, ClientTimer),
    /// A new connection in place of a broken one.
    Reconnect(LinkId),
    /// A client process starts again.
    Restart(ProcessId),
    /// The broker starts again.
    RestartBroker,
    /// A paused client process goes on.
    Resume(ProcessId),
    /// The paused broker goes on.
    ResumeBroker,
    /// The loss of power took the log of a partition from an offset on.
    LoseTail(TopicName, Partition, Offset),
    /// The loss of power took the last commit that is left.
    LoseCommit,
    /// A deleted topic is created anew.
    Recreate(TopicName),
    /// The adversary does something.
    Strike(FaultId, Target),
}

impl Action {
    /// The client process that it is about, if one.
    pub fn process(&self) -> Option<ProcessId> {
        match *self {
            Action::Run(id)
            | Action::RunWorker(id)
            | Action::Evict(id)
            | Action::Fire(id, _)
            | Action::Restart(id)
            | Action::Resume(id) => Some(id),
            Action::DeliverRequest(link)
            | Action::DeliverResponse(link)
            | Action::DeliverLate(link, _)
            | Action::LoseLate(link, _)
            | Action::Reconnect(link) => Some(link.process),
            Action::RestartBroker
            | Action::ResumeBroker
            | Action::LoseTail(..)
            | Action::LoseCommit
            | Action::Recreate(_)
            | Action::Strike(..) => None,
        }
    }
}

/// How many broken connections of one link are told apart by name.
const NAMED_ORPHANS: u8 = 16;

impl Setting {
    /// The process that runs an application.
    pub fn app_process(&self, app: usize) -> ProcessId {
        ProcessId((self.producers.len() + app) as u8)
    }

    /// The name of a process.
    pub fn process_name(&self, process: ProcessId) -> &str {
        let i = usize::from(process.0);
        match self.producers.get(i) {
            Some(producer) => &producer.name,
            None => &self.apps[i - self.producers.len()].name,
        }
    }

    /// The name of a topic.
    pub fn topic_name(&self, topic: TopicName) -> &str {
        &self.topics[usize::from(topic.0)].name
    }

    /// The name of a link's other end.
    pub fn peer_name(link: LinkId) -> &'static str {
        match link.lane {
            0 => "broker",
            1 => "coordinator",
            _ => "output",
        }
    }

    /// An action as a line of a schedule.
    pub fn action_text(&self, action: &Action) -> String {
        let process = |id: ProcessId| self.process_name(id);
        let link = |id: LinkId| format!("{}-{}", process(id.process), Setting::peer_name(id));
        let request = |id: LinkId| format!("{} -> {}", process(id.process), Setting::peer_name(id));
        let response =
            |id: LinkId| format!("{} -> {}", Setting::peer_name(id), process(id.process));
        let place = |n: u8| if n == 0 { String::new() } else { format!(" #{}", n + 1) };
        match *action {
            Action::Run(id) => format!("run {}", process(id)),
            Action::RunWorker(id) => format!("run {} worker", process(id)),
            Action::Evict(id) => format!("evict {}", process(id)),
            Action::DeliverRequest(id) => format!("deliver {}", request(id)),
            Action::DeliverResponse(id) => format!("deliver {}", response(id)),
            Action::DeliverLate(id, n) => format!("deliver late {}{}", request(id), place(n)),
            Action::LoseLate(id, n) => format!("lose late {}{}", request(id), place(n)),
            Action::Fire(id, timer) => format!("fire {} {}", process(id), timer.name()),
            Action::Reconnect(id) => format!("reconnect {}", link(id)),
            Action::Restart(id) => format!("restart {}", process(id)),
            Action::RestartBroker => "restart broker".to_owned(),
            Action::Resume(id) => format!("resume {}", process(id)),
            Action::ResumeBroker => "resume broker".to_owned(),
            Action::LoseTail(name, partition, from) => {
                format!("lose {}-{partition} from {from}", self.topic_name(name))
            }
            Action::LoseCommit => "lose commit".to_owned(),
            Action::Recreate(name) => format!("recreate {}", self.topic_name(name)),
            Action::Strike(fault, target) => {
                let target = match target {
                    Target::Broker => "broker".to_owned(),
                    Target::Process(id) => process(id).to_owned(),
                    Target::Worker(id) => format!("{} worker", process(id)),
                    Target::Link(id) => link(id),
                    Target::Timer(id, timer) => format!("{} {}", process(id), timer.name()),
                    Target::Topic(name) => self.topic_name(name).to_owned(),
                    Target::Head(name, partition, before) => {
                        format!("{}-{partition} before {before}", self.topic_name(name))
                    }
                    Target::ProducerState(name, partition, id) => {
                        format!("{}-{partition} producer {id}", self.topic_name(name))
                    }
                    Target::CommittedOffset(group, name, partition) => {
                        let group = &self.groups[usize::from(group.0)];
                        format!("{group} {}-{partition}", self.topic_name(name))
                    }
                };
                format!("strike {} {target}", fault.fault().name())
            }
        }
    }

    /// Every action that could ever stand in a schedule of this scenario.
    pub fn conceivable_actions(&self) -> Vec<Action> {
        let fixed = self.fixed();
        let mut actions = vec![Action::RestartBroker, Action::ResumeBroker, Action::LoseCommit];
        let mut targets = vec![Target::Broker];
        for id in fixed.processes() {
            actions.extend([Action::Run(id), Action::RunWorker(id), Action::Evict(id)]);
            actions.extend([Action::Restart(id), Action::Resume(id)]);
            targets.extend(ClientTimer::ALL.iter().map(|&timer| Target::Timer(id, timer)));
            actions.extend(ClientTimer::ALL.iter().map(|&timer| Action::Fire(id, timer)));
            targets.extend([Target::Process(id), Target::Worker(id)]);
            for lane in 0..fixed.lanes(id) {
                let link = LinkId { process: id, lane };
                actions.extend([
                    Action::DeliverRequest(link),
                    Action::DeliverResponse(link),
                    Action::Reconnect(link),
                ]);
                actions.extend((0..NAMED_ORPHANS).map(|n| Action::DeliverLate(link, n)));
                actions.extend((0..NAMED_ORPHANS).map(|n| Action::LoseLate(link, n)));
                targets.push(Target::Link(link));
            }
        }
        self.conceivable_targets(&mut targets);
        actions.extend(targets.iter().filter_map(|target| match *target {
            Target::Head(name, partition, at) => Some(Action::LoseTail(name, partition, at)),
            _ => None,
        }));
        actions.extend((0..self.topics.len() as u16).map(|name| Action::Recreate(TopicName(name))));
        for fault in (0..FAULTS.len() as u8).map(FaultId) {
            actions.extend(targets.iter().map(|&target| Action::Strike(fault, target)));
        }
        actions.sort_unstable();
        actions
    }

    /// Targets within topics, as far as a schedule of this scenario can name them.
    fn conceivable_targets(&self, targets: &mut Vec<Target>) {
        let records: u32 = self.sources.iter().map(|source| source.records).sum();
        let most = Offset::from(records) * (2 + Offset::from(self.faults.total));
        for (i, topic) in (0..).zip(&self.topics) {
            let name = TopicName(i);
            targets.push(Target::Topic(name));
            let partitions = i32::from(topic.partitions) + self.faults.total as i32;
            for partition in 0..partitions {
                targets.extend((0..=most).map(|before| Target::Head(name, partition, before)));
                let producers = 0..Offset::from(self.faults.total) * 4 + 8;
                targets.extend(producers.map(|id| Target::ProducerState(name, partition, id)));
                let groups = (0..self.groups.len() as u16).map(GroupId);
                targets.extend(groups.map(|g| Target::CommittedOffset(g, name, partition)));
            }
        }
    }

    /// The action that a line of a schedule names.
    pub fn parse_action(&self, text: &str) -> Option<Action> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.conceivable_actions().into_iter().find(|action| self.action_text(action) == text)
    }
}
