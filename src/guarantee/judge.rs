//! Finds anomalies in what clients saw.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::guarantee::{Anomaly, Finding, Guarantee, Loss, Plan, Subject};
use crate::history::ledger::{Count, Sends};
use crate::history::{Audit, Ledger, Spans, audit};
use crate::record::{KeyId, PayloadId, TopicName};

/// What a judgement may use.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What ought to happen.
    pub plan: &'a Plan,
    /// What clients saw.
    pub ledger: &'a Ledger,
    /// What the audit reader found; only at rest.
    pub audit: Option<&'a Audit>,
    /// Poisoned records: the level is judged over the others.
    pub poisoned: &'a BTreeSet<PayloadId>,
}

/// The anomalies that break a guarantee of a subject, in the order of the records. Without an audit only
/// those that need none.
pub fn findings(guarantee: Guarantee, subject: Subject, evidence: Evidence<'_>) -> Vec<Finding> {
    let found = match (guarantee, subject, evidence.audit) {
        (Guarantee::AtMost, Subject::App(app), audit) => repeated(app, evidence, audit),
        (Guarantee::AtMost, Subject::Log, Some(audit)) => duplicates(evidence, audit),
        (Guarantee::AtLeast, Subject::App(app), Some(audit)) => missing(app, evidence, audit),
        (Guarantee::AtLeast, Subject::Log, Some(audit)) => unwritten(evidence, audit),
        (Guarantee::AcknowledgedIsKept, _, audit @ Some(_)) => lost_writes(evidence, audit),
        (Guarantee::Order, Subject::App(app), audit) => disorder(app, evidence, audit),
        (Guarantee::Order, Subject::Log, Some(audit)) => {
            log_disorder(evidence.plan, audit.uncommitted.values())
        }
        (_, _, None) => Vec::new(),
    };
    let finding = |(anomaly, payload, loss)| Finding { anomaly, subject, payload, loss };
    found.into_iter().map(finding).collect()
}

type Found = (Anomaly, Option<PayloadId>, Option<Loss>);

fn repeated(app: usize, evidence: Evidence<'_>, audit: Option<&Audit>) -> Vec<Found> {
    let effects = effects(app, evidence, audit);
    let judged = |payload| !evidence.poisoned.contains(&payload);
    let again = effects.iter().filter(|&(payload, count)| count == Count::Again && judged(payload));
    again.map(|(payload, _)| (Anomaly::RepeatedEffect, Some(payload), None)).collect()
}

/// The effects of each record in an application: those that its process saw, and each copy in the topics
/// that it writes to, be it there or acknowledged.
fn effects<'a>(app: usize, evidence: Evidence<'a>, audit: Option<&Audit>) -> Cow<'a, Spans<Count>> {
    let seen = &evidence.ledger.readers[app].effects;
    let writes = &evidence.plan.apps[app].writes;
    match audit {
        Some(audit) if !writes.is_empty() => {
            let mut effects = seen.clone();
            audit.add_copies(|topic| writes.contains(&topic), &mut effects);
            // What was acknowledged and deleted since was there.
            for (&place, &payload) in &evidence.ledger.readers[app].acked {
                if !audit.has(place, payload) {
                    effects.add(payload);
                }
            }
            Cow::Owned(effects)
        }
        _ => Cow::Borrowed(seen),
    }
}

fn duplicates(evidence: Evidence<'_>, audit: &Audit) -> Vec<Found> {
    let copies = audit.all_copies();
    let due = evidence.ledger.due();
    let twice = due.iter().filter(|&(payload, _)| copies.get(payload) == Some(Count::Again));
    twice.map(|(payload, _)| (Anomaly::Duplicate, Some(payload), None)).collect()
}

fn missing(app: usize, evidence: Evidence<'_>, audit: &Audit) -> Vec<Found> {
    let mut found = Vec::new();
    let stages = evidence.plan.stages_before(app);
    let (copies, effects) = (audit.all_copies(), effects(app, evidence, Some(audit)));
    for (payload, sends) in evidence.ledger.due().iter() {
        let poisoned = evidence.poisoned.contains(&payload);
        if effects.contains(payload) || poisoned || !evidence.plan.is_for(payload, app) {
            continue;
        }
        if stages.iter().any(|&stage| is_readable(stage, payload, evidence, audit)) {
            found.push((Anomaly::Stuck, Some(payload), None));
        } else {
            let sent_on = || sent_on(&stages, payload, evidence, audit);
            let loss = (!copies.contains(payload)).then_some(sends).or_else(sent_on).map(loss);
            found.push((Anomaly::LostEffect, Some(payload), loss));
        }
    }
    found
}

