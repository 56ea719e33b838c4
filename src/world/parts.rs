//! A world as a row of parts: what each kind of action reads and writes, so that the protocol's code need run
//! only once for each local situation.
//!
//! A footprint that is false would make verdicts false. `tests/world_parts.rs` checks each of them on states of
//! every model, and an engine tries local situations in two surroundings.

use std::collections::{BTreeSet, VecDeque};

use crate::cluster::process::OUTPUT_LANE;
use crate::cluster::{BrokerNode, Cluster, Link, LinkId, Process};
use crate::fault::{FAULTS, POWER_LOSS};
use crate::history::event::ProcessId;
use crate::history::ledger::{Reader, Sends};
use crate::history::{Ledger, Spans};
use crate::protocol::broker::pieces::Waiting;
use crate::protocol::broker::{Broker, Stop};
use crate::protocol::config::Acks;
use crate::protocol::message::{Request, Response};
use crate::protocol::offsets::Group as ConsumerGroup;
use crate::protocol::safeguard::SafeguardSet;
use crate::record::{GroupId, Offset, Partition, PayloadId, TopicName};
use crate::system::{Exchange, Group, Parted};
use crate::world::exchange::{Pair, pairs};
use crate::world::kinds::{Kind, joined};
use crate::world::{Action, Budget, Scene, Setting, World};

/// One part of a world.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(clippy::large_enum_variant, reason = "each part is kept once")]
pub enum Part {
    /// The broker's process, but for its state.
    Node(Node),
    /// The broker, but for the requests that wait in it, its groups, and whether it runs.
    Broker(Broker),
    /// A consumer group's member and offsets.
    Group(Option<ConsumerGroup>),
    /// Poisoned records.
    Poisoned(BTreeSet<PayloadId>),
    /// Deleted topics.
    Deleted(BTreeSet<TopicName>),
    /// Safeguards that refused something.
    Refused(SafeguardSet),
    /// What the adversary has left.
    Budget(Budget),
    /// A client process, without its connections.
    Client(Process),
    /// What the ledger has of a producer.
    Sender(Spans<Sends>),
    /// What the ledger has of an application.
    Reader(Reader),
    /// A connection, but for its way from the broker.
    Outgoing(Link),
    /// A connection's way from the broker: the request that the broker holds, its answers, what waits.
    Incoming(Option<Request>, VecDeque<Response>, Waiting),
}

/// A broker's process, but for its state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Node {
    up: bool,
    stopped: Option<Stop>,
    paused: bool,
    torn: Vec<((TopicName, Partition), Offset)>,
    lost_power: bool,
}

/// What a slot holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Slot {
    Node,
    Broker,
    Poisoned,
    Deleted,
    Refused,
    Budget,
    /// A group, with the only process that belongs to it, if there is just one.
    Group(GroupId, Option<ProcessId>),
    Client(ProcessId),
    Seen(ProcessId),
    Outgoing(LinkId),
    Incoming(LinkId),
}

impl Slot {
    /// What seldom changes and is read by many.
    const CALM: [Slot; 3] = [Slot::Node, Slot::Poisoned, Slot::Deleted];

    /// Whose it is, if a process's.
    fn process(self) -> Option<ProcessId> {
        match self {
            Slot::Client(process) | Slot::Seen(process) => Some(process),
            Slot::Outgoing(link) | Slot::Incoming(link) => Some(link.process),
            Slot::Group(_, process) => process,
            _ => None,
        }
    }
}

/// How worlds of one setting are taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anatomy {
    pub(super) slots: Vec<Slot>,
    /// The kinds of each group.
    pub(super) kinds: Vec<Vec<Kind>>,
    groups: Vec<Group>,
    blocks: Vec<Vec<usize>>,
    /// Clients that may change places.
    pub(super) pairs: Vec<Pair>,
}

/// What a setting leaves open: what it does not, need not be read.
struct Open<'a> {
    setting: &'a Setting,
    slots: &'a [Slot],
    links: Vec<LinkId>,
    kinds: BTreeSet<&'static str>,
    /// Whether a state says what the adversary has left.
    counts: bool,
}

