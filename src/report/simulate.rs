//! What simulated runs showed, as text.

use crate::fault::{FAULTS, FaultId, Target};
use crate::guarantee::{Guarantee, Subject};
use crate::report::style::{Style, Tone};
use crate::report::text::{count, grouped, hang, left, listed, width};
use crate::scenario::{Claim, ExpectedLevel, Scenario};
use crate::simulate::{Broken, Drawn, Micros, Order, Reduced, Seeds, Summary, When};
use crate::world::Setting;

/// What was drawn for a run, before it began. `threads` are those that priorities are drawn for.
pub fn drawn(drawn: &Drawn, threads: usize) -> String {
    let order = match &drawn.order {
        Order::Random => "actions in random order".to_owned(),
        Order::Fifo => "the oldest action first".to_owned(),
        Order::Clocks => "a race of clocks in virtual time".to_owned(),
        Order::Priorities { changes, depth, steps } => {
            let at = match changes.len() {
                0 => String::new(),
                _ => format!(" that change at {}", steps_text(changes)),
            };
            format!(
                "priorities of {threads} threads{at} (given its faults, a bug of depth {depth} in the \
                 first {} steps is met with a chance of at least 1 in {})",
                grouped(*steps),
                grouped((threads as u64).saturating_mul(steps.saturating_pow(depth - 1)))
            )
        }
    };
    let kinds = drawn.kinds.iter().map(|&(fault, weight)| {
        let name = fault.fault().name();
        if weight == 1 { name.to_owned() } else { format!("{weight} x {name}") }
    });
    let kinds = kinds.collect::<Vec<String>>().join(", ");
    format!("strategy {}: {order}; {}", drawn.strategy.name(), faults(&drawn.when, &kinds))
}

fn steps_text(steps: &[u64]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<String> = steps.iter().take(SHOWN).map(u64::to_string).collect();
    if steps.len() > SHOWN {
        shown.push(format!("{} more", grouped((steps.len() - SHOWN) as u64)));
    }
    format!("step{} {}", if steps.len() == 1 { "" } else { "s" }, listed(&shown))
}

