//! States that differ by nothing but exchanges of what is interchangeable: of each such orbit one state is kept,
//! the one with the least word.
//!
//! An exchange leads from runs to runs, so a run up to exchanges is one: behind each step whatever is
//! interchangeable may change places, and what is still possible is the same, with the same faults and steps to go.
//! Hence every orbit is found at the least cost of its states. In an orbit all are at rest or none is. Of a kept
//! state the orders are left out that may be left out in it; in another state of its orbit those are the same ones,
//! exchanged. So what `check::interned::closed` says of states at rest is true up to exchanges. What is asked of a
//! state is asked of each state of its orbit, since no property need be the same for all of them.

use super::engine::{Block, Interned};
use super::key::{Key, Layout};
use super::local::Locals;
use crate::check::panics::quietly;
use crate::system::{Parted, exchange};

/// How many ways to exchange are looked at, at most: all orders of five clients.
const MOST: usize = 120;

const UNKNOWN: u32 = u32::MAX;

/// One way to exchange: some exchanges, one after the other.
struct Way {
    /// The exchanges, by their numbers in the model.
    turns: Vec<usize>,
    /// But for the last of them it is the way with this number; none for a single exchange.
    before: Option<usize>,
    /// The single exchange that is the last of them.
    last: usize,
    /// By slot: where its part goes.
    slots: Vec<usize>,
    /// By block: where it goes.
    blocks: Vec<usize>,
    /// By block and its number: the number in the block where it goes.
    images: Vec<Vec<u32>>,
}

/// All ways to exchange, but for the one that changes nothing.
pub(super) struct Orbits {
    ways: Vec<Way>,
}

impl Orbits {
    /// None at all.
    pub(super) fn none() -> Self {
        Orbits { ways: Vec::new() }
    }

    /// The exchanges that are used, by their numbers.
    fn exchanges(&self) -> Vec<usize> {
        let alone = self.ways.iter().filter(|way| way.turns.len() == 1);
        alone.flat_map(|way| way.turns.iter().copied()).collect()
    }

    /// The ways of a model that leave its initial states as they are; of very many those of some exchanges only.
    pub(super) fn new<M: Parted>(model: &M, initial: &[M::State]) -> Self {
        let (exchanges, mut used) = (model.exchanges(), Vec::new());
        let mut orbits = Orbits::none();
        for number in exchange::usable(model, initial) {
            let slots = exchanges[number].slots.clone();
            let blocks = exchange::blocks(model, &exchanges[number]).unwrap_or_default();
            // What moves nothing, or the slots as another one does, is nothing new.
            let is_known = used.iter().any(|(_, others, _)| *others == slots);
            if is_known || slots.iter().enumerate().all(|(at, slot)| at == *slot) {
                continue;
            }
            used.push((number, slots, blocks));
            match Orbits::of(&used) {
                Some(more) => orbits = more,
                None => drop(used.pop()),
            }
        }
        orbits
    }

    /// The ways that some exchanges make, each with its slots and blocks, unless there are too many.
    fn of(exchanges: &[(usize, Vec<usize>, Vec<usize>)]) -> Option<Self> {
        let mut ways: Vec<Way> = Vec::new();
        let mut from = None;
        loop {
            for (last, (number, slots, blocks)) in exchanges.iter().enumerate() {
                let before = from.map(|before: usize| &ways[before]);
                let behind = |first: Option<&Vec<usize>>, then: &[usize]| match first {
                    Some(first) => first.iter().map(|at| then[*at]).collect(),
                    None => then.to_vec(),
                };
                let moved: Vec<usize> = behind(before.map(|way| &way.slots), slots);
                let stays = moved.iter().enumerate().all(|(at, slot)| at == *slot);
                if stays || ways.iter().any(|way| way.slots == moved) {
                    continue;
                }
                let blocks = behind(before.map(|way| &way.blocks), blocks);
                let mut turns = before.map_or_else(Vec::new, |way| way.turns.clone());
                turns.push(*number);
                let images = vec![Vec::new(); blocks.len()];
                ways.push(Way { turns, before: from, last, slots: moved, blocks, images });
                if ways.len() >= MOST {
                    return None;
                }
            }
            let next = from.map_or(0, |from| from + 1);
            if next >= ways.len() {
                return Some(Orbits { ways });
            }
            from = Some(next);
        }
    }

    /// Whether nothing is exchanged.
    pub(super) fn is_empty(&self) -> bool {
        self.ways.is_empty()
    }

    /// The exchanges of a way, one after the other; of the way 0 none.
    pub(super) fn turns(&self, way: usize) -> &[usize] {
        way.checked_sub(1).map_or(&[], |way| &self.ways[way].turns)
    }

    /// The states of an orbit, each with a way that leads to it, the state itself first.
    pub(super) fn images<K: Key>(&self, layout: &Layout, key: K, images: &mut Vec<(K, usize)>) {
        images.clear();
        images.push((key, 0));
        for (at, way) in self.ways.iter().enumerate() {
            let image = way.image(layout, key);
            if images.iter().all(|(other, _)| *other != image) {
                images.push((image, at + 1));
            }
        }
    }

