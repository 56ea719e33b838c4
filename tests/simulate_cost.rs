//! `simulate --cost`: what is measured of each application, and how it is told.

mod support;

use std::fs;
use std::ops::ControlFlow;

use brokerproof::cli::bundled::MODELS;
use brokerproof::scenario;
use brokerproof::simulate::cost::{
    CRASHES, Cost, Measuring, RESTART, Terms, Unmeasured, runs, ways, with_interval,
};
use brokerproof::simulate::{Micros, Spread};
use brokerproof::world::Setting;
use support::{empty_folder, run, run_in};

const NETWORK: Spread = Spread::Exponential(200, 300);

fn setting(text: &str, records: u32) -> Setting {
    let scenario = scenario::parse(text, "test.toml");
    let mut setting = scenario.unwrap_or_else(|failure| panic!("{failure}")).setting;
    setting.sources.iter_mut().for_each(|source| source.records = records);
    setting
}

fn model(name: &str, records: u32) -> Setting {
    let named = |model: &&brokerproof::cli::bundled::Bundled| {
        model.path.ends_with(&format!("/{name}.toml"))
    };
    setting(MODELS.iter().find(named).expect("a bundled model").text, records)
}

fn measure_at(setting: &Setting, terms: Terms) -> Cost {
    let go_on = || ControlFlow::Continue(());
    let measuring = Measuring::begin(setting, terms, &go_on).expect("it comes to rest");
    let mut ran = 0;
    let cost = measuring.measure(setting, &mut || ran += 1).expect("it comes to rest");
    assert_eq!(ran, runs(setting));
    cost
}

fn measure(setting: &Setting, arrival: Micros) -> Cost {
    measure_at(setting, Terms { seed: 1, arrival, network: NETWORK })
}

/// What distinguishes a test's scenario from others, in front of two applications.
const TWO_TOPICS: &str = "format = 1\n[topic.a]\n[topic.b]\n[source.s]\n[source.t]\n\
    [producer.p]\nsource = \"s\"\ntopic = \"a\"\n[producer.q]\nsource = \"t\"\ntopic = \"b\"\n\
    [app.one]\ngroup.id = \"one\"\ntopics = [\"a\"]\nenable.auto.commit = false\n\
    commit = \"after-processing\"\nauto.offset.reset = \"earliest\"\n\
    [app.two]\ngroup.id = \"two\"\ntopics = [\"b\"]\nenable.auto.commit = false\n\
    commit = \"after-processing\"\nauto.offset.reset = \"earliest\"\n[faults]\ntotal = 0\n";

#[test]
fn each_group_is_counted_alone() {
    // Billing commits before it processes, archive afterwards; records come so fast that crashes meet them.
    let cost = measure(&model("two-groups", 300), 1_000);
    let [billing, archive] = &cost.apps[..] else { panic!("two applications") };
    assert_eq!((billing.latencies.len(), archive.latencies.len()), (300, 300));
    assert!(billing.lost > 0, "{billing:?}");
    assert_eq!(archive.lost, 0, "a loss in one group is none in the other");
    assert!(archive.repeated > 0, "{archive:?}");
    assert_eq!(billing.repeated, 0, "what another group does again is no repetition");
    assert!(archive.repeated <= CRASHES, "a crash repeats one record at most: {archive:?}");
}

#[test]
fn who_crashed_recovers() {
    for cost in
        [measure(&model("two-groups", 200), 10_000), measure(&model("commit-after", 200), 10_000)]
    {
        for app in &cost.apps {
            let recovery = app.recovery.expect("records come after the crash");
            assert!((RESTART..RESTART + 20_000).contains(&recovery), "{recovery}");
        }
    }
}

#[test]
fn records_for_others_are_not_lost() {
    let cost = measure(&setting(TWO_TOPICS, 100), 10_000);
    assert_eq!(cost.records, 200);
    for app in &cost.apps {
        assert_eq!((app.latencies.len(), app.lost), (100, 0));
    }
}

