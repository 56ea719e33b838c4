//! What a partition remembers of its producers is what its log says.

use super::{Invariant, Transition, logs};
use crate::protocol::log::Log;

/// See [`Invariant::doc`].
pub(super) struct ProducerStateOfLog;

impl Invariant for ProducerStateOfLog {
    fn name(&self) -> &'static str {
        "producer-state-of-log"
    }

    fn doc(&self) -> &'static str {
        "The last batch that a partition remembers of a producer is the last one of that producer and \
         epoch in the log, unless retention has deleted it (ProducerStateManager.java)."
    }

    fn check(&self, step: Transition<'_>) -> Result<(), String> {
        logs(step.after).try_for_each(|(_, _, log)| check(log))
    }
}

fn check(log: &Log) -> Result<(), String> {
    for (id, entry) in log.producers().producers() {
        let Some(remembered) = entry.batches.last() else { continue };
        if remembered.last_offset >= log.log_end_offset() {
            return Err(format!("producer {id}: a batch beyond the end is remembered"));
        }
        let own = log.batches().filter(|batch| batch.producer_id == *id && !batch.control);
        let last = own.filter(|batch| batch.producer_epoch == entry.producer_epoch).last();
        let agrees = match last {
            Some(last) => {
                (last.last_sequence(), last.last_offset)
                    == (remembered.last_sequence, remembered.last_offset)
            }
            None => remembered.last_offset < log.log_start_offset(),
        };
        if !agrees {
            return Err(format!(
                "producer {id}: remembered is {remembered:?}, the log says otherwise"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::producer_state::entry::{BatchMetadata, ProducerEntry};

    #[test]
    fn a_remembered_batch_that_is_not_in_the_log_is_found() {
        let mut log = Log::new(0);
        assert_eq!(check(&log), Ok(()));
        let mut entry = ProducerEntry::empty();
        let batch = BatchMetadata { last_sequence: 0, last_offset: 0, offset_delta: 0 };
        entry.add_batch(0, batch, 0);
        log.producers_mut().update(7, entry);
        assert!(check(&log).is_err());
    }
}
