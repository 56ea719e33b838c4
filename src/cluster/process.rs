//! A client process: a program, its connections, and what it keeps outside.

use crate::app::output::{OUTPUT, Output};
use crate::app::program::ProgramOut;
use crate::app::reader::{Durable, ReaderProgram};
use crate::app::source::SourceProgram;
use crate::cluster::BrokerNode;
use crate::cluster::fixed::Fixed;
use crate::cluster::link::{Link, LinkId};
use crate::cluster::timer::ClientTimer;
use crate::history::event::ProcessId;
use crate::protocol::broker::Broker;
use crate::protocol::consumer::Consumer;
use crate::protocol::message::{Connection, Response};
use crate::protocol::producer::{Producer, ProducerContext};
use crate::record::{PayloadId, Rename, Swap, TopicId, TopicName};

/// The lane of an application's own producer.
pub const OUTPUT_LANE: u8 = OUTPUT.0 as u8;

/// The memory of a process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "every process is one of the large ones but when down"
)]
pub enum Program {
    /// It hands a source's records to a producer.
    Source(SourceProgram),
    /// It polls, works and commits.
    Reader(ReaderProgram),
    /// It crashed and will be started again.
    Down,
    /// It ended for good.
    Stopped,
}

/// One client process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Process {
    /// Its memory.
    pub program: Program,
    /// Its connections.
    pub links: Vec<Link>,
    /// The stored position of its source.
    pub stored: u32,
    /// What its application keeps outside.
    pub durable: Durable,
    /// Whether it stands still.
    pub paused: bool,
}

impl Process {
    /// A process that has started and is not connected.
    pub(super) fn new(fixed: Fixed<'_>, id: ProcessId, topics: &[(TopicId, i32)]) -> Process {
        let mut process = Process {
            program: Program::Down,
            links: vec![Link::default(); usize::from(fixed.lanes(id))],
            stored: 0,
            durable: fixed
                .app_index(id)
                .map_or_else(Durable::default, |app| Durable::of(&fixed.apps[app])),
            paused: false,
        };
        process.start(fixed, id, topics);
        process
    }

    /// Starts the program anew, from what is kept outside.
    pub(super) fn start(&mut self, fixed: Fixed<'_>, id: ProcessId, topics: &[(TopicId, i32)]) {
        let known = |name: TopicName| (name, topics[usize::from(name.0)]);
        self.program = if fixed.app_index(id).is_some() {
            let cx = fixed.reader_context(id);
            let partitions = cx.setting.topics.iter().flat_map(|&name| {
                let (name, (topic_id, count)) = known(name);
                (0..count).map(move |partition| (name, partition, topic_id))
            });
            let consumer = Consumer::new(partitions);
            let output = cx.setting.output.as_ref().map(|output| {
                let topics = output.topics().map(known);
                Output::new(Producer::new(topics.map(|(name, (id, count))| (name, id, count))))
            });
            Program::Reader(ReaderProgram::new(cx, consumer, output, &self.durable))
        } else {
            let cx = fixed.source_context(id);
            let (name, (topic_id, count)) = known(cx.setting.topic);
            let producer = Producer::new([(name, topic_id, count)]);
            Program::Source(SourceProgram::new(cx, producer, self.stored))
        };
    }

    /// Whether another one is the same but for its connections.
    pub fn is_same_without_links(&self, other: &Process) -> bool {
        let Process { program, links: _, stored, durable, paused } = self;
        let same = (*stored, *paused) == (other.stored, other.paused);
        same && *program == other.program && *durable == other.durable
    }

    /// Its own pause: the sender thread looks for expired batches before it reads what has arrived.
    pub(super) fn oversleep(&mut self) {
        if let Some(producer) = self.producer_mut() {
            producer.held_up();
        }
    }

    /// A pause of the broker holds up what it waits for.
    pub(super) fn hold_up(&mut self) {
        self.links.iter_mut().for_each(Link::hold_up);
        match &mut self.program {
            Program::Source(program) => program.producer.held_up(),
            Program::Reader(program) => {
                program.hold_up_commit();
                if let Some(output) = &mut program.output {
                    output.producer.held_up();
                }
            }
            Program::Down | Program::Stopped => {}
        }
    }

    fn producer_mut(&mut self) -> Option<&mut Producer> {
        match &mut self.program {
            Program::Source(program) => Some(&mut program.producer),
            Program::Reader(program) => program.output.as_mut().map(|output| &mut output.producer),
            Program::Down | Program::Stopped => None,
        }
    }

