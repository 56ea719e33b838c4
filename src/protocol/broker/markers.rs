//! WriteTxnMarkers (`KafkaApis.scala: handleWriteTxnMarkersRequest`): a transaction coordinator has its
//! markers written.

use super::Broker;
use super::timers::named;
use super::topics::At;
use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::log::append::Append;
use crate::protocol::message::{PartitionError, Response, WriteTxnMarkersRequest};
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer_state::append_info::Origin;
use crate::record::{Batch, Marker, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Timestamp};

impl Broker {
    pub(super) fn write_txn_markers(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        request: &WriteTxnMarkersRequest,
        out: &mut Outbox,
    ) -> Response {
        let known = |at: &At| self.partition(*at).is_some();
        // Such a marker can't be built at all; the request fails as a whole.
        let impossible = (request.producer_id == NO_PRODUCER_ID
            || request.producer_epoch == NO_PRODUCER_EPOCH)
            && request.partitions.iter().any(known);
        let mut answers = Vec::new();
        for at in &request.partitions {
            let error = if impossible {
                ErrorCode::UnknownServerError
            } else {
                self.write_marker(protocol, now, request, *at, out).err().unwrap_or(ErrorCode::None)
            };
            answers.push(PartitionError { partition: named(at.0, at.1), error });
        }
        Response::WriteTxnMarkers(answers)
    }

    fn write_marker(
        &mut self,
        protocol: &Protocol,
        now: Timestamp,
        request: &WriteTxnMarkersRequest,
        at: At,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let led = self.partition_mut(at).ok_or(ErrorCode::UnknownTopicOrPartition)?;
        let marker = Marker { kind: request.result, coordinator_epoch: request.coordinator_epoch };
        let batch = Batch::of_marker(request.producer_id, request.producer_epoch, marker, now);
        let append = Append {
            batch,
            origin: Origin::Coordinator,
            leader_epoch: led.leader_epoch,
            guard: None,
            transaction_version: request.transaction_version,
        };
        let config = protocol.topic(at.0);
        let appended = led.log.append_as_leader(protocol, config, now, append, out)?;
        led.log.raise_high_watermark(led.log.log_end_offset());
        out.note(Note::MarkerWritten {
            partition: named(at.0, at.1),
            offset: appended.first_offset,
            producer_id: request.producer_id,
            result: request.result,
        });
        Ok(())
    }
}
