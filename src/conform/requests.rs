//! From a step to the request that a client sends.
//!
//! Nothing is decided here: each field of the step goes into the field of the message of the same
//! name.

use std::borrow::Cow;

use crate::conform::arguments::{Arguments, Blocked};
use crate::conform::driver::Driver;
use crate::conform::error::ScriptError;
use crate::conform::json::{Part, Value};
use crate::conform::mapping::{Field, Names, Table, java_length, narrow, record_size, wire};
use crate::conform::script::plain;
use crate::conform::settings::few;
use crate::protocol::message::{
    CommittedOffset, CreatePartitionsRequest, CreateTopicRequest, DeleteRecordsRequest,
    DescribeProducersRequest, EpochQuestion, FetchPartition, FetchRequest, InitProducerIdRequest,
    IsolationLevel, ListOffsetsPartition, ListOffsetsRequest, Metadata, OffsetCommitRequest,
    OffsetDeleteRequest, OffsetFetchRequest, OffsetForLeaderEpochRequest, OffsetSpec,
    ProduceRequest, Request, TopicPartition, WriteTxnMarkersRequest,
};
use crate::record::{
    Batch, ControlKind, GroupId, InstanceId, KeyId, MemberId, NO_PRODUCER_ID, Partition, PayloadId,
    ProducerId, Record, TopicName, TransactionalId,
};

/// What a fetch asks for at most, if the script does not say.
const MAX_BYTES: i64 = 50_000_000;

impl<'a> Driver<'a> {
    /// The request of a step, if its call is an API of Kafka's.
    ///
    /// # Errors
    /// A wrong or missing argument, or something that the model cannot be asked.
    pub(super) fn request(&mut self, given: Arguments<'_, 'a>) -> Result<Option<Request>, Blocked> {
        let version = given.step.version;
        Ok(Some(match &*given.step.call {
            "produce" => Request::Produce(self.produce(given)?),
            "fetch" => Request::Fetch(self.fetch(given)?),
            "list-offsets" => Request::ListOffsets(self.list_offsets(given)?),
            "offset-for-leader-epoch" => {
                Request::OffsetForLeaderEpoch(self.offset_for_leader_epoch(given)?)
            }
            "delete-records" => Request::DeleteRecords(DeleteRecordsRequest {
                version,
                partitions: vec![(self.partition(given, false)?, given.number("before", -1)?)],
            }),
            "describe-producers" => Request::DescribeProducers(DescribeProducersRequest {
                version,
                partitions: vec![self.partition(given, false)?],
            }),
            "init-producer-id" => Request::InitProducerId(self.init_producer_id(given)?),
            "write-txn-markers" => Request::WriteTxnMarkers(self.write_txn_markers(given)?),
            "offset-commit" => Request::OffsetCommit(self.offset_commit(given)?),
            "offset-fetch" => Request::OffsetFetch(self.offset_fetch(given)?),
            "offset-delete" => {
                // The model's groups are numbers, so that none has an empty name.
                if given.required_text("group")?.is_empty() {
                    return Err(Blocked::NotModelled("offset-delete of group ``".to_owned()));
                }
                Request::OffsetDelete(OffsetDeleteRequest {
                    version,
                    group: self.group(given)?,
                    partitions: self.named_partitions(given, "partitions")?,
                })
            }
            "list-groups" => Request::ListGroups,
            "describe-group" => Request::DescribeGroup { version, group: self.group(given)? },
            "delete-group" => Request::DeleteGroup(self.group(given)?),
            "create-topic" => self.create_topic(given)?,
            "delete-topic" => Request::DeleteTopic(self.topic(&given.required_text("topic")?)?),
            "create-partitions" => {
                let count = given.required("count")?;
                few(count)?;
                let topic = self.topic(&given.required_text("topic")?)?;
                Request::CreatePartitions(CreatePartitionsRequest { topic, count })
            }
            _ => return Ok(None),
        }))
    }

    fn partition(
        &mut self,
        given: Arguments<'_, 'a>,
        by_id: bool,
    ) -> Result<TopicPartition, Blocked> {
        let topic = self.topic(&given.required_text("topic")?)?;
        Ok(TopicPartition {
            topic: self.topic_ref(topic, by_id),
            partition: given.required("partition")?,
        })
    }

