//! What it means that a message was sent or taken, said.

use crate::cluster::LinkId;
use crate::history::event::ProcessId;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{ProduceRequest, Request, Response};
use crate::report::message::{self, fetched, payloads};
use crate::report::story::beat::Actor;
use crate::report::story::facts::Begun;
use crate::report::story::page::{Page, rank};
use crate::report::story::tell::Teller;
use crate::report::text::listed;

impl Teller<'_> {
    /// A client sends something. Mere questions are not told: their answers are.
    pub(super) fn tell_request_sent(&mut self, link: LinkId, request: &Request, page: &mut Page) {
        let actor = Actor::Process(link.process);
        match request {
            Request::Produce(produce) => self.tell_produce_sent(link.process, produce, page),
            Request::OffsetCommit(commit) => {
                let offsets = commit.offsets.iter().map(|(partition, committed)| {
                    format!("{} of {}", committed.offset, self.names.partition(*partition))
                });
                let offsets = listed(&offsets.collect::<Vec<_>>());
                let by_itself = if page.commits_by_itself {
                    ", since auto.commit.interval.ms is over"
                } else {
                    ""
                };
                let text = format!("commits offset {offsets}{by_itself}");
                page.clause(actor, rank::SENDS, text);
            }
            Request::Fetch(_)
            | Request::OffsetFetch(_)
            | Request::ListOffsets(_)
            | Request::InitProducerId(_)
            | Request::JoinGroup(_)
            | Request::Metadata(_) => {}
            other => {
                let label = message::request(self.names, other).short;
                page.clause(actor, rank::SENDS, format!("sends \"{label}\""));
            }
        }
    }

    fn tell_produce_sent(&mut self, process: ProcessId, produce: &ProduceRequest, page: &mut Page) {
        for (_, batch) in &produce.data {
            let sent = payloads(batch);
            let mut again = false;
            for payload in &sent {
                again |= !self.facts.sent.insert((process, *payload));
            }
            let what = if sent == page.handed { "it".into() } else { self.names.records(&sent) };
            let again = if again { " again" } else { "" };
            let mut text = format!("sends {what}{again}");
            if batch.has_producer_id() {
                text.push_str(&format!(
                    " (producer id {}, epoch {}, sequence {})",
                    batch.producer_id, batch.producer_epoch, batch.base_sequence
                ));
            }
            page.clause(Actor::Process(process), rank::SENDS, text);
        }
    }

    /// The broker sends something.
    pub(super) fn tell_response_sent(
        &mut self,
        link: LinkId,
        response: &Response,
        page: &mut Page,
    ) {
        let process = self.names.process(link.process);
        let label = message::response(self.names, response).short;
        let asked = page.taken.as_ref().is_some_and(|(asked, _)| *asked == link);
        let text = match response {
            Response::Produce(_) | Response::OffsetCommit(_) => format!("answers \"{label}\""),
            // What it brings is told when it is there.
            Response::Fetch(_) if asked => {
                page.answers_fetch = true;
                return;
            }
            Response::Fetch(_) => format!("hands {label} to {process}'s waiting fetch"),
            _ => format!("answers {process}'s question with \"{label}\""),
        };
        page.clause(Actor::Broker, rank::SENDS, text);
    }

    /// A client takes an answer. What it makes of an answer to a send or commit comes as events.
    pub(super) fn tell_response_arrived(
        &mut self,
        link: LinkId,
        response: &Response,
        page: &mut Page,
    ) {
        let actor = Actor::Process(link.process);
        let text = match response {
            Response::Produce(_) => return,
            _ if message::error(response).is_some() => {
                let error = message::error(response).map_or("", ErrorCode::name);
                format!("is answered {error}")
            }
            Response::Fetch(answers) => {
                let records = fetched(answers);
                if records.is_empty() {
                    return;
                }
                format!("receives {}", self.names.records(&records))
            }
            Response::OffsetFetch { .. } => match message::committed_offset(response) {
                None => "learns that its group has no committed offset".to_owned(),
                Some(offset) => {
                    let begun = (self.number, link.process, Begun::Committed(offset));
                    self.facts.begun.push(begun);
                    format!("learns that the committed offset is {offset} and reads on from there")
                }
            },
            Response::ListOffsets(answers) => {
                let Some(offset) = answers.first().map(|answer| answer.offset) else { return };
                self.facts.begun.push((self.number, link.process, Begun::Reset(offset)));
                format!("begins to read at offset {offset}, as auto.offset.reset says")
            }
            Response::JoinGroup { member, generation } => {
                format!("joins its group as {member}, generation {generation}")
            }
            Response::InitProducerId { producer_id, .. } => {
                format!("gets producer id {producer_id}")
            }
            _ => return,
        };
        page.clause(actor, rank::TOLD, text);
    }
}
