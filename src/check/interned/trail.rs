//! All states in the order of finding, packed, each with the state that it was found from.
//!
//! States are found from ascending parents, stretch by stretch, so one bit for each state and one for each
//! parent say who found whom.

use std::ops::Range;

use super::key::{Key, Layout, MARGIN};
use crate::check::visited::NO_PARENT;
use crate::memory::{Lines, prefetch};

/// How many parents a stretch covers at most, so that looking one up is quick.
const STRETCH: u32 = 1 << 14;

/// How many states a chunk of memory holds, as a power of two.
const CHUNK: u32 = 20;

/// A run of parents in ascending order.
struct Stretch {
    /// The first child.
    child: u32,
    /// The first parent.
    parent: u32,
    /// Where its bits begin.
    bit: u64,
}

/// States and parents.
pub(super) struct Trail<K> {
    layout: Layout,
    mask: K,
    stride: usize,
    chunks: Vec<Lines<u8>>,
    count: u32,
    stretches: Vec<Stretch>,
    /// A bit 1 for each child, and a bit 0 for each step to the next parent.
    words: Vec<u64>,
    bits: u64,
    /// The parent whose children are being added.
    current: u32,
}

impl<K: Key> Trail<K> {
    pub(super) fn new(layout: Layout) -> Self {
        let mut trail = Trail {
            layout: layout.clone(),
            mask: K::default(),
            stride: 0,
            chunks: Vec::new(),
            count: 0,
            stretches: Vec::new(),
            words: Vec::new(),
            bits: 0,
            current: NO_PARENT,
        };
        trail.lay(layout);
        trail
    }

    fn lay(&mut self, layout: Layout) {
        self.mask = K::ones(layout.bits());
        self.stride = layout.bits().div_ceil(8) as usize;
        self.chunks.clear();
        self.layout = layout;
    }

    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// The bytes in use, as counted: room to spare depends on when the layout changed, which is another time with
    /// several threads.
    pub(super) fn bytes(&self) -> u64 {
        let stretches = self.stretches.len() * size_of::<Stretch>();
        (self.count as usize * self.stride + self.words.len() * 8 + stretches) as u64
    }

    /// A state.
    #[inline]
    pub(super) fn key(&self, number: u32) -> K {
        let chunk = &self.chunks[(number >> CHUNK) as usize];
        K::read(chunk.all(), place(number) * self.stride, self.mask)
    }

    /// Asks memory for a state.
    #[inline]
    pub(super) fn ask(&self, number: u32) {
        let chunk = &self.chunks[(number >> CHUNK) as usize];
        prefetch(&chunk.all()[place(number) * self.stride]);
    }

    /// Adds a state that was found from `parent`.
    #[inline]
    pub(super) fn push(&mut self, key: K, parent: u32) {
        if parent != self.current || self.stretches.is_empty() {
            self.move_to(parent);
        }
        self.push_bit(1);
        self.put(key, self.count);
        self.count += 1;
    }

    /// Puts a state in place of another one.
    pub(super) fn replace(&mut self, key: K, number: u32) {
        let at = place(number) * self.stride;
        let mut bytes = [0; MARGIN];
        key.write(&mut bytes, 0);
        // A key is written wider than it is, which would spoil the next one.
        let chunk = &mut self.chunks[(number >> CHUNK) as usize];
        chunk.all_mut()[at..at + self.stride].copy_from_slice(&bytes[..self.stride]);
    }

    #[inline]
    fn put(&mut self, key: K, number: u32) {
        let (chunk, at) = ((number >> CHUNK) as usize, place(number) * self.stride);
        if self.chunks.get(chunk).is_none_or(|chunk| at + self.stride + MARGIN > chunk.count()) {
            self.make_room(chunk);
        }
        key.write(self.chunks[chunk].all_mut(), at);
    }

    /// Gives the last chunk more room; the first grows by and by, so that small searches stay small.
    #[cold]
    fn make_room(&mut self, chunk: usize) {
        let whole = (self.stride << CHUNK) + MARGIN;
        match self.chunks.get_mut(chunk) {
            Some(first) => {
                let mut bigger = Lines::lazy((first.count() * 4).min(whole));
                bigger.all_mut()[..first.count()].copy_from_slice(first.all());
                *first = bigger;
            }
            None if chunk == 0 => self.chunks.push(Lines::lazy((self.stride << 10) + MARGIN)),
            None => self.chunks.push(Lines::lazy(whole)),
        }
    }

    fn move_to(&mut self, parent: u32) {
        let goes_on = parent != NO_PARENT
            && self.current != NO_PARENT
            && parent > self.current
            && self.stretches.last().is_some_and(|last| parent - last.parent < STRETCH);
        if goes_on {
            for _ in self.current..parent {
                self.push_bit(0);
            }
        } else {
            self.stretches.push(Stretch { child: self.count, parent, bit: self.bits });
        }
        self.current = parent;
    }

