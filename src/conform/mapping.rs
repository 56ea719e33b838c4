//! The one place where scripts and the model differ in what they call things.
//!
//! The model's messages are Kafka's with numbers instead of names and without bytes. Everything
//! that is lost or chosen on the way stands here:
//!
//! - **Topics, groups, members, instances, transactional ids** are numbers, in order of first
//!   appearance.
//! - **Topic ids** are those of the incarnation that a client knows: asked by Metadata and
//!   remembered until the topic is made anew. A topic that does not exist gets an id that none has
//!   ([`Names::nobody`]).
//! - **Producer ids** are the model's own, named by `as`, else `P1`, `P2`, .. in order of first
//!   appearance. A number stands for itself; if the model hands out that very number, the script is
//!   not modelled.
//! - **Values and keys of records** are numbers of texts: equal text, equal number. `null` is a
//!   tombstone.
//! - **Sizes**: a record has the bytes of Kafka's own encoding ([`record_size`]).
//! - **Compression** is lost: a batch has its uncompressed size. Where a size limit could tell, the
//!   script is not modelled.
//! - **Time**: one virtual clock, which begins at [`EPOCH`]. A call takes [`CALL_MS`], a restart
//!   [`RESTART_MS`], `pass-time` what it says. A record without timestamp bears the clock's time,
//!   taken once a call, before it is sent.
//! - **Metadata of a committed offset** is a number and a length, in UTF-16 units as Kafka
//!   measures it.
//! - **Fields that a version does not carry** have their defaults ([`wire`]).
//! - **Numbers** too wide for their field lose their upper bits ([`Field`]).
//! - **Connections**: one, until it is closed, `disconnect` or a restart. `start` has its own.
//!
//! No rule of Kafka's is applied here: what a request means is the broker's affair alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::conform::json::Value;
use crate::protocol::message::TopicRef;
use crate::record::batch::varint_size;
use crate::record::{ProducerId, Timestamp, TopicId, TopicName};

/// When the virtual clock begins: 2026-07-01T00:00:00Z. Records of a script may carry times of
/// their own; those that were the past when it was recorded must be the past here.
pub const EPOCH: Timestamp = 1_782_864_000_000;

/// What one call takes. Real ones take about as long; equal times would hide which came first.
pub const CALL_MS: Timestamp = 1;

/// How long a broker is away at a restart: about what the recorded ones took to stop and start.
pub const RESTART_MS: Timestamp = 3_000;

/// How long a broker takes to notice that a connection is gone (the recorder's pause).
pub const DISCONNECT_MS: Timestamp = 500;

/// A pause between two looks while something is awaited.
pub const LOOK_MS: Timestamp = 10;

/// How long `retry_on` and `settle` go on (the recorder's limit).
pub const PATIENCE_MS: Timestamp = 20_000;

/// How long `await-log-start` goes on (the recorder's limit).
pub const AWAIT_LOG_START_MS: Timestamp = 30_000;

/// How long an answer is waited for (the recorder's socket timeout).
pub const ANSWER_MS: Timestamp = 60_000;

/// The longest `pass-time`: 30 days.
pub const MAX_PASS_MS: Timestamp = 2_592_000_000;

/// How often background work may run in one script.
pub const MAX_FIRES: u32 = 20_000_000;

/// The most partitions of a topic.
pub const MAX_PARTITIONS: i32 = 10_000;

/// Size of a record within its batch, in bytes: its length as a varint, attributes, deltas of time
/// and offset, key, value, and the number of headers, which is 0 (`DefaultRecord.java:
/// sizeInBytes`).
pub fn record_size(
    offset_delta: i64,
    timestamp_delta: i64,
    key: Option<usize>,
    value: Option<usize>,
) -> u32 {
    let bytes = |length: Option<usize>| match length {
        None => varint_size(-1),
        Some(length) => varint_size(length as i64) + length as u64,
    };
    let body = 1
        + varint_size(timestamp_delta)
        + varint_size(offset_delta)
        + bytes(key)
        + bytes(value)
        + varint_size(0);
    u32::try_from(body + varint_size(body as i64)).unwrap_or(u32::MAX)
}

/// A number of a script in a field of the message. One that is too wide loses its upper bits, as in
/// the recorder, whose fields are Java's.
pub trait Field {
    /// The number in the field.
    fn of(number: i64) -> Self;
}

macro_rules! fields {
    ($($number:ty),*) => {
        $(impl Field for $number {
            fn of(number: i64) -> Self {
                number as $number
            }
        })*
    };
}

fields!(i8, i16, i32, i64);

