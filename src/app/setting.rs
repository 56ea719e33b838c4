//! What a scenario fixes for the user's programs.

use crate::app::own::OwnProgram;
use crate::app::program::Exit;
use crate::dedup::Memory;
use crate::dedup::model::Rule;
use crate::protocol::config::{ConsumerConfig, ProducerConfig};
use crate::record::{GroupId, TopicName};

/// A topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopicSetting {
    /// Its name.
    pub name: String,
    /// How many partitions it begins with.
    pub partitions: u16,
}

/// When a source stores its position (SEMANTICS: a restart resumes there).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Remember {
    /// Before the record is given to the producer.
    BeforeSend,
    /// As soon as `send` returned.
    AfterSend,
    /// When the send was acknowledged.
    AfterAck,
    /// Never: a restart begins at the first record.
    Never,
}

/// A durable source outside Kafka.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceSetting {
    /// Its name.
    pub name: String,
    /// How many records it hands out.
    pub records: u32,
    /// How many keys they bear in turn; 0: none.
    pub keys: u32,
    /// When it stores its position.
    pub remember: Remember,
}

/// What a program does when a send failed for good.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OnSendFailure {
    /// Goes on with the next record.
    GiveUp,
    /// Calls `send` again with the same record.
    SendAgain,
    /// Ends its process, which is started anew.
    Crash,
}

/// What a program does after an error that leaves its client unusable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OnFatal {
    /// Ends for ever.
    Stop,
    /// Ends its process, which is started anew.
    Restart,
}

impl OnFatal {
    /// How the process ends.
    pub fn exit(self) -> Exit {
        match self {
            OnFatal::Stop => Exit::Stop,
            OnFatal::Restart => Exit::Restart,
        }
    }
}

/// A process that sends a source's records to a topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducerSetting {
    /// Its name.
    pub name: String,
    /// Index of its source.
    pub source: usize,
    /// Where it sends.
    pub topic: TopicName,
    /// Effective settings of its client.
    pub config: ProducerConfig,
    /// Records in a batch.
    pub batch_records: u32,
    /// Policy.
    pub on_send_failure: OnSendFailure,
    /// Policy.
    pub on_fatal: OnFatal,
}

/// When an application commits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CommitOrder {
    /// `enable.auto.commit=true`, records processed between two polls.
    Auto,
    /// `enable.auto.commit=true`, records handed to another thread.
    AutoHandOff,
    /// Before the records of a poll are processed.
    BeforeProcessing,
    /// After the records of a poll are processed.
    AfterProcessing,
    /// The offset is stored together with the result, outside Kafka.
    WithResult,
}

/// How much a commit covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CommitEvery {
    /// All records of a poll.
    Poll,
    /// One record.
    Record,
}

/// What processing a record does to the world outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EffectKind {
    /// A local computation whose output line survives a crash.
    Local,
    /// A call to a remote service, which may be lost before or after it took effect.
    RemoteCall,
    /// An upsert by key at a remote store.
    Upsert,
    /// A transactional store; with `CommitOrder::WithResult` it holds the offset, too.
    Store,
    /// The record is sent on to [`OutputSetting::topic`]; each copy there is an effect.
    Topic,
}

/// What an application does when processing raised.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum OnProcessingError {
    Retry,
    Crash,
    CloseAndRestart,
    Skip,
    DeadLetter,
}

/// What an application does when a commit failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum OnCommitFailure {
    GiveUp,
    TryAgain,
    Crash,
}

/// What an application takes for the identity of a record, when it looks for duplicates by a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Identity {
    /// An id that the source stamped: one for each record, the same on every resend.
    Stamped,
    /// The record's key, which other records may have, too.
    RecordKey,
    /// Topic, partition and offset: a record that was sent again has another.
    Position,
}

/// A strategy of deduplication, asked before each effect whether the record was seen before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DedupSetting {
    /// Its name in [`crate::dedup::list::STRATEGIES`].
    pub strategy: &'static str,
    /// What it recognises a duplicate by.
    pub rule: Rule,
    /// What of it survives a crash.
    pub memory: Memory,
    /// What its keys are.
    pub identity: Identity,
}

/// An application's own producer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutputSetting {
    /// Where `effect = "topic"` sends each record: the next stage's input.
    pub topic: Option<TopicName>,
    /// Where a record that raised is sent (`on-processing-error = "dead-letter"`).
    pub dead_letter: Option<TopicName>,
    /// Whether the program awaits each send's future before it goes on.
    pub wait: bool,
    /// Effective settings of the client.
    pub config: ProducerConfig,
    /// Records in a batch.
    pub batch_records: u32,
    /// Policy.
    pub on_send_failure: OnSendFailure,
    /// Policy.
    pub on_fatal: OnFatal,
}

impl OutputSetting {
    /// The topics that it may send to.
    pub fn topics(&self) -> impl Iterator<Item = TopicName> + use<> {
        self.topic.into_iter().chain(self.dead_letter)
    }
}

/// A process that reads topics and works on their records.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppSetting {
    /// Its name.
    pub name: String,
    /// Its consumer group.
    pub group: GroupId,
    /// Whether it is a member of the group (`subscribe`), or has its partitions by hand (`assign`).
    pub subscribe: bool,
    /// What it reads.
    pub topics: Vec<TopicName>,
    /// Effective settings of its client.
    pub config: ConsumerConfig,
    /// Whether `commitSync` (else `commitAsync`).
    pub commit_sync: bool,
    /// When it commits.
    pub commit: CommitOrder,
    /// How much a commit covers.
    pub commit_every: CommitEvery,
    /// What processing does.
    pub effect: EffectKind,
    /// Its own producer, if it has one.
    pub output: Option<OutputSetting>,
    /// How it tells records that it has seen, if it does.
    pub dedup: Option<DedupSetting>,
    /// Policy.
    pub on_processing_error: OnProcessingError,
    /// Policy.
    pub on_commit_failure: OnCommitFailure,
    /// A program of somebody's own in place of the one that these settings describe.
    pub own: Option<OwnProgram>,
    /// How many processes run it; 1 until groups are modelled.
    pub instances: u16,
}

impl AppSetting {
    /// Where it sends what it has processed, if that is its effect.
    pub fn next_stage(&self) -> Option<TopicName> {
        let output = self.output.as_ref().filter(|_| self.effect == EffectKind::Topic);
        output.and_then(|output| output.topic)
    }

    /// Where it sends what raised, if the dead-letter topic is modelled; else that takes every record.
    pub fn dead_letter(&self) -> Option<TopicName> {
        let puts = self.on_processing_error == OnProcessingError::DeadLetter;
        self.output.as_ref().filter(|_| puts).and_then(|output| output.dead_letter)
    }

    /// The topics in which its effects are, which only a reader of those sees.
    pub fn writes(&self) -> impl Iterator<Item = TopicName> + use<> {
        self.next_stage().into_iter().chain(self.dead_letter())
    }
}
