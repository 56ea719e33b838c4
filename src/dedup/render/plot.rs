//! The picture of an examination: cost against leaked duplicates.
//!
//! Across: effects repeated, in a million records; up: nanoseconds a message. Both are logarithmic, and
//! whatever leaked nothing stands in a column of its own at the left.

use super::numbers::{about, grouped};
use crate::dedup::examine::{Report, Run};
use crate::dedup::list::Family;

const WIDTH: f64 = 1160.0;
const HEIGHT: f64 = 640.0;
const LEFT: f64 = 80.0;
/// Room for the names of those that leaked most, and for the legend.
const RIGHT: f64 = 410.0;
const LEGEND: f64 = 210.0;
const TOP: f64 = 60.0;
const BOTTOM: f64 = 70.0;
/// Room for the column of those that leaked nothing, and for their names.
const ZERO: f64 = 240.0;
/// Least distance between two names, one below the other.
const LINE: f64 = 14.0;

fn colour(family: Family) -> &'static str {
    match family {
        Family::Control => "#555555",
        Family::Keys => "#1f6fb4",
        Family::Filters => "#7b4fa3",
        Family::Sequences => "#2b8a3e",
        Family::Stores => "#b3621b",
        Family::Traps => "#c92a2a",
    }
}

/// One strategy in the picture.
struct Point<'a> {
    run: &'a Run,
    cost_ns: f64,
    leaked: f64,
    x: f64,
    y: f64,
    name_y: f64,
}

/// A range of powers of ten.
#[derive(Clone, Copy)]
struct Scale {
    low: i32,
    high: i32,
    from: f64,
    to: f64,
}

impl Scale {
    fn around(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Scale {
        let logs: Vec<f64> = values.map(f64::log10).collect();
        let low = logs.iter().copied().fold(f64::INFINITY, f64::min).min(6.0).floor() as i32;
        let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max).ceil() as i32;
        Scale { low, high: high.max(low + 1), from, to }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low);
        self.from + share * (self.to - self.from)
    }
}

/// The picture, or `None` if no speeds were measured.
pub fn plot(report: &Report) -> Option<String> {
    let timed = report.runs.iter().filter_map(|run| {
        let cost_ns = 1e9 / run.speed?.messages_per_second;
        let leaked = run.outcome.let_through as f64 / run.outcome.originals.max(1) as f64 * 1e6;
        Some(Point { run, cost_ns, leaked, x: 0.0, y: 0.0, name_y: 0.0 })
    });
    let mut points: Vec<Point<'_>> = timed.collect();
    if points.is_empty() {
        return None;
    }
    let leaks = points.iter().map(|point| point.leaked).filter(|leaked| *leaked > 0.0);
    let across = Scale::around(leaks.chain([1.0]), LEFT + ZERO, WIDTH - RIGHT);
    let costs = points.iter().map(|point| point.cost_ns);
    let up = Scale::around(costs, HEIGHT - BOTTOM, TOP);
    for point in &mut points {
        point.x = if point.leaked > 0.0 { across.at(point.leaked) } else { LEFT + 30.0 };
        point.y = up.at(point.cost_ns);
    }
    spread_names(&mut points);
    let mut svg = frame(report, across, up);
    points.iter().for_each(|point| svg += &dot(point));
    svg += &legend();
    svg += "</svg>\n";
    Some(svg)
}

/// Moves names that would cover each other apart, downwards.
fn spread_names(points: &mut [Point<'_>]) {
    points.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.run.strategy.cmp(b.run.strategy)));
    for place in 0..points.len() {
        let (x, mut name_y) = (points[place].x, points[place].y);
        for above in &points[..place] {
            if (above.x - x).abs() < 200.0 && (name_y - above.name_y) < LINE {
                name_y = above.name_y + LINE;
            }
        }
        points[place].name_y = name_y;
    }
}

