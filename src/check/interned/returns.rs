//! Which actions without cost may lie on a cycle: told from what is remembered of them, not from the states.
//!
//! On its way around a cycle each block comes back to what it was. So what a block holds, and what the remembered
//! actions make of that, is a small graph, and an action that changes a block for good, from one of its strongly
//! connected components to another, lies on no cycle. Without it other blocks may change for good, and so on. Mostly
//! nothing is left: then there is no cycle, whatever the number of states. What is left need not lie on a cycle.

use super::core::Core;
use super::key::{Key, Layout};
use crate::check::cycle::{Inner, components};

/// How often what has become impossible is taken away. Whatever is left then may stay: it costs time only.
const ROUNDS: usize = 100;

/// An action's change of a block, as an edge between what blocks hold.
struct Change {
    /// The action's number: its changes stand or fall together.
    action: u32,
    from: u32,
    to: u32,
}

/// What blocks may come back to.
pub(super) struct Returns {
    /// Where each block's numbers begin.
    starts: Vec<u32>,
    /// The component of what a block holds, by its number; 0 if it never comes back to that.
    component: Vec<u32>,
    changes: Vec<Change>,
    actions: u32,
}

impl Returns {
    /// No actions yet between blocks that hold so many different things each.
    pub(super) fn new(counts: impl Iterator<Item = u32>) -> Self {
        let (mut starts, mut next) = (Vec::new(), 0);
        for count in counts {
            starts.push(next);
            next += count;
        }
        let component = vec![0; next as usize];
        Returns { starts, component, changes: Vec::new(), actions: 0 }
    }

    /// Adds what is remembered of actions without cost.
    pub(super) fn add_remembered<K: Key>(&mut self, core: &Core<K>) {
        core.each_free(|blocks, combination, successors| {
            for successor in successors {
                self.add(blocks.iter().copied(), combination, *successor, &core.layout);
            }
        });
    }

    /// Adds an action that leads from one word to another and changes none but some blocks.
    pub(super) fn add<K: Key>(
        &mut self,
        blocks: impl Iterator<Item = usize>,
        from: K,
        to: K,
        layout: &Layout,
    ) {
        for block in blocks {
            let (before, after) = (layout.get(from, block), layout.get(to, block));
            if before != after {
                let start = self.starts[block];
                let (from, to) = (start + before, start + after);
                self.changes.push(Change { action: self.actions, from, to });
            }
        }
        self.actions += 1;
    }

    /// Takes away what lies on no cycle, as long as there is any.
    pub(super) fn settle(&mut self) {
        for _ in 0..ROUNDS {
            self.join();
            let mut lost = vec![false; self.actions as usize];
            for change in &self.changes {
                lost[change.action as usize] |= !self.comes_back(change.from, change.to);
            }
            let before = self.changes.len();
            self.changes.retain(|change| !lost[change.action as usize]);
            if self.changes.len() == before {
                break;
            }
        }
    }

    /// Finds the components that the changes make.
    pub(super) fn join(&mut self) {
        let edges = self.changes.iter().map(|change| (change.from, change.to));
        let mut graph = Inner::of(self.component.len() as u32, edges);
        self.component.fill(0);
        for (number, component) in (1..).zip(components(&mut graph)) {
            component.iter().for_each(|at| self.component[*at as usize] = number);
        }
    }

    #[inline]
    fn comes_back(&self, from: u32, to: u32) -> bool {
        let component = self.component[from as usize];
        component != 0 && component == self.component[to as usize]
    }

    /// Whether no action lies on a cycle.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether an action from one state to another one may lie on a cycle.
    #[inline]
    pub(super) fn may_lead<K: Key>(&self, from: K, to: K, layout: &Layout) -> bool {
        self.starts.iter().enumerate().all(|(block, start)| {
            let (before, after) = (layout.get(from, block), layout.get(to, block));
            before == after || self.comes_back(start + before, start + after)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What two blocks hold.
    type Pair = (u32, u32);

    /// What is left of actions between states of two blocks.
    fn left(actions: &[(Pair, Pair)]) -> Vec<bool> {
        let layout = Layout::new(vec![4, 4]);
        let word = |(one, two): Pair| layout.put::<u64>(0, one) | layout.put::<u64>(1, two);
        let mut returns = Returns::new([16, 16].into_iter());
        for (from, to) in actions {
            returns.add(0..2, word(*from), word(*to), &layout);
        }
        returns.settle();
        let may = |(from, to): &(Pair, Pair)| returns.may_lead(word(*from), word(*to), &layout);
        let left: Vec<bool> = actions.iter().map(may).collect();
        assert_eq!(returns.is_empty(), !left.contains(&true));
        left
    }

    #[test]
    fn what_changes_a_block_for_good_takes_others_away() {
        // The second block comes back only by an action that changes the first one for good.
        assert_eq!(left(&[((0, 0), (0, 1)), ((0, 1), (1, 0)), ((1, 0), (1, 1))]), [false; 3]);
        // Here it comes back by itself.
        let back = [((0, 0), (0, 1)), ((0, 1), (1, 0)), ((1, 1), (1, 0))];
        assert_eq!(left(&back), [true, false, true]);
    }

    #[test]
    fn what_is_left_need_not_lie_on_a_cycle() {
        // The blocks change back from states that do not follow each other.
        assert_eq!(left(&[((0, 0), (0, 1)), ((3, 1), (3, 0))]), [true, true]);
    }
}
