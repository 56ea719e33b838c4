//! The names that a scenario may use for what the model has: faults, anomalies, guarantees,
//! policies.
//!
//! The one place where words of scenario files meet values of
//! [`world::setting`](crate::world::setting).

use crate::dedup::Kind;
use crate::fault::FAULTS;
use crate::guarantee::Anomaly;
use crate::protocol::safeguard::Safeguard;
use crate::world::property::Pin;
use crate::world::setting::{
    CommitEvery, CommitOrder, EffectKind, FaultClass, Identity, OnCommitFailure, OnFatal,
    OnProcessingError, OnSendFailure, Remember,
};

/// Words with their values.
pub type Words<T> = &'static [(&'static str, T)];

/// `remember`.
pub const REMEMBER: Words<Remember> = &[
    ("before-send", Remember::BeforeSend),
    ("after-send", Remember::AfterSend),
    ("after-ack", Remember::AfterAck),
    ("never", Remember::Never),
];

/// `on-send-failure`.
pub const ON_SEND_FAILURE: Words<OnSendFailure> = &[
    ("give-up", OnSendFailure::GiveUp),
    ("send-again", OnSendFailure::SendAgain),
    ("crash", OnSendFailure::Crash),
];

/// `on-fatal`.
pub const ON_FATAL: Words<OnFatal> = &[("stop", OnFatal::Stop), ("restart", OnFatal::Restart)];

/// `commit`, also `commit.order`.
pub const COMMIT: Words<CommitOrder> = &[
    ("auto", CommitOrder::Auto),
    ("auto-hand-off", CommitOrder::AutoHandOff),
    ("before-processing", CommitOrder::BeforeProcessing),
    ("after-processing", CommitOrder::AfterProcessing),
    ("with-result", CommitOrder::WithResult),
];

/// `commit.every`.
pub const COMMIT_EVERY: Words<CommitEvery> =
    &[("poll", CommitEvery::Poll), ("record", CommitEvery::Record)];

/// `effect`.
pub const EFFECT: Words<EffectKind> = &[
    ("local", EffectKind::Local),
    ("remote-call", EffectKind::RemoteCall),
    ("upsert", EffectKind::Upsert),
    ("store", EffectKind::Store),
    ("topic", EffectKind::Topic),
];

/// `dedup.memory`.
pub const DEDUP_MEMORY: Words<Kind> = &[
    ("volatile", Kind::Volatile),
    ("snapshot", Kind::Snapshot),
    ("durable-before", Kind::DurableBefore),
    ("durable-after", Kind::DurableAfter),
    ("durable-with", Kind::DurableWith),
];

/// `dedup.id`.
pub const DEDUP_ID: Words<Identity> = &[
    ("stamped", Identity::Stamped),
    ("record-key", Identity::RecordKey),
    ("position", Identity::Position),
];

/// `on-processing-error`.
pub const ON_PROCESSING_ERROR: Words<OnProcessingError> = &[
    ("retry", OnProcessingError::Retry),
    ("crash", OnProcessingError::Crash),
    ("close-and-restart", OnProcessingError::CloseAndRestart),
    ("skip", OnProcessingError::Skip),
    ("dead-letter", OnProcessingError::DeadLetter),
];

/// `on-commit-failure`.
pub const ON_COMMIT_FAILURE: Words<OnCommitFailure> = &[
    ("give-up", OnCommitFailure::GiveUp),
    ("try-again", OnCommitFailure::TryAgain),
    ("crash", OnCommitFailure::Crash),
];

/// The word for a value.
pub fn word_of<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words.iter().find(|(_, other)| other == value).map_or("", |(word, _)| word)
}

/// The names of the faults that the model has.
pub fn fault_names() -> Vec<&'static str> {
    FAULTS.iter().map(|fault| fault.name()).collect()
}

/// The classes of a fault; none of a name that is no fault's.
pub fn classes_of(fault: &str) -> &'static [FaultClass] {
    FAULTS.iter().find(|known| known.name() == fault).map_or(&[], |known| known.classes())
}

/// The names of the anomalies that an expectation may name, and of what else it may pin as
/// reachable.
pub fn pins() -> Vec<String> {
    let anomalies = Anomaly::ALL.iter().map(|&anomaly| Pin::Anomaly(anomaly));
    let simple = Pin::SIMPLE.iter().map(|(_, pin)| *pin);
    let refused = Safeguard::ALL.iter().map(|&safeguard| Pin::Refused(safeguard));
    anomalies.chain(simple).chain(refused).map(Pin::name).collect()
}
