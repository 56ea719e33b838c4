//! What the actions of a group do in a local situation: worked out once, by the model's own code.

use super::rows::{Rows, Values};
use crate::check::panics::quietly;
use crate::system::{Group, Parted};

/// How many situations of each group are worked out twice, to see that the group's footprint is true.
/// In builds with debug assertions all are.
const TRIED: u32 = if cfg!(debug_assertions) { u32::MAX } else { 32 };
/// And of the later ones one in so many.
const SAMPLED: u32 = 32;

/// What became of an action, or of asking for actions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Done {
    /// The group's written slots hold these parts: the place of their numbers.
    Changed(u32),
    /// Nothing changed.
    Same,
    /// The model panicked, or its footprints are wrong.
    Fell(String),
}

/// An action in a situation.
pub(super) struct Outcome<A> {
    /// The action, if it came to that.
    pub(super) action: Option<A>,
    pub(super) done: Done,
}

/// The situations of a group.
struct Situations {
    group: Group,
    touches: Vec<usize>,
    known: Rows,
    /// The outcomes of each.
    outcomes: Vec<(u32, u32)>,
}

/// A state, and the numbers of its parts.
struct Desk<S> {
    state: S,
    parts: Vec<u32>,
}

/// Parts, and what groups do with them.
pub(super) struct Locals<'m, M: Parted> {
    model: &'m M,
    parts: Vec<Values<M::Part>>,
    heap: u64,
    situations: Vec<Situations>,
    /// Of the situation that is looked up.
    local: Vec<u32>,
    outcomes: Vec<Outcome<M::Action>>,
    written: Vec<u32>,
    /// Where the model's code runs; slots that do not matter hold what was there before.
    desk: Desk<M::State>,
    /// Where it runs again, among the parts of the state in question.
    other: Desk<M::State>,
    actions: Vec<M::Action>,
    effects: Vec<M::Effect>,
    first: Desk<M::State>,
    calls: u64,
}

impl<'m, M: Parted> Locals<'m, M> {
    /// Takes the parts of `state` first.
    pub(super) fn new(model: &'m M, state: &M::State) -> Self {
        let mut parts: Vec<Values<M::Part>> = (0..model.slots()).map(|_| Values::new()).collect();
        let row = row_of(model, state, &mut parts);
        let desk = || Desk { state: state.clone(), parts: row.clone() };
        let situations = model.groups().into_iter().map(|group| {
            let touches = group.touches();
            let known = Rows::new(touches.len());
            Situations { group, touches, known, outcomes: Vec::new() }
        });
        Locals {
            model,
            parts,
            heap: 0,
            situations: situations.collect(),
            local: Vec::new(),
            outcomes: Vec::new(),
            written: Vec::new(),
            desk: desk(),
            other: desk(),
            actions: Vec::new(),
            effects: Vec::new(),
            first: desk(),
            calls: 0,
        }
    }

    /// The numbers of a state's parts.
    pub(super) fn row(&mut self, state: &M::State) -> Vec<u32> {
        row_of(self.model, state, &mut self.parts)
    }

    /// How often the model's code was asked what a group does.
    pub(super) fn calls(&self) -> u64 {
        self.calls
    }

    /// The bytes in use, as counted.
    pub(super) fn bytes(&self) -> u64 {
        let parts: u64 = self.parts.iter().map(Values::bytes).sum();
        let known: u64 = self.situations.iter().map(|s| s.known.bytes()).sum();
        let outcomes = self.outcomes.capacity() * size_of::<Outcome<M::Action>>();
        parts + known + (outcomes + self.written.capacity() * 4) as u64 + self.heap
    }

    /// The state with these parts.
    pub(super) fn state(&mut self, row: &[u32]) -> &M::State {
        let all = 0..row.len();
        self.desk.lay(self.model, &self.parts, all, row);
        &self.desk.state
    }