fn faults(when: &When, kinds: &str) -> String {
    match when {
        When::Never => "no faults".to_owned(),
        When::Among(from) => format!("from step {from} on faults among them, of {{{kinds}}}"),
        When::Chance { from, part, whole } => format!(
            "before each step from step {from} on with a chance of {part} in {whole} a fault of {{{kinds}}}"
        ),
        When::Steps(steps) if steps.is_empty() => "no faults".to_owned(),
        When::Steps(steps) => format!("faults of {{{kinds}}} from {} on", steps_text(steps)),
        When::Rate { every, burst } => format!(
            "{} of {{{kinds}}} every {} on average",
            if *burst == 1 { "a fault".to_owned() } else { format!("bursts of {burst} faults") },
            time(*every)
        ),
        When::Planned(plan) => {
            let before = |(step, fault): &(u64, FaultId)| {
                format!("{} from step {step} on", fault.fault().name())
            };
            plan.iter().map(before).collect::<Vec<_>>().join(", ")
        }
        When::Times(times) => {
            let at = |(at, fault, _): &(Micros, FaultId, Option<Target>)| {
                format!("{} at {}", fault.fault().name(), time(*at))
            };
            times.iter().map(at).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A duration of virtual time: `1.5 s`.
pub fn time(micros: Micros) -> String {
    let (unit, name) = match micros {
        0..1_000 => return format!("{micros} us"),
        1_000..1_000_000 => (1_000, "ms"),
        1_000_000..120_000_000 => (1_000_000, "s"),
        120_000_000..7_200_000_000 => (60_000_000, "min"),
        _ => (3_600_000_000, "h"),
    };
    let tenths = (micros % unit) * 10 / unit;
    let point = if tenths == 0 { String::new() } else { format!(".{tenths}") };
    format!("{}{point} {name}", grouped(micros / unit))
}

/// How long something took on a clock on the wall, and of all processors; in microseconds.
pub fn took(wall: u64, cpu: Option<u64>) -> String {
    let seconds = |micros: u64| format!("{}.{:03} s", micros / 1_000_000, micros / 1000 % 1000);
    let cpu = cpu.map_or_else(String::new, |cpu| format!(", {} of CPU", seconds(cpu)));
    format!("{}{cpu}", seconds(wall))
}

/// Whether a scenario claims that a guarantee of a subject holds, or that it breaks.
pub fn claimed(scenario: &Scenario, guarantee: Guarantee, subject: Subject) -> Option<bool> {
    let about =
        scenario.expectations.iter().filter(|expectation| match (&expectation.app, subject) {
            (None, _) => true,
            (Some(name), Subject::App(app)) => scenario.setting.apps[app].name == *name,
            (Some(_), Subject::Log) => false,
        });
    let claims: Vec<bool> = about
        .flat_map(|expectation| &expectation.claims)
        .filter_map(|claim| match claim {
            Claim::Level(level) => {
                let half = matches!(guarantee, Guarantee::AtMost | Guarantee::AtLeast);
                half.then(|| demanded(*level, guarantee))
            }
            Claim::Holds(about, holds) => (*about == guarantee).then_some(*holds),
            Claim::BreaksAt(about, _) => (*about == guarantee).then_some(false),
            Claim::Anomaly(_) | Claim::Reachable(_) => None,
        })
        .collect();
    claims.first().map(|_| claims.iter().any(|&holds| holds))
}

/// Whether a level says that a guarantee holds.
pub fn demanded(level: ExpectedLevel, guarantee: Guarantee) -> bool {
    match guarantee {
        Guarantee::AtMost => {
            matches!(level, ExpectedLevel::AtMostOnce | ExpectedLevel::EffectivelyOnce)
        }
        Guarantee::AtLeast => {
            matches!(level, ExpectedLevel::AtLeastOnce | ExpectedLevel::EffectivelyOnce)
        }
        Guarantee::AcknowledgedIsKept | Guarantee::Order => false,
    }
}

/// The counts, and what was broken. `stopped`: by whoever waited, before all runs were over.
pub fn summary(
    scenario: &Scenario,
    seeds: Seeds,
    summary: &Summary,
    stopped: bool,
    style: Style,
) -> String {
    // A sweep that was stopped has told of the first of them.
    let told = seeds.count().min(summary.runs).saturating_sub(1);
    let last = seeds.first + told * seeds.stride;
    let which = match summary.runs {
        0 => "no seed".to_owned(),
        1 => format!("seed {}", seeds.first),
        _ => format!("seeds {} to {last}", seeds.first),
    };
    let heading = format!("{}: {}, {which}", scenario.name, count(summary.runs, "run"));
    let mut text = style.block(Tone::Title, "", &heading);
    text.push_str(&style.block(Tone::Quiet, "  ", &extent(&scenario.setting, summary)));
    text.push('\n');
    for subject in subjects(&scenario.setting) {
        if let (Subject::App(app), true) = (subject, scenario.setting.apps.len() > 1) {
            text.push_str(&format!("    {}\n", scenario.setting.apps[app].name));
        }
        for &guarantee in Guarantee::ALL {
            text.push_str(&line(scenario, summary, guarantee, subject, style));
        }
    }
    text.push('\n');
    text.push_str(&style.block(Tone::Quiet, "  ", &rest(seeds, summary, stopped)));
    text
}

/// Whether runs came to rest, and what follows if they did not.
fn rest(seeds: Seeds, summary: &Summary, stopped: bool) -> String {
    let begin = match (stopped, seeds.count()) {
        (false, _) => String::new(),
        (true, 1) => {
            return format!(
                "Stopped from outside after {}, before the run came to rest. What is broken was broken by then; \
                 anything else may still break, and what a run at rest lacks was not asked.",
                count(summary.steps, "step")
            );
        }
        (true, all) => {
            let begin =
                format!("Stopped after {} of {}. ", grouped(summary.runs), count(all, "run"));
            if summary.runs == 0 {
                return begin;
            }
            begin
        }
    };
    let circles = match summary.circles {
        0 => begin,
        circles => format!(
            "{begin}{} ended in a circle that nothing but a fault leaves. ",
            count(circles, "run")
        ),
    };
    match summary.restless {
        None if summary.circles == 0 => format!("{circles}Every run came to rest."),
        None => format!("{circles}Every other run came to rest."),
        Some((runs, seed)) => format!(
            "{circles}{} came to no rest and left open what is judged there, the first that of seed {seed}.",
            count(runs, "run")
        ),
    }
}

fn subjects(setting: &Setting) -> Vec<Subject> {
    match setting.apps.len() {
        0 => vec![Subject::Log],
        apps => (0..apps).map(Subject::App).collect(),
    }
}

fn extent(setting: &Setting, summary: &Summary) -> String {
    let struck = summary.struck.iter().zip(FAULTS).filter(|(count, _)| **count > 0);
    let struck: Vec<String> =
        struck.map(|(count, fault)| format!("{} {}", grouped(*count), fault.name())).collect();
    let faults = match struck.len() {
        0 => "no faults".to_owned(),
        _ => format!(
            "{} ({}), up to {} in a run",
            count(summary.faults(), "fault"),
            listed(&struck),
            grouped(u64::from(setting.faults.total))
        ),
    };
    let of = summary.strategies.iter();
    let strategies: Vec<String> =
        of.map(|(strategy, runs)| format!("{} {}", grouped(*runs), strategy.name())).collect();
    format!("{}, {faults}; {}.", count(summary.steps, "step"), listed(&strategies))
}

fn line(
    scenario: &Scenario,
    summary: &Summary,
    guarantee: Guarantee,
    subject: Subject,
    style: Style,
) -> String {
    let begin = format!("    {}", left(guarantee.name(), 22));
    let claim = match claimed(scenario, guarantee, subject) {
        Some(true) => "claimed to hold",
        Some(false) => "claimed to break",
        None => "",
    };
    match summary.broken.get(&(subject, guarantee)) {
        Some(Broken { runs, seed, finding, .. }) => {
            let what = format!(
                "in {} of {}, first by seed {seed}: {}",
                grouped(*runs),
                count(summary.runs, "run"),
                finding.anomaly.name()
            );
            let tone = if claim == "claimed to hold" { Tone::Bad } else { Tone::Doubtful };
            let broken = style.paint(tone, &left("broken", 11));
            let claim = if claim.is_empty() { String::new() } else { format!(" ({claim})") };
            // Wrapped before it is painted, which takes no columns.
            let indent = " ".repeat(width(&begin) + 11);
            let what = hang(&indent, &format!("{what}{claim}"), style.width);
            format!("{begin}{broken}{}", &what[indent.len()..])
        }
        None => {
            format!("{begin}{}{claim}\n", left("not broken", if claim.is_empty() { 0 } else { 12 }))
        }
    }
}

/// How a run was made small, before its story.
pub fn reduction(seed: u64, steps: u64, reduced: &Reduced, certified: bool) -> String {
    let how = if certified {
        "a breadth-first search certifies that nothing shorter does it"
    } else {
        "a bounded breadth-first search found nothing shorter"
    };
    format!(
        "Seed {seed} breaks it in {}. Reduced in {} to {}; {how}.",
        count(steps, "step"),
        count(reduced.runs, "run"),
        count(reduced.choices.len() as u64, "choice"),
    )
}
