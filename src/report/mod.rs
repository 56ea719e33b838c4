//! Reports: the matrix, verdicts, stories, schedules and JSON documents. Pure data in, text out.
//!
//! Everything is drawn from what was decided and from the effects of actions; nothing here calls the
//! protocol again. Must never know files or terminals: whoever prints says how wide and whether in colour.

pub mod ablation;
pub mod diagram;
pub mod files;
pub mod json;
pub mod list;
pub mod message;
pub mod names;
pub mod schedule;
pub mod sentences;
pub mod simulate;
pub mod simulate_cost;
pub mod simulate_cost_plot;
pub mod simulate_json;
pub mod simulate_shard;
pub mod simulate_shard_lines;
pub mod story;
pub mod style;
pub mod table;
pub mod text;
pub mod told;
pub mod verdict;
pub mod ways;

pub use style::{Style, Tone};
