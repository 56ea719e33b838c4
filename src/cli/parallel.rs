//! Does the same with many things, several at a time.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The results, in the order of the things. `jobs` at a time; as many as there are processors if not said.
pub fn each<T: Sync, R: Send>(
    things: &[T],
    jobs: Option<NonZeroUsize>,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let available = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let jobs = jobs.map_or(available, NonZeroUsize::get).min(things.len());
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<R>>> = things.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(thing) = things.get(number) else { break };
                    let done = work(thing);
                    *results[number].lock().expect("nobody panics holding it") = Some(done);
                }
            });
        }
    });
    let finished = results.into_iter().map(|result| result.into_inner().expect("as above"));
    finished.map(|done| done.expect("every number was taken")).collect()
}
