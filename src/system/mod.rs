//! Transition systems: states, actions, properties, schedules. Has never heard of Kafka.

pub mod model;
pub mod property;

pub use model::Model;
pub use property::{Modality, Property};
