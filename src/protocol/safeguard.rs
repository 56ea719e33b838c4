//! Every protective check of the protocol, by name.
//!
//! A check reads `if protocol.refuses(Safeguard::X, broken, out) { .. }`, so it can be found, is named in
//! stories, and can be removed (*ablated*) to see which anomaly it prevents.

macro_rules! safeguards {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal),* $(,)?) => {
        /// A named protective check.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Safeguard { $($(#[doc = $doc])+ $variant),* }

        impl Safeguard {
            /// All of them, in the order of the protocol.
            pub const ALL: &'static [Safeguard] = &[$(Safeguard::$variant),*];

            /// Its name in schedules, reports and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Safeguard::$variant => $name),* }
            }

            /// What it refuses, and the source.
            pub fn doc(self) -> &'static str {
                match self { $(Safeguard::$variant => concat!($($doc, "\n"),+)),* }
            }
        }
    };
}

safeguards! {
    /// A batch whose epoch and sequences are those of a remembered batch is answered with the original
    /// offsets and not appended (`ProducerStateEntry.java: findDuplicateBatch`).
    DuplicateBatch = "duplicate-batch",
    /// A batch of a lower epoch than the partition knows of its producer is refused
    /// (`ProducerAppendInfo.java: checkProducerEpoch`).
    ProducerEpochFence = "producer-epoch-fence",
    /// A batch whose first sequence does not follow the last one is refused
    /// (`ProducerAppendInfo.java: checkSequence`).
    SequenceOrder = "sequence-order",
}

/// A set of safeguards.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct SafeguardSet(u128);

impl SafeguardSet {
    /// Adds one.
    pub fn insert(&mut self, safeguard: Safeguard) {
        self.0 |= 1 << safeguard as u32;
    }

    /// Whether it is in the set.
    pub fn contains(self, safeguard: Safeguard) -> bool {
        self.0 & (1 << safeguard as u32) != 0
    }
}
