//! Expanding packed states on one thread.

use std::ops::Range;

use super::core::{Gathered, Stop, Which};
use super::engine::Interned;
use super::key::{Key, Layout};
use super::local::Done;
use super::recent::Recent;
use crate::check::order::Task;
use crate::system::Parted;

/// How many successors are looked up together, at least.
const MANY: usize = 512;

/// Successors that are still to be looked up, and whose they are.
#[derive(Default)]
pub(super) struct Pending<K> {
    pub(super) words: Vec<K>,
    /// Each source with the end of its words.
    sources: Vec<(u32, u32)>,
}

impl<K: Key> Pending<K> {
    /// Adds a word of a source.
    pub(super) fn push(&mut self, source: u32, word: K) {
        self.words.push(word);
        self.end(source);
    }

    /// Says that all words since the last end are a source's.
    #[inline]
    pub(super) fn end(&mut self, source: u32) {
        self.sources.push((source, self.words.len() as u32));
    }

    /// Moves the words to another layout.
    pub(super) fn set_layout(&mut self, from: &Layout, to: &Layout) {
        let moves = from.moves(to);
        self.words.iter_mut().for_each(|word| *word = moves.apply(*word));
    }

    /// Adds the words of some of the sources of another list.
    pub(super) fn copy(&mut self, other: &Pending<K>, sources: Range<usize>) {
        let first = if sources.start == 0 { 0 } else { other.sources[sources.start - 1].1 };
        let (offset, mut last) = (self.words.len() as u32, first);
        for (source, end) in &other.sources[sources] {
            self.sources.push((*source, end - first + offset));
            last = *end;
        }
        self.words.extend_from_slice(&other.words[first as usize..last as usize]);
    }

    /// Leaves out words that were met a short while before.
    pub(super) fn sift(&mut self, recent: &mut Recent<K>) {
        let (mut begin, mut kept) = (0, 0);
        for (_, end) in &mut self.sources {
            for at in begin..*end {
                let word = self.words[at as usize];
                self.words[kept as usize] = word;
                kept += u32::from(recent.is_new(word));
            }
            begin = std::mem::replace(end, kept);
        }
        self.words.truncate(kept as usize);
    }

