//! Killing a consumer with SIGKILL at random points, opening its store again, and checking what it had
//! acknowledged. Shared by the short test and the long one (`examples/dedup_kill.rs`).
//!
//! A child process works through records in batches on real files, in the order that its strategy
//! prescribes, and prints how many records are acknowledged after each batch. The parent kills it at a
//! random moment, opens the files, checks, and starts the next child on the same files. A child begins
//! some records before its committed position, as a consumer does after a rebalance; the last one ends
//! by itself, and then everything is checked.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use brokerproof::dedup::disk::FileDisks;
use brokerproof::dedup::list::find;
use brokerproof::dedup::sizing::Sizing;
use brokerproof::dedup::{Admission, Arrival, Dedup, Kind, Order, Store};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Records of a batch.
const BATCH: u64 = 20;
/// Records read again before the committed position.
const AGAIN: u64 = 30;
/// Most batches after whose acknowledgement a child is killed.
const MOST_BATCHES: u32 = 8;

/// Every durable strategy, in every kind of memory.
pub const STRATEGIES: &[(&str, Kind)] = &[
    ("append-log", Kind::DurableAfter),
    ("append-log", Kind::DurableBefore),
    ("bloom-store", Kind::DurableAfter),
    ("datastore", Kind::DurableBefore),
    ("datastore", Kind::DurableAfter),
    ("datastore", Kind::DurableWith),
    ("offset-with-result", Kind::DurableWith),
    ("conditional-write", Kind::DurableWith),
];

/// A strategy on files.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its row and kind, by place in [`STRATEGIES`].
    pub place: usize,
    /// Where its files are.
    pub directory: PathBuf,
    /// Records in all.
    pub records: u64,
}

impl Subject {
    fn name(&self) -> &'static str {
        STRATEGIES[self.place].0
    }

    fn order(&self) -> Order {
        STRATEGIES[self.place].1.order().expect("a durable kind")
    }

    fn open(&self) -> Box<dyn Dedup> {
        let sizing = Sizing { keys: self.records, producers: 1, ..Sizing::default() };
        let disks = FileDisks::new(&self.directory).expect("a directory");
        let row = find(self.name()).expect("a strategy");
        row.build(&sizing, STRATEGIES[self.place].1, &disks).expect("a store that can be opened")
    }

    fn arrival(record: u64) -> Arrival {
        let key = u128::from(record) * 0x9e37_79b9 + 1;
        Arrival { key, producer: 0, sequence: record, offset: record as i64, tick: 0 }
    }
}

/// What is outside the strategy's store: the committed position, and effects.
struct Outside {
    position: File,
    effects: File,
}

impl Outside {
    fn open(directory: &Path) -> Outside {
        let open = |name: &str| {
            OpenOptions::new()
                .read(true)
                .append(name == "effects")
                .write(true)
                .create(true)
                .truncate(false)
                .open(directory.join(name))
                .expect("a file")
        };
        Outside { position: open("position"), effects: open("effects") }
    }

    fn position(&mut self) -> u64 {
        let mut text = [0; 8];
        match self.position.read_exact(&mut text) {
            Ok(()) => u64::from_le_bytes(text),
            Err(_) => 0,
        }
    }

    fn commit(&mut self, position: u64) {
        use std::io::{Seek, SeekFrom};
        self.position.seek(SeekFrom::Start(0)).expect("a file");
        self.position.write_all(&position.to_le_bytes()).expect("a position that can be written");
    }

    fn effect(&mut self, record: u64) {
        self.effects.write_all(&record.to_le_bytes()).expect("an effect");
    }
}

/// The child: works from the committed position to the end.
pub fn child(subject: &Subject) {
    let mut dedup = subject.open();
    let mut outside = Outside::open(&subject.directory);
    let mut next = outside.position().saturating_sub(AGAIN);
    let mut out = std::io::stdout();
    // A test runner has begun a line of its own.
    writeln!(out).expect("a parent that listens");
    while next < subject.records {
        let end = (next + BATCH).min(subject.records);
        let mut planned = Vec::new();
        for record in next..end {
            let arrival = Subject::arrival(record);
            if dedup.admit(&arrival).expect("an answer") == Admission::Process {
                match subject.order() {
                    Order::After => outside.effect(record),
                    Order::Before => planned.push(record),
                    Order::With => dedup.effect(&arrival).expect("an effect"),
                }
            }
        }
        dedup.commit().expect("a commit");
        planned.into_iter().for_each(|record| outside.effect(record));
        outside.commit(end);
        writeln!(out, "{end}").and_then(|()| out.flush()).expect("a parent that listens");
        next = end;
    }
}

/// How often each record had its effect.
fn effects(subject: &Subject) -> Vec<u32> {
    let mut counts = vec![0; subject.records as usize];
    if subject.order() == Order::With {
        let disks = FileDisks::new(&subject.directory).expect("a directory");
        let store = Store::open(&disks, subject.name()).expect("a store that can be opened");
        for (key, count) in store.effects().expect("effects") {
            let record = ((key - 1) / 0x9e37_79b9) as usize;
            counts[record] += u32::try_from(count).expect("few effects");
        }
        return counts;
    }
    let bytes = fs::read(subject.directory.join("effects")).unwrap_or_default();
    for record in bytes.chunks_exact(8) {
        let record = u64::from_le_bytes(record.try_into().expect("eight bytes"));
        counts[record as usize] += 1;
    }
    counts
}

