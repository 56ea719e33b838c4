//! What one action did, for stories: nothing that draws a story asks the protocol again.

use crate::app::program::Doing;
use crate::cluster::link::LinkId;
use crate::cluster::timer::ClientTimer;
use crate::history::Event;
use crate::history::event::ProcessId;
use crate::protocol::message::{Request, Response};
use crate::protocol::note::Note;
use crate::record::{PayloadId, TopicName};

/// A message on a link.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(clippy::large_enum_variant, reason = "short-lived")]
pub enum Message {
    /// To the broker.
    Request(Request),
    /// To the client.
    Response(Response),
}

/// One thing that an action did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// A message was put on its way.
    Sent {
        /// Where.
        link: LinkId,
        /// What.
        message: Message,
    },
    /// A message was taken.
    Arrived {
        /// Where.
        link: LinkId,
        /// What.
        message: Message,
    },
    /// A request was taken after its connection had broken.
    ArrivedLate {
        /// Where.
        link: LinkId,
        /// What.
        message: Message,
    },
    /// A message will never arrive.
    Lost {
        /// Where.
        link: LinkId,
        /// What.
        message: Message,
    },
    /// A connection broke.
    Disconnected(LinkId),
    /// The broker closed a connection, its only way to tell an error under acks=0.
    ClosedByBroker(LinkId),
    /// There is a connection again.
    Reconnected(LinkId),
    /// A client process died.
    Crashed(ProcessId),
    /// A client process ended by its own policy.
    Exited(ProcessId),
    /// A client process started again.
    Restarted(ProcessId),
    /// The broker's process died.
    BrokerCrashed,
    /// The broker's process started again.
    BrokerRestarted,
    /// A process (none: the broker) stood still, or went on.
    Paused(Option<ProcessId>, bool),
    /// A record raises from now on.
    Poisoned(PayloadId),
    /// A topic was deleted.
    TopicDeleted(TopicName),
    /// A topic was created anew.
    TopicCreated(TopicName),
    /// A topic has so many partitions now.
    PartitionsAdded(TopicName, i32),
    /// A client's timer was over.
    Fired(ProcessId, ClientTimer),
    /// A program did something.
    Did(ProcessId, Doing),
    /// Something happened inside a role.
    Note(Note),
    /// A client saw something.
    Event(Event),
}
