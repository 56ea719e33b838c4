//! A batch in the producer's hands (`ProducerBatch.java`).

use crate::protocol::producer::Key;
use crate::record::{
    Batch, Partition, PayloadId, ProducerEpoch, ProducerId, Record, Rename, Sequence, Swap,
    TopicName,
};

/// The producer id, epoch and first sequence that a batch was given when it was first drained.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ProducerState {
    pub(super) id: ProducerId,
    pub(super) epoch: ProducerEpoch,
    pub(super) base_sequence: Sequence,
}

/// A batch from the first `send` until its futures complete.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct ProducerBatch {
    pub(super) topic: TopicName,
    pub(super) partition: Partition,
    pub(super) records: Vec<Record>,
    pub(super) state: Option<ProducerState>,
    /// `sequenceHasBeenReset`: renumbered and not sent since.
    pub(super) reset: bool,
    /// Attempts that failed; saturates where more of them make no difference.
    pub(super) attempts: u32,
    pub(super) linger_over: bool,
    /// A fault or a retry held it up, so that its delivery timeout may be over.
    pub(super) may_expire: bool,
    /// Its delivery timeout passed while the sender thread polled, and that thread has not yet looked.
    pub(super) overdue: bool,
    /// Ground truth for the judge: an attempt ended without an answer that excludes an append.
    pub(super) maybe_appended: bool,
    /// The futures are complete.
    pub(super) done: bool,
}

impl ProducerBatch {
    pub(super) fn new(topic: TopicName, partition: Partition, record: Record) -> ProducerBatch {
        ProducerBatch {
            topic,
            partition,
            records: vec![record],
            state: None,
            reset: false,
            attempts: 0,
            linger_over: false,
            may_expire: false,
            overdue: false,
            maybe_appended: false,
            done: false,
        }
    }

    pub(super) fn key(&self) -> Key {
        (self.topic, self.partition)
    }

    /// Whether further records may join it: it was never drained.
    pub(super) fn is_open(&self) -> bool {
        self.state.is_none() && self.attempts == 0 && !self.linger_over
    }

    /// Whether it may be sent (`RecordAccumulator.java: batchReady`).
    pub(super) fn is_ready(&self, batch_records: u32) -> bool {
        self.records.len() >= batch_records as usize || self.linger_over || self.attempts > 0
    }

    /// Whether the sequences of the partition still count on it (`inflightBatchesBySequence`).
    pub(super) fn is_tracked(&self) -> bool {
        self.state.is_some() && !self.done
    }

    pub(super) fn last_sequence(&self) -> Option<Sequence> {
        self.state.map(|state| state.base_sequence + self.records.len() as Sequence - 1)
    }

    pub(super) fn payloads(&self) -> Vec<PayloadId> {
        self.records.iter().map(|record| record.payload).collect()
    }

    /// The batch as it goes over the wire.
    pub(super) fn encoded(&self) -> Batch {
        let mut batch = Batch::of(self.records.clone());
        if let Some(state) = self.state {
            batch.producer_id = state.id;
            batch.producer_epoch = state.epoch;
            batch.base_sequence = state.base_sequence;
        }
        batch
    }
}

impl Rename for ProducerBatch {
    fn rename(&mut self, swap: &Swap) {
        let ProducerBatch {
            records,
            topic: _,
            partition: _,
            state: _,
            reset: _,
            attempts: _,
            linger_over: _,
            may_expire: _,
            overdue: _,
            maybe_appended: _,
            done: _,
        } = self;
        records.rename(swap);
    }
}
