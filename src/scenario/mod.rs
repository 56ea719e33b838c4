//! Scenario files: TOML or Kafka's own `.properties` in, a [`Setting`] and expectations out.
//!
//! Knows the lists of names that other modules have, and how to talk to people about their files.
//! Must never know an engine: what a claim is compared with is not its business. No input makes it
//! panic.

mod budget;
mod change;
mod defaults;
mod document;
mod expect;
mod file;
mod from_files;
mod modelled;
mod nearest;
mod notice;
mod parts;
mod problem;
mod properties;
mod read;
mod source;
pub mod vocabulary;
mod write;
mod write_keys;

use std::fmt;
use std::path::Path;

pub use budget::{MOST as MOST_FAULTS, parse_faults};
pub use change::{Change, changed, changes};
pub use expect::{Claim, Expectation, ExpectedGuarantee, ExpectedLevel, GUARANTEES, LEVELS};
pub use file::{LIMIT as FILE_SIZE_LIMIT, read as read_text};
pub use from_files::{
    CLIENTS, Client, Files, FromFiles, Named, Options, OwnedTexts, Row, SHAPES, Texts,
    from_properties, from_texts, not_a_scenario,
};
pub use nearest::nearest;
pub use notice::{NotModelled, Notice, Unmodelled, Weight};
pub use problem::{Errors, Problem, ProblemKind};
pub use source::{Excerpt, Position};
pub use write::write;

use crate::world::setting::Setting;
use source::Source;

/// When a bundled model is run (SEMANTICS 6.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// Always.
    Quick,
    /// On `--all`.
    Full,
}

/// `tier`.
pub const TIERS: vocabulary::Words<Tier> = &[("quick", Tier::Quick), ("full", Tier::Full)];

/// Where a search ends at the latest; `None`: the engine's default.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Limits {
    /// Distinct states.
    pub states: Option<u64>,
    /// Steps from the initial state.
    pub depth: Option<u32>,
}

/// A scenario, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// The name of its file without the ending.
    pub name: String,
    /// Where it was read from.
    pub path: String,
    /// The comment it begins with, in one line.
    pub title: String,
    /// What the model is built from.
    pub setting: Setting,
    /// What it claims.
    pub expectations: Vec<Expectation>,
    /// When it is run.
    pub tier: Tier,
    /// Where a search ends.
    pub limits: Limits,
    /// Warnings and notes, in the order of the file.
    pub notices: Vec<Notice>,
}

/// Why a file gives no scenario.
#[derive(Clone, PartialEq, Eq)]
pub enum Failure {
    /// It is wrong.
    Invalid(Errors),
    /// It is right, and asks for what is not modelled yet.
    NotModelled(NotModelled),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Invalid(errors) => errors.fmt(f),
            Failure::NotModelled(gaps) => gaps.fmt(f),
        }
    }
}

/// The same text: a test that unwraps it shows people what is wrong, and where.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Failure {}

/// Reads a scenario file.
///
/// # Errors
/// Everything that is wrong with it, or everything in it that is not modelled yet.
pub fn load(path: &Path) -> Result<Scenario, Failure> {
    let text = file::read(path).map_err(Failure::Invalid)?;
    parse(&text, &path.display().to_string())
}

/// Reads a scenario from a text; the path is for its name and for messages.
///
/// # Errors
/// Everything that is wrong with it, or everything in it that is not modelled yet.
pub fn parse(text: &str, path: &str) -> Result<Scenario, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::Invalid(Errors(vec![Problem::whole(path, ProblemKind::Empty)])));
    }
    let name = Path::new(path)
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    read::read(&Source::new(path, text), &name, title(text))
}

/// The comment that a file begins with; lines that begin with `#:` speak to editors.
fn title(text: &str) -> String {
    let comment = text.lines().map(str::trim).take_while(|line| line.starts_with('#'));
    let words = comment.filter(|line| !line.starts_with("#:")).map(|line| line[1..].trim());
    words.filter(|words| !words.is_empty()).collect::<Vec<&str>>().join(" ")
}
