//! From a response to an answer in the scripts' form.
//!
//! Nothing is decided here: each field of the message goes into the field of the answer of the same
//! name, with names for numbers and in the recordings' order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::conform::arguments::Blocked;
use crate::conform::driver::Driver;
use crate::conform::json::Value;
use crate::conform::mapping::{Names, wire};
use crate::conform::script::{Step, plain};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    ActiveProducer, FetchAnswer, GroupListing, ListOffsetsAnswer, Metadata, OffsetFetchAnswer,
    OffsetForLeaderEpochAnswer, PartitionError, ProduceAnswer, Response, TopicPartition, Version,
};
use crate::record::{Batch, ControlKind, GroupId, Marker, Partition, Record};

type Fields<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        Value::Object(vec![$((Cow::Borrowed($key), $value)),*])
    };
}

fn error<'a>(error: ErrorCode) -> Value<'a> {
    Value::fixed(error.name())
}

fn only<'a>(code: ErrorCode) -> Value<'a> {
    object! {"error": error(code)}
}

fn number<'a>(number: impl Into<i64>) -> Value<'a> {
    Value::Number(number.into())
}

impl<'a> Driver<'a> {
    /// The answer of a step.
    ///
    /// # Errors
    /// A response to something that scripts cannot ask.
    pub(super) fn answer(
        &mut self,
        step: &Step<'a>,
        response: Response,
    ) -> Result<Value<'a>, Blocked> {
        let names = &mut self.names;
        let version = step.version;
        Ok(match response {
            Response::Produce(answers) => first(&answers, |one| produced(one, version)),
            Response::Fetch(answers) => first(&answers, |one| fetched(names, one, version)),
            Response::ListOffsets(answers) => first(&answers, |one| listed(one, version)),
            Response::OffsetForLeaderEpoch(answers) => {
                first(&answers, |one| epoch_end(one, version))
            }
            Response::DeleteRecords(answers) => first(&answers, |one| match one.error {
                ErrorCode::None => object! {
                    "error": error(one.error),
                    "low_watermark": number(one.low_watermark),
                },
                code => only(code),
            }),
            Response::DescribeProducers(answers) => first(&answers, |one| match one.error {
                ErrorCode::None => object! {
                    "error": error(one.error),
                    "producers": producers(names, &one.producers),
                },
                code => only(code),
            }),
            Response::InitProducerId { error: ErrorCode::None, producer_id, producer_epoch } => {
                if names.is_literal(producer_id) {
                    let what = format!("producer id {producer_id} of the script and of the model");
                    return Err(Blocked::NotModelled(what));
                }
                let wanted = match step.argument("as") {
                    Some(Value::Text(name)) => Some(name),
                    _ => None,
                };
                object! {
                    "error": error(ErrorCode::None),
                    "producer": names.producer_name(producer_id, wanted),
                    "epoch": number(producer_epoch),
                }
            }
            Response::InitProducerId { error: code, .. }
            | Response::DeleteGroup(code)
            | Response::CreateTopic(code)
            | Response::DeleteTopic(code)
            | Response::CreatePartitions(code) => only(code),
            Response::WriteTxnMarkers(errors) | Response::OffsetCommit(errors) => {
                object! {"errors": partition_errors(names, &errors)}
            }
            other => return group_answer(names, step, other),
        })
    }
}

/// Answers about groups.
fn group_answer<'a>(
    names: &Names<'a>,
    step: &Step<'a>,
    response: Response,
) -> Result<Value<'a>, Blocked> {
    let version = step.version;
    let no_error = version < wire::OFFSET_FETCH_ERROR;
    Ok(match response {
        Response::OffsetFetch { error: code, partitions } => object! {
            "error": error(if no_error { ErrorCode::None } else { code }),
            "offsets": committed(names, &partitions, version),
        },
        Response::OffsetDelete { error: code, partitions } => object! {
            "error": error(code),
            "errors": partition_errors(names, &partitions),
        },
        Response::ListGroups(groups) => object! {
            "error": error(ErrorCode::None),
            "groups": groups_named(names, step, &groups),
        },
        Response::DescribeGroup(group) => object! {
            "error": error(group.error),
            "state": Value::fixed(group.state),
            "protocol_type": Value::fixed(group.protocol_type),
            "protocol": Value::fixed(group.protocol),
            "members": Value::List(Vec::new()),
        },
        _ => return Err(Blocked::NotModelled(format!("the answer of {}", step.call))),
    })
}

