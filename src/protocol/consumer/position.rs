//! Where the consumer reads next (`SubscriptionState.java: FetchPosition`, `OffsetFetcher.java`).

use crate::protocol::config::AutoOffsetReset;
use crate::protocol::consumer::{
    Assigned, Consumer, ConsumerContext, CoordinatorRequest, DataRequest, Key, by_name,
};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    ListOffsetsAnswer, ListOffsetsPartition, ListOffsetsRequest, MetadataAnswer, MetadataRequest,
    OffsetFetchAnswer, OffsetFetchRequest, OffsetSpec, Request, TopicRef,
};
use crate::protocol::outbox::Outbox;
use crate::protocol::variant::{NewPartitions, PositionIdentity};
use crate::record::{Offset, Partition, TopicId, TopicName};

const OFFSET_FETCH_VERSION: i16 = 9;
const LIST_OFFSETS_VERSION: i16 = 9;
const METADATA_VERSION: i16 = 13;

/// The position of a partition.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Position {
    /// Not known yet: the committed offset has to be asked for.
    Unknown,
    /// The reset policy decides.
    Reset,
    /// The next record to read.
    At(Offset),
}

impl Consumer {
    /// The position of a partition, once it has one.
    pub fn position(&self, key: Key) -> Option<Offset> {
        match self.assigned.get(&key)?.position {
            Position::At(offset) => Some(offset),
            _ => None,
        }
    }

    /// All valid positions (`SubscriptionState.java: allConsumed`).
    pub fn positions(&self) -> Vec<(Key, Offset)> {
        self.assigned.keys().filter_map(|&key| Some((key, self.position(key)?))).collect()
    }

    /// The application says where to read next (`seek`).
    pub fn seek(&mut self, key: Key, offset: Offset) {
        if let Some(assigned) = self.assigned.get_mut(&key) {
            assigned.position = Position::At(offset);
            assigned.buffered = None;
        }
    }

    /// A consumer that subscribes joins its group before anything else.
    pub(super) fn join(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        let asked = self.coordinator_in_flight.contains(&CoordinatorRequest::Join);
        if cx.subscribes && self.member.is_none() && self.coordinator_connected && !asked {
            let request = Request::JoinGroup(cx.group);
            self.request_coordinator(CoordinatorRequest::Join, request, out);
        }
    }

    pub(super) fn ask_for_committed(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        let asked = self.coordinator_in_flight.contains(&CoordinatorRequest::OffsetFetch);
        let outside = cx.subscribes && self.member.is_none();
        if !self.coordinator_connected || asked || outside {
            return;
        }
        let unknown: Vec<Key> = self
            .assigned
            .iter()
            .filter(|(_, assigned)| assigned.position == Position::Unknown)
            .map(|(&key, _)| key)
            .collect();
        if !unknown.is_empty() {
            let request = Request::OffsetFetch(OffsetFetchRequest {
                version: OFFSET_FETCH_VERSION,
                group: cx.group,
                member: None,
                member_epoch: -1,
                require_stable: true,
                partitions: Some(unknown.into_iter().map(by_name).collect()),
            });
            self.request_coordinator(CoordinatorRequest::OffsetFetch, request, out);
        }
    }

    /// A new position: the committed offset, else the reset policy, else an error (R7.23).
    pub(super) fn take_committed(
        &mut self,
        cx: ConsumerContext<'_>,
        answers: &[OffsetFetchAnswer],
    ) {
        for answer in answers {
            let TopicRef::Name(topic) = answer.partition.topic else { continue };
            let key = (topic, answer.partition.partition);
            let position = self.assigned.get(&key).map(|assigned| assigned.position);
            if answer.error != ErrorCode::None || position != Some(Position::Unknown) {
                continue; // UNSTABLE_OFFSET_COMMIT and the like: asked again
            }
            if answer.committed.offset >= 0 {
                self.committed.insert(key, answer.committed.offset);
                self.assigned.get_mut(&key).expect("assigned").position =
                    Position::At(answer.committed.offset);
            } else {
                self.reset(cx, key, ErrorCode::OffsetOutOfRange);
            }
        }
    }