    pub(super) fn receive(
        &mut self,
        fixed: Fixed<'_>,
        id: LinkId,
        response: Response,
        out: &mut ProgramOut,
    ) {
        match &mut self.program {
            Program::Source(program) => {
                program.receive(fixed.source_context(id.process), response, &mut self.stored, out);
            }
            Program::Reader(program) if id.lane == OUTPUT_LANE => {
                program.output_received(fixed.reader_context(id.process), response, out);
            }
            Program::Reader(program) => {
                let connection = Connection(u16::from(id.lane));
                program.receive(fixed.reader_context(id.process), connection, response, out);
            }
            Program::Down | Program::Stopped => {}
        }
    }

    pub(super) fn connected(&mut self, fixed: Fixed<'_>, id: LinkId, out: &mut ProgramOut) {
        match &mut self.program {
            Program::Source(program) => {
                program.connected(fixed.source_context(id.process), &mut self.stored, out);
            }
            Program::Reader(program) if id.lane == OUTPUT_LANE => {
                program.output_connected(fixed.reader_context(id.process), out);
            }
            Program::Reader(program) => {
                let connection = Connection(u16::from(id.lane));
                program.connected(fixed.reader_context(id.process), connection, out);
            }
            Program::Down | Program::Stopped => {}
        }
    }

    pub(super) fn disconnected(&mut self, fixed: Fixed<'_>, id: LinkId, out: &mut ProgramOut) {
        match &mut self.program {
            Program::Source(program) => {
                program.disconnected(fixed.source_context(id.process), &mut self.stored, out);
            }
            Program::Reader(program) if id.lane == OUTPUT_LANE => {
                program.output_disconnected(fixed.reader_context(id.process), out);
            }
            Program::Reader(program) => {
                let connection = Connection(u16::from(id.lane));
                program.disconnected(fixed.reader_context(id.process), connection, out);
            }
            Program::Down | Program::Stopped => {}
        }
    }

    /// The timers that run, in order, each with whether it may be over now.
    ///
    /// If the broker is paused, what waits for it was held up by a fault.
    pub fn timers(
        &self,
        fixed: Fixed<'_>,
        id: ProcessId,
        node: &BrokerNode,
    ) -> Vec<(ClientTimer, bool)> {
        let mut timers = Vec::new();
        self.each_timer(fixed, id, node, |timer, over| timers.push((timer, over)));
        timers.sort_unstable();
        timers
    }

    /// Tells of each timer that runs whether it may be over now, in any order.
    pub fn each_timer(
        &self,
        fixed: Fixed<'_>,
        id: ProcessId,
        node: &BrokerNode,
        mut tell: impl FnMut(ClientTimer, bool),
    ) {
        let stalled = node.paused;
        if self.is_outdated(&node.broker) {
            tell(ClientTimer::MetadataAge, true);
        }
        match &self.program {
            Program::Source(program) => {
                let cx = fixed.source_context(id).producer;
                producer_timers(&program.producer, cx, stalled, &mut tell);
            }
            Program::Reader(program) => {
                if let Some((output, cx)) =
                    program.output.as_ref().zip(fixed.reader_context(id).output)
                {
                    producer_timers(&output.producer, cx, stalled, &mut tell);
                    if output.producer.is_outdated(|name| described(&node.broker, name)) {
                        tell(ClientTimer::OutputMetadataAge, true);
                    }
                }
                if program.can_auto_commit(fixed.reader_context(id)) {
                    tell(ClientTimer::AutoCommit, true);
                }
                if program.has_commit_event() {
                    tell(ClientTimer::BackgroundCommit, true);
                }
                if program.is_committing() {
                    let held_up = program.commit_is_held_up(fixed.reader_context(id));
                    tell(ClientTimer::ApiTimeout, held_up);
                }
            }
            Program::Down | Program::Stopped => {}
        }
        if !stalled && self.awaits_fetch_wait() {
            tell(ClientTimer::FetchWait, true);
        }
        let request_timeouts = [
            ClientTimer::RequestTimeout,
            ClientTimer::CoordinatorTimeout,
            ClientTimer::OutputTimeout,
        ];
        for (link, timer) in self.links.iter().zip(request_timeouts) {
            if link.awaits_answer() {
                tell(timer, stalled || link.has_timed_out());
            }
        }
    }

    /// Whether something waits until the broker gives up holding a fetch.
    fn awaits_fetch_wait(&self) -> bool {
        let other = match &self.program {
            Program::Reader(program) => program.consumer.awaits_other_fetch(),
            _ => false,
        };
        self.links[0].holds_fetch() && (other || !self.links[0].requests.is_empty())
    }

