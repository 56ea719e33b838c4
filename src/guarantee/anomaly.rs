//! Patterns that break a guarantee: Jepsen's names for what is seen in logs, ours for effects.

use crate::guarantee::Guarantee;
use crate::record::PayloadId;

/// Whose effects are counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// The application with this index.
    App(usize),
    /// The topic itself: in a scenario without applications an appended record that the audit reader
    /// reads is the effect.
    Log,
}

/// Whether the application knew of a loss.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Loss {
    /// The send was acknowledged, or acks=0 asked for no word: nobody knows.
    Silent,
    /// The application was told that the send failed, and gave up.
    Reported,
    /// The record was never sent: its source's position went ahead.
    NeverSent,
}

macro_rules! anomalies {
    ($($variant:ident = $name:literal breaks $guarantee:ident: $doc:literal,)*) => {
        /// A pattern that breaks a guarantee.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Anomaly { $(#[doc = $doc] $variant),* }

        impl Anomaly {
            /// All of them.
            pub const ALL: &'static [Anomaly] = &[$(Anomaly::$variant),*];

            /// Its name in reports and scenario files.
            pub fn name(self) -> &'static str {
                match self { $(Anomaly::$variant => $name),* }
            }

            /// What it is.
            pub fn doc(self) -> &'static str {
                match self { $(Anomaly::$variant => $doc),* }
            }

            /// The guarantee that it breaks.
            pub fn breaks(self) -> Guarantee {
                match self { $(Anomaly::$variant => Guarantee::$guarantee),* }
            }
        }
    };
}

anomalies! {
    RepeatedEffect = "repeated-effect" breaks AtMost: "a due record had more than one effect",
    Duplicate = "duplicate" breaks AtMost: "a due record stands in the log more than once",
    LostEffect = "lost-effect" breaks AtLeast: "at rest a due record has no effect, and never will",
    Stuck = "stuck" breaks AtLeast:
        "at rest a due record has no effect, though it can be read beyond the committed position",
    LostWrite = "lost-write" breaks AcknowledgedIsKept:
        "at rest an acknowledged record is in no log and has had no effect",
    NeverWritten = "never-written" breaks AtLeast: "at rest a due record is in no log",
    Livelock = "livelock" breaks AtLeast:
        "without any further fault the system runs in a circle in which nothing advances",
    NonmonotonicEffect = "nonmonotonic-effect" breaks Order:
        "the first effects of a key's records did not happen in source order",
    NonmonotonicSend = "nonmonotonic-send" breaks Order:
        "the records of a key do not stand in the log in source order",
    LostUpdate = "lost-update" breaks Order: "an older value was put over a newer one of its key",
}

/// An anomaly that was found, and where.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Finding {
    /// What.
    pub anomaly: Anomaly,
    /// Whose effects.
    pub subject: Subject,
    /// Which source record, if one.
    pub payload: Option<PayloadId>,
    /// For a loss, who knew of it.
    pub loss: Option<Loss>,
}
