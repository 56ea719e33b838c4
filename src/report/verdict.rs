//! The verdict on one scenario, in words: its level, what each guarantee does, and what was looked at.

use crate::app::setting::EffectKind;
use crate::check::{Explored, Extent, Limit};
use crate::decide::{Decided, Judgement, Looked};
use crate::fault::FAULTS;
use crate::guarantee::{Guarantee, Half, Level, Subject};
use crate::report::names::Names;
use crate::report::sentences::cast;
use crate::report::style::{Style, Tone};
use crate::report::text::{count, grouped, hang, left, listed, wrap};
use crate::scenario::{Notice, Scenario, Weight};
use crate::world::Setting;

/// Everything about a decided scenario but its stories.
pub fn verdict(scenario: &Scenario, decided: &Decided, style: Style) -> String {
    let mut text = String::new();
    let level = level(decided.half(Guarantee::AtMost), decided.half(Guarantee::AtLeast));
    text.push_str(&style.paint(Tone::Title, &format!("{}: {level}", scenario.name)));
    text.push('\n');
    for line in wrap(&scenario.title, style.width.saturating_sub(2)) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push('\n');
    text.push_str(&cast(Names::new(&scenario.setting, &[]), style));
    let subjects = subjects(decided);
    for &subject in &subjects {
        text.push('\n');
        text.push_str(&subject_block(scenario, decided, subject, subjects.len() > 1, style));
    }
    text.push('\n');
    text.push_str(&extent_of(&scenario.setting, &[decided], style));
    text.push_str(&notices(&scenario.notices, style));
    text.push_str(&expectations(scenario, decided, style));
    text
}

/// The subjects that were judged, in order.
pub fn subjects(decided: &Decided) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = decided.judgements.iter().map(|j| j.subject).collect();
    subjects.dedup();
    subjects
}

/// The level of two halves; what is unknown is said.
pub fn level(at_most: Half, at_least: Half) -> String {
    let known = Level::of(at_most, at_least);
    match (at_most, at_least) {
        (Half::Unknown, _) | (_, Half::Unknown) if known == Level::NoGuarantee => {
            "unknown".to_owned()
        }
        (Half::Unknown, _) | (_, Half::Unknown) => format!("at least: {}", known.title()),
        _ => known.title().to_owned(),
    }
}

fn half_of(decided: &Decided, subject: Subject, guarantee: Guarantee) -> Option<&Judgement> {
    decided.judgements.iter().find(|j| j.subject == subject && j.guarantee == guarantee)
}

fn subject_block(
    scenario: &Scenario,
    decided: &Decided,
    subject: Subject,
    several: bool,
    style: Style,
) -> String {
    let half = |guarantee| half_of(decided, subject, guarantee).map_or(Half::Unknown, |j| j.half);
    let mut text = String::new();
    if let (true, Subject::App(app)) = (several, subject) {
        let name = &scenario.setting.apps[app].name;
        let level = level(half(Guarantee::AtMost), half(Guarantee::AtLeast));
        text.push_str(&format!("  {}\n", style.paint(Tone::Title, &format!("{name}: {level}"))));
    }
    let most = half(Guarantee::AtMost);
    let least = half(Guarantee::AtLeast);
    text.push_str(&hang("  ", &meaning(&scenario.setting, subject, most, least), style.width));
    text.push('\n');
    for (guarantee, title) in TITLES {
        if let Some(judgement) = half_of(decided, subject, *guarantee) {
            text.push_str(&line(scenario, decided, judgement, title, style));
        }
    }
    if let Some(times) = decided.times.iter().find(|times| times.subject == subject) {
        let mark = format!("    {}  {}", left("times processed", 20), left(times.text(), 8));
        text.push_str(&hang(&mark, times.doc(), style.width));
    }
    text
}

/// The guarantees as rows.
const TITLES: &[(Guarantee, &str)] = &[
    (Guarantee::AtMost, "at most once"),
    (Guarantee::AtLeast, "at least once"),
    (Guarantee::AcknowledgedIsKept, "acknowledged is kept"),
    (Guarantee::Order, "order per key"),
];

