//! A parted model without any sense: which actions there are and what they do is noise made from a seed and
//! the parts that a group may read. Whatever an engine gets wrong about parts shows here.

use std::panic::panic_any;

use brokerproof::system::{Facts, Group, Modality, Model, Parted, Property, View};
use proptest::prelude::*;

/// What panics, and when: the group, and one in how many times.
#[derive(Clone, Copy, Debug)]
pub struct Fall {
    pub group: usize,
    pub one_in: u64,
    pub in_step: bool,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Noise {
    pub seed: u64,
    /// How many values a part has.
    pub values: u64,
    pub blocks: Vec<Vec<usize>>,
    pub groups: Vec<Group>,
    pub initial: Vec<Vec<u64>>,
    pub budget: Option<u32>,
    pub fall: Option<Fall>,
    /// A group that reads a slot that it does not name.
    pub peeks: Option<(usize, usize)>,
    /// A group that writes a slot that it does not name.
    pub pokes: Option<(usize, usize)>,
    /// Whether groups leave slots out of account, by what these hold.
    pub ignoring: bool,
}

/// An action: its group and number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Act {
    pub group: usize,
    pub number: u64,
}

const ACTIONS: u64 = 3;

fn mix(word: u64, more: u64) -> u64 {
    let word = (word ^ more).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Noise {
    /// Noise from what a group may see.
    fn noise(&self, group: usize, purpose: u64, state: &[u64]) -> u64 {
        let touches = self.groups[group].touches();
        let peeks = self.peeks.filter(|(peeker, _)| *peeker == group).map(|(_, slot)| slot);
        let looks = |slot: &usize| !self.is_ignored(group, *slot, state);
        let seen = touches.into_iter().filter(looks).chain(peeks).map(|slot| state[slot]);
        seen.fold(mix(self.seed, mix(group as u64, purpose)), mix)
    }

    fn is_refused(&self, group: usize, slot: usize, state: &[u64]) -> bool {
        let noise = mix(mix(self.seed, 9), mix(group as u64, slot as u64));
        mix(noise, state[slot]).is_multiple_of(4)
    }

    /// Whether a group neither looks at a slot nor changes it, by the part that the slot holds.
    fn is_ignored(&self, group: usize, slot: usize, state: &[u64]) -> bool {
        let noise = mix(mix(self.seed, 19), mix(group as u64, slot as u64));
        let ignored = mix(noise, state[slot]) % 5 < 2;
        self.ignoring
            && ignored
            && self.groups[group].guard.is_empty()
            && !self.is_refused(group, slot, state)
    }

    fn falls(&self, group: usize, state: &[u64], in_step: bool) -> bool {
        let Some(fall) = self.fall else { return false };
        let due = fall.group == group && fall.in_step == in_step;
        due && self.noise(group, 77, state).is_multiple_of(fall.one_in)
    }
}

impl Model for Noise {
    type State = Vec<u64>;
    type Action = Act;
    type Effect = ();

    fn initial(&self) -> Vec<Vec<u64>> {
        self.initial.clone()
    }

    fn enabled(&self, state: &Vec<u64>, actions: &mut Vec<Act>) {
        (0..self.groups.len()).for_each(|group| self.enabled_in(group, state, actions));
    }

    fn step(&self, state: &mut Vec<u64>, act: &Act, _: &mut Vec<()>) {
        if self.falls(act.group, state, true) {
            panic_any(format!("group {} fell", act.group));
        }
        let group = &self.groups[act.group];
        let old = state.clone();
        for (place, &slot) in group.writes.iter().enumerate() {
            let noise = self.noise(act.group, 1000 + act.number * 64 + place as u64, &old);
            if !noise.is_multiple_of(3) && !self.is_ignored(act.group, slot, &old) {
                state[slot] = (noise >> 8) % self.values;
            }
        }
        if let Some((_, slot)) = self.pokes.filter(|(poker, _)| *poker == act.group) {
            state[slot] = (state[slot] + 1) % self.values;
        }
    }

    fn faults(&self, act: &Act) -> u32 {
        self.groups[act.group].cost
    }

    fn budget(&self) -> Option<u32> {
        self.budget
    }
}

impl Parted for Noise {
    type Part = u64;

    fn slots(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        self.blocks.clone()
    }

    fn groups(&self) -> Vec<Group> {
        self.groups.clone()
    }

    fn part(&self, state: &Vec<u64>, slot: usize) -> u64 {
        state[slot]
    }

    fn put(&self, state: &mut Vec<u64>, slot: usize, part: &u64) {
        state[slot] = *part;
    }

    fn enabled_in(&self, group: usize, state: &Vec<u64>, actions: &mut Vec<Act>) {
        if !self.groups[group].guard.is_empty() && !self.may_enable(group, state) {
            return;
        }
        if self.groups[group].touches().into_iter().any(|slot| self.refuses(group, slot, state)) {
            return;
        }
        if self.falls(group, state, false) {
            panic_any(format!("asking group {group} fell"));
        }
        let possible =
            |number: &u64| self.noise(group, *number, state).is_multiple_of(2 + number % 3);
        let numbers = (0..ACTIONS).filter(possible);
        actions.extend(numbers.map(|number| Act { group, number }));
    }

    fn refuses(&self, group: usize, slot: usize, state: &Vec<u64>) -> bool {
        self.is_refused(group, slot, state)
    }

    fn ignores(&self, group: usize, slot: usize, state: &Vec<u64>) -> bool {
        self.is_ignored(group, slot, state)
    }

    fn calm(&self) -> Vec<usize> {
        (0..self.slots()).filter(|slot| self.seed >> slot & 1 == 1).collect()
    }

    fn may_enable(&self, group: usize, state: &Vec<u64>) -> bool {
        let guard = self.groups[group].guard.iter().map(|slot| state[*slot]);
        guard.fold(mix(self.seed, 5), mix).is_multiple_of(3)
    }
}

/// Properties of all kinds, whole and in parts, each true in about one of `rare` cases.
pub fn questions(model: &Noise, rare: u64) -> Vec<Property<Vec<u64>>> {
    let (slots, seed) = (model.slots(), model.seed);
    let mut properties = Vec::new();
    for (at, modality) in
        [Modality::Always, Modality::AtRest, Modality::Reachable].into_iter().enumerate()
    {
        let salt = mix(seed, 100 + at as u64);
        let wanted = modality != Modality::Reachable;
        let whole = move |state: &Vec<u64>| {
            let noise = state.iter().fold(salt, |word, part| mix(word, *part));
            noise.is_multiple_of(rare) != wanted
        };
        properties.push(Property::new(format!("whole {at}"), modality, whole));
        let pieces = (0..slots).step_by(2).map(|slot| {
            let reads = vec![slot, (slot + 1) % slots];
            let seen = reads.clone();
            let holds = move |state: &Vec<u64>| {
                let noise = seen.iter().fold(salt, |word, slot| mix(word, state[*slot]));
                noise.is_multiple_of(rare) != wanted
            };
            (reads, holds)
        });
        let pieces: Vec<_> = pieces.collect();
        properties.push(Property::of_pieces(format!("pieces {at}"), modality, pieces));
        let view = |slot: usize| View {
            reads: vec![slot],
            facts: Box::new(move |state: &Vec<u64>| 1 << (mix(salt, state[slot]) % 60)),
        };
        let holds = move |facts: u64| mix(salt, facts).is_multiple_of(rare) != wanted;
        let views = (0..slots).map(view).collect();
        let facts = Facts { bits: 60, views, holds: Box::new(holds) };
        properties.push(Property::of_facts(format!("facts {at}"), modality, facts));
    }
    properties
}

/// Any noise: few parts with few values, so that a search ends.
pub fn noises() -> impl Strategy<Value = Noise> {
    (2..7_usize, 2..5_u64, any::<u64>()).prop_flat_map(|(slots, values, seed)| {
        let group = (
            prop::collection::btree_set(0..slots, 1..=3),
            prop::collection::btree_set(0..slots, 1..=2),
            prop_oneof![4 => Just(0_u32), 2 => Just(1), 1 => Just(2)],
            prop::option::weighted(0.15, 0..slots),
        );
        let group = group.prop_map(|(reads, writes, cost, guard)| {
            let (reads, writes): (Vec<_>, Vec<_>) =
                (reads.into_iter().collect(), writes.into_iter().collect());
            let guard: Vec<usize> = guard.into_iter().collect();
            let reads: Vec<usize> = reads.iter().chain(&guard).copied().collect();
            Group::new("noise", reads, writes).costing(cost).guarded_by(guard)
        });
        let groups = prop::collection::vec(group, 1..6);
        let blocks = prop::collection::vec(0..4_usize, slots);
        let initial = prop::collection::vec(prop::collection::vec(0..values, slots), 1..3);
        let budget = prop::option::weighted(0.5, 0..3_u32);
        let all = (groups, blocks, initial, budget, any::<bool>());
        all.prop_map(move |(groups, block_of, initial, budget, ignoring)| {
            let in_block = |block| (0..slots).filter(|slot| block_of[*slot] == block).collect();
            let blocks: Vec<Vec<usize>> = (0..4).map(in_block).collect();
            let blocks = blocks.into_iter().filter(|block| !block.is_empty()).collect();
            let groups = groups.into_iter().enumerate().map(|(index, mut group)| {
                group.name = format!("noise {index}");
                group
            });
            Noise {
                seed,
                values,
                blocks,
                groups: groups.collect(),
                initial,
                budget,
                fall: None,
                peeks: None,
                pokes: None,
                ignoring,
            }
        })
    })
}
