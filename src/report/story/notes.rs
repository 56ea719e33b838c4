//! What happens inside the roles, said.

use std::collections::BTreeMap;

use crate::history::event::ProcessId;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::TopicPartition;
use crate::protocol::note::Note;
use crate::protocol::safeguard::Safeguard;
use crate::record::{GroupId, Offset, PayloadId};
use crate::report::story::beat::Actor;
use crate::report::story::facts::{Appended, Cause, Done, Failure, Stored};
use crate::report::story::page::{Page, rank};
use crate::report::story::tell::Teller;
use crate::world::setting::AppSetting;

impl Teller<'_> {
    pub(super) fn noted(&mut self, note: &Note, page: &mut Page) {
        match note {
            Note::Appended { partition, base_offset, payloads } => {
                self.appended(*partition, *base_offset, payloads, page);
            }
            Note::Duplicate { base_offset, payloads, .. } => {
                let records = self.names.records(payloads);
                let text = format!(
                    "recognises {records} by its sequence number as what it has at offset \
                     {base_offset} already, appends nothing"
                );
                page.clause(Actor::Broker, rank::DOES, text);
                page.note(Actor::Broker, rank::DOES, format!("has {records} already"));
            }
            // The note of the duplicate follows.
            Note::Refused(Safeguard::DuplicateBatch) => {}
            Note::Refused(safeguard) => {
                let actor = page.actor.unwrap_or(Actor::Broker);
                let text = format!("refuses it (safeguard {})", safeguard.name());
                page.clause(actor, rank::DOES, text);
                page.note(actor, rank::DOES, format!("refuses: {}", safeguard.name()));
            }
            Note::OffsetStored { group, partition, offset } => {
                let topic = self.names.partition(*partition);
                self.offset_stored(*group, &topic, *offset, page);
            }
            Note::Retried { process, payloads, error } => {
                self.retried(*process, payloads, *error, page);
            }
            Note::BatchExpired { process, payloads } => {
                for payload in payloads {
                    self.facts.failed.insert(*payload, (self.number, Failure::Expired));
                }
                let records = self.names.records(payloads);
                let text = format!("waits no longer for {records} (delivery.timeout.ms)");
                page.clause(Actor::Process(*process), rank::TOLD, text);
            }
            Note::EpochBumped { process, epoch } => {
                self.facts.bumped.push((self.number, *process));
                let text = format!("goes on under producer epoch {epoch} with sequences from 0");
                page.clause(Actor::Process(*process), rank::DOES, text);
                let text = format!("now producer epoch {epoch}");
                page.note(Actor::Process(*process), rank::DOES, text);
            }
            rare => self.rare(rare, page),
        }
    }

    fn rare(&mut self, note: &Note, page: &mut Page) {
        let text = match note {
            Note::HeadDeleted { partition, log_start_offset } => {
                let topic = self.names.partition(*partition);
                format!("deletes the head of {topic}: it begins at offset {log_start_offset} now")
            }
            Note::Compacted { partition } => {
                format!("compacts {}", self.names.partition(*partition))
            }
            Note::ProducerForgotten { partition, producer_id } => {
                let topic = self.names.partition(*partition);
                format!("forgets the sequences of producer id {producer_id} on {topic}")
            }
            Note::OffsetForgotten { group, partition } => {
                let (group, topic) = (self.names.group(*group), self.names.partition(*partition));
                format!("forgets the committed offset of group {group} on {topic}")
            }
            Note::MarkerWritten { result, .. } => format!("writes the marker {result:?}"),
            Note::NotModelled(what) => format!("was asked for what is not modelled: {what}"),
            _ => return,
        };
        page.say(Actor::Broker, rank::DOES, text);
    }

    fn offset_stored(&mut self, group: GroupId, topic: &str, offset: Offset, page: &mut Page) {
        let before = self.facts.stored.iter().rev().find(|stored| stored.group == group);
        let back = before.map(|stored| stored.offset).filter(|&before| before > offset);
        let late = page.is_late;
        self.facts.stored.push(Stored { step: self.number, group, offset, back, late });
        let group = self.names.group(group);
        let mut text =
            format!("stores offset {offset} of {topic} as group {group}'s committed offset");
        let mut note = format!("stores offset {offset}");
        if let Some(before) = back {
            text.push_str(&format!(", which was {before} before"));
            note.push_str(&format!(", back from {before}"));
        }
        page.clause(Actor::Broker, rank::DOES, text);
        page.note(Actor::Broker, rank::DOES, note);
    }

    fn appended(
        &mut self,
        partition: TopicPartition,
        base: Offset,
        payloads: &[PayloadId],
        page: &mut Page,
    ) {
        let topic = self.names.partition(partition);
        let mut again = false;
        for (&payload, i) in payloads.iter().zip(0..) {
            let mut causes = page.taken.iter().flat_map(|(_, taken)| &taken.causes);
            let cause = causes.find(|(other, _)| *other == payload);
            let cause = cause.map_or(Cause::First, |(_, cause)| *cause);
            let late = page.is_late;
            let copy = Appended { step: self.number, offset: base + i, cause, late };
            again |= self.keep_copy(partition, payload, copy);
        }
        let records = self.names.records(payloads);
        let place = match payloads.len() {
            1 => format!("at offset {base}"),
            count => format!("at offsets {base} to {}", base + count as Offset - 1),
        };
        let again = if again { " again" } else { "" };
        page.clause(
            Actor::Broker,
            rank::DOES,
            format!("appends {records} to {topic}{again} {place}"),
        );
        page.note(Actor::Broker, rank::DOES, format!("appends {records}{again} {place}"));
    }

    /// Keeps a copy of a record; whether the log had one. What an application has sent is its effect.
    fn keep_copy(&mut self, at: TopicPartition, payload: PayloadId, copy: Appended) -> bool {
        let setting = self.names.setting();
        let topic = self.names.topic_name(at.topic);
        let writes = |app: &AppSetting| topic.is_some_and(|topic| app.writes().any(|t| t == topic));
        let writer = setting.apps.iter().position(writes);
        let copies = match writer.zip(topic) {
            None => self.facts.appended.entry(payload).or_default(),
            Some((app, topic)) => {
                let process = setting.app_process(app);
                let offset = self.facts.polled.get(&(process, payload)).copied();
                let done = self.facts.effects.entry((process, payload)).or_default();
                done.push(Done { step: copy.step, offset });
                self.facts.sent_on.entry((topic, payload)).or_default()
            }
        };
        copies.push(copy);
        copies.len() > 1
    }

    /// What a producer makes of requests that were not answered.
    pub(super) fn say_in_doubt(&self, page: &mut Page) {
        let mut doubts: BTreeMap<ProcessId, Vec<PayloadId>> = BTreeMap::new();
        for (process, payload) in std::mem::take(&mut page.in_doubt) {
            doubts.entry(process).or_default().push(payload);
        }
        for (process, payloads) in doubts {
            let records = self.names.records(&payloads);
            let (was, it) = if payloads.len() == 1 { ("was", "it") } else { ("were", "them") };
            let text =
                format!("cannot know whether {records} {was} written and will send {it} again");
            page.clause(Actor::Process(process), rank::FAILED, text);
        }
    }

    fn retried(
        &mut self,
        process: ProcessId,
        payloads: &[PayloadId],
        error: Option<ErrorCode>,
        page: &mut Page,
    ) {
        for payload in payloads {
            self.facts.cause.insert(*payload, Cause::Retry);
        }
        let records = self.names.records(payloads);
        match error {
            Some(error) => {
                let text = format!("is answered {error} and will send {records} again");
                page.clause(Actor::Process(process), rank::FAILED, text);
            }
            None => page.in_doubt.extend(payloads.iter().map(|payload| (process, *payload))),
        }
        page.note(Actor::Process(process), rank::FAILED, format!("will send {records} again"));
    }
}
