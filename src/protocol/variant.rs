//! Versions of Kafka and the designs that differ between them.
//!
//! A preset is one recorded version of Apache Kafka; a variant is one design choice that changed, matched
//! in one place of the protocol. Older, rejected and buggy designs are named variants on top of a preset:
//! [`Variants`].

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
    pub fn auto_commit_positions(
        self,
        kind: ConsumerKind,
        choice: AutoCommitChoice,
    ) -> AutoCommitPositions {
        match (choice, kind, self) {
            (AutoCommitChoice::AtPoll, ..)
            | (AutoCommitChoice::Preset, ConsumerKind::Classic, _)
            | (AutoCommitChoice::Preset, ConsumerKind::Async, Kafka::V4_1) => {
                AutoCommitPositions::AtPoll
            }
            (AutoCommitChoice::Live, ..)
            | (AutoCommitChoice::Preset, ConsumerKind::Async, Kafka::V3_9 | Kafka::V4_3) => {
                AutoCommitPositions::Live
            }
        }
    }
}

macro_rules! choices {
    ($($(#[doc = $doc:literal])+ $Choice:ident in $field:ident = $key:literal {
        $(#[doc = $first_doc:literal])+ $First:ident = $first:literal,
        $($(#[doc = $word_doc:literal])+ $Word:ident = $word:literal,)+
    })*) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
            pub enum $Choice {
                $(#[doc = $first_doc])+
                #[default]
                $First,
                $($(#[doc = $word_doc])+ $Word),+
            }

            impl $Choice {
                const WORDS: &'static [(&'static str, $Choice, &'static str)] = &[
                    ($first, $Choice::$First, concat!($($first_doc),+)),
                    $(($word, $Choice::$Word, concat!($($word_doc),+))),+
                ];
            }
        )*

        /// The designs that a scenario chooses on top of its preset; today's by default.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        pub struct Variants {
            $($(#[doc = $doc])+ pub $field: $Choice),*
        }

        /// Every variant, in the order of [`Variants`].
        pub const VARIANTS: &[Variant] = &[$(Variant {
            key: $key,
            doc: concat!($($doc),+),
            words: &[
                ($first, concat!($($first_doc),+)),
                $(($word, concat!($($word_doc),+))),+
            ],
        }),*];

        impl Variants {
            /// Chooses a design by the names of the variant and of the word; false if there is none.
            pub fn choose(&mut self, key: &str, word: &str) -> bool {
                match key {
                    $($key => {
                        let found = $Choice::WORDS.iter().find(|(name, ..)| *name == word);
                        if let Some((_, choice, _)) = found {
                            self.$field = *choice;
                        }
                        found.is_some()
                    })*
                    _ => false,
                }
            }

            /// The word of the design chosen for each variant.
            pub fn words(&self) -> Vec<(&'static str, &'static str)> {
                let mut words = Vec::new();
                $(
                    let chosen = $Choice::WORDS.iter().find(|(_, choice, _)| *choice == self.$field);
                    words.extend(chosen.map(|(word, ..)| ($key, *word)));
                )*
                words
            }
        }
    };
}

/// A design choice that a scenario's `[variant]` table may change.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its key in a scenario.
    pub key: &'static str,
    /// What it decides, and the source.
    pub doc: &'static str,
    /// The designs with what each does; the first is today's.
    pub words: &'static [(&'static str, &'static str)],
}

choices! {
    /// How many batches of a producer a partition remembers to recognise repeats (KAFKA-5494).
    DuplicateWindow in duplicate_window = "duplicate-window" {
        /// The last five (`ProducerStateEntry.java: NUM_BATCHES_TO_RETAIN`).
        Five = "five",
        /// The last two: a client with more in flight outruns the window.
        Two = "two",
        /// The last one (0.11.0).
        One = "one",
    }
    /// What an idempotent producer without transactions does about a gap in its sequences (KIP-360,
    /// KAFKA-14034).
    IdempotentRecovery in idempotent_recovery = "idempotent-recovery" {
        /// It bumps its epoch by itself and numbers what is in flight anew.
        EpochBump = "epoch-bump",
        /// It fails for good, and so does everything in flight.
        Fatal = "fatal",
    }
    /// What becomes of an idempotence that nobody asked for by name (KAFKA-13598, KIP-679).
    DefaultIdempotence in default_idempotence = "default-idempotence" {
        /// It is on.
        On = "on",
        /// The client's code forgets it (3.0.0 and 3.1.0).
        Forgotten = "forgotten",
    }
    /// Which positions an automatic commit takes (KAFKA-2942, KAFKA-18641).
    AutoCommitChoice in auto_commit_positions = "auto-commit-positions" {
        /// As the preset's client does.
        Preset = "preset",
        /// Those at the call of poll.
        AtPoll = "at-poll",
        /// Those of the moment, perhaps of records that poll is about to return.
        Live = "live",
    }
    /// From when on offsets.retention.minutes counts for the group of a consumer that subscribes (KIP-211).
    OffsetRetention in offset_retention = "offset-retention" {
        /// From when the group lost its last member.
        FromEmptyGroup = "from-empty-group",
        /// From the commit, whoever is alive (before 2.1).
        FromCommit = "from-commit",
    }
    /// What a consumer's position belongs to when a topic is deleted and created anew (KAFKA-12257).
    PositionIdentity in position_identity = "position-identity" {
        /// The topic's name: it goes on at the same offset of the new topic.
        Name = "name",
        /// The topic's id: it asks for the committed offset of the new topic.
        TopicId = "topic-id",
    }
    /// What becomes of committed offsets when their topic is deleted.
    DeletedOffsets in deleted_offsets = "deleted-topic-offsets" {
        /// They go with it (`GroupCoordinatorService.java: onPartitionsDeleted`).
        Dropped = "dropped",
        /// They stay.
        Kept = "kept",
    }
    /// How a key finds its partition.
    KeyMapping in key_mapping = "key-mapping" {
        /// By its hash and the number of partitions as it is now (`BuiltInPartitioner.java`).
        ByCount = "by-count",
        /// By its hash and the number of partitions at the beginning, by a partitioner of the user's.
        Fixed = "fixed",
    }
    /// Where a consumer begins in a partition that was added while it ran (KIP-1327).
    NewPartitions in new_partitions = "new-partitions" {
        /// Where `auto.offset.reset` says.
        ResetPolicy = "reset-policy",
        /// At its begin.
        Earliest = "earliest",
    }
}
