//! Kafka's errors as the producer sorts them.

use crate::protocol::error_code::ErrorCode;
use crate::protocol::variant::Kafka;

/// Whether the error's exception is a `RetriableException`.
pub(super) fn is_retriable(error: ErrorCode) -> bool {
    use ErrorCode as E;
    matches!(
        error,
        E::CorruptMessage
            | E::UnknownTopicOrPartition
            | E::LeaderNotAvailable
            | E::NotLeaderOrFollower
            | E::RequestTimedOut
            | E::CoordinatorLoadInProgress
            | E::CoordinatorNotAvailable
            | E::NotCoordinator
            | E::NotEnoughReplicas
            | E::NotEnoughReplicasAfterAppend
            | E::ConcurrentTransactions
            | E::FencedLeaderEpoch
            | E::UnknownLeaderEpoch
            | E::OffsetNotAvailable
            | E::UnstableOffsetCommit
            | E::UnknownTopicId
            | E::InconsistentTopicId
            | E::KafkaStorageError
    )
}

/// Whether the error is an `InvalidMetadataException`, so that metadata are asked anew.
pub(super) fn asks_for_metadata(error: ErrorCode) -> bool {
    use ErrorCode as E;
    matches!(
        error,
        E::UnknownTopicOrPartition
            | E::LeaderNotAvailable
            | E::NotLeaderOrFollower
            | E::FencedLeaderEpoch
            | E::UnknownTopicId
            | E::InconsistentTopicId
            | E::KafkaStorageError
    )
}

/// Whether a failed batch makes the producer unusable (`TransactionManager.java:
/// maybeTransitionToErrorState`, for one that is not transactional).
pub(super) fn is_fatal(error: ErrorCode, kafka: Kafka) -> bool {
    use ErrorCode as E;
    let unmapped = error == E::InvalidProducerIdMapping && kafka >= Kafka::V4_1;
    unmapped
        || matches!(
            error,
            E::TransactionalIdAuthorizationFailed | E::ProducerFenced | E::UnsupportedVersion
        )
}

/// Whether a broker that answers with this error has not appended the batch.
pub(super) fn excludes_append(error: ErrorCode) -> bool {
    use ErrorCode as E;
    !matches!(
        error,
        E::None
            | E::RequestTimedOut
            | E::NotEnoughReplicasAfterAppend
            | E::NotLeaderOrFollower
            | E::KafkaStorageError
            | E::UnknownServerError
            | E::DuplicateSequenceNumber
    )
}
