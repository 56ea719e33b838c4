//! Words of the command line that mean something: read, or refused with the nearest one.

use crate::guarantee::Level;
use crate::protocol::variant::Kafka;
use crate::scenario::{CLIENTS, Client, LEVELS, SHAPES, nearest, parse_faults};
use crate::world::setting::{CommitOrder, FaultSetting};

fn one_of<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, String> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let meant = nearest(text, known.iter().copied());
    let meant = meant.map_or_else(String::new, |word| format!("; did you mean `{word}`?"));
    Err(format!("expected one of {}{meant}", known.join(", ")))
}

/// A level.
///
/// # Errors
/// Any other word.
pub fn level(text: &str) -> Result<Level, String> {
    one_of(text, LEVELS)
}

/// When an application commits.
///
/// # Errors
/// Any other word.
pub fn shape(text: &str) -> Result<CommitOrder, String> {
    one_of(text, SHAPES)
}

/// Whose client it is.
///
/// # Errors
/// Any other word.
pub fn client(text: &str) -> Result<Client, String> {
    one_of(text, CLIENTS)
}

/// A version of Kafka.
///
/// # Errors
/// Any version without a preset.
pub fn kafka(text: &str) -> Result<Kafka, String> {
    let known = || Kafka::ALL.iter().map(|kafka| kafka.name()).collect::<Vec<_>>().join(", ");
    Kafka::parse(text).ok_or_else(|| format!("there are presets of {}", known()))
}

/// A budget of faults.
///
/// # Errors
/// What is none.
pub fn faults(text: &str) -> Result<FaultSetting, String> {
    parse_faults(text)
}
