//! Short labels of messages, for arrows.

use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    FetchAnswer, OffsetFetchAnswer, OffsetSpec, ProduceRequest, Request, Response,
};
use crate::record::{Batch, Offset, PayloadId};
use crate::report::names::Names;

/// What stands on an arrow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The least: `produce m0`.
    pub short: String,
    /// More, if there is room: `P0, epoch 0, seq 0`.
    pub detail: String,
}

impl Label {
    fn new(short: impl Into<String>) -> Label {
        Label { short: short.into(), detail: String::new() }
    }

    /// Both together.
    pub fn full(&self) -> String {
        if self.detail.is_empty() {
            self.short.clone()
        } else {
            format!("{} ({})", self.short, self.detail)
        }
    }
}

/// The records of a batch.
pub fn payloads(batch: &Batch) -> Vec<PayloadId> {
    batch.records.iter().map(|(_, record)| record.payload).collect()
}

/// The records of a produce request.
pub fn produced(request: &ProduceRequest) -> Vec<PayloadId> {
    request.data.iter().flat_map(|(_, batch)| payloads(batch)).collect()
}

/// The records that a fetch brought.
pub fn fetched(answers: &[FetchAnswer]) -> Vec<PayloadId> {
    answers.iter().flat_map(|answer| &answer.batches).flat_map(payloads).collect()
}

/// What a request asks for.
pub fn request(names: Names<'_>, request: &Request) -> Label {
    match request {
        Request::Produce(produce) => {
            let mut label = Label::new(format!("produce {}", names.records(&produced(produce))));
            let first = produce.data.first().map(|(_, batch)| batch);
            if let Some(batch) = first.filter(|batch| batch.has_producer_id()) {
                let (id, epoch) = (batch.producer_id, batch.producer_epoch);
                label.detail = format!("P{id}, epoch {epoch}, seq {}", batch.base_sequence);
            }
            label
        }
        Request::Fetch(fetch) => {
            let from = fetch.partitions.iter().map(|wanted| match fetch.partitions.len() {
                1 => wanted.fetch_offset.to_string(),
                _ => format!("{} {}", names.partition(wanted.partition), wanted.fetch_offset),
            });
            Label::new(format!("fetch from {}", from.collect::<Vec<_>>().join(", ")))
        }
        Request::ListOffsets(list) => {
            let spec = list.partitions.first().map(|wanted| match wanted.spec {
                OffsetSpec::Earliest => "where does it begin?",
                OffsetSpec::Latest => "where does it end?",
                OffsetSpec::MaxTimestamp | OffsetSpec::Timestamp(_) => "offset by time?",
            });
            Label::new(spec.unwrap_or("list offsets"))
        }
        Request::OffsetCommit(commit) => {
            let offsets =
                commit.offsets.iter().map(|(partition, committed)| match commit.offsets.len() {
                    1 => committed.offset.to_string(),
                    _ => format!("{} {}", names.partition(*partition), committed.offset),
                });
            Label::new(format!("commit offset {}", offsets.collect::<Vec<_>>().join(", ")))
        }
        Request::OffsetFetch(_) => Label::new("committed offset?"),
        Request::JoinGroup(group) => Label::new(format!("join {}", names.group(*group))),
        Request::InitProducerId(_) => Label::new("producer id?"),
        Request::Metadata(_) => Label::new("metadata?"),
        Request::OffsetForLeaderEpoch(_) => Label::new("end of leader epoch?"),
        Request::DeleteRecords(_) => Label::new("delete records"),
        Request::DescribeProducers(_) => Label::new("describe producers"),
        Request::WriteTxnMarkers(_) => Label::new("write transaction markers"),
        Request::OffsetDelete(_) => Label::new("delete offsets"),
        Request::ListGroups => Label::new("list groups"),
        Request::DescribeGroup { .. } => Label::new("describe group"),
        Request::DeleteGroup(_) => Label::new("delete group"),
        Request::CreateTopic(_) => Label::new("create topic"),
        Request::DeleteTopic(_) => Label::new("delete topic"),
        Request::CreatePartitions(_) => Label::new("create partitions"),
    }
}

