//! Committed offsets: commit, fetch, delete (`KafkaApis.scala: handleOffsetCommitRequest,
//! handleOffsetFetchRequest, handleOffsetDeleteRequest`).

use super::Broker;
use super::timers::named;
use super::topics::At;
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    CommittedOffset, Metadata, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchAnswer,
    OffsetFetchRequest, PartitionError, Response, TopicPartition, TopicRef, Version,
};
use crate::protocol::note::Note;
use crate::protocol::offsets::StoredOffset;
use crate::protocol::outbox::Outbox;
use crate::protocol::safeguard::Safeguard;
use crate::record::{Timestamp, TopicName};

/// First version of OffsetFetch that names topics by their ids.
const FIRST_FETCH_BY_ID: Version = 10;
/// What a fetch answers where nothing was committed.
const NOTHING: CommittedOffset =
    CommittedOffset { offset: -1, leader_epoch: -1, metadata: Metadata { text: 0, length: 0 } };

impl Broker {
    pub(super) fn commit_offsets(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        request: &OffsetCommitRequest,
        out: &mut Outbox,
    ) -> Response {
        let mut located = Vec::new();
        for (partition, _) in &request.offsets {
            let found = self.locate(*partition);
            let wrong = found.is_err();
            located.push(match (found, self.named_anyway(*partition)) {
                (Err(_), Some(at))
                    if !protocol.refuses(Safeguard::CommitToKnownPartition, wrong, out) =>
                {
                    Ok(at)
                }
                (found, _) => found,
            });
        }
        // The group is asked only if there is something to commit.
        let group_error = located
            .iter()
            .any(Result::is_ok)
            .then(|| self.offsets.begin_commit(protocol, request, out).err())
            .flatten();
        let mut answers = Vec::new();
        for ((partition, committed), found) in request.offsets.iter().zip(located) {
            let error = match (found, group_error) {
                (Err(error), _) | (Ok(_), Some(error)) => error,
                (Ok(at), None) => self.store_offset(protocol, now, request, at, committed, out),
            };
            answers.push(PartitionError { partition: *partition, error });
        }
        Response::OffsetCommit(answers)
    }

    /// Where an offset of a partition that does not exist would go.
    fn named_anyway(&self, partition: TopicPartition) -> Option<At> {
        match partition.topic {
            TopicRef::Name(name) => Some((name, partition.partition)),
            TopicRef::Id(_) => {
                self.topic_name(partition.topic).map(|name| (name, partition.partition))
            }
        }
    }

    fn store_offset(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        request: &OffsetCommitRequest,
        at: At,
        committed: &CommittedOffset,
        out: &mut Outbox,
    ) -> ErrorCode {
        let long = committed.metadata.length > protocol.broker.offset_metadata_max_bytes;
        if protocol.refuses(Safeguard::OffsetMetadataSize, long, out) {
            return ErrorCode::OffsetMetadataTooLarge;
        }
        let stored = StoredOffset {
            offset: committed.offset,
            leader_epoch: committed.leader_epoch,
            metadata: committed.metadata,
            commit_time: now,
        };
        self.offsets.store(request.group, at.0, at.1, stored);
        out.note(Note::OffsetStored {
            group: request.group,
            partition: named(at.0, at.1),
            offset: committed.offset,
        });
        ErrorCode::None
    }

    pub(super) fn fetch_offsets(&self, request: &OffsetFetchRequest) -> Response {
        let by_id = request.version >= FIRST_FETCH_BY_ID;
        let partitions = match &request.partitions {
            Some(wanted) => {
                wanted.iter().map(|partition| self.fetch_offset(request, *partition)).collect()
            }
            None => self
                .offsets
                .group(request.group)
                .into_iter()
                .flat_map(|group| group.offsets())
                .filter_map(|((topic, partition), stored)| {
                    let topic = self.reference(*topic, by_id)?;
                    Some(OffsetFetchAnswer {
                        partition: TopicPartition { topic, partition: *partition },
                        error: ErrorCode::None,
                        committed: stored.committed(),
                    })
                })
                .collect(),
        };
        Response::OffsetFetch { error: ErrorCode::None, partitions }
    }

    fn reference(&self, topic: TopicName, by_id: bool) -> Option<TopicRef> {
        if by_id {
            self.topics.get(&topic).map(|topic| TopicRef::Id(topic.id))
        } else {
            Some(TopicRef::Name(topic))
        }
    }

    fn fetch_offset(
        &self,
        request: &OffsetFetchRequest,
        partition: TopicPartition,
    ) -> OffsetFetchAnswer {
        let name = match partition.topic {
            TopicRef::Name(name) => Some(name),
            TopicRef::Id(_) => self.topic_name(partition.topic),
        };
        let stored =
            name.and_then(|name| self.offsets.get(request.group, name, partition.partition));
        OffsetFetchAnswer {
            partition,
            error: if name.is_none() { ErrorCode::UnknownTopicId } else { ErrorCode::None },
            committed: stored.map_or(NOTHING, StoredOffset::committed),
        }
    }

    pub(super) fn delete_offsets(&mut self, request: &OffsetDeleteRequest) -> Response {
        if self.offsets.group(request.group).is_none() {
            let error = ErrorCode::GroupIdNotFound;
            return Response::OffsetDelete { error, partitions: Vec::new() };
        }
        let mut partitions = Vec::new();
        for at in &request.partitions {
            let error = if self.partition(*at).is_none() {
                ErrorCode::UnknownTopicOrPartition
            } else {
                self.offsets.delete(request.group, at.0, at.1);
                ErrorCode::None
            };
            partitions.push(PartitionError { partition: named(at.0, at.1), error });
        }
        Response::OffsetDelete { error: ErrorCode::None, partitions }
    }
}
