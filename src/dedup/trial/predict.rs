//! What a trial should count, by closed forms: from what a strategy claims about itself ([`Theory`]),
//! its kind of memory, the workload and the plan.
//!
//! | quantity | form |
//! |---|---|
//! | leak of a window of w | P(distance > w), for two generations averaged over w from W/2 to W |
//! | loss by false positives | the rate at each fill, summed over the originals |
//! | loss by overtaking | P(delay reaches the next record of the same producer) |
//! | crash between effect and mark | what of a batch was done, in the mean half of it |
//! | memory lost | P(a failure in the batches between a record and its duplicate) |
//!
//! Must never look at a trial's outcome.

use super::run::Plan;
use super::stream::{DELAYED_ONE_IN, Workload};
use crate::dedup::{FalsePositives, Forgets, Memory, Order, Recognises, Theory};

/// An expected count and its variance.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Expected {
    /// The mean.
    pub mean: f64,
    /// The variance, over seeds.
    pub variance: f64,
}

impl Expected {
    /// A sum of rare independent events.
    fn rare(mean: f64) -> Expected {
        Expected { mean, variance: mean }
    }

    fn and(self, other: Expected) -> Expected {
        Expected { mean: self.mean + other.mean, variance: self.variance + other.variance }
    }

    /// How many standard deviations a count is away; a count that can only be 0 is 0 or infinitely far.
    pub fn deviations(&self, count: u64) -> f64 {
        let difference = (count as f64 - self.mean).abs();
        if difference < 0.5 { 0.0 } else { difference / self.variance.sqrt() }
    }
}

/// What a trial should count; `None` where there is no closed form.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prediction {
    /// Records without an effect.
    pub dropped: Option<Expected>,
    /// Effects beyond the first.
    pub let_through: Option<Expected>,
}

/// Predicts a trial of a strategy that makes these claims and has this memory.
pub fn predict(theory: &Theory, memory: Memory, workload: &Workload, plan: &Plan) -> Prediction {
    let scene = Scene::new(theory, memory, workload, plan);
    let late = scene.late_leaks();
    Prediction {
        dropped: Some(scene.dropped()),
        let_through: late.map(|late| late.and(scene.repeated_effects(late.mean))),
    }
}

/// Distances up to here are summed one by one, beyond in steps of this fraction of them.
const FINE: f64 = 2048.0;

struct Scene<'a> {
    theory: &'a Theory,
    memory: Memory,
    workload: &'a Workload,
    /// Originals.
    originals: f64,
    /// Expected duplicates, or blocks, per original.
    events: f64,
    /// Messages per original.
    messages_per_original: f64,
    commit_every: f64,
    /// P(a batch of messages goes through without a crash), without a move.
    unharmed: (f64, f64),
    /// P(a failure of either kind at a message).
    failure: f64,
}

