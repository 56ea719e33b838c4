//! What happened in a run, collected for the sentence that says why it went wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::Doing;
use crate::history::event::ProcessId;
use crate::record::{GroupId, Offset, PayloadId, TopicName};

/// Why a record was sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// The source handed it out for the first time.
    First,
    /// The producer tried again by itself.
    Retry,
    /// The application called `send` again.
    SentAgain,
    /// The source handed it out again.
    HandedAgain,
}

/// A record in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// The step, counted from 1.
    pub step: usize,
    /// Where.
    pub offset: Offset,
    /// Why it had been sent.
    pub cause: Cause,
    /// Whether its connection had broken before.
    pub late: bool,
}

/// An effect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Done {
    /// The step, counted from 1.
    pub step: usize,
    /// Where the record had been read.
    pub offset: Option<Offset>,
}

/// A process that ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// The step, counted from 1.
    pub step: usize,
    /// Which.
    pub process: ProcessId,
    /// Whether a fault did it, not its own policy.
    pub crashed: bool,
}

/// A committed offset that the broker stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    /// The step, counted from 1.
    pub step: usize,
    /// Whose.
    pub group: GroupId,
    /// The next record to read.
    pub offset: Offset,
    /// What was stored before, if that was a later one.
    pub back: Option<Offset>,
    /// Whether its connection had broken before.
    pub late: bool,
}

/// Where a consumer began to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begun {
    /// At the committed offset.
    Committed(Offset),
    /// Where `auto.offset.reset` said.
    Reset(Offset),
}

/// A send that failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Failure {
    /// `delivery.timeout.ms` was over.
    Expired,
    /// The broker refused it, or no retry was left.
    Refused,
}

/// What happened so far.
#[derive(Clone, Default, Debug)]
pub struct Facts {
    /// Epoch bumps: step and process.
    pub bumped: Vec<(usize, ProcessId)>,
    /// The faults, each with its step.
    pub faults: Vec<(usize, String)>,
    /// How often each record was handed out.
    pub handed: BTreeMap<PayloadId, u32>,
    /// Why each record was last sent.
    pub cause: BTreeMap<PayloadId, Cause>,
    /// Records that each process sent at all.
    pub sent: BTreeSet<(ProcessId, PayloadId)>,
    /// Records in the logs that producers write to.
    pub appended: BTreeMap<PayloadId, Vec<Appended>>,
    /// Records in the logs that applications write to.
    pub sent_on: BTreeMap<(TopicName, PayloadId), Vec<Appended>>,
    /// Where each process read each record last.
    pub polled: BTreeMap<(ProcessId, PayloadId), Offset>,
    /// Effects.
    pub effects: BTreeMap<(ProcessId, PayloadId), Vec<Done>>,
    /// Processes that ended.
    pub ended: Vec<Ended>,
    /// Committed offsets that the broker stored.
    pub stored: Vec<Stored>,
    /// Where consumers began, each with its step.
    pub begun: Vec<(usize, ProcessId, Begun)>,
    /// Sends that failed, each with its step.
    pub failed: BTreeMap<PayloadId, (usize, Failure)>,
    /// Records that were given up, skipped or put aside, each with its step.
    pub dropped: BTreeMap<PayloadId, usize>,
    /// When a producer's position in its source was stored, each with its step.
    pub remembered: Vec<(usize, ProcessId, u32)>,
    /// Records whose processing raised an error, each with the step.
    pub raised: Vec<(usize, ProcessId, PayloadId)>,
    /// What strategies of deduplication said, or were told.
    pub judged: Vec<Judged>,
}

/// What a strategy of deduplication said of a record, or was told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// When.
    pub step: usize,
    /// Whose strategy.
    pub process: ProcessId,
    /// The record.
    pub payload: PayloadId,
    /// What.
    pub what: Doing,
}

impl Judged {
    /// Whether the record is not processed.
    pub fn drops(&self) -> bool {
        matches!(self.what, Doing::Duplicate(_) | Doing::Refuse(_))
    }

    /// Whether it is written down as seen.
    pub fn marks(&self) -> bool {
        matches!(self.what, Doing::Mark(_))
    }
}

impl Facts {
    /// The copies of a record in some topics: of those that applications write to, or else of the others.
    pub fn copies(&self, topics: &[TopicName], payload: PayloadId) -> &[Appended] {
        let sent_on = topics.iter().find_map(|&topic| self.sent_on.get(&(topic, payload)));
        sent_on.or_else(|| self.appended.get(&payload)).map_or(&[], Vec::as_slice)
    }

    /// Whether a process ended between two steps; the last time it did.
    pub fn end_between(&self, process: ProcessId, from: usize, to: usize) -> Option<Ended> {
        let between =
            |ended: &&Ended| ended.process == process && (from..=to).contains(&ended.step);
        self.ended.iter().rev().find(between).copied()
    }

    /// Where a process began to read after a step.
    pub fn begun_after(&self, process: ProcessId, step: usize) -> Option<Begun> {
        let after = self.begun.iter().find(|(at, who, _)| *who == process && *at > step);
        after.map(|(_, _, begun)| *begun)
    }
}
