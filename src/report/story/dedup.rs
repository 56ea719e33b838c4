//! Why a strategy of deduplication lost a record, or let it through.

use crate::app::Doing;
use crate::app::setting::{AppSetting, DedupSetting, Identity};
use crate::dedup::model::Rule;
use crate::dedup::{Memory, Order};
use crate::history::event::ProcessId;
use crate::record::PayloadId;
use crate::report::story::facts::{Done, Judged};
use crate::report::story::why::Why;

impl Why<'_> {
    /// Why a record was skipped or refused that had no effect.
    pub(super) fn judged_away(
        &self,
        process: ProcessId,
        app: &AppSetting,
        payload: PayloadId,
    ) -> Option<String> {
        let dedup = app.dedup?;
        let of_record = |judged: &&Judged| judged.process == process && judged.payload == payload;
        let mut judged = self.facts.judged.iter().filter(of_record);
        let last = judged.clone().rev().find(|judged| judged.drops())?;
        let record = self.names.record(payload);
        let (name, strategy) = (&app.name, dedup.strategy);
        if let Some((_, fault)) = self.facts.faults.iter().find(|(step, _)| *step == last.step) {
            return Some(format!("{fault}. {}", rests_on(&dedup)));
        }
        if last.what == Doing::Refuse(payload) {
            return Some(format!(
                "{strategy} can neither process nor skip {record}, and {name} went on without it"
            ));
        }
        if judged.any(|judged| judged.marks() && judged.step < last.step) {
            return Some(format!(
                "{name} wrote down that it had seen {record} before it processed it, and ended in \
                 between; when it read {record} again, it took it for a duplicate"
            ));
        }
        let before = self.others_before(process, last.step, payload);
        Some(match (dedup.rule, before) {
            (Rule::Keys { .. }, Some(other)) if dedup.identity == Identity::RecordKey => format!(
                "{record} has the key of {other}, and {strategy} took it for the same record. {}",
                rests_on(&dedup)
            ),
            (Rule::HighWater, Some(other)) => format!(
                "{other} overtook it, and {strategy} skips whatever is not above the highest sequence \
                 number that it has seen. {}",
                rests_on(&dedup)
            ),
            _ => format!("{strategy} took {record} for a duplicate. {}", rests_on(&dedup)),
        })
    }

    /// The record that a strategy refuses again and again, so that nothing behind it is reached.
    pub(super) fn refused_for_ever(&self, process: ProcessId, app: &AppSetting) -> Option<String> {
        let dedup = app.dedup?;
        let last = self.facts.judged.iter().rev().find(|judged| judged.process == process)?;
        let Doing::Refuse(payload) = last.what else { return None };
        let (strategy, record) = (dedup.strategy, self.names.record(payload));
        Some(format!(
            "{strategy} can neither process nor skip {record}, and {} tries it again for ever. {}",
            app.name,
            rests_on(&dedup)
        ))
    }

    /// The record, other than this one, that was last admitted before a step.
    fn others_before(&self, process: ProcessId, step: usize, payload: PayloadId) -> Option<String> {
        let mut judged = self.facts.judged.iter().rev();
        let other = judged.find(|judged| {
            let admitted = matches!(judged.what, Doing::Admit(_));
            judged.process == process && judged.step < step && judged.payload != payload && admitted
        });
        other.map(|judged| self.names.record(judged.payload))
    }

    /// Why a record that had its effect was not recognised, as a sentence of its own.
    pub(super) fn unrecognised(
        &self,
        process: ProcessId,
        app: &AppSetting,
        payload: PayloadId,
        first: &Done,
        second: &Done,
    ) -> Option<String> {
        let dedup = app.dedup?;
        let within = |step: usize| (first.step..=second.step).contains(&step);
        let admitted = self.facts.judged.iter().rev().find(|judged| {
            let admits = matches!(judged.what, Doing::Admit(_));
            judged.process == process && judged.payload == payload && admits && within(judged.step)
        });
        let strategy = dedup.strategy;
        let Some(admitted) = admitted else {
            return Some(format!("it had asked {strategy} once, before the first attempt"));
        };
        if self.facts.faults.iter().any(|(step, _)| *step == admitted.step) {
            return Some(format!("it was not recognised: the window of {strategy} had passed"));
        }
        if dedup.rule == Rule::Cache {
            return Some(format!(
                "it was not recognised: {strategy} had not kept it, for a cache evicts by a rule of its own"
            ));
        }
        if first.offset != second.offset && dedup.identity == Identity::Position {
            return Some("A record that was sent again has another position".to_owned());
        }
        let gone = match dedup.memory {
            Memory::Volatile => "what that had seen was in main memory, and gone with the process",
            Memory::Snapshot { .. } => {
                "the crash came before the next snapshot of what that had seen"
            }
            Memory::Durable { order: Order::After } => {
                "it was not written down yet that the record had been seen"
            }
            Memory::Durable { .. } => return None,
        };
        self.facts.end_between(process, first.step, second.step)?;
        Some(format!("it was not recognised by {strategy}: {gone}"))
    }
}

fn rests_on(dedup: &DedupSetting) -> String {
    let row = crate::dedup::list::find(dedup.strategy);
    let assumption = row.map_or("", |row| row.assumption);
    format!("{} rests on this: {assumption}", dedup.strategy)
}
