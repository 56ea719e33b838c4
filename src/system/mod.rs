//! Transition systems: states, actions, properties, schedules, replay. Has never heard of Kafka,
//! of time, or of how a search is done.

pub mod model;
pub mod property;
pub mod replay;
pub mod schedule;
pub mod spelling;

pub use model::Model;
pub use property::{Modality, Property};
pub use replay::{Moment, ReplayError, Replayed, replay_lenient, replay_strict};
pub use schedule::{Problem, Schedule, ScheduleError};