    fn group(&mut self, given: Arguments<'_, 'a>) -> Result<GroupId, Blocked> {
        let group = given.required_text("group")?;
        Ok(GroupId(self.number(|names| &mut names.groups, &group)?))
    }

    fn producer(&mut self, given: Arguments<'_, 'a>) -> Result<ProducerId, Blocked> {
        match given.value("producer")?.as_deref() {
            None => Ok(NO_PRODUCER_ID),
            Some(Value::Number(id)) => {
                if *id >= 0 && !self.names.literal_producer(*id) {
                    let what = format!("producer id {id} of the script and of the model");
                    return Err(Blocked::NotModelled(what));
                }
                Ok(*id)
            }
            Some(other) => {
                let name = plain(other);
                self.names.producer(&name).ok_or_else(|| {
                    let message = format!("no producer is called `{name}` yet");
                    ScriptError::at(&[Part::Key("producer")], message).into()
                })
            }
        }
    }

    fn transactional_id(
        &mut self,
        given: Arguments<'_, 'a>,
    ) -> Result<Option<TransactionalId>, Blocked> {
        given
            .text("transactional_id")?
            .map(|id| Ok(TransactionalId(self.number(|n| &mut n.transactional_ids, &id)?)))
            .transpose()
    }

    fn isolation(given: Arguments<'_, 'a>) -> Result<IsolationLevel, ScriptError> {
        Ok(match given.word("isolation", &["read_uncommitted", "read_committed"])? {
            "read_committed" => IsolationLevel::ReadCommitted,
            _ => IsolationLevel::ReadUncommitted,
        })
    }

    fn produce(&mut self, given: Arguments<'_, 'a>) -> Result<ProduceRequest, Blocked> {
        let version = given.step.version;
        let partition = self.partition(given, version >= wire::TOPIC_ID)?;
        let mut batch = Batch::of(self.records(given)?);
        batch.producer_id = self.producer(given)?;
        batch.producer_epoch = given.integer("epoch", -1)?;
        batch.base_sequence = given.integer("sequence", -1)?;
        batch.transactional = given.flag("transactional")?;
        batch.control = given.flag("control")?;
        let compressed = given.word("compression", &["none", "gzip"])? != "none";
        let topic = self.topic(&given.required_text("topic")?)?;
        self.note_size(topic, batch.size(), compressed)?;
        Ok(ProduceRequest {
            version,
            acks: given.integer("acks", -1)?,
            transactional_id: self.transactional_id(given)?,
            data: vec![(partition, batch)],
        })
    }

    fn records(&mut self, given: Arguments<'_, 'a>) -> Result<Vec<Record>, Blocked> {
        let Some(list) = given.value("records")? else {
            return Err(given.missing("records").into());
        };
        let Value::List(list) = &*list else {
            return Err(ScriptError::at(&[Part::Key("records")], "expected a list").into());
        };
        let mut records = Vec::with_capacity(list.len());
        let mut base_timestamp = None;
        for (delta, value) in (0..).zip(list) {
            let (key, text, timestamp, size) = match value {
                Value::Object(_) => {
                    let timestamp = match value.get("timestamp") {
                        Some(Value::Number(timestamp)) => *timestamp,
                        _ => self.now,
                    };
                    let size = match value.get("size") {
                        Some(Value::Number(size)) => Some(*size),
                        _ => None,
                    };
                    (optional(value.get("key")), optional(value.get("value")), timestamp, size)
                }
                plain => (None, optional(Some(plain)), self.now, None),
            };
            let text = match size {
                Some(size) => Some(filled(text, size)),
                None => text,
            };
            let base = *base_timestamp.get_or_insert(timestamp);
            records.push(Record {
                size: record_size(
                    delta,
                    timestamp.wrapping_sub(base),
                    key.as_ref().map(|key| key.len()),
                    text.as_ref().map(|text| text.len()),
                ),
                key: key.map(|key| KeyId(self.names.keys.number(&key))),
                tombstone: text.is_none(),
                payload: PayloadId(text.map_or(0, |text| self.names.payloads.number(&text))),
                timestamp,
            });
        }
        Ok(records)
    }