    /// A state with these parts, to keep.
    pub(super) fn whole(&self, row: &[u32]) -> M::State {
        let Desk { state, parts } = &self.first;
        let mut desk = Desk { state: state.clone(), parts: parts.clone() };
        desk.lay(self.model, &self.parts, 0..row.len(), row);
        desk.state
    }

    /// The state with these parts in some slots, and anything in the others.
    pub(super) fn state_with(&mut self, slots: &[usize], row: &[u32]) -> &M::State {
        self.desk.lay(self.model, &self.parts, slots.iter().copied(), row);
        &self.desk.state
    }

    /// Forgets what lies on the desk, after a panic.
    pub(super) fn clear(&mut self) {
        for desk in [&mut self.desk, &mut self.other] {
            desk.state.clone_from(&self.first.state);
            desk.parts.clone_from(&self.first.parts);
        }
    }

    /// The slots that a group writes.
    pub(super) fn writes(&self, group: usize) -> &[usize] {
        &self.situations[group].group.writes
    }

    /// The numbers of the parts in the slots that a group writes.
    pub(super) fn written(&self, group: usize, at: u32) -> &[u32] {
        &self.written[at as usize..][..self.writes(group).len()]
    }

    /// What was worked out.
    pub(super) fn outcome(&self, at: u32) -> &Outcome<M::Action> {
        &self.outcomes[at as usize]
    }

    /// What a group does in the state with these parts: the places of the outcomes.
    pub(super) fn perform(&mut self, group: usize, row: &[u32]) -> std::ops::Range<u32> {
        let situations = &mut self.situations[group];
        self.local.clear();
        self.local.extend(situations.touches.iter().map(|slot| row[*slot]));
        let (number, is_new) = situations.known.number(&self.local);
        if is_new {
            let begin = self.outcomes.len() as u32;
            let twice = number < TRIED || number.is_multiple_of(SAMPLED);
            self.work_out(group, row, twice);
            let end = self.outcomes.len() as u32;
            self.situations[group].outcomes.push((begin, end));
        }
        let (begin, end) = self.situations[group].outcomes[number as usize];
        begin..end
    }

    fn work_out(&mut self, group: usize, row: &[u32], twice: bool) {
        let model = self.model;
        self.calls += 1;
        self.lay(group, row, twice);
        let mut actions = std::mem::take(&mut self.actions);
        actions.clear();
        let desk = &self.desk.state;
        let asked = quietly(|| model.enabled_in(group, desk, &mut actions));
        let asked = asked.and_then(|()| if twice { self.same(group, &actions) } else { Ok(()) });
        match asked {
            Ok(()) => {
                for action in &actions {
                    self.lay(group, row, twice);
                    let done = self.act(group, row, action, twice).unwrap_or_else(|message| {
                        self.clear();
                        Done::Fell(message)
                    });
                    self.outcomes.push(Outcome { action: Some(action.clone()), done });
                }
            }
            Err(message) => {
                self.clear();
                self.outcomes.push(Outcome { action: None, done: Done::Fell(message) });
            }
        }
        self.actions = actions;
    }

    fn lay(&mut self, group: usize, row: &[u32], twice: bool) {
        let touches = self.situations[group].touches.iter().copied();
        self.desk.lay(self.model, &self.parts, touches, row);
        if twice {
            self.other.lay(self.model, &self.parts, 0..row.len(), row);
        }
    }

    /// Whether among other parts the group has the same actions.
    fn same(&self, group: usize, actions: &[M::Action]) -> Result<(), String> {
        let mut others = Vec::new();
        quietly(|| self.model.enabled_in(group, &self.other.state, &mut others))?;
        let name = &self.situations[group].group.name;
        if others == actions {
            return Ok(());
        }
        Err(format!("which actions of group {name} are enabled depends on a slot it does not name"))
    }

