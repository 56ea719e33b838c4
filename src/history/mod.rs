//! What clients saw. Knows nothing of brokers or schedules.

pub mod event;

pub use event::Event;
