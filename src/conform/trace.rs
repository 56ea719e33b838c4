//! What the model does at each call of a script.
//!
//! [`trace`] plays a script to its end, with or without recorded answers, and keeps what happened.
//! [`draw`](super::draw::draw) makes it a sequence diagram, which needs nothing but the [`Trace`].

use crate::conform::arguments::Blocked;
use crate::conform::compare::{FieldDifference, differences};
use crate::conform::draw::note_text;
use crate::conform::driver::Driver;
use crate::conform::error::ScriptError;
use crate::conform::json::{Part, Value};
use crate::conform::mapping::EPOCH;
use crate::conform::play::{PlayOptions, call_text};
use crate::conform::script::Script;
use crate::conform::state::state;
use crate::record::Timestamp;

/// A script's run on the model.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The script's name.
    pub name: String,
    /// Its sentence.
    pub about: String,
    /// The version of Kafka, as "4.3".
    pub kafka: &'static str,
    /// The steps that were played.
    pub steps: Vec<TraceStep>,
    /// What ended the run before the script's end.
    pub not_modelled: Option<String>,
    /// The model's logs and producers at the end.
    pub state: String,
}

/// One step of a run.
#[derive(Clone, Debug)]
pub struct TraceStep {
    /// Milliseconds since the run began, at the step's end.
    pub at: Timestamp,
    /// The call with its arguments.
    pub call: String,
    /// What happened inside the broker, with milliseconds since the run began.
    pub notes: Vec<(Timestamp, String)>,
    /// The model's answer.
    pub answer: Option<String>,
    /// Where Kafka's answer differs, if one is recorded.
    pub differences: Vec<FieldDifference>,
}

/// Plays a script to its end.
///
/// # Errors
/// What is wrong with the script.
pub fn trace(script: &Script<'_>, options: PlayOptions) -> Result<Trace, ScriptError> {
    let mut trace = Trace {
        name: script.name.to_string(),
        about: script.about.to_string(),
        kafka: script.kafka.name(),
        steps: Vec::with_capacity(script.steps.len()),
        not_modelled: None,
        state: String::new(),
    };
    if let Some(item) = script.not_modelled.iter().find(|item| item.step.is_none()) {
        trace.not_modelled = Some(item.what.clone());
        return Ok(trace);
    }
    let mut driver = match Driver::new(script, options.ablated) {
        Ok(driver) => driver,
        Err(Blocked::Input(error)) => return Err(error),
        Err(Blocked::NotModelled(what)) => {
            trace.not_modelled = Some(what);
            return Ok(trace);
        }
    };
    for (index, step) in script.steps.iter().enumerate() {
        let item = script.not_modelled.iter().find(|item| item.step == Some(index));
        if let Some(item) = item {
            trace.not_modelled = Some(format!("{}, at step {index}", item.what));
            break;
        }
        let answer = match driver.perform(step) {
            Ok(answer) => answer,
            Err(Blocked::Input(error)) => {
                return Err(error.within(&[Part::Key("steps"), Part::Index(index)]));
            }
            Err(Blocked::NotModelled(what)) => {
                trace.not_modelled = Some(format!("{what}, at step {index}"));
                break;
            }
        };
        trace.steps.push(TraceStep {
            at: driver.now - EPOCH,
            call: call_text(step),
            notes: driver
                .notes
                .iter()
                .map(|(at, note)| (at - EPOCH, note_text(&driver.names, note)))
                .collect(),
            answer: answer.as_ref().map(Value::to_string),
            differences: match (&step.answer, &answer) {
                (Some(kafka), Some(model)) => differences(kafka, model, options.ignored),
                _ => Vec::new(),
            },
        });
        driver.answers.push(answer);
    }
    trace.state = state(&driver);
    Ok(trace)
}
