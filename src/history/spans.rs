//! A map from source records to values that keeps a run of records with equal values as one span.
//!
//! Most records of a long run end alike, so that what is kept grows with what went otherwise, and not with the
//! run. Equal maps are equal spans: neighbours differ, so it may be part of a state's identity.

use crate::record::{PayloadId, Rename, Swap};

/// A run of records with the same value; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Span<V> {
    first: u32,
    last: u32,
    value: V,
}

/// The map.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Spans<V> {
    /// In order; no two that touch have the same value.
    spans: Vec<Span<V>>,
}

impl<V> Default for Spans<V> {
    fn default() -> Spans<V> {
        Spans { spans: Vec::new() }
    }
}

impl<V: Copy + Eq> Spans<V> {
    /// The value of a record.
    pub fn get(&self, payload: PayloadId) -> Option<V> {
        let span = self.spans.get(self.place(payload))?;
        (span.first <= payload.0).then_some(span.value)
    }

    /// Whether a record has a value.
    pub fn contains(&self, payload: PayloadId) -> bool {
        self.get(payload).is_some()
    }

    /// How many records have a value.
    pub fn len(&self) -> usize {
        self.spans.iter().map(|span| (span.last - span.first) as usize + 1).sum()
    }

    /// Whether no record has a value.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many spans are kept: what the map takes in memory.
    pub fn kept(&self) -> usize {
        self.spans.len()
    }

    /// Every record with its value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (PayloadId, V)> + '_ {
        let records = |span: &Span<V>| {
            let value = span.value;
            (span.first..=span.last).map(move |payload| (PayloadId(payload), value))
        };
        self.spans.iter().flat_map(records)
    }

    /// The values, each as often as it has a span of its own.
    pub fn values(&self) -> impl Iterator<Item = V> + '_ {
        self.spans.iter().map(|span| span.value)
    }

    /// The records that satisfy a test of their value here and have none in any of the others, in order.
    pub fn without<'a, W: Copy + Eq>(
        &'a self,
        test: impl Fn(V) -> bool + 'a,
        others: &'a [&'a Spans<W>],
    ) -> impl Iterator<Item = PayloadId> + 'a {
        let tested = self.spans.iter().filter(move |span| test(span.value));
        tested.flat_map(move |span| Gaps { next: Some(span.first), last: span.last, others })
    }

    /// Gives a record a value.
    pub fn set(&mut self, payload: PayloadId, value: V) {
        let mut at = self.place(payload);
        if let Some(span) = self.spans.get(at)
            && span.first <= payload.0
        {
            if span.value == value {
                return;
            }
            at = self.cut_out(at, payload.0);
        }
        let joins_left = at.checked_sub(1).is_some_and(|left| {
            let left = &self.spans[left];
            left.value == value && left.last + 1 == payload.0
        });
        let joins_right = self
            .spans
            .get(at)
            .is_some_and(|right| right.value == value && right.first - 1 == payload.0);
        match (joins_left, joins_right) {
            (true, true) => self.spans[at - 1].last = self.spans.remove(at).last,
            (true, false) => self.spans[at - 1].last = payload.0,
            (false, true) => self.spans[at].first = payload.0,
            (false, false) => {
                self.spans.insert(at, Span { first: payload.0, last: payload.0, value });
            }
        }
    }

    /// The first span that ends at a record or behind it.
    fn place(&self, payload: PayloadId) -> usize {
        // Records mostly come in order: the last span, or behind it.
        match self.spans.last() {
            Some(last) if payload.0 > last.last => self.spans.len(),
            Some(last) if payload.0 >= last.first => self.spans.len() - 1,
            _ => self.spans.partition_point(|span| span.last < payload.0),
        }
    }

    /// Takes a record out of its span; the place of the span behind it.
    fn cut_out(&mut self, at: usize, payload: u32) -> usize {
        let Span { first, last, value } = self.spans[at];
        match (first == payload, last == payload) {
            (true, true) => {
                self.spans.remove(at);
                at
            }
            (true, false) => {
                self.spans[at].first = payload + 1;
                at
            }
            (false, ends) => {
                self.spans[at].last = payload - 1;
                if !ends {
                    self.spans.insert(at + 1, Span { first: payload + 1, last, value });
                }
                at + 1
            }
        }
    }
}

