//! The Java consumer, with partitions assigned by hand (`assign`) or as the only member of its group
//! (`subscribe`): positions, fetches, commits, `auto.offset.reset` (`SubscriptionState.java`,
//! `FetchCollector.java`, `CompletedFetch.java`, `ConsumerCoordinator.java`).
//!
//! A state machine like every role: it never sees a link or a clock. It talks over two connections, one
//! to the leader and one to the group's coordinator, as the Java client does, so that a fetch that the
//! broker holds does not hold up a commit.

mod commit;
mod fetch;
mod position;

use std::collections::{BTreeMap, VecDeque};

pub use commit::{CommitEnd, CommitKind};
use fetch::Buffered;
pub use fetch::readable_records;
use position::Position;

use crate::history::event::ProcessId;
use crate::protocol::Protocol;
use crate::protocol::config::ConsumerConfig;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    Connection, Correlation, IsolationLevel, Request, Response, TopicPartition, TopicRef,
};
use crate::protocol::outbox::Outbox;
use crate::record::{
    GroupId, MemberId, Offset, Partition, Record, Rename, Swap, TopicId, TopicName,
};

/// The connection to the partitions' leader, as a consumer numbers its own.
pub const DATA: Connection = Connection(0);
/// The connection to the group's coordinator.
pub const COORDINATOR: Connection = Connection(1);

/// A partition as the consumer keys it.
pub type Key = (TopicName, Partition);

/// What is fixed for a consumer.
#[derive(Clone, Copy, Debug)]
pub struct ConsumerContext<'a> {
    /// The cluster's version, for the versions of requests.
    pub protocol: &'a Protocol,
    /// Its settings.
    pub config: &'a ConsumerConfig,
    /// Whose it is.
    pub process: ProcessId,
    /// Its group.
    pub group: GroupId,
    /// Whether it is a member of the group (`subscribe`), or has its partitions by hand (`assign`).
    pub subscribes: bool,
}

impl ConsumerContext<'_> {
    fn isolation_level(&self) -> IsolationLevel {
        if self.config.read_committed {
            IsolationLevel::ReadCommitted
        } else {
            IsolationLevel::ReadUncommitted
        }
    }
}

/// A record that poll returned.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Polled {
    /// Where it was read.
    pub key: Key,
    /// Where it was read.
    pub offset: Offset,
    /// The record.
    pub record: Record,
}

/// One assigned partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Assigned {
    topic_id: TopicId,
    position: Position,
    buffered: Option<Buffered>,
}

/// A request that waits for its response on the connection to the leader.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum DataRequest {
    Fetch(Vec<(Key, Offset)>),
    ListOffsets(Vec<Key>),
    Metadata,
}

/// A request that waits for its response on the connection to the coordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum CoordinatorRequest {
    Join,
    OffsetFetch,
    Commit(commit::Commit),
}

/// One instance of the Java consumer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Consumer {
    assigned: BTreeMap<Key, Assigned>,
    /// The assigned partitions in the order in which their records are read.
    order: Vec<Key>,
    data_connected: bool,
    coordinator_connected: bool,
    data_in_flight: VecDeque<DataRequest>,
    coordinator_in_flight: VecDeque<CoordinatorRequest>,
    /// A synchronous commit that must be sent again once there is a connection.
    commit_to_retry: Option<commit::Commit>,
    /// Its name in the group, and the generation in which it joined.
    member: Option<(MemberId, i32)>,
    /// What was last sent to the coordinator by the automatic commit, or read from it.
    committed: BTreeMap<Key, Offset>,
    metadata_stale: bool,
    /// Whether the application is inside poll, where alone this client talks to the leader.
    polling: bool,
    /// An error that poll throws.
    error: Option<ErrorCode>,
}

impl Consumer {
    /// A new instance with these partitions (topic, partition, topic id), not connected yet.
    pub fn new(partitions: impl IntoIterator<Item = (TopicName, Partition, TopicId)>) -> Consumer {
        let assign = |(topic, partition, topic_id)| {
            let assigned = Assigned { topic_id, position: Position::Unknown, buffered: None };
            ((topic, partition), assigned)
        };
        let assigned: BTreeMap<Key, Assigned> = partitions.into_iter().map(assign).collect();
        Consumer {
            order: assigned.keys().copied().collect(),
            assigned,
            data_connected: false,
            coordinator_connected: false,
            data_in_flight: VecDeque::new(),
            coordinator_in_flight: VecDeque::new(),
            commit_to_retry: None,
            member: None,
            committed: BTreeMap::new(),
            metadata_stale: false,
            polling: false,
            error: None,
        }
    }

    /// The error that poll throws, if any.
    pub fn error(&self) -> Option<ErrorCode> {
        self.error
    }

    /// A connection is there.
    pub fn connected(&mut self, cx: ConsumerContext<'_>, connection: Connection, out: &mut Outbox) {
        if connection == DATA {
            self.data_connected = true;
        } else {
            self.coordinator_connected = true;
            if let Some(commit) = self.commit_to_retry.take() {
                self.send_commit(cx, commit, out);
            }
        }
        self.prepare(cx, out);
    }

    /// A connection broke: what was in flight on it is cancelled. Returns the commits that end by it.
    pub fn disconnected(&mut self, connection: Connection) -> Vec<CommitEnd> {
        if connection == DATA {
            self.data_connected = false;
            let lost = std::mem::take(&mut self.data_in_flight);
            self.metadata_stale |= lost.contains(&DataRequest::Metadata);
            return Vec::new();
        }
        self.coordinator_connected = false;
        let lost = std::mem::take(&mut self.coordinator_in_flight);
        lost.into_iter().filter_map(|request| self.cancelled(request)).collect()
    }

