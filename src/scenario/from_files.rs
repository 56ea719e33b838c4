//! Scenarios from the `.properties` files of a real project: one for each shape that the application
//! may have, since files do not say when it commits (SEMANTICS 5.3).

use std::path::{Path, PathBuf};

use super::notice::{NotModelled, Notice, Unmodelled, Weight};
use super::parts::Parts;
use super::problem::{Errors, Problem, ProblemKind};
use super::source::Source;
use super::vocabulary::Words;
use super::{Failure, Limits, Scenario, Tier, file};
use crate::protocol::config_keys::Side;
use crate::protocol::variant::Kafka;
use crate::world::setting::{CommitOrder, EffectKind, FaultSetting, Setting};

/// When an application commits, by the names of the command line.
pub const SHAPES: Words<CommitOrder> = &[
    ("auto", CommitOrder::Auto),
    ("auto-hand-off", CommitOrder::AutoHandOff),
    ("before", CommitOrder::BeforeProcessing),
    ("after", CommitOrder::AfterProcessing),
    ("with-result", CommitOrder::WithResult),
];

/// Whose client reads the files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Client {
    /// Apache Kafka's own, in Java.
    #[default]
    Java,
    /// librdkafka, and the clients built on it.
    Librdkafka,
}

/// `--client`.
pub const CLIENTS: Words<Client> = &[("java", Client::Java), ("librdkafka", Client::Librdkafka)];

/// The files that are given; what is not given has Kafka's defaults.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Files {
    /// Keys of a producer.
    pub producer: Option<PathBuf>,
    /// Keys of a consumer.
    pub consumer: Option<PathBuf>,
    /// Keys of a topic.
    pub topic: Option<PathBuf>,
    /// Keys of a broker.
    pub server: Option<PathBuf>,
}

/// What files do not say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// When the application commits; `None`: one scenario for each shape that the files allow.
    pub shape: Option<CommitOrder>,
    /// The version.
    pub kafka: Kafka,
    /// Whose client it is.
    pub client: Client,
    /// What the adversary may do; `None`: every class, two faults in all.
    pub faults: Option<FaultSetting>,
    /// What processing does; `None`: a local computation, or a store if the offset goes with it.
    pub effect: Option<EffectKind>,
}

/// One scenario from files.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its shape's name, of [`SHAPES`]; `None` if there is no application.
    pub shape: Option<&'static str>,
    /// The scenario; what is to be said about its files is in [`FromFiles`].
    pub scenario: Scenario,
}

/// The scenarios from files.
#[derive(Clone, PartialEq, Debug)]
pub struct FromFiles {
    /// One for each shape; at least one.
    pub rows: Vec<Row>,
    /// Warnings and notes about the files, and what was assumed.
    pub notices: Vec<Notice>,
}

/// A text with the path it was read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named<'a> {
    /// For messages.
    pub path: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

/// As [`Files`], already read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Texts<'a> {
    /// Keys of a producer.
    pub producer: Option<Named<'a>>,
    /// Keys of a consumer.
    pub consumer: Option<Named<'a>>,
    /// Keys of a topic.
    pub topic: Option<Named<'a>>,
    /// Keys of a broker.
    pub server: Option<Named<'a>>,
}

/// Paths with the texts that were read from them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OwnedTexts {
    producer: Option<(String, String)>,
    consumer: Option<(String, String)>,
    topic: Option<(String, String)>,
    server: Option<(String, String)>,
}

impl OwnedTexts {
    /// Reads files.
    ///
    /// # Errors
    /// Everything that cannot be read.
    pub fn read(files: &Files) -> Result<OwnedTexts, Failure> {
        let mut problems = Vec::new();
        let mut read = |path: &Option<PathBuf>| -> Option<(String, String)> {
            let path = path.as_ref()?;
            match file::read_properties(path) {
                Ok(text) => Some((path.display().to_string(), text)),
                Err(errors) => {
                    problems.extend(errors.0);
                    None
                }
            }
        };
        let texts = OwnedTexts {
            producer: read(&files.producer),
            consumer: read(&files.consumer),
            topic: read(&files.topic),
            server: read(&files.server),
        };
        if problems.is_empty() { Ok(texts) } else { Err(Failure::Invalid(Errors(problems))) }
    }

    /// The texts of those sides for which `text` gives one.
    pub(super) fn of(mut text: impl FnMut(Side) -> Option<(String, String)>) -> OwnedTexts {
        OwnedTexts {
            producer: text(Side::Producer),
            consumer: text(Side::Consumer),
            topic: text(Side::Topic),
            server: text(Side::Broker),
        }
    }

