//! Groups without members, as administrators see them (`GroupMetadataManager.java: describeGroups,
//! listGroups, deleteGroups`).

use super::Broker;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{GroupDescription, GroupListing, Response, Version};
use crate::record::GroupId;

/// First version of DescribeGroups that tells a missing group by an error (KIP-1043).
const FIRST_WITH_NOT_FOUND: Version = 6;

impl Broker {
    pub(super) fn list_groups(&self) -> Response {
        let listing = |group: &GroupId| GroupListing {
            group: *group,
            protocol_type: "",
            state: "Empty",
            group_type: "classic",
        };
        Response::ListGroups(self.offsets.groups().keys().map(listing).collect())
    }

    pub(super) fn describe_group(&self, version: Version, group: GroupId) -> Response {
        let (error, state) = match self.offsets.group(group) {
            Some(_) => (ErrorCode::None, "Empty"),
            None if version >= FIRST_WITH_NOT_FOUND => (ErrorCode::GroupIdNotFound, "Dead"),
            None => (ErrorCode::None, "Dead"),
        };
        Response::DescribeGroup(GroupDescription { error, state, protocol_type: "", protocol: "" })
    }

    pub(super) fn delete_group(&mut self, group: GroupId) -> Response {
        Response::DeleteGroup(if self.offsets.delete_group(group) {
            ErrorCode::None
        } else {
            ErrorCode::GroupIdNotFound
        })
    }
}
