//! A story as a sequence diagram: one column for each who takes part, time goes down.

use std::collections::BTreeSet;

use crate::history::event::ProcessId;
use crate::report::message::Label;
use crate::report::names::Names;
use crate::report::story::{Actor, Fate, Row, Story, Weight};
use crate::report::style::{Style, Tone};
use crate::report::text::{left, width, wrap};

/// Columns left of the first line: the number of the step.
const MARGIN: usize = 7;
/// The widest gap between two lines.
const WIDEST: usize = 44;
/// The narrowest gap in which an arrow can be read.
const NARROWEST: usize = 16;

/// Draws a story; `None` if so many take part that the width does not do.
pub fn diagram(names: Names<'_>, story: &Story, style: Style) -> Option<String> {
    let columns = Columns::of(names, story, style)?;
    let mut picture = Picture { names, columns, style, text: String::new(), down: BTreeSet::new() };
    picture.heads();
    for beat in &story.beats {
        if story.circle == Some(beat.first) {
            picture.across("the steps from here on repeat for ever", '~', Tone::Bad, "");
        }
        let mut number = beat.number();
        for row in &beat.rows {
            let mark = if matches!(row, Row::Life { .. }) {
                String::new()
            } else {
                std::mem::take(&mut number)
            };
            picture.row(&mark, row, beat.weight);
        }
    }
    picture.blank();
    Some(picture.text)
}

/// Where the lines of those who take part stand.
struct Columns {
    actors: Vec<Actor>,
    places: Vec<usize>,
    /// One behind the last column that may be used.
    end: usize,
}

impl Columns {
    fn of(names: Names<'_>, story: &Story, style: Style) -> Option<Columns> {
        let mut seen: BTreeSet<Actor> = BTreeSet::from([Actor::Broker]);
        for row in story.beats.iter().flat_map(|beat| &beat.rows) {
            match row {
                Row::Arrow { process, .. } => seen.insert(Actor::Process(*process)),
                Row::Note { actor, .. } | Row::Life { actor, .. } => seen.insert(*actor),
                Row::Banner(_) | Row::Aside(_) => false,
            };
        }
        let is_app =
            |actor: &Actor| matches!(actor, Actor::Process(id) if names.app(*id).is_some());
        let processes = seen.iter().filter(|actor| **actor != Actor::Broker);
        let (apps, producers): (Vec<Actor>, Vec<Actor>) =
            processes.partition(|actor| is_app(actor));
        let actors: Vec<Actor> = producers.into_iter().chain([Actor::Broker]).chain(apps).collect();
        let gaps = actors.len().saturating_sub(1).max(1);
        let room = style.width.saturating_sub(MARGIN + 1);
        let gap = (room / gaps).min(WIDEST);
        if gap < NARROWEST {
            return None;
        }
        let places: Vec<usize> = (0..actors.len()).map(|i| MARGIN + i * gap).collect();
        Some(Columns { actors, places, end: style.width })
    }

    fn place(&self, actor: Actor) -> usize {
        let found = self.actors.iter().position(|other| *other == actor);
        found.map_or(MARGIN, |i| self.places[i])
    }

    /// The room beside an actor's line for what it does: from, to, and whether it stands left of the line.
    fn beside(&self, actor: Actor) -> (usize, usize, bool) {
        let place = self.place(actor);
        let next = self.places.iter().copied().find(|&other| other > place);
        match next {
            Some(next) => (place + 2, next.saturating_sub(1), false),
            None if self.end.saturating_sub(place) >= 26 => (place + 2, self.end, false),
            None => {
                let before = self.places.iter().copied().rev().find(|&other| other < place);
                (before.map_or(MARGIN, |before| before + 2), place.saturating_sub(1), true)
            }
        }
    }
}

struct Picture<'a> {
    names: Names<'a>,
    columns: Columns,
    style: Style,
    text: String,
    /// Whose line is interrupted.
    down: BTreeSet<Actor>,
}

