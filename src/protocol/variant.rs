//! Versions of Kafka and the designs that differ between them.
//!
//! A preset is one recorded version of Apache Kafka; a variant is one design choice that changed, matched
//! in one place of the protocol.

/// A version of Apache Kafka whose answers were recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Kafka {
    /// 3.9 (recorded: 3.9.1).
    V3_9,
    /// 4.1 (recorded: 4.1.0).
    V4_1,
    /// 4.3 (recorded: 4.3.0).
    #[default]
    V4_3,
}

impl Kafka {
    /// All presets, oldest first.
    pub const ALL: &'static [Kafka] = &[Kafka::V3_9, Kafka::V4_1, Kafka::V4_3];

    /// "3.9", "4.1", "4.3".
    pub fn name(self) -> &'static str {
        match self {
            Kafka::V3_9 => "3.9",
            Kafka::V4_1 => "4.1",
            Kafka::V4_3 => "4.3",
        }
    }

    /// The preset of a version such as "4.3" or "4.3.0".
    pub fn parse(text: &str) -> Option<Kafka> {
        Kafka::ALL.iter().copied().find(|kafka| {
            text.strip_prefix(kafka.name())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }
}
