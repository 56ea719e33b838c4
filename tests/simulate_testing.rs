//! What people import for tests of their own consumers.

use std::collections::VecDeque;

use brokerproof::testing::strategies::{KINDS, Planned, Workload, fault_plans, trials, workloads};
use brokerproof::testing::{Evidence, Guarantee, Message, Next, Outside, Position, Program, Trial};
use brokerproof::{assert_at_least_once, assert_at_most_once, assert_in_order};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

#[path = "../examples/commit_ahead.rs"]
mod commit_ahead;
#[path = "../examples/correct_consumer.rs"]
mod correct_consumer;

use commit_ahead::Mailer;
use correct_consumer::Payments;

/// The text that an example shows in its first comment.
fn shown(example: &str) -> String {
    let path = format!("{}/examples/{example}.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).expect("text");
    let comment = source.lines().map_while(|line| line.strip_prefix("//!"));
    let mut inside = comment.skip_while(|line| line.trim() != "```text").skip(1);
    let lines = inside.by_ref().take_while(|line| line.trim() != "```");
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

#[test]
fn the_examples_print_what_they_show() {
    let correct = format!("$ cargo run --example correct_consumer\n{}", correct_consumer::report());
    assert_eq!(shown("correct_consumer"), correct);
    assert_eq!(shown("commit_ahead").trim_end(), commit_ahead::report().trim_end());
}

#[test]
fn the_bug_is_found_by_search_by_simulation_and_by_plans() {
    let trial = Trial::of::<Mailer>().records(2).faults(2, &["crash-consumer", "disconnect"]);
    let found = trial.check(&[Guarantee::AtLeast]).expect_err("it loses a record");
    assert_eq!((found.faults, found.shortest), (1, true), "{found}");
    let simulated = trial.clone().states(0).check(&[Guarantee::AtLeast]);
    let simulated = simulated.expect_err("it loses a record");
    assert_eq!(simulated.faults, 1, "{simulated}");
    assert!(simulated.to_string().contains("drew strategy"), "{simulated}");
    assert_at_most_once!(Trial::of::<Mailer>().records(1));
}

/// What proptest comes to with a seed.
fn shrunk(seed: u8) -> (String, Workload, Vec<Planned>) {
    let config = Config { failure_persistence: None, ..Config::with_cases(500) };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let strategy = (workloads(6), fault_plans(3, KINDS));
    let failed = runner.run(&strategy, |(workload, plan)| {
        let trial = Trial::of::<Mailer>().records(workload.records).keys(workload.keys);
        let trial = trial.partitions(workload.partitions).planned_faults(&plan);
        let trial = trial.max_poll_records(workload.max_poll_records).order(3);
        match trial.check(&[Guarantee::AtLeast]) {
            Ok(_) => Ok(()),
            Err(broken) => Err(proptest::test_runner::TestCaseError::fail(broken.to_string())),
        }
    });
    let Err(TestError::Fail(reason, (workload, plan))) = failed else {
        panic!("expected a failed case, found {failed:?}")
    };
    (reason.message().to_owned(), workload, plan)
}

#[test]
fn proptest_shrinks_to_the_story_of_one_record_and_one_fault() {
    for seed in 0..12 {
        let (reason, workload, plan) = shrunk(seed);
        assert!(workload.records <= 6, "{workload:?}");
        assert!((1..=2).contains(&plan.len()), "{plan:?}");
        // Whatever is left of the workload and the plan, the story is the shortest one.
        let shortest = |steps| format!("with 1 fault in {steps} steps, and no shorter way does it");
        let told = [20, 23].iter().any(|&steps| reason.contains(&shortest(steps)));
        assert!(told, "{plan:?}\n{reason}");
        assert!(reason.contains("The planned run breaks it; 1 record is enough"), "{reason}");
        assert!(reason.contains("m0 never takes effect"), "{reason}");
    }
}

fn deterministic() -> TestRng {
    TestRng::deterministic_rng(RngAlgorithm::ChaCha)
}

#[test]
fn drawn_trials_of_a_correct_consumer_hold() {
    let mut runner = TestRunner::new_with_rng(Config::default(), deterministic());
    for _ in 0..64 {
        let trial = trials::<Payments>().new_tree(&mut runner).expect("a trial").current();
        assert_at_least_once!(trial);
        assert_at_most_once!(trial);
    }
}

/// Works on what it has at hand from the last record to the first.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Backwards(VecDeque<Message>);

impl Program for Backwards {
    type Store = ();

    fn start(_: &()) -> Self {
        Backwards(VecDeque::new())
    }

    fn polled(&mut self, messages: &[Message]) {
        self.0.extend(messages);
    }

    fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
        let Some(message) = self.0.pop_back() else { return Next::Poll };
        let _ = outside.effect(&message);
        Next::Continue
    }
}

#[test]
fn order_is_asked_too() {
    let trial = Trial::of::<Backwards>().records(2);
    // One at a time there is nothing to turn around.
    assert!(assert_in_order!(trial).is_proof());
    let broken = trial.max_poll_records(2).check(&[Guarantee::Order]).expect_err("turned around");
    assert_eq!(broken.faults, 0, "{broken}");
}

#[test]
fn the_same_trial_gives_the_same_answer() {
    let trial = Trial::of::<Payments>().records(3).faults(2, &["crash-consumer"]).states(0);
    let first = trial.check(&[Guarantee::AtLeast]);
    assert!(matches!(first, Ok(Evidence::Simulated { runs: 500, .. })), "{first:?}");
    assert_eq!(first, trial.check(&[Guarantee::AtLeast]));
}

#[test]
fn a_scenario_of_a_file_takes_a_program() {
    let text = "format = 1\n[topic.orders]\n[source.till]\nrecords = 1\n[producer.shop]\n\
                [app.mailer]\ngroup.id = \"m\"\nenable.auto.commit = false\n\
                auto.offset.reset = \"earliest\"\ncommit = \"after-processing\"\n";
    let trial = Trial::in_scenario::<Mailer>(text).expect("a scenario");
    let trial = trial.faults(1, &["crash-consumer"]);
    assert!(trial.check(&[Guarantee::AtLeast]).is_err());
    assert!(Trial::in_scenario::<Mailer>("format = 1\n[topics]\n").is_err());
}

#[test]
#[should_panic(expected = "did you mean `crash-consumer`?")]
fn unknown_faults_are_named() {
    let _ = Trial::of::<Mailer>().faults(1, &["crash-consumr"]);
}

/// Crashes whatever happens.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Crasher;

impl Program for Crasher {
    type Store = ();

    fn start(_: &()) -> Self {
        Crasher
    }

    fn polled(&mut self, _: &[Message]) {}

    fn step(&mut self, _: &mut Outside<'_, ()>) -> Next {
        Next::Crash
    }
}

#[test]
fn a_program_that_crashes_for_ever_does_not_deliver_at_least_once() {
    let searched = Trial::of::<Crasher>().records(1);
    let simulated = Trial::of::<Crasher>().records(2).states(0).runs(6);
    let planned = Trial::of::<Crasher>().records(1).planned_faults(&[]);
    let struck = Trial::of::<Crasher>().records(1).planned_faults(&[(3, "disconnect")]).order(7);
    for trial in [searched, simulated, planned, struck] {
        let broken = trial.check(&[Guarantee::AtLeast]).expect_err("no record has an effect");
        let finding = broken.finding.expect("a livelock");
        assert_eq!((finding.anomaly.name(), broken.faults), ("livelock", 0), "{broken}");
        assert!(broken.to_string().contains("repeat for ever"), "{broken}");
        assert_at_most_once!(trial);
    }
}

/// Works on two records, and then counts for ever, or goes to and fro.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Restless<const COUNTS: bool> {
    at_hand: VecDeque<Message>,
    done: u32,
    turns: u64,
}

