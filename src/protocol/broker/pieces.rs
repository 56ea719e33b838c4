//! Taking a broker apart, for whoever keeps its pieces apart: what it is, and what waits on each connection.

use super::Broker;
use super::parked::Parked;
use crate::protocol::message::{Connection, Request};

/// What waits in a broker for one connection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Waiting(Vec<Parked>);

impl Waiting {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Broker {
    /// Adds a request that waits; what waits is kept by connection, and by arrival within one, so that
    /// equal brokers are equal.
    pub(super) fn park(&mut self, parked: Parked) {
        let connection = parked.reply().connection;
        let place = self.parked.partition_point(|other| other.reply().connection <= connection);
        self.parked.insert(place, parked);
    }

    /// What waits for a connection.
    pub fn waiting(&self, connection: Connection) -> Waiting {
        let of = self.parked.iter().filter(|parked| parked.reply().connection == connection);
        Waiting(of.cloned().collect())
    }

    /// Puts what waits for a connection in place of what waited for it.
    pub fn set_waiting(&mut self, connection: Connection, waiting: &Waiting) {
        self.disconnected(connection);
        waiting.0.iter().for_each(|parked| self.park(parked.clone()));
    }

    /// The broker without anything that waits.
    pub fn without_waiting(&self) -> Broker {
        let mut broker = self.clone();
        broker.parked.clear();
        broker
    }

    /// Puts another broker in place of this one, but for what waits.
    pub fn set_all_but_waiting(&mut self, other: &Broker) {
        let parked = std::mem::take(&mut self.parked);
        self.clone_from(other);
        self.parked = parked;
    }
}

/// Whether a request may give an answer to something that waits: nothing that only asks does, nor does what
/// changes committed offsets.
pub(super) fn may_wake(request: &Request) -> bool {
    !matches!(
        request,
        Request::Fetch(_)
            | Request::ListOffsets(_)
            | Request::Metadata(_)
            | Request::OffsetForLeaderEpoch(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_)
            | Request::JoinGroup(_)
    )
}