/// The records of a run that no other map has.
struct Gaps<'a, W> {
    next: Option<u32>,
    last: u32,
    others: &'a [&'a Spans<W>],
}

impl<W: Copy + Eq> Iterator for Gaps<'_, W> {
    type Item = PayloadId;

    fn next(&mut self) -> Option<PayloadId> {
        let mut payload = self.next?;
        // A whole span is passed over at a time.
        while let Some(end) = self.others.iter().find_map(|other| {
            let span = other.spans.get(other.place(PayloadId(payload)))?;
            (span.first <= payload).then_some(span.last)
        }) {
            match end.checked_add(1) {
                Some(next) if end < self.last => payload = next,
                _ => {
                    self.next = None;
                    return None;
                }
            }
        }
        self.next = payload.checked_add(1).filter(|&next| next <= self.last);
        Some(PayloadId(payload))
    }
}

impl<V: Copy + Eq> Rename for Spans<V> {
    fn rename(&mut self, swap: &Swap) {
        let mut renamed = Spans::default();
        self.iter().for_each(|(payload, value)| renamed.set(swap.payload(payload), value));
        *self = renamed;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map_with_one_form(sets in prop::collection::vec((0_u32..24, 0_u8..3), 0..60)) {
            let (mut spans, mut map) = (Spans::default(), BTreeMap::new());
            for &(payload, value) in &sets {
                spans.set(PayloadId(payload), value);
                map.insert(PayloadId(payload), value);
                prop_assert!(spans.iter().eq(map.iter().map(|(&k, &v)| (k, v))));
            }
            for payload in (0..25).map(PayloadId) {
                prop_assert_eq!(spans.get(payload), map.get(&payload).copied());
            }
            prop_assert_eq!(spans.len(), map.len());
            // The order of insertion leaves no trace.
            let mut other = Spans::default();
            map.iter().rev().for_each(|(&payload, &value)| other.set(payload, value));
            prop_assert_eq!(&other, &spans);
        }

        #[test]
        fn what_others_lack_is_found(
            mine in prop::collection::btree_map(0_u32..24, 0_u8..2, 0..24),
            theirs in prop::collection::vec(prop::collection::btree_set(0_u32..24, 0..24), 0..3),
        ) {
            let mut spans = Spans::default();
            mine.iter().for_each(|(&payload, &value)| spans.set(PayloadId(payload), value));
            let others: Vec<Spans<()>> = theirs.iter().map(|set| {
                let mut other = Spans::default();
                set.iter().for_each(|&payload| other.set(PayloadId(payload), ()));
                other
            }).collect();
            let others: Vec<&Spans<()>> = others.iter().collect();
            let found: Vec<u32> = spans.without(|value| value == 1, &others).map(|p| p.0).collect();
            let lacks = |payload: &u32| !theirs.iter().any(|set| set.contains(payload));
            let expected: Vec<u32> =
                mine.iter().filter(|(p, v)| **v == 1 && lacks(p)).map(|(p, _)| *p).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_long_run_that_goes_alike_is_one_span() {
        let mut spans = Spans::default();
        (0..100_000).for_each(|payload| spans.set(PayloadId(payload), 1));
        assert_eq!((spans.kept(), spans.len()), (1, 100_000));
        spans.set(PayloadId(500), 2);
        assert_eq!(spans.kept(), 3);
        spans.set(PayloadId(u32::MAX), 2);
        assert_eq!((spans.kept(), spans.len()), (4, 100_001));
        assert_eq!(spans.without(|value| value == 2, &[&Spans::<u8>::default()]).count(), 2);
    }
}