#[test]
fn stages_are_measured_from_the_source() {
    let setting = model("two-stages.consumer", 300);
    let ways = ways(&setting);
    let way = |place: usize| measure(ways[place].setting.as_ref().expect("it applies"), 10_000);
    for cost in [way(0), way(1), way(2)] {
        let [billing, mailing] = &cost.apps[..] else { panic!("two applications") };
        assert_eq!((billing.latencies.len(), mailing.latencies.len()), (300, 300));
        assert!(billing.percentile(50) < mailing.percentile(50));
        // A record that is sent on is the first stage's effect, and its recovery.
        let recoveries = [billing.recovery, mailing.recovery].map(|time| time.expect("some"));
        assert!(recoveries.iter().all(|time| (RESTART..RESTART + 30_000).contains(time)));
    }
    let repeating = way(2);
    assert_eq!([repeating.apps[0].lost, repeating.apps[1].lost], [0, 0]);
    let refused = ways[3].setting.as_ref().expect_err("a topic stores no offset");
    assert!(refused.starts_with("does not apply: billing "), "{refused}");
    let longer = measure(&with_interval(&setting, 1_000), 10_000);
    assert!(longer.apps[0].repeated > 10 * repeating.apps[0].repeated.max(1));
    assert!(longer.apps[1].repeated > longer.apps[0].repeated, "a stage repeats what it is sent");
}

#[test]
fn applications_keep_their_effects() {
    // The second stage drops duplicates in the transaction of its effect: no call to a service could.
    let setting = model("stages-dedup", 300);
    let cost = measure(&with_interval(&setting, 500), 5_000);
    let [billing, mailing] = &cost.apps[..] else { panic!("two applications") };
    assert!(billing.repeated > 0, "{}", billing.repeated);
    assert_eq!((mailing.repeated, mailing.lost), (0, 0));
    assert!(ways(&setting)[1].setting.is_ok());
}

#[test]
fn an_idempotent_producer_needs_what_kafka_asks_of_it() {
    let mut setting = model("commit-after", 10);
    setting.producers[0].config.max_in_flight = 6;
    let ways = ways(&setting);
    assert!(ways[0].setting.is_ok() && ways[1].setting.is_ok());
    for way in &ways[2..4] {
        let reason = way.setting.as_ref().expect_err("Kafka refuses it");
        assert!(reason.contains("max.in.flight.requests.per.connection=6"), "{reason}");
    }
}

#[test]
fn only_the_level_distinguishes_what_is_compared() {
    let setting = model("commit-after", 300);
    let go_on = || ControlFlow::Continue(());
    let terms = Terms { seed: 3, arrival: 10_000, network: Spread::Uniform(500, 500) };
    let measuring = Measuring::begin(&setting, terms, &go_on).expect("it comes to rest");
    let recovery = |place: usize| {
        let way = ways(&setting).swap_remove(place).setting.expect("it applies");
        measuring.measure(&way, &mut || ()).expect("it comes to rest").apps[0]
            .recovery
            .expect("one")
    };
    let (before, after, acks_all, with) = (recovery(0), recovery(1), recovery(2), recovery(3));
    // A commit before the effect takes its way there and back; what the producer awaits is none of it.
    assert!((900..1_100).contains(&(before - after)), "{before} {after}");
    assert!(after.abs_diff(acks_all) < 100, "{after} {acks_all}");
    assert!(with < after, "the offset is at hand, nobody is asked");
}

