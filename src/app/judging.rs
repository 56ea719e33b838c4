//! The strategy of deduplication that a program asks before each effect.
//!
//! One record at a time: it is judged, then worked on. Marks become durable as the strategy's order says:
//! with the judgement, before the effect; in a step of their own after the effect, so that a crash fits
//! between; or in the effect's own transaction. What is kept in main memory is gone when the process is.
//!
//! Must never know how a real structure works: that it may err is the environment's choice ([`Course`]).

use crate::app::program::{Doing, ProgramOut};
use crate::app::reader::{Course, Durable, ReaderContext, ReaderProgram};
use crate::app::setting::{AppSetting, DedupSetting, Identity};
use crate::dedup::model::{Choice, ModelDedup, Rule};
use crate::dedup::{Admission, Arrival, Loss, Memory, Order};
use crate::history::Event;
use crate::protocol::consumer::Polled;

/// Whether the record in hand was judged.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Asked {
    /// There is no strategy to ask.
    Never,
    /// Not yet.
    NotYet,
    /// It is to be processed.
    Admitted,
}

impl Asked {
    /// Of a record that comes to hand.
    pub(super) fn first(setting: &AppSetting) -> Asked {
        if setting.dedup.is_some() { Asked::NotYet } else { Asked::Never }
    }
}

impl Course {
    fn choice(self) -> Choice {
        match self {
            Course::FalsePositive => Choice::FalsePositive,
            Course::WindowPassed => Choice::WindowPassed,
            Course::Evicted => Choice::Evicted,
            Course::Succeeds | Course::FailsBefore | Course::FailsAfter => Choice::Honest,
        }
    }
}

impl DedupSetting {
    /// Whether the strategy may ever err in this way.
    pub fn may_err(&self, course: Course) -> bool {
        match course {
            Course::FalsePositive => matches!(self.rule, Rule::Keys { approximate: true, .. }),
            Course::WindowPassed => {
                matches!(self.rule, Rule::Keys { forgetful: true, .. } | Rule::SequenceWindow)
            }
            Course::Evicted => self.rule == Rule::Cache,
            Course::Succeeds | Course::FailsBefore | Course::FailsAfter => false,
        }
    }
}

impl Durable {
    /// What an application begins with.
    pub fn of(setting: &AppSetting) -> Durable {
        let dedup = setting.dedup.map(|dedup| ModelDedup::new(dedup.rule, dedup.memory));
        Durable { dedup, ..Durable::default() }
    }

    /// The process is gone, and what it had in main memory.
    pub fn process_ended(&mut self) {
        if let Some(dedup) = &mut self.dedup {
            dedup.fail(Loss::Crash);
        }
    }

    fn order(&self) -> Option<Order> {
        self.dedup.as_ref().map(ModelDedup::order)
    }

    /// The effect takes place: in the same transaction, if marks are written with it.
    pub(super) fn mark_with_effect(&mut self) {
        if let Some(dedup) = self.dedup.as_mut().filter(|dedup| dedup.order() == Order::With) {
            dedup.commit();
        }
    }
}

impl ReaderProgram {
    /// Whether the strategy may err in this way about the record that it is asked about next.
    pub fn may_err(&self, cx: ReaderContext<'_>, durable: &Durable, course: Course) -> bool {
        let asked = self.asking_about().zip(durable.dedup.as_ref());
        asked.is_some_and(|(polled, dedup)| {
            dedup.choices(&arrival(cx, polled)).contains(&course.choice())
        })
    }

    /// Asks about the first record at hand.
    pub(super) fn judge(
        &mut self,
        cx: ReaderContext<'_>,
        course: Course,
        durable: &mut Durable,
        out: &mut ProgramOut,
    ) {
        let Some(polled) = self.at_hand.front().cloned() else { return };
        let Some(dedup) = &mut durable.dedup else { return };
        let payload = polled.record.payload;
        match dedup.admit(&arrival(cx, &polled), course.choice()) {
            Admission::Process => {
                self.asked = Asked::Admitted;
                out.did(Doing::Admit(payload));
                if dedup.order() == Order::Before {
                    dedup.commit();
                    out.did(Doing::Mark(payload));
                }
            }
            Admission::Skip => {
                dedup.commit();
                out.did(Doing::Duplicate(payload));
                out.client.event(Event::Skipped { process: cx.consumer.process, payload });
                self.done(cx, &polled, out);
            }
            Admission::Refuse => {
                out.did(Doing::Refuse(payload));
                self.raised(cx, &polled, out);
            }
        }
    }

    /// Whether the mark of a record whose effect took place is written in a step of its own.
    pub(super) fn marks_later(&self, durable: &Durable) -> bool {
        let memory = durable.dedup.as_ref().map(ModelDedup::memory);
        let kept = memory.is_some_and(|memory| memory != Memory::Volatile);
        kept && durable.order() == Some(Order::After)
    }

    /// Writes down that the first record at hand was seen.
    pub(super) fn mark(
        &mut self,
        cx: ReaderContext<'_>,
        durable: &mut Durable,
        out: &mut ProgramOut,
    ) {
        let Some(polled) = self.at_hand.front().cloned() else { return };
        if durable.dedup.as_mut().is_some_and(ModelDedup::commit) {
            out.did(Doing::Mark(polled.record.payload));
        }
        self.done(cx, &polled, out);
    }

    /// Processing raised: where marks share the effect's transaction, the record is judged anew.
    pub(super) fn roll_back(&mut self, durable: &mut Durable) {
        if let Some(dedup) = durable.dedup.as_mut().filter(|dedup| dedup.order() == Order::With) {
            dedup.abort();
            self.asked = Asked::NotYet;
        }
    }
}

/// What a strategy sees of a record.
fn arrival(cx: ReaderContext<'_>, polled: &Polled) -> Arrival {
    let payload = polled.record.payload;
    let (producer, sequence) = place_in_source(cx, payload.0);
    let identity = cx.setting.dedup.map_or(Identity::Stamped, |dedup| dedup.identity);
    let (topic, partition) = polled.key;
    let key = match (identity, polled.record.key) {
        // A record without a key is its own.
        (Identity::Stamped, _) | (Identity::RecordKey, None) => u128::from(payload.0),
        (Identity::RecordKey, Some(key)) => 1 << 64 | u128::from(key.0),
        (Identity::Position, _) => {
            let place = u128::from(topic.0) << 32 | u128::from(partition.cast_unsigned());
            place << 64 | u128::from(polled.offset.cast_unsigned())
        }
    };
    Arrival { key, producer, sequence, offset: polled.offset, tick: 0 }
}

/// The number of the source that a record is from, and its number there.
fn place_in_source(cx: ReaderContext<'_>, payload: u32) -> (u32, u64) {
    let mut rest = payload;
    for (source, number) in cx.sources.iter().zip(0..) {
        if rest < source.records {
            return (number, u64::from(rest));
        }
        rest -= source.records;
    }
    (u32::MAX, u64::from(rest))
}