impl<'a> Scene<'a> {
    fn new(theory: &'a Theory, memory: Memory, workload: &'a Workload, plan: &Plan) -> Scene<'a> {
        let keep = |every: u64| if every == 0 { 1.0 } else { 1.0 - 1.0 / every as f64 };
        let (crash, moved) = (keep(plan.crash_every), keep(plan.move_every));
        let commit_every = plan.commit_every as f64;
        let (events, originals) = workload.events_per_original();
        let mut scene = Scene {
            theory,
            memory,
            workload,
            originals: workload.keys as f64,
            events: events as f64 / originals as f64,
            messages_per_original: 1.0,
            commit_every,
            unharmed: (crash.powf(commit_every), moved.powf(commit_every)),
            failure: 1.0 - crash * moved,
        };
        let duplicates = scene.sum(|_| 1.0).unwrap_or(scene.events * scene.originals);
        scene.messages_per_original = 1.0 + duplicates / scene.originals.max(1.0);
        scene
    }

    /// The expected number of duplicates, each weighed by its distance.
    fn sum(&self, weigh: impl Fn(f64) -> f64) -> Option<f64> {
        let mut total = 0.0;
        let mut from = 0.0;
        while from < self.originals {
            let step = (from / FINE).floor().max(1.0);
            let to = (from + step).min(self.originals);
            let mass = self.workload.distance.mass(self.originals, from, to)?;
            total += mass * weigh(f64::midpoint(from + 1.0, to));
            from = to;
        }
        Some(total * self.events)
    }

    /// Duplicates that come when their record is forgotten.
    fn late_leaks(&self) -> Option<Expected> {
        let fragile = !matches!(self.memory, Memory::Durable { .. }) && self.failure > 0.0;
        let forgotten = |lag: f64| if fragile { 1.0 - self.kept(lag) } else { 0.0 };
        let all = || self.sum(|_| 1.0);
        let (window, memory_loss) = match self.theory.recognises {
            Recognises::Nothing => (all()?, 0.0),
            Recognises::Offsets if self.workload.distance.same_position() => (0.0, 0.0),
            Recognises::Offsets => (all()?, 0.0),
            Recognises::NextSequence if fragile => return None,
            Recognises::NextSequence => (0.0, 0.0),
            Recognises::HighWater => (0.0, self.sum(|d| self.since_own(d, &forgotten))?),
            Recognises::SequenceWindow { size } => {
                let reach = size as f64 * f64::from(self.workload.producers);
                let inside = |d: f64| if d - 1.0 < reach { forgotten(d) } else { 0.0 };
                (0.0, self.sum(inside)?)
            }
            Recognises::Sequences => (0.0, self.sum(forgotten)?),
            Recognises::Keys => self.key_leaks(forgotten, fragile)?,
        };
        // Every crash makes its own number of duplicates leak, so their variance is larger.
        let crashes = self.failures().max(1e-9);
        let bunched = if memory_loss > 0.0 { memory_loss * memory_loss / crashes } else { 0.0 };
        let mean = window + memory_loss;
        Some(Expected { mean, variance: mean + bunched })
    }

    /// Leaks of a strategy that remembers keys: past its window, and from memory lost.
    fn key_leaks(&self, forgotten: impl Fn(f64) -> f64, fragile: bool) -> Option<(f64, f64)> {
        let block = self.workload.distance.block().map_or(0, |(_, most)| most);
        let past: Box<dyn Fn(f64) -> f64> = match self.theory.forgets {
            Forgets::Never if fragile || block == 0 => Box::new(|_| 0.0),
            Forgets::Never => return Some((0.0, 0.0)),
            Forgets::ByItsOwnRule => return None,
            Forgets::LeastRecent { capacity } if block > capacity => return None,
            Forgets::LeastRecent { capacity } => {
                let reach = self.recent_reach(capacity as f64)?;
                Box::new(move |d| if d > reach { 1.0 } else { 0.0 })
            }
            Forgets::Generations { half, ticks: false } if block > half => return None,
            Forgets::Generations { half, ticks } => {
                let shrink = if ticks { 1.0 } else { self.inserts_per_original(half as f64)? };
                let half = half as f64 / shrink;
                Box::new(move |d| ((d - half) / half).clamp(0.0, 1.0))
            }
        };
        if self.originals == 0.0 {
            return Some((0.0, 0.0));
        }
        let window =
            if matches!(self.theory.forgets, Forgets::Never) { 0.0 } else { self.sum(&past)? };
        let lost = if fragile { self.sum(|d| (1.0 - past(d)) * forgotten(d))? } else { 0.0 };
        Some((window, lost))
    }

    /// Duplicates of older records that come within `lag` originals of a record: each counts as one more
    /// key seen since.
    fn older_duplicates(&self, lag: f64) -> Option<f64> {
        let total = self.sum(|_| 1.0)?;
        let near = self.sum(|d| (d / lag).min(1.0))?;
        // Of the duplicates in a stretch of `lag` originals, those nearer than where they stand in it
        // repeat what came after its begin.
        let within = if lag > 0.0 { self.sum(|d| (1.0 - d / lag).max(0.0))? } else { 0.0 };
        debug_assert!(near + within <= total * 1.001 + 1.0);
        Some((total - within) / self.originals * lag)
    }

    /// The distance at which as many keys have been seen as a set of recent keys holds.
    fn recent_reach(&self, capacity: f64) -> Option<f64> {
        let mut reach = capacity;
        for _ in 0..12 {
            reach = capacity - self.older_duplicates(reach)?;
            if reach < 1.0 {
                return None;
            }
        }
        Some(reach)
    }

    /// Keys inserted per original: a duplicate that leaks is inserted once more.
    fn inserts_per_original(&self, half: f64) -> Option<f64> {
        let mut inserts = 1.0;
        for _ in 0..12 {
            let half: f64 = half / inserts;
            let leaked = self.sum(|d| ((d - half) / half).clamp(0.0, 1.0))?;
            inserts = 1.0 + leaked / self.originals;
        }
        Some(inserts)
    }

    /// The expected number of batches of the whole stream.
    fn batches(&self) -> f64 {
        self.originals * self.messages_per_original / self.commit_every
    }

    /// The expected number of crashes and moves, those of repeated attempts included.
    fn failures(&self) -> f64 {
        let success = self.unharmed.0 * self.unharmed.1;
        self.batches() * (1.0 - success) / success
    }

    /// P(what was marked `lag` originals ago is still known), for memory that a failure takes.
    ///
    /// A failure takes it if it comes in one of the batches that began since, and, for snapshots, if no
    /// snapshot was taken before. The number of batches begun since is the lag in batches, rounded down
    /// or up by chance.
    fn kept(&self, lag: f64) -> f64 {
        let batches = lag * self.messages_per_original / self.commit_every;
        let (fewer, more) = (batches.floor(), batches.floor() + 1.0);
        let chance = batches - fewer;
        let after = |batches: f64| match self.memory {
            Memory::Snapshot { every } => {
                let group = (every as f64 / self.commit_every).ceil().max(1.0);
                self.unharmed.1.powf(batches) * mean_power(self.unharmed.0, batches, group)
            }
            _ => (self.unharmed.0 * self.unharmed.1).powf(batches),
        };
        (1.0 - chance) * after(fewer) + chance * after(more)
    }

    /// The mean of what is forgotten since the producer's own last record, which restores a high-water
    /// mark: it came anything from 0 to all producers ago.
    fn since_own(&self, distance: f64, forgotten: &impl Fn(f64) -> f64) -> f64 {
        let producers = f64::from(self.workload.producers.max(1));
        if distance <= FINE {
            return forgotten((distance - 1.0).rem_euclid(producers));
        }
        (0..16).map(|part| forgotten(producers * (f64::from(part) + 0.5) / 16.0)).sum::<f64>()
            / 16.0
    }

    /// Effects of batches that failed and were read again.
    fn repeated_effects(&self, leaked: f64) -> Expected {
        if self.memory.order() != Order::After || self.failure == 0.0 {
            return Expected::default();
        }
        let messages = self.originals * self.messages_per_original;
        let processed = (self.originals + leaked) / messages;
        let (mean, square) = self.done_before_failure();
        let attempts = self.batches() / (self.unharmed.0 * self.unharmed.1);
        Expected {
            mean: attempts * mean * processed,
            variance: attempts * square * processed * processed,
        }
    }

    /// Of one attempt at a batch: the expected number of messages done before it fails, and of its square;
    /// 0 counts for attempts that do not fail.
    fn done_before_failure(&self) -> (f64, f64) {
        let (mut mean, mut square, mut here) = (0.0, 0.0, self.failure);
        for message in 0..self.commit_every as u64 {
            let done = message as f64;
            mean += here * (done + 0.5);
            square += here * f64::midpoint(done * done, (done + 1.0) * (done + 1.0));
            here *= 1.0 - self.failure;
        }
        (mean, square)
    }

    /// Records without an effect.
    fn dropped(&self) -> Expected {
        Expected::rare(self.false_positives())
            .and(Expected::rare(self.overtaken()))
            .and(self.marked_then_crashed())
    }

    /// Effects that a crash takes when their marks are durable already.
    fn marked_then_crashed(&self) -> Expected {
        if self.memory.order() != Order::Before || self.failure == 0.0 {
            return Expected::default();
        }
        let processed = 1.0 / self.messages_per_original;
        let failed = 1.0 - self.unharmed.0 * self.unharmed.1;
        let (done, square) = self.done_before_failure();
        let (all, batches) = (self.commit_every, self.batches());
        let square = all * all * failed - 2.0 * all * done + square;
        Expected {
            mean: batches * (all * failed - done) * processed,
            variance: batches * square * processed * processed,
        }
    }

    /// Records whose delay lets their producer's next ones, as many as it takes, pass.
    fn overtaken(&self) -> f64 {
        let delay = self.workload.delay() as f64;
        let needed = match self.theory.recognises {
            Recognises::HighWater => 1.0,
            Recognises::SequenceWindow { size } => size as f64,
            _ => return 0.0,
        };
        if delay == 0.0 {
            return 0.0;
        }
        let producers = f64::from(self.workload.producers.max(1));
        let share = 1.0 / DELAYED_ONE_IN as f64;
        let reaches = |positions: f64| (delay / (delay + 1.0)).powf(positions);
        let positions = needed * producers;
        // The one that would pass may itself be late.
        let late_too = if needed == 1.0 { share } else { 0.0 };
        let passed =
            reaches(positions) - late_too * (reaches(producers) - reaches(2.0 * producers));
        let fragile = !matches!(self.memory, Memory::Durable { .. }) && self.failure > 0.0;
        let known = if fragile {
            (0..16).map(|part| self.kept(producers * (f64::from(part) + 0.5) / 16.0)).sum::<f64>()
                / 16.0
        } else {
            1.0
        };
        share * passed.max(0.0) * known * (self.originals - positions).max(0.0)
    }

    /// New keys taken for old ones, over the whole stream.
    fn false_positives(&self) -> f64 {
        let form = self.theory.false_positives;
        if form == FalsePositives::Never {
            return 0.0;
        }
        const STEPS: u32 = 512;
        let step = self.originals / f64::from(STEPS);
        let at = |part| self.rate_at(form, step * (f64::from(part) + 0.5));
        (0..STEPS).map(at).sum::<f64>() * step
    }

    /// The rate when so many originals have come, averaged over the time since the last failure.
    fn rate_at(&self, form: FalsePositives, come: f64) -> f64 {
        let success = self.unharmed.0 * self.unharmed.1;
        if self.memory != Memory::Volatile || success >= 1.0 {
            return self.rate_since(form, come, come);
        }
        const QUANTILES: u32 = 32;
        let per_original = success.ln() * self.messages_per_original / self.commit_every;
        let age = |part: u32| ((f64::from(part) + 0.5) / f64::from(QUANTILES)).ln() / per_original;
        let rate = |part| self.rate_since(form, come, age(part).min(come));
        (0..QUANTILES).map(rate).sum::<f64>() / f64::from(QUANTILES)
    }

    /// The rate when so many originals have come, the last `held` of them remembered unless rotated out.
    fn rate_since(&self, form: FalsePositives, come: f64, held: f64) -> f64 {
        match self.theory.forgets {
            Forgets::Generations { half, .. } => {
                let half = half as f64;
                let young = (come % half).min(held);
                let old = if come < half { 0.0 } else { (held - young).clamp(0.0, half) };
                let (young, old) = (form.rate(young), form.rate(old));
                young + old - young * old
            }
            _ => form.rate(held),
        }
    }
}

