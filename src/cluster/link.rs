//! One TCP connection between a client process and the broker: first in, first out, both ways.
//!
//! The network neither duplicates nor reorders within a connection. When one breaks, its answers are
//! lost, and requests that were on their way may still be taken later: a prefix of them, in order, even
//! after requests of the next connection.

use std::collections::VecDeque;

use crate::history::event::ProcessId;
use crate::protocol::message::{Connection, Request, Response};

/// Which connection of which process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId {
    /// Whose.
    pub process: ProcessId,
    /// 0: to the leader; 1: a consumer's connection to its coordinator.
    pub lane: u8,
}

impl LinkId {
    /// As the broker numbers it.
    pub fn connection(self) -> Connection {
        Connection(u16::from(self.process.0) * 2 + u16::from(self.lane))
    }

    /// The link of a broker's number.
    pub fn of(connection: Connection) -> LinkId {
        LinkId { process: ProcessId((connection.0 / 2) as u8), lane: (connection.0 % 2) as u8 }
    }
}

/// The state of a connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Link {
    /// Whether there is one.
    pub connected: bool,
    /// The request of it that the broker holds: the next one is read when the answer is out
    /// (`SocketServer.scala` mutes the channel).
    pub held: Option<Request>,
    /// On their way to the broker, the oldest first.
    pub requests: VecDeque<Request>,
    /// On their way to the client, the oldest first.
    pub answers: VecDeque<Response>,
    /// Requests of broken connections that may still arrive, the oldest connection first.
    pub orphans: Vec<VecDeque<Request>>,
}

impl Link {
    /// Whether a request waits behind a fetch that the broker holds.
    pub fn waits_behind_fetch(&self) -> bool {
        matches!(self.held, Some(Request::Fetch(_))) && !self.requests.is_empty()
    }

    /// Whether a request is unanswered. A fetch that the broker holds is no delay: its answer comes within
    /// `fetch.max.wait.ms`, which says nothing new.
    pub(super) fn awaits_answer(&self) -> bool {
        let delays = |request: &Request| expects_answer(request);
        self.requests.iter().any(delays) || !self.answers.is_empty()
    }

    pub(super) fn forget_empty_orphans(&mut self) {
        self.orphans.retain(|orphans| !orphans.is_empty());
    }
}

/// Whether a request can change the broker; one that only asks is no loss when its answer is lost. Nor is
/// a JoinGroup: its member would have to come back with the id that it is given (KIP-394).
pub(super) fn changes_broker(request: &Request) -> bool {
    !matches!(
        request,
        Request::Fetch(_)
            | Request::ListOffsets(_)
            | Request::Metadata(_)
            | Request::OffsetFetch(_)
            | Request::OffsetForLeaderEpoch(_)
            | Request::JoinGroup(_)
    )
}

/// Whether the broker answers a request at all.
pub(super) fn expects_answer(request: &Request) -> bool {
    !matches!(request, Request::Produce(produce) if produce.acks == 0)
}
