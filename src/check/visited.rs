//! The states that a search has found: each once, compared in full, numbered in the order of finding.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// The parent of a state in which a run begins.
pub(super) const NO_PARENT: u32 = u32::MAX;

/// The most states that can be numbered.
pub(super) const MOST: u64 = NO_PARENT as u64;

/// States with their parents.
pub(super) struct Visited<S> {
    states: Vec<S>,
    parents: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: FixedState,
    heap: u64,
}

/// Where a state was put.
pub(super) enum Place {
    /// It was there, with this number.
    Known(u32),
    /// It is new, with this number.
    New(u32),
    /// It is new and there is no room for it.
    Full,
}

impl<S: Eq + Hash> Visited<S> {
    pub(super) fn new() -> Self {
        Visited {
            states: Vec::new(),
            parents: Vec::new(),
            numbers: HashTable::new(),
            hasher: FixedState::with_seed(0),
            heap: 0,
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.parents.len() as u32
    }

    pub(super) fn state(&self, number: u32) -> &S {
        &self.states[number as usize]
    }

    pub(super) fn parent(&self, number: u32) -> Option<u32> {
        let parent = self.parents[number as usize];
        (parent != NO_PARENT).then_some(parent)
    }

    /// The bytes in use, as counted: each state with what it owns, its parent, its slot.
    pub(super) fn bytes(&self) -> u64 {
        let slot = size_of::<u32>() as u64 + 1;
        let each = (size_of::<S>() + size_of::<u32>()) as u64;
        self.states.len() as u64 * each + self.numbers.capacity() as u64 * slot + self.heap
    }

    /// Looks the state in `slot` up; if it is new and `room` says so, takes it out of the slot and keeps
    /// it.
    pub(super) fn visit(
        &mut self,
        slot: &mut Option<S>,
        parent: u32,
        room: bool,
        heap: impl Fn(&S) -> usize,
    ) -> Place {
        let Some(state) = slot.as_ref() else { return Place::Full };
        let (states, hasher) = (&self.states, &self.hasher);
        let entry = self.numbers.entry(
            hasher.hash_one(state),
            |&number| states[number as usize] == *state,
            |&number| hasher.hash_one(&states[number as usize]),
        );
        match entry {
            Entry::Occupied(known) => Place::Known(*known.get()),
            Entry::Vacant(_) if !room => Place::Full,
            Entry::Vacant(place) => {
                let number = self.parents.len() as u32;
                place.insert(number);
                self.heap += heap(state) as u64;
                self.parents.push(parent);
                self.states.extend(slot.take());
                Place::New(number)
            }
        }
    }
}