    /// Whether a client's topics are others than the broker's.
    fn is_outdated(&self, broker: &Broker) -> bool {
        let now = |name: TopicName| described(broker, name);
        match &self.program {
            Program::Source(program) => program.producer.is_outdated(now),
            Program::Reader(program) => program.consumer.is_outdated(now),
            Program::Down | Program::Stopped => false,
        }
    }

    /// The first record of the batch that a producer's timer is about.
    pub fn expires_next(
        &self,
        fixed: Fixed<'_>,
        id: ProcessId,
        timer: ClientTimer,
    ) -> Option<PayloadId> {
        let in_poll = timer == ClientTimer::DeliveryDeadline;
        let (producer, cx) = match &self.program {
            Program::Source(program) => (&program.producer, fixed.source_context(id).producer),
            Program::Reader(program) => {
                (&program.output.as_ref()?.producer, fixed.reader_context(id).output?)
            }
            Program::Down | Program::Stopped => return None,
        };
        producer.expires_next(cx, in_poll)
    }

    pub(super) fn fire(
        &mut self,
        fixed: Fixed<'_>,
        id: ProcessId,
        timer: ClientTimer,
        out: &mut ProgramOut,
    ) {
        match (&mut self.program, timer) {
            (Program::Source(program), ClientTimer::Linger) => {
                program.linger_over(fixed.source_context(id), &mut self.stored, out);
            }
            (Program::Source(program), ClientTimer::MetadataAge) => {
                let cx = fixed.source_context(id);
                program.producer.refresh_metadata(cx.producer, &mut out.client);
            }
            (Program::Reader(program), ClientTimer::MetadataAge) => {
                let cx = fixed.reader_context(id);
                program.consumer.refresh_metadata(cx.consumer, &mut out.client);
            }
            (Program::Source(program), ClientTimer::DeliveryTimeout) => {
                program.expire(fixed.source_context(id), &mut self.stored, out);
            }
            (Program::Source(program), ClientTimer::DeliveryDeadline) => {
                program.producer.become_overdue(fixed.source_context(id).producer);
            }
            (Program::Reader(program), ClientTimer::AutoCommit) => {
                program.auto_commit_due(fixed.reader_context(id), out);
            }
            (Program::Reader(program), ClientTimer::BackgroundCommit) => {
                program.auto_commit(fixed.reader_context(id), out);
            }
            (Program::Reader(program), ClientTimer::Linger) => {
                program.output_lingered(fixed.reader_context(id), out);
            }
            (Program::Reader(program), ClientTimer::DeliveryTimeout) => {
                program.output_expires(fixed.reader_context(id), out);
            }
            (Program::Reader(program), ClientTimer::DeliveryDeadline) => {
                let cx = fixed.reader_context(id).output;
                if let Some((output, cx)) = program.output.as_mut().zip(cx) {
                    output.producer.become_overdue(cx);
                }
            }
            (Program::Reader(program), ClientTimer::OutputMetadataAge) => {
                program.output_refreshes(fixed.reader_context(id), out);
            }
            (Program::Reader(program), ClientTimer::ApiTimeout) => {
                program.give_up_commit(fixed.reader_context(id), out);
            }
            _ => {}
        }
    }
}

/// The timers of a producer, each with whether it may be over now.
fn producer_timers(
    producer: &Producer,
    cx: ProducerContext<'_>,
    stalled: bool,
    tell: &mut impl FnMut(ClientTimer, bool),
) {
    if producer.is_lingering(cx) {
        tell(ClientTimer::Linger, true);
    }
    if producer.has_deadline(cx) {
        let held_up = producer.may_expire(cx);
        tell(ClientTimer::DeliveryTimeout, stalled || held_up);
        if held_up && producer.may_become_overdue(cx) {
            tell(ClientTimer::DeliveryDeadline, true);
        }
    }
}

/// The id and the number of partitions of a topic, if it exists.
fn described(broker: &Broker, name: TopicName) -> Option<(TopicId, i32)> {
    let topic = broker.topics().get(&name)?;
    Some((topic.id, topic.partitions.len() as i32))
}

impl Rename for Process {
    fn rename(&mut self, swap: &Swap) {
        let Process { program, links, durable, stored: _, paused: _ } = self;
        match program {
            Program::Source(program) => program.rename(swap),
            Program::Reader(program) => program.rename(swap),
            Program::Down | Program::Stopped => {}
        }
        links.rename(swap);
        durable.rename(swap);
    }
}
