//! Everything that has a name, with what it means: read from the lists that the program itself uses.

use serde::Serialize;

use crate::cluster::ClientTimer;
use crate::cluster::timer::Freedom;
use crate::dedup::list::STRATEGIES;
use crate::fault::FAULTS;
use crate::guarantee::{Anomaly, Guarantee};
use crate::invariant::INVARIANTS;
use crate::protocol::safeguard::Safeguard;
use crate::protocol::variant::{Kafka, VARIANTS};
use crate::report::style::{Style, Tone};
use crate::report::text::{hang, left, width};
use crate::world::property::Pin;

/// A list of names.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// What is listed: `faults`.
    pub name: String,
    /// What they are.
    pub about: String,
    /// The rows.
    pub entries: Vec<Entry>,
}

/// One name.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name, as scenario files have it.
    pub name: String,
    /// What it means.
    pub doc: String,
    /// For a fault: what one strike costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u32>,
    /// For a fault: its classes; for an anomaly: the guarantee that it breaks; for a timer: when it may be over;
    /// for an invariant: the faults that excuse it; for a variant: its words; for a strategy: its kinds of memory.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
}

fn entry(name: impl Into<String>, doc: &str) -> Entry {
    let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    Entry { name: name.into(), doc, cost: None, of: Vec::new() }
}

fn list(name: &str, about: &str, entries: impl IntoIterator<Item = Entry>) -> List {
    let about = about.to_owned();
    List { name: name.to_owned(), about, entries: entries.into_iter().collect() }
}

/// All lists but that of the bundled models, which is the command line's.
pub fn lists() -> Vec<List> {
    vec![
        guarantees(),
        anomalies(),
        faults(),
        timers(),
        invariants(),
        safeguards(),
        presets(),
        variants(),
        strategies(),
        pins(),
    ]
}

fn guarantees() -> List {
    let about = "what is decided about each scenario; the first two together make its level";
    let entries = Guarantee::ALL.iter().map(|g| entry(g.name(), g.doc()));
    list("guarantees", about, entries)
}

fn anomalies() -> List {
    let entries = Anomaly::ALL.iter().map(|anomaly| Entry {
        of: vec![anomaly.breaks().name().to_owned()],
        ..entry(anomaly.name(), anomaly.doc())
    });
    list("anomalies", "what breaks a guarantee, and which one", entries)
}

fn faults() -> List {
    let entries = FAULTS.iter().map(|fault| {
        let classes = fault.classes().iter().map(|class| class.name().to_owned());
        Entry { cost: Some(1), of: classes.collect(), ..entry(fault.name(), fault.doc()) }
    });
    let about = "what the adversary can do, what it costs (healing costs nothing), and its classes; one \
                 without a class strikes only where a scenario names it";
    list("faults", about, entries)
}

fn timers() -> List {
    let entries = ClientTimer::ALL.iter().map(|timer| {
        let (freedom, doc) = match timer.freedom() {
            Freedom::Always => ("free", "may be over at any time"),
            Freedom::AfterFault => (
                "after a fault",
                "may be over once a fault held up what it waits for; otherwise its expiry is the fault slow",
            ),
        };
        Entry { of: vec![freedom.to_owned()], ..entry(timer.name(), doc) }
    });
    list("timers", "timers of the clients: durations are choices here", entries)
}

fn safeguards() -> List {
    let entries = Safeguard::ALL.iter().map(|s| entry(s.name(), s.doc()));
    let about = "Kafka's protective checks; `ablate = [..]` in a scenario removes some";
    list("safeguards", about, entries)
}

fn presets() -> List {
    let entries = Kafka::ALL.iter().map(|kafka| {
        let default = if *kafka == Kafka::default() { " (the default)" } else { "" };
        entry(kafka.name(), &format!("as brokers of Apache Kafka {} answer{default}", kafka.name()))
    });
    list("presets", "versions of Kafka: `kafka = \"..\"` in a scenario", entries)
}

fn invariants() -> List {
    let entries = INVARIANTS.iter().map(|invariant| {
        let excuses = invariant.excused_by().iter().map(|kind| format!("but for {kind}"));
        Entry { of: excuses.collect(), ..entry(invariant.name(), invariant.doc()) }
    });
    let about = "what is true of every state of the model; one that breaks is an error of ours";
    list("invariants", about, entries)
}

fn variants() -> List {
    let entries = VARIANTS.iter().map(|variant| {
        let words = variant.words.iter().map(|(word, doc)| {
            let doc = doc.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{word}: {}", doc.trim_end_matches('.'))
        });
        Entry { of: words.collect(), ..entry(variant.key, variant.doc) }
    });
    let about = "designs that were changed, rejected or wrong, on top of a preset: `[variant]` in a scenario; \
                 the first word of each is what the preset does";
    list("variants", about, entries)
}

fn strategies() -> List {
    let entries = STRATEGIES.iter().map(|row| Entry {
        of: row.kinds.iter().map(|kind| kind.name().to_owned()).collect(),
        ..entry(row.name, &format!("{} Assumes: {}.", row.doc, row.assumption))
    });
    let about = "strategies of deduplication, with their kinds of memory: `dedup = \"..\"` of an application, and \
                 the rows of `dedup`";
    list("strategies", about, entries)
}

fn pins() -> List {
    let about =
        "what `reachable = ..` in a scenario may name, besides anomalies and `refused SAFEGUARD`";
    let entries = Pin::SIMPLE.iter().map(|(name, pin)| entry(*name, doc_of_pin(*pin)));
    list("pins", about, entries)
}

fn doc_of_pin(pin: Pin) -> &'static str {
    match pin {
        Pin::Acknowledged => "some send was acknowledged",
        Pin::SendFailed => "an application was told that a send failed",
        Pin::ProcessedAgain => "some record was worked on twice",
        Pin::DuplicateSkipped => "some record was taken for a duplicate and skipped",
        Pin::AllDone => "at rest every record of every source is due and has its effect",
        Pin::Anomaly(anomaly) => anomaly.doc(),
        Pin::Refused(safeguard) => safeguard.doc(),
    }
}

/// Lists as text.
pub fn text(lists: &[List], style: Style) -> String {
    let mut text = String::new();
    for list in lists {
        if !text.is_empty() {
            text.push('\n');
        }
        let heading = format!("{}: {}", list.name, list.about);
        text.push_str(&style.block(Tone::Title, "", &heading));
        let names = list.entries.iter().map(|entry| width(&entry.name)).max().unwrap_or(0);
        for entry in &list.entries {
            let mark = format!("  {}  ", left(&entry.name, names.min(28)));
            let mut doc = entry.doc.trim_end_matches('.').to_owned();
            let mut extra = entry.of.clone();
            extra.extend(entry.cost.map(|cost| format!("costs {cost}")));
            if !extra.is_empty() {
                doc.push_str(&format!(" [{}]", extra.join(", ")));
            }
            text.push_str(&hang(&mark, &doc, style.width));
        }
    }
    text
}

/// Lists as a document of JSON.
pub fn json(lists: &[List]) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format: u32,
        lists: &'a [List],
    }
    let document = Document { format: crate::report::json::FORMAT, lists };
    // Strings, numbers and lists can always be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}
