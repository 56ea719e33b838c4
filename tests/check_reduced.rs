//! What a reduced search must not leave out: small models made so that dropping one of its conditions would lose a
//! state at rest, a broken property or a panic. And one in which it leaves out what it should.

use std::ops::ControlFlow;

use brokerproof::check::{Limits, Report, Search, Verdict};
use brokerproof::system::{Group, Modality, Model, Parted, Property, footprint};

type State = [u8; 4];

/// An action that is possible where some slots hold these values, and gives some slots these values.
#[derive(Clone, Default)]
struct Rule {
    from: Vec<(usize, u8)>,
    to: Vec<(usize, u8)>,
    cost: u32,
    /// A slot that it leaves out of account, and as it is, while that holds this value.
    ignores: Option<(usize, u8)>,
    /// Whether it is refused where that slot holds another.
    only_then: bool,
    falls: bool,
}

fn rule(from: &[(usize, u8)], to: &[(usize, u8)]) -> Rule {
    Rule { from: from.to_vec(), to: to.to_vec(), ..Rule::default() }
}

/// A model of rules.
struct Rules {
    rules: Vec<Rule>,
    /// What is a component.
    blocks: Vec<Vec<usize>>,
    calm: Vec<usize>,
    budget: Option<u32>,
}

impl Rules {
    fn new(rules: &[Rule]) -> Rules {
        let blocks = (0..4).map(|slot| vec![slot]).collect();
        Rules { rules: rules.to_vec(), blocks, calm: Vec::new(), budget: None }
    }
}

impl Model for Rules {
    type State = State;
    type Action = usize;
    type Effect = ();

    fn initial(&self) -> Vec<State> {
        vec![[0; 4]]
    }

    fn enabled(&self, state: &State, actions: &mut Vec<usize>) {
        (0..self.rules.len()).for_each(|rule| self.enabled_in(rule, state, actions));
    }

    fn step(&self, state: &mut State, action: &usize, _: &mut Vec<()>) {
        assert!(!self.rules[*action].falls, "rule {action} fell");
        let ignored = |slot: &usize| self.ignores(*action, *slot, state);
        let to: Vec<_> = self.rules[*action].to.iter().filter(|(slot, _)| !ignored(slot)).collect();
        to.into_iter().for_each(|(slot, value)| state[*slot] = *value);
    }

    fn faults(&self, action: &usize) -> u32 {
        self.rules[*action].cost
    }

    fn budget(&self) -> Option<u32> {
        self.budget
    }
}

impl Parted for Rules {
    type Part = u8;

    fn slots(&self) -> usize {
        4
    }

    fn blocks(&self) -> Vec<Vec<usize>> {
        self.blocks.clone()
    }

    fn groups(&self) -> Vec<Group> {
        let slots = |some: &[(usize, u8)]| some.iter().map(|(slot, _)| *slot).collect::<Vec<_>>();
        let group = |(number, rule): (usize, &Rule)| {
            let mut reads = slots(&rule.from);
            reads.extend(rule.ignores.map(|(slot, _)| slot));
            Group::new(format!("{number}"), reads, slots(&rule.to)).costing(rule.cost)
        };
        self.rules.iter().enumerate().map(group).collect()
    }

    fn part(&self, state: &State, slot: usize) -> u8 {
        state[slot]
    }

    fn put(&self, state: &mut State, slot: usize, part: &u8) {
        state[slot] = *part;
    }

    fn enabled_in(&self, rule: usize, state: &State, actions: &mut Vec<usize>) {
        let refused = (0..4).any(|slot| self.refuses(rule, slot, state));
        actions.extend((!refused).then_some(rule));
    }

    fn refuses(&self, rule: usize, slot: usize, state: &State) -> bool {
        let Rule { from, ignores, only_then, .. } = &self.rules[rule];
        let only = ignores.iter().filter(|_| *only_then);
        from.iter().chain(only).any(|(at, value)| *at == slot && state[slot] != *value)
    }

    fn ignores(&self, rule: usize, slot: usize, state: &State) -> bool {
        self.rules[rule].ignores == Some((slot, state[slot]))
    }

    fn calm(&self) -> Vec<usize> {
        self.calm.clone()
    }
}

type Told = Report<usize, State>;

fn search(model: &Rules, properties: &[Property<State>], reduced: bool) -> Told {
    let limits = Limits::default();
    let search = Search::new(model, properties).limits(&limits).outcomes(|state| *state);
    let search = search.cycles(|_| ());
    let search = if reduced { search.reduced() } else { search };
    search.run_interned(&mut |_| ControlFlow::Continue(()))
}

