//! A search that keeps one of the states that differ by exchanges alone says the same as one that keeps all, whatever
//! is asked, with and without leaving out orders as well; and what a model claims of exchanges is not believed blindly.

mod toys;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::ops::ControlFlow;

use brokerproof::check::{Report, Search, Verdict};
use brokerproof::system::{
    Exchange, FalseClaim, Group, Modality, Model, Parted, Property, exchange, replay_strict,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use toys::two_phase::{Decision, Interchangeable, Manager, State, TwoPhase, properties};

/// What is left out: orders, what exchanges make.
const WAYS: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

type Told<M> = Report<<M as Model>::Action, String>;

fn search<M: Parted>(
    model: &M,
    asked: &[Property<M::State>],
    (orders, exchanges): (bool, bool),
    threads: usize,
) -> Told<M>
where
    M::State: Debug,
{
    let mut search = Search::new(model, asked)
        .threads(threads)
        .canonical()
        .outcomes(|state| format!("{state:?}"))
        .cycles(|_| ());
    if orders {
        search = search.fewer_orders();
    }
    if exchanges {
        search = search.up_to_exchanges();
    }
    search.run_interned(&mut |_| ControlFlow::Continue(()))
}

/// Compares all ways to search; the numbers of states.
fn compare<M: Parted>(model: &M, asked: &[Property<M::State>], name: &str) -> [u64; 4]
where
    M::State: Debug,
    M::Action: PartialEq,
{
    let told = WAYS.map(|way| search(model, asked, way, 1));
    let all = &told[0];
    assert!(all.extent.is_complete(), "{name}: {:?} {:?}", all.extent, all.panicked);
    for (some, way) in told.iter().zip(WAYS).skip(1) {
        let name = format!("{name}, {way:?}");
        assert!(some.extent.is_complete(), "{name}: {:?} {:?}", some.extent, some.panicked);
        assert_eq!(all.outcomes, some.outcomes, "{name}");
        assert_eq!(some.comes_to_rest, Some(all.trap.is_none()), "{name}");
        for ((one, other), property) in all.decisions.iter().zip(&some.decisions).zip(asked) {
            let name = format!("{name}: {}", property.name);
            compare_verdicts(model, property, way.0, (&one.verdict, &other.verdict), &name);
        }
        let together = search(model, asked, way, 2);
        assert!(*some == together, "{name}: not the same with two threads");
    }
    let states = told.map(|told| told.extent.explored().states);
    let [all, orders, exchanges, both] = states;
    assert!(all >= orders && all >= exchanges && orders >= both, "{name}: {states:?}");
    states
}

fn compare_verdicts<M: Parted>(
    model: &M,
    property: &Property<M::State>,
    orders: bool,
    (all, some): (&Verdict<M::Action>, &Verdict<M::Action>),
    name: &str,
) {
    if orders && matches!(some, Verdict::Unknown(_)) {
        assert!(!property.only_at_rest, "{name}");
        return;
    }
    assert_eq!(std::mem::discriminant(all), std::mem::discriminant(some), "{name}");
    if !orders || property.only_at_rest {
        assert_eq!(all.cost(), some.cost(), "{name}");
    }
    let Some(schedule) = some.schedule() else { return };
    let end = replay_strict(model, schedule, |_| {}).unwrap_or_else(|_| panic!("{name}"));
    let wanted = property.modality == Modality::Reachable;
    assert_eq!((property.holds)(&end.state), wanted, "{name}");
    let steps = some.cost().map(|cost| cost.steps as usize);
    assert_eq!(Some(schedule.actions.len()), steps, "{name}");
}

/// Two-phase commit, asked about single resource managers, too.
fn asked_of_single_ones(managers: usize) -> Vec<Property<State>> {
    let mut asked = properties();
    let last = managers - 1;
    let holds = [
        Property::new("the last one aborts first", Modality::Reachable, move |state: &State| {
            let working = state.managers.iter().filter(|m| **m == Manager::Working).count();
            state.managers[last] == Manager::Aborted && working == last
        }),
        Property::new("the first one never aborts", Modality::Always, |state: &State| {
            state.managers[0] != Manager::Aborted
        }),
        Property::new("the last one is known at last", Modality::AtRest, move |state: &State| {
            state.known[last] || state.decision == Decision::Abort
        }),
        Property::new("the first one is not known", Modality::AtRest, |state: &State| {
            !state.known[0]
        }),
        Property::new("only the last one is known", Modality::Reachable, move |state: &State| {
            state.known.iter().filter(|known| **known).count() == 1 && state.known[last]
        }),
    ];
    asked.extend(holds);
    asked
}

/// How many states there are, and how many if only who is who differs.
fn states_and_orbits(model: &TwoPhase) -> [u64; 2] {
    let parts = |state: &State| -> Vec<(Manager, bool, bool)> {
        let each = state.managers.iter().zip(&state.known).zip(&state.sent);
        each.map(|((manager, known), sent)| (*manager, *known, *sent)).collect()
    };
    let mut found = model.initial();
    let key = |state: &State| (state.decision, parts(state));
    let mut known = BTreeSet::from([key(&found[0])]);
    let mut next = 0;
    while let Some(state) = found.get(next).cloned() {
        next += 1;
        let mut actions = Vec::new();
        model.enabled(&state, &mut actions);
        for action in &actions {
            let mut reached = state.clone();
            model.step(&mut reached, action, &mut Vec::new());
            if known.insert(key(&reached)) {
                found.push(reached);
            }
        }
    }
    let sorted = |state: &State| {
        let mut parts = parts(state);
        parts.sort_unstable();
        (state.decision, parts)
    };
    let orbits: BTreeSet<_> = found.iter().map(sorted).collect();
    [found.len() as u64, orbits.len() as u64]
}

/// One state of each orbit is kept, and no other.
#[test]
fn resource_managers_are_interchangeable() {
    let mut orbits = Vec::new();
    for managers in 1..=5 {
        let model = TwoPhase { managers };
        let [all, some] = states_and_orbits(&model);
        let told = compare(&Interchangeable(model), &asked_of_single_ones(managers), "two phases");
        assert_eq!((told[0], told[2]), (all, some));
        orbits.push(some);
    }
    assert_eq!(orbits, [12, 34, 80, 166, 314]);
}

/// Of too many orders some are looked at.
#[test]
fn of_many_clients_only_some_are_exchanged() {
    let model = Interchangeable(TwoPhase { managers: 6 });
    let [all, _, some, _] = compare(&model, &asked_of_single_ones(6), "two phases");
    let [_, orbits] = states_and_orbits(&model.0);
    assert!(all > 20 * some && some > orbits, "{all}, {some}, {orbits}");
}

#[test]
fn what_is_claimed_of_resource_managers_is_true() {
    let model = Interchangeable(TwoPhase { managers: 3 });
    let all: Vec<usize> = (0..model.exchanges().len()).collect();
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..30 {
        let mut state = model.initial().remove(0);
        for _ in 0..10 {
            exchange::check(&model, &all, &state).unwrap_or_else(|claim| panic!("{claim}"));
            let mut actions = Vec::new();
            model.enabled(&state, &mut actions);
            let action = actions[(random.next_u64() % actions.len() as u64) as usize];
            model.step(&mut state, &action, &mut Vec::new());
        }
    }
}

/// What a client does: possible where it, what is shared, and whoever holds what only one can hold are in a state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Rule {
    own: u8,
    shared: Option<u8>,
    /// Whether nobody, or this client, must hold it.
    held: Option<bool>,
    next: u8,
    next_shared: Option<u8>,
    /// Whether this client takes it or lets it go.
    takes: Option<bool>,
    cost: u32,
}

