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
    "1-producing/acks-1-retry",
    "1-producing/idempotent-overdue",
    "1-producing/idempotent-restart",
    "1-producing/idempotent-retry",
    "1-producing/remember-after-ack",
    "1-producing/remember-after-send",
    "1-producing/remember-before-send",
    "1-producing/remember-never",
    "2-consuming/commit-after",
    "2-consuming/commit-before",
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
