//! The parts that stories are made of: what one step, or several that matter less, look like and say.

use crate::history::event::ProcessId;
use crate::report::message::Label;
use crate::report::names::Names;

/// Who acts: a column of the diagram.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Actor {
    /// A client process.
    Process(ProcessId),
    /// The broker.
    Broker,
}

/// How much a step matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weight {
    /// It has no bearing on what goes wrong: told briefly.
    Side,
    /// It belongs to the story.
    Main,
    /// The adversary's.
    Fault,
}

/// What becomes of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fate {
    /// It is taken.
    Taken,
    /// It never arrives.
    Lost,
    /// Its connection breaks, and it may still arrive.
    Pending,
    /// It arrives although its connection broke before.
    Late,
}

/// One row of the diagram, or a few if it does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Row {
    /// A message between a process and the broker.
    Arrow {
        /// The process at one end.
        process: ProcessId,
        /// Whether it goes to the broker.
        to_broker: bool,
        /// What it says.
        label: Label,
        /// What becomes of it.
        fate: Fate,
    },
    /// Something that one of them does.
    Note {
        /// Who.
        actor: Actor,
        /// What.
        text: String,
        /// Whether it is what the levels count.
        is_effect: bool,
    },
    /// A fault, across the whole picture.
    Banner(String),
    /// Steps that matter less.
    Aside(String),
    /// Somebody's line ends, or begins again.
    Life {
        /// Whose.
        actor: Actor,
        /// Whether it begins.
        up: bool,
    },
}

/// One step of a story, or several that matter less.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Beat {
    /// The first step, counted from 1.
    pub first: usize,
    /// The last step.
    pub last: usize,
    /// How much it matters.
    pub weight: Weight,
    /// What it looks like.
    pub rows: Vec<Row>,
    /// What it says, in whole sentences; empty if there is nothing to say.
    pub text: String,
}

impl Beat {
    /// Its first message, for a step that says nothing else.
    pub fn message(&self, names: Names<'_>) -> String {
        let first = self.rows.iter().find_map(|row| match row {
            Row::Arrow { process, to_broker, label, .. } => Some((*process, *to_broker, label)),
            _ => None,
        });
        match first {
            Some((process, true, label)) => {
                format!("{} to the broker: \"{}\".", names.process(process), label.short)
            }
            Some((process, false, label)) => {
                format!("The broker to {}: \"{}\".", names.process(process), label.short)
            }
            None => String::new(),
        }
    }

    /// Its number, or its numbers: `7`, `8-12`.
    pub fn number(&self) -> String {
        if self.first == self.last {
            self.first.to_string()
        } else {
            format!("{}-{}", self.first, self.last)
        }
    }
}
