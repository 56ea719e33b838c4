//! Kinds of memory: what of a strategy's state is left after a crash.
//!
//! Must never know how a strategy works.

use std::fmt;

/// When marks become durable, relative to the effects of the same batch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Order {
    /// Marks first: a crash between loses the effects not yet performed.
    Before,
    /// Effects first: a crash between repeats the effects already performed.
    After,
    /// Marks and effects in one transaction: a crash undoes both.
    With,
}

/// A kind of memory.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Memory {
    /// Gone with the process.
    Volatile,
    /// Saved whole, at the first commit at which at least `every` records passed since the last time;
    /// the saved copy is on the owner's own disk, so it does not follow a partition to another owner.
    Snapshot {
        /// Records between two snapshots.
        every: u64,
    },
    /// Durable at every commit, in a store that the next owner reads too.
    Durable {
        /// Relative to the effects.
        order: Order,
    },
}

impl Memory {
    /// The order in which the application performs effects and commits marks.
    pub fn order(self) -> Order {
        match self {
            Memory::Durable { order } => order,
            Memory::Volatile | Memory::Snapshot { .. } => Order::After,
        }
    }

    /// The kind, without its numbers.
    pub fn kind(self) -> Kind {
        match self {
            Memory::Volatile => Kind::Volatile,
            Memory::Snapshot { .. } => Kind::Snapshot,
            Memory::Durable { order: Order::Before } => Kind::DurableBefore,
            Memory::Durable { order: Order::After } => Kind::DurableAfter,
            Memory::Durable { order: Order::With } => Kind::DurableWith,
        }
    }
}

/// A kind of memory, without its numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// [`Memory::Volatile`].
    Volatile,
    /// [`Memory::Snapshot`].
    Snapshot,
    /// [`Memory::Durable`], marks before effects.
    DurableBefore,
    /// [`Memory::Durable`], effects before marks.
    DurableAfter,
    /// [`Memory::Durable`], marks and effects in one transaction.
    DurableWith,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [
        Kind::Volatile,
        Kind::Snapshot,
        Kind::DurableBefore,
        Kind::DurableAfter,
        Kind::DurableWith,
    ];

    /// The name that tables and scenarios use.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Volatile => "volatile",
            Kind::Snapshot => "snapshot",
            Kind::DurableBefore => "durable-before",
            Kind::DurableAfter => "durable-after",
            Kind::DurableWith => "durable-with",
        }
    }

    /// The order of marks and effects, if it is durable.
    pub fn order(self) -> Option<Order> {
        match self {
            Kind::Volatile | Kind::Snapshot => None,
            Kind::DurableBefore => Some(Order::Before),
            Kind::DurableAfter => Some(Order::After),
            Kind::DurableWith => Some(Order::With),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How an owner loses its state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Loss {
    /// The process died and comes back on the same machine.
    Crash,
    /// A rebalance gave the partition to another owner, on another machine.
    Moved,
}
