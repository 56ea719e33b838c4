//! A structure that remembers records errs, as filters and windows do.
//!
//! Whether a filter errs about this record is chance, and whether a window has passed by now is time: both
//! are the adversary's choice, where the strategy allows it (SEMANTICS 6.8).

use crate::app::reader::Course;
use crate::cluster::{Cluster, Effects, Fixed, Process, Program};
use crate::fault::processing::work;
use crate::fault::{Fault, FaultClass, Target};
use crate::history::event::ProcessId;

/// A way in which a strategy errs.
pub(super) struct Erring {
    name: &'static str,
    doc: &'static str,
    course: Course,
}

/// A new record is taken for one that was seen.
pub(super) const FALSE_POSITIVE: Erring = Erring {
    name: "false-positive",
    doc: "A strategy of deduplication takes a new record for one that was seen, as a filter or a short \
          fingerprint may; the record is skipped, and looks old from now on.",
    course: Course::FalsePositive,
};

/// What should be remembered has left the window.
pub(super) const WINDOW_PASSED: Erring = Erring {
    name: "window-passed",
    doc: "The window of a strategy of deduplication has passed: a key that was seen is forgotten, or a \
          sequence number lies below those that can be told apart and is skipped unseen.",
    course: Course::WindowPassed,
};

impl Fault for Erring {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Consumer]
    }

    fn may_strike(&self, fixed: Fixed<'_>) -> bool {
        fixed.apps.iter().filter_map(|app| app.dedup).any(|dedup| dedup.may_err(self.course))
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        let may_err = |id: ProcessId, process: &Process| match &process.program {
            Program::Reader(program) => {
                let cx = fixed.reader_context(id);
                !process.paused && program.may_err(cx, &process.durable, self.course)
            }
            _ => false,
        };
        let processes = (0..).map(ProcessId).zip(&cluster.processes);
        let erring = processes.filter(|(id, process)| may_err(*id, process));
        erring.map(|(id, _)| Target::Process(id)).collect()
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        work(cluster, fixed, target, self.course, effects);
    }
}
