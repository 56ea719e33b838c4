//! Decides a scenario as far as a number of states allows: class by class of faults, the larger budget if it fits.
//!
//! All that two faults of any class can do together is often too much to look at. What one class can do by itself
//! is less, and one fault less still; one fault of any kind is the same as each kind by itself. Everything that was
//! looked at is named in the result, and what was not is, too.

use std::ops::ControlFlow;

use crate::check::{Explored, Extent, Limit, Limits, Progress};
use crate::decide::{Decided, Engine, Judgement, Looked, decide_asked, questions};
use crate::guarantee::{Guarantee, Half, Subject};
use crate::scenario::Scenario;
use crate::scenario::vocabulary::classes_of;
use crate::world::Scene;
use crate::world::setting::{EffectKind, FaultClass, FaultSetting, Setting};

/// How many times as many states one fault more gives, roughly: so much must be left of the limit before it is
/// tried.
const GROWTH: u64 = 6;

/// The classes, the cheapest to look at first.
const CLASSES: [FaultClass; 4] =
    [FaultClass::Consumer, FaultClass::Producer, FaultClass::RemoteCall, FaultClass::Messaging];

/// What a class of faults does by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OfClass {
    /// Which.
    pub class: FaultClass,
    /// What was decided.
    pub decided: Decided,
}

