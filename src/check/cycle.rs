//! Cycles in which nothing advances: components of the graph of actions without cost.

/// The edges of the actions without cost that change the state, by ascending source.
#[derive(Default)]
pub(super) struct Edges {
    sources: Vec<u32>,
    starts: Vec<usize>,
    targets: Vec<u32>,
}

/// States in the order of a cycle, the first being the least of its component.
#[derive(Default)]
pub(super) struct Cycles {
    /// The least cycle within which the measure stays what it is.
    pub(super) livelock: Option<Vec<u32>>,
    /// The least such cycle whose component no edge leaves.
    pub(super) trap: Option<Vec<u32>>,
}

impl Edges {
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

    /// Looks for cycles; `measures` numbers the measure of each state.
    pub(super) fn close(self, measures: &[u32]) -> Cycles {
        if measures.is_empty() {
            return Cycles::default();
        }
        let graph = Graph::new(self, measures);
        let (mut livelock, mut trap): (Option<Vec<u32>>, Option<Vec<u32>>) = (None, None);
        for component in graph.components() {
            let root = component[0];
            let is_less =
                |best: &Option<Vec<u32>>| best.as_ref().is_none_or(|cycle| root < cycle[0]);
            let for_livelock = is_less(&livelock);
            let for_trap = is_less(&trap) && graph.is_closed(&component);
            if for_livelock || for_trap {
                let cycle = graph.shortest_cycle(&component);
                if for_trap {
                    trap = Some(cycle.clone());
                }
                if for_livelock {
                    livelock = Some(cycle);
                }
            }
        }
        Cycles { livelock, trap }
    }
}

struct Graph<'m> {
    /// Where the edges of each state begin; one more at the end.
    starts: Vec<usize>,
    targets: Vec<u32>,
    measures: &'m [u32],
}

const UNSEEN: u32 = u32::MAX;

impl<'m> Graph<'m> {
    fn new(edges: Edges, measures: &'m [u32]) -> Self {
        let mut starts = Vec::with_capacity(measures.len() + 1);
        let mut next = 0;
        for state in 0..=measures.len() {
            let at = edges.starts.get(next).copied().unwrap_or(edges.targets.len());
            starts.push(at);
            if edges.sources.get(next).is_some_and(|source| *source as usize == state) {
                next += 1;
            }
        }
        Graph { starts, targets: edges.targets, measures }
    }

    fn targets(&self, state: u32) -> &[u32] {
        &self.targets[self.starts[state as usize]..self.starts[state as usize + 1]]
    }

    /// The targets of the edges along which the measure stays what it is.
    fn still(&self, state: u32) -> impl Iterator<Item = u32> {
        let measure = self.measures[state as usize];
        self.targets(state)
            .iter()
            .copied()
            .filter(move |&next| self.measures[next as usize] == measure)
    }

    /// The strongly connected components of two states and more, of edges along which the measure
    /// stays, each in ascending order: Tarjan's algorithm with a stack of its own.
    fn components(&self) -> Vec<Vec<u32>> {
        let count = self.measures.len();
        let mut index = vec![UNSEEN; count];
        let mut low = vec![0_u32; count];
        let mut on_stack = vec![false; count];
        let (mut stack, mut path): (Vec<u32>, Vec<(u32, usize)>) = (Vec::new(), Vec::new());
        let mut components = Vec::new();
        let mut next_index = 0;
        for root in 0..count as u32 {
            if index[root as usize] != UNSEEN {
                continue;
            }
            path.push((root, self.starts[root as usize]));
            while let Some((state, edge)) = path.last_mut() {
                let at = *state as usize;
                if index[at] == UNSEEN {
                    (index[at], low[at]) = (next_index, next_index);
                    next_index += 1;
                    stack.push(*state);
                    on_stack[at] = true;
                }
                if *edge < self.starts[at + 1] {
                    let next = self.targets[*edge];
                    *edge += 1;
                    if self.measures[next as usize] != self.measures[at] {
                        continue;
                    }
                    if index[next as usize] == UNSEEN {
                        path.push((next, self.starts[next as usize]));
                    } else if on_stack[next as usize] {
                        low[at] = low[at].min(index[next as usize]);
                    }
                    continue;
                }
                let state = *state;
                path.pop();
                if let Some((above, _)) = path.last() {
                    low[*above as usize] = low[*above as usize].min(low[at]);
                }
                if low[at] == index[at] {
                    components.extend(cut(&mut stack, &mut on_stack, state));
                }
            }
        }
        components
    }

    /// Whether no edge at all leaves a component.
    fn is_closed(&self, component: &[u32]) -> bool {
        component.iter().all(|&state| {
            self.targets(state).iter().all(|target| component.binary_search(target).is_ok())
        })
    }

    /// The shortest cycle through the least state of a component.
    fn shortest_cycle(&self, component: &[u32]) -> Vec<u32> {
        let root = component[0];
        let mut found = vec![(root, 0)];
        let mut seen = vec![false; component.len()];
        let mut at = 0;
        while at < found.len() {
            let state = found[at].0;
            for next in self.still(state) {
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
}

/// Takes the component that begins with `state` off the stack, if it has more than one state.
fn cut(stack: &mut Vec<u32>, on_stack: &mut [bool], state: u32) -> Option<Vec<u32>> {
    let from = stack.iter().rposition(|other| *other == state)?;
    let mut component = stack.split_off(from);
    for member in &component {
        on_stack[*member as usize] = false;
    }
    component.sort_unstable();
    (component.len() > 1).then_some(component)
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
    use super::*;

    fn close(edges: &[(u32, u32)], measures: &[u32]) -> Cycles {
        let mut all = Edges::default();
        for &(source, target) in edges {
            all.push(source, target);
        }
        all.close(measures)
    }

    #[test]
    fn finds_the_least_cycle_and_the_least_trap() {
        let edges = [(0, 1), (1, 2), (2, 1), (2, 3), (3, 4), (4, 5), (5, 3)];
        let cycles = close(&edges, &[0; 6]);
        assert_eq!(cycles.livelock, Some(vec![1, 2]));
        assert_eq!(cycles.trap, Some(vec![3, 4, 5]));
    }

    #[test]
    fn a_cycle_that_advances_is_none() {
        let cycles = close(&[(0, 1), (1, 0)], &[0, 1]);
        assert_eq!(cycles.livelock, None);
        assert_eq!(cycles.trap, None);
    }

    #[test]
    fn a_cycle_that_advances_beside_one_that_does_not() {
        let cycles = close(&[(0, 1), (1, 2), (2, 1), (2, 0)], &[1, 0, 0]);
        assert_eq!(cycles.livelock, Some(vec![1, 2]));
        assert_eq!(cycles.trap, None, "an edge leads out, to where something advanced");
    }

    #[test]
    fn the_cycle_is_the_shortest_through_the_least_state() {
        let edges = [(0, 1), (1, 2), (1, 3), (2, 3), (3, 0)];
        assert_eq!(close(&edges, &[0; 4]).livelock, Some(vec![0, 1, 3]));
    }

    #[test]
    fn a_long_way_needs_no_deep_recursion() {
        let count = 300_000;
        let edges: Vec<(u32, u32)> = (0..count).map(|at| (at, (at + 1) % count)).collect();
        let cycle = close(&edges, &vec![0; count as usize]).trap.expect("one great cycle");
        assert_eq!(cycle.len(), count as usize);
    }
}
