//! Brokers and client processes on links: what is sent, delivered, lost, crashed and started again.
//!
//! Knows nothing of faults' budgets or explorers: it performs what it is told to.

pub mod audit;
pub mod effect;
mod effects;
pub mod fixed;
pub mod link;
pub mod process;
pub mod timer;

use std::collections::{BTreeSet, VecDeque};

pub use effect::{Effect, Message};
pub use effects::Effects;
pub use fixed::Fixed;
pub use link::{Link, LinkId};
pub use process::{Process, Program};
pub use timer::ClientTimer;

use crate::app::program::{Exit, ProgramOut};
use crate::app::reader::Course;
use crate::history::event::ProcessId;
use crate::protocol::broker::{Broker, Stop};
use crate::protocol::message::{Connection, Correlation, CreateTopicRequest, Request};
use crate::protocol::outbox::{self, Outbox};
use crate::protocol::safeguard::Safeguard;
use crate::record::{MemberId, Offset, Partition, PayloadId, Timestamp, TopicId, TopicName};

/// The explorer's clock stands still: what durations decide elsewhere are choices here.
const NOW: Timestamp = 0;

/// Generations of a group that are told apart before their count begins anew.
const MOST_GENERATIONS: i32 = 4;

/// The connection of requests that outlived their own: nobody hears the answers.
const NOBODY: Connection = Connection(u16::MAX);

/// A broker's process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BrokerNode {
    /// Whether it runs.
    pub up: bool,
    /// Whether it stands still.
    pub paused: bool,
    /// Its state; what survived, while it is down.
    pub broker: Broker,
    /// After a loss of power, until it starts again: partitions whose log's end may have gone, with the
    /// offset up to which it was flushed.
    pub torn: Vec<((TopicName, Partition), Offset)>,
    /// Whether it is down for a loss of power.
    pub lost_power: bool,
}

/// Everything that is simulated, but for the adversary and the judge.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Cluster {
    /// The only broker, until replication is modelled.
    pub node: BrokerNode,
    /// The client processes: producers, then applications.
    pub processes: Vec<Process>,
    /// Records that raise whenever they are worked on.
    pub poisoned: BTreeSet<PayloadId>,
    /// Topics that were deleted and are to be created anew.
    pub deleted: BTreeSet<TopicName>,
}

impl Cluster {
    /// Topics exist, every process has started and is connected.
    pub fn new(fixed: Fixed<'_>) -> Cluster {
        let mut broker = Broker::new(fixed.protocol, NOW);
        let mut out = Outbox::default();
        for (i, topic) in (0..).zip(fixed.topics) {
            let request = Request::CreateTopic(CreateTopicRequest {
                topic: TopicName(i),
                partitions: i32::from(topic.partitions),
            });
            broker.receive(fixed.protocol, NOW, NOBODY, Correlation(0), request, &mut out);
        }
        let node =
            BrokerNode { up: true, paused: false, broker, torn: Vec::new(), lost_power: false };
        let mut cluster = Cluster {
            node,
            processes: Vec::new(),
            poisoned: BTreeSet::new(),
            deleted: BTreeSet::new(),
        };
        let ids = cluster.topic_ids(fixed);
        for process in fixed.processes() {
            cluster.processes.push(Process::new(fixed, process, &ids));
        }
        for process in fixed.processes() {
            cluster.connect_all(fixed, process, &mut Effects::default());
        }
        cluster
    }

    /// The topics' current ids and partition counts, by their names' numbers.
    pub fn topic_ids(&self, fixed: Fixed<'_>) -> Vec<(TopicId, i32)> {
        audit::topics(&self.node.broker, fixed)
    }

    fn process(&mut self, id: ProcessId) -> &mut Process {
        &mut self.processes[usize::from(id.0)]
    }

    /// A link between a process and the broker.
    pub fn link(&self, id: LinkId) -> &Link {
        &self.processes[usize::from(id.process.0)].links[usize::from(id.lane)]
    }

    /// A link, to be changed.
    pub fn link_mut(&mut self, id: LinkId) -> &mut Link {
        &mut self.process(id.process).links[usize::from(id.lane)]
    }

    /// Every link, in order.
    pub fn links(&self) -> impl Iterator<Item = (LinkId, &Link)> {
        self.processes.iter().zip(0..).flat_map(|(process, i)| {
            let lanes = process.links.iter().zip(0..);
            lanes.map(move |(link, lane)| (LinkId { process: ProcessId(i), lane }, link))
        })
    }

