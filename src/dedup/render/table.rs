//! The table of an examination, as text.

use super::numbers::{about, columns, fitted, grouped, rate, widest};
use crate::dedup::examine::{Report, Run};
use crate::dedup::list::{Family, find};
use crate::dedup::measure::PeerSpeed;
use crate::dedup::trial::Expected;

/// Columns of the table that name a row, and the others by what they tell together.
const NAMES: [usize; 2] = [0, 1];
const GROUPS: [&[usize]; 5] = [&[2, 3, 4], &[5, 6, 12], &[7, 8], &[9, 10], &[11]];

/// The table, with what it was made from above it and what its columns mean below. Where it is wider than
/// `width` it is made into several.
pub fn table(report: &Report, width: usize) -> String {
    let mut rows = vec![head()];
    rows.extend(report.runs.iter().map(row));
    let whole = columns(&rows, NAMES.len());
    let text = if widest(&whole) > width { several(&rows, width) } else { whole };
    let (above, below) = (fitted(&conditions(report), width), fitted(&legend(report), width));
    format!("{above}\n{text}\n{below}")
}

/// The table in as few parts as fit, without groups of columns that are not known of any row.
fn several(rows: &[Vec<String>], width: usize) -> String {
    let known =
        |group: &&&[usize]| rows[1..].iter().any(|row| group.iter().any(|&at| row[at] != "-"));
    let mut parts: Vec<Vec<usize>> = Vec::new();
    for group in GROUPS.iter().filter(known) {
        let wider = parts.last().map(|last| [last, *group].concat());
        match (parts.last_mut(), wider) {
            (Some(last), Some(wider)) if widest(&part(rows, &wider)) <= width => *last = wider,
            _ => parts.push(group.to_vec()),
        }
    }
    let parts: Vec<String> = parts.iter().map(|wanted| part(rows, wanted)).collect();
    parts.join("\n")
}

/// Some columns of a table, behind those that name a row.
fn part(rows: &[Vec<String>], wanted: &[usize]) -> String {
    let cells = |row: &Vec<String>| NAMES.iter().chain(wanted).map(|&at| row[at].clone()).collect();
    columns(&rows.iter().map(cells).collect::<Vec<Vec<String>>>(), NAMES.len())
}

fn conditions(report: &Report) -> String {
    let workload = &report.workload;
    let plan = &report.plan;
    let every = |number: u64, what: &str| match number {
        0 => format!("no {what}"),
        number => format!("one {what} in {} messages", grouped(number)),
    };
    format!(
        "{} keys of {} producers, {:.4} % of the messages are duplicates, distance {}; seed {}\n\
         a commit every {} messages, {}, {}\n\
         window {}, false positives one in {}, {} bits of sequence window\n\
         {}{}\n",
        grouped(workload.keys),
        grouped(u64::from(workload.producers)),
        workload.duplicates.fraction() * 100.0,
        workload.distance,
        workload.seed,
        grouped(plan.commit_every),
        every(plan.crash_every, "crash"),
        every(plan.move_every, "move to another owner"),
        grouped(report.sizing.window),
        grouped(report.sizing.one_in),
        report.sizing.sequence_bits,
        store_keys(report),
        report.machine,
    )
}

/// What embedded stores got, if that was less.
fn store_keys(report: &Report) -> String {
    let embedded = |name: &str| find(name).is_some_and(|row| row.embedded);
    let any = report.runs.iter().any(|run| embedded(run.strategy))
        || report.peers.iter().any(|peer| peer.family == Family::Stores);
    if report.store_keys == report.workload.keys || !any {
        return String::new();
    }
    let keys = grouped(report.store_keys);
    format!(
        "embedded stores only the first {keys} keys: they are slow, and slower with more keys\n"
    )
}

fn head() -> Vec<String> {
    [
        "strategy",
        "memory",
        "msg/s",
        "p50 ns",
        "p99 ns",
        "B/key",
        "disk B/key",
        "dropped",
        "predicted",
        "let through",
        "predicted",
        "refused",
        "recovery ns/key",
    ]
    .map(String::from)
    .to_vec()
}

