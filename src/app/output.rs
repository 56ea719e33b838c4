//! What an application sends on: a second stage's input, and records that it cannot process.
//!
//! The producer is a client of its own with a connection of its own, as in every Java application.

use crate::app::program::{Doing, Exit, ProgramOut};
use crate::app::reader::{Phase, ReaderContext, ReaderProgram};
use crate::app::setting::OnSendFailure;
use crate::history::Event;
use crate::history::event::Outcome;
use crate::protocol::message::{Connection, Response};
use crate::protocol::outbox::Outbox;
use crate::protocol::producer::{Producer, ProducerContext};
use crate::record::{PayloadId, Record, Rename, Swap, TopicName};

/// The connection of an application's own producer, as its process numbers them.
pub const OUTPUT: Connection = Connection(2);

/// The producer of an application, and what it was given.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Output {
    /// The client.
    pub producer: Producer,
    /// Sends that have not ended, the oldest first.
    open: Vec<(TopicName, Record)>,
}

impl Output {
    /// Nothing was sent yet.
    pub fn new(producer: Producer) -> Output {
        Output { producer, open: Vec::new() }
    }

    fn close(&mut self, topic: TopicName, payload: PayloadId) -> Option<Record> {
        let sent = |open: &(TopicName, Record)| (open.0, open.1.payload) == (topic, payload);
        let place = self.open.iter().position(sent)?;
        Some(self.open.remove(place).1)
    }
}

impl ReaderProgram {
    /// Sends the first record at hand to a topic; `marks` says whether it is marked as seen afterwards.
    pub(super) fn send_on(
        &mut self,
        cx: ReaderContext<'_>,
        topic: TopicName,
        record: Record,
        marks: bool,
        out: &mut ProgramOut,
    ) {
        let waits = cx.setting.output.as_ref().is_some_and(|output| output.wait);
        if waits {
            self.phase = Phase::Sending { marks };
        }
        self.send(cx, topic, record, out);
        if !waits && out.exit.is_none() {
            self.sent(cx, marks, out);
        }
    }

    fn send(
        &mut self,
        cx: ReaderContext<'_>,
        topic: TopicName,
        record: Record,
        out: &mut ProgramOut,
    ) {
        if let Some(output) = &mut self.output {
            output.open.push((topic, record.clone()));
        }
        self.with_producer(cx, out, |producer, cx, sent| producer.send(cx, topic, record, sent));
    }

    /// The program goes on behind a send.
    fn sent(&mut self, cx: ReaderContext<'_>, marks: bool, out: &mut ProgramOut) {
        if marks {
            self.phase = Phase::Mark;
        } else if let Some(polled) = self.at_hand.front().cloned() {
            self.done(cx, &polled, out);
        }
    }

    /// Lets the producer do something, and looks at the sends that ended by it.
    fn with_producer(
        &mut self,
        cx: ReaderContext<'_>,
        out: &mut ProgramOut,
        act: impl FnOnce(&mut Producer, ProducerContext<'_>, &mut Outbox),
    ) {
        let (Some(output), Some(producer)) = (&mut self.output, cx.output) else { return };
        let mut did = out.client.alike();
        act(&mut output.producer, producer, &mut did);
        for envelope in &mut did.sends {
            envelope.connection = OUTPUT;
        }
        let ended = did.events.clone();
        out.client.append(did);
        for event in ended {
            if let Event::SendEnded { payload, topic, outcome, .. } = event {
                self.send_ended(cx, (topic, payload), outcome, out);
            }
        }
        self.look_for_fatal(cx, out);
    }

    fn look_for_fatal(&self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        let fatal = self.output.as_ref().and_then(|output| output.producer.fatal());
        if let (Some(_), None, Some(setting)) = (fatal, out.exit, &cx.setting.output) {
            out.exit(setting.on_fatal.exit());
        }
    }

    /// A future of the producer completes, or its callback is called.
    fn send_ended(
        &mut self,
        cx: ReaderContext<'_>,
        (topic, payload): (TopicName, PayloadId),
        outcome: Outcome,
        out: &mut ProgramOut,
    ) {
        let (Some(setting), Some(output)) = (&cx.setting.output, &mut self.output) else { return };
        let Some(record) = output.close(topic, payload) else { return };
        if !matches!(outcome, Outcome::Acked(_)) {
            match setting.on_send_failure {
                // A client that can send no more ends the program.
                _ if output.producer.fatal().is_some() => return,
                OnSendFailure::GiveUp => out.did(Doing::GiveUp(payload)),
                OnSendFailure::SendAgain => {
                    out.did(Doing::SendAgain(payload));
                    return self.send(cx, topic, record, out);
                }
                OnSendFailure::Crash => return out.exit(Exit::Restart),
            }
        }
        if let Phase::Sending { marks } = self.phase {
            self.sent(cx, marks, out);
        }
    }

    /// The producer's connection is there.
    pub fn output_connected(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.with_producer(cx, out, |producer, cx, did| producer.connected(cx, did));
    }

    /// The producer's connection broke.
    pub fn output_disconnected(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.with_producer(cx, out, |producer, cx, did| producer.disconnected(cx, did));
    }

    /// The producer has a response.
    pub fn output_received(
        &mut self,
        cx: ReaderContext<'_>,
        response: Response,
        out: &mut ProgramOut,
    ) {
        self.with_producer(cx, out, |producer, cx, did| producer.receive(cx, response, did));
    }

    /// The delivery timeout of a batch that a fault held up is over.
    pub fn output_expires(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.with_producer(cx, out, |producer, cx, did| producer.expire(cx, did));
    }

    /// The producer's linger time is over.
    pub fn output_lingered(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.with_producer(cx, out, |producer, cx, did| producer.linger_over(cx, did));
    }

    /// The producer asks what became of its topics.
    pub fn output_refreshes(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.with_producer(cx, out, |producer, cx, did| producer.refresh_metadata(cx, did));
    }
}

impl Rename for Output {
    fn rename(&mut self, swap: &Swap) {
        let Output { producer, open } = self;
        producer.rename(swap);
        open.iter_mut().for_each(|(_, record)| record.rename(swap));
    }
}
