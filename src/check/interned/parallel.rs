//! Expanding packed states on several threads, with the same result as on one.
//!
//! The other threads look successors up, chunk by chunk. The first one takes the chunks in the order of their
//! states and adds their words: the same words in the same order as if it were alone. Instead of waiting for a
//! chunk it looks a further one up itself. What is not remembered is left to it; what it works out joins what is
//! remembered when the others rest.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use super::core::{Core, Gathered};
use super::engine::Interned;
use super::expand::Pending;
use super::key::{Key, Layout};
use super::recent::Recent;
use crate::check::order::Task;
use crate::system::Parted;

/// How many states are worth waking other threads for.
pub(super) const WORTH: usize = 2048;

/// How many states make a chunk: so few that their successors stay in a core's own cache.
const CHUNK: u32 = 512;

/// How many states of a chunk may be left before the other threads have to rest.
const MANY_LEFT: usize = CHUNK as usize / 16;

/// How many chunks each of the other threads has before it at most, so that it need not wait.
const AHEAD: usize = 3;

/// How often a thread looks for its next job before it sleeps: waking up takes longer than most jobs.
const LOOKS: usize = 1 << 12;

/// The successors of a chunk of states.
pub(super) struct Share<K> {
    /// Whose successors these are; nothing of states that are left to the first thread.
    found: Pending<K>,
    /// States that nothing changes.
    resting: Vec<u32>,
    /// States that are left to the first thread, each with the number of sources before it.
    left: Vec<(u32, usize)>,
    actions: u64,
}

impl<K: Key> Default for Share<K> {
    fn default() -> Self {
        let found = Pending::default();
        Share { found, resting: Vec::new(), left: Vec::new(), actions: 0 }
    }
}

/// States whose successors are to be looked up.
struct Job<K> {
    core: Arc<Core<K>>,
    /// The pass, and whether no fault may strike any more.
    how: (usize, bool),
    first: u32,
    keys: Vec<K>,
    /// Empty, to be filled.
    share: Share<K>,
}

impl<K: Key> Job<K> {
    fn perform(self, recent: &mut Recent<K>) -> (Share<K>, Vec<K>) {
        let Job { core, how, first, keys, mut share } = self;
        let free = core.passes[how.0].cost == 0;
        for (state, key) in (first..).zip(&keys) {
            let (mut gathered, begin) = (Gathered::default(), share.found.words.len());
            if core.gather(how, *key, &mut gathered, &mut share.found.words).is_some() {
                share.found.words.truncate(begin);
                share.left.push((state, share.found.count()));
                continue;
            }
            share.found.end(state);
            share.actions += gathered.actions;
            if free && !gathered.moves {
                share.resting.push(state);
            }
        }
        // Each thread meets states in their order, so what it leaves out comes from an earlier one.
        recent.begin(core.layouts);
        share.found.sift(recent);
        (share, keys)
    }
}

/// A thread that waits for jobs.
struct Hand<K> {
    jobs: Option<Sender<Job<K>>>,
    done: Receiver<(Share<K>, Vec<K>)>,
    thread: Option<JoinHandle<()>>,
}

impl<K: Key> Hand<K> {
    fn new() -> Self {
        let (jobs, to_do) = channel::<Job<K>>();
        let (tell, done) = channel();
        let work = move || {
            let mut recent = Recent::new();
            // What a job shares is let go of before its end is told.
            while let Some(job) = wait(&to_do) {
                if tell.send(job.perform(&mut recent)).is_err() {
                    break;
                }
            }
        };
        Hand { jobs: Some(jobs), done, thread: Some(std::thread::spawn(work)) }
    }
}

