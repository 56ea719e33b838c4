//! What ought to happen: which source records are meant for which application.

use crate::record::{GroupId, PayloadId, TopicName};

/// The records of one source, and where its producer sends them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stream {
    /// The first record.
    pub first: PayloadId,
    /// How many there are.
    pub count: u32,
    /// Where they are sent.
    pub topic: TopicName,
}

/// One application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Its consumer group.
    pub group: GroupId,
    /// What it reads.
    pub topics: Vec<TopicName>,
    /// Whether it begins at the log's end where there is no committed offset.
    pub begins_at_end: bool,
}

/// Everything that ought to happen in a scenario.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    /// The records.
    pub streams: Vec<Stream>,
    /// The applications.
    pub apps: Vec<Reading>,
}

impl Plan {
    /// Index of the stream that a source record belongs to.
    pub fn stream(&self, payload: PayloadId) -> Option<usize> {
        let has =
            |stream: &Stream| (stream.first.0..stream.first.0 + stream.count).contains(&payload.0);
        self.streams.iter().position(has)
    }

    /// The topic of a source record.
    pub fn topic(&self, payload: PayloadId) -> Option<TopicName> {
        self.stream(payload).map(|stream| self.streams[stream].topic)
    }

    /// Whether an application is to work on a source record.
    pub fn is_for(&self, payload: PayloadId, app: usize) -> bool {
        self.topic(payload).is_some_and(|topic| self.apps[app].topics.contains(&topic))
    }
}
