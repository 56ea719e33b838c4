//! All states in the order of finding, packed, each with the state that it was found from.
//!
//! States are found from ascending parents, stretch by stretch, so one bit for each state and one for each
//! parent say who found whom.

use super::key::{Key, Layout, MARGIN};
use crate::check::visited::NO_PARENT;

/// How many parents a stretch covers at most, so that looking one up is quick.
const STRETCH: u32 = 1 << 14;

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
    bytes: Vec<u8>,
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
            bytes: Vec::new(),
            count: 0,
            stretches: Vec::new(),
            words: Vec::new(),
            bits: 0,
            current: NO_PARENT,
        };
        trail.set_layout(layout);
        trail
    }

    fn set_layout(&mut self, layout: Layout) {
        self.mask = K::ones(layout.bits());
        self.stride = layout.bits().div_ceil(8) as usize;
        self.bytes = vec![0; MARGIN];
        self.layout = layout;
    }

    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// The bytes in use.
    pub(super) fn bytes(&self) -> u64 {
        let stretches = self.stretches.len() * size_of::<Stretch>();
        (self.bytes.capacity() + self.words.capacity() * 8 + stretches) as u64
    }

    /// The bits of keys.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A state.
    #[inline]
    pub(super) fn key(&self, number: u32) -> K {
        K::read(&self.bytes, number as usize * self.stride, self.mask)
    }

    /// Adds a state that was found from `parent`.
    #[inline]
    pub(super) fn push(&mut self, key: K, parent: u32) {
        if parent != self.current || self.stretches.is_empty() {
            self.move_to(parent);
        }
        self.push_bit(1);
        let at = self.count as usize * self.stride;
        self.bytes.resize(at + self.stride + MARGIN, 0);
        key.write(&mut self.bytes[at..at + self.stride]);
        self.count += 1;
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

    /// Forgets all but the first states.
    pub(super) fn truncate(&mut self, count: u32) {
        self.count = self.count.min(count);
        self.stretches.retain(|stretch| stretch.child < count);
        self.current = NO_PARENT;
    }

    /// Moves the states to a layout that is as wide in each block.
    pub(super) fn relay(&mut self, layout: Layout) {
        let old = std::mem::take(&mut self.bytes);
        let (from, mask, stride) = (self.layout.clone(), self.mask, self.stride);
        self.set_layout(layout);
        let total = self.count as usize * self.stride;
        self.bytes.resize(total + MARGIN, 0);
        for number in 0..self.count as usize {
            let key = from.convert(K::read(&old, number * stride, mask), &self.layout);
            key.write(&mut self.bytes[number * self.stride..][..self.stride]);
        }
    }
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
            trail.relay(Layout::new(vec![20, 20]));
            prop_assert_eq!(&all(&trail), &expected);
            let half = expected.len() / 2 + 1;
            trail.truncate(half as u32);
            prop_assert_eq!(&all(&trail), &expected[..half]);
        }
    }
}
