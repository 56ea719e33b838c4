//! How often each record is worked on: counted beside its effects, and part of no level (SEMANTICS 1.3).

use crate::check::{Report, Verdict};
use crate::guarantee::Subject;
use crate::system::Property;
use crate::world::{Action, Scene, World};

/// How often an application works on a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Times {
    /// Whose.
    pub subject: Subject,
    /// Whether a due record may be worked on not at all; none if that is unknown.
    pub never: Option<bool>,
    /// Whether a record may be worked on more than once; none if that is unknown.
    pub again: Option<bool>,
}

impl Times {
    /// `1`, `0-1`, `1+`, `0+`, or `?`.
    pub fn text(self) -> &'static str {
        match (self.never, self.again) {
            (Some(false), Some(false)) => "1",
            (Some(true), Some(false)) => "0-1",
            (Some(false), Some(true)) => "1+",
            (Some(true), Some(true)) => "0+",
            _ => "?",
        }
    }

    /// In words.
    pub fn doc(self) -> &'static str {
        match self.text() {
            "1" => "each record is worked on exactly once",
            "0-1" => "a record is worked on once, or not at all",
            "1+" => "each record is worked on, one perhaps more than once",
            "0+" => "a record may be worked on not at all, or more than once",
            _ => "not known",
        }
    }

    /// What may happen in either.
    #[must_use]
    pub fn or(self, other: Times) -> Times {
        let either = |one: Option<bool>, other: Option<bool>| match (one, other) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
        Times {
            subject: self.subject,
            never: either(self.never, other.never),
            again: either(self.again, other.again),
        }
    }
}

/// What has to be asked: for each application, whether it works on a record again, or never.
pub(super) fn questions(scene: &Scene) -> Vec<Property<World>> {
    let apps = scene.subjects().into_iter().filter_map(app_of);
    apps.flat_map(|app| [scene.worked_again(app), scene.worked_never(app)]).collect()
}

/// The answers, in the order of the applications.
pub(super) fn answers(scene: &Scene, report: &Report<Action>) -> Vec<Times> {
    let reached = |property: &Property<World>| match report.verdict(&property.name) {
        Some(Verdict::Unknown(_)) | None => None,
        Some(verdict) => Some(verdict.schedule().is_some()),
    };
    let times = |app| {
        // A run that ends in a circle comes to no rest, at which something might be missing.
        let never = reached(&scene.worked_never(app));
        let never = never.filter(|&never| never || report.trap.is_none());
        Times { subject: Subject::App(app), never, again: reached(&scene.worked_again(app)) }
    };
    scene.subjects().into_iter().filter_map(app_of).map(times).collect()
}

fn app_of(subject: Subject) -> Option<usize> {
    match subject {
        Subject::App(app) => Some(app),
        Subject::Log => None,
    }
}
