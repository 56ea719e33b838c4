//! Deduplication: who remembers what was processed, at what cost, and when that memory errs.
//!
//! A strategy is asked about every arrival and answers *process*, *skip* or *refuse*. It errs in two
//! ways. It **drops** what is new (a loss), or it **lets through** what was processed before (a repeat).
//! Each strategy rests on an assumption, which stands in [`list::STRATEGIES`] beside its name; what a
//! crash leaves of it is told by its kind of [`Memory`].
//!
//! # How an application uses a strategy
//!
//! Between two commits of its position the application works through one batch, in an order that
//! the strategy's [`Memory::order`] prescribes:
//!
//! | order | steps |
//! |---|---|
//! | before | [`Dedup::admit`] every arrival, [`Dedup::commit`], perform the effects, commit the position |
//! | after | per arrival: admit, perform the effect; then [`Dedup::commit`]; commit the position |
//! | with | per arrival: admit, [`Dedup::effect`]; one commit makes marks, effects and position durable |
//!
//! A crash in the middle is [`Dedup::fail`], after which the application reads again from the position
//! last committed. An effect that fails without a crash is tried again in place: an admitted arrival is
//! marked, and a second `admit` would skip it. Only where marks and effects share a transaction is that
//! rolled back first, with [`Dedup::fail`], and the batch asked about again.
//!
//! # What is here
//!
//! [`list`] names the strategies, one file each; [`model`] is their abstract form for exhaustive
//! search; [`disk`] is the seam to storage with a simulated disk behind it; [`trial`] runs a strategy
//! under redelivery, reordering, crashes and rebalances and compares the errors with closed forms;
//! [`measure`] reads clocks; [`render`] draws tables.
//!
//! Must never know: clusters, brokers, schedules. Time is an argument (a tick of any unit); only
//! [`measure`] reads a clock, and nothing it measures flows back into a decision.

pub mod disk;
pub mod examine;
pub mod list;
pub mod measure;
pub mod model;
pub mod render;
pub mod sizing;
pub mod trial;

mod append_log;
mod append_log_format;
mod blocked_bloom;
mod bloom;
mod bloom_store;
mod cache_window;
mod conditional_write;
mod datastore;
mod exact_set;
mod filter;
mod fingerprints;
mod five_batches;
mod hash;
mod high_water;
mod memory;
mod none;
mod offset_with_result;
mod prefetch;
mod quotient;
mod recent_set;
mod rotating;
mod sequence_set;
mod sequence_window;
mod snapshot;
mod store;
mod table;
mod theory;

pub use append_log::AppendLog;
pub use blocked_bloom::BlockedBloom;
pub use bloom::LibraryBloom;
pub use bloom_store::BloomStore;
pub use cache_window::CacheWindow;
pub use conditional_write::ConditionalWrite;
pub use datastore::Datastore;
pub use exact_set::ExactSet;
pub use filter::{Filter, Lifelong, Probe};
pub use fingerprints::Fingerprints;
pub use five_batches::FiveBatches;
pub use high_water::HighWater;
pub use memory::{Kind, Loss, Memory, Order};
pub use none::NoDedup;
pub use offset_with_result::OffsetWithResult;
pub use quotient::QuotientFilter;
pub use recent_set::RecentSet;
pub use rotating::{Rotating, Turn};
pub use sequence_set::SequenceSet;
pub use sequence_window::SequenceWindow;
pub use snapshot::Snapshotted;
pub use store::Store;
pub use theory::{FalsePositives, Forgets, Recognises, Theory};

use std::fmt;

use crate::record::Offset;

/// A moment, in any unit that the application counts in. Only windows of time look at it.
pub type Tick = u64;

/// One record as it reaches the application, reduced to what any strategy looks at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Arrival {
    /// The identity that the sender stamped; the same on every resend.
    pub key: u128,
    /// Dense number of the sequence space, such as the index of a producer or of an entity.
    pub producer: u32,
    /// Number within the sequence space, from 0 without gaps and below `u64::MAX`; the same on every
    /// resend.
    pub sequence: u64,
    /// Position in the log that is read. A redelivery has the same, a resend by a producer another.
    pub offset: Offset,
    /// When it arrives.
    pub tick: Tick,
}

/// What to do with an arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Admission {
    /// Perform its effect; it is now marked as seen.
    #[default]
    Process,
    /// It was seen before.
    Skip,
    /// It cannot be judged: an error for the sender, who must send again in order or give up. Neither a
    /// loss nor a repeat.
    Refuse,
}