/// Waits for what another thread sends; nothing if it ended.
fn wait<T>(receiver: &Receiver<T>) -> Option<T> {
    for _ in 0..LOOKS {
        match receiver.try_recv() {
            Ok(sent) => return Some(sent),
            Err(TryRecvError::Empty) => std::hint::spin_loop(),
            Err(TryRecvError::Disconnected) => return None,
        }
    }
    receiver.recv().ok()
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

/// A chunk on its way.
enum Chunk<K> {
    /// One of the threads has it.
    With(usize),
    Ready(Share<K>),
}

/// The threads besides the first, and the chunks on their way, in the order of their states.
pub(super) struct Crew<K> {
    hands: Vec<Hand<K>>,
    /// Who gets the next chunk.
    next: usize,
    /// How many chunks they have.
    given: usize,
    chunks: VecDeque<Chunk<K>>,
    /// What is used again.
    shares: Vec<Share<K>>,
    keys: Vec<Vec<K>>,
}

impl<K: Key> Crew<K> {
    /// So many threads, the first one included.
    pub(super) fn new(threads: usize) -> Self {
        let hands = (1..threads).map(|_| Hand::new()).collect();
        let (chunks, shares, keys) = (VecDeque::new(), Vec::new(), Vec::new());
        Crew { hands, next: 0, given: 0, chunks, shares, keys }
    }

    /// Whether the other threads may have more chunks.
    fn has_room(&self) -> bool {
        self.given < self.hands.len() * AHEAD
    }

    /// Gives a job to the next thread.
    fn give(&mut self, job: Job<K>) {
        let sent = self.hands[self.next].jobs.as_ref().map(|jobs| jobs.send(job).is_ok());
        assert_eq!(sent, Some(true), "the thread waits for jobs");
        self.chunks.push_back(Chunk::With(self.next));
        self.next = (self.next + 1) % self.hands.len();
        self.given += 1;
    }

    fn store(&mut self, (share, mut keys): (Share<K>, Vec<K>)) -> Share<K> {
        keys.clear();
        self.keys.push(keys);
        share
    }

    /// Takes a chunk that a thread has, if it is done or if it is worth waiting.
    fn fetch(&mut self, hand: usize, waits: bool) -> Option<Share<K>> {
        let done = &self.hands[hand].done;
        let done = match waits {
            true => Some(wait(done).expect("the thread ends its job")),
            false => done.try_recv().ok(),
        };
        self.given -= usize::from(done.is_some());
        done.map(|done| self.store(done))
    }

    /// Whether another thread may be looking now.
    pub(super) fn is_busy(&self) -> bool {
        self.given > 0
    }

    /// Waits until no thread has a chunk.
    pub(super) fn gather_in(&mut self) {
        for at in 0..self.chunks.len() {
            if let Chunk::With(hand) = self.chunks[at] {
                self.chunks[at] = Chunk::Ready(self.fetch(hand, true).expect("it was waited for"));
            }
        }
    }

    /// Moves all chunks, which are done, to another layout.
    pub(super) fn set_layout(&mut self, from: &Layout, to: &Layout) {
        for chunk in &mut self.chunks {
            if let Chunk::Ready(share) = chunk {
                share.found.set_layout(from, to);
            }
        }
    }

    fn reuse(&mut self, mut share: Share<K>) {
        share.found.clear();
        share.resting.clear();
        share.left.clear();
        share.actions = 0;
        self.shares.push(share);
    }
}

impl<M: Parted, K: Key, O: Ord> Interned<'_, '_, M, K, O> {
    /// Finds the successors of some states by the actions of one pass, on all threads.
    pub(super) fn sweep_together(&mut self, pass: usize, task: &Task) {
        let mut states = task.states.clone();
        while !self.too_wide {
            while self.crew().has_room() && !states.is_empty() {
                let job = self.job(pass, &mut states);
                self.crew().give(job);
            }
            let share = match self.crew().chunks.pop_front() {
                None => break,
                Some(Chunk::Ready(share)) => share,
                Some(Chunk::With(hand)) => match self.crew().fetch(hand, states.is_empty()) {
                    Some(share) => share,
                    None => {
                        self.crew().chunks.push_front(Chunk::With(hand));
                        let job = self.job(pass, &mut states);
                        self.perform(job);
                        continue;
                    }
                },
            };
            self.take(share, pass, task);
        }
        // What was worked out is remembered from here on.
        self.core();
        self.crew().chunks.clear();
    }

    fn crew(&mut self) -> &mut Crew<K> {
        self.crew.as_mut().expect("there are several threads")
    }

    /// Looks a chunk up on this thread.
    fn perform(&mut self, job: Job<K>) {
        let done = job.perform(&mut self.recent);
        let share = self.crew().store(done);
        self.crew().chunks.push_back(Chunk::Ready(share));
    }

    /// A job for the first of the states.
    fn job(&mut self, pass: usize, states: &mut Range<u32>) -> Job<K> {
        let first = states.start;
        states.start = first.saturating_add(CHUNK).min(states.end);
        let mut keys = self.crew().keys.pop().unwrap_or_default();
        keys.extend((first..states.start).map(|state| self.trail.key(state)));
        let share = self.crew().shares.pop().unwrap_or_default();
        // All states of a task are of one cost, so either faults may strike in all of them or in none.
        let how = (pass, self.is_last(first));
        Job { core: Arc::clone(&self.core), how, first, keys, share }
    }

    /// Keeps what was found for a chunk.
    fn take(&mut self, mut share: Share<K>, pass: usize, task: &Task) {
        self.findings.explored.transitions += share.actions;
        let begin = self.resting.len();
        self.resting.extend(&share.resting);
        if share.left.is_empty() {
            self.keep_new(&mut share.found);
        } else {
            self.fill_in(&mut share, pass, task);
            self.resting[begin..].sort_unstable();
        }
        self.crew().reuse(share);
    }

    /// The same for a chunk with states that were left to this thread.
    fn fill_in(&mut self, share: &mut Share<K>, pass: usize, task: &Task) {
        if share.left.len() > MANY_LEFT {
            // Better let the others see what was worked out.
            self.core();
        }
        let mut done = 0;
        for (state, before) in std::mem::take(&mut share.left) {
            self.pending.copy(&share.found, done..before);
            done = before;
            let layout = self.core.layout.clone();
            self.gather(pass, state, task);
            if self.too_wide {
                return;
            }
            if layout != self.core.layout {
                share.found.set_layout(&layout, &self.core.layout);
            }
        }
        self.pending.copy(&share.found, done..share.found.count());
        self.flush();
    }
}
