//! The model's logs and producers, for reports: what a reader and an administrator would be shown.
//!
//! Asked of a copy of the broker, so that the run is not changed.

use std::fmt::Write;

use crate::conform::answers::batch;
use crate::conform::driver::Driver;
use crate::protocol::message::{
    Connection, Correlation, DescribeProducersRequest, FetchPartition, FetchRequest,
    IsolationLevel, ListOffsetsPartition, ListOffsetsRequest, MetadataRequest, OffsetSpec, Request,
    Response, TopicPartition, TopicRef, Version,
};
use crate::protocol::outbox::{Message, Outbox};
use crate::record::{Partition, TopicName};

/// Versions that name topics by name and show every field.
const FETCH: Version = 12;
const OTHER: Version = 9;

/// Each partition's ends, batches and producers, one line each.
pub fn state(driver: &Driver<'_>) -> String {
    let mut observer = Observer { driver: driver.copy(), text: String::new() };
    for topic in 0..driver.names.topics.len() {
        let Ok(topic) = u16::try_from(topic).map(TopicName) else { break };
        let partitions = observer.partitions(topic);
        for partition in 0..partitions {
            observer.partition(topic, partition);
        }
    }
    observer.text
}

struct Observer<'a> {
    driver: Driver<'a>,
    text: String,
}

impl Observer<'_> {
    fn ask(&mut self, request: Request) -> Option<Response> {
        let mut out = Outbox::default();
        let driver = &mut self.driver;
        let (connection, correlation) = (Connection(u16::MAX), Correlation(u32::MAX));
        let now = driver.now;
        driver.broker.receive(&driver.protocol, now, connection, correlation, request, &mut out);
        out.sends.into_iter().find_map(|envelope| match envelope.message {
            Message::Response(response) if envelope.correlation == correlation => Some(response),
            _ => None,
        })
    }

    fn partitions(&mut self, topic: TopicName) -> Partition {
        let request = MetadataRequest { version: OTHER, topics: vec![topic] };
        match self.ask(Request::Metadata(request)) {
            Some(Response::Metadata(answers)) => {
                let count = answers.first().map_or(0, |answer| answer.partitions.len());
                Partition::try_from(count).unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn partition(&mut self, topic: TopicName, partition: Partition) {
        let at = TopicPartition { topic: TopicRef::Name(topic), partition };
        let name = self.driver.names.topics.text(u32::from(topic.0));
        let start = self.ask(Request::ListOffsets(ListOffsetsRequest {
            version: OTHER,
            isolation_level: IsolationLevel::ReadUncommitted,
            partitions: vec![ListOffsetsPartition {
                partition: at,
                spec: OffsetSpec::Earliest,
                current_leader_epoch: -1,
            }],
        }));
        let start = match start {
            Some(Response::ListOffsets(answers)) => answers.first().map_or(0, |one| one.offset),
            _ => 0,
        };
        let fetched = self.ask(Request::Fetch(FetchRequest {
            version: FETCH,
            isolation_level: IsolationLevel::ReadUncommitted,
            max_bytes: i32::MAX as u32,
            may_wait: false,
            partitions: vec![FetchPartition {
                partition: at,
                fetch_offset: start,
                current_leader_epoch: -1,
                last_fetched_epoch: -1,
                max_bytes: i32::MAX as u32,
            }],
        }));
        let Some(Response::Fetch(answers)) = fetched else { return };
        let Some(one) = answers.first() else { return };
        let _ = writeln!(
            self.text,
            "{name}-{partition}: log start {}, high watermark {}, last stable offset {}",
            one.log_start_offset, one.high_watermark, one.last_stable_offset
        );
        for each in &one.batches {
            let shown = batch(&mut self.driver.names, each);
            let _ = writeln!(self.text, "  {shown}");
        }
        let described = self.ask(Request::DescribeProducers(DescribeProducersRequest {
            version: 0,
            partitions: vec![at],
        }));
        let Some(Response::DescribeProducers(answers)) = described else { return };
        for producer in answers.iter().flat_map(|answer| &answer.producers) {
            let name = self.driver.names.producer_name(producer.producer_id, None);
            let _ = writeln!(
                self.text,
                "  producer {name}: epoch {}, last sequence {}, coordinator epoch {}, \
                 open transaction from {}, last timestamp {}",
                producer.producer_epoch,
                producer.last_sequence,
                producer.coordinator_epoch,
                producer.current_transaction_start_offset,
                producer.last_timestamp
            );
        }
    }
}