fn row(run: &Run) -> Vec<String> {
    let unknown = || "-".to_string();
    let speed = |show: &dyn Fn(&crate::dedup::measure::Speed) -> String| {
        run.speed.as_ref().map_or_else(unknown, show)
    };
    let expected = |form: Option<Expected>| form.map_or_else(unknown, |form| about(form.mean));
    vec![
        run.strategy.to_string(),
        run.kind.to_string(),
        speed(&|speed| rate(speed.messages_per_second)),
        speed(&|speed| speed.p50_ns.to_string()),
        speed(&|speed| speed.p99_ns.to_string()),
        speed(&|speed| format!("{:.2}", speed.memory_per_key)),
        speed(&|speed| format!("{:.1}", speed.disk_per_key)),
        grouped(run.outcome.wrongly_dropped),
        expected(run.prediction.dropped),
        grouped(run.outcome.let_through),
        expected(run.prediction.let_through),
        grouped(run.outcome.refused),
        speed(&|speed| speed.recovery_ns_per_key.map_or_else(unknown, |ns| format!("{ns:.1}"))),
    ]
}

fn legend(report: &Report) -> String {
    let sent = report.runs.first().map_or(0, |run| run.outcome.duplicates);
    let mut text = format!(
        "dropped: records whose effect never happened. let through: effects beyond the first of a \
         record, of {} duplicates sent and of what was read again after crashes. predicted: by \
         closed form, - where there is none. refused: errors for the sender, neither.\n",
        grouped(sent),
    );
    if let (Some(floor), Some(timer)) = (report.floor, report.timer_ns) {
        let waited = report.runs.iter().filter_map(|run| run.speed).map(|speed| speed.waited);
        text += &format!(
            "msg/s: strategies in memory per second of processor time, durable ones of wall time \
             with their syncs. p50 and p99 are of one decision and contain the timer's own {timer} \
             ns. A strategy that only reads its arrivals reaches {} msg/s here. This thread waited \
             for a processor for up to {:.0} % of a measurement.\n",
            rate(floor),
            waited.fold(0.0, f64::max) * 100.0,
        );
    }
    text
}

/// The crates beside which the strategies were measured, and how much faster or slower the fastest
/// strategy of the same family is; empty if none were. Where it is wider than `width`, the form of each
/// stands on a line of its own.
pub fn peers_table(report: &Report, width: usize) -> String {
    if report.peers.is_empty() {
        return String::new();
    }
    let mut rows = vec![
        ["crate", "version", "form", "msg/s", "p50 ns", "p99 ns", "B/key", "fastest here"]
            .map(String::from)
            .to_vec(),
    ];
    rows.extend(report.peers.iter().map(|peer| peer_row(peer, report)));
    let mut text = columns(&rows, 3);
    if widest(&text) > width {
        let forms: Vec<String> = rows.iter_mut().map(|row| row.remove(2)).collect();
        let short = columns(&rows, 2);
        let lines = short.lines().zip(&forms).enumerate();
        text = lines
            .map(|(at, (line, form))| match at {
                0 => format!("{line}\n"),
                _ => format!("{line}\n      {form}\n"),
            })
            .collect();
    }
    let missing = if cfg!(feature = "peers") {
        ""
    } else {
        "The stores fjall and canopydb are measured, too, when built with --features peers.\n"
    };
    text + &fitted(missing, width)
}

fn peer_row(peer: &PeerSpeed, report: &Report) -> Vec<String> {
    let ours = report.runs.iter().filter(|run| run.family == peer.family);
    let ours = ours.filter_map(|run| Some((run.strategy, run.speed?.messages_per_second)));
    let fastest = ours.max_by(|a, b| a.1.total_cmp(&b.1));
    let ratio = fastest.map_or("-".to_string(), |(name, ours)| {
        format!("{name} x{:.1}", ours / peer.speed.messages_per_second)
    });
    vec![
        peer.name.to_string(),
        peer.version.clone(),
        peer.doc.to_string(),
        rate(peer.speed.messages_per_second),
        peer.speed.p50_ns.to_string(),
        peer.speed.p99_ns.to_string(),
        format!("{:.2}", peer.speed.memory_per_key + peer.speed.disk_per_key),
        ratio,
    ]
}
