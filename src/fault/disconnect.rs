//! A connection between a client and the broker breaks.

use crate::cluster::{Cluster, Effects, Fixed};
use crate::fault::{Fault, FaultClass, Target};

/// See the module.
pub(super) struct Disconnect;

impl Fault for Disconnect {
    fn name(&self) -> &'static str {
        "disconnect"
    }

    fn doc(&self) -> &'static str {
        "A connection between a client and the broker breaks. Answers on their way are lost; of the \
         requests on their way a prefix, in order, may still be taken, at once or later, even after \
         requests of the next connection. Heals by a new connection."
    }

    fn classes(&self) -> &'static [FaultClass] {
        &[FaultClass::RemoteCall, FaultClass::Messaging]
    }

    fn targets(&self, cluster: &Cluster, _fixed: Fixed<'_>) -> Vec<Target> {
        cluster.links().filter(|(_, link)| link.connected).map(|(id, _)| Target::Link(id)).collect()
    }

    fn strike(
        &self,
        cluster: &mut Cluster,
        fixed: Fixed<'_>,
        target: Target,
        effects: &mut Effects,
    ) {
        if let Target::Link(link) = target {
            cluster.disconnect(fixed, link, effects);
        }
    }
}
