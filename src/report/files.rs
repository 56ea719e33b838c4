//! What was decided about a project's own configuration files: one row for each shape that the application may
//! have, and what to change.

use crate::decide::Decided;
use crate::decide::lift::{Lift, Lifts};
use crate::decide::stages::OfClass;
use crate::guarantee::{Guarantee, Half, Level};
use crate::protocol::config_keys::Side;
use crate::report::names::Names;
use crate::report::sentences::{cast, commits};
use crate::report::style::{Style, Tone};
use crate::report::text::{count, hang, left, listed, width};
use crate::report::verdict;
use crate::scenario::{Change, Notice, Scenario};
use crate::world::setting::FaultClass;

/// A row: one shape, decided.
#[derive(Clone, PartialEq, Debug)]
pub struct FileRow {
    /// The shape; none if there is no application.
    pub shape: Option<&'static str>,
    /// What it was made into.
    pub scenario: Scenario,
    /// What was decided.
    pub decided: Decided,
    /// What was decided of each class of failures by itself; nothing if a budget was given.
    pub classes: Vec<OfClass>,
    /// What lifts its level, class by class if it was decided so; nothing if nobody looked.
    pub lifts: Vec<LiftsOf>,
}

/// What lifts a level.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiftsOf {
    /// Under which failures; none: those of the whole budget.
    pub class: Option<FaultClass>,
    /// The level as it is.
    pub from: Level,
    /// What was found.
    pub lifts: Lifts,
}

/// Everything about some files.
#[derive(Clone, PartialEq, Debug)]
pub struct FilesReport {
    /// Their names, joined.
    pub name: String,
    /// Their paths.
    pub paths: Vec<String>,
    /// At least one.
    pub rows: Vec<FileRow>,
    /// What the numbers in the lifts of the rows mean.
    pub changes: Vec<Change>,
    /// Warnings and notes.
    pub notices: Vec<Notice>,
}

/// The table of several rows, with all that is said about them together.
pub fn table(report: &FilesReport, style: Style) -> String {
    let title = format!("{}: the level depends on when the application commits", report.name);
    let mut text = style.block(Tone::Title, "", &title);
    text.push('\n');
    let mut without = report.rows[0].scenario.setting.clone();
    without.apps.clear();
    text.push_str(&cast(Names::new(&without, &[]), style));
    text.push('\n');
    text.push_str(&rows(report, style));
    text.push_str(&star(report, style));
    text.push('\n');
    text.push_str(&shapes(report, style));
    text.push('\n');
    let all: Vec<&Decided> = report.rows.iter().map(|row| &row.decided).collect();
    text.push_str(&verdict::extent_of(&report.rows[0].scenario.setting, &all, style));
    text.push_str(&verdict::notices(&report.notices, style));
    text
}

/// The rows of the table: the level of each, and under each class of failures by itself.
fn rows(report: &FilesReport, style: Style) -> String {
    let by_class: Vec<FaultClass> = report.rows[0].classes.iter().map(|of| of.class).collect();
    let mut headings = [vec!["".to_owned()], vec!["application".to_owned()]];
    for class in &by_class {
        headings[0].push("failing".to_owned());
        headings[1].push(class.name().to_owned());
    }
    headings[0].extend(["".to_owned(), "breaks".to_owned(), "".to_owned()]);
    headings[1].extend(["any of them", "at", "anomaly"].map(str::to_owned));
    if by_class.is_empty() {
        headings[1][1] = "level".to_owned();
    }
    let mut lines: Vec<Vec<String>> = headings.into();
    lines.extend(report.rows.iter().map(cells));
    grid(&lines, 2, style)
}

fn cells(row: &FileRow) -> Vec<String> {
    let breach = row.decided.first_breach();
    let mut cells = vec![row.shape.unwrap_or("").to_owned()];
    cells.extend(row.classes.iter().map(|of| short(&of.decided)));
    cells.push(short(&row.decided));
    cells.push(breach.map_or("-".to_owned(), |breach| breach.cost.faults.to_string()));
    cells.push(breach.map_or("-", |breach| breach.finding.anomaly.name()).to_owned());
    cells
}

