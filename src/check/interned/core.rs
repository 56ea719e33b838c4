//! What is remembered of successors: all that several threads look at together.

use std::collections::BTreeSet;

use super::closed::{Closable, Component};
use super::key::{Key, Layout};
use super::memo::{Entry, Memo};
use crate::system::Group;

/// Groups that touch no blocks but these.
pub(super) struct Unit<K> {
    pub(super) blocks: Vec<usize>,
    pub(super) groups: Vec<usize>,
    pub(super) mask: K,
    memo: Memo<K>,
}

/// A guarded group: seldom enabled, it touches too much to be remembered.
pub(super) struct Wide<K> {
    pub(super) group: usize,
    guard: Vec<usize>,
    mask: K,
    /// Whether the group may have actions, by the blocks of its guard: as an entry that has an action.
    known: Memo<K>,
}

/// The groups of one cost.
pub(super) struct Pass<K> {
    pub(super) cost: u32,
    pub(super) units: Vec<Unit<K>>,
    pub(super) wide: Vec<Wide<K>>,
    /// For each component that may be closed, the groups that are its own.
    own: Vec<Unit<K>>,
}

/// One of the units of a pass.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Which {
    /// One of all groups.
    Unit(usize),
    /// One of those of a component's own groups.
    Own(usize),
}

/// What is remembered.
pub(super) struct Core<K> {
    pub(super) layout: Layout,
    /// How often the layout has changed.
    pub(super) layouts: u32,
    pub(super) passes: Vec<Pass<K>>,
    /// What is expanded alone while it is closed; nothing if nothing is left out.
    pub(super) closable: Vec<Closable<K>>,
    /// The remembered successors, of each unit nothing but its blocks.
    successors: Vec<K>,
    /// The outcome that each of them comes from.
    outcomes: Vec<u32>,
}

/// What a unit does in one combination of its blocks.
pub(super) struct Local<K> {
    /// Its blocks afterwards, and the outcome that this comes from.
    pub(super) successors: Vec<(K, u32)>,
    /// How many actions change nothing.
    pub(super) loops: usize,
    /// Whether an action or the asking for actions panicked.
    pub(super) fell: bool,
}

/// How far a state's successors are gathered.
#[derive(Clone, Copy, Default)]
pub(super) struct Gathered {
    /// The next unit, or behind those the next guarded group.
    pub(super) at: usize,
    /// The actions so far, those that change nothing included.
    pub(super) actions: u64,
    /// Whether the state has an action that changes it, or one that fell.
    pub(super) moves: bool,
}

impl Gathered {
    /// Counts actions that lead somewhere else, and actions that change nothing.
    #[inline]
    pub(super) fn count(&mut self, successors: usize, loops: u64) {
        self.moves |= successors > 0;
        self.actions += successors as u64 + loops;
    }
}

/// Why gathering had to stop.
#[derive(Clone, Copy)]
pub(super) enum Stop {
    /// A unit of a pass has not met this combination.
    Unknown(usize, Which),
    /// It is not known whether a component is closed.
    UnknownClosed(usize),
    /// The model fell in this unit, whose other successors are gathered.
    Fell,
    /// The guard has not met this combination.
    UnknownGuard(usize),
    /// The guarded group may have actions.
    Wide(usize),
}

impl<K: Key> Core<K> {
    /// Nothing yet.
    pub(super) fn new(
        groups: &[Group],
        block_of: &[usize],
        layout: Layout,
        components: Vec<Component>,
    ) -> Self {
        let mut core = Core {
            passes: passes(groups, block_of, &components),
            closable: components.into_iter().map(Closable::new).collect(),
            successors: Vec::new(),
            outcomes: Vec::new(),
            layout: layout.clone(),
            layouts: 0,
        };
        core.set_layout(layout);
        core
    }

    /// The bytes of what is remembered.
    pub(super) fn memory(&self) -> u64 {
        let memories = self.passes.iter().map(|pass| {
            let units = pass.units.iter().chain(&pass.own);
            let units: u64 = units.map(|unit| unit.memo.bytes()).sum();
            units + pass.wide.iter().map(|wide| wide.known.bytes()).sum::<u64>()
        });
        let closed: u64 = self.closable.iter().map(Closable::bytes).sum();
        closed + memories.sum::<u64>() + (self.successors.len() * (size_of::<K>() + 4)) as u64
    }

    /// How many combinations are remembered.
    pub(super) fn combinations(&self) -> u64 {
        let units = self.passes.iter().flat_map(|pass| &pass.units);
        units.map(|unit| unit.memo.len() as u64).sum()
    }