    /// How many sources there are.
    pub(super) fn count(&self) -> usize {
        self.sources.len()
    }

    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.sources.clear();
    }
}

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Finds the successors of some states by the actions of one pass.
    pub(super) fn sweep(&mut self, pass: usize, task: &Task) {
        if self.crew.is_some() && task.states.len() >= super::parallel::WORTH {
            return self.sweep_together(pass, task);
        }
        for state in task.states.clone() {
            self.gather(pass, state, task);
            if self.too_wide {
                return;
            }
            if self.pending.words.len() >= MANY {
                self.sift_and_flush();
            }
        }
        self.sift_and_flush();
    }

    /// Gathers the successors of one state, and works out what is not remembered.
    #[inline]
    pub(super) fn gather(&mut self, pass: usize, state: u32, task: &Task) {
        let (mut gathered, last) = (Gathered::default(), self.is_last(state));
        loop {
            let (key, words) = (self.trail.key(state), &mut self.pending.words);
            let how = (pass, last);
            let Some(stop) = self.core.gather(how, key, &mut gathered, words) else { break };
            // The words so far are this state's, whatever else has to be done first.
            self.pending.end(state);
            if !self.fresh.is_empty() && self.gather_fresh(state, stop, &mut gathered, task) {
                continue;
            }
            self.work_out(pass, state, task, stop, &mut gathered);
            if self.too_wide {
                return;
            }
        }
        self.pending.end(state);
        self.findings.explored.transitions += gathered.actions;
        if task.price == 0 && !gathered.moves {
            self.resting.push(state);
        }
    }

    /// Goes on with what is not yet remembered where it should be, if that is what gathering had to stop for.
    #[cold]
    fn gather_fresh(
        &mut self,
        state: u32,
        stop: Stop,
        gathered: &mut Gathered,
        task: &Task,
    ) -> bool {
        let Stop::Unknown(pass, which @ Which::Unit(_)) = stop else { return false };
        let (key, words) = (self.trail.key(state), &mut self.pending.words);
        let known = self.fresh.gather(&self.core, (pass, which), key, gathered, words);
        if let Some(fell) = known {
            self.pending.end(state);
            match fell {
                true => self.work_out(pass, state, task, Stop::Fell, gathered),
                false => gathered.at += 1,
            }
        }
        known.is_some()
    }

    /// Does what gathering had to stop for.
    #[cold]
    fn work_out(
        &mut self,
        pass: usize,
        state: u32,
        task: &Task,
        stop: Stop,
        gathered: &mut Gathered,
    ) {
        match stop {
            Stop::Unknown(pass, which) => self.resolve(pass, which, state),
            Stop::UnknownClosed(index) => self.resolve_closed(index, state, self.is_last(state)),
            Stop::UnknownGuard(wide) => self.resolve_guard(pass, wide, state),
            Stop::Fell => {
                for group in self.core.passes[pass].units[gathered.at].groups.clone() {
                    self.note_falls(group, state, task.from, task.to);
                }
                gathered.moves = true;
                gathered.at += 1;
            }
            Stop::Wide(wide) => {
                let group = self.core.passes[pass].wide[wide].group;
                self.perform_wide(group, state, task, gathered);
                gathered.at += 1;
            }
        }
    }

    /// Performs the actions of a guarded group.
    fn perform_wide(&mut self, group: usize, state: u32, task: &Task, gathered: &mut Gathered) {
        let row = self.row(self.trail.key(state));
        for outcome in self.locals.perform(group, &row) {
            match self.locals.outcome(outcome).done {
                Done::Same => gathered.actions += 1,
                Done::Fell(_) => {
                    self.note_falls(group, state, task.from, task.to);
                    gathered.moves = true;
                }
                Done::Changed(_) => {
                    gathered.actions += 1;
                    gathered.moves = true;
                }
            }
        }
        for word in self.wide_words(group, &row) {
            self.pending.push(state, word);
        }
    }

    /// The states to which the actions of a guarded group lead.
    fn wide_words(&mut self, group: usize, row: &[u32]) -> Vec<K> {
        let blocks: Vec<usize> = (0..self.blocks.len()).collect();
        let mut successors = Vec::new();
        for outcome in self.locals.perform(group, row) {
            if let Done::Changed(at) = self.locals.outcome(outcome).done {
                let next = self.changed(group, at, row);
                successors.push(self.number(&blocks, &next));
            }
        }
        successors.iter().map(|numbers| self.pack(&blocks, numbers)).collect()
    }

    /// Gathers the successors of a state that was expanded before, those by guarded groups apart, and counts nothing.
    pub(super) fn gather_alone(
        &mut self,
        pass: usize,
        state: u32,
        words: &mut Vec<K>,
        wide_words: &mut Vec<K>,
    ) {
        let mut gathered = Gathered::default();
        loop {
            let (key, how) = (self.trail.key(state), (pass, self.is_last(state)));
            let Some(stop) = self.core.gather(how, key, &mut gathered, words) else { return };
            if let Stop::Wide(wide) = stop {
                let group = self.core.passes[pass].wide[wide].group;
                let row = self.row(key);
                wide_words.extend(self.wide_words(group, &row));
            }
            // All that an expanded state needs is remembered, so nothing else stops it but a fall.
            gathered.at += 1;
        }
    }

    fn sift_and_flush(&mut self) {
        self.recent.begin(self.core.layouts);
        self.pending.sift(&mut self.recent);
        self.flush();
    }

    /// Looks up what waits, and keeps what is new.
    pub(super) fn flush(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        self.keep_new(&mut pending);
        pending.clear();
        self.pending = pending;
    }

    /// Looks up words, and keeps what is new.
    pub(super) fn keep_new(&mut self, found: &mut Pending<K>) {
        self.settle(&mut found.words);
        let (mut source, sources) = (0, &found.sources);
        self.table.add(&found.words, &mut self.trail, |at| {
            while sources[source].1 as usize <= at {
                source += 1;
            }
            sources[source].0
        });
    }

    /// Whether a state has an action in a pass.
    pub(super) fn acts(&mut self, pass: usize, state: u32) -> bool {
        let row = self.row(self.trail.key(state));
        let units = self.core.passes[pass].units.iter();
        let narrow = units.flat_map(|unit| unit.groups.iter().copied());
        let wide = self.core.passes[pass].wide.iter().map(|wide| wide.group);
        let groups: Vec<usize> = narrow.chain(wide).collect();
        groups.into_iter().any(|group| !self.locals.perform(group, &row).is_empty())
    }
}
