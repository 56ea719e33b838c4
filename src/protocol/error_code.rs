//! Kafka's errors are data (`Errors.java`).

macro_rules! errors {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// An error code of Kafka's protocol.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs, reason = "Kafka's own names")]
        pub enum ErrorCode { $($variant),* }

        impl ErrorCode {
            /// Every code that the model knows.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            /// Kafka's constant.
            pub fn name(self) -> &'static str {
                match self { $(ErrorCode::$variant => $name),* }
            }
        }
    };
}

errors! {
    None = "NONE",
    UnknownServerError = "UNKNOWN_SERVER_ERROR",
    OffsetOutOfRange = "OFFSET_OUT_OF_RANGE",
    CorruptMessage = "CORRUPT_MESSAGE",
    UnknownTopicOrPartition = "UNKNOWN_TOPIC_OR_PARTITION",
    LeaderNotAvailable = "LEADER_NOT_AVAILABLE",
    NotLeaderOrFollower = "NOT_LEADER_OR_FOLLOWER",
    RequestTimedOut = "REQUEST_TIMED_OUT",
    MessageTooLarge = "MESSAGE_TOO_LARGE",
    OffsetMetadataTooLarge = "OFFSET_METADATA_TOO_LARGE",
    CoordinatorLoadInProgress = "COORDINATOR_LOAD_IN_PROGRESS",
    CoordinatorNotAvailable = "COORDINATOR_NOT_AVAILABLE",
    NotCoordinator = "NOT_COORDINATOR",
    InvalidTopicException = "INVALID_TOPIC_EXCEPTION",
    RecordListTooLarge = "RECORD_LIST_TOO_LARGE",
    NotEnoughReplicas = "NOT_ENOUGH_REPLICAS",
    NotEnoughReplicasAfterAppend = "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    InvalidRequiredAcks = "INVALID_REQUIRED_ACKS",
    IllegalGeneration = "ILLEGAL_GENERATION",
    InvalidGroupId = "INVALID_GROUP_ID",
    UnknownMemberId = "UNKNOWN_MEMBER_ID",
    TopicAlreadyExists = "TOPIC_ALREADY_EXISTS",
    InvalidPartitions = "INVALID_PARTITIONS",
    InvalidRequest = "INVALID_REQUEST",
    UnsupportedVersion = "UNSUPPORTED_VERSION",
    PolicyViolation = "POLICY_VIOLATION",
    OutOfOrderSequenceNumber = "OUT_OF_ORDER_SEQUENCE_NUMBER",
    DuplicateSequenceNumber = "DUPLICATE_SEQUENCE_NUMBER",
    InvalidProducerEpoch = "INVALID_PRODUCER_EPOCH",
    InvalidTxnState = "INVALID_TXN_STATE",
    InvalidProducerIdMapping = "INVALID_PRODUCER_ID_MAPPING",
    InvalidTransactionTimeout = "INVALID_TRANSACTION_TIMEOUT",
    ConcurrentTransactions = "CONCURRENT_TRANSACTIONS",
    TransactionCoordinatorFenced = "TRANSACTION_COORDINATOR_FENCED",
    TransactionalIdAuthorizationFailed = "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    UnknownProducerId = "UNKNOWN_PRODUCER_ID",
    FencedLeaderEpoch = "FENCED_LEADER_EPOCH",
    UnknownLeaderEpoch = "UNKNOWN_LEADER_EPOCH",
    OffsetNotAvailable = "OFFSET_NOT_AVAILABLE",
    GroupIdNotFound = "GROUP_ID_NOT_FOUND",
    NonEmptyGroup = "NON_EMPTY_GROUP",
    UnstableOffsetCommit = "UNSTABLE_OFFSET_COMMIT",
    ProducerFenced = "PRODUCER_FENCED",
    InvalidRecord = "INVALID_RECORD",
    InvalidTimestamp = "INVALID_TIMESTAMP",
    UnknownTopicId = "UNKNOWN_TOPIC_ID",
    InconsistentTopicId = "INCONSISTENT_TOPIC_ID",
    TransactionAbortable = "TRANSACTION_ABORTABLE",
    KafkaStorageError = "KAFKA_STORAGE_ERROR",
    OperationNotAttempted = "OPERATION_NOT_ATTEMPTED",
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
