//! How clients hold back on a connection: after an answer with an error before they ask again, and after a break
//! before they connect again.
//!
//! Pace only: the model lets them ask and connect at any time.

use crate::cluster::{Effect, LinkId};
use crate::history::event::ProcessId;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::Response;
use crate::simulate::pace::{Backoff, Micros};
use crate::simulate::stream::Stream;
use crate::world::Setting;

/// Attempts to connect that are counted one by one; then the wait has long been at its most.
const COUNTED: u32 = 1_000;

/// What a client remembers of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
struct Contact {
    /// Answers with an error since the last one without.
    failures: u32,
    /// Before this time it asks nothing.
    waits_until: Micros,
    /// Since when there is no connection.
    broken: Micros,
}

/// What clients remember of their connections, by their numbers.
#[derive(Clone, Default, Debug)]
pub(super) struct Contacts(Vec<Contact>);

impl Contacts {
    /// Begins anew, keeping its memory.
    pub(super) fn begin(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, link: LinkId) -> &mut Contact {
        let place = usize::from(link.connection().0);
        if self.0.len() <= place {
            self.0.resize(place + 1, Contact::default());
        }
        &mut self.0[place]
    }

    /// An answer came, and whether it makes the client ask again after a while.
    pub(super) fn answered(
        &mut self,
        setting: &Setting,
        (link, failed): (LinkId, bool),
        now: Micros,
        delays: &mut Stream,
    ) {
        let contact = self.of(link);
        if failed {
            let wait = Backoff::retry(setting, link);
            contact.waits_until = now.saturating_add(wait.draw(contact.failures, delays));
            contact.failures = contact.failures.saturating_add(1);
        } else {
            *contact = Contact::default();
        }
    }

    /// Looks at what else a step did.
    pub(super) fn heed(&mut self, setting: &Setting, effects: &[Effect], now: Micros) {
        for effect in effects {
            match effect {
                Effect::Disconnected(link) => self.of(*link).broken = now,
                Effect::Restarted(process) => self.restarted(setting, *process, now),
                _ => {}
            }
        }
    }

    /// A process that starts remembers nothing.
    fn restarted(&mut self, setting: &Setting, process: ProcessId, now: Micros) {
        for lane in 0..setting.fixed().lanes(process) {
            *self.of(LinkId { process, lane }) = Contact { broken: now, ..Contact::default() };
        }
    }

    /// Before this time a client asks nothing on a connection.
    pub(super) fn waits_until(&mut self, link: LinkId) -> Micros {
        self.of(link).waits_until
    }

    /// How long it takes until the client next tries to connect, which can succeed from now on: it has tried in
    /// vain since the connection broke, less and less often (`ClusterConnectionStates.java`).
    pub(super) fn until_connected(
        &mut self,
        setting: &Setting,
        link: LinkId,
        now: Micros,
        delays: &mut Stream,
    ) -> Micros {
        let wait = Backoff::reconnect(setting, link);
        let mut next = self.of(link).broken;
        for failures in 0..COUNTED {
            next = next.saturating_add(wait.draw(failures, delays));
            if next >= now {
                return next - now;
            }
        }
        wait.draw(COUNTED, delays)
    }
}

/// Whether an answer makes the client ask again, after a while. An offset out of range is asked about at once.
pub(super) fn failed(response: &Response) -> bool {
    let wrong = |error: ErrorCode| error != ErrorCode::None;
    match response {
        Response::Produce(answers) => answers.iter().any(|answer| wrong(answer.error)),
        Response::Fetch(answers) => answers
            .iter()
            .any(|answer| wrong(answer.error) && answer.error != ErrorCode::OffsetOutOfRange),
        Response::ListOffsets(answers) => answers.iter().any(|answer| wrong(answer.error)),
        Response::Metadata(answers) => answers.iter().any(|answer| wrong(answer.error)),
        Response::InitProducerId { error, .. } => wrong(*error),
        Response::OffsetCommit(answers) => answers.iter().any(|answer| wrong(answer.error)),
        Response::OffsetFetch { error, partitions } => {
            wrong(*error) || partitions.iter().any(|answer| wrong(answer.error))
        }
        _ => false,
    }
}
