//! The known name that a mistyped one is nearest to.

/// The name with the smallest distance, if it is near enough to be meant: a quarter of the
/// letters may differ. Of equally near names the first counts. Failing that, the first name that begins with
/// the word.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded: Vec<char> = fold(word);
    if folded.is_empty() || folded.len() > 80 {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    let mut begins: Option<&str> = None;
    for name in names {
        let candidate = fold(name);
        if folded.len() >= 4 && candidate.starts_with(&folded) && begins.is_none() {
            begins = Some(name);
        }
        let longest = folded.len().max(candidate.len());
        let limit = best.map_or((longest / 4).max(1), |(least, _)| least.saturating_sub(1));
        if folded.len().abs_diff(candidate.len()) <= limit
            && let Some(distance) = distance(&folded, &candidate, limit)
        {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name).or(begins)
}

/// Case and the usual separators make no difference.
fn fold(word: &str) -> Vec<char> {
    let same = |c: char| if matches!(c, '_' | '-') { '.' } else { c.to_ascii_lowercase() };
    word.chars().map(same).collect()
}

/// Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours
/// (Damerau-Levenshtein); nothing if more than the limit.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut least_of_last = 0;
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        let mut least = i;
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
            least = least.min(row[j]);
        }
        // Later rows build on these two alone, and never fall below them.
        if least.min(least_of_last) > limit {
            return None;
        }
        least_of_last = least;
        before = last;
        last = row;
    }
    Some(last[b.len()]).filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(a: &str, b: &str) -> usize {
        distance(&fold(a), &fold(b), 99).unwrap_or(99)
    }

    #[test]
    fn distances_by_hand() {
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("acks", "acks"), 0);
        assert_eq!(between("akcs", "acks"), 1);
        assert_eq!(between("ack", "acks"), 1);
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(distance(&fold("kitten"), &fold("sitting"), 2), None);
        assert_eq!(distance(&fold("kitten"), &fold("sitting"), 3), Some(3));
        assert_eq!(between("enable_idempotence", "enable.idempotence"), 0);
    }

    #[test]
    fn far_words_have_no_nearest() {
        assert_eq!(nearest("zzzz", ["acks", "retries"]), None);
        assert_eq!(nearest("", ["acks"]), None);
        let levels = ["at-most-once", "at-least-once"];
        assert_eq!(nearest("at-least", levels), Some("at-least-once"));
        assert_eq!(
            nearest("enable.idempotense", ["acks", "enable.idempotence"]),
            Some("enable.idempotence")
        );
    }
}