const CRASH_BROKER: &str = "crash-broker";
pub(super) const PAUSE_BROKER: &str = "pause-broker";
const TOPIC_FAULTS: [&str; 4] =
    ["retention", "producer-id-expiry", "partition-growth", "topic-deletion"];

impl Anatomy {
    /// How worlds of a setting are taken apart; `counted_outside` says that no state needs to tell how many faults
    /// are left in all.
    pub fn new(setting: &Setting, counted_outside: bool) -> Anatomy {
        let fixed = setting.fixed();
        let links: Vec<LinkId> = fixed
            .processes()
            .flat_map(|process| (0..fixed.lanes(process)).map(move |lane| LinkId { process, lane }))
            .collect();
        let mut slots = vec![
            Slot::Node,
            Slot::Broker,
            Slot::Poisoned,
            Slot::Deleted,
            Slot::Refused,
            Slot::Budget,
        ];
        slots.extend((0..setting.groups.len() as u16).map(|id| {
            let group = GroupId(id);
            let is_in = |process: &ProcessId| {
                fixed.app_index(*process).is_some_and(|app| fixed.apps[app].group == group)
            };
            let mut members = fixed.processes().filter(is_in);
            let only = members.next().filter(|_| members.next().is_none());
            Slot::Group(group, only)
        }));
        for process in fixed.processes() {
            slots.extend([Slot::Client(process), Slot::Seen(process)]);
            let own = links.iter().filter(|link| link.process == process);
            slots.extend(own.flat_map(|&link| [Slot::Outgoing(link), Slot::Incoming(link)]));
        }
        let strikes = FAULTS.iter().map(|fault| fault.name()).filter(|name| {
            let cap = setting.faults.kinds.iter().find(|(kind, _)| kind == name);
            setting.faults.total > 0 && cap.is_some_and(|(_, cap)| *cap > 0)
        });
        let kinds: BTreeSet<&str> = strikes.collect();
        let total = setting.faults.total;
        let is_capped = |(kind, cap): &(String, u32)| kinds.contains(kind.as_str()) && *cap < total;
        let counts = !counted_outside || setting.faults.kinds.iter().any(is_capped);
        let open = Open { setting, slots: &slots, links, kinds, counts };
        let all = open.all_kinds().into_iter().map(|kind| (kind, open.group(kind)));
        let calm = open.numbers(Slot::CALM.to_vec());
        let (kinds, groups) = joined(all, &calm).into_iter().unzip();
        let blocks = open.blocks();
        Anatomy { kinds, groups, blocks, slots, pairs: pairs(setting) }
    }
}

