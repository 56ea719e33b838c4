//! What a program did in one step, beside what its clients did.

use crate::protocol::outbox::Outbox;
use crate::record::{Offset, PayloadId};

/// One thing that a program did, for stories.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doing {
    /// Called `send`.
    Send(PayloadId),
    /// Stored its source's position: the number of the next record to hand out.
    Remember(u32),
    /// Was told that a send failed, and went on.
    GiveUp(PayloadId),
    /// Was told that a send failed, and calls `send` again.
    SendAgain(PayloadId),
    /// Poll returned these records.
    Poll(Vec<PayloadId>),
    /// Handed these records to its worker thread.
    HandOver(Vec<PayloadId>),
    /// Asked its strategy of deduplication, which had not seen the record.
    Admit(PayloadId),
    /// Asked its strategy of deduplication, which took the record for a duplicate: no effect.
    Duplicate(PayloadId),
    /// Asked its strategy of deduplication, which can neither process nor skip the record: an error.
    Refuse(PayloadId),
    /// Wrote down durably that it has seen a record.
    Mark(PayloadId),
    /// Worked on a record, and its effect took place.
    Effect(PayloadId),
    /// Worked on a record that changed nothing, since the store had it already.
    NoEffect(PayloadId),
    /// Processing raised an error.
    Raise(PayloadId),
    /// Skips the record.
    Skip(PayloadId),
    /// Sent the record to the dead-letter topic.
    DeadLetter(PayloadId),
    /// Called commit for this next offset.
    Commit(Offset),
    /// Was told that a commit failed.
    CommitFailed,
    /// Ends its process by its own policy.
    Exit,
}

/// The outputs of one step of a program.
#[derive(Clone, Default, Debug)]
pub struct ProgramOut {
    /// What its clients did.
    pub client: Outbox,
    /// What it did itself.
    pub doings: Vec<Doing>,
    /// Whether its process ends now.
    pub exit: Option<Exit>,
}

/// How a program ends its process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Exit {
    /// It is started anew.
    Restart,
    /// It stays down.
    Stop,
}

impl ProgramOut {
    /// Writes down what the program did, if somebody reads it.
    pub fn did(&mut self, doing: Doing) {
        self.did_with(|| doing);
    }

    /// The same; it is made only if somebody reads it.
    pub fn did_with(&mut self, doing: impl FnOnce() -> Doing) {
        if !self.client.brief {
            self.doings.push(doing());
        }
    }

    /// Ends the process.
    pub fn exit(&mut self, exit: Exit) {
        self.did(Doing::Exit);
        self.exit = Some(exit);
    }

    /// Empties it, keeping its memory.
    pub fn clear(&mut self) {
        self.client.clear();
        self.doings.clear();
        self.exit = None;
    }
}
