//! Taking a broker apart, for whoever keeps its pieces apart: what it is, whether it runs, each group, and what
//! waits on each connection.

use super::parked::Parked;
use super::{Broker, Stop};
use crate::protocol::message::{Connection, Request};
use crate::protocol::offsets::Group;
use crate::record::{GroupId, Rename, Swap};

/// What waits in a broker for one connection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Waiting(Vec<Parked>);

impl Waiting {
    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same for another connection.
    pub fn on(mut self, connection: Connection) -> Waiting {
        // What waits names no group and no record.
        self.0.iter_mut().for_each(|parked| parked.redirect(connection));
        self
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

    /// The broker without what waits, without its groups, and as if it ran.
    pub fn trunk(&self) -> Broker {
        let mut broker = self.clone();
        broker.parked.clear();
        broker.offsets.take_groups();
        broker.stopped = None;
        broker
    }

    /// Whether another one is the same but for what waits, for groups, and for whether it runs.
    pub fn has_trunk(&self, other: &Broker) -> bool {
        let Broker {
            stopped: _,
            topics,
            next_topic_id,
            next_producer_id,
            offsets,
            parked: _,
            timers,
        } = self;
        let ids = (*next_topic_id, *next_producer_id);
        ids == (other.next_topic_id, other.next_producer_id)
            && *timers == other.timers
            && offsets.is_same_without_groups(&other.offsets)
            && *topics == other.topics
    }

    /// Puts another broker's trunk in place of this one's.
    pub fn set_trunk(&mut self, other: &Broker) {
        let (parked, stopped) = (std::mem::take(&mut self.parked), self.stopped);
        let groups = self.offsets.take_groups();
        self.clone_from(other);
        (self.parked, self.stopped) = (parked, stopped);
        self.offsets.take_groups();
        for (id, group) in groups {
            self.offsets.set_group(id, Some(group));
        }
    }

    /// How it was stopped, if it is.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    /// Says how it was stopped, if it is, and changes nothing else.
    pub fn set_stopped(&mut self, stopped: Option<Stop>) {
        self.stopped = stopped;
    }

    /// Puts a group in place of the one of this name.
    pub fn set_group(&mut self, id: GroupId, group: Option<Group>) {
        self.offsets.set_group(id, group);
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

impl Rename for Broker {
    /// But for what waits, which is renamed by whoever renames connections.
    fn rename(&mut self, swap: &Swap) {
        let Broker {
            topics,
            offsets,
            stopped: _,
            next_topic_id: _,
            next_producer_id: _,
            parked: _,
            timers: _,
        } = self;
        let partitions = topics.values_mut().flat_map(|topic| &mut topic.partitions);
        partitions.for_each(|partition| partition.log.rename(swap));
        offsets.rename(swap);
    }
}
