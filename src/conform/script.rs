//! Scripts: one JSON object a line, checked against the table of calls before anything is played.
//!
//! Knows nothing of brokers. What is wrong (a text where a number must stand) is an error with its
//! place; what is merely unknown (a call, an argument, an answer's field) is *not modelled*.

use std::borrow::Cow;

use crate::conform::calls::{self, CallSpec, Kind};
use crate::conform::error::{ScriptError, nearest};
use crate::conform::json::{Part, Value, field};
use crate::protocol::message::Version;
use crate::protocol::variant::Kafka;

/// Fields of an object, in order.
pub type Fields<'a> = Vec<(Cow<'a, str>, Value<'a>)>;

/// A script.
#[derive(Clone, Debug)]
pub struct Script<'a> {
    /// Its unique name.
    pub name: Cow<'a, str>,
    /// One sentence.
    pub about: Cow<'a, str>,
    /// The rules that it shows.
    pub rules: Vec<Cow<'a, str>>,
    /// The version of Kafka that is played.
    pub kafka: Kafka,
    /// Its topics with their settings.
    pub topics: Fields<'a>,
    /// Settings of the broker.
    pub broker: Fields<'a>,
    /// What it does.
    pub steps: Vec<Step<'a>>,
    /// What the model cannot be asked, in order of steps.
    pub not_modelled: Vec<NotModelled>,
}

/// Something that the model cannot be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotModelled {
    /// The step that uses it, from 0; `None`: the script's head.
    pub step: Option<usize>,
    /// Its name: a call, `call.argument`, `call: answer.field`, a version, a setting.
    pub what: String,
    /// The nearest known name, if it is probably misspelt.
    pub nearest: Option<String>,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// Its name.
    pub call: Cow<'a, str>,
    /// Its row in the table of calls, if the model can be asked it.
    pub spec: Option<&'static CallSpec>,
    /// The version to use; 0 for a call without versions.
    pub version: Version,
    /// Its arguments.
    pub arguments: Fields<'a>,
    /// The call inside a `start` or `repeat`.
    pub inner: Option<Box<Step<'a>>>,
    /// Kafka's answer.
    pub answer: Option<Value<'a>>,
}

impl<'a> Step<'a> {
    /// An argument; `null` counts as absent.
    pub fn argument(&self, key: &str) -> Option<&Value<'a>> {
        field(&self.arguments, key).filter(|value| !matches!(value, Value::Null))
    }
}

impl<'a> Script<'a> {
    /// Reads a script out of a value; `kafka` overrides the version that it names.
    ///
    /// # Errors
    /// The first thing that is no script's.
    pub fn read(value: Value<'a>, kafka: Option<Kafka>) -> Result<Script<'a>, ScriptError> {
        let Value::Object(fields) = value else {
            return Err(ScriptError::at(
                &[],
                format!("expected an object, found {}", value.kind()),
            ));
        };
        let mut reader = HeadReader {
            script: Script {
                name: Cow::Borrowed(""),
                about: Cow::Borrowed(""),
                rules: Vec::new(),
                kafka: kafka.unwrap_or_default(),
                topics: Vec::new(),
                broker: Vec::new(),
                steps: Vec::new(),
                not_modelled: Vec::new(),
            },
            forced: kafka.is_some(),
        };
        let mut steps = None;
        for (key, value) in fields {
            match (&*key, value) {
                ("steps", value) => steps = Some(value),
                (key, value) => reader.field(key, value)?,
            }
        }
        let mut script = reader.script;
        if script.name.is_empty() {
            return Err(ScriptError::at(&[], "a script needs a `name`"));
        }
        let Some(Value::List(steps)) = steps else {
            return Err(match steps {
                None => ScriptError::at(&[], "a script needs `steps`, a list of calls"),
                Some(other) => wrong(&[Part::Key("steps")], "a list of calls", &other),
            });
        };
        for (index, value) in steps.into_iter().enumerate() {
            let path = [Part::Key("steps"), Part::Index(index)];
            let step = StepReader { script: &mut script, index }
                .step(value)
                .map_err(|error| error.within(&path))?;
            script.steps.push(step);
        }
        Ok(script)
    }

    /// How many steps can be played from the first on.
    pub fn playable(&self) -> usize {
        let first = |item: &NotModelled| item.step.unwrap_or(0);
        self.not_modelled.iter().map(first).min().unwrap_or(self.steps.len())
    }
}

/// Fields of a script's head. `since`, `alone` and `failed` are for the recording only.
const HEAD: &[&str] = &[
    "name", "about", "rules", "kafka", "topics", "broker", "features", "brokers", "steps", "since",
    "alone",
];

struct HeadReader<'a> {
    script: Script<'a>,
    forced: bool,
}

