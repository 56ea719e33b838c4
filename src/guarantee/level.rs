//! The four levels of delivery.

use std::fmt;

/// One of the two decisions that make a level.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Half {
    /// It holds, as far as the budget of faults goes.
    Yes,
    /// It breaks; the fewest faults that do it.
    No(u32),
    /// The search ended before it was decided.
    Unknown,
}

impl Half {
    /// What holds of both.
    pub fn meet(self, other: Half) -> Half {
        match (self, other) {
            (Half::No(a), Half::No(b)) => Half::No(a.min(b)),
            (Half::No(faults), _) | (_, Half::No(faults)) => Half::No(faults),
            (Half::Unknown, _) | (_, Half::Unknown) => Half::Unknown,
            (Half::Yes, Half::Yes) => Half::Yes,
        }
    }

    /// The fewest faults that break it.
    pub fn breaks_at(self) -> Option<u32> {
        match self {
            Half::No(faults) => Some(faults),
            Half::Yes | Half::Unknown => None,
        }
    }
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Half::Yes => f.write_str("yes"),
            Half::No(faults) => write!(f, "no ({faults})"),
            Half::Unknown => f.write_str("unknown"),
        }
    }
}

/// A level of delivery, as the field names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// A record may have no effect, one or several.
    NoGuarantee,
    /// None or one.
    AtMostOnce,
    /// One or several.
    AtLeastOnce,
    /// One.
    EffectivelyOnce,
}

impl Level {
    /// All of them, the weakest first.
    pub const ALL: &'static [Level] =
        &[Level::NoGuarantee, Level::AtMostOnce, Level::AtLeastOnce, Level::EffectivelyOnce];

    /// The level of two decided halves; what is unknown counts as not held.
    pub fn of(at_most: Half, at_least: Half) -> Level {
        match (at_most == Half::Yes, at_least == Half::Yes) {
            (false, false) => Level::NoGuarantee,
            (true, false) => Level::AtMostOnce,
            (false, true) => Level::AtLeastOnce,
            (true, true) => Level::EffectivelyOnce,
        }
    }

    /// Its name in scenario files.
    pub fn name(self) -> &'static str {
        match self {
            Level::NoGuarantee => "no-guarantee",
            Level::AtMostOnce => "at-most-once",
            Level::AtLeastOnce => "at-least-once",
            Level::EffectivelyOnce => "effectively-once",
        }
    }

    /// Its name in sentences.
    pub fn title(self) -> &'static str {
        match self {
            Level::NoGuarantee => "no guarantee",
            Level::AtMostOnce => "at most once",
            Level::AtLeastOnce => "at least once",
            Level::EffectivelyOnce => "effectively once",
        }
    }
}
