//! Cycles in which nothing advances: components of the graph of actions without cost.

use std::collections::{BTreeMap, BTreeSet};

use super::panics::quietly;
use crate::system::{Modality, Property};

/// The properties at rest that a state breaks, or that panic there.
pub(super) fn broken_at_rest<S>(properties: &[Property<S>], state: &S) -> Vec<usize> {
    let at_rest = properties.iter().enumerate().filter(|(_, p)| p.modality == Modality::AtRest);
    let broken = at_rest.filter(|(_, p)| quietly(|| (p.holds)(state)) != Ok(true));
    broken.map(|(place, _)| place).collect()
}

/// The edges of a graph.
pub(super) trait Edges {
    /// How many states there are.
    fn states(&self) -> u32;

    /// Pushes the states to which an edge leads, the state itself excepted.
    fn targets(&mut self, state: u32, targets: &mut Vec<u32>);

    /// The same, but what lies on no cycle may be left out.
    fn targets_around(&mut self, state: u32, targets: &mut Vec<u32>) {
        self.targets(state, targets);
    }
}

/// States in the order of a cycle, the first being the least of its component.
#[derive(Default, PartialEq, Eq, Debug)]
pub(super) struct Cycles {
    /// The least cycle within which the measure stays what it is.
    pub(super) livelock: Option<Vec<u32>>,
    /// The least such cycle whose component no edge leaves.
    pub(super) trap: Option<Vec<u32>>,
    /// By property: the least of those in whose component a state breaks it.
    pub(super) broken: BTreeMap<usize, Vec<u32>>,
}

/// Looks for cycles. `measure` numbers the measure of a state; it is asked about states on cycles only. `broken` tells
/// the properties that a state breaks; it is asked about states in traps only.
///
/// # Errors
/// The first state whose measure cannot be told, and why.
pub(super) fn find<E: Edges>(
    graph: &mut E,
    mut measure: impl FnMut(&E, u32) -> Result<u32, String>,
    mut broken: impl FnMut(&E, u32) -> Vec<usize>,
) -> Result<Cycles, (u32, String)> {
    let mut cycles = Cycles::default();
    let mut targets = Vec::new();
    let mut all = components(graph);
    // So that the order in which edges are told does not matter, nor which are left out.
    all.sort_unstable();
    for component in all {
        let measures: Result<Vec<u32>, _> = component
            .iter()
            .map(|state| measure(graph, *state).map_err(|message| (*state, message)))
            .collect();
        let measures = measures?;
        let mut still = Inner::default();
        let mut is_closed = measures.iter().all(|measure| *measure == measures[0]);
        for (place, state) in component.iter().enumerate() {
            targets.clear();
            graph.targets(*state, &mut targets);
            still.starts.push(still.targets.len());
            for target in &targets {
                match component.binary_search(target) {
                    Ok(inside) if measures[inside] == measures[place] => {
                        still.targets.push(inside as u32);
                    }
                    Ok(_) => {}
                    Err(_) => is_closed = false,
                }
            }
        }
        still.starts.push(still.targets.len());
        let least = components(&mut still).into_iter().min();
        let Some(least) = least else { continue };
        let around = shortest_cycle(&mut still, &least);
        let cycle: Vec<u32> = around.into_iter().map(|place| component[place as usize]).collect();
        if is_closed {
            let broken: BTreeSet<usize> =
                component.iter().flat_map(|state| broken(graph, *state)).collect();
            for property in broken {
                let least = cycles.broken.entry(property).or_insert_with(|| cycle.clone());
                if cycle[0] < least[0] {
                    least.clone_from(&cycle);
                }
            }
        }
        let is_less = |best: &Option<Vec<u32>>| best.as_ref().is_none_or(|best| cycle[0] < best[0]);
        if is_closed && is_less(&cycles.trap) {
            cycles.trap = Some(cycle.clone());
        }
        if is_less(&cycles.livelock) {
            cycles.livelock = Some(cycle);
        }
    }
    Ok(cycles)
}

