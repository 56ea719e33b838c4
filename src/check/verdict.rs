//! What a search found out, and how much it looked at. Pure data.

use std::collections::BTreeMap;

use crate::system::{Modality, Schedule};

/// How expensive it is to get somewhere; ordered by faults, then by steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cost {
    /// The sum of [`crate::system::Model::faults`] on the way.
    pub faults: u32,
    /// The number of actions on the way.
    pub steps: u32,
}

/// The answer about one property.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict<A> {
    /// It holds wherever it must, and everything was looked at.
    Holds(Extent),
    /// It does not hold.
    Violated {
        /// In what way.
        breach: Breach,
        /// How to get there.
        schedule: Schedule<A>,
        /// The faults on the way.
        faults: u32,
        /// The actions on the way.
        steps: u32,
        /// Whether no way needs fewer faults, or as few and fewer steps.
        shortest: bool,
    },
    /// A state that had to be reachable is.
    Reached {
        /// How to get there.
        schedule: Schedule<A>,
        /// The faults on the way.
        faults: u32,
        /// The actions on the way.
        steps: u32,
        /// Whether no way needs fewer faults, or as few and fewer steps.
        shortest: bool,
    },
    /// A state that had to be reachable is not, and everything was looked at.
    Unreached(Extent),
    /// Neither was found out: the search ended early.
    Unknown(Extent),
}

impl<A> Verdict<A> {
    /// The faults and steps to the state that decides it, if a state does.
    pub fn cost(&self) -> Option<Cost> {
        match *self {
            Verdict::Violated { faults, steps, .. } | Verdict::Reached { faults, steps, .. } => {
                Some(Cost { faults, steps })
            }
            Verdict::Holds(_) | Verdict::Unreached(_) | Verdict::Unknown(_) => None,
        }
    }

    /// The way to the state that decides it, if a state does.
    pub fn schedule(&self) -> Option<&Schedule<A>> {
        match self {
            Verdict::Violated { schedule, .. } | Verdict::Reached { schedule, .. } => {
                Some(schedule)
            }
            Verdict::Holds(_) | Verdict::Unreached(_) | Verdict::Unknown(_) => None,
        }
    }
}

/// In what way a property is broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Breach {
    /// It is false in the last state.
    False,
    /// Asking it there panicked, with this message.
    Panic(String),
}

/// The answer about one property, with its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision<A> {
    /// The property's name.
    pub property: String,
    /// When it must hold.
    pub modality: Modality,
    /// The answer.
    pub verdict: Verdict<A>,
}

/// What was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extent {
    /// Every reachable state.
    Complete(Explored),
    /// A part of the reachable states.
    Bounded {
        /// How much.
        explored: Explored,
        /// What cut the search short; at least one thing, in order, each once.
        limits: Vec<Limit>,
    },
    /// Runs that were drawn at random.
    Sampled {
        /// How much.
        explored: Explored,
        /// The number of runs.
        runs: u64,
    },
}

impl Extent {
    /// The counts.
    pub fn explored(&self) -> &Explored {
        match self {
            Extent::Complete(explored)
            | Extent::Bounded { explored, .. }
            | Extent::Sampled { explored, .. } => explored,
        }
    }

    /// The counts, to correct them.
    pub(super) fn explored_mut(&mut self) -> &mut Explored {
        match self {
            Extent::Complete(explored)
            | Extent::Bounded { explored, .. }
            | Extent::Sampled { explored, .. } => explored,
        }
    }

    /// Whether every reachable state was looked at.
    pub fn is_complete(&self) -> bool {
        matches!(self, Extent::Complete(_))
    }
}

