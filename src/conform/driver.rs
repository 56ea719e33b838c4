//! A client and an operator who perform a script on the model's broker, with a virtual clock.
//!
//! Decides nothing about Kafka: it sends the protocol's requests to the protocol's [`Broker`],
//! fires the broker's own timers when they are due, and reads the responses.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::conform::arguments::{Arguments, Blocked};
use crate::conform::clock::FetchWait;
use crate::conform::error::ScriptError;
use crate::conform::json::{Part, Value};
use crate::conform::mapping::{
    AWAIT_LOG_START_MS, CALL_MS, DISCONNECT_MS, EPOCH, LOOK_MS, MAX_PASS_MS, Names, PATIENCE_MS,
    RESTART_MS, narrow,
};
use crate::conform::script::{Script, Step, plain};
use crate::conform::settings::broker_settings;
use crate::protocol::Protocol;
use crate::protocol::broker::{Broker, Stop};
use crate::protocol::config::TopicConfig;
use crate::protocol::message::{
    Connection, Correlation, CreateTopicRequest, IsolationLevel, ListOffsetsPartition,
    ListOffsetsRequest, MetadataRequest, OffsetSpec, Request, Response, TopicPartition, TopicRef,
};
use crate::protocol::note::Note;
use crate::protocol::outbox::Outbox;
use crate::protocol::safeguard::SafeguardSet;
use crate::record::{Offset, Partition, Timestamp, TopicName};

/// How often `repeat` may repeat.
const MAX_TIMES: i64 = 1_000_000;

/// Versions in which the driver asks its own questions.
const OWN_VERSION: i16 = 9;

/// Bytes of a batch's header.
const HEADER_BYTES: i64 = 61;

/// What compression may add to a batch, and what a marker has.
const FRAME_BYTES: u64 = 100;

/// What is known of the sizes of a topic's batches.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Sizes {
    /// All of them have at most so many bytes.
    at_most: u64,
    /// Whether one is compressed.
    compressed: bool,
}

/// A call that was begun with `start`.
struct Started<'a> {
    step: Step<'a>,
    pub(super) connection: Connection,
    pub(super) correlation: Correlation,
}

/// What performs one script.
pub struct Driver<'a> {
    pub(super) protocol: Protocol,
    /// The model.
    pub broker: Broker,
    /// Names of this run.
    pub names: Names<'a>,
    /// The virtual clock.
    pub now: Timestamp,
    /// What happened inside the broker at the last step, for traces.
    pub notes: Vec<(Timestamp, Note)>,
    /// The model's answers, by step.
    pub answers: Vec<Option<Value<'a>>>,
    pub(super) topic_defaults: TopicConfig,
    pub(super) sizes: BTreeMap<TopicName, Sizes>,
    pub(super) connection: Connection,
    pub(super) last_connection: u16,
    pub(super) correlation: u32,
    pub(super) fires: u32,
    pub(super) responses: BTreeMap<Correlation, Response>,
    pub(super) closed: Vec<Connection>,
    started: Vec<(Cow<'a, str>, Started<'a>)>,
    pub(super) waits: Vec<FetchWait>,
    pub(super) out: Outbox,
    pub(super) not_modelled: Option<&'static str>,
}

