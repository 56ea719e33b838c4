//! Questions about offsets, and the deletion of a log's head (`ReplicaManager.scala: fetchOffset,
//! lastOffsetForLeaderEpoch, deleteRecords`, `Partition.scala: fetchOffsetForTimestamp`).

use super::Broker;
use super::timers::head_deleted;
use super::topics::LedPartition;
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    DeleteRecordsAnswer, DeleteRecordsRequest, IsolationLevel, ListOffsetsAnswer,
    ListOffsetsPartition, ListOffsetsRequest, OffsetForLeaderEpochAnswer,
    OffsetForLeaderEpochRequest, OffsetSpec, Response, TopicPartition, Version,
};
use crate::protocol::outbox::Outbox;
use crate::protocol::safeguard::Safeguard;
use crate::protocol::variant::Kafka;
use crate::record::{LeaderEpoch, Offset, Timestamp};

/// `DeleteRecordsRequest.java: HIGH_WATERMARK`.
const BEFORE_HIGH_WATERMARK: Offset = -1;

/// The special numbers that a ListOffsets request may bear for a timestamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wanted {
    Earliest,
    Latest,
    MaxTimestamp,
    /// Of tiered storage, which nobody has here.
    Tiered,
    At(Timestamp),
}

impl Wanted {
    /// Reads the question.
    ///
    /// # Errors
    /// UNSUPPORTED_VERSION for a special number that this version does not know.
    fn parse(kafka: Kafka, spec: OffsetSpec, version: Version) -> Result<Wanted, ErrorCode> {
        let (wanted, since) = match spec {
            OffsetSpec::Latest | OffsetSpec::Timestamp(-1) => (Wanted::Latest, 1),
            OffsetSpec::Earliest | OffsetSpec::Timestamp(-2) => (Wanted::Earliest, 1),
            OffsetSpec::MaxTimestamp | OffsetSpec::Timestamp(-3) => (Wanted::MaxTimestamp, 7),
            OffsetSpec::Timestamp(-4) => (Wanted::Earliest, 8),
            OffsetSpec::Timestamp(-5) => (Wanted::Tiered, 9),
            OffsetSpec::Timestamp(-6) if kafka >= Kafka::V4_3 => (Wanted::Tiered, 11),
            OffsetSpec::Timestamp(time) if time >= 0 => (Wanted::At(time), 0),
            OffsetSpec::Timestamp(_) => return Err(ErrorCode::UnsupportedVersion),
        };
        if version < since { Err(ErrorCode::UnsupportedVersion) } else { Ok(wanted) }
    }
}

impl Broker {
    pub(super) fn list_offsets(
        &self,
        protocol: &Protocol,
        request: &ListOffsetsRequest,
        out: &mut Outbox,
    ) -> Response {
        let asked = |partition: TopicPartition| {
            request.partitions.iter().filter(|other| other.partition == partition).count()
        };
        let answers = request.partitions.iter().map(|wanted| {
            let result = if asked(wanted.partition) > 1 {
                Err(ErrorCode::InvalidRequest)
            } else {
                self.list_offset(protocol, request, wanted, out)
            };
            let (error, (offset, leader_epoch)) = match result {
                Ok(found) => (ErrorCode::None, found),
                Err(error) => (error, (-1, -1)),
            };
            ListOffsetsAnswer { partition: wanted.partition, error, offset, leader_epoch }
        });
        Response::ListOffsets(answers.collect())
    }

    fn list_offset(
        &self,
        protocol: &Protocol,
        request: &ListOffsetsRequest,
        wanted: &ListOffsetsPartition,
        out: &mut Outbox,
    ) -> Result<(Offset, LeaderEpoch), ErrorCode> {
        let spec = Wanted::parse(protocol.kafka, wanted.spec, request.version)?;
        let led = self.led(wanted.partition)?;
        led.check_leader_epoch(protocol, wanted.current_leader_epoch, out)?;
        let log = &led.log;
        let bound = match request.isolation_level {
            IsolationLevel::ReadUncommitted => log.high_watermark(),
            IsolationLevel::ReadCommitted => log.last_stable_offset(protocol.kafka),
        };
        let found = match spec {
            Wanted::Latest => return Ok((bound, led.leader_epoch)),
            Wanted::Earliest => {
                let (offset, epoch) = log.earliest();
                return Ok((offset, epoch.unwrap_or(-1)));
            }
            Wanted::Tiered => None,
            Wanted::MaxTimestamp => log.offset_of_max_timestamp(),
            Wanted::At(time) => log.offset_for_timestamp(time),
        };
        Ok(found
            .filter(|(offset, _)| *offset < bound)
            .map_or((-1, -1), |(offset, epoch)| (offset, epoch.unwrap_or(-1))))
    }

    pub(super) fn epoch_ends(
        &self,
        protocol: &Protocol,
        request: &OffsetForLeaderEpochRequest,
        out: &mut Outbox,
    ) -> Response {
        let answers = request.partitions.iter().map(|question| {
            let result = self.led(question.partition).and_then(|led| {
                led.check_leader_epoch(protocol, question.current_leader_epoch, out)?;
                let end = led.log.log_end_offset();
                Ok(led.log.epochs().end_offset_for(question.leader_epoch, end))
            });
            let (leader_epoch, end_offset) = result.ok().flatten().unwrap_or((-1, -1));
            OffsetForLeaderEpochAnswer {
                partition: question.partition,
                error: result.err().unwrap_or(ErrorCode::None),
                leader_epoch,
                end_offset,
            }
        });
        Response::OffsetForLeaderEpoch(answers.collect())
    }

    pub(super) fn delete_records(
        &mut self,
        protocol: &Protocol,
        request: &DeleteRecordsRequest,
        out: &mut Outbox,
    ) -> Response {
        let mut answers = Vec::new();
        for (partition, before) in &request.partitions {
            let result = self.delete_before(protocol, *partition, *before, out);
            answers.push(DeleteRecordsAnswer {
                partition: *partition,
                error: result.err().unwrap_or(ErrorCode::None),
                low_watermark: result.unwrap_or(-1),
            });
        }
        Response::DeleteRecords(answers)
    }

    /// Deletes a log's head; returns where the log then begins.
    fn delete_before(
        &mut self,
        protocol: &Protocol,
        partition: TopicPartition,
        before: Offset,
        out: &mut Outbox,
    ) -> Result<Offset, ErrorCode> {
        let at = self.locate(partition)?;
        let config = protocol.topic(at.0);
        let led = self.partition_mut(at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let compacted = config.cleanup_compact && !config.cleanup_delete;
        if protocol.refuses(Safeguard::DeleteIfCompacted, compacted, out) {
            return Err(ErrorCode::PolicyViolation);
        }
        let high_watermark = led.log.high_watermark();
        let before = if before == BEFORE_HIGH_WATERMARK { high_watermark } else { before };
        let beyond = before > high_watermark;
        if before < 0 || protocol.refuses(Safeguard::DeleteBelowHighWatermark, beyond, out) {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        // Without that test the log can't begin behind its end all the same.
        if led.log.increment_log_start_offset(before.min(high_watermark))? {
            out.note(head_deleted(at.0, at.1, before));
        }
        Ok(led.log.log_start_offset())
    }

    fn led(&self, partition: TopicPartition) -> Result<&LedPartition, ErrorCode> {
        let at = self.locate(partition)?;
        self.partition(at).ok_or(ErrorCode::UnknownTopicOrPartition)
    }
}