    fn fetch(&mut self, given: Arguments<'_, 'a>) -> Result<FetchRequest, Blocked> {
        let version = given.step.version;
        let from = |key, first| {
            if version >= first { given.integer(key, -1) } else { Ok(-1) }
        };
        let max_bytes: i32 = given.integer("max_bytes", MAX_BYTES)?;
        let partition_max_bytes: i32 = given.integer("partition_max_bytes", max_bytes.into())?;
        let topic = self.topic(&given.required_text("topic")?)?;
        self.sizes_matter(topic, max_bytes.min(partition_max_bytes).into())?;
        let unsigned = |bytes: i32| {
            let negative = || Blocked::NotModelled("fetch.max_bytes below 0".to_owned());
            u32::try_from(bytes).map_err(|_| negative())
        };
        let min_bytes = given.number("min_bytes", 1)?;
        let waits = given.number("max_wait_ms", 0)? > 0 && min_bytes > 0;
        if waits && min_bytes > 1 {
            return Err(Blocked::NotModelled("fetch.min_bytes above 1".to_owned()));
        }
        Ok(FetchRequest {
            version,
            isolation_level: Self::isolation(given)?,
            max_bytes: unsigned(max_bytes)?,
            may_wait: waits,
            partitions: vec![FetchPartition {
                partition: self.partition(given, version >= wire::TOPIC_ID)?,
                fetch_offset: given.number("offset", 0)?,
                current_leader_epoch: from("current_leader_epoch", wire::FETCH_CURRENT_EPOCH)?,
                last_fetched_epoch: from("last_fetched_epoch", wire::FETCH_LAST_EPOCH)?,
                max_bytes: unsigned(partition_max_bytes)?,
            }],
        })
    }

    fn list_offsets(&mut self, given: Arguments<'_, 'a>) -> Result<ListOffsetsRequest, Blocked> {
        let version = given.step.version;
        let spec = match given.value("at")?.as_deref() {
            None => OffsetSpec::Latest,
            Some(Value::Number(-1)) => OffsetSpec::Latest,
            Some(Value::Number(-2)) => OffsetSpec::Earliest,
            Some(Value::Number(-3)) => OffsetSpec::MaxTimestamp,
            Some(Value::Number(time)) => OffsetSpec::Timestamp(*time),
            Some(_) => {
                let words = [
                    "latest",
                    "earliest",
                    "max-timestamp",
                    "earliest-local",
                    "latest-tiered",
                    "earliest-pending-upload",
                ];
                match given.word("at", &words)? {
                    "latest" => OffsetSpec::Latest,
                    "earliest" => OffsetSpec::Earliest,
                    "max-timestamp" => OffsetSpec::MaxTimestamp,
                    "earliest-local" => OffsetSpec::Timestamp(-4),
                    "latest-tiered" => OffsetSpec::Timestamp(-5),
                    _ => OffsetSpec::Timestamp(-6),
                }
            }
        };
        let isolation_level = Self::isolation(given)?;
        let isolated = version >= wire::LIST_OFFSETS_ISOLATION;
        Ok(ListOffsetsRequest {
            version,
            isolation_level: if isolated { isolation_level } else { IsolationLevel::default() },
            partitions: vec![ListOffsetsPartition {
                partition: self.partition(given, false)?,
                spec,
                current_leader_epoch: if version >= wire::LIST_OFFSETS_EPOCH {
                    given.integer("current_leader_epoch", -1)?
                } else {
                    -1
                },
            }],
        })
    }

    fn offset_for_leader_epoch(
        &mut self,
        given: Arguments<'_, 'a>,
    ) -> Result<OffsetForLeaderEpochRequest, Blocked> {
        let version = given.step.version;
        Ok(OffsetForLeaderEpochRequest {
            version,
            partitions: vec![EpochQuestion {
                partition: self.partition(given, false)?,
                leader_epoch: given.integer("epoch", 0)?,
                current_leader_epoch: if version >= wire::EPOCH_CURRENT {
                    given.integer("current_leader_epoch", -1)?
                } else {
                    -1
                },
            }],
        })
    }

    fn init_producer_id(
        &mut self,
        given: Arguments<'_, 'a>,
    ) -> Result<InitProducerIdRequest, Blocked> {
        let version = given.step.version;
        let mut request = InitProducerIdRequest {
            version,
            transactional_id: self.transactional_id(given)?,
            transaction_timeout_ms: given.integer("timeout_ms", 60_000)?,
            producer_id: self.producer(given)?,
            producer_epoch: given.integer("epoch", -1)?,
        };
        if version < wire::INIT_PRODUCER {
            request.producer_id = NO_PRODUCER_ID;
            request.producer_epoch = -1;
        }
        Ok(request)
    }