/// Clients that all follow the same rules: slot 0 is shared, slot 1 holds who holds something, the others are theirs.
#[derive(Debug)]
struct Clients {
    count: usize,
    rules: Vec<Rule>,
    /// A rule of the first client alone, so that it is none of them.
    special: Option<Rule>,
}

impl Clients {
    fn random(random: &mut ChaCha8Rng) -> Clients {
        let mut below = |most: u64| random.next_u64() % most;
        let mut rules = Vec::new();
        for _ in 0..3 + below(6) {
            let maybe = |chosen: u64| (chosen < 3).then_some(chosen as u8);
            let held = |chosen: u64| (chosen < 2).then_some(chosen == 1);
            let own = below(4) as u8;
            // Most rules lead on, so that something comes to rest; some lead back.
            let next = if below(7) == 0 { below(4) as u8 } else { own + 1 };
            let (shared, next_shared) = (maybe(below(8)), maybe(below(9)));
            let (is_held, takes, cost) = (held(below(8)), held(below(8)), u32::from(below(5) == 0));
            rules.push(Rule { own, shared, held: is_held, next, next_shared, takes, cost });
        }
        Clients { count: 2 + below(2) as usize, rules, special: None }
    }

    fn rules(&self) -> Vec<(usize, Rule)> {
        let clients = 0..self.count;
        let all = clients.flat_map(|client| self.rules.iter().map(move |rule| (client, *rule)));
        all.chain(self.special.map(|rule| (0, rule))).collect()
    }
}

