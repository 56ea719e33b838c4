//! The names that a story uses: those of the scenario, and `m0`, `m1`, .. for its records.

use crate::cluster::LinkId;
use crate::cluster::process::OUTPUT_LANE;
use crate::history::event::ProcessId;
use crate::protocol::message::{TopicPartition, TopicRef};
use crate::record::{GroupId, KeyId, Partition, PayloadId, TopicId, TopicName};
use crate::report::text::listed;
use crate::world::Setting;

/// The names of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    setting: &'a Setting,
    topics: &'a [(TopicId, TopicName)],
}

impl<'a> Names<'a> {
    /// The names of a setting; `topics` says which topic an id means.
    pub fn new(setting: &'a Setting, topics: &'a [(TopicId, TopicName)]) -> Names<'a> {
        Names { setting, topics }
    }

    /// The setting.
    pub fn setting(&self) -> &'a Setting {
        self.setting
    }

    /// A process.
    pub fn process(&self, id: ProcessId) -> &'a str {
        self.setting.process_name(id)
    }

    /// Index of the producer that a process runs, if it runs one.
    pub fn producer(&self, id: ProcessId) -> Option<usize> {
        let index = usize::from(id.0);
        (index < self.setting.producers.len()).then_some(index)
    }

    /// Index of the application that a process runs, if it runs one.
    pub fn app(&self, id: ProcessId) -> Option<usize> {
        usize::from(id.0).checked_sub(self.setting.producers.len())
    }

    /// The source of a producer's process.
    pub fn source(&self, id: ProcessId) -> &'a str {
        let source = self.producer(id).map(|producer| self.setting.producers[producer].source);
        source.map_or("its source", |source| &self.setting.sources[source].name)
    }

    /// A record, with its key if it has one: `m0`, `m0[k0]`.
    pub fn record(&self, payload: PayloadId) -> String {
        match self.key(payload) {
            Some(key) => format!("m{}[k{}]", payload.0, key.0),
            None => format!("m{}", payload.0),
        }
    }

    /// The key of a record.
    pub fn key(&self, payload: PayloadId) -> Option<KeyId> {
        let (number, source) = self.place(payload)?;
        let keys = self.setting.sources[source].keys;
        (keys > 0).then(|| KeyId(number % keys))
    }

    /// A record's number within its source, and the source.
    fn place(&self, payload: PayloadId) -> Option<(u32, usize)> {
        let mut first = 0;
        for (i, source) in self.setting.sources.iter().enumerate() {
            if (first..first + source.records).contains(&payload.0) {
                return Some((payload.0 - first, i));
            }
            first += source.records;
        }
        None
    }

    /// Several records: `m0, m1 and m2`.
    pub fn records(&self, payloads: &[PayloadId]) -> String {
        listed(&payloads.iter().map(|&payload| self.record(payload)).collect::<Vec<_>>())
    }

    /// The record of a producer's source that lies at a position.
    pub fn record_at(&self, id: ProcessId, position: u32) -> String {
        let Some(producer) = self.producer(id) else { return format!("m{position}") };
        let source = self.setting.producers[producer].source;
        let first: u32 = self.setting.sources[..source].iter().map(|source| source.records).sum();
        self.record(PayloadId(first + position))
    }

    /// A topic by the number of its name.
    pub fn topic(&self, name: TopicName) -> &'a str {
        &self.setting.topics[usize::from(name.0)].name
    }

    /// The number of the name of a topic that a request names.
    pub fn topic_name(&self, topic: TopicRef) -> Option<TopicName> {
        match topic {
            TopicRef::Name(name) => Some(name),
            TopicRef::Id(id) => {
                self.topics.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
            }
        }
    }

    /// A partition: the topic's name alone if it has only one.
    pub fn partition(&self, partition: TopicPartition) -> String {
        match self.topic_name(partition.topic) {
            Some(name) => self.log(name, partition.partition),
            None => format!("a deleted topic-{}", partition.partition),
        }
    }

    /// A partition by its topic's name.
    pub fn log(&self, topic: TopicName, partition: Partition) -> String {
        let several = partition > 0 || self.setting.topics[usize::from(topic.0)].partitions > 1;
        let name = self.topic(topic);
        if several { format!("{name}-{partition}") } else { name.to_owned() }
    }

    /// A consumer group.
    pub fn group(&self, group: GroupId) -> &'a str {
        &self.setting.groups[usize::from(group.0)]
    }

    /// A connection, in words.
    pub fn connection(&self, link: LinkId) -> String {
        let process = self.process(link.process);
        match link.lane {
            0 => format!("the connection between {process} and the broker"),
            OUTPUT_LANE => format!("the connection between {process}'s producer and the broker"),
            _ => format!("{process}'s connection to its group coordinator, the broker"),
        }
    }
}
