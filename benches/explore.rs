//! Speed of the engines on toys and on models, and the worth of each of their features.
//!
//! `cargo bench --bench explore`
#![allow(missing_docs, reason = "criterion's macros write functions without")]

#[path = "../examples/measured/kinds.rs"]
#[allow(dead_code, reason = "an example compares what it says, too")]
mod kinds;
#[path = "../tests/toys/mod.rs"]
mod toys;

use std::hint::black_box;
use std::ops::ControlFlow;

use brokerproof::check::{Limits, Report, Search, Walks};
use brokerproof::scenario::load;
use brokerproof::system::{Model, Property};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kinds::KINDS;
use toys::philosophers::{Manners, Philosophers, Table};
use toys::two_phase::{Action, State, TwoPhase, properties, properties_of_parts};

/// Fails a bench that measures something else than it says.
fn whole<A>(report: Report<A>) -> u64 {
    assert!(report.extent.is_complete());
    report.extent.explored().transitions
}

fn fast(model: &TwoPhase, properties: &[Property<State>], threads: usize) -> Report<Action> {
    let search = Search::new(model, properties).threads(threads);
    search.run_interned(&mut |_| ControlFlow::Continue(()))
}

/// One model, engine by engine and feature by feature.
fn two_phase(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("two-phase commit");
    group.sample_size(10);
    for managers in [5, 7] {
        let model = TwoPhase { managers };
        let (opaque, facts) = (properties(), properties_of_parts(managers));
        group.throughput(Throughput::Elements(whole(fast(&model, &[], 1))));
        group.bench_with_input(BenchmarkId::new("plain", managers), &model, |bench, model| {
            bench.iter(|| whole(Search::new(model, black_box(&opaque)).run_silently()));
        });
        group.bench_with_input(
            BenchmarkId::new("depth-first", managers),
            &model,
            |bench, model| {
                bench.iter(|| {
                    let search = Search::new(model, black_box(&opaque));
                    whole(search.run_depth_first(usize::MAX, &mut |_| ControlFlow::Continue(())))
                });
            },
        );
        let asked: [(&str, &[Property<State>], usize); 4] = [
            ("parts, nothing asked", &[], 1),
            ("parts, whole states asked", &opaque, 1),
            ("parts, facts asked", &facts, 1),
            ("parts, facts asked, 2 threads", &facts, 2),
        ];
        for (name, asked, threads) in asked {
            group.bench_with_input(BenchmarkId::new(name, managers), &model, |bench, model| {
                bench.iter(|| whole(fast(model, black_box(asked), threads)));
            });
        }
    }
    group.finish();
}

/// What cycles cost besides the search, and walks.
fn philosophers(criterion: &mut Criterion) {
    let model = Philosophers { count: 7, manners: Manners::Polite };
    let mut group = criterion.benchmark_group("polite philosophers");
    group.sample_size(10);
    group.bench_function("plain", |bench| {
        bench.iter(|| whole(Search::new(black_box(&model), &[]).run_silently()));
    });
    group.bench_function("plain, with cycles", |bench| {
        let search = || Search::new(black_box(&model), &[]).cycles(Table::served);
        bench.iter(|| whole(search().run_silently()));
    });
    group.bench_function("walks", |bench| {
        let walks = Walks { runs: 100, steps: 1000, seed: 1 };
        bench.iter(|| {
            let search = Search::new(black_box(&model), &[]);
            search.run_walks(walks, &mut |_| ControlFlow::Continue(()))
        });
    });
    group.bench_function("one quiescence", |bench| {
        let initial = model.initial();
        bench.iter(|| model.is_quiescent(black_box(&initial[0])));
    });
    group.finish();
}

/// Our own models, with each feature switched off in turn, or on.
fn kafka(criterion: &mut Criterion) {
    for name in ["2-consuming/commit-after", "5-cases/two-equal-groups", "6-stages/stages-order"] {
        let path = format!("{}/models/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let scenario = load(path.as_ref()).unwrap_or_else(|failure| panic!("{failure}"));
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for how in KINDS.into_iter().filter(|how| how.in_parts) {
            let scene = how.scene(&scenario);
            let asked = kinds::properties(&scene);
            let search = || kinds::search(&scene, black_box(&asked), &Limits::default(), how);
            let steps = search().extent.explored().transitions;
            group.throughput(Throughput::Elements(steps));
            group.bench_function(how.name, |bench| bench.iter(search));
        }
        group.finish();
    }
}

criterion_group!(benches, two_phase, philosophers, kafka);
criterion_main!(benches);
