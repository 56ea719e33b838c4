//! Judging packed states: facts about blocks are worked out once for each block, and joined.

use super::engine::Block;
use super::key::{Key, Layout};
use super::local::Locals;
use super::rows::Rows;
use crate::check::panics::quietly;
use crate::system::{Facts, Parted, Property};

/// Where a property's facts stand among all facts; one bit more tells that a view panicked.
struct Place {
    word: usize,
    shift: u32,
    bits: u32,
}

/// A view of a property.
#[derive(Clone, Copy)]
struct Seen {
    property: usize,
    view: usize,
}

/// Some slots of one block that views read, as the block's numbers differ in them.
struct Side {
    block: usize,
    /// Where the slots stand in the block's rows.
    places: Vec<usize>,
    rows: Rows,
    /// By number of the block.
    of: Vec<u32>,
}

const UNKNOWN: u32 = u32::MAX;

/// Views that read the same slots, of several blocks.
struct Joint {
    views: Vec<Seen>,
    slots: Vec<usize>,
    sides: Vec<Side>,
    /// The combinations of what the blocks hold in these slots.
    known: Rows,
    /// The facts of each.
    facts: Vec<u64>,
    combination: Vec<u32>,
}

/// The facts of all properties that are asked of states at rest, or of all others.
pub(super) struct Judge {
    /// Whether it is about states at rest, which are few: then nothing is worked out before it is asked.
    at_rest: bool,
    places: Vec<Option<Place>>,
    words: usize,
    /// By block: the views that read it alone, and the facts of each of its numbers.
    single: Vec<(Vec<Seen>, Vec<u64>)>,
    joint: Vec<Joint>,
    /// The facts of the state that was judged last.
    now: Vec<u64>,
    last: Vec<u64>,
    has_last: bool,
    /// Facts of one word that were judged before, by hash.
    met: Vec<Option<u64>>,
}

impl Judge {
    pub(super) fn new<S>(properties: &[Property<S>], blocks: &[Block], at_rest: bool) -> Self {
        let mut judge = Judge {
            at_rest,
            places: Vec::new(),
            words: 0,
            single: blocks.iter().map(|_| (Vec::new(), Vec::new())).collect(),
            joint: Vec::new(),
            now: Vec::new(),
            last: Vec::new(),
            has_last: false,
            met: vec![None; 256],
        };
        let mut used = 64;
        for (property, asked) in properties.iter().enumerate() {
            let facts = asked.facts.as_ref().filter(|_| asked.only_at_rest == at_rest);
            let Some(facts) = facts else {
                judge.places.push(None);
                continue;
            };
            assert!(facts.bits < 64, "property {} has {} bits of facts", asked.name, facts.bits);
            if used + facts.bits >= 64 {
                (judge.words, used) = (judge.words + 1, 0);
            }
            let word = judge.words - 1;
            judge.places.push(Some(Place { word, shift: used, bits: facts.bits }));
            used += facts.bits + 1;
            judge.sort_views(property, facts, blocks);
        }
        judge.now = vec![0; judge.words];
        judge.last = vec![0; judge.words];
        judge
    }

    fn sort_views<S>(&mut self, property: usize, facts: &Facts<S>, blocks: &[Block]) {
        for (view, each) in facts.views.iter().enumerate() {
            let (seen, mut slots) = (Seen { property, view }, each.reads.clone());
            slots.sort_unstable();
            slots.dedup();
            let sides: Vec<Side> = blocks
                .iter()
                .enumerate()
                .filter_map(|(block, each)| Side::new(block, each, &slots))
                .collect();
            if let ([side], false) = (&sides[..], self.at_rest) {
                self.single[side.block].0.push(seen);
            } else if let Some(joint) = self.joint.iter_mut().find(|j| j.slots == slots) {
                joint.views.push(seen);
            } else {
                let (known, combination) = (Rows::new(sides.len()), Vec::new());
                let (views, facts) = (vec![seen], Vec::new());
                self.joint.push(Joint { views, slots, sides, known, facts, combination });
            }
        }
    }

    /// The bytes in use, as counted.
    pub(super) fn bytes(&self) -> u64 {
        let single: usize = self.single.iter().map(|(_, facts)| facts.capacity() * 8).sum();
        let joint = self.joint.iter().map(|joint| {
            let sides = joint.sides.iter().map(|s| s.rows.bytes() + s.of.capacity() as u64 * 4);
            joint.known.bytes() + joint.facts.capacity() as u64 * 8 + sides.sum::<u64>()
        });
        single as u64 + joint.sum::<u64>()
    }

