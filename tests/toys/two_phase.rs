//! Two-phase commit after Gray and Lamport, "Consensus on Transaction Commit": the states and actions
//! of their specification, so that counts can be compared with what others publish. Messages are never
//! taken off the network, so receiving one again changes nothing, and is a transition all the same.

use brokerproof::system::{Modality, Model, Property};

/// So many resource managers, and one transaction manager.
pub struct TwoPhase {
    pub managers: usize,
}

/// What a resource manager has decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Manager {
    Working,
    Prepared,
    Committed,
    Aborted,
}

/// What the transaction manager has decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Decision {
    Open,
    Commit,
    Abort,
}

/// A state; the decision is also the message that was sent to all.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub managers: Vec<Manager>,
    pub decision: Decision,
    /// Who is known to be prepared.
    pub known: Vec<bool>,
    /// Who has sent that it is prepared.
    pub sent: Vec<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Action {
    Commit,
    Abort,
    ReceivePrepared(usize),
    Prepare(usize),
    ChooseToAbort(usize),
    ReceiveCommit(usize),
    ReceiveAbort(usize),
}

impl TwoPhase {
    fn is_enabled(&self, state: &State, action: Action) -> bool {
        let open = state.decision == Decision::Open;
        match action {
            Action::Commit => open && state.known.iter().all(|known| *known),
            Action::Abort => open,
            Action::ReceivePrepared(who) => open && state.sent[who],
            Action::Prepare(who) | Action::ChooseToAbort(who) => {
                state.managers[who] == Manager::Working
            }
            Action::ReceiveCommit(_) => state.decision == Decision::Commit,
            Action::ReceiveAbort(_) => state.decision == Decision::Abort,
        }
    }
}

impl Model for TwoPhase {
    type State = State;
    type Action = Action;
    type Effect = ();

    fn initial(&self) -> Vec<State> {
        vec![State {
            managers: vec![Manager::Working; self.managers],
            decision: Decision::Open,
            known: vec![false; self.managers],
            sent: vec![false; self.managers],
        }]
    }

    fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        let single = [Action::Commit, Action::Abort];
        actions.extend(single.into_iter().filter(|action| self.is_enabled(state, *action)));
        let kinds = [
            Action::ReceivePrepared,
            Action::Prepare,
            Action::ChooseToAbort,
            Action::ReceiveCommit,
            Action::ReceiveAbort,
        ];
        for kind in kinds {
            let all = (0..self.managers).map(kind);
            actions.extend(all.filter(|action| self.is_enabled(state, *action)));
        }
    }

    fn step(&self, state: &mut State, action: &Action, _: &mut Vec<()>) {
        match *action {
            Action::Commit => state.decision = Decision::Commit,
            Action::Abort => state.decision = Decision::Abort,
            Action::ReceivePrepared(who) => state.known[who] = true,
            Action::Prepare(who) => {
                state.managers[who] = Manager::Prepared;
                state.sent[who] = true;
            }
            Action::ChooseToAbort(who) => state.managers[who] = Manager::Aborted,
            Action::ReceiveCommit(who) => state.managers[who] = Manager::Committed,
            Action::ReceiveAbort(who) => state.managers[who] = Manager::Aborted,
        }
    }

    fn heap_bytes(&self, state: &State) -> usize {
        state.managers.capacity() + state.known.capacity() + state.sent.capacity()
    }
}

/// Agreement, and that both ends are possible.
pub fn properties() -> Vec<Property<State>> {
    let all = |state: &State, wanted| state.managers.iter().all(|manager| *manager == wanted);
    vec![
        Property::new("consistent", Modality::Always, |state: &State| {
            let has = |wanted| state.managers.contains(&wanted);
            !(has(Manager::Committed) && has(Manager::Aborted))
        }),
        Property::new("commit agreement", Modality::Reachable, move |state: &State| {
            all(state, Manager::Committed)
        }),
        Property::new("abort agreement", Modality::Reachable, move |state: &State| {
            all(state, Manager::Aborted)
        }),
        Property::new("decided at rest", Modality::AtRest, move |state: &State| {
            all(state, Manager::Committed) || all(state, Manager::Aborted)
        }),
    ]
}
