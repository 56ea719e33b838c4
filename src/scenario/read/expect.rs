//! `[[expect]]`.

use super::{Reader, tables_of};
use crate::guarantee::Anomaly;
use crate::scenario::document::{Entry, Item, Table};
use crate::scenario::expect::{Claim, Expectation, GUARANTEES, LEVELS};
use crate::scenario::vocabulary;

use super::fields::{Fields, Placed};

impl Reader<'_> {
    pub(super) fn expectations(&mut self, item: Option<Item<'_>>) -> Vec<Expectation> {
        let tables = match item.map(|item| item.tables(self.source)) {
            None => return Vec::new(),
            Some(Ok(tables)) => tables,
            Some(Err(entry)) => {
                self.wrong_type(&entry, "[[expect]], with two brackets");
                return Vec::new();
            }
        };
        tables.into_iter().map(|table| self.expectation(table)).collect()
    }

    fn expectation(&mut self, table: Table) -> Expectation {
        let mut fields = tables_of(table, "[[expect]]");
        let line = self.source.position(fields.span.start).line;
        let app = self.text(&mut fields, "app");
        if let Some(name) = &app
            && self.apps.iter().all(|other| other.name != name.value)
        {
            let names: Vec<String> = self.apps.iter().map(|app| app.name.clone()).collect();
            self.no_such("app", name, &names);
        }
        let mut claims = Vec::new();
        claims.extend(self.choice(&mut fields, "level", LEVELS).map(Claim::Level));
        for (key, guarantee) in GUARANTEES {
            let holds = self.boolean(&mut fields, key);
            claims.extend(holds.map(|holds| Claim::Holds(*guarantee, holds)));
        }
        self.breaks_at(&mut fields, &mut claims);
        let anomalies = Anomaly::ALL.iter().map(|anomaly| anomaly.name().to_owned()).collect();
        for (key, claim, known) in [
            ("anomaly", Claim::Anomaly as fn(String) -> Claim, anomalies),
            ("reachable", Claim::Reachable, vocabulary::pins()),
        ] {
            let names = self.texts(&mut fields, key).unwrap_or_default();
            for name in names {
                if known.contains(&name.value) {
                    claims.push(claim(name.value));
                } else {
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    self.unknown_name(key, &name, &known);
                }
            }
        }
        if fields.is_empty() {
            self.missing(&fields, "level", "at least one claim");
        }
        self.finish(fields);
        Expectation { line, app: app.map(|app| app.value), claims }
    }

    fn breaks_at(&mut self, fields: &mut Fields, claims: &mut Vec<Claim>) {
        if let Some(entry) = fields.take("breaks_at") {
            self.wrong_type(&entry, "a table, such as { at-most = 1 }");
        }
        for entry in fields.take_prefix("breaks_at.") {
            let faults = self.count_of(&entry, 0..=1000);
            let Entry { key, key_span, .. } = entry;
            let name = Placed { value: key, span: key_span };
            let guarantee = self.word("breaks_at", &name, GUARANTEES);
            if let (Some(guarantee), Some(faults)) = (guarantee, faults) {
                claims.push(Claim::BreaksAt(guarantee, faults));
            }
        }
    }
}