impl<const COUNTS: bool> Program for Restless<COUNTS> {
    type Store = ();

    fn start(_: &()) -> Self {
        Restless { at_hand: VecDeque::new(), done: 0, turns: 0 }
    }

    fn polled(&mut self, messages: &[Message]) {
        self.at_hand.extend(messages);
    }

    fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
        if let Some(message) = self.at_hand.pop_front() {
            let _ = outside.effect(&message);
            self.done += 1;
        } else if self.done < 2 {
            return Next::Poll;
        } else {
            self.turns = if COUNTS { self.turns + 1 } else { 1 - self.turns };
        }
        Next::Continue
    }
}

#[test]
fn a_run_without_rest_is_evidence_for_what_its_circle_keeps_and_for_nothing_else() {
    // To and fro: nothing is missing in the circle, by search and by simulation.
    let to_and_fro = Trial::of::<Restless<false>>().records(2);
    assert_at_least_once!(to_and_fro);
    assert_at_least_once!(to_and_fro.clone().states(0).runs(6));
    assert_at_least_once!(to_and_fro.planned_faults(&[]));
    // What counts for ever never returns, so nobody knows.
    let counts = Trial::of::<Restless<true>>().records(2);
    for trial in [counts.clone().states(500).runs(3), counts.planned_faults(&[])] {
        let open = trial.check(&[Guarantee::AtLeast]).expect_err("it comes to no rest");
        assert_eq!(open.finding, None, "{open}");
        assert!(open.to_string().contains("something still goes on"), "{open}");
        assert_at_most_once!(trial);
    }
}