/// Whether a record stands in the log where the application would read it after a restart: beyond its
/// committed position, or anywhere if it has none and begins at the log's begin.
fn is_readable(app: usize, payload: PayloadId, evidence: Evidence<'_>, audit: &Audit) -> bool {
    let reading = &evidence.plan.apps[app];
    audit.uncommitted.iter().any(|(&(topic, partition), found)| {
        let committed = audit.offsets.get(&(reading.group, topic, partition)).copied();
        reading.topics.contains(&topic)
            && found.iter().any(|found| {
                found.payload == payload
                    && committed.map_or(!reading.begins_at_end, |next| found.offset >= next)
            })
    })
}

/// How the sends of a record by an application and the stages before it ended, if a topic between does not
/// have it.
fn sent_on(
    stages: &[usize],
    payload: PayloadId,
    evidence: Evidence<'_>,
    audit: &Audit,
) -> Option<Sends> {
    stages.iter().find_map(|&stage| {
        let topic = evidence.plan.apps[stage].next_stage?;
        let sends = evidence.ledger.readers[stage].sends.get(&topic)?.get(payload);
        sends.filter(|_| !audit.copies_in(topic).contains(payload))
    })
}

fn loss(sends: Sends) -> Loss {
    if sends.acked {
        Loss::Silent
    } else if sends.failed {
        Loss::Reported
    } else {
        Loss::NeverSent
    }
}

fn unwritten(evidence: Evidence<'_>, audit: &Audit) -> Vec<Found> {
    let copies = audit.all_copies();
    let due = evidence.ledger.due();
    let gone = due.iter().filter(|&(payload, _)| !copies.contains(payload));
    gone.map(|(payload, sends)| (Anomaly::NeverWritten, Some(payload), Some(loss(sends)))).collect()
}

/// Whether effects alone show that everything acknowledged was kept, so that no audit is needed.
pub fn effects_show_kept(evidence: Evidence<'_>) -> bool {
    lost_writes(evidence, None).is_empty()
}

/// What was acknowledged, is not in its topic, and had no effect in whoever reads that. Without an audit no topic has
/// anything.
fn lost_writes(evidence: Evidence<'_>, audit: Option<&Audit>) -> Vec<Found> {
    let plan = evidence.plan;
    let mut lost = BTreeSet::new();
    let mut look = |topic: TopicName, sends: &Spans<Sends>, sent: &dyn Fn(PayloadId) -> bool| {
        let reads = |app: &usize| plan.apps[*app].topics.contains(&topic);
        let readers = (0..plan.apps.len()).filter(reads);
        let there = audit.map(|audit| audit.copies_in(topic)).unwrap_or_default();
        let effects: Vec<_> = readers.map(|app| effects(app, evidence, audit)).collect();
        let kept: Vec<&Spans<Count>> =
            effects.iter().map(Cow::as_ref).chain(std::iter::once(&there)).collect();
        lost.extend(sends.without(|sends| sends.acked, &kept).filter(|&payload| sent(payload)));
    };
    let due = evidence.ledger.due();
    for (number, stream) in plan.streams.iter().enumerate() {
        look(stream.topic, &due, &|payload| plan.stream(payload) == Some(number));
    }
    for (&topic, sends) in evidence.ledger.readers.iter().flat_map(|reader| &reader.sends) {
        look(topic, sends, &|_| true);
    }
    let found = |payload| (Anomaly::LostWrite, Some(payload), Some(Loss::Silent));
    lost.into_iter().map(found).collect()
}

fn disorder(app: usize, evidence: Evidence<'_>, audit: Option<&Audit>) -> Vec<Found> {
    let reader = &evidence.ledger.readers[app];
    let mut found = Vec::new();
    if reader.overwrote {
        found.push((Anomaly::LostUpdate, None, None));
    }
    if reader.out_of_order {
        found.push((Anomaly::NonmonotonicEffect, None, None));
    }
    if let Some((audit, topic)) = audit.zip(evidence.plan.apps[app].next_stage) {
        let logs = audit.uncommitted.iter().filter(|((name, _), _)| *name == topic);
        found.extend(log_disorder(evidence.plan, logs.map(|(_, log)| log)));
    }
    found
}

/// The first copies of the records of a source and key within each partition, in source order or not.
fn log_disorder<'a>(plan: &Plan, logs: impl Iterator<Item = &'a Vec<audit::Found>>) -> Vec<Found> {
    let mut found = Vec::new();
    for log in logs {
        let mut newest: BTreeMap<(Option<usize>, Option<KeyId>), PayloadId> = BTreeMap::new();
        let mut seen: Spans<()> = Spans::default();
        for record in log {
            let first = !seen.contains(record.payload);
            seen.set(record.payload, ());
            let key = (plan.stream(record.payload), record.key);
            let before = newest.insert(key, record.payload);
            if let Some(before) = before.filter(|&before| before > record.payload) {
                newest.insert(key, before);
                if first {
                    found.push((Anomaly::NonmonotonicSend, Some(record.payload), None));
                }
            }
        }
    }
    found
}
