//! The plain breadth-first engine: whole states in a list and a hash table. Simple, exact, and what every
//! faster engine is compared with.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Report;
use super::cycle::{self, Cycles, Found, Inner};
use super::findings::{Deciding, Fell, Findings};
use super::order::{Driver, Engine, Task, Watch};
use super::panics::quietly;
use super::report::{Writer, action_between};
use super::search::Search;
use super::verdict::{Cost, Effort, Limit};
use super::visited::{MOST, NO_PARENT, Place, Visited};
use crate::system::{Modality, Model};

/// How far the expansion of a range of states has come, so that it can go on after a panic.
struct Cursor {
    state: u32,
    loaded: bool,
    action: usize,
    resting: bool,
}

/// Which question to the model is being asked, so that a panic can be blamed on it.
#[derive(Clone, Copy)]
enum Asking {
    Enabled,
    Step,
    Property(usize),
    Outcome,
}

/// The states and what is being done with them.
pub(super) struct Breadth<'a, M: Model, O> {
    search: Search<'a, M, O>,
    visited: Visited<M::State>,
    findings: Findings<M::Action, O>,
    /// Whether a state has actions that cost something.
    costly: Vec<bool>,
    cursor: Cursor,
    asking: Asking,
    actions: Vec<M::Action>,
    effects: Vec<M::Effect>,
    /// The state that is being stepped, and whether it still equals the one it was cloned from.
    scratch: Option<M::State>,
    fresh: bool,
    judged: u32,
    question: usize,
    edges: Found,
}

/// Searches breadth-first.
pub(super) fn search<M: Model, O: Ord>(
    search: Search<'_, M, O>,
    watch: Watch<'_>,
) -> Report<M::Action, O> {
    let (limits, every) = (search.limits.clone(), search.every.unwrap_or(8192));
    let budget = search.model.budget();
    let mut engine = Breadth::new(search);
    engine.begin();
    let (engine, order) = Driver::new(engine, &limits, budget, every, watch).run();
    let effort = Effort { state_bytes: engine.bytes(), ..Effort::default() };
    let Breadth { search, visited, edges, mut findings, .. } = engine;
    let cycles = match search.measure {
        Some(mut measure) => {
            let ask = |_: &Inner, state| quietly(|| measure(visited.state(state)));
            let broken =
                |_: &Inner, state| cycle::broken_at_rest(search.properties, visited.state(state));
            let found = cycle::find(&mut edges.close(visited.len()), ask, broken);
            found.unwrap_or_else(|(state, message)| {
                let (cost, state) = (order.cost(state), Some(state));
                findings.fall(Fell { message, state, action: None, cost });
                Cycles::default()
            })
        }
        None => Cycles::default(),
    };
    let writer = Writer {
        model: search.model,
        properties: search.properties,
        scenario: &search.scenario,
        order: &order,
        parent: |state| visited.parent(state),
        state: |state| visited.state(state).clone(),
        action: |from, to, price, _: &mut Vec<usize>| {
            action_between(search.model, visited.state(from), visited.state(to), price)
        },
    };
    writer.report(findings, cycles, effort)
}

impl<'a, M: Model, O: Ord> Breadth<'a, M, O> {
    fn new(search: Search<'a, M, O>) -> Self {
        let findings = Findings::new(search.properties.len(), search.stop_when_settled);
        Breadth {
            search,
            visited: Visited::new(),
            findings,
            costly: Vec::new(),
            cursor: Cursor { state: 0, loaded: false, action: 0, resting: false },
            asking: Asking::Enabled,
            actions: Vec::new(),
            effects: Vec::new(),
            scratch: None,
            fresh: false,
            judged: 0,
            question: 0,
            edges: Found::default(),
        }
    }

    /// Finds the initial states.
    fn begin(&mut self) {
        let model = self.search.model;
        let initial = quietly(|| model.initial()).unwrap_or_else(|message| {
            let cost = Cost { faults: 0, steps: 0 };
            self.findings.fall(Fell { message, state: None, action: None, cost });
            Vec::new()
        });
        for state in initial {
            self.scratch = Some(state);
            self.visit(NO_PARENT, false);
        }
        self.scratch = None;
        self.fresh = false;
    }

    fn advance(&mut self, task: &Task, costs: &mut BTreeSet<u32>) {
        loop {
            self.judge_new();
            if self.findings.halted || self.cursor.state == task.states.end {
                return;
            }
            if !self.cursor.loaded {
                self.load(task.price);
            } else if self.cursor.action < self.actions.len() {
                self.perform(task.price, costs);
            } else {
                self.leave(task.from);
            }
        }
    }

    /// Lists the actions of the cursor's state, unless it has none of the price.
    fn load(&mut self, price: u32) {
        let state = self.cursor.state;
        if price > 0 && !self.costly[state as usize] {
            self.cursor.state += 1;
            return;
        }
        self.asking = Asking::Enabled;
        self.actions.clear();
        self.search.model.enabled(self.visited.state(state), &mut self.actions);
        debug_assert!(
            self.actions.is_sorted_by(|left, right| left < right),
            "enabled actions must come in ascending order, each once: {:?}",
            self.actions
        );
        self.fresh = false;
        self.cursor = Cursor { state, loaded: true, action: 0, resting: price == 0 };
    }

