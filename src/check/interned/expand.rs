//! Expanding packed states.

use super::engine::Interned;
use super::key::Key;
use super::local::Done;
use crate::check::order::Task;
use crate::system::Parted;

/// Successors that are still to be looked up, and whose they are.
#[derive(Default)]
pub(super) struct Pending<K> {
    words: Vec<K>,
    /// Each source with the end of its words.
    sources: Vec<(u32, u32)>,
    new: Vec<u32>,
}

/// How many successors are gathered before they are looked up.
const BATCH: usize = 64;

impl<K: Key> Pending<K> {
    /// Adds all words of a source.
    pub(super) fn push_source(&mut self, source: u32, words: &[K]) {
        self.words.extend_from_slice(words);
        self.end(source);
    }

    fn end(&mut self, source: u32) {
        self.sources.push((source, self.words.len() as u32));
    }
}

/// How far a sweep has come.
struct Sweep {
    state: u32,
    end: u32,
    /// The next unit, or behind those the next guarded group.
    at: usize,
    /// Whether the state has an action that changes it, or one that fell.
    moves: bool,
}

/// Why a sweep had to stop.
enum Stop {
    End,
    /// A unit has not met this combination.
    Unknown,
    /// The model fell in this unit.
    Fell,
    /// A guard has not met this combination.
    UnknownGuard(usize),
    /// A guarded group may have actions.
    Wide(usize),
}

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Finds the successors of some states by the actions of one pass.
    pub(super) fn sweep(&mut self, pass: usize, task: &Task) {
        let (state, end) = (task.states.start, task.states.end);
        let mut sweep = Sweep { state, end, at: 0, moves: false };
        while !self.too_wide {
            match self.go_on(pass, &mut sweep) {
                Stop::End => break,
                Stop::Unknown => {
                    // Remembering may change all words, so those that wait go first.
                    self.resolve_in(pass, &mut sweep);
                }
                Stop::Fell => {
                    let groups = self.passes[pass].units[sweep.at].groups.clone();
                    for group in groups {
                        self.note_falls(group, sweep.state, task.from, task.to);
                    }
                    sweep.moves = true;
                    sweep.at += 1;
                }
                Stop::UnknownGuard(wide) => self.resolve_guard(pass, wide, sweep.state),
                Stop::Wide(wide) => {
                    self.perform_wide(pass, wide, &mut sweep, task);
                    sweep.at += 1;
                }
            }
        }
        self.flush();
    }

    fn resolve_in(&mut self, pass: usize, sweep: &mut Sweep) {
        // What waits of this state belongs to it, whether it is looked up now or later.
        self.pending.end(sweep.state);
        self.resolve(pass, sweep.at, sweep.state);
    }

    /// Gathers successors until something stops it.
    fn go_on(&mut self, pass: usize, sweep: &mut Sweep) -> Stop {
        let free = self.passes[pass].cost == 0;
        while sweep.state < sweep.end {
            let key = self.trail.key(sweep.state);
            let stop = self.gather(pass, key, sweep);
            if let Some(stop) = stop {
                return stop;
            }
            self.pending.end(sweep.state);
            if free && !sweep.moves {
                self.resting.push(sweep.state);
            }
            sweep.state += 1;
            (sweep.at, sweep.moves) = (0, false);
            if self.pending.words.len() >= BATCH {
                self.flush();
            }
        }
        Stop::End
    }

    /// Gathers the successors of one state.
    #[inline]
    fn gather(&mut self, pass: usize, key: K, sweep: &mut Sweep) -> Option<Stop> {
        let pass = &self.passes[pass];
        let explored = &mut self.findings.explored;
        for unit in &pass.units[sweep.at.min(pass.units.len())..] {
            let Some(entry) = unit.memo.get(key & unit.mask) else { return Some(Stop::Unknown) };
            let successors = &self.successors[entry.successors()];
            let others = key & !unit.mask;
            self.pending.words.extend(successors.iter().map(|word| others | *word));
            sweep.moves |= !successors.is_empty();
            explored.transitions += successors.len() as u64 + entry.loops();
            if entry.fell() {
                return Some(Stop::Fell);
            }
            sweep.at += 1;
        }
        for (index, wide) in pass.wide.iter().enumerate().skip(sweep.at - pass.units.len()) {
            let Some(entry) = wide.known.get(key & wide.mask) else {
                return Some(Stop::UnknownGuard(index));
            };
            if entry.has_action() {
                return Some(Stop::Wide(index));
            }
            sweep.at += 1;
        }
        None
    }

    /// Performs the actions of a guarded group.
    fn perform_wide(&mut self, pass: usize, wide: usize, sweep: &mut Sweep, task: &Task) {
        let group = self.passes[pass].wide[wide].group;
        let row = self.row(self.trail.key(sweep.state));
        let blocks: Vec<usize> = (0..self.blocks.len()).collect();
        self.pending.end(sweep.state);
        let mut fell = false;
        for outcome in self.locals.perform(group, &row) {
            match self.locals.outcome(outcome).done {
                Done::Same => self.findings.explored.transitions += 1,
                Done::Fell(_) => fell = true,
                Done::Changed(at) => {
                    let next = self.changed(group, at, &row);
                    let numbers = self.number(&blocks, &next);
                    let numbers = blocks.iter().zip(numbers);
                    let word =
                        numbers.fold(K::default(), |key, (b, n)| key | self.layout.put(*b, n));
                    self.pending.push_source(sweep.state, &[word]);
                    self.findings.explored.transitions += 1;
                    sweep.moves = true;
                }
            }
        }
        if fell {
            self.note_falls(group, sweep.state, task.from, task.to);
            sweep.moves = true;
        }
    }

    /// Looks up what waits, and keeps what is new.
    pub(super) fn flush(&mut self) {
        let Pending { words, sources, new } = &mut self.pending;
        self.table.add(words, new);
        let mut source = 0;
        for &at in new.iter() {
            while sources[source].1 <= at {
                source += 1;
            }
            self.trail.push(words[at as usize], sources[source].0);
        }
        words.clear();
        sources.clear();
        new.clear();
    }

    /// Whether a state has an action in a pass.
    pub(super) fn acts(&mut self, pass: usize, state: u32) -> bool {
        for unit in 0..self.passes[pass].units.len() {
            let key = self.trail.key(state);
            let known = &self.passes[pass].units[unit];
            if known.memo.get(key & known.mask).is_none() {
                self.resolve(pass, unit, state);
                if self.too_wide {
                    return true;
                }
            }
            let (key, known) = (self.trail.key(state), &self.passes[pass].units[unit]);
            if known.memo.get(key & known.mask).is_some_and(|entry| entry.has_action()) {
                return true;
            }
        }
        let row = self.row(self.trail.key(state));
        let wide: Vec<usize> = self.passes[pass].wide.iter().map(|wide| wide.group).collect();
        wide.into_iter().any(|group| !self.locals.perform(group, &row).is_empty())
    }
}
