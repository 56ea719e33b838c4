//! The story of a run: what each step did, which steps matter, what is wrong in the end and why.

pub mod beat;
mod clauses;
mod dedup;
mod digest;
pub mod facts;
mod messages;
mod notes;
mod page;
mod program;
mod relevance;
pub mod tell;
mod why;

pub use beat::{Actor, Beat, Fate, Row, Weight};
pub use facts::Facts;

use crate::decide::Trace;
use crate::guarantee::Finding;
use crate::report::names::Names;
use crate::world::Setting;
use tell::Teller;

/// A run, told.
#[derive(Clone, Debug)]
pub struct Story {
    /// Its parts, in order.
    pub beats: Vec<Beat>,
    /// What is wrong in the end and why, one text for each finding that was asked for.
    pub endings: Vec<String>,
    /// The steps that repeat for ever, if that is what is wrong: the first one, counted from 1.
    pub circle: Option<usize>,
}

impl Story {
    /// The story of a run that ends with a finding. The steps of a livelock's circle stand at the end of
    /// the trace, `circle` of them.
    pub fn of_finding(setting: &Setting, trace: &Trace, finding: &Finding, circle: usize) -> Story {
        let names = Names::new(setting, &trace.topics);
        let (mut beats, facts) = tell(names, trace, finding);
        beats = fold(names, trace, beats);
        let ending = why::ending(names, trace, &facts, finding);
        let first = (circle > 0).then(|| trace.steps.len() - circle + 1);
        Story { beats, endings: vec![ending], circle: first }
    }

    /// The story of a run with each of its steps, and with everything that is wrong in the end.
    pub fn of_run(setting: &Setting, trace: &Trace) -> Story {
        let names = Names::new(setting, &trace.topics);
        let mut teller = Teller::new(names);
        let beats = trace.steps.iter().map(|step| teller.step(step)).collect();
        let facts = teller.facts();
        let endings = trace.findings.iter().map(|f| why::ending(names, trace, facts, f)).collect();
        let circle = (trace.circle > 0).then(|| trace.steps.len() - trace.circle + 1);
        Story { beats, endings, circle }
    }

    /// What each step of a run did, in one text each, for comments.
    pub fn of_steps(setting: &Setting, trace: &Trace) -> Vec<String> {
        let names = Names::new(setting, &trace.topics);
        let mut teller = Teller::new(names);
        let say = |step| {
            let beat = teller.step(step);
            if beat.text.is_empty() { beat.message(names) } else { beat.text }
        };
        trace.steps.iter().map(say).collect()
    }
}

fn tell(names: Names<'_>, trace: &Trace, finding: &Finding) -> (Vec<Beat>, Facts) {
    let mut teller = Teller::new(names);
    let mut beats = Vec::new();
    for step in &trace.steps {
        let mut beat = teller.step(step);
        beat.weight = relevance::weigh(names, teller.facts(), step, finding);
        beats.push(beat);
    }
    (beats, teller.facts().clone())
}

/// Puts steps that matter less together.
fn fold(names: Names<'_>, trace: &Trace, beats: Vec<Beat>) -> Vec<Beat> {
    let mut folded: Vec<Beat> = Vec::new();
    for beat in beats {
        match folded.last_mut() {
            Some(before) if before.weight == Weight::Side && beat.weight == Weight::Side => {
                before.last = beat.last;
            }
            _ => folded.push(beat),
        }
    }
    for beat in folded.iter_mut().filter(|beat| beat.weight == Weight::Side) {
        let digest = digest::digest(names, &trace.steps[beat.first - 1..beat.last]);
        beat.rows.clear();
        beat.text = String::new();
        if !digest.is_empty() {
            beat.rows.push(Row::Aside(digest.clone()));
            beat.text = format!("({digest}.)");
        }
    }
    folded
}
