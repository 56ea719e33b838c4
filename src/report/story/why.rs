//! The last sentence of a story: what is wrong, and why it came to that.
//!
//! It follows from the facts of the run alone; where they do not explain the anomaly, the sentence says what
//! is wrong and names the faults, and no more.

use crate::app::setting::{CommitOrder, Remember};
use crate::decide::Trace;
use crate::guarantee::{Anomaly, Finding, Loss, Subject};
use crate::history::event::ProcessId;
use crate::protocol::config::{Acks, AutoOffsetReset};
use crate::record::PayloadId;
use crate::report::names::Names;
use crate::report::story::facts::{Appended, Begun, Cause, Done, Ended, Facts, Failure, Stored};
use crate::report::text::listed;
use crate::world::setting::{AppSetting, ProducerSetting};

/// What is wrong and why.
pub(super) fn ending(names: Names<'_>, trace: &Trace, facts: &Facts, finding: &Finding) -> String {
    let why = Why { names, trace, facts };
    let what = why.what(finding);
    let because = match finding.anomaly {
        Anomaly::RepeatedEffect => why.repeated(finding),
        Anomaly::Duplicate => finding.payload.and_then(|payload| why.appended_again(payload)),
        Anomaly::LostEffect | Anomaly::NeverWritten | Anomaly::LostWrite => why.lost(finding),
        Anomaly::Stuck => why.stuck(finding),
        Anomaly::Livelock => None,
        Anomaly::NonmonotonicEffect | Anomaly::NonmonotonicSend | Anomaly::LostUpdate => {
            why.disorder(finding)
        }
    };
    let because = because.or_else(|| why.faults());
    match because {
        Some(because) => format!("{what}: {because}."),
        None => format!("{what}."),
    }
}

pub(super) struct Why<'a> {
    pub(super) names: Names<'a>,
    trace: &'a Trace,
    pub(super) facts: &'a Facts,
}

impl<'a> Why<'a> {
    fn app(&self, subject: Subject) -> Option<(ProcessId, &'a AppSetting)> {
        let Subject::App(app) = subject else { return None };
        let setting = self.names.setting();
        Some((setting.app_process(app), &setting.apps[app]))
    }

    /// The producer that a record came from.
    fn producer(&self, payload: PayloadId) -> Option<(ProcessId, &'a ProducerSetting)> {
        let setting = self.names.setting();
        let mut first = 0;
        let source = setting.sources.iter().position(|source| {
            let here = (first..first + source.records).contains(&payload.0);
            first += source.records;
            here
        })?;
        let found = setting.producers.iter().position(|producer| producer.source == source)?;
        Some((ProcessId(found as u8), &setting.producers[found]))
    }

    fn remember(&self, producer: &ProducerSetting) -> Remember {
        self.names.setting().sources[producer.source].remember
    }

    /// What is wrong, without a reason.
    fn what(&self, finding: &Finding) -> String {
        let record = finding.payload.map(|payload| self.names.record(payload));
        let record = record.unwrap_or_else(|| "a record".to_owned());
        let app = self.app(finding.subject).map_or("the application", |(_, app)| &app.name);
        match finding.anomaly {
            Anomaly::RepeatedEffect => {
                format!("{record} took effect more than once in {app}")
            }
            Anomaly::Duplicate => {
                let offsets = finding.payload.map_or_else(String::new, |p| self.offsets(p));
                format!("{record} stands in the log more than once{offsets}")
            }
            Anomaly::LostEffect => format!("{record} never takes effect in {app}"),
            Anomaly::NeverWritten => format!("{record} is in no log, and never will be"),
            Anomaly::LostWrite => format!("{record} was acknowledged, and is in no log"),
            Anomaly::Stuck if self.has_polled(finding) => {
                format!(
                    "{record} stands in the log, and {app} polled it, but it never takes effect"
                )
            }
            Anomaly::Stuck => format!("{record} stands in the log, but {app} never gets to it"),
            Anomaly::Livelock => {
                "without any further fault the last steps repeat for ever, and nothing advances"
                    .into()
            }
            Anomaly::NonmonotonicEffect => {
                format!(
                    "the records of a key took effect in {app} in another order than the source's"
                )
            }
            Anomaly::NonmonotonicSend => {
                "the records of a key stand in the log in another order than the source's".into()
            }
            Anomaly::LostUpdate => format!("{app} put an older value over a newer one"),
        }
    }

