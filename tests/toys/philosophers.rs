//! Dining philosophers, each of whom wants to eat once.

use brokerproof::system::Model;

/// How they take their forks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manners {
    /// All take the left fork first: they starve together.
    LeftFirst,
    /// The last takes the right fork first: nobody starves.
    LastRightFirst,
    /// All take the left fork first and lay it down when the right one is taken: they may do so for ever.
    Polite,
}

/// The table.
pub struct Philosophers {
    pub count: usize,
    pub manners: Manners,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    Hungry,
    HasFirst,
    Eating,
    Full,
}

/// What each does, and which forks are taken.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Table {
    pub phases: Vec<Phase>,
    pub taken: Vec<bool>,
}

impl Table {
    /// Whether everybody has eaten.
    pub fn is_full(&self) -> bool {
        self.phases.iter().all(|phase| *phase == Phase::Full)
    }

    /// How many have eaten or are eating.
    pub fn served(&self) -> usize {
        self.phases.iter().filter(|phase| matches!(phase, Phase::Eating | Phase::Full)).count()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Act {
    TakeFirst(usize),
    TakeSecond(usize),
    LayDown(usize),
    Leave(usize),
}

impl Philosophers {
    fn forks(&self, philosopher: usize) -> (usize, usize) {
        let (left, right) = (philosopher, (philosopher + 1) % self.count);
        let last = philosopher + 1 == self.count;
        if last && self.manners == Manners::LastRightFirst { (right, left) } else { (left, right) }
    }

    fn is_enabled(&self, table: &Table, act: Act) -> bool {
        match act {
            Act::TakeFirst(who) => {
                table.phases[who] == Phase::Hungry && !table.taken[self.forks(who).0]
            }
            Act::TakeSecond(who) => {
                table.phases[who] == Phase::HasFirst && !table.taken[self.forks(who).1]
            }
            Act::LayDown(who) => {
                self.manners == Manners::Polite
                    && table.phases[who] == Phase::HasFirst
                    && table.taken[self.forks(who).1]
            }
            Act::Leave(who) => table.phases[who] == Phase::Eating,
        }
    }
}

impl Model for Philosophers {
    type State = Table;
    type Action = Act;
    type Effect = ();

    fn initial(&self) -> Vec<Table> {
        let phases = vec![Phase::Hungry; self.count];
        vec![Table { phases, taken: vec![false; self.count] }]
    }

    fn enabled(&self, table: &Table, actions: &mut Vec<Act>) {
        for kind in [Act::TakeFirst, Act::TakeSecond, Act::LayDown, Act::Leave] {
            let acts = (0..self.count).map(kind);
            actions.extend(acts.filter(|act| self.is_enabled(table, *act)));
        }
    }

    fn step(&self, table: &mut Table, act: &Act, _: &mut Vec<()>) {
        match *act {
            Act::TakeFirst(who) => {
                table.phases[who] = Phase::HasFirst;
                table.taken[self.forks(who).0] = true;
            }
            Act::TakeSecond(who) => {
                table.phases[who] = Phase::Eating;
                table.taken[self.forks(who).1] = true;
            }
            Act::LayDown(who) => {
                table.phases[who] = Phase::Hungry;
                table.taken[self.forks(who).0] = false;
            }
            Act::Leave(who) => {
                let (first, second) = self.forks(who);
                table.phases[who] = Phase::Full;
                table.taken[first] = false;
                table.taken[second] = false;
            }
        }
    }
}