impl Model for Clients {
    type State = Vec<u8>;
    type Action = usize;
    type Effect = ();

    fn initial(&self) -> Vec<Vec<u8>> {
        vec![vec![0; self.count + 2]]
    }

    fn enabled(&self, state: &Vec<u8>, actions: &mut Vec<usize>) {
        (0..self.rules().len()).for_each(|group| self.enabled_in(group, state, actions));
    }

    fn step(&self, state: &mut Vec<u8>, action: &usize, _: &mut Vec<()>) {
        let (client, rule) = self.rules()[*action];
        state[client + 2] = rule.next;
        state[0] = rule.next_shared.unwrap_or(state[0]);
        state[1] = rule.takes.map_or(state[1], |takes| u8::from(takes) * (client as u8 + 1));
    }

    fn faults(&self, action: &usize) -> u32 {
        self.rules()[*action].1.cost
    }

    fn budget(&self) -> Option<u32> {
        Some(2)
    }
}

impl Parted for Clients {
    type Part = u8;

    fn slots(&self) -> usize {
        self.count + 2
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        let clients = (0..self.count).map(|client| vec![client + 2]);
        [vec![0, 1]].into_iter().chain(clients).collect()
    }

    fn groups(&self) -> Vec<Group> {
        let group = |(number, (client, rule)): (usize, &(usize, Rule))| {
            let (mut reads, mut writes) = (vec![client + 2], vec![client + 2]);
            reads.extend(rule.shared.map(|_| 0));
            reads.extend(rule.held.map(|_| 1));
            writes.extend(rule.next_shared.map(|_| 0));
            writes.extend(rule.takes.map(|_| 1));
            Group::new(format!("{number}"), reads, writes).costing(rule.cost)
        };
        self.rules().iter().enumerate().map(group).collect()
    }

    fn part(&self, state: &Vec<u8>, slot: usize) -> u8 {
        state[slot]
    }

    fn put(&self, state: &mut Vec<u8>, slot: usize, part: &u8) {
        state[slot] = *part;
    }

    fn enabled_in(&self, group: usize, state: &Vec<u8>, actions: &mut Vec<usize>) {
        let refused = (0..self.slots()).any(|slot| self.refuses(group, slot, state));
        actions.extend((!refused).then_some(group));
    }

    fn refuses(&self, group: usize, slot: usize, state: &Vec<u8>) -> bool {
        let (client, rule) = self.rules()[group];
        match slot {
            0 => rule.shared.is_some_and(|wanted| state[0] != wanted),
            1 => rule.held.is_some_and(|held| state[1] != u8::from(held) * (client as u8 + 1)),
            _ => slot == client + 2 && state[slot] != rule.own,
        }
    }