/// Edges in lists.
#[derive(Default)]
pub(super) struct Inner {
    /// Where the edges of each state begin; one more at the end.
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl Inner {
    /// Edges between so many states, in any order.
    pub(super) fn of(states: u32, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Inner {
        let mut starts = vec![0; states as usize + 1];
        edges.clone().for_each(|(source, _)| starts[source as usize + 1] += 1);
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let (mut next, mut targets) = (starts.clone(), vec![0; sum]);
        for (source, target) in edges {
            targets[next[source as usize]] = target;
            next[source as usize] += 1;
        }
        Inner { starts, targets }
    }
}

impl Edges for Inner {
    fn states(&self) -> u32 {
        self.starts.len().saturating_sub(1) as u32
    }

    fn targets(&mut self, state: u32, targets: &mut Vec<u32>) {
        let state = state as usize;
        targets.extend_from_slice(&self.targets[self.starts[state]..self.starts[state + 1]]);
    }
}

/// Edges as they are found: by ascending source.
#[derive(Default)]
pub(super) struct Found {
    sources: Vec<u32>,
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl Found {
    /// Adds an edge; sources never descend.
    pub(super) fn push(&mut self, source: u32, target: u32) {
        if self.sources.last() != Some(&source) {
            debug_assert!(self.sources.last().is_none_or(|last| *last < source));
            self.sources.push(source);
            self.starts.push(self.targets.len());
        }
        self.targets.push(target);
    }

    /// The bytes in use, as counted.
    pub(super) fn bytes(&self) -> u64 {
        (self.sources.len() * 12 + self.targets.len() * 4) as u64
    }

    /// The graph of so many states.
    pub(super) fn close(self, states: u32) -> Inner {
        let mut starts = Vec::with_capacity(states as usize + 1);
        let mut next = 0;
        for state in 0..=states {
            starts.push(self.starts.get(next).copied().unwrap_or(self.targets.len()));
            if self.sources.get(next) == Some(&state) {
                next += 1;
            }
        }
        Inner { starts, targets: self.targets }
    }
}

const UNSEEN: u32 = u32::MAX;

/// A state on the way of a depth-first search, and which of the edges on the pile are still to be followed.
struct Frame {
    state: u32,
    next: usize,
}

/// Tarjan's algorithm, with a stack of its own.
struct Tarjan {
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    path: Vec<Frame>,
    /// The edges of the states on the path, one after the other.
    pile: Vec<u32>,
    next_index: u32,
}

/// The strongly connected components of two states and more, each in ascending order.
pub(super) fn components(graph: &mut impl Edges) -> Vec<Vec<u32>> {
    let count = graph.states() as usize;
    let mut tarjan = Tarjan {
        index: vec![UNSEEN; count],
        low: vec![0; count],
        on_stack: vec![false; count],
        stack: Vec::new(),
        path: Vec::new(),
        pile: Vec::new(),
        next_index: 0,
    };
    let mut components = Vec::new();
    for root in 0..graph.states() {
        if tarjan.index[root as usize] == UNSEEN {
            tarjan.enter(root, graph);
            while !tarjan.path.is_empty() {
                components.extend(tarjan.go_on(graph));
            }
        }
    }
    components
}

impl Tarjan {
    fn enter(&mut self, state: u32, graph: &mut impl Edges) {
        let at = state as usize;
        (self.index[at], self.low[at]) = (self.next_index, self.next_index);
        self.next_index += 1;
        self.stack.push(state);
        self.on_stack[at] = true;
        self.path.push(Frame { state, next: self.pile.len() });
        graph.targets_around(state, &mut self.pile);
    }

    /// Follows one edge, or leaves the last state of the path; a component may end there.
    fn go_on(&mut self, graph: &mut impl Edges) -> Option<Vec<u32>> {
        let frame = self.path.last()?;
        let (at, begin) = (frame.state as usize, frame.next);
        if self.pile.len() > begin {
            let target = self.pile.pop()?;
            if self.index[target as usize] == UNSEEN {
                self.enter(target, graph);
            } else if self.on_stack[target as usize] {
                self.low[at] = self.low[at].min(self.index[target as usize]);
            }
            return None;
        }
        let state = self.path.pop()?.state;
        if let Some(above) = self.path.last() {
            let above = above.state as usize;
            self.low[above] = self.low[above].min(self.low[at]);
        }
        if self.low[at] != self.index[at] {
            return None;
        }
        let from = self.stack.iter().rposition(|other| *other == state)?;
        let mut component = self.stack.split_off(from);
        component.iter().for_each(|member| self.on_stack[*member as usize] = false);
        component.sort_unstable();
        (component.len() > 1).then_some(component)
    }
}

/// The shortest cycle through the least state of a component.
fn shortest_cycle(graph: &mut impl Edges, component: &[u32]) -> Vec<u32> {
    let root = component[0];
    let mut found = vec![(root, 0)];
    let mut seen = vec![false; component.len()];
    let (mut at, mut targets) = (0, Vec::new());
    while at < found.len() {
        targets.clear();
        graph.targets(found[at].0, &mut targets);
        // Of cycles as short the same one, in whatever order the edges are told.
        targets.sort_unstable();
        for &next in &targets {
            if next == root {
                return way(&found, at);
            }
            if let Ok(place) = component.binary_search(&next)
                && !std::mem::replace(&mut seen[place], true)
            {
                found.push((next, at));
            }
        }
        at += 1;
    }
    unreachable!("a strongly connected component of two states has a cycle through each")
}

/// The states from the first one found to the one at `end`.
fn way(found: &[(u32, usize)], end: usize) -> Vec<u32> {
    let mut way = vec![found[end].0];
    let mut at = end;
    while at > 0 {
        at = found[at].1;
        way.push(found[at].0);
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graph(edges: &[(u32, u32)], states: u32) -> Inner {
        let mut found = Found::default();
        for &(source, target) in edges {
            found.push(source, target);
        }
        found.close(states)
    }

    fn cycles(edges: &[(u32, u32)], measures: &[u32]) -> Cycles {
        let mut graph = graph(edges, measures.len() as u32);
        find(
            &mut graph,
            |_, state| Ok(measures[state as usize]),
            |_, state| {
                // One property is broken in odd states, another one nowhere.
                (0..state as usize % 2).collect()
            },
        )
        .expect("measures are known")
    }

    #[test]
    fn finds_the_least_cycle_and_the_least_trap() {
        let edges = [(0, 1), (1, 2), (2, 1), (2, 3), (3, 4), (4, 5), (5, 3)];
        let cycles = cycles(&edges, &[0; 6]);
        assert_eq!(cycles.livelock, Some(vec![1, 2]));
        assert_eq!(cycles.trap, Some(vec![3, 4, 5]));
    }

    #[test]
    fn a_cycle_that_advances_is_none() {
        assert_eq!(cycles(&[(0, 1), (1, 0)], &[0, 1]), Cycles::default());
    }

    #[test]
    fn a_cycle_that_advances_beside_one_that_does_not() {
        let cycles = cycles(&[(0, 1), (1, 2), (2, 0), (2, 1)], &[1, 0, 0]);
        assert_eq!(cycles.livelock, Some(vec![1, 2]));
        assert_eq!(cycles.trap, None, "an edge leads to where something advanced");
    }

    #[test]
    fn the_cycle_is_the_shortest_through_the_least_state() {
        let edges = [(0, 1), (1, 2), (1, 3), (2, 3), (3, 0)];
        assert_eq!(cycles(&edges, &[0; 4]).livelock, Some(vec![0, 1, 3]));
    }

    #[test]
    fn a_long_way_needs_no_deep_recursion() {
        let count = 300_000;
        let edges: Vec<(u32, u32)> = (0..count).map(|at| (at, (at + 1) % count)).collect();
        let cycle = cycles(&edges, &vec![0; count as usize]).trap.expect("one great cycle");
        assert_eq!(cycle.len(), count as usize);
    }

    #[test]
    fn a_measure_that_cannot_be_told_is_an_error() {
        let mut graph = graph(&[(1, 2), (2, 1)], 3);
        assert_eq!(
            find(&mut graph, |_, _| Err("no".to_owned()), |_, _| Vec::new()),
            Err((1, "no".to_owned()))
        );
    }

    /// Which states reach which, by closure.
    fn reaches(edges: &BTreeSet<(u32, u32)>, states: u32) -> Vec<Vec<bool>> {
        let count = states as usize;
        let mut reaches = vec![vec![false; count]; count];
        edges.iter().for_each(|(from, to)| reaches[*from as usize][*to as usize] = true);
        for middle in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reaches[from][to] |= reaches[from][middle] && reaches[middle][to];
                }
            }
        }
        reaches
    }

    proptest! {
        #[test]
        fn components_are_those_of_petgraph(
            edges in prop::collection::btree_set((0..12_u32, 0..12_u32), 0..30),
        ) {
            let list: Vec<(u32, u32)> = edges.into_iter().filter(|(from, to)| from != to).collect();
            let theirs = petgraph::graph::DiGraph::<(), (), u32>::from_edges(&list);
            let theirs = petgraph::algo::kosaraju_scc(&theirs).into_iter().map(|component| {
                component.iter().map(|node| node.index() as u32).collect::<BTreeSet<u32>>()
            });
            let theirs: BTreeSet<BTreeSet<u32>> = theirs.filter(|some| some.len() > 1).collect();
            let ours = components(&mut graph(&list, 12)).into_iter();
            prop_assert_eq!(ours.map(BTreeSet::from_iter).collect::<BTreeSet<_>>(), theirs);
        }

        #[test]
        fn agrees_with_closure(
            edges in prop::collection::btree_set((0..8_u32, 0..8_u32), 0..24),
            measures in prop::collection::vec(0..3_u32, 8),
        ) {
            let edges: BTreeSet<_> = edges.into_iter().filter(|(from, to)| from != to).collect();
            let list: Vec<_> = edges.iter().copied().collect();
            let found = cycles(&list, &measures);
            let same = |(from, to): &&(u32, u32)| measures[*from as usize] == measures[*to as usize];
            let still: BTreeSet<_> = edges.iter().filter(same).copied().collect();
            let (all, inside) = (reaches(&edges, 8), reaches(&still, 8));
            let livelocks = (0..8_usize).filter(|state| inside[*state][*state]);
            prop_assert_eq!(found.livelock.map(|cycle| cycle[0] as usize), livelocks.clone().min());
            let is_trap = |state: &usize| {
                (0..8).all(|other| !all[*state][other] || inside[other][*state])
            };
            let traps = livelocks.filter(is_trap);
            prop_assert_eq!(found.trap.map(|cycle| cycle[0] as usize), traps.clone().min());
            let same = |one: usize, other: usize| {
                one == other || all[one][other] && all[other][one]
            };
            let with_odd = traps.filter(|state| (1..8).step_by(2).any(|odd| same(*state, odd)));
            let told = found.broken.get(&0).map(|cycle| cycle[0] as usize);
            prop_assert_eq!(told, with_odd.min());
        }
    }
}
