//! Commits (`ConsumerCoordinator.java: commitOffsetsSync, commitOffsetsAsync, maybeAutoCommitOffsetsAsync`).

use crate::history::Event;
use crate::protocol::consumer::{Consumer, ConsumerContext, CoordinatorRequest, Key, by_name};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    CommittedOffset, Metadata, OffsetCommitRequest, PartitionError, Request,
};
use crate::protocol::outbox::Outbox;
use crate::record::Offset;

const OFFSET_COMMIT_VERSION: i16 = 9;

/// Who asked for a commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CommitKind {
    /// `commitSync`: retried until it succeeds, its error cannot be retried, or its time is over.
    Sync,
    /// `commitAsync`: one try, with a callback.
    Async,
    /// `enable.auto.commit`: one try, nobody is told.
    Auto,
    /// A `commitSync` that gave up waiting.
    Forgotten,
}

/// A commit on its way.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Commit {
    pub(super) kind: CommitKind,
    pub(super) offsets: Vec<(Key, Offset)>,
}

/// A commit ended: what `commitSync` returns or throws, or what the callback of `commitAsync` is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommitEnd {
    /// Who asked for it.
    pub kind: CommitKind,
    /// The first error, if any.
    pub error: Option<ErrorCode>,
}

impl Consumer {
    /// Commits the given positions: for each partition the next record to read.
    pub fn commit(
        &mut self,
        cx: ConsumerContext<'_>,
        kind: CommitKind,
        offsets: Vec<(Key, Offset)>,
        out: &mut Outbox,
    ) {
        self.send_commit(cx, Commit { kind, offsets }, out);
    }

    /// Whether the automatic commit has something new to say.
    pub fn has_uncommitted(&self) -> bool {
        self.positions().iter().any(|(key, offset)| self.committed.get(key) != Some(offset))
    }

    /// The automatic commit: all valid positions, one try.
    pub fn auto_commit(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        let offsets = self.positions();
        if !offsets.is_empty() {
            self.committed = offsets.iter().copied().collect();
            self.commit(cx, CommitKind::Auto, offsets, out);
        }
    }

    /// Whether an automatic commit is in flight.
    pub fn awaits_auto_commit(&self) -> bool {
        self.coordinator_in_flight.iter().any(|request| {
            matches!(request, CoordinatorRequest::Commit(c) if c.kind == CommitKind::Auto)
        })
    }

    /// Whether a synchronous commit waits for a connection.
    pub fn commit_waits(&self) -> bool {
        self.commit_to_retry.is_some()
    }

    /// Whether a synchronous commit has not ended.
    pub fn is_committing(&self) -> bool {
        self.commit_to_retry.is_some()
            || self.coordinator_in_flight.iter().any(|request| {
                matches!(request, CoordinatorRequest::Commit(c) if c.kind == CommitKind::Sync)
            })
    }

    /// The time of `commitSync` is over (`default.api.timeout.ms`): it throws. A request on its way may
    /// still take effect; nobody listens to its answer.
    pub fn give_up_commit(&mut self) -> Option<CommitEnd> {
        let waiting = self.commit_to_retry.take().is_some();
        let mut on_its_way = false;
        for request in &mut self.coordinator_in_flight {
            if let CoordinatorRequest::Commit(commit) = request
                && commit.kind == CommitKind::Sync
            {
                commit.kind = CommitKind::Forgotten;
                on_its_way = true;
            }
        }
        let error = Some(ErrorCode::RequestTimedOut);
        (waiting || on_its_way).then_some(CommitEnd { kind: CommitKind::Sync, error })
    }

    pub(super) fn send_commit(
        &mut self,
        cx: ConsumerContext<'_>,
        commit: Commit,
        out: &mut Outbox,
    ) {
        if !self.coordinator_connected {
            // commitSync waits for a coordinator; the others fail without one, and nobody depends on it.
            if commit.kind == CommitKind::Sync {
                self.commit_to_retry = Some(commit);
            } else {
                self.committed.clear();
            }
            return;
        }
        let say = |&(key, offset): &(Key, Offset)| {
            let metadata = Metadata::default();
            (by_name(key), CommittedOffset { offset, leader_epoch: -1, metadata })
        };
        let request = Request::OffsetCommit(OffsetCommitRequest {
            version: OFFSET_COMMIT_VERSION,
            group: cx.group,
            generation: self.member.map_or(-1, |(_, generation)| generation),
            member: self.member.map(|(member, _)| member),
            instance: None,
            offsets: commit.offsets.iter().map(say).collect(),
        });
        self.request_coordinator(CoordinatorRequest::Commit(commit), request, out);
    }

    /// The connection broke under a request: COORDINATOR_NOT_AVAILABLE for a commit (R7.22).
    pub(super) fn cancelled(&mut self, request: CoordinatorRequest) -> Option<CommitEnd> {
        match request {
            CoordinatorRequest::OffsetFetch | CoordinatorRequest::Join => None,
            CoordinatorRequest::Commit(commit) => {
                self.fail(commit, ErrorCode::CoordinatorNotAvailable)
            }
        }
    }

    fn fail(&mut self, commit: Commit, error: ErrorCode) -> Option<CommitEnd> {
        match commit.kind {
            CommitKind::Sync if is_retried(error) => {
                self.commit_to_retry = Some(commit);
                None
            }
            CommitKind::Auto => {
                self.committed.clear();
                None
            }
            CommitKind::Forgotten => None,
            kind => Some(CommitEnd { kind, error: Some(error) }),
        }
    }

    pub(super) fn commit_answered(
        &mut self,
        cx: ConsumerContext<'_>,
        commit: Commit,
        answers: &[PartitionError],
        out: &mut Outbox,
    ) -> Option<CommitEnd> {
        let error = answers.iter().map(|answer| answer.error).find(|&e| e != ErrorCode::None);
        if let Some(error) = error {
            let ended = self.fail(commit, error);
            if let Some(commit) = self.commit_to_retry.take() {
                self.send_commit(cx, commit, out);
            }
            return ended;
        }
        for &((topic, partition), offset) in &commit.offsets {
            out.event(Event::Committed { process: cx.process, topic, partition, offset });
        }
        let heard = matches!(commit.kind, CommitKind::Sync | CommitKind::Async);
        heard.then_some(CommitEnd { kind: commit.kind, error: None })
    }
}

/// Whether commitSync tries again after this error (R7.22).
fn is_retried(error: ErrorCode) -> bool {
    matches!(
        error,
        ErrorCode::CoordinatorNotAvailable
            | ErrorCode::NotCoordinator
            | ErrorCode::RequestTimedOut
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::UnknownTopicOrPartition
    )
}
