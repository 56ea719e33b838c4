//! A transaction's first append to a partition waits for the coordinator's word; meanwhile the
//! partition holds this (`VerificationStateEntry.java`, KIP-890).

use crate::record::{ProducerEpoch, Sequence, Timestamp};

/// Tells one verification from every other on the partition (`VerificationGuard.java`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Guard(pub u32);

/// A verification under way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Verification {
    /// What the append must show.
    pub guard: Guard,
    /// When it began.
    pub timestamp: Timestamp,
    /// Lowest first sequence that asked in this epoch.
    pub lowest_sequence: Sequence,
    /// Newest epoch that asked.
    pub epoch: ProducerEpoch,
    /// Whether the request was of transactions version 2.
    pub supports_epoch_bump: bool,
}

impl Verification {
    /// A further request asks while the verification is under way.
    pub fn update(&mut self, epoch: ProducerEpoch, sequence: Sequence) {
        if epoch == self.epoch {
            self.lowest_sequence = self.lowest_sequence.min(sequence);
        }
        if epoch > self.epoch {
            self.epoch = epoch;
            self.lowest_sequence = sequence;
        }
    }
}
