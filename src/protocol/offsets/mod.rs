//! Committed offsets (`OffsetMetadataManager.java`, `ClassicGroup.java`): those of the newer coordinator,
//! which 3.9 runs with `group.coordinator.rebalance.protocols=classic,consumer`.
//!
//! Knows nothing of logs, topics or requests. Kafka writes every change to `__consumer_offsets` and
//! rebuilds this from there; with one replica and a page cache that survives, both hold the same.

use std::collections::BTreeMap;

use crate::protocol::Protocol;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{CommittedOffset, Metadata, OffsetCommitRequest};
use crate::protocol::outbox::Outbox;
use crate::protocol::safeguard::Safeguard;
use crate::record::{GroupId, MemberId, Offset, Partition, Rename, Swap, Timestamp, TopicName};

/// A committed offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StoredOffset {
    /// The next record to read, as the client said.
    pub offset: Offset,
    /// Term of the leader that the client had read from; -1: not given.
    pub leader_epoch: i32,
    /// The client's text.
    pub metadata: Metadata,
    /// When it was committed.
    pub commit_time: Timestamp,
}

impl StoredOffset {
    /// As a fetch returns it.
    pub fn committed(&self) -> CommittedOffset {
        CommittedOffset {
            offset: self.offset,
            leader_epoch: self.leader_epoch,
            metadata: self.metadata,
        }
    }
}

/// A group without members, or with one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Group {
    /// Whether a record of it was ever written; else a restart forgets it.
    persisted: bool,
    /// The only member with the generation in which it joined.
    member: Option<(MemberId, i32)>,
    offsets: BTreeMap<(TopicName, Partition), StoredOffset>,
}

impl Group {
    /// Its committed offsets.
    pub fn offsets(&self) -> &BTreeMap<(TopicName, Partition), StoredOffset> {
        &self.offsets
    }
}

/// Every group's committed offsets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Offsets {
    groups: BTreeMap<GroupId, Group>,
    /// If a loss of power is to be reckoned with: what each commit replaced that is not flushed, in order
    /// (`__consumer_offsets` is flushed when the operating system likes).
    unflushed: Option<Vec<Replaced>>,
}

/// A commit, by what it replaced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
struct Replaced {
    group: GroupId,
    partition: (TopicName, Partition),
    before: Option<StoredOffset>,
}

impl Offsets {
    /// Whether others are the same but for groups.
    pub fn is_same_without_groups(&self, other: &Offsets) -> bool {
        let Offsets { groups: _, unflushed } = self;
        *unflushed == other.unflushed
    }

    /// The groups.
    pub fn groups(&self) -> &BTreeMap<GroupId, Group> {
        &self.groups
    }

    /// A group.
    pub fn group(&self, group: GroupId) -> Option<&Group> {
        self.groups.get(&group)
    }

    /// Takes all groups out.
    pub fn take_groups(&mut self) -> BTreeMap<GroupId, Group> {
        std::mem::take(&mut self.groups)
    }

    /// Puts a group in place of the one of this name.
    pub fn set_group(&mut self, id: GroupId, group: Option<Group>) {
        match group {
            Some(group) => self.groups.insert(id, group),
            None => self.groups.remove(&id),
        };
    }

    /// A committed offset.
    pub fn get(
        &self,
        group: GroupId,
        topic: TopicName,
        partition: Partition,
    ) -> Option<&StoredOffset> {
        self.group(group)?.offsets.get(&(topic, partition))
    }

    /// A member joins a group of one. The one before it, if any, is gone by then: Kafka waits for its
    /// session to end (`ClassicGroup.java`).
    pub fn join(&mut self, group: GroupId) -> (MemberId, i32) {
        let group = self.groups.entry(group).or_default();
        let generation = group.member.map_or(1, |(_, generation)| generation + 1);
        let member = (MemberId(generation as u16), generation);
        group.member = Some(member);
        group.persisted = true;
        member
    }

    /// A group's only member, and the generation in which it joined.
    pub fn member(&self, group: GroupId) -> Option<(MemberId, i32)> {
        self.groups.get(&group)?.member
    }

    /// Counts the generations of a group anew from the given one on. Generations are only ever compared,
    /// so a group whose older ones nobody remembers is in the same state whatever its number.
    pub fn renumber(&mut self, group: GroupId, generation: i32) {
        if let Some(group) = self.groups.get_mut(&group)
            && group.member.is_some()
        {
            group.member = Some((MemberId(generation as u16), generation));
        }
    }