/// The states of both searches, which agree about what is at rest and at what cost.
fn compare(model: &Rules) -> [u64; 2] {
    let falls = model.rules.iter().any(|rule| rule.falls);
    let states: Vec<State> =
        (0..81_u8).map(|at| [at % 3, at / 3 % 3, at / 9 % 3, at / 27]).collect();
    for (state, other) in states.iter().zip(states.iter().rev()).filter(|_| !falls) {
        assert_eq!(footprint::check(model, state, other), Ok(()));
    }
    let [whole, reduced] = [false, true].map(|reduced| search(model, &[], reduced));
    assert_eq!(whole.outcomes, reduced.outcomes);
    let panics = [&whole, &reduced].map(|told| told.panicked.is_some());
    assert_eq!(panics[0], panics[1]);
    [whole, reduced].map(|told| told.extent.explored().states)
}

#[test]
fn what_does_not_touch_is_tried_in_one_order() {
    let step = |slot: usize, from: u8| rule(&[(slot, from)], &[(slot, from + 1)]);
    let steps: Vec<Rule> = (0..4).flat_map(|slot| [step(slot, 0), step(slot, 1)]).collect();
    assert_eq!(compare(&Rules::new(&steps)), [81, 9]);
}

#[test]
fn what_an_own_action_reads_must_not_change() {
    // What slot 0 becomes depends on whether slot 1 was quicker; the second time that takes a fault.
    for cost in [0, 1] {
        let other = Rule { cost, ..rule(&[(1, 0)], &[(1, 1)]) };
        let own = [rule(&[(0, 0), (1, 0)], &[(0, 1)]), rule(&[(0, 0), (1, 1)], &[(0, 2)])];
        let calm = vec![1];
        let model = Rules { calm, ..Rules::new(&[&own[..], &[other]].concat()) };
        let [whole, reduced] = compare(&model);
        assert_eq!(whole, reduced, "nothing is closed");
    }
}

#[test]
fn what_reads_a_calm_slot_that_keeps_its_part_is_free() {
    // Nothing can change slot 1 any more, so nobody cares who reads it.
    let from = [rule(&[(0, 0), (1, 0)], &[(0, 1)]), rule(&[(2, 0), (1, 0)], &[(2, 1)])];
    let late = rule(&[(1, 7)], &[(1, 8)]);
    let model = Rules { calm: vec![1], ..Rules::new(&[&from[..], &[late]].concat()) };
    assert_eq!(compare(&model), [4, 3]);
}

#[test]
fn a_refusal_must_last() {
    // Slot 2 refuses the action that takes slots 0 and 2 together, until somebody else changes it.
    for calm in [vec![], vec![2]] {
        let own = rule(&[(0, 0)], &[(0, 1)]);
        let together = rule(&[(0, 0), (2, 1)], &[(0, 2)]);
        let opens = rule(&[(2, 0)], &[(2, 1)]);
        let model = Rules { calm, ..Rules::new(&[own, together, opens]) };
        compare(&model);
        assert!(search(&model, &[], true).outcomes.contains_key(&[2, 0, 1, 0]));
    }
}

#[test]
fn what_touches_it_from_outside_must_be_refused() {
    for cost in [0, 1] {
        let own = rule(&[(0, 0)], &[(0, 1)]);
        let outside = Rule { cost, ..rule(&[(0, 0), (1, 0)], &[(0, 2), (1, 2)]) };
        let model = Rules { budget: Some(1), ..Rules::new(&[own, outside]) };
        compare(&model);
        assert!(search(&model, &[], true).outcomes.contains_key(&[2, 2, 0, 0]));
    }
}

#[test]
fn behind_the_last_fault_faults_do_not_count() {
    // A fault touches everything; once it has struck, slots 0 and 1 go on by themselves.
    let step = |slot: usize| rule(&[(slot, 0)], &[(slot, 1)]);
    let fault = Rule { cost: 1, ..rule(&[(3, 0)], &[(0, 0), (1, 0), (2, 0), (3, 1)]) };
    let model = Rules { budget: Some(1), ..Rules::new(&[step(0), step(1), step(2), fault]) };
    assert_eq!(compare(&model), [16, 12]);
    // As many faults as the budget has not struck before it is used up.
    let model = Rules { budget: Some(2), ..model };
    compare(&model);
}

#[test]
fn who_leaves_it_out_of_account_must_do_so_behind_each_first_action() {
    // While slot 0 holds 0 the other action does not mind it, and behind the own action it is impossible.
    let own = rule(&[(0, 0)], &[(0, 1)]);
    let ignores = Some((0, 0));
    let other = Rule { ignores, only_then: true, ..rule(&[(1, 0)], &[(1, 1)]) };
    let model = Rules::new(&[own, other]);
    compare(&model);
    let told = search(&model, &[], true);
    assert_eq!(told.outcomes.len(), 2, "{:?}", told.outcomes);
}

