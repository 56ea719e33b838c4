//! What clients saw. Knows nothing of brokers or schedules.

pub mod audit;
pub mod event;
pub mod ledger;

pub use audit::Audit;
pub use event::Event;
pub use ledger::Ledger;