    #[inline]
    fn push_bit(&mut self, bit: u64) {
        let at = (self.bits % 64) as u32;
        if at == 0 {
            self.words.push(bit);
        } else if let Some(last) = self.words.last_mut() {
            *last |= bit << at;
        }
        self.bits += 1;
    }

    /// The state that a state was found from.
    pub(super) fn parent(&self, number: u32) -> Option<u32> {
        let after = self.stretches.partition_point(|stretch| stretch.child <= number);
        let stretch = &self.stretches[after - 1];
        if stretch.parent == NO_PARENT {
            return None;
        }
        let mut children = number - stretch.child + 1;
        let mut parent = stretch.parent;
        let mut bit = stretch.bit;
        loop {
            if self.words[(bit / 64) as usize] >> (bit % 64) & 1 == 0 {
                parent += 1;
            } else {
                children -= 1;
                if children == 0 {
                    return Some(parent);
                }
            }
            bit += 1;
        }
    }

    /// The states from one on, by the state that they were found from.
    pub(super) fn families(&self, from: u32) -> Vec<(u32, Range<u32>)> {
        let mut families: Vec<(u32, Range<u32>)> = Vec::new();
        let first = self.stretches.partition_point(|stretch| stretch.child <= from);
        for (at, stretch) in self.stretches.iter().enumerate().skip(first.saturating_sub(1)) {
            let end = self.stretches.get(at + 1).map_or(self.count, |next| next.child);
            let (mut child, mut parent, mut bit) = (stretch.child, stretch.parent, stretch.bit);
            while child < end.min(self.count) {
                if self.words[(bit / 64) as usize] >> (bit % 64) & 1 == 0 {
                    parent += 1;
                } else {
                    match families.last_mut() {
                        Some((last, children)) if *last == parent => children.end = child + 1,
                        _ if child >= from => families.push((parent, child..child + 1)),
                        _ => {}
                    }
                    child += 1;
                }
                bit += 1;
            }
        }
        families
    }

    /// Forgets all but the first states.
    pub(super) fn truncate(&mut self, count: u32) {
        self.count = self.count.min(count);
        self.stretches.retain(|stretch| stretch.child < count);
        self.current = NO_PARENT;
    }

    /// Moves the states to a layout into which their numbers fit.
    pub(super) fn set_layout(&mut self, layout: Layout) {
        let old = std::mem::take(&mut self.chunks);
        let (mask, stride) = (self.mask, self.stride);
        let moves = self.layout.moves(&layout);
        self.lay(layout);
        for (index, chunk) in old.into_iter().enumerate() {
            let first = (index as u32) << CHUNK;
            for number in first..self.count.min(first.saturating_add(1 << CHUNK)) {
                let key = K::read(chunk.all(), place(number) * stride, mask);
                self.put(moves.apply(key), number);
            }
        }
    }
}

/// Where a state stands in its chunk.
#[inline]
fn place(number: u32) -> usize {
    (number & ((1 << CHUNK) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_remembers_states_and_parents(
            steps in prop::collection::vec((0..3_u32, 0..40_000_u32), 1..200),
        ) {
            let mut trail: Trail<u64> = Trail::new(Layout::new(vec![20, 1]));
            let mut expected = vec![(7_u64, None)];
            trail.push(7, NO_PARENT);
            let mut parent = 0;
            for (kind, jump) in steps {
                parent = match kind {
                    0 => parent,
                    1 => parent + jump % 40,
                    _ => jump,
                };
                let key = u64::from(jump);
                trail.push(key, parent);
                expected.push((key, Some(parent)));
            }
            let all = |trail: &Trail<u64>| -> Vec<_> {
                (0..trail.len()).map(|n| (trail.key(n), trail.parent(n))).collect()
            };
            prop_assert_eq!(&all(&trail), &expected);
            let from = expected.len() as u32 / 3;
            let mut children = from;
            for (parent, family) in trail.families(from) {
                prop_assert_eq!(family.start, children);
                children = family.end;
                for child in family {
                    let known = trail.parent(child).unwrap_or(NO_PARENT);
                    prop_assert_eq!(known, parent);
                    let (key, before) = (trail.key(child), trail.key(child) ^ 0x1f);
                    trail.replace(before, child);
                    prop_assert_eq!(trail.key(child), before);
                    trail.replace(key, child);
                }
            }
            prop_assert_eq!(children, trail.len());
            prop_assert_eq!(&all(&trail), &expected);
            trail.set_layout(Layout::new(vec![20, 20]));
            prop_assert_eq!(&all(&trail), &expected);
            let half = expected.len() / 2 + 1;
            trail.truncate(half as u32);
            prop_assert_eq!(&all(&trail), &expected[..half]);
        }
    }
}
