//! What many runs showed: counts, and of each broken guarantee the first seed. Summing up is commutative, so
//! that the parts of a sweep may be put together in any order.

use std::collections::BTreeMap;

use crate::guarantee::{Finding, Guarantee, Subject};
use crate::simulate::{End, Outcome, Strategy};

/// A guarantee of a subject that runs broke.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken {
    /// How many runs.
    pub runs: u64,
    /// The least seed whose run did.
    pub seed: u64,
    /// What is wrong in that run.
    pub finding: Finding,
    /// After how many of its steps.
    pub step: u64,
}

/// The sum over runs.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Summary {
    /// Runs.
    pub runs: u64,
    /// Actions performed.
    pub steps: u64,
    /// Strikes of each fault, by its number.
    pub struck: Vec<u64>,
    /// Runs of each strategy.
    pub strategies: BTreeMap<Strategy, u64>,
    /// Runs that ended in a circle that nothing but a fault leaves.
    pub circles: u64,
    /// Runs that came to no rest and so leave open what is judged there, and the least seed of one.
    pub restless: Option<(u64, u64)>,
    /// What was broken.
    pub broken: BTreeMap<(Subject, Guarantee), Broken>,
}

impl Summary {
    /// Adds a run.
    pub fn add(&mut self, outcome: &Outcome, strategy: Strategy) {
        self.runs += 1;
        self.steps += outcome.steps;
        add_counts(&mut self.struck, outcome.struck.iter().map(|&count| u64::from(count)));
        *self.strategies.entry(strategy).or_default() += 1;
        self.circles += u64::from(matches!(outcome.end, End::Circle(_)));
        if !outcome.open.is_empty() {
            self.add_restless(1, outcome.seed);
        }
        for found in &outcome.found {
            let broken =
                Broken { runs: 1, seed: outcome.seed, finding: found.finding, step: found.step };
            self.add_broken((found.finding.subject, found.guarantee()), broken);
        }
    }

    /// Adds what other runs showed.
    pub fn merge(&mut self, other: &Summary) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.circles += other.circles;
        add_counts(&mut self.struck, other.struck.iter().copied());
        for (&strategy, &runs) in &other.strategies {
            *self.strategies.entry(strategy).or_default() += runs;
        }
        if let Some((runs, seed)) = other.restless {
            self.add_restless(runs, seed);
        }
        for (&key, &broken) in &other.broken {
            self.add_broken(key, broken);
        }
    }

    /// Strikes of all faults.
    pub fn faults(&self) -> u64 {
        self.struck.iter().sum()
    }

    /// What broke a guarantee of any subject: the one with the least seed.
    pub fn first(&self, guarantee: Guarantee) -> Option<&Broken> {
        let of = self.broken.iter().filter(|((_, other), _)| *other == guarantee);
        of.map(|(_, broken)| broken).min_by_key(|broken| broken.seed)
    }

    fn add_restless(&mut self, runs: u64, seed: u64) {
        let (before, least) = self.restless.unwrap_or((0, seed));
        self.restless = Some((before + runs, least.min(seed)));
    }

    fn add_broken(&mut self, key: (Subject, Guarantee), other: Broken) {
        let Some(broken) = self.broken.get_mut(&key) else {
            self.broken.insert(key, other);
            return;
        };
        let runs = broken.runs + other.runs;
        if other.seed < broken.seed {
            *broken = other;
        }
        broken.runs = runs;
    }
}

fn add_counts(sums: &mut Vec<u64>, counts: impl Iterator<Item = u64>) {
    for (place, count) in counts.enumerate() {
        if sums.len() <= place {
            sums.push(0);
        }
        sums[place] += count;
    }
}
