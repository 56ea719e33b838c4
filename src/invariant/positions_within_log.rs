//! A consumer's position lies within the log.

use super::{Invariant, Transition, logs};
use crate::cluster::Program;

/// See [`Invariant::doc`].
pub(super) struct PositionsWithinLog;

impl Invariant for PositionsWithinLog {
    fn name(&self) -> &'static str {
        "positions-within-log"
    }

    fn doc(&self) -> &'static str {
        "No consumer's position is beyond the log's end: it was told of every record before it \
         (SubscriptionState.java)."
    }

    fn excused_by(&self) -> &'static [&'static str] {
        &["topic-deletion", "power-loss"]
    }

    fn check(&self, step: Transition<'_>) -> Result<(), String> {
        for (name, number, log) in logs(step.after) {
            for process in &step.after.processes {
                let Program::Reader(program) = &process.program else { continue };
                let position = program.consumer.position((name, number));
                if position.is_some_and(|position| position > log.log_end_offset()) {
                    return Err(format!(
                        "{position:?}, and the log ends at {}",
                        log.log_end_offset()
                    ));
                }
            }
        }
        Ok(())
    }
}
