//! The simulator: many long random runs of the very model that the explorer searches.
//!
//! It has no semantics of its own. A run is a race of clocks over the enabled actions (or another order of
//! them), with faults that strike by a schedule that is drawn from the seed; then everything heals, and the
//! run must come to rest. So every run is a path of the model: it can be replayed, judged, reduced, and
//! explored further. Knows nothing of wall time, files or terminals.

mod contact;
pub mod cost;
mod deadline;
pub mod judge;
mod look;
pub mod pace;
mod race;
pub mod reduce;
pub mod run;
pub mod strategy;
pub mod stream;
pub mod summary;
pub mod sweep;
mod threads;

pub use judge::Found;
pub use pace::{Micros, Pace, Spread};
pub use reduce::{Reduced, lasso, reduce};
pub use run::{End, Limits, Moment, Observer, Outcome, Simulator};
pub use strategy::{Asked, Drawn, Order, Strategy, When};
pub use summary::{Broken, Summary};
pub use sweep::{Seeds, Swept, sweep};
pub use threads::threads;
