//! The threads of a scenario, for priorities: everything that goes on beside the rest has one.

use crate::world::{Action, World};

/// Threads of each process: its program, its worker, its timers, its environment, and four per connection.
const OF_PROCESS: usize = 16;

/// How many threads there are for priorities.
pub fn threads(world: &World) -> usize {
    world.cluster.processes.len() * OF_PROCESS + 1
}

/// The thread that an action belongs to.
pub(super) fn thread(world: &World, action: &Action) -> usize {
    let (process, part) = match *action {
        Action::Run(id) | Action::Evict(id) => (id, 0),
        Action::RunWorker(id) => (id, 1),
        Action::Fire(id, _) => (id, 2),
        Action::Restart(id) | Action::Resume(id) => (id, 3),
        Action::DeliverRequest(link) => (link.process, 4 + usize::from(link.lane) * 4),
        Action::DeliverResponse(link) => (link.process, 5 + usize::from(link.lane) * 4),
        Action::DeliverLate(link, _) => (link.process, 6 + usize::from(link.lane) * 4),
        Action::LoseLate(link, _) | Action::Reconnect(link) => {
            (link.process, 7 + usize::from(link.lane) * 4)
        }
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
