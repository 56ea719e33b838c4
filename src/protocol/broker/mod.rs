//! One broker: the leader of its partitions and the coordinator of committed offsets.
//!
//! A state machine without clock or links: it takes requests, timers and crashes with the time as an
//! argument, and pushes its answers into an [`Outbox`]. It never knows who is at the other end of a
//! connection, what payloads say, or which fault made it stop. It is alone in its cluster: controller
//! and only replica of every partition, so what it has appended is below the high watermark at once.

mod commit;
mod fetch;
mod groups;
mod list_offsets;
mod markers;
mod parked;
pub mod pieces;
mod produce;
mod producers;
mod restart;
#[cfg(test)]
mod tests;
mod timers;
mod topics;

use std::collections::BTreeMap;

use crate::protocol::Protocol;
use crate::protocol::log::Log;
use crate::protocol::message::{Connection, Correlation, Request, Response};
use crate::protocol::offsets::Offsets;
use crate::protocol::outbox::Outbox;
use crate::record::{GroupId, Partition, ProducerId, Timestamp, TopicName};
use parked::Parked;
pub use timers::BrokerTimer;
use timers::Timers;
pub use topics::{LedPartition, Topic};

/// How a broker stops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stop {
    /// SIGTERM: a controlled shutdown.
    Clean,
    /// SIGKILL: the process's memory goes, the page cache stays.
    Kill,
}

/// One broker.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Broker {
    /// How it was stopped, if it is.
    stopped: Option<Stop>,
    topics: BTreeMap<TopicName, Topic>,
    next_topic_id: u32,
    next_producer_id: ProducerId,
    offsets: Offsets,
    /// Requests that wait for something to answer, by connection.
    parked: Vec<Parked>,
    timers: Timers,
}

/// Where an answer goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Reply {
    connection: Connection,
    correlation: Correlation,
}

impl Reply {
    fn send(self, response: Response, out: &mut Outbox) {
        out.respond(self.connection, self.correlation, response);
    }
}

impl Broker {
    /// A formatted broker without topics.
    pub fn new(protocol: &Protocol, now: Timestamp) -> Broker {
        Broker {
            stopped: None,
            topics: BTreeMap::new(),
            next_topic_id: 0,
            next_producer_id: 0,
            offsets: Offsets::default(),
            parked: Vec::new(),
            timers: Timers::begin(protocol, now),
        }
    }

    /// Its topics.
    pub fn topics(&self) -> &BTreeMap<TopicName, Topic> {
        &self.topics
    }

    /// The log of a partition.
    pub fn log(&self, topic: TopicName, partition: Partition) -> Option<&Log> {
        self.partition((topic, partition)).map(|led| &led.log)
    }

    /// The committed offsets.
    pub fn offsets(&self) -> &Offsets {
        &self.offsets
    }

    /// Counts the generations of a group anew ([`Offsets::renumber`]).
    pub fn renumber_generations(&mut self, group: GroupId, generation: i32) {
        self.offsets.renumber(group, generation);
    }

    /// Whether it is up.
    pub fn is_running(&self) -> bool {
        self.stopped.is_none()
    }

    /// A request came. A stopped broker hears nothing.
    pub fn receive(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        connection: Connection,
        correlation: Correlation,
        request: Request,
        out: &mut Outbox,
    ) {
        if !self.is_running() {
            return;
        }
        let reply = Reply { connection, correlation };
        let may_wake = pieces::may_wake(&request);
        match request {
            Request::Produce(request) => self.produce(protocol, now, reply, request, out),
            Request::Fetch(request) => self.fetch(protocol, reply, request, out),
            request => {
                let response = self.answer(protocol, now, request, out);
                reply.send(response, out);
            }
        }
        if may_wake {
            self.wake(protocol, out);
        }
    }

    /// Requests that are answered at once.
    fn answer(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        request: Request,
        out: &mut Outbox,
    ) -> Response {
        match request {
            Request::ListOffsets(request) => self.list_offsets(protocol, &request, out),
            Request::Metadata(request) => self.metadata(&request),
            Request::OffsetForLeaderEpoch(request) => self.epoch_ends(protocol, &request, out),
            Request::DeleteRecords(request) => self.delete_records(protocol, &request, out),
            Request::DescribeProducers(request) => self.describe_producers(&request),
            Request::InitProducerId(request) => self.init_producer_id(&request, out),
            Request::WriteTxnMarkers(request) => {
                self.write_txn_markers(protocol, now, &request, out)
            }
            Request::OffsetCommit(request) => self.commit_offsets(protocol, now, &request, out),
            Request::OffsetFetch(request) => self.fetch_offsets(&request),
            Request::JoinGroup(group) => {
                let (member, generation) = self.offsets.join(group);
                Response::JoinGroup { member, generation }
            }
            Request::OffsetDelete(request) => self.delete_offsets(&request),
            Request::ListGroups => self.list_groups(),
            Request::DescribeGroup { version, group } => self.describe_group(version, group),
            Request::DeleteGroup(group) => self.delete_group(group),
            Request::CreateTopic(request) => {
                Response::CreateTopic(self.create_topic(now, &request))
            }
            Request::DeleteTopic(topic) => {
                Response::DeleteTopic(self.delete_topic(protocol, topic))
            }
            Request::CreatePartitions(request) => {
                Response::CreatePartitions(self.create_partitions(now, &request))
            }
            Request::Produce(_) | Request::Fetch(_) => unreachable!("answered by themselves"),
        }
    }

    /// A connection broke: answers awaited on it are dropped.
    pub fn disconnected(&mut self, connection: Connection) {
        self.parked.retain(|parked| parked.reply().connection != connection);
    }
}
