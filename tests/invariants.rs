//! Every invariant of the internal state, in states and steps of every bundled model, and in states that
//! were spoilt on purpose.

use std::hash::BuildHasher;

use brokerproof::cli::bundled::MODELS;
use brokerproof::cluster::{Cluster, Effects, Program};
use brokerproof::history::event::ProcessId;
use brokerproof::invariant::{INVARIANTS, Invariant, Transition};
use brokerproof::record::TopicName;
use brokerproof::scenario::{Scenario, parse};
use brokerproof::system::Model;
use brokerproof::world::{Scene, World};
use hashbrown::HashTable;

/// States of each model that are looked at, breadth first; what takes faults comes early, too.
const STATES: usize = 1500;

fn scenario(path: &str) -> Scenario {
    let model = MODELS.iter().find(|model| model.path.ends_with(path)).expect("a bundled model");
    parse(model.text, model.path).expect("a model is right")
}

/// The invariants that a scenario's faults leave alone.
fn applicable(scenario: &Scenario) -> Vec<&'static dyn Invariant> {
    let kinds = &scenario.setting.faults.kinds;
    let strikes = |name: &str| kinds.iter().any(|(kind, most)| kind == name && *most > 0);
    let excused = |one: &&dyn Invariant| one.excused_by().iter().any(|name| strikes(name));
    INVARIANTS.iter().copied().filter(|one| !excused(one)).collect()
}

fn check_model(scenario: &Scenario) -> Result<usize, String> {
    let scene = Scene::new(scenario.setting.clone());
    let invariants = applicable(scenario);
    let hasher = foldhash::fast::FixedState::default();
    let mut seen: HashTable<usize> = HashTable::new();
    let mut states: Vec<World> = scene.initial();
    let check = |before: Option<&Cluster>, after: &Cluster| {
        invariants.iter().try_for_each(|one| {
            let result = one.check(Transition { before, after });
            result.map_err(|what| format!("{}: {}: {what}", scenario.name, one.name()))
        })
    };
    let (mut next, mut actions) = (0, Vec::new());
    check(None, &states[0].cluster)?;
    while next < states.len() && states.len() < STATES {
        let world = states[next].clone();
        next += 1;
        actions.clear();
        scene.enabled(&world, &mut actions);
        for action in &actions {
            let mut after = world.clone();
            scene.step(&mut after, action, &mut Vec::new());
            check(Some(&world.cluster), &after.cluster)?;
            let hash = hasher.hash_one(&after);
            if seen.find(hash, |&i| states[i] == after).is_none() {
                seen.insert_unique(hash, states.len(), |&i| hasher.hash_one(&states[i]));
                states.push(after);
            }
        }
    }
    Ok(states.len())
}

#[test]
fn hold_in_every_model() {
    let mut looked_at = 0;
    for model in MODELS {
        let scenario = parse(model.text, model.path).expect("a model is right");
        looked_at += check_model(&scenario).unwrap_or_else(|what| panic!("{what}"));
    }
    assert!(looked_at > MODELS.len() * 20, "only {looked_at} states");
}

/// The first state in which the application is about to work on a record.
fn reading() -> (Scenario, World) {
    let scenario = scenario("2-consuming/commit-after.toml");
    let scene = Scene::new(scenario.setting.clone());
    let mut world = scene.initial().remove(0);
    let mut actions = Vec::new();
    for _ in 0..200 {
        let fixed = scenario.setting.fixed();
        let done =
            (0..).zip(&world.cluster.processes).any(|(id, process)| match &process.program {
                Program::Reader(program) => program
                    .working_on(fixed.reader_context(ProcessId(id)), &process.durable)
                    .is_some(),
                _ => false,
            });
        if done {
            return (scenario, world);
        }
        actions.clear();
        scene.enabled(&world, &mut actions);
        let calm = actions.iter().find(|action| scene.faults(action) == 0);
        scene.step(&mut world, calm.expect("not at rest yet"), &mut Vec::new());
    }
    panic!("the application never gets a record");
}

fn breaks(name: &str, before: Option<&Cluster>, after: &Cluster) -> bool {
    let one = INVARIANTS.iter().find(|one| one.name() == name).expect("an invariant");
    one.check(Transition { before, after }).is_err()
}

#[test]
fn a_position_beyond_the_end_is_found() {
    let (_, mut world) = reading();
    assert!(!breaks("positions-within-log", None, &world.cluster));
    for process in &mut world.cluster.processes {
        if let Program::Reader(program) = &mut process.program {
            program.consumer.seek((TopicName(0), 0), 99);
        }
    }
    assert!(breaks("positions-within-log", None, &world.cluster));
}

#[test]
fn a_commit_beyond_the_end_is_found() {
    use brokerproof::protocol::message::{
        CommittedOffset, OffsetCommitRequest, Request, TopicPartition, TopicRef,
    };
    let (scenario, mut world) = reading();
    let group = scenario.setting.apps[0].group;
    let member = world.cluster.node.broker.offsets().member(group);
    let commit = Request::OffsetCommit(OffsetCommitRequest {
        version: 9,
        group,
        generation: member.map_or(-1, |(_, generation)| generation),
        member: member.map(|(member, _)| member),
        instance: None,
        offsets: vec![(
            TopicPartition { topic: TopicRef::Name(TopicName(0)), partition: 0 },
            CommittedOffset { offset: 99, leader_epoch: -1, metadata: Default::default() },
        )],
    });
    let scene = Scene::new(scenario.setting.clone());
    world.cluster.administer(scene.setting.fixed(), commit, &mut Effects::default());
    assert!(breaks("committed-within-log", None, &world.cluster));
}

#[test]
fn a_high_watermark_that_goes_back_is_found() {
    let (_, world) = reading();
    let begin = Scene::new(scenario("2-consuming/commit-after.toml").setting).initial().remove(0);
    assert!(!breaks("high-watermark-monotone", Some(&begin.cluster), &world.cluster));
    assert!(breaks("high-watermark-monotone", Some(&world.cluster), &begin.cluster));
}
