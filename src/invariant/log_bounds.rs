//! The bounds of a log.

use super::{Invariant, Transition, logs};
use crate::protocol::log::Log;
use crate::protocol::variant::Kafka;

/// See [`Invariant::doc`].
pub(super) struct LogBounds;

impl Invariant for LogBounds {
    fn name(&self) -> &'static str {
        "log-bounds"
    }

    fn doc(&self) -> &'static str {
        "Log start offset <= last stable offset <= high watermark <= log end offset, and batches follow \
         each other without overlap (UnifiedLog.java)."
    }

    fn check(&self, step: Transition<'_>) -> Result<(), String> {
        logs(step.after).try_for_each(|(_, _, log)| check(log))
    }
}

fn check(log: &Log) -> Result<(), String> {
    let bounds = [
        log.log_start_offset(),
        log.last_stable_offset(Kafka::default()),
        log.high_watermark(),
        log.log_end_offset(),
    ];
    if !bounds.is_sorted() {
        return Err(format!("log start, last stable, high watermark, log end are {bounds:?}"));
    }
    let mut next = 0;
    for batch in log.batches() {
        if batch.base_offset < next || batch.last_offset < batch.base_offset {
            return Err(format!(
                "a batch at {} to {} overlaps",
                batch.base_offset, batch.last_offset
            ));
        }
        next = batch.last_offset + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_watermark_beyond_the_end_is_found() {
        let mut log = Log::new(0);
        assert_eq!(check(&log), Ok(()));
        log.raise_high_watermark(3);
        assert!(check(&log).is_err());
    }
}
