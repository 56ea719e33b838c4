//! Expanding packed states on several threads, with the same result as on one.
//!
//! First all threads look for successors that are not in the tables, each for its share of the states, while
//! nothing changes. States with something that is not remembered are left to the first thread. Then each
//! thread adds to tables of its own, in the order of the states that the words were found from. Last the
//! new states of all tables are put into that order, too.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::core::{Core, Gathered};
use super::engine::Interned;
use super::key::Key;
use super::table::{BATCH, Table};
use crate::check::order::Task;
use crate::system::Parted;

/// How many states are worth waking other threads for.
pub(super) const WORTH: usize = 2048;

/// A word that may be new.
#[derive(Clone, Copy)]
struct Candidate<K> {
    /// The state that it was found from.
    source: u32,
    /// Its place in the list of words.
    at: u32,
    /// What it is in its table.
    mixed: K,
}

/// What a thread has found for its share of the states.
struct Share<K> {
    words: Vec<K>,
    /// By table: its candidates, in order.
    candidates: Vec<Vec<Candidate<K>>>,
    /// States that nothing changes.
    resting: Vec<u32>,
    /// States that are left to the first thread.
    left: Vec<u32>,
    actions: u64,
}

impl<K> Share<K> {
    /// An empty one, with candidates for so many tables.
    fn new(tables: usize) -> Share<K> {
        Share {
            words: Vec::new(),
            candidates: (0..tables).map(|_| Vec::new()).collect(),
            resting: Vec::new(),
            left: Vec::new(),
            actions: 0,
        }
    }
}

/// A new state: where it was found from, and where its word is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct New {
    source: u32,
    share: u32,
    at: u32,
}

/// What a thread is told to do.
enum Job<K> {
    Look { core: Arc<Core<K>>, how: (usize, bool), first: u32, keys: Vec<K> },
    Add { table: Table, region: usize, shares: Arc<Vec<Share<K>>> },
}

/// What comes of it.
enum Done<K> {
    Looked(Share<K>),
    Added(Table, Vec<New>),
}

impl<K: Key> Job<K> {
    fn perform(self) -> Done<K> {
        match self {
            Job::Look { core, how, first, keys } => Done::Looked(look(&core, how, first, &keys)),
            Job::Add { mut table, region, shares } => {
                let new = add(&mut table, region, &shares);
                Done::Added(table, new)
            }
        }
    }
}

/// A thread that waits for jobs.
struct Hand<K> {
    jobs: Option<Sender<Job<K>>>,
    done: Receiver<Done<K>>,
    thread: Option<JoinHandle<()>>,
}

/// The threads besides the first.
pub(super) struct Crew<K> {
    hands: Vec<Hand<K>>,
}

impl<K: Key> Crew<K> {
    /// So many threads, the first one included.
    pub(super) fn new(threads: usize) -> Self {
        let hand = |_| {
            let (jobs, to_do) = channel::<Job<K>>();
            let (tell, done) = channel();
            let work = move || {
                // What a job shares is let go of before its end is told.
                while let Ok(job) = to_do.recv() {
                    let done = job.perform();
                    if tell.send(done).is_err() {
                        break;
                    }
                }
            };
            Hand { jobs: Some(jobs), done, thread: Some(std::thread::spawn(work)) }
        };
        Crew { hands: (1..threads).map(hand).collect() }
    }

    /// Performs jobs, the first one on this thread; at most as many as there are threads.
    fn perform(&self, jobs: Vec<Job<K>>) -> Vec<Done<K>> {
        let mut jobs = jobs.into_iter();
        let own = jobs.next();
        let busy: Vec<&Hand<K>> = jobs
            .zip(&self.hands)
            .map(|(job, hand)| {
                let sent = hand.jobs.as_ref().map(|jobs| jobs.send(job).is_ok());
                assert_eq!(sent, Some(true), "the thread waits for jobs");
                hand
            })
            .collect();
        let mut done: Vec<Done<K>> = own.into_iter().map(Job::perform).collect();
        let others = busy.into_iter().map(|hand| hand.done.recv());
        done.extend(others.map(|other| other.expect("the thread ends its job")));
        done
    }
}

impl<K> Drop for Hand<K> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic there has already shown itself as a missing answer.
            let _ = thread.join();
        }
    }
}