impl Open<'_> {
    fn strikes(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.kinds.contains(name))
    }

    fn topics_change(&self) -> bool {
        self.strikes(&["partition-growth", "topic-deletion"])
    }

    fn all_kinds(&self) -> Vec<Kind> {
        let fixed = self.setting.fixed();
        let mut kinds = Vec::new();
        for id in fixed.processes() {
            kinds.push(Kind::Run(id));
            if fixed.app_index(id).is_some() {
                kinds.extend([Kind::RunWorker(id), Kind::FetchWait(id)]);
            }
            kinds.extend([Kind::Fire(id), Kind::Restart(id), Kind::Resume(id)]);
            if !self.kinds.is_empty() {
                kinds.push(Kind::StrikeProcess(id));
            }
        }
        for &link in &self.links {
            kinds.extend([Kind::Request(link), Kind::Response(link), Kind::Late(link)]);
            kinds.extend([Kind::LoseLate(link), Kind::Reconnect(link)]);
        }
        // What no fault of the setting makes possible is left out: a group that touches much, and whose guard never
        // changes, would make every state a combination of its own.
        let heals = [
            (Kind::RestartBroker, &[CRASH_BROKER, POWER_LOSS][..]),
            (Kind::ResumeBroker, &[PAUSE_BROKER]),
            (Kind::LoseData, &[POWER_LOSS]),
            (Kind::Recreate, &["topic-deletion"]),
        ];
        let strikes = [
            (Kind::StrikeBroker, &[CRASH_BROKER, POWER_LOSS][..]),
            (Kind::PauseBroker, &[PAUSE_BROKER]),
            (Kind::StrikeTopics, &TOPIC_FAULTS),
            (Kind::StrikeOffsets, &["offset-expiry"]),
        ];
        let strikes = heals.iter().chain(&strikes).filter(|(_, names)| self.strikes(names));
        kinds.extend(strikes.map(|(kind, _)| *kind));
        kinds.sort_unstable();
        kinds
    }

    /// The slots of a process: all that it can change by itself.
    fn own(&self, id: ProcessId) -> Vec<Slot> {
        self.slots.iter().filter(|slot| slot.process() == Some(id)).copied().collect()
    }

    /// What is committed, of every group.
    fn groups(&self) -> Vec<Slot> {
        self.slots.iter().filter(|slot| matches!(slot, Slot::Group(..))).copied().collect()
    }

    /// What is committed of the group of a process.
    fn group_of(&self, id: ProcessId) -> Vec<Slot> {
        let fixed = self.setting.fixed();
        let group = fixed.app_index(id).map(|app| fixed.apps[app].group);
        let is_its = |slot: &Slot| matches!(*slot, Slot::Group(id, _) if Some(id) == group);
        self.groups().into_iter().filter(is_its).collect()
    }

    /// What a request of a link depends on besides what it may change: only topic faults change what the
    /// coordinator knows of topics, and no request of a reader changes a log.
    fn asks_about(&self, link: LinkId) -> Vec<Slot> {
        let is_reader = self.appends(link).is_none();
        match (is_reader, link.lane) {
            (true, 0) => vec![Slot::Node, Slot::Broker],
            (true, _) if self.topics_change() => vec![Slot::Node, Slot::Broker],
            _ => vec![Slot::Node],
        }
    }

    /// Where answers to waiting fetches go.
    fn waiting(&self) -> Vec<Slot> {
        let fixed = self.setting.fixed();
        let fetches = |link: &&LinkId| fixed.app_index(link.process).is_some() && link.lane == 0;
        self.links.iter().filter(fetches).map(|&link| Slot::Incoming(link)).collect()
    }

    /// What a request of a link may change.
    fn asks(&self, link: LinkId) -> Vec<Slot> {
        let mut writes = vec![Slot::Outgoing(link), Slot::Incoming(link)];
        let Some(acks) = self.appends(link) else {
            if link.lane > 0 {
                writes.extend(self.group_of(link.process));
                // What a loss of power could take is kept in the order of all groups' commits.
                writes.extend(self.strikes(&[POWER_LOSS]).then_some(Slot::Broker));
            }
            return writes;
        };
        writes.push(Slot::Broker);
        writes.extend(self.waiting());
        if acks == Acks::None {
            // An error closes the connection, which is all that can be said.
            writes.extend(self.own(link.process));
        }
        writes
    }

    /// For the connection of a producer: the acknowledgements that it asks for.
    fn appends(&self, link: LinkId) -> Option<Acks> {
        let fixed = self.setting.fixed();
        match fixed.app_index(link.process) {
            None => Some(self.setting.producers[usize::from(link.process.0)].config.acks),
            Some(app) if link.lane == OUTPUT_LANE => {
                self.setting.apps[app].output.as_ref().map(|output| output.config.acks)
            }
            Some(_) => None,
        }
    }

    fn group(&self, kind: Kind) -> Group {
        let (reads, mut writes): (Vec<Slot>, Vec<Slot>) = match kind {
            Kind::Run(id) | Kind::RunWorker(id) => (vec![Slot::Poisoned], self.own(id)),
            Kind::Response(link) => (vec![], self.own(link.process)),
            Kind::Request(link) | Kind::Late(link) => (self.asks_about(link), self.asks(link)),
            Kind::LoseLate(link) => (vec![], vec![Slot::Outgoing(link)]),
            Kind::Fire(id) if self.topics_change() => {
                (vec![Slot::Node, Slot::Broker], self.own(id))
            }
            Kind::Fire(id) => (vec![Slot::Node], self.own(id)),
            Kind::FetchWait(process) => {
                let link = LinkId { process, lane: 0 };
                (vec![Slot::Node, Slot::Broker, Slot::Client(process)], self.asks(link))
            }
            Kind::Reconnect(link) => (vec![Slot::Node], self.own(link.process)),
            Kind::Restart(id) => {
                let mut writes = self.own(id);
                writes.extend(self.group_of(id));
                let broker = self.topics_change().then_some(Slot::Broker);
                ([Slot::Node].into_iter().chain(broker).collect(), writes)
            }
            Kind::Resume(id) => (vec![], self.own(id)),
            Kind::RestartBroker | Kind::LoseData => {
                let mut writes = self.groups();
                writes.extend([Slot::Node, Slot::Broker]);
                (vec![], writes)
            }
            Kind::Recreate => (vec![Slot::Node], self.topics()),
            Kind::StrikeProcess(id) => (vec![Slot::Node], self.own(id)),
            Kind::StrikeBroker => (vec![], self.slots.to_vec()),
            Kind::PauseBroker | Kind::ResumeBroker => {
                let seen = |slot: &&Slot| {
                    let rests = matches!(slot, Slot::Broker | Slot::Seen(_) | Slot::Group(..));
                    !rests && !matches!(slot, Slot::Budget | Slot::Refused)
                };
                (vec![], self.slots.iter().filter(seen).copied().collect())
            }
            Kind::StrikeTopics => (vec![Slot::Node], self.topics()),
            Kind::StrikeOffsets => {
                let clients = self.slots.iter().filter(|slot| matches!(slot, Slot::Client(_)));
                let reads = [Slot::Node].iter().chain(clients).copied();
                let mut writes = self.groups();
                writes.push(Slot::Broker);
                (reads.collect(), writes)
            }
        };
        let is_strike = kind >= Kind::StrikeProcess(ProcessId(0));
        if is_strike {
            writes.push(Slot::Budget);
        }
        if matches!(kind, Kind::StrikeProcess(_)) {
            writes.push(Slot::Poisoned);
        }
        writes.push(Slot::Refused);
        let group = Group::new(format!("{kind:?}"), self.numbers(reads), self.numbers(writes));
        match kind {
            Kind::StrikeBroker | Kind::PauseBroker => {
                group.costing(1).guarded_by(self.numbers(vec![Slot::Node, Slot::Budget]))
            }
            Kind::ResumeBroker => group.guarded_by(self.numbers(vec![Slot::Node])),
            _ if is_strike => group.costing(1),
            _ => group,
        }
    }

    fn topics(&self) -> Vec<Slot> {
        let mut slots = vec![Slot::Broker, Slot::Deleted];
        slots.extend(self.groups());
        slots.extend(self.waiting());
        slots
    }

    /// The numbers of slots, ascending, but for those that never change.
    fn numbers(&self, slots: Vec<Slot>) -> Vec<usize> {
        let changes = |slot: &Slot| match slot {
            Slot::Node => self.strikes(&[CRASH_BROKER, POWER_LOSS, PAUSE_BROKER]),
            Slot::Poisoned => self.strikes(&["poison"]),
            Slot::Deleted => self.topics_change(),
            Slot::Refused => self.setting.watched != SafeguardSet::default(),
            Slot::Budget => self.counts,
            _ => true,
        };
        let wanted: BTreeSet<Slot> = slots.into_iter().filter(changes).collect();
        (0..self.slots.len()).filter(|&at| wanted.contains(&self.slots[at])).collect()
    }

    /// One block of the broker, one of what is shared and seldom changes, one for each process; and one for the way
    /// of a reader's fetches back, since a producer's request may answer them.
    fn blocks(&self) -> Vec<Vec<usize>> {
        let fixed = self.setting.fixed();
        let waiting = self.waiting();
        let mut blocks = vec![Vec::new(); 2 + fixed.processes().count() + waiting.len()];
        for (at, slot) in self.slots.iter().enumerate() {
            let block = match slot {
                Slot::Broker | Slot::Group(_, None) => 0,
                Slot::Node | Slot::Poisoned | Slot::Deleted | Slot::Refused | Slot::Budget => 1,
                Slot::Client(id) | Slot::Seen(id) | Slot::Group(_, Some(id)) => {
                    2 + usize::from(id.0)
                }
                Slot::Outgoing(link) | Slot::Incoming(link) => {
                    match waiting.iter().position(|other| other == slot) {
                        Some(place) => 2 + fixed.processes().count() + place,
                        None => 2 + usize::from(link.process.0),
                    }
                }
            };
            blocks[block].push(at);
        }
        blocks
    }
}