fn line(
    scenario: &Scenario,
    decided: &Decided,
    judgement: &Judgement,
    title: &str,
    style: Style,
) -> String {
    let (word, tone) = match judgement.half {
        Half::Yes => ("yes", Tone::Good),
        Half::No(_) => ("no", Tone::Bad),
        Half::Unknown => ("unknown", Tone::Doubtful),
    };
    let mut parts = Vec::new();
    if let (Some(breach), Half::No(faults)) = (&judgement.breach, judgement.half) {
        let anomaly = breach.finding.anomaly;
        let at = match faults {
            0 => "breaks without any fault".to_owned(),
            faults if !breach.fewest => {
                format!("breaks with {}, perhaps with fewer", count(u64::from(faults), "fault"))
            }
            faults => format!("breaks at {}", count(u64::from(faults), "fault")),
        };
        let steps = count(u64::from(breach.cost.steps), "step");
        parts.push(format!("{at}, in {steps}: {} ({})", anomaly.name(), anomaly.doc()));
    }
    if judgement.breach.as_ref().is_none_or(|breach| breach.fewest) {
        parts.extend(survives(scenario, decided, judgement.half));
    }
    let what = parts.join("; ");
    let mark = format!("    {}  {}", left(title, 20), left(word, 8));
    let text = hang(&mark, &what, style.width);
    text.replacen(
        &left(word, 8),
        &format!("{}{}", style.paint(tone, word), " ".repeat(8 - word.len())),
        1,
    )
}

/// What is survived, with the kinds of faults (SEMANTICS 4.1).
fn survives(scenario: &Scenario, decided: &Decided, half: Half) -> Option<String> {
    let faults = &scenario.setting.faults;
    let none = faults.total == 0 || scenario.setting.striking_faults().is_empty();
    if none && half == Half::Yes {
        return Some("no fault was allowed".to_owned());
    }
    let complete = decided.looked.iter().filter(|looked| looked.complete);
    let survived = complete.filter_map(|looked| {
        let most = match half {
            Half::Yes | Half::Unknown => looked.total,
            Half::No(at) => looked.total.min(at.checked_sub(1)?),
        };
        (most > 0).then(|| format!("any {most} of {{{}}}", looked.kinds.join(", ")))
    });
    let survived: Vec<String> = survived.collect();
    (!survived.is_empty()).then(|| format!("survives {}", survived.join(", ")))
}

/// Budgets that nobody looked at, with why: `any 2 of {disconnect, slow}`.
pub fn not_looked(looked: &[Looked], style: Style) -> String {
    if looked.len() < 2 {
        return String::new();
    }
    let budgets = looked.iter().filter(|looked| !looked.complete && looked.total > 0);
    let text = |looked: &Looked| format!("any {} of {{{}}}", looked.total, looked.kinds.join(", "));
    let budgets: Vec<String> = budgets.map(text).collect();
    if budgets.is_empty() {
        return String::new();
    }
    let text = format!(
        "Not looked at, since it needs more states than the limit: {}. --faults names a budget to look \
         at, --states the limit.",
        budgets.join("; ")
    );
    hang("  ", &text, style.width)
}

/// What the two halves mean for the records.
fn meaning(setting: &Setting, subject: Subject, most: Half, least: Half) -> String {
    let (holds, again, lost, note) = match subject {
        Subject::Log => {
            ("is in the log", "be in the log", "be missing from the log", String::new())
        }
        Subject::App(app) => {
            let app = &setting.apps[app];
            let what = match app.effect {
                EffectKind::Local => "an output line",
                EffectKind::RemoteCall => "a remote call",
                EffectKind::Upsert => "a change of the store",
                EffectKind::Store => "a write to the store",
                EffectKind::Topic => "a record in the output topic",
            };
            let or = if app.dead_letter().is_some() {
                ", or a record in its dead-letter topic"
            } else {
                ""
            };
            let note = format!(" The effect is {what} of {}{or}.", app.name);
            ("takes effect", "take effect", "never take effect", note)
        }
    };
    let what = match (most, least) {
        (Half::Yes, Half::Yes) => format!("Every record {holds} exactly once"),
        (Half::No(_), Half::Yes) => {
            format!("Every record {holds}, but one may {again} more than once")
        }
        (Half::Yes, Half::No(_)) => format!("No record {holds} more than once, but one may {lost}"),
        (Half::No(_), Half::No(_)) => {
            format!("A record may {lost}, and one may {again} more than once")
        }
        (Half::Unknown, Half::Unknown) => {
            format!("Whether a record may {lost} or {again} more than once is not known")
        }
        (Half::Yes, Half::Unknown) => {
            format!("No record {holds} more than once; whether one may {lost} is not known")
        }
        (Half::No(_), Half::Unknown) => {
            format!("A record may {again} more than once; whether one may {lost} is not known")
        }
        (Half::Unknown, Half::Yes) => {
            format!("Every record {holds}; whether one may {again} more than once is not known")
        }
        (Half::Unknown, Half::No(_)) => {
            format!("A record may {lost}; whether one may {again} more than once is not known")
        }
    };
    format!("{what}.{note}")
}

