//! The report as text for people.

use std::fmt::{self, Write};

use crate::conform::play::{Difference, Outcome};
use crate::conform::report::{Counts, FileReport, Report, ScriptReport};

/// How many differences are shown in full.
#[derive(Clone, Copy, Debug)]
pub struct TextOptions {
    /// At most so many; the others are only named.
    pub differences: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        TextOptions { differences: 10 }
    }
}

/// Writes the whole report: differences, what is not modelled, tables by rule and by file. Bad
/// input is not part of it.
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut impl Write, report: &Report, options: TextOptions) -> fmt::Result {
    let differ =
        |(_, script): &(&FileReport, &ScriptReport)| matches!(script.outcome, Outcome::Differs(_));
    for (index, (file, script)) in report.scripts().filter(differ).enumerate() {
        let Outcome::Differs(difference) = &script.outcome else { continue };
        if index < options.differences {
            self::difference(out, file, script, difference)?;
        } else {
            let step = difference.step;
            writeln!(out, "{}:{}: {} differs at step {step}", file.path, script.line, script.name)?;
        }
    }
    let not_modelled = report.not_modelled();
    if !not_modelled.is_empty() {
        writeln!(out, "Not modelled, by number of scripts that use it:")?;
        let mut rows: Vec<_> = not_modelled.into_iter().collect();
        rows.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(b.0)));
        for (what, (scripts, nearest)) in rows {
            write!(out, "{scripts:>8}  {what}")?;
            match nearest {
                Some(nearest) => writeln!(out, " (did you mean `{nearest}`?)")?,
                None => writeln!(out)?,
            }
        }
        writeln!(out)?;
    }
    let rules = report.by_rule();
    let rules: Vec<_> = rules.iter().map(|(rule, counts)| (rule.0, *counts)).collect();
    table(out, "rule", &rules)?;
    let mut files = Vec::new();
    for file in &report.files {
        files.push((file.path.as_str(), file.counts()));
    }
    files.push(("all", report.counts()));
    table(out, "file", &files)?;
    Ok(())
}

fn table(out: &mut impl Write, title: &str, rows: &[(&str, Counts)]) -> fmt::Result {
    let width = rows.iter().map(|(name, _)| name.chars().count()).chain([title.len()]).max();
    let width = width.unwrap_or(0);
    writeln!(out, "{title:width$}  agree  differ  not modelled")?;
    for (name, counts) in rows {
        let Counts { agree, differ, not_modelled } = counts;
        writeln!(out, "{name:width$}  {agree:>5}  {differ:>6}  {not_modelled:>12}")?;
    }
    writeln!(out)
}

/// Writes one difference: the shortest prefix, both answers side by side, the model's state.
///
/// # Errors
/// Those of the writer.
pub fn difference(
    out: &mut impl Write,
    file: &FileReport,
    script: &ScriptReport,
    difference: &Difference,
) -> fmt::Result {
    let Difference { step, calls, kafka, model, fields, state } = difference;
    writeln!(
        out,
        "{}:{}: {} ({}) differs at step {step} on Kafka {}",
        file.path,
        script.line,
        script.name,
        script.rules.join(", "),
        script.kafka
    )?;
    for (index, call) in calls.iter().enumerate() {
        let mark = if index == *step { ">" } else { " " };
        writeln!(out, "{mark} {index:>3} {call}")?;
    }
    writeln!(out, "  Kafka: {kafka}")?;
    writeln!(out, "  model: {model}")?;
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0).min(60);
    let names = width(&mut fields.iter().map(|one| one.field.chars().count()));
    let left = width(&mut fields.iter().map(|one| shown(&one.kafka).chars().count()));
    for one in fields {
        let (kafka, model) = (shown(&one.kafka), shown(&one.model));
        writeln!(out, "  ! {:names$}  Kafka {kafka:left$}  model {model}", one.field)?;
    }
    writeln!(out, "  The model then:")?;
    for line in state.lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(out)
}
