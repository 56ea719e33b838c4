//! Wall time, and how much of it the scheduler gave to others.

use std::fs;
use std::time::{Duration, Instant};

/// Now.
#[allow(clippy::disallowed_methods, reason = "measurements are of wall time, and only reported")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Runs something and tells how long it took.
pub(super) fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = now();
    let result = work();
    (result, start.elapsed())
}

/// Time that this thread ran, and time that it could have run but waited for a processor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scheduling {
    ran: u64,
    waited: u64,
}

impl Scheduling {
    /// Up to now; `None` where the system does not tell.
    pub(super) fn now() -> Option<Scheduling> {
        let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        let mut numbers = text.split_whitespace().map(|number| number.parse::<u64>().ok());
        Some(Scheduling { ran: numbers.next()??, waited: numbers.next()?? })
    }

    /// The share of the time since `earlier` that was spent waiting; 0 where the system does not tell.
    pub(super) fn waited_since(earlier: Option<Scheduling>) -> f64 {
        let (Some(earlier), Some(later)) = (earlier, Scheduling::now()) else { return 0.0 };
        let waited = later.waited.saturating_sub(earlier.waited) as f64;
        let ran = later.ran.saturating_sub(earlier.ran) as f64;
        if ran + waited > 0.0 { waited / (ran + waited) } else { 0.0 }
    }
}

/// Work shorter than this was not interrupted: who takes the processor keeps it for longer.
const UNINTERRUPTED: Duration = Duration::from_micros(100);

/// Tells how long this thread waited for a processor, piece of work by piece of work.
///
/// Asking the system takes as long as hundreds of decisions, so it is asked only after a piece that took
/// long enough to have been interrupted; what was waited since the last question then belongs to that piece.
#[derive(Debug)]
pub(super) struct Waits {
    last: Option<Scheduling>,
}

impl Waits {
    pub(super) fn begin() -> Waits {
        Waits { last: Scheduling::now() }
    }

    /// Of a piece of work that just took so long: how long it waited. Every piece must be told.
    pub(super) fn during(&mut self, took: Duration) -> Duration {
        if took < UNINTERRUPTED {
            return Duration::ZERO;
        }
        let now = Scheduling::now();
        let before = std::mem::replace(&mut self.last, now);
        let (Some(before), Some(now)) = (before, now) else { return Duration::ZERO };
        Duration::from_nanos(now.waited.saturating_sub(before.waited)).min(took)
    }
}

/// The value below which so many in a hundred of the samples lie; 0 for none.
pub(super) fn percentile(samples: &mut [u64], percent: usize) -> u64 {
    if samples.is_empty() {
        return 0;
    }
    samples.sort_unstable();
    samples[(samples.len() * percent / 100).min(samples.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_ranks() {
        let mut samples: Vec<u64> = (0..200).rev().collect();
        assert_eq!(percentile(&mut samples, 50), 100);
        assert_eq!(percentile(&mut samples, 99), 198);
        assert_eq!(percentile(&mut samples, 100), 199);
        assert_eq!(percentile(&mut [], 50), 0);
    }

    #[test]
    fn only_long_work_is_asked_about() {
        let mut waits = Waits::begin();
        assert_eq!(waits.during(Duration::from_micros(99)), Duration::ZERO);
        let long = Duration::from_secs(1_000);
        assert!(waits.during(long) < long);
    }

    #[test]
    fn waiting_is_a_share() {
        let earlier = Scheduling::now();
        let (_, took) = time(|| (0..10_000u64).sum::<u64>());
        assert!((0.0..=1.0).contains(&Scheduling::waited_since(earlier)));
        assert!(took.as_secs() < 100);
    }
}