/// What was looked at by some searches of scenarios with the same bounds, and so what "yes" means.
pub fn extent_of(setting: &Setting, all: &[&Decided], style: Style) -> String {
    let looked = looked_by_all(all);
    let bounds = bounds(setting, &looked);
    let mut explored = Explored::default();
    let mut complete = None;
    let mut limits: Vec<Limit> = Vec::new();
    for (i, decided) in all.iter().enumerate() {
        let of = decided.explored();
        explored.states += of.states;
        explored.transitions += of.transitions;
        explored.at_rest += of.at_rest;
        explored.reduced |= of.reduced;
        explored.exchanged |= of.exchanged;
        complete = if i == 0 { of.complete_faults } else { complete.min(of.complete_faults) };
        if let Extent::Bounded { limits: some, .. } = &decided.extent {
            limits.extend(some.iter().filter(|limit| **limit != Limit::Settled));
        }
    }
    limits.sort();
    limits.dedup();
    let counts = counts(&explored);
    if let [Extent::Sampled { runs, .. }] =
        all.iter().map(|d| d.extent.clone()).collect::<Vec<_>>()[..]
    {
        let text = format!(
            "Random runs find what breaks, and never show that something holds: what is not broken is unknown. \
             Bounds: {bounds}. Looked at: {}, in them {counts}, each as often as it was met.",
            count(runs, "random run")
        );
        return hang("  ", &text, style.width);
    }
    if limits == [Limit::Circles] {
        let text = format!(
            "\"yes\" means: of everything that can happen within these bounds, nothing breaks it. What is judged at \
             rest and not broken is unknown, since {}. Bounds: {bounds}. Looked at: all of it, {counts}.",
            limit(&Limit::Circles)
        );
        return hang("  ", &text, style.width);
    }
    // A search that was cut short within one of several budgets says so below, budget by budget.
    let by_budget = looked.len() > 1 && !limits.contains(&Limit::Stopped);
    let text = if limits.is_empty() || by_budget {
        format!(
            "\"yes\" means: of everything that can happen within these bounds, nothing breaks it. \
             Bounds: {bounds}. Looked at: all of it, {counts}."
        )
    } else {
        let why: Vec<String> = limits.iter().map(limit).collect();
        let complete = match complete {
            Some(faults) => {
                let faults = count(u64::from(faults), "fault");
                format!("Everything with up to {faults} was looked at")
            }
            None => "Not even everything without faults was looked at".to_owned(),
        };
        format!(
            "The search ended early: {}. {complete}; what is not broken there is unknown. \
             Bounds: {bounds}. Looked at: {counts}.",
            listed(&why)
        )
    };
    format!("{}{}", hang("  ", &text, style.width), not_looked(&looked, style))
}

fn counts(explored: &Explored) -> String {
    let orders = match explored.reduced {
        true => "; of steps that touch nothing of each other's one order stands for all",
        false => "",
    };
    let exchanged = match explored.exchanged {
        true => "; of worlds that differ by which of two equal clients is which one stands for all",
        false => "",
    };
    format!(
        "{} and {}, {} of the states at rest{orders}{exchanged}",
        count(explored.states, "state"),
        count(explored.transitions, "step"),
        grouped(explored.at_rest)
    )
}

/// Whatever bounds the world of a scenario.
pub fn bounds(setting: &Setting, looked: &[Looked]) -> String {
    let records: u32 = setting.sources.iter().map(|source| source.records).sum();
    let partitions: u32 = setting.topics.iter().map(|topic| u32::from(topic.partitions)).sum();
    let mut bounds = vec![
        format!("Kafka {}", setting.protocol.kafka.name()),
        "1 broker".to_owned(),
        count(u64::from(partitions), "partition"),
        count(u64::from(records), "record"),
    ];
    let (producers, apps) = (setting.producers.len() as u64, setting.apps.len() as u64);
    bounds.push(count(producers, "producer"));
    if apps > 0 {
        bounds.push(count(apps, "application"));
    }
    let complete: Vec<&Looked> = looked.iter().filter(|looked| looked.complete).collect();
    if looked.len() < 2 {
        bounds.push(faults(setting));
        return bounds.join(", ");
    }
    let budget = |looked: &&Looked| {
        let total = count(u64::from(looked.total), "fault");
        format!("up to {total} of {{{}}}", looked.kinds.join(", "))
    };
    let budgets: Vec<String> = complete.iter().map(budget).collect();
    format!("{}, and one of these: {}", bounds.join(", "), budgets.join("; "))
}