    fn write_txn_markers(
        &mut self,
        given: Arguments<'_, 'a>,
    ) -> Result<WriteTxnMarkersRequest, Blocked> {
        let version = given.step.version;
        given.required_text("result")?;
        let transaction_version = given.integer("transaction_version", 0)?;
        let partitions = self.named_partitions(given, "partitions")?;
        for (topic, _) in &partitions {
            self.note_size(*topic, 0, false)?;
        }
        Ok(WriteTxnMarkersRequest {
            version,
            producer_id: self.producer(given)?,
            producer_epoch: given.integer("epoch", -1)?,
            coordinator_epoch: given.integer("coordinator_epoch", 0)?,
            result: match given.word("result", &["commit", "abort"])? {
                "commit" => ControlKind::Commit,
                _ => ControlKind::Abort,
            },
            transaction_version: if version >= wire::MARKER_TRANSACTION_VERSION {
                transaction_version
            } else {
                0
            },
            partitions,
        })
    }

    fn member(&mut self, given: Arguments<'_, 'a>) -> Result<Option<MemberId>, Blocked> {
        let member = given.text("member")?.filter(|member| !member.is_empty());
        member.map(|member| Ok(MemberId(self.number(|n| &mut n.members, &member)?))).transpose()
    }

    fn offset_commit(&mut self, given: Arguments<'_, 'a>) -> Result<OffsetCommitRequest, Blocked> {
        let version = given.step.version;
        let instance = given.text("instance")?.filter(|_| version >= wire::COMMIT_INSTANCE);
        let group = self.group(given)?;
        let Some(offsets) = given.value("offsets")? else {
            return Err(given.missing("offsets").into());
        };
        let mut list = Vec::new();
        let Value::Object(topics) = &*offsets else {
            return Err(ScriptError::at(&[Part::Key("offsets")], "expected an object").into());
        };
        for (topic, partitions) in topics {
            let name = self.topic(topic)?;
            let reference = self.topic_ref(name, version >= wire::OFFSETS_TOPIC_ID);
            let Value::Object(partitions) = partitions else { continue };
            for (partition, value) in partitions {
                let path = [Part::Key("offsets"), Part::Key(topic), Part::Key(partition)];
                let within = |error: ScriptError| error.within(&path);
                let partition = partition
                    .parse()
                    .map_err(|_| ScriptError::at(&path, "expected a partition's number"))?;
                let committed = self.committed(given, value, version).map_err(within)?;
                list.push((TopicPartition { topic: reference, partition }, committed));
            }
        }
        Ok(OffsetCommitRequest {
            version,
            group,
            generation: given.integer("generation", -1)?,
            member: self.member(given)?,
            instance: instance
                .map(|name| Ok::<_, Blocked>(InstanceId(self.number(|n| &mut n.instances, &name)?)))
                .transpose()?,
            offsets: list,
        })
    }

