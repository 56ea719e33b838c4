//! The threads of a scenario, for priorities: everything that goes on beside the rest has one.

use crate::cluster::{ClientTimer, LinkId};
use crate::world::{Action, World};

/// Threads of each connection: its requests, its answers, the late requests that arrive, those that are lost, and
/// whoever connects anew.
const OF_LINK: usize = 5;
/// Threads of each process beside those: its program, its worker, its environment, and each of its timers.
const OWN: usize = 3 + ClientTimer::ALL.len();
/// Threads of each process, with those of three connections.
const OF_PROCESS: usize = OWN + 3 * OF_LINK;
/// Threads of the broker: whoever starts it, and whoever creates topics anew; what it loses with its power, of its logs
/// and of its commits.
const OF_BROKER: usize = 4;

/// How many threads there are for priorities.
pub fn threads(world: &World) -> usize {
    world.cluster.processes.len() * OF_PROCESS + OF_BROKER
}

/// The thread that an action belongs to.
pub(super) fn thread(world: &World, action: &Action) -> usize {
    let of_link =
        |link: LinkId, part| (link.process, OWN + usize::from(link.lane) * OF_LINK + part);
    let of_broker = |part| world.cluster.processes.len() * OF_PROCESS + part;
    let (process, part) = match *action {
        Action::Run(id) | Action::Evict(id) => (id, 0),
        Action::RunWorker(id) => (id, 1),
        Action::Restart(id) | Action::Resume(id) => (id, 2),
        Action::Fire(id, timer) => (id, 3 + timer as usize),
        Action::DeliverRequest(link) => of_link(link, 0),
        Action::DeliverResponse(link) => of_link(link, 1),
        Action::DeliverLate(link, _) => of_link(link, 2),
        Action::LoseLate(link, _) => of_link(link, 3),
        Action::Reconnect(link) => of_link(link, 4),
        Action::RestartBroker | Action::ResumeBroker | Action::Strike(..) => return of_broker(0),
        Action::Recreate(_) => return of_broker(1),
        Action::LoseTail(..) => return of_broker(2),
        Action::LoseCommit => return of_broker(3),
    };
    usize::from(process.0) * OF_PROCESS + part
}
