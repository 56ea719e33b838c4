//! Several steps that matter less, in one sentence.

use std::collections::BTreeMap;

use crate::app::program::Doing;
use crate::cluster::{Effect, Message};
use crate::decide::trace::Performed;
use crate::history::Event;
use crate::history::event::{Outcome, ProcessId};
use crate::protocol::message::{Request, Response};
use crate::protocol::note::Note;
use crate::record::PayloadId;
use crate::report::names::Names;
use crate::report::text::listed;

/// What happened to the records, each in a few words; if nothing did, how clients got ready. Empty if there is
/// nothing to say.
pub fn digest(names: Names<'_>, steps: &[Performed]) -> String {
    let mut records: BTreeMap<PayloadId, Vec<String>> = BTreeMap::new();
    let mut commits: Vec<String> = Vec::new();
    for effect in steps.iter().flat_map(|step| &step.effects) {
        for (payload, word) in words(names, effect) {
            let said = records.entry(payload).or_default();
            if !said.contains(&word) {
                said.push(word);
            }
        }
        if let Effect::Note(Note::OffsetStored { group, offset, .. }) = effect {
            let several = names.setting().groups.len() > 1;
            let of = if several { format!(" of {}", names.group(*group)) } else { String::new() };
            commits.push(format!("offset {offset}{of} is committed"));
        }
    }
    let mut parts: Vec<String> = records
        .into_iter()
        .map(|(payload, words)| format!("{} is {}", names.record(payload), listed(&words)))
        .collect();
    parts.extend(commits);
    if parts.is_empty() {
        return readiness(steps);
    }
    parts.join("; ")
}

/// What clients learn before they can begin.
fn readiness(steps: &[Performed]) -> String {
    let mut learned: Vec<String> = Vec::new();
    for effect in steps.iter().flat_map(|step| &step.effects) {
        let Effect::Arrived { message: Message::Response(response), .. } = effect else { continue };
        let what = match response {
            Response::InitProducerId { .. } => "producer id",
            Response::JoinGroup { .. } => "place in the group",
            Response::OffsetFetch { .. } | Response::ListOffsets(_) => "position",
            Response::Metadata(_) => "metadata",
            _ => continue,
        };
        if learned.iter().all(|known| known != what) {
            learned.push(what.to_owned());
        }
    }
    if learned.is_empty() {
        return String::new();
    }
    format!("setting up: {}", learned.join(", "))
}

fn words(names: Names<'_>, effect: &Effect) -> Vec<(PayloadId, String)> {
    let by = |process: ProcessId| match names.setting().apps.len() {
        0 | 1 => String::new(),
        _ => format!(" by {}", names.process(process)),
    };
    match effect {
        Effect::Sent { message: Message::Request(Request::Produce(produce)), .. } => {
            let sent = crate::report::message::produced(produce);
            sent.into_iter().map(|payload| (payload, "sent".to_owned())).collect()
        }
        Effect::Note(Note::Appended { base_offset, payloads, .. }) => payloads
            .iter()
            .zip(0..)
            .map(|(&payload, i)| (payload, format!("appended at offset {}", base_offset + i)))
            .collect(),
        Effect::Event(Event::SendEnded { payload, outcome, .. }) => {
            let word = match outcome {
                Outcome::Acked(_) => "acknowledged",
                Outcome::Refused | Outcome::Unknown => "failed",
            };
            vec![(*payload, word.to_owned())]
        }
        Effect::Did(process, Doing::Poll(payloads)) => {
            let word = format!("polled{}", by(*process));
            payloads.iter().map(|&payload| (payload, word.clone())).collect()
        }
        Effect::Did(process, Doing::Effect(payload)) => {
            vec![(*payload, format!("processed{}", by(*process)))]
        }
        _ => Vec::new(),
    }
}
