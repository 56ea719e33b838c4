//! What is asked of a scenario: its guarantees, as properties of states.

use std::sync::Arc;

use crate::guarantee::plan::{Reading, Stream};
use crate::guarantee::{Anomaly, Evidence, Finding, Guarantee, Plan, Subject, findings};
use crate::history::ledger::Count;
use crate::protocol::config::AutoOffsetReset;
use crate::protocol::safeguard::Safeguard;
use crate::system::{Facts, Modality, Property, View};
use crate::world::{Scene, World};

/// Something that a scenario pins as reachable, so that its green run is not vacuous.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pin {
    /// An anomaly.
    Anomaly(Anomaly),
    /// Some send was acknowledged.
    Acknowledged,
    /// The application was told of a failed send.
    SendFailed,
    /// Some record was worked on twice.
    ProcessedAgain,
    /// Some record was taken for a duplicate and skipped.
    DuplicateSkipped,
    /// At rest every record of every source is due and has its effect.
    AllDone,
    /// A safeguard refused something.
    Refused(Safeguard),
}

impl Pin {
    /// The pins that are neither an anomaly nor a safeguard, with their names.
    pub const SIMPLE: &'static [(&'static str, Pin)] = &[
        ("acknowledged", Pin::Acknowledged),
        ("send-failed", Pin::SendFailed),
        ("processed-again", Pin::ProcessedAgain),
        ("duplicate-skipped", Pin::DuplicateSkipped),
        ("all-done", Pin::AllDone),
    ];

    /// The pin with this name: one of [`Pin::SIMPLE`], an anomaly, or `refused SAFEGUARD`.
    pub fn parse(text: &str) -> Option<Pin> {
        if let Some(&(_, pin)) = Pin::SIMPLE.iter().find(|(name, _)| *name == text) {
            return Some(pin);
        }
        if let Some(name) = text.strip_prefix("refused ") {
            let safeguard = Safeguard::ALL.iter().find(|safeguard| safeguard.name() == name);
            return safeguard.map(|&safeguard| Pin::Refused(safeguard));
        }
        Anomaly::ALL.iter().find(|a| a.name() == text).map(|&anomaly| Pin::Anomaly(anomaly))
    }

    /// Its name.
    pub fn name(self) -> String {
        match self {
            Pin::Anomaly(anomaly) => anomaly.name().to_owned(),
            Pin::Refused(safeguard) => format!("refused {}", safeguard.name()),
            simple => {
                let named = Pin::SIMPLE.iter().find(|(_, pin)| *pin == simple);
                named.map_or_else(String::new, |(name, _)| (*name).to_owned())
            }
        }
    }
}

impl Scene {
    /// What ought to happen.
    pub fn plan(&self) -> Plan {
        let fixed = self.setting.fixed();
        let stream = |producer: &crate::app::setting::ProducerSetting| Stream {
            first: fixed.first_payload(producer.source),
            count: fixed.sources[producer.source].records,
            topic: producer.topic,
        };
        let reading = |app: &crate::app::setting::AppSetting| Reading {
            group: app.group,
            topics: app.topics.clone(),
            begins_at_end: app.config.auto_offset_reset == AutoOffsetReset::Latest,
            next_stage: app.next_stage(),
            writes: app.writes().collect(),
        };
        Plan {
            streams: self.setting.producers.iter().map(stream).collect(),
            apps: self.setting.apps.iter().map(reading).collect(),
        }
    }

    /// Whose effects are counted: each application's, or the log's if there is none.
    pub fn subjects(&self) -> Vec<Subject> {
        match self.setting.apps.len() {
            0 => vec![Subject::Log],
            count => (0..count).map(Subject::App).collect(),
        }
    }

    /// The anomalies in a state; `at_rest` says whether those may be judged that need rest.
    pub fn findings(
        &self,
        guarantee: Guarantee,
        subject: Subject,
        world: &World,
        at_rest: bool,
    ) -> Vec<Finding> {
        let plan = self.plan();
        let audit = at_rest.then(|| self.audit(world));
        let evidence = Evidence {
            plan: &plan,
            ledger: &world.ledger,
            audit: audit.as_ref(),
            poisoned: &world.cluster.poisoned,
        };
        findings(guarantee, subject, evidence)
    }

    /// Whether a guarantee of a subject can be judged only at rest.
    pub fn is_judged_at_rest(&self, guarantee: Guarantee, subject: Subject) -> bool {
        guarantee.is_judged_at_rest(subject, &self.plan())
    }

