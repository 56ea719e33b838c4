//! The end of an attempt and of a batch (`Sender.java: completeBatch, canRetry, failBatch`).

use crate::history::Event;
use crate::history::event::Outcome;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::producer::errors::{
    asks_for_metadata, excludes_append, is_fatal, is_retriable,
};
use crate::protocol::producer::{BatchNumber, Producer, ProducerContext};
use crate::record::Offset;

/// How one attempt to send a batch ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Attempt {
    /// With the broker's answer.
    Answer(ErrorCode, Offset),
    /// Without one: the connection broke.
    NoAnswer,
    /// None was asked for (acks=0).
    Unanswered,
}

/// Whether a failure is a broker's word, so that sequences may be given anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Confirmed {
    Yes,
    No,
}

impl Producer {
    /// One attempt of a batch ended: it is complete, or tried again, or failed.
    pub(super) fn complete_attempt(
        &mut self,
        cx: ProducerContext<'_>,
        number: BatchNumber,
        attempt: Attempt,
        out: &mut Outbox,
    ) {
        let error = match attempt {
            Attempt::Answer(ErrorCode::None, offset) => {
                return self.complete_batch(cx, number, offset, out);
            }
            Attempt::Unanswered => return self.complete_batch(cx, number, -1, out),
            Attempt::Answer(error, _) => Some(error),
            Attempt::NoAnswer => None,
        };
        let batch = self.batch_mut(number);
        batch.maybe_appended |= error.is_none_or(|error| !excludes_append(error));
        // A disconnect is a NETWORK_EXCEPTION, which is retriable.
        if self.can_retry(cx, number, error) {
            self.enqueue_again(cx, number, error, out);
        } else if error == Some(ErrorCode::DuplicateSequenceNumber) {
            // It is in the log, but the broker no longer knows where.
            self.complete_batch(cx, number, -1, out);
        } else {
            let exhausted = self.batch(number).attempts >= cx.config.retries;
            let confirmed = if exhausted { Confirmed::No } else { Confirmed::Yes };
            let error = error.unwrap_or(ErrorCode::RequestTimedOut);
            self.fail_batch(cx, number, error, confirmed, out);
        }
        if error.is_some_and(asks_for_metadata) {
            self.metadata_stale = true;
        }
    }

    fn complete_batch(
        &mut self,
        cx: ProducerContext<'_>,
        number: BatchNumber,
        offset: Offset,
        out: &mut Outbox,
    ) {
        let batch = self.batch(number);
        let (key, last) = (batch.key(), batch.last_sequence());
        if cx.config.idempotence {
            // Also for a batch that has expired: a late success still counts.
            let entry = self.entry(key);
            entry.last_acked_sequence = entry.last_acked_sequence.max(last);
        }
        if !self.batch(number).done {
            let ended = |i: Offset| Outcome::Acked(if offset < 0 { -1 } else { offset + i });
            self.end(cx, number, ended, out);
        }
    }

    /// `canRetry` of Sender and TransactionManager. A batch whose deadline passed while the sender thread
    /// polled is not tried again.
    fn can_retry(
        &mut self,
        cx: ProducerContext<'_>,
        number: BatchNumber,
        error: Option<ErrorCode>,
    ) -> bool {
        let batch = self.batch(number);
        if batch.attempts >= cx.config.retries || batch.done || batch.overdue {
            return false;
        }
        match error {
            None => true,
            Some(ErrorCode::OutOfOrderSequenceNumber) if cx.config.idempotence => {
                self.retry_out_of_order(number);
                true
            }
            Some(error) => is_retriable(error),
        }
    }

    /// An idempotent producer retries every OUT_OF_ORDER_SEQUENCE_NUMBER; it asks for an epoch bump unless
    /// an earlier batch explains it.
    fn retry_out_of_order(&mut self, number: BatchNumber) {
        let batch = self.batch(number);
        let (key, reset) = (batch.key(), batch.reset);
        let base_sequence = batch.state.map_or(-1, |state| state.base_sequence);
        let entry = self.entry(key);
        match entry.unresolved {
            None if reset || !entry.is_next(base_sequence) => {}
            None => self.ask_for_bump(key),
            Some(next) if next == base_sequence => self.ask_for_bump(key),
            Some(_) => {}
        }
    }

    /// `reenqueue`: to the front; with sequences, in their order.
    fn enqueue_again(
        &mut self,
        cx: ProducerContext<'_>,
        number: BatchNumber,
        error: Option<ErrorCode>,
        out: &mut Outbox,
    ) {
        let unlimited = cx.config.retries == i32::MAX as u32;
        let batch = self.batch_mut(number);
        // Attempts that nothing counts would only make equal states differ.
        batch.attempts = if unlimited { 1 } else { batch.attempts + 1 };
        // What goes round and round is over some time, whoever caused it.
        batch.may_expire = true;
        let (key, state) = (batch.key(), batch.state);
        let comes_before = |queued: &&BatchNumber| {
            let queued = self.batch(**queued).state;
            queued.zip(state).is_some_and(|(queued, own)| queued.base_sequence < own.base_sequence)
        };
        let queue = self.queues.get(&key).into_iter().flatten();
        let place = queue.take_while(comes_before).count();
        self.queues.entry(key).or_default().insert(place, number);
        let payloads = || self.batch(number).payloads();
        out.note_with(|| Note::Retried { process: cx.process, payloads: payloads(), error });
    }

    /// The futures fail (`failBatch`, `handleFailedBatch`).
    pub(super) fn fail_batch(
        &mut self,
        cx: ProducerContext<'_>,
        number: BatchNumber,
        error: ErrorCode,
        confirmed: Confirmed,
        out: &mut Outbox,
    ) {
        let batch = self.batch(number);
        if batch.done {
            return;
        }
        let key = batch.key();
        let on_its_way = self.is_in_flight(number);
        let outcome =
            if batch.maybe_appended || on_its_way { Outcome::Unknown } else { Outcome::Refused };
        self.end(cx, number, |_| outcome, out);
        if !cx.config.idempotence || self.fatal.is_some() {
            return;
        }
        if is_fatal(error, cx.protocol.kafka) {
            self.fatal = Some(error);
        } else if error == ErrorCode::OutOfOrderSequenceNumber || confirmed == Confirmed::Yes {
            self.ask_for_bump(key);
        }
    }

    fn end(
        &mut self,
        cx: ProducerContext<'_>,
        number: BatchNumber,
        outcome: impl Fn(Offset) -> Outcome,
        out: &mut Outbox,
    ) {
        // All but its requests is the batch's own.
        let batch = &mut self.batches[number as usize];
        batch.done = true;
        self.done += 1;
        for (i, record) in (0..).zip(&batch.records) {
            out.event(Event::SendEnded {
                process: cx.process,
                payload: record.payload,
                topic: batch.topic,
                partition: batch.partition,
                outcome: outcome(i),
            });
        }
    }
}
