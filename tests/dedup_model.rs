//! Every strategy in its abstract form, decided exhaustively: a consumer that reads two records of one
//! producer, one at a time, under two faults of one class. The table says which faults break *at most
//! once* and *at least once*, and how many it takes; it is the assumption of each strategy, decided.

use brokerproof::check::{Limits, Search, Verdict};
use brokerproof::dedup::list::STRATEGIES;
use brokerproof::dedup::model::{Choice, ModelDedup, Rule};
use brokerproof::dedup::{Admission, Arrival, Kind, Loss, Memory, Order};
use brokerproof::system::{Modality, Model, Property};

const RECORDS: usize = 2;
const FAULTS: u8 = 2;

/// A class of faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    /// The consumer crashes.
    Crash,
    /// The partition gets another owner.
    Move,
    /// The producer sends a record again.
    Resend,
    /// A record overtakes its predecessor; the structure may err then.
    Overtake,
    /// The structure errs: a false positive, or its window has passed, when a record is sent again.
    Structure,
}

const CLASSES: [Class; 5] =
    [Class::Crash, Class::Move, Class::Resend, Class::Overtake, Class::Structure];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Step {
    Read(Choice),
    Effect,
    Mark,
    Store,
    Commit,
    Send,
    Overtake,
    SendAgain(usize),
    Fail(Loss),
}

