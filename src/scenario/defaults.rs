//! What a scenario means where it says nothing (SEMANTICS 5). One place, for reading and for writing.

use crate::fault::FAULTS;
use crate::world::setting::{
    CommitEvery, CommitOrder, EffectKind, FaultClass, FaultSetting, OnCommitFailure, OnFatal,
    OnProcessingError, OnSendFailure, Remember,
};

/// Records that a source hands out.
pub(super) const RECORDS: u32 = 2;
/// Keys that they bear in turn: none.
pub(super) const KEYS: u32 = 0;
/// When a source stores its position.
pub(super) const REMEMBER: Remember = Remember::AfterAck;
/// Partitions of a topic.
pub(super) const PARTITIONS: u16 = 1;
/// Records in a batch.
pub(super) const BATCH_RECORDS: u32 = 1;
/// What a producer's program does when a send failed.
pub(super) const ON_SEND_FAILURE: OnSendFailure = OnSendFailure::GiveUp;
/// What an application does when its own send failed: the exception ends it.
pub(super) const OUTPUT_ON_SEND_FAILURE: OnSendFailure = OnSendFailure::Crash;
/// Whether an application awaits what it sends on.
pub(super) const OUTPUT_WAIT: bool = true;
/// What it does when its client is unusable.
pub(super) const ON_FATAL: OnFatal = OnFatal::Restart;
/// Records that a poll returns at most. Kafka's default is 500; a poll of one keeps a search small, and
/// a scenario that wants more says so.
pub(super) const MAX_POLL_RECORDS: u32 = 1;
/// Whether an application is a member of its group, rather than assigned partitions by hand.
pub(super) const SUBSCRIBE: bool = true;
/// How much a commit covers.
pub(super) const COMMIT_EVERY: CommitEvery = CommitEvery::Poll;
/// Whether commits are synchronous.
pub(super) const COMMIT_SYNC: bool = true;
/// What an application does when processing raised.
pub(super) const ON_PROCESSING_ERROR: OnProcessingError = OnProcessingError::Retry;
/// What it does when a commit failed.
pub(super) const ON_COMMIT_FAILURE: OnCommitFailure = OnCommitFailure::TryAgain;
/// Records between two snapshots of what an application has seen.
pub(super) const SNAPSHOT_EVERY: u32 = 1;
/// Processes of an application.
pub(super) const INSTANCES: u16 = 1;
/// Faults in all.
pub(super) const TOTAL: u32 = 2;

/// What processing does: a local computation, unless the offset is stored with the result.
pub(super) fn effect(commit: CommitOrder) -> EffectKind {
    match commit {
        CommitOrder::WithResult => EffectKind::Store,
        _ => EffectKind::Local,
    }
}

/// Faults of every class.
pub(super) fn faults() -> FaultSetting {
    FaultSetting { total: TOTAL, kinds: kinds_of(FaultClass::ALL, TOTAL) }
}

/// Every fault of some classes, as often as there are faults.
pub(super) fn kinds_of(classes: &[FaultClass], total: u32) -> Vec<(String, u32)> {
    let of_class = FAULTS.iter().filter(|f| f.classes().iter().any(|c| classes.contains(c)));
    of_class.map(|fault| (fault.name().to_owned(), total)).collect()
}