impl<'a> HeadReader<'a> {
    fn not_modelled(&mut self, what: String, nearest: Option<&str>) {
        let nearest = nearest.map(str::to_owned);
        self.script.not_modelled.push(NotModelled { step: None, what, nearest });
    }

    fn field(&mut self, key: &str, value: Value<'a>) -> Result<(), ScriptError> {
        let path = [Part::Key(key)];
        match key {
            "name" => self.script.name = text(&path, value)?,
            "about" => self.script.about = text(&path, value)?,
            "rules" => self.script.rules = texts(&path, value)?,
            "kafka" => {
                let version = text(&path, value)?;
                match Kafka::parse(&version) {
                    _ if self.forced => {}
                    Some(kafka) => self.script.kafka = kafka,
                    None => self.not_modelled(format!("kafka {version}"), None),
                }
            }
            "topics" => self.script.topics = objects(&path, value)?,
            "broker" => self.script.broker = object(&path, value)?,
            "features" => {
                for (name, level) in object(&path, value)? {
                    self.not_modelled(format!("feature {name}={}", plain(&level)), None);
                }
            }
            "brokers" => match value {
                Value::Number(1) => {}
                Value::Number(count) if count > 1 => {
                    self.not_modelled("more than one broker".to_owned(), None);
                }
                other => return Err(wrong(&path, "a number from 1", &other)),
            },
            "since" | "alone" => {}
            other => {
                let near = nearest(other, HEAD.iter().copied());
                self.not_modelled(format!("script field `{other}`"), near);
            }
        }
        Ok(())
    }
}

struct StepReader<'s, 'a> {
    script: &'s mut Script<'a>,
    index: usize,
}

impl<'a> StepReader<'_, 'a> {
    fn not_modelled(&mut self, what: String, nearest: Option<&str>) {
        let nearest = nearest.map(str::to_owned);
        self.script.not_modelled.push(NotModelled { step: Some(self.index), what, nearest });
    }

    fn step(&mut self, value: Value<'a>) -> Result<Step<'a>, ScriptError> {
        let fields = object(&[], value)?;
        let mut step = Step {
            call: Cow::Borrowed(""),
            spec: None,
            version: 0,
            arguments: Vec::with_capacity(fields.len()),
            inner: None,
            answer: None,
        };
        let mut named = false;
        for (key, value) in fields {
            match &*key {
                "call" => {
                    step.call = text(&[Part::Key("call")], value)?;
                    named = true;
                }
                "answer" => step.answer = Some(value).filter(|value| !is_null(value)),
                _ => step.arguments.push((key, value)),
            }
        }
        if !named {
            return Err(ScriptError::at(&[], "a step needs a `call`"));
        }
        step.spec = calls::find(&step.call);
        let Some(spec) = step.spec else {
            let known = calls::NOT_MODELLED.binary_search(&&*step.call).is_ok();
            let near = if known { None } else { nearest(&step.call, calls::names()) };
            self.not_modelled(step.call.to_string(), near);
            return Ok(step);
        };
        self.arguments(spec, &mut step)?;
        self.version(spec, &mut step)?;
        self.answer(&step);
        Ok(step)
    }

    fn arguments(
        &mut self,
        spec: &'static CallSpec,
        step: &mut Step<'a>,
    ) -> Result<(), ScriptError> {
        for (key, value) in &mut step.arguments {
            let known = spec.arguments.iter().chain(calls::COMMON);
            let Some((_, kind)) = known.clone().find(|(name, _)| name == key) else {
                let near = nearest(key, known.map(|(name, _)| *name));
                self.not_modelled(format!("{}.{key}", spec.name), near);
                continue;
            };
            if *kind == Kind::Step {
                let value = std::mem::replace(value, Value::Null);
                let inner = self.step(value).map_err(|e| e.within(&[Part::Key(key)]))?;
                step.inner = Some(Box::new(inner));
            } else if !is_null(value) {
                check(*kind, value).map_err(|error| error.within(&[Part::Key(key)]))?;
                if let Some((inner, near)) = unknown_within(*kind, value) {
                    self.not_modelled(format!("{}.{key}.{inner}", spec.name), near);
                }
            }
        }
        if spec.arguments.iter().any(|(_, kind)| *kind == Kind::Step) && step.inner.is_none() {
            return Err(ScriptError::at(&[], format!("`{}` needs `inner`, a call", spec.name)));
        }
        match field(&step.arguments, "broker") {
            None | Some(Value::Null | Value::Number(1)) => {}
            Some(other) => self.not_modelled(format!("broker {}", plain(other)), None),
        }
        Ok(())
    }

    fn version(&mut self, spec: &CallSpec, step: &mut Step<'a>) -> Result<(), ScriptError> {
        let Some((first, last)) = spec.range(self.script.kafka) else { return Ok(()) };
        step.version = last;
        match field(&step.arguments, "v") {
            None | Some(Value::Null) => {}
            Some(Value::Number(version)) => match Version::try_from(*version) {
                Ok(version) if (first..=last).contains(&version) => step.version = version,
                _ => {
                    let kafka = self.script.kafka.name();
                    self.not_modelled(format!("{} v{version} on {kafka}", spec.name), None);
                }
            },
            Some(other) => return Err(wrong(&[Part::Key("v")], "a version", other)),
        }
        Ok(())
    }

    /// Fields of the recorded answer that the model's answers never have.
    fn answer(&mut self, step: &Step<'a>) {
        let spec = match &*step.call {
            "repeat" => step.inner.as_ref().and_then(|inner| inner.spec),
            "await" => self.started(step),
            _ => step.spec,
        };
        let (Some(spec), Some(Value::Object(answer))) = (spec, &step.answer) else { return };
        for (key, _) in answer {
            if !spec.answer.contains(&&**key) {
                let near = nearest(key, spec.answer.iter().copied());
                self.not_modelled(format!("{}: answer.{key}", spec.name), near);
            }
        }
    }

    /// The call that an `await` waits for.
    fn started(&self, step: &Step<'a>) -> Option<&'static CallSpec> {
        let id = step.argument("id")?;
        let starts = self.script.steps.iter().rev().filter(|step| step.call == "start");
        let start = starts.into_iter().find(|s| s.argument("id").is_some_and(|i| i.same(id)))?;
        start.inner.as_ref()?.spec
    }
}

fn is_null(value: &Value<'_>) -> bool {
    matches!(value, Value::Null)
}

/// An error about a value of the wrong kind.
pub fn wrong(path: &[Part<'_>], expected: &str, found: &Value<'_>) -> ScriptError {
    ScriptError::at(path, format!("expected {expected}, found {}", found.kind()))
}

/// A text, or a number or truth value as its text.
pub fn plain<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    match value {
        Value::Text(text) | Value::Decimal(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn text<'a>(path: &[Part<'_>], value: Value<'a>) -> Result<Cow<'a, str>, ScriptError> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(wrong(path, "a text", &other)),
    }
}

fn texts<'a>(path: &[Part<'_>], value: Value<'a>) -> Result<Vec<Cow<'a, str>>, ScriptError> {
    let Value::List(values) = value else { return Err(wrong(path, "a list of texts", &value)) };
    let one =
        |(index, value)| text(&[Part::Index(index)], value).map_err(|error| error.within(path));
    values.into_iter().enumerate().map(one).collect()
}