    /// The next response of a connection. Returns the commits that end by it.
    pub fn receive(
        &mut self,
        cx: ConsumerContext<'_>,
        connection: Connection,
        response: Response,
        out: &mut Outbox,
    ) -> Vec<CommitEnd> {
        let ended = if connection == DATA {
            self.receive_data(cx, response);
            None
        } else {
            self.receive_from_coordinator(cx, response, out)
        };
        self.prepare(cx, out);
        ended.into_iter().collect()
    }

    fn receive_data(&mut self, cx: ConsumerContext<'_>, response: Response) {
        match (self.data_in_flight.pop_front(), response) {
            (Some(DataRequest::Fetch(asked)), Response::Fetch(answers)) => {
                for ((key, offset), answer) in asked.into_iter().zip(answers) {
                    self.fetched(cx, key, offset, answer);
                }
            }
            (Some(DataRequest::ListOffsets(keys)), Response::ListOffsets(answers)) => {
                for (key, answer) in keys.into_iter().zip(answers) {
                    self.reset_to(key, &answer);
                }
            }
            (Some(DataRequest::Metadata), Response::Metadata(answers)) => self.learn(cx, &answers),
            (request, response) => panic!("{response:?} does not answer {request:?}"),
        }
    }

    fn receive_from_coordinator(
        &mut self,
        cx: ConsumerContext<'_>,
        response: Response,
        out: &mut Outbox,
    ) -> Option<CommitEnd> {
        match (self.coordinator_in_flight.pop_front(), response) {
            (
                Some(CoordinatorRequest::OffsetFetch),
                Response::OffsetFetch { error: ErrorCode::None, partitions },
            ) => {
                self.take_committed(cx, &partitions);
                None
            }
            (Some(CoordinatorRequest::Join), Response::JoinGroup { member, generation }) => {
                self.member = Some((member, generation));
                None
            }
            // Every error of the whole response is retried by the next preparation.
            (Some(CoordinatorRequest::OffsetFetch), Response::OffsetFetch { .. }) => None,
            (Some(CoordinatorRequest::Commit(commit)), Response::OffsetCommit(answers)) => {
                self.commit_answered(cx, commit, &answers, out)
            }
            (request, response) => panic!("{response:?} does not answer {request:?}"),
        }
    }

    /// What poll does before it collects: finds positions, fetches ahead of nothing (`sendFetches`).
    ///
    /// The Java client also fetches while the application works; reading later reads the same, as long as
    /// the log is not truncated, so here a fetch is sent only when nothing is buffered.
    fn prepare(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        if self.error.is_some() || !self.polling {
            return;
        }
        self.join(cx, out);
        self.ask_for_committed(cx, out);
        let only_fetching =
            self.data_in_flight.iter().all(|request| matches!(request, DataRequest::Fetch(_)));
        if !self.data_connected || !only_fetching {
            return;
        }
        if self.metadata_stale {
            self.ask_for_metadata(out);
        } else if !self.ask_for_reset(cx, out) && self.data_in_flight.is_empty() {
            self.send_fetches(cx, out);
        }
    }

    /// Whether some partition waits to be fetched until the fetch on its way, which lacks it, is answered.
    pub fn awaits_other_fetch(&self) -> bool {
        let [DataRequest::Fetch(asked)] = self.data_in_flight.as_slices().0 else { return false };
        let lacks = |key: &Key| asked.iter().all(|(asked, _)| asked != key);
        self.polling
            && self.assigned.iter().any(|(key, assigned)| {
                matches!(assigned.position, Position::At(_))
                    && assigned.buffered.is_none()
                    && lacks(key)
            })
    }

    /// Enters poll: from now on fetches are sent.
    pub fn poll(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        self.polling = true;
        self.prepare(cx, out);
    }

    fn request_data(&mut self, in_flight: DataRequest, request: Request, out: &mut Outbox) {
        self.data_in_flight.push_back(in_flight);
        out.request(DATA, Correlation(0), request);
    }

    fn request_coordinator(
        &mut self,
        in_flight: CoordinatorRequest,
        request: Request,
        out: &mut Outbox,
    ) {
        self.coordinator_in_flight.push_back(in_flight);
        out.request(COORDINATOR, Correlation(0), request);
    }

    fn by_id(&self, key: Key) -> TopicPartition {
        TopicPartition { topic: TopicRef::Id(self.assigned[&key].topic_id), partition: key.1 }
    }
}

fn by_name(key: Key) -> TopicPartition {
    TopicPartition { topic: TopicRef::Name(key.0), partition: key.1 }
}

impl Rename for Consumer {
    fn rename(&mut self, swap: &Swap) {
        let Consumer {
            assigned,
            order: _,
            data_connected: _,
            coordinator_connected: _,
            data_in_flight: _,
            coordinator_in_flight: _,
            commit_to_retry: _,
            member: _,
            committed: _,
            metadata_stale: _,
            polling: _,
            error: _,
        } = self;
        for Assigned { buffered, topic_id: _, position: _ } in assigned.values_mut() {
            buffered.rename(swap);
        }
    }
}

impl Rename for Polled {
    fn rename(&mut self, swap: &Swap) {
        let Polled { record, key: _, offset: _ } = self;
        record.rename(swap);
    }
}
