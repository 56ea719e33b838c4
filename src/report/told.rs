//! A story as it is printed: heading, who takes part, diagram, sentences, ending, how to replay it.

use crate::decide::{Breach, Trace};
use crate::guarantee::{Guarantee, Subject};
use crate::report::diagram::diagram;
use crate::report::names::Names;
use crate::report::sentences::{cast, sentences};
use crate::report::story::Story;
use crate::report::style::{Style, Tone};
use crate::report::text::{count, hang};
use crate::scenario::Scenario;

/// The story of how a guarantee breaks.
pub fn breach(
    scenario: &Scenario,
    guarantee: Guarantee,
    breach: &Breach,
    trace: &Trace,
    style: Style,
) -> String {
    let setting = &scenario.setting;
    let story = Story::of_finding(setting, trace, &breach.finding, breach.circle.len());
    let names = Names::new(setting, &trace.topics);
    let whose = match breach.finding.subject {
        Subject::App(app) if setting.apps.len() > 1 => format!(" of {}", setting.apps[app].name),
        _ => String::new(),
    };
    let faults = with_faults(breach.cost.faults);
    let shortest = if breach.shortest { ", and no shorter way does it" } else { "" };
    let heading = format!(
        "How \"{}\"{whose} breaks, {faults} in {}{shortest}",
        guarantee.name(),
        count(u64::from(breach.cost.steps), "step")
    );
    let mut text = style.block(Tone::Title, "", &heading);
    text.push_str(&body(names, &story, style));
    text
}

/// The story of a run that somebody asked for, and what is wrong in its end.
pub fn run(scenario: &Scenario, trace: &Trace, style: Style) -> String {
    let story = Story::of_run(&scenario.setting, trace);
    let names = Names::new(&scenario.setting, &trace.topics);
    let mut text = cast(names, style);
    text.push_str(&body(names, &story, style));
    if story.endings.is_empty() {
        let rest = if trace.at_rest {
            "In the end nothing is wrong, and nothing but a fault could change it."
        } else {
            "In the end nothing is wrong yet; the system is not at rest, so what is missing may still \
             come."
        };
        text.push_str(&format!("\n{}", hang("  ", rest, style.width)));
    }
    text
}

/// The story of a run up to where somebody's own program panics.
pub fn panic(
    scenario: &Scenario,
    message: &str,
    faults: u32,
    trace: &Trace,
    style: Style,
) -> String {
    let mut story = Story::of_run(&scenario.setting, trace);
    story.endings = vec![format!("The next step panics: {message}")];
    let heading = format!(
        "How it comes to a panic, {} in {}",
        with_faults(faults),
        count(trace.steps.len() as u64, "step")
    );
    let mut text = style.block(Tone::Title, "", &heading);
    text.push_str(&body(Names::new(&scenario.setting, &trace.topics), &story, style));
    text
}

fn with_faults(faults: u32) -> String {
    match faults {
        0 => "without any fault".to_owned(),
        faults => format!("with {}", count(u64::from(faults), "fault")),
    }
}

fn body(names: Names<'_>, story: &Story, style: Style) -> String {
    let mut text = String::new();
    if let Some(picture) = diagram(names, story, style) {
        text.push('\n');
        text.push_str(&picture);
    }
    text.push('\n');
    text.push_str(&sentences(story, style));
    for ending in &story.endings {
        text.push('\n');
        text.push_str(&style.block(Tone::Bad, "  => ", ending));
    }
    text
}