impl Picture<'_> {
    /// The names at the top.
    fn heads(&mut self) {
        let mut line = vec![' '; MARGIN];
        for (i, &actor) in self.columns.actors.clone().iter().enumerate() {
            let name = match actor {
                Actor::Broker => "broker",
                Actor::Process(id) => self.names.process(id),
            };
            let place = self.columns.places[i];
            let next = self.columns.places.get(i + 1).copied();
            let room = next.map_or(self.columns.end, |next| next - 1);
            // The last name ends at its line if there is no room behind it.
            let start = match next {
                None if place + width(name) > room => room.saturating_sub(width(name)),
                _ => place,
            };
            put(&mut line, start, name);
        }
        let line: String = line.into_iter().collect();
        self.text.push_str(&self.style.paint(Tone::Title, line.trim_end()));
        self.text.push('\n');
        self.blank();
    }

    /// The lines of those who are up.
    fn lines(&self) -> Vec<char> {
        let mut row = vec![' '; MARGIN];
        for (&actor, &place) in self.columns.actors.iter().zip(&self.columns.places) {
            if !self.down.contains(&actor) {
                put(&mut row, place, "|");
            }
        }
        row
    }

    fn push(&mut self, row: Vec<char>, mark: &str, tone: Option<Tone>) {
        let line: String = row.into_iter().collect();
        let body = line.trim_end().get(MARGIN..).unwrap_or("");
        let mark = left(&format!("{mark:>5}"), MARGIN);
        let body = tone.map_or_else(|| body.to_owned(), |tone| self.style.paint(tone, body));
        self.text.push_str(format!("{mark}{body}").trim_end());
        self.text.push('\n');
    }

    fn blank(&mut self) {
        let lines = self.lines();
        self.push(lines, "", None);
    }

    fn row(&mut self, mark: &str, row: &Row, weight: Weight) {
        match row {
            Row::Arrow { process, to_broker, label, fate } => {
                self.arrow(mark, *process, *to_broker, label, *fate);
            }
            Row::Note { actor, text, is_effect } => self.note(mark, *actor, text, *is_effect),
            Row::Banner(text) => {
                self.blank();
                self.across(text, '*', Tone::Bad, mark);
                self.blank();
            }
            Row::Aside(text) => self.aside(mark, text),
            Row::Life { actor, up: true } => {
                self.down.remove(actor);
            }
            Row::Life { actor, up: false } => {
                self.down.insert(*actor);
                let mut lines = self.lines();
                put(&mut lines, self.columns.place(*actor), "X");
                self.push(lines, mark, (weight == Weight::Fault).then_some(Tone::Bad));
            }
        }
    }

    fn note(&mut self, mark: &str, actor: Actor, text: &str, is_effect: bool) {
        let (from, to, is_left) = self.columns.beside(actor);
        let mut mark = mark;
        for line in wrap(text, to.saturating_sub(from)) {
            let mut row = self.lines();
            let at = if is_left { to.saturating_sub(width(&line)) } else { from };
            put(&mut row, at, &line);
            self.push(row, mark, is_effect.then_some(Tone::Good));
            mark = "";
        }
    }

    fn arrow(
        &mut self,
        mark: &str,
        process: ProcessId,
        to_broker: bool,
        label: &Label,
        fate: Fate,
    ) {
        let here = self.columns.place(Actor::Process(process));
        let broker = self.columns.place(Actor::Broker);
        let (low, high) = (here.min(broker), here.max(broker));
        let rightward = (broker > here) == to_broker;
        let room = high - low - 1;
        let fits = |text: &str| width(text) + 6 <= room;
        let full = label.full();
        let shown = if fits(&full) { full } else { label.short.clone() };
        let mut mark = mark;
        if !fits(&shown) {
            for line in wrap(&shown, room.saturating_sub(2)) {
                let mut row = self.lines();
                put(&mut row, low + 2, &line);
                self.push(row, mark, None);
                mark = "";
            }
        }
        let shown = if fits(&shown) { shown } else { String::new() };
        let mut row = self.lines();
        put(&mut row, low + 1, &shaft(&shown, room, rightward, fate));
        self.push(row, mark, (fate == Fate::Lost).then_some(Tone::Bad));
    }

    /// A text across the whole picture.
    fn across(&mut self, text: &str, fill: char, tone: Tone, mark: &str) {
        let last = self.columns.places.last().copied().unwrap_or(MARGIN);
        let most = self.style.width.saturating_sub(MARGIN);
        let room = (last + 1 - MARGIN).max(width(text) + 10).min(most);
        let mut mark = mark;
        for line in wrap(text, room.saturating_sub(8)) {
            let rest = room.saturating_sub(width(&line) + 2);
            let before = rest / 2;
            let fill = |count: usize| fill.to_string().repeat(count);
            let line = format!("{} {line} {}", fill(before), fill(rest - before));
            let mut row = vec![' '; MARGIN];
            put(&mut row, MARGIN, &line);
            self.push(row, mark, Some(tone));
            mark = "";
        }
    }

    /// Steps that matter less: between dots, over the lines.
    fn aside(&mut self, mark: &str, text: &str) {
        let room = self.style.width.saturating_sub(MARGIN + 6);
        let mut mark = mark;
        for line in wrap(&format!("({text})"), room) {
            let mut row = self.lines();
            put(&mut row, MARGIN + 2, &line);
            self.push(row, mark, Some(Tone::Quiet));
            mark = "";
        }
    }
}

/// `-- produce m0 ---------->`; with a cross where it is lost, with dots where its connection breaks.
fn shaft(label: &str, room: usize, rightward: bool, fate: Fate) -> String {
    let label = if label.is_empty() { String::new() } else { format!(" {label} ") };
    let free = room.saturating_sub(width(&label) + 3);
    let short = match fate {
        Fate::Taken | Fate::Late => 0,
        Fate::Lost | Fate::Pending => (room / 4).min(free),
    };
    let dots = |count: usize| ". ".repeat(count / 2 + 1)[..count].to_owned();
    let (tail, line) = match fate {
        Fate::Late => (". ", dots(free)),
        _ => ("--", "-".repeat(free - short)),
    };
    let (head, gap) = match (fate, rightward) {
        (Fate::Lost, _) => ('x', " ".repeat(short)),
        (Fate::Pending, _) => ('-', dots(short)),
        (_, true) => ('>', String::new()),
        (_, false) => ('<', String::new()),
    };
    if rightward {
        format!("{tail}{label}{line}{head}{gap}")
    } else {
        format!("{}{head}{line}{label}{}", mirrored(&gap), mirrored(tail))
    }
}

fn mirrored(text: &str) -> String {
    text.chars().rev().collect()
}

/// Puts a text at a column; one character takes one place, a wide one two.
fn put(row: &mut Vec<char>, at: usize, text: &str) {
    while row.len() < at {
        row.push(' ');
    }
    for (column, letter) in (at..).zip(text.chars()) {
        if column < row.len() {
            row[column] = letter;
        } else {
            row.push(letter);
        }
    }
}