    fn exchanges(&self) -> Vec<Exchange> {
        let pair = |client: usize| {
            let pairs = [(client + 2, client + 3)];
            Exchange::of_pairs(format!("{client} and next"), self.slots(), pairs)
        };
        (0..self.count - 1).map(pair).collect()
    }

    fn renamed(&self, exchange: usize, slot: usize, part: &u8) -> u8 {
        let [one, other] = [exchange as u8 + 1, exchange as u8 + 2];
        match *part {
            part if slot == 1 && part == one => other,
            part if slot == 1 && part == other => one,
            part => part,
        }
    }
}

/// What is asked of clients: of each for itself, and of all.
fn asked_of_clients(random: &mut ChaCha8Rng, count: usize) -> Vec<Property<Vec<u8>>> {
    let mut asked = Vec::new();
    for client in 0..count {
        let value = (random.next_u64() % 5) as u8;
        let other = (client + 1) % count;
        for (name, modality) in [
            ("reaches", Modality::Reachable),
            ("never", Modality::Always),
            ("rests", Modality::AtRest),
        ] {
            let holds = move |state: &Vec<u8>| {
                let there = state[client + 2] == value && state[other + 2] != value;
                there == (modality == Modality::Reachable)
            };
            asked.push(Property::new(format!("{client} {name} {value}"), modality, holds));
        }
    }
    let holder = |state: &Vec<u8>| state[1] == 2;
    asked.push(
        Property::new("the second one has it at rest", Modality::Reachable, holder).at_rest(),
    );
    asked
}

#[test]
fn random_models_of_equal_clients_are_told_alike() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let (mut sums, mut fewer, mut traps) = ([0; 4], 0, 0);
    for number in 0..600 {
        let model = Clients::random(&mut random);
        let asked = asked_of_clients(&mut random, model.count);
        let states = compare(&model, &asked, &format!("{number}: {model:?}"));
        sums.iter_mut().zip(states).for_each(|(sum, states)| *sum += states);
        fewer += u32::from(states[3] < states[1] && states[3] < states[2]);
        let told = search(&model, &asked, WAYS[3], 1);
        traps += u32::from(told.comes_to_rest == Some(false));
    }
    assert!(fewer > 50 && traps > 8, "{fewer} by both, {traps} traps, {sums:?}");
    assert!(2 * sums[2] < sums[0] + sums[0] / 2 && sums[3] < sums[1], "{sums:?}");
}

/// A rule that leads from a client's state to another one.
fn leads(own: u8, next: u8) -> Rule {
    let (shared, next_shared, held, takes) = (None, None, None, None);
    Rule { own, shared, held, next, next_shared, takes, cost: 0 }
}

/// One client is on, and passes it on for ever: no state is at rest, though all are one up to exchanges.
#[test]
fn going_around_among_equals_is_no_rest() {
    let on = Rule { held: Some(false), takes: Some(true), ..leads(0, 0) };
    let off = Rule { held: Some(true), takes: Some(false), ..leads(0, 0) };
    let model = Clients { count: 2, rules: vec![on, off], special: None };
    compare(&model, &[], "on and off");
    let told = search(&Baton, &[], WAYS[2], 1);
    assert_eq!((told.comes_to_rest, told.extent.explored().states), (Some(false), 2));
    assert!(search(&Baton, &[], WAYS[0], 1).trap.is_some());
}

/// Two players with a baton that, once it was thrown in, is passed for ever.
struct Baton;

impl Model for Baton {
    type State = [bool; 2];
    type Action = usize;
    type Effect = ();

    fn initial(&self) -> Vec<[bool; 2]> {
        vec![[false; 2]]
    }

    fn enabled(&self, state: &[bool; 2], actions: &mut Vec<usize>) {
        (0..2).for_each(|group| self.enabled_in(group, state, actions));
    }

