//! From a parsed document to a scenario, collecting every mistake on the way.
//!
//! Each table of the format has a file of its own here. A reader goes on after a mistake with the
//! default, so that one look shows as many mistakes as possible; the result is used only if there
//! were none.

pub(super) mod component;
mod dedup;
mod expect;
mod faults;
mod fields;
mod kafka;
mod output;
mod processes;
mod remarks;
mod topics;

use std::ops::Range;

use super::document::{self, Entry, Item, Table, Value};
use super::notice::{NotModelled, Notice, Unmodelled};
use super::problem::{Errors, Problem, ProblemKind};
use super::source::Source;
use super::{Failure, Limits, Scenario, Tier};
use crate::protocol::Protocol;
use crate::protocol::config::{BrokerConfig, TopicConfig};
use crate::protocol::safeguard::{Safeguard, SafeguardSet};
use crate::protocol::variant::{Kafka, VARIANTS, Variants};
use crate::scenario::expect::{Claim, Expectation};
use crate::world::property::Pin;
use crate::world::setting::{
    AppSetting, FaultSetting, ProducerSetting, Setting, SourceSetting, TopicSetting,
};
use fields::{Fields, Placed};

/// How many mistakes of one file are kept.
const MOST_PROBLEMS: usize = 100;

/// The version of the format.
pub(super) const FORMAT: i64 = 1;

const TOP_LEVEL: &[&str] = &[
    "format", "kafka", "tier", "variant", "ablate", "limits", "server", "topic", "source",
    "producer", "app", "faults", "expect",
];

/// Whose habits a file follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
    /// Ours: an unknown key is a mistake.
    Toml,
    /// Kafka's: an unknown key is ignored, and said so.
    Properties,
}

/// What is known while a file is read.
pub(super) struct Reader<'a> {
    source: &'a Source<'a>,
    manner: Manner,
    kafka: Kafka,
    variants: Variants,
    problems: Vec<Problem>,
    notices: Vec<Notice>,
    gaps: Vec<Unmodelled>,
    topics: Vec<TopicSetting>,
    topic_configs: Vec<TopicConfig>,
    sources: Vec<SourceSetting>,
    producers: Vec<ProducerSetting>,
    apps: Vec<AppSetting>,
    groups: Vec<String>,
}

/// The keys of the top level by their meaning.
#[derive(Default)]
struct Parts<'i> {
    format: Option<Entry>,
    kafka: Option<Entry>,
    tier: Option<Entry>,
    variant: Option<Item<'i>>,
    ablate: Option<Entry>,
    limits: Option<Item<'i>>,
    server: Option<Item<'i>>,
    topics: Option<Item<'i>>,
    sources: Option<Item<'i>>,
    producers: Option<Item<'i>>,
    apps: Option<Item<'i>>,
    faults: Option<Item<'i>>,
    expect: Option<Item<'i>>,
}

