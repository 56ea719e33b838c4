//! Random small scenarios, and random runs of scenarios.

use brokerproof::fault::FAULTS;
use brokerproof::system::Model;
use brokerproof::world::{Scene, World};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// The states of random runs of a scenario.
pub fn states(scene: &Scene, random: &mut ChaCha8Rng, runs: usize, steps: usize) -> Vec<World> {
    let mut states = Vec::new();
    for _ in 0..runs {
        let mut state = scene.initial().remove(0);
        for _ in 0..steps {
            states.push(state.clone());
            let mut actions = Vec::new();
            scene.enabled(&state, &mut actions);
            if actions.is_empty() {
                break;
            }
            let action = actions[(random.next_u64() % actions.len() as u64) as usize];
            scene.step(&mut state, &action, &mut Vec::new());
        }
    }
    states
}

fn one_of<'a>(random: &mut ChaCha8Rng, words: &[&'a str]) -> &'a str {
    words[(random.next_u64() % words.len() as u64) as usize]
}

fn number(random: &mut ChaCha8Rng, from: u64, to: u64) -> u64 {
    from + random.next_u64() % (to - from + 1)
}

/// Settings of a source and its producer.
fn sender(random: &mut ChaCha8Rng) -> [String; 2] {
    let records = number(random, 1, 4) / 4 + 1;
    let remember = one_of(random, &["after-ack", "after-send", "before-send", "never"]);
    let source = format!("records = {records}\nremember = \"{remember}\"\n");
    let mut producer = "topic = \"orders\"\n".to_owned();
    producer.push_str(one_of(
        random,
        &[
            "enable.idempotence = true\n",
            "acks = \"0\"\nenable.idempotence = false\n",
            "acks = \"1\"\nenable.idempotence = false\n",
            "enable.idempotence = false\nmax.in.flight.requests.per.connection = 1\n",
        ],
    ));
    producer.push_str(one_of(random, &["", "", "delivery.timeout.ms = 2147483647\n"]));
    let policy = one_of(random, &["give-up", "send-again", "crash"]);
    producer.push_str(&format!("on-send-failure = \"{policy}\"\n"));
    [source, producer]
}

/// Settings of an application.
fn application(random: &mut ChaCha8Rng) -> String {
    let mut text = "auto.offset.reset = \"earliest\"\n".to_owned();
    text.push_str(one_of(
        random,
        &[
            "enable.auto.commit = true\ncommit = \"auto\"\n",
            "enable.auto.commit = false\ncommit = \"after-processing\"\n",
            "enable.auto.commit = false\ncommit = \"before-processing\"\n",
            "enable.auto.commit = true\ncommit = \"auto-hand-off\"\n",
        ],
    ));
    let effect = one_of(random, &["local", "remote-call", "upsert", "store"]);
    let policy = one_of(random, &["retry", "crash", "close-and-restart", "skip"]);
    text.push_str(&format!("effect = \"{effect}\"\non-processing-error = \"{policy}\"\n"));
    text
}

fn topic(random: &mut ChaCha8Rng) -> String {
    let partitions = number(random, 1, 5) / 4 + 1;
    format!("format = 1\n[topic.orders]\npartitions = {partitions}\n")
}

fn add_sender(text: &mut String, name: u64, keys: u64, [source, producer]: &[String; 2]) {
    text.push_str(&format!("[source.s{name}]\nkeys = {keys}\n{source}"));
    text.push_str(&format!("[producer.p{name}]\nsource = \"s{name}\"\n{producer}"));
}

fn add_application(text: &mut String, name: u64, reads: &str, settings: &str) {
    let group = format!("group.id = \"g{name}\"\ntopics = [\"{reads}\"]\n");
    text.push_str(&format!("[app.a{name}]\n{group}{settings}"));
}

fn add_faults(random: &mut ChaCha8Rng, text: &mut String) {
    text.push_str("[faults]\n");
    let total = number(random, 0, 4).div_ceil(2);
    let kinds: Vec<&str> = FAULTS.iter().map(|fault| fault.name()).collect();
    let kinds = [(); 3].map(|()| one_of(random, &kinds));
    match number(random, 0, 3) {
        0 => {
            let class = one_of(random, &["producer", "remote-call", "messaging", "consumer"]);
            text.push_str(&format!("classes = [\"{class}\"]\n"));
        }
        1 => text.push_str(&format!("kinds = {{ {} = 1, {} = 2 }}\n", kinds[0], kinds[1])),
        _ => text.push_str(&format!("kinds = {kinds:?}\n")),
    }
    text.push_str(&format!("total = {total}\n"));
    if number(random, 0, 9) == 0 {
        text.push_str("[[expect]]\nreachable = \"refused duplicate-batch\"\n");
    }
}

/// A small scenario of any kind.
pub fn any(random: &mut ChaCha8Rng) -> String {
    let mut text = topic(random);
    for producer in 0..=number(random, 1, 5) / 4 {
        add_sender(&mut text, producer, 1, &sender(random));
    }
    for app in 0..number(random, 0, 4) / 2 {
        add_application(&mut text, app, "orders", &application(random));
    }
    add_faults(random, &mut text);
    text
}

/// A small scenario in which some clients are set alike; and some perhaps nearly alike.
pub fn with_equal_clients(random: &mut ChaCha8Rng) -> String {
    let mut text = topic(random);
    let shapes = [(1, 2), (2, 0), (2, 1), (1, 2), (2, 0), (3, 0), (1, 3), (2, 2)];
    let (producers, apps) = shapes[number(random, 0, 7) as usize];
    let (senders, applications) = (sender(random), application(random));
    let keys = number(random, 0, 2);
    let other = number(random, 0, 9);
    for producer in 0..producers {
        let settings = if other == 0 && producer > 0 { sender(random) } else { senders.clone() };
        add_sender(&mut text, producer, keys, &settings);
    }
    for app in 0..apps {
        let differs = other == 1 && app > 0;
        let settings = if differs { application(random) } else { applications.clone() };
        add_application(&mut text, app, "orders", &settings);
    }
    // A further stage, which is nobody's equal.
    if number(random, 0, 7) == 0 {
        let output = "enable.auto.commit = false\ncommit = \"after-processing\"\n\
                      auto.offset.reset = \"earliest\"\neffect = \"topic\"\n\
                      output.topic = \"bills\"\noutput.enable.idempotence = true\n";
        text.push_str("[topic.bills]\npartitions = 1\n");
        add_application(&mut text, apps, "orders", output);
    }
    add_faults(random, &mut text);
    text
}
