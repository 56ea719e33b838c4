//! The model's logs, producers and committed offsets, for reports.

use std::fmt::{self, Write};

use crate::conform::answers::batch;
use crate::conform::driver::Driver;
use crate::conform::json::Value;
use crate::conform::mapping::Names;
use crate::protocol::log::Log;
use crate::protocol::message::TopicRef;
use crate::protocol::producer_state::entry::ProducerEntry;
use crate::protocol::variant::Kafka;

/// Each partition's ends, batches and producers, and each group's offsets, one a line.
pub fn state(driver: &Driver<'_>) -> String {
    let mut text = String::new();
    // Showing must not name anything in the run itself.
    let mut names = driver.names.clone();
    // Writing to a text cannot fail.
    let _ = write_state(&mut text, driver, &mut names);
    text
}

fn write_state(out: &mut String, driver: &Driver<'_>, names: &mut Names<'_>) -> fmt::Result {
    for (name, topic) in driver.broker.topics() {
        for (partition, led) in topic.partitions.iter().enumerate() {
            let topic = names.topic_text(TopicRef::Name(*name));
            write!(out, "{topic}-{partition}: leader epoch {}, ", led.leader_epoch)?;
            write_log(out, &led.log, driver.protocol.kafka, names)?;
        }
    }
    for (group, offsets) in driver.broker.offsets().groups() {
        let group = names.groups.text(u32::from(group.0));
        writeln!(out, "group {group}:")?;
        for ((topic, partition), stored) in offsets.offsets() {
            let topic = names.topic_text(TopicRef::Name(*topic));
            writeln!(
                out,
                "  {topic}-{partition}: offset {}, leader epoch {}, metadata of {} characters",
                stored.offset, stored.leader_epoch, stored.metadata.length
            )?;
        }
    }
    Ok(())
}

fn write_log(out: &mut String, log: &Log, kafka: Kafka, names: &mut Names<'_>) -> fmt::Result {
    writeln!(
        out,
        "log start {}, last stable offset {}, high watermark {}, log end {}",
        log.log_start_offset(),
        log.last_stable_offset(kafka),
        log.high_watermark(),
        log.log_end_offset()
    )?;
    for each in log.batches() {
        writeln!(out, "  {}", batch(names, each))?;
    }
    for (producer, entry) in log.producers().producers() {
        let name = names.producer_name(*producer, None);
        write_producer(out, &name, entry)?;
    }
    Ok(())
}

fn write_producer(out: &mut String, name: &Value<'_>, entry: &ProducerEntry) -> fmt::Result {
    write!(
        out,
        "  producer {name}: epoch {}, coordinator epoch {}, last timestamp {}, ",
        entry.producer_epoch, entry.coordinator_epoch, entry.last_timestamp
    )?;
    match entry.current_txn_first_offset {
        Some(offset) => write!(out, "transaction open from {offset}, ")?,
        None => write!(out, "no open transaction, ")?,
    }
    write!(out, "remembers")?;
    for batch in &entry.batches {
        let sequences = (batch.first_sequence(), batch.last_sequence);
        write!(out, " {}..{} at {}", sequences.0, sequences.1, batch.first_offset())?;
    }
    writeln!(out, "{}", if entry.batches.is_empty() { " nothing" } else { "" })
}
