//! A transition system.

use std::fmt::Debug;
use std::hash::Hash;

/// A transition system whose every nondeterministic choice is an action.
pub trait Model {
    /// A state. Equality and hash are derived, never written by hand: a forgotten field merges states.
    type State: Clone + Eq + Hash;
    /// A choice.
    type Action: Clone + Ord + Debug;
    /// What a step did, for stories.
    type Effect;

    /// The states in which a run may begin.
    fn initial(&self) -> Vec<Self::State>;

    /// Pushes the actions that are possible, in ascending order.
    fn enabled(&self, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// Performs an enabled action in place and pushes what it did.
    fn step(&self, state: &mut Self::State, action: &Self::Action, effects: &mut Vec<Self::Effect>);

    /// The cost of an action: 1 for a fault, else 0.
    fn faults(&self, action: &Self::Action) -> u32 {
        let _ = action;
        0
    }

    /// The most faults that a run may have in all, if there is such a bound.
    ///
    /// A search keeps within it, so it need not be in the state: in the order (faults, steps) a state is
    /// first found with the fewest faults, and what can follow then includes what can follow with more.
    fn budget(&self) -> Option<u32> {
        None
    }

    /// The bytes that a state owns besides its own size, for limits of memory: a count, no measurement.
    fn heap_bytes(&self, state: &Self::State) -> usize {
        let _ = state;
        0
    }

    /// Whether only the adversary could change anything: every enabled action without cost leaves the
    /// state as it is.
    fn is_quiescent(&self, state: &Self::State) -> bool {
        let mut actions = Vec::new();
        self.enabled(state, &mut actions);
        actions.iter().filter(|action| self.faults(action) == 0).all(|action| {
            let mut next = state.clone();
            self.step(&mut next, action, &mut Vec::new());
            next == *state
        })
    }
}