    /// The broker takes the next request of a link.
    pub fn deliver_to_broker(&mut self, fixed: Fixed<'_>, id: LinkId, effects: &mut Effects) {
        let Some(request) = self.link_mut(id).requests.pop_front() else { return };
        self.link_mut(id).held = link::may_be_held(&request).then(|| request.clone());
        effects.tell(|| Effect::Arrived { link: id, message: Message::Request(request.clone()) });
        self.ask_broker(fixed, id.connection(), request, effects);
    }

    /// `fetch.max.wait.ms` is over for the fetch that a link's broker holds: it is answered as it is.
    pub fn end_fetch_wait(&mut self, fixed: Fixed<'_>, id: LinkId, effects: &mut Effects) {
        if let Some(Request::Fetch(mut fetch)) = self.link_mut(id).held.take() {
            self.node.broker.disconnected(id.connection());
            fetch.may_wait = false;
            self.ask_broker(fixed, id.connection(), Request::Fetch(fetch), effects);
        }
    }

    /// The broker takes a request that outlived its connection.
    pub fn deliver_late(
        &mut self,
        fixed: Fixed<'_>,
        id: LinkId,
        orphan: usize,
        effects: &mut Effects,
    ) {
        let link = self.link_mut(id);
        let Some(request) = link.orphans[orphan].pop_front() else { return };
        link.forget_empty_orphans();
        let arrives = || Message::Request(request.clone());
        effects.tell(|| Effect::ArrivedLate { link: id, message: arrives() });
        self.ask_broker(fixed, NOBODY, request, effects);
        self.node.broker.disconnected(NOBODY);
    }

    /// Requests that outlived their connection never arrive.
    pub fn lose_late(&mut self, id: LinkId, orphan: usize, effects: &mut Effects) {
        let link = self.link_mut(id);
        for request in std::mem::take(&mut link.orphans[orphan]) {
            effects.tell(|| Effect::Lost { link: id, message: Message::Request(request) });
        }
        link.forget_empty_orphans();
    }

    fn ask_broker(
        &mut self,
        fixed: Fixed<'_>,
        connection: Connection,
        request: Request,
        effects: &mut Effects,
    ) {
        let mut out = effects.broker();
        let broker = &mut self.node.broker;
        broker.receive(fixed.protocol, NOW, connection, Correlation(0), request, &mut out);
        self.broker_did(fixed, out, effects);
    }

    /// What the broker pushed goes its ways.
    fn broker_did(&mut self, fixed: Fixed<'_>, mut out: Box<Outbox>, effects: &mut Effects) {
        effects.extend(out.notes.drain(..).map(Effect::Note));
        for envelope in out.sends.drain(..) {
            let outbox::Message::Response(response) = envelope.message else { continue };
            if envelope.connection == NOBODY {
                continue;
            }
            let id = LinkId::of(envelope.connection);
            let link = self.link_mut(id);
            link.held = None;
            effects
                .tell(|| Effect::Sent { link: id, message: Message::Response(response.clone()) });
            link.answers.push_back(response);
        }
        for connection in out.closes.drain(..) {
            if connection != NOBODY {
                let id = LinkId::of(connection);
                effects.push(Effect::ClosedByBroker(id));
                self.disconnect(fixed, id, effects);
            }
        }
        effects.keep_broker(out);
    }

    /// A process takes the next response of a link.
    pub fn deliver_to_client(&mut self, fixed: Fixed<'_>, id: LinkId, effects: &mut Effects) {
        let link = self.link_mut(id);
        let Some(response) = link.answers.pop_front() else { return };
        link.read_one();
        effects.tell(|| Effect::Arrived { link: id, message: Message::Response(response.clone()) });
        let mut out = effects.client();
        self.process(id.process).receive(fixed, id, response, &mut out);
        self.program_did(id.process, out, effects);
    }

    /// What a process pushed goes its ways.
    fn program_did(&mut self, process: ProcessId, mut out: Box<ProgramOut>, effects: &mut Effects) {
        effects.extend(out.doings.drain(..).map(|doing| Effect::Did(process, doing)));
        effects.extend(out.client.notes.drain(..).map(Effect::Note));
        effects.extend(out.client.events.drain(..).map(Effect::Event));
        for envelope in out.client.sends.drain(..) {
            let outbox::Message::Request(request) = envelope.message else { continue };
            let id = LinkId { process, lane: envelope.connection.0 as u8 };
            effects.tell(|| Effect::Sent { link: id, message: Message::Request(request.clone()) });
            self.link_mut(id).requests.push_back(request);
        }
        if let Some(exit) = out.exit {
            self.end_process(process, exit);
            effects.push(Effect::Exited(process));
        }
        effects.keep_client(out);
    }

