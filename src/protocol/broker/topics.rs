//! Topics and where their partitions are led: what the controller has decided (`MetadataCache`,
//! `ReplicationControlManager.java`).

use super::Broker;
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::log::Log;
use crate::protocol::message::{
    CreatePartitionsRequest, CreateTopicRequest, MetadataAnswer, MetadataRequest, Response,
    TopicPartition, TopicRef,
};
use crate::protocol::variant::DeletedOffsets;
use crate::record::{LeaderEpoch, Partition, Timestamp, TopicId, TopicName};

/// A partition that this broker leads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LedPartition {
    /// This leader's term.
    pub leader_epoch: LeaderEpoch,
    /// Its log.
    pub log: Log,
}

/// A topic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Topic {
    /// Its identity.
    pub id: TopicId,
    /// Its partitions, by number.
    pub partitions: Vec<LedPartition>,
}

/// Where a partition lies: its topic's name and its number.
pub(super) type At = (TopicName, Partition);

impl Topic {
    fn grow(&mut self, now: Timestamp, count: Partition) {
        while (self.partitions.len() as i64) < i64::from(count) {
            let mut log = Log::new(now);
            log.begin_term(0);
            self.partitions.push(LedPartition { leader_epoch: 0, log });
        }
    }
}

impl Broker {
    /// The name of the topic that a request means, if there is such a topic.
    pub(super) fn topic_name(&self, topic: TopicRef) -> Option<TopicName> {
        match topic {
            TopicRef::Name(name) => self.topics.contains_key(&name).then_some(name),
            TopicRef::Id(id) => {
                self.topics.iter().find(|(_, topic)| topic.id == id).map(|(name, _)| *name)
            }
        }
    }

    /// Finds the partition that a request means.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_ID for an id, UNKNOWN_TOPIC_OR_PARTITION for a name or a number.
    pub(super) fn locate(&self, wanted: TopicPartition) -> Result<At, ErrorCode> {
        let unknown = match wanted.topic {
            TopicRef::Name(_) => ErrorCode::UnknownTopicOrPartition,
            TopicRef::Id(_) => ErrorCode::UnknownTopicId,
        };
        let topic = self.topic_name(wanted.topic).ok_or(unknown)?;
        let at = (topic, wanted.partition);
        self.partition(at).map(|_| at).ok_or(ErrorCode::UnknownTopicOrPartition)
    }

    pub(super) fn partition(&self, (topic, partition): At) -> Option<&LedPartition> {
        self.topics.get(&topic)?.partitions.get(usize::try_from(partition).ok()?)
    }

    pub(super) fn partition_mut(&mut self, (topic, partition): At) -> Option<&mut LedPartition> {
        self.topics.get_mut(&topic)?.partitions.get_mut(usize::try_from(partition).ok()?)
    }

    pub(super) fn metadata(&self, request: &MetadataRequest) -> Response {
        let of = |name: TopicName| match self.topics.get(&name) {
            Some(topic) => MetadataAnswer {
                topic: name,
                error: ErrorCode::None,
                topic_id: Some(topic.id),
                partitions: topic.partitions.iter().map(|led| led.leader_epoch).collect(),
            },
            None => MetadataAnswer {
                topic: name,
                error: ErrorCode::UnknownTopicOrPartition,
                topic_id: None,
                partitions: Vec::new(),
            },
        };
        Response::Metadata(if request.topics.is_empty() {
            self.topics.keys().copied().map(of).collect()
        } else {
            request.topics.iter().copied().map(of).collect()
        })
    }

    pub(super) fn create_topic(
        &mut self,
        now: Timestamp,
        request: &CreateTopicRequest,
    ) -> ErrorCode {
        if self.topics.contains_key(&request.topic) {
            return ErrorCode::TopicAlreadyExists;
        }
        if request.partitions <= 0 {
            return ErrorCode::InvalidPartitions;
        }
        let mut topic = Topic { id: TopicId(self.next_topic_id), partitions: Vec::new() };
        self.next_topic_id += 1;
        topic.grow(now, request.partitions);
        self.topics.insert(request.topic, topic);
        ErrorCode::None
    }

    pub(super) fn create_partitions(
        &mut self,
        now: Timestamp,
        request: &CreatePartitionsRequest,
    ) -> ErrorCode {
        let Some(topic) = self.topics.get_mut(&request.topic) else {
            return ErrorCode::UnknownTopicOrPartition;
        };
        if i64::from(request.count) <= topic.partitions.len() as i64 {
            return ErrorCode::InvalidPartitions;
        }
        topic.grow(now, request.count);
        ErrorCode::None
    }

    pub(super) fn delete_topic(&mut self, protocol: &Protocol, topic: TopicName) -> ErrorCode {
        if self.topics.remove(&topic).is_none() {
            return ErrorCode::UnknownTopicOrPartition;
        }
        if protocol.variants.deleted_offsets == DeletedOffsets::Dropped {
            self.offsets.delete_topic(topic);
        }
        ErrorCode::None
    }
}
