//! Requests and responses, with the fields of Kafka's own that have a bearing on delivery.
//!
//! Source: the message definitions of Apache Kafka (`clients/src/main/resources/common/message`).
//! Versions matter (a topic id instead of a name, for instance) and are carried by each request.

use crate::protocol::error_code::ErrorCode;
use crate::record::{
    Batch, ControlKind, CoordinatorEpoch, GroupId, InstanceId, LeaderEpoch, MemberId, Offset,
    Partition, ProducerEpoch, ProducerId, Sequence, Timestamp, TopicId, TopicName, TransactionalId,
};

/// The version of an API that a request was written in.
pub type Version = i16;

/// One TCP connection, as the role at its end knows it. Broken connections never come back: the next
/// one between the same two has another number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Connection(pub u16);

/// Ties a response to its request on one connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Correlation(pub u32);

/// A topic as a request names it: older versions by name, newer ones by id (KIP-516).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum TopicRef {
    /// By name.
    Name(TopicName),
    /// By topic id.
    Id(TopicId),
}

/// Which records a reader is shown (`isolation.level`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum IsolationLevel {
    /// Everything below the high watermark.
    #[default]
    ReadUncommitted,
    /// Everything below the last stable offset but aborted records.
    ReadCommitted,
}

/// A request of a client, of a coordinator, or of an administrator.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names, one variant per API")]
pub enum Request {
    Produce(ProduceRequest),
    Fetch(FetchRequest),
    ListOffsets(ListOffsetsRequest),
    Metadata(MetadataRequest),
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest),
    DeleteRecords(DeleteRecordsRequest),
    DescribeProducers(DescribeProducersRequest),
    InitProducerId(InitProducerIdRequest),
    WriteTxnMarkers(WriteTxnMarkersRequest),
    OffsetCommit(OffsetCommitRequest),
    OffsetFetch(OffsetFetchRequest),
    OffsetDelete(OffsetDeleteRequest),
    JoinGroup(GroupId),
    ListGroups,
    DescribeGroup { version: Version, group: GroupId },
    DeleteGroup(GroupId),
    CreateTopic(CreateTopicRequest),
    DeleteTopic(TopicName),
    CreatePartitions(CreatePartitionsRequest),
}

/// The response to the request of the same name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names, one variant per API")]
pub enum Response {
    Produce(Vec<ProduceAnswer>),
    Fetch(Vec<FetchAnswer>),
    ListOffsets(Vec<ListOffsetsAnswer>),
    Metadata(Vec<MetadataAnswer>),
    OffsetForLeaderEpoch(Vec<OffsetForLeaderEpochAnswer>),
    DeleteRecords(Vec<DeleteRecordsAnswer>),
    DescribeProducers(Vec<DescribeProducersAnswer>),
    InitProducerId {
        error: ErrorCode,
        producer_id: ProducerId,
        producer_epoch: ProducerEpoch,
    },
    WriteTxnMarkers(Vec<PartitionError>),
    OffsetCommit(Vec<PartitionError>),
    OffsetFetch {
        error: ErrorCode,
        partitions: Vec<OffsetFetchAnswer>,
    },
    /// A group of one: its members joins and is assigned everything in one exchange. The protocol of
    /// JoinGroup and SyncGroup among several members is not modelled yet.
    JoinGroup {
        member: MemberId,
        generation: i32,
    },
    OffsetDelete {
        error: ErrorCode,
        partitions: Vec<PartitionError>,
    },
    ListGroups(Vec<GroupListing>),
    DescribeGroup(GroupDescription),
    DeleteGroup(ErrorCode),
    CreateTopic(ErrorCode),
    DeleteTopic(ErrorCode),
    CreatePartitions(ErrorCode),
}

/// A partition by the reference that its request used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicRef,
    /// Number of the partition.
    pub partition: Partition,
}

/// An error for one partition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PartitionError {
    /// Which partition.
    pub partition: TopicPartition,
    /// Its error, or `None`.
    pub error: ErrorCode,
}

