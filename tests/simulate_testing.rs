//! What people import for tests of their own consumers.

use std::collections::VecDeque;

use brokerproof::testing::strategies::{KINDS, fault_plans, trials, workloads};
use brokerproof::testing::{Evidence, Guarantee, Message, Next, Outside, Program, Trial};
use brokerproof::{assert_at_least_once, assert_at_most_once, assert_in_order};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestError, TestRunner};

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
    // Counts of states and steps may change with the model; what they say does not.
    let words = |text: &str| text.replace(|letter: char| letter.is_ascii_digit(), "0");
    assert_eq!(words(&shown("correct_consumer")), words(&correct));
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

#[test]
fn proptest_shrinks_to_one_record_and_one_crash() {
    let config = Config { failure_persistence: None, ..Config::with_cases(500) };
    let mut runner = TestRunner::new_with_rng(config, deterministic());
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
    assert_eq!((workload.keys, workload.partitions), (0, 1), "{reason}");
    assert!(workload.records <= 3 && workload.max_poll_records <= 3, "{workload:?}");
    assert_eq!(plan.len(), 1, "{plan:?}\n{reason}");
    assert_eq!(plan[0].1, "crash-consumer", "{reason}");
    assert!(reason.message().contains("never takes effect"), "{reason}");
}

fn deterministic() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha)
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
