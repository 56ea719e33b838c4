//! A structure that remembers records errs, as filters and windows do.
//!
//! Whether a filter errs about this record is chance, and whether a window has passed by now is time: both
//! are the adversary's choice, where the strategy allows it (SEMANTICS 6.8).

use crate::app::reader::Course;
use crate::cluster::{Cluster, Effect, Fixed, Program};
use crate::fault::{Fault, FaultClass, Target};
use crate::history::event::ProcessId;

/// A new record is taken for one that was seen.
pub(super) struct FalsePositive;
/// What should be remembered has left the window.
pub(super) struct WindowPassed;

fn asking(cluster: &Cluster, fixed: Fixed<'_>, course: Course) -> Vec<Target> {
    let may_err = |id: ProcessId, process: &crate::cluster::Process| match &process.program {
        Program::Reader(program) => {
            !process.paused && program.may_err(fixed.reader_context(id), &process.durable, course)
        }
        _ => false,
    };
    let processes = (0..).map(ProcessId).zip(&cluster.processes);
    let erring = processes.filter(|(id, process)| may_err(*id, process));
    erring.map(|(id, _)| Target::Process(id)).collect()
}

fn judge(
    cluster: &mut Cluster,
    fixed: Fixed<'_>,
    target: Target,
    course: Course,
    effects: &mut Vec<Effect>,
) {
    if let Target::Process(process) = target {
        cluster.run_program(fixed, process, course, effects);
    }
}

fn some_may_err(fixed: Fixed<'_>, course: Course) -> bool {
    fixed.apps.iter().filter_map(|app| app.dedup).any(|dedup| dedup.may_err(course))
}

impl Fault for FalsePositive {
    fn name(&self) -> &'static str {
        "false-positive"
    }

    fn doc(&self) -> &'static str {
        "A strategy of deduplication takes a new record for one that was seen, as a filter or a short \
         fingerprint may; the record is skipped, and looks old from now on."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Consumer]
    }

    fn may_strike(&self, fixed: Fixed<'_>) -> bool {
        some_may_err(fixed, Course::FalsePositive)
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        asking(cluster, fixed, Course::FalsePositive)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Vec<Effect>,
    ) {
        judge(cluster, fixed, target, Course::FalsePositive, effects);
    }
}

impl Fault for WindowPassed {
    fn name(&self) -> &'static str {
        "window-passed"
    }

    fn doc(&self) -> &'static str {
        "The window of a strategy of deduplication has passed: a key that was seen is forgotten, or a \
         sequence number lies below those that can be told apart and is skipped unseen."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Consumer]
    }

    fn may_strike(&self, fixed: Fixed<'_>) -> bool {
        some_may_err(fixed, Course::WindowPassed)
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        asking(cluster, fixed, Course::WindowPassed)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Vec<Effect>,
    ) {
        judge(cluster, fixed, target, Course::WindowPassed, effects);
    }
}
