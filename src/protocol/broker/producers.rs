//! Producer ids and what partitions know of their producers (`TransactionCoordinator.scala:
//! handleInitProducerId`, `Partition.scala: activeProducerState`).

use super::Broker;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    ActiveProducer, DescribeProducersAnswer, DescribeProducersRequest, InitProducerIdRequest,
    Response,
};
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::record::{NO_PRODUCER_EPOCH, NO_PRODUCER_ID};

impl Broker {
    /// A producer without a transactional id gets a new producer id, whatever it says.
    pub(super) fn init_producer_id(
        &mut self,
        request: &InitProducerIdRequest,
        out: &mut Outbox,
    ) -> Response {
        let refused = |error| Response::InitProducerId {
            error,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
        };
        if (request.producer_id == NO_PRODUCER_ID) != (request.producer_epoch == NO_PRODUCER_EPOCH)
        {
            return refused(ErrorCode::InvalidRequest);
        }
        if request.transactional_id.is_some() {
            out.note(Note::NotModelled("transaction coordinator"));
            return refused(ErrorCode::CoordinatorNotAvailable);
        }
        let producer_id = self.next_producer_id;
        self.next_producer_id += 1;
        Response::InitProducerId { error: ErrorCode::None, producer_id, producer_epoch: 0 }
    }

    pub(super) fn describe_producers(&self, request: &DescribeProducersRequest) -> Response {
        let answers = request.partitions.iter().map(|partition| {
            let found = self.locate(*partition).map(|at| self.partition(at));
            let producers = found.iter().flatten().flat_map(|led| led.log.producers().producers());
            DescribeProducersAnswer {
                partition: *partition,
                error: found.err().unwrap_or(ErrorCode::None),
                producers: producers
                    .map(|(producer_id, entry)| ActiveProducer {
                        producer_id: *producer_id,
                        producer_epoch: entry.producer_epoch,
                        last_sequence: entry.last_sequence(),
                        last_timestamp: entry.last_timestamp,
                        coordinator_epoch: entry.coordinator_epoch,
                        current_transaction_start_offset: entry
                            .current_txn_first_offset
                            .unwrap_or(-1),
                    })
                    .collect(),
            }
        });
        Response::DescribeProducers(answers.collect())
    }
}