fn object<'a>(path: &[Part<'_>], value: Value<'a>) -> Result<Fields<'a>, ScriptError> {
    match value {
        Value::Object(fields) => Ok(fields),
        other => Err(wrong(path, "an object", &other)),
    }
}

fn objects<'a>(path: &[Part<'_>], value: Value<'a>) -> Result<Fields<'a>, ScriptError> {
    let fields = object(path, value)?;
    for (key, value) in &fields {
        if !matches!(value, Value::Object(_)) {
            return Err(wrong(&[Part::Key(key)], "an object", value).within(path));
        }
    }
    Ok(fields)
}

/// Whether a text refers to an earlier answer.
pub fn is_reference(text: &str) -> bool {
    text.strip_prefix('$')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(step, _)| !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether an argument looks as it must; references are resolved later.
fn check(kind: Kind, value: &Value<'_>) -> Result<(), ScriptError> {
    match (kind, value) {
        (Kind::Number | Kind::Bool | Kind::Records | Kind::Pairs, Value::Text(text))
        | (Kind::Partitions | Kind::Offsets, Value::Text(text))
            if is_reference(text) =>
        {
            Ok(())
        }
        (Kind::Text | Kind::Producer, Value::Text(_) | Value::Number(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Step, Value::Object(_)) => Ok(()),
        (Kind::Texts, Value::List(values)) => {
            each(values, "a text", |value| matches!(value, Value::Text(_) | Value::Number(_)))
        }
        (Kind::Records, Value::List(values)) => {
            values.iter().enumerate().try_for_each(|(index, value)| {
                record(value).map_err(|error| error.within(&[Part::Index(index)]))
            })
        }
        (Kind::Pairs | Kind::Partitions, Value::List(values)) => {
            each(values, "a pair of topic and partition", |value| match value {
                Value::List(pair) => {
                    matches!(pair[..], [Value::Text(_), Value::Number(_)])
                }
                _ => false,
            })
        }
        (Kind::Partitions, Value::Object(fields)) => fields.iter().try_for_each(|(key, value)| {
            let Value::List(values) = value else {
                return Err(wrong(&[Part::Key(key)], "a list of partitions", value));
            };
            each(values, "a partition", |value| matches!(value, Value::Number(_)))
                .map_err(|error| error.within(&[Part::Key(key)]))
        }),
        (Kind::Offsets, Value::Object(fields)) => fields.iter().try_for_each(|(key, value)| {
            offsets(value).map_err(|error| error.within(&[Part::Key(key)]))
        }),
        (Kind::Config, Value::Object(_)) => Ok(()),
        (kind, other) => Err(wrong(&[], expected(kind), other)),
    }
}

fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Number => "a number",
        Kind::Bool => "true or false",
        Kind::Producer => "a producer's name or number",
        Kind::Texts => "a list of texts",
        Kind::Records => "a list of records",
        Kind::Pairs => "a list of [topic, partition]",
        Kind::Partitions => "partitions by topic, as {\"t\": [0]}",
        Kind::Offsets => "offsets by topic and partition, as {\"t\": {\"0\": 5}}",
        Kind::Config => "settings, as {\"retention.ms\": \"1000\"}",
        Kind::Step => "a call",
    }
}