/// Length of a text as Java counts it.
pub fn java_length(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// First versions of an API that carry a field; before, its default is sent and read.
/// Sources: the message definitions of Apache Kafka.
pub mod wire {
    use crate::protocol::message::Version;

    /// Produce: `LogStartOffset` in the answer.
    pub const PRODUCE_LOG_START: Version = 5;
    /// Produce, Fetch: the topic goes by its id.
    pub const TOPIC_ID: Version = 13;
    /// Fetch: `LogStartOffset` in the answer.
    pub const FETCH_LOG_START: Version = 5;
    /// Fetch: `CurrentLeaderEpoch`.
    pub const FETCH_CURRENT_EPOCH: Version = 9;
    /// Fetch: `LastFetchedEpoch`, `DivergingEpoch`.
    pub const FETCH_LAST_EPOCH: Version = 12;
    /// ListOffsets: `IsolationLevel`.
    pub const LIST_OFFSETS_ISOLATION: Version = 2;
    /// ListOffsets: leader epochs in both directions.
    pub const LIST_OFFSETS_EPOCH: Version = 4;
    /// OffsetForLeaderEpoch: `LeaderEpoch` in the answer.
    pub const EPOCH_ANSWER: Version = 1;
    /// OffsetForLeaderEpoch: `CurrentLeaderEpoch`.
    pub const EPOCH_CURRENT: Version = 2;
    /// InitProducerId: producer id and epoch in the request.
    pub const INIT_PRODUCER: Version = 3;
    /// WriteTxnMarkers: `TransactionVersion`.
    pub const MARKER_TRANSACTION_VERSION: Version = 2;
    /// OffsetCommit: `CommittedLeaderEpoch`.
    pub const COMMIT_LEADER_EPOCH: Version = 6;
    /// OffsetCommit: `GroupInstanceId`.
    pub const COMMIT_INSTANCE: Version = 7;
    /// OffsetCommit, OffsetFetch: the topic goes by its id.
    pub const OFFSETS_TOPIC_ID: Version = 10;
    /// OffsetFetch: an error for the whole group.
    pub const OFFSET_FETCH_ERROR: Version = 2;
    /// OffsetFetch: `CommittedLeaderEpoch`.
    pub const OFFSET_FETCH_LEADER_EPOCH: Version = 5;
    /// OffsetFetch: `RequireStable`.
    pub const OFFSET_FETCH_STABLE: Version = 7;
    /// OffsetFetch: `MemberId`, `MemberEpoch`.
    pub const OFFSET_FETCH_MEMBER: Version = 9;
    /// ListGroups: `GroupState`.
    pub const LIST_GROUPS_STATE: Version = 4;
    /// ListGroups: `GroupType`.
    pub const LIST_GROUPS_TYPE: Version = 5;
}

/// Texts and their numbers.
#[derive(Clone, Default, Debug)]
pub struct Table<'a> {
    numbers: BTreeMap<Cow<'a, str>, u32>,
    texts: Vec<Cow<'a, str>>,
}

impl<'a> Table<'a> {
    /// The number of a text; a new one if it is new.
    pub fn number(&mut self, text: &Cow<'a, str>) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.clone(), number);
        self.texts.push(text.clone());
        number
    }

    /// The text of a number.
    pub fn text(&self, number: u32) -> Cow<'a, str> {
        self.texts.get(number as usize).cloned().unwrap_or(Cow::Borrowed("?"))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// Too many different names for the model's numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooManyNames;

/// All names of one run, and the numbers that stand for them in the model.
#[derive(Clone, Default, Debug)]
pub struct Names<'a> {
    /// Topics.
    pub topics: Table<'a>,
    /// Groups.
    pub groups: Table<'a>,
    /// Member ids.
    pub members: Table<'a>,
    /// Group instance ids.
    pub instances: Table<'a>,
    /// Transactional ids.
    pub transactional_ids: Table<'a>,
    /// Values of records; number 0 stands for every tombstone.
    pub payloads: Table<'a>,
    /// Keys of records.
    pub keys: Table<'a>,
    /// Metadata of committed offsets; number 0 is the empty text.
    pub metadata: Table<'a>,
    /// The id of each topic that a client remembers.
    remembered: BTreeMap<TopicName, TopicId>,
    /// Every id that was ever seen or made up.
    ids: BTreeMap<TopicId, TopicName>,
    made_up: u32,
    /// Producer names that stand for an id.
    producers: BTreeMap<Cow<'a, str>, ProducerId>,
    /// What an id is called.
    producer_names: BTreeMap<ProducerId, Value<'a>>,
    producer_count: u32,
}