/// The mean of `base` to the power of the batches until the next snapshot, but of at most `batches`; the
/// snapshot is anything from 0 to `group` - 1 batches away.
fn mean_power(base: f64, batches: f64, group: f64) -> f64 {
    let away = (0..group as u64).map(|left| base.powf(batches.min(left as f64)));
    away.sum::<f64>() / group
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workload(distance: &str) -> Workload {
        Workload {
            keys: 100_000,
            duplicates: "0.01".parse().unwrap(),
            distance: distance.parse().unwrap(),
            producers: 1,
            delayed_by: 0,
            seed: 0,
        }
    }

    #[test]
    fn the_textbook_forms_are_their_limits() {
        let plan = Plan { commit_every: 1_000, crash_every: 100_000, move_every: 0 };
        let keys = Theory::exact(Recognises::Keys);
        let expected =
            |order, workload: &Workload| predict(&keys, Memory::Durable { order }, workload, &plan);
        // c B / 2 per message, c = 1 / 100,000, B = 1,000, 100,000 originals: 500.
        let workload = workload("near");
        let repeats = expected(Order::After, &workload).let_through.unwrap().mean;
        assert!((490.0..512.0).contains(&repeats), "{repeats}");
        let losses = expected(Order::Before, &workload).dropped.unwrap().mean;
        assert!((490.0..512.0).contains(&losses), "{losses}");
        let both = expected(Order::With, &workload);
        assert_eq!(both.dropped, Some(Expected::default()));
        assert_eq!(both.let_through, Some(Expected::default()));
    }

    #[test]
    fn a_window_leaks_the_tail_of_the_distances() {
        let window = |forgets| Theory { forgets, ..Theory::exact(Recognises::Keys) };
        let expected = |forgets, distance: &str| {
            let workload = workload(distance);
            predict(&window(forgets), Memory::Volatile, &workload, &Plan::CALM).let_through
        };
        let near = expected(Forgets::LeastRecent { capacity: 10_000 }, "near").unwrap();
        assert!(near.mean < 1e-9);
        // 1,010 duplicates, of which 1 % were beyond 10,000 if the stream had no end; as it ends, the
        // sum of 1/100 - 1/sqrt(m) over the rests m from 10,000 on, times 1/99.
        let heavy = expected(Forgets::LeastRecent { capacity: 10_000 }, "pareto").unwrap();
        assert!((heavy.mean - 467.5 / 99.0).abs() < 0.02, "{heavy:?}");
        let rotating = Forgets::Generations { half: 5_000, ticks: true };
        assert!(expected(rotating, "pareto").unwrap().mean > heavy.mean);
        assert_eq!(expected(Forgets::ByItsOwnRule, "near"), None);
    }

    #[test]
    fn the_birthday_bound_is_met() {
        let theory = Theory {
            false_positives: FalsePositives::Fingerprints { bits: 32 },
            ..Theory::exact(Recognises::Keys)
        };
        let expected = predict(&theory, Memory::Volatile, &workload("near"), &Plan::CALM);
        let bound = 1e10 / 2f64.powi(33);
        assert!((expected.dropped.unwrap().mean - bound).abs() < bound * 0.01);
    }
}
