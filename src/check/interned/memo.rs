//! The successors of each combination of the blocks that some groups touch.

use super::key::Key;

/// What is known of a combination.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<K> {
    /// The combination: a key with nothing but these blocks.
    combination: K,
    /// Where its successors begin, or [`EMPTY`].
    begin: u32,
    /// How many there are.
    count: u16,
    /// How many actions change nothing, and in the highest bit whether something fell.
    loops: u16,
}

const EMPTY: u32 = u32::MAX;
const FELL: u16 = 1 << 15;

impl<K: Key> Entry<K> {
    /// The successors' places.
    #[inline]
    pub(super) fn successors(&self) -> std::ops::Range<usize> {
        self.begin as usize..self.begin as usize + usize::from(self.count)
    }

    /// How many actions change nothing.
    #[inline]
    pub(super) fn loops(&self) -> u64 {
        u64::from(self.loops & !FELL)
    }

    /// Whether an action or the asking for actions panicked.
    #[inline]
    pub(super) fn fell(&self) -> bool {
        self.loops & FELL != 0
    }

    /// The combination.
    pub(super) fn combination(&self) -> K {
        self.combination
    }

    /// Whether there is any action.
    pub(super) fn has_action(&self) -> bool {
        self.count > 0 || self.loops > 0
    }
}

/// A table of combinations.
pub(super) struct Memo<K> {
    entries: Vec<Entry<K>>,
    power: u32,
    count: usize,
}

impl<K: Key> Memo<K> {
    pub(super) fn new() -> Self {
        Memo { entries: vec![Memo::empty(); 16], power: 4, count: 0 }
    }

    fn empty() -> Entry<K> {
        Entry { combination: K::default(), begin: EMPTY, count: 0, loops: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// All that is known.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<K>> {
        self.entries.iter().filter(|entry| entry.begin != EMPTY)
    }

    /// The bytes in use.
    pub(super) fn bytes(&self) -> u64 {
        size_of_val(self.entries.as_slice()) as u64
    }

    /// Where to look first.
    #[inline]
    fn home(&self, combination: K) -> usize {
        (combination.hash() >> (64 - self.power)) as usize
    }

    /// What is known of a combination.
    #[inline]
    pub(super) fn get(&self, combination: K) -> Option<&Entry<K>> {
        let mut at = self.home(combination);
        loop {
            let entry = &self.entries[at & (self.entries.len() - 1)];
            if entry.combination == combination && entry.begin != EMPTY {
                return Some(entry);
            }
            if entry.begin == EMPTY {
                return None;
            }
            at += 1;
        }
    }

    /// Adds a combination that is not known; its successors stand at these places.
    pub(super) fn insert(
        &mut self,
        combination: K,
        successors: std::ops::Range<usize>,
        loops: usize,
        fell: bool,
    ) {
        if (self.count + 1) * 2 > self.entries.len() {
            self.power += 1;
            let bigger = vec![Memo::empty(); 1 << self.power];
            let old = std::mem::replace(&mut self.entries, bigger);
            old.into_iter().filter(|entry| entry.begin != EMPTY).for_each(|e| self.place(e));
        }
        let count = u16::try_from(successors.len()).ok();
        let loops = u16::try_from(loops).ok().filter(|loops| *loops < FELL);
        let (Some(count), Some(loops)) = (count, loops) else {
            panic!("more than {} actions in one local situation", FELL - 1)
        };
        let loops = if fell { loops | FELL } else { loops };
        let begin = successors.start as u32;
        assert!(begin != EMPTY, "more than {EMPTY} remembered successors");
        self.place(Entry { combination, begin, count, loops });
        self.count += 1;
    }

    fn place(&mut self, entry: Entry<K>) {
        let mut at = self.home(entry.combination);
        while self.entries[at & (self.entries.len() - 1)].begin != EMPTY {
            at += 1;
        }
        let places = self.entries.len();
        self.entries[at & (places - 1)] = entry;
    }

    /// Changes every combination.
    pub(super) fn convert(&mut self, to: impl Fn(K) -> K) {
        let bigger = vec![Memo::empty(); self.entries.len()];
        let old = std::mem::replace(&mut self.entries, bigger);
        for entry in old.into_iter().filter(|entry| entry.begin != EMPTY) {
            self.place(Entry { combination: to(entry.combination), ..entry });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_it_was_told() {
        let mut memo: Memo<u64> = Memo::new();
        for word in 0..1000_u64 {
            assert!(memo.get(word << 7).is_none());
            let begin = word as usize * 3;
            memo.insert(word << 7, begin..begin + 3, word as usize % 2, word == 5);
        }
        memo.convert(|word| word >> 7);
        for word in 0..1000_u64 {
            let entry = memo.get(word).expect("it was told");
            let begin = word as usize * 3;
            assert_eq!((entry.successors(), entry.loops()), (begin..begin + 3, word % 2));
            assert_eq!((entry.fell(), entry.has_action()), (word == 5, true));
        }
        assert!(memo.get(1000).is_none());
        assert_eq!(memo.len(), 1000);
    }
}
