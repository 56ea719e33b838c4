//! `check` of Kafka's own `.properties` files: builds the scenarios that they allow, decides each, and looks for
//! what to change.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;

use crate::check::{Limits, Progress};
use crate::cli::check::{Check, Required, Stories, exit, panicked, save, tell, write_new};
use crate::cli::console::{Console, Stopwatch};
use crate::cli::exit::Exit;
use crate::cli::stop::Stop;
use crate::cli::{parallel, source, words};
use crate::decide::lift::lifts;
use crate::decide::stages::{OfClass, decide_by_class, decide_within, together};
use crate::decide::{Decided, decide, decide_guarantees, limits};
use crate::guarantee::{Guarantee, Half};
use crate::protocol::variant::Kafka;
use crate::report::files::{FileRow, FilesReport, LiftsOf, advice, classes, table};
use crate::report::text::grouped;
use crate::report::{json, verdict};
use crate::scenario::{
    Change, Client, Files, Options, OwnedTexts, Row, SHAPES, Scenario, changed, changes,
    from_texts, write,
};
use crate::world::setting::{CommitOrder, FaultClass, FaultSetting};

/// The files of a real project, and what they do not say.
#[derive(Args, Clone, Debug, Default)]
pub struct FileArguments {
    /// A producer's .properties file.
    #[arg(long, value_name = "FILE", help_heading = "Files instead of a scenario")]
    pub producer: Option<PathBuf>,
    /// A consumer's .properties file.
    #[arg(long, value_name = "FILE", help_heading = "Files instead of a scenario")]
    pub consumer: Option<PathBuf>,
    /// A topic's settings; partitions and replication.factor may stand there, too.
    #[arg(long, value_name = "FILE", help_heading = "Files instead of a scenario")]
    pub topic: Option<PathBuf>,
    /// A broker's server.properties.
    #[arg(long, value_name = "FILE", help_heading = "Files instead of a scenario")]
    pub server: Option<PathBuf>,
    /// When the application commits: auto, auto-hand-off, before, after or with-result. Files do not say it, so
    /// without this there is a row for each.
    #[arg(long, value_name = "SHAPE", value_parser = words::shape, conflicts_with = "scenario",
          help_heading = "Files instead of a scenario")]
    pub app: Option<CommitOrder>,
    /// The version of Kafka: 3.9, 4.1 or 4.3, the default.
    #[arg(long, value_name = "VERSION", value_parser = words::kafka, conflicts_with = "scenario",
          help_heading = "Files instead of a scenario")]
    pub kafka: Option<Kafka>,
    /// Whose client reads the files: java, the default, or librdkafka.
    #[arg(long, value_name = "CLIENT", value_parser = words::client, conflicts_with = "scenario",
          help_heading = "Files instead of a scenario")]
    pub client: Option<Client>,
    /// What may go wrong: how many faults in all, classes and kinds of faults, between commas. By default 2 of
    /// every class. `brokerproof list faults` has the names.
    #[arg(long, value_name = "LIST", value_parser = words::faults, conflicts_with = "scenario",
          help_heading = "Files instead of a scenario")]
    pub faults: Option<FaultSetting>,
    /// Keeps the scenario of the files as a scenario file; never over one that says something else.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "scenario",
        help_heading = "Files instead of a scenario"
    )]
    pub write: Option<PathBuf>,
    /// How many keys may be changed at a time in the search for what to change, 0 to 3. By default 2, or 1 if there
    /// are several applications to choose from.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=3),
          conflicts_with = "scenario", help_heading = "Files instead of a scenario")]
    pub changes: Option<u8>,
}

impl FileArguments {
    fn files(&self) -> Files {
        Files {
            producer: self.producer.clone(),
            consumer: self.consumer.clone(),
            topic: self.topic.clone(),
            server: self.server.clone(),
        }
    }

    fn options(&self) -> Options {
        Options {
            shape: self.app,
            kafka: self.kafka.unwrap_or_default(),
            client: self.client.unwrap_or_default(),
            faults: self.faults.clone(),
            effect: None,
        }
    }

    fn paths(&self) -> Vec<String> {
        let all = [&self.producer, &self.consumer, &self.topic, &self.server];
        all.into_iter().flatten().map(|path| path.display().to_string()).collect()
    }

    /// The command that asks about one shape alone, with everything else as it was.
    fn command(&self, shape: Option<&str>) -> String {
        let mut words = vec!["brokerproof check".to_owned()];
        let files = [
            ("--producer", &self.producer),
            ("--consumer", &self.consumer),
            ("--topic", &self.topic),
            ("--server", &self.server),
        ];
        let given = files.iter().filter_map(|(name, path)| Some((name, path.as_ref()?)));
        words.extend(given.map(|(name, path)| format!("{name} {}", path.display())));
        words.extend(shape.map(|shape| format!("--app {shape}")));
        words.extend(self.kafka.map(|kafka| format!("--kafka {}", kafka.name())));
        if let Some(faults) = &self.faults {
            let kinds = faults.kinds.iter().map(|(name, cap)| match *cap < faults.total {
                true => format!(",{name}={cap}"),
                false => format!(",{name}"),
            });
            words.push(format!("--faults {}{}", faults.total, kinds.collect::<String>()));
        }
        words.join(" ")
    }
}

