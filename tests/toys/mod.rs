//! Small transition systems with known answers, for tests, benches and examples of the engines.
#![allow(dead_code, missing_docs, reason = "each user takes some of the toys")]

pub mod graph;
pub mod noise;
pub mod philosophers;
pub mod puzzle;
pub mod two_phase;
