//! Which part of a sweep this process is: by its arguments, or by the variables of whoever started it.

use crate::cli::simulate::Simulate;
use crate::simulate::Seeds;

/// Which part of how many, both counted from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Which.
    pub number: u64,
    /// Of how many.
    pub of: u64,
}

impl Part {
    /// A part.
    ///
    /// # Errors
    /// There are not so many.
    pub fn new(number: u64, of: u64) -> Result<Part, String> {
        if number == 0 || number > of {
            return Err(format!("there is no shard {number} of {of}: they are counted from 1"));
        }
        Ok(Part { number, of })
    }

    /// Its seeds: none, if there are more parts than seeds and this is one of the last.
    pub fn seeds(self, all: Seeds) -> Seeds {
        Seeds { first: all.first.saturating_add(self.number - 1), end: all.end, stride: self.of }
    }

    /// The part that `--shard` and `--of` name; `auto` asks the environment.
    ///
    /// # Errors
    /// What is wrong with them, or with the environment's variables.
    pub fn of(arguments: &Simulate) -> Result<Part, String> {
        let text = arguments.shard.as_deref().unwrap_or("1/1");
        read(text, arguments.of, &|name| std::env::var(name).ok())
    }
}

/// The value of a variable of the environment.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

fn read(text: &str, of: Option<u64>, variable: Variable<'_>) -> Result<Part, String> {
    if text == "auto" {
        return automatic(of, variable);
    }
    let expected = || format!("expected i/n or auto for --shard, found `{text}`");
    let (number, all) = text.split_once('/').ok_or_else(expected)?;
    let number = number.parse().map_err(|_| expected())?;
    let part = Part::new(number, all.parse().map_err(|_| expected())?)?;
    match of {
        None => Ok(part),
        Some(_) => Err(format!(
            "--of is for --shard auto; --shard {text} says already that there are {}",
            part.of
        )),
    }
}

/// How a scheduler tells a process its place.
struct Scheduler {
    /// The variable with its number.
    index: &'static str,
    /// What the first is called.
    first: u64,
    /// The variable with the count.
    total: Option<&'static str>,
}

const fn told(index: &'static str, first: u64, total: Option<&'static str>) -> Scheduler {
    Scheduler { index, first, total }
}

/// Kubernetes, the innermost: its pods may inherit the variables of others.
const KUBERNETES: Scheduler = told("JOB_COMPLETION_INDEX", 0, None);

/// Those that are asked after Slurm, whose ids need not begin at 0: AWS Batch, GitLab, Buildkite, CircleCI.
const OTHERS: &[Scheduler] = &[
    told("AWS_BATCH_JOB_ARRAY_INDEX", 0, Some("AWS_BATCH_JOB_ARRAY_SIZE")),
    told("CI_NODE_INDEX", 1, Some("CI_NODE_TOTAL")),
    told("BUILDKITE_PARALLEL_JOB", 0, Some("BUILDKITE_PARALLEL_JOB_COUNT")),
    told("CIRCLE_NODE_INDEX", 0, Some("CIRCLE_NODE_TOTAL")),
];

/// The part by the first scheduler of the list that tells one.
fn automatic(of: Option<u64>, variable: Variable<'_>) -> Result<Part, String> {
    if let Some(part) = KUBERNETES.part(of, variable)? {
        return Ok(part);
    }
    if let Some(part) = slurm(of, variable)? {
        return Ok(part);
    }
    for scheduler in OTHERS {
        if let Some(part) = scheduler.part(of, variable)? {
            return Ok(part);
        }
    }
    Err("--shard auto: none of the variables of Kubernetes, Slurm, AWS Batch, GitLab, Buildkite or \
         CircleCI is set; say --shard I/N"
        .to_owned())
}

impl Scheduler {
    fn part(&self, of: Option<u64>, variable: Variable<'_>) -> Result<Option<Part>, String> {
        let Scheduler { index, first, total } = *self;
        let Some(place) = number(index, variable)? else { return Ok(None) };
        let all = match total {
            Some(total) => count(total, of, variable)?,
            None => of.ok_or_else(|| format!("{index} does not say of how many: say --of N"))?,
        };
        let place = place.checked_sub(first);
        let place = place.ok_or_else(|| format!("{index} is 0, but is counted from {first}"))?;
        nth(index, place, all).map(Some)
    }
}