    /// Whether somebody's own program has had the record, and does nothing with it.
    fn has_polled(&self, finding: &Finding) -> bool {
        let polled = |(process, app): (ProcessId, &AppSetting)| {
            let key = finding.payload.map(|payload| (process, payload));
            app.own.is_some() && key.is_some_and(|key| self.facts.polled.contains_key(&key))
        };
        self.app(finding.subject).is_some_and(polled)
    }

    /// The places of a record: ` (orders 0 and 1)`.
    fn offsets(&self, payload: PayloadId) -> String {
        let mut places = Vec::new();
        for (&(topic, partition), found) in &self.trace.audit.uncommitted {
            let of = found.iter().filter(|found| found.payload == payload);
            let offsets: Vec<String> = of.map(|found| found.offset.to_string()).collect();
            if !offsets.is_empty() {
                let log = self.names.log(topic, partition);
                places.push(format!("{log}, offsets {}", listed(&offsets)));
            }
        }
        if places.is_empty() { String::new() } else { format!(" ({})", places.join("; ")) }
    }

    /// Why a record was appended twice: by its producer, or by an application.
    fn appended_again(&self, payload: PayloadId) -> Option<String> {
        let (process, producer) = self.producer(payload)?;
        if let Some([first, again, ..]) = self.facts.appended.get(&payload).map(Vec::as_slice) {
            let handed = || self.handed_again(process, producer);
            let idempotent = producer.config.idempotence;
            return Some(self.sent_twice(process, idempotent, (first, again), handed));
        }
        let copies = |topic| self.facts.sent_on.get(&(topic, payload)).map(Vec::as_slice);
        let setting = self.names.setting();
        (0..).zip(&setting.apps).find_map(|(app, of): (usize, &AppSetting)| {
            let Some([first, again, ..]) = of.next_stage().and_then(copies) else { return None };
            let idempotent = of.output.as_ref().is_some_and(|output| output.config.idempotence);
            let process = setting.app_process(app);
            let again_by_itself = || {
                let back = self.facts.end_between(process, first.step, again.step)?;
                let how = if back.crashed { "crashed" } else { "ended" };
                let name = &of.name;
                Some(format!(
                    "{name} {how} before the broker had stored a commit behind it, and sent it on again"
                ))
            };
            again_by_itself().or_else(|| {
                let unknown = || "it was read again".to_owned();
                Some(self.sent_twice(process, idempotent, (first, again), unknown))
            })
        })
    }

    /// Why a restarted process handed a record out again.
    fn handed_again(&self, process: ProcessId, producer: &ProducerSetting) -> String {
        let name = self.names.process(process);
        let source = self.names.source(process);
        let when = match self.remember(producer) {
            Remember::Never => format!("{source} never stores a position"),
            Remember::AfterAck => format!(
                "{name} ended before it had stored its position in {source}, which it does when a record \
                 is acknowledged"
            ),
            Remember::AfterSend | Remember::BeforeSend => {
                format!("{name} ended before it had stored its position in {source}")
            }
        };
        let blind = if producer.config.idempotence {
            "; as a new process it has a new producer id, so the broker cannot recognise the repeat"
        } else {
            ""
        };
        format!("{when}, so the restarted process sent the record again{blind}")
    }

    /// Why a process sent a record twice.
    fn sent_twice(
        &self,
        process: ProcessId,
        idempotent: bool,
        (first, again): (&Appended, &Appended),
        handed: impl FnOnce() -> String,
    ) -> String {
        let name = self.names.process(process);
        match again.cause {
            Cause::First | Cause::Retry if again.late => format!(
                "a request of a broken connection arrived late, after {name} had sent the record again"
            ),
            Cause::Retry | Cause::First => {
                let bumped = self.facts.bumped.iter().any(|&(step, who)| {
                    who == process && (first.step..=again.step).contains(&step)
                });
                let blind = if idempotent && bumped {
                    "meanwhile it had bumped its epoch and numbered the batch anew, so the broker took \
                     it for another one"
                } else if idempotent {
                    "the broker did not recognise the repeat"
                } else {
                    "without idempotence the batch bears no sequence number by which the broker could \
                     recognise the repeat"
                };
                format!(
                    "{name} never got the answer to its first attempt, so it tried again, and {blind}"
                )
            }
            Cause::SentAgain => {
                let blind = if idempotent {
                    "; for an idempotent producer, too, a second call of send is a new record with a \
                     new sequence number"
                } else {
                    ""
                };
                format!(
                    "the first send failed for the application although the broker had appended the \
                     record, and the application called send again{blind}"
                )
            }
            Cause::HandedAgain => handed(),
        }
    }

