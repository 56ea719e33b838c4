//! The timers of clients, and when each may be over: one table.
//!
//! The explorer has no durations. A timer is always free, or free once a fault held up what it waits for
//! (a disconnect, crash or pause on its path); otherwise its expiry would be the fault `slow`.

/// A timer of a client process.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClientTimer {
    /// `linger.ms`: an open batch is sent.
    Linger,
    /// `delivery.timeout.ms`: the oldest held-up batch fails.
    DeliveryTimeout,
    /// `delivery.timeout.ms` of the oldest batch in flight passes while the sender thread polls.
    DeliveryDeadline,
    /// `auto.commit.interval.ms`: poll commits.
    AutoCommit,
    /// The background thread of the asynchronous consumer gets to the automatic commit.
    BackgroundCommit,
    /// `metadata.max.age.ms`: the client asks what became of its topics. Listed only while that is news.
    MetadataAge,
    /// `fetch.max.wait.ms`: the broker answers a fetch that it holds. Listed only while another request
    /// waits behind it; else the answer would say nothing new.
    FetchWait,
    /// `request.timeout.ms` on the connection to the leader: the client closes it.
    RequestTimeout,
    /// `request.timeout.ms` on the connection to the coordinator: the client closes it.
    CoordinatorTimeout,
    /// `default.api.timeout.ms`: `commitSync` gives up.
    ApiTimeout,
    /// `metadata.max.age.ms` of an application's own producer.
    OutputMetadataAge,
    /// `request.timeout.ms` on the connection of an application's own producer, which closes it.
    OutputTimeout,
}

/// When a timer may be over.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Freedom {
    /// At any time.
    Always,
    /// After a disconnect, crash or pause on its path.
    AfterFault,
}

impl ClientTimer {
    /// All of them.
    pub const ALL: &'static [ClientTimer] = &[
        ClientTimer::Linger,
        ClientTimer::DeliveryTimeout,
        ClientTimer::DeliveryDeadline,
        ClientTimer::AutoCommit,
        ClientTimer::BackgroundCommit,
        ClientTimer::MetadataAge,
        ClientTimer::FetchWait,
        ClientTimer::RequestTimeout,
        ClientTimer::CoordinatorTimeout,
        ClientTimer::ApiTimeout,
        ClientTimer::OutputMetadataAge,
        ClientTimer::OutputTimeout,
    ];

    /// Kafka's name of its duration.
    pub fn name(self) -> &'static str {
        match self {
            ClientTimer::Linger => "linger.ms",
            ClientTimer::DeliveryTimeout => "delivery.timeout.ms",
            ClientTimer::DeliveryDeadline => "delivery.timeout.ms (in poll)",
            ClientTimer::AutoCommit => "auto.commit.interval.ms",
            ClientTimer::BackgroundCommit => "background commit",
            ClientTimer::MetadataAge => "metadata.max.age.ms",
            ClientTimer::FetchWait => "fetch.max.wait.ms",
            ClientTimer::RequestTimeout => "request.timeout.ms",
            ClientTimer::CoordinatorTimeout => "request.timeout.ms (coordinator)",
            ClientTimer::ApiTimeout => "default.api.timeout.ms",
            ClientTimer::OutputMetadataAge => "metadata.max.age.ms (output)",
            ClientTimer::OutputTimeout => "request.timeout.ms (output)",
        }
    }

    /// When it may be over.
    pub fn freedom(self) -> Freedom {
        match self {
            ClientTimer::Linger
            | ClientTimer::AutoCommit
            | ClientTimer::BackgroundCommit
            | ClientTimer::MetadataAge
            | ClientTimer::OutputMetadataAge
            | ClientTimer::FetchWait => Freedom::Always,
            ClientTimer::DeliveryTimeout
            | ClientTimer::DeliveryDeadline
            | ClientTimer::RequestTimeout
            | ClientTimer::CoordinatorTimeout
            | ClientTimer::OutputTimeout
            | ClientTimer::ApiTimeout => Freedom::AfterFault,
        }
    }

    /// For a request timeout: which of the process's connections it closes.
    pub fn lane(self) -> Option<u8> {
        match self {
            ClientTimer::RequestTimeout => Some(0),
            ClientTimer::CoordinatorTimeout => Some(1),
            ClientTimer::OutputTimeout => Some(2),
            _ => None,
        }
    }
}
