//! State graphs, for small models: pictures, and which faults cannot be done without.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, EdgeFiltered, EdgeRef};

use crate::system::Model;

/// An action between two states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge<A> {
    /// The action.
    pub action: A,
    /// What it costs.
    pub faults: u32,
}

/// The states that can be reached, and the actions between them.
#[derive(Clone, Debug)]
pub struct StateGraph<S, A> {
    /// The graph itself, for whatever petgraph can tell. States stand in the order of breadth-first
    /// search by steps; those in which a run may begin come first.
    pub graph: DiGraph<S, Edge<A>>,
    /// In how many of the states a run may begin.
    pub initial: usize,
    /// Whether there are more states than were asked for.
    pub is_cut: bool,
}

impl<S: Clone + Eq + Hash, A: Clone + Ord> StateGraph<S, A> {
    /// Explores a model, up to so many states. Actions that change nothing are edges, too. A budget of
    /// the model is not kept, since what it leaves depends on the way.
    pub fn explore<M: Model<State = S, Action = A>>(model: &M, states: usize) -> Self {
        let mut graph = StateGraph { graph: DiGraph::new(), initial: 0, is_cut: false };
        let mut places = Places { table: HashTable::new(), hasher: FixedState::with_seed(0) };
        for state in model.initial() {
            graph.find(&mut places, state, states);
        }
        graph.initial = graph.graph.node_count();
        let (mut next, mut actions, mut effects) = (0, Vec::new(), Vec::new());
        while next < graph.graph.node_count() {
            let source = NodeIndex::new(next);
            actions.clear();
            model.enabled(&graph.graph[source], &mut actions);
            for action in actions.drain(..) {
                let mut state = graph.graph[source].clone();
                effects.clear();
                model.step(&mut state, &action, &mut effects);
                let faults = model.faults(&action);
                if let Some(target) = graph.find(&mut places, state, states) {
                    graph.graph.add_edge(source, target, Edge { action, faults });
                }
            }
            next += 1;
        }
        graph
    }

    /// The place of a state, if there is room.
    fn find(&mut self, places: &mut Places, state: S, most: usize) -> Option<NodeIndex> {
        let (graph, hasher) = (&mut self.graph, &places.hasher);
        let hash = hasher.hash_one(&state);
        let known =
            places.table.find(hash, |place| graph[NodeIndex::new(*place as usize)] == state);
        if let Some(place) = known {
            return Some(NodeIndex::new(*place as usize));
        }
        if graph.node_count() >= most {
            self.is_cut = true;
            return None;
        }
        let place = graph.add_node(state);
        places.table.insert_unique(hash, place.index() as u32, |place| {
            hasher.hash_one(&graph[NodeIndex::new(*place as usize)])
        });
        Some(place)
    }

    /// The actions with a cost without which no state of a kind can be reached, in ascending order:
    /// each lies on every way there. `None` if there is no way at all.
    pub fn needed_faults(&self, is_meant: impl Fn(&S) -> bool) -> Option<Vec<A>> {
        let reaches = |without: Option<&A>| {
            let kept =
                EdgeFiltered::from_fn(&self.graph, |edge| Some(&edge.weight().action) != without);
            (0..self.initial).any(|first| {
                let mut ways = Bfs::new(&kept, NodeIndex::new(first));
                std::iter::from_fn(|| ways.next(&kept)).any(|place| is_meant(&self.graph[place]))
            })
        };
        if !reaches(None) {
            return None;
        }
        let faults = self.graph.edge_weights().filter(|edge| edge.faults > 0);
        let faults: BTreeSet<&A> = faults.map(|edge| &edge.action).collect();
        Some(faults.into_iter().filter(|fault| !reaches(Some(fault))).cloned().collect())
    }

    /// The graph in the language of Graphviz. States at rest have a double border, states in which a run
    /// may begin a thick one, and actions with a cost are dashed.
    pub fn to_dot(
        &self,
        state_text: impl Fn(&S) -> String,
        action_text: impl Fn(&A) -> String,
    ) -> String {
        let mut text = "digraph states {\n  node [shape=box];\n".to_owned();
        for place in self.graph.node_indices() {
            let label = quoted(&state_text(&self.graph[place]));
            let border = if place.index() < self.initial { ", style=bold" } else { "" };
            let double = if self.is_at_rest(place) { ", peripheries=2" } else { "" };
            let number = place.index();
            // Writing into a string cannot fail.
            let _ = writeln!(text, "  {number} [label={label}{border}{double}];");
        }
        for edge in self.graph.edge_references() {
            let (source, target) = (edge.source().index(), edge.target().index());
            let label = quoted(&action_text(&edge.weight().action));
            let style = if edge.weight().faults > 0 { ", style=dashed" } else { "" };
            let _ = writeln!(text, "  {source} -> {target} [label={label}{style}];");
        }
        if self.is_cut {
            text.push_str("  more [shape=plaintext, label=\"and more\"];\n");
        }
        text.push_str("}\n");
        text
    }

    /// Whether no action without cost leads from a state to another one.
    pub fn is_at_rest(&self, place: NodeIndex) -> bool {
        let mut edges = self.graph.edges_directed(place, Direction::Outgoing);
        edges.all(|edge| edge.weight().faults > 0 || edge.target() == place)
    }
}

/// Where states are.
struct Places {
    table: HashTable<u32>,
    hasher: FixedState,
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
