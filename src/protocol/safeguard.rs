//! Every protective check of the protocol, by name.
//!
//! A check reads `if protocol.refuses(Safeguard::X, broken, out) { .. }`, so it can be found, is named in
//! stories, and can be removed (*ablated*) to see which anomaly it prevents.

macro_rules! safeguards {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),* $(,)?) => {
        /// A named protective check.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Safeguard { $($(#[doc = $doc])+ $variant),* }

        impl Safeguard {
            /// All of them, in the order of the protocol.
            pub const ALL: &'static [Safeguard] = &[$(Safeguard::$variant),*];

            /// Its name in schedules, reports and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Safeguard::$variant => $name),* }
            }

            /// What it refuses, and the source.
            pub fn doc(self) -> &'static str {
                match self { $(Safeguard::$variant => concat!($($doc, "\n"),+)),* }
            }
        }
    };
}

safeguards! {
    /// A batch whose epoch and sequences are those of a remembered batch is answered with the original
    /// offsets and not appended (`ProducerStateEntry.java: findDuplicateBatch`).
    DuplicateBatch = "duplicate-batch",
    /// A batch of a lower epoch than the partition knows of its producer is refused
    /// (`ProducerAppendInfo.java: checkProducerEpoch`).
    ProducerEpochFence = "producer-epoch-fence",
    /// A batch whose first sequence does not follow the last one is refused
    /// (`ProducerAppendInfo.java: checkSequence`).
    SequenceOrder = "sequence-order",
    /// While a transaction's first append is being verified, a batch behind the lowest sequence that
    /// asked is refused (`ProducerAppendInfo.java: checkSequence`, the verification state).
    VerifiedSequence = "verified-sequence",
    /// A plain batch of a producer whose transaction is open is refused
    /// (`ProducerAppendInfo.java: appendDataBatch`).
    OpenTransaction = "open-transaction",
    /// The first batch of a transaction needs the coordinator's word that the transaction is open
    /// (KIP-890; `UnifiedLog.java: batchMissingRequiredVerification`).
    VerificationGuard = "verification-guard",
    /// A marker of a lower epoch than the partition knows of its producer is refused
    /// (`ProducerAppendInfo.java: checkProducerEpoch`).
    MarkerEpochFence = "marker-epoch-fence",
    /// A marker of transactions version 2 that bears the epoch of the open transaction is refused
    /// (KIP-1228; `ProducerAppendInfo.java: checkProducerEpoch`).
    MarkerEpochBump = "marker-epoch-bump",
    /// A marker of an older coordinator than the last one is refused
    /// (`ProducerAppendInfo.java: checkCoordinatorEpoch`).
    CoordinatorEpochFence = "coordinator-epoch-fence",
    /// A transactional batch in a request without a transactional id is refused
    /// (`KafkaApis.scala: handleProduceRequest`).
    TransactionalIdGiven = "transactional-id-given",
    /// Two producers in one transactional request are refused
    /// (`ReplicaManager.scala: handleProduceAppend`).
    OneProducerPerRequest = "one-producer-per-request",
    /// Acks other than 0, 1 and -1 are refused (`ReplicaManager.scala: isValidRequiredAcks`).
    RequiredAcks = "required-acks",
    /// A batch larger than `max.message.bytes` is refused
    /// (`UnifiedLog.java: analyzeAndValidateRecords`).
    MaxMessageBytes = "max-message-bytes",
    /// A control batch of a client is refused (`LogValidator.java: validateBatch`).
    ControlBatch = "control-batch",
    /// A batch with a producer id but without a sequence is refused
    /// (`LogValidator.java: validateBatch`).
    SequenceGiven = "sequence-given",
    /// A record without a key is refused on a compacted topic (`LogValidator.java: validateKey`).
    KeyIfCompacted = "key-if-compacted",
    /// A record whose time is too far from the broker's is refused
    /// (`LogValidator.java: validateTimestamp`).
    TimestampRange = "timestamp-range",
    /// A request that knows an older leader than there is, or a newer one, is refused (KIP-320;
    /// `Partition.scala: checkCurrentLeaderEpoch`).
    LeaderEpochFence = "leader-epoch-fence",
    /// A reader whose last record is of a term that ended earlier is told where it ended (KIP-595;
    /// `Partition.scala: readRecords`).
    DivergingEpoch = "diverging-epoch",
    /// Reading at isolation level read_committed ends at the last stable offset
    /// (`UnifiedLog.java: read`).
    LastStableBound = "last-stable-bound",
    /// A reader at isolation level read_committed is told which transactions were aborted
    /// (`LocalLog.java: addAbortedTransactions`).
    AbortedTransactions = "aborted-transactions",
    /// Records can't be deleted from a compacted topic (`Partition.scala: deleteRecordsOnLeader`).
    DeleteIfCompacted = "delete-if-compacted",
    /// Records can't be deleted beyond the high watermark
    /// (`UnifiedLog.java: maybeIncrementLogStartOffset`).
    DeleteBelowHighWatermark = "delete-below-high-watermark",
    /// A commit whose text is larger than `offset.metadata.max.bytes` is refused
    /// (`OffsetMetadataManager.java: isMetadataInvalid`).
    OffsetMetadataSize = "offset-metadata-size",
    /// A commit with a generation or a member id is refused by a group without members
    /// (`ClassicGroup.java: validateOffsetCommit`).
    CommitMembership = "commit-membership",
    /// A commit of an older generation than the group's is refused (`ClassicGroup.java:
    /// validateOffsetCommit`).
    CommitGeneration = "commit-generation",
    /// An offset for a partition that does not exist is not stored
    /// (`KafkaApis.scala: handleOffsetCommitRequest`).
    CommitToKnownPartition = "commit-to-known-partition",
}

/// A set of safeguards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct SafeguardSet(u128);

impl SafeguardSet {
    /// Adds one.
    pub fn insert(&mut self, safeguard: Safeguard) {
        self.0 |= 1 << safeguard as u32;
    }

    /// Whether it is in the set.
    pub fn contains(self, safeguard: Safeguard) -> bool {
        self.0 & (1 << safeguard as u32) != 0
    }
}