    /// Gathers a state's successors by the actions of a pass; `last` says that no fault may strike any more.
    #[inline]
    pub(super) fn gather(
        &self,
        (pass, last): (usize, bool),
        key: K,
        gathered: &mut Gathered,
        words: &mut Vec<K>,
    ) -> Option<Stop> {
        let number = pass;
        let pass = &self.passes[pass];
        if !self.closable.is_empty() && gathered.at == 0 {
            match self.gather_closed((number, last), key, gathered, words) {
                Ok(false) => {}
                Ok(true) => return None,
                Err(stop) => return Some(stop),
            }
        }
        for unit in &pass.units[gathered.at.min(pass.units.len())..] {
            let Some(entry) = unit.memo.get(key & unit.mask) else {
                return Some(Stop::Unknown(number, Which::Unit(gathered.at)));
            };
            let successors = &self.successors[entry.successors()];
            let others = key & !unit.mask;
            words.extend(successors.iter().map(|word| others | *word));
            gathered.count(successors.len(), entry.loops());
            if entry.fell() {
                return Some(Stop::Fell);
            }
            gathered.at += 1;
        }
        for (index, wide) in pass.wide.iter().enumerate().skip(gathered.at - pass.units.len()) {
            let Some(entry) = wide.known.get(key & wide.mask) else {
                return Some(Stop::UnknownGuard(index));
            };
            if entry.has_action() {
                return Some(Stop::Wide(index));
            }
            gathered.at += 1;
        }
        None
    }

    /// Gathers the successors of the first closed component that has one without cost, if there is one: an
    /// action in it lies on every way to rest, and may as well come first.
    fn gather_closed(
        &self,
        (pass, last): (usize, bool),
        key: K,
        gathered: &mut Gathered,
        words: &mut Vec<K>,
    ) -> Result<bool, Stop> {
        for (index, closable) in self.closable.iter().enumerate() {
            if !closable.is_closed(key, last).ok_or(Stop::UnknownClosed(index))? {
                continue;
            }
            let combination = key & closable.mask;
            let own = |pass: usize| {
                let unknown = Stop::Unknown(pass, Which::Own(index));
                self.passes[pass].own[index].memo.get(combination).ok_or(unknown)
            };
            // Whatever the pass, the choice must be the same: what one component leaves out another one does, too.
            let due = if last { &self.passes[..1] } else { &self.passes[..] };
            let mut fell = false;
            for pass in 0..due.len() {
                fell |= own(pass)?.fell();
            }
            if fell || own(FREE)?.successors().is_empty() {
                continue;
            }
            let entry = own(pass)?;
            let successors = &self.successors[entry.successors()];
            let others = key & !closable.mask;
            words.extend(successors.iter().map(|word| others | *word));
            gathered.count(successors.len(), entry.loops());
            return Ok(true);
        }
        Ok(false)
    }

    /// One of the units of a pass.
    pub(super) fn unit(&self, pass: usize, which: Which) -> &Unit<K> {
        match which {
            Which::Unit(unit) => &self.passes[pass].units[unit],
            Which::Own(unit) => &self.passes[pass].own[unit],
        }
    }

    /// Remembers the successors of a unit in a state.
    pub(super) fn remember(&mut self, (pass, which): (usize, Which), key: K, local: Local<K>) {
        let Local { successors, loops, fell } = local;
        let begin = self.successors.len();
        for (word, outcome) in successors {
            self.successors.push(word);
            self.outcomes.push(outcome);
        }
        let unit = match which {
            Which::Unit(unit) => &mut self.passes[pass].units[unit],
            Which::Own(unit) => &mut self.passes[pass].own[unit],
        };
        unit.memo.insert(key & unit.mask, begin..self.successors.len(), loops, fell);
    }

    /// Where the remembered actions of a pass lead from a state, each with its outcome.
    pub(super) fn led_to(&self, pass: usize, key: K, led: &mut Vec<(K, u32)>) {
        for unit in self.passes[pass].units.iter().chain(&self.passes[pass].own) {
            let Some(entry) = unit.memo.get(key & unit.mask) else { continue };
            let others = key & !unit.mask;
            let words = self.successors[entry.successors()].iter().map(|word| others | *word);
            led.extend(words.zip(self.outcomes[entry.successors()].iter().copied()));
        }
    }

    /// Calls back with all that is remembered of actions without cost: some blocks, a combination of them, and
    /// where it leads.
    pub(super) fn each_free(&self, mut back: impl FnMut(&[usize], K, &[K])) {
        for unit in self.passes[FREE].units.iter().chain(&self.passes[FREE].own) {
            for entry in unit.memo.entries() {
                let successors = &self.successors[entry.successors()];
                back(&unit.blocks, entry.combination(), successors);
            }
        }
    }

    /// The blocks of the guards of those guarded groups that may have had actions without cost.
    pub(super) fn acting_guards(&self) -> BTreeSet<usize> {
        let acts = |wide: &&Wide<K>| wide.known.entries().any(Entry::has_action);
        let acting = self.passes[FREE].wide.iter().filter(acts);
        acting.flat_map(|wide| wide.guard.iter().copied()).collect()
    }

