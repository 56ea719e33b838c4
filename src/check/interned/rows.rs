//! Numbering things: equal things get equal numbers, from 0 on, in the order of asking.

use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

const HASHER: fn() -> FixedState = || FixedState::with_seed(0);

/// Numbered values.
pub(super) struct Values<V> {
    values: Vec<V>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

impl<V: Eq + Hash> Values<V> {
    pub(super) fn new() -> Self {
        Values { values: Vec::new(), numbers: HashTable::new(), hasher: HASHER() }
    }

    /// The number of a value, a new one if it was never asked for.
    pub(super) fn number(&mut self, value: V) -> u32 {
        let (values, hasher) = (&self.values, &self.hasher);
        let entry = self.numbers.entry(
            hasher.hash_one(&value),
            |&number| values[number as usize] == value,
            |&number| hasher.hash_one(&values[number as usize]),
        );
        match entry {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let number = self.values.len() as u32;
                place.insert(number);
                self.values.push(value);
                number
            }
        }
    }

    pub(super) fn get(&self, number: u32) -> &V {
        &self.values[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The bytes in use, besides what the values own, as counted.
    pub(super) fn bytes(&self) -> u64 {
        (self.values.capacity() * size_of::<V>() + self.numbers.capacity() * 5) as u64
    }
}

/// Numbered rows of numbers, all of one length.
pub(super) struct Rows {
    length: usize,
    count: u32,
    cells: Vec<u32>,
    numbers: HashTable<u32>,
    hasher: FixedState,
}

impl Rows {
    pub(super) fn new(length: usize) -> Self {
        let numbers = HashTable::new();
        Rows { length, count: 0, cells: Vec::new(), numbers, hasher: HASHER() }
    }

    /// The number of a row, and whether it is a new one.
    pub(super) fn number(&mut self, row: &[u32]) -> (u32, bool) {
        debug_assert_eq!(row.len(), self.length);
        let (cells, hasher, length) = (&self.cells, &self.hasher, self.length);
        let at = |number: u32| &cells[number as usize * length..][..length];
        let entry = self.numbers.entry(
            hasher.hash_one(row),
            |&number| at(number) == row,
            |&number| hasher.hash_one(at(number)),
        );
        match entry {
            Entry::Occupied(known) => (*known.get(), false),
            Entry::Vacant(place) => {
                let number = self.count;
                place.insert(number);
                self.cells.extend_from_slice(row);
                self.count += 1;
                (number, true)
            }
        }
    }

    pub(super) fn get(&self, number: u32) -> &[u32] {
        &self.cells[number as usize * self.length..][..self.length]
    }

    pub(super) fn len(&self) -> u32 {
        self.count
    }

    /// The bytes in use, as counted.
    pub(super) fn bytes(&self) -> u64 {
        (self.cells.capacity() * 4 + self.numbers.capacity() * 5) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_have_equal_numbers() {
        let mut values = Values::new();
        assert_eq!(["b", "a", "b", "c"].map(|value| values.number(value)), [0, 1, 0, 2]);
        assert_eq!((*values.get(1), values.len()), ("a", 3));
        let mut rows = Rows::new(2);
        let asked = [[1, 2], [2, 1], [1, 2]].map(|row| rows.number(&row));
        assert_eq!(asked, [(0, true), (1, true), (0, false)]);
        assert_eq!((rows.get(1), rows.len()), ([2, 1].as_slice(), 2));
        let mut empty = Rows::new(0);
        assert_eq!([empty.number(&[]), empty.number(&[])], [(0, true), (0, false)]);
    }
}
