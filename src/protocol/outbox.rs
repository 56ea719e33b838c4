//! What a role does in answer to an input: it pushes into an [`Outbox`], which the caller reads.

use crate::history::Event;
use crate::protocol::message::{Connection, Correlation, Request, Response};
use crate::protocol::note::Note;

/// What goes over a connection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Message {
    /// From a client to a broker.
    Request(Request),
    /// From a broker to a client.
    Response(Response),
}

/// A message on its connection.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Envelope {
    /// Which connection.
    pub connection: Connection,
    /// Ties a response to its request.
    pub correlation: Correlation,
    /// What is said.
    pub message: Message,
}

/// The outputs of one input, in the order in which they arose.
#[derive(Clone, Default, Debug)]
pub struct Outbox {
    /// Messages to send.
    pub sends: Vec<Envelope>,
    /// Connections that the role closes (a broker's only way to tell an error under acks=0).
    pub closes: Vec<Connection>,
    /// What clients can see, for the judgement.
    pub events: Vec<Event>,
    /// What happened inside, for stories.
    pub notes: Vec<Note>,
    /// Whether nobody tells a story, so that of all notes only refusals are taken.
    pub brief: bool,
}

impl Outbox {
    /// An empty one that takes as much.
    pub fn alike(&self) -> Outbox {
        Outbox { brief: self.brief, ..Outbox::default() }
    }

    /// Sends a response.
    pub fn respond(
        &mut self,
        connection: Connection,
        correlation: Correlation,
        response: Response,
    ) {
        self.sends.push(Envelope { connection, correlation, message: Message::Response(response) });
    }

    /// Sends a request.
    pub fn request(&mut self, connection: Connection, correlation: Correlation, request: Request) {
        self.sends.push(Envelope { connection, correlation, message: Message::Request(request) });
    }

    /// Writes down what happened inside.
    pub fn note(&mut self, note: Note) {
        if !self.brief || matches!(note, Note::Refused(_)) {
            self.notes.push(note);
        }
    }

    /// Writes down what happened inside, and was no refusal; it is made only if somebody reads it.
    pub fn note_with(&mut self, note: impl FnOnce() -> Note) {
        if !self.brief {
            self.notes.push(note());
        }
    }

    /// Writes down what a client saw.
    pub fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Adds what another has, behind what is there.
    pub fn append(&mut self, other: Outbox) {
        self.sends.extend(other.sends);
        self.closes.extend(other.closes);
        self.events.extend(other.events);
        self.notes.extend(other.notes);
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.sends.clear();
        self.closes.clear();
        self.events.clear();
        self.notes.clear();
    }
}
