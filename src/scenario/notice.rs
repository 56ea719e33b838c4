//! What a user should know about a file that is accepted, and what keeps a correct file from being
//! decided.

use std::fmt;

use super::problem::write_place;
use super::source::Position;

/// How much a notice matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weight {
    /// The file does probably not do what its author thinks.
    Warning,
    /// Said for completeness.
    Note,
}

/// A remark on an accepted file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// The file.
    pub path: String,
    /// Where in it; `None` if no single place is meant.
    pub position: Option<Position>,
    /// The remark, a sentence without its end.
    pub text: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = match self.weight {
            Weight::Warning => "warning",
            Weight::Note => "note",
        };
        write!(f, "{label}: ")?;
        write_place(f, &self.path, self.position)?;
        write!(f, "{}", self.text)
    }
}

/// Something that the file asks for, correctly, and that is not modelled yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unmodelled {
    /// The file.
    pub path: String,
    /// Where in it; `None` if the whole file is meant.
    pub position: Option<Position>,
    /// What, as the file names it: "transactional.id", "instances".
    pub what: String,
    /// What that is, for people.
    pub about: String,
}

impl fmt::Display for Unmodelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, &self.path, self.position)?;
        write!(f, "not modelled yet: {} ({})", self.what, self.about)
    }
}

/// Everything in a file that is not modelled yet; at least one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotModelled(pub Vec<Unmodelled>);

impl fmt::Display for NotModelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, gap) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{gap}")?;
        }
        Ok(())
    }
}
