//! `delivery.timeout.ms`: batches that expire, and those that become overdue under the sender's eyes.
//!
//! The sender thread looks for expired batches before it polls. A batch whose time passes inside that poll
//! is still there when the poll hands over its answer or its disconnect; `Sender.java: completeBatch` then
//! fails it with the sequences of the others adjusted, although nobody knows whether it was appended.

use crate::protocol::error_code::ErrorCode;
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer::batch::ProducerBatch;
use crate::protocol::producer::complete::Confirmed;
use crate::protocol::producer::{BatchNumber, Producer, ProducerContext};
use crate::record::PayloadId;

impl Producer {
    /// A fault holds up what is not complete, so that its delivery timeout may be over.
    pub fn held_up(&mut self) {
        for batch in &mut self.batches {
            batch.may_expire = true;
        }
    }

    /// Whether a batch waits for its acknowledgement with a deadline.
    pub fn has_deadline(&self, cx: ProducerContext<'_>) -> bool {
        let forever = cx.config.delivery_timeout_ms >= i32::MAX as u64;
        !forever && !self.is_idle()
    }

    /// Whether a batch was held up by a fault, so that its delivery timeout may be over.
    pub fn may_expire(&self, cx: ProducerContext<'_>) -> bool {
        self.has_deadline(cx) && self.batches.iter().any(|batch| batch.may_expire && !batch.done)
    }

    /// The oldest batch that is open; of those that a fault held up, if there are any.
    fn next_to_expire(&self) -> Option<BatchNumber> {
        let open = || self.numbered().filter(|(_, batch)| !batch.done);
        let oldest = open().find(|(_, batch)| batch.may_expire).or_else(|| open().next());
        oldest.map(|(number, _)| number)
    }

    /// The first record of the batch whose `delivery.timeout.ms` is over next, before the sender thread polls or
    /// inside its poll.
    pub fn expires_next(&self, cx: ProducerContext<'_>, in_poll: bool) -> Option<PayloadId> {
        let next = if in_poll { self.next_overdue(cx) } else { self.next_to_expire() };
        Some(self.batch(next?).records.first()?.payload)
    }

    /// `delivery.timeout.ms` of the oldest batch is over (`Sender.java: failExpiredBatches`); of those that
    /// a fault held up, if there are any.
    pub fn expire(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        let Some(number) = self.next_to_expire() else { return };
        let batch = self.batch(number);
        let (key, retried) = (batch.key(), batch.attempts > 0);
        let last_sequence = batch.last_sequence();
        if let Some(queue) = self.queues.get_mut(&key) {
            queue.retain(|&queued| queued != number);
        }
        out.note_with(|| Note::BatchExpired {
            process: cx.process,
            payloads: self.batch(number).payloads(),
        });
        self.fail_batch(cx, number, ErrorCode::RequestTimedOut, Confirmed::No, out);
        if cx.config.idempotence && retried {
            self.mark_unresolved(key, last_sequence);
        }
        self.forget_done();
        self.run(cx, out);
    }

    /// The batch in flight whose deadline may pass while the sender thread polls: the oldest one that a
    /// fault held up. Only an idempotent producer cares, which adjusts sequences then.
    fn next_overdue(&self, cx: ProducerContext<'_>) -> Option<BatchNumber> {
        if !cx.config.idempotence || !self.has_deadline(cx) {
            return None;
        }
        let open = |&number: &BatchNumber| !self.batch(number).done && !self.batch(number).overdue;
        let oldest = self.flying().filter(open).min()?;
        self.batch(oldest).may_expire.then_some(oldest)
    }

    /// Whether a deadline may pass while the sender thread polls.
    pub fn may_become_overdue(&self, cx: ProducerContext<'_>) -> bool {
        self.next_overdue(cx).is_some()
    }

    /// The deadline of the oldest batch in flight passes while the sender thread polls.
    pub fn become_overdue(&mut self, cx: ProducerContext<'_>) {
        if let Some(number) = self.next_overdue(cx) {
            self.batch_mut(number).overdue = true;
        }
    }

    /// Whether the sender thread polls, with batches that became overdue since it last looked.
    pub(super) fn is_in_poll(&self) -> bool {
        let overdue = |batch: &ProducerBatch| batch.overdue && !batch.done;
        let polls = self.flying().any(|number| overdue(self.batch(number)));
        debug_assert_eq!(polls, self.batches.iter().any(overdue));
        polls
    }
}
