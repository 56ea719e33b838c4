//! One TCP connection between a client process and the broker: first in, first out, both ways.
//!
//! The network neither duplicates nor reorders within a connection. When one breaks, its answers are
//! lost, and requests that were on their way may still be taken later: a prefix of them, in order, even
//! after requests of the next connection.

use std::collections::VecDeque;

use crate::history::event::ProcessId;
use crate::protocol::message::{Connection, Request, Response};
use crate::record::{Rename, Swap};

/// Connections of one process, at most.
const LANES: u16 = 3;

/// Which connection of which process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId {
    /// Whose.
    pub process: ProcessId,
    /// 0: to the leader; 1: a consumer's connection to its coordinator; 2: that of an application's producer.
    pub lane: u8,
}

impl LinkId {
    /// As the broker numbers it.
    pub fn connection(self) -> Connection {
        Connection(u16::from(self.process.0) * LANES + u16::from(self.lane))
    }

    /// The link of a broker's number.
    pub fn of(connection: Connection) -> LinkId {
        LinkId {
            process: ProcessId((connection.0 / LANES) as u8),
            lane: (connection.0 % LANES) as u8,
        }
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
    /// How many of its oldest unanswered requests a pause of the broker held up: their request timeout
    /// may be over.
    pub held_up: u8,
    /// How many of its oldest unanswered requests the client overslept.
    pub overslept: u8,
    /// It has read a response since.
    pub has_read: bool,
    /// It broke while the client's process stood still, which has yet to notice.
    pub unnoticed: bool,
    /// Requests of broken connections that may still arrive, the oldest connection first.
    pub orphans: Vec<VecDeque<Request>>,
}

impl Link {
    /// Whether another one is the same but for what comes from the broker.
    pub fn goes_out_like(&self, other: &Link) -> bool {
        // Whoever adds a field decides here.
        let Link {
            connected,
            held: _,
            requests,
            answers: _,
            held_up,
            overslept,
            has_read,
            unnoticed,
            orphans,
        } = self;
        (*connected, *held_up, *overslept) == (other.connected, other.held_up, other.overslept)
            && (*has_read, *unnoticed) == (other.has_read, other.unnoticed)
            && *requests == other.requests
            && *orphans == other.orphans
    }

    /// Whether the broker holds a fetch.
    pub fn holds_fetch(&self) -> bool {
        matches!(self.held, Some(Request::Fetch(_)))
    }

    /// Whether a request is unanswered. A fetch that the broker holds is no delay: its answer comes within
    /// `fetch.max.wait.ms`, which says nothing new.
    pub(super) fn awaits_answer(&self) -> bool {
        let delays = |request: &Request| expects_answer(request);
        self.requests.iter().any(delays) || !self.answers.is_empty()
    }

    fn unanswered(&self) -> u8 {
        let asked = self.requests.iter().chain(&self.held).filter(|r| expects_answer(r)).count();
        u8::try_from(asked + self.answers.len()).unwrap_or(u8::MAX)
    }

    /// A pause of the broker holds up whatever is unanswered.
    pub(super) fn hold_up(&mut self) {
        self.held_up = self.unanswered();
    }

    /// The client goes on after a pause.
    pub(super) fn wake(&mut self) {
        let unanswered = self.unanswered();
        self.overslept = if unanswered > 1 { unanswered } else { 0 };
        self.has_read = false;
    }

    /// The client has read a response.
    pub(super) fn read_one(&mut self) {
        self.held_up = self.held_up.saturating_sub(1);
        self.overslept = self.overslept.saturating_sub(1);
        self.has_read = self.overslept > 0;
    }

    /// Whether the request timeout of the oldest request may be over, since a pause held it up.
    ///
    /// A client that wakes up reads one response of each connection before it looks for requests that
    /// timed out (`NetworkClient.java: poll`); a broker that was well has answered them all long since.
    pub(super) fn has_timed_out(&self) -> bool {
        let overslept = usize::from(self.overslept);
        self.held_up > 0 || (self.has_read && self.answers.len() >= overslept)
    }

    /// It broke: nothing is unanswered.
    pub(super) fn forget_delays(&mut self) {
        self.held_up = 0;
        self.overslept = 0;
        self.has_read = false;
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

/// Whether the broker may hold a request before it answers it; the others it answers at once.
pub(super) fn may_be_held(request: &Request) -> bool {
    matches!(request, Request::Produce(_) | Request::Fetch(_)) && expects_answer(request)
}

/// Whether the broker answers a request at all.
pub(super) fn expects_answer(request: &Request) -> bool {
    !matches!(request, Request::Produce(produce) if produce.acks == 0)
}

impl Rename for Link {
    fn rename(&mut self, swap: &Swap) {
        let Link {
            held,
            requests,
            answers,
            orphans,
            connected: _,
            held_up: _,
            overslept: _,
            has_read: _,
            unnoticed: _,
        } = self;
        held.rename(swap);
        requests.rename(swap);
        answers.rename(swap);
        orphans.rename(swap);
    }
}
