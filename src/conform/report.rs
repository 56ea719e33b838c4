//! The result of a run: which scripts agree, differ, or use what is not modelled.
//!
//! Pure data; the forms in which it is written stand in `text`, `machine` and `junit`.

use std::collections::BTreeMap;

use crate::conform::error::InputError;
use crate::conform::play::Outcome;

/// What a run found.
#[derive(Clone, Default, Debug)]
pub struct Report {
    /// The files, in order.
    pub files: Vec<FileReport>,
    /// Bad input.
    pub errors: Vec<InputError>,
}

/// One file's scripts.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Its path as given.
    pub path: String,
    /// Its scripts, in order.
    pub scripts: Vec<ScriptReport>,
}

impl FileReport {
    /// Counts of its scripts.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.scripts.iter().for_each(|script| counts.add(&script.outcome));
        counts
    }
}

/// How one script ended.
#[derive(Clone, Debug)]
pub struct ScriptReport {
    /// Its name.
    pub name: String,
    /// The line on which it stands, from 1.
    pub line: usize,
    /// The version of Kafka that was played, as "4.3".
    pub kafka: &'static str,
    /// The rules that it shows.
    pub rules: Vec<String>,
    /// How many steps it has.
    pub steps: usize,
    /// How it ended.
    pub outcome: Outcome,
}

/// Counts of scripts.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Every answer is Kafka's.
    pub agree: usize,
    /// An answer differs.
    pub differ: usize,
    /// It uses something that is not modelled.
    pub not_modelled: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Agrees => self.agree += 1,
            Outcome::Differs(_) => self.differ += 1,
            Outcome::NotModelled(_) => self.not_modelled += 1,
        }
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.agree + self.differ + self.not_modelled
    }
}

/// What a run says as a process: the exit codes of every verb.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// 0: every script agrees.
    Agrees,
    /// 1: a script differs.
    Differs,
    /// 2: nothing differs, but something is not modelled.
    NotModelled,
    /// 254: bad input or usage.
    BadInput,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Agrees => 0,
            Exit::Differs => 1,
            Exit::NotModelled => 2,
            Exit::BadInput => 254,
        }
    }
}

impl Report {
    /// All scripts with their files.
    pub fn scripts(&self) -> impl Iterator<Item = (&FileReport, &ScriptReport)> {
        self.files.iter().flat_map(|file| file.scripts.iter().map(move |script| (file, script)))
    }

    /// Counts over all scripts.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.scripts().for_each(|(_, script)| counts.add(&script.outcome));
        counts
    }

    /// Counts by rule; a script counts under each of its rules.
    pub fn by_rule(&self) -> BTreeMap<RuleKey<'_>, Counts> {
        let mut rules: BTreeMap<RuleKey<'_>, Counts> = BTreeMap::new();
        for (_, script) in self.scripts() {
            for rule in &script.rules {
                rules.entry(RuleKey(rule)).or_default().add(&script.outcome);
            }
        }
        rules
    }

    /// How many scripts use each thing that is not modelled.
    pub fn not_modelled(&self) -> BTreeMap<&str, (usize, Option<&str>)> {
        let mut found: BTreeMap<&str, (usize, Option<&str>)> = BTreeMap::new();
        for (_, script) in self.scripts() {
            let Outcome::NotModelled(items) = &script.outcome else { continue };
            let mut names: Vec<(&str, Option<&str>)> =
                items.iter().map(|item| (&*item.what, item.nearest.as_deref())).collect();
            names.sort_unstable();
            names.dedup_by_key(|(name, _)| *name);
            for (name, nearest) in names {
                let entry = found.entry(name).or_default();
                entry.0 += 1;
                entry.1 = entry.1.or(nearest);
            }
        }
        found
    }

    /// What the process says.
    pub fn exit(&self) -> Exit {
        let counts = self.counts();
        if !self.errors.is_empty() {
            Exit::BadInput
        } else if counts.differ > 0 {
            Exit::Differs
        } else if counts.not_modelled > 0 {
            Exit::NotModelled
        } else {
            Exit::Agrees
        }
    }
}

/// A rule's name, ordered as people count: R1.2 before R1.10, R2 before R10.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleKey<'a>(pub &'a str);

impl Ord for RuleKey<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        parts(self.0).cmp(parts(other.0)).then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for RuleKey<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Runs of digits as numbers, everything else as characters.
fn parts(mut text: &str) -> impl Iterator<Item = (u64, char)> + '_ {
    std::iter::from_fn(move || {
        let first = text.chars().next()?;
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            let number = text[..digits].parse().unwrap_or(u64::MAX);
            text = &text[digits..];
            return Some((number, '0'));
        }
        text = &text[first.len_utf8()..];
        Some((0, first))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_ordered_as_people_count() {
        let mut rules = vec!["R10", "R1.10", "R1.2", "A2", "R1.3d", "R1.3a", "R2.1"];
        rules.sort_by_key(|rule| RuleKey(rule));
        assert_eq!(rules, ["A2", "R1.2", "R1.3a", "R1.3d", "R1.10", "R2.1", "R10"]);
    }
}
