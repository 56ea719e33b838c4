//! No input makes the readers panic, and whatever they say about it has a place in it.

use brokerproof::scenario::{
    self, Failure, FromFiles, Named, Options, Position, Scenario, Texts, from_texts,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A file with every table and kind of value.
const WHOLE: &str = r#"# A title.
format = 1
kafka = "4.1"
tier = "full"
ablate = ["duplicate-batch"]

[limits]
states = 1000

[server]
offsets.retention.minutes = 10
log.retention.ms = "100000"

[topic.orders]
partitions = 2
min.cleanable.dirty.ratio = 0.5
cleanup.policy = ["delete"]

[source.till]
records = 0x3
keys = 1
remember = "never"

[producer.shop]
source = "till"
topic = 'orders'
acks = -1
enable = { idempotence = true }
"delivery.timeout.ms" = 130_000
linger.ms = 0 # é

[app.billing]
group.id = "billing"
topics = ["orders"]
commit.order = "before-processing"
commit.every = """record"""
enable.auto.commit = false

[faults]
kinds = { disconnect = 1, crash-consumer = 2 }
caps.disconnect = 1
total = 2

[[expect]]
app = "billing"
level = "at-most-once"
breaks_at = { at-least = 1 }
reachable = ["lost-effect"]
order = true
"#;

const PROPERTIES: &str = "# producer\n! and consumer\nbootstrap.servers=localhost:9092\nacks: all\n\
                          retries 3\nlinger.ms = \\\n   5\nenable.idempotence=true\n\
                          client.id=\\u00e9\\t\nmax.in.flight.requests.per.connection=5\n\
                          group.id=g\nauto.offset.reset=earliest\nrequest.required.acks=1\r\n\
                          partitions=1\rcleanup.policy=delete\nlog.retention.hours=1\n";

/// One way of spoiling a text.
#[derive(Clone, Debug)]
enum Spoil {
    CutOff(Index),
    Delete(Index, usize),
    Insert(Index, String),
    Replace(Index, char),
    Repeat(Index, Index, usize),
    SwapLines(Index, Index),
    DropLine(Index),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let piece = prop_oneof![
        select(
            &[
                "\"",
                "'",
                "[",
                "]",
                "[[",
                "{",
                "}",
                "=",
                ".",
                ",",
                "#",
                "\n",
                "\r",
                "\\",
                "\\u00",
                "\0",
                "\u{7f}",
                "é",
                "\u{202e}",
                "\u{1f600}",
                "-1",
                "1e99",
                "99999999999999999999",
                "nan",
                "true",
                "\"\"\"",
                " ",
                "\t",
                "[topic.x]",
                "acks",
                "kinds",
                "0x",
                "1979-05-27",
                "!",
                ":",
            ][..]
        )
        .prop_map(str::to_owned),
        "\\PC{1,6}",
        any::<char>().prop_map(String::from),
    ];
    prop_oneof![
        any::<Index>().prop_map(Spoil::CutOff),
        (any::<Index>(), 1..20_usize).prop_map(|(at, count)| Spoil::Delete(at, count)),
        (any::<Index>(), piece).prop_map(|(at, piece)| Spoil::Insert(at, piece)),
        (any::<Index>(), any::<char>()).prop_map(|(at, c)| Spoil::Replace(at, c)),
        (any::<Index>(), any::<Index>(), 1..50_usize).prop_map(|(a, b, n)| Spoil::Repeat(a, b, n)),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Spoil::SwapLines(a, b)),
        any::<Index>().prop_map(Spoil::DropLine),
    ]
}

