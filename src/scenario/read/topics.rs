//! `[topic.NAME]` and `[source.NAME]`.

use super::Reader;
use super::fields::Placed;
use crate::protocol::config_effective::Effective;
use crate::protocol::config_keys::Side;
use crate::record::TopicName;
use crate::scenario::defaults;
use crate::scenario::document::Item;
use crate::scenario::modelled;
use crate::scenario::nearest::nearest;
use crate::scenario::problem::{Problem, ProblemKind};
use crate::scenario::vocabulary::REMEMBER;
use crate::world::setting::{SourceSetting, TopicSetting};

impl Reader<'_> {
    /// `[server]`, which is one for all brokers.
    pub(super) fn server(&mut self, item: Option<Item<'_>>) -> Effective {
        match self.flat("server", item) {
            Some(mut fields) => self.kafka_keys(&mut fields, Side::Broker),
            None => Effective::defaults(Side::Broker, self.kafka),
        }
    }

    pub(super) fn topics(&mut self, item: Option<Item<'_>>, server: &Effective) {
        for (name, mut fields) in self.named("topic", item) {
            let partitions = self
                .count(&mut fields, "partitions", 1..=1000)
                .unwrap_or(u32::from(defaults::PARTITIONS));
            let replicas = self
                .count(&mut fields, "replication.factor", 1..=100)
                .or_else(|| u32::try_from(server.number("default.replication.factor")).ok())
                .unwrap_or(1);
            let effective = self.kafka_keys_on(&mut fields, server.topic_defaults());
            let replicas = u16::try_from(replicas).unwrap_or(u16::MAX);
            if replicas > modelled::REPLICAS {
                self.unmodelled(&fields, "replication.factor", "several replicas of a partition");
            }
            let partitions = u16::try_from(partitions).unwrap_or(u16::MAX);
            self.topics.push(TopicSetting { name, partitions });
            self.topic_configs.push(effective.topic(replicas));
        }
        if self.topics.is_empty() {
            self.no_table("topic");
        }
    }

    /// The topic of a name.
    pub(super) fn topic_named(&mut self, name: &Placed<String>) -> Option<TopicName> {
        let found = self.topics.iter().position(|topic| topic.name == name.value);
        let Some(index) = found else {
            let names: Vec<String> = self.topics.iter().map(|topic| topic.name.clone()).collect();
            self.no_such("topic", name, &names);
            return None;
        };
        u16::try_from(index).ok().map(TopicName)
    }

    pub(super) fn no_such(&mut self, what: &'static str, name: &Placed<String>, names: &[String]) {
        let shown = crate::scenario::source::quoted(&name.value);
        let meant = nearest(&name.value, names.iter().map(String::as_str)).map(str::to_owned);
        let mut problem = self.problem(&name.span, ProblemKind::NoSuch { what, name: shown });
        problem.nearest = meant;
        if !names.is_empty() {
            problem.expected = Some(format!("one of {}", names.join(", ")));
        }
        self.problems.push(problem);
    }

    pub(super) fn no_table(&mut self, what: &str) {
        let kind =
            ProblemKind::Missing { key: format!("[{what}.NAME]"), table: "the file".to_owned() };
        self.problems.push(Problem::whole(self.source.path(), kind));
    }

    pub(super) fn sources(&mut self, item: Option<Item<'_>>) {
        for (name, mut fields) in self.named("source", item) {
            let records =
                self.count(&mut fields, "records", 1..=1_000_000).unwrap_or(defaults::RECORDS);
            let keys = self.count(&mut fields, "keys", 0..=1_000_000).unwrap_or(defaults::KEYS);
            let remember =
                self.choice(&mut fields, "remember", REMEMBER).unwrap_or(defaults::REMEMBER);
            self.finish(fields);
            self.sources.push(SourceSetting { name, records, keys, remember });
        }
    }
}
