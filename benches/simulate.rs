//! How fast runs are: whole runs of ten records per second of CPU, and steps per second in a long run.
//!
//! `cargo bench --bench simulate`

use brokerproof::scenario;
use brokerproof::simulate::{Asked, Simulator, Strategy};
use brokerproof::world::Scene;
use rustix::time::{ClockId, clock_gettime};

fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

const TEN: &str = r#"
format = 1
[topic.orders]
partitions = 1
[source.till]
records  = 10
remember = "after-ack"
[producer.shop]
source = "till"
topic  = "orders"
batch.records = 10
[app.billing]
group.id = "billing"
topics   = ["orders"]
enable.auto.commit = false
auto.offset.reset  = "earliest"
max.poll.records = 10
commit   = "after-processing"
effect   = "remote-call"
[faults]
classes = ["producer", "remote-call", "messaging", "consumer"]
total   = 2
"#;

fn measure(name: &str, text: &str, strategy: Option<Strategy>, runs: u64) {
    let scenario = scenario::parse(text, name).unwrap_or_else(|failure| panic!("{failure}"));
    let scene = Scene::new(scenario.setting);
    let mut simulator = Simulator::new(&scene);
    simulator.asked = Asked { strategy, when: None };
    let begin = cpu();
    let (mut steps, mut faults) = (0, 0);
    for seed in 0..runs {
        let outcome = simulator.run(seed, &mut ());
        steps += outcome.steps;
        faults += outcome.faults();
    }
    let took = cpu() - begin;
    println!(
        "{name}: {:.0} runs and {:.0} steps per CPU-second, {:.1} steps and {:.2} faults per run",
        runs as f64 / took,
        steps as f64 / took,
        steps as f64 / runs as f64,
        faults as f64 / runs as f64
    );
}

fn main() {
    measure("ten records", TEN, None, 20_000);
    measure("ten records, clocks", TEN, Some(Strategy::Clocks), 20_000);
    let single = TEN.replace("batch.records = 10\n", "").replace("max.poll.records = 10\n", "");
    measure("ten records, each alone", &single, None, 5_000);
    let calm = TEN.replace("total   = 2", "total   = 0");
    measure("ten records, no fault", &calm, None, 20_000);
    let long = TEN
        .replace("records  = 10\n", "records  = 20000\n")
        .replace("records = 10\n", "records = 100\n");
    measure("20,000 records", &long, Some(Strategy::Clocks), 1);
}
