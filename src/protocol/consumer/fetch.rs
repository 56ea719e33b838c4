//! Fetching, and what poll returns (`FetchCollector.java`, `CompletedFetch.java`).

use std::collections::{BTreeSet, VecDeque};

use crate::protocol::consumer::position::Position;
use crate::protocol::consumer::{Consumer, ConsumerContext, DataRequest, Key, Polled};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    FetchAnswer, FetchPartition, FetchRequest, IsolationLevel, Request,
};
use crate::protocol::outbox::Outbox;
use crate::record::{Batch, ControlKind, Offset, ProducerId, Record, Rename, Swap};

const FETCH_VERSION: i16 = 17;

/// A fetch that is not wholly returned yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Buffered {
    records: VecDeque<(Offset, Record)>,
    /// The position once all records are returned; it lies behind markers and aborted batches, too.
    end: Offset,
}

impl Consumer {
    /// Whether poll would return records now.
    pub fn has_records(&self) -> bool {
        self.assigned
            .values()
            .any(|assigned| assigned.buffered.as_ref().is_some_and(|b| !b.records.is_empty()))
    }

    pub(super) fn send_fetches(&mut self, cx: ConsumerContext<'_>, out: &mut Outbox) {
        let fetchable: Vec<(Key, Offset)> = self
            .assigned
            .iter()
            .filter(|(_, assigned)| assigned.buffered.is_none())
            .filter_map(|(&key, assigned)| match assigned.position {
                Position::At(offset) => Some((key, offset)),
                _ => None,
            })
            .collect();
        if fetchable.is_empty() || self.has_records() {
            return;
        }
        let ask = |&(key, fetch_offset): &(Key, Offset)| FetchPartition {
            partition: self.by_id(key),
            fetch_offset,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            max_bytes: cx.config.max_partition_fetch_bytes,
        };
        let request = Request::Fetch(FetchRequest {
            version: FETCH_VERSION,
            isolation_level: cx.isolation_level(),
            max_bytes: cx.config.fetch_max_bytes,
            may_wait: true,
            partitions: fetchable.iter().map(ask).collect(),
        });
        self.request_data(DataRequest::Fetch(fetchable), request, out);
    }

    /// One partition's part of a fetch response; dropped if the position has moved meanwhile.
    pub(super) fn fetched(
        &mut self,
        cx: ConsumerContext<'_>,
        key: Key,
        offset: Offset,
        answer: FetchAnswer,
    ) {
        let Some(assigned) = self.assigned.get_mut(&key) else { return };
        if assigned.position != Position::At(offset) {
            return;
        }
        match answer.error {
            ErrorCode::None => {
                let buffered = readable(&answer, offset, cx.isolation_level());
                if buffered.records.is_empty() {
                    assigned.position = Position::At(buffered.end);
                } else {
                    assigned.buffered = Some(buffered);
                }
            }
            ErrorCode::OffsetOutOfRange => self.reset(cx, key, ErrorCode::OffsetOutOfRange),
            _ => self.metadata_stale = true,
        }
    }

    /// A partition whose fetched records are used up is the last one to be asked for and read next
    /// (`SubscriptionState.java: movePartitionToEnd`).
    fn move_to_end(&mut self, key: Key) {
        self.order.retain(|&other| other != key);
        self.order.push(key);
    }

    /// Poll collects: at most `max.poll.records`, and the positions move (`FetchCollector.java:
    /// collectFetch`).
    pub fn collect(&mut self, cx: ConsumerContext<'_>) -> Vec<Polled> {
        self.polling = false;
        let mut polled = Vec::new();
        for key in self.order.clone() {
            let Some(assigned) = self.assigned.get_mut(&key) else { continue };
            let Some(buffered) = &mut assigned.buffered else { continue };
            while polled.len() < cx.config.max_poll_records as usize {
                let Some((offset, record)) = buffered.records.pop_front() else { break };
                assigned.position = Position::At(offset + 1);
                polled.push(Polled { key, offset, record });
            }
            if buffered.records.is_empty() {
                assigned.position = Position::At(buffered.end);
                assigned.buffered = None;
                self.move_to_end(key);
            }
        }
        polled
    }
}

/// What an isolation level shows of a fetch, from an offset on (`CompletedFetch.java: nextFetchedRecord`).
pub fn readable_records(
    answer: &FetchAnswer,
    from: Offset,
    isolation_level: IsolationLevel,
) -> (Vec<(Offset, Record)>, Offset) {
    let buffered = readable(answer, from, isolation_level);
    (buffered.records.into(), buffered.end)
}

fn readable(answer: &FetchAnswer, from: Offset, isolation_level: IsolationLevel) -> Buffered {
    let mut aborted = answer.aborted.clone().unwrap_or_default();
    aborted.sort_unstable_by_key(|entry| entry.first_offset);
    let mut pending = aborted.into_iter().peekable();
    let mut aborting: BTreeSet<ProducerId> = BTreeSet::new();
    let mut buffered = Buffered { records: VecDeque::new(), end: from };
    for batch in &answer.batches {
        if isolation_level == IsolationLevel::ReadCommitted && batch.has_producer_id() {
            while let Some(entry) = pending.next_if(|entry| entry.first_offset <= batch.last_offset)
            {
                aborting.insert(entry.producer_id);
            }
            if batch.marker.is_some_and(|marker| marker.kind == ControlKind::Abort) {
                aborting.remove(&batch.producer_id);
            }
        }
        let aborted = batch.transactional && aborting.contains(&batch.producer_id);
        if !batch.control && !aborted {
            buffered.records.extend(records_from(batch, from));
        }
        buffered.end = buffered.end.max(batch.last_offset + 1);
    }
    buffered
}

fn records_from(batch: &Batch, from: Offset) -> impl Iterator<Item = (Offset, Record)> {
    batch
        .records
        .iter()
        .map(|(delta, record)| (batch.base_offset + Offset::from(*delta), record.clone()))
        .filter(move |(offset, _)| *offset >= from)
}

impl Rename for Buffered {
    fn rename(&mut self, swap: &Swap) {
        let Buffered { records, end: _ } = self;
        records.iter_mut().for_each(|(_, record)| record.rename(swap));
    }
}
