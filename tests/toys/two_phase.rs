//! Two-phase commit after Gray and Lamport, "Consensus on Transaction Commit": the states and actions
//! of their specification, so that counts can be compared with what others publish. Messages are never
//! taken off the network, so receiving one again changes nothing, and is a transition all the same.

use std::ops::Range;

use brokerproof::system::{Exchange, Facts, Group, Modality, Model, Parted, Property, View};

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

/// A part: what the transaction manager knows, or a resource manager with what it has sent.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    Coordinator(Decision, Vec<bool>),
    Manager(Manager, bool),
}

impl TwoPhase {
    /// How many resource managers share a block.
    const BLOCK: usize = 2;

    fn slots_of_managers(&self) -> Range<usize> {
        1..self.managers + 1
    }
}

/// Slot 0 is the transaction manager's, slot i that of resource manager i - 1.
impl Parted for TwoPhase {
    type Part = Part;

    fn slots(&self) -> usize {
        self.managers + 1
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        let managers: Vec<usize> = self.slots_of_managers().collect();
        let managers = managers.chunks(TwoPhase::BLOCK).map(<[usize]>::to_vec);
        [vec![0]].into_iter().chain(managers).collect()
    }

    fn groups(&self) -> Vec<Group> {
        let mut groups = vec![Group::new("decide", [0], [0])];
        for slot in self.slots_of_managers() {
            groups.push(Group::new(format!("decide alone {slot}"), [slot], [slot]));
            groups.push(Group::new(format!("receive {slot}"), [0, slot], [0, slot]));
        }
        groups
    }

    fn part(&self, state: &State, slot: usize) -> Part {
        match slot.checked_sub(1) {
            None => Part::Coordinator(state.decision, state.known.clone()),
            Some(who) => Part::Manager(state.managers[who], state.sent[who]),
        }
    }

    fn put(&self, state: &mut State, slot: usize, part: &Part) {
        match part {
            Part::Coordinator(decision, known) => {
                state.decision = *decision;
                state.known.clone_from(known);
            }
            Part::Manager(manager, sent) => {
                state.managers[slot - 1] = *manager;
                state.sent[slot - 1] = *sent;
            }
        }
    }

    fn enabled_in(&self, group: usize, state: &State, actions: &mut Vec<Action>) {
        let all = match (group, group.checked_sub(1).map(|index| (index / 2, index % 2))) {
            (_, Some((who, 0))) => vec![Action::Prepare(who), Action::ChooseToAbort(who)],
            (_, Some((who, _))) => vec![
                Action::ReceivePrepared(who),
                Action::ReceiveCommit(who),
                Action::ReceiveAbort(who),
            ],
            _ => vec![Action::Commit, Action::Abort],
        };
        actions.extend(all.into_iter().filter(|action| self.is_enabled(state, *action)));
    }
}

/// Facts about each resource manager, joined.
fn managers(
    managers: usize,
    facts: impl Fn(Manager) -> u64 + Copy + Send + Sync + 'static,
    holds: impl Fn(u64) -> bool + Send + Sync + 'static,
) -> Facts<State> {
    let view = |who: usize| View {
        reads: vec![who + 1],
        facts: Box::new(move |state: &State| facts(state.managers[who])),
    };
    Facts { bits: 4, views: (0..managers).map(view).collect(), holds: Box::new(holds) }
}

/// The same properties, made of facts about parts.
pub fn properties_of_parts(count: usize) -> Vec<Property<State>> {
    let all = |wanted| managers(count, move |manager| u64::from(manager != wanted), |f| f == 0);
    let states = managers(count, |manager| 1 << manager as u64, |facts| facts & 0b1100 != 0b1100);
    let decided =
        managers(count, |manager| 1 << manager as u64, |facts| facts == 0b0100 || facts == 0b1000);
    vec![
        Property::of_facts("consistent", Modality::Always, states),
        Property::of_facts("commit agreement", Modality::Reachable, all(Manager::Committed)),
        Property::of_facts("abort agreement", Modality::Reachable, all(Manager::Aborted)),
        Property::of_facts("decided at rest", Modality::AtRest, decided),
    ]
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

/// The same, each resource manager in a block of its own, and said to be interchangeable.
pub struct Interchangeable(pub TwoPhase);

impl Model for Interchangeable {
    type State = State;
    type Action = Action;
    type Effect = ();

    fn initial(&self) -> Vec<State> {
        self.0.initial()
    }

    fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        self.0.enabled(state, actions);
    }

    fn step(&self, state: &mut State, action: &Action, effects: &mut Vec<()>) {
        self.0.step(state, action, effects);
    }
}

impl Parted for Interchangeable {
    type Part = Part;

    fn slots(&self) -> usize {
        self.0.slots()
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        (0..self.slots()).map(|slot| vec![slot]).collect()
    }

    fn groups(&self) -> Vec<Group> {
        self.0.groups()
    }

    fn part(&self, state: &State, slot: usize) -> Part {
        self.0.part(state, slot)
    }

    fn put(&self, state: &mut State, slot: usize, part: &Part) {
        self.0.put(state, slot, part);
    }

    fn enabled_in(&self, group: usize, state: &State, actions: &mut Vec<Action>) {
        self.0.enabled_in(group, state, actions);
    }

    /// Each with the next one.
    fn exchanges(&self) -> Vec<Exchange> {
        let pair = |slot: usize| {
            Exchange::of_pairs(format!("{slot} and next"), self.slots(), [(slot, slot + 1)])
        };
        (1..self.0.managers).map(pair).collect()
    }

    fn renamed(&self, exchange: usize, _: usize, part: &Part) -> Part {
        let mut part = part.clone();
        if let Part::Coordinator(_, known) = &mut part {
            known.swap(exchange, exchange + 1);
        }
        part
    }
}