/// The budgets within which all of some searches were complete, and those within which one was not. A search that
/// had nothing left to ask is complete within any.
pub fn looked_by_all(all: &[&Decided]) -> Vec<Looked> {
    let holds = |decided: &&&Decided| {
        decided.judgements.iter().any(|judgement| !matches!(judgement.half, Half::No(0 | 1)))
    };
    let open: Vec<&&Decided> = all.iter().filter(holds).collect();
    let Some(first) = open.first().copied().or(all.first()) else { return Vec::new() };
    let by_all = |looked: &&Looked| {
        looked.complete && open.iter().all(|decided| decided.looked.contains(looked))
    };
    let mut looked: Vec<Looked> = first.looked.iter().filter(by_all).cloned().collect();
    for missing in open.iter().flat_map(|decided| &decided.looked).filter(|l| !l.complete) {
        if !looked.contains(missing) {
            looked.push(missing.clone());
        }
    }
    looked
}

/// The budget of faults: `up to 2 faults of {disconnect, crash-broker (at most 1)}`.
fn faults(setting: &Setting) -> String {
    let total = setting.faults.total;
    let order = |name: &str| FAULTS.iter().position(|fault| fault.name() == name);
    let mut kinds = setting.striking_faults();
    kinds.sort_by_key(|(name, _)| order(name));
    if total == 0 || kinds.is_empty() {
        return "no faults".to_owned();
    }
    let names: Vec<String> = kinds
        .iter()
        .map(|(name, cap)| match *cap < total {
            true => format!("{name} (at most {cap})"),
            false => name.clone(),
        })
        .collect();
    format!("up to {} of {{{}}}", count(u64::from(total), "fault"), names.join(", "))
}

/// What cut a search short, in words.
pub fn limit(limit: &Limit) -> String {
    match limit {
        Limit::States(states) => format!("the limit of {} was reached", count(*states, "state")),
        Limit::Bytes(bytes) => format!("the limit of {} was reached", count(*bytes, "byte")),
        Limit::Steps(steps) => format!("ways of more than {steps} steps were cut off"),
        Limit::Faults(faults) => {
            format!("ways with more than {} were cut off", count(u64::from(*faults), "fault"))
        }
        Limit::Settled => "every question was answered".to_owned(),
        Limit::Stopped => "it was stopped from outside".to_owned(),
        Limit::Circles => {
            "runs may go around in circles, of which a depth-first search knows no more".to_owned()
        }
        Limit::Panic => "the model panicked".to_owned(),
        Limit::Reduced => "not every order of actions was tried".to_owned(),
    }
}

/// Warnings and notes.
pub fn notices(notices: &[Notice], style: Style) -> String {
    let mut text = String::new();
    for notice in notices {
        let tone = match notice.weight {
            Weight::Warning => Tone::Doubtful,
            Weight::Note => Tone::Quiet,
        };
        if text.is_empty() {
            text.push('\n');
        }
        text.push_str(&style.block(tone, "  ", &notice.to_string()));
    }
    text
}

/// How the claims of the scenario compare with what was decided.
fn expectations(scenario: &Scenario, decided: &Decided, style: Style) -> String {
    let claims: usize = scenario.expectations.iter().map(|e| e.claims.len()).sum();
    if claims == 0 {
        return String::new();
    }
    let mut text = String::from("\n");
    for mismatch in &decided.mismatches {
        let what = format!(
            "NOT AS EXPECTED: {}:{}: claimed is \"{}\", but found is \"{}\"",
            scenario.path, mismatch.line, mismatch.claimed, mismatch.decided
        );
        text.push_str(&style.block(Tone::Bad, "  ", &what));
    }
    if !decided.claims_decided {
        let what = "UNDECIDED: the search ended before every claim of the file was decided";
        text.push_str(&style.block(Tone::Doubtful, "  ", what));
    } else if decided.mismatches.is_empty() {
        let what = format!("as expected: {} of the file agree", count(claims as u64, "claim"));
        text.push_str(&style.block(Tone::Good, "  ", &what));
    }
    text
}
