//! Where each leader's term begins in a log (`LeaderEpochFileCache.java`).

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use crate::record::{LeaderEpoch, Offset};

/// A term that nobody had (`OffsetsForLeaderEpochResponse.java: UNDEFINED_EPOCH`).
pub const UNDEFINED_EPOCH: LeaderEpoch = -1;

/// The start offset of each term. Every change is on disk at once.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct LeaderEpochs {
    starts: BTreeMap<LeaderEpoch, Offset>,
}

impl LeaderEpochs {
    /// The newest term.
    pub fn latest(&self) -> Option<LeaderEpoch> {
        self.starts.keys().next_back().copied()
    }

    /// The oldest term and its start.
    pub fn earliest(&self) -> Option<(LeaderEpoch, Offset)> {
        self.starts.first_key_value().map(|(epoch, start)| (*epoch, *start))
    }

    /// A term begins; later entries that contradict it go.
    pub fn assign(&mut self, epoch: LeaderEpoch, start: Offset) {
        let needed = self
            .starts
            .last_key_value()
            .is_none_or(|(latest, known)| epoch != *latest || start < *known);
        if needed {
            while let Some(last) = self.starts.last_entry() {
                if *last.key() < epoch && *last.get() < start {
                    break;
                }
                last.remove();
            }
            self.starts.insert(epoch, start);
        }
    }

    /// Where a term ends: its own number, or the floor's if the log has no such term, with the next
    /// term's start. `None` if nothing is known of it.
    pub fn end_offset_for(
        &self,
        epoch: LeaderEpoch,
        log_end_offset: Offset,
    ) -> Option<(LeaderEpoch, Offset)> {
        if epoch == UNDEFINED_EPOCH {
            return None;
        }
        if self.latest() == Some(epoch) {
            return Some((epoch, log_end_offset));
        }
        let (_, end) = self.starts.range((Excluded(epoch), Unbounded)).next()?;
        let floor = self.starts.range(..=epoch).next_back().map_or(epoch, |(floor, _)| *floor);
        Some((floor, *end))
    }

    /// The log now begins at this offset.
    pub fn truncate_from_start(&mut self, start: Offset) {
        let mut last_removed = None;
        while let Some(first) = self.starts.first_entry() {
            if *first.get() > start {
                break;
            }
            last_removed = Some(first.remove_entry().0);
        }
        if let Some(epoch) = last_removed {
            self.starts.insert(epoch, start);
        }
    }

    /// The log now ends at this offset.
    pub fn truncate_from_end(&mut self, end: Offset) {
        while let Some(last) = self.starts.last_entry() {
            if *last.get() < end {
                break;
            }
            last.remove();
        }
    }

    /// Forgets every term.
    pub fn clear(&mut self) {
        self.starts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(LeaderEpoch, Offset)]) -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for (epoch, start) in entries {
            epochs.assign(*epoch, *start);
        }
        epochs
    }

    #[test]
    fn a_term_without_records_is_replaced_by_the_next() {
        assert_eq!(epochs(&[(0, 0), (2, 1), (4, 1)]), epochs(&[(0, 0), (4, 1)]));
    }

    #[test]
    fn the_end_of_a_missing_term_is_that_of_its_floor() {
        let epochs = epochs(&[(1, 0), (3, 5)]);
        assert_eq!(epochs.end_offset_for(2, 9), Some((1, 5)));
        assert_eq!(epochs.end_offset_for(0, 9), Some((0, 0)));
        assert_eq!(epochs.end_offset_for(3, 9), Some((3, 9)));
        assert_eq!(epochs.end_offset_for(4, 9), None);
        assert_eq!(epochs.end_offset_for(-1, 9), None);
    }

    #[test]
    fn a_deleted_head_moves_the_floor_to_the_new_start() {
        let mut cut = epochs(&[(0, 0), (1, 3), (2, 6)]);
        cut.truncate_from_start(4);
        assert_eq!(cut, epochs(&[(1, 4), (2, 6)]));
        cut.truncate_from_end(6);
        assert_eq!(cut, epochs(&[(1, 4)]));
    }
}
