//! Two clients' names, each put in place of the other: what is left of a state once the names of two clients that are
//! set alike are exchanged.
//!
//! Whatever holds a name of a group, a source or a record says here what becomes of it. Each takes itself apart field
//! by field, so that whoever adds a field decides whether it holds a name.

use std::collections::{BTreeSet, VecDeque};

use super::{Batch, GroupId, PayloadId, Record};

/// Sources whose records take each other's places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sources {
    /// The numbers of the sources.
    pub numbers: [usize; 2],
    /// The first record of each.
    pub first: [PayloadId; 2],
    /// How many records each of them has.
    pub records: u32,
}

/// Which names take each other's places; all others stay.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Swap {
    /// Two groups.
    pub groups: Option<[GroupId; 2]>,
    /// Two sources.
    pub sources: Option<Sources>,
}

impl Swap {
    /// The name of a group afterwards.
    pub fn group(&self, group: GroupId) -> GroupId {
        self.groups.map_or(group, |pair| other(pair, group))
    }

    /// The number of a source afterwards.
    pub fn source(&self, source: usize) -> usize {
        self.sources.map_or(source, |sources| other(sources.numbers, source))
    }

    /// The name of a record afterwards: it has the same place in the other source.
    pub fn payload(&self, payload: PayloadId) -> PayloadId {
        let Some(Sources { first: [one, two], records, .. }) = self.sources else { return payload };
        let place = |first: PayloadId| payload.0.checked_sub(first.0).filter(|at| *at < records);
        match (place(one), place(two)) {
            (Some(at), _) => PayloadId(two.0 + at),
            (_, Some(at)) => PayloadId(one.0 + at),
            _ => payload,
        }
    }
}

fn other<T: PartialEq>([one, two]: [T; 2], name: T) -> T {
    if name == one {
        two
    } else if name == two {
        one
    } else {
        name
    }
}

/// What may hold names.
pub trait Rename {
    /// Puts the other name in place of each that has another one.
    fn rename(&mut self, swap: &Swap);
}

impl<T: Rename> Rename for Vec<T> {
    fn rename(&mut self, swap: &Swap) {
        self.iter_mut().for_each(|each| each.rename(swap));
    }
}

impl<T: Rename> Rename for VecDeque<T> {
    fn rename(&mut self, swap: &Swap) {
        self.iter_mut().for_each(|each| each.rename(swap));
    }
}

impl<T: Rename> Rename for Option<T> {
    fn rename(&mut self, swap: &Swap) {
        self.iter_mut().for_each(|each| each.rename(swap));
    }
}

impl Rename for PayloadId {
    fn rename(&mut self, swap: &Swap) {
        *self = swap.payload(*self);
    }
}

impl Rename for GroupId {
    fn rename(&mut self, swap: &Swap) {
        *self = swap.group(*self);
    }
}

impl Rename for BTreeSet<PayloadId> {
    fn rename(&mut self, swap: &Swap) {
        *self = self.iter().map(|payload| swap.payload(*payload)).collect();
    }
}

impl Rename for Record {
    fn rename(&mut self, swap: &Swap) {
        // Sources with equally many keys give equal keys to records of the same place.
        let Record { payload, key: _, tombstone: _, timestamp: _, size: _ } = self;
        payload.rename(swap);
    }
}

impl Rename for Batch {
    fn rename(&mut self, swap: &Swap) {
        // Producer ids are not renamed: whose one is, is written down wherever it matters.
        let Batch {
            records,
            base_offset: _,
            last_offset: _,
            producer_id: _,
            producer_epoch: _,
            base_sequence: _,
            transactional: _,
            control: _,
            marker: _,
            leader_epoch: _,
            max_timestamp: _,
            delete_horizon: _,
        } = self;
        records.iter_mut().for_each(|(_, record)| record.rename(swap));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_places() {
        let (numbers, first) = ([0, 2], [PayloadId(0), PayloadId(5)]);
        let sources = Some(Sources { numbers, first, records: 2 });
        let swap = Swap { groups: Some([GroupId(1), GroupId(3)]), sources };
        let payloads = (0..8).map(|payload| swap.payload(PayloadId(payload)).0);
        assert_eq!(payloads.collect::<Vec<_>>(), [5, 6, 2, 3, 4, 0, 1, 7]);
        let groups = (0..5).map(|group| swap.group(GroupId(group)).0);
        assert_eq!(groups.collect::<Vec<_>>(), [0, 3, 2, 1, 4]);
        assert_eq!((0..4).map(|source| swap.source(source)).collect::<Vec<_>>(), [2, 1, 0, 3]);
        let all = BTreeSet::from([PayloadId(1), PayloadId(2)]);
        let mut renamed = all.clone();
        renamed.rename(&swap);
        assert_eq!(renamed, BTreeSet::from([PayloadId(2), PayloadId(6)]));
        renamed.rename(&swap);
        assert_eq!(renamed, all);
    }
}
