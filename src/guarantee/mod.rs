//! Judgement over what clients saw: guarantees, anomalies, levels. A verdict never peeks at a broker.

pub mod anomaly;
pub mod judge;
pub mod level;
pub mod plan;

pub use anomaly::{Anomaly, Finding, Loss, Subject};
pub use judge::{Evidence, effects_show_kept, findings};
pub use level::{Half, Level};
pub use plan::Plan;

/// Anything that can be decided about a history.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Guarantee {
    /// No due record has more than one effect.
    AtMost,
    /// At rest every due record has an effect.
    AtLeast,
    /// At rest every acknowledged record is in the log, or has had its effect.
    AcknowledgedIsKept,
    /// The first effects of a key's records happen in source order.
    Order,
}

impl Guarantee {
    /// All of them, in the order of reports.
    pub const ALL: &'static [Guarantee] =
        &[Guarantee::AtMost, Guarantee::AtLeast, Guarantee::AcknowledgedIsKept, Guarantee::Order];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Guarantee::AtMost => "at-most",
            Guarantee::AtLeast => "at-least",
            Guarantee::AcknowledgedIsKept => "acknowledged-is-kept",
            Guarantee::Order => "order-per-key",
        }
    }

    /// What it says.
    pub fn doc(self) -> &'static str {
        match self {
            Guarantee::AtMost => "no due record has more than one effect",
            Guarantee::AtLeast => "at rest every due record has an effect",
            Guarantee::AcknowledgedIsKept => {
                "at rest every acknowledged record is in the log, or has had its effect"
            }
            Guarantee::Order => "the first effects of a key's records happen in source order",
        }
    }

    /// Whether what it forbids can be judged only at rest: what is missing, and what only an audit sees.
    pub fn is_judged_at_rest(self, subject: Subject, plan: &Plan) -> bool {
        match (self, subject) {
            (Guarantee::AtLeast | Guarantee::AcknowledgedIsKept, _) | (_, Subject::Log) => true,
            (Guarantee::AtMost | Guarantee::Order, Subject::App(app)) => {
                !plan.apps[app].writes.is_empty()
            }
        }
    }
}
