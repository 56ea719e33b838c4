//! Blocks, units, and what is remembered of them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::facts::Judge;
use super::key::{Key, Layout};
use super::local::{Done, Locals};
use super::memo::Memo;
use super::rows::Rows;
use super::table::Table;
use super::trail::Trail;
use crate::check::findings::{Fell, Findings};
use crate::check::order::{Engine, Task};
use crate::check::search::Search;
use crate::check::verdict::Cost;
use crate::check::visited::NO_PARENT;
use crate::system::{Group, Parted};

/// Slots whose parts are numbered together.
pub(super) struct Block {
    pub(super) slots: Vec<usize>,
    pub(super) rows: Rows,
}

/// Groups that touch no blocks but these.
pub(super) struct Unit<K> {
    pub(super) blocks: Vec<usize>,
    pub(super) groups: Vec<usize>,
    pub(super) mask: K,
    pub(super) memo: Memo<K>,
}

/// A guarded group: seldom enabled, it touches too much to be remembered.
pub(super) struct Wide<K> {
    pub(super) group: usize,
    guard: Vec<usize>,
    pub(super) mask: K,
    /// Whether the group may have actions, by the blocks of its guard: as an entry that has an action.
    pub(super) known: Memo<K>,
}

/// The groups of one cost.
pub(super) struct Pass<K> {
    pub(super) cost: u32,
    pub(super) units: Vec<Unit<K>>,
    pub(super) wide: Vec<Wide<K>>,
}

/// The engine.
pub(super) struct Interned<'s, 'a, M: Parted, K, O> {
    pub(super) search: &'s Search<'a, M, O>,
    pub(super) locals: Locals<'a, M>,
    pub(super) layout: Layout,
    pub(super) blocks: Vec<Block>,
    pub(super) passes: Vec<Pass<K>>,
    /// What costs something: the costs of all passes but the free one.
    costs: BTreeSet<u32>,
    /// The remembered successors, of each unit nothing but its blocks.
    pub(super) successors: Vec<K>,
    pub(super) trail: Trail<K>,
    pub(super) table: Table,
    pub(super) judge: Judge<K>,
    pub(super) findings: Findings<M::Action, O>,
    pub(super) judged: u32,
    /// Found states at rest that are still to be judged.
    pub(super) resting: Vec<u32>,
    pub(super) pending: super::expand::Pending<K>,
    pub(super) too_wide: bool,
}

impl<'s, 'a, M: Parted, K: Key, O: Ord> Interned<'s, 'a, M, K, O> {
    /// An engine that has found the initial states.
    pub(super) fn new(search: &'s Search<'a, M, O>, first: M::State, rest: &[M::State]) -> Self {
        let model = search.model;
        let findings = Findings::new(search.properties.len(), search.stop_when_settled);
        let slots = model.blocks();
        let mut block_of = vec![0; model.slots()];
        for (block, slots) in slots.iter().enumerate() {
            slots.iter().for_each(|slot| block_of[*slot] = block);
        }
        let blocks: Vec<Block> =
            slots.into_iter().map(|slots| Block { rows: Rows::new(slots.len()), slots }).collect();
        let layout = Layout::new(vec![1; blocks.len()]);
        let passes = passes(&model.groups(), &block_of);
        let mut engine = Interned {
            search,
            locals: Locals::new(model, &first),
            costs: passes.iter().map(|pass| pass.cost).filter(|cost| *cost > 0).collect(),
            passes,
            successors: Vec::new(),
            trail: Trail::new(layout.clone()),
            table: Table::new(layout.bits(), 0),
            judge: Judge::new(search.properties, &block_of, blocks.len()),
            layout: layout.clone(),
            blocks,
            findings,
            judged: 0,
            resting: Vec::new(),
            pending: Default::default(),
            too_wide: false,
        };
        engine.relay(layout);
        for state in [first].iter().chain(rest) {
            let row = engine.locals.row(state);
            let key = engine.pack(&row);
            engine.pending.push_source(NO_PARENT, &[key]);
            engine.flush();
        }
        engine
    }

    /// Whether states do not fit into keys, so that the search ended without any sense.
    pub(super) fn overflows(&self) -> bool {
        self.too_wide
    }

    pub(super) fn take_findings(&mut self) -> Findings<M::Action, O> {
        std::mem::replace(&mut self.findings, Findings::new(0, false))
    }

    pub(super) fn parent(&self, number: u32) -> Option<u32> {
        self.trail.parent(number)
    }

    pub(super) fn state(&self, number: u32) -> M::State {
        self.locals.whole(&row(&self.blocks, &self.layout, self.trail.key(number)))
    }

