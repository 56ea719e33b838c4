//! Judges a run as it goes, with the same judge as the explorer: only when to ask it is decided here.

use crate::cluster::Effect;
use crate::guarantee::{Evidence, Finding, Guarantee, Plan, Subject, effects_show_kept, findings};
use crate::history::ledger::Count;
use crate::history::{Audit, Event};
use crate::record::PayloadId;
use crate::world::circle::Circle;
use crate::world::{Scene, World};

/// The first anomaly that a run showed of a guarantee of a subject.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// What is wrong.
    pub finding: Finding,
    /// After how many steps.
    pub step: u64,
}

impl Found {
    /// The guarantee that is broken.
    pub fn guarantee(&self) -> Guarantee {
        self.finding.anomaly.breaks()
    }
}

/// What is asked of every run of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    plan: Plan,
    subjects: Vec<Subject>,
}

impl Judge {
    pub(super) fn new(scene: &Scene) -> Judge {
        Judge { plan: scene.plan(), subjects: scene.subjects() }
    }

    fn evidence<'a>(&'a self, world: &'a World, audit: Option<&'a Audit>) -> Evidence<'a> {
        let poisoned = &world.cluster.poisoned;
        Evidence { plan: &self.plan, ledger: &world.ledger, audit, poisoned }
    }

    /// Looks at what a step did. Only an effect can break what is judged in every state.
    pub(super) fn after_step(
        &self,
        world: &World,
        effects: &[Effect],
        step: u64,
        found: &mut Vec<Found>,
    ) {
        for effect in effects {
            let (process, payload) = match effect {
                Effect::Event(Event::Effect { process, payload, .. }) => (process, Some(*payload)),
                Effect::Event(Event::Overwrote { process, .. }) => (process, None),
                _ => continue,
            };
            let app = usize::from(process.0) - world.ledger.senders.len();
            let reader = &world.ledger.readers[app];
            let again = |payload: PayloadId| reader.effects.get(payload) == Some(Count::Again);
            if payload.is_some_and(again) {
                self.ask(Guarantee::AtMost, Subject::App(app), world, None, step, found);
            }
            if reader.out_of_order || reader.overwrote {
                self.ask(Guarantee::Order, Subject::App(app), world, None, step, found);
            }
        }
    }

    /// Looks at a state at rest.
    pub(super) fn at_rest(&self, scene: &Scene, world: &World, step: u64, found: &mut Vec<Found>) {
        let mut audit = None;
        for &subject in &self.subjects {
            for &guarantee in Guarantee::ALL {
                let at_rest = guarantee.is_judged_at_rest(subject, &self.plan);
                if !at_rest
                    || is_known(guarantee, subject, found)
                    || self.is_clean(guarantee, subject, world)
                {
                    continue;
                }
                let audit = audit.get_or_insert_with(|| scene.audit(world));
                self.ask(guarantee, subject, world, Some(audit), step, found);
            }
        }
    }

    /// What a run leaves open that comes to no rest: whatever is judged at rest, and is not broken already.
    pub(super) fn left_open(&self, found: &[Found]) -> Vec<(Subject, Guarantee)> {
        let all = self.subjects.iter().flat_map(|&s| Guarantee::ALL.iter().map(move |&g| (s, g)));
        all.filter(|&(subject, guarantee)| {
            guarantee.is_judged_at_rest(subject, &self.plan) && !is_known(guarantee, subject, found)
        })
        .collect()
    }

    /// Looks at a run that ends in a circle, as the explorer does: a record without an effect in it never has one,
    /// which breaks *at least*; what no state of it breaks holds; anything else is left open, and returned.
    pub(super) fn in_circle(
        &self,
        scene: &Scene,
        circle: &Circle,
        step: u64,
        found: &mut Vec<Found>,
    ) -> Vec<(Subject, Guarantee)> {
        let mut open = self.left_open(found);
        open.retain(|&(subject, guarantee)| circle.breaks(scene, guarantee, subject));
        open.retain(|&(subject, guarantee)| {
            let livelock = guarantee == Guarantee::AtLeast;
            found.extend(livelock.then(|| Found { finding: Finding::livelock(subject), step }));
            !livelock
        });
        open
    }

    fn ask(
        &self,
        guarantee: Guarantee,
        subject: Subject,
        world: &World,
        audit: Option<&Audit>,
        step: u64,
        found: &mut Vec<Found>,
    ) {
        if !is_known(guarantee, subject, found) {
            let first =
                findings(guarantee, subject, self.evidence(world, audit)).into_iter().next();
            found.extend(first.map(|finding| Found { finding, step }));
        }
    }

    /// Whether the ledger alone shows that nothing is missing, so that no audit is needed: every due record
    /// has had its effect.
    fn is_clean(&self, guarantee: Guarantee, subject: Subject, world: &World) -> bool {
        let senders = &world.ledger.senders;
        match (guarantee, subject) {
            (Guarantee::AtLeast, Subject::App(app)) => {
                let done = [&world.ledger.readers[app].effects];
                let not_his = |payload| !self.plan.is_for(payload, app);
                senders.iter().all(|due| due.without(|_| true, &done).all(not_his))
            }
            (Guarantee::AcknowledgedIsKept, _) => effects_show_kept(self.evidence(world, None)),
            _ => false,
        }
    }
}

/// Whether the run has shown that a guarantee of a subject is broken: only the first anomaly counts.
fn is_known(guarantee: Guarantee, subject: Subject, found: &[Found]) -> bool {
    found.iter().any(|found| found.guarantee() == guarantee && found.finding.subject == subject)
}