/// Looks for the successors of some states that are not in the tables.
fn look<K: Key>(core: &Core<K>, how: (usize, bool), first: u32, keys: &[K]) -> Share<K> {
    let free = core.passes[how.0].cost == 0;
    let mut share = Share::new(core.tables.len());
    let (mut words, mut sources) = (Vec::new(), Vec::new());
    for (source, key) in (first..).zip(keys) {
        let (mut gathered, begin) = (Gathered::default(), words.len());
        if core.gather(how, *key, &mut gathered, &mut words).is_some() {
            words.truncate(begin);
            share.left.push(source);
            continue;
        }
        share.actions += gathered.actions;
        if free && !gathered.moves {
            share.resting.push(source);
        }
        sources.resize(words.len(), source);
        if words.len() >= BATCH {
            share.sift(core, &words, &sources);
            words.clear();
            sources.clear();
        }
    }
    share.sift(core, &words, &sources);
    share
}

impl<K: Key> Share<K> {
    /// Keeps the words that are not in the tables.
    fn sift(&mut self, core: &Core<K>, words: &[K], sources: &[u32]) {
        let (bits, tables) = (core.layout.bits(), core.tables.len());
        for (words, sources) in words.chunks(BATCH).zip(sources.chunks(BATCH)) {
            let mut regions = [0; BATCH];
            let mut mixed = [K::default(); BATCH];
            for (at, word) in words.iter().enumerate() {
                (regions[at], mixed[at]) = core.region(word.mix(bits));
            }
            for region in 0..tables {
                let (mut places, mut asked, mut count) = ([0; BATCH], [K::default(); BATCH], 0);
                for at in 0..words.len() {
                    (places[count], asked[count]) = (at, mixed[at]);
                    count += usize::from(regions[at] == region);
                }
                core.tables[region].absent(&asked[..count], |at| {
                    let place = places[at];
                    self.keep(words[place], sources[place], region, asked[at]);
                });
            }
        }
    }

    fn keep(&mut self, word: K, source: u32, region: usize, mixed: K) {
        let at = self.words.len() as u32;
        self.words.push(word);
        self.candidates[region].push(Candidate { source, at, mixed });
    }
}

/// Adds all candidates of a table, by ascending source, and tells which are new.
fn add<K: Key>(table: &mut Table, region: usize, shares: &[Share<K>]) -> Vec<New> {
    let (words, whose, added, new) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut waiting = Waiting { table, words, whose, added, new };
    let lists = shares.iter().map(|share| share.candidates[region].as_slice());
    let mut lists: Vec<(u32, &[Candidate<K>])> = (0..).zip(lists).collect();
    lists.retain(|(_, list)| !list.is_empty());
    // The share with the least source goes on until another one has a lesser one; a state's candidates are all
    // in one share, and most often each share has states of its own.
    while let Some(first) = (0..lists.len()).min_by_key(|at| lists[*at].1[0].source) {
        let (share, list) = lists[first];
        let others = lists.iter().filter(|(other, _)| *other != share);
        let end = match others.map(|(_, other)| other[0].source).min() {
            Some(next) => list.partition_point(|candidate| candidate.source < next),
            None => list.len(),
        };
        list[..end].iter().for_each(|candidate| waiting.add(share, candidate));
        lists[first].1 = &list[end..];
        lists.retain(|(_, list)| !list.is_empty());
    }
    waiting.flush();
    waiting.new
}

/// Candidates that are looked up together.
struct Waiting<'t, K> {
    table: &'t mut Table,
    words: Vec<K>,
    whose: Vec<New>,
    added: Vec<u32>,
    new: Vec<New>,
}

