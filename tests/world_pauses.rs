//! What a client that stands still has missed it notices when it goes on.

use std::ops::ControlFlow;

use brokerproof::check::Limits;
use brokerproof::decide::{Engine, decide_with};
use brokerproof::guarantee::Guarantee;
use brokerproof::scenario;

/// An idempotent producer, which may stand still while the broker crashes twice.
const TWO_CRASHES: &str = r#"
format = 1
[topic.orders]
partitions = 1
[source.till]
records = 1
remember = "after-ack"
[producer.shop]
source = "till"
topic = "orders"
enable.idempotence = true
delivery.timeout.ms = 2147483647
[faults]
kinds = ["pause-producer", "crash-broker"]
total = 3
"#;

#[test]
fn a_second_crash_of_the_broker_hides_no_broken_connection() {
    let scenario = scenario::parse(TWO_CRASHES, "two-crashes.toml");
    let scenario = scenario.unwrap_or_else(|failure| panic!("{failure}"));
    for engine in [Engine::Plain, Engine::default()] {
        let go_on = &mut |_: &_| ControlFlow::Continue(());
        let decided = decide_with(engine, &scenario, &Limits::default(), go_on);
        assert!(decided.extent.is_complete());
        for guarantee in [Guarantee::AtLeast, Guarantee::AcknowledgedIsKept] {
            let judged = decided.judgements.iter().filter(|one| one.guarantee == guarantee);
            assert!(judged.clone().count() > 0);
            assert!(judged.clone().all(|one| one.breach.is_none()), "{engine:?} {guarantee:?}");
        }
    }
}
