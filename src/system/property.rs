//! What is asked of a transition system.

use std::sync::Arc;

/// When a property must hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Modality {
    /// In every reachable state.
    Always,
    /// In every reachable state at rest ([`crate::system::Model::is_quiescent`]).
    AtRest,
    /// In at least one reachable state.
    Reachable,
}

/// A named question about states.
pub struct Property<S> {
    /// Its name in reports.
    pub name: String,
    /// When it must hold.
    pub modality: Modality,
    /// Whether it holds in a state.
    pub holds: Box<dyn Fn(&S) -> bool + Send + Sync>,
    /// Whether what decides it stays: once broken it remains broken, or once reached it remains so.
    pub stable: bool,
    /// Whether it is asked of states at rest alone. [`Modality::AtRest`] says so already.
    pub only_at_rest: bool,
    /// The same question, taken apart by the parts that it reads, for engines that know of parts.
    pub facts: Option<Arc<Facts<S>>>,
}

/// A question taken apart: each view reads some parts and tells facts as bits; the facts of all views,
/// joined by *or*, decide.
pub struct Facts<S> {
    /// How many bits, from the lowest on, are used: at most 63.
    pub bits: u32,
    /// Where the facts come from.
    pub views: Vec<View<S>>,
    /// Whether the property holds, given the joined facts.
    pub holds: Box<dyn Fn(u64) -> bool + Send + Sync>,
}

/// Facts about some parts of a state.
pub struct View<S> {
    /// The slots of the parts that it reads, all of them.
    pub reads: Vec<usize>,
    /// The facts. Nothing but the parts named may be looked at: what the others hold is not defined.
    pub facts: Box<dyn Fn(&S) -> u64 + Send + Sync>,
}

impl<S> Facts<S> {
    /// Whether the property holds in a state.
    pub fn hold_in(&self, state: &S) -> bool {
        (self.holds)(self.views.iter().fold(0, |facts, view| facts | (view.facts)(state)))
    }
}

impl<S> Property<S> {
    /// A property of any modality.
    pub fn new(
        name: impl Into<String>,
        modality: Modality,
        holds: impl Fn(&S) -> bool + Send + Sync + 'static,
    ) -> Self {
        let only_at_rest = modality == Modality::AtRest;
        let (name, holds) = (name.into(), Box::new(holds));
        Property { name, modality, holds, stable: false, only_at_rest, facts: None }
    }

    /// Says that it is asked of states at rest alone: something that must be reachable, at rest.
    pub fn at_rest(mut self) -> Self {
        self.only_at_rest = true;
        self
    }

    /// Says that the property is stable: a state that breaks it is followed only by states that break it,
    /// or a state that reaches it by states that do.
    pub fn stable(mut self) -> Self {
        self.stable = true;
        self
    }
}

impl<S: 'static> Property<S> {
    /// A property that is decided by facts about parts.
    pub fn of_facts(name: impl Into<String>, modality: Modality, facts: Facts<S>) -> Self {
        let facts = Arc::new(facts);
        let same = Arc::clone(&facts);
        let holds = Box::new(move |state: &S| same.hold_in(state));
        let (only_at_rest, name) = (modality == Modality::AtRest, name.into());
        Property { name, modality, holds, stable: false, only_at_rest, facts: Some(facts) }
    }

    /// A property that holds if every piece does. A piece names the slots that it reads.
    pub fn of_pieces<H>(
        name: impl Into<String>,
        modality: Modality,
        pieces: impl IntoIterator<Item = (Vec<usize>, H)>,
    ) -> Self
    where
        H: Fn(&S) -> bool + Send + Sync + 'static,
    {
        let view = |(reads, holds): (Vec<usize>, H)| {
            let facts = move |state: &S| u64::from(!holds(state));
            View { reads, facts: Box::new(facts) }
        };
        let views = pieces.into_iter().map(view).collect();
        let holds = Box::new(|broken| broken == 0);
        Property::of_facts(name, modality, Facts { bits: 1, views, holds })
    }
}