fn produced<'a>(one: &ProduceAnswer, version: Version) -> Value<'a> {
    let log_start = if version >= wire::PRODUCE_LOG_START { one.log_start_offset } else { -1 };
    match one.error {
        ErrorCode::None => object! {
            "error": error(one.error),
            "base_offset": number(one.base_offset),
            "log_start_offset": number(log_start),
        },
        code => only(code),
    }
}

fn listed<'a>(one: &ListOffsetsAnswer, version: Version) -> Value<'a> {
    let leader_epoch = if version >= wire::LIST_OFFSETS_EPOCH { one.leader_epoch } else { -1 };
    match one.error {
        ErrorCode::None => object! {
            "error": error(one.error),
            "offset": number(one.offset),
            "leader_epoch": number(leader_epoch),
        },
        code => only(code),
    }
}

fn epoch_end<'a>(one: &OffsetForLeaderEpochAnswer, version: Version) -> Value<'a> {
    let leader_epoch = if version >= wire::EPOCH_ANSWER { one.leader_epoch } else { -1 };
    match one.error {
        ErrorCode::None => object! {
            "error": error(one.error),
            "epoch": number(leader_epoch),
            "end_offset": number(one.end_offset),
        },
        code => only(code),
    }
}

/// The answer about the only partition that was asked about.
fn first<'a, T>(answers: &[T], answer: impl FnOnce(&T) -> Value<'a>) -> Value<'a> {
    match answers {
        [one] => answer(one),
        _ => object! {"error": Value::fixed("(not one partition)")},
    }
}

fn fetched<'a>(names: &mut Names<'a>, one: &FetchAnswer, version: Version) -> Value<'a> {
    if one.error != ErrorCode::None {
        return only(one.error);
    }
    let log_start = if version >= wire::FETCH_LOG_START { one.log_start_offset } else { -1 };
    let mut answer: Fields<'a> = vec![
        ("error".into(), error(one.error)),
        ("high_watermark".into(), number(one.high_watermark)),
        ("last_stable_offset".into(), number(one.last_stable_offset)),
        ("log_start_offset".into(), number(log_start)),
    ];
    if let Some((epoch, end_offset)) = one.diverging.filter(|_| version >= wire::FETCH_LAST_EPOCH) {
        let diverging = object! {"epoch": number(epoch), "end_offset": number(end_offset)};
        answer.push(("diverging".into(), diverging));
        return Value::Object(answer);
    }
    // The batches come first: producers are named in order of appearance in the log.
    let batches = one.batches.iter().map(|each| batch(names, each)).collect();
    let aborted = match &one.aborted {
        None => Value::Null,
        Some(aborted) => {
            let mut list: Vec<_> = aborted
                .iter()
                .map(|each| (each.first_offset, names.producer_name(each.producer_id, None)))
                .collect();
            list.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| plain(&a.1).cmp(&plain(&b.1))));
            let entry = |(first_offset, producer)| {
                object! {"producer": producer, "first_offset": number(first_offset)}
            };
            Value::List(list.into_iter().map(entry).collect())
        }
    };
    answer.push(("aborted".into(), aborted));
    answer.push(("batches".into(), Value::List(batches)));
    Value::Object(answer)
}

/// A batch as a reader sees it.
pub(super) fn batch<'a>(names: &mut Names<'a>, batch: &Batch) -> Value<'a> {
    let mut fields: Fields<'a> = vec![
        ("base_offset".into(), number(batch.base_offset)),
        ("last_offset".into(), number(batch.last_offset)),
        ("producer".into(), names.producer_name(batch.producer_id, None)),
        ("epoch".into(), number(batch.producer_epoch)),
        ("sequence".into(), number(batch.base_sequence)),
        ("transactional".into(), Value::Bool(batch.transactional)),
        ("leader_epoch".into(), number(batch.leader_epoch)),
    ];
    match batch.marker {
        Some(Marker { kind, coordinator_epoch }) => {
            let control = match kind {
                ControlKind::Commit => "COMMIT",
                ControlKind::Abort => "ABORT",
            };
            fields.push(("control".into(), Value::fixed(control)));
            if batch.transactional {
                fields.push(("coordinator_epoch".into(), number(coordinator_epoch)));
            }
        }
        // Compaction has left nothing of a control batch but its header.
        None if batch.control => {}
        None => {
            fields.push(("control".into(), Value::Null));
            fields.push(("records".into(), Value::List(records(names, batch))));
        }
    }
    Value::Object(fields)
}

fn records<'a>(names: &Names<'a>, batch: &Batch) -> Vec<Value<'a>> {
    let mut expected = 0;
    let mut list = Vec::with_capacity(batch.records.len());
    for (delta, record) in &batch.records {
        list.push(one_record(
            names,
            record,
            (*delta != expected).then(|| batch.base_offset + i64::from(*delta)),
        ));
        expected = delta.wrapping_add(1);
    }
    list
}