    fn act(
        &mut self,
        group: usize,
        row: &[u32],
        action: &M::Action,
        twice: bool,
    ) -> Result<Done, String> {
        let (model, situations) = (self.model, &self.situations[group]);
        let Group { name, cost, writes, .. } = &situations.group;
        self.effects.clear();
        let (state, effects) = (&mut self.desk.state, &mut self.effects);
        let price = quietly(|| {
            model.step(state, action, effects);
            model.faults(action)
        })?;
        if price != *cost {
            return Err(format!("action {action:?} costs {price}, and its group {name} {cost}"));
        }
        if twice {
            let untouched = (0..row.len()).filter(|slot| !writes.contains(slot));
            for slot in untouched {
                let before = self.parts[slot].get(self.desk.parts[slot]);
                if model.part(&self.desk.state, slot) != *before {
                    return Err(format!(
                        "action {action:?} changes slot {slot}, which its group {name} does not write"
                    ));
                }
            }
            let (state, effects) = (&mut self.other.state, &mut self.effects);
            quietly(|| model.step(state, action, effects))?;
        }
        let at = self.written.len();
        let mut changed = false;
        for &slot in writes {
            let before = self.desk.parts[slot];
            if !twice && model.holds(&self.desk.state, slot, self.parts[slot].get(before)) {
                self.written.push(before);
                continue;
            }
            let part = model.part(&self.desk.state, slot);
            if twice && part != model.part(&self.other.state, slot) {
                return Err(format!(
                    "what action {action:?} does depends on a slot that its group {name} does not name"
                ));
            }
            let number = number_part(model, &mut self.parts[slot], &mut self.heap, part);
            self.desk.parts[slot] = number;
            self.other.parts[slot] = if twice { number } else { self.other.parts[slot] };
            self.written.push(number);
            changed |= number != row[slot];
        }
        if changed {
            return Ok(Done::Changed(at as u32));
        }
        self.written.truncate(at);
        Ok(Done::Same)
    }

    /// The number of what an exchange makes of a part, in the slot to which it goes.
    pub(super) fn renamed(&mut self, exchange: usize, [slot, to]: [usize; 2], part: u32) -> u32 {
        let renamed = self.model.renamed(exchange, slot, self.parts[slot].get(part));
        number_part(self.model, &mut self.parts[to], &mut self.heap, renamed)
    }

    /// Whether a guarded group may have actions in the state with these parts.
    pub(super) fn may_enable(&mut self, group: usize, row: &[u32]) -> bool {
        let model = self.model;
        let guard = self.situations[group].group.guard.iter().copied();
        self.desk.lay(model, &self.parts, guard, row);
        let desk = &self.desk.state;
        // A guard that panics says nothing; the panic shows when the group itself is asked.
        quietly(|| model.may_enable(group, desk)).unwrap_or(true)
    }
}

impl<S: Clone> Desk<S> {
    /// Puts the parts of a row into some slots.
    fn lay<M: Parted<State = S>>(
        &mut self,
        model: &M,
        parts: &[Values<M::Part>],
        slots: impl Iterator<Item = usize>,
        row: &[u32],
    ) {
        for slot in slots {
            if self.parts[slot] != row[slot] {
                model.put(&mut self.state, slot, parts[slot].get(row[slot]));
                self.parts[slot] = row[slot];
            }
        }
    }
}

/// The number of a part among those of its slot; what a new one owns is added to the heap.
fn number_part<M: Parted>(
    model: &M,
    parts: &mut Values<M::Part>,
    heap: &mut u64,
    part: M::Part,
) -> u32 {
    let (bytes, count) = (model.part_bytes(&part) as u64, parts.len());
    let number = parts.number(part);
    *heap += if parts.len() > count { bytes } else { 0 };
    number
}

fn row_of<M: Parted>(model: &M, state: &M::State, parts: &mut [Values<M::Part>]) -> Vec<u32> {
    let slots = parts.iter_mut().enumerate();
    slots.map(|(slot, values)| values.number(model.part(state, slot))).collect()
}
