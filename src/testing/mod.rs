//! What tests of your own consumers import: a trait, trials, strategies and assertions.
//!
//! Write your program as a [`Program`]: its memory is a value, its steps are calls. Then say which guarantee
//! it must keep. A small trial is decided by looking at everything that can happen within its bounds; a
//! larger one is simulated. What fails panics with the shortest story that was found.
//!
//! ```
//! use std::collections::VecDeque;
//! use brokerproof::assert_at_least_once;
//! use brokerproof::testing::{Message, Next, Outside, Program, Trial};
//!
//! #[derive(Clone, PartialEq, Eq, Hash, Debug)]
//! struct Billing { at_hand: VecDeque<Message>, done: Option<Message> }
//!
//! impl Program for Billing {
//!     type Store = ();
//!
//!     fn start(_: &()) -> Self {
//!         Billing { at_hand: VecDeque::new(), done: None }
//!     }
//!
//!     fn polled(&mut self, messages: &[Message]) {
//!         self.at_hand.extend(messages);
//!     }
//!
//!     fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
//!         if let Some(message) = self.at_hand.pop_front() {
//!             self.done = Some(message);
//!             return match outside.effect(&message) {
//!                 Ok(()) => Next::Continue,
//!                 Err(_) => Next::Crash,
//!             };
//!         }
//!         match self.done.take() {
//!             Some(message) => Next::Commit(vec![message.position()]),
//!             None => Next::Poll,
//!         }
//!     }
//! }
//!
//! // Two records, and the consumer may crash twice, at any moment: nothing is lost.
//! let evidence = assert_at_least_once!(Trial::of::<Billing>().records(2).faults(2, &["crash-consumer"]));
//! assert!(evidence.is_proof());
//! ```
//!
//! A program that panics, in an `assert!` of its own for instance, breaks whatever was asked, with the story of how it
//! came to that. Its steps must depend on its memory and its store alone: debug builds perform each of them twice, and
//! say so if they differ. Tests are several times faster if this crate is optimized, by two lines in `Cargo.toml`:
//! `[profile.dev.package.brokerproof]` and `opt-level = 2`.
//!
//! `examples/correct_consumer.rs` keeps each record once, and `examples/commit_ahead.rs` loses one; both show
//! what they print.

mod assertions;
mod panicked;
mod small;
#[cfg(feature = "proptest")]
pub mod strategies;
mod trial;

pub use crate::app::own::{CallFailed, Message, Next, Outside, Position, Program};
pub use crate::guarantee::Guarantee;
pub use crate::scenario::Failure;
pub use trial::{Broken, Evidence, Trial};
