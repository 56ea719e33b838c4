//! Processing a record raises an error once.

use crate::app::reader::Course;
use crate::cluster::{Cluster, Effects, Fixed, Program};
use crate::fault::{Fault, FaultClass, Target};
use crate::history::event::ProcessId;

/// See the module.
pub(super) struct ProcessingFailure;

/// A record that raises for ever.
pub(super) struct Poison;

/// The threads that are about to work on a record, of the processes that are wanted.
pub(super) fn at_work(
    cluster: &Cluster,
    fixed: Fixed<'_>,
    wanted: impl Fn(ProcessId) -> bool,
) -> Vec<Target> {
    let mut targets = Vec::new();
    for (i, process) in (0..).zip(&cluster.processes) {
        let id = ProcessId(i);
        if let Program::Reader(program) = &process.program
            && wanted(id)
            && !process.paused
        {
            let working_on = program.working_on(fixed.reader_context(id), &process.durable);
            targets.extend(working_on.map(|_| Target::Process(id)));
            targets.extend(program.worker_on().map(|_| Target::Worker(id)));
        }
    }
    targets.sort_unstable();
    targets
}

/// The thread works on its record, with the given course.
pub(super) fn work(
    cluster: &mut Cluster,
    fixed: Fixed<'_>,
    target: Target,
    course: Course,
    effects: &mut Effects,
) {
    match target {
        Target::Process(process) => cluster.run_program(fixed, process, course, effects),
        Target::Worker(process) => cluster.run_worker(fixed, process, course, effects),
        _ => {}
    }
}

impl Fault for ProcessingFailure {
    fn name(&self) -> &'static str {
        "processing-failure"
    }

    fn doc(&self) -> &'static str {
        "Processing a record raises an error once, before its effect; the application's policy decides."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::Consumer]
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        at_work(cluster, fixed, |_| true)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        work(cluster, fixed, target, Course::FailsBefore, effects);
    }
}

impl Fault for Poison {
    fn name(&self) -> &'static str {
        "poison"
    }

    fn doc(&self) -> &'static str {
        "Processing this record raises an error now and whenever it is tried again. Never heals; the level \
         is judged over the other records."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        at_work(cluster, fixed, |_| true)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        cluster.poison(fixed, target_process(target), matches!(target, Target::Worker(_)), effects);
        work(cluster, fixed, target, Course::FailsBefore, effects);
    }
}

fn target_process(target: Target) -> ProcessId {
    match target {
        Target::Process(process) | Target::Worker(process) => process,
        other => unreachable!("{other:?} works on no record"),
    }
}
