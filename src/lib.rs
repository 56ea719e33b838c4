//! Is your pipeline proof against what brokers do?
//!
//! A deterministic simulator and exhaustive model checker of delivery semantics, for Apache Kafka.
//!
//! A scenario is read ([`scenario`]), becomes a transition system ([`world`]) of state machines that follow Kafka's
//! source ([`protocol`]) on links that faults strike ([`cluster`], [`fault`]), and is searched ([`check`]). What
//! clients saw ([`history`]) is judged ([`guarantee`]), and told ([`report`]). The modules stand below in the order
//! in which they are best read.
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use brokerproof::decide::{decide, limits};
//! use brokerproof::guarantee::{Anomaly, Guarantee, Half};
//! use brokerproof::scenario::parse;
//!
//! let text = r#"
//! format = 1
//! [topic.orders]
//! [source.till]
//! records = 1
//! [producer.shop]
//! acks = 1
//! enable.idempotence = false
//! [faults]
//! kinds = ["disconnect"]
//! total = 1
//! "#;
//! let scenario = parse(text, "orders.toml")?;
//! let decided = decide(&scenario, &limits(&scenario), &mut |_| ControlFlow::Continue(()));
//!
//! // The answer may be lost on a broken connection, and the batch be sent again.
//! assert_eq!(decided.half(Guarantee::AtMost), Half::No(1));
//! let breach = decided.breach(Guarantee::AtMost).expect("it breaks");
//! assert_eq!(breach.finding.anomaly, Anomaly::Duplicate);
//! for action in &breach.schedule.actions {
//!     println!("{}", scenario.setting.action_text(action));
//! }
//! # Ok::<(), brokerproof::scenario::Failure>(())
//! ```

mod memory;

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
