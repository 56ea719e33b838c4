//! Scenario files that are wrong, or ask for what is not modelled: what people are told, and where.

use std::fs;
use std::path::{Path, PathBuf};

use brokerproof::scenario::{self, FILE_SIZE_LIMIT, Failure, Problem, ProblemKind, Weight};

fn problems(text: &str) -> Vec<Problem> {
    match scenario::parse(text, "x.toml") {
        Err(Failure::Invalid(errors)) => errors.0,
        other => panic!("not an error: {other:?}\n{text}"),
    }
}

/// Line, column and message of each problem, and the nearest name if any.
fn told(text: &str) -> Vec<String> {
    let show = |problem: &Problem| {
        let at = problem.position.map_or("-".to_owned(), |p| format!("{}:{}", p.line, p.column));
        let nearest = problem.nearest.as_ref().map_or(String::new(), |name| format!(" -> {name}"));
        format!("{at} {}{nearest}", problem.kind)
    };
    problems(text).iter().map(show).collect()
}

/// A file that is right but for what is added: lines for the top, the topic, source, producer, app,
/// faults. The lines of the tables begin at 3, 6, 9, 12 and 17.
fn file(top: &str, parts: [&str; 5]) -> String {
    let [topic, source, producer, app, faults] = parts;
    format!(
        "format = 1 {top}\n[topic.orders]\n{topic}\n\n[source.till]\n{source}\n\n[producer.shop]\n\
         {producer}\n\n[app.billing]\n{app}\ngroup.id = \"g\"\nauto.offset.reset = \"earliest\"\n\n\
         [faults]\n{faults}\n"
    )
}

const NONE: [&str; 5] = [""; 5];

#[test]
fn the_frame_of_these_tests_is_right() {
    assert!(scenario::parse(&file("", NONE), "x.toml").is_ok());
}

#[test]
fn unknown_keys_have_a_nearest_name() {
    let cases = [
        (
            file("", ["partitons = 1", "", "", "", ""]),
            "3:1 unknown key `partitons` in [topic.orders] -> partitions",
        ),
        (
            file("", ["", "remembr = 1", "", "", ""]),
            "6:1 unknown key `remembr` in [source.till] -> remember",
        ),
        (
            file("", ["", "", "enable.idempotense = true", "", ""]),
            "9:1 unknown key `enable.idempotense` in [producer.shop] -> enable.idempotence",
        ),
        (
            file("", ["", "", "enable_idempotence = true", "", ""]),
            "9:1 unknown key `enable_idempotence` in [producer.shop] -> enable.idempotence",
        ),
        (
            file("", ["", "", "", "enable.auto.comit = true", ""]),
            "12:1 unknown key `enable.auto.comit` in [app.billing] -> enable.auto.commit",
        ),
        (file("", ["", "", "", "", "totl = 1"]), "17:1 unknown key `totl` in [faults] -> total"),
        (
            file("\nteir = \"quick\"", NONE),
            "2:1 unknown key `teir` in the file's top level -> tier",
        ),
        (
            file("", ["", "", "zzz.yyy = {}", "", ""]),
            "9:1 unknown key `zzz.yyy` in [producer.shop]",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(told(&text), [expected], "{text}");
    }
}

#[test]
fn keys_of_elsewhere_are_recognised() {
    for (key, hint) in [
        ("min.insync.replicas = 2", "it is a key of a topic"),
        ("group.id = \"g\"", "it is a key of a consumer"),
        ("broker.rack = \"a\"", "it is a key of a broker"),
        (
            "message.timeout.ms = 1",
            "it is a name of librdkafka; the Java client's name is `delivery.timeout.ms`",
        ),
        (
            "request.required.acks = 1",
            "it is a name of librdkafka, and of Kafka's Scala clients, gone since 2.0; the Java client's name is `acks`",
        ),
    ] {
        let text = file("", ["", "", key, "", ""]);
        let found = problems(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].hint.as_deref(), Some(hint));
        assert_eq!(found[0].nearest, None);
    }
}

/// Each text is answered with what stands beside it, among other things.
fn each_is_told(cases: &[(String, &str)]) {
    for (text, expected) in cases {
        let told = told(text);
        assert!(told.iter().any(|one| one == expected), "{expected}\n{told:?}\n{text}");
    }
}

