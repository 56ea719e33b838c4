//! The driver's virtual clock and its connections: sending, waiting, and the broker's background
//! work.

use crate::conform::arguments::Blocked;
use crate::conform::driver::Driver;
use crate::conform::mapping::{ANSWER_MS, MAX_FIRES};
use crate::protocol::message::{Connection, Correlation, FetchRequest, Request, Response};
use crate::protocol::note::Note;
use crate::protocol::outbox::Message;
use crate::record::Timestamp;

/// A fetch that the broker holds.
pub(super) struct FetchWait {
    until: Timestamp,
    pub(super) connection: Connection,
    correlation: Correlation,
    request: FetchRequest,
}

impl Driver<'_> {
    pub(super) fn next_connection(&mut self) -> Connection {
        self.last_connection = self.last_connection.wrapping_add(1);
        Connection(self.last_connection)
    }

    pub(super) fn connect(&mut self) {
        self.connection = self.next_connection();
    }

    /// Sends a request of a step. `max_wait` is how long a fetch may wait: time is no part of the
    /// message, so the driver ends the wait, as the links of a cluster do.
    pub(super) fn send(
        &mut self,
        connection: Connection,
        request: Request,
        max_wait: Timestamp,
    ) -> Correlation {
        let waiting = match &request {
            Request::Fetch(fetch) if fetch.may_wait => Some(fetch.clone()),
            _ => None,
        };
        let correlation = self.hand_over(connection, request);
        if let Some(request) = waiting.filter(|_| !self.responses.contains_key(&correlation)) {
            let until = self.now.saturating_add(max_wait);
            self.waits.push(FetchWait { until, connection, correlation, request });
        }
        correlation
    }

    /// Gives the broker a request.
    pub(super) fn hand_over(&mut self, connection: Connection, request: Request) -> Correlation {
        self.correlation = self.correlation.wrapping_add(1);
        let correlation = Correlation(self.correlation);
        self.receive(connection, correlation, request);
        correlation
    }

    fn receive(&mut self, connection: Connection, correlation: Correlation, request: Request) {
        self.broker.receive(
            &self.protocol,
            self.now,
            connection,
            correlation,
            request,
            &mut self.out,
        );
        self.collect();
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

    /// Does what is due next by then: background work, or the end of a fetch's wait.
    pub(super) fn fire_next(&mut self, end: Timestamp) -> Result<bool, Blocked> {
        let due = self.broker.due(&self.protocol).filter(|(time, _)| *time <= end);
        let wait = (0..self.waits.len()).min_by_key(|index| self.waits[*index].until);
        let wait = wait
            .filter(|index| self.waits[*index].until <= due.map_or(end, |(time, _)| time.min(end)));
        if let Some(index) = wait {
            self.end_wait(index);
            return Ok(true);
        }
        let Some((time, timer)) = due else { return Ok(false) };
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

    /// `fetch.max.wait.ms` is over: the fetch is answered with what there is.
    fn end_wait(&mut self, index: usize) {
        let FetchWait { until, connection, correlation, mut request } = self.waits.remove(index);
        self.now = self.now.max(until);
        self.broker.disconnected(connection);
        request.may_wait = false;
        self.receive(connection, correlation, Request::Fetch(request));
    }

    /// Connections end; what was awaited on them is never answered.
    pub(super) fn disconnect(&mut self, connection: Connection) {
        self.broker.disconnected(connection);
        self.waits.retain(|wait| wait.connection != connection);
    }

    /// Takes what the broker put out.
    pub(super) fn collect(&mut self) {
        for envelope in self.out.sends.drain(..) {
            if let Message::Response(response) = envelope.message {
                self.waits.retain(|wait| wait.correlation != envelope.correlation);
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
