//! How far a search may go, and what it tells on the way.

/// The bounds of a search. What cuts a search short is named in its extent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many distinct states may be stored.
    pub states: u64,
    /// How many bytes the stored states may take, as counted (not measured): `None` for any number.
    pub bytes: Option<u64>,
    /// The most steps that a state may be away from the beginning.
    pub steps: Option<u32>,
    /// The most faults on the way to a state, besides the budget that the model itself has.
    pub faults: Option<u32>,
}

impl Limits {
    /// The number of states at which a search ends if nothing else is said.
    pub const STATES: u64 = 20_000_000;
}

impl Default for Limits {
    fn default() -> Self {
        Limits { states: Limits::STATES, bytes: None, steps: None, faults: None }
    }
}

/// How far a search has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Distinct states found.
    pub states: u64,
    /// Steps performed.
    pub transitions: u64,
    /// States found and not yet expanded.
    pub frontier: u64,
    /// The faults on the way to the states that are found now.
    pub faults: u32,
    /// The steps on the way to them.
    pub steps: u32,
    /// The bytes that the stored states take, as counted.
    pub bytes: u64,
}
