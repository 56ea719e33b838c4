//! `[producer.NAME]` and `[app.NAME]`.

use super::Reader;
use super::fields::{Fields, Placed};
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::Side;
use crate::record::{GroupId, TopicName};
use crate::scenario::defaults;
use crate::scenario::document::Item;
use crate::scenario::modelled;
use crate::scenario::problem::ProblemKind;
use crate::scenario::vocabulary::{
    COMMIT, COMMIT_EVERY, EFFECT, ON_COMMIT_FAILURE, ON_FATAL, ON_PROCESSING_ERROR, ON_SEND_FAILURE,
};
use crate::world::setting::{AppSetting, CommitOrder, EffectKind, ProducerSetting};

impl Reader<'_> {
    pub(super) fn producers(&mut self, item: Option<Item<'_>>) {
        let tables = self.named("producer", item);
        if tables.is_empty() {
            self.no_table("producer");
        }
        for (name, mut fields) in tables {
            let source = self.source_of(&mut fields);
            let topic = self.topic_of(&mut fields);
            let batch_records = self
                .count(&mut fields, "batch.records", 1..=1000)
                .unwrap_or(defaults::BATCH_RECORDS);
            let on_send_failure = self
                .choice(&mut fields, "on-send-failure", ON_SEND_FAILURE)
                .unwrap_or(defaults::ON_SEND_FAILURE);
            let on_fatal =
                self.choice(&mut fields, "on-fatal", ON_FATAL).unwrap_or(defaults::ON_FATAL);
            let config = self.producer_config(&mut fields);
            let (Some(source), Some(topic)) = (source, topic) else { continue };
            if let Some(other) = self.producers.iter().find(|other| other.source == source) {
                let text = format!("[producer.{}] sends the records of this source", other.name);
                let kind = ProblemKind::Contradiction(text);
                let problem = self.problem(&fields.place("source"), kind);
                self.problems.push(problem);
            }
            self.producers.push(ProducerSetting {
                name,
                source,
                topic,
                config,
                batch_records,
                on_send_failure,
                on_fatal,
            });
        }
    }

    /// The source; the only one if none is named.
    fn source_of(&mut self, fields: &mut Fields) -> Option<usize> {
        match self.text(fields, "source") {
            Some(name) => {
                let found = self.sources.iter().position(|source| source.name == name.value);
                if found.is_none() {
                    let names: Vec<String> = self.sources.iter().map(|s| s.name.clone()).collect();
                    self.no_such("source", &name, &names);
                }
                found
            }
            None if fields.gives("source") => None,
            None if self.sources.len() == 1 => Some(0),
            None => {
                self.missing(fields, "source", "source = \"NAME\" with a table [source.NAME]");
                None
            }
        }
    }

    /// The topic; the only one if none is named.
    fn topic_of(&mut self, fields: &mut Fields) -> Option<TopicName> {
        match self.text(fields, "topic") {
            Some(name) => self.topic_named(&name),
            None if fields.gives("topic") => None,
            None if self.topics.len() == 1 => Some(TopicName(0)),
            None => {
                self.missing(fields, "topic", "topic = \"NAME\" with a table [topic.NAME]");
                None
            }
        }
    }

    pub(super) fn apps(&mut self, item: Option<Item<'_>>) {
        for (name, mut fields) in self.named("app", item) {
            let topics = self.topics_of(&mut fields);
            let order = self.commit_order(&mut fields);
            let commit_every = self
                .choice(&mut fields, "commit.every", COMMIT_EVERY)
                .unwrap_or(defaults::COMMIT_EVERY);
            let commit_sync =
                self.boolean(&mut fields, "commit.sync").unwrap_or(defaults::COMMIT_SYNC);
            let subscribe = self.boolean(&mut fields, "subscribe").unwrap_or(defaults::SUBSCRIBE);
            let effect = self.choice(&mut fields, "effect", EFFECT);
            let dedup = self.dedup(&mut fields);
            let output = self.output(&mut fields);
            let on_processing_error = self
                .choice(&mut fields, "on-processing-error", ON_PROCESSING_ERROR)
                .unwrap_or(defaults::ON_PROCESSING_ERROR);
            let on_commit_failure = self
                .choice(&mut fields, "on-commit-failure", ON_COMMIT_FAILURE)
                .unwrap_or(defaults::ON_COMMIT_FAILURE);
            let instances = self
                .count(&mut fields, "instances", 1..=100)
                .unwrap_or(u32::from(defaults::INSTANCES));
            let effective = self.kafka_keys(&mut fields, Side::Consumer);
            let commit = self.check_commit(&fields, order, &effective);
            let group = self.group(&fields, &effective);
            let effect = self.check_effect(&fields, commit, effect);
            if let Some(dedup) = &dedup {
                self.check_dedup(&fields, dedup, commit, effect);
            }
            let mut config = effective.consumer();
            if !effective.is_given("max.poll.records") {
                config.max_poll_records = defaults::MAX_POLL_RECORDS;
            }
            self.check_output(&fields, effect, on_processing_error, output.as_ref());
            let app = AppSetting {
                name,
                group,
                subscribe,
                topics,
                config,
                commit_sync,
                commit,
                commit_every,
                effect,
                output,
                dedup,
                on_processing_error,
                on_commit_failure,
                own: None,
                instances: u16::try_from(instances).unwrap_or(u16::MAX),
            };
            for gap in modelled::APP.iter().filter(|gap| (gap.asks)(&app)) {
                self.unmodelled(&fields, gap.key, gap.about);
            }
            self.apps.push(app);
        }
    }

    /// The topics; the only one if none is named.
    fn topics_of(&mut self, fields: &mut Fields) -> Vec<TopicName> {
        match self.texts(fields, "topics") {
            Some(names) if names.is_empty() => {
                self.missing(fields, "topics", "at least one topic");
                Vec::new()
            }
            Some(names) => {
                let mut topics: Vec<TopicName> =
                    names.iter().filter_map(|name| self.topic_named(name)).collect();
                topics.sort_unstable();
                topics.dedup();
                topics
            }
            None if fields.gives("topics") => Vec::new(),
            None if self.topics.len() == 1 => vec![TopicName(0)],
            None => {
                self.missing(fields, "topics", "topics = [\"NAME\"] with a table [topic.NAME]");
                Vec::new()
            }
        }
    }

    /// `commit`, or `commit.order` where TOML needs `commit` for a table.
    fn commit_order(&mut self, fields: &mut Fields) -> Option<CommitOrder> {
        let short = self.text(fields, "commit");
        let long = self.text(fields, "commit.order");
        let (key, placed): (_, Placed<String>) = match (short, long) {
            (Some(short), None) => ("commit", short),
            (None, Some(long)) => ("commit.order", long),
            _ => return None,
        };
        self.word(key, &placed, COMMIT)
    }

    /// An order that contradicts `enable.auto.commit` is a mistake; without an order the client's
    /// own commits are meant.
    fn check_commit(
        &mut self,
        fields: &Fields,
        order: Option<CommitOrder>,
        effective: &Effective,
    ) -> CommitOrder {
        let auto = effective.boolean("enable.auto.commit");
        match order {
            Some(order @ (CommitOrder::Auto | CommitOrder::AutoHandOff)) if !auto => {
                let text = "the application leaves commits to the client, which has \
                            enable.auto.commit=false";
                let kind = ProblemKind::Contradiction(text.to_owned());
                let problem = self.problem(&fields.place("enable.auto.commit"), kind);
                self.problems.push(problem);
                order
            }
            Some(order) => order,
            None if fields.gives("commit") || fields.gives("commit.order") => CommitOrder::Auto,
            None => {
                if !auto {
                    let expected = "commit = \"after-processing\", or another order";
                    self.missing(fields, "commit", expected);
                }
                CommitOrder::Auto
            }
        }
    }

    /// What cannot be: an offset stored with the result of a call that no store takes part in. What is
    /// idle: granularity of commits that the application does not make.
    fn check_effect(
        &mut self,
        fields: &Fields,
        commit: CommitOrder,
        effect: Option<EffectKind>,
    ) -> EffectKind {
        let expected = defaults::effect(commit);
        if commit == CommitOrder::WithResult && effect.is_some_and(|effect| effect != expected) {
            let text = "the offset is stored with the result, so the effect must be \"store\"";
            let problem =
                self.problem(&fields.place("effect"), ProblemKind::Contradiction(text.to_owned()));
            self.problems.push(problem);
        }
        let by_itself =
            matches!(commit, CommitOrder::BeforeProcessing | CommitOrder::AfterProcessing);
        for key in ["commit.every", "commit.sync"] {
            if fields.gives(key) && !by_itself {
                let text = format!("`{key}` is idle: the application makes no commits itself");
                self.warn(&fields.place(key), text);
            }
        }
        effect.unwrap_or(expected)
    }

    fn group(&mut self, fields: &Fields, effective: &Effective) -> GroupId {
        let Some(name) = effective.text("group.id").filter(|name| !name.is_empty()) else {
            self.missing(fields, "group.id", "group.id = \"NAME\"");
            return GroupId(0);
        };
        if self.groups.iter().any(|group| group == name) {
            self.unmodelled(fields, "group.id", "several consumers of a group");
        }
        self.groups.push(name.to_owned());
        let index = self.groups.len() - 1;
        GroupId(u16::try_from(index).unwrap_or(u16::MAX))
    }
}
