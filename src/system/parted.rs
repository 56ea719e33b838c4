//! Models whose state is a row of parts, so that a step need only be worked out once for each local
//! situation. Knows no engine.

use std::hash::Hash;

use super::{Exchange, Model};

/// Actions that touch the same parts and cost the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Its name, for reports about the model's footprints.
    pub name: String,
    /// What [`Model::faults`] says of each of its actions.
    pub cost: u32,
    /// The slots that decide which of its actions are enabled and what they do.
    pub reads: Vec<usize>,
    /// The slots that its actions may change.
    pub writes: Vec<usize>,
    /// For a group that touches many blocks and is seldom enabled: the slots that
    /// [`Parted::may_enable`] reads. Empty for all others.
    pub guard: Vec<usize>,
}

impl Group {
    /// A group without guard and cost.
    pub fn new(
        name: impl Into<String>,
        reads: impl Into<Vec<usize>>,
        writes: impl Into<Vec<usize>>,
    ) -> Self {
        let (reads, writes) = (reads.into(), writes.into());
        Group { name: name.into(), cost: 0, reads, writes, guard: Vec::new() }
    }

    /// The same group with a cost.
    pub fn costing(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    /// The same group with a guard.
    pub fn guarded_by(mut self, guard: impl Into<Vec<usize>>) -> Self {
        self.guard = guard.into();
        self
    }

    /// The slots that it reads or writes, ascending.
    pub fn touches(&self) -> Vec<usize> {
        let mut slots: Vec<usize> = self.reads.iter().chain(&self.writes).copied().collect();
        slots.sort_unstable();
        slots.dedup();
        slots
    }
}

/// A model whose state is a row of parts in numbered slots.
///
/// What a group's actions do, and which are enabled, depends on nothing but the slots that the group
/// reads or writes, and they change nothing but the slots that it writes. An engine may put such parts
/// into a state whose other slots hold anything, and run [`Model::step`] there. The footprints can be
/// tested with [`crate::system::footprint::check`].
pub trait Parted: Model {
    /// A part, whatever its slot: usually an enum.
    type Part: Clone + Eq + Hash;

    /// How many slots a state has. It never changes.
    fn slots(&self) -> usize;

    /// The slots, each in exactly one block.
    ///
    /// A state is stored as one small number a block, and successors are remembered for each
    /// combination of the blocks that some groups touch. Best is one small block of what is shared, and
    /// one block for each client with everything that is its own, so that each group touches the shared
    /// block and at most one other. Blocks that change little and together make short memories.
    fn blocks(&self) -> Vec<Vec<usize>>;

    /// The groups of actions. It never changes.
    fn groups(&self) -> Vec<Group>;

    /// The part in a slot.
    fn part(&self, state: &Self::State, slot: usize) -> Self::Part;

    /// Whether a slot holds a part: what [`Parted::part`] gives, which may take longer.
    fn holds(&self, state: &Self::State, slot: usize, part: &Self::Part) -> bool {
        self.part(state, slot) == *part
    }

    /// Puts a part into a slot.
    fn put(&self, state: &mut Self::State, slot: usize, part: &Self::Part);

    /// Pushes the actions of a group that are possible, in ascending order. Over all groups this gives
    /// what [`Model::enabled`] gives, each action once.
    fn enabled_in(&self, group: usize, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// Whether actions of a guarded group may be possible, judged by its guard alone. If it says no,
    /// none is.
    fn may_enable(&self, group: usize, state: &Self::State) -> bool {
        let _ = (group, state);
        true
    }

    /// Whether the part in a slot alone makes every action of a group impossible, and will do so until it
    /// changes. The more a model says here, the more a reduced search can leave out.
    fn refuses(&self, group: usize, slot: usize, state: &Self::State) -> bool {
        let _ = (group, slot, state);
        false
    }

    /// Slots that may be expanded alone while they are closed: while no action that touches other slots, too, can
    /// touch them. Whole blocks each, and no slot twice; best is one for each client.
    fn components(&self) -> Vec<Vec<usize>> {
        self.blocks()
    }

    /// Slots that seldom change and that many groups read. Where everything that could change one is refused by
    /// its part, reading it touches nobody.
    fn calm(&self) -> Vec<usize> {
        Vec::new()
    }

    /// Whether a group neither looks at the part in a slot that it touches, nor changes it, as long as the slot
    /// holds this part or another one of which the same is said.
    fn ignores(&self, group: usize, slot: usize, state: &Self::State) -> bool {
        let _ = (group, slot, state);
        false
    }

    /// Whether every run of actions without cost ends, those that change nothing left out: then each state
    /// leads to one at rest, and what stays true once it is true can be seen there.
    fn runs_end(&self) -> bool {
        false
    }

    /// The ways to exchange what is interchangeable. It never changes.
    ///
    /// Of several things that may change places the exchanges of neighbours do: one after the other they give every
    /// order. Each is its own way back, and the parts of a block go to one block. What holds of a state holds of the
    /// exchanged one: the same exchange leads from its successors to the other's, at the same costs. Two ways to
    /// get there that move the slots alike, one exchange after the other, are alike. This can be tested with
    /// [`crate::system::exchange::check`].
    fn exchanges(&self) -> Vec<Exchange> {
        Vec::new()
    }

    /// The part that an exchange makes of the one in a slot, before it takes its place.
    fn renamed(&self, exchange: usize, slot: usize, part: &Self::Part) -> Self::Part {
        let _ = (exchange, slot);
        part.clone()
    }

    /// A state after an exchange.
    fn exchanged(&self, exchange: usize, state: &Self::State) -> Self::State {
        let mut exchanged = state.clone();
        for (slot, to) in self.exchanges()[exchange].slots.iter().enumerate() {
            let part = self.part(state, slot);
            self.put(&mut exchanged, *to, &self.renamed(exchange, slot, &part));
        }
        exchanged
    }

    /// The bytes that a part owns besides its own size: a count, no measurement.
    fn part_bytes(&self, part: &Self::Part) -> usize {
        let _ = part;
        0
    }
}