impl<'a> Names<'a> {
    /// No names yet.
    pub fn new() -> Names<'a> {
        let mut names = Names::default();
        names.payloads.number(&Cow::Borrowed(""));
        names.metadata.number(&Cow::Borrowed(""));
        names
    }

    /// The id of a topic that a client remembers.
    pub fn remembered(&self, topic: TopicName) -> Option<TopicId> {
        self.remembered.get(&topic).copied()
    }

    /// A client learns a topic's id.
    pub fn remember(&mut self, topic: TopicName, id: TopicId) {
        self.remembered.insert(topic, id);
        self.ids.insert(id, topic);
    }

    /// A client forgets a topic's id, because it is made anew.
    pub fn forget(&mut self, topic: TopicName) {
        self.remembered.remove(&topic);
    }

    /// An id that no topic has, for a topic that does not exist. They are counted from the largest
    /// number down.
    pub fn nobody(&mut self, topic: TopicName) -> TopicId {
        let id = TopicId(u32::MAX - self.made_up);
        self.made_up += 1;
        self.ids.insert(id, topic);
        id
    }

    /// What a topic in an answer is called.
    pub fn topic_text(&self, topic: TopicRef) -> Cow<'a, str> {
        let name = match topic {
            TopicRef::Name(name) => Some(name),
            TopicRef::Id(id) => self.ids.get(&id).copied(),
        };
        match name {
            Some(name) => self.topics.text(u32::from(name.0)),
            None => Cow::Borrowed("unknown"),
        }
    }

    /// The producer id that a name stands for.
    pub fn producer(&self, name: &str) -> Option<ProducerId> {
        self.producers.get(name).copied()
    }

    /// A producer id that a script gives as a number stands for itself; false if the model has
    /// handed out that number already.
    pub fn literal_producer(&mut self, id: ProducerId) -> bool {
        matches!(self.producer_names.entry(id).or_insert(Value::Number(id)), Value::Number(_))
    }

    /// Whether a script gave this producer id as a number.
    pub fn is_literal(&self, id: ProducerId) -> bool {
        matches!(self.producer_names.get(&id), Some(Value::Number(_)))
    }

    /// What a producer id is called; `wanted` is the script's own name for it (`as`).
    pub fn producer_name(&mut self, id: ProducerId, wanted: Option<&Cow<'a, str>>) -> Value<'a> {
        if id < 0 {
            return Value::Null;
        }
        if let Some(known) = self.producer_names.get(&id) {
            if let Some(wanted) = wanted {
                self.producers.entry(wanted.clone()).or_insert(id);
            }
            return known.clone();
        }
        let free = wanted.filter(|name| !self.producers.contains_key(*name)).cloned();
        let name = free.unwrap_or_else(|| {
            loop {
                self.producer_count += 1;
                let next = Cow::Owned(format!("P{}", self.producer_count));
                if !self.producers.contains_key(&next) {
                    break next;
                }
            }
        });
        self.producers.insert(name.clone(), id);
        self.producer_names.insert(id, Value::Text(name.clone()));
        Value::Text(name)
    }
}

/// A number of a table as the model's narrower one.
///
/// # Errors
/// More than 65,536 different names of one kind.
pub fn narrow(number: u32) -> Result<u16, TooManyNames> {
    u16::try_from(number).map_err(|_| TooManyNames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_kafkas() {
        // Attributes, two deltas, no key, a value of 1 + 1, no headers: 7, and 1 for the length.
        assert_eq!(record_size(0, 0, None, Some(1)), 8);
        // A delta of 64 takes two bytes, one of -64 one.
        assert_eq!(record_size(64, 0, None, Some(1)), 9);
        assert_eq!(record_size(0, -64, None, Some(1)), 8);
        assert_eq!(record_size(0, -65, None, Some(1)), 9);
        // A value of 2000 bytes has a length of two bytes, and so has the record.
        assert_eq!(record_size(0, 0, None, Some(2000)), 1 + 1 + 1 + 1 + 2 + 2000 + 1 + 2);
        assert_eq!(record_size(0, 0, Some(1), None), 8);
        assert_eq!(i16::of(32_768), i16::MIN);
    }

    #[test]
    fn producers_are_named_in_order_of_appearance() {
        let mut names = Names::new();
        let wanted = Cow::Borrowed("P2");
        assert_eq!(names.producer_name(7, Some(&wanted)).to_string(), "\"P2\"");
        assert_eq!(names.producer_name(8, Some(&wanted)).to_string(), "\"P1\"");
        assert_eq!(names.producer_name(9, None).to_string(), "\"P3\"");
        assert_eq!(names.producer_name(7, None).to_string(), "\"P2\"");
        assert!(names.literal_producer(4242) && !names.literal_producer(7));
        assert_eq!(names.producer_name(4242, None).to_string(), "4242");
        assert_eq!(names.producer_name(-1, None).to_string(), "null");
    }
}