#[test]
fn a_measurement_can_be_stopped() {
    let setting = model("commit-after", 2_000);
    let terms = Terms { seed: 1, arrival: 10_000, network: NETWORK };
    let asked = std::cell::Cell::new(0);
    let go_on = || {
        asked.set(asked.get() + 1);
        if asked.get() > 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let measuring = Measuring::begin(&setting, terms, &go_on).expect("it comes to rest");
    assert_eq!(measuring.measure(&setting, &mut || ()), Err(Unmeasured::Stopped));
}

#[test]
fn extreme_numbers_are_measured() {
    let setting = model("commit-after", 3);
    for (seed, arrival) in [(u64::MAX - 1, 10_000), (u64::MAX, u64::MAX), (7, u64::MAX / 2), (7, 0)]
    {
        let cost = measure_at(&setting, Terms { seed, arrival, network: NETWORK });
        assert_eq!(cost.apps[0].lost, 0, "{seed} {arrival}");
    }
    let slow = Spread::Exponential(u64::MAX / 4, u64::MAX / 4);
    let cost = measure_at(&setting, Terms { seed: 1, arrival: 10_000, network: slow });
    assert_eq!(cost.records, 3);
}

#[test]
fn costs_are_told() {
    let folder = empty_folder("simulate-cost");
    let words = ["simulate", "commit-after", "--cost", "--records", "200"];
    let files = ["--csv", "cost.csv", "--svg", "cost.svg"];
    let words = [&words[..], &files[..]].concat();
    let run = run_in(&folder, &words);
    assert_eq!(run.code, Some(0), "{}", run.all());
    assert!(run.out.contains("not modelled yet"), "transactions are no invention\n{}", run.all());
    let csv = fs::read_to_string(folder.join("cost.csv")).expect("text");
    let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|row| row.rsplit(',').collect()).collect();
    assert_eq!(rows.len(), 5, "{csv}");
    let number = |row: usize, back: usize| rows[row][back].parse::<u64>().expect("a number");
    // From behind: remark, lost, repeated, recovery, p99, p50, held back, markers, offsets stored.
    assert_eq!(number(3, 2), 0, "offset and result together repeat nothing\n{csv}");
    assert_eq!(number(3, 8), 0, "and the broker stores no offsets\n{csv}");
    assert!(number(1, 8) >= 200 && number(1, 3) > RESTART, "{csv}");
    assert_eq!(number(1, 1), 0, "commit after processing loses nothing\n{csv}");
    let svg = fs::read_to_string(folder.join("cost.svg")).expect("text");
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{svg}");
    // The same again gives the same bytes, which may stand there already.
    let again = run_in(&folder, &words);
    assert_eq!((again.code, &again.out), (Some(0), &run.out), "{}", again.all());
    fs::write(folder.join("cost.csv"), "mine").expect("writable");
    let other = run_in(&folder, &words);
    assert_eq!(other.code, Some(254), "{}", other.all());
    assert_eq!(fs::read_to_string(folder.join("cost.csv")).expect("text"), "mine");
}

#[test]
fn every_application_has_a_line_of_its_own() {
    let run = run(&["simulate", "two-groups", "--cost", "--records", "50"]);
    assert_eq!(run.code, Some(0), "{}", run.all());
    for app in ["billing", "archive"] {
        let lines =
            run.out.lines().filter(|line| line.trim_start().starts_with(&format!("{app} ")));
        assert_eq!(lines.count(), 4, "{}", run.all());
    }
    assert!(run.out.contains("session.timeout.ms"), "{}", run.all());
}

#[test]
fn the_network_is_that_of_the_measurement() {
    let with = |network: &str| {
        run(&["simulate", "commit-after", "--cost", "--records", "20", "--network", network]).out
    };
    assert_ne!(with("1ms"), with("20ms"));
}

#[test]
fn what_a_measurement_does_not_heed_is_refused() {
    for words in [
        &["--seeds", "1..10"][..],
        &["--strategy", "fifo"],
        &["--steps", "10"],
        &["--time", "1s"],
        &["--faults", "3"],
        &["--kinds", "crash-broker"],
        &["--chance", "1/50"],
        &["--every", "1s"],
        &["--at", "1s crash-broker"],
        &["--threads", "2"],
        &["--require", "at-least-once"],
        &["--story", "none"],
        &["--certify", "10"],
        &["--save", "."],
        &["--json"],
        &["--timings"],
    ] {
        let run = run(&[&["simulate", "commit-after", "--cost"], words].concat());
        assert_eq!(run.code, Some(254), "{words:?}\n{}", run.all());
        assert!(run.err.contains("--cost") && run.err.contains(words[0]), "{}", run.all());
    }
    for (words, part) in [
        (&["commit-after", "--records", "0"][..], "0 is not in 1.."),
        (&["commit-after", "--csv", "nowhere/cost.csv"], "no such folder"),
        (&["acks-0.producer", "--arrival", "soon"], "500ms"),
    ] {
        let run = run(&[&["simulate", "--cost"], words].concat());
        assert_eq!(run.code, Some(254), "{words:?}\n{}", run.all());
        assert!(run.err.contains(part), "{words:?}: no {part:?} in\n{}", run.all());
    }
}
