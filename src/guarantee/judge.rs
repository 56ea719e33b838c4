//! Finds anomalies in what clients saw.

use std::collections::{BTreeMap, BTreeSet};

use crate::guarantee::{Anomaly, Finding, Guarantee, Loss, Plan, Subject};
use crate::history::ledger::{Count, Sends};
use crate::history::{Audit, Ledger, Spans};
use crate::record::{KeyId, PayloadId};

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
        (Guarantee::AtMost, Subject::App(app), _) => repeated(app, evidence),
        (Guarantee::AtMost, Subject::Log, Some(audit)) => duplicates(evidence, audit),
        (Guarantee::AtLeast, Subject::App(app), Some(audit)) => missing(app, evidence, audit),
        (Guarantee::AtLeast, Subject::Log, Some(audit)) => unwritten(evidence, audit),
        (Guarantee::AcknowledgedIsKept, _, Some(audit)) => lost_writes(evidence, audit),
        (Guarantee::Order, Subject::App(app), _) => disorder(app, evidence),
        (Guarantee::Order, Subject::Log, Some(audit)) => log_disorder(evidence.plan, audit),
        (_, _, None) => Vec::new(),
    };
    let finding = |(anomaly, payload, loss)| Finding { anomaly, subject, payload, loss };
    found.into_iter().map(finding).collect()
}

type Found = (Anomaly, Option<PayloadId>, Option<Loss>);

fn repeated(app: usize, evidence: Evidence<'_>) -> Vec<Found> {
    let effects = &evidence.ledger.readers[app].effects;
    let again = effects.iter().filter(|(_, count)| *count == Count::Again);
    again.map(|(payload, _)| (Anomaly::RepeatedEffect, Some(payload), None)).collect()
}

fn duplicates(evidence: Evidence<'_>, audit: &Audit) -> Vec<Found> {
    let copies = audit.all_copies();
    let due = evidence.ledger.due();
    let twice = due.iter().filter(|&(payload, _)| copies.get(payload) == Some(Count::Again));
    twice.map(|(payload, _)| (Anomaly::Duplicate, Some(payload), None)).collect()
}

fn missing(app: usize, evidence: Evidence<'_>, audit: &Audit) -> Vec<Found> {
    let effects = &evidence.ledger.readers[app].effects;
    let mut found = Vec::new();
    let copies = audit.all_copies();
    for (payload, sends) in evidence.ledger.due().iter() {
        let poisoned = evidence.poisoned.contains(&payload);
        if effects.contains(payload) || poisoned || !evidence.plan.is_for(payload, app) {
            continue;
        }
        if is_readable(app, payload, evidence, audit) {
            found.push((Anomaly::Stuck, Some(payload), None));
        } else {
            let loss = (!copies.contains(payload)).then(|| loss(sends));
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

fn lost_writes(evidence: Evidence<'_>, audit: &Audit) -> Vec<Found> {
    let copies = audit.all_copies();
    let effects: Vec<&Spans<Count>> = evidence.ledger.readers.iter().map(|r| &r.effects).collect();
    let due = evidence.ledger.due();
    let without_effect = due.without(|sends| sends.acked, &effects);
    let lost = without_effect.filter(|&payload| !copies.contains(payload));
    lost.map(|payload| (Anomaly::LostWrite, Some(payload), Some(Loss::Silent))).collect()
}

fn disorder(app: usize, evidence: Evidence<'_>) -> Vec<Found> {
    let reader = &evidence.ledger.readers[app];
    let mut found = Vec::new();
    if reader.overwrote {
        found.push((Anomaly::LostUpdate, None, None));
    }
    if reader.out_of_order {
        found.push((Anomaly::NonmonotonicEffect, None, None));
    }
    found
}

/// The first copies of the records of a source and key within each partition, in source order or not.
fn log_disorder(plan: &Plan, audit: &Audit) -> Vec<Found> {
    let mut found = Vec::new();
    for log in audit.uncommitted.values() {
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
