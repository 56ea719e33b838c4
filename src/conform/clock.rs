//! The driver's virtual clock and its connections: sending, waiting, and the broker's background
//! work.

use crate::conform::arguments::Blocked;
use crate::conform::driver::Driver;
use crate::conform::mapping::{ANSWER_MS, MAX_FIRES};
use crate::protocol::message::{Connection, Correlation, Request, Response};
use crate::protocol::note::Note;
use crate::protocol::outbox::Message;
use crate::record::Timestamp;

impl Driver<'_> {
    pub(super) fn next_connection(&mut self) -> Connection {
        self.last_connection = self.last_connection.wrapping_add(1);
        Connection(self.last_connection)
    }

    pub(super) fn connect(&mut self) {
        self.connection = self.next_connection();
    }

    pub(super) fn send(&mut self, connection: Connection, request: Request) -> Correlation {
        self.correlation = self.correlation.wrapping_add(1);
        let correlation = Correlation(self.correlation);
        self.broker.receive(
            &self.protocol,
            self.now,
            connection,
            correlation,
            request,
            &mut self.out,
        );
        self.collect();
        correlation
    }

    /// Waits for a response; time passes only as far as the broker needs to give it.
    pub(super) fn wait(
        &mut self,
        connection: Connection,
        correlation: Correlation,
    ) -> Result<Option<Response>, Blocked> {
        let end = self.now.saturating_add(ANSWER_MS);
        loop {
            if let Some(response) = self.responses.remove(&correlation) {
                return Ok(Some(response));
            }
            if self.closed.contains(&connection) || self.not_modelled.is_some() {
                return Ok(None);
            }
            if !self.fire_next(end)? {
                self.now = end;
                return Ok(self.responses.remove(&correlation));
            }
        }
    }

    /// Lets time pass; background work is done when it is due.
    pub(super) fn advance(&mut self, ms: Timestamp) -> Result<(), Blocked> {
        let end = self.now.saturating_add(ms);
        while self.fire_next(end)? {}
        self.now = end;
        Ok(())
    }

    /// Does the next background work, if it is due by then.
    pub(super) fn fire_next(&mut self, end: Timestamp) -> Result<bool, Blocked> {
        match self.broker.due(&self.protocol) {
            Some((time, timer)) if time <= end => {
                self.fires += 1;
                if self.fires > MAX_FIRES {
                    let what = format!("background work more than {MAX_FIRES} times");
                    return Err(Blocked::NotModelled(what));
                }
                self.now = self.now.max(time);
                self.broker.fire(&self.protocol, self.now, timer, &mut self.out);
                self.collect();
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Takes what the broker put out.
    pub(super) fn collect(&mut self) {
        for envelope in self.out.sends.drain(..) {
            if let Message::Response(response) = envelope.message {
                self.responses.insert(envelope.correlation, response);
            }
        }
        self.closed.append(&mut self.out.closes);
        for note in self.out.notes.drain(..) {
            if let Note::NotModelled(what) = note {
                self.not_modelled.get_or_insert(what);
            }
            self.notes.push((self.now, note));
        }
        self.out.events.clear();
    }
}
