//! `dedup` of `[app.NAME]`: the strategy that an application asks before each effect.

use super::Reader;
use super::fields::{Fields, Placed};
use crate::dedup::list::{self, STRATEGIES, Strategy};
use crate::dedup::model::Rule;
use crate::dedup::{Kind, Memory};
use crate::scenario::defaults;
use crate::scenario::problem::ProblemKind;
use crate::scenario::vocabulary::{DEDUP_ID, DEDUP_MEMORY};
use crate::world::setting::{CommitOrder, DedupSetting, EffectKind, Identity};

impl Reader<'_> {
    /// `dedup`, or `dedup.strategy` where TOML needs `dedup` for a table.
    pub(super) fn dedup(&mut self, fields: &mut Fields) -> Option<DedupSetting> {
        let short = self.text(fields, "dedup");
        let long = self.text(fields, "dedup.strategy");
        let memory = self.choice(fields, "dedup.memory", DEDUP_MEMORY);
        let identity = self.choice(fields, "dedup.id", DEDUP_ID);
        let every = self.count(fields, "dedup.snapshot.every", 1..=1000);
        let given = fields.gives("dedup") || fields.gives("dedup.strategy");
        let Some(name) = short.or(long) else {
            let rest = ["dedup.memory", "dedup.id", "dedup.snapshot.every"];
            if let Some(key) = rest.iter().find(|key| !given && fields.gives(key)) {
                let text = format!("`{key}` says how a strategy works, and there is none");
                self.contradicts(fields, key, text, "dedup.strategy = \"NAME\"");
            }
            return None;
        };
        let row = self.strategy(&name)?;
        let memory = self.memory(fields, row, memory, every)?;
        if !matches!(row.rule, Rule::Keys { .. } | Rule::Cache) && fields.gives("dedup.id") {
            let text = format!("`{}` looks at no key", row.name);
            self.contradicts(fields, "dedup.id", text, "leave dedup.id out");
        }
        let identity = identity.unwrap_or(Identity::Stamped);
        let setting = DedupSetting { strategy: row.name, rule: row.rule, memory, identity };
        (row.rule != Rule::Nothing).then_some(setting)
    }

    fn strategy(&mut self, name: &Placed<String>) -> Option<&'static Strategy> {
        let usable: Vec<&Strategy> = STRATEGIES.iter().filter(|row| is_usable(row)).collect();
        match list::find(&name.value) {
            Some(row) if is_usable(row) => Some(row),
            Some(row) => {
                let (text, hint) = match row.rule {
                    Rule::Offsets => {
                        ("an offset stored with the result is", "commit = \"with-result\"")
                    }
                    _ => (
                        "this row of the table is",
                        "dedup = \"high-water\" and a topic that reorders",
                    ),
                };
                let text = format!("{text} no strategy of its own in a scenario");
                let problem = self.problem(&name.span, ProblemKind::Contradiction(text));
                self.problems.push(problem.hint(format!("write {hint}")));
                None
            }
            None => {
                let names: Vec<&str> = usable.iter().map(|row| row.name).collect();
                self.unknown_name("dedup", name, &names);
                None
            }
        }
    }

    fn memory(
        &mut self,
        fields: &Fields,
        row: &Strategy,
        wanted: Option<Kind>,
        every: Option<u32>,
    ) -> Option<Memory> {
        let kind = wanted.or(row.kinds.first().copied())?;
        if !row.kinds.contains(&kind) {
            let known: Vec<&str> = row.kinds.iter().map(|kind| kind.name()).collect();
            let text = format!("`{}` has no such memory", row.name);
            self.contradicts(fields, "dedup.memory", text, &known.join(" or "));
            return None;
        }
        if every.is_some() && kind != Kind::Snapshot {
            let text = "only memory that is saved from time to time has snapshots".to_owned();
            self.contradicts(fields, "dedup.snapshot.every", text, "dedup.memory = \"snapshot\"");
        }
        Some(match kind.order() {
            Some(order) => Memory::Durable { order },
            None if kind == Kind::Snapshot => {
                Memory::Snapshot { every: u64::from(every.unwrap_or(defaults::SNAPSHOT_EVERY)) }
            }
            None => Memory::Volatile,
        })
    }

    /// What cannot be: marks in one transaction with the effect of a call that no store takes part in; a
    /// strategy that a second thread asks.
    pub(super) fn check_dedup(
        &mut self,
        fields: &Fields,
        dedup: &DedupSetting,
        commit: CommitOrder,
        effect: EffectKind,
    ) {
        if dedup.memory.kind() == Kind::DurableWith && effect != EffectKind::Store {
            let text = format!(
                "`{}` marks a record in the transaction of its effect, which must be in a store",
                dedup.strategy
            );
            self.contradicts(fields, "effect", text, "effect = \"store\"");
        }
        if commit == CommitOrder::AutoHandOff {
            self.unmodelled(fields, "dedup", "deduplication in a worker thread");
        }
    }

    pub(super) fn contradicts(&mut self, fields: &Fields, key: &str, text: String, hint: &str) {
        let problem = self.problem(&fields.place(key), ProblemKind::Contradiction(text));
        self.problems.push(problem.hint(format!("expected {hint}")));
    }
}

/// Whether a scenario may name it.
fn is_usable(row: &Strategy) -> bool {
    row.overtaken_by == 0 && row.rule != Rule::Offsets
}
