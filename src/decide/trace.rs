//! What a schedule did, action by action: the material of stories.

use std::collections::BTreeMap;

use crate::cluster::Effect;
use crate::decide::{judge_end, livelocks};
use crate::guarantee::Finding;
use crate::history::Audit;
use crate::record::{TopicId, TopicName};
use crate::system::{Model, ReplayError, Schedule, replay_strict};
use crate::world::{Action, Scene, World};

/// One action that was performed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Performed {
    /// The action.
    pub action: Action,
    /// Whether it is the adversary's, so that it costs a fault.
    pub is_fault: bool,
    /// What it did, in the order in which it happened.
    pub effects: Vec<Effect>,
}

/// A run that was written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// The actions, first to last.
    pub steps: Vec<Performed>,
    /// Whether nothing but the adversary could act after the last of them.
    pub at_rest: bool,
    /// What the audit reader finds after the last of them.
    pub audit: Audit,
    /// The topics by all ids that they had, since requests name them so.
    pub topics: Vec<(TopicId, TopicName)>,
    /// Every anomaly in the end.
    pub findings: Vec<Finding>,
    /// How many of the last steps repeat for ever, if it ends in a livelock; 0: none, or it has not been around yet.
    pub circle: usize,
}

/// Performs a schedule and writes down what it did.
///
/// # Errors
/// The first action that is not enabled, with what is enabled instead.
pub fn trace(scene: &Scene, schedule: &Schedule<Action>) -> Result<Trace, ReplayError<Action>> {
    let (trace, world) = perform(scene, schedule)?;
    let mut findings = judge_end(scene, &world);
    let at_rest = scene.is_quiescent(&world);
    let livelocks = if at_rest { Vec::new() } else { livelocks(scene, &world) };
    let circle = if livelocks.is_empty() { 0 } else { circle(scene, schedule, &world)? };
    findings.extend(livelocks);
    Ok(Trace { at_rest, findings, circle, ..trace })
}

/// The same of a run whose end is not looked at, since nothing can be done from there on without a panic.
///
/// # Errors
/// The first action that is not enabled, with what is enabled instead.
pub fn trace_steps(
    scene: &Scene,
    schedule: &Schedule<Action>,
) -> Result<Trace, ReplayError<Action>> {
    perform(scene, schedule).map(|(trace, _)| trace)
}

fn perform(
    scene: &Scene,
    schedule: &Schedule<Action>,
) -> Result<(Trace, World), ReplayError<Action>> {
    let mut steps = Vec::new();
    let mut topics = BTreeMap::new();
    let fixed = scene.setting.fixed();
    let replayed = replay_strict(scene, schedule, |moment| {
        let ids = moment.state.cluster.topic_ids(fixed).into_iter().zip(0..);
        topics.extend(ids.map(|((id, _), name)| (id, TopicName(name))));
        if let Some(&action) = moment.action {
            let is_fault = scene.faults(&action) > 0;
            steps.push(Performed { action, is_fault, effects: moment.effects.to_vec() });
        }
    })?;
    let world = replayed.state;
    let trace = Trace {
        steps,
        at_rest: false,
        audit: scene.audit(&world),
        topics: topics.into_iter().collect(),
        findings: Vec::new(),
        circle: 0,
    };
    Ok((trace, world))
}

/// How many of the last steps of a run lead from its last state back to it; 0 if it was not there before.
fn circle(
    scene: &Scene,
    schedule: &Schedule<Action>,
    end: &World,
) -> Result<usize, ReplayError<Action>> {
    let (mut steps, mut begin) = (0, None);
    replay_strict(scene, schedule, |moment| {
        steps += usize::from(moment.action.is_some());
        if begin.is_none() && moment.state == end {
            begin = Some(steps);
        }
    })?;
    Ok(begin.map_or(0, |begin| steps - begin))
}