#[test]
fn a_trial_is_printed_in_one_line() {
    let trial = Trial::of::<Restless<true>>().records(2).faults(1, &["disconnect"]);
    let text = "Trial(restless: records 2, keys 0, partitions 1, max.poll.records 1, up to 1 faults of \
                [disconnect])";
    assert_eq!(format!("{trial:?}"), text);
    let planned = format!("{:?}", trial.planned_faults(&[(7, "crash-consumer")]).order(3));
    assert!(planned.ends_with("faults [crash-consumer from step 7 on], order 3)"), "{planned}");
}

/// Goes on whatever a call says.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Careless(VecDeque<Message>);

impl Program for Careless {
    type Store = ();

    fn start(_: &()) -> Self {
        Careless(VecDeque::new())
    }

    fn polled(&mut self, messages: &[Message]) {
        self.0.extend(messages);
    }

    fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
        let Some(message) = self.0.pop_front() else { return Next::Poll };
        let _ = outside.effect(&message);
        Next::Continue
    }
}

#[test]
fn calls_of_the_main_thread_fail_too() {
    let of = |kind: &'static str| Trial::of::<Careless>().records(1).faults(1, &[kind]);
    for kind in ["remote-call-before", "processing-failure"] {
        let broken = of(kind).check(&[Guarantee::AtLeast]).expect_err("the call did nothing");
        assert_eq!(broken.faults, 1, "{broken}");
    }
    // It took effect, and nobody tries again. A poisoned record is not judged.
    assert!(assert_at_least_once!(of("remote-call-after")).is_proof());
    assert!(assert_at_most_once!(of("remote-call-after")).is_proof());
    assert!(assert_at_least_once!(of("poison")).is_proof());
}

#[test]
fn a_planned_call_fails_when_it_comes() {
    // At step 0 nobody calls anything yet.
    let trial = Trial::of::<Careless>().records(1).planned_faults(&[(0, "remote-call-before")]);
    let broken = trial.check(&[Guarantee::AtLeast]).expect_err("the call did nothing");
    assert_eq!(broken.faults, 1, "{broken}");
}

#[test]
fn a_program_stands_only_where_it_can() {
    let scenario = |more: &str| {
        let text = "format = 1\n[topic.orders]\n[topic.bills]\n[source.till]\nrecords = 1\n[producer.shop]\n\
                    source = \"till\"\ntopic = \"orders\"\n";
        Trial::in_scenario::<Careless>(&format!("{text}{more}")).map_err(|error| error.to_string())
    };
    let app = "[app.billing]\ntopics = [\"orders\"]\ngroup.id = \"g\"\ncommit = \"after-processing\"\n\
               enable.auto.commit = false\n";
    assert!(scenario(&format!("{app}effect = \"store\"\n")).is_ok());
    for (wrong, told) in [
        (String::new(), "no application"),
        (format!("{app}effect = \"topic\"\noutput.topic = \"bills\"\n"), "app.billing sends on"),
        (format!("{app}effect = \"store\"\ndedup = \"exact-set\"\n"), "app.billing has a strategy"),
    ] {
        let error = scenario(&wrong).expect_err(told);
        assert!(error.contains(told), "{error}");
    }
}