#[test]
fn who_leaves_it_out_of_account_must_do_so_at_once() {
    // Behind the own action the other one does not mind slot 0, and before it would change it.
    let own = rule(&[(0, 0)], &[(0, 1)]);
    let other = Rule { ignores: Some((0, 1)), ..rule(&[(1, 0)], &[(0, 2), (1, 1)]) };
    let model = Rules::new(&[own, other]);
    compare(&model);
    assert!(search(&model, &[], true).outcomes.contains_key(&[2, 1, 0, 0]));
}

#[test]
fn who_leaves_a_slot_out_of_account_may_mind_the_next() {
    // Slots 0 and 1 are one component, and the other action ignores only the first.
    let own = rule(&[(1, 0)], &[(1, 1)]);
    let other = Rule { ignores: Some((0, 0)), ..rule(&[(1, 0), (2, 0)], &[(1, 2), (2, 1)]) };
    let model = Rules { blocks: vec![vec![0, 1], vec![2], vec![3]], ..Rules::new(&[own, other]) };
    compare(&model);
    assert!(search(&model, &[], true).outcomes.contains_key(&[0, 2, 1, 0]));
}

#[test]
fn faults_of_its_own_are_tried_beside_what_is_free() {
    let free = rule(&[(0, 0)], &[(0, 1)]);
    let fault = Rule { cost: 1, ..rule(&[(0, 0)], &[(0, 2)]) };
    let other = rule(&[(1, 0)], &[(1, 1)]);
    compare(&Rules::new(&[free, fault, other]));
}

#[test]
fn what_has_nothing_but_faults_is_not_expanded_alone() {
    // Rest needs no fault, so nobody waits for one.
    let fault = Rule { cost: 1, ..rule(&[(0, 0)], &[(0, 1)]) };
    let never = rule(&[(0, 5)], &[(0, 6)]);
    let other = rule(&[(1, 0)], &[(1, 1)]);
    compare(&Rules::new(&[fault, never, other]));
}

#[test]
fn panics_of_what_is_expanded_alone_are_told() {
    for cost in [0, 1] {
        let free = rule(&[(0, 0)], &[(0, 1)]);
        let falls = Rule { cost, falls: true, ..rule(&[(0, 0)], &[(0, 2)]) };
        let other = rule(&[(1, 0)], &[(1, 1)]);
        compare(&Rules::new(&[free, falls, other]));
    }
}

/// Slot 0 goes around for ever, and is always closed; only slot 1 breaks anything.
fn spinning() -> Rules {
    Rules::new(&[
        rule(&[(0, 0)], &[(0, 1)]),
        rule(&[(0, 1)], &[(0, 0)]),
        rule(&[(1, 0)], &[(1, 1)]),
    ])
}

#[test]
fn what_a_circle_hides_is_unknown() {
    let model = spinning();
    let breaks =
        || Property::of_pieces("never", Modality::Always, [(vec![1], |s: &State| s[1] == 0)]);
    let properties = [breaks().stable(), breaks()];
    let whole = search(&model, &properties, false);
    assert!(whole.decisions.iter().all(|d| matches!(d.verdict, Verdict::Violated { .. })));
    let reduced = search(&model, &properties, true);
    assert_eq!(reduced.extent.explored().states, 2, "slot 1 never has its turn");
    assert_eq!(reduced.comes_to_rest, Some(false));
    assert!(reduced.decisions.iter().all(|d| matches!(d.verdict, Verdict::Unknown(_))));
    assert_eq!(reduced.extent.explored().complete_faults, None);
}

#[test]
fn what_is_stable_shows_at_rest_and_nothing_else_does() {
    // Slot 1 is broken for a moment, which the reduced search passes by; what it was it stays in slot 2.
    let model = Rules::new(&[
        rule(&[(0, 0)], &[(0, 1)]),
        rule(&[(1, 0)], &[(1, 1), (2, 1)]),
        rule(&[(1, 1)], &[(1, 2)]),
    ]);
    let moment = |s: &State| !(s[0] == 0 && s[1] == 1);
    let moment = Property::of_pieces("moment", Modality::Always, [(vec![0, 1], moment)]);
    let lasting =
        Property::of_pieces("lasting", Modality::Always, [(vec![2], |s: &State| s[2] == 0)]);
    let properties = [moment, lasting.stable()];
    let reduced = search(&model, &properties, true);
    assert!(!matches!(reduced.decisions[0].verdict, Verdict::Holds(_)));
    assert!(matches!(reduced.decisions[1].verdict, Verdict::Violated { shortest: false, .. }));
    // A model may say that its runs end, and a search that is asked for no circles knows nothing of rest.
    let blind = Search::new(&model, &properties[1..]).reduced();
    let blind = blind.run_interned(&mut |_| ControlFlow::Continue(()));
    assert_eq!(blind.comes_to_rest, None);
}