/// A record; its offset shows only beside a key, and only after a gap.
fn one_record<'a>(names: &Names<'a>, record: &Record, offset: Option<i64>) -> Value<'a> {
    let value = if record.tombstone {
        Value::Null
    } else {
        Value::Text(names.payloads.text(record.payload.0))
    };
    let Some(key) = record.key else { return value };
    let mut fields: Fields<'a> =
        vec![("key".into(), Value::Text(names.keys.text(key.0))), ("value".into(), value)];
    if let Some(offset) = offset {
        fields.push(("offset".into(), number(offset)));
    }
    Value::Object(fields)
}

/// Producers in order of their names; new names are given in order of their ids.
fn producers<'a>(names: &mut Names<'a>, producers: &[ActiveProducer]) -> Value<'a> {
    let mut by_id: Vec<&ActiveProducer> = producers.iter().collect();
    by_id.sort_by_key(|one| one.producer_id);
    let mut list: Vec<_> =
        by_id.into_iter().map(|one| (names.producer_name(one.producer_id, None), one)).collect();
    list.sort_by(|a, b| plain(&a.0).cmp(&plain(&b.0)));
    let entry = |(producer, one): (Value<'a>, &ActiveProducer)| {
        object! {
            "producer": producer,
            "epoch": number(one.producer_epoch),
            "last_sequence": number(one.last_sequence),
            "coordinator_epoch": number(one.coordinator_epoch),
            "transaction_start_offset": number(one.current_transaction_start_offset),
        }
    };
    Value::List(list.into_iter().map(entry).collect())
}

/// A map from `topic-partition`, in order of topics' names and partitions.
fn by_partition<'a>(
    names: &Names<'a>,
    entries: impl Iterator<Item = (TopicPartition, Value<'a>)>,
) -> Value<'a> {
    let mut sorted: BTreeMap<(Cow<'a, str>, Partition), Value<'a>> = BTreeMap::new();
    for (at, value) in entries {
        sorted.insert((names.topic_text(at.topic), at.partition), value);
    }
    let entry = |((topic, partition), value): ((Cow<'a, str>, Partition), Value<'a>)| {
        (Cow::Owned(format!("{topic}-{partition}")), value)
    };
    Value::Object(sorted.into_iter().map(entry).collect())
}

fn partition_errors<'a>(names: &Names<'a>, errors: &[PartitionError]) -> Value<'a> {
    by_partition(names, errors.iter().map(|one| (one.partition, error(one.error))))
}

fn committed<'a>(
    names: &Names<'a>,
    partitions: &[OffsetFetchAnswer],
    version: Version,
) -> Value<'a> {
    let entry = |one: &OffsetFetchAnswer| {
        let mut fields: Fields<'a> = vec![
            ("error".into(), error(one.error)),
            ("offset".into(), number(one.committed.offset)),
        ];
        let epoch = one.committed.leader_epoch;
        if epoch != -1 && version >= wire::OFFSET_FETCH_LEADER_EPOCH {
            fields.push(("leader_epoch".into(), number(epoch)));
        }
        let Metadata { text, .. } = one.committed.metadata;
        if text != 0 {
            fields.push(("metadata".into(), Value::Text(names.metadata.text(text))));
        }
        (one.partition, Value::Object(fields))
    };
    by_partition(names, partitions.iter().map(entry))
}

/// The groups that the step names, in order of their names.
fn groups_named<'a>(names: &Names<'a>, step: &Step<'a>, groups: &[GroupListing]) -> Value<'a> {
    let asked: &[Value<'a>] = match step.argument("groups") {
        Some(Value::List(groups)) => groups,
        _ => &[],
    };
    let text = |GroupId(number): GroupId| names.groups.text(u32::from(number));
    let mut list: Vec<_> = groups
        .iter()
        .map(|one| (text(one.group), one))
        .filter(|(name, _)| asked.iter().any(|asked| plain(asked) == *name))
        .collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    let from = |first, value| if step.version >= first { value } else { "" };
    let entry = |(name, one): (Cow<'a, str>, &GroupListing)| {
        object! {
            "group": Value::Text(name),
            "protocol_type": Value::fixed(one.protocol_type),
            "state": Value::fixed(from(wire::LIST_GROUPS_STATE, one.state)),
            "type": Value::fixed(from(wire::LIST_GROUPS_TYPE, one.group_type)),
        }
    };
    Value::List(list.into_iter().map(entry).collect())
}