/// Everything that a search needs from outside.
struct Searching<'a> {
    limits: Limits,
    by_class: bool,
    stop: &'a Stop,
    bar: &'a ProgressBar,
}

impl Searching<'_> {
    /// Within the budget that was given, or else class by class as far as the limit goes.
    fn decide(
        &self,
        what: &str,
        scenario: &Scenario,
        asked: &[Guarantee],
    ) -> (Decided, Vec<OfClass>) {
        let progress = &mut self.told(what);
        if self.by_class {
            let classes = decide_by_class(scenario, asked, &self.limits, progress);
            return (together(scenario, &classes), classes);
        }
        let decided = match asked == Guarantee::ALL {
            true => decide(scenario, &self.limits, progress),
            false => decide_guarantees(scenario, asked, &self.limits, progress),
        };
        (decided, Vec::new())
    }

    /// What lifts the level of a row, class by class if it was decided so; nothing if nobody asked.
    fn lifts(
        &self,
        decided: &(Decided, Vec<OfClass>),
        count: usize,
        most: usize,
        build: &dyn Fn(&[usize]) -> Option<Scenario>,
    ) -> Vec<LiftsOf> {
        let whole = [(None, &decided.0)];
        let by_class = decided.1.iter().map(|of| (Some(of.class), &of.decided));
        let parts: Vec<(Option<FaultClass>, &Decided)> =
            if self.by_class { by_class.collect() } else { whole.into() };
        let unknown =
            |decided: &Decided| HALVES.iter().any(|half| decided.half(*half) == Half::Unknown);
        let known = parts.into_iter().filter(|(_, decided)| most > 0 && !unknown(decided));
        let of = |(class, decided): (Option<FaultClass>, &Decided)| {
            let ask = |scenario: &Scenario, asked: &[Guarantee]| {
                let progress = &mut self.told("what to change");
                match class {
                    Some(_) => {
                        decide_within(scenario, &decided.looked, asked, &self.limits, progress)
                    }
                    None => decide_guarantees(scenario, asked, &self.limits, progress),
                }
            };
            let lifts = lifts(decided, count, most, build, &ask, &|| self.stop.is_asked());
            LiftsOf { class, from: decided.level(), lifts }
        };
        known.map(of).collect()
    }

    fn told<'s>(&'s self, what: &'s str) -> impl FnMut(&Progress) -> ControlFlow<()> + 's {
        move |progress| {
            if progress.states > 0 {
                self.bar.set_message(format!("{what}: {} states", grouped(progress.states)));
                self.bar.tick();
            }
            self.stop.flow()
        }
    }
}

/// Where a search ends if nobody says otherwise: enough for any one fault of the usual files, in seconds.
const STATES: u64 = 1_000_000;

const HALVES: &[Guarantee] = &[Guarantee::AtMost, Guarantee::AtLeast];

