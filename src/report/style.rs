//! How a report looks: its width, and whether it has colours.

use crate::report::text::hang;

/// What a report may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether text is coloured (ANSI escape sequences).
    pub colour: bool,
    /// Columns of a line.
    pub width: usize,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tone {
    /// A heading.
    Title,
    /// As it should be.
    Good,
    /// A fault, or what it broke.
    Bad,
    /// Neither decided nor as expected.
    Doubtful,
    /// Said for completeness.
    Quiet,
}

impl Style {
    /// Without colours.
    pub fn plain(width: usize) -> Style {
        Style { colour: false, width }
    }

    /// A text that begins with a mark and goes on below its own beginning, in its tone.
    pub fn block(self, tone: Tone, mark: &str, text: &str) -> String {
        let lines = hang(mark, text, self.width);
        lines.lines().map(|line| format!("{}\n", self.paint(tone, line))).collect()
    }

    /// A piece of text in its tone. Measure and pad it before.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Title => "1",
            Tone::Good => "32",
            Tone::Bad => "1;31",
            Tone::Doubtful => "33",
            Tone::Quiet => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_nothing_is_added() {
        assert_eq!(Style::plain(80).paint(Tone::Bad, "no"), "no");
        let coloured = Style { colour: true, width: 80 }.paint(Tone::Bad, "no");
        assert_eq!(coloured, "\x1b[1;31mno\x1b[0m");
    }
}
