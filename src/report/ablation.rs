//! The table of safeguards: what fails without each.

use serde::Serialize;

use crate::decide::ablate::{Failure, Use};
use crate::protocol::safeguard::Safeguard;
use crate::report::json::FORMAT;
use crate::report::style::{Style, Tone};
use crate::report::text::{count, hang, left, listed, width};

/// A safeguard with what it is good for.
pub type Row = (Safeguard, Use);

/// The table, with a line that sums it up.
pub fn table(rows: &[Row], models: usize, style: Style) -> String {
    let used = rows.iter().filter(|(_, found)| !matches!(found, Use::Unused));
    let widest = used.map(|(safeguard, _)| width(safeguard.name())).max().unwrap_or(0);
    let mut text = String::new();
    let used = rows.iter().filter(|(_, found)| !matches!(found, Use::Unused));
    for (safeguard, found) in used {
        let (mark, tone) = match found {
            Use::Needed(_) => ("needed", None),
            Use::Covered { .. } => ("covered", None),
            Use::Idle(_) => ("idle", Some(Tone::Doubtful)),
            Use::Unused => ("unused", None),
        };
        let start = format!("{}  {}  ", left(safeguard.name(), widest), left(mark, 7));
        text.push_str(&match tone {
            Some(tone) => style.block(tone, &start, &words(found)),
            None => hang(&start, &words(found), style.width),
        });
    }
    text.push_str(&unused(rows, style));
    let of = |wanted: &dyn Fn(&Use) -> bool| rows.iter().filter(|(_, u)| wanted(u)).count();
    text.push_str(&format!(
        "\n{} in {}: {} needed, {} covered by another, {} idle, {} unused\n",
        count(rows.len() as u64, "safeguard"),
        count(models as u64, "model"),
        of(&|found| matches!(found, Use::Needed(_))),
        of(&|found| matches!(found, Use::Covered { .. })),
        of(&|found| matches!(found, Use::Idle(_))),
        of(&|found| matches!(found, Use::Unused)),
    ));
    text
}

/// The safeguards that refuse nothing anywhere, by what they wait for.
fn unused(rows: &[Row], style: Style) -> String {
    let unused: Vec<Safeguard> = rows
        .iter()
        .filter(|(_, found)| matches!(found, Use::Unused))
        .map(|(safeguard, _)| *safeguard)
        .collect();
    let names = |part: Option<&str>| {
        let of = unused.iter().filter(|safeguard| awaits(**safeguard) == part);
        of.map(|safeguard| safeguard.name()).collect::<Vec<_>>().join(", ")
    };
    let mut parts: Vec<&str> = unused.iter().filter_map(|safeguard| awaits(*safeguard)).collect();
    parts.sort_unstable();
    parts.dedup();
    let mut text = String::new();
    if !names(None).is_empty() {
        let what = format!("These refuse nothing in any of the models: {}.", names(None));
        text += &format!("\n{}", style.block(Tone::Quiet, "", &what));
    }
    if !parts.is_empty() {
        let what = "These wait for what is not in the model:";
        text += &format!("\n{}", style.block(Tone::Quiet, "", what));
    }
    for part in parts {
        let what = format!("{part}: {}", names(Some(part)));
        text += &style.block(Tone::Quiet, "  ", &what);
    }
    text
}

/// What has to be modelled before a safeguard can refuse anything; nothing for those of the modelled parts.
fn awaits(safeguard: Safeguard) -> Option<&'static str> {
    match safeguard {
        Safeguard::VerifiedSequence
        | Safeguard::OpenTransaction
        | Safeguard::VerificationGuard
        | Safeguard::MarkerEpochFence
        | Safeguard::MarkerEpochBump
        | Safeguard::CoordinatorEpochFence
        | Safeguard::TransactionalIdGiven
        | Safeguard::OneProducerPerRequest
        | Safeguard::LastStableBound
        | Safeguard::AbortedTransactions => Some("transactions"),
        Safeguard::LeaderEpochFence
        | Safeguard::DivergingEpoch
        | Safeguard::DeleteBelowHighWatermark => Some("replication"),
        Safeguard::CommitGeneration => Some("groups of several members"),
        Safeguard::KeyIfCompacted | Safeguard::DeleteIfCompacted => Some("compaction"),
        Safeguard::RequiredAcks
        | Safeguard::MaxMessageBytes
        | Safeguard::ControlBatch
        | Safeguard::SequenceGiven
        | Safeguard::TimestampRange
        | Safeguard::OffsetMetadataSize => Some("requests that a client of the model never makes"),
        Safeguard::DuplicateBatch
        | Safeguard::ProducerEpochFence
        | Safeguard::SequenceOrder
        | Safeguard::CommitMembership
        | Safeguard::CommitToKnownPartition => None,
    }
}