    /// The key of the state with these parts, whose blocks may be new.
    fn pack(&mut self, row: &[u32]) -> K {
        let blocks: Vec<usize> = (0..self.blocks.len()).collect();
        let numbers = self.number(&blocks, row);
        let numbers = blocks.into_iter().zip(numbers);
        numbers.fold(K::default(), |key, (block, number)| key | self.layout.put(block, number))
    }

    /// The numbers of some blocks of the state with these parts. Makes room for new ones.
    pub(super) fn number(&mut self, blocks: &[usize], row: &[u32]) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(blocks.len());
        let mut fits = true;
        for &block in blocks {
            let Block { slots, rows } = &mut self.blocks[block];
            let parts: Vec<u32> = slots.iter().map(|slot| row[*slot]).collect();
            let (number, is_new) = rows.number(&parts);
            if is_new {
                self.judge.learn(block, self.search.properties, &mut self.locals, row);
                fits &= self.layout.fits(block, number);
            }
            numbers.push(number);
        }
        if !fits {
            self.widen();
        }
        numbers
    }

    /// Gives each block the bits that its numbers need.
    fn widen(&mut self) {
        let need = |(block, each): (usize, &Block)| {
            let most = each.rows.len().saturating_sub(1);
            (u32::BITS - most.leading_zeros()).max(self.layout.width(block))
        };
        let layout = Layout::new(self.blocks.iter().enumerate().map(need).collect());
        if layout.bits() > K::BITS {
            // Nothing that is found from here on makes sense: the search begins anew, with wider keys.
            self.too_wide = true;
            self.findings.halted = true;
            return;
        }
        self.flush();
        self.relay(layout);
    }

    fn relay(&mut self, layout: Layout) {
        let from = std::mem::replace(&mut self.layout, layout);
        let to = &self.layout;
        for word in &mut self.successors {
            *word = from.convert(*word, to);
        }
        for pass in &mut self.passes {
            for unit in &mut pass.units {
                unit.mask = mask(&unit.blocks, to);
                unit.memo.convert(|word| from.convert(word, to));
            }
            for wide in &mut pass.wide {
                wide.mask = mask(&wide.guard, to);
                wide.known.convert(|word| from.convert(word, to));
            }
        }
        self.judge.relay(&from, to);
        self.trail.relay(to.clone());
        self.table = Table::new(to.bits(), self.trail.len() as usize);
        let mut words = Vec::new();
        for number in 0..self.trail.len() {
            words.push(self.trail.key(number));
            if words.len() == 64 || number + 1 == self.trail.len() {
                self.table.add(&words, &mut Vec::new());
                words.clear();
            }
        }
    }

    /// The parts of a state.
    pub(super) fn row(&self, key: K) -> Vec<u32> {
        row(&self.blocks, &self.layout, key)
    }

    /// Works out the successors of a unit in a state and remembers them.
    pub(super) fn resolve(&mut self, pass: usize, unit: usize, state: u32) {
        let row = self.row(self.trail.key(state));
        let blocks = self.passes[pass].units[unit].blocks.clone();
        let groups = self.passes[pass].units[unit].groups.clone();
        let (mut numbers, mut loops, mut fell) = (Vec::new(), 0, false);
        for group in groups {
            for outcome in self.locals.perform(group, &row) {
                match self.locals.outcome(outcome).done {
                    Done::Same => loops += 1,
                    Done::Fell(_) => fell = true,
                    Done::Changed(at) => {
                        let next = self.changed(group, at, &row);
                        let next = self.number(&blocks, &next);
                        // A part may change without its block's number changing only if it is the same.
                        numbers.push(next);
                    }
                }
            }
        }
        if self.too_wide {
            return;
        }
        let begin = self.successors.len();
        for numbers in numbers {
            let blocks = blocks.iter().zip(numbers);
            let word = blocks.fold(K::default(), |k, (b, n)| k | self.layout.put(*b, n));
            self.successors.push(word);
        }
        let end = self.successors.len();
        let combination = self.trail.key(state) & self.passes[pass].units[unit].mask;
        self.passes[pass].units[unit].memo.insert(combination, begin..end, loops, fell);
    }

    /// A row after an outcome.
    pub(super) fn changed(&self, group: usize, at: u32, row: &[u32]) -> Vec<u32> {
        let mut next = row.to_vec();
        let written = self.locals.written(group, at);
        for (slot, part) in self.locals.writes(group).iter().zip(written) {
            next[*slot] = *part;
        }
        next
    }

    /// Works out whether a guarded group may have actions in a state, and remembers it.
    pub(super) fn resolve_guard(&mut self, pass: usize, wide: usize, state: u32) {
        let key = self.trail.key(state);
        let row = self.row(key);
        let wide = &mut self.passes[pass].wide[wide];
        let may = self.locals.may_enable(wide.group, &row);
        wide.known.insert(key & wide.mask, 0..0, usize::from(may), false);
    }

    /// Notes the panics of a group in a state.
    pub(super) fn note_falls(&mut self, group: usize, state: u32, from: Cost, to: Cost) {
        let row = self.row(self.trail.key(state));
        for at in self.locals.perform(group, &row) {
            let outcome = self.locals.outcome(at);
            if let Done::Fell(message) = &outcome.done {
                let cost = if outcome.action.is_some() { to } else { from };
                let (message, action) = (message.clone(), outcome.action.clone());
                self.findings.fall(Fell { message, state: Some(state), action, cost });
            }
        }
    }
}

