//! Stopping and starting (`BrokerServer.scala`, `LogManager.scala: shutdown, loadLogs`).

use super::timers::{Timers, named};
use super::{Broker, Stop};
use crate::protocol::Protocol;
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::variant::LeadershipAfterKill;
use crate::record::{GroupId, Offset, Partition, Timestamp, TopicName};

impl Broker {
    /// Stops: leaves only what survives.
    pub fn stop(&mut self, _protocol: &Protocol, now: Timestamp, how: Stop) {
        let _ = now;
        if !self.is_running() {
            return;
        }
        self.stopped = Some(how);
        self.parked.clear();
        self.offsets.restart();
        for topic in self.topics.values_mut() {
            for led in &mut topic.partitions {
                led.log.stop(how == Stop::Clean);
            }
        }
    }

    /// Keeps what a loss of power could take of the committed offsets.
    pub fn keep_unflushed(&mut self) {
        self.offsets.keep_unflushed();
    }

    /// Up to where each partition is flushed, of those that hold more.
    pub fn unflushed(&self) -> Vec<((TopicName, Partition), Offset)> {
        let mut unflushed = Vec::new();
        for (&name, topic) in &self.topics {
            for (number, led) in (0..).zip(&topic.partitions) {
                if led.log.flushed_to() < led.log.log_end_offset() {
                    unflushed.push(((name, number), led.log.flushed_to()));
                }
            }
        }
        unflushed
    }

    /// A loss of power took the end of a partition's log.
    pub fn lose_tail(&mut self, name: TopicName, partition: Partition, from: Offset) {
        if let Some(led) = self.partition_mut((name, partition)) {
            led.log.lose_tail(from);
        }
    }

    /// Commits that a loss of power can still take.
    pub fn unflushed_commits(&self) -> usize {
        self.offsets.unflushed()
    }

    /// A loss of power took the last commit that is left; of which group and partition.
    pub fn lose_commit(&mut self) -> Option<(GroupId, TopicName, Partition)> {
        self.offsets.lose_last()
    }

    /// Starts again: loads its logs and leads them in a new term.
    pub fn start(&mut self, protocol: &Protocol, now: Timestamp, out: &mut Outbox) {
        let Some(how) = self.stopped.take() else { return };
        let clean = how == Stop::Clean;
        let terms = if clean { 2 } else { terms_after_kill(protocol) };
        for (name, topic) in &mut self.topics {
            let config = protocol.topic(*name);
            for (number, led) in (0..).zip(&mut topic.partitions) {
                led.log.load(protocol, config, now, clean);
                led.leader_epoch += terms;
                led.log.begin_term(led.leader_epoch);
                led.log.raise_high_watermark(led.log.log_end_offset());
                out.note(Note::LogLoaded {
                    partition: named(*name, number),
                    log_start_offset: led.log.log_start_offset(),
                    log_end_offset: led.log.log_end_offset(),
                });
            }
        }
        self.timers = Timers::begin(protocol, now);
    }
}

fn terms_after_kill(protocol: &Protocol) -> i32 {
    match protocol.kafka.leadership_after_kill() {
        LeadershipAfterKill::SameTerm => 0,
        LeadershipAfterKill::TwoTermsLater => 2,
    }
}
