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
    /// Where it sends what it has processed, for the next stage.
    pub next_stage: Option<TopicName>,
    /// The topics in which each copy of a record is an effect: the next stage's, its dead-letter topic.
    pub writes: Vec<TopicName>,
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

    /// Whether an application is to work on a source record: its producer sends it to a topic that the
    /// application reads, or an earlier stage sends it on there.
    pub fn is_for(&self, payload: PayloadId, app: usize) -> bool {
        let Some(stream) = self.stream(payload) else { return false };
        let stages = self.stages_before(app);
        let reads = |stage: &usize| self.apps[*stage].topics.contains(&self.streams[stream].topic);
        stages.iter().any(reads)
    }

    /// An application and those that send on to it, at once or through others, itself first.
    pub fn stages_before(&self, app: usize) -> Vec<usize> {
        let mut stages = vec![app];
        let mut next = 0;
        while let Some(&stage) = stages.get(next) {
            next += 1;
            let topics = &self.apps[stage].topics;
            let feeds = |one: &Reading| one.next_stage.is_some_and(|topic| topics.contains(&topic));
            let found = (0..self.apps.len()).filter(|&other| feeds(&self.apps[other]));
            let found: Vec<usize> = found.filter(|other| !stages.contains(other)).collect();
            stages.extend(found);
        }
        stages
    }
}