/// What a response says.
pub fn response(names: Names<'_>, response: &Response) -> Label {
    match response {
        Response::Produce(answers) => {
            let say = |answer: &crate::protocol::message::ProduceAnswer| match answer.error {
                ErrorCode::None => format!("ok, offset {}", answer.base_offset),
                error => error.name().to_owned(),
            };
            Label::new(answers.iter().map(say).collect::<Vec<_>>().join(", "))
        }
        Response::Fetch(answers) => {
            let failed = answers.iter().map(|answer| answer.error).find(|&e| e != ErrorCode::None);
            let records = fetched(answers);
            Label::new(match failed {
                Some(error) => error.name().to_owned(),
                None if records.is_empty() => "nothing yet".to_owned(),
                None => names.records(&records),
            })
        }
        Response::ListOffsets(answers) => {
            let say = |answer: &crate::protocol::message::ListOffsetsAnswer| match answer.error {
                ErrorCode::None => format!("offset {}", answer.offset),
                error => error.name().to_owned(),
            };
            Label::new(answers.iter().map(say).collect::<Vec<_>>().join(", "))
        }
        Response::OffsetFetch { error: ErrorCode::None, partitions } => {
            Label::new(partitions.iter().map(committed).collect::<Vec<_>>().join(", "))
        }
        Response::OffsetCommit(answers) => {
            let failed = answers.iter().map(|answer| answer.error).find(|&e| e != ErrorCode::None);
            Label::new(failed.map_or("committed", ErrorCode::name))
        }
        Response::InitProducerId { error: ErrorCode::None, producer_id, producer_epoch } => {
            Label::new(format!("P{producer_id}, epoch {producer_epoch}"))
        }
        Response::JoinGroup { member, generation } => {
            Label::new(format!("{member}, generation {generation}"))
        }
        Response::Metadata(_) => Label::new("metadata"),
        other => Label::new(other_error(other).map_or("ok", ErrorCode::name)),
    }
}

fn committed(answer: &OffsetFetchAnswer) -> String {
    match (answer.error, answer.committed.offset) {
        (ErrorCode::None, ..=-1) => "none committed".to_owned(),
        (ErrorCode::None, offset) => format!("committed {offset}"),
        (error, _) => error.name().to_owned(),
    }
}

fn other_error(response: &Response) -> Option<ErrorCode> {
    let error = match response {
        Response::InitProducerId { error, .. }
        | Response::OffsetFetch { error, .. }
        | Response::OffsetDelete { error, .. }
        | Response::DeleteGroup(error)
        | Response::CreateTopic(error)
        | Response::DeleteTopic(error)
        | Response::CreatePartitions(error) => *error,
        _ => ErrorCode::None,
    };
    (error != ErrorCode::None).then_some(error)
}

/// The first error of a response, if it has one.
pub fn error(response: &Response) -> Option<ErrorCode> {
    let errors: Vec<ErrorCode> = match response {
        Response::Produce(answers) => answers.iter().map(|answer| answer.error).collect(),
        Response::Fetch(answers) => answers.iter().map(|answer| answer.error).collect(),
        Response::ListOffsets(answers) => answers.iter().map(|answer| answer.error).collect(),
        Response::OffsetCommit(answers) => answers.iter().map(|answer| answer.error).collect(),
        other => other_error(other).into_iter().collect(),
    };
    errors.into_iter().find(|&error| error != ErrorCode::None)
}

/// The offset that an answer to a question for the committed offset gives; `None` if there is none.
pub fn committed_offset(response: &Response) -> Option<Offset> {
    match response {
        Response::OffsetFetch { partitions, .. } => {
            partitions.first().map(|answer| answer.committed.offset).filter(|&offset| offset >= 0)
        }
        _ => None,
    }
}