    /// Why a record took effect twice.
    fn repeated(&self, finding: &Finding) -> Option<String> {
        let payload = finding.payload?;
        let (process, app) = self.app(finding.subject)?;
        let done = self.facts.effects.get(&(process, payload))?;
        let (first, second): (&Done, &Done) = (done.first()?, done.get(1)?);
        let came_again = self.came_again(finding, app, first, second)?;
        Some(match self.unrecognised(process, app, payload, first, second) {
            Some(why) => format!("{came_again}. {}", capital(&why)),
            None => came_again,
        })
    }

    /// Why a record was worked on twice.
    fn came_again(
        &self,
        finding: &Finding,
        app: &AppSetting,
        first: &Done,
        second: &Done,
    ) -> Option<String> {
        let payload = finding.payload?;
        let (process, _) = self.app(finding.subject)?;
        let record = self.names.record(payload);
        if first.offset != second.offset {
            let places = self.offsets(payload);
            let why = self.appended_again(payload)?;
            return Some(format!("it stands in the log twice{places}. {}", capital(&why)));
        }
        if let Some(back) = self.went_back(app, first, second) {
            return Some(back);
        }
        if let Some(ended) = self.facts.end_between(process, first.step, second.step) {
            return self.restarted(app, &record, (first, second), ended);
        }
        let raised = self.facts.raised.iter().any(|&(step, who, what)| {
            who == process && what == payload && (first.step..=second.step).contains(&step)
        });
        if let (true, Some(topic)) = (raised, app.dead_letter()) {
            return Some(format!(
                "the first attempt had taken effect, but {} saw an error and, not knowing that, sent \
                 {record} to {}",
                app.name,
                self.names.topic(topic)
            ));
        }
        if raised {
            return Some(format!(
                "the first attempt had taken effect, but {} saw an error and, not knowing that, \
                 processed {record} again",
                app.name
            ));
        }
        let reset = self.facts.begun.iter().find(|(step, who, begun)| {
            *who == process
                && (first.step..=second.step).contains(step)
                && matches!(begun, Begun::Reset(_))
        });
        if reset.is_some() {
            return Some(format!(
                "{} lost its position, and auto.offset.reset took it back",
                app.name
            ));
        }
        let why = self.appended_again(payload)?;
        Some(format!("it stands in the log twice{}. {}", self.offsets(payload), capital(&why)))
    }

    /// A restart between two effects: what was committed behind the first one.
    fn restarted(
        &self,
        app: &AppSetting,
        record: &str,
        (first, second): (&Done, &Done),
        ended: Ended,
    ) -> Option<String> {
        let name = &app.name;
        let how = if ended.crashed { "crashed" } else { "ended" };
        let from = match self.facts.begun_after(ended.process, ended.step) {
            Some(Begun::Committed(offset)) => {
                format!("it read on from the committed offset {offset}")
            }
            Some(Begun::Reset(offset)) => format!(
                "there was no committed offset, it began at offset {offset} (auto.offset.reset)"
            ),
            None => "it read on".to_owned(),
        };
        let had_committed = self.facts.stored.iter().any(|stored| {
            let behind = first.offset.is_some_and(|at| stored.offset > at);
            stored.group == app.group && behind && stored.step < second.step
        });
        let with_result = app.commit == CommitOrder::WithResult;
        let before = match (with_result, had_committed) {
            (true, _) => format!("{how} before it had stored its offset"),
            (false, true) => format!(
                "the broker had stored a commit behind it, which is gone ({})",
                self.faults()?
            ),
            (false, false) => format!("{how} before the broker had stored a commit behind it"),
        };
        let comma = if had_committed && !with_result { "," } else { "" };
        Some(format!(
            "{name} processed {record}{comma} and {before}; after its restart {from} and processed \
             {record} again"
        ))
    }

    /// Whether a record was read again because its group's committed offset went back.
    fn went_back(&self, app: &AppSetting, first: &Done, second: &Done) -> Option<String> {
        let at = first.offset?;
        let back = self.facts.stored.iter().find(|stored| {
            stored.group == app.group
                && stored.offset <= at
                && stored.step < second.step
                && stored.back.is_some_and(|before| before > at)
        })?;
        let (from, to) = (back.back?, back.offset);
        let how = if back.late {
            "a commit that was still on its way when its connection broke arrived late"
        } else {
            "an older commit was stored over a newer one"
        };
        Some(format!(
            "{how} and took the committed offset back from {from} to {to}, and {} read on from there \
             when it started again",
            app.name
        ))
    }

