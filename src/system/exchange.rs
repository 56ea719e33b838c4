//! Exchanging what is interchangeable, and testing what a model claims of it.
//!
//! An exchange is sound if it maps runs to runs: it leaves the initial states as they are, and from an exchanged state
//! the same is possible, at the same cost, up to the exchange. Then whatever can be reached from a state can be
//! reached, exchanged, from the exchanged one, with as many faults and steps.

use super::{FalseClaim, Parted};

/// A way to exchange what is interchangeable: two clients that are set alike, for instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// Its name, for reports about the model's claims.
    pub name: String,
    /// By slot: the slot whose place its part takes.
    pub slots: Vec<usize>,
}

impl Exchange {
    /// What exchanges slots in pairs, each slot in one pair at most, of so many slots in all.
    pub fn of_pairs(
        name: impl Into<String>,
        slots: usize,
        pairs: impl IntoIterator<Item = (usize, usize)>,
    ) -> Self {
        let mut exchanged: Vec<usize> = (0..slots).collect();
        pairs.into_iter().for_each(|(one, other)| exchanged.swap(one, other));
        Exchange { name: name.into(), slots: exchanged }
    }
}

/// The block whose place each block takes; nothing if the exchange is not its own way back, or tears a block apart.
pub fn blocks<M: Parted>(model: &M, exchange: &Exchange) -> Option<Vec<usize>> {
    let blocks = model.blocks();
    let to = |slot: usize| exchange.slots.get(slot).copied();
    let back = (0..model.slots()).all(|slot| to(slot).and_then(to) == Some(slot));
    let whole = |block: &Vec<usize>| {
        let moved: Vec<usize> = block.iter().filter_map(|slot| to(*slot)).collect();
        let is_it = |other: &Vec<usize>| {
            other.len() == moved.len() && moved.iter().all(|slot| other.contains(slot))
        };
        blocks.iter().position(is_it)
    };
    blocks.iter().map(whole).collect::<Option<Vec<usize>>>().filter(|_| back)
}

/// The exchanges that leave these states as they are and no block apart, by their numbers.
pub fn usable<M: Parted>(model: &M, states: &[M::State]) -> Vec<usize> {
    let exchanges = model.exchanges();
    let fixes = |number: &usize| {
        blocks(model, &exchanges[*number]).is_some()
            && states.iter().all(|state| model.exchanged(*number, state) == *state)
    };
    (0..exchanges.len()).filter(fixes).collect()
}

/// Checks a model's claims about some of its exchanges, by their numbers, in one state.
///
/// # Errors
/// The first claim that is not true.
pub fn check<M: Parted>(model: &M, some: &[usize], state: &M::State) -> Result<(), FalseClaim> {
    let exchanges = model.exchanges();
    for (at, &number) in some.iter().enumerate() {
        let exchange = &exchanges[number];
        let claim = |why| FalseClaim::Exchange { exchange: exchange.name.clone(), why };
        if blocks(model, exchange).is_none() {
            return Err(claim("it is not its own way back, or tears a block apart"));
        }
        if model.initial().iter().any(|first| model.exchanged(number, first) != *first) {
            return Err(claim("it changes an initial state"));
        }
        let exchanged = model.exchanged(number, state);
        if model.exchanged(number, &exchanged) != *state {
            return Err(claim("done twice, it changes a state"));
        }
        let mut expected = successors(model, &exchanged);
        for (cost, next) in successors(model, state) {
            let wanted = (cost, model.exchanged(number, &next));
            let Some(at) = expected.iter().position(|found| *found == wanted) else {
                return Err(claim("what is possible before is not possible afterwards"));
            };
            expected.swap_remove(at);
        }
        if !expected.is_empty() {
            return Err(claim("what is possible afterwards was not possible before"));
        }
        for &other in &some[at + 1..] {
            let mut again = state.clone();
            for _ in 0..order(&exchange.slots, &exchanges[other].slots) {
                again = model.exchanged(other, &model.exchanged(number, &again));
            }
            if again != *state {
                return Err(claim("ways that move the slots alike are not alike"));
            }
        }
    }
    Ok(())
}

/// Where each action leads, and what it costs.
fn successors<M: Parted>(model: &M, state: &M::State) -> Vec<(u32, M::State)> {
    let mut actions = Vec::new();
    model.enabled(state, &mut actions);
    let step = |action: &M::Action| {
        let mut next = state.clone();
        model.step(&mut next, action, &mut Vec::new());
        (model.faults(action), next)
    };
    actions.iter().map(step).collect()
}

/// How often two exchanges, one after the other, have to be done until every slot is back in its place.
fn order(first: &[usize], second: &[usize]) -> usize {
    let mut moved: Vec<usize> = (0..first.len()).collect();
    for times in 1.. {
        moved.iter_mut().for_each(|slot| *slot = second[first[*slot]]);
        if moved.iter().enumerate().all(|(at, slot)| at == *slot) {
            return times;
        }
    }
    unreachable!("exchanges of finitely many slots come back")
}
