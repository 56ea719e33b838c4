//! What programs do and see, said.

use crate::app::program::Doing;
use crate::app::setting::{AppSetting, EffectKind, OnProcessingError};
use crate::history::Event;
use crate::history::event::{Outcome, ProcessId};
use crate::record::PayloadId;
use crate::report::story::beat::{Actor, Row};
use crate::report::story::facts::{Cause, Done, Failure, Judged};
use crate::report::story::page::{Page, rank};
use crate::report::story::tell::Teller;

impl Teller<'_> {
    pub(super) fn did(&mut self, process: ProcessId, doing: &Doing, page: &mut Page) {
        let actor = Actor::Process(process);
        match doing {
            Doing::Send(payload) if page.sent.contains(payload) => {}
            Doing::Send(payload) => {
                let record = self.names.record(*payload);
                let text = format!("calls send, but {record} has to wait in its buffer");
                page.clause(actor, rank::SENDS, text);
                page.note(actor, rank::SENDS, format!("{record} waits in the buffer"));
            }
            Doing::SendAgain(payload) => {
                self.facts.cause.insert(*payload, Cause::SentAgain);
                let text = format!("calls send again for {}", self.names.record(*payload));
                page.say(actor, rank::DOES, text);
            }
            Doing::Remember(position) => self.remembers(process, *position, page),
            Doing::GiveUp(payload) => {
                self.facts.dropped.insert(*payload, (self.number, process));
                page.say(actor, rank::DOES, format!("gives up {}", self.names.record(*payload)));
            }
            Doing::Poll(payloads) if payloads.is_empty() => {
                page.clause(actor, rank::TAKES, "polls and gets nothing");
            }
            Doing::Poll(payloads) => {
                let records = self.names.records(payloads);
                page.clause(actor, rank::TAKES, format!("polls and gets {records}"));
                page.note(actor, rank::TAKES, format!("poll returns {records}"));
            }
            Doing::HandOver(payloads) => {
                let text = format!("hands {} to its worker thread", self.names.records(payloads));
                page.say(actor, rank::DOES, text);
            }
            Doing::Commit(offset) => {
                if !page.sends_commit {
                    let text =
                        format!("wants to commit offset {offset} and waits for a connection");
                    page.clause(actor, rank::SENDS, text);
                }
                page.note(actor, rank::SENDS, format!("commits offset {offset}"));
            }
            Doing::CommitFailed => {
                page.clause(actor, rank::FAILED, "is told that the commit failed");
                page.note(actor, rank::FAILED, "commit failed");
            }
            Doing::Exit => {
                page.clause(actor, rank::ENDS, "ends its process, as its own policy says");
                page.note(actor, rank::ENDS, "ends its process");
            }
            work => self.worked(process, work, page),
        }
    }

    fn remembers(&mut self, process: ProcessId, position: u32, page: &mut Page) {
        self.facts.remembered.push((self.number, process, position));
        let last = self.names.record_at(process, position.saturating_sub(1));
        let source = self.names.source(process);
        let actor = Actor::Process(process);
        // With acks=0 a send has ended as soon as it is sent.
        let rank = if page.ends_unanswered { rank::LAST } else { rank::REMEMBERS };
        page.clause(actor, rank, format!("stores its position in {source} (behind {last})"));
        page.note(actor, rank, format!("stores its position: behind {last}"));
    }

    /// What became of working on a record.
    fn worked(&mut self, process: ProcessId, doing: &Doing, page: &mut Page) {
        let actor = Actor::Process(process);
        match doing {
            Doing::Effect(payload) => self.took_effect(process, *payload, page),
            Doing::Admit(_) | Doing::Duplicate(_) | Doing::Refuse(_) | Doing::Mark(_) => {
                self.judged(process, doing, page);
            }
            Doing::NoEffect(payload) => {
                let record = self.names.record(*payload);
                let text =
                    format!("processes {record}, which the store has already: nothing changes");
                page.clause(actor, rank::DOES, text);
                page.note(actor, rank::DOES, format!("{record}: no change"));
            }
            Doing::Raise(payload) => self.raised(process, *payload, page),
            Doing::Skip(payload) => {
                self.facts.dropped.insert(*payload, (self.number, process));
                page.say(actor, rank::DOES, format!("skips {}", self.names.record(*payload)));
            }
            Doing::DeadLetter(payload) => {
                self.facts.dropped.insert(*payload, (self.number, process));
                let record = self.names.record(*payload);
                page.say(actor, rank::DOES, format!("puts {record} into the dead-letter topic"));
            }
            _ => {}
        }
    }

    /// What its strategy of deduplication said of a record, or was told.
    fn judged(&mut self, process: ProcessId, doing: &Doing, page: &mut Page) {
        let (Doing::Admit(payload)
        | Doing::Duplicate(payload)
        | Doing::Refuse(payload)
        | Doing::Mark(payload)) = doing
        else {
            return;
        };
        let record = self.names.record(*payload);
        let (text, note) = match doing {
            Doing::Duplicate(_) => (
                format!("takes {record} for a duplicate and skips it"),
                format!("{record}: seen, skipped"),
            ),
            Doing::Refuse(_) => (
                format!("can neither process nor skip {record}: an error"),
                format!("{record}: refused"),
            ),
            Doing::Mark(_) => (
                format!("writes down that it has seen {record}"),
                format!("marks {record} as seen"),
            ),
            _ => (format!("has not seen {record} before"), format!("{record}: not seen before")),
        };
        let step = self.number;
        self.facts.judged.push(Judged { step, process, payload: *payload, what: doing.clone() });
        let actor = Actor::Process(process);
        page.clause(actor, rank::DOES, text);
        page.note(actor, rank::DOES, note);
    }

    fn took_effect(&mut self, process: ProcessId, payload: PayloadId, page: &mut Page) {
        let actor = Actor::Process(process);
        let offset = self.facts.polled.get(&(process, payload)).copied();
        let done = self.facts.effects.entry((process, payload)).or_default();
        done.push(Done { step: self.number, offset });
        let again = done.len() > 1;
        let record = self.names.record(payload);
        let app = self.names.app(process).map(|app| &self.names.setting().apps[app]);
        let what = match app.map(|app| app.effect) {
            Some(EffectKind::RemoteCall) => "the remote call takes effect",
            Some(EffectKind::Upsert) => "the upsert takes effect",
            Some(EffectKind::Store) => "the write to the store takes effect",
            Some(EffectKind::Local | EffectKind::Topic) | None => "its output is written",
        };
        let times = if again { " a second time" } else { "" };
        page.clause(actor, rank::DOES, format!("processes {record}: {what}{times}"));
        let times = if again { ", again" } else { "" };
        let text = format!("EFFECT of {record}{times}");
        page.row(rank::DOES, Row::Note { actor, text, is_effect: true });
    }

    fn raised(&mut self, process: ProcessId, payload: PayloadId, page: &mut Page) {
        self.facts.raised.push((self.number, process, payload));
        let record = self.names.record(payload);
        page.note(Actor::Process(process), rank::DOES, format!("processing {record} fails"));
        let app = self.names.app(process).map(|app| &self.names.setting().apps[app]);
        let retries = |app: &AppSetting| app.on_processing_error == OnProcessingError::Retry;
        if let Some(app) = app.filter(|&app| app.own.is_some() || retries(app)) {
            let done = page.clauses.iter().any(|clause| clause.rank == rank::DOES);
            let but = if done { "but " } else { "" };
            // What a program of somebody's own makes of it only its steps tell.
            let text = match app.own {
                Some(_) => format!("{but}sees an error"),
                None => format!("{but}sees an error and will process {record} again"),
            };
            page.clause(Actor::Process(process), rank::LAST, text);
        }
    }

    pub(super) fn event(&mut self, event: &Event, page: &mut Page) {
        match event {
            Event::Handed { process, payload } => {
                let times = self.facts.handed.entry(*payload).or_default();
                *times += 1;
                let again = *times > 1;
                let cause = if again { Cause::HandedAgain } else { Cause::First };
                self.facts.cause.insert(*payload, cause);
                page.handed.push(*payload);
                let (record, source) = (self.names.record(*payload), self.names.source(*process));
                let again = if again { " again" } else { "" };
                let text = format!("takes {record} from {source}{again}");
                page.say(Actor::Process(*process), rank::TAKES, text);
            }
            Event::SendEnded { process, payload, outcome, .. } => {
                self.send_ended(*process, *payload, *outcome, page);
            }
            Event::Polled { process, payload, offset, .. } => {
                self.facts.polled.insert((*process, *payload), *offset);
            }
            Event::Committed { process, offset, .. } => {
                let text = format!("learns that offset {offset} is committed");
                page.clause(Actor::Process(*process), rank::TOLD, text);
            }
            Event::Overwrote { process, payload, .. } => {
                let text = format!("puts {} over a newer value", self.names.record(*payload));
                page.say(Actor::Process(*process), rank::DOES, text);
            }
            Event::Processed { .. } | Event::Effect { .. } | Event::Skipped { .. } => {}
        }
    }

    fn send_ended(
        &mut self,
        process: ProcessId,
        payload: PayloadId,
        outcome: Outcome,
        page: &mut Page,
    ) {
        let actor = Actor::Process(process);
        let record = self.names.record(payload);
        match outcome {
            Outcome::Acked(-1) => {
                let text = format!("takes {record} for sent, since acks=0 asks for no answer");
                page.clause(actor, rank::ENDS, text);
                page.note(actor, rank::ENDS, format!("takes {record} for sent"));
            }
            Outcome::Acked(offset) => {
                let text = format!("learns that {record} is at offset {offset}");
                page.clause(actor, rank::TOLD, text);
            }
            Outcome::Refused | Outcome::Unknown => {
                let failed = (self.number, Failure::Refused);
                self.facts.failed.entry(payload).or_insert(failed);
                let text = format!("is told that sending {record} failed");
                page.clause(actor, rank::FAILED, text);
                page.note(actor, rank::FAILED, format!("sending {record} failed"));
            }
        }
    }
}
