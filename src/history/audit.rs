//! What an audit reader found at rest: an ordinary client outside the application reads every partition
//! from its start, once per isolation level, and asks each group for its committed offsets.

use std::collections::BTreeMap;

use crate::history::Spans;
use crate::history::ledger::Count;
use crate::record::{GroupId, KeyId, Offset, Partition, PayloadId, TopicName};

/// A record as the audit reader read it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Found {
    /// Where.
    pub offset: Offset,
    /// Which source record.
    pub payload: PayloadId,
    /// Its key.
    pub key: Option<KeyId>,
}

/// Everything that the audit found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Audit {
    /// Each partition as `read_uncommitted` shows it.
    pub uncommitted: BTreeMap<(TopicName, Partition), Vec<Found>>,
    /// Each partition as `read_committed` shows it.
    pub committed: BTreeMap<(TopicName, Partition), Vec<Found>>,
    /// Committed offsets of each group.
    pub offsets: BTreeMap<(GroupId, TopicName, Partition), Offset>,
}

impl Audit {
    /// How often each source record is in the logs, if it is.
    pub fn all_copies(&self) -> Spans<Count> {
        let mut copies = Spans::default();
        self.add_copies(|_| true, &mut copies);
        copies
    }

    /// How often each source record is in a topic, if it is.
    pub fn copies_in(&self, topic: TopicName) -> Spans<Count> {
        let mut copies = Spans::default();
        self.add_copies(|other| other == topic, &mut copies);
        copies
    }

    /// Counts each record once more for each copy in the topics that are wanted.
    pub fn add_copies(&self, wanted: impl Fn(TopicName) -> bool, copies: &mut Spans<Count>) {
        let logs = self.uncommitted.iter().filter(|((topic, _), _)| wanted(*topic));
        for found in logs.flat_map(|(_, log)| log) {
            let count = copies.get(found.payload).unwrap_or_default();
            copies.set(found.payload, count.more());
        }
    }

    /// How often a source record is in the given logs.
    pub fn copies(&self, payload: PayloadId) -> usize {
        self.uncommitted.values().flatten().filter(|found| found.payload == payload).count()
    }
}