/// The part of a Slurm array. Its ids need not begin at 0, and may have a step.
fn slurm(of: Option<u64>, variable: Variable<'_>) -> Result<Option<Part>, String> {
    const ID: &str = "SLURM_ARRAY_TASK_ID";
    let Some(id) = number(ID, variable)? else { return Ok(None) };
    let least = number("SLURM_ARRAY_TASK_MIN", variable)?.unwrap_or(0);
    let step = number("SLURM_ARRAY_TASK_STEP", variable)?.unwrap_or(1).max(1);
    let all = count("SLURM_ARRAY_TASK_COUNT", of, variable)?;
    let place = |id: u64| id.checked_sub(least).filter(|far| far % step == 0).map(|far| far / step);
    let own = place(id).ok_or_else(|| {
        format!("{ID} is {id}, which is none of {least}, {least} + {step}, ..: say --shard I/N")
    })?;
    if let Some(most) = number("SLURM_ARRAY_TASK_MAX", variable)?
        && place(most).is_none_or(|last| last.checked_add(1) != Some(all))
    {
        return Err(format!(
            "the ids of the Slurm array, {all} from {least} to {most}, are not at equal distances: say \
             --shard I/N"
        ));
    }
    nth(ID, own, all).map(Some)
}

/// The part at a place, counted from 0, that a variable told.
fn nth(index: &str, place: u64, of: u64) -> Result<Part, String> {
    if place >= of {
        return Err(format!("{index}: there is no shard {} of {of}", u128::from(place) + 1));
    }
    Part::new(place + 1, of)
}

/// Of how many, by a variable or by `--of`; both must say the same.
fn count(total: &str, of: Option<u64>, variable: Variable<'_>) -> Result<u64, String> {
    match (number(total, variable)?, of) {
        (Some(told), Some(of)) if told != of => {
            Err(format!("--of {of} contradicts {total}, which is {told}: leave --of out"))
        }
        (Some(all), _) | (None, Some(all)) => Ok(all),
        (None, None) => Err(format!("{total} is not set: say --of N")),
    }
}