/// Reads a document.
pub(super) fn read(source: &Source<'_>, name: &str, title: String) -> Result<Scenario, Failure> {
    let items = document::parse(source).map_err(Failure::Invalid)?;
    let mut reader = Reader::new(source);
    let parts = reader.sort(items)?;
    reader.kafka = reader.preset(parts.kafka.as_ref());
    let tier = reader.tier(parts.tier);
    reader.variants = reader.variants(parts.variant);
    let ablated = reader.ablated(parts.ablate);
    let limits = reader.limits(parts.limits);
    let server = reader.server(parts.server);
    reader.topics(parts.topics, &server);
    reader.sources(parts.sources);
    reader.producers(parts.producers);
    reader.apps(parts.apps);
    let faults = reader.faults(parts.faults);
    let expectations = reader.expectations(parts.expect);
    let path = source.path().to_owned();
    let (mut setting, notices) = reader.done(ablated, server.broker(), faults)?;
    setting.watched = watched(&expectations);
    Ok(Scenario {
        name: name.to_owned(),
        path,
        title,
        setting,
        expectations,
        tier,
        limits,
        notices,
    })
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source<'a>) -> Reader<'a> {
        Reader {
            source,
            manner: Manner::Toml,
            kafka: Kafka::default(),
            variants: Variants::default(),
            problems: Vec::new(),
            notices: Vec::new(),
            gaps: Vec::new(),
            topics: Vec::new(),
            topic_configs: Vec::new(),
            sources: Vec::new(),
            producers: Vec::new(),
            apps: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// A problem at a place. Beyond the most that are kept, places are not worth looking for.
    fn problem(&self, span: &Range<usize>, kind: ProblemKind) -> Problem {
        if self.problems.len() < MOST_PROBLEMS {
            Problem::at(self.source, span, kind)
        } else {
            Problem::whole(self.source.path(), kind)
        }
    }

    /// Deals out the keys of the top level. Of a later format nothing else is said: its other keys
    /// may be right.
    fn sort<'i>(&mut self, items: Vec<Item<'i>>) -> Result<Parts<'i>, Failure> {
        let mut parts = Parts::default();
        for item in items {
            match item.key.as_str() {
                "format" => parts.format = Some(item.entry(self.source)),
                "kafka" => parts.kafka = Some(item.entry(self.source)),
                "tier" => parts.tier = Some(item.entry(self.source)),
                "variant" => parts.variant = Some(item),
                "ablate" => parts.ablate = Some(item.entry(self.source)),
                "limits" => parts.limits = Some(item),
                "server" => parts.server = Some(item),
                "topic" => parts.topics = Some(item),
                "source" => parts.sources = Some(item),
                "producer" => parts.producers = Some(item),
                "app" => parts.apps = Some(item),
                "faults" => parts.faults = Some(item),
                "expect" => parts.expect = Some(item),
                _ => self.unknown_top_level(&item),
            }
        }
        self.format(parts.format.as_ref())?;
        Ok(parts)
    }

    fn unknown_top_level(&mut self, item: &Item<'_>) {
        let kind = ProblemKind::UnknownKey {
            key: super::source::quoted(&item.key),
            table: "the file's top level".to_owned(),
        };
        let meant = super::nearest::nearest(&item.key, TOP_LEVEL.iter().copied());
        let expected = format!("one of {}", TOP_LEVEL.join(", "));
        let problem = self.problem(&item.key_span, kind).expected(expected).nearest(meant);
        self.problems.push(problem);
    }

    fn format(&mut self, entry: Option<&Entry>) -> Result<(), Failure> {
        let expected = format!("format = {FORMAT}");
        let Some(entry) = entry else {
            let (key, table) = ("format".to_owned(), "the file".to_owned());
            let kind = ProblemKind::Missing { key, table };
            let problem = Problem::whole(self.source.path(), kind);
            self.problems.push(problem.expected(expected));
            return Ok(());
        };
        match entry.value {
            Value::Integer(FORMAT) => Ok(()),
            Value::Integer(later) if later > FORMAT => {
                let problem = self.problem(&entry.value_span, ProblemKind::FutureFormat(later));
                Err(Failure::Invalid(Errors(vec![problem.expected(expected)])))
            }
            Value::Integer(other) => {
                let kind =
                    ProblemKind::OutOfRange { key: "format".to_owned(), found: other.to_string() };
                let problem = self.problem(&entry.value_span, kind).expected(expected);
                self.problems.push(problem);
                Ok(())
            }
            _ => {
                self.wrong_type(entry, &expected);
                Ok(())
            }
        }
    }

    fn preset(&mut self, entry: Option<&Entry>) -> Kafka {
        let Some(entry) = entry else { return Kafka::default() };
        let names: Vec<&str> = Kafka::ALL.iter().map(|kafka| kafka.name()).collect();
        let expected = format!("one of \"{}\"", names.join("\", \""));
        let Value::Text(name) = &entry.value else {
            self.wrong_type(entry, &expected);
            return Kafka::default();
        };
        Kafka::parse(name).unwrap_or_else(|| {
            let kind = ProblemKind::NoPreset(super::source::quoted(name));
            let problem = self.problem(&entry.value_span, kind).expected(expected);
            self.problems.push(problem);
            Kafka::default()
        })
    }

    fn tier(&mut self, entry: Option<Entry>) -> Tier {
        let Some(entry) = entry else { return Tier::Quick };
        match entry.value {
            Value::Text(value) => {
                let placed = Placed { value, span: entry.value_span };
                self.word("tier", &placed, super::TIERS).unwrap_or(Tier::Quick)
            }
            _ => {
                self.wrong_type(&entry, "\"quick\" or \"full\"");
                Tier::Quick
            }
        }
    }

    fn variants(&mut self, item: Option<Item<'_>>) -> Variants {
        let mut variants = Variants::default();
        let Some(mut fields) = self.flat("variant", item) else { return variants };
        for variant in VARIANTS {
            let Some(word) = self.text(&mut fields, variant.key) else { continue };
            if !variants.choose(variant.key, &word.value) {
                let words: Vec<&str> = variant.words.iter().map(|(word, _)| *word).collect();
                self.unknown_name(variant.key, &word, &words);
            }
        }
        self.finish(fields);
        variants
    }

    fn ablated(&mut self, entry: Option<Entry>) -> SafeguardSet {
        let mut set = SafeguardSet::default();
        let texts = entry.and_then(|entry| self.texts_of(entry)).unwrap_or_default();
        for text in texts {
            match Safeguard::ALL.iter().find(|safeguard| safeguard.name() == text.value) {
                Some(safeguard) => set.insert(*safeguard),
                None => {
                    let names: Vec<&str> = Safeguard::ALL.iter().map(|s| s.name()).collect();
                    self.unknown_name("ablate", &text, &names);
                }
            }
        }
        set
    }

    fn limits(&mut self, item: Option<Item<'_>>) -> Limits {
        let Some(mut fields) = self.flat("limits", item) else { return Limits::default() };
        let states = self.count(&mut fields, "states", 1..=u32::MAX).map(u64::from);
        let depth = self.count(&mut fields, "depth", 1..=u32::MAX);
        self.finish(fields);
        Limits { states, depth }
    }

    /// A table without names, such as `[faults]`.
    fn flat(&mut self, name: &str, item: Option<Item<'_>>) -> Option<Fields> {
        match item?.table(self.source) {
            Ok(table) => Some(Fields::new(format!("[{name}]"), table)),
            Err(entry) => {
                self.wrong_type(&entry, &format!("a table [{name}]"));
                None
            }
        }
    }

    /// Tables with names, such as `[topic.orders]`.
    fn named(&mut self, what: &str, item: Option<Item<'_>>) -> Vec<(String, Fields)> {
        let expected = format!("a table [{what}.NAME]");
        let items = match item.map(|item| item.named(self.source)) {
            None => return Vec::new(),
            Some(Ok(items)) => items,
            Some(Err(entry)) => {
                self.wrong_type(&entry, &expected);
                return Vec::new();
            }
        };
        let mut tables = Vec::new();
        for item in items {
            match item.table(self.source) {
                Ok(table) => {
                    self.check_name(what, &table);
                    let name = table.name.clone();
                    let title = format!("[{what}.{}]", super::source::quoted(&name));
                    tables.push((name, Fields::new(title, table)));
                }
                Err(entry) => self.wrong_type(&entry, &expected),
            }
        }
        tables
    }

    /// Names are those that Kafka takes for topics (`Topic.java: validate`), so that they can stand in
    /// stories and schedules without quotes.
    fn check_name(&mut self, what: &str, table: &Table) {
        let name = table.name.as_str();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let right = !name.is_empty() && name.len() <= 249 && name.bytes().all(legal);
        if right && !matches!(name, "." | "..") {
            return;
        }
        let kind =
            ProblemKind::BadName { what: what.to_owned(), name: super::source::quoted(name) };
        let problem = self.problem(&table.span, kind);
        let expected = "1 to 249 letters, digits, dots, underscores and hyphens";
        self.problems.push(problem.expected(expected));
    }

    /// The setting, if nothing is wrong and everything is modelled.
    fn done(
        mut self,
        ablated: SafeguardSet,
        broker: BrokerConfig,
        faults: FaultSetting,
    ) -> Result<(Setting, Vec<Notice>), Failure> {
        self.check_processes();
        self.check_stages();
        if !self.problems.is_empty() {
            self.problems.truncate(MOST_PROBLEMS);
            self.problems.sort_by_key(|problem| problem.position);
            return Err(Failure::Invalid(Errors(self.problems)));
        }
        if !self.gaps.is_empty() {
            self.gaps.sort_by_key(|gap| gap.position);
            return Err(Failure::NotModelled(NotModelled(self.gaps)));
        }
        let protocol = Protocol {
            kafka: self.kafka,
            variants: self.variants,
            ablated,
            broker,
            topics: self.topic_configs,
        };
        let setting = Setting {
            protocol,
            topics: self.topics,
            groups: self.groups,
            sources: self.sources,
            producers: self.producers,
            apps: self.apps,
            faults,
            watched: SafeguardSet::default(),
        };
        Ok((setting, self.notices))
    }
}