    /// A connection breaks: answers are lost at once, requests may still arrive.
    pub fn disconnect(&mut self, fixed: Fixed<'_>, id: LinkId, effects: &mut Effects) {
        self.break_link(id, effects);
        self.notice_break(fixed, id, effects);
    }

    /// A client learns that its connection broke; one that stands still does so when it goes on.
    fn notice_break(&mut self, fixed: Fixed<'_>, id: LinkId, effects: &mut Effects) {
        let process = self.process(id.process);
        if process.paused {
            process.links[usize::from(id.lane)].unnoticed = true;
            return;
        }
        let mut out = effects.client();
        process.disconnected(fixed, id, &mut out);
        self.program_did(id.process, out, effects);
    }

    fn break_link(&mut self, id: LinkId, effects: &mut Effects) {
        let link = self.link_mut(id);
        link.connected = false;
        link.held = None;
        link.forget_delays();
        let answers = std::mem::take(&mut link.answers);
        let requests = std::mem::take(&mut link.requests);
        let (changing, harmless): (VecDeque<Request>, VecDeque<Request>) =
            requests.into_iter().partition(link::changes_broker);
        if !changing.is_empty() {
            link.orphans.push(changing);
        }
        self.node.broker.disconnected(id.connection());
        effects.push(Effect::Disconnected(id));
        if !effects.is_brief() {
            let lost = |message| Effect::Lost { link: id, message };
            effects.extend(answers.into_iter().map(Message::Response).map(lost));
            effects.extend(harmless.into_iter().map(Message::Request).map(lost));
        }
    }

    /// A new connection in place of a broken one.
    pub fn reconnect(&mut self, fixed: Fixed<'_>, id: LinkId, effects: &mut Effects) {
        self.link_mut(id).connected = true;
        effects.push(Effect::Reconnected(id));
        let mut out = effects.client();
        self.process(id.process).connected(fixed, id, &mut out);
        self.program_did(id.process, out, effects);
    }

    fn connect_all(&mut self, fixed: Fixed<'_>, process: ProcessId, effects: &mut Effects) {
        // A new connection begins with ApiVersions, which a paused broker does not answer.
        if !self.node.up || self.node.paused {
            return;
        }
        for lane in 0..self.process(process).links.len() as u8 {
            let id = LinkId { process, lane };
            self.link_mut(id).connected = true;
            let mut out = effects.client();
            self.process(process).connected(fixed, id, &mut out);
            self.program_did(process, out, effects);
        }
    }

    /// The process of a client dies.
    pub fn crash_process(&mut self, process: ProcessId, effects: &mut Effects) {
        effects.push(Effect::Crashed(process));
        self.end_process(process, Exit::Restart);
    }

    fn end_process(&mut self, process: ProcessId, exit: Exit) {
        for lane in 0..self.process(process).links.len() as u8 {
            let link = LinkId { process, lane };
            self.break_link(link, &mut Effects::default());
            self.link_mut(link).unnoticed = false;
        }
        self.process(process).paused = false;
        self.process(process).durable.process_ended();
        self.process(process).program = match exit {
            Exit::Restart => Program::Down,
            Exit::Stop => Program::Stopped,
        };
    }

    /// The process of a client starts again and connects, if the broker is up.
    pub fn restart_process(&mut self, fixed: Fixed<'_>, process: ProcessId, effects: &mut Effects) {
        effects.push(Effect::Restarted(process));
        self.forget_generations(fixed, process);
        let ids = self.topic_ids(fixed);
        self.process(process).start(fixed, process, &ids);
        self.connect_all(fixed, process, effects);
    }

