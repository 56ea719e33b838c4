//! How long things take, in microseconds of virtual time: Kafka's own durations from the scenario, and a
//! few that Kafka has no setting for.
//!
//! Durations decide the order of a simulated run, and nothing else: the state has no clock, so that every
//! run is a path of the model that the explorer searches.

use crate::app::setting::{AppSetting, ProducerSetting};
use crate::cluster::process::OUTPUT_LANE;
use crate::cluster::{ClientTimer, LinkId};
use crate::history::event::ProcessId;
use crate::protocol::config::{ConsumerConfig, ProducerConfig};
use crate::simulate::stream::Stream;
use crate::world::{Action, Setting};

/// Microseconds of virtual time.
pub type Micros = u64;

const MILLISECOND: Micros = 1_000;
const SECOND: Micros = 1_000_000;

/// How a duration is distributed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spread {
    /// From the first to the second, each as likely.
    Uniform(Micros, Micros),
    /// At least the first, and exponentially beyond it with the second as mean.
    Exponential(Micros, Micros),
}

impl Spread {
    /// Draws one.
    pub fn draw(self, stream: &mut Stream) -> Micros {
        match self {
            Spread::Uniform(least, most) => stream.within(least, most),
            Spread::Exponential(least, mean) => least.saturating_add(stream.exponential(mean)),
        }
    }
}

/// The durations for which Kafka has no setting, or that are not Kafka's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pace {
    /// A message on a healthy connection, one way.
    pub network: Spread,
    /// A request that outlived its connection, until it arrives or is lost.
    pub late: Spread,
    /// One step of a program: its code between two of Kafka's calls, the effect on a record.
    pub work: Spread,
    /// Between two records of a source.
    pub source: Spread,
    /// A client process, until it runs again after its end.
    pub restart: Spread,
    /// The broker's process, until it runs again.
    pub restart_broker: Spread,
    /// A pause: longer than any timer of the clients that wait.
    pub pause: Spread,
    /// A topic, until it is created anew.
    pub recreate: Spread,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            network: Spread::Exponential(200, 300),
            late: Spread::Uniform(MILLISECOND, 2 * SECOND),
            work: Spread::Uniform(50, 150),
            source: Spread::Exponential(0, MILLISECOND),
            restart: Spread::Uniform(SECOND, 5 * SECOND),
            restart_broker: Spread::Uniform(5 * SECOND, 20 * SECOND),
            pause: Spread::Uniform(130 * SECOND, 240 * SECOND),
            recreate: Spread::Uniform(SECOND, 10 * SECOND),
        }
    }
}

impl Pace {
    /// How long an action takes from when it became possible.
    pub fn delay(&self, setting: &Setting, action: &Action, stream: &mut Stream) -> Micros {
        match *action {
            Action::Run(process) if setting.producer(process).is_some() => self.source.draw(stream),
            Action::Run(_) | Action::RunWorker(_) | Action::Evict(_) => self.work.draw(stream),
            Action::DeliverRequest(_) | Action::DeliverResponse(_) => self.network.draw(stream),
            Action::DeliverLate(..) | Action::LoseLate(..) => self.late.draw(stream),
            Action::Fire(process, timer) => duration(setting, process, timer),
            Action::Restart(_) => self.restart.draw(stream),
            Action::RestartBroker | Action::LoseTail(..) | Action::LoseCommit => {
                self.restart_broker.draw(stream)
            }
            Action::Resume(_) | Action::ResumeBroker => self.pause.draw(stream),
            Action::Recreate(_) => self.recreate.draw(stream),
            // Clients know when to try again, and nothing else holds them up.
            Action::Reconnect(_) | Action::Strike(..) => 0,
        }
    }
}

/// A wait that doubles with each failure, up to a most, give or take a fifth (`ExponentialBackoff.java`, with
/// `CommonClientConfigs.java: RETRY_BACKOFF_EXP_BASE, RETRY_BACKOFF_JITTER`, KIP-580).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backoff {
    /// The first wait.
    pub first: Micros,
    /// No wait is longer.
    pub most: Micros,
}

impl Backoff {
    /// `retry.backoff.ms` and `retry.backoff.max.ms` of a client.
    pub fn retry(setting: &Setting, link: LinkId) -> Backoff {
        Backoff::of_client(
            (setting, link),
            |producer| (producer.retry_backoff_ms, producer.retry_backoff_max_ms),
            |consumer| (consumer.retry_backoff_ms, consumer.retry_backoff_max_ms),
        )
    }

