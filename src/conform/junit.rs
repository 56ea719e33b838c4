//! The report as JUnit's XML, for build servers: a suite a file, a case a script.
//!
//! A script that differs is a failure, one that uses what is not modelled is skipped, bad input is
//! an error. No times, so that equal runs give equal bytes.

use std::fmt::{self, Write};

use crate::conform::error::InputError;
use crate::conform::play::Outcome;
use crate::conform::report::{FileReport, Report};
use crate::conform::text;

/// Writes the whole report.
///
/// # Errors
/// Those of the writer.
pub fn write(out: &mut impl Write, report: &Report) -> fmt::Result {
    let counts = report.counts();
    let errors = report.errors.len();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="conform" tests="{}" failures="{}" errors="{errors}" skipped="{}">"#,
        counts.total() + errors,
        counts.differ,
        counts.not_modelled
    )?;
    for file in &report.files {
        suite(out, file)?;
    }
    if errors > 0 {
        writeln!(
            out,
            concat!(
                r#"  <testsuite name="input" tests="{errors}" failures="0" "#,
                r#"errors="{errors}" skipped="0">"#
            ),
            errors = errors
        )?;
        for error in &report.errors {
            bad_input(out, error)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(out: &mut impl Write, file: &FileReport) -> fmt::Result {
    let counts = file.counts();
    let path = escape(&file.path);
    writeln!(
        out,
        r#"  <testsuite name="{path}" tests="{}" failures="{}" errors="0" skipped="{}">"#,
        counts.total(),
        counts.differ,
        counts.not_modelled
    )?;
    for script in &file.scripts {
        let name = escape(&script.name);
        write!(out, r#"    <testcase name="{name}" classname="{path}""#)?;
        match &script.outcome {
            Outcome::Agrees => writeln!(out, "/>")?,
            Outcome::NotModelled(items) => {
                let uses: Vec<&str> = items.iter().map(|item| item.what.as_str()).collect();
                let uses = escape(&uses.join(", "));
                writeln!(out, r#"><skipped message="not modelled: {uses}"/></testcase>"#)?;
            }
            Outcome::Differs(difference) => {
                let fields: Vec<&str> =
                    difference.fields.iter().map(|one| one.field.as_str()).collect();
                let mut body = String::new();
                text::difference(&mut body, file, script, difference)?;
                let message = format!("step {} differs: {}", difference.step, fields.join(", "));
                writeln!(out, ">")?;
                write!(out, r#"      <failure type="difference" message="{}">"#, escape(&message))?;
                writeln!(out, "{}</failure>", escape(&body))?;
                writeln!(out, "    </testcase>")?;
            }
        }
    }
    writeln!(out, "  </testsuite>")
}

fn bad_input(out: &mut impl Write, error: &InputError) -> fmt::Result {
    let place = format!("{}:{}:{}", error.path, error.line, error.column);
    writeln!(
        out,
        concat!(
            r#"    <testcase name="{}" classname="input">"#,
            r#"<error type="input" message="{}"/></testcase>"#
        ),
        escape(&place),
        escape(&error.to_string())
    )
}

/// A text as it may stand in XML 1.0, inside and outside of attributes. Characters that XML does
/// not have become the replacement character.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            '\r' => escaped.push_str("&#13;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_attribute() {
        assert_eq!(escape("a<b>&\"c'\u{1}\n"), "a&lt;b&gt;&amp;&quot;c&apos;\u{fffd}&#10;");
    }
}