/// `ProduceRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ProduceRequest {
    pub version: Version,
    /// 0, 1 or -1 for all; odd values reach the broker as they are.
    pub acks: i16,
    pub transactional_id: Option<TransactionalId>,
    pub data: Vec<(TopicPartition, Batch)>,
}

/// One partition's part of a produce response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ProduceAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub base_offset: Offset,
    pub log_start_offset: Offset,
}

/// `FetchRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct FetchRequest {
    pub version: Version,
    pub isolation_level: IsolationLevel,
    /// Bytes of all partitions together; at least one batch always comes.
    pub max_bytes: u32,
    /// Whether the broker may hold the request until there is something to answer
    /// (`fetch.max.wait.ms` > 0 and `fetch.min.bytes` > 0).
    pub may_wait: bool,
    pub partitions: Vec<FetchPartition>,
}

/// One partition's part of a fetch.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct FetchPartition {
    pub partition: TopicPartition,
    pub fetch_offset: Offset,
    /// -1: not given.
    pub current_leader_epoch: LeaderEpoch,
    /// -1: not given.
    pub last_fetched_epoch: LeaderEpoch,
    pub max_bytes: u32,
}

/// One partition's part of a fetch response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct FetchAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub high_watermark: Offset,
    pub last_stable_offset: Offset,
    pub log_start_offset: Offset,
    /// `None` for read_uncommitted.
    pub aborted: Option<Vec<AbortedTransaction>>,
    /// The fetched epoch's real end, if the fetcher's log diverges: (epoch, end offset).
    pub diverging: Option<(LeaderEpoch, Offset)>,
    pub batches: Vec<Batch>,
}

/// An entry of the index of aborted transactions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct AbortedTransaction {
    pub producer_id: ProducerId,
    pub first_offset: Offset,
}

/// What a ListOffsets request looks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OffsetSpec {
    /// The first offset of the log (-2).
    Earliest,
    /// The end that the reader's isolation level shows (-1).
    Latest,
    /// The record with the largest timestamp (-3).
    MaxTimestamp,
    /// Any other special number, or the first record at or after this time.
    Timestamp(Timestamp),
}

/// `ListOffsetsRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ListOffsetsRequest {
    pub version: Version,
    pub isolation_level: IsolationLevel,
    pub partitions: Vec<ListOffsetsPartition>,
}

/// One partition's part of a ListOffsets request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ListOffsetsPartition {
    pub partition: TopicPartition,
    pub spec: OffsetSpec,
    /// -1: not given.
    pub current_leader_epoch: LeaderEpoch,
}

/// One partition's part of a ListOffsets response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ListOffsetsAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    /// -1: none found.
    pub offset: Offset,
    pub leader_epoch: LeaderEpoch,
}

/// `MetadataRequest.json`: asks for topics by name, or for all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct MetadataRequest {
    pub version: Version,
    pub topics: Vec<TopicName>,
}

/// One topic's part of a metadata response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct MetadataAnswer {
    pub topic: TopicName,
    pub error: ErrorCode,
    pub topic_id: Option<TopicId>,
    /// Leader epoch of each partition, by its number.
    pub partitions: Vec<LeaderEpoch>,
}

/// `OffsetForLeaderEpochRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct OffsetForLeaderEpochRequest {
    pub version: Version,
    pub partitions: Vec<EpochQuestion>,
}

/// "Where does this epoch end?" for one partition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct EpochQuestion {
    pub partition: TopicPartition,
    pub leader_epoch: LeaderEpoch,
    /// -1: not given.
    pub current_leader_epoch: LeaderEpoch,
}

/// One partition's part of an OffsetForLeaderEpoch response; -1 for undefined.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct OffsetForLeaderEpochAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub leader_epoch: LeaderEpoch,
    pub end_offset: Offset,
}

