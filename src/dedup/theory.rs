//! What a strategy should do by its closed form: the data that [`super::trial`] predicts from.
//!
//! Every strategy states three things about itself: what it recognises a duplicate by, when it forgets,
//! and how often it takes a new key for an old one.
//!
//! Must never know what was measured.

/// By what a strategy recognises a duplicate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recognises {
    /// By nothing.
    Nothing,
    /// By the key.
    Keys,
    /// By a sequence number at or below the highest seen: what is overtaken is lost.
    HighWater,
    /// By a sequence number marked in a window of this size below the highest seen; what is older is
    /// skipped unseen.
    SequenceWindow {
        /// Numbers at or below the highest that can still be told apart.
        size: u64,
    },
    /// By a sequence number, each remembered.
    Sequences,
    /// By a sequence number that must be the next one; a gap is refused.
    NextSequence,
    /// By the position in the log: a resend has another one.
    Offsets,
}

/// When a strategy forgets without a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forgets {
    /// Never.
    Never,
    /// The least recently seen, when more than `capacity` are held.
    LeastRecent {
        /// Keys held.
        capacity: u64,
    },
    /// The older of two generations, when the younger is `half` keys or ticks old: a key is remembered
    /// for a span uniform between `half` and twice that.
    Generations {
        /// Size of one generation.
        half: u64,
        /// Whether `half` counts ticks; else it counts keys.
        ticks: bool,
    },
    /// By a rule without closed form.
    ByItsOwnRule,
}

/// How often a new key is taken for an old one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FalsePositives {
    /// Never.
    Never,
    /// When two keys share a fingerprint of so many bits.
    Fingerprints {
        /// Bits of a fingerprint.
        bits: u32,
    },
    /// A Bloom filter.
    Bloom {
        /// Bits of the filter.
        bits: u64,
        /// Bits that a key sets.
        hashes: u32,
    },
    /// A Bloom filter in blocks: a key sets `per_word` bits in each of `words` words of 64 in one of
    /// `blocks` blocks.
    Blocked {
        /// Number of blocks.
        blocks: u64,
        /// Words of 64 bits in a block.
        words: u32,
        /// Bits that a key sets in each word.
        per_word: u32,
    },
}

impl FalsePositives {
    /// The probability that a key not inserted seems to be there, after `inserted` keys.
    pub fn rate(&self, inserted: f64) -> f64 {
        match *self {
            FalsePositives::Never => 0.0,
            FalsePositives::Fingerprints { bits } => {
                -(inserted * (-2f64.powi(-(bits as i32))).ln_1p()).exp_m1()
            }
            FalsePositives::Bloom { bits, hashes } => {
                let set = -(-f64::from(hashes) * inserted / bits as f64).exp_m1();
                set.powi(hashes as i32)
            }
            FalsePositives::Blocked { blocks, words, per_word } => {
                blocked_rate(inserted / blocks as f64, words, per_word)
            }
        }
    }
}

/// The rate of one block that holds a Poisson number of keys with this mean.
fn blocked_rate(mean: f64, words: u32, per_word: u32) -> f64 {
    let most = (mean + 12.0 * mean.sqrt() + 24.0) as u32;
    let mut weight = (-mean).exp();
    let mut rate = 0.0;
    for keys in 0..=most {
        rate += weight * word_hit(keys * per_word, per_word).powi(words as i32);
        weight *= mean / f64::from(keys + 1);
    }
    rate
}

/// The probability that `asked` random bits of a word are all set after `thrown` random bits were, by
/// inclusion and exclusion over the distinct bits among those asked (two at most).
fn word_hit(thrown: u32, asked: u32) -> f64 {
    let none_of = |bits: f64| (1.0 - bits / 64.0).powi(thrown as i32);
    let one = 1.0 - none_of(1.0);
    if asked == 1 {
        return one;
    }
    debug_assert_eq!(asked, 2, "blocks with more bits to a word are not built");
    let two = 1.0 - 2.0 * none_of(1.0) + none_of(2.0);
    one / 64.0 + two * 63.0 / 64.0
}

/// What a strategy claims about its errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Theory {
    /// By what it recognises a duplicate.
    pub recognises: Recognises,
    /// When it forgets without a crash.
    pub forgets: Forgets,
    /// How often it takes a new key for an old one.
    pub false_positives: FalsePositives,
}

impl Theory {
    /// Exact, for as long as its memory is kept.
    pub fn exact(recognises: Recognises) -> Theory {
        Theory { recognises, forgets: Forgets::Never, false_positives: FalsePositives::Never }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_structure_has_no_false_positives() {
        for form in [
            FalsePositives::Never,
            FalsePositives::Fingerprints { bits: 20 },
            FalsePositives::Bloom { bits: 1000, hashes: 7 },
            FalsePositives::Blocked { blocks: 10, words: 8, per_word: 2 },
        ] {
            assert!(form.rate(0.0) < 1e-12, "{form:?}");
            assert!(form.rate(50.0) <= form.rate(500.0));
        }
    }

    #[test]
    fn a_bloom_filter_sized_by_the_book_meets_its_target() {
        let rate = FalsePositives::Bloom { bits: 14_378, hashes: 10 }.rate(1000.0);
        assert!((0.9e-3..1.1e-3).contains(&rate), "{rate}");
    }

    #[test]
    fn blocks_cost_something_against_one_large_filter() {
        let blocked =
            FalsePositives::Blocked { blocks: 1000, words: 8, per_word: 2 }.rate(11_000.0);
        let whole = FalsePositives::Bloom { bits: 512_000, hashes: 16 }.rate(11_000.0);
        assert!(blocked > whole && blocked < 1e-6, "{blocked} {whole}");
    }
}
