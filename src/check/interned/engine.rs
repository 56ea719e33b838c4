//! The engine: numbers blocks, works out what is not remembered, keeps what is found.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::closed::{Component, Question, components};
use super::core::{Core, Local, Which};
use super::expand::Pending;
use super::facts::Judge;
use super::fresh::Fresh;
use super::key::{Key, Layout};
use super::local::{Done, Locals};
use super::orbit::Orbits;
use super::parallel::Crew;
use super::recent::Recent;
use super::rows::Rows;
use super::table::Table;
use super::trail::Trail;
use crate::check::findings::{Fell, Findings};
use crate::check::order::{Engine, Task};
use crate::check::panics::quietly;
use crate::check::search::Search;
use crate::check::verdict::{Cost, Effort};
use crate::check::visited::NO_PARENT;
use crate::system::{Group, Parted};

/// Bits of a key that cost next to nothing, even in a small table.
const CHEAP: u32 = 40;

/// Slots whose parts are numbered together.
pub(super) struct Block {
    pub(super) slots: Vec<usize>,
    pub(super) rows: Rows,
}

/// The engine.
pub(super) struct Interned<'s, 'a, M: Parted, K, O> {
    pub(super) search: &'s Search<'a, M, O>,
    pub(super) locals: Locals<'a, M>,
    pub(super) blocks: Vec<Block>,
    /// What is interchangeable; nothing if states that differ by exchanges are kept apart.
    pub(super) orbits: Orbits,
    /// What costs something: the costs of all passes but the free one.
    costs: BTreeSet<u32>,
    /// Shared with other threads while they look for successors, and with nobody else at other times.
    pub(super) core: Arc<Core<K>>,
    pub(super) crew: Option<Crew<K>>,
    /// What is to be remembered as soon as no other thread looks.
    pub(super) fresh: Fresh<K>,
    pub(super) trail: Trail<K>,
    /// All states, to be found among.
    pub(super) table: Table,
    /// Of all states, and of those at rest.
    pub(super) judges: [Judge; 2],
    pub(super) findings: Findings<M::Action, O>,
    pub(super) judged: u32,
    /// Found states at rest that are still to be judged.
    pub(super) resting: Vec<u32>,
    /// States whose free actions were performed.
    pub(super) expanded: Vec<Range<u32>>,
    pub(super) pending: Pending<K>,
    /// What this thread has met lately, but for states that other threads left to it.
    pub(super) recent: Recent<K>,
    /// The model's groups.
    groups: Vec<Group>,
    /// The most faults that a run may have.
    most: Option<u32>,
    /// The first state from which no fault may strike any more.
    last_from: u32,
    /// Whether states do not fit into keys, so that the search ends without any sense.
    pub(super) too_wide: bool,
}

impl<'s, 'a, M: Parted, K: Key, O: Ord> Interned<'s, 'a, M, K, O> {
    /// An engine that has found the initial states.
    pub(super) fn new(search: &'s Search<'a, M, O>, first: M::State, rest: &[M::State]) -> Self {
        let model = search.model;
        let initial = [std::slice::from_ref(&first), rest].concat();
        let slots = model.blocks();
        let mut block_of = vec![0; model.slots()];
        for (block, slots) in slots.iter().enumerate() {
            slots.iter().for_each(|slot| block_of[*slot] = block);
        }
        let block = |slots: Vec<usize>| Block { rows: Rows::new(slots.len()), slots };
        let blocks: Vec<Block> = slots.into_iter().map(block).collect();
        let width = (CHEAP / blocks.len().max(1) as u32).min(8);
        let layout = Layout::new(vec![width; blocks.len()]);
        let crew = (search.threads > 1).then(|| Crew::new(search.threads));
        let groups = model.groups();
        let components =
            if search.fewer_orders { components(model, &groups, &block_of) } else { Vec::new() };
        let orbits = match search.up_to_exchanges {
            true => Orbits::new(model, &initial),
            false => Orbits::none(),
        };
        let core = Core::new(&groups, &block_of, layout.clone(), components);
        let costs = core.passes.iter().map(|pass| pass.cost).filter(|cost| *cost > 0).collect();
        let trail = Trail::new(layout.clone());
        let mut engine = Interned {
            search,
            locals: Locals::new(model, &first),
            costs,
            core: Arc::new(core),
            crew,
            fresh: Fresh::new(),
            table: Table::of(&trail, layout.bits()),
            trail,
            judges: [false, true].map(|rest| Judge::new(search.properties, &blocks, rest)),
            blocks,
            orbits,
            findings: Findings::new(search.properties.len(), search.stop_when_settled),
            judged: 0,
            resting: Vec::new(),
            expanded: Vec::new(),
            pending: Pending::default(),
            recent: Recent::new(),
            groups,
            most: model.budget().into_iter().chain(search.limits.faults).min(),
            last_from: u32::MAX,
            too_wide: false,
        };
        for state in &initial {
            let row = engine.locals.row(state);
            let all: Vec<usize> = (0..engine.blocks.len()).collect();
            let key = engine.word(&all, &row);
            engine.pending.push(NO_PARENT, key);
            engine.flush();
        }
        engine
    }

