//! Transition systems: states, actions, properties, schedules, replay. Has never heard of Kafka,
//! of time, or of how a search is done.

pub mod exchange;
pub mod footprint;
pub mod model;
pub mod parted;
pub mod property;
pub mod replay;
pub mod schedule;
pub mod spelling;

pub use exchange::Exchange;
pub use footprint::FalseClaim;
pub use model::Model;
pub use parted::{Group, Parted};
pub use property::{Facts, Modality, Property, View};
pub use replay::{Moment, ReplayError, Replayed, replay_lenient, replay_strict};
pub use schedule::{Problem, Schedule, ScheduleError};