impl<K: Key> Waiting<'_, K> {
    #[inline]
    fn add(&mut self, share: u32, candidate: &Candidate<K>) {
        self.words.push(candidate.mixed);
        self.whose.push(New { source: candidate.source, share, at: candidate.at });
        if self.words.len() == BATCH {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.table.add(&self.words, |mixed| mixed, 0, &mut self.added);
        self.new.extend(self.added.drain(..).map(|at| self.whose[at as usize]));
        self.words.clear();
        self.whose.clear();
    }
}

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Finds the successors of some states by the actions of one pass, on all threads.
    pub(super) fn sweep_together(&mut self, pass: usize, task: &Task) {
        let Some(crew) = self.crew.take() else { return };
        let mut shares = self.look_together(&crew, pass, task);
        let actions: u64 = shares.iter().map(|share| share.actions).sum();
        self.findings.explored.transitions += actions;
        let mut resting: Vec<u32> =
            shares.iter_mut().flat_map(|share| std::mem::take(&mut share.resting)).collect();
        let left: Vec<u32> =
            shares.iter_mut().flat_map(|share| std::mem::take(&mut share.left)).collect();
        let begin = self.resting.len();
        if !left.is_empty() {
            self.gather_left(pass, task, &left, &mut shares);
        }
        resting.extend(self.resting.drain(begin..));
        resting.sort_unstable();
        self.resting.extend(resting);
        if !self.too_wide {
            self.add_together(&crew, shares);
        }
        self.crew = Some(crew);
    }

    fn look_together(&mut self, crew: &Crew<K>, pass: usize, task: &Task) -> Vec<Share<K>> {
        let count = task.states.len().div_ceil(crew.hands.len() + 1);
        let mut jobs = Vec::new();
        let mut states = task.states.clone();
        while !states.is_empty() {
            let first = states.start;
            states.start = first.saturating_add(count as u32).min(states.end);
            // All states of a task are of one cost, so either faults may strike in all of them or in none.
            let how = (pass, self.is_last(first));
            let keys = (first..states.start).map(|number| self.trail.key(number)).collect();
            jobs.push(Job::Look { core: Arc::clone(&self.core), how, first, keys });
        }
        let done = crew.perform(jobs).into_iter();
        done.filter_map(|done| if let Done::Looked(share) = done { Some(share) } else { None })
            .collect()
    }

    /// Gathers the successors of states that the other threads left, as a share of its own.
    fn gather_left(&mut self, pass: usize, task: &Task, left: &[u32], shares: &mut Vec<Share<K>>) {
        let layout = self.core.layout.clone();
        for &state in left {
            self.gather(pass, state, task);
            if self.too_wide {
                return;
            }
        }
        let moves = layout.moves(&self.core.layout);
        let (core, bits) = (&self.core, self.core.layout.bits());
        if layout != core.layout {
            for share in &mut *shares {
                share.words.iter_mut().for_each(|word| *word = moves.apply(*word));
                let sources = share.candidates.iter().flatten().map(|c| (c.at, c.source));
                let mut sources: Vec<(u32, u32)> = sources.collect();
                sources.sort_unstable();
                share.candidates.iter_mut().for_each(Vec::clear);
                for (at, source) in sources {
                    let (region, mixed) = core.region(share.words[at as usize].mix(bits));
                    share.candidates[region].push(Candidate { source, at, mixed });
                }
            }
        }
        let mut share = Share::new(core.tables.len());
        for (source, words) in self.pending.by_source() {
            for word in words {
                let (region, mixed) = core.region(word.mix(bits));
                share.keep(*word, source, region, mixed);
            }
        }
        self.pending.clear();
        shares.push(share);
    }

    fn add_together(&mut self, crew: &Crew<K>, shares: Vec<Share<K>>) {
        let shares = Arc::new(shares);
        let tables = std::mem::take(&mut self.core().tables);
        let mut jobs = Vec::new();
        for (region, table) in tables.into_iter().enumerate() {
            jobs.push(Job::Add { table, region, shares: Arc::clone(&shares) });
        }
        let (mut tables, mut new) = (Vec::new(), Vec::new());
        while !jobs.is_empty() {
            let later = jobs.split_off(jobs.len().min(crew.hands.len() + 1));
            for done in crew.perform(std::mem::replace(&mut jobs, later)) {
                if let Done::Added(table, found) = done {
                    tables.push(table);
                    new.push(found);
                }
            }
        }
        self.core().tables = tables;
        let mut lists: Vec<&[New]> = new.iter().map(Vec::as_slice).collect();
        loop {
            let next = lists.iter().enumerate().filter_map(|(at, list)| Some((*list.first()?, at)));
            let Some((found, list)) = next.min() else { break };
            lists[list] = &lists[list][1..];
            let word = shares[found.share as usize].words[found.at as usize];
            self.trail.push(word, found.source);
        }
    }
}
