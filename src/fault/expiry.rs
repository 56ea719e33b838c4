//! What a broker deletes or forgets after a configured time: in the explorer the adversary says when.

use crate::cluster::{Cluster, Effects, Fixed, Program};
use crate::fault::{Fault, FaultClass, Target};
use crate::protocol::variant::OffsetRetention;
use crate::record::{Offset, Partition, ProducerId, TopicName};

/// The head of a log goes.
pub(super) struct Retention;
/// A partition forgets a producer.
pub(super) struct ProducerIdExpiry;
/// A group's committed offset goes.
pub(super) struct OffsetExpiry;

/// Every partition, if the broker runs.
fn partitions(cluster: &Cluster) -> Vec<(TopicName, Partition)> {
    if !cluster.node.up || cluster.node.paused {
        return Vec::new();
    }
    let topics = cluster.node.broker.topics().iter();
    topics
        .flat_map(|(&name, topic)| (0..topic.partitions.len() as i32).map(move |p| (name, p)))
        .collect()
}

impl Fault for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn doc(&self) -> &'static str {
        "Retention (or DeleteRecords) removes the records of a partition before some offset, up to its high \
         watermark. What no application has worked on by then is lost."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        let mut targets = Vec::new();
        for (name, partition) in partitions(cluster) {
            if let Some(log) = cluster.node.broker.log(name, partition) {
                let offsets = log.log_start_offset() + 1..=log.high_watermark();
                targets.extend(offsets.map(|before| Target::Head(name, partition, before)));
            }
        }
        targets
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        if let Target::Head(name, partition, before) = target {
            let before: Offset = before;
            cluster.with_broker(fixed, effects, |broker, out| {
                broker.delete_head(fixed.protocol, name, partition, before, out);
            });
        }
    }
}

impl Fault for ProducerIdExpiry {
    fn name(&self) -> &'static str {
        "producer-id-expiry"
    }

    fn doc(&self) -> &'static str {
        "A partition forgets a producer that was silent for producer.id.expiration.ms (a day by default): \
         its epoch, its sequences and its last batches."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        let mut targets = Vec::new();
        for (name, partition) in partitions(cluster) {
            if let Some(log) = cluster.node.broker.log(name, partition) {
                let ids = log.producers().producers().keys();
                let target = |&id: &ProducerId| Target::ProducerState(name, partition, id);
                targets.extend(ids.map(target));
            }
        }
        targets
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        if let Target::ProducerState(name, partition, id) = target {
            cluster.with_broker(fixed, effects, |broker, out| {
                broker.expire_producer(fixed.protocol, name, partition, id, out);
            });
        }
    }
}

impl Fault for OffsetExpiry {
    fn name(&self) -> &'static str {
        "offset-expiry"
    }

    fn doc(&self) -> &'static str {
        "A committed offset goes after offsets.retention.minutes: of a group with members only while it has \
         none (KIP-211), of a consumer that is no member at any time."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[]
    }

    fn targets(&self, cluster: &Cluster, fixed: Fixed<'_>) -> Vec<Target> {
        let mut targets = Vec::new();
        let apps = cluster.processes.iter().skip(fixed.producers.len());
        for (app, process) in fixed.apps.iter().zip(apps) {
            let counts = fixed.protocol.variants.offset_retention == OffsetRetention::FromCommit;
            let empty = !app.subscribe || counts || matches!(process.program, Program::Down);
            for (name, partition) in partitions(cluster) {
                let stored = cluster.node.broker.offsets().get(app.group, name, partition);
                if empty && stored.is_some() {
                    targets.push(Target::CommittedOffset(app.group, name, partition));
                }
            }
        }
        targets.sort_unstable();
        targets.dedup();
        targets
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        if let Target::CommittedOffset(group, name, partition) = target {
            cluster.with_broker(fixed, effects, |broker, out| {
                broker.expire_offset(fixed.protocol, group, name, partition, out);
            });
        }
    }
}
