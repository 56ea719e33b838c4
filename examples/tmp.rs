#![allow(clippy::disallowed_methods)]
#[path = "../tests/toys/mod.rs"]
mod toys;
use brokerproof::check::*;
use toys::two_phase::*;
fn main() {
    let n: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let plain = std::env::args().nth(2).is_some_and(|a| a == "plain");
    let reps = std::env::args().nth(3).map_or(1, |a| a.parse().unwrap());
    let model = TwoPhase { managers: n };
    let (p, q) = (properties(), properties_of_parts(n));
    let limits = Limits { states: 1 << 31, ..Limits::default() };
    for _ in 0..reps {
        let t = std::time::Instant::now();
        let mut bytes = 0;
        let report = if plain {
            Search::new(&model, &p).limits(&limits).run_silently()
        } else {
            Search::new(&model, &q).limits(&limits).run_interned(&mut |p| {
                bytes = p.bytes;
                std::ops::ControlFlow::Continue(())
            })
        };
        let s = t.elapsed().as_secs_f64();
        let e = report.extent.explored();
        println!(
            "{:?} {s:.3}s {:.2} M/s gen {:.2} M/s states  {} B/state",
            e,
            e.transitions as f64 / s / 1e6,
            e.states as f64 / s / 1e6,
            bytes / e.states
        );
    }
}
