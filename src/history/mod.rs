//! What clients saw. Knows nothing of brokers or schedules.

pub mod audit;
pub mod event;
pub mod ledger;
pub mod spans;

pub use audit::Audit;
pub use event::Event;
pub use ledger::Ledger;
pub use spans::Spans;
