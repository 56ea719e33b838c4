//! Overlapping of cache misses without unsafe code.
//!
//! A table far larger than the caches costs one miss a key. Asked one key after the other, each miss is
//! waited for; asked [`AHEAD`] keys ahead, a dozen are under way at once. The hint comes from the crate
//! `safe_arch`, whose function takes a reference and so cannot point outside the program; on other
//! processors than x86-64 there is no hint, and the loop is merely correct.
//!
//! Must never decide anything: a hint changes when data arrives, not what is read.

use super::{Admission, Arrival};

/// How many keys ahead of the one in hand the memory is asked for.
const AHEAD: usize = 24;
/// Keys whose hashes are computed in one go.
const CHUNK: usize = 512;

/// Runs through keys with their lines asked for in advance: `touch` asks, `decide` works.
#[inline(always)]
pub(crate) fn ahead<S>(
    state: &mut S,
    keys: impl ExactSizeIterator<Item = u128> + Clone,
    hash: impl Fn(u128) -> u64,
    touch: impl Fn(&S, u64),
    mut decide: impl FnMut(&mut S, usize, u128, u64),
) {
    let mut hashes = [0u64; CHUNK];
    let mut keys = keys;
    let mut done = 0;
    while keys.len() > 0 {
        let length = keys.len().min(CHUNK);
        let hashes = &mut hashes[..length];
        for (slot, key) in hashes.iter_mut().zip(keys.clone()) {
            *slot = hash(key);
        }
        for &hash in hashes.iter().take(AHEAD) {
            touch(state, hash);
        }
        for at in 0..length {
            if let Some(&hash) = hashes.get(at + AHEAD) {
                touch(state, hash);
            }
            let Some(key) = keys.next() else { return };
            decide(state, done + at, key, hashes[at]);
        }
        done += length;
    }
}

/// [`ahead`] over arrivals, with the answers in `admissions`.
#[inline(always)]
pub(crate) fn admit_ahead<S>(
    state: &mut S,
    arrivals: &[Arrival],
    admissions: &mut [Admission],
    hash: impl Fn(u128) -> u64,
    touch: impl Fn(&S, u64),
    decide: impl Fn(&mut S, &Arrival, u64) -> Admission,
) {
    let length = arrivals.len().min(admissions.len());
    let (arrivals, admissions) = (&arrivals[..length], &mut admissions[..length]);
    let keys = arrivals.iter().map(|arrival| arrival.key);
    ahead(state, keys, hash, touch, |state, at, _, hash| {
        admissions[at] = decide(state, &arrivals[at], hash);
    });
}