    /// What is remembered, once no other thread looks at it.
    pub(super) fn core(&mut self) -> &mut Core<K> {
        if let Some(crew) = &mut self.crew {
            crew.gather_in();
        }
        let core = Arc::get_mut(&mut self.core).expect("other threads have let go of it");
        self.fresh.join(core);
        core
    }

    pub(super) fn state(&self, number: u32) -> M::State {
        self.locals.whole(&self.row(self.trail.key(number)))
    }

    /// The parts of a state.
    pub(super) fn row(&self, key: K) -> Vec<u32> {
        row(&self.blocks, &self.core.layout, key)
    }

    /// What the search took.
    pub(super) fn effort(&self) -> Effort {
        Effort {
            state_bytes: self.state_bytes(),
            memo_bytes: self.memo_bytes(),
            key_bits: self.core.layout.bits(),
            local_calls: self.locals.calls(),
            combinations: self.core.combinations(),
            blocks: self.blocks.iter().map(|block| u64::from(block.rows.len())).collect(),
        }
    }

    fn state_bytes(&self) -> u64 {
        let bits = self.core.layout.bits();
        self.trail.bytes() + Table::bytes_for(self.trail.len() as usize, bits)
    }

    fn memo_bytes(&self) -> u64 {
        let rows: u64 = self.blocks.iter().map(|block| block.rows.bytes()).sum();
        self.core.memory()
            + rows
            + self.locals.bytes()
            + self.orbits.bytes()
            + self.judges.iter().map(Judge::bytes).sum::<u64>()
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
                self.judges[0].learn(block, self.search.properties, &mut self.locals, row);
                fits &= self.core.layout.fits(block, number);
                fits &= self.orbits.is_empty() || self.number_images(block, number);
            }
            numbers.push(number);
        }
        if !fits {
            self.widen();
        }
        numbers
    }

    /// The same where the numbers are known for other parts: blocks with the same parts keep theirs.
    fn number_changed(
        &mut self,
        blocks: &[usize],
        row: &[u32],
        (before, numbers): (&[u32], &[u32]),
    ) -> Vec<u32> {
        let mut numbers = numbers.to_vec();
        for (block, number) in blocks.iter().zip(&mut numbers) {
            if self.blocks[*block].slots.iter().any(|slot| row[*slot] != before[*slot]) {
                *number = self.number(&[*block], row)[0];
            }
        }
        numbers
    }

    /// Some blocks of the state with these parts, as they stand in its key.
    pub(super) fn word(&mut self, blocks: &[usize], row: &[u32]) -> K {
        let numbers = self.number(blocks, row);
        self.pack(blocks, &numbers)
    }

    pub(super) fn pack(&self, blocks: &[usize], numbers: &[u32]) -> K {
        let places = blocks.iter().zip(numbers);
        places.fold(K::default(), |word, (block, n)| word | self.core.layout.put(*block, *n))
    }

    /// Gives each block the bits that its numbers need, and as many to spare as cost little, since to
    /// change the layout costs a little for each state.
    fn widen(&mut self) {
        let need = |block: &Block| u32::BITS - block.rows.len().saturating_sub(1).leading_zeros();
        let needs: Vec<u32> = self.blocks.iter().map(need).collect();
        let (total, count) = (needs.iter().sum::<u32>(), needs.len() as u32);
        let spare = CHEAP.saturating_sub(total).max(count).min(K::BITS.saturating_sub(total));
        let widths = (0..)
            .zip(needs)
            .map(|(block, need)| need + spare / count + u32::from(block < spare % count));
        let layout = Layout::new(widths.collect());
        if layout.bits() > K::BITS {
            // Nothing that is found from here on makes sense: the search begins anew, with wider keys.
            self.too_wide = true;
            self.findings.halted = true;
            return;
        }
        self.set_layout(layout);
    }

    fn set_layout(&mut self, layout: Layout) {
        let from = self.core.layout.clone();
        self.core().set_layout(layout.clone());
        self.trail.set_layout(layout.clone());
        self.pending.set_layout(&from, &layout);
        if let Some(crew) = &mut self.crew {
            crew.set_layout(&from, &layout);
        }
        self.table = Table::of(&self.trail, self.core.layout.bits());
    }

    /// Works out the successors of a unit in a state and remembers them.
    pub(super) fn resolve(&mut self, pass: usize, which: Which, state: u32) {
        let row = self.row(self.trail.key(state));
        let known = self.core.unit(pass, which);
        let (blocks, groups) = (known.blocks.clone(), known.groups.clone());
        let here = blocks.iter().map(|block| self.core.layout.get(self.trail.key(state), *block));
        let here: Vec<u32> = here.collect();
        let (mut successors, mut loops, mut fell) = (Vec::new(), 0, false);
        for group in groups {
            for outcome in self.locals.perform(group, &row) {
                match self.locals.outcome(outcome).done {
                    Done::Same => loops += 1,
                    Done::Fell(_) => fell = true,
                    Done::Changed(at) => {
                        let next = self.changed(group, at, &row);
                        let numbers = self.number_changed(&blocks, &next, (&row, &here));
                        successors.push((numbers, outcome));
                    }
                }
            }
        }
        if self.too_wide {
            return;
        }
        // The layout may have changed with any successor, so words are made at the end.
        let packed = successors.iter().map(|(numbers, at)| (self.pack(&blocks, numbers), *at));
        let local = Local { successors: packed.collect(), loops, fell };
        let (unit, key) = ((pass, which), self.trail.key(state));
        if self.crew.as_ref().is_some_and(Crew::is_busy) {
            let combination = key & self.core.unit(pass, which).mask;
            self.fresh.note(unit, combination, local);
        } else {
            self.core().remember(unit, key, local);
        }
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
        let group = self.core.passes[pass].wide[wide].group;
        let may = self.locals.may_enable(group, &row);
        self.core().remember_guard([pass, wide], key, may);
    }

    /// Works out whether a component is closed in a state, and remembers it.
    pub(super) fn resolve_closed(&mut self, index: usize, state: u32, last: bool) {
        let row = self.row(self.trail.key(state));
        let component = self.core.closable[index].component.clone();
        let closed = self.is_closed(&component, &row, last);
        let key = self.trail.key(state);
        self.core().closable[index].remember(key, last, closed);
    }

    fn is_closed(&mut self, component: &Component, row: &[u32], last: bool) -> bool {
        let (model, groups) = (self.search.model, &self.groups);
        let question = Question { model, groups, component, last };
        let blocks = component.blocks.iter();
        let slots: Vec<usize> =
            blocks.flat_map(|block| self.blocks[*block].slots.iter().copied()).collect();
        let state = self.locals.state_with(&slots, row);
        let ignoring = quietly(|| question.closed_but(state)).ok().flatten();
        let Some(ignoring) = ignoring.filter(|_| !self.too_wide) else { return false };
        if ignoring.is_empty() {
            return true;
        }
        // Whoever ignores the component must do so also behind each action that may come first.
        for &group in &component.own {
            if self.groups[group].cost > 0 && last {
                continue;
            }
            for outcome in self.locals.perform(group, row) {
                let Done::Changed(at) = self.locals.outcome(outcome).done else { continue };
                let next = self.changed(group, at, row);
                let question = Question { model, groups: &self.groups, component, last };
                let state = self.locals.state_with(&slots, &next);
                let ignored = |group: &usize| question.is_ignored(*group, state);
                if quietly(|| ignoring.iter().all(ignored)) != Ok(true) {
                    return false;
                }
            }
        }
        true
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

    /// Whether no fault may strike any more from a state on.
    #[inline]
    pub(super) fn is_last(&self, state: u32) -> bool {
        state >= self.last_from
    }

    /// The passes of one cost.
    pub(super) fn passes(&self, cost: u32) -> Vec<usize> {
        let passes = 0..self.core.passes.len();
        passes.filter(|pass| self.core.passes[*pass].cost == cost).collect()
    }
}

