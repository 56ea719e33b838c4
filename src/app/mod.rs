//! The user's programs around Kafka's clients: sources, commit orders, effects, policies.
//!
//! A program is a state machine like every role: one call of `run` is one step of its code. Knows nothing
//! of links, brokers or faults.

mod judging;
pub mod output;
pub mod own;
pub mod program;
pub mod reader;
pub mod setting;
pub mod source;

pub use program::{Doing, Exit, ProgramOut};
