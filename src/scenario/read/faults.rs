//! `[faults]`: one budget, the kinds or classes it may be spent on, caps.

use super::Reader;
use super::fields::{Fields, Placed};
use crate::fault::FaultId;
use crate::scenario::budget::MOST;
use crate::scenario::defaults;
use crate::scenario::document::{Entry, Item, Value};
use crate::scenario::problem::ProblemKind;
use crate::scenario::vocabulary::fault_names;
use crate::world::setting::{FaultClass, FaultSetting};

impl Reader<'_> {
    pub(super) fn faults(&mut self, item: Option<Item<'_>>) -> FaultSetting {
        let Some(mut fields) = self.flat("faults", item) else {
            return defaults::faults();
        };
        let total = self.count(&mut fields, "total", 0..=MOST).unwrap_or(defaults::TOTAL);
        let by_class = fields.gives("classes");
        let classes = self.classes(&mut fields);
        let listed = fields.take("kinds");
        let counted = fields.take_prefix("kinds.");
        let caps = fields.take_prefix("caps.");
        fields.take("caps").filter(|entry| !is_empty_table(entry)).into_iter().for_each(|entry| {
            self.wrong_type(&entry, "a table, such as { disconnect = 1 }");
        });
        let by_kind = listed.is_some() || !counted.is_empty();
        if by_class && by_kind {
            let text = "faults are given by classes or by kinds, not both";
            let kind = ProblemKind::Contradiction(text.to_owned());
            let problem = self.problem(&fields.place("classes"), kind);
            self.problems.push(problem);
        }
        let mut kinds = match (by_kind, by_class) {
            (true, _) => self.kinds(listed, counted, total),
            (false, true) => defaults::kinds_of(&classes, total),
            (false, false) => defaults::kinds_of(FaultClass::ALL, total),
        };
        self.cap(&fields, caps, &mut kinds);
        self.finish(fields);
        FaultSetting { total, kinds }
    }

    fn classes(&mut self, fields: &mut Fields) -> Vec<FaultClass> {
        let mut classes = Vec::new();
        for name in self.texts(fields, "classes").unwrap_or_default() {
            match FaultClass::ALL.iter().find(|class| class.name() == name.value) {
                Some(class) => classes.push(*class),
                None => {
                    let names: Vec<&str> = FaultClass::ALL.iter().map(|c| c.name()).collect();
                    self.unknown_name("classes", &name, &names);
                }
            }
        }
        classes
    }

    /// `kinds = ["a", "b"]` or `kinds = { a = 1, b = 2 }`.
    fn kinds(
        &mut self,
        listed: Option<Entry>,
        counted: Vec<Entry>,
        total: u32,
    ) -> Vec<(String, u32)> {
        let mut kinds: Vec<(String, u32)> = Vec::new();
        let listed = listed.filter(|entry| !is_empty_table(entry));
        for name in listed.and_then(|entry| self.texts_of(entry)).unwrap_or_default() {
            if self.is_kind("kinds", &name) {
                kinds.push((name.value, total));
            }
        }
        for entry in counted {
            let name = Placed { value: entry.key.clone(), span: entry.key_span.clone() };
            let most = self.count_of(&entry, 0..=MOST);
            if let (true, Some(most)) = (self.is_kind("kinds", &name), most) {
                kinds.push((entry.key, most.min(total)));
            }
        }
        kinds.sort_by_key(|(name, _)| FaultId::named(name));
        kinds.dedup_by(|later, first| later.0 == first.0);
        kinds
    }

    fn cap(&mut self, fields: &Fields, caps: Vec<Entry>, kinds: &mut [(String, u32)]) {
        for entry in caps {
            let name = Placed { value: entry.key.clone(), span: entry.key_span.clone() };
            let cap = self.count_of(&entry, 0..=MOST);
            if !self.is_kind("caps", &name) {
                continue;
            }
            match (kinds.iter_mut().find(|(kind, _)| *kind == entry.key), cap) {
                (Some(kind), Some(cap)) => kind.1 = kind.1.min(cap),
                (Some(_), None) => {}
                (None, _) => {
                    let text = format!("`{}` has a cap but may not strike at all", entry.key);
                    let problem = self.problem(&entry.key_span, ProblemKind::Contradiction(text));
                    self.problems.push(problem.hint(format!("see {}", fields.title)));
                }
            }
        }
    }

    /// Whether the model has a fault of this name. One that it will have is not a mistake.
    fn is_kind(&mut self, key: &str, name: &Placed<String>) -> bool {
        if FaultId::named(&name.value).is_some() {
            return true;
        }
        self.unknown_name(key, name, &fault_names());
        false
    }
}

fn is_empty_table(entry: &Entry) -> bool {
    matches!(&entry.value, Value::Table(entries) if entries.is_empty())
}