    /// `reconnect.backoff.ms` and `reconnect.backoff.max.ms` of a client.
    pub fn reconnect(setting: &Setting, link: LinkId) -> Backoff {
        Backoff::of_client(
            (setting, link),
            |producer| (producer.reconnect_backoff_ms, producer.reconnect_backoff_max_ms),
            |consumer| (consumer.reconnect_backoff_ms, consumer.reconnect_backoff_max_ms),
        )
    }

    /// The first and the longest wait, in milliseconds, of whichever client a connection is.
    fn of_client(
        (setting, link): (&Setting, LinkId),
        of_producer: impl Fn(&ProducerConfig) -> (u64, u64),
        of_consumer: impl Fn(&ConsumerConfig) -> (u64, u64),
    ) -> Backoff {
        let consumer = || setting.application(link.process).map(|app| of_consumer(&app.config));
        let (first, most) =
            setting.producing(link).map(of_producer).or_else(consumer).unwrap_or_default();
        let most = most.saturating_mul(MILLISECOND);
        Backoff { first: first.saturating_mul(MILLISECOND).min(most), most }
    }

    /// The wait after so many failures before the last one.
    pub fn draw(self, failures: u32, stream: &mut Stream) -> Micros {
        if self.first == self.most {
            return self.first;
        }
        let wait = self.first.saturating_mul(1 << failures.min(40)).min(self.most);
        stream.within(wait - wait / 5, wait.saturating_add(wait / 5)).min(self.most)
    }
}

impl Setting {
    /// The producer that a process runs.
    pub(crate) fn producer(&self, process: ProcessId) -> Option<&ProducerSetting> {
        self.producers.get(usize::from(process.0))
    }

    /// The application that a process runs.
    pub(crate) fn application(&self, process: ProcessId) -> Option<&AppSetting> {
        self.apps.get(usize::from(process.0).checked_sub(self.producers.len())?)
    }
}

impl Setting {
    /// The settings of the producer whose connection a link is.
    fn producing(&self, link: LinkId) -> Option<&ProducerConfig> {
        let sends_on = || self.application(link.process)?.output.as_ref();
        match self.producer(link.process) {
            Some(producer) => Some(&producer.config),
            None if link.lane == OUTPUT_LANE => sends_on().map(|output| &output.config),
            None => None,
        }
    }
}

/// How long a client's timer runs, as the scenario has it.
pub fn duration(setting: &Setting, process: ProcessId, timer: ClientTimer) -> Micros {
    let producer = setting.producer(process).map(|producer| &producer.config);
    let app = setting.application(process);
    let output = app.and_then(|app| app.output.as_ref()).map(|output| &output.config);
    let producer = producer.or(output);
    let consumer = app.map(|app| &app.config);
    let milliseconds = match timer {
        ClientTimer::Linger => producer.map(|config| config.linger_ms),
        ClientTimer::DeliveryTimeout | ClientTimer::DeliveryDeadline => {
            producer.map(|config| config.delivery_timeout_ms)
        }
        ClientTimer::AutoCommit => consumer.map(|config| config.auto_commit_interval_ms),
        ClientTimer::BackgroundCommit => Some(0),
        ClientTimer::MetadataAge => {
            let age = consumer.map(|config| config.metadata_max_age_ms);
            age.or(producer.map(|config| config.metadata_max_age_ms))
        }
        ClientTimer::OutputMetadataAge => output.map(|config| config.metadata_max_age_ms),
        ClientTimer::FetchWait => consumer.map(|config| config.fetch_max_wait_ms),
        ClientTimer::RequestTimeout | ClientTimer::CoordinatorTimeout => {
            let request = consumer.map(|config| config.request_timeout_ms);
            request.or(producer.map(|config| config.request_timeout_ms))
        }
        ClientTimer::OutputTimeout => output.map(|config| config.request_timeout_ms),
        ClientTimer::ApiTimeout => consumer.map(|config| config.default_api_timeout_ms),
    };
    milliseconds.unwrap_or(0).saturating_mul(MILLISECOND)
}

/// Whether a timer counts from when its batch was created.
pub fn is_of_batch(timer: ClientTimer) -> bool {
    matches!(timer, ClientTimer::DeliveryTimeout | ClientTimer::DeliveryDeadline)
}

/// Whether a timer runs on while its expiry is impossible: it counts from its last expiry, not from when
/// there was something to do.
pub fn is_periodic(timer: ClientTimer) -> bool {
    matches!(
        timer,
        ClientTimer::AutoCommit | ClientTimer::MetadataAge | ClientTimer::OutputMetadataAge
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::stream::Purpose;

    #[test]
    fn the_longest_backoff_is_long() {
        let longest = Backoff { first: u64::MAX - 1, most: u64::MAX };
        let mut stream = Stream::new(1, Purpose::Delay);
        assert!((0..100).all(|failures| longest.draw(failures, &mut stream) > u64::MAX / 2));
    }
}
