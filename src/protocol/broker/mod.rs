//! One broker: the leader of its partitions and the coordinator of committed offsets.
//!
//! A state machine without clock or links: it takes requests, timers and crashes with the time as an
//! argument, and pushes its answers into an [`Outbox`]. It never knows who is at the other end of a
//! connection, what payloads say, or which fault made it stop.

use crate::protocol::Protocol;
use crate::protocol::message::{Connection, Correlation, Request};
use crate::protocol::outbox::Outbox;
use crate::record::{GroupId, Offset, Partition, ProducerId, Timestamp, TopicName};

/// Work that a broker does by itself when its configured time has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BrokerTimer {
    /// `log.retention.check.interval.ms`: deletes old segments (`LogManager.scala: cleanupLogs`).
    LogRetention,
    /// `log.cleaner.backoff.ms`: compacts (`LogCleaner.java: CleanerThread`).
    LogCleaner,
    /// `producer.id.expiration.check.interval.ms`: forgets producers that were long silent.
    ProducerIdExpiry,
    /// `offsets.retention.check.interval.ms`: forgets committed offsets.
    OffsetExpiry,
    /// `replica.high.watermark.checkpoint.interval.ms`.
    HighWatermarkCheckpoint,
    /// `log.flush.start.offset.checkpoint.interval.ms`.
    LogStartCheckpoint,
    /// `log.flush.offset.checkpoint.interval.ms`.
    RecoveryPointCheckpoint,
}

/// How a broker stops.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stop {
    /// SIGTERM: a controlled shutdown.
    Clean,
    /// SIGKILL: the process's memory goes, the page cache stays.
    Kill,
}

/// One broker.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Broker {}

impl Broker {
    /// A formatted broker without topics.
    pub fn new(_protocol: &Protocol, _now: Timestamp) -> Broker {
        Broker {}
    }

    /// A request came.
    #[allow(clippy::too_many_arguments, reason = "everything about one request")]
    pub fn receive(
        &mut self,
        _protocol: &Protocol,
        _now: Timestamp,
        _connection: Connection,
        _correlation: Correlation,
        _request: Request,
        _out: &mut Outbox,
    ) {
    }

    /// A connection broke: answers awaited on it are dropped.
    pub fn disconnected(&mut self, _connection: Connection) {}

    /// The next background work by configured durations, if any is planned.
    pub fn due(&self, _protocol: &Protocol) -> Option<(Timestamp, BrokerTimer)> {
        None
    }

    /// Does background work now.
    pub fn fire(
        &mut self,
        _protocol: &Protocol,
        _now: Timestamp,
        _timer: BrokerTimer,
        _out: &mut Outbox,
    ) {
    }

    /// Stops: leaves only what survives.
    pub fn stop(&mut self, _protocol: &Protocol, _now: Timestamp, _how: Stop) {}

    /// Starts again: loads its logs and leads them in a new term.
    pub fn start(&mut self, _protocol: &Protocol, _now: Timestamp, _out: &mut Outbox) {}

    /// For an adversary without a clock: retention removes the head of a log up to an offset.
    pub fn delete_head(
        &mut self,
        _protocol: &Protocol,
        _topic: TopicName,
        _partition: Partition,
        _before: Offset,
        _out: &mut Outbox,
    ) {
    }

    /// For an adversary without a clock: a partition forgets a producer that has no open transaction.
    pub fn expire_producer(
        &mut self,
        _protocol: &Protocol,
        _topic: TopicName,
        _partition: Partition,
        _producer_id: ProducerId,
        _out: &mut Outbox,
    ) {
    }

    /// For an adversary without a clock: a group's committed offset expires.
    pub fn expire_offset(
        &mut self,
        _protocol: &Protocol,
        _group: GroupId,
        _topic: TopicName,
        _partition: Partition,
        _out: &mut Outbox,
    ) {
    }
}