    /// For reading.
    pub fn texts(&self) -> Texts<'_> {
        fn named(file: &Option<(String, String)>) -> Option<Named<'_>> {
            file.as_ref().map(|(path, text)| Named { path, text })
        }
        Texts {
            producer: named(&self.producer),
            consumer: named(&self.consumer),
            topic: named(&self.topic),
            server: named(&self.server),
        }
    }
}

/// Reads files and builds the scenarios.
///
/// # Errors
/// Everything that cannot be read, that Kafka would refuse, or that is not modelled yet.
pub fn from_properties(files: &Files, options: &Options) -> Result<FromFiles, Failure> {
    from_texts(&OwnedTexts::read(files)?.texts(), options)
}

/// Why a file that is called like Kafka's own is no scenario by itself: nobody knows whose keys it has, or they are
/// those of a program that is not modelled yet.
pub fn not_a_scenario(path: &Path) -> Failure {
    let text = match file::read_properties(path) {
        Ok(text) => text,
        Err(errors) => return Failure::Invalid(errors),
    };
    let shown = path.display().to_string();
    let source = Source::new(&shown, &text);
    if let Some(gap) = super::read::component::program_of(&source) {
        return Failure::NotModelled(NotModelled(vec![gap]));
    }
    let text = "a scenario file is in TOML; this is called like a file of Kafka's own";
    let problem = Problem::whole(&shown, ProblemKind::Contradiction(text.to_owned()));
    let hint = "say whose keys it has: --producer, --consumer, --topic or --server before its name";
    Failure::Invalid(Errors(vec![problem.hint(hint.to_owned())]))
}

/// Builds the scenarios of files that were read.
///
/// # Errors
/// Everything that Kafka would refuse, or that is not modelled yet.
pub fn from_texts(texts: &Texts<'_>, options: &Options) -> Result<FromFiles, Failure> {
    let mut parts = Parts::read(texts, options.kafka);
    let mut reports = parts.take_reports();
    if options.client != Client::Java {
        reports.gaps.push(Unmodelled {
            path: "--client".to_owned(),
            position: None,
            what: "librdkafka".to_owned(),
            about: "another client than Kafka's own, with defaults of its own".to_owned(),
        });
    }
    reports.check_replicas(texts, &parts);
    let shapes = reports.shapes(texts, &parts, options);
    reports.assumptions(texts, &parts, !shapes.is_empty());
    let notices = reports.finish()?;
    let row = |shape: Option<&'static str>, setting: Setting| Row {
        shape,
        scenario: Scenario {
            name: name_of(texts),
            path: first(texts).map_or_else(String::new, |file| file.path.to_owned()),
            title: String::new(),
            setting,
            expectations: Vec::new(),
            tier: Tier::Quick,
            limits: Limits::default(),
            notices: Vec::new(),
        },
    };
    let base = parts.setting(options);
    if shapes.is_empty() {
        return Ok(FromFiles { rows: vec![row(None, base)], notices });
    }
    let with_app = |(name, order): &(&'static str, CommitOrder)| {
        row(Some(name), parts.with_app(&base, *order, options))
    };
    Ok(FromFiles { rows: shapes.iter().map(with_app).collect(), notices })
}

fn name_of(texts: &Texts<'_>) -> String {
    let all = [texts.producer, texts.consumer, texts.topic, texts.server];
    let stem = |file: Named<'_>| {
        Path::new(file.path).file_stem().map(|stem| stem.to_string_lossy().into_owned())
    };
    let stems: Vec<String> = all.into_iter().flatten().filter_map(stem).collect();
    stems.join("+")
}

fn first<'a>(texts: &Texts<'a>) -> Option<Named<'a>> {
    texts.producer.or(texts.consumer).or(texts.topic).or(texts.server)
}

/// What is to be said about all files together.
#[derive(Default)]
pub(super) struct Reports {
    pub(super) problems: Vec<Problem>,
    pub(super) gaps: Vec<Unmodelled>,
    pub(super) notices: Vec<Notice>,
}

impl Reports {
    fn note(&mut self, path: &str, text: String) {
        let path = path.to_owned();
        self.notices.push(Notice { weight: Weight::Note, path, position: None, text });
    }

