//! What large tables ask of the machine: large pages, and cache lines before they are needed.

mod lines;

pub(crate) use lines::Lines;

/// Asks for the cache line of a value.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn prefetch<T>(value: &T) {
    safe_arch::prefetch_t0(value);
}

/// Asks for the cache line of a value; this processor has no hint.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn prefetch<T>(_: &T) {}
