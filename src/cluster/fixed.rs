//! What a scenario fixes, as far as the cluster needs it.

use crate::app::reader::ReaderContext;
use crate::app::setting::{AppSetting, ProducerSetting, SourceSetting, TopicSetting};
use crate::app::source::SourceContext;
use crate::history::event::ProcessId;
use crate::protocol::Protocol;
use crate::protocol::consumer::ConsumerContext;
use crate::protocol::producer::ProducerContext;
use crate::record::PayloadId;

/// Everything fixed, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Fixed<'a> {
    /// Version, ablations, settings of brokers and topics.
    pub protocol: &'a Protocol,
    /// The topics, by the numbers of their names.
    pub topics: &'a [TopicSetting],
    /// The sources.
    pub sources: &'a [SourceSetting],
    /// The producer processes.
    pub producers: &'a [ProducerSetting],
    /// The application processes.
    pub apps: &'a [AppSetting],
}

impl<'a> Fixed<'a> {
    /// All processes: producers, then applications.
    pub fn processes(self) -> impl Iterator<Item = ProcessId> + use<> {
        (0..(self.producers.len() + self.apps.len()) as u8).map(ProcessId)
    }

    /// Index of the application that a process runs; none for a producer's.
    pub fn app_index(self, process: ProcessId) -> Option<usize> {
        usize::from(process.0).checked_sub(self.producers.len())
    }

    /// How many connections a process has: to the leader, a consumer's to its coordinator, that of an
    /// application's own producer.
    pub fn lanes(self, process: ProcessId) -> u8 {
        match self.app_index(process) {
            Some(app) if self.apps[app].output.is_some() => 3,
            Some(_) => 2,
            None => 1,
        }
    }

    /// Payload of a source's first record: the sources' records are numbered through.
    pub fn first_payload(self, source: usize) -> PayloadId {
        PayloadId(self.sources[..source].iter().map(|source| source.records).sum())
    }

    /// The source of a record.
    pub fn source_of(self, payload: PayloadId) -> usize {
        let mut end = 0;
        let ends = self.sources.iter().map(|source| {
            end += source.records;
            end
        });
        ends.take_while(|&end| end <= payload.0).count()
    }

    /// What is fixed for a producer's program.
    pub fn source_context(self, process: ProcessId) -> SourceContext<'a> {
        let setting = &self.producers[usize::from(process.0)];
        SourceContext {
            producer: ProducerContext {
                protocol: self.protocol,
                config: &setting.config,
                process,
                batch_records: setting.batch_records,
            },
            setting,
            source: &self.sources[setting.source],
            first_payload: self.first_payload(setting.source),
        }
    }

    /// What is fixed for an application's program.
    pub fn reader_context(self, process: ProcessId) -> ReaderContext<'a> {
        let setting = &self.apps[usize::from(process.0) - self.producers.len()];
        let output = setting.output.as_ref().map(|output| ProducerContext {
            protocol: self.protocol,
            config: &output.config,
            process,
            batch_records: output.batch_records,
        });
        ReaderContext {
            consumer: ConsumerContext {
                protocol: self.protocol,
                config: &setting.config,
                process,
                group: setting.group,
                subscribes: setting.subscribe,
            },
            output,
            setting,
            sources: self.sources,
        }
    }
}