/// The counts of a search.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Explored {
    /// Distinct states.
    pub states: u64,
    /// Steps performed, those that changed nothing or led to a known state included.
    pub transitions: u64,
    /// Of the states, those at rest: no action without cost changes them. Where there are none, a
    /// property at rest holds vacuously.
    pub at_rest: u64,
    /// The most steps on the way to a state, by the way with the fewest faults.
    pub depth: u32,
    /// The most faults on the way to a state.
    pub faults: u32,
    /// All states with up to this many faults on the way were looked at; `None` if not even those
    /// without.
    pub complete_faults: Option<u32>,
    /// Whether orders of actions that touch nothing of each other's were left out, so that there are more states
    /// and steps than these.
    pub reduced: bool,
    /// Whether of the states that differ by exchanges of what is interchangeable only one was counted, and there were
    /// such exchanges.
    pub exchanged: bool,
}

/// What cut a search short.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Limit {
    /// The number of states.
    States(u64),
    /// The bytes of the stored states, as counted.
    Bytes(u64),
    /// The number of steps.
    Steps(u32),
    /// The number of faults, below what the model itself allows.
    Faults(u32),
    /// Every property was decided, and no more was asked for.
    Settled,
    /// Whoever watches the progress ended it.
    Stopped,
    /// Of actions that do not touch each other not every order was tried. This keeps every state at rest,
    /// and so every verdict about them, but it may leave out others.
    Reduced,
    /// The search met circles without cost, and does not judge them: runs may never come to rest.
    Circles,
    /// The model panicked, so what lies behind is not known.
    Panic,
}

/// A panic in the model itself: in its initial states, in `enabled`, `step` or `faults`, or in a
/// question asked of every state at rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Panicked<A> {
    /// Its message and place.
    pub message: String,
    /// How to get there; the last action is the one that panicked, if an action did.
    pub schedule: Schedule<A>,
    /// The cost of the schedule; no panic is cheaper.
    pub cost: Cost,
}

/// A cycle without cost in which nothing advances.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lasso<A> {
    /// How to get to the cycle.
    pub stem: Schedule<A>,
    /// The cost of the stem.
    pub cost: Cost,
    /// Once around: at least two actions, back to where the stem ends.
    pub cycle: Vec<A>,
}

/// What a search took, for those who tune models and engines; the same for any number of threads.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Effort {
    /// The bytes of the stored states with their parents, as counted.
    pub state_bytes: u64,
    /// The bytes of what else is remembered, as counted.
    pub memo_bytes: u64,
    /// The bits of a packed state; 0 where states are stored whole.
    pub key_bits: u32,
    /// How often the model's code was asked what a group of actions does; 0 where states are whole.
    pub local_calls: u64,
    /// How many combinations of blocks were met. Compared with states, this tells how well it pays to
    /// remember: above a twentieth, some block changes too often.
    pub combinations: u64,
    /// How many different contents each block had.
    pub blocks: Vec<u64>,
}

/// What a search found out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report<A, O = ()> {
    /// The answers, in the order of the properties.
    pub decisions: Vec<Decision<A>>,
    /// What was looked at.
    pub extent: Extent,
    /// The cheapest panic of the model. Properties that are not broken elsewhere are unknown then.
    pub panicked: Option<Panicked<A>>,
    /// The distinct outcomes of states at rest, each with its least cost, if they were asked for.
    pub outcomes: BTreeMap<O, Cost>,
    /// A cycle without cost in which nothing advances, if it was asked for and there is one.
    pub livelock: Option<Lasso<A>>,
    /// Such a cycle that nothing but a fault leaves for good: within its component nothing advances,
    /// and no action without cost leads out of it.
    pub trap: Option<Lasso<A>>,
    /// By name of a property that is judged at rest: the least of such cycles among whose component's states one
    /// breaks it, if there is one. A run that ends there comes to no rest.
    pub traps: BTreeMap<String, Lasso<A>>,
    /// Whether every state can come to rest without another fault: told by reduced searches to the end that were
    /// asked for cycles, and by depth-first ones that met none.
    pub comes_to_rest: Option<bool>,
    /// What it took.
    pub effort: Effort,
}

impl<A, O> Report<A, O> {
    /// The answer about the property with this name.
    pub fn verdict(&self, property: &str) -> Option<&Verdict<A>> {
        let decision = self.decisions.iter().find(|decision| decision.property == property)?;
        Some(&decision.verdict)
    }
}