    /// Performs the next action if it has the price.
    fn perform(&mut self, price: u32, costs: &mut BTreeSet<u32>) {
        self.asking = Asking::Step;
        let (number, model) = (self.cursor.state, self.search.model);
        let action = &self.actions[self.cursor.action];
        let cost = model.faults(action);
        if cost != price {
            if price == 0 {
                self.costly[number as usize] = true;
                costs.insert(cost);
            }
            self.cursor.action += 1;
            return;
        }
        let state = self.visited.state(number);
        match &mut self.scratch {
            Some(_) if self.fresh => {}
            Some(scratch) => scratch.clone_from(state),
            None => self.scratch = Some(state.clone()),
        }
        self.effects.clear();
        if let Some(scratch) = &mut self.scratch {
            model.step(scratch, action, &mut self.effects);
        }
        self.fresh = self.scratch.as_ref() == Some(state);
        if !self.fresh {
            self.cursor.resting = false;
            self.visit(number, price == 0);
        }
        self.findings.explored.transitions += 1;
        self.cursor.action += 1;
    }

    /// Keeps the stepped state if it is new.
    fn visit(&mut self, parent: u32, free: bool) {
        let limits = &self.search.limits;
        let most = limits.states.min(MOST);
        let limit = if u64::from(self.visited.len()) >= most {
            Some(Limit::States(most))
        } else {
            limits.bytes.filter(|most| self.bytes() > *most).map(Limit::Bytes)
        };
        let model = self.search.model;
        let heap = |state: &M::State| model.heap_bytes(state);
        let target = match self.visited.visit(&mut self.scratch, parent, limit.is_none(), heap) {
            Place::Known(number) => number,
            Place::New(number) => {
                self.costly.push(false);
                number
            }
            Place::Full => return self.findings.halt(limit),
        };
        if self.search.measure.is_some() && free {
            self.edges.push(parent, target);
        }
    }

    /// Ends the expansion of the cursor's state, and judges it if it is at rest.
    fn leave(&mut self, cost: Cost) {
        let number = self.cursor.state;
        if self.cursor.resting {
            self.judge(number, true);
            if let Some(outcome) = &self.search.outcome {
                self.asking = Asking::Outcome;
                let outcome = outcome(self.visited.state(number));
                self.findings.outcomes.entry(outcome).or_insert(cost);
            }
            self.findings.explored.at_rest += 1;
        }
        self.question = 0;
        self.cursor.state += 1;
        self.cursor.loaded = false;
    }

    /// Asks of each new state what must hold always or be reached.
    fn judge_new(&mut self) {
        while self.judged < self.visited.len() && !self.findings.halted {
            let number = self.judged;
            self.judge(number, false);
            self.question = 0;
            self.judged += 1;
        }
    }

    /// Asks the open questions about a state: those at rest, or all others.
    fn judge(&mut self, number: u32, at_rest: bool) {
        let properties = self.search.properties;
        while let Some(property) = properties.get(self.question) {
            let index = self.question;
            let due = property.only_at_rest == at_rest;
            if due && self.findings.deciding[index].is_none() {
                self.asking = Asking::Property(index);
                let holds = (property.holds)(self.visited.state(number));
                if holds == (property.modality == Modality::Reachable) {
                    self.findings
                        .decide(index, Deciding { state: number, turns: Vec::new(), panic: None });
                }
            }
            self.question += 1;
        }
    }

    /// Notes a panic and moves on behind it.
    fn blame(&mut self, message: String, task: &Task) {
        let (state, mut action, mut cost) = (self.cursor.state, None, task.from);
        match self.asking {
            Asking::Enabled => self.cursor.state += 1,
            Asking::Step => {
                action = self.actions.get(self.cursor.action).cloned();
                cost = task.to;
                self.cursor.action += 1;
                self.cursor.resting = false;
                self.scratch = None;
                self.fresh = false;
            }
            Asking::Property(index) => {
                let at_rest = self.search.properties[index].only_at_rest;
                let state = if at_rest { state } else { self.judged };
                return self
                    .findings
                    .decide(index, Deciding { state, turns: Vec::new(), panic: Some(message) });
            }
            Asking::Outcome => self.search.outcome = None,
        }
        self.findings.fall(Fell { message, state: Some(state), action, cost });
    }
}

impl<M: Model, O: Ord> Engine for Breadth<'_, M, O> {
    type Action = M::Action;
    type Outcome = O;

    fn found(&self) -> u32 {
        self.visited.len()
    }

    fn bytes(&self) -> u64 {
        self.visited.bytes() + self.costly.len() as u64 + self.edges.bytes()
    }

    fn findings(&mut self) -> &mut Findings<M::Action, O> {
        &mut self.findings
    }

    /// Whatever panics is noted, and the rest goes on.
    fn expand(&mut self, task: &Task, costs: &mut BTreeSet<u32>) {
        self.cursor = Cursor { state: task.states.start, loaded: false, action: 0, resting: false };
        while let Err(message) = quietly(|| self.advance(task, costs)) {
            self.blame(message, task);
        }
    }

    fn has_action(&mut self, states: Range<u32>, _price: u32) -> bool {
        self.costly[states.start as usize..states.end as usize].contains(&true)
    }
}