/// Checks a store after a kill: `acknowledged` records were.
fn check(subject: &Subject, acknowledged: u64) -> Result<(), String> {
    let mut dedup = subject.open();
    let wrong = |what: String| Err(format!("{} {}: {what}", subject.name(), subject.place));
    for record in 0..acknowledged {
        let answer = dedup.admit(&Subject::arrival(record)).map_err(|error| error.to_string())?;
        if answer != Admission::Skip {
            return wrong(format!("record {record} of {acknowledged} acknowledged is forgotten"));
        }
    }
    drop(dedup);
    for (record, count) in effects(subject).into_iter().enumerate() {
        let was_acknowledged = (record as u64) < acknowledged;
        if was_acknowledged && count == 0 && subject.order() != Order::Before {
            return wrong(format!("the effect of acknowledged record {record} is lost"));
        }
        if subject.order() != Order::After && count > 1 {
            return wrong(format!("record {record} had {count} effects"));
        }
    }
    Ok(())
}

/// What a series of kills saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Killed {
    /// Processes killed.
    pub kills: u32,
    /// Runs brought to their end between them.
    pub runs: u32,
    /// Effects that were repeated where the order allows it.
    pub repeated: u64,
    /// Effects that were lost where the order allows it.
    pub lost: u64,
}

/// Kills children of `start` so many times, every strategy equally often, and checks after each kill and
/// at the end of each run.
///
/// # Errors
/// The first broken promise, in words.
pub fn kill(
    times: u32,
    records: u64,
    seed: u64,
    place: &Path,
    start: &dyn Fn(&Subject) -> Command,
) -> Result<Killed, String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut killed = Killed::default();
    let share = times.div_ceil(STRATEGIES.len() as u32);
    while killed.kills < times || killed.runs < STRATEGIES.len() as u32 {
        let directory = place.join(format!("run-{}", killed.runs));
        fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
        let which = killed.runs as usize % STRATEGIES.len();
        let subject = Subject { place: which, directory, records };
        let (mut acknowledged, mut kills_here) = (0, 0);
        let most = times.min(killed.kills + share);
        loop {
            let batches = 1 + random.next_u32() % MOST_BATCHES;
            let batches = (killed.kills < most).then_some(batches);
            let ended = one_child(&subject, batches, &mut random, start, &mut acknowledged)?;
            check(&subject, acknowledged)?;
            if ended {
                acknowledged_all(&subject, acknowledged)?;
                break;
            }
            killed.kills += 1;
            kills_here += 1;
        }
        let counts = effects(&subject);
        let lost = counts.iter().filter(|count| **count == 0).count() as u64;
        if lost > kills_here * BATCH {
            return Err(format!("{} lost {lost} effects in {kills_here} kills", subject.name()));
        }
        killed.repeated +=
            counts.iter().map(|count| u64::from(count.saturating_sub(1))).sum::<u64>();
        killed.lost += lost;
        killed.runs += 1;
        fs::remove_dir_all(&subject.directory).map_err(|error| error.to_string())?;
    }
    Ok(killed)
}

fn acknowledged_all(subject: &Subject, acknowledged: u64) -> Result<(), String> {
    if acknowledged == subject.records {
        return Ok(());
    }
    let name = subject.name();
    Err(format!("{name} ended with {acknowledged} of {} acknowledged", subject.records))
}

/// Starts a child and kills it some time after so many acknowledged batches, or lets it end; tells
/// whether it ended by itself.
fn one_child(
    subject: &Subject,
    batches: Option<u32>,
    random: &mut ChaCha8Rng,
    start: &dyn Fn(&Subject) -> Command,
    acknowledged: &mut u64,
) -> Result<bool, String> {
    let mut process = start(subject)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the child does not start: {error}"))?;
    let mut lines = BufReader::new(process.stdout.take().ok_or("the child has no output")?).lines();
    let mut hear = |lines: &mut dyn Iterator<Item = std::io::Result<String>>| {
        // Whatever else a test's child prints is not about records.
        let number =
            lines.next().map(|line| line.ok().and_then(|line| line.trim().parse::<u64>().ok()));
        if let Some(Some(number)) = number {
            *acknowledged = (*acknowledged).max(number);
        }
        number
    };
    let mut heard = 0;
    while batches.is_none_or(|batches| heard < batches) {
        match hear(&mut lines) {
            None => break,
            Some(number) => heard += u32::from(number.is_some()),
        }
    }
    if batches.is_some() {
        for _ in 0..random.next_u32() % 200_000 {
            std::hint::spin_loop();
        }
        process.kill().map_err(|error| format!("the child cannot be killed: {error}"))?;
    }
    // What it printed before it died was acknowledged, too.
    while hear(&mut lines).is_some() {}
    let status = process.wait().map_err(|error| error.to_string())?;
    match (status.success(), batches) {
        (true, _) => Ok(true),
        (false, Some(_)) if status.code().is_none() => Ok(false),
        (false, _) => Err(format!("{} failed by itself: {status}", subject.name())),
    }
}