#[test]
fn types_and_ranges() {
    let cases = [
        (file("", ["partitions = 0", "", "", "", ""]), "3:14 `partitions` cannot be 0"),
        (
            file("", ["partitions = \"1\"", "", "", "", ""]),
            "3:14 `partitions` cannot be the text \"1\"",
        ),
        (file("", ["", "records = 1.5", "", "", ""]), "6:11 `records` cannot be the number 1.5"),
        (
            file("", ["", "records = 99999999999999999999", "", "", ""]),
            "6:11 `records` cannot be 99999999999999999999",
        ),
        (
            file("", ["", "remember = \"after-akc\"", "", "", ""]),
            "6:12 `remember` cannot be \"after-akc\" -> after-ack",
        ),
        (
            file("", ["", "remember = 2026-01-01", "", "", ""]),
            "6:12 `remember` cannot be 2026-01-01",
        ),
        (file("", ["", "", "retries = -1", "", ""]), "9:11 `retries` cannot be the number -1"),
        (file("", ["", "", "retries = true", "", ""]), "9:11 `retries` cannot be true"),
        (
            file("", ["", "", "retries = 2147483648", "", ""]),
            "9:11 `retries` cannot be the number 2147483648",
        ),
        (
            file("", ["", "", "acks = \"al\"", "", ""]),
            "9:8 `acks` cannot be the text \"al\" -> all",
        ),
        (file("", ["", "", "acks = 2", "", ""]), "9:8 `acks` cannot be the number 2"),
        (
            file("", ["", "", "", "auto.offset.reset = \"smallest\"", ""]).replacen(
                "auto.offset.reset = \"earliest\"\n",
                "",
                1,
            ),
            "12:21 `auto.offset.reset` cannot be the text \"smallest\" -> earliest",
        ),
        (
            file("", ["", "", "", "topics = [\"orders\", 3]", ""]),
            "12:21 `an element of topics` cannot be the number 3",
        ),
        (
            file("", ["", "", "", "commit.sync = \"no\"", ""]),
            "12:15 `commit.sync` cannot be the text \"no\"",
        ),
    ];
    each_is_told(&cases);
}

#[test]
fn types_and_ranges_of_faults_and_of_the_top() {
    let cases = [
        (file("", ["", "", "", "", "total = -1"]), "17:9 `total` cannot be -1"),
        (
            file("", ["", "", "", "", "classes = [\"producers\"]"]),
            "17:12 `classes` cannot be \"producers\" -> producer",
        ),
        (
            file("", ["", "", "", "", "kinds = { disconect = 1 }"]),
            "17:11 `kinds` cannot be \"disconect\" -> disconnect",
        ),
        (
            file("\nablate = \"duplicate-batsh\"", NONE),
            "2:10 `ablate` cannot be \"duplicate-batsh\" -> duplicate-batch",
        ),
        (file("\nkafka = \"4.4\"", NONE), "2:9 there is no preset of Kafka 4.4"),
        (file("\nkafka = 4.3", NONE), "2:9 `kafka` cannot be the number 4.3"),
        (
            file("\ntopic = 1", NONE).replace("[topic.orders]\n", ""),
            "2:9 `topic` cannot be the number 1",
        ),
        (file("\nexpect = 1", NONE), "2:10 `expect` cannot be the number 1"),
    ];
    each_is_told(&cases);
}

#[test]
fn references_and_what_must_be_given() {
    let cases = [
        (
            file("", ["", "", "topic = \"order\"", "", ""]),
            "9:9 there is no topic \"order\" -> orders",
        ),
        (
            file("", ["", "", "source = \"tills\"", "", ""]),
            "9:10 there is no source \"tills\" -> till",
        ),
        (
            file("", ["", "", "", "topics = [\"odrers\"]", ""]),
            "12:11 there is no topic \"odrers\" -> orders",
        ),
        (file("", NONE).replace("group.id = \"g\"\n", ""), "11:6 [app.billing] has no `group.id`"),
        (file("", NONE).replace("[source.till]\n", ""), "7:11 [producer.shop] has no `source`"),
        (file("", NONE).replace("[topic.orders]\n", ""), "- the file has no `[topic.NAME]`"),
        (file("", NONE).replace("[producer.shop]\n", ""), "- the file has no `[producer.NAME]`"),
        (file("", NONE).replace("format = 1", ""), "- the file has no `format`"),
        (
            file("", ["", "", "", "enable.auto.commit = false", ""]),
            "11:6 [app.billing] has no `commit`",
        ),
        (file("", NONE) + "[[expect]]\n", "18:1 [[expect]] has no `level`"),
        (
            file("", NONE) + "[[expect]]\napp = \"bill\"\norder = true\n",
            "19:7 there is no app \"bill\" -> billing",
        ),
        (
            file("", NONE) + "[topic.\"my topic\"]\n",
            "18:8 \"my topic\" cannot be the name of a topic",
        ),
    ];
    for (text, expected) in cases {
        assert!(
            told(&text).contains(&expected.to_owned()),
            "{expected}\n{:?}\n{text}",
            told(&text)
        );
    }
}