fn spoiled(text: &str, spoils: Vec<Spoil>) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for spoil in spoils {
        let length = text.len() + 1;
        match spoil {
            Spoil::CutOff(at) => text.truncate(at.index(length)),
            Spoil::Delete(at, count) => {
                let at = at.index(length);
                text.drain(at..(at + count).min(text.len()));
            }
            Spoil::Insert(at, piece) => {
                let at = at.index(length);
                text.splice(at..at, piece.chars());
            }
            Spoil::Replace(at, c) if length > 1 => text[at.index(length - 1)] = c,
            Spoil::Replace(..) => text.push('x'),
            Spoil::Repeat(a, b, count) => {
                let (a, b) = (a.index(length), b.index(length));
                let part: Vec<char> = text[a.min(b)..a.max(b)].iter().take(40).copied().collect();
                text.splice(a.max(b)..a.max(b), part.repeat(count));
            }
            Spoil::SwapLines(a, b) => {
                let whole: String = text.iter().collect();
                let mut lines: Vec<&str> = whole.split('\n').collect();
                let (a, b) = (a.index(lines.len()), b.index(lines.len()));
                lines.swap(a, b);
                text = lines.join("\n").chars().collect();
            }
            Spoil::DropLine(at) => {
                let whole: String = text.iter().collect();
                let mut lines: Vec<&str> = whole.split('\n').collect();
                lines.remove(at.index(lines.len()));
                text = lines.join("\n").chars().collect();
            }
        }
    }
    text.into_iter().collect()
}

/// Every line that a person could mean is in the text; a byte order mark or a last newline adds none.
fn is_within(position: Option<Position>, text: &str) -> bool {
    let Some(Position { line, column }) = position else { return true };
    let Some(whole) = text.split('\n').nth(line - 1) else { return false };
    (1..=whole.chars().count() + 1).contains(&column)
}

/// What was said is printable, short enough and placed.
fn check_failure(failure: &Failure, text: &str) {
    let shown = failure.to_string();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    match failure {
        Failure::Invalid(errors) => {
            assert!(!errors.0.is_empty());
            for problem in &errors.0 {
                assert!(is_within(problem.position, text), "{problem}\n{text}");
                if let Some(excerpt) = &problem.excerpt {
                    assert!(excerpt.width >= 1 && excerpt.text.chars().count() <= 96);
                    assert!(excerpt.indent <= excerpt.text.chars().count());
                }
            }
        }
        Failure::NotModelled(gaps) => {
            assert!(!gaps.0.is_empty());
            assert!(gaps.0.iter().all(|gap| is_within(gap.position, text)));
        }
    }
}

fn check(read: Result<Scenario, Failure>, text: &str) {
    match read {
        Ok(scenario) => {
            assert!(scenario.notices.iter().all(|notice| is_within(notice.position, text)));
            let written = scenario::write(&scenario);
            let again = scenario::parse(&written, "x.toml")
                .unwrap_or_else(|failure| panic!("{failure}\n{written}\n{text}"));
            assert_eq!(again.setting, scenario.setting, "{written}\n{text}");
        }
        Err(failure) => check_failure(&failure, text),
    }
}

fn check_files(read: Result<FromFiles, Failure>, text: &str) {
    match read {
        Ok(all) => {
            assert!(!all.rows.is_empty());
            for row in all.rows {
                let written = scenario::write(&row.scenario);
                let again = scenario::parse(&written, "x.toml")
                    .unwrap_or_else(|failure| panic!("{failure}\n{written}\n{text}"));
                assert_eq!(again.setting, row.scenario.setting, "{written}\n{text}");
            }
        }
        Err(failure) => check_failure(&failure, text),
    }
}

#[test]
fn what_is_spoiled_was_right() {
    assert!(scenario::parse(WHOLE, "x.toml").is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn spoiled_scenarios(spoils in proptest::collection::vec(spoil(), 1..4)) {
        let text = spoiled(WHOLE, spoils);
        check(scenario::parse(&text, "x.toml"), &text);
    }

    #[test]
    fn any_text(text in "(\\PC|[\\[\\]{}=\"'.,#\\\\\n\r\t ]){0,200}") {
        check(scenario::parse(&text, "x.toml"), &text);
    }

    #[test]
    fn spoiled_properties(spoils in proptest::collection::vec(spoil(), 0..4), place in 0..4_usize) {
        let text = spoiled(PROPERTIES, spoils);
        let file = Some(Named { path: "x.properties", text: &text });
        let none = Texts::default();
        let texts = match place {
            0 => Texts { producer: file, ..none },
            1 => Texts { consumer: file, ..none },
            2 => Texts { topic: file, ..none },
            _ => Texts { server: file, ..none },
        };
        check_files(from_texts(&texts, &Options::default()), &text);
    }
}
