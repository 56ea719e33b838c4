//! A program that hands its source's records to a producer.

use std::collections::BTreeSet;

use crate::app::program::{Doing, Exit, ProgramOut};
use crate::app::setting::{OnSendFailure, ProducerSetting, Remember, SourceSetting};
use crate::history::Event;
use crate::history::event::Outcome;
use crate::protocol::message::Response;
use crate::protocol::producer::{Producer, ProducerContext};
use crate::record::{KeyId, PayloadId, Record, Rename, Swap};

/// Size of a small record in its batch, in bytes.
const RECORD_SIZE: u32 = 10;

/// What is fixed for the program.
#[derive(Clone, Copy, Debug)]
pub struct SourceContext<'a> {
    /// Its client.
    pub producer: ProducerContext<'a>,
    /// Its own settings.
    pub setting: &'a ProducerSetting,
    /// Its source.
    pub source: &'a SourceSetting,
    /// Payload of the source's first record.
    pub first_payload: PayloadId,
}

impl SourceContext<'_> {
    fn payload(&self, number: u32) -> PayloadId {
        PayloadId(self.first_payload.0 + number)
    }

    fn record(&self, number: u32) -> Record {
        let key = (self.source.keys > 0).then(|| KeyId(number % self.source.keys));
        Record {
            payload: self.payload(number),
            key,
            tombstone: false,
            timestamp: 0,
            size: RECORD_SIZE,
        }
    }
}

/// Where the program is in its loop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    /// About to take the next record.
    Take,
    /// Has stored its position and is about to call `send` (`remember = before-send`).
    Send,
    /// Has called `send` and is about to store its position (`remember = after-send`).
    Store,
}

/// The memory of the process; its position in the source is stored outside.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SourceProgram {
    /// Its client.
    pub producer: Producer,
    next: u32,
    phase: Phase,
    /// Records beyond the stored position whose sends have ended (`remember = after-ack`).
    ended: BTreeSet<u32>,
}

impl SourceProgram {
    /// A process that begins at the stored position.
    pub fn new(cx: SourceContext<'_>, producer: Producer, stored: u32) -> SourceProgram {
        let next = if cx.source.remember == Remember::Never { 0 } else { stored };
        SourceProgram { producer, next, phase: Phase::Take, ended: BTreeSet::new() }
    }

    /// Whether the program has a step to make.
    pub fn can_run(&self, cx: SourceContext<'_>) -> bool {
        self.phase != Phase::Take || self.next < cx.source.records
    }

    /// One step of the loop.
    pub fn run(&mut self, cx: SourceContext<'_>, stored: &mut u32, out: &mut ProgramOut) {
        match (self.phase, cx.source.remember) {
            (Phase::Take, Remember::BeforeSend) => {
                self.hand_out(cx, out);
                self.store(self.next + 1, stored, out);
                self.phase = Phase::Send;
            }
            (Phase::Take, remember) => {
                self.hand_out(cx, out);
                self.send_next(cx, out);
                if remember == Remember::AfterSend {
                    self.phase = Phase::Store;
                }
            }
            (Phase::Send, _) => {
                self.phase = Phase::Take;
                self.send_next(cx, out);
            }
            (Phase::Store, _) => {
                self.phase = Phase::Take;
                self.store(self.next, stored, out);
            }
        }
        self.after_client(cx, stored, out);
    }

    fn hand_out(&self, cx: SourceContext<'_>, out: &mut ProgramOut) {
        let payload = cx.payload(self.next);
        out.client.event(Event::Handed { process: cx.producer.process, payload });
    }

    fn send_next(&mut self, cx: SourceContext<'_>, out: &mut ProgramOut) {
        let number = self.next;
        self.next += 1;
        out.did(Doing::Send(cx.payload(number)));
        self.producer.send(cx.producer, cx.setting.topic, cx.record(number), &mut out.client);
        if self.next == cx.source.records {
            // The source is exhausted: the program flushes, so that nothing lingers for ever.
            self.producer.linger_over(cx.producer, &mut out.client);
        }
    }

    fn store(&self, position: u32, stored: &mut u32, out: &mut ProgramOut) {
        // A position that was stored by a longer run is not taken back.
        if position > *stored {
            *stored = position;
            out.did(Doing::Remember(position));
        }
    }

    /// The connection is there.
    pub fn connected(&mut self, cx: SourceContext<'_>, stored: &mut u32, out: &mut ProgramOut) {
        self.producer.connected(cx.producer, &mut out.client);
        self.after_client(cx, stored, out);
    }

    /// The connection broke.
    pub fn disconnected(&mut self, cx: SourceContext<'_>, stored: &mut u32, out: &mut ProgramOut) {
        self.producer.disconnected(cx.producer, &mut out.client);
        self.after_client(cx, stored, out);
    }

    /// A response came.
    pub fn receive(
        &mut self,
        cx: SourceContext<'_>,
        response: Response,
        stored: &mut u32,
        out: &mut ProgramOut,
    ) {
        self.producer.receive(cx.producer, response, &mut out.client);
        self.after_client(cx, stored, out);
    }

    /// The delivery timeout of a held-up batch is over.
    pub fn expire(&mut self, cx: SourceContext<'_>, stored: &mut u32, out: &mut ProgramOut) {
        self.producer.expire(cx.producer, &mut out.client);
        self.after_client(cx, stored, out);
    }

    /// The linger time is over.
    pub fn linger_over(&mut self, cx: SourceContext<'_>, stored: &mut u32, out: &mut ProgramOut) {
        self.producer.linger_over(cx.producer, &mut out.client);
        self.after_client(cx, stored, out);
    }

    /// The callbacks of the sends that ended in this step.
    fn after_client(&mut self, cx: SourceContext<'_>, stored: &mut u32, out: &mut ProgramOut) {
        let mut seen = 0;
        while let Some(event) = out.client.events.get(seen).cloned() {
            seen += 1;
            if let Event::SendEnded { payload, outcome, .. } = event {
                self.send_ended(cx, payload, outcome, stored, out);
            }
        }
        if self.producer.fatal().is_some() && out.exit.is_none() {
            out.exit(cx.setting.on_fatal.exit());
        }
    }

    fn send_ended(
        &mut self,
        cx: SourceContext<'_>,
        payload: PayloadId,
        outcome: Outcome,
        stored: &mut u32,
        out: &mut ProgramOut,
    ) {
        let number = payload.0 - cx.first_payload.0;
        if !matches!(outcome, Outcome::Acked(_)) {
            match cx.setting.on_send_failure {
                OnSendFailure::GiveUp => out.did(Doing::GiveUp(payload)),
                OnSendFailure::SendAgain if self.producer.fatal().is_none() => {
                    out.did(Doing::SendAgain(payload));
                    let record = cx.record(number);
                    self.producer.send(cx.producer, cx.setting.topic, record, &mut out.client);
                    self.producer.linger_over(cx.producer, &mut out.client);
                    return;
                }
                OnSendFailure::SendAgain => return,
                OnSendFailure::Crash => {
                    out.exit(Exit::Restart);
                    return;
                }
            }
        }
        if cx.source.remember == Remember::AfterAck {
            self.ended.insert(number);
            let mut position = *stored;
            while self.ended.remove(&position) {
                position += 1;
            }
            // What a former life had stored beyond is behind us.
            self.ended.retain(|&number| number > position);
            self.store(position, stored, out);
        }
    }
}

impl Rename for SourceProgram {
    fn rename(&mut self, swap: &Swap) {
        // Positions count in each source alone.
        let SourceProgram { producer, next: _, phase: _, ended: _ } = self;
        producer.rename(swap);
    }
}
