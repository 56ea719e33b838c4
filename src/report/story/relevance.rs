//! Which steps matter for what went wrong with a record.

use std::collections::BTreeSet;

use crate::app::program::Doing;
use crate::cluster::{ClientTimer, Effect, Message};
use crate::decide::trace::Performed;
use crate::guarantee::{Finding, Subject};
use crate::history::Event;
use crate::protocol::config::AutoOffsetReset;
use crate::protocol::message::{Request, Response};
use crate::protocol::note::Note;
use crate::protocol::safeguard::Safeguard;
use crate::record::{Offset, PayloadId};
use crate::report::names::Names;
use crate::report::story::beat::Weight;
use crate::report::story::facts::Facts;
use crate::world::Action;

/// The weight of a step, after it was told. Without a focus every record matters.
pub fn weigh(names: Names<'_>, facts: &Facts, performed: &Performed, finding: &Finding) -> Weight {
    if performed.is_fault {
        return Weight::Fault;
    }
    if let (Subject::App(judged), Some(process)) = (finding.subject, performed.action.process())
        && names.app(process).is_some_and(|app| app != judged)
    {
        return Weight::Side;
    }
    let focus = finding.payload;
    let always = matches!(
        performed.action,
        Action::DeliverLate(..)
            | Action::Reconnect(_)
            | Action::Restart(_)
            | Action::RestartBroker
            | Action::Recreate(_)
            | Action::Resume(_)
            | Action::ResumeBroker
    );
    let matters = always
        || performed.effects.iter().any(is_remarkable)
        || concerns_focus(&performed.effects, focus)
        || commits_focus(facts, &performed.effects, focus)
        || begins_to_read(names, facts, &performed.effects);
    if matters { Weight::Main } else { Weight::Side }
}

/// What is worth telling whatever the story is about.
fn is_remarkable(effect: &Effect) -> bool {
    match effect {
        Effect::TailLost { .. } | Effect::CommitLost { .. } => true,
        Effect::Did(_, doing) => matches!(doing, Doing::Exit | Doing::CommitFailed),
        Effect::Note(note) => match note {
            Note::Refused(safeguard) => *safeguard != Safeguard::DuplicateBatch,
            Note::EpochBumped { .. }
            | Note::HeadDeleted { .. }
            | Note::ProducerForgotten { .. }
            | Note::OffsetForgotten { .. }
            | Note::NotModelled(_) => true,
            _ => false,
        },
        Effect::ClosedByBroker(_) => true,
        Effect::Fired(_, timer) => !matches!(timer, ClientTimer::Linger | ClientTimer::AutoCommit),
        _ => false,
    }
}

fn concerns_focus(effects: &[Effect], focus: Option<PayloadId>) -> bool {
    let concerned: BTreeSet<PayloadId> = effects.iter().flat_map(Effect::payloads).collect();
    match focus {
        Some(focus) => concerned.contains(&focus),
        None => !concerned.is_empty(),
    }
}

/// The offset that a step commits, asks to commit, or learns as committed.
fn committed(effect: &Effect) -> Option<Offset> {
    match effect {
        Effect::Sent { message: Message::Request(Request::OffsetCommit(commit)), .. }
        | Effect::Arrived { message: Message::Request(Request::OffsetCommit(commit)), .. }
        | Effect::ArrivedLate {
            message: Message::Request(Request::OffsetCommit(commit)), ..
        }
        | Effect::Lost { message: Message::Request(Request::OffsetCommit(commit)), .. } => {
            commit.offsets.iter().map(|(_, committed)| committed.offset).max()
        }
        Effect::Did(_, Doing::Commit(offset)) => Some(*offset),
        Effect::Note(Note::OffsetStored { offset, .. }) => Some(*offset),
        Effect::Event(Event::Committed { offset, .. }) => Some(*offset),
        _ => None,
    }
}

/// Whether a commit decides about the focus: the first that lies behind it, or one before it.
fn commits_focus(facts: &Facts, effects: &[Effect], focus: Option<PayloadId>) -> bool {
    let Some(offset) = effects.iter().find_map(committed) else { return false };
    let Some(focus) = focus else { return true };
    let Some(at) = facts.appended.get(&focus).and_then(|copies| copies.first()) else {
        return false;
    };
    let covering =
        facts.stored.iter().map(|stored| stored.offset).find(|&stored| stored > at.offset);
    offset > at.offset && covering.is_none_or(|covering| covering == offset)
}

/// Where a consumer begins matters after a restart, and when the reset policy skips records.
fn begins_to_read(names: Names<'_>, facts: &Facts, effects: &[Effect]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Arrived { link, message: Message::Response(response) } => {
            let asked = matches!(
                response,
                Response::OffsetFetch { .. }
                    | Response::ListOffsets(_)
                    | Response::JoinGroup { .. }
            );
            let restarted = facts.ended.iter().any(|ended| ended.process == link.process);
            let skips = names.app(link.process).is_some_and(|app| {
                names.setting().apps[app].config.auto_offset_reset == AutoOffsetReset::Latest
            });
            asked && (restarted || skips)
        }
        _ => false,
    })
}