/// Judges one arrival as a batch of one.
fn judge_one<E>(
    arrival: &Arrival,
    judge: impl FnOnce(&[Arrival], &mut [Admission]) -> Result<(), E>,
) -> Result<Admission, E> {
    let mut answer = [Admission::Process];
    judge(std::slice::from_ref(arrival), &mut answer)?;
    Ok(answer[0])
}

/// A strategy that tells first arrivals from repeated ones.
pub trait Dedup {
    /// Judges one arrival and, if it is to be processed, marks it as seen.
    ///
    /// # Errors
    /// A store that cannot be read or written, or a structure that is full.
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError>;

    /// Judges arrivals one after the other, with the answers in `admissions` at the same places; judges
    /// as many as the shorter slice holds. Strategies override it to overlap what [`Dedup::admit`]
    /// waits for: cache misses, or the opening of a store's table.
    ///
    /// # Errors
    /// As [`Dedup::admit`]; arrivals before the one that failed are marked.
    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        for (arrival, admission) in arrivals.iter().zip(admissions) {
            *admission = self.admit(arrival)?;
        }
        Ok(())
    }

    /// Tells that the effect of an admitted arrival takes place. A strategy whose store also holds the
    /// effects writes it into the same transaction; to others it means nothing.
    ///
    /// # Errors
    /// A store that cannot be written.
    fn effect(&mut self, arrival: &Arrival) -> Result<(), DedupError> {
        let _ = arrival;
        Ok(())
    }

    /// Ends a batch: what this memory keeps of it is kept from here on. Must come before the application
    /// commits its position.
    ///
    /// # Errors
    /// A store that cannot be written or synced; the batch then counts as not committed.
    fn commit(&mut self) -> Result<(), DedupError> {
        Ok(())
    }

    /// The process is gone; what is left is what its kind of memory keeps.
    ///
    /// # Errors
    /// A store that cannot be opened again.
    fn fail(&mut self, loss: Loss) -> Result<(), DedupError>;

    /// The kind of memory.
    fn memory(&self) -> Memory {
        Memory::Volatile
    }

    /// Bytes of main memory that the state takes now, allocated but unused room included.
    fn bytes(&self) -> u64;

    /// Bytes that the state takes on disk now.
    fn disk_bytes(&self) -> u64 {
        0
    }

    /// The closed form that its errors should obey.
    fn theory(&self) -> Theory;
}

impl<D: Dedup + ?Sized> Dedup for Box<D> {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        (**self).admit(arrival)
    }
    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        (**self).admit_batch(arrivals, admissions)
    }
    fn effect(&mut self, arrival: &Arrival) -> Result<(), DedupError> {
        (**self).effect(arrival)
    }
    fn commit(&mut self) -> Result<(), DedupError> {
        (**self).commit()
    }
    fn fail(&mut self, loss: Loss) -> Result<(), DedupError> {
        (**self).fail(loss)
    }
    fn memory(&self) -> Memory {
        (**self).memory()
    }
    fn bytes(&self) -> u64 {
        (**self).bytes()
    }
    fn disk_bytes(&self) -> u64 {
        (**self).disk_bytes()
    }
    fn theory(&self) -> Theory {
        (**self).theory()
    }
}

/// Why a strategy could not answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DedupError {
    /// The operating system refused to read, write or sync.
    Disk(String),
    /// The embedded store reported an error.
    Store(String),
    /// What is on disk is not what was written.
    Corrupt(String),
    /// A structure of fixed size is full; the size it was built for.
    Full(u64),
    /// The size asked for makes no sense.
    Sizing(String),
}

impl fmt::Display for DedupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DedupError::Disk(what) => write!(f, "the disk failed: {what}"),
            DedupError::Store(what) => write!(f, "the store failed: {what}"),
            DedupError::Corrupt(what) => write!(f, "the store is corrupt: {what}"),
            DedupError::Full(keys) => {
                write!(f, "the structure is full: it was built for {keys} keys")
            }
            DedupError::Sizing(what) => write!(f, "impossible size: {what}"),
        }
    }
}

impl std::error::Error for DedupError {}

impl From<std::io::Error> for DedupError {
    fn from(error: std::io::Error) -> DedupError {
        DedupError::Disk(error.to_string())
    }
}