impl Scene {
    fn numbers_of(&self, wanted: impl Fn(&Slot) -> bool) -> Vec<usize> {
        let slots = &self.anatomy.slots;
        (0..slots.len()).filter(|at| wanted(&slots[*at])).collect()
    }

    /// The slots of the whole ledger and of what is poisoned.
    pub(super) fn seen(&self) -> Vec<usize> {
        self.numbers_of(|slot| matches!(slot, Slot::Seen(_) | Slot::Poisoned))
    }

    /// The slots that an audit looks at besides.
    pub(super) fn audited(&self) -> Vec<usize> {
        self.numbers_of(|slot| {
            let is_kept = matches!(slot, Slot::Broker | Slot::Group(..));
            is_kept || matches!(slot, Slot::Seen(_) | Slot::Poisoned)
        })
    }

    /// The slot of what refused something.
    pub(super) fn refusals(&self) -> Vec<usize> {
        self.numbers_of(|slot| matches!(slot, Slot::Refused))
    }
}

impl Parted for Scene {
    type Part = Part;

    fn slots(&self) -> usize {
        self.anatomy.slots.len()
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        self.anatomy.blocks.clone()
    }

    fn groups(&self) -> Vec<Group> {
        self.anatomy.groups.clone()
    }

    fn part(&self, world: &World, slot: usize) -> Part {
        // Whoever adds a field decides here which part it belongs to.
        let World { cluster, budget, ledger, refused } = world;
        let Cluster { node, processes, poisoned, deleted } = cluster;
        let BrokerNode { up, paused, broker, torn, lost_power } = node;
        let Ledger { senders, readers } = ledger;
        match self.anatomy.slots[slot] {
            Slot::Node => {
                let (up, paused, lost_power) = (*up, *paused, *lost_power);
                let (torn, stopped) = (torn.clone(), broker.stopped());
                Part::Node(Node { up, stopped, paused, torn, lost_power })
            }
            Slot::Broker => Part::Broker(broker.trunk()),
            Slot::Group(id, _) => Part::Group(broker.offsets().group(id).cloned()),
            Slot::Poisoned => Part::Poisoned(poisoned.clone()),
            Slot::Deleted => Part::Deleted(deleted.clone()),
            Slot::Refused => Part::Refused(*refused),
            Slot::Budget => Part::Budget(budget.clone()),
            Slot::Client(id) => {
                let mut process = processes[usize::from(id.0)].clone();
                process.links = Vec::new();
                Part::Client(process)
            }
            Slot::Seen(id) => match usize::from(id.0).checked_sub(senders.len()) {
                Some(app) => Part::Reader(readers[app].clone()),
                None => Part::Sender(senders[usize::from(id.0)].clone()),
            },
            Slot::Outgoing(id) => {
                let mut link = cluster.link(id).clone();
                (link.held, link.answers) = (None, VecDeque::new());
                Part::Outgoing(link)
            }
            Slot::Incoming(id) => {
                let link = cluster.link(id);
                let waiting = broker.waiting(id.connection());
                Part::Incoming(link.held.clone(), link.answers.clone(), waiting)
            }
        }
    }