impl<M: Parted, K: Key, O: Ord> Engine for Interned<'_, '_, M, K, O> {
    type Action = M::Action;
    type Outcome = O;

    fn found(&self) -> u32 {
        self.trail.len()
    }

    fn bytes(&self) -> u64 {
        self.state_bytes() + self.memo_bytes()
    }

    fn findings(&mut self) -> &mut Findings<M::Action, O> {
        &mut self.findings
    }

    fn expand(&mut self, task: &Task, costs: &mut BTreeSet<u32>) {
        // States are found in the order of their faults.
        if self.most.is_some_and(|most| task.from.faults >= most) && !task.states.is_empty() {
            self.last_from = self.last_from.min(task.states.start);
        }
        if task.price == 0 && !task.states.is_empty() {
            costs.extend(&self.costs);
            match self.expanded.last_mut() {
                Some(last) if last.end == task.states.start => last.end = task.states.end,
                _ => self.expanded.push(task.states.clone()),
            }
        }
        for pass in self.passes(task.price) {
            self.sweep(pass, task);
        }
        self.sort_found(task);
        self.judge_found(task);
    }

    fn has_action(&mut self, mut states: Range<u32>, price: u32) -> bool {
        let passes = self.passes(price);
        states.any(|state| passes.iter().any(|pass| self.acts(*pass, state)))
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