/// Runs the verb on files.
pub fn run(arguments: &Check, console: &mut Console) -> Exit {
    let given = &arguments.files;
    let options = given.options();
    let read = OwnedTexts::read(&given.files());
    let built = read.and_then(|texts| Ok((from_texts(&texts.texts(), &options)?, texts)));
    let (built, texts) = match built {
        Ok(built) => built,
        Err(failure) => return source::fail(console, &failure, arguments.json),
    };
    if let Some(path) = &given.write
        && let Err(problem) = keep(path, &built.rows, console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    let stop = Stop::on_interrupt();
    let bar = console.spinner();
    let begin = Stopwatch::begin();
    let by_class = given.faults.is_none();
    let mut limits = limits(&built.rows[0].scenario);
    limits.states = match arguments.states {
        Some(states) => states,
        None if by_class => STATES,
        None => limits.states,
    };
    let searching = Searching { limits, by_class, stop: &stop, bar: &bar };
    let asked = if built.rows.len() > 1 { HALVES } else { Guarantee::ALL };
    let decided = parallel::each(&built.rows, None, |row| {
        searching.decide(row.shape.unwrap_or("searching"), &row.scenario, asked)
    });
    let default = if built.rows.len() > 1 { 1 } else { 2 };
    let most = usize::from(given.changes.unwrap_or(default));
    let all = if most > 0 { changes(&texts.texts(), &options) } else { Vec::new() };
    let rows: Vec<(Row, (Decided, Vec<OfClass>))> = built.rows.into_iter().zip(decided).collect();
    if let Some((row, (decided, _))) = rows.iter().find(|(_, (d, _))| d.panic.is_some()) {
        bar.finish_and_clear();
        return panicked(&row.scenario, decided, console);
    }
    let lifts = parallel::each(&rows, None, |(row, decided)| {
        let build = |set: &[usize]| {
            let set: Vec<&Change> = set.iter().map(|number| &all[*number]).collect();
            scenario_with(&texts, &options, row.shape, &set)
        };
        searching.lifts(decided, all.len(), most, &build)
    });
    bar.finish_and_clear();
    let row = |((row, (decided, classes)), lifts): ((Row, (Decided, Vec<OfClass>)), _)| FileRow {
        shape: row.shape,
        scenario: row.scenario,
        decided,
        classes,
        lifts,
    };
    let report = FilesReport {
        name: rows[0].0.scenario.name.clone(),
        paths: given.paths(),
        rows: rows.into_iter().zip(lifts).map(row).collect(),
        changes: all,
        notices: built.notices,
    };
    say(arguments, &report, begin.elapsed().as_secs_f64(), console)
}

/// The scenario of a shape with some keys changed; nothing if Kafka refuses that, or it is not modelled.
fn scenario_with(
    texts: &OwnedTexts,
    options: &Options,
    shape: Option<&'static str>,
    set: &[&Change],
) -> Option<Scenario> {
    // One key has one value.
    let key = |change: &Change| (change.side, change.key);
    if set.windows(2).any(|two| key(two[0]) == key(two[1])) {
        return None;
    }
    let commit = shape.and_then(|shape| SHAPES.iter().find(|(name, _)| *name == shape));
    let options = Options { shape: commit.map(|(_, order)| *order), ..options.clone() };
    let built = changed(&texts.texts(), &options, set).ok()?;
    built.rows.into_iter().find(|row| row.shape == shape).map(|row| row.scenario)
}

/// Writes the scenario into a file.
fn keep(path: &Path, rows: &[Row], console: &Console) -> Result<(), String> {
    match rows {
        [row] => write_new(path, &write(&row.scenario), console),
        _ => {
            let shapes: Vec<&str> = rows.iter().filter_map(|row| row.shape).collect();
            Err(format!(
                "--write keeps one scenario, and there is one for each shape of the application: say \
                 which with --app {}",
                shapes.join(", --app ")
            ))
        }
    }
}

fn say(arguments: &Check, report: &FilesReport, seconds: f64, console: &mut Console) -> Exit {
    let all = report.rows.iter().map(|row| &row.decided);
    let required = arguments.require.map(|level| Required::of(level, all));
    if arguments.json {
        let seconds = arguments.timings.then_some(seconds);
        let required = required.map(|required| (required.level, required.attained));
        console.print(&json::check_files(report, required, seconds));
    } else {
        say_in_words(arguments, report, required, console);
        if arguments.timings {
            console.say(&format!("{seconds:.3} s"));
        }
    }
    if let Some(folder) = &arguments.save
        && let Err(problem) = save_all(folder, report, console)
    {
        console.error(&problem);
        return Exit::BadInput;
    }
    let exits = report.rows.iter().map(|row| exit(&row.scenario, &row.decided, required));
    exits.max().unwrap_or(Exit::AsExpected)
}

fn say_in_words(
    arguments: &Check,
    report: &FilesReport,
    required: Option<Required>,
    console: &mut Console,
) {
    let style = console.style;
    let several = report.rows.len() > 1;
    if several {
        console.print(&table(report, style));
    } else {
        let mut scenario = report.rows[0].scenario.clone();
        scenario.notices.clone_from(&report.notices);
        console.print(&verdict::verdict(&scenario, &report.rows[0].decided, style));
        console.print(&classes(report, style));
    }
    if let Some(required) = required {
        console.print(&required.text(console));
    }
    for row in report.rows.iter().filter(|_| !several || arguments.story.is_some()) {
        let again = arguments.files.command(row.shape);
        let scenario = named(report, row);
        tell(arguments, &scenario, &row.decided, &again, console);
    }
    console.print(&advice(report, style));
    if several && arguments.story.is_none_or(|story| story == Stories::None) {
        let example = report.rows.iter().find(|row| row.decided.first_breach().is_some());
        if let Some(row) = example {
            let command = arguments.files.command(row.shape);
            console.say(&format!("\nThe story behind a row: {command}"));
        }
    }
}

/// The scenario of a row under a name that no other row has.
fn named(report: &FilesReport, row: &FileRow) -> Scenario {
    let mut scenario = row.scenario.clone();
    if let Some(shape) = row.shape {
        scenario.name = format!("{}-{shape}", report.name);
    }
    scenario
}

/// Writes the scenarios and the schedules of what breaks into a folder.
fn save_all(folder: &Path, report: &FilesReport, console: &Console) -> Result<(), String> {
    for row in &report.rows {
        let scenario = named(report, row);
        let path = folder.join(format!("{}.toml", scenario.name));
        write_new(&path, &write(&scenario), console)?;
        save(folder, &scenario, &row.decided, console)?;
    }
    Ok(())
}