    fn step(&self, state: &mut [bool; 2], action: &usize, _: &mut Vec<()>) {
        *state = [*action == 0, *action == 1];
    }
}

impl Parted for Baton {
    type Part = bool;

    fn slots(&self) -> usize {
        2
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        vec![vec![0], vec![1]]
    }

    fn groups(&self) -> Vec<Group> {
        vec![Group::new("to the first", [0, 1], [0, 1]), Group::new("to the other", [0, 1], [0, 1])]
    }

    fn part(&self, state: &[bool; 2], slot: usize) -> bool {
        state[slot]
    }

    fn put(&self, state: &mut [bool; 2], slot: usize, part: &bool) {
        state[slot] = *part;
    }

    fn enabled_in(&self, group: usize, state: &[bool; 2], actions: &mut Vec<usize>) {
        actions.extend((!state[group]).then_some(group));
    }

    fn exchanges(&self) -> Vec<Exchange> {
        // Some of them say nothing new.
        let pairs = [("nobody", None), ("players", Some((0, 1))), ("again", Some((0, 1)))];
        pairs.map(|(name, pairs)| Exchange::of_pairs(name, 2, pairs)).to_vec()
    }
}

/// With a false claim nothing is told.
#[test]
#[should_panic(
    expected = "exchange 0 and next: what is possible before is not possible afterwards"
)]
fn a_false_claim_is_found() {
    let special = Some(leads(1, 3));
    let model = Clients { count: 2, rules: vec![leads(0, 1), leads(1, 2)], special };
    let claim = exchange::check(&model, &[0], &vec![0, 0, 1, 0]);
    assert!(matches!(claim, Err(FalseClaim::Exchange { .. })), "{claim:?}");
    let never = Property::new("never", Modality::Always, |state: &Vec<u8>| state[3] != 3);
    search(&model, &[never], WAYS[2], 1);
}

/// A client that begins elsewhere is not interchangeable.
struct Ahead(Clients);

impl Model for Ahead {
    type State = Vec<u8>;
    type Action = usize;
    type Effect = ();

    fn initial(&self) -> Vec<Vec<u8>> {
        vec![vec![0, 0, 0, 1]]
    }

    fn enabled(&self, state: &Vec<u8>, actions: &mut Vec<usize>) {
        self.0.enabled(state, actions);
    }

    fn step(&self, state: &mut Vec<u8>, action: &usize, effects: &mut Vec<()>) {
        self.0.step(state, action, effects);
    }
}

impl Parted for Ahead {
    type Part = u8;

    fn slots(&self) -> usize {
        self.0.slots()
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        self.0.blocks()
    }

    fn groups(&self) -> Vec<Group> {
        self.0.groups()
    }

    fn part(&self, state: &Vec<u8>, slot: usize) -> u8 {
        self.0.part(state, slot)
    }

    fn put(&self, state: &mut Vec<u8>, slot: usize, part: &u8) {
        self.0.put(state, slot, part);
    }

    fn enabled_in(&self, group: usize, state: &Vec<u8>, actions: &mut Vec<usize>) {
        self.0.enabled_in(group, state, actions);
    }

    fn exchanges(&self) -> Vec<Exchange> {
        self.0.exchanges()
    }

    fn renamed(&self, exchange: usize, slot: usize, part: &u8) -> u8 {
        self.0.renamed(exchange, slot, part)
    }
}

#[test]
fn what_begins_apart_is_not_exchanged() {
    let model = Ahead(Clients { count: 2, rules: vec![leads(0, 1), leads(1, 2)], special: None });
    assert_eq!(exchange::usable(&model, &model.initial()), Vec::<usize>::new());
    let never = Property::new("never", Modality::Always, |state: &Vec<u8>| state[3] != 0);
    let states = compare(&model, &[never], "ahead");
    assert_eq!(states[0], states[2]);
}