    fn holds(&self, world: &World, slot: usize, part: &Part) -> bool {
        let World { cluster, budget, ledger, refused } = world;
        let senders = ledger.senders.len();
        match (self.anatomy.slots[slot], part) {
            (Slot::Broker, Part::Broker(broker)) => cluster.node.broker.has_trunk(broker),
            (Slot::Group(id, _), Part::Group(group)) => {
                cluster.node.broker.offsets().group(id) == group.as_ref()
            }
            (Slot::Refused, Part::Refused(other)) => refused == other,
            (Slot::Budget, Part::Budget(other)) => budget == other,
            (Slot::Client(id), Part::Client(client)) => {
                cluster.processes[usize::from(id.0)].is_same_without_links(client)
            }
            (Slot::Seen(id), Part::Reader(reader)) => {
                ledger.readers[usize::from(id.0) - senders] == *reader
            }
            (Slot::Seen(id), Part::Sender(sender)) => ledger.senders[usize::from(id.0)] == *sender,
            (Slot::Outgoing(id), Part::Outgoing(link)) => cluster.link(id).goes_out_like(link),
            _ => self.part(world, slot) == *part,
        }
    }

    fn put(&self, world: &mut World, slot: usize, part: &Part) {
        let cluster = &mut world.cluster;
        let senders = self.setting.producers.len();
        match (self.anatomy.slots[slot], part) {
            (Slot::Node, Part::Node(Node { up, stopped, paused, torn, lost_power })) => {
                let node = &mut cluster.node;
                (node.up, node.paused, node.lost_power) = (*up, *paused, *lost_power);
                node.torn.clone_from(torn);
                node.broker.set_stopped(*stopped);
            }
            (Slot::Broker, Part::Broker(broker)) => cluster.node.broker.set_trunk(broker),
            (Slot::Group(id, _), Part::Group(group)) => {
                cluster.node.broker.set_group(id, group.clone());
            }
            (Slot::Poisoned, Part::Poisoned(poisoned)) => cluster.poisoned.clone_from(poisoned),
            (Slot::Deleted, Part::Deleted(deleted)) => cluster.deleted.clone_from(deleted),
            (Slot::Refused, Part::Refused(refused)) => world.refused = *refused,
            (Slot::Budget, Part::Budget(budget)) => world.budget.clone_from(budget),
            (Slot::Client(id), Part::Client(client)) => {
                let process = &mut cluster.processes[usize::from(id.0)];
                let links = std::mem::take(&mut process.links);
                process.clone_from(client);
                process.links = links;
            }
            (Slot::Seen(id), Part::Reader(reader)) => {
                world.ledger.readers[usize::from(id.0) - senders].clone_from(reader);
            }
            (Slot::Seen(id), Part::Sender(sender)) => {
                world.ledger.senders[usize::from(id.0)].clone_from(sender);
            }
            (Slot::Outgoing(id), Part::Outgoing(outgoing)) => {
                let link = cluster.link_mut(id);
                let (held, answers) = (link.held.take(), std::mem::take(&mut link.answers));
                link.clone_from(outgoing);
                (link.held, link.answers) = (held, answers);
            }
            (Slot::Incoming(id), Part::Incoming(held, answers, waiting)) => {
                cluster.node.broker.set_waiting(id.connection(), waiting);
                let link = cluster.link_mut(id);
                link.held.clone_from(held);
                link.answers.clone_from(answers);
            }
            (slot, part) => unreachable!("{part:?} does not belong into {slot:?}"),
        }
    }

