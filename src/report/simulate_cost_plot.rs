//! A picture of what the commit interval costs: latency and repeated effects against it, a panel for each
//! application.

use std::fmt::Write;

use crate::report::text::grouped;
use crate::simulate::cost::{CRASHES, Cost, Served};

/// A point of the plot: the commit interval in milliseconds, and what was measured.
pub type Point = (u64, Cost);

const WIDTH: u64 = 760;
/// Room for the title and what was measured.
const HEAD: u64 = 56;
const PANEL: u64 = 340;
const LEFT: u64 = 90;
const RIGHT: u64 = 110;
/// Within a panel: room for its name and the legend, for the numbers below and their title.
const TOP: u64 = 50;
const BOTTOM: u64 = 56;
/// Room between the frame and the first and the last point.
const MARGIN: u64 = 24;
/// Ticks of an axis beside the one at 0, at most.
const TICKS: u64 = 5;

const P50: &str = "#1f77b4";
const P99: &str = "#d62728";
const REPEATED: &str = "#6b6b6b";

/// An axis from 0 upwards.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Axis {
    /// Between two ticks.
    step: u64,
    /// How many there are beside the one at 0.
    ticks: u64,
}

impl Axis {
    /// One that reaches a value, in steps of 1, 2 or 5 times a power of ten.
    fn up_to(highest: u64) -> Axis {
        let powers = (0..19).map(|power| 10_u64.pow(power));
        let mut steps = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
        let step = steps.find(|step| highest.div_ceil(*step) <= TICKS).unwrap_or(u64::MAX);
        Axis { step, ticks: highest.div_ceil(step).max(1) }
    }

    fn values(self) -> impl Iterator<Item = u64> {
        (0..=self.ticks).map(move |tick| self.step.saturating_mul(tick))
    }

    /// How far above the lower edge of a panel's frame a value is.
    fn height(self, value: u64) -> u64 {
        let whole = u128::from(self.step) * u128::from(self.ticks);
        let height = u128::from(PANEL - TOP - BOTTOM);
        (u128::from(value) * height / whole.max(1)) as u64
    }
}