    /// Why a record is gone.
    fn lost(&self, finding: &Finding) -> Option<String> {
        let payload = finding.payload?;
        match finding.loss {
            Some(loss) => {
                self.not_sent_on(finding, payload, loss).or_else(|| self.not_in_log(payload, loss))
            }
            None if self.trace.audit.copies(payload) == 0 => self.not_in_log(payload, Loss::Silent),
            None => self.passed_over(finding, payload),
        }
    }

    /// Why a record that is in a log did not get into the next stage's.
    fn not_sent_on(&self, finding: &Finding, payload: PayloadId, loss: Loss) -> Option<String> {
        self.app(finding.subject)?;
        let setting = self.names.setting();
        let has_sent = |app: usize| self.facts.sent.contains(&(setting.app_process(app), payload));
        let lost = setting.apps.iter().enumerate().find_map(|(at, app)| {
            let topic = app.next_stage().filter(|_| has_sent(at))?;
            (!self.trace.audit.copies_in(topic).contains(payload)).then_some((app, topic))
        });
        let (app, topic) = lost.filter(|_| self.trace.audit.copies(payload) > 0)?;
        let (name, topic) = (&app.name, self.names.topic(topic));
        Some(match loss {
            Loss::Reported => format!(
                "{name} could not send it on to {topic}, and was told of the failure (a reported loss)"
            ),
            _ if unacknowledged(app) => format!(
                "{name} sent it on to {topic} without asking for an acknowledgement (acks=0), and it was \
                 lost on its way. Nobody is told of the loss"
            ),
            _ => format!("{}. {topic} had acknowledged it", capital(&self.faults()?)),
        })
    }

    fn not_in_log(&self, payload: PayloadId, loss: Loss) -> Option<String> {
        let (process, producer) = self.producer(payload)?;
        let name = self.names.process(process);
        let (record, source) = (self.names.record(payload), self.names.source(process));
        let ended = self.facts.ended.iter().rev().find(|ended| ended.process == process);
        Some(match (loss, self.facts.failed.get(&payload)) {
            (Loss::NeverSent, _) => {
                let when = match self.remember(producer) {
                    Remember::BeforeSend => "before it sends it",
                    _ => "as soon as send returns, before the broker has it",
                };
                ended?;
                format!(
                    "{name} stores its position in {source} {when}; it ended in between, and after its \
                     restart went on behind {record}. Nobody is told of the loss"
                )
            }
            (Loss::Reported, Some((_, Failure::Expired))) => format!(
                "{name} could not deliver it within delivery.timeout.ms and gave it up. The \
                 application was told of the failure (a reported loss)"
            ),
            (Loss::Reported, _) => format!(
                "{name} had no retry left, or was refused, and gave it up. The application was told of \
                 the failure (a reported loss)"
            ),
            (Loss::Silent, _) if producer.config.acks == Acks::None => format!(
                "{name} asks for no acknowledgement (acks=0): it took the record for sent, and the \
                 record was lost on its way. Nobody is told of the loss"
            ),
            (Loss::Silent, _) => format!("{}. Its send had been acknowledged", self.faults()?),
        })
    }

    /// Why an application never gets to a record that is in the log.
    fn passed_over(&self, finding: &Finding, payload: PayloadId) -> Option<String> {
        let (process, app) = self.app(finding.subject)?;
        let record = self.names.record(payload);
        let at = self.facts.copies(&app.topics, payload).first()?;
        if let Some(judged) = self.judged_away(process, app, payload) {
            return Some(judged);
        }
        if let Some(&(step, by)) = self.facts.dropped.get(&payload) {
            let by =
                self.names.app(by).map_or((process, app), |n| (by, &self.names.setting().apps[n]));
            return Some(self.dropped(by, step));
        }
        let stored = self
            .facts
            .stored
            .iter()
            .find(|stored| stored.group == app.group && stored.offset > at.offset);
        let ended = self.facts.ended.iter().find(|ended| ended.process == process);
        let polled = self.facts.polled.contains_key(&(process, payload));
        if let (Some(&Stored { step, offset, .. }), true) = (stored, polled) {
            let before = match app.commit {
                CommitOrder::AutoHandOff => "handed it to its worker thread",
                _ if app.next_stage().is_some() => "sent it on",
                _ => "polled it",
            };
            let had = match app.next_stage() {
                Some(_) => "before the broker had what it sent",
                None => "before it had processed it",
            };
            let ended = self.facts.end_between(process, step, usize::MAX).or(ended.copied())?;
            let how = if ended.crashed { "crashed" } else { "ended" };
            return Some(format!(
                "{} {before} and committed offset {offset}, behind it, but {how} {had}; after its restart it read on from there",
                app.name
            ));
        }
        let begun = self.facts.begun.iter().find_map(|(_, who, begun)| match begun {
            Begun::Reset(offset) if *who == process && *offset > at.offset => Some(*offset),
            _ => None,
        })?;
        let policy = match app.config.auto_offset_reset {
            AutoOffsetReset::Latest => "auto.offset.reset=latest",
            _ => "auto.offset.reset",
        };
        Some(format!(
            "{} had no committed offset and so began at offset {begun} ({policy}), behind {record}",
            app.name
        ))
    }

