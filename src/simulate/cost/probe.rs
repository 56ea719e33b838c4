//! Watches the runs of a measurement, and counts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::cluster::process::OUTPUT_LANE;
use crate::cluster::{Effect, Message};
use crate::guarantee::Plan;
use crate::history::Event;
use crate::history::event::ProcessId;
use crate::protocol::message::{Request, Response};
use crate::protocol::note::Note;
use crate::protocol::variant::Kafka;
use crate::record::{Batch, Offset, Partition, PayloadId, TopicName};
use crate::simulate::Micros;
use crate::simulate::cost::{Cost, Served};
use crate::simulate::run::{Moment, Observer};
use crate::world::{Action, Scene};

/// After so many steps it asks whether to go on.
const ASKS_EVERY: u64 = 1 << 12;

/// Watches a run.
pub(super) struct Probe<'a> {
    cost: Cost,
    plan: &'a Plan,
    /// Number of the first application's process.
    first_app: usize,
    handed: BTreeMap<PayloadId, Micros>,
    /// The records that had their effect, of each application.
    done: Vec<BTreeSet<PayloadId>>,
    crash: Crash,
    /// When a record was last handed out or had an effect.
    pub(super) last: Micros,
    /// It ends a run in which nothing was handed out or had an effect for so long.
    patience: Micros,
    go_on: &'a dyn Fn() -> ControlFlow<()>,
    steps: u64,
}

/// What is known of the crash of a run.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Crash {
    #[default]
    None,
    /// Who crashed, and when.
    Down(ProcessId, Micros),
    /// It runs again.
    Restarted(ProcessId, Micros),
    /// It had an effect again.
    Over,
}

impl<'a> Probe<'a> {
    pub(super) fn new(
        scene: &Scene,
        plan: &'a Plan,
        patience: Micros,
        go_on: &'a dyn Fn() -> ControlFlow<()>,
    ) -> Probe<'a> {
        let apps = plan.apps.len();
        Probe {
            cost: Cost { apps: vec![Served::default(); apps], ..Cost::default() },
            plan,
            first_app: scene.setting.producers.len(),
            handed: BTreeMap::new(),
            done: vec![BTreeSet::new(); apps],
            crash: Crash::None,
            last: 0,
            patience,
            go_on,
            steps: 0,
        }
    }

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

    /// The effect of a record in an application; `late` if a request brought it that outlived its connection.
    fn effect(&mut self, process: ProcessId, payload: PayloadId, late: bool, now: Micros) {
        let Some(app) = usize::from(process.0).checked_sub(self.first_app) else { return };
        self.last = now;
        if self.done[app].insert(payload) {
            let begin = self.handed.get(&payload).copied().unwrap_or(now);
            self.cost.apps[app].latencies.push(now - begin);
        } else {
            self.cost.apps[app].repeated += 1;
        }
        match self.crash {
            // What the process sent before its crash is no sign of its recovery.
            Crash::Restarted(crashed, at) if crashed == process && !late => {
                self.cost.apps[app].recovery = Some(now - at);
                self.crash = Crash::Over;
            }
            _ => {}
        }
    }

    fn note(&mut self, note: &Note, action: Action, now: Micros) {
        match note {
            Note::OffsetStored { .. } => self.cost.offsets_stored += 1,
            Note::Appended { payloads, .. } => {
                // A record of an application's own producer is its effect.
                let (link, late) = match action {
                    Action::DeliverRequest(link) => (link, false),
                    Action::DeliverLate(link, _) => (link, true),
                    _ => return,
                };
                if link.lane == OUTPUT_LANE {
                    payloads.iter().for_each(|&id| self.effect(link.process, id, late, now));
                }
            }
            _ => {}
        }
    }

    fn saw(&mut self, effect: &Effect, action: Action, now: Micros) {
        match effect {
            Effect::Sent { message, .. } => self.sent(message),
            Effect::Event(Event::Handed { payload, .. }) => {
                self.last = now;
                self.handed.entry(*payload).or_insert(now);
            }
            Effect::Event(Event::Effect { process, payload, .. }) => {
                self.effect(*process, *payload, false, now);
            }
            Effect::Crashed(process) => self.crash = Crash::Down(*process, now),
            Effect::Restarted(process) => {
                if let Crash::Down(crashed, at) = self.crash
                    && crashed == *process
                {
                    self.crash = Crash::Restarted(crashed, at);
                }
            }
            Effect::Note(note) => self.note(note, action, now),
            _ => {}
        }
    }

    pub(super) fn finish(mut self) -> Cost {
        self.cost.records = self.handed.len() as u64;
        for (app, (served, done)) in self.cost.apps.iter_mut().zip(&self.done).enumerate() {
            let lost = |id: &&PayloadId| self.plan.is_for(**id, app) && !done.contains(id);
            served.lost = self.handed.keys().filter(lost).count() as u64;
            served.latencies.sort_unstable();
        }
        self.cost
    }
}

impl Observer for Probe<'_> {
    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        for effect in moment.effects {
            self.saw(effect, moment.action, moment.now);
        }
        self.steps += 1;
        if self.steps.is_multiple_of(ASKS_EVERY) {
            (self.go_on)()?;
        }
        if moment.now.saturating_sub(self.last) > self.patience {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// A probe that looks at the logs, too.
pub(super) struct Logs<'a> {
    pub(super) probe: Probe<'a>,
    kafka: Kafka,
    /// How far each log was looked at.
    seen: BTreeMap<(TopicName, Partition), Offset>,
}

impl<'a> Logs<'a> {
    pub(super) fn new(probe: Probe<'a>, kafka: Kafka) -> Logs<'a> {
        Logs { probe, kafka, seen: BTreeMap::new() }
    }
}

impl Observer for Logs<'_> {
    fn performed(&mut self, moment: Moment<'_>) -> ControlFlow<()> {
        let broker = &moment.world.cluster.node.broker;
        for (&name, topic) in broker.topics() {
            for number in 0..topic.partitions.len() as Partition {
                let Some(log) = broker.log(name, number) else { continue };
                let held = log.high_watermark() - log.last_stable_offset(self.kafka);
                let cost = &mut self.probe.cost;
                cost.held_back = cost.held_back.max(u64::try_from(held).unwrap_or(0));
                let seen = self.seen.entry((name, number)).or_default();
                let batches =
                    log.segments().last().into_iter().flat_map(|s| s.batches().iter().rev());
                let new = batches.take_while(|batch| batch.base_offset >= *seen);
                cost.markers += new.filter(|batch| batch.marker.is_some()).count() as u64;
                *seen = log.log_end_offset();
            }
        }
        self.probe.performed(moment)
    }
}