/// A unit of time: how many microseconds it has, and its name.
type Unit = (u64, &'static str);

/// The unit in which an axis of times up to this one has short numbers.
fn unit(highest: u64) -> Unit {
    match highest {
        0..1_000 => (1, "us"),
        1_000..10_000_000 => (1_000, "ms"),
        _ => (1_000_000, "s"),
    }
}

/// A time in a unit, without zeros at the end: `0.25`.
fn in_unit(micros: u64, unit: Unit) -> String {
    let (whole, rest) = (grouped(micros / unit.0), micros % unit.0);
    if rest == 0 {
        return whole;
    }
    let digits = unit.0.ilog10() as usize;
    format!("{whole}.{}", format!("{rest:0digits$}").trim_end_matches('0'))
}

/// The picture. `about` says what was measured; `apps` are the applications' names.
pub fn svg(points: &[Point], apps: &[&str], about: &str) -> String {
    let height = HEAD + PANEL * apps.len() as u64;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"26\" font-size=\"16\">Latency and repeated effects against the interval of \
         automatic commits</text>\n\
         <text x=\"{LEFT}\" y=\"46\" fill=\"#555555\">{}</text>\n",
        escaped(about)
    );
    let crashes = CRASHES * apps.len() as u64;
    for (place, app) in apps.iter().enumerate() {
        let _ = writeln!(text, "<g transform=\"translate(0 {})\">", HEAD + PANEL * place as u64);
        let served: Vec<(u64, &Served)> =
            points.iter().map(|(interval, cost)| (*interval, &cost.apps[place])).collect();
        panel(&mut text, app, &served, crashes);
        text.push_str("</g>\n");
    }
    text.push_str("</svg>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The panel of an application.
fn panel(text: &mut String, app: &str, points: &[(u64, &Served)], crashes: u64) {
    let latencies = points.iter().filter_map(|(_, served)| served.percentile(99));
    let times = Axis::up_to(latencies.max().unwrap_or(0));
    let counts = Axis::up_to(points.iter().map(|(_, served)| served.repeated).max().unwrap_or(0));
    let intervals: Vec<u64> = points.iter().map(|&(interval, _)| interval).collect();
    let _ =
        writeln!(text, "<text x=\"{LEFT}\" y=\"20\" font-weight=\"bold\">{}</text>", escaped(app));
    axes(text, times, counts, crashes);
    intervals_axis(text, &intervals);
    let percentile = |hundredths: usize| {
        let known =
            |(interval, served): &(u64, &Served)| Some((*interval, served.percentile(hundredths)?));
        points.iter().filter_map(known).collect::<Vec<(u64, u64)>>()
    };
    let repeated: Vec<(u64, u64)> =
        points.iter().map(|(interval, served)| (*interval, served.repeated)).collect();
    let dashed = " stroke-dasharray=\"6 4\"";
    let series = [
        ("latency, p50", P50, "", percentile(50), times),
        ("latency, p99", P99, "", percentile(99), times),
        ("effects repeated (right)", REPEATED, dashed, repeated, counts),
    ];
    for (place, (name, colour, dash, values, axis)) in (0..).zip(series) {
        let at = |&(interval, value): &(u64, u64)| {
            let y = PANEL - BOTTOM - axis.height(value);
            format!("{:.1},{y}", across(interval, &intervals))
        };
        let places: Vec<String> = values.iter().map(at).collect();
        let x = LEFT + 110 * place;
        let _ = writeln!(
            text,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>\n\
             <line x1=\"{x}\" y1=\"36\" x2=\"{}\" y2=\"36\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>\
             <text x=\"{}\" y=\"40\" fill=\"{colour}\">{name}</text>",
            places.join(" "),
            x + 18,
            x + 23
        );
        for place in &places {
            let (x, y) = place.split_once(',').unwrap_or_default();
            let _ = writeln!(text, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{colour}\"/>");
        }
    }
}

/// Where an interval stands, on a logarithmic axis from the first to the last.
fn across(interval: u64, intervals: &[u64]) -> f64 {
    let log = |interval: Option<&u64>| interval.map_or(0.0, |&ms| (ms.max(1) as f64).log10());
    let (first, last) = (log(intervals.first()), log(intervals.last()));
    let share = if last > first { (log(Some(&interval)) - first) / (last - first) } else { 0.5 };
    (LEFT + MARGIN) as f64 + share * (WIDTH - LEFT - RIGHT - 2 * MARGIN) as f64
}

fn axes(text: &mut String, times: Axis, counts: Axis, crashes: u64) {
    let (bottom, end) = (PANEL - BOTTOM, WIDTH - RIGHT);
    let unit = unit(times.step.saturating_mul(times.ticks));
    for value in times.values() {
        let y = bottom - times.height(value);
        let _ = writeln!(
            text,
            "<line x1=\"{LEFT}\" y1=\"{y}\" x2=\"{end}\" y2=\"{y}\" stroke=\"#e4e4e4\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 8,
            y + 4,
            in_unit(value, unit)
        );
    }
    for value in counts.values() {
        let y = bottom - counts.height(value);
        let _ = writeln!(
            text,
            "<line x1=\"{end}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{REPEATED}\"/>\
             <text x=\"{}\" y=\"{}\" fill=\"{REPEATED}\">{}</text>",
            end + 4,
            end + 8,
            y + 4,
            grouped(value)
        );
    }
    let _ = writeln!(
        text,
        "<path d=\"M{LEFT} {TOP} V{bottom} H{end} V{TOP}\" fill=\"none\" stroke=\"#444444\"/>"
    );
    let (middle, right) = (u64::midpoint(TOP, bottom), WIDTH - 18);
    let _ = writeln!(
        text,
        "<text x=\"22\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 22 {middle})\">latency \
         in {}, virtual time</text>\n\
         <text x=\"{right}\" y=\"{middle}\" text-anchor=\"middle\" fill=\"{REPEATED}\" \
         transform=\"rotate(-90 {right} {middle})\">effects repeated in {crashes} runs</text>",
        unit.1
    );
}

fn intervals_axis(text: &mut String, intervals: &[u64]) {
    let bottom = PANEL - BOTTOM;
    for &interval in intervals {
        let x = across(interval, intervals);
        let _ = writeln!(
            text,
            "<line x1=\"{x:.1}\" y1=\"{bottom}\" x2=\"{x:.1}\" y2=\"{}\" stroke=\"#444444\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            bottom + 4,
            bottom + 19,
            grouped(interval)
        );
    }
    let _ = writeln!(
        text,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">auto.commit.interval.ms (logarithmic)</text>",
        u64::midpoint(LEFT, WIDTH - RIGHT),
        bottom + 40
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(latencies: impl Fn(u64) -> Vec<u64>, repeated: impl Fn(u64) -> u64) -> Vec<Point> {
        let point = |interval: u64| {
            let served = Served {
                latencies: latencies(interval),
                repeated: repeated(interval),
                ..Served::default()
            };
            (interval, Cost { apps: vec![served], ..Cost::default() })
        };
        [100, 1_000, 10_000].map(point).into()
    }

    #[test]
    fn axes_reach_the_highest_value_in_round_steps() {
        for (highest, step, ticks) in [
            (0, 1, 1),
            (1, 1, 1),
            (5, 1, 5),
            (6, 2, 3),
            (11, 5, 3),
            (4_700, 1_000, 5),
            (832, 200, 5),
            (10_001, 5_000, 3),
        ] {
            assert_eq!(Axis::up_to(highest), Axis { step, ticks }, "{highest}");
        }
        assert!(Axis::up_to(u64::MAX).height(u64::MAX) <= PANEL);
    }

    #[test]
    fn an_axis_has_one_unit() {
        assert_eq!(in_unit(500, unit(4_500)), "0.5");
        assert_eq!(in_unit(4_500, unit(4_500)), "4.5");
        assert_eq!(in_unit(800, unit(800)), "800");
        assert_eq!(in_unit(1_050_000, (1_000, "ms")), "1,050");
        assert_eq!(in_unit(20_050_000, unit(20_050_000)), "20.05");
    }

    #[test]
    fn intervals_stand_where_their_logarithms_are() {
        let intervals = [100, 1_000, 10_000];
        let [first, middle, last] = intervals.map(|interval| across(interval, &intervals));
        assert!((middle - f64::midpoint(first, last)).abs() < 0.01);
        assert!(across(7, &[7]).is_finite());
    }

    #[test]
    fn extreme_values_are_drawn_within_the_frame() {
        for points in [
            points(|_| vec![1_000], |_| 0),
            points(|_| Vec::new(), |_| 0),
            points(|interval| vec![interval], |interval| interval),
            points(|_| vec![u64::MAX], |_| u64::MAX),
            Vec::new(),
        ] {
            let svg = svg(&points, &["a <b> & c"], "what");
            assert!(svg.contains("a &lt;b&gt; &amp; c") && !svg.contains("NaN"), "{svg}");
            for part in svg.split("cy=\"").skip(1) {
                let y: u64 = part.split('"').next().expect("one").parse().expect("a number");
                assert!((TOP..=PANEL - BOTTOM).contains(&y), "{y}\n{svg}");
            }
        }
    }
}
