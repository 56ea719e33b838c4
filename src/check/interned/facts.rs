//! Judging packed states: facts about blocks are worked out once for each block, and joined.

use super::key::{Key, Layout};
use super::local::Locals;
use super::memo::Memo;
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

/// Views that read the same blocks.
struct Joint<K> {
    blocks: Vec<usize>,
    views: Vec<Seen>,
    mask: K,
    /// The facts of each combination; the place of the first word stands where successors would.
    known: Memo<K>,
}

/// The facts of all properties.
pub(super) struct Judge<K> {
    places: Vec<Option<Place>>,
    words: usize,
    /// By block: the views that read it alone, and the facts of each of its numbers.
    single: Vec<(Vec<Seen>, Vec<u64>)>,
    joint: Vec<Joint<K>>,
    joined: Vec<u64>,
    /// The facts of the state that was judged last.
    now: Vec<u64>,
    last: Vec<u64>,
    has_last: bool,
    /// Facts of one word that were judged before, by hash.
    met: Vec<Option<u64>>,
}

impl<K: Key> Judge<K> {
    pub(super) fn new<S>(properties: &[Property<S>], block_of: &[usize], blocks: usize) -> Self {
        let mut judge = Judge {
            places: Vec::new(),
            words: 0,
            single: (0..blocks).map(|_| (Vec::new(), Vec::new())).collect(),
            joint: Vec::new(),
            joined: Vec::new(),
            now: Vec::new(),
            last: Vec::new(),
            has_last: false,
            met: vec![None; 256],
        };
        let mut used = 64;
        for (property, asked) in properties.iter().enumerate() {
            let Some(facts) = &asked.facts else {
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
            judge.sort_views(property, facts, block_of);
        }
        judge.now = vec![0; judge.words];
        judge.last = vec![0; judge.words];
        judge
    }

    fn sort_views<S>(&mut self, property: usize, facts: &Facts<S>, block_of: &[usize]) {
        for (view, each) in facts.views.iter().enumerate() {
            let mut blocks: Vec<usize> = each.reads.iter().map(|slot| block_of[*slot]).collect();
            blocks.sort_unstable();
            blocks.dedup();
            let seen = Seen { property, view };
            if let [block] = blocks[..] {
                self.single[block].0.push(seen);
            } else if let Some(joint) = self.joint.iter_mut().find(|j| j.blocks == blocks) {
                joint.views.push(seen);
            } else {
                let (mask, known) = (K::default(), Memo::new());
                self.joint.push(Joint { blocks, views: vec![seen], mask, known });
            }
        }
    }

    /// The bytes in use, as counted.
    pub(super) fn bytes(&self) -> u64 {
        let single: usize = self.single.iter().map(|(_, facts)| facts.capacity()).sum();
        let joint: u64 = self.joint.iter().map(|joint| joint.known.bytes()).sum();
        ((single + self.joined.capacity()) * 8) as u64 + joint
    }

    /// Follows a change of the layout.
    pub(super) fn set_layout(&mut self, from: &Layout, to: &Layout) {
        let moves = from.moves(to);
        for joint in &mut self.joint {
            let masks = joint.blocks.iter().map(|block| to.mask(*block));
            joint.mask = masks.fold(K::default(), |all, mask: K| all | mask);
            joint.known.convert(|word| moves.apply(word));
        }
    }

    /// Works out the facts of a new number of a block, given a row with its parts.
    pub(super) fn learn<M: Parted>(
        &mut self,
        block: usize,
        properties: &[Property<M::State>],
        locals: &mut Locals<'_, M>,
        row: &[u32],
    ) {
        let (views, known) = &mut self.single[block];
        let begin = known.len();
        known.resize(begin + self.words, 0);
        work_out(views, &self.places, properties, locals, row, &mut known[begin..]);
    }

    /// Joins the facts of a state; `row` makes its parts if they are needed. If it says no, the same facts
    /// were joined before.
    #[inline]
    pub(super) fn join<M: Parted>(
        &mut self,
        key: K,
        layout: &Layout,
        properties: &[Property<M::State>],
        locals: &mut Locals<'_, M>,
        row: impl Fn() -> Vec<u32>,
    ) -> bool {
        let words = self.words;
        if words == 1 && self.joint.is_empty() {
            return self.join_one(key, layout);
        }
        self.now.fill(0);
        for (block, (_, facts)) in self.single.iter().enumerate() {
            let at = layout.get(key, block) as usize * words;
            let told = self.now.iter_mut().zip(&facts[at..at + words]);
            told.for_each(|(now, facts)| *now |= facts);
        }
        for joint in &mut self.joint {
            let combination = key & joint.mask;
            let begin = match joint.known.get(combination) {
                Some(entry) => entry.successors().start,
                None => {
                    let begin = self.joined.len();
                    self.joined.resize(begin + words, 0);
                    let facts = &mut self.joined[begin..];
                    work_out(&joint.views, &self.places, properties, locals, &row(), facts);
                    joint.known.insert(combination, begin..begin, 0, false);
                    begin
                }
            };
            for (now, fact) in self.now.iter_mut().zip(&self.joined[begin..begin + words]) {
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
    fn join_one(&mut self, key: K, layout: &Layout) -> bool {
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
