//! What a partition remembers of one producer (`ProducerStateEntry.java`, `BatchMetadata.java`).
//!
//! Knows nothing of other producers or of the log.

use crate::protocol::variant::DuplicateWindow;
use crate::record::{
    Batch, CoordinatorEpoch, NO_PRODUCER_EPOCH, NO_SEQUENCE, Offset, ProducerEpoch, Sequence,
    Timestamp, batch::NO_TIMESTAMP, decrement_sequence,
};

/// How many batches are remembered (`ProducerStateEntry.java: NUM_BATCHES_TO_RETAIN`).
pub const BATCHES_TO_RETAIN: usize = 5;

/// One remembered batch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BatchMetadata {
    /// Sequence of its last record.
    pub last_sequence: Sequence,
    /// Offset of its last record.
    pub last_offset: Offset,
    /// Its last offset less its first.
    pub offset_delta: i32,
}

impl BatchMetadata {
    /// Sequence of its first record.
    pub fn first_sequence(&self) -> Sequence {
        decrement_sequence(self.last_sequence, self.offset_delta)
    }

    /// Offset of its first record.
    pub fn first_offset(&self) -> Offset {
        self.last_offset - Offset::from(self.offset_delta)
    }
}

/// What a partition remembers of one producer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ProducerEntry {
    /// Newest epoch seen; -1: none.
    pub producer_epoch: ProducerEpoch,
    /// Term of the coordinator that wrote the last marker; -1: none.
    pub coordinator_epoch: CoordinatorEpoch,
    /// Time of the last batch or marker, by the records' own clock.
    pub last_timestamp: Timestamp,
    /// First offset of the open transaction, if one is open.
    pub current_txn_first_offset: Option<Offset>,
    /// The last batches of this epoch, oldest first.
    pub batches: Vec<BatchMetadata>,
}

impl ProducerEntry {
    /// Of a producer that was never seen.
    pub fn empty() -> ProducerEntry {
        ProducerEntry {
            producer_epoch: NO_PRODUCER_EPOCH,
            coordinator_epoch: -1,
            last_timestamp: NO_TIMESTAMP,
            current_txn_first_offset: None,
            batches: Vec::new(),
        }
    }

    /// The same without its batches.
    pub fn without_batches(&self) -> ProducerEntry {
        ProducerEntry { batches: Vec::new(), ..*self }
    }

    /// What a snapshot keeps: one batch (`ProducerStateManager.java: writeSnapshot`).
    pub fn snapshot(&self) -> ProducerEntry {
        ProducerEntry { batches: self.batches.last().copied().into_iter().collect(), ..*self }
    }

    /// Sequence of the last remembered record; -1: none.
    pub fn last_sequence(&self) -> Sequence {
        self.batches.last().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    /// Offset of the last remembered record, if any.
    pub fn last_data_offset(&self) -> Option<Offset> {
        self.batches.last().map(|batch| batch.last_offset)
    }

    /// Remembers a batch; one of another epoch makes the earlier ones forgotten.
    pub fn add_batch(&mut self, epoch: ProducerEpoch, batch: BatchMetadata, timestamp: Timestamp) {
        self.set_epoch(epoch);
        self.remember(batch);
        self.last_timestamp = timestamp;
    }

    /// A marker ends what is open.
    pub fn end_transaction(
        &mut self,
        epoch: ProducerEpoch,
        coordinator_epoch: CoordinatorEpoch,
        timestamp: Timestamp,
    ) {
        self.set_epoch(epoch);
        self.coordinator_epoch = coordinator_epoch;
        self.current_txn_first_offset = None;
        self.last_timestamp = timestamp;
    }

    /// Takes over what an append found.
    pub fn update(&mut self, next: ProducerEntry) {
        self.set_epoch(next.producer_epoch);
        for batch in next.batches {
            self.remember(batch);
        }
        self.coordinator_epoch = next.coordinator_epoch;
        self.current_txn_first_offset = next.current_txn_first_offset;
        self.last_timestamp = next.last_timestamp;
    }

    /// The remembered batch of the same epoch and exactly the same sequences, if there is one.
    pub fn find_duplicate(&self, window: DuplicateWindow, batch: &Batch) -> Option<BatchMetadata> {
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        let remembered = match window {
            DuplicateWindow::Five => BATCHES_TO_RETAIN,
            DuplicateWindow::Two => 2,
            DuplicateWindow::One => 1,
        };
        self.batches.iter().rev().take(remembered).copied().find(|known| {
            batch.producer_epoch == self.producer_epoch
                && known.first_sequence() == first
                && known.last_sequence == last
        })
    }

    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.producer_epoch != epoch {
            self.batches.clear();
            self.producer_epoch = epoch;
        }
    }

    fn remember(&mut self, batch: BatchMetadata) {
        if self.batches.len() == BATCHES_TO_RETAIN {
            self.batches.remove(0);
        }
        self.batches.push(batch);
    }
}