    fn committed(
        &mut self,
        given: Arguments<'_, 'a>,
        value: &Value<'a>,
        version: i16,
    ) -> Result<CommittedOffset, ScriptError> {
        let mut committed =
            CommittedOffset { offset: -1, leader_epoch: -1, metadata: Metadata::default() };
        let number = |value: Option<&Value<'a>>| match value {
            Some(Value::Number(number)) => Ok(*number),
            _ => Err(ScriptError::at(&[], "expected a number")),
        };
        if !matches!(value, Value::Object(_)) {
            committed.offset = number(Some(&*given.resolve(value)?))?;
            return Ok(committed);
        }
        committed.offset = number(value.get("offset"))?;
        if let Some(epoch) = value.get("leader_epoch") {
            let epoch = number(Some(epoch))?;
            if version >= wire::COMMIT_LEADER_EPOCH {
                committed.leader_epoch = Field::of(epoch);
            }
        }
        if let Some(Value::Text(text)) = value.get("metadata") {
            committed.metadata =
                Metadata { text: self.names.metadata.number(text), length: java_length(text) };
        }
        Ok(committed)
    }

    fn offset_fetch(&mut self, given: Arguments<'_, 'a>) -> Result<OffsetFetchRequest, Blocked> {
        let version = given.step.version;
        let group = self.group(given)?;
        let partitions = match given.value("partitions")? {
            None => None,
            Some(_) => {
                let named = self.named_partitions(given, "partitions")?;
                let by_id = version >= wire::OFFSETS_TOPIC_ID;
                let mut list: Vec<TopicPartition> = Vec::with_capacity(named.len());
                let mut last = None;
                for (topic, partition) in named {
                    // One reference a topic: an id that nobody has is made up once a call.
                    let reference = match last {
                        Some((name, reference)) if name == topic => reference,
                        _ => self.topic_ref(topic, by_id),
                    };
                    last = Some((topic, reference));
                    list.push(TopicPartition { topic: reference, partition });
                }
                Some(list)
            }
        };
        let member = self.member(given)?;
        let has_member = version >= wire::OFFSET_FETCH_MEMBER;
        let stable = given.flag("require_stable")?;
        let epoch = given.integer("generation", -1)?;
        Ok(OffsetFetchRequest {
            version,
            group,
            member: member.filter(|_| has_member),
            member_epoch: if has_member { epoch } else { -1 },
            require_stable: stable && version >= wire::OFFSET_FETCH_STABLE,
            partitions,
        })
    }

    /// `{"t": [0, 1]}` or `[["t", 0], ["t", 1]]`, in order of the topics' first appearance.
    fn named_partitions(
        &mut self,
        given: Arguments<'_, 'a>,
        key: &str,
    ) -> Result<Vec<(TopicName, Partition)>, Blocked> {
        let Some(value) = given.value(key)? else { return Err(given.missing(key).into()) };
        let wrong = || ScriptError::at(&[Part::Key(key)], "expected topics and partitions");
        let mut list: Vec<(TopicName, Vec<Partition>)> = Vec::new();
        let mut add = |driver: &mut Self, topic: &Cow<'a, str>, number: &Value<'a>| {
            let Value::Number(number) = number else { return Err(Blocked::Input(wrong())) };
            let partition = Partition::of(*number);
            let topic = driver.topic(topic)?;
            match list.iter_mut().find(|(name, _)| *name == topic) {
                Some((_, partitions)) => partitions.push(partition),
                None => list.push((topic, vec![partition])),
            }
            Ok(())
        };
        match &*value {
            Value::List(pairs) => {
                for pair in pairs {
                    let Value::List(pair) = pair else { return Err(wrong().into()) };
                    let [Value::Text(topic), partition] = &pair[..] else {
                        return Err(wrong().into());
                    };
                    add(self, topic, partition)?;
                }
            }
            Value::Object(topics) => {
                for (topic, partitions) in topics {
                    let Value::List(partitions) = partitions else { return Err(wrong().into()) };
                    for partition in partitions {
                        add(self, topic, partition)?;
                    }
                }
            }
            _ => return Err(wrong().into()),
        }
        let flat = |(topic, partitions): (TopicName, Vec<Partition>)| {
            partitions.into_iter().map(move |partition| (topic, partition))
        };
        Ok(list.into_iter().flat_map(flat).collect())
    }

    fn create_topic(&mut self, given: Arguments<'_, 'a>) -> Result<Request, Blocked> {
        let topic = self.topic(&given.required_text("topic")?)?;
        let spec = Value::Object(given.step.arguments.clone());
        let partitions = self.configure_topic(topic, &spec)?;
        Ok(Request::CreateTopic(CreateTopicRequest { topic, partitions }))
    }

    /// The model's number of a name.
    pub(super) fn number(
        &mut self,
        table: for<'n> fn(&'n mut Names<'a>) -> &'n mut Table<'a>,
        name: &Cow<'a, str>,
    ) -> Result<u16, Blocked> {
        narrow(table(&mut self.names).number(name))
            .map_err(|_| Blocked::NotModelled("more than 65536 names of a kind".to_owned()))
    }
}

/// A key or value as text; `null` for none.
fn optional<'a>(value: Option<&Value<'a>>) -> Option<Cow<'a, str>> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::Text(text)) => Some(text.clone()),
        Some(other) => Some(Cow::Owned(plain(other).into_owned())),
    }
}

/// A value that is filled with dots up to a size.
fn filled<'a>(text: Option<Cow<'a, str>>, size: i64) -> Cow<'a, str> {
    let mut text = text.unwrap_or_default().into_owned();
    let size = usize::try_from(size).unwrap_or(0);
    if text.len() < size {
        let dots = size - text.len();
        text.extend(std::iter::repeat_n('.', dots));
    }
    Cow::Owned(text)
}