    /// Works out the facts of a new number of a block, given a row with its parts.
    pub(super) fn learn<M: Parted>(
        &mut self,
        block: usize,
        properties: &[Property<M::State>],
        locals: &mut Locals<'_, M>,
        row: &[u32],
    ) {
        if self.at_rest {
            return;
        }
        let (views, known) = &mut self.single[block];
        let begin = known.len();
        known.resize(begin + self.words, 0);
        work_out(views, &self.places, properties, locals, row, &mut known[begin..]);
    }

    /// Joins the facts of a state. If it says no, the same facts were joined before.
    #[inline]
    pub(super) fn join<M: Parted, K: Key>(
        &mut self,
        key: K,
        layout: &Layout,
        properties: &[Property<M::State>],
        locals: &mut Locals<'_, M>,
        blocks: &[Block],
    ) -> bool {
        let words = self.words;
        if words == 1 && self.joint.is_empty() {
            return self.join_one(key, layout);
        }
        self.now.fill(0);
        if !self.at_rest {
            for (block, (_, facts)) in self.single.iter().enumerate() {
                let at = layout.get(key, block) as usize * words;
                let told = self.now.iter_mut().zip(&facts[at..at + words]);
                told.for_each(|(now, facts)| *now |= facts);
            }
        }
        for joint in &mut self.joint {
            joint.combination.clear();
            for side in &mut joint.sides {
                joint.combination.push(side.number(layout.get(key, side.block), blocks));
            }
            let (number, is_new) = joint.known.number(&joint.combination);
            let begin = number as usize * words;
            if is_new {
                joint.facts.resize(begin + words, 0);
                let row = super::engine::row(blocks, layout, key);
                let facts = &mut joint.facts[begin..];
                work_out(&joint.views, &self.places, properties, locals, &row, facts);
            }
            for (now, fact) in self.now.iter_mut().zip(&joint.facts[begin..begin + words]) {
                *now |= fact;
            }
        }
        if self.has_last && self.now == self.last {
            return false;
        }
        self.last.copy_from_slice(&self.now);
        self.has_last = true;
        true
    }

    /// The same for facts of one word about single blocks.
    #[inline]
    fn join_one<K: Key>(&mut self, key: K, layout: &Layout) -> bool {
        let mut now = 0;
        for (block, (_, facts)) in self.single.iter().enumerate() {
            now |= facts[layout.get(key, block) as usize];
        }
        self.now[0] = now;
        let met = &mut self.met[(now.hash() >> 56) as usize];
        let differs = *met != Some(now);
        *met = Some(now);
        differs
    }

    /// What the joined facts say of a property: `None` if it has no facts, or if telling them panicked.
    pub(super) fn holds<S>(&self, property: usize, asked: &Property<S>) -> Option<bool> {
        let place = self.places[property].as_ref()?;
        let facts = self.now[place.word] >> place.shift;
        if facts >> place.bits & 1 == 1 {
            return None;
        }
        let facts = facts & u64::ones(place.bits);
        asked.facts.as_ref().and_then(|all| quietly(|| (all.holds)(facts)).ok())
    }
}

impl Side {
    /// What these slots are in a block, if any of them is there.
    fn new(block: usize, each: &Block, slots: &[usize]) -> Option<Side> {
        let places = each.slots.iter().enumerate();
        let places: Vec<usize> =
            places.filter(|(_, slot)| slots.contains(slot)).map(|(place, _)| place).collect();
        let rows = Rows::new(places.len());
        (!places.is_empty()).then(|| Side { block, places, rows, of: Vec::new() })
    }

    /// The number of what a block holds in these slots.
    #[inline]
    fn number(&mut self, number: u32, blocks: &[Block]) -> u32 {
        let at = number as usize;
        if self.of.get(at).is_none_or(|known| *known == UNKNOWN) {
            let parts = blocks[self.block].rows.get(number);
            let local: Vec<u32> = self.places.iter().map(|place| parts[*place]).collect();
            if self.of.len() <= at {
                self.of.resize(at + 1, UNKNOWN);
            }
            self.of[at] = self.rows.number(&local).0;
        }
        self.of[at]
    }
}

/// Adds the facts of some views.
fn work_out<M: Parted>(
    views: &[Seen],
    places: &[Option<Place>],
    properties: &[Property<M::State>],
    locals: &mut Locals<'_, M>,
    row: &[u32],
    words: &mut [u64],
) {
    for seen in views {
        let (Some(place), Some(facts)) = (&places[seen.property], &properties[seen.property].facts)
        else {
            continue;
        };
        let view = &facts.views[seen.view];
        let state = locals.state_with(&view.reads, row);
        match quietly(|| (view.facts)(state)) {
            Ok(told) => words[place.word] |= (told & u64::ones(place.bits)) << place.shift,
            Err(_) => words[place.word] |= 1 << (place.shift + place.bits),
        }
    }
}
