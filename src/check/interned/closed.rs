//! What may be expanded alone: components that are closed.
//!
//! A component is closed in a state if no action that is possible from there on, and touches anything else, can
//! touch it before an action inside does. Then each action inside may change places with all that happens
//! outside before it, so it may as well come first: every state at rest is still reached, at the same cost.

use std::collections::BTreeSet;

use super::key::{Key, Layout};
use super::memo::Memo;
use crate::system::{Group, Parted};

/// Slots that may be expanded alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Component {
    /// Its slots.
    slots: Vec<usize>,
    /// Their blocks, and those of the calm slots, which its groups may read.
    pub(super) blocks: Vec<usize>,
    /// The groups that change nothing else, and read calm slots at most besides.
    pub(super) own: Vec<usize>,
    /// All others that touch it.
    others: Vec<usize>,
}

/// A component, and when it is closed.
pub(super) struct Closable<K> {
    pub(super) component: Component,
    pub(super) mask: K,
    /// Whether it is closed, as an entry that has an action: while faults may strike, and when they may not.
    known: [Memo<K>; 2],
}

impl<K: Key> Closable<K> {
    pub(super) fn new(component: Component) -> Self {
        Closable { component, mask: K::default(), known: [Memo::new(), Memo::new()] }
    }

    /// Whether it is closed in a state, if that is known; `last` says that no fault may strike any more.
    #[inline]
    pub(super) fn is_closed(&self, key: K, last: bool) -> Option<bool> {
        let known = self.known[usize::from(last)].get(key & self.mask)?;
        Some(known.has_action())
    }

    pub(super) fn remember(&mut self, key: K, last: bool, closed: bool) {
        let known = &mut self.known[usize::from(last)];
        known.insert(key & self.mask, 0..0, usize::from(closed), false);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.known.iter().map(Memo::bytes).sum()
    }

    pub(super) fn set_layout(&mut self, layout: &Layout, moves: impl Fn(K) -> K + Copy) {
        let blocks = self.component.blocks.iter();
        self.mask = blocks.fold(K::default(), |mask, block| mask | layout.mask(*block));
        self.known.iter_mut().for_each(|known| known.convert(moves));
    }
}

/// The components of a model in which something happens without cost and without anything else.
pub(super) fn components<M: Parted>(
    model: &M,
    groups: &[Group],
    block_of: &[usize],
) -> Vec<Component> {
    let calm: BTreeSet<usize> = model.calm().into_iter().collect();
    let component = |slots: Vec<usize>| {
        let is_own = |group: &&usize| {
            let Group { reads, writes, guard, .. } = &groups[**group];
            let may_read = |slot: &usize| slots.contains(slot) || calm.contains(slot);
            // A guarded group is never expanded as a component's own, wherever it is.
            guard.is_empty()
                && writes.iter().all(|slot| slots.contains(slot))
                && reads.iter().all(may_read)
        };
        let touches = |group: &usize| groups[*group].touches().iter().any(|s| slots.contains(s));
        let touching: Vec<usize> = (0..groups.len()).filter(touches).collect();
        let (own, others): (Vec<usize>, Vec<usize>) =
            touching.iter().partition(|group| is_own(group));
        let blocks: BTreeSet<usize> = slots.iter().chain(&calm).map(|s| block_of[*s]).collect();
        Component { slots, blocks: blocks.into_iter().collect(), own, others }
    };
    let has_free = |c: &Component| c.own.iter().any(|group| groups[*group].cost == 0);
    model.components().into_iter().map(component).filter(has_free).collect()
}

/// What is asked about a component in one state.
pub(super) struct Question<'q, M: Parted> {
    pub(super) model: &'q M,
    pub(super) groups: &'q [Group],
    pub(super) component: &'q Component,
    /// Whether no fault may strike any more.
    pub(super) last: bool,
}

impl<M: Parted> Question<'_, M> {
    fn is_possible(&self, group: usize) -> bool {
        self.groups[group].cost == 0 || !self.last
    }

    /// Whether a slot outside keeps its part: everything that could change it is refused by this part itself.
    fn is_frozen(&self, slot: usize, state: &M::State) -> bool {
        let mut writers = (0..self.groups.len())
            .filter(|group| self.is_possible(*group) && self.groups[*group].writes.contains(&slot));
        writers.all(|group| self.model.refuses(group, slot, state))
    }

    /// Whether what lasts until an action inside happens makes a group impossible.
    fn is_refused(&self, group: usize, state: &M::State) -> bool {
        let lasts = |slot: usize| {
            self.component.slots.contains(&slot)
                || self.model.calm().contains(&slot) && self.is_frozen(slot, state)
        };
        let mut slots = self.groups[group].touches().into_iter();
        slots.any(|slot| self.model.refuses(group, slot, state) && lasts(slot))
    }

    /// Whether the component is closed, but for the groups that must ignore it also after each action inside:
    /// these are told.
    pub(super) fn closed_but(&self, state: &M::State) -> Option<Vec<usize>> {
        let inside = self.component.own.iter().filter(|group| self.is_possible(**group));
        for &group in inside {
            let reads = self.groups[group].reads.iter();
            let mut outside = reads.filter(|slot| !self.component.slots.contains(slot));
            let reads_frozen = outside.all(|slot| self.is_frozen(*slot, state));
            if !reads_frozen && !self.is_refused(group, state) {
                return None;
            }
        }
        let others = self.component.others.iter().copied();
        let mut ignoring = Vec::new();
        for group in others.filter(|group| self.is_possible(*group)) {
            if self.is_refused(group, state) {
                continue;
            }
            if !self.is_ignored(group, state) {
                return None;
            }
            ignoring.push(group);
        }
        Some(ignoring)
    }

    /// Whether a group ignores every slot of the component that it touches.
    pub(super) fn is_ignored(&self, group: usize, state: &M::State) -> bool {
        let touched = self.groups[group].touches().into_iter();
        let mut inside = touched.filter(|slot| self.component.slots.contains(slot));
        inside.all(|slot| self.model.ignores(group, slot, state))
    }
}
