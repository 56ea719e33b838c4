//! The models that are part of the program, so that it works wherever it is run.
//!
//! The list is compared with the folder by a test.

use std::path::Path;

/// A model with its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bundled {
    /// Its path in the sources: `models/2-consuming/commit-after.toml`.
    pub path: &'static str,
    /// What stands in it.
    pub text: &'static str,
}

impl Bundled {
    /// Its name: `commit-after`.
    pub fn name(&self) -> &'static str {
        let file = self.path.rsplit('/').next().unwrap_or(self.path);
        file.trim_end_matches(".toml")
    }

    /// The folder that it lies in, below that of all models.
    pub fn folder(&self) -> &'static str {
        let rest = self.path.strip_prefix("models/").unwrap_or(self.path);
        rest.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

macro_rules! models {
    ($($path:literal,)*) => {
        /// All of them, in the order of their paths.
        pub const MODELS: &[Bundled] = &[$(Bundled {
            path: concat!("models/", $path, ".toml"),
            text: include_str!(concat!("../../models/", $path, ".toml")),
        }),*];
    };
}

models! {
    "1-producing/acks-0.consumer",
    "1-producing/acks-0.messaging",
    "1-producing/acks-0.producer",
    "1-producing/acks-0.remote-call",
    "1-producing/acks-1-retry",
    "1-producing/acks-1.consumer",
    "1-producing/acks-1.messaging",
    "1-producing/acks-1.producer",
    "1-producing/acks-1.remote-call",
    "1-producing/acks-all-pipelined.consumer",
    "1-producing/acks-all-pipelined.messaging",
    "1-producing/acks-all-pipelined.producer",
    "1-producing/acks-all-pipelined.remote-call",
    "1-producing/acks-all.consumer",
    "1-producing/acks-all.messaging",
    "1-producing/acks-all.producer",
    "1-producing/acks-all.remote-call",
    "1-producing/idempotent-overdue",
    "1-producing/idempotent-restart",
    "1-producing/idempotent-retry",
    "1-producing/idempotent-send-again.consumer",
    "1-producing/idempotent-send-again.messaging",
    "1-producing/idempotent-send-again.producer",
    "1-producing/idempotent-send-again.remote-call",
    "1-producing/idempotent.consumer",
    "1-producing/idempotent.messaging",
    "1-producing/idempotent.producer",
    "1-producing/idempotent.remote-call",
    "1-producing/remember-after-ack",
    "1-producing/remember-after-send",
    "1-producing/remember-before-send",
    "1-producing/remember-never",
    "1-producing/restarted.consumer",
    "1-producing/restarted.messaging",
    "1-producing/restarted.producer",
    "1-producing/restarted.remote-call",
    "2-consuming/auto-commit-async.consumer",
    "2-consuming/auto-commit-async.messaging",
    "2-consuming/auto-commit-async.producer",
    "2-consuming/auto-commit-async.remote-call",
    "2-consuming/auto-commit-hand-off.consumer",
    "2-consuming/auto-commit-hand-off.messaging",
    "2-consuming/auto-commit-hand-off.producer",
    "2-consuming/auto-commit-hand-off.remote-call",
    "2-consuming/auto-commit.consumer",
    "2-consuming/auto-commit.messaging",
    "2-consuming/auto-commit.producer",
    "2-consuming/auto-commit.remote-call",
    "2-consuming/commit-after.consumer",
    "2-consuming/commit-after.messaging",
    "2-consuming/commit-after.producer",
    "2-consuming/commit-after.remote-call",
    "2-consuming/commit-after",
    "2-consuming/commit-before.consumer",
    "2-consuming/commit-before.messaging",
    "2-consuming/commit-before.producer",
    "2-consuming/commit-before.remote-call",
    "2-consuming/commit-before",
    "2-consuming/offset-with-result.consumer",
    "2-consuming/offset-with-result.messaging",
    "2-consuming/offset-with-result.producer",
    "2-consuming/offset-with-result.remote-call",
    "3-effects/transactional-store.consumer",
    "3-effects/transactional-store.messaging",
    "3-effects/transactional-store.producer",
    "3-effects/transactional-store.remote-call",
    "3-effects/upsert.consumer",
    "3-effects/upsert.messaging",
    "3-effects/upsert.producer",
    "3-effects/upsert.remote-call",
    "4-dedup/append-log-after",
    "4-dedup/append-log-before",
    "4-dedup/blocked-bloom",
    "4-dedup/bloom-store",
    "4-dedup/bloom",
    "4-dedup/cache-window",
    "4-dedup/conditional-write-gap",
    "4-dedup/conditional-write",
    "4-dedup/datastore-after",
    "4-dedup/datastore-before",
    "4-dedup/datastore-with",
    "4-dedup/exact-set-crash",
    "4-dedup/exact-set-position",
    "4-dedup/exact-set-retry",
    "4-dedup/exact-set-shared-key",
    "4-dedup/exact-set-snapshot",
    "4-dedup/exact-set",
    "4-dedup/fingerprints",
    "4-dedup/five-batches-gap",
    "4-dedup/five-batches",
    "4-dedup/high-water-overtaken",
    "4-dedup/high-water-partitions",
    "4-dedup/high-water",
    "4-dedup/no-dedup",
    "4-dedup/offset-with-result-resent",
    "4-dedup/offset-with-result",
    "4-dedup/quotient-filter",
    "4-dedup/recent-set",
    "4-dedup/rotating-blocked-bloom",
    "4-dedup/rotating-bloom",
    "4-dedup/sequence-set",
    "4-dedup/sequence-window",
    "4-dedup/time-window",
    "5-cases/async-consumer-4.1",
    "5-cases/async-consumer-4.3",
    "5-cases/close-commits-failed-record",
    "5-cases/commit-each-record",
    "5-cases/crash-instead-of-close",
    "5-cases/duplicate-window-five",
    "5-cases/duplicate-window-kept",
    "5-cases/duplicate-window-one-fatal",
    "5-cases/duplicate-window-one",
    "5-cases/duplicate-window-outrun",
    "5-cases/earliest-new-partition",
    "5-cases/epoch-bump-overdue-fatal",
    "5-cases/growth-fixed-mapping",
    "5-cases/growth-turns-keys-round",
    "5-cases/head-deleted-restart",
    "5-cases/head-deleted",
    "5-cases/idempotence-by-default",
    "5-cases/idempotence-dropped",
    "5-cases/idempotence-forgotten",
    "5-cases/late-commit-assign",
    "5-cases/late-commit-subscribe",
    "5-cases/latest-first-start",
    "5-cases/offset-expires-assigned",
    "5-cases/offset-expires-earliest",
    "5-cases/poison-crash-loop",
    "5-cases/poison-dead-letter",
    "5-cases/poison-retry",
    "5-cases/poison-skip",
    "5-cases/poll-commits-ahead",
    "5-cases/poll-commits-behind",
    "5-cases/power-loss-commit",
    "5-cases/power-loss-flushed",
    "5-cases/power-loss",
    "5-cases/processing-failure-retried",
    "5-cases/producer-id-expires",
    "5-cases/remote-call-after",
    "5-cases/remote-call-before",
    "5-cases/reorder-one-in-flight",
    "5-cases/reorder-pipelined",
    "5-cases/reset-none",
    "5-cases/restart-forgets-batches",
    "5-cases/restart-one-in-flight",
    "5-cases/retention-outruns",
    "5-cases/retention-then-latest",
    "5-cases/retries-0",
    "5-cases/skip-what-raises",
    "5-cases/slow-commit-crash",
    "5-cases/slow-commit-given-up",
    "5-cases/source-repeats",
    "5-cases/topic-recreated-by-id",
    "5-cases/topic-recreated-offsets-kept",
    "5-cases/topic-recreated",
    "5-cases/two-equal-groups",
    "5-cases/two-equal-producers",
    "5-cases/two-groups",
    "5-cases/upsert-order-broken",
    "5-cases/upsert-overwrites",
    "6-stages/dead-letter-after-effect",
    "6-stages/dead-letter-crash",
    "6-stages/dead-letter-given-up",
    "6-stages/dead-letter-poison",
    "6-stages/dead-letter-unawaited",
    "6-stages/dead-letter",
    "6-stages/stages-commit-before",
    "6-stages/stages-dedup-position",
    "6-stages/stages-dedup",
    "6-stages/stages-offset-with-result",
    "6-stages/stages-order",
    "6-stages/stages-unawaited",
    "6-stages/stages-upsert",
    "6-stages/two-stages.consumer",
    "6-stages/two-stages.messaging",
    "6-stages/two-stages.producer",
    "6-stages/two-stages.remote-call",
}

/// The model with this name or path.
pub fn named(text: &str) -> Option<&'static Bundled> {
    let path = Path::new(text);
    MODELS.iter().find(|model| {
        model.name() == text
            || Path::new(model.path) == path
            || path.ends_with(model.path)
            || Path::new(model.path).file_name().is_some_and(|name| path == Path::new(name))
    })
}

/// The model whose name is nearest to a text.
pub fn nearest_name(text: &str) -> Option<&'static str> {
    let stem = Path::new(text).file_stem()?.to_str()?;
    crate::scenario::nearest(stem, MODELS.iter().map(Bundled::name))
}
