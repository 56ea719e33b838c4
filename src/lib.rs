//! Is your pipeline proof against what brokers do?
//!
//! A deterministic simulator and exhaustive model checker of delivery semantics, for Apache Kafka.

pub mod system;

pub mod check;

pub mod record;

pub mod dedup;

pub mod history;

pub mod protocol;

pub mod app;

pub mod cluster;

pub mod fault;

pub mod invariant;

pub mod guarantee;

pub mod world;

pub mod simulate;

pub mod scenario;

pub mod conform;
pub mod decide;

pub mod report;

pub mod testing;

pub mod cli;