impl<M: Parted, K: Key, O: Ord> Engine for Interned<'_, '_, M, K, O> {
    type Action = M::Action;
    type Outcome = O;

    fn found(&self) -> u32 {
        self.trail.len()
    }

    fn bytes(&self) -> u64 {
        let memos = self.passes.iter().map(|pass| {
            let units: u64 = pass.units.iter().map(|unit| unit.memo.bytes()).sum();
            units + pass.wide.iter().map(|wide| wide.known.bytes()).sum::<u64>()
        });
        let rows: u64 = self.blocks.iter().map(|block| block.rows.bytes()).sum();
        let successors = self.successors.capacity() * size_of::<K>();
        let memory = memos.sum::<u64>() + rows + self.locals.bytes() + self.judge.bytes();
        self.trail.bytes() + self.table.bytes() + memory + successors as u64
    }

    fn findings(&mut self) -> &mut Findings<M::Action, O> {
        &mut self.findings
    }

    fn expand(&mut self, task: &Task, costs: &mut BTreeSet<u32>) {
        if task.price == 0 && !task.states.is_empty() {
            costs.extend(&self.costs);
        }
        for pass in 0..self.passes.len() {
            if self.passes[pass].cost == task.price {
                self.sweep(pass, task);
            }
        }
        self.judge_found(task);
    }

    fn has_action(&mut self, states: Range<u32>, price: u32) -> bool {
        let passes: Vec<usize> =
            (0..self.passes.len()).filter(|pass| self.passes[*pass].cost == price).collect();
        states.into_iter().any(|state| passes.iter().any(|pass| self.acts(*pass, state)))
    }
}

/// The parts of a state.
pub(super) fn row<K: Key>(blocks: &[Block], layout: &Layout, key: K) -> Vec<u32> {
    let slots = blocks.iter().map(|block| block.slots.len()).sum();
    let mut row = vec![0; slots];
    for (index, block) in blocks.iter().enumerate() {
        let parts = block.rows.get(layout.get(key, index));
        block.slots.iter().zip(parts).for_each(|(slot, part)| row[*slot] = *part);
    }
    row
}

fn mask<K: Key>(blocks: &[usize], layout: &Layout) -> K {
    blocks.iter().fold(K::default(), |mask, block| mask | layout.mask(*block))
}

/// Sorts groups by cost, and into units: a group joins the first unit that touches all its blocks.
fn passes<K: Key>(groups: &[Group], block_of: &[usize]) -> Vec<Pass<K>> {
    let blocks_of = |slots: &[usize]| {
        let blocks: BTreeSet<usize> = slots.iter().map(|slot| block_of[*slot]).collect();
        blocks
    };
    let costs: BTreeSet<u32> = groups.iter().map(|group| group.cost).chain([0]).collect();
    let pass = |cost: u32| {
        let (mut sets, mut wide): (Vec<BTreeSet<usize>>, Vec<Wide<K>>) = (Vec::new(), Vec::new());
        let own = groups.iter().enumerate().filter(|(_, group)| group.cost == cost);
        let mut narrow = Vec::new();
        for (index, group) in own {
            if group.guard.is_empty() {
                let set = blocks_of(&group.touches());
                sets.push(set.clone());
                narrow.push((index, set));
            } else {
                let guard = blocks_of(&group.guard).into_iter().collect();
                wide.push(Wide { group: index, guard, mask: K::default(), known: Memo::new() });
            }
        }
        let mut units: Vec<Unit<K>> = Vec::new();
        for (at, set) in sets.iter().enumerate() {
            let inside = |other: &BTreeSet<usize>| set.is_subset(other) && set != other;
            let is_first = !sets[..at].contains(set);
            if is_first && !sets.iter().any(inside) {
                let (blocks, mask) = (set.iter().copied().collect(), K::default());
                units.push(Unit { blocks, groups: Vec::new(), mask, memo: Memo::new() });
            }
        }
        for (group, set) in narrow {
            let home = units.iter_mut().find(|u| set.iter().all(|b| u.blocks.contains(b)));
            if let Some(unit) = home {
                unit.groups.push(group);
            }
        }
        Pass { cost, units, wide }
    };
    costs.into_iter().map(pass).collect()
}
