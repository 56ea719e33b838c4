//! Replay of a schedule: strict for regression, lenient for reducing. Knows no search and no files.

use std::fmt::{self, Debug, Display};

use super::{Model, Schedule};

/// What an observer sees: the beginning (`action` is `None`), then once after each action performed.
pub struct Moment<'a, M: Model> {
    /// How many actions of the run were performed up to here.
    pub step: usize,
    /// Which action of the schedule was performed, counted from 0; `None` at the beginning.
    pub position: Option<usize>,
    /// The action itself.
    pub action: Option<&'a M::Action>,
    /// What it did.
    pub effects: &'a [M::Effect],
    /// The state that it led to.
    pub state: &'a M::State,
}

/// The end of a replay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replayed<S> {
    /// The last state.
    pub state: S,
    /// How many actions were performed.
    pub steps: usize,
    /// The cost of the actions performed.
    pub faults: u32,
    /// The positions in the schedule, counted from 0, of the actions that were not enabled and were
    /// skipped: none after a strict replay.
    pub skipped: Vec<usize>,
}

/// Why a schedule does not fit its model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReplayError<A> {
    /// The model has fewer initial states than the schedule asks for.
    NoSuchInitial {
        /// The number asked for, counted from 0.
        asked: usize,
        /// How many there are.
        count: usize,
    },
    /// An action that is not enabled where it stands.
    NotEnabled {
        /// Its position in the schedule, counted from 0.
        position: usize,
        /// The action.
        action: A,
        /// What is enabled there.
        enabled: Vec<A>,
    },
}

impl<A: Display> Display for ReplayError<A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::NoSuchInitial { asked, count } => {
                write!(out, "the schedule begins in initial state {asked}, ")?;
                write!(out, "and the model has {count}, counted from 0")
            }
            ReplayError::NotEnabled { position, action, enabled } => {
                write!(out, "step {}: `{action}` is not enabled here; ", position + 1)?;
                if enabled.is_empty() {
                    return write!(out, "nothing is");
                }
                write!(out, "enabled are ")?;
                for (index, other) in enabled.iter().enumerate() {
                    write!(out, "{}`{other}`", if index == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl<A: Debug + Display> std::error::Error for ReplayError<A> {}

/// Performs every action of a schedule, and shows each moment to `observe`.
///
/// # Errors
/// The first action that is not enabled, with what is enabled instead.
pub fn replay_strict<M: Model>(
    model: &M,
    schedule: &Schedule<M::Action>,
    observe: impl FnMut(Moment<'_, M>),
) -> Result<Replayed<M::State>, ReplayError<M::Action>> {
    let mut run = Run::begin(model, schedule, observe)?;
    for (position, action) in schedule.actions.iter().enumerate() {
        if !run.perform(position, action) {
            let enabled = std::mem::take(&mut run.enabled);
            return Err(ReplayError::NotEnabled { position, action: action.clone(), enabled });
        }
    }
    Ok(run.end)
}

/// Performs those actions of a schedule that are enabled when their turn comes, skips the others, and
/// shows each moment to `observe`. For reducing a schedule.
///
/// # Errors
/// Only if the model lacks the initial state.
pub fn replay_lenient<M: Model>(
    model: &M,
    schedule: &Schedule<M::Action>,
    observe: impl FnMut(Moment<'_, M>),
) -> Result<Replayed<M::State>, ReplayError<M::Action>> {
    let mut run = Run::begin(model, schedule, observe)?;
    for (position, action) in schedule.actions.iter().enumerate() {
        if !run.perform(position, action) {
            run.end.skipped.push(position);
        }
    }
    Ok(run.end)
}

struct Run<'m, M: Model, F> {
    model: &'m M,
    observe: F,
    end: Replayed<M::State>,
    enabled: Vec<M::Action>,
    effects: Vec<M::Effect>,
}

impl<'m, M: Model, F: FnMut(Moment<'_, M>)> Run<'m, M, F> {
    fn begin(
        model: &'m M,
        schedule: &Schedule<M::Action>,
        mut observe: F,
    ) -> Result<Self, ReplayError<M::Action>> {
        let mut initial = model.initial();
        let (asked, count) = (schedule.initial, initial.len());
        if asked >= count {
            return Err(ReplayError::NoSuchInitial { asked, count });
        }
        let state = initial.swap_remove(asked);
        observe(Moment { step: 0, position: None, action: None, effects: &[], state: &state });
        let end = Replayed { state, steps: 0, faults: 0, skipped: Vec::new() };
        Ok(Run { model, observe, end, enabled: Vec::new(), effects: Vec::new() })
    }

    /// Whether the action was enabled, and so performed.
    fn perform(&mut self, position: usize, action: &M::Action) -> bool {
        self.enabled.clear();
        self.model.enabled(&self.end.state, &mut self.enabled);
        if !self.enabled.contains(action) {
            return false;
        }
        self.effects.clear();
        self.model.step(&mut self.end.state, action, &mut self.effects);
        self.end.steps += 1;
        self.end.faults = self.end.faults.saturating_add(self.model.faults(action));
        (self.observe)(Moment {
            step: self.end.steps,
            position: Some(position),
            action: Some(action),
            effects: &self.effects,
            state: &self.end.state,
        });
        true
    }
}
