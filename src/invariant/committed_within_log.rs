//! A committed offset lies within the log.

use super::{Invariant, Transition, logs};

/// See [`Invariant::doc`].
pub(super) struct CommittedWithinLog;

impl Invariant for CommittedWithinLog {
    fn name(&self) -> &'static str {
        "committed-within-log"
    }

    fn doc(&self) -> &'static str {
        "No committed offset is beyond the log's end: consumers commit what they read. It may lie before \
         the log's start, which retention moves."
    }

    fn excused_by(&self) -> &'static [&'static str] {
        &["topic-deletion", "power-loss"]
    }

    fn check(&self, step: Transition<'_>) -> Result<(), String> {
        for (name, number, log) in logs(step.after) {
            for group in step.after.node.broker.offsets().groups().values() {
                let stored = group.offsets().get(&(name, number));
                if let Some(stored) = stored.filter(|stored| stored.offset > log.log_end_offset()) {
                    let end = log.log_end_offset();
                    return Err(format!(
                        "{} is committed, and the log ends at {end}",
                        stored.offset
                    ));
                }
            }
        }
        Ok(())
    }
}
