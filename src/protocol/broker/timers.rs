//! What a broker does by itself: retention, compaction, expiry, checkpoints (`LogManager.scala:
//! startup`, `LogCleaner.java`, `UnifiedLog.java`).
//!
//! An adversary without a clock has the same deeds as methods of their own.

use super::Broker;
use crate::protocol::Protocol;
use crate::protocol::message::{TopicPartition, TopicRef};
use crate::protocol::note::Note;
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
    /// `log.flush.start.offset.checkpoint.interval.ms`.
    LogStartCheckpoint,
    /// `log.flush.offset.checkpoint.interval.ms`.
    RecoveryPointCheckpoint,
}

impl BrokerTimer {
    /// All of them, in the order in which they fire when due together.
    pub const ALL: [BrokerTimer; 6] = [
        BrokerTimer::LogRetention,
        BrokerTimer::LogCleaner,
        BrokerTimer::ProducerIdExpiry,
        BrokerTimer::OffsetExpiry,
        BrokerTimer::LogStartCheckpoint,
        BrokerTimer::RecoveryPointCheckpoint,
    ];

    fn interval(self, protocol: &Protocol) -> Timestamp {
        let broker = &protocol.broker;
        let interval = match self {
            BrokerTimer::LogRetention => broker.log_retention_check_interval_ms,
            BrokerTimer::LogCleaner => broker.log_cleaner_backoff_ms,
            BrokerTimer::ProducerIdExpiry => broker.producer_id_expiration_check_interval_ms,
            BrokerTimer::OffsetExpiry => broker.offsets_retention_check_interval_ms,
            BrokerTimer::LogStartCheckpoint => broker.log_flush_start_offset_checkpoint_interval_ms,
            BrokerTimer::RecoveryPointCheckpoint => broker.log_flush_offset_checkpoint_interval_ms,
        };
        interval.max(1)
    }

    fn initial_delay(self, protocol: &Protocol) -> Timestamp {
        match self {
            BrokerTimer::LogRetention
            | BrokerTimer::LogStartCheckpoint
            | BrokerTimer::RecoveryPointCheckpoint => protocol.broker.log_initial_task_delay_ms,
            BrokerTimer::LogCleaner | BrokerTimer::ProducerIdExpiry | BrokerTimer::OffsetExpiry => {
                self.interval(protocol)
            }
        }
    }
}

/// When each timer fires next, in the order of [`BrokerTimer::ALL`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Timers([Timestamp; BrokerTimer::ALL.len()]);

impl Timers {
    pub(super) fn begin(protocol: &Protocol, now: Timestamp) -> Timers {
        Timers(BrokerTimer::ALL.map(|timer| now.saturating_add(timer.initial_delay(protocol))))
    }

    fn next(&self) -> (Timestamp, BrokerTimer) {
        let times = self.0.iter().copied().zip(BrokerTimer::ALL);
        times.min().expect("there are timers")
    }

    fn plan(&mut self, protocol: &Protocol, timer: BrokerTimer, now: Timestamp) {
        let slot = &mut self.0[timer as usize];
        let interval = timer.interval(protocol);
        // The cleaner sleeps between two looks; the others keep their rhythm.
        let from = if timer == BrokerTimer::LogCleaner { now } else { *slot };
        let next = from.saturating_add(interval);
        *slot = if next > now { next } else { now.saturating_add(interval) };
    }
}

impl Broker {
    /// The next background work by configured durations, if any is planned.
    pub fn due(&self, _protocol: &Protocol) -> Option<(Timestamp, BrokerTimer)> {
        self.is_running().then(|| self.timers.next())
    }

    /// Does background work now.
    pub fn fire(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        timer: BrokerTimer,
        out: &mut Outbox,
    ) {
        if !self.is_running() {
            return;
        }
        match timer {
            BrokerTimer::LogRetention => self.retain_logs(protocol, now, out),
            BrokerTimer::LogCleaner => self.clean_logs(protocol, now, out),
            BrokerTimer::ProducerIdExpiry => self.expire_producers(protocol, now, out),
            BrokerTimer::OffsetExpiry => self.expire_offsets(protocol, now, out),
            BrokerTimer::LogStartCheckpoint => {
                self.each_log(|_, _, log| log.checkpoint_log_start_offset());
            }
            BrokerTimer::RecoveryPointCheckpoint => {
                self.each_log(|_, _, log| log.checkpoint_recovery_point());
            }
        }
        self.timers.plan(protocol, timer, now);
        self.wake(protocol, out);
    }