    /// Tests whether the group accepts the commit; creates the group for one without membership.
    ///
    /// # Errors
    /// GROUP_ID_NOT_FOUND, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID.
    pub fn begin_commit(
        &mut self,
        protocol: &Protocol,
        request: &OffsetCommitRequest,
        out: &mut Outbox,
    ) -> Result<(), ErrorCode> {
        let member = self.groups.get(&request.group).and_then(|group| group.member);
        if let Some((member, generation)) = member {
            let stranger = request.member != Some(member);
            if protocol.refuses(Safeguard::CommitMembership, stranger, out) {
                return Err(ErrorCode::UnknownMemberId);
            }
            let outdated = request.generation != generation;
            if protocol.refuses(Safeguard::CommitGeneration, outdated, out) {
                return Err(ErrorCode::IllegalGeneration);
            }
            return Ok(());
        }
        let as_member = request.generation >= 0;
        if protocol.refuses(Safeguard::CommitMembership, as_member, out) {
            return Err(if self.groups.contains_key(&request.group) {
                ErrorCode::UnknownMemberId
            } else if request.version >= 9 {
                ErrorCode::GroupIdNotFound
            } else {
                ErrorCode::IllegalGeneration
            });
        }
        self.groups.entry(request.group).or_default();
        Ok(())
    }

    /// Stores an offset in a group that exists.
    pub fn store(
        &mut self,
        id: GroupId,
        topic: TopicName,
        partition: Partition,
        offset: StoredOffset,
    ) {
        let group = self.groups.entry(id).or_default();
        group.persisted = true;
        let before = group.offsets.insert((topic, partition), offset);
        if let Some(unflushed) = &mut self.unflushed
            && before.as_ref() != Some(&offset)
        {
            unflushed.push(Replaced { group: id, partition: (topic, partition), before });
        }
    }

    /// Keeps from now on what a loss of power could take.
    pub fn keep_unflushed(&mut self) {
        self.unflushed.get_or_insert_default();
    }

    /// Commits that a loss of power could take.
    pub fn unflushed(&self) -> usize {
        self.unflushed.as_ref().map_or(0, Vec::len)
    }

    /// A loss of power took the last commit; what it replaced stands again.
    pub fn lose_last(&mut self) -> Option<(GroupId, TopicName, Partition)> {
        let lost = self.unflushed.as_mut()?.pop()?;
        let (topic, partition) = lost.partition;
        let offsets = &mut self.groups.get_mut(&lost.group)?.offsets;
        match lost.before {
            Some(before) => offsets.insert((topic, partition), before),
            None => offsets.remove(&(topic, partition)),
        };
        Some((lost.group, topic, partition))
    }

    /// Deletes a committed offset; whether there was one. The group stays.
    pub fn delete(&mut self, group: GroupId, topic: TopicName, partition: Partition) -> bool {
        self.groups
            .get_mut(&group)
            .is_some_and(|group| group.offsets.remove(&(topic, partition)).is_some())
    }

    /// Deletes a group with all its offsets; whether it existed.
    pub fn delete_group(&mut self, group: GroupId) -> bool {
        self.groups.remove(&group).is_some()
    }

    /// A topic was deleted: its offsets go from every group.
    pub fn delete_topic(&mut self, topic: TopicName) {
        for group in self.groups.values_mut() {
            group.offsets.retain(|(name, _), _| *name != topic);
        }
    }

    /// Forgets the offsets that were committed long ago, and the groups that have none; says which
    /// offsets.
    pub fn expire(
        &mut self,
        now: Timestamp,
        retention: Timestamp,
    ) -> Vec<(GroupId, TopicName, Partition)> {
        let mut gone = Vec::new();
        for (id, group) in &mut self.groups {
            group.offsets.retain(|(topic, partition), stored| {
                let keeps = now - stored.commit_time < retention;
                if !keeps {
                    gone.push((*id, *topic, *partition));
                }
                keeps
            });
        }
        self.groups.retain(|_, group| !group.offsets.is_empty());
        gone
    }

    /// The broker's process ends: groups that were never written down are forgotten.
    pub fn restart(&mut self) {
        self.groups.retain(|_, group| group.persisted);
    }
}

impl Rename for Offsets {
    fn rename(&mut self, swap: &Swap) {
        let Offsets { groups, unflushed } = self;
        // Members are named by their generations, which count in each group alone.
        let renamed = std::mem::take(groups).into_iter();
        *groups = renamed.map(|(id, group)| (swap.group(id), group)).collect();
        for Replaced { group, partition: _, before: _ } in unflushed.iter_mut().flatten() {
            group.rename(swap);
        }
    }
}
