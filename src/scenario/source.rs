//! A text with its name: where a byte stands, and the line to show for it.

use std::ops::Range;

/// The longest part of a line that is shown.
const SHOWN: usize = 96;

/// A text and where it came from.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    path: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
}

/// A place in a text, both counted from 1; the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Character within the line.
    pub column: usize,
}

/// A line to show, with the part that is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// The line, or the part of a long line around what is meant. Control characters are replaced.
    pub text: String,
    /// Characters of `text` before what is meant.
    pub indent: usize,
    /// Characters that are meant; at least 1.
    pub width: usize,
}

impl<'a> Source<'a> {
    /// A text read from a path, which is for messages only.
    pub fn new(path: &'a str, text: &'a str) -> Source<'a> {
        let starts =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Source { path, text, line_starts: std::iter::once(0).chain(starts).collect() }
    }

    /// Its name.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// Itself.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Where a byte stands; a byte beyond the end stands at the end.
    pub fn position(&self, at: usize) -> Position {
        let (line, start) = self.line_of(at);
        let before = self.slice(start, at.min(self.text.len()));
        Position { line: line + 1, column: before.chars().count() + 1 }
    }

    /// The line of the span's beginning, marked as far as the span reaches within it.
    pub fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let (line, start) = self.line_of(span.start);
        let end = self.line_starts.get(line + 1).map_or(self.text.len(), |next| next - 1);
        let whole = self.slice(start, end);
        let indent = self.slice(start, span.start.min(end)).chars().count();
        let width = self.slice(span.start.min(end), span.end.min(end)).chars().count().max(1);
        let skipped = if indent + width > SHOWN { indent.saturating_sub(SHOWN / 3) } else { 0 };
        let shown = whole.trim_end_matches('\r').chars().skip(skipped).take(SHOWN).map(printable);
        let text: String = shown.collect();
        // A mark on the line's end stands behind what is shown.
        let indent = (indent - skipped).min(text.chars().count());
        let width = width.min(text.chars().count().saturating_sub(indent)).max(1);
        Excerpt { text, indent, width }
    }

    fn line_of(&self, at: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at) - 1;
        (line, self.line_starts[line])
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        let floor = |mut at: usize| {
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        &self.text[floor(from.min(to))..floor(to)]
    }
}

/// A character of the same width that cannot disturb a terminal.
pub(super) fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() || is_bidi(c) => '\u{fffd}',
        c => c,
    }
}

/// Characters that reorder what follows on a terminal.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of a user, for messages: printable and not too long.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(60).map(printable).collect();
    if text.chars().nth(60).is_some() {
        shown.push_str("...");
    }
    shown
}