/// What the consumer does next with the record at its cursor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Next {
    Read,
    Effect,
    Mark { then: AfterMark },
    Store,
    Commit,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum AfterMark {
    Effect,
    Commit,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Scene {
    log: Vec<usize>,
    unsent: Vec<usize>,
    /// Refused, to be sent again, once, when the predecessor has had its effect.
    held: Vec<usize>,
    given_up: [bool; RECORDS],
    cursor: usize,
    committed: usize,
    next: Next,
    dedup: ModelDedup,
    effects: [u8; RECORDS],
    budget: u8,
    resends: u8,
}

struct Consumer {
    rule: Rule,
    memory: Memory,
    class: Class,
}

fn arrival(record: usize, offset: usize) -> Arrival {
    Arrival {
        key: record as u128 + 1,
        producer: 0,
        sequence: record as u64,
        offset: offset as i64,
        tick: 0,
    }
}

impl Consumer {
    /// Resends cost a fault in their own class and are free, but few, where the structure is judged.
    fn resends_are_free(&self) -> bool {
        self.class == Class::Structure
    }

    fn judged(&self, scene: &mut Scene, record: usize, admission: Admission) {
        scene.next = match (scene.dedup.order(), admission) {
            (_, Admission::Refuse) => {
                if scene.effects[record] == 0 && !scene.given_up[record] {
                    scene.held.push(record);
                    scene.held.sort_unstable();
                    scene.held.dedup();
                }
                Next::Commit
            }
            (Order::After, Admission::Process) => Next::Effect,
            (Order::Before, Admission::Process) => Next::Mark { then: AfterMark::Effect },
            (Order::With, Admission::Process) => Next::Store,
            (_, Admission::Skip) => Next::Mark { then: AfterMark::Commit },
        };
    }
}

impl Model for Consumer {
    type State = Scene;
    type Action = Step;
    type Effect = ();

    fn initial(&self) -> Vec<Scene> {
        vec![Scene {
            log: Vec::new(),
            unsent: (0..RECORDS).collect(),
            held: Vec::new(),
            given_up: [false; RECORDS],
            cursor: 0,
            committed: 0,
            next: Next::Read,
            dedup: ModelDedup::new(self.rule, self.memory),
            effects: [0; RECORDS],
            budget: FAULTS,
            resends: 1,
        }]
    }

    fn enabled(&self, scene: &Scene, actions: &mut Vec<Step>) {
        let faults = scene.budget > 0;
        match scene.next {
            Next::Read => {
                if let Some(&record) = scene.log.get(scene.cursor) {
                    let choices = scene.dedup.choices(&arrival(record, scene.cursor));
                    let err = faults && matches!(self.class, Class::Structure | Class::Overtake);
                    let allowed = choices.into_iter().filter(|choice| !choice.is_fault() || err);
                    actions.extend(allowed.map(Step::Read));
                }
            }
            Next::Effect => actions.push(Step::Effect),
            Next::Mark { .. } => actions.push(Step::Mark),
            Next::Store => actions.push(Step::Store),
            Next::Commit => actions.push(Step::Commit),
        }
        if !scene.unsent.is_empty() {
            actions.push(Step::Send);
        }
        if scene.unsent.len() > 1 && faults && self.class == Class::Overtake {
            actions.push(Step::Overtake);
        }
        for record in 0..RECORDS {
            let sent = scene.log.contains(&record);
            let paid = faults && self.class == Class::Resend;
            let free = self.resends_are_free() && scene.resends > 0;
            let back =
                scene.held.contains(&record) && (record == 0 || scene.effects[record - 1] > 0);
            if sent && (paid || free || back) {
                actions.push(Step::SendAgain(record));
            }
        }
        match self.class {
            Class::Crash if faults => actions.push(Step::Fail(Loss::Crash)),
            Class::Move if faults => actions.push(Step::Fail(Loss::Moved)),
            _ => {}
        }
    }

    fn step(&self, scene: &mut Scene, step: &Step, _: &mut Vec<()>) {
        let record = scene.log.get(scene.cursor).copied();
        match *step {
            Step::Read(choice) => {
                let record = record.expect("there is something to read");
                let admission = scene.dedup.admit(&arrival(record, scene.cursor), choice);
                scene.budget -= u8::from(choice.is_fault());
                self.judged(scene, record, admission);
            }
            Step::Effect => {
                let record = record.expect("a record in hand");
                scene.effects[record] = (scene.effects[record] + 1).min(2);
                scene.next = match scene.dedup.order() {
                    Order::Before => Next::Commit,
                    _ => Next::Mark { then: AfterMark::Commit },
                };
            }
            Step::Mark => {
                scene.dedup.commit();
                let Next::Mark { then } = scene.next else { unreachable!("enabled") };
                scene.next = match then {
                    AfterMark::Effect => Next::Effect,
                    AfterMark::Commit => Next::Commit,
                };
            }
            Step::Store => {
                let record = record.expect("a record in hand");
                scene.effects[record] = (scene.effects[record] + 1).min(2);
                scene.dedup.commit();
                scene.next = Next::Commit;
            }
            Step::Commit => {
                scene.cursor += 1;
                scene.committed = scene.cursor;
                scene.next = Next::Read;
            }
            Step::Send => scene.log.push(scene.unsent.remove(0)),
            Step::Overtake => {
                scene.budget -= 1;
                scene.log.push(scene.unsent.remove(1));
            }
            Step::SendAgain(record) => {
                if scene.held.contains(&record) {
                    scene.held.retain(|held| *held != record);
                    scene.given_up[record] = true;
                } else if self.resends_are_free() {
                    scene.resends -= 1;
                } else {
                    scene.budget -= 1;
                }
                scene.log.push(record);
            }
            Step::Fail(loss) => {
                scene.budget -= 1;
                scene.dedup.fail(loss);
                scene.cursor = scene.committed;
                scene.next = Next::Read;
            }
        }
    }

    fn faults(&self, step: &Step) -> u32 {
        match step {
            Step::Read(choice) => u32::from(choice.is_fault()),
            Step::SendAgain(_) => u32::from(self.class == Class::Resend),
            Step::Overtake | Step::Fail(_) => 1,
            _ => 0,
        }
    }
}

/// The fewest faults of a class that break the two halves; `None` if two do not.
fn breaks_at(rule: Rule, memory: Memory, class: Class) -> (Option<u32>, Option<u32>) {
    let model = Consumer { rule, memory, class };
    let properties = [
        Property::new("at most", Modality::Always, |scene: &Scene| {
            scene.effects.iter().all(|effects| *effects < 2)
        }),
        Property::new("at least", Modality::AtRest, |scene: &Scene| {
            scene.effects.iter().all(|effects| *effects > 0)
        }),
    ];
    let report = Search::new(&model, &properties).limits(&Limits::default()).run_silently();
    let cost = |name: &str| match report.verdict(name) {
        Some(Verdict::Holds(extent)) => {
            assert!(extent.is_complete(), "{rule:?} {memory:?} {class:?} {name}");
            None
        }
        Some(verdict) => Some(verdict.cost().expect("a violation has a cost").faults),
        None => panic!("{name} was not decided"),
    };
    (cost("at most"), cost("at least"))
}

fn memory_of(kind: Kind) -> Memory {
    match kind.order() {
        Some(order) => Memory::Durable { order },
        None if kind == Kind::Snapshot => Memory::Snapshot { every: 1 },
        None => Memory::Volatile,
    }
}

/// One line for each strategy and kind of memory: for each class the faults that break *at most* and *at
/// least*, `-` where two do not.
fn decided() -> String {
    let mut text = String::new();
    for row in STRATEGIES.iter().filter(|row| row.overtaken_by == 0) {
        for &kind in row.kinds {
            let halves = CLASSES.map(|class| {
                let (most, least) = breaks_at(row.rule, memory_of(kind), class);
                let show =
                    |faults: Option<u32>| faults.map_or("-".into(), |faults| faults.to_string());
                format!("{}/{}", show(most), show(least))
            });
            text += &format!("{:<22} {:<14} {}\n", row.name, kind.name(), halves.join(" "));
        }
    }
    text
}

/// The columns: crash, move, resend, overtake, structure. In the last a resend costs nothing, so that what
/// it costs the structure to err is seen; what does not recognise it breaks without a fault.
const DECIDED: &str = "\
none                   volatile       1/- 1/- 1/- -/- 0/-
exact-set              volatile       1/- 1/- -/- -/- -/-
exact-set              snapshot       1/- 1/- -/- -/- -/-
fingerprints           volatile       1/- 1/- -/- -/1 -/1
fingerprints           snapshot       1/- 1/- -/- -/1 -/1
time-window            volatile       1/- 1/- -/- -/- 1/-
time-window            snapshot       1/- 1/- -/- -/- 1/-
recent-set             volatile       1/- 1/- -/- -/- 1/-
recent-set             snapshot       1/- 1/- -/- -/- 1/-
bloom                  volatile       1/- 1/- -/- -/1 -/1
bloom                  snapshot       1/- 1/- -/- -/1 -/1
blocked-bloom          volatile       1/- 1/- -/- -/1 -/1
blocked-bloom          snapshot       1/- 1/- -/- -/1 -/1
rotating-bloom         volatile       1/- 1/- -/- -/1 1/1
rotating-bloom         snapshot       1/- 1/- -/- -/1 1/1
rotating-blocked-bloom volatile       1/- 1/- -/- -/1 1/1
rotating-blocked-bloom snapshot       1/- 1/- -/- -/1 1/1
quotient-filter        volatile       1/- 1/- -/- -/1 -/1
quotient-filter        snapshot       1/- 1/- -/- -/1 -/1
high-water             volatile       1/- 1/- -/- -/1 -/-
high-water             snapshot       1/- 1/- -/- -/1 -/-
sequence-window        volatile       1/- 1/- -/- -/2 -/-
sequence-window        snapshot       1/- 1/- -/- -/2 -/-
sequence-set           volatile       1/- 1/- -/- -/- -/-
sequence-set           snapshot       1/- 1/- -/- -/- -/-
five-batches           durable-with   -/- -/- -/- -/1 -/-
append-log             durable-after  1/- 1/- -/- -/- -/-
append-log             durable-before -/1 -/1 -/- -/- -/-
bloom-store            durable-after  1/- 1/- -/- -/- -/-
datastore              durable-before -/1 -/1 -/- -/- -/-
datastore              durable-after  1/- 1/- -/- -/- -/-
datastore              durable-with   -/- -/- -/- -/- -/-
offset-with-result     durable-with   -/- -/- 1/- -/- 0/-
conditional-write      durable-with   -/- -/- -/- -/- -/-
cache-window           volatile       1/- 1/- 1/- -/- 0/-
";

#[test]
fn each_strategy_breaks_where_its_assumption_does() {
    let decided = decided();
    assert_eq!(decided, DECIDED, "decided:\n{decided}");
}
