//! The toy as a model of Stateright: the same states, actions and properties.

use brokerproof::system::Model as _;
use stateright::{Checker, Model, Property};

use crate::toys::two_phase::{Action, Manager, State, TwoPhase};

struct Peer(TwoPhase);

fn all(state: &State, wanted: Manager) -> bool {
    state.managers.iter().all(|manager| *manager == wanted)
}

impl Model for Peer {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        self.0.initial()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.0.enabled(state, actions);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        self.0.step(&mut next, &action, &mut Vec::new());
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::<Self>::always("consistent", |_, state| {
                let has = |wanted| state.managers.contains(&wanted);
                !(has(Manager::Committed) && has(Manager::Aborted))
            }),
            Property::<Self>::sometimes("commit agreement", |_, state| {
                all(state, Manager::Committed)
            }),
            Property::<Self>::sometimes("abort agreement", |_, state| all(state, Manager::Aborted)),
        ]
    }
}

/// Distinct and generated states of a breadth-first search.
pub fn count(managers: usize, threads: usize) -> (u64, u64) {
    let model = Peer(TwoPhase { managers });
    let checker = model.checker().threads(threads).spawn_bfs().join();
    checker.assert_properties();
    (checker.unique_state_count() as u64, checker.state_count() as u64)
}
