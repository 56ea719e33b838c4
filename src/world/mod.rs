//! The model of a whole scenario: nodes on links, faults with budgets, a ledger of what clients saw.

pub mod setting;