impl<'a> Driver<'a> {
    /// A fresh broker with the script's settings and topics.
    ///
    /// # Errors
    /// A wrong setting, or one that is not modelled.
    pub fn new(script: &Script<'a>, ablated: SafeguardSet) -> Result<Driver<'a>, Blocked> {
        let mut protocol = Protocol { kafka: script.kafka, ablated, ..Protocol::default() };
        let topic_defaults = broker_settings(&mut protocol, script)?;
        let broker = Broker::new(&protocol, EPOCH);
        let mut driver = Driver {
            protocol,
            broker,
            names: Names::new(),
            now: EPOCH,
            notes: Vec::new(),
            answers: Vec::with_capacity(script.steps.len()),
            topic_defaults,
            sizes: BTreeMap::new(),
            connection: Connection(0),
            last_connection: 0,
            correlation: 0,
            fires: 0,
            responses: BTreeMap::new(),
            closed: Vec::new(),
            started: Vec::new(),
            waits: Vec::new(),
            out: Outbox::default(),
            not_modelled: None,
        };
        for (name, spec) in &script.topics {
            let path = [Part::Key("topics"), Part::Key(name)];
            driver.make_topic(name, spec).map_err(|blocked| match blocked {
                Blocked::Input(error) => Blocked::Input(error.within(&path)),
                other => other,
            })?;
        }
        Ok(driver)
    }

    fn make_topic(&mut self, name: &Cow<'a, str>, spec: &Value<'a>) -> Result<(), Blocked> {
        let topic = self.topic(name)?;
        let partitions = self.configure_topic(topic, spec)?;
        let request = Request::CreateTopic(CreateTopicRequest { topic, partitions });
        match self.ask(request) {
            Some(Response::CreateTopic(crate::protocol::error_code::ErrorCode::None)) => {}
            Some(Response::CreateTopic(error)) => {
                return Err(ScriptError::at(&[], format!("the topic is refused: {error}")).into());
            }
            _ => return Err(ScriptError::at(&[], "the topic cannot be made").into()),
        }
        self.learn(topic);
        Ok(())
    }

    /// Performs a step; `None` if it has no answer.
    ///
    /// # Errors
    /// A wrong script, or something that is not modelled.
    pub fn perform(&mut self, step: &Step<'a>) -> Result<Option<Value<'a>>, Blocked> {
        self.notes.clear();
        let mut answer = self.call(step)?;
        if let Some(what) = self.not_modelled {
            return Err(Blocked::NotModelled(what.to_owned()));
        }
        if let Some(Value::Object(fields)) = &mut answer
            && let Some(Value::List(ignored)) = step.argument("answer_ignore")
        {
            fields.retain(|(key, _)| !ignored.iter().any(|name| plain(name) == *key));
        }
        Ok(answer)
    }

    /// Performs a call, again while its answer has an error of `retry_on`.
    fn call(&mut self, step: &Step<'a>) -> Result<Option<Value<'a>>, Blocked> {
        let end = self.now.saturating_add(PATIENCE_MS);
        loop {
            let answer = self.call_once(step)?;
            let Some(Value::List(errors)) = step.argument("retry_on") else { return Ok(answer) };
            let again = answer.as_ref().is_some_and(|answer| mentions(answer, errors));
            if !again || self.now > end || self.not_modelled.is_some() {
                return Ok(answer);
            }
            self.advance(LOOK_MS)?;
        }
    }

    fn call_once(&mut self, step: &Step<'a>) -> Result<Option<Value<'a>>, Blocked> {
        let answers = std::mem::take(&mut self.answers);
        let given = Arguments { step, answers: &answers };
        let result = self.call_given(given);
        self.answers = answers;
        result
    }

    fn call_given(&mut self, given: Arguments<'_, 'a>) -> Result<Option<Value<'a>>, Blocked> {
        let step = given.step;
        match &*step.call {
            "pass-time" => {
                let ms: Timestamp = given.required("ms")?;
                if !(0..=MAX_PASS_MS).contains(&ms) {
                    let message = format!("expected milliseconds up to {MAX_PASS_MS}, found {ms}");
                    return Err(ScriptError::at(&[Part::Key("ms")], message).into());
                }
                self.advance(ms)?;
                Ok(None)
            }
            "settle" => self.settle().map(|()| None),
            "await-log-start" => self.await_log_start(given).map(Some),
            "restart-broker" => self.restart(given).map(|()| None),
            "disconnect" => {
                self.disconnect(self.connection);
                self.connect();
                self.advance(DISCONNECT_MS)?;
                Ok(None)
            }
            "repeat" => {
                let times: i64 = given.required("times")?;
                if times > MAX_TIMES {
                    let message = format!("expected at most {MAX_TIMES} times, found {times}");
                    return Err(ScriptError::at(&[Part::Key("times")], message).into());
                }
                let inner = step.inner.as_deref().ok_or_else(|| given.missing("inner"))?;
                let mut answer = None;
                for _ in 0..times {
                    // `call_once` has taken the answers that the inner call may refer to.
                    answer = self.repeat_once(inner, given.answers)?;
                }
                Ok(answer)
            }
            "start" => self.start(given).map(|()| None),
            "await" => self.await_started(given).map(Some),
            _ => self.api(given).map(Some),
        }
    }

    fn repeat_once(
        &mut self,
        inner: &Step<'a>,
        answers: &[Option<Value<'a>>],
    ) -> Result<Option<Value<'a>>, Blocked> {
        let at_inner = |blocked| match blocked {
            Blocked::Input(error) => Blocked::Input(error.within(&[Part::Key("inner")])),
            other => other,
        };
        if inner.inner.is_some() {
            return Err(Blocked::NotModelled(format!("{} inside repeat", inner.call)));
        }
        self.call_given(Arguments { step: inner, answers }).map_err(at_inner)
    }

    /// A call that is an API of Kafka's.
    fn api(&mut self, given: Arguments<'_, 'a>) -> Result<Value<'a>, Blocked> {
        self.advance(CALL_MS)?;
        let Some(request) = self.request(given)? else {
            return Err(Blocked::NotModelled(given.step.call.to_string()));
        };
        let unanswered = matches!(&request, Request::Produce(produce) if produce.acks == 0);
        let connection = self.connection;
        let correlation = self.send(connection, request, given.number("max_wait_ms", 0)?);
        if unanswered {
            let mut answer = vec![("error".into(), Value::fixed("NO_ANSWER"))];
            if self.closed.contains(&connection) {
                answer.push(("closed".into(), Value::Bool(true)));
                self.connect();
            }
            return Ok(Value::Object(answer));
        }
        let response = self.wait(connection, correlation)?;
        self.answered(given.step, connection, response)
    }

    /// The answer of a step, and what its success changes for a client.
    fn answered(
        &mut self,
        step: &Step<'a>,
        connection: Connection,
        response: Option<Response>,
    ) -> Result<Value<'a>, Blocked> {
        if matches!(&*step.call, "create-topic" | "create-partitions") {
            let topic = self.topic(&Arguments { step, answers: &[] }.required_text("topic")?)?;
            if step.call == "create-topic" {
                self.names.forget(topic);
            }
            self.learn(topic);
        }
        match response {
            Some(response) => self.answer(step, response),
            None if self.closed.contains(&connection) => {
                if connection == self.connection {
                    self.connect();
                }
                Ok(Value::Object(vec![("error".into(), Value::fixed("(connection closed)"))]))
            }
            None => Ok(Value::Object(vec![("error".into(), Value::fixed("(no answer)"))])),
        }
    }

    fn start(&mut self, given: Arguments<'_, 'a>) -> Result<(), Blocked> {
        let id = given.required_text("id")?;
        let inner = given.step.inner.as_deref().ok_or_else(|| given.missing("inner"))?;
        self.advance(CALL_MS)?;
        let request = self.request(Arguments { step: inner, answers: given.answers })?;
        let Some(request) = request else {
            return Err(Blocked::NotModelled(format!("{} inside start", inner.call)));
        };
        if inner.argument("retry_on").is_some() {
            return Err(Blocked::NotModelled("retry_on inside start".to_owned()));
        }
        if matches!(&request, Request::Produce(produce) if produce.acks == 0) {
            return Err(Blocked::NotModelled("acks=0 inside start".to_owned()));
        }
        let max_wait =
            Arguments { step: inner, answers: given.answers }.number("max_wait_ms", 0)?;
        let connection = self.next_connection();
        let correlation = self.send(connection, request, max_wait);
        let started = Started { step: inner.clone(), connection, correlation };
        self.started.retain(|(name, _)| *name != id);
        self.started.push((id, started));
        self.advance(given.number("ms", 50)?.clamp(0, MAX_PASS_MS))
    }

    fn await_started(&mut self, given: Arguments<'_, 'a>) -> Result<Value<'a>, Blocked> {
        let id = given.required_text("id")?;
        let Some(index) = self.started.iter().position(|(name, _)| *name == id) else {
            let message = format!("nothing was started as `{id}`");
            return Err(ScriptError::at(&[Part::Key("id")], message).into());
        };
        let (_, started) = self.started.remove(index);
        let response = self.wait(started.connection, started.correlation)?;
        self.answered(&started.step, started.connection, response)
    }