    /// The property that decides a guarantee of a subject.
    pub fn guarantee_property(&self, guarantee: Guarantee, subject: Subject) -> Property<World> {
        let at_rest = self.is_judged_at_rest(guarantee, subject);
        let modality = if at_rest { Modality::AtRest } else { Modality::Always };
        let scene = self.clone();
        let plan = Arc::new(self.plan());
        let name = self.property_name(guarantee, subject);
        let reads = if at_rest { self.audited() } else { self.seen() };
        let holds = move |world: &World| {
            let audit = at_rest.then(|| scene.audit(world));
            let evidence = Evidence {
                plan: &plan,
                ledger: &world.ledger,
                audit: audit.as_ref(),
                poisoned: &world.cluster.poisoned,
            };
            findings(guarantee, subject, evidence).is_empty()
        };
        // What the ledger has it keeps: twice stays twice, and out of order remains so.
        Property::of_pieces(name, modality, [(reads, holds)]).stable()
    }

    /// The name of that property.
    pub fn property_name(&self, guarantee: Guarantee, subject: Subject) -> String {
        match subject {
            Subject::App(app) => format!("{} {}", guarantee.name(), self.setting.apps[app].name),
            Subject::Log => format!("{} log", guarantee.name()),
        }
    }

    /// The property that a pin is reachable.
    pub fn pin_property(&self, pin: Pin) -> Property<World> {
        let scene = self.clone();
        let total: u32 = self.setting.sources.iter().map(|source| source.records).sum();
        let name = format!("reachable {}", pin.name());
        let (at_rest, reads) = match pin {
            Pin::Anomaly(anomaly) if self.needs_rest(anomaly) => (true, self.audited()),
            Pin::AllDone => (true, self.audited()),
            Pin::Refused(_) => (false, self.refusals()),
            _ => (false, self.seen()),
        };
        let reaches = move |world: &World| match pin {
            Pin::Anomaly(anomaly) => scene.shows(anomaly, world),
            Pin::Acknowledged => world.ledger.due().values().any(|sends| sends.acked),
            Pin::SendFailed => world.ledger.due().values().any(|sends| sends.failed),
            Pin::ProcessedAgain => world
                .ledger
                .readers
                .iter()
                .any(|reader| reader.processed.values().any(|count| count == Count::Again)),
            Pin::DuplicateSkipped => world.ledger.readers.iter().any(|reader| reader.skipped),
            Pin::AllDone => scene.all_done(total, world),
            Pin::Refused(safeguard) => world.refused.contains(safeguard),
        };
        let views = vec![View { reads, facts: Box::new(move |w| u64::from(reaches(w))) }];
        let facts = Facts { bits: 1, views, holds: Box::new(|reached| reached == 1) };
        let property = Property::of_facts(name, Modality::Reachable, facts).stable();
        if at_rest { property.at_rest() } else { property }
    }

    /// The property that an application works on some record more than once.
    pub fn worked_again(&self, app: usize) -> Property<World> {
        let name = format!("worked on again {}", self.setting.apps[app].name);
        let again = move |world: &World| {
            world.ledger.readers[app].processed.values().any(|count| count == Count::Again)
        };
        self.reachable(name, again)
    }

    /// The property that at rest an application has not worked on a record that is due for it.
    pub fn worked_never(&self, app: usize) -> Property<World> {
        let name = format!("never worked on {}", self.setting.apps[app].name);
        let plan = self.plan();
        let never = move |world: &World| {
            let processed = &world.ledger.readers[app].processed;
            let is_for = |payload| plan.is_for(payload, app);
            world.ledger.due().without(|_| true, &[processed]).any(is_for)
        };
        self.reachable(name, never).at_rest()
    }

    /// The property that something is reachable that the ledger shows.
    fn reachable(
        &self,
        name: String,
        reaches: impl Fn(&World) -> bool + Send + Sync + 'static,
    ) -> Property<World> {
        let facts = Box::new(move |world: &World| u64::from(reaches(world)));
        let views = vec![View { reads: self.seen(), facts }];
        let facts = Facts { bits: 1, views, holds: Box::new(|reached| reached == 1) };
        Property::of_facts(name, Modality::Reachable, facts).stable()
    }

    /// Whether an anomaly can be seen only at rest.
    fn needs_rest(&self, anomaly: Anomaly) -> bool {
        self.subjects().into_iter().any(|subject| self.is_judged_at_rest(anomaly.breaks(), subject))
    }

    /// Whether an anomaly is there; one that needs rest is asked for at rest alone.
    fn shows(&self, anomaly: Anomaly, world: &World) -> bool {
        let guarantee = anomaly.breaks();
        self.subjects().into_iter().any(|subject| {
            let needs_rest = self.is_judged_at_rest(guarantee, subject);
            let found = self.findings(guarantee, subject, world, needs_rest);
            found.iter().any(|finding| finding.anomaly == anomaly)
        })
    }

    /// Whether everything that was to be done is done, asked at rest.
    fn all_done(&self, total: u32, world: &World) -> bool {
        world.ledger.due().len() == total as usize
            && self
                .subjects()
                .into_iter()
                .all(|subject| self.findings(Guarantee::AtLeast, subject, world, true).is_empty())
    }
}
