//! Versions of Kafka and the designs that differ between them.
//!
//! A preset is one recorded version of Apache Kafka; a variant is one design choice that changed, matched
//! in one place of the protocol.

use crate::protocol::config::ConsumerKind;

/// A version of Apache Kafka whose answers were recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Kafka {
    /// 3.9 (recorded: 3.9.1).
    V3_9,
    /// 4.1 (recorded: 4.1.0).
    V4_1,
    /// 4.3 (recorded: 4.3.0).
    #[default]
    V4_3,
}

impl Kafka {
    /// All presets, oldest first.
    pub const ALL: &'static [Kafka] = &[Kafka::V3_9, Kafka::V4_1, Kafka::V4_3];

    /// "3.9", "4.1", "4.3".
    pub fn name(self) -> &'static str {
        match self {
            Kafka::V3_9 => "3.9",
            Kafka::V4_1 => "4.1",
            Kafka::V4_3 => "4.3",
        }
    }

    /// The preset of a version such as "4.3" or "4.3.0".
    pub fn parse(text: &str) -> Option<Kafka> {
        Kafka::ALL.iter().copied().find(|kafka| {
            text.strip_prefix(kafka.name())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}

/// Which open transaction makes a further verification unnecessary (`UnifiedLog.java:
/// hasOngoingTransaction`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OngoingTransaction {
    /// One of the producer, whatever its epoch.
    AnyEpoch,
    /// One of the producer's same epoch.
    SameEpoch,
}

/// Where a transactional batch of a stale epoch is refused first (KAFKA-16570 and later).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum StaleEpoch {
    /// At the test of the epoch itself.
    AtAppend,
    /// Before the coordinator is asked, too.
    AtVerification,
    /// And before the guard is looked at.
    BeforeGuard,
}

/// Which first sequence a verified transaction of version 2 may begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstSequence {
    /// Any, if the partition knows nothing of the producer.
    Any,
    /// Only 0, if the partition remembers no batch.
    ZeroIfVerified,
}

/// Which epoch a marker of transactions version 2 must bear (KIP-1228).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkerEpoch {
    /// Not a lower one.
    NotLower,
    /// A higher one, or an equal one if no transaction is open.
    Bumped,
}

/// Where the last stable offset lies when the log's head was deleted within an open transaction
/// (`LogSegment.java: read`, the metadata of the offset found).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnstableOffset {
    /// At the log start.
    LogStart,
    /// At the base offset of the batch that holds the log start.
    BatchStart,
}

/// What compaction does with the last batch that it looked at, if nothing of it is left
/// (KAFKA-19862).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LastCleanedBatch {
    /// It goes, and the last offset is forgotten with it.
    Removed,
    /// An empty batch stays.
    KeptEmpty,
}

/// How a killed broker that is its own controller comes back as leader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeadershipAfterKill {
    /// In the same term: the registration fences nobody.
    SameTerm,
    /// Fenced and unfenced: two terms later.
    TwoTermsLater,
}

impl Kafka {
    /// Which open transaction makes a further verification unnecessary.
    pub fn ongoing_transaction(self) -> OngoingTransaction {
        match self {
            Kafka::V3_9 => OngoingTransaction::AnyEpoch,
            Kafka::V4_1 | Kafka::V4_3 => OngoingTransaction::SameEpoch,
        }
    }

    /// Where a transactional batch of a stale epoch is refused first.
    pub fn stale_epoch(self) -> StaleEpoch {
        match self {
            Kafka::V3_9 => StaleEpoch::AtAppend,
            Kafka::V4_1 => StaleEpoch::AtVerification,
            Kafka::V4_3 => StaleEpoch::BeforeGuard,
        }
    }

    /// Which first sequence a verified transaction of version 2 may begin with.
    pub fn first_sequence(self) -> FirstSequence {
        match self {
            Kafka::V3_9 => FirstSequence::Any,
            Kafka::V4_1 | Kafka::V4_3 => FirstSequence::ZeroIfVerified,
        }
    }

    /// Which epoch a marker of transactions version 2 must bear.
    pub fn marker_epoch(self) -> MarkerEpoch {
        match self {
            Kafka::V3_9 | Kafka::V4_1 => MarkerEpoch::NotLower,
            Kafka::V4_3 => MarkerEpoch::Bumped,
        }
    }

    /// Where the last stable offset lies when the log's head was deleted within an open transaction.
    pub fn unstable_offset(self) -> UnstableOffset {
        match self {
            Kafka::V3_9 => UnstableOffset::LogStart,
            Kafka::V4_1 | Kafka::V4_3 => UnstableOffset::BatchStart,
        }
    }

    /// What compaction does with the last batch that it looked at, if nothing of it is left.
    pub fn last_cleaned_batch(self) -> LastCleanedBatch {
        match self {
            Kafka::V3_9 => LastCleanedBatch::Removed,
            Kafka::V4_1 | Kafka::V4_3 => LastCleanedBatch::KeptEmpty,
        }
    }

    /// How a killed broker that is its own controller comes back as leader.
    pub fn leadership_after_kill(self) -> LeadershipAfterKill {
        match self {
            Kafka::V3_9 => LeadershipAfterKill::SameTerm,
            Kafka::V4_1 | Kafka::V4_3 => LeadershipAfterKill::TwoTermsLater,
        }
    }
}

/// Which positions the automatic commit of a consumer takes (KAFKA-18641).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AutoCommitPositions {
    /// Those at the call of poll, before it collects records.
    AtPoll,
    /// Those at the moment when the background thread gets to it, perhaps of records that this poll is
    /// about to return.
    Live,
}

impl Kafka {
    /// The classic consumer commits inside poll. The asynchronous one leaves it to its background thread;
    /// in 4.1 poll waits for that, in 4.3 only for the check of a pending rebalance, unless a position
    /// needs validation (`ApplicationEventProcessor.java: process(AsyncPollEvent)`,
    /// `AsyncKafkaConsumer.java: collectFetch`). 3.9 had the race, too.
    pub fn auto_commit_positions(self, kind: ConsumerKind) -> AutoCommitPositions {
        match (kind, self) {
            (ConsumerKind::Classic, _) | (ConsumerKind::Async, Kafka::V4_1) => {
                AutoCommitPositions::AtPoll
            }
            (ConsumerKind::Async, Kafka::V3_9 | Kafka::V4_3) => AutoCommitPositions::Live,
        }
    }
}
