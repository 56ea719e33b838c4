//! No deduplication: the control that must show every duplicate.
//!
//! Assumes that no record is delivered twice.

use super::{Admission, Arrival, Dedup, DedupError, Loss, Recognises, Theory};

/// Processes everything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct NoDedup;

impl Dedup for NoDedup {
    fn admit(&mut self, _: &Arrival) -> Result<Admission, DedupError> {
        Ok(Admission::Process)
    }

    fn admit_batch(
        &mut self,
        arrivals: &[Arrival],
        admissions: &mut [Admission],
    ) -> Result<(), DedupError> {
        let length = arrivals.len().min(admissions.len());
        admissions[..length].fill(Admission::Process);
        Ok(())
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        Ok(())
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::Nothing)
    }
}