    fn components(&self) -> Vec<Vec<usize>> {
        let processes = self.setting.fixed().processes();
        processes.map(|id| self.numbers_of(|slot| slot.process() == Some(id))).collect()
    }

    fn calm(&self) -> Vec<usize> {
        self.numbers_of(|slot| Slot::CALM.contains(slot))
    }

    fn refuses(&self, group: usize, slot: usize, world: &World) -> bool {
        let slot = self.anatomy.slots[slot];
        self.anatomy.kinds[group].iter().all(|kind| self.forbids(*kind, slot, world))
    }

    fn ignores(&self, group: usize, slot: usize, world: &World) -> bool {
        let slot = self.anatomy.slots[slot];
        self.anatomy.kinds[group].iter().all(|kind| self.leaves(*kind, slot, world))
    }

    fn exchanges(&self) -> Vec<Exchange> {
        let Anatomy { slots, pairs, .. } = &*self.anatomy;
        pairs.iter().map(|pair| pair.exchange(slots)).collect()
    }

    fn renamed(&self, exchange: usize, slot: usize, part: &Part) -> Part {
        self.anatomy.pairs[exchange].renamed(self.anatomy.slots[slot], part)
    }

    fn enabled_in(&self, group: usize, world: &World, actions: &mut Vec<Action>) {
        self.actions_of(&self.anatomy.kinds[group], world, actions);
    }

    fn may_enable(&self, group: usize, world: &World) -> bool {
        let node = &world.cluster.node;
        match self.anatomy.kinds[group][..] {
            [Kind::ResumeBroker] => node.paused,
            [Kind::StrikeBroker] => node.up && world.budget.total > 0,
            [Kind::PauseBroker] => node.up && !node.paused && world.budget.total > 0,
            _ => true,
        }
    }
}
