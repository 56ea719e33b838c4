//! Requests that wait in the broker for something to answer (`DelayedFetch.java`,
//! `DelayedProduce.java`).

use super::{Broker, Reply};
use crate::protocol::Protocol;
use crate::protocol::message::{Connection, FetchRequest, ProduceAnswer, Response};
use crate::protocol::outbox::Outbox;
use crate::record::Offset;

use super::topics::At;

/// A request that waits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Parked {
    /// A fetch: for a record below the reader's bound, or an error.
    Fetch {
        /// Where the answer goes.
        reply: Reply,
        /// What was asked.
        request: FetchRequest,
    },
    /// A produce with acks=all: for the high watermark to pass its records.
    Produce {
        /// Where the answer goes.
        reply: Reply,
        /// What will be answered.
        answers: Vec<ProduceAnswer>,
        /// Up to where the high watermark of each partition must come.
        wanted: Vec<(At, Offset)>,
    },
}

impl Parked {
    pub(super) fn reply(&self) -> Reply {
        match self {
            Parked::Fetch { reply, .. } | Parked::Produce { reply, .. } => *reply,
        }
    }

    /// Has the answer go to another connection.
    pub(super) fn redirect(&mut self, connection: Connection) {
        match self {
            Parked::Fetch { reply, .. } | Parked::Produce { reply, .. } => {
                reply.connection = connection;
            }
        }
    }
}

impl Broker {
    /// Answers what can be answered now, in the order of arrival.
    pub(super) fn wake(&mut self, protocol: &Protocol, out: &mut Outbox) {
        let mut index = 0;
        while index < self.parked.len() {
            match self.answer_of(protocol, &self.parked[index], out) {
                Some(response) => {
                    let parked = self.parked.remove(index);
                    parked.reply().send(response, out);
                }
                None => index += 1,
            }
        }
    }

    fn answer_of(
        &self,
        protocol: &Protocol,
        parked: &Parked,
        out: &mut Outbox,
    ) -> Option<Response> {
        match parked {
            Parked::Fetch { request, .. } => {
                let mut heard = out.alike();
                let fetched = self.read_partitions(protocol, request, &mut heard);
                fetched.is_enough().then(|| {
                    out.notes.append(&mut heard.notes);
                    Response::Fetch(fetched.answers)
                })
            }
            Parked::Produce { answers, wanted, .. } => {
                self.passed(wanted).then(|| Response::Produce(answers.clone()))
            }
        }
    }

    /// Whether the high watermark has passed each of these.
    pub(super) fn passed(&self, wanted: &[(At, Offset)]) -> bool {
        wanted.iter().all(|(at, offset)| {
            self.partition(*at).is_none_or(|led| led.log.high_watermark() >= *offset)
        })
    }
}
