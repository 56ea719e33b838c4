//! The audit reader: an ordinary client outside the application, which asks a copy of the broker.

use crate::cluster::{Cluster, Fixed, NOBODY, NOW};
use crate::history::Audit;
use crate::history::audit::Found;
use crate::protocol::broker::Broker;
use crate::protocol::consumer::readable_records;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    Correlation, FetchAnswer, FetchPartition, FetchRequest, IsolationLevel, ListOffsetsPartition,
    ListOffsetsRequest, OffsetFetchRequest, OffsetSpec, Request, Response, TopicPartition,
    TopicRef,
};
use crate::protocol::outbox::{Message, Outbox};
use crate::record::{Offset, Partition, TopicId, TopicName};

const MAX_BYTES: u32 = 52_428_800;

/// One question and its answer.
fn ask(broker: &mut Broker, fixed: Fixed<'_>, request: Request) -> Option<Response> {
    let mut out = Outbox::default();
    broker.receive(fixed.protocol, NOW, NOBODY, Correlation(0), request, &mut out);
    match out.sends.pop()?.message {
        Message::Response(response) => Some(response),
        Message::Request(_) => None,
    }
}

/// The topics' ids and partition counts, by their names' numbers; also of a broker that is down, since a
/// client that starts then waits until it learns them.
pub(super) fn topics(broker: &Broker, fixed: Fixed<'_>) -> Vec<(TopicId, i32)> {
    let known = |name| match broker.topics().get(&name) {
        Some(topic) => (topic.id, topic.partitions.len() as i32),
        None => (TopicId(u32::MAX), 0),
    };
    (0..fixed.topics.len() as u16).map(TopicName).map(known).collect()
}

impl Cluster {
    /// Reads every partition from its start, once per isolation level, and asks each group for its
    /// committed offsets.
    pub fn audit(&self, fixed: Fixed<'_>) -> Audit {
        let mut broker = self.node.broker.clone();
        let mut audit = Audit::default();
        let counts = topics(&broker, fixed);
        for (i, (_, count)) in (0..).zip(counts) {
            for partition in 0..count {
                let key = (TopicName(i), partition);
                for level in [IsolationLevel::ReadUncommitted, IsolationLevel::ReadCommitted] {
                    let found = read(&mut broker, fixed, key, level);
                    match level {
                        IsolationLevel::ReadUncommitted => audit.uncommitted.insert(key, found),
                        IsolationLevel::ReadCommitted => audit.committed.insert(key, found),
                    };
                }
                for app in fixed.apps {
                    if let Some(offset) = committed(&mut broker, fixed, app.group, key) {
                        audit.offsets.insert((app.group, key.0, key.1), offset);
                    }
                }
            }
        }
        audit
    }
}

fn by_name((topic, partition): (TopicName, Partition)) -> TopicPartition {
    TopicPartition { topic: TopicRef::Name(topic), partition }
}

/// Everything that a partition shows at an isolation level.
fn read(
    broker: &mut Broker,
    fixed: Fixed<'_>,
    key: (TopicName, Partition),
    isolation_level: IsolationLevel,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = start(broker, fixed, key);
    while let Some(answer) = fetch(broker, fixed, key, isolation_level, from) {
        let (records, end) = readable_records(&answer, from, isolation_level);
        found.extend(records.into_iter().map(|(offset, record)| Found {
            offset,
            payload: record.payload,
            key: record.key,
        }));
        if end == from {
            break;
        }
        from = end;
    }
    found
}

fn start(broker: &mut Broker, fixed: Fixed<'_>, key: (TopicName, Partition)) -> Offset {
    let partition = ListOffsetsPartition {
        partition: by_name(key),
        spec: OffsetSpec::Earliest,
        current_leader_epoch: -1,
    };
    let request = Request::ListOffsets(ListOffsetsRequest {
        version: 9,
        isolation_level: IsolationLevel::ReadUncommitted,
        partitions: vec![partition],
    });
    match ask(broker, fixed, request) {
        Some(Response::ListOffsets(answers)) => answers[0].offset.max(0),
        _ => 0,
    }
}

fn fetch(
    broker: &mut Broker,
    fixed: Fixed<'_>,
    key: (TopicName, Partition),
    isolation_level: IsolationLevel,
    fetch_offset: Offset,
) -> Option<FetchAnswer> {
    let partition = FetchPartition {
        partition: by_name(key),
        fetch_offset,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        max_bytes: MAX_BYTES,
    };
    let request = Request::Fetch(FetchRequest {
        version: 12,
        isolation_level,
        max_bytes: MAX_BYTES,
        may_wait: false,
        partitions: vec![partition],
    });
    match ask(broker, fixed, request) {
        Some(Response::Fetch(answers)) => {
            answers.into_iter().next().filter(|answer| answer.error == ErrorCode::None)
        }
        _ => None,
    }
}

fn committed(
    broker: &mut Broker,
    fixed: Fixed<'_>,
    group: crate::record::GroupId,
    key: (TopicName, Partition),
) -> Option<Offset> {
    let request = Request::OffsetFetch(OffsetFetchRequest {
        version: 9,
        group,
        member: None,
        member_epoch: -1,
        require_stable: false,
        partitions: Some(vec![by_name(key)]),
    });
    match ask(broker, fixed, request) {
        Some(Response::OffsetFetch { partitions, .. }) => {
            let offset = partitions.first()?.committed.offset;
            (offset >= 0).then_some(offset)
        }
        _ => None,
    }
}
