//! The finite fold of a history that every state keeps: never, once, again.

use std::collections::BTreeMap;

use crate::history::Spans;
use crate::history::event::{Event, Outcome, ProcessId};
use crate::record::{KeyId, Offset, Partition, PayloadId, Rename, Swap, TopicName};

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
    pub effects: Spans<Count>,
    /// How often each source record was worked on.
    pub processed: Spans<Count>,
    /// How the sends of its own producer ended, by topic.
    pub sends: BTreeMap<TopicName, Spans<Sends>>,
    /// Where the records of its own producer were acknowledged.
    pub acked: BTreeMap<(TopicName, Partition, Offset), PayloadId>,
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
    pub senders: Vec<Spans<Sends>>,
    /// What each reader did; its process has the senders' before it.
    pub readers: Vec<Reader>,
}

impl Ledger {
    /// An empty one.
    pub fn new(senders: usize, readers: usize) -> Ledger {
        Ledger {
            senders: vec![Spans::default(); senders],
            readers: vec![Reader::default(); readers],
        }
    }

    /// Every due record with how its sends ended (by any of the processes that share a source).
    pub fn due(&self) -> Spans<Sends> {
        let mut senders = self.senders.iter();
        let mut due = senders.next().cloned().unwrap_or_default();
        for (payload, sends) in senders.flat_map(Spans::iter) {
            let known = due.get(payload).unwrap_or_default();
            let (acked, failed) = (known.acked || sends.acked, known.failed || sends.failed);
            due.set(payload, Sends { acked, failed });
        }
        due
    }

    /// Adds one event; order is a matter of each source alone.
    pub fn fold(&mut self, event: &Event, source_of: impl Fn(PayloadId) -> usize) {
        match *event {
            Event::Handed { process, payload } => {
                let sends = self.sender(process);
                if !sends.contains(payload) {
                    sends.set(payload, Sends::default());
                }
            }
            Event::SendEnded { process, topic, partition, payload, outcome } => {
                if let (Outcome::Acked(offset @ 0..), Some(reader)) =
                    (outcome, self.writer(process))
                {
                    reader.acked.insert((topic, partition, offset), payload);
                }
                let all = match usize::from(process.0) < self.senders.len() {
                    true => self.sender(process),
                    false => self.reader(process).sends.entry(topic).or_default(),
                };
                let mut sends = all.get(payload).unwrap_or_default();
                match outcome {
                    Outcome::Acked(_) => sends.acked = true,
                    Outcome::Refused | Outcome::Unknown => sends.failed = true,
                }
                all.set(payload, sends);
            }
            Event::Processed { process, payload } => {
                self.reader(process).processed.add(payload);
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

    fn sender(&mut self, process: ProcessId) -> &mut Spans<Sends> {
        &mut self.senders[usize::from(process.0)]
    }

    /// What is kept of an application that sends.
    fn writer(&mut self, process: ProcessId) -> Option<&mut Reader> {
        let place = usize::from(process.0).checked_sub(self.senders.len())?;
        self.readers.get_mut(place)
    }

    fn reader(&mut self, process: ProcessId) -> &mut Reader {
        let readers_begin = self.senders.len();
        &mut self.readers[usize::from(process.0) - readers_begin]
    }
}

impl Reader {
    fn effect(&mut self, payload: PayloadId, key: (usize, Option<KeyId>)) {
        if self.effects.add(payload) == Count::Once {
            let newest = self.newest.entry(key).or_insert(payload);
            self.out_of_order |= payload < *newest;
            *newest = payload.max(*newest);
        }
    }
}

impl Spans<Count> {
    /// Counts a record once more; how often that is now.
    pub fn add(&mut self, payload: PayloadId) -> Count {
        let count = self.get(payload).unwrap_or_default().more();
        self.set(payload, count);
        count
    }
}

impl Rename for Reader {
    fn rename(&mut self, swap: &Swap) {
        let Reader {
            effects,
            processed,
            sends,
            acked,
            newest,
            out_of_order: _,
            overwrote: _,
            skipped: _,
        } = self;
        effects.rename(swap);
        processed.rename(swap);
        sends.values_mut().for_each(|sends| sends.rename(swap));
        acked.values_mut().for_each(|payload| payload.rename(swap));
        let renamed = std::mem::take(newest).into_iter();
        *newest = renamed
            .map(|((source, key), payload)| ((swap.source(source), key), swap.payload(payload)))
            .collect();
    }
}
