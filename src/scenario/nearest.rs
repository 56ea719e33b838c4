//! The known name that a mistyped one is nearest to.

/// The name with the smallest distance, if it is near enough to be meant: a third of the letters may differ.
/// Of equally near names the first counts.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded: Vec<char> = fold(word);
    if folded.is_empty() || folded.len() > 80 {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let candidate = fold(name);
        let longest = folded.len().max(candidate.len());
        let limit = (longest / 3).max(1);
        if folded.len().abs_diff(candidate.len()) > limit {
            continue;
        }
        let distance = distance(&folded, &candidate);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Case and the usual separators make no difference.
fn fold(word: &str) -> Vec<char> {
    let same = |c: char| if matches!(c, '_' | '-') { '.' } else { c.to_ascii_lowercase() };
    word.chars().map(same).collect()
}

/// Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours (Damerau-Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(a: &str, b: &str) -> usize {
        distance(&fold(a), &fold(b))
    }

    #[test]
    fn distances_by_hand() {
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("acks", "acks"), 0);
        assert_eq!(between("akcs", "acks"), 1);
        assert_eq!(between("ack", "acks"), 1);
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("enable_idempotence", "enable.idempotence"), 0);
    }

    #[test]
    fn far_words_have_no_nearest() {
        assert_eq!(nearest("zzzz", ["acks", "retries"]), None);
        assert_eq!(nearest("", ["acks"]), None);
        assert_eq!(
            nearest("enable.idempotense", ["acks", "enable.idempotence"]),
            Some("enable.idempotence")
        );
    }
}
