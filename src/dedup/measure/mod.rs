//! Measurements: what a decision costs in time and memory, what durability costs, how long recovery
//! takes, beside the crates that one would use instead.
//!
//! The only part of deduplication that reads a clock. Nothing measured here flows into a decision or a
//! count.

mod clock;
mod durability;
mod peer_stores;
mod peers;
mod speed;

pub use durability::{DURABLE, Durable, Granularity, durability, sync_rate};
pub use peers::{PEERS, Peer, PeerSpeed, measure_peer, version_of};
pub use speed::{Speed, floor, measure, timer_floor_ns};
