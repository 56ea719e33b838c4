//! The adversary's budget as one word of the command line: `2`, `consumer`, `1,crash-broker,disconnect=2`.

use super::defaults;
use super::nearest::nearest;
use super::source::quoted;
use super::vocabulary::fault_names;
use crate::fault::FaultId;
use crate::world::setting::{FaultClass, FaultSetting};

/// The largest budget, here and in scenario files.
pub const MOST: u32 = 1000;

/// Reads a list between commas: a number of faults in all, classes, kinds, kinds with a cap, or `none`. Without
/// a number it is 2; without a class or kind every class strikes.
///
/// # Errors
/// The first element that is none of these, with the nearest name.
pub fn parse_faults(text: &str) -> Result<FaultSetting, String> {
    let mut total = None;
    let mut named: Vec<(FaultId, Option<u32>)> = Vec::new();
    let mut is_named = false;
    for word in text.split(',').map(str::trim) {
        if word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty() {
            let number = word.parse().ok().filter(|number| *number <= MOST);
            total = Some(number.ok_or(format!("`{word}`: expected at most {MOST} faults"))?);
            continue;
        }
        if word == "none" {
            total = Some(0);
            continue;
        }
        is_named = true;
        let (name, cap) = match word.split_once('=') {
            None => (word, None),
            Some((name, cap)) => {
                let cap = cap.trim().parse::<u32>().ok().filter(|cap| *cap <= MOST);
                let expected = || format!("`{}`: expected NAME=NUMBER", quoted(word));
                (name.trim(), Some(cap.ok_or_else(expected)?))
            }
        };
        match FaultClass::ALL.iter().find(|class| class.name() == name) {
            Some(class) => {
                let of_class = defaults::kinds_of(&[*class], 0).into_iter();
                named.extend(of_class.filter_map(|(kind, _)| Some((FaultId::named(&kind)?, cap))));
            }
            None => named.push((FaultId::named(name).ok_or_else(|| unknown(name))?, cap)),
        }
    }
    let total = total.unwrap_or(defaults::TOTAL);
    if !is_named {
        return Ok(FaultSetting { total, kinds: defaults::kinds_of(FaultClass::ALL, total) });
    }
    named.sort();
    named.dedup_by_key(|(fault, _)| *fault);
    let kind = |(fault, cap): (FaultId, Option<u32>)| {
        (fault.fault().name().to_owned(), cap.unwrap_or(total).min(total))
    };
    Ok(FaultSetting { total, kinds: named.into_iter().map(kind).collect() })
}

fn unknown(name: &str) -> String {
    let classes = FaultClass::ALL.iter().map(|class| class.name());
    let meant = nearest(name, classes.clone().chain(fault_names()));
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    let classes: Vec<&str> = classes.collect();
    format!(
        "expected a number, a class ({}), or a kind of `brokerproof list faults`, found `{}`{meant}",
        classes.join(", "),
        quoted(name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets() {
        assert_eq!(parse_faults("2"), Ok(defaults::faults()));
        let one = parse_faults("1, crash-broker,disconnect=0").expect("a budget");
        assert_eq!(one.total, 1);
        assert_eq!(one.kinds, [("disconnect".to_owned(), 0), ("crash-broker".to_owned(), 1)]);
        let class = parse_faults("consumer").expect("a budget");
        assert_eq!(class.kinds, defaults::kinds_of(&[FaultClass::Consumer], 2));
        assert_eq!(parse_faults("none").expect("a budget").total, 0);
    }

    #[test]
    fn what_is_no_budget() {
        for text in ["", ",", "two", "1001", "99999999999", "disconnect=x", "crash-broker=1001"] {
            assert!(parse_faults(text).is_err(), "{text}");
        }
        assert!(
            parse_faults("disconect").is_err_and(|e| e.ends_with("did you mean `disconnect`?"))
        );
    }
}