fn dot(point: &Point<'_>) -> String {
    let Point { run, x, y, name_y, .. } = point;
    let colour = colour(run.family);
    let durable = run.kind.order().is_some();
    let shape = if durable {
        let (left, top) = (x - 5.0, y - 5.0);
        format!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>"
        )
    } else {
        format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\"/>")
    };
    let (name_x, name) = (x + 14.0, format!("{} {}", run.strategy, kind_name(run)));
    format!(
        "<g><title>{name}: {} ns a message, {} repeated in a million</title>{shape}\
         <line x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{name_y:.1}\" stroke=\"{colour}\" \
         stroke-width=\"0.5\"/><text x=\"{name_x:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text></g>\n",
        about(point.cost_ns),
        about(point.leaked),
        x + 5.0,
        name_x - 2.0,
        name_y + 4.0,
    )
}

/// The kind of memory, where it is not the plain one.
fn kind_name(run: &Run) -> &'static str {
    match run.kind.order() {
        None if run.kind == crate::dedup::Kind::Snapshot => "(snapshot)",
        None => "",
        Some(crate::dedup::Order::Before) => "(before)",
        Some(crate::dedup::Order::After) => "(after)",
        Some(crate::dedup::Order::With) => "(with)",
    }
}

fn frame(report: &Report, across: Scale, up: Scale) -> String {
    let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"24\" font-size=\"16\">Cost of a decision against repeated effects</text>\n\
         <text x=\"{LEFT}\" y=\"42\" fill=\"#555555\">{} keys, {} % duplicates, distance {}, \
         crash every {} messages</text>\n",
        grouped(report.workload.keys),
        report.workload.duplicates.fraction() * 100.0,
        report.workload.distance,
        grouped(report.plan.crash_every),
    );
    for power in up.low..=up.high {
        let y = up.at(10f64.powi(power));
        svg += &format!(
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            LEFT - 8.0,
            y + 4.0,
            nanoseconds(power),
        );
    }
    for power in across.low..=across.high {
        let x = across.at(10f64.powi(power));
        svg += &format!(
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#dddddd\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
            bottom + 18.0,
            power_of_ten(power),
        );
    }
    svg += &format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">none</text>\n\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">effects repeated, in a million \
         records</text>\n\
         <text x=\"20\" y=\"{:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 20 {:.1})\">time a \
         message</text>\n",
        LEFT + 30.0,
        bottom + 18.0,
        f64::midpoint(LEFT, right),
        bottom + 44.0,
        f64::midpoint(TOP, bottom),
        f64::midpoint(TOP, bottom),
    );
    svg
}

fn nanoseconds(power: i32) -> String {
    match power {
        ..3 => format!("{} ns", power_of_ten(power)),
        3..6 => format!("{} us", power_of_ten(power - 3)),
        _ => format!("{} ms", power_of_ten(power - 6)),
    }
}

fn power_of_ten(power: i32) -> String {
    match u32::try_from(power) {
        Ok(power) => grouped(10u64.saturating_pow(power)),
        Err(_) => format!("{}", 10f64.powi(power)),
    }
}

fn legend() -> String {
    let mut svg = String::new();
    let x = WIDTH - LEGEND;
    for (place, family) in Family::ALL.into_iter().enumerate() {
        let y = TOP + 20.0 * place as f64 + 10.0;
        svg += &format!(
            "<rect x=\"{x}\" y=\"{:.1}\" width=\"10\" height=\"10\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{y:.1}\">{}</text>\n",
            y - 9.0,
            colour(family),
            x + 16.0,
            family.name(),
        );
    }
    let y = TOP + 20.0 * Family::ALL.len() as f64 + 20.0;
    svg +=
        &format!("<text x=\"{x}\" y=\"{y:.1}\" fill=\"#555555\">circle: in main memory</text>\n");
    svg += &format!(
        "<text x=\"{x}\" y=\"{:.1}\" fill=\"#555555\">square: durable, with its syncs</text>\n",
        y + 16.0
    );
    svg
}