    fn restart(&mut self, given: Arguments<'_, 'a>) -> Result<(), Blocked> {
        let how = match given.word("how", &["clean", "kill"])? {
            "clean" => Stop::Clean,
            _ => Stop::Kill,
        };
        self.broker.stop(&self.protocol, self.now, how);
        self.waits.clear();
        self.now = self.now.saturating_add(RESTART_MS);
        self.broker.start(&self.protocol, self.now, &mut self.out);
        self.collect();
        self.connect();
        Ok(())
    }

    fn await_log_start(&mut self, given: Arguments<'_, 'a>) -> Result<Value<'a>, Blocked> {
        let topic = self.topic(&given.required_text("topic")?)?;
        let partition: Partition = given.required("partition")?;
        let wanted: Offset = given.integer("offset", 0)?;
        let end = self.now.saturating_add(AWAIT_LOG_START_MS);
        loop {
            let isolation = IsolationLevel::ReadUncommitted;
            let offset = self.look(topic, partition, OffsetSpec::Earliest, isolation);
            if offset >= wanted || self.now > end {
                let error =
                    if offset >= wanted { "NONE" } else { "(the log does not start there)" };
                return Ok(Value::Object(vec![
                    ("error".into(), Value::fixed(error)),
                    ("offset".into(), Value::Number(offset)),
                ]));
            }
            self.advance(LOOK_MS)?;
        }
    }

    /// Waits until the ends that readers see are the same at three looks.
    fn settle(&mut self) -> Result<(), Blocked> {
        let end = self.now.saturating_add(PATIENCE_MS);
        let mut before = None;
        let mut quiet = 0;
        while quiet < 3 && self.now <= end {
            let mut now = Vec::new();
            for topic in 0..self.names.topics.len() {
                let Ok(topic) = u16::try_from(topic).map(TopicName) else { break };
                for partition in 0..self.partitions(topic) {
                    for isolation in
                        [IsolationLevel::ReadCommitted, IsolationLevel::ReadUncommitted]
                    {
                        now.push(self.look(topic, partition, OffsetSpec::Latest, isolation));
                    }
                }
            }
            quiet = if before.as_ref() == Some(&now) { quiet + 1 } else { 0 };
            before = Some(now);
            self.advance(LOOK_MS)?;
        }
        Ok(())
    }

    // The client's own questions. They take no time.

    /// ListOffsets; -1 on an error.
    fn look(
        &mut self,
        topic: TopicName,
        partition: Partition,
        spec: OffsetSpec,
        isolation_level: IsolationLevel,
    ) -> Offset {
        let partition = TopicPartition { topic: TopicRef::Name(topic), partition };
        let response = self.ask(Request::ListOffsets(ListOffsetsRequest {
            version: OWN_VERSION,
            isolation_level,
            partitions: vec![ListOffsetsPartition { partition, spec, current_leader_epoch: -1 }],
        }));
        match response {
            Some(Response::ListOffsets(answers)) => answers.first().map_or(-1, |one| one.offset),
            _ => -1,
        }
    }

    fn metadata(&mut self, topic: TopicName) -> Option<crate::protocol::message::MetadataAnswer> {
        let request = MetadataRequest { version: OWN_VERSION, topics: vec![topic] };
        match self.ask(Request::Metadata(request)) {
            Some(Response::Metadata(answers)) => {
                answers.into_iter().find(|answer| answer.topic == topic)
            }
            _ => None,
        }
    }

    fn partitions(&mut self, topic: TopicName) -> Partition {
        let count = self.metadata(topic).map_or(0, |answer| answer.partitions.len());
        Partition::try_from(count).unwrap_or(0)
    }

    /// Remembers a topic's id, if it exists.
    fn learn(&mut self, topic: TopicName) {
        if let Some(id) = self.metadata(topic).and_then(|answer| answer.topic_id) {
            self.names.remember(topic, id);
        }
    }

    fn ask(&mut self, request: Request) -> Option<Response> {
        let correlation = self.hand_over(self.connection, request);
        self.responses.remove(&correlation)
    }

    // Names.

    /// The model's number of a topic, which has its settings from then on.
    pub(super) fn topic(&mut self, name: &Cow<'a, str>) -> Result<TopicName, Blocked> {
        if name.starts_with("__") {
            return Err(Blocked::NotModelled(format!("topic {name}")));
        }
        let number = narrow(self.names.topics.number(name))
            .map_err(|_| Blocked::NotModelled("more than 65536 topics".to_owned()))?;
        if usize::from(number) == self.protocol.topics.len() {
            self.protocol.topics.push(self.topic_defaults.clone());
        }
        Ok(TopicName(number))
    }

    /// A topic as a request of a version names it.
    pub(super) fn topic_ref(&mut self, topic: TopicName, by_id: bool) -> TopicRef {
        if !by_id {
            return TopicRef::Name(topic);
        }
        if self.names.remembered(topic).is_none() {
            self.learn(topic);
        }
        TopicRef::Id(match self.names.remembered(topic) {
            Some(id) => id,
            None => self.names.nobody(topic),
        })
    }

    /// A batch goes to a topic. Of a compressed one only the uncompressed size is known.
    pub(super) fn note_size(
        &mut self,
        topic: TopicName,
        size: u64,
        compressed: bool,
    ) -> Result<(), Blocked> {
        let sizes = self.sizes.entry(topic).or_default();
        sizes.at_most = sizes.at_most.saturating_add(size).saturating_add(FRAME_BYTES);
        sizes.compressed |= compressed;
        if compressed && size > self.protocol.topic(topic).max_message_bytes {
            return Err(Blocked::NotModelled("size of a compressed batch".to_owned()));
        }
        Ok(())
    }

    /// A fetch takes so many bytes. Whatever a batch's size is, fewer than its header give one batch,
    /// and more than all batches together give all.
    pub(super) fn sizes_matter(&mut self, topic: TopicName, bytes: i64) -> Result<(), Blocked> {
        let Some(sizes) = self.sizes.get(&topic).filter(|sizes| sizes.compressed) else {
            return Ok(());
        };
        let all = u64::try_from(bytes).is_ok_and(|bytes| bytes >= sizes.at_most);
        if bytes <= HEADER_BYTES || all {
            return Ok(());
        }
        Err(Blocked::NotModelled("size of a compressed batch".to_owned()))
    }
}

/// Whether an answer has one of these texts, at any depth.
fn mentions(value: &Value<'_>, texts: &[Value<'_>]) -> bool {
    match value {
        Value::Text(_) => texts.iter().any(|text| text.same(value)),
        Value::List(values) => values.iter().any(|value| mentions(value, texts)),
        Value::Object(fields) => fields.iter().any(|(_, value)| mentions(value, texts)),
        _ => false,
    }
}
