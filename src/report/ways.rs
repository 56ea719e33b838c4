//! The article's table: each way of processing under each class of failure, decided; and every other
//! model with its verdict and its shortest story. In Markdown, for the folder of the models.
//!
//! Knows nothing of files: it is given rows and scenarios.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::decide::{Breach, Decided};
use crate::fault::FaultClass;
use crate::guarantee::{Guarantee, Half};
use crate::report::json::told;
use crate::report::table::{Outcome, Row};
use crate::scenario::Scenario;

/// A row of the table: the models `PREFIX.CLASS` decide it, or part of Kafka is still missing.
struct Way {
    title: &'static str,
    prefix: &'static str,
    /// What has to be modelled first.
    needs: Option<&'static str>,
}

const fn way(title: &'static str, prefix: &'static str) -> Way {
    Way { title, prefix, needs: None }
}

const fn later(title: &'static str, needs: &'static str) -> Way {
    Way { title, prefix: "", needs: Some(needs) }
}

/// The ways of the article, and of the field since.
const WAYS: &[Way] = &[
    way("fire and forget (acks=0)", "acks-0"),
    way("acks=1, the application sends again", "acks-1"),
    way("acks=all with retries, one request in flight", "acks-all"),
    way("acks=all with retries, five in flight", "acks-all-pipelined"),
    way("idempotent producer", "idempotent"),
    way("idempotent producer, the application sends again", "idempotent-send-again"),
    way("idempotent producer restarted from its source", "restarted"),
    way("automatic commits in the poll loop (classic)", "auto-commit"),
    way("automatic commits in the poll loop (asynchronous, 4.3)", "auto-commit-async"),
    way("automatic commits, hand-off to a thread", "auto-commit-hand-off"),
    way("commit before processing", "commit-before"),
    way("commit after processing, effect a remote call", "commit-after"),
    way("commit after processing, effect an idempotent write", "upsert"),
    way("commit after processing, effect in a transactional store", "transactional-store"),
    way("offset stored with the result", "offset-with-result"),
    way("two stages composed, each commits after it has sent on", "two-stages"),
    later("transactional producer", "the transaction coordinator"),
    later("consume, process, produce in a transaction", "the transaction coordinator"),
    later("Kafka Streams, exactly once", "Kafka Streams"),
    later("the three above with a side effect", "the transaction coordinator"),
];

/// A decided model with its scenario.
pub struct Model<'a> {
    /// Its path below the folder of all models, without extension.
    pub path: String,
    /// Its file.
    pub scenario: &'a Scenario,
    /// Its row of the matrix.
    pub row: &'a Row,
}

impl Model<'_> {
    fn decided(&self) -> Option<&Decided> {
        match &self.row.outcome {
            Outcome::Decided(decided) => Some(decided),
            _ => None,
        }
    }

    fn link(&self, text: &str) -> String {
        format!("[{text}]({}.toml)", self.path)
    }
}

/// The page.
pub fn page(models: &[Model<'_>]) -> String {
    let mut out = String::from(
        "# The models\n\nWritten by `brokerproof --write models`; a test compares it with what the models \
         say. Each model is a file with\nits story in a comment and with what it claims; beside it stand \
         the schedules of what breaks it.\n\n## Ways of processing under each class of failure\n\nUp to \
         two faults of the class, unless the model says otherwise. A cell says the level, the fewest \
         faults that\nbreak each half (*most*: at most once, *least*: at least once), and the anomaly that \
         comes first.\n\n| way |",
    );
    for class in FaultClass::ALL {
        let _ = write!(out, " {} |", class.name());
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(FaultClass::ALL.len()));
    out.push('\n');
    for way in WAYS {
        let _ = write!(out, "| {} |", way.title);
        for class in FaultClass::ALL {
            let _ = write!(out, " {} |", cell(models, way, *class));
        }
        out.push('\n');
    }
    cases(models, &mut out);
    let stories = stories(models);
    let _ = write!(
        out,
        "\n{} models tell {} distinct pairs of an anomaly and its shortest story (names and numbers of \
         records left out).\n",
        models.len(),
        stories.len()
    );
    out
}

fn cell(models: &[Model<'_>], way: &Way, class: FaultClass) -> String {
    if let Some(needs) = way.needs {
        return format!("not yet: {needs}");
    }
    let name = format!("{}.{}", way.prefix, class.name());
    match models.iter().find(|model| model.row.name == name) {
        Some(model) => model.decided().map_or_else(String::new, |decided| {
            format!("{}{}", model.link(&level(decided)), breaks(decided))
        }),
        None => String::new(),
    }
}

fn level(decided: &Decided) -> String {
    let halves = [Guarantee::AtMost, Guarantee::AtLeast].map(|half| decided.half(half));
    let open = halves.contains(&Half::Unknown);
    format!("{}{}", if open { "at least known: " } else { "" }, decided.level().title())
}

fn breaks(decided: &Decided) -> String {
    let mut parts = Vec::new();
    for (guarantee, name) in [(Guarantee::AtMost, "most"), (Guarantee::AtLeast, "least")] {
        if let Some(faults) = decided.half(guarantee).breaks_at() {
            parts.push(format!("{name} {faults}"));
        }
    }
    match decided.first_breach() {
        Some(breach) => format!(": {}; {}", parts.join(", "), breach.finding.anomaly.name()),
        None => String::new(),
    }
}

/// Every model that is no cell of the table.
fn cases(models: &[Model<'_>], out: &mut String) {
    let cells: BTreeSet<String> = WAYS
        .iter()
        .flat_map(|way| FaultClass::ALL.iter().map(|c| format!("{}.{}", way.prefix, c.name())))
        .collect();
    out.push_str("\n## Single questions\n\n| model | question | verdict |\n|---|---|---|\n");
    for model in models.iter().filter(|model| !cells.contains(&model.row.name)) {
        let Some(decided) = model.decided() else { continue };
        let _ = writeln!(
            out,
            "| {} | {} | {}{} |",
            model.link(&model.row.name),
            model.scenario.title.replace('|', "\\|"),
            level(decided),
            breaks(decided)
        );
    }
}

/// The distinct pairs of an anomaly and the sentence that explains its shortest story.
pub fn stories(models: &[Model<'_>]) -> BTreeSet<(&'static str, String)> {
    let mut stories = BTreeSet::new();
    for model in models {
        let breaches = model.decided().into_iter().flat_map(|decided| {
            decided.judgements.iter().filter_map(|judgement| judgement.breach.as_ref())
        });
        stories.extend(breaches.filter_map(|breach| story(model.scenario, breach)));
    }
    stories
}

fn story(scenario: &Scenario, breach: &Breach) -> Option<(&'static str, String)> {
    let (_, why) = told(scenario, breach)?;
    let spoken = why.split_whitespace().map(bare).collect::<Vec<_>>().join(" ");
    Some((breach.finding.anomaly.name(), spoken))
}

/// A word without the numbers of records and offsets.
fn bare(word: &str) -> String {
    let record = word.starts_with('m') && word[1..].starts_with(|c: char| c.is_ascii_digit());
    if record { "RECORD".to_owned() } else { word.replace(|c: char| c.is_ascii_digit(), "N") }
}