/// Decides what each class of the scenario's faults does by itself, each search within the limits.
pub fn decide_by_class(
    scenario: &Scenario,
    guarantees: &[Guarantee],
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Vec<OfClass> {
    let of = |class| OfClass {
        class,
        decided: decide_class(scenario, class, guarantees, limits, progress),
    };
    CLASSES.into_iter().filter(|class| strikes(&scenario.setting, *class)).map(of).collect()
}

/// Whether a class has something of its own to strike.
fn strikes(setting: &Setting, class: FaultClass) -> bool {
    match class {
        FaultClass::Producer | FaultClass::Messaging => true,
        FaultClass::Consumer => !setting.apps.is_empty(),
        FaultClass::RemoteCall => {
            setting.apps.iter().any(|app| app.effect == EffectKind::RemoteCall)
        }
    }
}

/// Decides what one class of the scenario's faults does. Nobody looks further once all of the guarantees are broken
/// by no more than one fault.
pub fn decide_class(
    scenario: &Scenario,
    class: FaultClass,
    guarantees: &[Guarantee],
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Decided {
    let mut asked = questions(&Scene::new(scenario.setting.clone()));
    asked.retain(|(guarantee, _)| guarantees.contains(guarantee));
    let mut stages = Stages { scenario, limits, progress, merged: nothing(scenario, &asked) };
    stages.class(&of_class(scenario, class));
    stages.merged.extent = with_limits(stages.merged.extent);
    stages.merged
}

/// Decides within budgets that were looked at before, each by itself; what does not fit the limits is unknown.
pub fn decide_within(
    scenario: &Scenario,
    budgets: &[Looked],
    guarantees: &[Guarantee],
    limits: &Limits,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Decided {
    let mut asked = questions(&Scene::new(scenario.setting.clone()));
    asked.retain(|(guarantee, _)| guarantees.contains(guarantee));
    let mut stages = Stages { scenario, limits, progress, merged: nothing(scenario, &asked) };
    for budget in budgets.iter().filter(|budget| budget.complete) {
        if stages.search(&budget.kinds, budget.total).is_none() {
            for judgement in &mut stages.merged.judgements {
                if judgement.half == Half::Yes {
                    judgement.half = Half::Unknown;
                }
            }
        }
    }
    stages.merged.extent = with_limits(stages.merged.extent);
    stages.merged
}

/// What any one of the classes does: everything that was looked at, together.
pub fn together(scenario: &Scenario, classes: &[OfClass]) -> Decided {
    let mut asked: Vec<(Guarantee, Subject)> = Vec::new();
    for judgement in classes.iter().flat_map(|of| &of.decided.judgements) {
        if !asked.contains(&(judgement.guarantee, judgement.subject)) {
            asked.push((judgement.guarantee, judgement.subject));
        }
    }
    let mut merged = nothing(scenario, &asked);
    for of in classes {
        let complete = of.decided.looked.iter().filter(|looked| looked.complete);
        for looked in complete.chain(of.decided.looked.iter().filter(|looked| !looked.complete)) {
            if !merged.looked.contains(looked) {
                merged.looked.push(looked.clone());
            }
        }
        merge(&mut merged, of.decided.clone(), true);
    }
    merged.extent = with_limits(merged.extent);
    merged
}

/// The kinds of a budget that are of a class, and may strike.
fn of_class(scenario: &Scenario, class: FaultClass) -> Vec<String> {
    let kinds = scenario.setting.striking_faults().into_iter();
    let kinds = kinds.filter(|(name, _)| classes_of(name).contains(&class));
    kinds.map(|(name, _)| name.clone()).collect()
}

struct Stages<'a> {
    scenario: &'a Scenario,
    limits: &'a Limits,
    progress: &'a mut dyn FnMut(&Progress) -> ControlFlow<()>,
    merged: Decided,
}

impl Stages<'_> {
    /// One fault of these kinds, then as many as the scenario allows if that seems to fit.
    fn class(&mut self, kinds: &[String]) {
        let total = self.scenario.setting.faults.total;
        if kinds.is_empty() {
            self.search(kinds, 0);
            return;
        }
        match self.search(kinds, total.min(1)) {
            Some(states) if total > 1 && states.saturating_mul(GROWTH) <= self.limits.states => {
                if self.search(kinds, total).is_none() {
                    self.not_looked(kinds, total);
                }
            }
            Some(_) if total > 1 => self.not_looked(kinds, total),
            Some(_) => {}
            None => {
                for kind in kinds {
                    let alone = std::slice::from_ref(kind);
                    if self.search(alone, 1).is_none() {
                        self.not_looked(alone, 1);
                    }
                }
                if total > 1 {
                    self.not_looked(kinds, total);
                }
            }
        }
    }

    fn not_looked(&mut self, kinds: &[String], total: u32) {
        if self.open().is_empty() {
            return;
        }
        self.merged.looked.push(Looked { kinds: kinds.to_vec(), total, complete: false });
    }

    /// What a cheaper way could still break.
    fn open(&self) -> Vec<(Guarantee, Subject)> {
        let settled = |half: Half| matches!(half, Half::No(0 | 1));
        let open = self.merged.judgements.iter().filter(|judgement| !settled(judgement.half));
        open.map(|judgement| (judgement.guarantee, judgement.subject)).collect()
    }

    /// Searches with some kinds of faults alone. The number of states, if it came to an end.
    fn search(&mut self, kinds: &[String], total: u32) -> Option<u64> {
        let asked = self.open();
        if asked.is_empty() || self.merged.panic.is_some() {
            return Some(0);
        }
        let mut scenario = self.scenario.clone();
        let kinds_of = kinds.iter().map(|kind| (kind.clone(), total));
        scenario.setting.faults = FaultSetting { total, kinds: kinds_of.collect() };
        let (engine, open) = (Engine::default(), (&asked[..], true));
        let decided = decide_asked(engine, &scenario, open, self.limits, self.progress);
        let settled = asked.iter().all(|(guarantee, subject)| {
            let judgement = decided.judgement(*guarantee, *subject);
            matches!(judgement.map(|judgement| judgement.half), Some(Half::No(_)))
        });
        let complete = decided.extent.is_complete() || settled;
        let states = decided.extent.explored().states;
        merge(&mut self.merged, decided, complete);
        if complete {
            // Everything that fewer faults of these kinds do was looked at on the way.
            self.merged.looked.retain(|looked| looked.kinds != kinds || looked.total > total);
            self.merged.looked.push(Looked { kinds: kinds.to_vec(), total, complete });
        }
        complete.then_some(states)
    }
}

/// Adds what another search decided. One that was not complete breaks what it breaks, and says nothing else.
fn merge(merged: &mut Decided, decided: Decided, complete: bool) {
    for judgement in decided.judgements {
        let (guarantee, subject) = (judgement.guarantee, judgement.subject);
        let known = |j: &&mut Judgement| j.guarantee == guarantee && j.subject == subject;
        let Some(known) = merged.judgements.iter_mut().find(known) else { continue };
        let cost = |j: &Judgement| j.breach.as_ref().map(|breach| breach.cost);
        match (known.half, judgement.half) {
            (_, Half::No(_))
                if cost(known).is_none_or(|old| cost(&judgement).is_some_and(|new| new < old)) =>
            {
                *known = judgement;
            }
            (_, Half::No(_)) => {}
            // A search that ran out breaks nothing: what it did not look at is said elsewhere. One that
            // came to an end without an answer, a circle in the way, leaves the question open.
            (Half::Yes, Half::Unknown) if complete => known.half = Half::Unknown,
            _ => {}
        }
    }
    let (old, new) = (merged.extent.explored(), decided.extent.explored());
    let explored = Explored {
        states: old.states + new.states,
        transitions: old.transitions + new.transitions,
        at_rest: old.at_rest + new.at_rest,
        depth: old.depth.max(new.depth),
        faults: old.faults.max(new.faults),
        complete_faults: None,
        reduced: old.reduced || new.reduced,
        exchanged: old.exchanged || new.exchanged,
    };
    let mut limits = match &merged.extent {
        Extent::Bounded { limits, .. } => limits.clone(),
        _ => Vec::new(),
    };
    if let Extent::Bounded { limits: new, .. } = &decided.extent {
        limits.extend(new.iter().copied());
    }
    merged.extent = Extent::Bounded { explored, limits };
    merged.panic = merged.panic.take().or(decided.panic);
}

/// Before the first search.
fn nothing(scenario: &Scenario, asked: &[(Guarantee, Subject)]) -> Decided {
    let judgement = |&(guarantee, subject): &(Guarantee, Subject)| Judgement {
        guarantee,
        subject,
        half: Half::Yes,
        breach: None,
    };
    Decided {
        name: scenario.name.clone(),
        judgements: asked.iter().map(judgement).collect(),
        times: Vec::new(),
        pins: Vec::new(),
        extent: Extent::Bounded { explored: Explored::default(), limits: Vec::new() },
        looked: Vec::new(),
        panic: None,
        mismatches: Vec::new(),
        claims_decided: true,
    }
}

/// Complete, if nothing cut it short; each limit once.
fn with_limits(extent: Extent) -> Extent {
    match extent {
        Extent::Bounded { explored, mut limits } => {
            limits.retain(|limit| *limit != Limit::Settled);
            limits.sort();
            limits.dedup();
            match limits.is_empty() {
                true => Extent::Complete(explored),
                false => Extent::Bounded { explored, limits },
            }
        }
        other => other,
    }
}
