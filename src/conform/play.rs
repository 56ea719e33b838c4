//! Plays one script and compares every answer, up to the first that differs.

use crate::conform::arguments::Blocked;
use crate::conform::compare::{FieldDifference, differences};
use crate::conform::driver::Driver;
use crate::conform::error::ScriptError;
use crate::conform::json::{Part, Value};
use crate::conform::script::{NotModelled, Script, Step};
use crate::conform::state::state;
use crate::protocol::safeguard::SafeguardSet;

/// How a script ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Every field of every answer is Kafka's.
    Agrees,
    /// An answer differs.
    Differs(Box<Difference>),
    /// It uses something that the model cannot be asked. What came before it agrees.
    NotModelled(Vec<NotModelled>),
}

/// An answer that differs. The steps up to it are the shortest prefix of the script that shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Number of the step, from 0.
    pub step: usize,
    /// The steps before it, and it, without answers.
    pub calls: Vec<String>,
    /// Kafka's answer.
    pub kafka: String,
    /// The model's answer.
    pub model: String,
    /// The fields that differ.
    pub fields: Vec<FieldDifference>,
    /// The model's logs and producers at that point.
    pub state: String,
}

/// What is compared, and what was removed from the model.
#[derive(Clone, Copy, Default, Debug)]
pub struct PlayOptions {
    /// Safeguards that are removed.
    pub ablated: SafeguardSet,
    /// Fields of answers that are passed over.
    pub ignored: &'static [&'static str],
}

/// Plays a script.
///
/// # Errors
/// What is wrong with the script.
pub fn play(script: &Script<'_>, options: PlayOptions) -> Result<Outcome, ScriptError> {
    let playable = script.playable();
    if script.not_modelled.iter().any(|item| item.step.is_none()) {
        return Ok(Outcome::NotModelled(script.not_modelled.clone()));
    }
    let mut driver = match Driver::new(script, options.ablated) {
        Ok(driver) => driver,
        Err(Blocked::Input(error)) => return Err(error),
        Err(Blocked::NotModelled(what)) => return Ok(not_modelled(script, None, what)),
    };
    for (index, step) in script.steps.iter().enumerate().take(playable) {
        let path = [Part::Key("steps"), Part::Index(index)];
        let answer = match driver.perform(step) {
            Ok(answer) => answer,
            Err(Blocked::Input(error)) => return Err(error.within(&path)),
            Err(Blocked::NotModelled(what)) => return Ok(not_modelled(script, Some(index), what)),
        };
        let fields = match (&step.answer, &answer) {
            (Some(kafka), Some(model)) => differences(kafka, model, options.ignored),
            (None, None) => Vec::new(),
            (Some(_), None) => {
                let message = format!("`{}` has no answer", step.call);
                return Err(ScriptError::at(&[Part::Key("answer")], message).within(&path));
            }
            (None, Some(_)) => {
                let message = format!("`{}` needs the `answer` to compare with", step.call);
                return Err(ScriptError::at(&[], message).within(&path));
            }
        };
        if !fields.is_empty() {
            let text = |value: &Option<Value<'_>>| value.as_ref().map(ToString::to_string);
            return Ok(Outcome::Differs(Box::new(Difference {
                step: index,
                calls: script.steps[..=index].iter().map(call_text).collect(),
                kafka: text(&step.answer).unwrap_or_default(),
                model: text(&answer).unwrap_or_default(),
                fields,
                state: state(&driver),
            })));
        }
        driver.answers.push(answer);
    }
    if script.not_modelled.is_empty() {
        Ok(Outcome::Agrees)
    } else {
        Ok(Outcome::NotModelled(script.not_modelled.clone()))
    }
}

fn not_modelled(script: &Script<'_>, step: Option<usize>, what: String) -> Outcome {
    let mut items = vec![NotModelled { step, what, nearest: None }];
    items.extend(script.not_modelled.iter().cloned());
    Outcome::NotModelled(items)
}

/// A step without its answer, as `produce topic="t" partition=0 ..`.
pub fn call_text(step: &Step<'_>) -> String {
    let mut text = step.call.to_string();
    for (key, value) in &step.arguments {
        match (&**key, &step.inner) {
            ("inner", Some(inner)) => {
                text.push_str(" inner=(");
                text.push_str(&call_text(inner));
                text.push(')');
            }
            _ => text.push_str(&format!(" {key}={value}")),
        }
    }
    text
}