/// A level in few letters; with a star if it holds only as far as was looked.
fn short(decided: &Decided) -> String {
    let (most, least) = (decided.half(Guarantee::AtMost), decided.half(Guarantee::AtLeast));
    let level = match (most, least) {
        (Half::Unknown, Half::Yes) => "at least once, or more".to_owned(),
        (Half::Yes, Half::Unknown) => "at most once, or more".to_owned(),
        (Half::Unknown, _) | (_, Half::Unknown) => "?".to_owned(),
        _ => match Level::of(most, least) {
            Level::NoGuarantee => "none",
            Level::AtMostOnce => "at most",
            Level::AtLeastOnce => "at least",
            Level::EffectivelyOnce => "effectively",
        }
        .to_owned(),
    };
    let one = decided.looked.iter().any(|looked| !looked.complete && looked.total == 1);
    if one && level != "none" { level + "*" } else { level }
}

/// Lines of cells in columns; so many of the first are headings. Where they are too wide, the last cell of each
/// stands below the others.
fn grid(lines: &[Vec<String>], headings: usize, style: Style) -> String {
    let columns = lines[0].len();
    let widest = |column: usize| lines.iter().map(|line| width(&line[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let fits = widths.iter().map(|width| 2 + width).sum::<usize>() <= style.width;
    let beside = if fits { columns } else { columns - 1 };
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let padded = line[..beside].iter().zip(&widths).map(|(cell, width)| left(cell, *width));
        let padded = padded.collect::<Vec<_>>().join("  ");
        let shown = format!("  {}", padded.trim_end());
        let shown = if number < headings { style.paint(Tone::Title, &shown) } else { shown };
        text.push_str(&shown);
        text.push('\n');
        if beside < columns && number >= headings && line[beside] != "-" {
            text.push_str(&format!("      {}\n", line[beside]));
        }
    }
    text
}

/// For one application alone: its level under each class of failures by itself. Nothing if a budget was given.
pub fn classes(report: &FilesReport, style: Style) -> String {
    let row = &report.rows[0];
    if row.classes.is_empty() {
        return String::new();
    }
    let mut lines = vec![["failing", "level", "breaks at", "anomaly"].map(str::to_owned).to_vec()];
    for of in &row.classes {
        let breach = of.decided.first_breach();
        lines.push(vec![
            of.class.name().to_owned(),
            short(&of.decided),
            breach.map_or("-".to_owned(), |breach| breach.cost.faults.to_string()),
            breach.map_or("-", |breach| breach.finding.anomaly.name()).to_owned(),
        ]);
    }
    format!("\n{}{}", grid(&lines, 1, style), star(report, style))
}

/// What a star means, if there is one.
fn star(report: &FilesReport, style: Style) -> String {
    let classes = report.rows.iter().flat_map(|row| &row.classes).map(|of| &of.decided);
    let mut all = classes.chain(report.rows.iter().map(|row| &row.decided));
    if !all.any(|decided| short(decided).ends_with('*')) {
        return String::new();
    }
    let text = "* not every kind of one fault could be looked at within the limit; see below";
    hang("  ", text, style.width)
}

/// What the names of the rows mean.
fn shapes(report: &FilesReport, style: Style) -> String {
    let names = report.rows.iter().filter_map(|row| row.shape);
    let widest = names.map(width).max().unwrap_or(0);
    let line = |row: &FileRow| {
        let app = row.scenario.setting.apps.first()?;
        let mark = format!("  {}  ", left(row.shape?, widest));
        Some(hang(&mark, &format!("the application {}", commits(app)), style.width))
    };
    report.rows.iter().filter_map(line).collect()
}

/// What to change: the end of every report on files. Nothing if nobody looked.
pub fn advice(report: &FilesReport, style: Style) -> String {
    let mut lines: Vec<(Vec<String>, String)> = Vec::new();
    for row in &report.rows {
        for of in &row.lifts {
            let Some(what) = lifted(report, of) else { continue };
            let whom = match (row.shape, of.class) {
                (Some(shape), Some(class)) => format!("{shape} ({})", class.name()),
                (Some(shape), None) => shape.to_owned(),
                (None, Some(class)) => format!("({})", class.name()),
                (None, None) => String::new(),
            };
            match lines.iter_mut().find(|(_, other)| *other == what) {
                Some((whose, _)) => whose.push(whom),
                None => lines.push((vec![whom], what)),
            }
        }
    }
    if report.rows.iter().all(|row| row.lifts.is_empty()) {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.paint(Tone::Title, "What to change"));
    for (whose, what) in lines {
        let whose: Vec<String> = grouped_by_shape(whose);
        let whose =
            if whose.is_empty() { String::new() } else { format!(", {}", whose.join(", ")) };
        text.push_str(&hang("  - ", &format!("{what}{whose}"), style.width));
    }
    text.push_str(&hang("  ", &rest(report), style.width));
    text
}

/// `a (x)`, `a (y)` as `a (x, y)`.
fn grouped_by_shape(whose: Vec<String>) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for text in whose.into_iter().filter(|text| !text.is_empty()) {
        let (shape, class) = text.split_once(" (").unwrap_or((text.as_str(), ""));
        let (shape, class) = match text.strip_prefix('(') {
            Some(class) => ("", class),
            None => (shape, class),
        };
        let class = class.trim_end_matches(')').to_owned();
        match groups.iter_mut().find(|(known, _)| known == shape) {
            Some((_, classes)) => classes.push(class),
            None => groups.push((shape.to_owned(), vec![class])),
        }
    }
    let mut whole: Vec<String> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for (shape, mut classes) in groups {
        classes.retain(|class| !class.is_empty());
        match (shape.is_empty(), classes.is_empty()) {
            (_, true) => whole.push(shape),
            (true, false) => said.push(format!("failing: {}", listed(&classes))),
            (false, false) => {
                said.push(format!("in the row {shape} (failing: {})", listed(&classes)));
            }
        }
    }
    match whole.len() {
        0 => {}
        1 => said.insert(0, format!("in the row {}", whole[0])),
        _ => said.insert(0, format!("in the rows {}", listed(&whole))),
    }
    said
}

/// What lifts a level, if anything does.
fn lifted(report: &FilesReport, of: &LiftsOf) -> Option<String> {
    let mut levels: Vec<Level> = of.lifts.found.iter().map(|lift| lift.to).collect();
    levels.sort_unstable_by_key(|level| std::cmp::Reverse(*level));
    levels.dedup();
    let to = |level: &Level| {
        let lifts = of.lifts.found.iter().filter(|lift| lift.to == *level);
        let said: Vec<String> = lifts.map(|lift| lift_text(report, lift)).collect();
        let makes = if said.len() == 1 { "makes" } else { "each make" };
        format!("{} {makes} it {}", said.join(", or "), level.title())
    };
    let said: Vec<String> = levels.iter().map(to).collect();
    (!said.is_empty()).then(|| format!("{} (now {})", said.join("; "), of.from.title()))
}

/// What was tried, and that nothing else helps.
fn rest(report: &FilesReport) -> String {
    let all = || report.rows.iter().flat_map(|row| &row.lifts);
    let tried: u32 = all().map(|of| of.lifts.tried).sum();
    let undecided: u32 = all().map(|of| of.lifts.undecided).sum();
    let found = all().any(|of| !of.lifts.found.is_empty());
    let imperfect = all().filter(|of| of.from != Level::EffectivelyOnce);
    let keys = imperfect.map(|of| of.lifts.complete).max().unwrap_or(0);
    let else_ = if found { "else " } else { "" };
    let mut text = match (report.changes.len(), keys) {
        (0, _) => "None of the keys of these files decides delivery in the model.".to_owned(),
        (_, 0) if !found => "Nothing: it is effectively once.".to_owned(),
        (_, keys) => format!(
            "Nothing {else_}lifts a level, of all that {} can change; {} tried, each decided by itself.",
            match keys {
                1 => "one key",
                2 => "up to two keys together",
                _ => "up to three keys together",
            },
            count(u64::from(tried), "change"),
        ),
    };
    if undecided > 0 {
        let changes = count(u64::from(undecided), "change");
        text.push_str(&format!(" {changes} could not be decided."));
    }
    text
}

fn lift_text(report: &FilesReport, lift: &Lift) -> String {
    let changes = lift.changes.iter().map(|number| change_text(report, &report.changes[*number]));
    let changes: Vec<String> = changes.collect();
    listed(&changes)
}

fn change_text(report: &FilesReport, change: &Change) -> String {
    let now = change.now.as_deref().unwrap_or("not set");
    let side = match (report.paths.len(), change.side) {
        (1, _) => String::new(),
        (_, Side::Broker) => "server: ".to_owned(),
        (_, side) => format!("{}: ", side.name()),
    };
    format!("{side}{}={} (now {now})", change.key, change.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_grid_puts_the_last_cell_below() {
        let lines =
            [["a", "level", "anomaly"], ["x", "effectively", "lost-effect"], ["y", "?", "-"]];
        let lines: Vec<Vec<String>> =
            lines.iter().map(|line| line.iter().map(|&cell| cell.to_owned()).collect()).collect();
        let narrow = "  a  level\n  x  effectively\n      lost-effect\n  y  ?\n";
        assert_eq!(grid(&lines, 1, Style::plain(28)), narrow);
        assert!(grid(&lines, 1, Style::plain(29)).contains("effectively  lost-effect\n"));
    }
}
