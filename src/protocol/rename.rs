//! What becomes of requests and responses when clients exchange their names ([`Swap`]).

use crate::protocol::message::{
    FetchAnswer, GroupListing, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
    ProduceRequest, Request, Response,
};
use crate::record::{Rename, Swap};

impl Rename for Request {
    fn rename(&mut self, swap: &Swap) {
        match self {
            Request::Produce(request) => {
                let ProduceRequest { data, version: _, acks: _, transactional_id: _ } = request;
                data.iter_mut().for_each(|(_, batch)| batch.rename(swap));
            }
            Request::OffsetCommit(OffsetCommitRequest { group, .. })
            | Request::OffsetFetch(OffsetFetchRequest { group, .. })
            | Request::OffsetDelete(OffsetDeleteRequest { group, .. })
            | Request::JoinGroup(group)
            | Request::DescribeGroup { group, .. }
            | Request::DeleteGroup(group) => group.rename(swap),
            Request::Fetch(_)
            | Request::ListOffsets(_)
            | Request::Metadata(_)
            | Request::OffsetForLeaderEpoch(_)
            | Request::DeleteRecords(_)
            | Request::DescribeProducers(_)
            | Request::InitProducerId(_)
            | Request::WriteTxnMarkers(_)
            | Request::ListGroups
            | Request::CreateTopic(_)
            | Request::DeleteTopic(_)
            | Request::CreatePartitions(_) => {}
        }
    }
}

impl Rename for Response {
    fn rename(&mut self, swap: &Swap) {
        match self {
            Response::Fetch(answers) => answers.rename(swap),
            Response::ListGroups(groups) => groups.rename(swap),
            Response::Produce(_)
            | Response::ListOffsets(_)
            | Response::Metadata(_)
            | Response::OffsetForLeaderEpoch(_)
            | Response::DeleteRecords(_)
            | Response::DescribeProducers(_)
            | Response::InitProducerId { .. }
            | Response::WriteTxnMarkers(_)
            | Response::OffsetCommit(_)
            | Response::OffsetFetch { .. }
            | Response::JoinGroup { .. }
            | Response::OffsetDelete { .. }
            | Response::DescribeGroup(_)
            | Response::DeleteGroup(_)
            | Response::CreateTopic(_)
            | Response::DeleteTopic(_)
            | Response::CreatePartitions(_) => {}
        }
    }
}

impl Rename for FetchAnswer {
    fn rename(&mut self, swap: &Swap) {
        let FetchAnswer {
            batches,
            partition: _,
            error: _,
            high_watermark: _,
            last_stable_offset: _,
            log_start_offset: _,
            aborted: _,
            diverging: _,
        } = self;
        batches.rename(swap);
    }
}

impl Rename for GroupListing {
    fn rename(&mut self, swap: &Swap) {
        self.group.rename(swap);
    }
}
