//! Cache lines by the million, in pages as large as the system gives.
//!
//! A table far larger than the caches misses twice for each key: once for its line, and once for the page
//! table, which for 10^7 keys in pages of 4 KiB does not fit where the processor looks first. Pages of
//! 2 MiB do away with the second miss. Linux gives them to memory that asks (`madvise`, its usual setting);
//! elsewhere, or where it has none left, the memory is merely correct.
//!
//! Must never know what a line holds, but that zeros are what it holds first.

use std::fmt;
use std::marker::PhantomData;

use bytemuck::Pod;
use memmap2::MmapMut;

/// A fixed number of lines, each within one cache line if its size divides 64 bytes.
pub(crate) struct Lines<L> {
    pages: MmapMut,
    line: PhantomData<L>,
}

impl<L: Pod> Lines<L> {
    /// So many lines of zeros, at least one, in memory that is there.
    pub(crate) fn zeroed(length: usize) -> Lines<L> {
        let mut lines = Lines::lazy(length);
        // The system makes a page when it is first written. Better now than within a decision.
        lines.clear();
        lines
    }

    /// So many lines of zeros, at least one, for which the system finds memory when they are first written.
    pub(crate) fn lazy(length: usize) -> Lines<L> {
        let bytes = length.max(1) * size_of::<L>();
        let pages = MmapMut::map_anon(bytes)
            .unwrap_or_else(|error| panic!("no memory for {bytes} bytes: {error}"));
        #[cfg(target_os = "linux")]
        // A wish: whoever does not grant it is slower.
        let _ = pages.advise(memmap2::Advice::HugePage);
        Lines { pages, line: PhantomData }
    }

    /// All of them.
    #[inline(always)]
    pub(crate) fn all(&self) -> &[L] {
        bytemuck::cast_slice(&self.pages)
    }

    /// All of them, to be changed.
    #[inline(always)]
    pub(crate) fn all_mut(&mut self) -> &mut [L] {
        bytemuck::cast_slice_mut(&mut self.pages)
    }

    /// How many there are.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.pages.len() / size_of::<L>()
    }

    /// Makes all of them zeros.
    pub(crate) fn clear(&mut self) {
        self.pages.fill(0);
    }

    /// Bytes that they take.
    pub(crate) fn bytes(&self) -> u64 {
        self.pages.len() as u64
    }
}

impl<L: Pod> Clone for Lines<L> {
    fn clone(&self) -> Lines<L> {
        let mut copy = Lines::zeroed(self.count());
        copy.pages.copy_from_slice(&self.pages);
        copy
    }
}

impl<L> fmt::Debug for Lines<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({} bytes)", self.pages.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_zeros_first_and_copies_are_apart() {
        let mut lines: Lines<[u128; 4]> = Lines::zeroed(100_000);
        assert!(lines.all().iter().all(|line| *line == [0; 4]));
        lines.all_mut()[99_999][3] = 7;
        let mut copy = lines.clone();
        assert_eq!(copy.all()[99_999], [0, 0, 0, 7]);
        copy.clear();
        assert_eq!((copy.all()[99_999][3], lines.all()[99_999][3]), (0, 7));
        assert_eq!((lines.count(), lines.bytes()), (100_000, 6_400_000));
    }

    #[test]
    fn a_line_is_a_cache_line() {
        let lines: Lines<[u64; 8]> = Lines::zeroed(0);
        assert_eq!(lines.count(), 1);
        assert_eq!(lines.all().as_ptr() as usize % 64, 0);
    }
}
