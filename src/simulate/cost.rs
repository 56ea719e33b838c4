//! What a level costs: one workload in several configurations on the same virtual cluster, measured.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::app::setting::{CommitOrder, EffectKind};
use crate::cluster::{Effect, Message};
use crate::fault::FaultId;
use crate::history::Event;
use crate::protocol::config::Acks;
use crate::protocol::message::{Request, Response};
use crate::protocol::note::Note;
use crate::protocol::variant::Kafka;
use crate::record::{Batch, Offset, Partition, PayloadId, TopicName};
use crate::simulate::pace::Spread;
use crate::simulate::run::{Moment, Observer};
use crate::simulate::{Asked, Drawn, Micros, Order, Pace, Simulator, Strategy, When};
use crate::world::{Scene, Setting};

/// Runs in which the application crashes once, each at another time.
pub const CRASHES: u64 = 20;

/// A configuration whose cost is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The level that it is meant to give, and how.
    pub name: String,
    /// Its scenario; none: what it needs is not modelled yet.
    pub setting: Option<Setting>,
}

/// What was measured of one configuration. Times are virtual.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Cost {
    /// Records that were handed out.
    pub records: u64,
    /// Requests of all clients.
    pub requests: u64,
    /// Of these, those that produce.
    pub produce_requests: u64,
    /// Bytes of record batches that were sent to the broker and fetched from it, each time they were.
    pub batch_bytes: u64,
    /// Offsets that the coordinator wrote.
    pub offsets_stored: u64,
    /// Control batches in the logs at the end.
    pub markers: u64,
    /// The most records below a high watermark that the last stable offset held back.
    pub held_back: u64,
    /// From the source to the effect, of each record that had one: in ascending order.
    pub latencies: Vec<Micros>,
    /// From a crash of the application to the next effect: the median of [`CRASHES`] runs.
    pub recovery: Option<Micros>,
    /// Effects that were repeated in those runs together.
    pub repeated: u64,
    /// Records without an effect in those runs together.
    pub lost: u64,
}

impl Cost {
    /// The latency that so many hundredths of the records stay within.
    pub fn percentile(&self, hundredths: usize) -> Option<Micros> {
        let rank = (self.latencies.len() * hundredths).div_ceil(100).max(1);
        self.latencies.get(rank - 1).copied()
    }
}

/// Watches a run and counts.
#[derive(Default)]
struct Probe {
    cost: Cost,
    handed: BTreeMap<PayloadId, Micros>,
    done: BTreeMap<PayloadId, u64>,
    crashed: Option<Micros>,
}

impl Probe {
    fn sent(&mut self, message: &Message) {
        match message {
            Message::Request(request) => {
                self.cost.requests += 1;
                if let Request::Produce(produce) = request {
                    self.cost.produce_requests += 1;
                    let sizes = produce.data.iter().map(|(_, batch)| batch.size());
                    self.cost.batch_bytes += sizes.sum::<u64>();
                }
            }
            Message::Response(Response::Fetch(answers)) => {
                let batches = answers.iter().flat_map(|answer| &answer.batches);
                self.cost.batch_bytes += batches.map(Batch::size).sum::<u64>();
            }
            Message::Response(_) => {}
        }
    }

