//! What a search that leaves orders out may know of worlds: which part alone makes which actions impossible, and
//! which parts do not matter to them.
//!
//! `system::footprint` checks what is said here on states of every model.

use crate::cluster::Program;
use crate::history::event::ProcessId;
use crate::world::kinds::Kind;
use crate::world::parts::Slot;
use crate::world::{Scene, World};

impl Scene {
    /// Whether the part in a slot alone makes the actions of a kind impossible.
    pub(super) fn forbids(&self, kind: Kind, slot: Slot, world: &World) -> bool {
        let node = &world.cluster.node;
        let process = |id: ProcessId| &world.cluster.processes[usize::from(id.0)];
        match (kind, slot) {
            (Kind::Request(_) | Kind::Late(_) | Kind::Reconnect(_), Slot::Node) => {
                !node.up || node.paused
            }
            (Kind::Request(link), Slot::Outgoing(other)) if link == other => {
                world.cluster.link(link).requests.is_empty()
            }
            (Kind::Request(link), Slot::Incoming(other)) if link == other => {
                world.cluster.link(link).held.is_some()
            }
            (Kind::Late(link) | Kind::LoseLate(link), Slot::Outgoing(other)) if link == other => {
                world.cluster.link(link).orphans.is_empty()
            }
            (Kind::FetchWait(id), Slot::Incoming(link)) if link.process == id && link.lane == 0 => {
                !world.cluster.link(link).holds_fetch()
            }
            (Kind::Restart(id), Slot::Client(other)) if id == other => {
                process(id).paused || !matches!(process(id).program, Program::Down)
            }
            (Kind::Resume(id), Slot::Client(other)) if id == other => !process(id).paused,
            (Kind::RestartBroker | Kind::LoseData, Slot::Node) => node.up,
            (Kind::ResumeBroker, Slot::Node) => !node.paused,
            (Kind::Recreate, Slot::Deleted) => world.cluster.deleted.is_empty(),
            _ => false,
        }
    }

    /// Whether actions of a kind leave the part in a slot out of account: the answers on their way to an application
    /// of which no fetch waits for what others append.
    pub(super) fn leaves(&self, kind: Kind, slot: Slot, world: &World) -> bool {
        let Slot::Incoming(link) = slot else { return false };
        let is_foreign = match kind {
            Kind::Request(other) | Kind::Late(other) => other.process != link.process,
            Kind::FetchWait(id) => id != link.process,
            Kind::Recreate | Kind::StrikeTopics => true,
            _ => false,
        };
        is_foreign && world.cluster.node.broker.waiting(link.connection()).is_empty()
    }
}
