//! A script's run as a sequence diagram: the client's line, the broker's line, time goes down.

use crate::conform::mapping::Names;
use crate::conform::trace::{Trace, TraceStep};
use crate::protocol::message::TopicPartition;
use crate::protocol::note::Note;
use crate::record::{ControlKind, PayloadId};
use crate::report::text::{left, width, wrap};

/// Columns left of the client's line: the number of the step.
const MARGIN: usize = 6;
/// Columns between the two lines.
const GAP: usize = 56;
/// Columns right of the broker's line.
const BESIDE: usize = 34;

/// What happened inside the broker, in words.
pub(super) fn note_text(names: &Names<'_>, note: &Note) -> String {
    let place = |at: &TopicPartition| format!("{}-{}", names.topic_text(at.topic), at.partition);
    let texts = |payloads: &[PayloadId]| {
        let texts: Vec<_> = payloads.iter().map(|payload| names.payloads.text(payload.0)).collect();
        texts.join(", ")
    };
    match note {
        Note::Refused(safeguard) => format!("safeguard {}", safeguard.name()),
        Note::Appended { partition, base_offset, payloads } => {
            format!("appends to {} at {base_offset}: {}", place(partition), texts(payloads))
        }
        Note::Duplicate { partition, base_offset, payloads } => {
            let texts = texts(payloads);
            format!("recognises in {} the batch at {base_offset}: {texts}", place(partition))
        }
        Note::OffsetStored { group, partition, offset } => {
            let group = names.groups.text(u32::from(group.0));
            format!("stores for {group}: {} from {offset}", place(partition))
        }
        Note::MarkerWritten { partition, offset, result, .. } => {
            let kind = match result {
                ControlKind::Commit => "COMMIT",
                ControlKind::Abort => "ABORT",
            };
            format!("writes {kind} to {} at {offset}", place(partition))
        }
        Note::HeadDeleted { partition, log_start_offset } => {
            format!("deletes of {} what is before {log_start_offset}", place(partition))
        }
        Note::Compacted { partition } => format!("compacts {}", place(partition)),
        Note::ProducerForgotten { partition, .. } => {
            format!("forgets a producer of {}", place(partition))
        }
        Note::OffsetForgotten { group, partition } => {
            let group = names.groups.text(u32::from(group.0));
            format!("forgets for {group} the offset of {}", place(partition))
        }
        Note::LogLoaded { partition, log_start_offset, log_end_offset } => {
            format!("reads {} from {log_start_offset} to {log_end_offset}", place(partition))
        }
        Note::NotModelled(what) => format!("has no {what} yet"),
        Note::Retried { .. } | Note::BatchExpired { .. } | Note::EpochBumped { .. } => {
            "a producer's own doing".to_owned()
        }
    }
}

/// One row: what stands left of the client's line, between the lines, and right of the broker's.
fn row(out: &mut String, mark: &str, between: &str, beside: &str) {
    let row = format!("{}|{}| {beside}", left(mark, MARGIN), left(between, GAP));
    out.push_str(row.trim_end());
    out.push('\n');
}

/// A message, on as many rows as it needs; the last one is the arrow.
fn arrow(out: &mut String, mark: &str, text: &str, to_broker: bool) {
    let mut rows = wrap(text, GAP - 10);
    let last = rows.pop().unwrap_or_default();
    let mut mark = mark;
    for line in rows {
        row(out, mark, &format!("   {line}"), "");
        mark = "";
    }
    let dashes = "-".repeat(GAP.saturating_sub(width(&last) + 5));
    let drawn =
        if to_broker { format!("-- {last} {dashes}>") } else { format!("<{dashes} {last} --") };
    row(out, mark, &drawn, "");
}

fn step(out: &mut String, index: usize, step: &TraceStep) {
    arrow(out, &format!("{index:>4}"), &step.call, true);
    for (at, note) in &step.notes {
        for line in wrap(&format!("{note} ({at} ms)"), BESIDE) {
            row(out, "", "", &line);
        }
    }
    if let Some(answer) = &step.answer {
        arrow(out, "", answer, false);
    }
    for one in &step.differences {
        let shown = |value: &Option<String>| value.clone().unwrap_or("(none)".to_owned());
        let (kafka, model) = (shown(&one.kafka), shown(&one.model));
        out.push_str(&format!("    ! {}: Kafka answers {kafka}, the model {model}\n", one.field));
    }
}

/// The run as a picture, and the model's logs and producers at its end.
pub fn draw(trace: &Trace) -> String {
    let mut out = format!("{} (Kafka {}): {}\n\n", trace.name, trace.kafka, trace.about);
    let heads = format!("{}{}{}", left("", MARGIN), left("client", GAP + 1), "broker");
    out.push_str(&format!("{heads}\n"));
    for (index, one) in trace.steps.iter().enumerate() {
        step(&mut out, index, one);
    }
    if let Some(what) = &trace.not_modelled {
        out.push_str(&format!("      not modelled: {what}\n"));
    }
    out.push_str("\nThe model then:\n");
    for line in trace.state.lines() {
        out.push_str(&format!("  {line}\n"));
    }
    out
}