    fn event(&mut self, event: &Event, now: Micros) {
        match event {
            Event::Handed { payload, .. } => {
                self.handed.entry(*payload).or_insert(now);
            }
            Event::Effect { payload, .. } => {
                let times = self.done.entry(*payload).or_default();
                *times += 1;
                if *times == 1 {
                    let begin = self.handed.get(payload).copied().unwrap_or(now);
                    self.cost.latencies.push(now - begin);
                } else {
                    self.cost.repeated += 1;
                }
                if let (Some(crashed), None) = (self.crashed, self.cost.recovery) {
                    self.cost.recovery = Some(now - crashed);
                }
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Cost {
        self.cost.records = self.handed.len() as u64;
        self.cost.lost = self.handed.keys().filter(|id| !self.done.contains_key(id)).count() as u64;
        self.cost.latencies.sort_unstable();
        self.cost
    }
}

impl Observer for Probe {
    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        for effect in moment.effects {
            match effect {
                Effect::Sent { message, .. } => self.sent(message),
                Effect::Event(event) => self.event(event, moment.now),
                Effect::Crashed(_) => self.crashed = Some(moment.now),
                Effect::Note(Note::OffsetStored { .. }) => self.cost.offsets_stored += 1,
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

/// The pace of a measurement: records come slowly enough that nothing queues.
fn pace(every: Micros) -> Pace {
    Pace { source: Spread::Exponential(0, every), ..Pace::default() }
}

/// Measures a configuration: a run without faults for everything but what follows a crash of the
/// application, in other runs. A record comes every so many microseconds on average.
pub fn measure(setting: &Setting, seed: u64, every: Micros) -> Cost {
    let mut setting = setting.clone();
    let crash = FaultId::named("crash-consumer");
    setting.faults.total = 1;
    setting.faults.kinds = vec![("crash-consumer".to_owned(), 1)];
    let scene = Scene::new(setting);
    let mut simulator = Simulator::new(&scene);
    simulator.pace = pace(every);
    simulator.asked = Asked::default();
    simulator.limits.steps = Some(u64::MAX / 2);
    let mut drawn = Drawn {
        strategy: Strategy::Clocks,
        order: Order::Clocks,
        kinds: Vec::new(),
        when: When::Never,
    };
    let mut calm = Logs { kafka: scene.setting.protocol.kafka, ..Logs::default() };
    simulator.run_drawn(seed, &drawn, &mut calm);
    let end = calm.last_handed;
    let mut cost = calm.probe.finish();
    let mut recoveries = Vec::new();
    for run in 0..CRASHES {
        // From a fifth of the run to four fifths of it, at times that no interval divides.
        let time = end / 5 + end * 3 * run / (5 * CRASHES);
        drawn.when = When::Times(crash.map(|crash| (time, crash)).into_iter().collect());
        let mut struck = Probe::default();
        simulator.run_drawn(seed + run, &drawn, &mut struck);
        let struck = struck.finish();
        recoveries.extend(struck.recovery);
        cost.repeated += struck.repeated;
        cost.lost += struck.lost;
    }
    recoveries.sort_unstable();
    cost.recovery = recoveries.get(recoveries.len() / 2).copied();
    cost
}

/// A probe that looks at the logs, too.
#[derive(Default)]
struct Logs {
    probe: Probe,
    kafka: Kafka,
    last_handed: Micros,
    /// How far each log was looked at.
    seen: BTreeMap<(TopicName, Partition), Offset>,
}

impl Observer for Logs {
    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        let handed = |effect: &Effect| matches!(effect, Effect::Event(Event::Handed { .. }));
        if moment.effects.iter().any(handed) {
            self.last_handed = moment.now;
        }
        let broker = &moment.world.cluster.node.broker;
        for (&name, topic) in broker.topics() {
            for number in 0..topic.partitions.len() as Partition {
                let Some(log) = broker.log(name, number) else { continue };
                let held = log.high_watermark() - log.last_stable_offset(self.kafka);
                self.probe.cost.held_back = self.probe.cost.held_back.max(held as u64);
                let seen = self.seen.entry((name, number)).or_default();
                let batches =
                    log.segments().last().into_iter().flat_map(|s| s.batches().iter().rev());
                let new = batches.take_while(|batch| batch.base_offset >= *seen);
                self.probe.cost.markers +=
                    new.filter(|batch| batch.marker.is_some()).count() as u64;
                *seen = log.log_end_offset();
            }
        }
        self.probe.performed(moment)
    }
}

/// The configurations that a scenario's producers and applications are put into, the weakest level first.
pub fn ways(setting: &Setting, records: u32) -> Vec<Way> {
    let base = workload(setting, records);
    let way = |name: &str, acks: Acks, idempotence: bool, commit: CommitOrder| {
        let mut setting = base.clone();
        for producer in &mut setting.producers {
            producer.config.acks = acks;
            producer.config.idempotence = idempotence;
        }
        for app in &mut setting.apps {
            app.config.enable_auto_commit = false;
            app.commit = commit;
            app.commit_sync = true;
            let stored = commit == CommitOrder::WithResult;
            app.effect = if stored { EffectKind::Store } else { EffectKind::RemoteCall };
        }
        Way { name: name.to_owned(), setting: Some(setting) }
    };
    let missing = |name: &str| Way { name: name.to_owned(), setting: None };
    vec![
        way(
            "at most once: acks=0, commit before processing",
            Acks::None,
            false,
            CommitOrder::BeforeProcessing,
        ),
        way(
            "at least once: acks=1, commit after processing",
            Acks::Leader,
            false,
            CommitOrder::AfterProcessing,
        ),
        way(
            "at least once: acks=all, idempotent, commit after processing",
            Acks::All,
            true,
            CommitOrder::AfterProcessing,
        ),
        way(
            "effectively once: idempotent, offset stored with the result",
            Acks::All,
            true,
            CommitOrder::WithResult,
        ),
        missing("effectively once: transactions, read_committed"),
    ]
}

/// The scenario with automatic commits at an interval, for the plot.
pub fn with_interval(setting: &Setting, records: u32, milliseconds: u64) -> Setting {
    let mut setting = workload(setting, records);
    for app in &mut setting.apps {
        app.config.enable_auto_commit = true;
        app.config.auto_commit_interval_ms = milliseconds;
        app.commit = CommitOrder::Auto;
        app.effect = EffectKind::RemoteCall;
    }
    setting
}

fn workload(setting: &Setting, records: u32) -> Setting {
    let mut setting = setting.clone();
    setting.sources.iter_mut().for_each(|source| source.records = records);
    setting
}
