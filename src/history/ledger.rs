//! The finite fold of a history that every state keeps: never, once, again.

use std::collections::BTreeMap;

use crate::history::event::{Event, Outcome, ProcessId};
use crate::record::{KeyId, PayloadId, TopicName};

/// How often something happened; more than twice is like twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Count {
    /// Not at all.
    #[default]
    Never,
    /// Once.
    Once,
    /// At least twice.
    Again,
}

impl Count {
    /// One more.
    pub fn more(self) -> Count {
        match self {
            Count::Never => Count::Once,
            Count::Once | Count::Again => Count::Again,
        }
    }
}

/// How the sends of a source record ended so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Sends {
    /// A future completed without an error, with an offset or without one (acks=0).
    pub acked: bool,
    /// The application was told of a failure.
    pub failed: bool,
}

/// What one reader did.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Reader {
    /// Effects of each source record.
    pub effects: BTreeMap<PayloadId, Count>,
    /// How often each source record was worked on.
    pub processed: BTreeMap<PayloadId, Count>,
    /// How the sends of its own producer ended.
    pub sends: BTreeMap<(TopicName, PayloadId), Sends>,
    /// The newest first effect of each key of each source.
    newest: BTreeMap<(usize, Option<KeyId>), PayloadId>,
    /// The first effects of some key did not come in source order.
    pub out_of_order: bool,
    /// An older value was put over a newer one.
    pub overwrote: bool,
    /// A record was taken for a duplicate.
    pub skipped: bool,
}

/// What clients saw, as far as a verdict may need it; one part per process.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Ledger {
    /// The records that each source handed out, and how their sends ended.
    pub senders: Vec<BTreeMap<PayloadId, Sends>>,
    /// What each reader did; its process has the senders' before it.
    pub readers: Vec<Reader>,
}

impl Ledger {
    /// An empty one.
    pub fn new(senders: usize, readers: usize) -> Ledger {
        Ledger {
            senders: vec![BTreeMap::new(); senders],
            readers: vec![Reader::default(); readers],
        }
    }

    /// Every due record with how its sends ended (by any of the processes that share a source).
    pub fn due(&self) -> BTreeMap<PayloadId, Sends> {
        let mut due: BTreeMap<PayloadId, Sends> = BTreeMap::new();
        for (&payload, sends) in self.senders.iter().flatten() {
            let entry = due.entry(payload).or_default();
            entry.acked |= sends.acked;
            entry.failed |= sends.failed;
        }
        due
    }

    /// Adds one event; order is a matter of each source alone.
    pub fn fold(&mut self, event: &Event, source_of: impl Fn(PayloadId) -> usize) {
        match *event {
            Event::Handed { process, payload } => {
                self.sender(process).entry(payload).or_default();
            }
            Event::SendEnded { process, topic, payload, outcome, .. } => {
                let sends = if usize::from(process.0) < self.senders.len() {
                    self.sender(process).entry(payload).or_default()
                } else {
                    self.reader(process).sends.entry((topic, payload)).or_default()
                };
                match outcome {
                    Outcome::Acked(_) => sends.acked = true,
                    Outcome::Refused | Outcome::Unknown => sends.failed = true,
                }
            }
            Event::Processed { process, payload } => {
                let count = self.reader(process).processed.entry(payload).or_default();
                *count = count.more();
            }
            Event::Skipped { process, .. } => self.reader(process).skipped = true,
            Event::Effect { process, payload, key } => {
                self.reader(process).effect(payload, (source_of(payload), key));
            }
            Event::Overwrote { process, payload, before } => {
                let older = payload < before && source_of(payload) == source_of(before);
                self.reader(process).overwrote |= older;
            }
            Event::Polled { .. } | Event::Committed { .. } => {}
        }
    }

    fn sender(&mut self, process: ProcessId) -> &mut BTreeMap<PayloadId, Sends> {
        &mut self.senders[usize::from(process.0)]
    }

    fn reader(&mut self, process: ProcessId) -> &mut Reader {
        let readers_begin = self.senders.len();
        &mut self.readers[usize::from(process.0) - readers_begin]
    }
}

impl Reader {
    fn effect(&mut self, payload: PayloadId, key: (usize, Option<KeyId>)) {
        let count = self.effects.entry(payload).or_default();
        *count = count.more();
        if *count == Count::Once {
            let newest = self.newest.entry(key).or_insert(payload);
            self.out_of_order |= payload < *newest;
            *newest = payload.max(*newest);
        }
    }
}
