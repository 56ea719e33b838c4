//! Fetch (`KafkaApis.scala: handleFetchRequest`, `ReplicaManager.scala: fetchMessages, readFromLog`,
//! `Partition.scala: readRecords`).

use super::parked::Parked;
use super::topics::LedPartition;
use super::{Broker, Reply};
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::log::read::{Bound, Read, ReadOptions};
use crate::protocol::log::segment::AbortedEntry;
use crate::protocol::message::{
    AbortedTransaction, FetchAnswer, FetchPartition, FetchRequest, IsolationLevel, Response,
};
use crate::protocol::outbox::Outbox;
use crate::protocol::safeguard::Safeguard;
use crate::record::{LeaderEpoch, Offset};

/// What a fetch found in all its partitions.
pub(super) struct Fetched {
    pub(super) answers: Vec<FetchAnswer>,
    bytes: u64,
}

impl Fetched {
    /// Whether it is worth an answer before the waiting time is over.
    pub(super) fn is_enough(&self) -> bool {
        self.bytes > 0
            || self.answers.is_empty()
            || self
                .answers
                .iter()
                .any(|answer| answer.error != ErrorCode::None || answer.diverging.is_some())
    }
}

/// What one partition gives.
struct Found {
    read: Read,
    diverging: Option<(LeaderEpoch, Offset)>,
}

impl Broker {
    pub(super) fn fetch(
        &mut self,
        protocol: &Protocol,
        reply: Reply,
        request: FetchRequest,
        out: &mut Outbox,
    ) {
        let fetched = self.read_partitions(protocol, &request, out);
        if request.may_wait && !fetched.is_enough() {
            self.park(Parked::Fetch { reply, request });
        } else {
            reply.send(Response::Fetch(fetched.answers), out);
        }
    }

    /// Reads the partitions in the order of the request; the first that has something gives at least
    /// one batch, and each later one what is left of the bytes.
    pub(super) fn read_partitions(
        &self,
        protocol: &Protocol,
        request: &FetchRequest,
        out: &mut Outbox,
    ) -> Fetched {
        let mut left = u64::from(request.max_bytes);
        let mut bytes = 0;
        let mut answers = Vec::new();
        for wanted in &request.partitions {
            let limit = left.min(u64::from(wanted.max_bytes));
            let result = self.read_partition(protocol, request, wanted, limit, bytes == 0, out);
            let (answer, read) = match result {
                Ok((led, mut found)) => {
                    // A batch that does not fit is left out with everything about it.
                    if found.read.first_incomplete {
                        found.read = Read::default();
                    }
                    let read = found.read.bytes;
                    (answered(protocol, request.isolation_level, wanted, led, found), read)
                }
                Err(error) => (refused(wanted, error), 0),
            };
            left = left.saturating_sub(read);
            bytes += read;
            answers.push(answer);
        }
        Fetched { answers, bytes }
    }

    fn read_partition(
        &self,
        protocol: &Protocol,
        request: &FetchRequest,
        wanted: &FetchPartition,
        limit: u64,
        at_least_one: bool,
        out: &mut Outbox,
    ) -> Result<(&LedPartition, Found), ErrorCode> {
        let at = self.locate(wanted.partition)?;
        let led = self.partition(at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        led.check_leader_epoch(protocol, wanted.current_leader_epoch, out)?;
        if wanted.last_fetched_epoch >= 0
            && let Some(diverging) = led.divergence(protocol, wanted, out)?
        {
            let found = Found { read: Read::default(), diverging: Some(diverging) };
            return Ok((led, found));
        }
        let log = &led.log;
        let committed = request.isolation_level == IsolationLevel::ReadCommitted;
        let unstable = log.last_stable_offset(protocol.kafka) < log.high_watermark();
        let bounded =
            committed && protocol.refuses(Safeguard::LastStableBound, unstable, out) == unstable;
        let read = ReadOptions {
            kafka: protocol.kafka,
            max_bytes: limit,
            bound: if bounded { Bound::LastStable } else { Bound::HighWatermark },
            at_least_one,
            with_aborted: committed,
        };
        let mut read = log.read(wanted.fetch_offset, read)?;
        if let Some(aborted) = &mut read.aborted {
            let some = !aborted.is_empty();
            if some && !protocol.refuses(Safeguard::AbortedTransactions, some, out) {
                aborted.clear();
            }
        }
        Ok((led, Found { read, diverging: None }))
    }
}

impl LedPartition {
    /// Tests the term that a request believes in, if it names one.
    ///
    /// # Errors
    /// FENCED_LEADER_EPOCH for an older one, UNKNOWN_LEADER_EPOCH for a newer one.
    pub(super) fn check_leader_epoch(
        &self,
        protocol: &Protocol,
        believed: LeaderEpoch,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let wrong = believed >= 0 && believed != self.leader_epoch;
        if !protocol.refuses(Safeguard::LeaderEpochFence, wrong, out) {
            return Ok(());
        }
        Err(if believed < self.leader_epoch {
            ErrorCode::FencedLeaderEpoch
        } else {
            ErrorCode::UnknownLeaderEpoch
        })
    }

    /// Where the fetcher's last term really ended, if its log has parted from this one.
    fn divergence(
        &self,
        protocol: &Protocol,
        wanted: &FetchPartition,
        out: &mut Outbox,
    ) -> Result<Option<(LeaderEpoch, Offset)>, ErrorCode> {
        let log = &self.log;
        let (epoch, end) = log
            .epochs()
            .end_offset_for(wanted.last_fetched_epoch, log.log_end_offset())
            .ok_or(ErrorCode::OffsetOutOfRange)?;
        if wanted.fetch_offset < log.log_start_offset() {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        let parted = epoch < wanted.last_fetched_epoch || end < wanted.fetch_offset;
        let told = protocol.refuses(Safeguard::DivergingEpoch, parted, out);
        Ok(told.then_some((epoch, end)))
    }
}

fn answered(
    protocol: &Protocol,
    isolation_level: IsolationLevel,
    wanted: &FetchPartition,
    led: &LedPartition,
    found: Found,
) -> FetchAnswer {
    let aborted = found.read.aborted.map(|entries| {
        let listed = |entry: AbortedEntry| AbortedTransaction {
            producer_id: entry.producer_id,
            first_offset: entry.first_offset,
        };
        entries.into_iter().map(listed).collect()
    });
    FetchAnswer {
        partition: wanted.partition,
        error: ErrorCode::None,
        high_watermark: led.log.high_watermark(),
        last_stable_offset: led.log.last_stable_offset(protocol.kafka),
        log_start_offset: led.log.log_start_offset(),
        aborted: match isolation_level {
            IsolationLevel::ReadUncommitted => None,
            IsolationLevel::ReadCommitted => aborted,
        },
        diverging: found.diverging,
        batches: found.read.batches,
    }
}

fn refused(wanted: &FetchPartition, error: ErrorCode) -> FetchAnswer {
    FetchAnswer {
        partition: wanted.partition,
        error,
        high_watermark: -1,
        last_stable_offset: -1,
        log_start_offset: -1,
        aborted: None,
        diverging: None,
        batches: Vec::new(),
    }
}