fn each(
    values: &[Value<'_>],
    expected: &str,
    fits: impl Fn(&Value<'_>) -> bool,
) -> Result<(), ScriptError> {
    match values.iter().enumerate().find(|(_, value)| !fits(value)) {
        Some((index, value)) => Err(wrong(&[Part::Index(index)], expected, value)),
        None => Ok(()),
    }
}

const RECORD: &[&str] = &["key", "value", "timestamp", "size"];
const OFFSET: &[&str] = &["offset", "leader_epoch", "metadata"];

/// A field of a record or of a committed offset that the model does not know, and the nearest
/// known.
fn unknown_within<'v>(kind: Kind, value: &'v Value<'_>) -> Option<(&'v str, Option<&'static str>)> {
    fn unknown<'v>(
        value: &'v Value<'_>,
        known: &'static [&'static str],
    ) -> Option<(&'v str, Option<&'static str>)> {
        let Value::Object(fields) = value else { return None };
        let (key, _) = fields.iter().find(|(key, _)| !known.contains(&&**key))?;
        Some((key, nearest(key, known.iter().copied())))
    }
    match (kind, value) {
        (Kind::Records, Value::List(records)) => records.iter().find_map(|r| unknown(r, RECORD)),
        (Kind::Offsets, Value::Object(topics)) => topics.iter().find_map(|(_, partitions)| {
            let Value::Object(partitions) = partitions else { return None };
            partitions.iter().find_map(|(_, offset)| unknown(offset, OFFSET))
        }),
        _ => None,
    }
}

/// A value, or an object of `key`, `value`, `timestamp`, `size`.
fn record(value: &Value<'_>) -> Result<(), ScriptError> {
    let Value::Object(fields) = value else {
        return match value {
            Value::Text(_) | Value::Number(_) | Value::Null => Ok(()),
            other => Err(wrong(&[], "a record: a text, null, or {key, value}", other)),
        };
    };
    for (key, value) in fields {
        let path = [Part::Key(key)];
        match (&**key, value) {
            ("key" | "value", Value::Text(_) | Value::Number(_) | Value::Null)
            | ("timestamp", Value::Number(-1..)) => {}
            ("size", Value::Number(size)) if (0..=100_000_000).contains(size) => {}
            ("key" | "value", other) => return Err(wrong(&path, "a text or null", other)),
            ("timestamp", other) => {
                return Err(wrong(&path, "milliseconds, or -1 for none", other));
            }
            ("size", other) => return Err(wrong(&path, "bytes, from 0 to 100000000", other)),
            _ => {}
        }
    }
    Ok(())
}

fn offsets(value: &Value<'_>) -> Result<(), ScriptError> {
    let Value::Object(partitions) = value else {
        return Err(wrong(&[], "offsets by partition, as {\"0\": 5}", value));
    };
    for (partition, offset) in partitions {
        let path = [Part::Key(partition)];
        if partition.parse::<i32>().is_err() {
            return Err(ScriptError::at(&path, format!("`{partition}` is no partition")));
        }
        match offset {
            Value::Number(_) => {}
            Value::Text(text) if is_reference(text) => {}
            Value::Object(fields) => {
                for (key, value) in fields {
                    match (&**key, value) {
                        ("offset" | "leader_epoch", Value::Number(_))
                        | ("metadata", Value::Text(_)) => {}
                        ("offset" | "leader_epoch", other) => {
                            return Err(wrong(&[Part::Key(key)], "a number", other).within(&path));
                        }
                        ("metadata", other) => {
                            return Err(wrong(&[Part::Key(key)], "a text", other).within(&path));
                        }
                        _ => {}
                    }
                }
                if field(fields, "offset").is_none() {
                    return Err(ScriptError::at(&path, "a committed offset needs `offset`"));
                }
            }
            other => return Err(wrong(&path, "an offset", other)),
        }
    }
    Ok(())
}