/// A variable's number; none if it is not set, or empty.
fn number(name: &str, variable: Variable<'_>) -> Result<Option<u64>, String> {
    let text = variable(name).unwrap_or_default();
    match text.trim() {
        "" => Ok(None),
        text => {
            let wrong = |_| format!("expected a number in {name}, found `{text}`");
            text.parse().map(Some).map_err(wrong)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn auto(variables: &[(&str, &str)], of: Option<u64>) -> Result<Part, String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        read("auto", of, &|name| variables.get(name).map(|&text| text.to_owned()))
    }

    fn slurm(id: &str, least: &str, step: &str, all: &str) -> Result<Part, String> {
        let variables = [
            ("SLURM_ARRAY_TASK_ID", id),
            ("SLURM_ARRAY_TASK_MIN", least),
            ("SLURM_ARRAY_TASK_STEP", step),
            ("SLURM_ARRAY_TASK_COUNT", all),
        ];
        auto(&variables, None)
    }

    #[test]
    fn schedulers_say_which_part() {
        let part = |number, of| Ok(Part { number, of });
        assert_eq!(auto(&[("JOB_COMPLETION_INDEX", "0")], Some(4)), part(1, 4));
        assert!(auto(&[("JOB_COMPLETION_INDEX", "0")], None).is_err());
        assert_eq!(auto(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")], None), part(2, 5));
        let buildkite = [("BUILDKITE_PARALLEL_JOB", "0"), ("BUILDKITE_PARALLEL_JOB_COUNT", "2")];
        assert_eq!(auto(&buildkite, None), part(1, 2));
        assert_eq!(auto(&[("AWS_BATCH_JOB_ARRAY_INDEX", "2")], Some(3)), part(3, 3));
        assert!(auto(&[("CIRCLE_NODE_INDEX", "2"), ("CIRCLE_NODE_TOTAL", "2")], None).is_err());
        assert!(auto(&[("CI_NODE_INDEX", "x"), ("CI_NODE_TOTAL", "2")], None).is_err());
        assert!(auto(&[("CI_NODE_INDEX", "0"), ("CI_NODE_TOTAL", "2")], None).is_err());
        let last = u64::MAX.to_string();
        assert!(auto(&[("JOB_COMPLETION_INDEX", &last)], Some(u64::MAX)).is_err());
        assert!(auto(&[], Some(2)).is_err());
        assert!(
            auto(&[("CI_NODE_INDEX", ""), ("CI_NODE_TOTAL", "1")], None).is_err(),
            "not parallel"
        );
    }

    #[test]
    fn the_ids_of_a_slurm_array_lie_on_its_grid() {
        assert_eq!(slurm("14", "10", "2", "3"), Part::new(3, 3));
        assert!(
            slurm("13", "10", "2", "3").is_err_and(|wrong| wrong.contains("none of 10, 10 + 2"))
        );
        assert!(slurm("8", "10", "2", "3").is_err());
        assert!(slurm("16", "10", "2", "3").is_err_and(|wrong| wrong.contains("no shard 4 of 3")));
        // --array=1,2,7: the second has the place of the second, but nobody has the one of the third.
        let gaps = [
            ("SLURM_ARRAY_TASK_ID", "2"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ];
        assert!(auto(&gaps, None).is_err_and(|wrong| wrong.contains("equal distances")));
    }

    #[test]
    fn schedulers_are_asked_in_the_order_that_is_told() {
        let all = [
            ("CIRCLE_NODE_INDEX", "5"),
            ("CIRCLE_NODE_TOTAL", "9"),
            ("BUILDKITE_PARALLEL_JOB", "4"),
            ("BUILDKITE_PARALLEL_JOB_COUNT", "9"),
            ("CI_NODE_INDEX", "4"),
            ("CI_NODE_TOTAL", "9"),
            ("AWS_BATCH_JOB_ARRAY_INDEX", "2"),
            ("AWS_BATCH_JOB_ARRAY_SIZE", "9"),
            ("SLURM_ARRAY_TASK_ID", "1"),
            ("SLURM_ARRAY_TASK_COUNT", "9"),
            ("JOB_COMPLETION_INDEX", "0"),
        ];
        let indices = [2, 4, 6, 8, 10, 11];
        for (number, known) in (1..=6).rev().zip(indices) {
            assert_eq!(auto(&all[..known], Some(9)), Part::new(number, 9), "{:?}", &all[..known]);
        }
    }

    #[test]
    fn a_count_is_not_said_twice_in_two_ways() {
        let none = |_: &str| None;
        assert_eq!(read("1/3", None, &none), Part::new(1, 3));
        assert!(read("1/3", Some(2), &none).is_err_and(|wrong| wrong.contains("--of is for")));
        assert!(read("1/3", Some(3), &none).is_err());
        let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")];
        assert_eq!(auto(&gitlab, Some(5)), Part::new(2, 5));
        assert!(
            auto(&gitlab, Some(4)).is_err_and(|wrong| wrong.contains("contradicts CI_NODE_TOTAL"))
        );
    }

    #[test]
    fn parts_are_the_same_seeds_for_every_count() {
        let all = Seeds { first: 3, end: 103, stride: 1 };
        for of in (1..=7).chain([99, 100, 101, 300]) {
            let mut seen = Vec::new();
            for number in 1..=of {
                let seeds = Part::new(number, of).expect("a part").seeds(all);
                let mut done = 0;
                while done < seeds.count() {
                    let block = seeds.block(done, 5);
                    seen.extend((block.first..block.end).step_by(of as usize));
                    done += block.count();
                }
            }
            seen.sort_unstable();
            assert_eq!(seen, (3..103).collect::<Vec<u64>>(), "{of} shards");
        }
    }

    #[test]
    fn the_largest_seeds_have_parts() {
        let all = Seeds { first: u64::MAX - 5, end: u64::MAX, stride: 1 };
        for of in [1, 2, 3, 7, u64::MAX] {
            let mut seen = Vec::new();
            for number in (1..=of.min(9)).chain([of]) {
                let seeds = Part::new(number, of).expect("a part").seeds(all);
                let places = 0..seeds.count();
                seen.extend(places.map(|place| seeds.at(place)));
                assert_eq!(seeds.block(seeds.count(), u64::MAX).count(), 0);
                assert_eq!(seeds.block(0, u64::MAX), seeds);
            }
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen, (all.first..all.end).collect::<Vec<u64>>(), "{of} shards");
        }
    }
}
