//! When it is worth to look whether a run is at rest: to look takes a copy of the state.

use crate::cluster::Effect;

/// After so many steps without an event it is worth it.
const QUIET: u64 = 64;
/// Steps after which a run that goes on telling is looked at all the same: what is told may change nothing, as
/// when processing raises again and again.
const SELDOM: u64 = 512;
/// A copy grows with the run. So between two looks the run grows by one in so many, and all looks together take time
/// in proportion to its length.
const GROWTH: u64 = 16;

/// The looks of one run.
#[derive(Clone, Default, Debug)]
pub(super) struct Looks {
    /// Steps since the last event.
    quiet: u64,
    /// Before this step nobody looks.
    next: u64,
}

impl Looks {
    /// A step did this; so many steps are done.
    pub(super) fn is_due(&mut self, effects: &[Effect], steps: u64) -> bool {
        let told = effects.iter().any(|effect| matches!(effect, Effect::Event(_)));
        self.quiet = if told { 0 } else { self.quiet + 1 };
        let due = steps >= self.next
            && (self.quiet + 1 >= QUIET || steps >= self.next.saturating_add(SELDOM));
        if due {
            self.next = steps + QUIET.max(steps / GROWTH);
        }
        due
    }
}
