//! What would lift a level: the fewest changes after which a search finds a higher one.
//!
//! Knows nothing of what a change is: whoever asks numbers them, and builds the scenario with some of them. No
//! change is taken for good without a search of its own.

use crate::check::{Search, Verdict};
use crate::decide::{Decided, judge_end};
use crate::guarantee::{Finding, Guarantee, Half, Level};
use crate::scenario::Scenario;
use crate::system::replay_strict;
use crate::world::Scene;
use crate::world::property::Pin;
use crate::world::setting::FaultSetting;

/// Changes that lift a level together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lift {
    /// Their numbers, ascending.
    pub changes: Vec<usize>,
    /// The level with them.
    pub to: Level,
}

/// What a search for lifts found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lifts {
    /// The sets of the fewest changes, in their order; only those to the highest level, if one is the highest.
    pub found: Vec<Lift>,
    /// How many sets were decided.
    pub tried: u32,
    /// Every set of up to so many changes was looked at; those that nobody would accept count as looked at.
    pub complete: usize,
    /// Sets that could not be decided within the limits.
    pub undecided: u32,
}

/// Whether one level gives everything that another does, and more.
pub fn is_higher(level: Level, than: Level) -> bool {
    match than {
        Level::NoGuarantee => level != Level::NoGuarantee,
        Level::AtMostOnce | Level::AtLeastOnce => level == Level::EffectivelyOnce,
        Level::EffectivelyOnce => false,
    }
}

/// How a scenario is decided: some guarantees of it, within limits that the asker knows.
pub type Ask<'a> = dyn Fn(&Scenario, &[Guarantee]) -> Decided + 'a;

/// Looks for the fewest of `count` changes that lift a level that was decided, `most` at a time at most. `build`
/// gives the scenario with some of them, or nothing if they do not go together; `stopped` says whether to end.
///
/// A change with which no record could ever have its effect is no help, whatever level it gives.
pub fn lifts(
    from: &Decided,
    count: usize,
    most: usize,
    build: &dyn Fn(&[usize]) -> Option<Scenario>,
    ask: &Ask<'_>,
    stopped: &dyn Fn() -> bool,
) -> Lifts {
    let mut lifts = Lifts::default();
    let level = from.level();
    if level == Level::EffectivelyOnce {
        return lifts;
    }
    for size in 1..=most.min(count) {
        for set in sets(count, size) {
            let Some(scenario) = build(&set) else { continue };
            lifts.tried += 1;
            let attained = attained(&scenario, from, ask);
            if stopped() {
                return lifts;
            }
            match attained {
                Some(to) if is_higher(to, level) => lifts.found.push(Lift { changes: set, to }),
                Some(_) => {}
                None => lifts.undecided += 1,
            }
        }
        lifts.complete = size;
        if lifts.found.iter().any(|lift| lift.to == Level::EffectivelyOnce) {
            lifts.found.retain(|lift| lift.to == Level::EffectivelyOnce);
        }
        if !lifts.found.is_empty() {
            break;
        }
    }
    lifts
}

/// The level of a scenario, as far as it may be higher than another; nothing if that was not decided. Where the
/// level cannot be higher any more nobody looks further, and the other level stands for whatever it is.
fn attained(scenario: &Scenario, from: &Decided, ask: &Ask<'_>) -> Option<Level> {
    let than = from.level();
    if missing(than).iter().all(|half| breaks_as_before(scenario, from, *half)) {
        return Some(than);
    }
    let first = ask(scenario, missing(than));
    let is_broken = |half: &Guarantee| matches!(first.half(*half), Half::No(_));
    if missing(than).iter().all(is_broken) {
        return Some(than);
    }
    let decided = ask(scenario, HALVES);
    let unknown = |half: &Guarantee| decided.half(*half) == Half::Unknown;
    if HALVES.iter().any(unknown) || decided.panic.is_some() {
        return None;
    }
    let level = decided.level();
    Some(if is_higher(level, than) && is_alive(scenario) { level } else { than })
}

const HALVES: &[Guarantee] = &[Guarantee::AtMost, Guarantee::AtLeast];

/// The halves of which at least one must be gained for a higher level.
fn missing(level: Level) -> &'static [Guarantee] {
    match level {
        Level::NoGuarantee => HALVES,
        Level::AtMostOnce => &[Guarantee::AtLeast],
        Level::AtLeastOnce => &[Guarantee::AtMost],
        Level::EffectivelyOnce => &[],
    }
}

/// Whether what broke a half before does so still, action by action. Then no search is needed.
fn breaks_as_before(scenario: &Scenario, from: &Decided, half: Guarantee) -> bool {
    let Some(breach) = from.breach(half).filter(|breach| breach.circle.is_empty()) else {
        return false;
    };
    let scene = Scene::new(scenario.setting.clone());
    let same = |finding: &Finding| {
        finding.anomaly.breaks() == half && finding.subject == breach.finding.subject
    };
    replay_strict(&scene, &breach.schedule, |_| {})
        .is_ok_and(|replayed| judge_end(&scene, &replayed.state).iter().any(same))
}

/// Whether every record can have its effect, if nothing goes wrong.
fn is_alive(scenario: &Scenario) -> bool {
    let mut setting = scenario.setting.clone();
    setting.faults = FaultSetting::default();
    let scene = Scene::new(setting);
    let asked = [scene.pin_property(Pin::AllDone)];
    let report = Search::new(&scene, &asked).stop_when_settled().run_silently();
    matches!(report.verdict(&asked[0].name), Some(Verdict::Reached { .. }))
}

/// The sets of so many of the first numbers, in order.
fn sets(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let longer = |set: Vec<usize>| {
            let first = set.last().map_or(0, |last| last + 1);
            (first..count).map(move |next| {
                let mut set = set.clone();
                set.push(next);
                set
            })
        };
        sets = sets.into_iter().flat_map(longer).collect();
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_in_order() {
        assert_eq!(sets(3, 1), [[0], [1], [2]]);
        assert_eq!(sets(3, 2), [[0, 1], [0, 2], [1, 2]]);
        assert_eq!(sets(1, 2), [[0_usize; 0]; 0]);
    }

    #[test]
    fn higher_is_more_and_never_something_else() {
        use Level::{AtLeastOnce, AtMostOnce, EffectivelyOnce, NoGuarantee};
        assert!(is_higher(AtMostOnce, NoGuarantee) && is_higher(EffectivelyOnce, AtMostOnce));
        assert!(!is_higher(AtLeastOnce, AtMostOnce) && !is_higher(AtMostOnce, AtMostOnce));
    }
}
