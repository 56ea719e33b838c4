//! The text of a schedule: round trips, and errors that help.

mod toys;

use brokerproof::system::schedule::line_of_action;
use brokerproof::system::{Problem, ReplayError, Schedule, ScheduleError, replay_strict};
use proptest::prelude::*;
use toys::puzzle::{Cross, River};

fn schedules() -> impl Strategy<Value = Schedule<Cross>> {
    let action = prop::sample::select(vec![Cross::Alone, Cross::Wolf, Cross::Goat, Cross::Cabbage]);
    let actions = prop::collection::vec(action, 0..12);
    (any::<String>(), any::<String>(), 0..3_usize, actions).prop_map(
        |(scenario, origin, initial, actions)| {
            let mut schedule = Schedule::new(scenario, origin, actions);
            schedule.initial = initial;
            schedule
        },
    )
}

fn error(text: &str) -> ScheduleError {
    Schedule::<Cross>::parse_with_words(text, &["cross"]).expect_err("it is no schedule")
}

proptest! {
    #[test]
    fn what_is_written_can_be_read(schedule in schedules()) {
        let text = schedule.to_string();
        prop_assert_eq!(Schedule::parse(&text), Ok(schedule.clone()));
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        prop_assert_eq!(Schedule::parse(&windows), Ok(schedule.clone()));
        let commented = text.replace("\n", "\n# a word\n\n");
        prop_assert_eq!(Schedule::parse(&commented), Ok(schedule));
    }

    #[test]
    fn a_part_of_it_cannot(schedule in schedules(), cut in any::<prop::sample::Index>()) {
        let text = schedule.to_string();
        let whole = text.trim_end().len();
        let mut cut = cut.index(whole);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        prop_assert!(Schedule::<Cross>::parse(&text[..cut]).is_err());
    }

    #[test]
    fn nothing_at_all_makes_it_panic(text in any::<String>(), header in any::<bool>()) {
        let start = if header { "format = 1\n" } else { "" };
        let _ = Schedule::<Cross>::parse(&format!("{start}{text}"));
    }
}

const GOOD: &str = "\
# to the far bank
format = 1
scenario = \"river\"
origin = \"by hand\"

actions:
  cross with goat
  # back again
  cross alone
end
";

#[test]
fn lines_are_numbered_as_an_editor_does() {
    let schedule = Schedule::<Cross>::parse(GOOD).expect("it is good");
    assert_eq!(schedule.actions, [Cross::Goat, Cross::Alone]);
    assert_eq!(line_of_action(GOOD, 0), Some(7));
    assert_eq!(line_of_action(GOOD, 1), Some(9));
    assert_eq!(line_of_action(GOOD, 2), None);
}

#[test]
fn actions_may_have_names_that_depend_on_a_setting() {
    let names = ["goat", "alone"];
    let text = Schedule::new("a", "b", vec![0_usize, 1]).text(|action| names[*action].to_owned());
    assert!(text.contains("\n  goat\n  alone\nend\n"), "{text}");
    let read = |line: &str| names.iter().position(|name| *name == line).ok_or("not of this farm");
    let schedule = Schedule::parse_by(&text, &names, read).expect("readable");
    assert_eq!(schedule.actions, [0, 1]);
    let error = Schedule::parse_by(&text.replace("goat", "gaot"), &names, read);
    assert_eq!(
        error.expect_err("a slip").to_string(),
        "line 6: expected an action, found `gaot`: not of this farm; did you mean `goat`?"
    );
}

#[test]
fn an_empty_text_a_cut_one_and_one_from_the_future_are_told_apart() {
    assert_eq!(error(""), ScheduleError { line: 1, problem: Problem::Empty });
    assert_eq!(error("# nothing\n\n"), ScheduleError { line: 3, problem: Problem::Empty });
    let cut = GOOD.replace("end\n", "");
    assert_eq!(error(&cut), ScheduleError { line: 10, problem: Problem::CutOff });
    assert!(error(&cut).to_string().contains("cut off"));
    let future = GOOD.replace("format = 1", "format = 7");
    let newer = ScheduleError { line: 2, problem: Problem::NewerFormat { found: 7 } };
    assert_eq!(error(&future), newer);
    assert!(newer.to_string().contains("newer version"));
    let told = error("hello\n").to_string();
    assert_eq!(told, "line 1: expected a schedule that begins with `format = 1`, found `hello`");
}

#[test]
fn slips_are_answered_with_the_nearest_word() {
    let told = |from: &str, to: &str| error(&GOOD.replace(from, to)).to_string();
    assert_eq!(
        told("scenario =", "scenrio ="),
        "line 3: expected one of format, scenario, origin, initial, found the key `scenrio`; \
         did you mean `scenario`?"
    );
    assert_eq!(
        told("actions:", "action:"),
        "line 6: expected `key = value` or `actions:`, found `action:`; did you mean `actions:`?"
    );
    assert_eq!(
        told("cross alone", "corss alone"),
        "line 9: expected an action, found `corss alone`: the farmer crosses alone, or with wolf, \
         goat or cabbage; did you mean `cross`?"
    );
}

#[test]
fn wrong_values_and_wrong_places_are_told() {
    let told = |from: &str, to: &str| error(&GOOD.replace(from, to)).to_string();
    assert_eq!(
        told("\"river\"", "river"),
        "line 3: expected a text between quotation marks for \
         `scenario`, found `river`"
    );
    assert!(told("\"river\"", "\"ri\\ver\"").contains("quotation marks"));
    assert!(told("format = 1", "format = one").contains("expected a number for `format`"));
    assert!(told("format = 1", "format = 0").contains("a number from 1 on"));
    assert_eq!(
        told("origin = \"by hand\"", ""),
        "line 6: expected the key `origin` before this line"
    );
    assert_eq!(told("origin", "scenario"), "line 4: the key `scenario` stands here twice");
    assert_eq!(
        told("end\n", "end\ncross alone\n"),
        "line 11: expected nothing after `end`, found `cross alone`"
    );
}

#[test]
fn a_replay_that_fails_says_what_was_enabled() {
    let schedule = Schedule::<Cross>::parse(&GOOD.replace("alone", "with wolf")).expect("readable");
    let error = replay_strict(&River, &schedule, |_| {}).expect_err("the wolf is elsewhere");
    assert!(matches!(error, ReplayError::NotEnabled { position: 1, .. }));
    assert_eq!(
        error.to_string(),
        "step 2: `cross with wolf` is not enabled here; enabled are `cross alone`, `cross with goat`"
    );
}
