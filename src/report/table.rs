//! The matrix of all models: one row each, columns aligned, folded where the width does not do.

use crate::decide::{Decided, Times};
use crate::guarantee::{Guarantee, Half};
use crate::report::style::{Style, Tone};
use crate::report::text::{grouped, left, right, width};
use crate::report::verdict;
use crate::scenario::Scenario;

/// A row of the matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The folder that its file lies in, below the folder of all models; empty for none.
    pub folder: String,
    /// The model's name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was searched.
    Decided(Box<Decided>),
    /// Its file asks for what is not modelled: the message.
    NotModelled(String),
    /// Its file is wrong: the message.
    Invalid(String),
}

/// How a row compares with what its model claims.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Standing {
    /// Every claim was decided and agrees.
    AsExpected,
    /// Some claim was not decided, or the model asks for what is not modelled.
    Undecided,
    /// Some claim does not agree.
    NotAsExpected,
    /// The file is wrong.
    Invalid,
    /// The model panicked: our own error.
    Broken,
}

impl Outcome {
    /// How it compares with the claims.
    pub fn standing(&self) -> Standing {
        match self {
            Outcome::Decided(decided) if decided.panic.is_some() => Standing::Broken,
            Outcome::Decided(decided) if !decided.mismatches.is_empty() => Standing::NotAsExpected,
            Outcome::Decided(decided) if !decided.claims_decided => Standing::Undecided,
            Outcome::Decided(_) => Standing::AsExpected,
            Outcome::NotModelled(_) => Standing::Undecided,
            Outcome::Invalid(_) => Standing::Invalid,
        }
    }
}

impl Row {
    /// The row of a scenario that was searched.
    pub fn of(folder: &str, scenario: &Scenario, decided: Decided) -> Row {
        Row {
            folder: folder.to_owned(),
            name: scenario.name.clone(),
            outcome: Outcome::Decided(Box::new(decided)),
        }
    }
}

