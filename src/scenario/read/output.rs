//! `output.*` of `[app.NAME]`: the application's own producer.

use super::Reader;
use super::fields::Fields;
use crate::protocol::config::ProducerConfig;
use crate::protocol::config_keys::Side;
use crate::protocol::variant::DefaultIdempotence;
use crate::record::TopicName;
use crate::scenario::defaults;
use crate::scenario::document::Table;
use crate::scenario::vocabulary::{ON_FATAL, ON_SEND_FAILURE};
use crate::world::setting::{AppSetting, EffectKind, OnProcessingError, OutputSetting};

const PREFIX: &str = "output.";

impl Reader<'_> {
    /// Every key that begins with `output.`: ours, and those of Kafka's producer.
    pub(super) fn output(&mut self, fields: &mut Fields) -> Option<OutputSetting> {
        let entries = fields.take_prefix(PREFIX);
        let first = entries.first()?;
        let span = first.key_span.clone();
        let title = format!("{}, {PREFIX}*", fields.title);
        let mut fields = Fields::new(title, Table { name: String::new(), span, entries });
        let topic = self.output_topic(&mut fields, "topic");
        let dead_letter = self.output_topic(&mut fields, "dead-letter");
        let wait = self.boolean(&mut fields, "wait").unwrap_or(defaults::OUTPUT_WAIT);
        let batch_records =
            self.count(&mut fields, "batch.records", 1..=1000).unwrap_or(defaults::BATCH_RECORDS);
        let on_send_failure = self
            .choice(&mut fields, "on-send-failure", ON_SEND_FAILURE)
            .unwrap_or(defaults::output_on_send_failure(wait));
        let on_fatal = self.choice(&mut fields, "on-fatal", ON_FATAL).unwrap_or(defaults::ON_FATAL);
        if !fields.gives("topic") && !fields.gives("dead-letter") {
            self.missing(&fields, "topic", "output.topic = \"NAME\", or output.dead-letter");
        }
        let config = self.producer_config(&mut fields);
        let setting = OutputSetting {
            topic,
            dead_letter,
            wait,
            config,
            batch_records,
            on_send_failure,
            on_fatal,
        };
        Some(setting)
    }

    fn output_topic(&mut self, fields: &mut Fields, key: &'static str) -> Option<TopicName> {
        let name = self.text(fields, key)?;
        self.topic_named(&name)
    }

    /// What cannot be: a topic that no record is sent to, an effect without one, a circle of one.
    pub(super) fn check_output(
        &mut self,
        fields: &Fields,
        effect: EffectKind,
        policy: OnProcessingError,
        output: Option<&OutputSetting>,
    ) {
        let topic = output.and_then(|output| output.topic);
        let dead_letter = output.and_then(|output| output.dead_letter);
        let (key, text, hint) = match (effect == EffectKind::Topic, topic) {
            (true, None) if output.is_none() || dead_letter.is_some() => {
                ("effect", "records are sent on, and nothing says where", "output.topic = \"NAME\"")
            }
            (false, Some(_)) => ("output.topic", "nothing is sent there", "effect = \"topic\""),
            _ if dead_letter.is_some() && policy != OnProcessingError::DeadLetter => (
                "output.dead-letter",
                "nothing is sent there",
                "on-processing-error = \"dead-letter\"",
            ),
            _ if dead_letter.is_some() && dead_letter == topic => {
                ("output.dead-letter", "it is the next stage's topic", "a topic of its own")
            }
            _ => return,
        };
        self.contradicts(fields, key, text.to_owned(), hint);
    }

    /// What cannot be judged yet: which of two applications has put a record into a topic, and which records
    /// the reader of a dead-letter topic ought to see.
    pub(super) fn check_neighbours(&mut self, fields: &Fields, app: &AppSetting) {
        let sends = |to: TopicName, app: &AppSetting| {
            app.output.as_ref().is_some_and(|output| output.topics().any(|topic| topic == to))
        };
        let ours = || app.output.iter().flat_map(OutputSetting::topics);
        let shared = self.apps.iter().any(|other| ours().any(|topic| sends(topic, other)));
        let dead = self
            .apps
            .iter()
            .any(|other| reads_dead_letters(other, app) || reads_dead_letters(app, other));
        if shared {
            let about = "several applications that send to one topic";
            self.unmodelled(fields, "output.topic", about);
        }
        if dead {
            self.unmodelled(fields, "topics", "an application that reads a dead-letter topic");
        }
    }

    /// The settings of a producer from what is left of its keys.
    pub(super) fn producer_config(&mut self, fields: &mut Fields) -> ProducerConfig {
        let effective = self.kafka_keys(fields, Side::Producer);
        let mut config = effective.producer();
        let forgotten = self.variants.default_idempotence == DefaultIdempotence::Forgotten;
        if forgotten && !effective.is_given("enable.idempotence") {
            config.idempotence = false;
        }
        config
    }
}

fn reads_dead_letters(reader: &AppSetting, writer: &AppSetting) -> bool {
    let dead_letter = writer.output.as_ref().and_then(|output| output.dead_letter);
    dead_letter.is_some_and(|topic| reader.topics.contains(&topic))
}
