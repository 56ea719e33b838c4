//! What one action did, for stories: nothing that draws a story asks the protocol again.

use crate::app::program::Doing;
use crate::cluster::link::LinkId;
use crate::cluster::timer::ClientTimer;
use crate::history::Event;
use crate::history::event::ProcessId;
use crate::protocol::message::{Request, Response};
use crate::protocol::note::Note;
use crate::record::{Batch, GroupId, Offset, Partition, PayloadId, TopicName};

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
    BrokerCrashed {
        /// Whether its machine runs on, so that what it wrote stays, flushed or not.
        keeps_page_cache: bool,
    },
    /// The broker's process started again.
    BrokerRestarted,
    /// A loss of power took the end of a partition's log.
    TailLost {
        /// Which partition.
        topic: TopicName,
        /// Which partition.
        partition: Partition,
        /// From where on.
        from: Offset,
        /// The records in it.
        payloads: Vec<PayloadId>,
    },
    /// A loss of power took the newest commit of a group.
    CommitLost {
        /// Whose.
        group: GroupId,
        /// Of which partition.
        topic: TopicName,
        /// Of which partition.
        partition: Partition,
    },
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

fn payloads(batch: &Batch) -> impl Iterator<Item = PayloadId> + '_ {
    batch.records.iter().map(|(_, record)| record.payload)
}

impl Message {
    /// The records that it carries.
    pub fn payloads(&self) -> Vec<PayloadId> {
        match self {
            Message::Request(Request::Produce(produce)) => {
                produce.data.iter().flat_map(|(_, batch)| payloads(batch)).collect()
            }
            Message::Response(Response::Fetch(answers)) => {
                answers.iter().flat_map(|answer| &answer.batches).flat_map(payloads).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Effect {
    /// The records that it is about.
    pub fn payloads(&self) -> Vec<PayloadId> {
        match self {
            Effect::Sent { message, .. }
            | Effect::Arrived { message, .. }
            | Effect::ArrivedLate { message, .. }
            | Effect::Lost { message, .. } => message.payloads(),
            Effect::Did(_, doing) => match doing {
                Doing::Poll(payloads) | Doing::HandOver(payloads) => payloads.clone(),
                Doing::Send(payload)
                | Doing::Admit(payload)
                | Doing::Duplicate(payload)
                | Doing::Refuse(payload)
                | Doing::Mark(payload)
                | Doing::GiveUp(payload)
                | Doing::SendAgain(payload)
                | Doing::Effect(payload)
                | Doing::NoEffect(payload)
                | Doing::Raise(payload)
                | Doing::Skip(payload)
                | Doing::DeadLetter(payload) => vec![*payload],
                Doing::Remember(_) | Doing::Commit(_) | Doing::CommitFailed | Doing::Exit => {
                    Vec::new()
                }
            },
            Effect::Note(
                Note::Appended { payloads, .. }
                | Note::Duplicate { payloads, .. }
                | Note::Retried { payloads, .. }
                | Note::BatchExpired { payloads, .. },
            ) => payloads.clone(),
            Effect::Event(
                Event::Handed { payload, .. }
                | Event::SendEnded { payload, .. }
                | Event::Polled { payload, .. }
                | Event::Processed { payload, .. }
                | Event::Skipped { payload, .. }
                | Event::Effect { payload, .. }
                | Event::Overwrote { payload, .. },
            ) => vec![*payload],
            _ => Vec::new(),
        }
    }

    /// Whether a client learns from it how to begin: its producer id, its position, the topics' ids.
    pub fn finds_beginning(&self) -> bool {
        let Effect::Arrived { message: Message::Response(response), .. } = self else {
            return false;
        };
        matches!(
            response,
            Response::InitProducerId { .. }
                | Response::OffsetFetch { .. }
                | Response::JoinGroup { .. }
                | Response::ListOffsets(_)
                | Response::Metadata(_)
        )
    }

    /// Whether it is part of a commit: its call, its request, its storing, its end.
    pub fn is_about_a_commit(&self) -> bool {
        match self {
            Effect::Sent { message, .. }
            | Effect::Arrived { message, .. }
            | Effect::ArrivedLate { message, .. }
            | Effect::Lost { message, .. } => matches!(
                message,
                Message::Request(Request::OffsetCommit(_))
                    | Message::Response(Response::OffsetCommit(_))
            ),
            Effect::Did(_, doing) => matches!(doing, Doing::Commit(_) | Doing::CommitFailed),
            Effect::Note(note) => matches!(note, Note::OffsetStored { .. }),
            Effect::Event(event) => matches!(event, Event::Committed { .. }),
            _ => false,
        }
    }
}