    fn retain_logs(&mut self, protocol: &Protocol, now: Timestamp, out: &mut Outbox) {
        self.each_log(|topic, partition, log| {
            let config = protocol.topic(topic);
            if !config.cleanup_compact && log.delete_old_segments(config, now) {
                out.note(head_deleted(topic, partition, log.log_start_offset()));
            }
        });
    }

    fn clean_logs(&mut self, protocol: &Protocol, now: Timestamp, out: &mut Outbox) {
        self.each_log(|topic, partition, log| {
            let config = protocol.topic(topic);
            if !config.cleanup_compact {
                return;
            }
            while log.clean(protocol.kafka, config, now) {
                out.note(Note::Compacted { partition: named(topic, partition) });
            }
            if !log.is_uncleanable() && log.delete_old_segments(config, now) {
                out.note(head_deleted(topic, partition, log.log_start_offset()));
            }
        });
    }

    fn expire_producers(&mut self, protocol: &Protocol, now: Timestamp, out: &mut Outbox) {
        let limit = protocol.broker.producer_id_expiration_ms;
        self.each_log(|topic, partition, log| {
            for producer_id in log.producers_mut().remove_expired(now, limit) {
                out.note(Note::ProducerForgotten {
                    partition: named(topic, partition),
                    producer_id,
                });
            }
        });
    }

    fn expire_offsets(&mut self, protocol: &Protocol, now: Timestamp, out: &mut Outbox) {
        let gone = self.offsets.expire(now, protocol.broker.offsets_retention_ms);
        for (group, topic, partition) in gone {
            out.note(Note::OffsetForgotten { group, partition: named(topic, partition) });
        }
    }

    /// For an adversary without a clock: retention removes the head of a log up to an offset.
    pub fn delete_head(
        &mut self,
        protocol: &Protocol,
        topic: TopicName,
        partition: Partition,
        before: Offset,
        out: &mut Outbox,
    ) {
        if !self.is_running() {
            return;
        }
        let Some(led) = self.partition_mut((topic, partition)) else { return };
        if led.log.increment_log_start_offset(before) == Ok(true) {
            // Written down within a minute (log.flush.start.offset.checkpoint.interval.ms), so it outlives
            // a crash later on.
            led.log.checkpoint_log_start_offset();
            out.note(head_deleted(topic, partition, before));
        }
        self.wake(protocol, out);
    }

    /// For an adversary without a clock: a partition forgets a producer that has no open transaction.
    pub fn expire_producer(
        &mut self,
        _protocol: &Protocol,
        topic: TopicName,
        partition: Partition,
        producer_id: ProducerId,
        out: &mut Outbox,
    ) {
        let running = self.is_running();
        let Some(led) = self.partition_mut((topic, partition)).filter(|_| running) else { return };
        if led.log.producers_mut().expire(producer_id) {
            let partition = named(topic, partition);
            out.note(Note::ProducerForgotten { partition, producer_id });
        }
    }

    /// For an adversary without a clock: a group's committed offset expires.
    pub fn expire_offset(
        &mut self,
        _protocol: &Protocol,
        group: GroupId,
        topic: TopicName,
        partition: Partition,
        out: &mut Outbox,
    ) {
        if self.is_running() && self.offsets.delete(group, topic, partition) {
            out.note(Note::OffsetForgotten { group, partition: named(topic, partition) });
        }
    }

    fn each_log(
        &mut self,
        mut deed: impl FnMut(TopicName, Partition, &mut crate::protocol::log::Log),
    ) {
        for (name, topic) in &mut self.topics {
            for (number, led) in (0..).zip(&mut topic.partitions) {
                deed(*name, number, &mut led.log);
            }
        }
    }
}

pub(super) fn named(topic: TopicName, partition: Partition) -> TopicPartition {
    TopicPartition { topic: TopicRef::Name(topic), partition }
}

pub(super) fn head_deleted(
    topic: TopicName,
    partition: Partition,
    log_start_offset: Offset,
) -> Note {
    Note::HeadDeleted { partition: named(topic, partition), log_start_offset }
}
