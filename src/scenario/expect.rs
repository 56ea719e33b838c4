//! What a scenario claims, to be compared with what the checker decides.

use super::vocabulary::Words;
pub use crate::guarantee::{Guarantee as ExpectedGuarantee, Level as ExpectedLevel};

/// `level`.
pub const LEVELS: Words<ExpectedLevel> = &[
    ("no-guarantee", ExpectedLevel::NoGuarantee),
    ("at-most-once", ExpectedLevel::AtMostOnce),
    ("at-least-once", ExpectedLevel::AtLeastOnce),
    ("effectively-once", ExpectedLevel::EffectivelyOnce),
];

/// The keys of `breaks_at`, and those of an expectation that say whether a guarantee holds.
pub const GUARANTEES: Words<ExpectedGuarantee> = &[
    ("at-most", ExpectedGuarantee::AtMost),
    ("at-least", ExpectedGuarantee::AtLeast),
    ("order", ExpectedGuarantee::Order),
    ("acknowledged-is-kept", ExpectedGuarantee::AcknowledgedIsKept),
];

/// One claim.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Claim {
    /// The level that is attained.
    Level(ExpectedLevel),
    /// Whether a guarantee holds within the budget.
    Holds(ExpectedGuarantee, bool),
    /// The fewest faults that break a guarantee.
    BreaksAt(ExpectedGuarantee, u32),
    /// The anomaly of the first violation.
    Anomaly(String),
    /// An anomaly that must be reachable.
    Reachable(String),
}

/// One `[[expect]]`: claims that hold together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectation {
    /// The line it begins at; 0 if it comes from no file.
    pub line: usize,
    /// The application whose group is meant; `None`: the scenario as a whole, the meet of all.
    pub app: Option<String>,
    /// The claims, in the order of the file; at least one.
    pub claims: Vec<Claim>,
}