fn tables_of(table: Table, title: &str) -> Fields {
    Fields::new(title.to_owned(), table)
}

impl Reader<'_> {
    /// Schedules name processes, so each has a name of its own; and they are few.
    fn check_processes(&mut self) {
        let producers = self.producers.iter().map(|producer| &producer.name);
        let mut names: Vec<String> =
            producers.chain(self.apps.iter().map(|app| &app.name)).cloned().collect();
        if names.len() > MOST_PROCESSES {
            self.contradiction(format!("{} processes, and {MOST_PROCESSES} at most", names.len()));
        }
        names.extend(["broker", "coordinator", "output"].map(str::to_owned));
        names.sort_unstable();
        let twice = names.windows(2).filter(|two| two[0] == two[1]);
        let twice: Vec<String> = twice.map(|two| two[0].clone()).collect();
        for name in twice {
            self.contradiction(format!(
                "`{name}` is the name of several: schedules need one for each producer and \
                 application, other than broker, coordinator and output"
            ));
        }
    }

    /// Records that an application sends to what it reads, at once or through others, go round for ever.
    fn check_stages(&mut self) {
        let feeds = |from: &AppSetting, to: &AppSetting| {
            from.output.as_ref().is_some_and(|o| o.topics().any(|topic| to.topics.contains(&topic)))
        };
        let mut behind: Vec<usize> = (0..self.apps.len()).collect();
        // Those that nothing comes after are no part of a circle.
        loop {
            let ends =
                |&at: &usize| !behind.iter().any(|&to| feeds(&self.apps[at], &self.apps[to]));
            let rest: Vec<usize> = behind.iter().copied().filter(|at| !ends(at)).collect();
            if rest.len() == behind.len() {
                break;
            }
            behind = rest;
        }
        if !behind.is_empty() {
            let names: Vec<&str> = behind.iter().map(|&at| self.apps[at].name.as_str()).collect();
            let names = names.join(", ");
            self.contradiction(format!(
                "records that are sent on come back to where they were read: {names}"
            ));
        }
    }

    fn contradiction(&mut self, text: String) {
        self.problems.push(Problem::whole(self.source.path(), ProblemKind::Contradiction(text)));
    }
}

/// Producers and applications of a scenario, at most.
const MOST_PROCESSES: usize = 100;

/// The safeguards whose refusals the claims pin as reachable.
fn watched(expectations: &[Expectation]) -> SafeguardSet {
    let mut watched = SafeguardSet::default();
    for claim in expectations.iter().flat_map(|expectation| &expectation.claims) {
        if let Claim::Reachable(name) = claim
            && let Some(Pin::Refused(safeguard)) = Pin::parse(name)
        {
            watched.insert(safeguard);
        }
    }
    watched
}