    /// A process that crashes again and again would count its group's generations up for ever. Once there
    /// are several, late requests of former members, which are certain to be refused, are taken as lost,
    /// and the count begins anew.
    fn forget_generations(&mut self, fixed: Fixed<'_>, process: ProcessId) {
        let Some(app) = fixed.app_index(process).map(|app| &fixed.apps[app]) else { return };
        let group = app.group;
        let generation = self.node.broker.offsets().member(group).map(|(_, generation)| generation);
        let fences = |safeguard| !fixed.protocol.ablated.contains(safeguard);
        let fenced = fences(Safeguard::CommitGeneration) && fences(Safeguard::CommitMembership);
        let Some(generation) = generation.filter(|&g| fenced && g >= MOST_GENERATIONS) else {
            return;
        };
        for link in &mut self.process(process).links {
            let current = |request: &Request| match request {
                Request::OffsetCommit(commit) => commit.generation == generation,
                _ => true,
            };
            link.orphans.iter_mut().for_each(|orphans| orphans.retain(current));
            link.forget_empty_orphans();
            for request in link.orphans.iter_mut().flatten() {
                if let Request::OffsetCommit(commit) = request {
                    (commit.generation, commit.member) = (1, Some(MemberId(1)));
                }
            }
        }
        self.node.broker.renumber_generations(group, 1);
    }

    /// The broker's process dies, and every connection with it; requests that it had not taken are lost.
    pub fn crash_broker(&mut self, fixed: Fixed<'_>, effects: &mut Effects) {
        effects.push(Effect::BrokerCrashed { keeps_page_cache: true });
        self.end_broker(fixed, effects);
    }

    fn end_broker(&mut self, fixed: Fixed<'_>, effects: &mut Effects) {
        let links: Vec<LinkId> = self.links().map(|(id, _)| id).collect();
        for &id in &links {
            let was_connected = self.link(id).connected;
            self.break_link(id, effects);
            for orphan in (0..self.link(id).orphans.len()).rev() {
                self.lose_late(id, orphan, effects);
            }
            if was_connected {
                self.notice_break(fixed, id, effects);
            }
        }
        self.node.up = false;
        self.node.paused = false;
        self.node.broker.stop(fixed.protocol, NOW, Stop::Kill);
    }

    /// The machine of the broker loses power: its process dies, and of each log and of the commits any end
    /// that is not flushed may go.
    pub fn lose_power(&mut self, fixed: Fixed<'_>, effects: &mut Effects) {
        let torn = self.node.broker.unflushed();
        effects.push(Effect::BrokerCrashed { keeps_page_cache: false });
        self.end_broker(fixed, effects);
        self.node.torn = torn;
        self.node.lost_power = true;
    }

    /// What a loss of power may take now: ends of logs, in the order of their partitions.
    pub fn tails(&self) -> Vec<(TopicName, Partition, Offset)> {
        let mut tails = Vec::new();
        for &((name, partition), flushed) in &self.node.torn {
            let Some(log) = self.node.broker.log(name, partition) else { continue };
            let begins = log.batches().map(|batch| batch.base_offset);
            tails
                .extend(begins.filter(|&from| from >= flushed).map(|from| (name, partition, from)));
        }
        tails
    }

    /// The loss of power took the end of a log.
    pub fn lose_tail(
        &mut self,
        (name, partition): (TopicName, Partition),
        from: Offset,
        effects: &mut Effects,
    ) {
        let log = self.node.broker.log(name, partition);
        let lost = log.iter().flat_map(|log| log.batches()).filter(|b| b.base_offset >= from);
        let payloads =
            lost.flat_map(|b| b.records.iter().map(|(_, record)| record.payload)).collect();
        effects.push(Effect::TailLost { topic: name, partition, from, payloads });
        self.node.broker.lose_tail(name, partition, from);
        self.node.torn.retain(|(torn, _)| *torn > (name, partition));
    }

    /// The loss of power took the last commit.
    pub fn lose_commit(&mut self, effects: &mut Effects) {
        if let Some((group, topic, partition)) = self.node.broker.lose_commit() {
            effects.push(Effect::CommitLost { group, topic, partition });
        }
    }

    /// A client process stands still, or goes on.
    pub fn pause_process(
        &mut self,
        fixed: Fixed<'_>,
        id: ProcessId,
        paused: bool,
        effects: &mut Effects,
    ) {
        let process = self.process(id);
        process.paused = paused;
        effects.push(Effect::Paused(Some(id), paused));
        if paused {
            process.oversleep();
            return;
        }
        for lane in 0..process.links.len() as u8 {
            let link = &mut self.process(id).links[usize::from(lane)];
            link.wake();
            if std::mem::take(&mut link.unnoticed) {
                self.notice_break(fixed, LinkId { process: id, lane }, effects);
            }
        }
    }

    /// The broker stands still, or goes on; what it was asked meanwhile was held up, too.
    pub fn pause_broker(&mut self, paused: bool, effects: &mut Effects) {
        self.node.paused = paused;
        self.processes.iter_mut().for_each(Process::hold_up);
        effects.push(Effect::Paused(None, paused));
    }

