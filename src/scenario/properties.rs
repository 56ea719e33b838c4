//! Java's `.properties` files (`java.util.Properties.load`): keys and values with their places.
//!
//! Knows the syntax alone: separators, comments, continued lines, escapes. What a key means is for
//! others.

use super::document::{Entry, Span, Value};
use super::problem::{Errors, Problem, ProblemKind};
use super::source::Source;

/// Reads a text: one entry for each line with a key, in the order of the file, repeated keys included.
///
/// # Errors
/// Every `\u` that is not followed by four hexadecimal digits.
pub(super) fn read(source: &Source<'_>) -> Result<Vec<Entry>, Errors> {
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut rest = Lines { text: source.text(), at: 0 };
    while let Some((start, line)) = rest.next_logical() {
        let (key, after) = split_key(&line);
        let value = &line[after..];
        let key_span = span_of(key, &[], start);
        let value_span = span_of(value, &line[..after], start);
        match (unescape(key), unescape(value)) {
            (Ok(key), Ok(value)) => {
                let value = Value::Text(value);
                entries.push(Entry { key, key_span, value, value_span });
            }
            (key, value) => {
                problems.extend([key.err(), value.err()].into_iter().flatten().map(|at| {
                    let kind = ProblemKind::Syntax("malformed \\u in a properties file".to_owned());
                    let problem = Problem::at(source, &at, kind);
                    problem.expected("four hexadecimal digits, or \\\\u for a backslash and a u")
                }));
            }
        }
    }
    if problems.is_empty() { Ok(entries) } else { Err(Errors(problems)) }
}

/// A character of a logical line and where it stands in the file.
type Placed = (char, usize);

/// The natural lines that are left.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

impl Lines<'_> {
    /// The characters of the next natural line, and how many bytes its end has.
    fn next_natural(&mut self) -> Option<(Vec<Placed>, usize)> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = rest[..end].char_indices().map(|(at, c)| (c, self.at + at)).collect();
        let ending = match rest.as_bytes().get(end..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            _ => 0,
        };
        self.at += end + ending;
        Some((line, ending))
    }

    /// The next line with a key, and where it begins: comments and blank lines skipped, continued lines
    /// joined. A lone backslash is nothing, but the last of a file is an empty key (unless the line ends
    /// in two characters): so it comes out in Java.
    fn next_logical(&mut self) -> Option<(usize, Vec<Placed>)> {
        'fresh: loop {
            let (line, mut ending) = self.next_natural()?;
            let mut line = trimmed(line);
            let Some(&(first, start)) = line.first() else { continue };
            if matches!(first, '#' | '!') {
                continue;
            }
            while ends_in_open_backslash(&line) {
                line.pop();
                let at_end = self.at == self.text.len();
                if line.is_empty() && !(at_end && ending < 2) {
                    continue 'fresh;
                }
                let Some((next, next_ending)) = self.next_natural() else { break };
                line.extend(trimmed(next));
                ending = next_ending;
            }
            return Some((start, line));
        }
    }
}

fn trimmed(line: Vec<Placed>) -> Vec<Placed> {
    line.into_iter().skip_while(|(c, _)| is_blank(*c)).collect()
}

fn ends_in_open_backslash(line: &[Placed]) -> bool {
    line.iter().rev().take_while(|(c, _)| *c == '\\').count() % 2 == 1
}

/// The key, escapes included, and where the value begins.
fn split_key(line: &[Placed]) -> (&[Placed], usize) {
    let mut escaped = false;
    let mut end = line.len();
    for (at, (c, _)) in line.iter().enumerate() {
        if !escaped && (matches!(c, '=' | ':') || is_blank(*c)) {
            end = at;
            break;
        }
        escaped = *c == '\\' && !escaped;
    }
    let mut after = end;
    let mut separator = false;
    while let Some((c, _)) = line.get(after) {
        if !separator && matches!(c, '=' | ':') {
            separator = true;
        } else if !is_blank(*c) {
            break;
        }
        after += 1;
    }
    (&line[..end], after)
}

/// From the first character to the end of the last; an empty part stands behind what is before it.
fn span_of(part: &[Placed], before: &[Placed], start: usize) -> Span {
    match (part.first(), part.last()) {
        (Some((_, start)), Some((c, last))) => *start..last + c.len_utf8(),
        _ => {
            let end = before.last().map_or(start, |(c, at)| at + c.len_utf8());
            end..end
        }
    }
}

/// Replaces escapes; the span of the first malformed one otherwise. An escape of four digits may be one
/// half of a character, so the text is joined from such halves.
fn unescape(part: &[Placed]) -> Result<String, Span> {
    let mut units: Vec<u16> = Vec::with_capacity(part.len());
    let mut rest = part;
    while let [(c, at), after @ ..] = rest {
        rest = after;
        let mut c = *c;
        if c == '\\' {
            let [(escaped, _), after @ ..] = rest else { break };
            rest = after;
            c = match escaped {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\u{c}',
                'u' => {
                    let digits = rest.get(..4).unwrap_or_default();
                    let digit = |sum: u16, (c, _): &Placed| Some(sum << 4 | c.to_digit(16)? as u16);
                    let unit = digits.iter().try_fold(0, digit).filter(|_| digits.len() == 4);
                    units.push(unit.ok_or(*at..at + 2)?);
                    rest = &rest[4..];
                    continue;
                }
                other => *other,
            };
        }
        units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    Ok(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Recorded {
        text: String,
        #[serde(default)]
        malformed: bool,
        #[serde(default)]
        pairs: std::collections::BTreeMap<String, String>,
    }

    fn pairs(text: &str) -> Option<std::collections::BTreeMap<String, String>> {
        let entries = read(&Source::new("test", text)).ok()?;
        let pair = |entry: Entry| match entry.value {
            Value::Text(value) => (entry.key, value),
            other => panic!("{other:?}"),
        };
        Some(entries.into_iter().map(pair).collect())
    }

    #[test]
    fn texts_are_read_as_java_reads_them() {
        let recording = include_str!("../../tests/data/config/properties.jsonl");
        let mut malformed = 0;
        for line in recording.lines() {
            let recorded: Recorded = serde_json::from_str(line).expect("a recording");
            let ours = pairs(&recorded.text);
            malformed += usize::from(recorded.malformed);
            assert_eq!(ours, (!recorded.malformed).then_some(recorded.pairs), "{line}");
        }
        assert!(malformed > 50, "{malformed}");
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "# c\n  acks = all\nlong\\\n   er:1\nempty\n";
        let entries = read(&Source::new("test", text)).expect("right");
        let shown: Vec<(&str, &str, &str)> = entries
            .iter()
            .map(|e| (e.key.as_str(), &text[e.key_span.clone()], &text[e.value_span.clone()]))
            .collect();
        assert_eq!(
            shown,
            [("acks", "acks", "all"), ("longer", "long\\\n   er", "1"), ("empty", "empty", "")]
        );
    }
}