fn words(found: &Use) -> String {
    match found {
        Use::Needed(failures) => {
            let (first, others) = (&failures[0], &failures[1..]);
            let mut text = failure(first);
            if !others.is_empty() {
                let names: Vec<String> = others.iter().map(|f| f.model.clone()).collect();
                text.push_str(&format!("; also {}", listed(&names)));
            }
            text
        }
        Use::Covered { by, failure: what } => {
            format!("by {}: without both {}", by.name(), failure(what))
        }
        Use::Idle(models) => format!("refuses in {}, but nothing fails without it", listed(models)),
        Use::Unused => String::new(),
    }
}

fn failure(failure: &Failure) -> String {
    let faults = match failure.cost.faults {
        0 => "without any fault".to_owned(),
        faults => format!("at {}", count(u64::from(faults), "fault")),
    };
    let before = match failure.before {
        None => String::new(),
        Some(faults) => format!(" (else at {faults})"),
    };
    format!(
        "{}: {} breaks {faults}{before}, in {}: {}",
        failure.model,
        failure.guarantee.name(),
        count(u64::from(failure.cost.steps), "step"),
        failure.anomaly.name(),
    )
}

/// `brokerproof ablate --json`.
#[derive(Serialize, Clone, Debug)]
pub struct Document {
    /// [`FORMAT`].
    pub format: u32,
    /// How many models were searched.
    pub models: usize,
    /// One for each safeguard, in the order of the protocol.
    pub safeguards: Vec<Entry>,
}

/// A safeguard.
#[derive(Serialize, Clone, Debug)]
pub struct Entry {
    /// Its name.
    pub safeguard: &'static str,
    /// `"needed"`, `"covered"`, `"idle"` or `"unused"`.
    pub r#use: &'static str,
    /// What covers it.
    pub covered_by: Option<&'static str>,
    /// How models fail without it, or without both; the cheapest first.
    pub failures: Vec<FailureOf>,
    /// Models in which it refuses something although none needs it.
    pub idle_in: Vec<String>,
    /// Of one that is unused, what has to be modelled before it can refuse anything.
    pub awaits: Option<&'static str>,
}

/// How a model fails.
#[derive(Serialize, Clone, Debug)]
pub struct FailureOf {
    /// The model's name.
    pub model: String,
    /// What breaks.
    pub guarantee: &'static str,
    /// The anomaly.
    pub anomaly: &'static str,
    /// The fewest faults.
    pub faults: u32,
    /// The fewest steps with so many faults.
    pub steps: u32,
    /// At how many faults it breaks anyway; `null` if it does not.
    pub else_at: Option<u32>,
}

/// The document.
pub fn json(rows: &[Row], models: usize) -> String {
    let document =
        Document { format: FORMAT, models, safeguards: rows.iter().map(entry).collect() };
    // Strings, numbers and lists can always be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn entry((safeguard, found): &Row) -> Entry {
    let (name, covered_by, failures, idle_in) = match found {
        Use::Needed(failures) => ("needed", None, failures.iter().collect(), Vec::new()),
        Use::Covered { by, failure } => ("covered", Some(by.name()), vec![failure], Vec::new()),
        Use::Idle(models) => ("idle", None, Vec::new(), models.clone()),
        Use::Unused => ("unused", None, Vec::new(), Vec::new()),
    };
    let of = |failure: &Failure| FailureOf {
        model: failure.model.clone(),
        guarantee: failure.guarantee.name(),
        anomaly: failure.anomaly.name(),
        faults: failure.cost.faults,
        steps: failure.cost.steps,
        else_at: failure.before,
    };
    Entry {
        safeguard: safeguard.name(),
        r#use: name,
        covered_by,
        failures: failures.into_iter().map(of).collect(),
        idle_in,
        awaits: matches!(found, Use::Unused).then(|| awaits(*safeguard)).flatten(),
    }
}
