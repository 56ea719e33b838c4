//! What an administrator does to a topic under its users.

use crate::cluster::{Cluster, Effect, Effects, Fixed};
use crate::fault::{Fault, FaultClass, Target};
use crate::protocol::message::{CreatePartitionsRequest, Request};

/// A topic gets one more partition.
pub(super) struct PartitionGrowth;
/// A topic is deleted, and created anew later.
pub(super) struct TopicDeletion;

/// Every topic that exists, if the broker runs.
fn topics(cluster: &Cluster) -> Vec<Target> {
    if !cluster.node.up || cluster.node.paused {
        return Vec::new();
    }
    cluster.node.broker.topics().keys().map(|&name| Target::Topic(name)).collect()
}

impl Fault for PartitionGrowth {
    fn name(&self) -> &'static str {
        "partition-growth"
    }

    fn doc(&self) -> &'static str {
        "A topic gets one more partition: a key's later records go elsewhere than its earlier ones."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        topics(cluster)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        let Target::Topic(topic) = target else { return };
        let count = cluster.node.broker.topics()[&topic].partitions.len() as i32 + 1;
        effects.push(Effect::PartitionsAdded(topic, count));
        let request = Request::CreatePartitions(CreatePartitionsRequest { topic, count });
        cluster.administer(fixed, request, effects);
    }
}

impl Fault for TopicDeletion {
    fn name(&self) -> &'static str {
        "topic-deletion"
    }

    fn doc(&self) -> &'static str {
        "A topic is deleted with its records and its committed offsets. Heals by its creation under the same \
         name, empty and with another topic id."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        topics(cluster)
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        let Target::Topic(topic) = target else { return };
        cluster.deleted.insert(topic);
        effects.push(Effect::TopicDeleted(topic));
        cluster.administer(fixed, Request::DeleteTopic(topic), effects);
    }
}
