//! Standard output and standard error: width, colours, closed pipes, the progress bar.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::Style;

/// When to colour the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Columns where there is no terminal, and COLUMNS says nothing.
const PIPE_WIDTH: usize = 100;
/// The widest report: longer lines are hard to read.
const WIDEST: usize = 110;
/// The narrowest.
const NARROWEST: usize = 60;

/// Where the program writes.
#[derive(Debug)]
pub struct Console {
    /// How reports look on standard output.
    pub style: Style,
    /// Whether standard output still takes anything.
    open: bool,
    /// Why it does not, if that is not because nobody reads any more.
    failure: Option<io::Error>,
}

impl Console {
    /// Looks at the terminal, if there is one.
    pub fn new(colour: Colour) -> Console {
        let terminal = io::stdout().is_terminal();
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !is_set("NO_COLOR") && !is_dumb(),
        };
        let size = terminal.then(|| Term::stdout().size_checked()).flatten();
        let size = size.map(|(_, columns)| usize::from(columns));
        let width = size.or_else(columns).unwrap_or(PIPE_WIDTH);
        Console {
            style: Style { colour, width: width.clamp(NARROWEST, WIDEST) },
            open: true,
            failure: None,
        }
    }

    /// Writes to standard output. Once nobody reads any more nothing is written.
    pub fn print(&mut self, text: &str) {
        if self.open {
            let mut out = io::stdout().lock();
            let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            self.open = written.is_ok();
            self.failure = written.err().filter(|error| error.kind() != ErrorKind::BrokenPipe);
        }
    }

    /// Writes a line to standard error.
    pub fn say(&self, text: &str) {
        // Nothing is left to tell it to if this fails.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes an error to standard error.
    pub fn error(&self, text: &str) {
        self.say(&format!("error: {text}"));
    }

    /// Everything is written.
    ///
    /// # Errors
    /// Standard output took not all of it, a full disk for instance. That nobody reads any more is no error.
    pub fn finish(&mut self) -> io::Result<()> {
        self.print("");
        self.failure.take().map_or(Ok(()), Err)
    }

    /// A bar on standard error, if that is a terminal; otherwise nothing is drawn.
    pub fn bar(&self, length: u64) -> ProgressBar {
        let target = if io::stderr().is_terminal() && !is_dumb() {
            ProgressDrawTarget::stderr_with_hz(10)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        let template = "{bar:24} {pos}/{len} {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("##-"));
        }
        bar
    }

    /// A line on standard error that says how far one search has come, if that is a terminal.
    pub fn spinner(&self) -> ProgressBar {
        let bar = self.bar(0);
        bar.set_style(ProgressStyle::default_spinner());
        bar
    }
}

/// What whoever reads the pipe says about its width.
fn columns() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// How long something takes, for people alone: it enters no verdict.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    #[allow(clippy::disallowed_methods, reason = "told on request, beside the verdict")]
    pub fn begin() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Until now.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
