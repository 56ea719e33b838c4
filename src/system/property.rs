//! What is asked of a transition system.

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
}

impl<S> Property<S> {
    /// A property of any modality.
    pub fn new(
        name: impl Into<String>,
        modality: Modality,
        holds: impl Fn(&S) -> bool + Send + Sync + 'static,
    ) -> Self {
        Property { name: name.into(), modality, holds: Box::new(holds) }
    }
}