    /// Remembers whether a guarded group may have actions in a state.
    pub(super) fn remember_guard(&mut self, [pass, wide]: [usize; 2], key: K, may: bool) {
        let wide = &mut self.passes[pass].wide[wide];
        wide.known.insert(key & wide.mask, 0..0, usize::from(may), false);
    }

    /// Moves everything to another layout.
    pub(super) fn set_layout(&mut self, layout: Layout) {
        let moves = self.layout.moves(&layout);
        self.layout = layout;
        self.layouts += 1;
        for word in &mut self.successors {
            *word = moves.apply(*word);
        }
        for pass in &mut self.passes {
            for unit in pass.units.iter_mut().chain(&mut pass.own) {
                unit.mask = mask(&unit.blocks, &self.layout);
                unit.memo.convert(|word| moves.apply(word));
            }
            for wide in &mut pass.wide {
                wide.mask = mask(&wide.guard, &self.layout);
                wide.known.convert(|word| moves.apply(word));
            }
        }
        for closable in &mut self.closable {
            closable.set_layout(&self.layout, |word| moves.apply(word));
        }
    }
}

fn mask<K: Key>(blocks: &[usize], layout: &Layout) -> K {
    blocks.iter().fold(K::default(), |mask, block| mask | layout.mask(*block))
}

/// The pass of the actions without cost: there always is one, and it is the first.
pub(super) const FREE: usize = 0;

/// The blocks of some slots.
fn blocks_of(slots: &[usize], block_of: &[usize]) -> BTreeSet<usize> {
    slots.iter().map(|slot| block_of[*slot]).collect()
}

/// Sorts groups by cost, and into units: a group joins the first unit that touches all its blocks.
fn passes<K: Key>(groups: &[Group], block_of: &[usize], components: &[Component]) -> Vec<Pass<K>> {
    let costs: BTreeSet<u32> = groups.iter().map(|group| group.cost).chain([FREE as u32]).collect();
    costs.into_iter().map(|cost| pass(groups, block_of, components, cost)).collect()
}

fn pass<K: Key>(
    groups: &[Group],
    block_of: &[usize],
    components: &[Component],
    cost: u32,
) -> Pass<K> {
    let blocks_of = |slots: &[usize]| blocks_of(slots, block_of);
    let mut narrow: Vec<(usize, BTreeSet<usize>)> = Vec::new();
    let mut wide: Vec<Wide<K>> = Vec::new();
    for (index, group) in groups.iter().enumerate().filter(|(_, group)| group.cost == cost) {
        if group.guard.is_empty() {
            narrow.push((index, blocks_of(&group.touches())));
        } else {
            let guard = blocks_of(&group.guard).into_iter().collect();
            wide.push(Wide { group: index, guard, mask: K::default(), known: Memo::new() });
        }
    }
    let mut units: Vec<Unit<K>> = Vec::new();
    for (at, (_, set)) in narrow.iter().enumerate() {
        let is_new = narrow[..at].iter().all(|(_, other)| other != set);
        let is_inside = narrow.iter().any(|(_, other)| set != other && set.is_subset(other));
        if is_new && !is_inside {
            let (blocks, mask) = (set.iter().copied().collect(), K::default());
            units.push(Unit { blocks, groups: Vec::new(), mask, memo: Memo::new() });
        }
    }
    let own = |component: &Component| {
        let groups = component.own.iter().copied().filter(|group| groups[*group].cost == cost);
        let (blocks, mask) = (component.blocks.clone(), K::default());
        Unit { blocks, groups: groups.collect(), mask, memo: Memo::new() }
    };
    let own = components.iter().map(own).collect();
    for (group, set) in narrow {
        let home = units.iter_mut().find(|unit| set.iter().all(|b| unit.blocks.contains(b)));
        if let Some(unit) = home {
            unit.groups.push(group);
        }
    }
    Pass { cost, units, wide, own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_join_the_unit_that_touches_all_their_blocks() {
        // Slots 0 and 1 are shared; 2 and 3 belong to one client each.
        let block_of = [0, 0, 1, 2];
        let groups = [
            Group::new("shared", [0], [1]),
            Group::new("first", [2], [2]),
            Group::new("first and shared", [0, 2], [2]),
            Group::new("second and shared", [3], [1]),
            Group::new("second falls", [3], [3]).costing(1),
            Group::new("all", [0, 1, 2, 3], [0, 1, 2, 3]).guarded_by([0]),
        ];
        let passes: Vec<Pass<u64>> = passes(&groups, &block_of, &[]);
        let units = |pass: usize| -> Vec<(Vec<usize>, Vec<usize>)> {
            passes[pass].units.iter().map(|u| (u.blocks.clone(), u.groups.clone())).collect()
        };
        assert_eq!(passes.iter().map(|pass| pass.cost).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(units(0), [(vec![0, 1], vec![0, 1, 2]), (vec![0, 2], vec![3])]);
        assert_eq!(units(1), [(vec![2], vec![4])]);
        assert_eq!((passes[0].wide[0].group, passes[0].wide[0].guard.clone()), (5, vec![0]));
    }
}