/// A column: its heading in two lines, and whether numbers stand in it.
struct Column {
    heading: [&'static str; 2],
    is_number: bool,
}

const fn column(first: &'static str, second: &'static str, is_number: bool) -> Column {
    Column { heading: [first, second], is_number }
}

const COLUMNS: [Column; 11] = [
    column("", "model", false),
    column("at", "most", false),
    column("at", "least", false),
    column("", "level", false),
    column("breaks", "at", true),
    column("", "anomaly", false),
    column("", "order", false),
    column("", "kept", false),
    column("worked", "on", false),
    column("", "states", true),
    column("", "steps", true),
];

/// The columns that stand in the first line where two lines are needed; the others follow below. The last of
/// them goes below, too, if it does not fit.
const FIRST: usize = 6;

struct Cells {
    cells: [String; 11],
    tones: [Option<Tone>; 11],
    mark: &'static str,
    /// Instead of cells.
    message: Option<String>,
}

/// The matrix with a line that sums it up.
pub fn matrix(rows: &[Row], style: Style) -> String {
    let cells: Vec<Cells> = rows.iter().map(cells).collect();
    let widths = widths(&cells);
    let gap = [2, 1].into_iter().find(|gap| total(&widths, *gap) <= style.width);
    let mut text = match gap {
        Some(gap) => wide(rows, &cells, &widths, gap, style),
        None => folded(rows, &cells, &widths, style),
    };
    text.push('\n');
    text.push_str(&details(rows, style));
    text.push_str(&summary(rows, style));
    text
}

fn total(widths: &[usize; 11], gap: usize) -> usize {
    2 + widths.iter().sum::<usize>() + gap * (widths.len() - 1)
}

fn half(half: Half) -> (String, Option<Tone>) {
    match half {
        Half::Yes => ("yes".to_owned(), Some(Tone::Good)),
        Half::No(_) => ("no".to_owned(), Some(Tone::Bad)),
        Half::Unknown => ("?".to_owned(), Some(Tone::Doubtful)),
    }
}

fn cells(row: &Row) -> Cells {
    let mut cells: [String; 11] = Default::default();
    let mut tones: [Option<Tone>; 11] = Default::default();
    cells[0].clone_from(&row.name);
    let mut message = None;
    match &row.outcome {
        Outcome::Decided(decided) => {
            let (most, least) = (decided.half(Guarantee::AtMost), decided.half(Guarantee::AtLeast));
            (cells[1], tones[1]) = half(most);
            (cells[2], tones[2]) = half(least);
            cells[3] = verdict::level(most, least);
            let breach = decided.first_breach();
            cells[4] = breach.map_or("-".to_owned(), |breach| breach.cost.faults.to_string());
            cells[5] = breach.map_or("-", |breach| breach.finding.anomaly.name()).to_owned();
            (cells[6], tones[6]) = half(decided.half(Guarantee::Order));
            (cells[7], tones[7]) = half(decided.half(Guarantee::AcknowledgedIsKept));
            cells[8] = decided.times().map_or("-", Times::text).to_owned();
            cells[9] = grouped(decided.explored().states);
            cells[10] = grouped(decided.explored().transitions);
        }
        Outcome::NotModelled(_) => message = Some("not modelled yet".to_owned()),
        Outcome::Invalid(_) => message = Some("the file is wrong".to_owned()),
    }
    let mark = match row.outcome.standing() {
        Standing::AsExpected => " ",
        Standing::Undecided => "?",
        Standing::NotAsExpected | Standing::Invalid | Standing::Broken => "!",
    };
    Cells { cells, tones, mark, message }
}

fn widths(rows: &[Cells]) -> [usize; 11] {
    let mut widths = [0; 11];
    for (i, column) in COLUMNS.iter().enumerate() {
        let heading = column.heading.iter().map(|line| width(line)).max().unwrap_or(0);
        let cells = rows.iter().map(|row| width(&row.cells[i])).max().unwrap_or(0);
        widths[i] = heading.max(cells);
    }
    widths
}

fn aligned(column: usize, text: &str, columns: usize) -> String {
    if COLUMNS[column].is_number { right(text, columns) } else { left(text, columns) }
}

/// Some columns of a row, each padded; colours come after the padding.
fn joined(
    row: &Cells,
    of: std::ops::Range<usize>,
    widths: &[usize; 11],
    gap: usize,
    style: Style,
) -> String {
    let last = of.end - 1;
    let cells = of.map(|i| {
        let padded = aligned(i, &row.cells[i], widths[i]);
        let padded = if i == last { padded.trim_end().to_owned() } else { padded };
        row.tones[i].map_or(padded.clone(), |tone| style.paint(tone, &padded))
    });
    cells.collect::<Vec<_>>().join(&" ".repeat(gap))
}

fn headings(of: std::ops::Range<usize>, widths: &[usize; 11], gap: usize, style: Style) -> String {
    let line = |n: usize| {
        let cells = of.clone().map(|i| aligned(i, COLUMNS[i].heading[n], widths[i]));
        let line = format!("  {}", cells.collect::<Vec<_>>().join(&" ".repeat(gap)));
        style.paint(Tone::Title, line.trim_end()) + "\n"
    };
    format!("{}{}", line(0), line(1))
}

/// A line with the folder's name, where a new one begins.
fn folder(rows: &[Row], i: usize, style: Style) -> String {
    let here = &rows[i].folder;
    let new = i == 0 || rows[i - 1].folder != *here;
    if new && !here.is_empty() {
        format!("{}\n", style.paint(Tone::Quiet, here))
    } else {
        String::new()
    }
}

fn start(row: &Cells, style: Style) -> String {
    let tone = if row.mark == "?" { Tone::Doubtful } else { Tone::Bad };
    if row.mark == " " { "  ".to_owned() } else { format!("{} ", style.paint(tone, row.mark)) }
}

fn wide(rows: &[Row], cells: &[Cells], widths: &[usize; 11], gap: usize, style: Style) -> String {
    let mut text = headings(0..COLUMNS.len(), widths, gap, style);
    for (i, row) in cells.iter().enumerate() {
        text.push_str(&folder(rows, i, style));
        text.push_str(&start(row, style));
        match &row.message {
            Some(message) => {
                text.push_str(&format!(
                    "{}{}{message}",
                    left(&row.cells[0], widths[0]),
                    " ".repeat(gap)
                ));
            }
            None => text.push_str(&joined(row, 0..COLUMNS.len(), widths, gap, style)),
        }
        text.push('\n');
    }
    text
}

/// Two lines for each model: what else there is to say stands below its verdict.
fn folded(rows: &[Row], cells: &[Cells], widths: &[usize; 11], style: Style) -> String {
    let room = style.width.saturating_sub(2 + 2 * (FIRST - 1));
    let all_fit = widths[..FIRST].iter().sum::<usize>() <= room;
    let first = if all_fit { FIRST } else { FIRST - 1 };
    let mut text = headings(0..first, widths, 2, style);
    for (i, row) in cells.iter().enumerate() {
        text.push_str(&folder(rows, i, style));
        text.push_str(&start(row, style));
        if let Some(message) = &row.message {
            text.push_str(&format!("{}  {message}\n", left(&row.cells[0], widths[0])));
            continue;
        }
        text.push_str(&joined(row, 0..first, widths, 2, style));
        text.push('\n');
        let anomaly = match row.cells[5].as_str() {
            _ if all_fit => String::new(),
            "-" => String::new(),
            anomaly => format!("{anomaly}; "),
        };
        let rest = format!(
            "      {anomaly}order {}, kept {}, worked on {}; {} states, {} steps",
            row.cells[6], row.cells[7], row.cells[8], row.cells[9], row.cells[10]
        );
        text.push_str(&style.paint(Tone::Quiet, &rest));
        text.push('\n');
    }
    text
}

/// What is not as expected, model by model.
fn details(rows: &[Row], style: Style) -> String {
    let mut text = String::new();
    for row in rows {
        let mut say = |tone: Tone, what: &str| {
            let line = format!("{}: {what}", row.name);
            text.push_str(&style.block(tone, "  ", &line));
        };
        match &row.outcome {
            Outcome::Decided(decided) => {
                for mismatch in &decided.mismatches {
                    say(
                        Tone::Bad,
                        &format!(
                            "line {}: claimed is \"{}\", but found is \"{}\"",
                            mismatch.line, mismatch.claimed, mismatch.decided
                        ),
                    );
                }
                if let Some((message, _)) = &decided.panic {
                    say(
                        Tone::Bad,
                        &format!("the model panicked, which is our own error: {message}"),
                    );
                }
                if !decided.claims_decided {
                    say(Tone::Doubtful, "the search ended before every claim was decided");
                }
            }
            Outcome::NotModelled(message) => say(Tone::Doubtful, message),
            Outcome::Invalid(message) => say(Tone::Bad, message),
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// `8 models: 7 as expected, 1 not`.
fn summary(rows: &[Row], style: Style) -> String {
    let count = |wanted: &[Standing]| {
        rows.iter().filter(|row| wanted.contains(&row.outcome.standing())).count() as u64
    };
    let good = count(&[Standing::AsExpected]);
    let bad = count(&[Standing::NotAsExpected, Standing::Invalid, Standing::Broken]);
    let undecided = count(&[Standing::Undecided]);
    let models = crate::report::text::count(rows.len() as u64, "model");
    let mut parts = Vec::new();
    if good == rows.len() as u64 {
        parts.push(match good {
            1 => "as expected".to_owned(),
            _ => "all as expected".to_owned(),
        });
    } else {
        parts.push(format!("{good} as expected"));
    }
    if bad > 0 {
        parts.push(format!("{bad} NOT AS EXPECTED"));
    }
    if undecided > 0 {
        parts.push(format!("{undecided} undecided"));
    }
    let tone = match (bad, undecided) {
        (0, 0) => Tone::Good,
        (0, _) => Tone::Doubtful,
        _ => Tone::Bad,
    };
    style.paint(tone, &format!("{models}: {}", parts.join(", "))) + "\n"
}