    /// Why a record whose processing failed has no effect.
    fn dropped(&self, (process, app): (ProcessId, &AppSetting), step: usize) -> String {
        let name = &app.name;
        let Some(topic) = app.dead_letter().map(|topic| self.names.topic(topic)) else {
            return format!("processing it failed, and {name} went on without it");
        };
        match self.facts.end_between(process, step, usize::MAX) {
            Some(ended) => {
                let how = if ended.crashed { "crashed" } else { "ended" };
                format!(
                    "processing it failed; {name} sent it to {topic}, committed behind it and {how} before \
                     the broker had it there"
                )
            }
            None if unacknowledged(app) => format!(
                "processing it failed; {name} sent it to {topic} without asking for an acknowledgement \
                 (acks=0), and it was lost on its way"
            ),
            None => format!(
                "processing it failed, and so did sending it to {topic}; {name} gave it up and went on"
            ),
        }
    }

    fn stuck(&self, finding: &Finding) -> Option<String> {
        let (process, app) = self.app(finding.subject)?;
        if let Some(refused) = self.refused_for_ever(process, app) {
            return Some(refused);
        }
        let ended = self.facts.ended.iter().rev().find(|ended| ended.process == process);
        let Some(ended) = ended else { return self.passed_over(finding, finding.payload?) };
        (!ended.crashed).then(|| format!("{} has ended, and its policy keeps it down", app.name))
    }

    fn disorder(&self, finding: &Finding) -> Option<String> {
        let (first, then) = self.swapped(finding)?;
        let (first, again) = (self.names.record(first), then);
        let then = self.names.record(again);
        let attempts = self.facts.appended.get(&again).map_or(&[][..], Vec::as_slice);
        let retried = attempts.iter().any(|copy| copy.cause == Cause::Retry);
        let why = if attempts.first().is_some_and(|copy| copy.late) {
            format!(
                "the request with {then} was still on its way when its connection broke, and arrived \
                 after {first}"
            )
        } else if retried {
            format!(
                "the first attempt to send {then} failed, and the next one came after {first}: more \
                 than one request may be in flight"
            )
        } else {
            self.faults()?
        };
        Some(format!("{first} came before {then}. {}", capital(&why)))
    }

    /// Two records of a key in the wrong order, as they came.
    fn swapped(&self, finding: &Finding) -> Option<(PayloadId, PayloadId)> {
        let mut order: Vec<(usize, PayloadId)> = match self.app(finding.subject) {
            Some((process, _)) => {
                let of = self.facts.effects.iter().filter(|((who, _), _)| *who == process);
                of.filter_map(|(&(_, payload), done)| Some((done.first()?.step, payload))).collect()
            }
            None => {
                let first = |(&payload, copies): (&PayloadId, &Vec<Appended>)| {
                    Some((copies.first()?.offset as usize, payload))
                };
                self.facts.appended.iter().filter_map(first).collect()
            }
        };
        order.sort_unstable();
        let same_key = |a: PayloadId, b: PayloadId| self.names.key(a) == self.names.key(b);
        order.iter().enumerate().find_map(|(i, &(_, early))| {
            let late = order[i + 1..].iter().find(|&&(_, p)| p < early && same_key(p, early));
            late.map(|&(_, late)| (early, late))
        })
    }

    /// The faults, if there were any.
    fn faults(&self) -> Option<String> {
        let faults: Vec<String> = self.facts.faults.iter().map(|(_, what)| what.clone()).collect();
        (!faults.is_empty()).then(|| listed(&faults))
    }
}

fn unacknowledged(app: &AppSetting) -> bool {
    app.output.as_ref().is_some_and(|output| output.config.acks == Acks::None)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}