    fn gap(&mut self, file: Option<Named<'_>>, at: usize, what: &str, about: &str) {
        let (path, position) = match file {
            Some(file) => (file.path, Some(Source::new(file.path, file.text).position(at))),
            None => ("", None),
        };
        let (path, what, about) = (path.to_owned(), what.to_owned(), about.to_owned());
        self.gaps.push(Unmodelled { path, position, what, about });
    }

    /// One replica is modelled, so neither may a topic have more nor a send wait for more.
    fn check_replicas(&mut self, texts: &Texts<'_>, parts: &Parts) {
        const ABOUT: &str = "several replicas of a partition";
        if parts.replicas() > super::modelled::REPLICAS {
            match parts.topic.replicas {
                Some(_) => {
                    let at = parts.topic.place("replication.factor").start;
                    self.gap(texts.topic, at, "replication.factor", ABOUT);
                }
                None => {
                    let at = parts.server.place("default.replication.factor").start;
                    self.gap(texts.server, at, "default.replication.factor", ABOUT);
                }
            }
        }
        let least = parts.topic.effective.number("min.insync.replicas");
        if least > i64::from(super::modelled::REPLICAS) {
            let key = "min.insync.replicas";
            let in_topic = parts.topic.effective.is_given(key);
            let (file, component) =
                if in_topic { (texts.topic, &parts.topic) } else { (texts.server, &parts.server) };
            self.gap(file, component.place(key).start, key, ABOUT);
        }
    }

    /// The shapes that the files allow; none if there is no application at all.
    fn shapes(
        &mut self,
        texts: &Texts<'_>,
        parts: &Parts,
        options: &Options,
    ) -> Vec<(&'static str, CommitOrder)> {
        const KEY: &str = "enable.auto.commit";
        let wanted =
            texts.consumer.is_some() || options.shape.is_some() || texts.producer.is_none();
        if !wanted {
            return Vec::new();
        }
        let auto = parts.consumer.effective.boolean(KEY);
        let by_client =
            |order: CommitOrder| matches!(order, CommitOrder::Auto | CommitOrder::AutoHandOff);
        let path = texts.consumer.map_or("", |file| file.path);
        if let Some(shape) = options.shape {
            if by_client(shape) && !auto {
                let text = "the application leaves commits to the client, which has \
                            enable.auto.commit=false";
                let kind = ProblemKind::Contradiction(text.to_owned());
                self.problems.push(match texts.consumer {
                    Some(file) => {
                        let source = Source::new(file.path, file.text);
                        Problem::at(&source, &parts.consumer.place(KEY), kind)
                    }
                    None => Problem::whole(path, kind),
                });
            }
            return SHAPES.iter().filter(|(_, order)| *order == shape).copied().collect();
        }
        if auto {
            let text = "enable.auto.commit is on, so the client commits too where the application \
                        does: turn it off for the shapes before, after and with-result";
            self.note(path, text.to_owned());
        } else {
            let text = "enable.auto.commit is off: no rows for the shapes auto and auto-hand-off";
            self.note(path, text.to_owned());
        }
        SHAPES.iter().filter(|(_, order)| auto || !by_client(*order)).copied().collect()
    }

    /// What no file says and the model needs.
    fn assumptions(&mut self, texts: &Texts<'_>, parts: &Parts, app: bool) {
        if texts.producer.is_none() {
            let text = "no file of a producer: Kafka's defaults, acks=all with idempotence";
            self.note("", text.to_owned());
        }
        if app {
            let path = texts.consumer.map_or("", |file| file.path);
            if texts.consumer.is_none() {
                self.note(path, "no file of a consumer: Kafka's defaults".to_owned());
            } else if !parts.consumer.effective.is_given("group.id") {
                let text = "no group.id: taken as given by the application";
                self.note(path, text.to_owned());
            }
            if !parts.consumer.effective.is_given("max.poll.records") {
                let text = "max.poll.records is taken as 1, to keep the search small";
                self.note(path, text.to_owned());
            }
        }
        let text = "the model: 2 records in 1 partition of 1 broker, each record a batch of its own, \
                    from a source that remembers what was acknowledged";
        self.note("", text.to_owned());
    }

    fn finish(mut self) -> Result<Vec<Notice>, Failure> {
        if !self.problems.is_empty() {
            self.problems.sort_by(|a, b| (&a.path, a.position).cmp(&(&b.path, b.position)));
            return Err(Failure::Invalid(Errors(self.problems)));
        }
        if !self.gaps.is_empty() {
            return Err(Failure::NotModelled(NotModelled(self.gaps)));
        }
        self.notices.sort_by_key(|notice| notice.weight);
        Ok(self.notices)
    }
}