/// Makes a call again that failed, in the same step.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Again(VecDeque<Message>);

impl Program for Again {
    type Store = ();

    fn start(_: &()) -> Self {
        Again(VecDeque::new())
    }

    fn polled(&mut self, messages: &[Message]) {
        self.0.extend(messages);
    }

    fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
        let Some(message) = self.0.pop_front() else { return Next::Poll };
        let called = outside.effect(&message).or_else(|_| outside.effect(&message));
        if called.is_ok() { Next::Continue } else { Next::Crash }
    }
}

/// Asserts that a record comes at most so many times to the same store.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Asserting<const TIMES: u32>(VecDeque<Message>);

impl<const TIMES: u32> Program for Asserting<TIMES> {
    type Store = u32;

    fn start(_: &u32) -> Self {
        Asserting(VecDeque::new())
    }

    fn polled(&mut self, messages: &[Message]) {
        self.0.extend(messages);
    }

    fn step(&mut self, outside: &mut Outside<'_, u32>) -> Next {
        let Some(message) = self.0.pop_front() else { return Next::Poll };
        *outside.store += u32::from(message.id == 0);
        assert!(*outside.store <= TIMES, "m0 came {} times", outside.store);
        let _ = outside.effect(&message);
        Next::Continue
    }
}

#[test]
fn a_panic_of_the_program_is_told_with_its_story() {
    let searched = Trial::of::<Asserting<2>>().records(1).faults(3, &["crash-consumer"]);
    let simulated = searched.clone().states(0).runs(400);
    for trial in [searched.clone(), simulated, searched.records(4).states(0).runs(400)] {
        let broken = trial.check(&[Guarantee::AtLeast]).expect_err("it panics");
        let told = broken.to_string();
        assert!(told.starts_with("the program panics: m0 came 3 times ("), "{told}");
        assert!(told.contains("How it comes to a panic, with 2 faults in"), "{told}");
        assert!(told.contains("=> The next step panics: m0 came 3 times"), "{told}");
        assert_eq!((broken.faults, broken.finding), (2, None), "{told}");
    }
    let planned = Trial::of::<Asserting<1>>().planned_faults(&[(30, "crash-consumer")]);
    let told = planned.check(&[Guarantee::AtMost]).expect_err("it panics").to_string();
    assert!(told.contains("The planned run panics; 1 record is enough:"), "{told}");
    // Without any fault, and in any run.
    let at_once = Trial::of::<Asserting<0>>().states(0);
    let told = at_once.check(&[Guarantee::AtMost]).expect_err("it panics").to_string();
    assert!(told.contains("The run without faults panics; 1 record is enough:"), "{told}");
}

#[test]
fn a_story_is_of_one_record_even_if_the_run_had_many() {
    let trial = Trial::of::<Careless>().records(50).states(0).runs(50);
    let trial = trial.faults(3, &["remote-call-before", "disconnect"]);
    let broken = trial.check(&[Guarantee::AtLeast]).expect_err("it goes on");
    assert!(broken.shortest && broken.faults == 1, "{broken}");
    assert!(broken.story.contains("1 record is enough:"), "{broken}");
}

#[test]
fn a_story_keeps_to_the_limits_of_the_file() {
    let text = "format = 1\n[topic.orders]\n[source.till]\nrecords = 6\n[producer.shop]\nsource = \"till\"\n\
                topic = \"orders\"\ndelivery.timeout.ms = 2147483647\n[app.billing]\ngroup.id = \"g\"\n\
                auto.offset.reset = \"earliest\"\n[faults]\nclasses = [\"consumer\"]\ntotal = 3\n\
                caps = { crash-consumer = 1, processing-failure = 0 }\n";
    let trial = Trial::in_scenario::<Careless>(text).expect("a scenario").states(0);
    // Nothing is committed: each restart begins anew, so one crash is enough, and no more may come.
    let broken = trial.check(&[Guarantee::AtMost]).expect_err("it begins anew");
    assert_eq!(broken.faults, 1, "{broken}");
    let panics = Trial::in_scenario::<Asserting<1>>(text).expect("a scenario").states(0);
    let broken = panics.check(&[Guarantee::AtMost]).expect_err("it panics");
    assert_eq!((broken.faults, broken.panic.is_some()), (1, true), "{broken}");
}

