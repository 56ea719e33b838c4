//! The threads of a scenario, for priorities: everything that goes on beside the rest has one.

use crate::cluster::LinkId;
use crate::world::{Action, World};

/// Threads of each connection: its requests, its answers, the late requests that arrive, those that are lost, and
/// whoever connects anew.
const OF_LINK: usize = 5;
/// Threads of each process: its program, its worker, its timers, its environment, and those of three connections.
const OF_PROCESS: usize = 4 + 3 * OF_LINK;

/// How many threads there are for priorities.
pub fn threads(world: &World) -> usize {
    world.cluster.processes.len() * OF_PROCESS + 1
}

/// The thread that an action belongs to.
pub(super) fn thread(world: &World, action: &Action) -> usize {
    let of_link = |link: LinkId, part| (link.process, 4 + usize::from(link.lane) * OF_LINK + part);
    let (process, part) = match *action {
        Action::Run(id) | Action::Evict(id) => (id, 0),
        Action::RunWorker(id) => (id, 1),
        Action::Fire(id, _) => (id, 2),
        Action::Restart(id) | Action::Resume(id) => (id, 3),
        Action::DeliverRequest(link) => of_link(link, 0),
        Action::DeliverResponse(link) => of_link(link, 1),
        Action::DeliverLate(link, _) => of_link(link, 2),
        Action::LoseLate(link, _) => of_link(link, 3),
        Action::Reconnect(link) => of_link(link, 4),
        Action::RestartBroker
        | Action::ResumeBroker
        | Action::Recreate(_)
        | Action::LoseTail(..)
        | Action::LoseCommit
        | Action::Strike(..) => {
            return threads(world) - 1;
        }
    };
    usize::from(process.0) * OF_PROCESS + part
}