    /// The state of an orbit that is kept. Since each number of a block is given once and for all, and words are
    /// compared block by block, this is the same in every layout.
    #[inline]
    pub(super) fn least<K: Key>(&self, layout: &Layout, key: K) -> K {
        self.ways.iter().fold(key, |least, way| least.min(way.image(layout, key)))
    }

    /// The bytes in use, as counted.
    pub(super) fn bytes(&self) -> u64 {
        let images = self.ways.iter().flat_map(|way| &way.images);
        images.map(|numbers| numbers.capacity() as u64 * 4).sum()
    }

    /// The single exchanges, by the numbers of their ways.
    fn single(&self) -> Vec<usize> {
        let ways = self.ways.iter().enumerate();
        ways.filter(|(_, way)| way.before.is_none()).map(|(at, _)| at).collect()
    }

    /// Notes the image of a block's number.
    fn note(&mut self, way: usize, block: usize, number: u32, image: u32) {
        let Way { images, blocks, .. } = &mut self.ways[way];
        let (at, to) = (number as usize, blocks[block]);
        if images[block].len() <= at {
            images[block].resize(at + 1, UNKNOWN);
        }
        images[block][at] = image;
        let back = images[to].get(image as usize).copied().unwrap_or(UNKNOWN);
        let is_single = self.ways[way].before.is_none();
        assert!(!is_single || back == UNKNOWN || back == number, "an exchange is its own way back");
    }

    /// Joins the images by single exchanges to those by longer ways.
    fn join(&mut self, block: usize, number: u32) {
        let single = self.single();
        for at in 0..self.ways.len() {
            let Way { before: Some(before), last, .. } = self.ways[at] else { continue };
            let (before, last) = (&self.ways[before], &self.ways[single[last]]);
            let image = last.images[before.blocks[block]][before.number(block, number) as usize];
            self.note(at, block, number, image);
        }
    }
}

impl Way {
    #[inline]
    fn number(&self, block: usize, number: u32) -> u32 {
        self.images[block][number as usize]
    }

    #[inline]
    fn image<K: Key>(&self, layout: &Layout, key: K) -> K {
        self.blocks.iter().enumerate().fold(K::default(), |word, (block, to)| {
            word | layout.put(*to, self.number(block, layout.get(key, block)))
        })
    }
}

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Numbers all that exchanges make of a block with a new number, at once: so which state of an orbit is kept does
    /// not depend on what is asked for first, and with that not on the number of threads. Whether all numbers fit.
    pub(super) fn number_images(&mut self, block: usize, number: u32) -> bool {
        let (mut open, mut fits, mut next) = (vec![(block, number)], true, 0);
        let single = self.orbits.single();
        while let Some(&(block, number)) = open.get(next) {
            next += 1;
            for &way in &single {
                let Way { slots, blocks, turns, .. } = &self.orbits.ways[way];
                let to = blocks[block];
                let row = image(&self.blocks, &mut self.locals, (turns[0], slots), (block, number));
                let parts: Vec<u32> = self.blocks[to].slots.iter().map(|slot| row[*slot]).collect();
                let (image, is_new) = self.blocks[to].rows.number(&parts);
                self.orbits.note(way, block, number, image);
                if is_new {
                    self.judges[0].learn(to, self.search.properties, &mut self.locals, &row);
                    fits &= self.core.layout.fits(to, image);
                    open.push((to, image));
                }
            }
        }
        open.into_iter().for_each(|(block, number)| self.orbits.join(block, number));
        fits
    }

    /// Puts words in place of others of their orbits, those that are kept.
    pub(super) fn settle(&self, words: &mut [K]) {
        if !self.orbits.is_empty() {
            let layout = &self.core.layout;
            words.iter_mut().for_each(|word| *word = self.orbits.least(layout, *word));
        }
    }

    /// Tries now and then whether what the model claims of its exchanges is true: with that it would be decided what
    /// is not looked at.
    pub(super) fn check_exchanges(&self, number: u32) {
        let due = number.is_power_of_two() || cfg!(debug_assertions) && number.is_multiple_of(64);
        if self.orbits.is_empty() || !due {
            return;
        }
        let state = self.state(number);
        let used = self.orbits.exchanges();
        // A panic of the model shows where the action is performed.
        if let Ok(Err(claim)) = quietly(|| exchange::check(self.search.model, &used, &state)) {
            panic!("the model's parts are not as they must be: {claim}");
        }
    }
}

/// The parts of the block that an exchange makes of another, in a row of which the rest does not matter.
fn image<M: Parted>(
    blocks: &[Block],
    locals: &mut Locals<'_, M>,
    (exchange, slots): (usize, &[usize]),
    (block, number): (usize, u32),
) -> Vec<u32> {
    let Block { slots: from, rows } = &blocks[block];
    let mut row = vec![0; slots.len()];
    for (slot, part) in from.iter().zip(rows.get(number)) {
        let to = slots[*slot];
        row[to] = locals.renamed(exchange, [*slot, to], *part);
    }
    row
}
