//! The arguments of a step, with references to earlier answers resolved.

use std::borrow::Cow;

use crate::conform::error::{ScriptError, nearest};
use crate::conform::json::{Part, Value};
use crate::conform::mapping::Field;
use crate::conform::script::{Step, is_reference, plain, wrong};

/// Why a step cannot be played.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Blocked {
    /// The script is wrong.
    Input(ScriptError),
    /// The model cannot be asked this.
    NotModelled(String),
}

impl From<ScriptError> for Blocked {
    fn from(error: ScriptError) -> Blocked {
        Blocked::Input(error)
    }
}

/// A step's arguments and the answers that they may refer to.
#[derive(Clone, Copy)]
pub struct Arguments<'s, 'a> {
    /// The step.
    pub step: &'s Step<'a>,
    /// The model's answers so far, by step.
    pub answers: &'s [Option<Value<'a>>],
}

impl<'s, 'a> Arguments<'s, 'a> {
    /// An argument, resolved; `None` if it is absent or `null`.
    ///
    /// # Errors
    /// A reference that leads nowhere.
    pub fn value(&self, key: &str) -> Result<Option<Cow<'s, Value<'a>>>, ScriptError> {
        let Some(value) = self.step.argument(key) else { return Ok(None) };
        let value = self.resolve(value).map_err(|error| error.within(&[Part::Key(key)]))?;
        Ok(Some(value).filter(|value| !matches!(**value, Value::Null)))
    }

    /// `"$3.epoch"` or `"$3.epoch+1"` as what the answer of step 3 has there.
    ///
    /// # Errors
    /// A reference that leads nowhere.
    pub fn resolve(&self, value: &'s Value<'a>) -> Result<Cow<'s, Value<'a>>, ScriptError> {
        let Value::Text(text) = value else { return Ok(Cow::Borrowed(value)) };
        if !is_reference(text) {
            return Ok(Cow::Borrowed(value));
        }
        if let Some(found) = self.find(&text[1..]) {
            return Ok(Cow::Borrowed(found));
        }
        let nowhere = || ScriptError::at(&[], format!("`{text}` refers to nothing"));
        let sign = text.rfind(['+', '-']).ok_or_else(nowhere)?;
        let plus: i64 = text[sign..].parse().map_err(|_| nowhere())?;
        match self.find(&text[1..sign]) {
            Some(Value::Number(number)) => {
                Ok(Cow::Owned(Value::Number(number.checked_add(plus).ok_or_else(nowhere)?)))
            }
            Some(other) => Err(wrong(&[], "a reference to a number", other)),
            None => Err(nowhere()),
        }
    }

    fn find(&self, path: &str) -> Option<&'s Value<'a>> {
        let mut parts = path.split('.');
        let step: usize = parts.next()?.parse().ok()?;
        let mut value = self.answers.get(step)?.as_ref()?;
        for part in parts {
            value = match value {
                Value::List(values) => values.get(part.parse::<usize>().ok()?)?,
                other => other.get(part)?,
            };
        }
        Some(value)
    }

    /// A number.
    ///
    /// # Errors
    /// Something else.
    pub fn number(&self, key: &str, otherwise: i64) -> Result<i64, ScriptError> {
        match self.value(key)?.as_deref() {
            None => Ok(otherwise),
            Some(Value::Number(number)) => Ok(*number),
            Some(other) => Err(wrong(&[Part::Key(key)], "a number", other)),
        }
    }

    /// A number in its field of the message.
    ///
    /// # Errors
    /// Something else.
    pub fn integer<T: Field>(&self, key: &str, otherwise: i64) -> Result<T, ScriptError> {
        Ok(T::of(self.number(key, otherwise)?))
    }

    /// A number that must be given.
    ///
    /// # Errors
    /// None, or something else.
    pub fn required<T: Field>(&self, key: &str) -> Result<T, ScriptError> {
        if self.step.argument(key).is_none() {
            return Err(self.missing(key));
        }
        self.integer(key, 0)
    }

    /// A text, if it is given.
    ///
    /// # Errors
    /// A reference that leads nowhere.
    pub fn text(&self, key: &str) -> Result<Option<Cow<'a, str>>, ScriptError> {
        Ok(self.value(key)?.map(|value| match &*value {
            Value::Text(text) | Value::Decimal(text) => text.clone(),
            other => Cow::Owned(plain(other).into_owned()),
        }))
    }

    /// A text that must be given.
    ///
    /// # Errors
    /// None.
    pub fn required_text(&self, key: &str) -> Result<Cow<'a, str>, ScriptError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// A truth value.
    ///
    /// # Errors
    /// Something else.
    pub fn flag(&self, key: &str) -> Result<bool, ScriptError> {
        match self.value(key)?.as_deref() {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(wrong(&[Part::Key(key)], "true or false", other)),
        }
    }

    /// One of some words; the first if none is given.
    ///
    /// # Errors
    /// Another word.
    pub fn word(&self, key: &str, words: &[&'static str]) -> Result<&'static str, ScriptError> {
        let Some(text) = self.text(key)? else { return Ok(words[0]) };
        words.iter().find(|word| **word == text).copied().ok_or_else(|| {
            let message = format!("expected {}, found `{text}`", words.join(" or "));
            let near = nearest(&text, words.iter().copied());
            ScriptError::at(&[Part::Key(key)], message).meant(near)
        })
    }

    /// The error about an argument that must be given.
    pub fn missing(&self, key: &str) -> ScriptError {
        ScriptError::at(&[], format!("`{}` needs `{key}`", self.step.call))
    }
}
