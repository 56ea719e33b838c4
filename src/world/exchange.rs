//! Which clients of a scenario are interchangeable, and what becomes of a world when two of them change places.
//!
//! Clients are interchangeable if their settings are equal but for their names, and nobody else has to do with what
//! bears their names: two applications, each with a group of its own; two producers, each with a source of its own
//! and as many records and keys in it. Not offered is
//!
//! - an application with a producer of its own: two of them cannot write to one topic, and else differ;
//! - producers, if some application runs a program of somebody's own, which may keep numbers of records where nobody
//!   can rename them, or a strategy of deduplication, whose marks have an order of their own;
//! - clients that share a group, or a source.
//!
//! Producer ids are left as they are. A broker counts them up and compares them for nothing but equality, and who has
//! which is written down with the client, its batches and its requests, which change places.
//!
//! `tests/world_exchanged.rs` checks what is claimed here on states of every model and of random scenarios.

use crate::app::setting::{AppSetting, ProducerSetting, SourceSetting};
use crate::history::event::ProcessId;
use crate::record::swap::Sources;
use crate::record::{GroupId, Rename, Swap};
use crate::system::Exchange;
use crate::world::parts::{Part, Slot};
use crate::world::{Scene, Setting};

/// Two clients that may change places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pair {
    processes: [ProcessId; 2],
    /// The names that go with them.
    swap: Swap,
}

/// Neighbours among clients that are set alike: whoever exchanges neighbours can bring them into any order.
pub(super) fn pairs(setting: &Setting) -> Vec<Pair> {
    let producers = setting.producers.len();
    let mut pairs = neighbours(producers, |one, other| producers_alike(setting, one, other));
    for pair in neighbours(setting.apps.len(), |one, other| applications_alike(setting, one, other))
    {
        let process = |ProcessId(app): ProcessId| ProcessId(app + producers as u8);
        pairs.push(Pair { processes: pair.processes.map(process), ..pair });
    }
    pairs
}

/// Each of so many clients with the next one that is like it.
fn neighbours(count: usize, alike: impl Fn(usize, usize) -> Option<Swap>) -> Vec<Pair> {
    let next = |one: usize| {
        let mut later = one + 1..count;
        let pair = |other: usize| [one, other].map(|client| ProcessId(client as u8));
        later.find_map(|other| Some(Pair { processes: pair(other), swap: alike(one, other)? }))
    };
    (0..count).filter_map(next).collect()
}

/// The names that two producers exchange, if they are set alike.
fn producers_alike(setting: &Setting, one: usize, other: usize) -> Option<Swap> {
    // Nobody can rename what these keep of records.
    if setting.apps.iter().any(|app| app.dedup.is_some() || app.own.is_some()) {
        return None;
    }
    let [first, second] = [one, other].map(|producer| &setting.producers[producer]);
    let (name, source) = (first.name.clone(), first.source);
    if (ProducerSetting { name, source, ..second.clone() }) != *first {
        return None;
    }
    let numbers = [first.source, second.source];
    let users = setting.producers.iter().filter(|producer| numbers.contains(&producer.source));
    let [one, other] = numbers.map(|source| &setting.sources[source]);
    let alike = SourceSetting { name: one.name.clone(), ..other.clone() } == *one;
    let first = numbers.map(|source| setting.fixed().first_payload(source));
    let sources = Sources { numbers, first, records: one.records };
    let apart = numbers[0] != numbers[1] && users.count() == 2;
    (alike && apart).then_some(Swap { sources: Some(sources), groups: None })
}

/// The names that two applications exchange, if they are set alike.
fn applications_alike(setting: &Setting, one: usize, other: usize) -> Option<Swap> {
    let [first, second] = [one, other].map(|app| &setting.apps[app]);
    let groups: [GroupId; 2] = [first.group, second.group];
    let members = setting.apps.iter().filter(|app| groups.contains(&app.group)).count();
    let (name, group) = (first.name.clone(), first.group);
    let alike = AppSetting { name, group, ..second.clone() } == *first;
    let apart = groups[0] != groups[1] && members == 2;
    let writes = first.output.is_some();
    (alike && apart && !writes).then_some(Swap { groups: Some(groups), sources: None })
}

impl Scene {
    /// The processes that change places by one of the exchanges.
    pub fn exchanged_processes(&self, exchange: usize) -> [ProcessId; 2] {
        self.anatomy.pairs[exchange].processes
    }
}

impl Pair {
    /// Where each of these slots goes.
    pub(super) fn exchange(&self, slots: &[Slot]) -> Exchange {
        let place = |wanted: Slot| slots.iter().position(|slot| *slot == wanted);
        let to =
            |slot: &Slot| place(self.moved(*slot)).expect("the other client has the same slots");
        let name = format!("{:?}", self.processes);
        Exchange { name, slots: slots.iter().map(to).collect() }
    }

    fn process(&self, process: ProcessId) -> ProcessId {
        let [one, other] = self.processes;
        if process == one {
            other
        } else if process == other {
            one
        } else {
            process
        }
    }

    /// The slot of the other client.
    fn moved(&self, slot: Slot) -> Slot {
        let link = |mut link: crate::cluster::LinkId| {
            link.process = self.process(link.process);
            link
        };
        match slot {
            Slot::Node
            | Slot::Broker
            | Slot::Poisoned
            | Slot::Deleted
            | Slot::Refused
            | Slot::Budget => slot,
            Slot::Group(group, member) => {
                Slot::Group(self.swap.group(group), member.map(|process| self.process(process)))
            }
            Slot::Client(process) => Slot::Client(self.process(process)),
            Slot::Seen(process) => Slot::Seen(self.process(process)),
            Slot::Outgoing(one) => Slot::Outgoing(link(one)),
            Slot::Incoming(one) => Slot::Incoming(link(one)),
        }
    }

    /// What becomes of the part in a slot.
    pub(super) fn renamed(&self, slot: Slot, part: &Part) -> Part {
        let (mut part, swap) = (part.clone(), &self.swap);
        match &mut part {
            // Faults are counted by kind, and members of a group by generation; topics keep their names.
            Part::Node(_)
            | Part::Deleted(_)
            | Part::Refused(_)
            | Part::Budget(_)
            | Part::Group(_) => {}
            Part::Broker(broker) => broker.rename(swap),
            Part::Poisoned(poisoned) => poisoned.rename(swap),
            Part::Client(process) => process.rename(swap),
            Part::Sender(sender) => sender.rename(swap),
            Part::Reader(reader) => reader.rename(swap),
            Part::Outgoing(link) => link.rename(swap),
            Part::Incoming(held, answers, waiting) => {
                held.rename(swap);
                answers.rename(swap);
                if let Slot::Incoming(link) = self.moved(slot) {
                    *waiting = std::mem::take(waiting).on(link.connection());
                }
            }
        }
        part
    }
}
