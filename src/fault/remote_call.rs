//! The remote call of an application fails, before or after it took effect.

use crate::app::reader::Course;
use crate::app::setting::EffectKind;
use crate::cluster::{Cluster, Effects, Fixed};
use crate::fault::processing::{at_work, work};
use crate::fault::{Fault, FaultClass, Target};

/// The call never reached the remote side.
pub(super) struct RemoteCallBefore;
/// The call took effect, but its answer was lost.
pub(super) struct RemoteCallAfter;

/// Programs about to call another system.
fn callers(cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
    at_work(cluster, fixed, |process| {
        let calls = |effect| !matches!(effect, EffectKind::Local | EffectKind::Topic);
        fixed.app_index(process).is_some_and(|app| calls(fixed.apps[app].effect))
    })
}

impl Fault for RemoteCallBefore {
    fn name(&self) -> &'static str {
        "remote-call-before"
    }

    fn doc(&self) -> &'static str {
        "The remote call of an application fails before it took effect; the application sees an error."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::RemoteCall]
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        callers(cluster, fixed)
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

impl Fault for RemoteCallAfter {
    fn name(&self) -> &'static str {
        "remote-call-after"
    }

    fn doc(&self) -> &'static str {
        "The remote call of an application takes effect, but its answer is lost; the application sees \
         an error and cannot know."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::RemoteCall]
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        callers(cluster, fixed)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        work(cluster, fixed, target, Course::FailsAfter, effects);
    }
}
