//! How large a strategy is built.
//!
//! Must never depend on the machine.

/// What strategies are built for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sizing {
    /// Distinct keys over the life of the stream.
    pub keys: u64,
    /// Keys or ticks that a windowed strategy remembers.
    pub window: u64,
    /// The rate of false positives of a filter: one new key in so many.
    pub one_in: u64,
    /// Sequence spaces.
    pub producers: u32,
    /// Bits of a window of sequence numbers.
    pub sequence_bits: u32,
    /// Records between two snapshots, for the kind of memory that has them.
    pub snapshot_every: u64,
}

impl Default for Sizing {
    fn default() -> Sizing {
        Sizing {
            keys: 200_000,
            window: 10_000,
            one_in: 1_000_000,
            producers: 100,
            sequence_bits: 1024,
            snapshot_every: 10_000,
        }
    }
}
