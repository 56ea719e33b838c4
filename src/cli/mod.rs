//! The command line: the only place for files, arguments and the terminal; one file per verb.

pub mod conform;
pub mod dedup;