    /// The reset policy takes over; without one poll throws.
    pub(super) fn reset(&mut self, cx: ConsumerContext<'_>, key: Key, error: ErrorCode) {
        if cx.config.auto_offset_reset == AutoOffsetReset::None {
            self.error = Some(error);
        } else {
            let assigned = self.assigned.get_mut(&key).expect("assigned");
            assigned.position = Position::Reset;
            assigned.buffered = None;
        }
    }

    /// Asks the leader where to begin; false if no partition needs it.
    pub(super) fn ask_for_reset(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) -> bool {
        let keys: Vec<Key> = self
            .assigned
            .iter()
            .filter(|(_, assigned)| assigned.position == Position::Reset)
            .map(|(&key, _)| key)
            .collect();
        if keys.is_empty() {
            return false;
        }
        let spec = match cx.config.auto_offset_reset {
            AutoOffsetReset::Earliest => OffsetSpec::Earliest,
            AutoOffsetReset::Latest | AutoOffsetReset::None => OffsetSpec::Latest,
        };
        let ask = |&key: &Key| ListOffsetsPartition {
            partition: by_name(key),
            spec,
            current_leader_epoch: -1,
        };
        let request = Request::ListOffsets(ListOffsetsRequest {
            version: LIST_OFFSETS_VERSION,
            isolation_level: cx.isolation_level(),
            partitions: keys.iter().map(ask).collect(),
        });
        self.request_data(DataRequest::ListOffsets(keys), request, out);
        true
    }

    pub(super) fn reset_to(&mut self, key: Key, answer: &ListOffsetsAnswer) {
        match answer.error {
            ErrorCode::None => {
                self.assigned.get_mut(&key).expect("assigned").position =
                    Position::At(answer.offset);
            }
            _ => self.metadata_stale = true,
        }
    }

    pub(super) fn ask_for_metadata(&mut self, out: &mut Outbox) {
        self.metadata_stale = false;
        let mut topics: Vec<_> = self.assigned.keys().map(|key| key.0).collect();
        topics.dedup();
        let request = Request::Metadata(MetadataRequest { version: METADATA_VERSION, topics });
        self.request_data(DataRequest::Metadata, request, out);
    }

    /// Whether some topic is not what the consumer knows, and it could ask now; `now` tells the id and the
    /// number of partitions of those that exist.
    pub fn is_outdated(&self, now: impl Fn(TopicName) -> Option<(TopicId, Partition)>) -> bool {
        let count = |topic| self.assigned.keys().filter(|key| key.0 == topic).count() as Partition;
        let news = |(key, assigned): (&Key, &Assigned)| {
            now(key.0).is_some_and(|(id, partitions)| {
                id != assigned.topic_id || (self.member.is_some() && partitions != count(key.0))
            })
        };
        // A fetch that the broker holds is no hindrance: the client asks over another connection.
        let asks = self.metadata_stale || self.data_in_flight.contains(&DataRequest::Metadata);
        let free = self.data_in_flight.iter().all(|one| matches!(one, DataRequest::Fetch(_)));
        self.polling && self.data_connected && !asks && free && self.assigned.iter().any(news)
    }

    /// `metadata.max.age.ms` is over: asks what became of its topics.
    pub fn refresh_metadata(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        self.metadata_stale = true;
        self.prepare(cx, out);
    }

    pub(super) fn learn(&mut self, cx: ConsumerContext<'_>, answers: &[MetadataAnswer]) {
        let variants = cx.protocol.variants;
        let position = match variants.new_partitions {
            NewPartitions::ResetPolicy => Position::Unknown,
            NewPartitions::Earliest => Position::At(0),
        };
        for answer in answers {
            let Some(id) = answer.topic_id.filter(|_| answer.error == ErrorCode::None) else {
                continue;
            };
            for (key, assigned) in &mut self.assigned {
                if key.0 != answer.topic || assigned.topic_id == id {
                    continue;
                }
                assigned.topic_id = id;
                if variants.position_identity == PositionIdentity::TopicId {
                    assigned.position = Position::Unknown;
                    assigned.buffered = None;
                }
            }
            // The only member of a group is assigned new partitions, too.
            for partition in 0..answer.partitions.len() as Partition {
                if self.member.is_some() {
                    let new = Assigned { topic_id: id, position, buffered: None };
                    let key = (answer.topic, partition);
                    if !self.assigned.contains_key(&key) {
                        self.assigned.insert(key, new);
                        self.order.push(key);
                    }
                }
            }
        }
    }
}
