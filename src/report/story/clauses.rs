//! Faults, processes and connections: what their effects say.

use crate::app::program::Doing;
use crate::app::setting::Remember;
use crate::cluster::process::OUTPUT_LANE;
use crate::cluster::{ClientTimer, Effect};
use crate::decide::trace::Performed;
use crate::fault::{POWER_LOSS, Target};
use crate::history::event::ProcessId;
use crate::report::story::beat::{Actor, Row};
use crate::report::story::page::{Page, rank};
use crate::report::story::tell::Teller;
use crate::world::Action;

impl Teller<'_> {
    /// The banner of a fault.
    pub(super) fn strike(&mut self, performed: &Performed, page: &mut Page) {
        let Action::Strike(fault, target) = performed.action else { return };
        let name = fault.fault().name();
        let pauses = name.starts_with("pause");
        let what = match target {
            Target::Link(link) => format!("{} breaks", self.names.connection(link)),
            Target::Timer(id, timer) => self.timer_over(id, timer),
            Target::Broker if pauses => {
                "the broker stands still for longer than any timeout".to_owned()
            }
            Target::Process(id) if pauses => {
                format!("{} stands still for a long time", self.names.process(id))
            }
            Target::Broker if name == POWER_LOSS => {
                "the machine of the broker loses power".to_owned()
            }
            Target::Broker => "the broker crashes".to_owned(),
            Target::Process(id) | Target::Worker(id) => self.process_fault(name, id, performed),
            other => self.log_fault(other, performed),
        };
        self.facts.faults.push((self.number, what.clone()));
        let number = self.facts.faults.len();
        page.row(rank::BANNER, Row::Banner(format!("FAULT {number}: {what}")));
        page.lead(format!("FAULT {number}: {what}"));
        let crashed = performed.effects.iter().find_map(|effect| match effect {
            Effect::Crashed(process) => Some(*process),
            _ => None,
        });
        if let Some(process) = crashed {
            let outside = match self.names.producer(process) {
                Some(_) => format!("its stored position in {} stays", self.names.source(process)),
                None => "effects and committed offsets stay".to_owned(),
            };
            page.lead(format!("Its memory is gone; {outside}"));
        }
    }

    fn process_fault(&self, fault: &str, id: ProcessId, performed: &Performed) -> String {
        let name = self.names.process(id);
        let raised = performed.effects.iter().find_map(|effect| match effect {
            Effect::Did(_, Doing::Raise(payload)) => Some(self.names.record(*payload)),
            _ => None,
        });
        let about = |wanted: fn(&Doing) -> bool| {
            let found = performed.effects.iter().find(|effect| match effect {
                Effect::Did(_, doing) => wanted(doing),
                _ => false,
            });
            let payload = found.and_then(|effect| effect.payloads().first().copied());
            payload.map_or_else(|| "a record".to_owned(), |payload| self.names.record(payload))
        };
        match (fault, raised) {
            ("remote-call-before", Some(record)) => {
                format!("{name}'s remote call for {record} fails before it took effect")
            }
            ("remote-call-after", Some(record)) => {
                format!("{name}'s remote call for {record} takes effect, but its answer is lost")
            }
            ("poison", Some(record)) => {
                format!("{record} is poison: processing it raises an error in {name}, for ever")
            }
            ("false-positive", _) => {
                let record = about(|doing| matches!(doing, Doing::Duplicate(_)));
                format!("{name}'s strategy takes {record}, which is new, for one that it has seen")
            }
            ("window-passed", _) => {
                let record = about(|doing| matches!(doing, Doing::Duplicate(_) | Doing::Admit(_)));
                format!(
                    "{name}'s strategy cannot tell about {record} any more: its window has passed"
                )
            }
            (_, Some(record)) => format!("processing {record} raises an error in {name}"),
            (_, None) => format!("{name} crashes"),
        }
    }

    /// A fault of topics and of what the broker keeps.
    fn log_fault(&self, target: Target, performed: &Performed) -> String {
        match target {
            Target::Topic(topic) => {
                let topic = self.names.topic(topic);
                let grown = performed.effects.iter().find_map(|effect| match effect {
                    Effect::PartitionsAdded(_, count) => Some(*count),
                    _ => None,
                });
                match grown {
                    Some(count) => {
                        format!("topic {topic} gets one more partition and has {count} now")
                    }
                    None => format!("topic {topic} is deleted"),
                }
            }
            Target::Head(topic, partition, before) => {
                let log = self.names.log(topic, partition);
                format!("retention deletes the records of {log} before offset {before}")
            }
            Target::ProducerState(topic, partition, id) => {
                let log = self.names.log(topic, partition);
                format!("the broker forgets what it knew of producer id {id} on {log}")
            }
            Target::CommittedOffset(group, topic, partition) => {
                let (group, log) = (self.names.group(group), self.names.log(topic, partition));
                format!("the committed offset of group {group} on {log} expires")
            }
            _ => "something breaks".to_owned(),
        }
    }

    fn timer_over(&self, id: ProcessId, timer: ClientTimer) -> String {
        let name = self.names.process(id);
        format!("an answer is slow: {} of {name} is over, though nothing is broken", timer.name())
    }

    /// Effects that are no message, and end no process.
    pub(super) fn simple(&mut self, effect: &Effect, page: &mut Page) {
        match effect {
            Effect::Did(process, doing) => self.did(*process, doing, page),
            Effect::Note(note) => self.noted(note, page),
            Effect::Event(event) => self.event(event, page),
            Effect::Fired(process, timer) => self.fired(*process, *timer, page),
            Effect::Reconnected(link) => {
                let text = match link.lane {
                    0 => "connects again",
                    OUTPUT_LANE => "connects its producer again",
                    _ => "connects to its group coordinator again",
                };
                page.say(Actor::Process(link.process), rank::TOLD, text);
            }
            Effect::Restarted(process) => self.restarted(*process, page),
            Effect::BrokerCrashed { keeps_page_cache } => {
                page.row(rank::LIFE, Row::Life { actor: Actor::Broker, up: false });
                page.lead(if *keeps_page_cache {
                    "Its memory is gone, its log stays; every connection breaks"
                } else {
                    "Its memory is gone, only what was flushed is certain to stay; every connection \
                     breaks"
                });
            }
            Effect::BrokerRestarted => {
                page.row(rank::LIFE, Row::Life { actor: Actor::Broker, up: true });
                page.clause(Actor::Broker, rank::TOLD, "starts again and reads its log");
                page.note(Actor::Broker, rank::TOLD, "starts again");
            }
            Effect::TailLost { topic, partition, from, payloads } => {
                let records = self.names.records(payloads);
                let log = self.names.log(*topic, *partition);
                let text =
                    format!("has lost {records}: {log} from offset {from} on was not flushed");
                page.say(Actor::Broker, rank::DOES, text);
            }
            Effect::CommitLost { group, topic, partition } => {
                let (group, log) = (self.names.group(*group), self.names.log(*topic, *partition));
                let text = format!("has lost the newest commit of group {group} on {log}");
                page.say(Actor::Broker, rank::DOES, text);
            }
            Effect::TopicCreated(topic) => {
                let text = format!("creates topic {} anew, empty", self.names.topic(*topic));
                page.say(Actor::Broker, rank::DOES, text);
            }
            Effect::Paused(who, false) => {
                page.say(who.map_or(Actor::Broker, Actor::Process), rank::TOLD, "goes on");
            }
            Effect::ClosedByBroker(link) => {
                let text = format!("closes {}", self.names.connection(*link));
                page.clause(Actor::Broker, rank::SENDS, text);
                page.note(Actor::Broker, rank::SENDS, "closes the connection");
            }
            _ => {}
        }
    }

    fn restarted(&mut self, process: ProcessId, page: &mut Page) {
        let actor = Actor::Process(process);
        page.row(rank::LIFE, Row::Life { actor, up: true });
        page.note(actor, rank::TOLD, "starts again");
        let place =
            self.names.producer(process).map(|producer| self.restart_place(producer, process));
        let text =
            place.map_or_else(|| "starts again".to_owned(), |at| format!("starts again {at}"));
        page.clause(actor, rank::TOLD, text);
    }

    /// Where a restarted producer's source goes on.
    fn restart_place(&self, producer: usize, process: ProcessId) -> String {
        let setting = self.names.setting();
        let index = setting.producers[producer].source;
        let source = &setting.sources[index];
        let same = |who: ProcessId| {
            self.names.producer(who).is_some_and(|other| setting.producers[other].source == index)
        };
        let stored = self.facts.remembered.iter().rev().find(|(_, who, _)| same(*who));
        let stored = stored.map_or(0, |(_, _, position)| *position);
        if source.remember == Remember::Never {
            format!("with the first record of {}", source.name)
        } else if stored >= source.records {
            format!("at its stored position in {}: the end", source.name)
        } else {
            let next = self.names.record_at(process, stored);
            format!("at its stored position in {}: before {next}", source.name)
        }
    }

    fn fired(&mut self, process: ProcessId, timer: ClientTimer, page: &mut Page) {
        let actor = Actor::Process(process);
        let name = timer.name().split(' ').next().unwrap_or_default();
        let text = match timer {
            ClientTimer::Linger
            | ClientTimer::MetadataAge
            | ClientTimer::OutputMetadataAge
            | ClientTimer::FetchWait => return,
            ClientTimer::RequestTimeout
            | ClientTimer::CoordinatorTimeout
            | ClientTimer::OutputTimeout => {
                Some("waits no longer for an answer (request.timeout.ms) and closes the connection")
            }
            ClientTimer::DeliveryDeadline => {
                Some("is inside its poll as delivery.timeout.ms of a batch in flight runs out")
            }
            ClientTimer::ApiTimeout => {
                Some("waits no longer for its commit (default.api.timeout.ms)")
            }
            // What follows says it.
            ClientTimer::BackgroundCommit => {
                return page.clause(actor, rank::TOLD, "commits by its background thread");
            }
            ClientTimer::DeliveryTimeout | ClientTimer::AutoCommit => None,
        };
        page.note(actor, rank::TOLD, format!("{name} is over"));
        if let Some(text) = text {
            page.clause(actor, rank::TOLD, text);
        }
    }
}
