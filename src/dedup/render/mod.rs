//! What an examination found, as text, JSON, CSV, a picture and advice.
//!
//! Pure: a report in, a text out. Must never read a clock or a file.

mod advice;
mod csv;
mod durable;
mod json;
mod numbers;
mod plot;
mod table;

pub use advice::{Bounds, advice};
pub use csv::csv;
pub use durable::{DurableReport, durable_csv, durable_json, durable_text};
pub use json::json;
pub use plot::plot;
pub use table::{peers_table, table};