#[test]
fn contradictions() {
    let cases = [
        (
            file("", ["", "", "", "enable.auto.commit = false\ncommit = \"auto\"", ""]),
            "12:1 the application leaves commits to the client, which has enable.auto.commit=false",
        ),
        (
            file("", ["", "", "", "commit = \"with-result\"\neffect = \"remote-call\"", ""]),
            "13:1 the offset is stored with the result, so the effect must be \"store\"",
        ),
        (
            file("", ["", "", "", "", "classes = [\"producer\"]\nkinds = [\"disconnect\"]"]),
            "17:1 faults are given by classes or by kinds, not both",
        ),
        (
            file("", ["", "", "", "", "kinds = [\"disconnect\"]\ncaps = { crash-broker = 1 }"]),
            "18:10 `crash-broker` has a cap but may not strike at all",
        ),
        (
            file("", NONE) + "[producer.other]\n",
            "18:11 [producer.shop] sends the records of this source",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(told(&text), [expected], "{text}");
    }
}

#[test]
fn what_kafka_refuses_is_refused_with_its_reason() {
    let refused = |lines: &str, kafka: &str| {
        let text = file(&format!("\nkafka = \"{kafka}\""), ["", "", lines, "", ""]);
        told(&text).join("\n")
    };
    let idempotent = "enable.idempotence = true\n";
    assert_eq!(
        refused(&format!("{idempotent}acks = 1"), "4.3"),
        "11:1 Kafka refuses this: `acks`: the idempotent producer needs acks=all"
    );
    assert_eq!(
        refused(&format!("{idempotent}retries = 0"), "4.3"),
        "11:1 Kafka refuses this: `retries`: the idempotent producer needs retries above 0"
    );
    let many = "max.in.flight.requests.per.connection = 6";
    assert!(refused(&format!("{idempotent}{many}"), "3.9").contains("at most 5, not 6"));
    // Without being asked for, idempotence was dropped in 3.9 and is refused since.
    assert!(refused(many, "4.1").contains("at most 5, not 6"));
    let text = file("\nkafka = \"3.9\"", ["", "", many, "", ""]);
    let scenario = scenario::parse(&text, "x.toml").expect("3.9 takes it");
    assert!(!scenario.setting.producers[0].config.idempotence);
    assert_eq!(scenario.notices[0].weight, Weight::Warning);
    assert!(
        refused("transactional.id = \"t\"\nenable.idempotence = false", "4.3")
            .contains("10:1 Kafka refuses this: `transactional.id`: transactions need idempotence")
    );
    assert!(
        refused("delivery.timeout.ms = 1000", "4.3")
            .contains("it may not be below linger.ms + request.timeout.ms = 30005")
    );
    assert!(refused("delivery.timeout.ms = 1000", "3.9").contains("= 30000"));
    let topic = file("", ["min.compaction.lag.ms = 2\nmax.compaction.lag.ms = 1", "", "", "", ""]);
    assert!(told(&topic)[0].starts_with("3:1 Kafka refuses this: `min.compaction.lag.ms`"));
    let topic = file("", ["message.format.version = \"2.8\"", "", "", "", ""]);
    assert!(told(&topic)[0].contains("is no key of a topic in Kafka 4.3"));
}

#[test]
fn syntax_has_a_place_and_help() {
    let unquoted = problems("format = 1\nkafka = latest\n");
    assert_eq!(unquoted[0].position.map(|p| (p.line, p.column)), Some((2, 9)));
    assert_eq!(unquoted[0].hint.as_deref(), Some("a text stands in quotes: kafka = \"latest\""));
    let twice = problems("format = 1\n[app.a]\ncommit = \"auto\"\ncommit.every = \"record\"\n");
    assert!(twice[0].hint.as_deref().is_some_and(|hint| hint.contains("`commit.order`")));
    let two = problems("a = \nformat = 1\nb = = 2\n");
    assert_eq!(two.len(), 2);
    assert!(matches!(two[1].kind, ProblemKind::Syntax(_)));
    assert_eq!(two[1].position.map(|p| p.line), Some(3));
}

#[test]
fn a_later_format_is_said_to_be_later_and_nothing_else() {
    assert_eq!(
        told("format = 2\nnovelty = true\n"),
        ["1:10 format 2 is of a later version of brokerproof"]
    );
    assert!(told("format = 0\n[topic.t]\n").contains(&"1:10 `format` cannot be 0".to_owned()));
}

#[test]
fn the_rendering_shows_the_line() {
    let text = file("", ["", "", "\tacks = 1 # é\nenable.idempotence = true", "", ""]);
    let shown = match scenario::parse(&text, "x.toml") {
        Err(failure) => failure.to_string(),
        Ok(_) => panic!("accepted"),
    };
    let expected = "x.toml:9:2: Kafka refuses this: `acks`: the idempotent producer needs acks=all\n\
                    \x20   |\n\
                    \x20 9 |  acks = 1 # é\n\
                    \x20   |  ^^^^\n\
                    \x20 help: see also `enable.idempotence` on line 10\n\
                    \x20 source: ProducerConfig.java";
    assert_eq!(shown, expected);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let text = "format = 1\n\"\\u001b[31m\\u202e\" = 1\n";
    let shown = scenario::parse(text, "x.toml").map(|_| ()).unwrap_err().to_string();
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
    assert!(!shown.contains('\u{202e}'), "{shown:?}");
}

#[test]
fn what_is_not_modelled_is_named_and_no_error() {
    let cases = [
        (file("", ["replication.factor = 3", "", "", "", ""]), "replication.factor"),
        (file("", ["cleanup.policy = \"compact\"", "", "", "", ""]), "cleanup.policy"),
        (file("", ["", "", "transactional.id = \"t\"", "", ""]), "transactional.id"),
        (file("", ["", "", "", "instances = 2", ""]), "instances"),
        (file("", NONE).replace("\"earliest\"", "\"by_duration:PT1H\""), "auto.offset.reset"),
        (file("", NONE) + "[app.other]\ngroup.id = \"g\"\n", "group.id"),
        (file("\n[server]\ndefault.replication.factor = 3", NONE), "replication.factor"),
    ];
    for (text, what) in cases {
        match scenario::parse(&text, "x.toml") {
            Err(Failure::NotModelled(gaps)) => {
                assert_eq!(gaps.0[0].what, what, "{text}");
                assert!(gaps.0[0].position.is_some());
                assert!(gaps.to_string().contains("not modelled yet"));
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    // A mistake is told first.
    let both = file("", ["replication.factor = 3\npartitions = 0", "", "", "", ""]);
    assert_eq!(told(&both), ["4:14 `partitions` cannot be 0"]);
}

#[test]
fn silent_changes_and_ignored_keys_are_warned_of() {
    let warned = |parts: [&str; 5]| -> Vec<String> {
        let scenario = scenario::parse(&file("", parts), "x.toml").expect("right");
        let warnings = scenario.notices.into_iter().filter(|n| n.weight == Weight::Warning);
        warnings.map(|notice| notice.to_string()).collect()
    };
    assert_eq!(
        warned(["", "", "acks = 1", "", ""]),
        [
            "warning: x.toml:9:1: Kafka sets enable.idempotence=false because of acks: idempotence is on \
          by default only, and is dropped in silence"
        ]
    );
    assert_eq!(
        warned(["", "", "request.timeout.ms = 200000", "", ""]),
        [
            "warning: x.toml:9:1: Kafka sets delivery.timeout.ms=200005 because of request.timeout.ms: it \
          may not be below linger.ms + request.timeout.ms"
        ]
    );
    assert_eq!(
        warned(["", "", "auto.include.jmx.reporter = true", "", ""]),
        ["warning: x.toml:9:1: `auto.include.jmx.reporter` is gone in Kafka 4.3, which ignores it"]
    );
    assert_eq!(
        warned(["", "", "interceptor.classes = \"com.example.Drop\"", "", ""]),
        ["warning: x.toml:9:1: `interceptor.classes` names code that is not looked at"]
    );
    assert_eq!(
        warned(["", "", "", "commit.every = \"record\"", ""]),
        ["warning: x.toml:12:1: `commit.every` is idle: the application makes no commits itself"]
    );
}

/// A path for a file of one test.
fn path(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenario-errors");
    fs::create_dir_all(&folder).expect("a folder of our own");
    folder.join(name)
}

fn kind_of(path: &Path) -> ProblemKind {
    match scenario::load(path) {
        Err(Failure::Invalid(errors)) => {
            assert_eq!(errors.0.len(), 1);
            assert_eq!(errors.0[0].path, path.display().to_string());
            assert!(errors.to_string().starts_with(&path.display().to_string()));
            errors.0[0].kind.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_that_cannot_be_read() {
    assert_eq!(kind_of(&path("none.toml")), ProblemKind::NotFound);
    assert_eq!(kind_of(path("x").parent().expect("a folder")), ProblemKind::Directory);
    let of = |name: &str, bytes: &[u8]| {
        let path = path(name);
        fs::write(&path, bytes).expect("written");
        path
    };
    assert_eq!(kind_of(&of("empty.toml", b"")), ProblemKind::Empty);
    assert_eq!(kind_of(&of("blank.toml", b" \n\t\r\n")), ProblemKind::Empty);
    assert_eq!(kind_of(&of("bytes.toml", &[0x89, b'P', b'N', b'G', 0xff])), ProblemKind::Binary);
    assert_eq!(kind_of(&of("nul.toml", b"format = 1\0")), ProblemKind::Binary);
    assert_eq!(kind_of(&of("utf16.toml", &[0xff, 0xfe, b'f', 0])), ProblemKind::Binary);
    let marked = of("bom.toml", &[&[0xef, 0xbb, 0xbf], file("", NONE).as_bytes()].concat());
    assert_eq!(scenario::load(&marked).expect("right").name, "bom");
}

#[test]
fn a_large_file_is_refused_before_it_is_read() {
    let path = path("large.toml");
    let large = fs::File::create(&path).expect("created");
    // Sparse: nothing of it exists, so reading it all would be the only cost.
    large.set_len(100_000_000_000).expect("sparse");
    assert_eq!(kind_of(&path), ProblemKind::TooLarge { limit: FILE_SIZE_LIMIT });
    large.set_len(0).expect("emptied");
    // The size of a device is 0, so the limit holds while reading, too.
    if Path::new("/dev/zero").exists() {
        let kind = kind_of(Path::new("/dev/zero"));
        assert_eq!(kind, ProblemKind::TooLarge { limit: FILE_SIZE_LIMIT });
    }
}

#[cfg(unix)]
#[test]
fn no_permission() {
    use std::os::unix::fs::PermissionsExt;
    let path = path("secret.toml");
    fs::write(&path, file("", NONE)).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("hidden");
    // To the superuser nothing is hidden.
    let expected = match fs::read(&path) {
        Ok(_) => None,
        Err(_) => Some(ProblemKind::NoPermission),
    };
    let found = match scenario::load(&path) {
        Ok(_) => None,
        Err(Failure::Invalid(errors)) => Some(errors.0[0].kind.clone()),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(found, expected);
}

#[test]
fn deep_nesting_and_endless_lines_are_errors() {
    let deep = [
        "[".repeat(100_000),
        format!("a={}", "[".repeat(100_000)),
        format!("a={}", "{a=".repeat(100_000)),
        format!("a{}=1", ".a".repeat(100_000)),
        format!("[a{}]", ".a".repeat(100_000)),
        format!("[[expect]]\nbreaks_at = {}", "{a=".repeat(100_000)),
        format!("format = 1\nx = \"{}", "é".repeat(100_000)),
        "x ".repeat(100_000),
        "=\n".repeat(50_000),
    ];
    for text in deep {
        let found = problems(&text);
        assert!(found.len() <= 100);
        assert!(found.iter().all(|problem| problem.to_string().len() < 2000));
    }
}

#[test]
fn an_application_that_sends_says_where_and_not_in_a_circle() {
    let app = |lines: &str| {
        format!(
            "format = 1\n[topic.a]\n[topic.b]\n[source.s]\n[producer.p]\ntopic = \"a\"\n[app.x]\n\
             group.id = \"g\"\ntopics = [\"a\"]\nenable.auto.commit = false\n\
             commit = \"after-processing\"\n{lines}\n"
        )
    };
    let cases = [
        ("effect = \"topic\"", "12:1 records are sent on, and nothing says where"),
        ("output.topic = \"b\"", "12:1 nothing is sent there"),
        ("effect = \"topic\"\noutput.topic = \"c\"", "13:16 there is no topic \"c\""),
        ("effect = \"topic\"\noutput.acks = \"1\"", "13:1 [app.x], output.* has no `topic`"),
        ("effect = \"topic\"\noutput.topic = \"b\"\noutput.akcs = \"1\"", "-> acks"),
        ("output.dead-letter = \"b\"", "12:1 nothing is sent there"),
        (
            "effect = \"topic\"\noutput.topic = \"a\"",
            "records that are sent on come back to where they were read: x",
        ),
        (
            "effect = \"topic\"\non-processing-error = \"dead-letter\"\noutput.topic = \"b\"\n\
             output.dead-letter = \"b\"",
            "it is the next stage's topic",
        ),
    ];
    for (lines, wanted) in cases {
        let found = told(&app(lines)).join("\n");
        assert!(found.contains(wanted), "{lines}\n{found}");
    }
}
