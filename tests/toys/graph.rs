//! An explicit graph: states are numbers, actions are edges with a cost.

use std::collections::BTreeMap;

use brokerproof::check::Cost;
use brokerproof::system::Model;

/// An edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Edge {
    pub from: u8,
    pub to: u8,
    pub cost: u32,
}

/// What an edge does besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trap {
    None,
    Enabled(u8),
    Step(Edge),
}

/// Edges, sorted and each once, and where runs begin.
#[derive(Clone, Debug)]
pub struct Graph {
    pub edges: Vec<Edge>,
    pub initial: Vec<u8>,
    pub trap: Trap,
    /// Lists the edges in the wrong order.
    pub descending: bool,
    /// The most faults of a run.
    pub budget: Option<u32>,
}

impl Graph {
    pub fn new(initial: &[u8], edges: &[(u8, u8, u32)]) -> Self {
        let mut edges: Vec<Edge> =
            edges.iter().map(|&(from, to, cost)| Edge { from, to, cost }).collect();
        edges.sort();
        edges.dedup();
        Graph {
            edges,
            initial: initial.to_vec(),
            trap: Trap::None,
            descending: false,
            budget: None,
        }
    }

    /// The least cost of each reachable state, by relaxing edges until nothing changes.
    pub fn least_costs(&self) -> BTreeMap<u8, Cost> {
        let nothing = Cost { faults: 0, steps: 0 };
        let mut costs: BTreeMap<u8, Cost> =
            self.initial.iter().map(|&state| (state, nothing)).collect();
        loop {
            let before = costs.clone();
            for edge in &self.edges {
                let Some(&at) = costs.get(&edge.from) else { continue };
                let next = Cost { faults: at.faults + edge.cost, steps: at.steps + 1 };
                let least = costs.entry(edge.to).or_insert(next);
                *least = next.min(*least);
            }
            if before == costs {
                return costs;
            }
        }
    }

    /// The reachable states that no edge without cost leaves.
    pub fn at_rest(&self) -> Vec<u8> {
        let moves = |state: u8| {
            self.edges.iter().any(|edge| edge.from == state && edge.to != state && edge.cost == 0)
        };
        self.least_costs().into_keys().filter(|state| !moves(*state)).collect()
    }
}

impl Model for Graph {
    type State = u8;
    type Action = Edge;
    type Effect = ();

    fn initial(&self) -> Vec<u8> {
        self.initial.clone()
    }

    fn enabled(&self, state: &u8, actions: &mut Vec<Edge>) {
        assert_ne!(self.trap, Trap::Enabled(*state), "the trap of state {state}");
        actions.extend(self.edges.iter().filter(|edge| edge.from == *state));
        if self.descending {
            actions.reverse();
        }
    }

    fn step(&self, state: &mut u8, edge: &Edge, _: &mut Vec<()>) {
        *state = edge.to;
        assert_ne!(self.trap, Trap::Step(*edge), "the trap of edge {} to {}", edge.from, edge.to);
    }

    fn faults(&self, edge: &Edge) -> u32 {
        edge.cost
    }

    fn budget(&self) -> Option<u32> {
        self.budget
    }
}
