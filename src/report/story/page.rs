//! What one step gives, while it is told.

use crate::cluster::LinkId;
use crate::history::event::ProcessId;
use crate::protocol::message::Request;
use crate::record::PayloadId;
use crate::report::story::beat::{Actor, Row};
use crate::report::story::facts::Cause;

/// The places of clauses within a sentence, and of rows within a step.
pub(super) mod rank {
    pub const BANNER: u8 = 0;
    pub const MESSAGE: u8 = 1;
    pub const LIFE: u8 = 2;
    pub const TOLD: u8 = 3;
    pub const FAILED: u8 = 4;
    pub const TAKES: u8 = 5;
    pub const DOES: u8 = 6;
    pub const REMEMBERS: u8 = 7;
    pub const SENDS: u8 = 8;
    pub const ENDS: u8 = 9;
    pub const LAST: u8 = 10;
}

/// A request on its way, with why each of its records was sent.
#[derive(Clone, Debug)]
pub(super) struct OnItsWay {
    pub(super) request: Request,
    pub(super) causes: Vec<(PayloadId, Cause)>,
}

/// Part of a sentence, about whom.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) actor: Actor,
    pub(super) rank: u8,
    pub(super) text: String,
}

/// What one step gives.
#[derive(Default, Debug)]
pub(super) struct Page {
    /// Whole sentences that come first, without their full stops.
    pub(super) leads: Vec<String>,
    pub(super) clauses: Vec<Clause>,
    /// Requests whose connection breaks, by their names.
    pub(super) pending: Vec<String>,
    /// Answers that are lost, by their names.
    pub(super) lost_answers: Vec<String>,
    /// Requests that are lost, by their names.
    pub(super) lost_requests: Vec<String>,
    /// Records that a producer sends again without having had an answer.
    pub(super) in_doubt: Vec<(ProcessId, PayloadId)>,
    pub(super) rows: Vec<(u8, Row)>,
    /// The records that producers send in this step.
    pub(super) sent: Vec<PayloadId>,
    /// The records that sources hand out in this step.
    pub(super) handed: Vec<PayloadId>,
    /// Whether a send ends in this step without an answer (acks=0).
    pub(super) ends_unanswered: bool,
    /// Whether the client commits by itself in this step.
    pub(super) commits_by_itself: bool,
    /// Whether a commit is sent in this step.
    pub(super) sends_commit: bool,
    /// The request that the broker takes in this step.
    pub(super) taken: Option<(LinkId, OnItsWay)>,
    /// Whether that request's connection had broken before.
    pub(super) is_late: bool,
    /// Whether the broker answers a fetch as soon as it takes it.
    pub(super) answers_fetch: bool,
    /// The actor of notes that do not say whose they are.
    pub(super) actor: Option<Actor>,
}

impl Page {
    /// A sentence of its own.
    pub(super) fn lead(&mut self, text: impl Into<String>) {
        self.leads.push(text.into());
    }

    /// Part of the sentence about an actor.
    pub(super) fn clause(&mut self, actor: Actor, rank: u8, text: impl Into<String>) {
        self.clauses.push(Clause { actor, rank, text: text.into() });
    }

    /// A note in the diagram.
    pub(super) fn note(&mut self, actor: Actor, rank: u8, text: impl Into<String>) {
        self.rows.push((rank, Row::Note { actor, text: text.into(), is_effect: false }));
    }

    /// The same in both.
    pub(super) fn say(&mut self, actor: Actor, rank: u8, text: impl Into<String>) {
        let text = text.into();
        self.note(actor, rank, text.clone());
        self.clause(actor, rank, text);
    }

    pub(super) fn row(&mut self, rank: u8, row: Row) {
        self.rows.push((rank, row));
    }
}