/// Does something else each time.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Dice(VecDeque<Message>);

static THROWN: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

impl Program for Dice {
    type Store = ();

    fn start(_: &()) -> Self {
        Dice(VecDeque::new())
    }

    fn polled(&mut self, messages: &[Message]) {
        self.0.extend(messages);
    }

    fn step(&mut self, outside: &mut Outside<'_, ()>) -> Next {
        let Some(message) = self.0.pop_front() else { return Next::Poll };
        if THROWN.fetch_add(1, std::sync::atomic::Ordering::Relaxed).is_multiple_of(2) {
            let _ = outside.effect(&message);
        }
        Next::Continue
    }
}

#[test]
fn a_program_that_throws_dice_is_no_program() {
    for trial in [Trial::of::<Dice>(), Trial::of::<Dice>().states(0)] {
        let broken = trial.check(&[Guarantee::AtMost]).expect_err("nobody knows");
        assert!(
            broken.to_string().contains("a step that began alike ended in two ways"),
            "{broken}"
        );
    }
}

/// Commits where it reads nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Astray(bool);

impl Program for Astray {
    type Store = ();

    fn start(_: &()) -> Self {
        Astray(false)
    }

    fn polled(&mut self, _: &[Message]) {
        self.0 = true;
    }

    fn step(&mut self, _: &mut Outside<'_, ()>) -> Next {
        match std::mem::take(&mut self.0) {
            true => Next::Commit(vec![Position { topic: 7, partition: 0, next: 1 }]),
            false => Next::Poll,
        }
    }
}

#[test]
fn a_commit_elsewhere_is_a_mistake_of_the_program() {
    let broken = Trial::of::<Astray>().check(&[Guarantee::AtMost]).expect_err("a mistake");
    let told = broken.to_string();
    assert!(told.contains("a commit in topic 7, of which the program reads nothing"), "{told}");
}

#[test]
#[should_panic(
    expected = "there is no fault called `crash-consumr`; did you mean `crash-consumer`?"
)]
fn a_misspelled_kind_is_named() {
    let _ = Trial::of::<Careless>().faults(2, &["crash-consumr"]);
}

#[test]
fn a_wrong_scenario_is_told_where_it_is_unwrapped() {
    let failure = Trial::in_scenario::<Careless>("format = 1\n[app.x]\ncomit = 1\n").err();
    let told = format!("{:?}", failure.expect("it is wrong"));
    assert!(told.contains("unknown key `comit`") && told.contains("scenario.toml:3"), "{told}");
}

#[test]
fn one_fault_is_one_call_that_fails() {
    let trial = Trial::of::<Again>().records(1).faults(1, &["remote-call-before"]);
    assert!(assert_at_least_once!(trial.clone()).is_proof());
    let simulated = assert_at_least_once!(trial.states(0).runs(20));
    assert!(matches!(simulated, Evidence::Simulated { runs: 20, faults: 10.., .. }), "{simulated}");
}

#[test]
#[should_panic(expected = "no record shows nothing")]
fn no_records_are_no_evidence() {
    let _ = Trial::of::<Careless>().records(0);
}

#[test]
#[should_panic(expected = "faults of which kinds?")]
fn faults_are_of_some_kind() {
    let _ = Trial::of::<Careless>().faults(2, &[]);
}

#[test]
#[should_panic(expected = "false-positive finds nothing to strike")]
fn a_fault_that_cannot_strike_is_no_fault() {
    let _ = Trial::of::<Careless>().faults(2, &["false-positive"]);
}

#[test]
#[should_panic(expected = "no run shows nothing")]
fn no_runs_are_no_evidence() {
    let _ = Trial::of::<Careless>().states(0).runs(0);
}

#[test]
#[should_panic(expected = "which guarantee?")]
fn nothing_asked_is_nothing_shown() {
    let _ = Trial::of::<Careless>().check(&[]);
}