/// `DeleteRecordsRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct DeleteRecordsRequest {
    pub version: Version,
    /// Each partition with the offset before which records go; -1 for the high watermark.
    pub partitions: Vec<(TopicPartition, Offset)>,
}

/// One partition's part of a DeleteRecords response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct DeleteRecordsAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub low_watermark: Offset,
}

/// `DescribeProducersRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct DescribeProducersRequest {
    pub version: Version,
    pub partitions: Vec<TopicPartition>,
}

/// One partition's part of a DescribeProducers response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct DescribeProducersAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    pub producers: Vec<ActiveProducer>,
}

/// One producer's state on a partition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct ActiveProducer {
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub last_sequence: Sequence,
    pub last_timestamp: Timestamp,
    pub coordinator_epoch: CoordinatorEpoch,
    /// -1: no open transaction.
    pub current_transaction_start_offset: Offset,
}

/// `InitProducerIdRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct InitProducerIdRequest {
    pub version: Version,
    pub transactional_id: Option<TransactionalId>,
    pub transaction_timeout_ms: i32,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
}

/// `WriteTxnMarkersRequest.json`, one marker for several partitions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct WriteTxnMarkersRequest {
    pub version: Version,
    pub producer_id: ProducerId,
    pub producer_epoch: ProducerEpoch,
    pub coordinator_epoch: CoordinatorEpoch,
    pub result: ControlKind,
    /// From version 2 on: the protocol generation of the transaction (KIP-1228).
    pub transaction_version: i8,
    pub partitions: Vec<(TopicName, Partition)>,
}

/// `OffsetCommitRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct OffsetCommitRequest {
    pub version: Version,
    pub group: GroupId,
    /// Generation of a classic group or epoch of a member; -1 for a commit without membership.
    pub generation: i32,
    /// `None`: the empty id, a commit without membership.
    pub member: Option<MemberId>,
    pub instance: Option<InstanceId>,
    pub offsets: Vec<(TopicPartition, CommittedOffset)>,
}

/// A committed offset as the client gives it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct CommittedOffset {
    pub offset: Offset,
    /// -1: not given.
    pub leader_epoch: LeaderEpoch,
    pub metadata: Metadata,
}

/// The free text of a committed offset, by its number in the table of names and its length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Metadata {
    /// 0 is the empty text.
    pub text: u32,
    /// Length in bytes.
    pub length: u32,
}

/// `OffsetFetchRequest.json` for one group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct OffsetFetchRequest {
    pub version: Version,
    pub group: GroupId,
    /// `None`: the empty id.
    pub member: Option<MemberId>,
    /// From version 9 on; -1: not given.
    pub member_epoch: i32,
    pub require_stable: bool,
    /// `None`: all partitions.
    pub partitions: Option<Vec<TopicPartition>>,
}

/// One partition's part of an OffsetFetch response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct OffsetFetchAnswer {
    pub partition: TopicPartition,
    pub error: ErrorCode,
    /// Offset -1: none committed.
    pub committed: CommittedOffset,
}

/// `OffsetDeleteRequest.json`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct OffsetDeleteRequest {
    pub version: Version,
    pub group: GroupId,
    pub partitions: Vec<(TopicName, Partition)>,
}

/// One group's part of a ListGroups response.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct GroupListing {
    pub group: GroupId,
    pub protocol_type: &'static str,
    pub state: &'static str,
    pub group_type: &'static str,
}

/// A DescribeGroups response for one group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct GroupDescription {
    pub error: ErrorCode,
    pub state: &'static str,
    pub protocol_type: &'static str,
    pub protocol: &'static str,
}

/// `CreateTopicsRequest.json` for one topic. Its configuration is fixed beside the protocol.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct CreateTopicRequest {
    pub topic: TopicName,
    pub partitions: Partition,
}

/// `CreatePartitionsRequest.json` for one topic: how many there shall be.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "Kafka's own names")]
pub struct CreatePartitionsRequest {
    pub topic: TopicName,
    pub count: Partition,
}
