//! Exit codes.

use crate::conform::report::Exit as Conform;
use crate::report::table::Standing;

/// How a run of the program ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Exit {
    /// As expected, or a report without expectations.
    AsExpected,
    /// Undecided, or something is not modelled yet.
    Undecided,
    /// Not as expected.
    NotAsExpected,
    /// Bad input or usage.
    BadInput,
    /// An error of our own.
    OurError,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::AsExpected => 0,
            Exit::NotAsExpected => 1,
            Exit::Undecided => 2,
            Exit::BadInput => 254,
            Exit::OurError => 255,
        }
    }

    /// Of one model.
    pub fn of(standing: Standing) -> Exit {
        match standing {
            Standing::AsExpected => Exit::AsExpected,
            Standing::Undecided => Exit::Undecided,
            Standing::NotAsExpected => Exit::NotAsExpected,
            Standing::Invalid => Exit::BadInput,
            Standing::Broken => Exit::OurError,
        }
    }

    /// Of `conform`.
    pub fn of_conform(exit: Conform) -> Exit {
        match exit {
            Conform::Agrees => Exit::AsExpected,
            Conform::Differs => Exit::NotAsExpected,
            Conform::NotModelled => Exit::Undecided,
            Conform::BadInput => Exit::BadInput,
        }
    }
}
