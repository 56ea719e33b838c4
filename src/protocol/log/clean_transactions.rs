//! Which batches belong to aborted transactions while a log is compacted
//! (`CleanedTransactionMetadata.java`).
//!
//! Sees batches in order and knows nothing of keys or of what is retained.

use std::collections::{BTreeMap, BTreeSet};

use super::segment::AbortedEntry;
use crate::record::{Batch, ControlKind, Offset, ProducerId};

/// What a control batch means to the compaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ControlVerdict {
    /// No batch of its transaction is left, so it may go once its time has come.
    pub can_discard: bool,
    /// The entry that the cleaned segment's index needs.
    pub index: Option<AbortedEntry>,
}

/// The transactions met so far.
#[derive(Clone, Debug, Default)]
pub struct CleanedTransactions {
    /// By first offset.
    waiting: BTreeMap<Offset, Vec<AbortedEntry>>,
    /// With whether a batch was met.
    aborted: BTreeMap<ProducerId, (AbortedEntry, bool)>,
    committed: BTreeSet<ProducerId>,
}

impl CleanedTransactions {
    /// Learns of aborted transactions.
    pub fn add(&mut self, entries: impl IntoIterator<Item = AbortedEntry>) {
        for entry in entries {
            self.waiting.entry(entry.first_offset).or_default().push(entry);
        }
    }

    /// Meets a data batch; whether it was aborted.
    pub fn on_batch(&mut self, batch: &Batch) -> bool {
        self.begin_up_to(batch.last_offset);
        if !batch.transactional {
            return false;
        }
        if let Some((_, met)) = self.aborted.get_mut(&batch.producer_id) {
            *met = true;
            return true;
        }
        self.committed.insert(batch.producer_id);
        false
    }

    /// Meets a control batch.
    pub fn on_control(&mut self, batch: &Batch) -> ControlVerdict {
        self.begin_up_to(batch.last_offset);
        let (can_discard, index) = match batch.marker.map(|marker| marker.kind) {
            Some(ControlKind::Abort) => match self.aborted.remove(&batch.producer_id) {
                Some((entry, true)) => (false, Some(entry)),
                _ => (true, None),
            },
            Some(ControlKind::Commit) => (!self.committed.remove(&batch.producer_id), None),
            None => (true, None),
        };
        ControlVerdict { can_discard, index }
    }

    fn begin_up_to(&mut self, offset: Offset) {
        while let Some(first) = self.waiting.first_entry() {
            if *first.key() > offset {
                break;
            }
            for entry in first.remove() {
                self.aborted.entry(entry.producer_id).or_insert((entry, false));
            }
        }
    }
}
