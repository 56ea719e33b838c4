//! A story in numbered sentences, and who takes part in it.

use crate::app::setting::{CommitEvery, CommitOrder, EffectKind, Remember};
use crate::protocol::config::{Acks, AutoOffsetReset, ProducerConfig};
use crate::record::PayloadId;
use crate::report::names::Names;
use crate::report::story::{Story, Weight};
use crate::report::style::{Style, Tone};
use crate::report::text::{count, hang, listed};
use crate::world::setting::{AppSetting, ProducerSetting};

/// The steps as sentences. Steps without a sentence of their own belong to the next one.
pub fn sentences(story: &Story, style: Style) -> String {
    let mut text = String::new();
    let mut first = None;
    for beat in &story.beats {
        let begin = first.unwrap_or(beat.first);
        if beat.text.is_empty() {
            first = Some(begin);
            continue;
        }
        first = None;
        let number =
            if begin == beat.last { begin.to_string() } else { format!("{begin}-{}", beat.last) };
        let mark = format!("{number:>5}  ");
        text.push_str(&match beat.weight {
            Weight::Fault => style.block(Tone::Bad, &mark, &beat.text),
            Weight::Main => hang(&mark, &beat.text, style.width),
            Weight::Side => style.block(Tone::Quiet, &mark, &beat.text),
        });
    }
    text
}

/// Who takes part, one line each.
pub fn cast(names: Names<'_>, style: Style) -> String {
    let setting = names.setting();
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut first = 0;
    for source in &setting.sources {
        let records = source.records;
        let of = match records {
            1 => names.record(PayloadId(first)),
            _ => format!(
                "{} to {}",
                names.record(PayloadId(first)),
                names.record(PayloadId(first + records - 1))
            ),
        };
        first += records;
        let remember = match source.remember {
            Remember::BeforeSend => "its position is stored before a record is sent",
            Remember::AfterSend => "its position is stored when send returns",
            Remember::AfterAck => "its position is stored when a record is acknowledged",
            Remember::Never => "its position is never stored",
        };
        rows.push((source.name.clone(), format!("a source outside Kafka: {of}; {remember}")));
    }
    rows.extend(setting.producers.iter().map(|p| (p.name.clone(), producer(names, p))));
    let topics = setting.topics.iter().map(|topic| {
        let partitions = count(u64::from(topic.partitions), "partition");
        format!("{} ({partitions})", topic.name)
    });
    rows.push(("broker".to_owned(), format!("topic {}", listed(&topics.collect::<Vec<_>>()))));
    rows.extend(setting.apps.iter().map(|app| (app.name.clone(), self::app(names, app))));
    let widest = rows.iter().map(|(name, _)| crate::report::text::width(name)).max().unwrap_or(0);
    rows.iter()
        .map(|(name, what)| {
            let name = crate::report::text::left(name, widest);
            hang(&format!("  {name}  "), what, style.width)
        })
        .collect()
}

fn producer(names: Names<'_>, producer: &ProducerSetting) -> String {
    let source = &names.setting().sources[producer.source].name;
    format!(
        "a producer: sends the records of {source} to {}; {}",
        names.topic(producer.topic),
        acknowledgement(&producer.config)
    )
}

fn acknowledgement(config: &ProducerConfig) -> String {
    let acks = match config.acks {
        Acks::None => "0",
        Acks::Leader => "1",
        Acks::All => "all",
    };
    let idempotence = if config.idempotence { "true" } else { "false" };
    format!("acks={acks}, enable.idempotence={idempotence}")
}

fn app(names: Names<'_>, app: &AppSetting) -> String {
    let topics: Vec<String> = app.topics.iter().map(|&t| names.topic(t).to_owned()).collect();
    let effect = match app.effect {
        _ if app.own.is_some() => "what that program does",
        EffectKind::Local => "a local computation",
        EffectKind::RemoteCall => "a remote call",
        EffectKind::Upsert => "an upsert by key",
        EffectKind::Store => "a write to a transactional store",
        EffectKind::Topic => "a record in another topic",
    };
    let output = app.output.as_ref().map_or_else(String::new, |output| {
        let topics: Vec<String> = output.topics().map(|t| names.topic(t).to_owned()).collect();
        format!("; its producer sends to {}, {}", listed(&topics), acknowledgement(&output.config))
    });
    let commit = commits(app);
    let reset = match app.config.auto_offset_reset {
        AutoOffsetReset::Earliest => "earliest",
        AutoOffsetReset::Latest => "latest",
        AutoOffsetReset::None => "none",
    };
    let dedup = app.dedup.map_or_else(String::new, |dedup| {
        let kind = dedup.memory.kind();
        format!("; first it asks {} ({kind}) whether it has seen the record", dedup.strategy)
    });
    format!(
        "an application, group {}: reads {}, {commit}; its effect is {effect}{output}{dedup}; auto.offset.reset={reset}",
        names.group(app.group),
        listed(&topics)
    )
}

/// When an application commits, in words that follow its name.
pub fn commits(app: &AppSetting) -> &'static str {
    match (app.commit, app.commit_every) {
        _ if app.own.is_some() => "runs a program of your own",
        (CommitOrder::Auto, _) => "commits automatically in poll",
        (CommitOrder::AutoHandOff, _) => {
            "hands records to a worker thread, and commits automatically in poll"
        }
        (CommitOrder::BeforeProcessing, CommitEvery::Poll) => "commits before it processes",
        (CommitOrder::BeforeProcessing, CommitEvery::Record) => {
            "commits each record before it processes it"
        }
        (CommitOrder::AfterProcessing, CommitEvery::Poll) => "commits after it has processed",
        (CommitOrder::AfterProcessing, CommitEvery::Record) => {
            "commits each record after it has processed it"
        }
        (CommitOrder::WithResult, _) => "stores its offset together with the result",
    }
}