    /// The broker starts again and loads its logs.
    pub fn restart_broker(&mut self, fixed: Fixed<'_>, effects: &mut Effects) {
        effects.push(Effect::BrokerRestarted);
        self.node.up = true;
        self.node.torn.clear();
        self.node.lost_power = false;
        let mut out = effects.broker();
        self.node.broker.start(fixed.protocol, NOW, &mut out);
        self.broker_did(fixed, out, effects);
    }

    /// The record that a thread is about to work on raises from now on.
    pub fn poison(&mut self, fixed: Fixed<'_>, id: ProcessId, worker: bool, effects: &mut Effects) {
        let process = self.process(id);
        let Program::Reader(program) = &process.program else { return };
        let payload = match worker {
            true => program.worker_on(),
            false => program.working_on(fixed.reader_context(id), &process.durable),
        };
        self.poisoned.extend(payload);
        effects.extend(payload.map(Effect::Poisoned));
    }

    /// The course of working on a record: a poisoned one raises.
    fn course(&self, payload: Option<PayloadId>, wanted: Course) -> Course {
        match payload {
            Some(payload) if self.poisoned.contains(&payload) => Course::FailsBefore,
            _ => wanted,
        }
    }

    /// An administrator's request, which the broker answers at once.
    pub fn administer(&mut self, fixed: Fixed<'_>, request: Request, effects: &mut Effects) {
        self.ask_broker(fixed, NOBODY, request, effects);
    }

    /// The broker does something by itself.
    pub fn with_broker(
        &mut self,
        fixed: Fixed<'_>,
        effects: &mut Effects,
        act: impl FnOnce(&mut Broker, &mut Outbox),
    ) {
        let mut out = effects.broker();
        act(&mut self.node.broker, &mut out);
        self.broker_did(fixed, out, effects);
    }

    /// The topic is created anew, empty.
    pub fn recreate(&mut self, fixed: Fixed<'_>, topic: TopicName, effects: &mut Effects) {
        self.deleted.remove(&topic);
        effects.push(Effect::TopicCreated(topic));
        let partitions = i32::from(fixed.topics[usize::from(topic.0)].partitions);
        let request = Request::CreateTopic(CreateTopicRequest { topic, partitions });
        self.administer(fixed, request, effects);
    }

    /// The main thread of a program makes its next step.
    pub fn run_program(
        &mut self,
        fixed: Fixed<'_>,
        id: ProcessId,
        course: Course,
        effects: &mut Effects,
    ) {
        let mut out = effects.client();
        let any_raises = !self.poisoned.is_empty();
        let process = self.process(id);
        let payload = match &process.program {
            Program::Reader(program) if any_raises => {
                program.working_on(fixed.reader_context(id), &process.durable)
            }
            _ => None,
        };
        let course = self.course(payload, course);
        let process = self.process(id);
        match &mut process.program {
            Program::Source(program) => {
                program.run(fixed.source_context(id), &mut process.stored, &mut out);
            }
            Program::Reader(program) => {
                program.run(fixed.reader_context(id), course, &mut process.durable, &mut out);
            }
            Program::Down | Program::Stopped => {}
        }
        self.program_did(id, out, effects);
    }

    /// The worker thread of a program makes its next step.
    pub fn run_worker(
        &mut self,
        fixed: Fixed<'_>,
        id: ProcessId,
        course: Course,
        effects: &mut Effects,
    ) {
        let mut out = effects.client();
        let payload = match &self.process(id).program {
            Program::Reader(program) => program.worker_on(),
            _ => None,
        };
        let course = self.course(payload, course);
        let process = self.process(id);
        if let Program::Reader(program) = &mut process.program {
            program.run_worker(fixed.reader_context(id), course, &mut process.durable, &mut out);
        }
        self.program_did(id, out, effects);
    }

    /// A client's timer is over.
    pub fn fire(
        &mut self,
        fixed: Fixed<'_>,
        id: ProcessId,
        timer: ClientTimer,
        effects: &mut Effects,
    ) {
        effects.push(Effect::Fired(id, timer));
        if timer == ClientTimer::FetchWait {
            return self.end_fetch_wait(fixed, LinkId { process: id, lane: 0 }, effects);
        }
        if let Some(lane) = timer.lane() {
            return self.disconnect(fixed, LinkId { process: id, lane }, effects);
        }
        let mut out = effects.client();
        self.process(id).fire(fixed, id, timer, &mut out);
        self.program_did(id, out, effects);
    }
}
