//! Trials: a strategy under a stream with duplicates, late arrivals, crashes and rebalances, its errors
//! counted against the truth, and the closed forms that the counts should agree with.
//!
//! The same seed gives the same counts, to the record. Must never read a clock.

mod distance;
mod draw;
mod predict;
mod run;
mod stream;

pub use distance::{Distance, DistanceError};
pub use predict::{Expected, Prediction, predict};
pub use run::{Outcome, Plan, run};
pub use stream::{Message, Share, ShareError, Stream, Workload};
