//! What a level costs: as a table, as CSV, and as a picture of latency against the commit interval.

use std::fmt::Write;

use crate::report::simulate::time;
use crate::report::text::{grouped, right, wrap};
use crate::simulate::Micros;
use crate::simulate::cost::Cost;

/// A row: the configuration, and what was measured; none if it is not modelled yet.
pub type Row = (String, Option<Cost>);

/// A point of the plot: the commit interval in milliseconds, and what was measured.
pub type Point = (u64, Cost);

const COLUMNS: &[&str] = &[
    "requests/record",
    "batch bytes/record",
    "offsets stored",
    "markers",
    "held back",
    "p50",
    "p99",
    "recovery",
    "repeated",
    "lost",
];

/// A ratio with two digits behind the point, rounded down.
fn ratio(part: u64, whole: u64) -> String {
    let hundredths = (part * 100).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn cells(cost: &Cost) -> Vec<String> {
    let spent = |time_of: Option<Micros>| time_of.map_or_else(|| "-".to_owned(), time);
    vec![
        ratio(cost.requests, cost.records),
        ratio(cost.batch_bytes, cost.records),
        grouped(cost.offsets_stored),
        grouped(cost.markers),
        grouped(cost.held_back),
        spent(cost.percentile(50)),
        spent(cost.percentile(99)),
        spent(cost.recovery),
        grouped(cost.repeated),
        grouped(cost.lost),
    ]
}

/// The table as text.
pub fn table(rows: &[Row], width: usize) -> String {
    let mut text = String::new();
    let widths: Vec<usize> = COLUMNS.iter().map(|name| name.len().max(8)).collect();
    for (name, cost) in rows {
        let _ = writeln!(text, "{name}");
        let Some(cost) = cost else {
            text.push_str("    not modelled yet\n");
            continue;
        };
        for half in [0..5, 5..COLUMNS.len()] {
            let names = half.clone().map(|i| right(COLUMNS[i], widths[i]));
            let _ = writeln!(text, "    {}", names.collect::<Vec<String>>().join("  "));
            let cells = cells(cost);
            let cells = half.map(|i| right(&cells[i], widths[i]));
            let _ = writeln!(text, "    {}", cells.collect::<Vec<String>>().join("  "));
        }
    }
    text.push('\n');
    for line in wrap(NOTES, width) {
        let _ = writeln!(text, "{line}");
    }
    text
}

const NOTES: &str = "Batch bytes are those of record batches, each time they are sent or fetched, without \
     the headers of requests. p50 and p99: from the source to the effect, in virtual time, without faults. \
     Recovery: the median time from a crash of the application to the next effect, in 20 runs with one crash \
     each; the restart takes 1 to 5 s of it. Repeated and lost: effects of those 20 runs together.";

/// The table as CSV; times in microseconds.
pub fn csv(rows: &[Row]) -> String {
    let mut text = String::from(
        "configuration,records,requests,produce_requests,batch_bytes,offsets_stored,markers,held_back,\
         p50_us,p99_us,recovery_us,repeated,lost\n",
    );
    for (name, cost) in rows {
        let name = name.replace('"', "'");
        let Some(cost) = cost else {
            let _ = writeln!(text, "\"{name}\",,,,,,,,,,,,");
            continue;
        };
        let or_none = |time: Option<Micros>| time.map_or_else(String::new, |time| time.to_string());
        let _ = writeln!(
            text,
            "\"{name}\",{},{},{},{},{},{},{},{},{},{},{},{}",
            cost.records,
            cost.requests,
            cost.produce_requests,
            cost.batch_bytes,
            cost.offsets_stored,
            cost.markers,
            cost.held_back,
            or_none(cost.percentile(50)),
            or_none(cost.percentile(99)),
            or_none(cost.recovery),
            cost.repeated,
            cost.lost
        );
    }
    text
}

const WIDTH: u64 = 720;
const HEIGHT: u64 = 400;
const LEFT: u64 = 70;
const RIGHT: u64 = 70;
const TOP: u64 = 50;
const BOTTOM: u64 = 60;

/// A picture: p50 and p99 of the latency against the commit interval, and what crashes repeat.
pub fn svg(points: &[Point]) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">Latency and repeated effects against the commit \
         interval</text>\n"
    );
    let latency = |cost: &Cost, hundredths| cost.percentile(hundredths).unwrap_or(0);
    let highest = points.iter().map(|(_, cost)| latency(cost, 99)).max().unwrap_or(0).max(1);
    let most = points.iter().map(|(_, cost)| cost.repeated).max().unwrap_or(0).max(1);
    let series: [(&str, &str, Vec<u64>, u64); 3] = [
        ("p50", "#1f77b4", points.iter().map(|(_, c)| latency(c, 50)).collect(), highest),
        ("p99", "#d62728", points.iter().map(|(_, c)| latency(c, 99)).collect(), highest),
        (
            "repeated by 20 crashes (right)",
            "#7f7f7f",
            points.iter().map(|(_, c)| c.repeated).collect(),
            most,
        ),
    ];
    axes(&mut text, points, highest, most);
    for (place, (name, colour, values, top)) in (0..).zip(&series) {
        let at = values
            .iter()
            .enumerate()
            .map(|(i, value)| format!("{},{}", x(i, points.len()), y(*value, *top)));
        let line = at.collect::<Vec<String>>().join(" ");
        let dash = if place == 2 { " stroke-dasharray=\"6 4\"" } else { "" };
        let _ = writeln!(
            text,
            "<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>"
        );
        for (i, value) in values.iter().enumerate() {
            let (x, y) = (x(i, points.len()), y(*value, *top));
            let _ = writeln!(text, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{colour}\"/>");
        }
        let at = LEFT + 60 * place;
        let _ = writeln!(text, "<text x=\"{at}\" y=\"42\" fill=\"{colour}\">{name}</text>");
    }
    text.push_str("</svg>\n");
    text
}

fn x(place: usize, count: usize) -> u64 {
    let steps = count.saturating_sub(1).max(1) as u64;
    LEFT + 20 + place as u64 * (WIDTH - LEFT - RIGHT - 40) / steps
}

fn y(value: u64, top: u64) -> u64 {
    let height = HEIGHT - TOP - BOTTOM - 10;
    HEIGHT - BOTTOM - value * height / top
}

fn axes(text: &mut String, points: &[Point], highest: Micros, most: u64) {
    let (bottom, end) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let _ = writeln!(
        text,
        "<path d=\"M{LEFT} {TOP} V{bottom} H{end} V{TOP}\" fill=\"none\" stroke=\"#444\"/>"
    );
    for quarter in 0..=4 {
        let (value, count) = (highest * quarter / 4, most * quarter / 4);
        let at = y(value, highest);
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 6,
            at + 4,
            time(value)
        );
        let (count_at, right) = (y(count, most) + 4, end + 6);
        let _ = writeln!(
            text,
            "<text x=\"{right}\" y=\"{count_at}\" fill=\"#7f7f7f\">{}</text>",
            grouped(count)
        );
    }
    for (place, (interval, _)) in points.iter().enumerate() {
        let at = x(place, points.len());
        let _ = writeln!(
            text,
            "<text x=\"{at}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            bottom + 18,
            time(interval * 1000)
        );
    }
    let middle = (LEFT + end) / 2;
    let _ = writeln!(
        text,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">auto.commit.interval.ms</text>",
        HEIGHT - 12
    );
}
