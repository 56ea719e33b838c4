//! The components that a set of `.properties` files describes, and the setting they make.

use super::defaults;
use super::from_files::{Named, Options, Reports, Texts};
use super::problem::{Problem, ProblemKind};
use super::read::component::{Component, component};
use super::source::Source;
use crate::protocol::Protocol;
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::Side;
use crate::protocol::safeguard::SafeguardSet;
use crate::protocol::variant::Kafka;
use crate::protocol::variant::Variants;
use crate::record::{GroupId, TopicName};
use crate::world::setting::{
    AppSetting, CommitOrder, ProducerSetting, Setting, SourceSetting, TopicSetting,
};

/// The name of the application, and of its group unless the file has one.
const APP: &str = "app";

/// Each component, from its file or from Kafka's defaults.
pub(super) struct Parts {
    pub(super) producer: Component,
    pub(super) consumer: Component,
    pub(super) topic: Component,
    pub(super) server: Component,
}

impl Parts {
    pub(super) fn read(texts: &Texts<'_>, kafka: Kafka) -> Parts {
        let server = read(texts.server, Effective::defaults(Side::Broker, kafka));
        let topic = read(texts.topic, server.effective.topic_defaults());
        let producer = read(texts.producer, Effective::defaults(Side::Producer, kafka));
        let consumer = Effective::defaults(Side::Consumer, kafka).assuming("group.id", APP);
        Parts { producer, consumer: read(texts.consumer, consumer), topic, server }
    }

    pub(super) fn take_reports(&mut self) -> Reports {
        let mut all = Reports::default();
        for part in [&mut self.producer, &mut self.consumer, &mut self.topic, &mut self.server] {
            all.problems.append(&mut part.problems);
            all.gaps.append(&mut part.gaps);
            all.notices.append(&mut part.notices);
        }
        all
    }

    /// The topic's own, or the broker's default.
    pub(super) fn replicas(&self) -> u16 {
        let by_broker = self.server.effective.number("default.replication.factor");
        self.topic.replicas.or(u16::try_from(by_broker).ok()).unwrap_or(1).max(1)
    }

    /// Everything but the application.
    pub(super) fn setting(&self, options: &Options) -> Setting {
        let protocol = Protocol {
            kafka: options.kafka,
            variants: Variants::default(),
            ablated: SafeguardSet::default(),
            broker: self.server.effective.broker(),
            topics: vec![self.topic.effective.topic(self.replicas())],
        };
        let source = SourceSetting {
            name: "source".to_owned(),
            records: defaults::RECORDS,
            keys: defaults::KEYS,
            remember: defaults::REMEMBER,
        };
        let producer = ProducerSetting {
            name: "producer".to_owned(),
            source: 0,
            topic: TopicName(0),
            config: self.producer.effective.producer(),
            batch_records: defaults::BATCH_RECORDS,
            on_send_failure: defaults::ON_SEND_FAILURE,
            on_fatal: defaults::ON_FATAL,
        };
        let partitions = self.topic.partitions.unwrap_or(defaults::PARTITIONS);
        Setting {
            protocol,
            topics: vec![TopicSetting { name: "topic".to_owned(), partitions }],
            groups: Vec::new(),
            sources: vec![source],
            producers: vec![producer],
            apps: Vec::new(),
            faults: options.faults.clone().unwrap_or_else(defaults::faults),
            watched: SafeguardSet::default(),
        }
    }

    /// The same with an application of a shape.
    pub(super) fn with_app(
        &self,
        base: &Setting,
        order: CommitOrder,
        options: &Options,
    ) -> Setting {
        let effective = &self.consumer.effective;
        let mut config = effective.consumer();
        if !effective.is_given("max.poll.records") {
            config.max_poll_records = defaults::MAX_POLL_RECORDS;
        }
        let app = AppSetting {
            output: None,
            name: APP.to_owned(),
            group: GroupId(0),
            subscribe: defaults::SUBSCRIBE,
            topics: vec![TopicName(0)],
            config,
            commit_sync: defaults::COMMIT_SYNC,
            commit: order,
            commit_every: defaults::COMMIT_EVERY,
            effect: options.effect.unwrap_or(defaults::effect(order)),
            dedup: None,
            on_processing_error: defaults::ON_PROCESSING_ERROR,
            on_commit_failure: defaults::ON_COMMIT_FAILURE,
            own: None,
            instances: defaults::INSTANCES,
        };
        let group = effective.text("group.id").filter(|name| !name.is_empty()).unwrap_or(APP);
        Setting { groups: vec![group.to_owned()], apps: vec![app], ..base.clone() }
    }
}

fn read(file: Option<Named<'_>>, defaults: Effective) -> Component {
    match file {
        Some(file) if file.text.trim().is_empty() => {
            let mut empty = Component::of_defaults(defaults);
            let problem = Problem::whole(file.path, ProblemKind::Empty);
            let hint = "a comment alone is enough to ask for Kafka's defaults";
            empty.problems.push(problem.hint(hint));
            empty
        }
        Some(file) => component(&Source::new(file.path, file.text), defaults),
        None => Component::of_defaults(defaults),
    }
}
