//! Compares what a scenario claims with what was decided.

use crate::decide::Decided;
use crate::guarantee::{Guarantee, Half, Level, Subject};
use crate::scenario::{Claim, Expectation, Scenario};

/// A claim that does not agree with what was decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The line of its `[[expect]]`.
    pub line: usize,
    /// What is claimed.
    pub claimed: String,
    /// What was decided.
    pub decided: String,
}

/// Notes every claim that does not agree, and whether all of them were decided.
pub(super) fn compare(scenario: &Scenario, decided: &mut Decided) {
    for expectation in &scenario.expectations {
        let subject = subject(scenario, expectation);
        for claim in &expectation.claims {
            match judge(claim, decided, subject) {
                Some(Ok(())) => {}
                Some(Err((claimed, found))) => decided.mismatches.push(Mismatch {
                    line: expectation.line,
                    claimed,
                    decided: found,
                }),
                None => decided.claims_decided = false,
            }
        }
    }
}

/// The application that an expectation is about; none for the whole scenario.
fn subject(scenario: &Scenario, expectation: &Expectation) -> Option<Subject> {
    let name = expectation.app.as_ref()?;
    scenario.setting.apps.iter().position(|app| app.name == *name).map(Subject::App)
}

fn half(decided: &Decided, guarantee: Guarantee, subject: Option<Subject>) -> Half {
    let of = decided.judgements.iter().filter(|judgement| {
        judgement.guarantee == guarantee && subject.is_none_or(|s| s == judgement.subject)
    });
    of.map(|judgement| judgement.half).fold(Half::Yes, Half::meet)
}

/// Whether a guarantee is known not to break with fewer faults than it was seen to.
fn is_fewest(decided: &Decided, guarantee: Guarantee, subject: Option<Subject>) -> bool {
    let mut of = decided.judgements.iter().filter(|judgement| {
        judgement.guarantee == guarantee && subject.is_none_or(|s| s == judgement.subject)
    });
    of.all(|judgement| judgement.breach.as_ref().is_none_or(|breach| breach.fewest))
}

type Judged = Option<Result<(), (String, String)>>;

fn verdict(agrees: bool, claimed: String, found: String) -> Judged {
    Some(if agrees { Ok(()) } else { Err((claimed, found)) })
}

/// Whether a claim agrees; `None` if that was not decided.
fn judge(claim: &Claim, decided: &Decided, subject: Option<Subject>) -> Judged {
    match claim {
        Claim::Level(level) => {
            let (most, least) = (
                half(decided, Guarantee::AtMost, subject),
                half(decided, Guarantee::AtLeast, subject),
            );
            if most == Half::Unknown || least == Half::Unknown {
                return None;
            }
            let found = Level::of(most, least);
            let text = |level: Level| format!("level {}", level.name());
            verdict(found == *level, text(*level), text(found))
        }
        Claim::Holds(guarantee, holds) => match half(decided, *guarantee, subject) {
            Half::Unknown => None,
            half => {
                let text = |yes: bool| {
                    format!("{} {}", guarantee.name(), if yes { "holds" } else { "breaks" })
                };
                let found = half == Half::Yes;
                verdict(found == *holds, text(*holds), text(found))
            }
        },
        Claim::BreaksAt(guarantee, faults) => match half(decided, *guarantee, subject) {
            Half::Unknown => None,
            half => {
                let claimed = format!("{} breaks at {faults}", guarantee.name());
                let found = match half.breaks_at() {
                    Some(found) => format!("it breaks at {found}"),
                    None => "it holds".to_owned(),
                };
                // With fewer faults than were found it may break, too.
                let is_open = half.breaks_at().is_some_and(|found| *faults <= found);
                if is_open && !is_fewest(decided, *guarantee, subject) {
                    return None;
                }
                verdict(half.breaks_at() == Some(*faults), claimed, found)
            }
        },
        Claim::Anomaly(name) => anomaly(name, decided, subject),
        Claim::Reachable(name) => {
            let pinned = decided.pins.iter().find(|pinned| pinned.pin.name() == *name)?;
            if pinned.unknown {
                return None;
            }
            let reached = pinned.schedule.is_some();
            verdict(reached, format!("{name} is reachable"), "it is not".to_owned())
        }
    }
}

/// The claim that the cheapest breach of the guarantee that an anomaly breaks shows this anomaly.
fn anomaly(name: &str, decided: &Decided, subject: Option<Subject>) -> Judged {
    let of = decided.judgements.iter().filter(|j| subject.is_none_or(|s| s == j.subject));
    let mut found = Vec::new();
    let mut unknown = false;
    for judgement in of {
        // A cheaper way might show another one.
        unknown |= judgement.half == Half::Unknown;
        unknown |= judgement.breach.as_ref().is_some_and(|breach| !breach.shortest);
        found.extend(judgement.breach.as_ref().map(|breach| breach.finding.anomaly.name()));
    }
    if found.contains(&name) {
        return Some(Ok(()));
    }
    if unknown {
        return None;
    }
    let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
    verdict(false, format!("anomaly {name}"), found)
}
