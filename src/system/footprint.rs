//! Testing what a parted model claims: that steps touch nothing but their footprint.

use std::fmt::{self, Debug, Display};

use super::{Group, Parted, Property};

/// A claim of a parted model that is not true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FalseClaim {
    /// A slot is in no block, or in more than one, or does not exist.
    Blocks {
        /// The slot.
        slot: usize,
        /// How many blocks hold it.
        blocks: usize,
    },
    /// A component holds a part of a block.
    Component {
        /// The first slot of the block.
        slot: usize,
    },
    /// A group names a slot that does not exist.
    NoSuchSlot {
        /// The group.
        group: String,
        /// The slot.
        slot: usize,
    },
    /// The parts of a state, put together, do not give that state.
    Parts,
    /// What is said of whether a slot holds a part is not so.
    Holds {
        /// The slot.
        slot: usize,
    },
    /// The groups' actions are not the enabled ones.
    Enabled {
        /// What `enabled` says.
        all: String,
        /// What the groups say.
        groups: String,
    },
    /// A guarded group has actions where its guard says that it has none.
    Guard {
        /// The group.
        group: String,
    },
    /// A slot refuses a group that has actions, or the refusal depends on other slots.
    Refusal {
        /// The group.
        group: String,
        /// The slot.
        slot: usize,
    },
    /// A group looks at a part that it is said to ignore, or changes it.
    Ignores {
        /// The group.
        group: String,
        /// The slot.
        slot: usize,
    },
    /// An action does not cost what its group says.
    Cost {
        /// The group.
        group: String,
        /// The action.
        action: String,
    },
    /// A step changes a slot that its group does not write.
    Writes {
        /// The group.
        group: String,
        /// The action.
        action: String,
        /// The slot.
        slot: usize,
    },
    /// What a group does depends on a slot that it does not name.
    Reads {
        /// The group.
        group: String,
        /// The action, if it is not already which actions there are.
        action: Option<String>,
    },
    /// A view of a property depends on a slot that it does not name.
    View {
        /// The property.
        property: String,
        /// Which of its views.
        view: usize,
    },
    /// An exchange is none: what it makes of a state does not do the same.
    Exchange {
        /// The exchange.
        exchange: String,
        /// What is not the same.
        why: &'static str,
    },
}

impl Display for FalseClaim {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FalseClaim::Blocks { slot, blocks } => {
                write!(out, "slot {slot} is in {blocks} blocks instead of in one")
            }
            FalseClaim::Component { slot } => {
                write!(out, "a component holds only a part of the block with slot {slot}")
            }
            FalseClaim::NoSuchSlot { group, slot } => {
                write!(out, "group {group} names slot {slot}, which does not exist")
            }
            FalseClaim::Parts => write!(out, "a state is not what its parts make, put together"),
            FalseClaim::Holds { slot } => {
                write!(out, "whether slot {slot} holds a part is not what comparing it says")
            }
            FalseClaim::Enabled { all, groups } => {
                write!(out, "enabled are {all}, but the groups say {groups}")
            }
            FalseClaim::Guard { group } => {
                write!(out, "group {group} has actions although its guard says no")
            }
            FalseClaim::Refusal { group, slot } => write!(
                out,
                "slot {slot} refuses group {group} although it has actions, or looks at other slots"
            ),
            FalseClaim::Ignores { group, slot } => write!(
                out,
                "group {group} looks at slot {slot} or changes it although it is said to ignore it"
            ),
            FalseClaim::Cost { group, action } => {
                write!(out, "action {action} does not cost what its group {group} says")
            }
            FalseClaim::Writes { group, action, slot } => write!(
                out,
                "action {action} changes slot {slot}, which its group {group} does not write"
            ),
            FalseClaim::Reads { group, action: None } => write!(
                out,
                "which actions of group {group} are enabled depends on a slot that it does not name"
            ),
            FalseClaim::Reads { group, action: Some(action) } => write!(
                out,
                "what action {action} does depends on a slot that its group {group} does not name"
            ),
            FalseClaim::View { property, view } => write!(
                out,
                "view {view} of property {property} depends on a slot that it does not name"
            ),
            FalseClaim::Exchange { exchange, why } => write!(out, "exchange {exchange}: {why}"),
        }
    }
}

impl std::error::Error for FalseClaim {}

/// Checks that blocks and groups name the slots that exist, and each slot is in one block.
///
/// # Errors
/// The first claim that is not true.
pub fn check_slots<M: Parted>(model: &M) -> Result<(), FalseClaim> {
    let mut blocks = vec![0; model.slots()];
    for slot in model.blocks().into_iter().flatten() {
        match blocks.get_mut(slot) {
            Some(count) => *count += 1,
            None => return Err(FalseClaim::Blocks { slot, blocks: 1 }),
        }
    }
    if let Some(slot) = blocks.iter().position(|count| *count != 1) {
        return Err(FalseClaim::Blocks { slot, blocks: blocks[slot] });
    }
    let blocks = model.blocks();
    for component in model.components() {
        let cut = blocks.iter().find(|block| {
            let inside = block.iter().filter(|slot| component.contains(slot)).count();
            inside > 0 && inside < block.len()
        });
        if let Some(slot) = cut.and_then(|block| block.first()) {
            return Err(FalseClaim::Component { slot: *slot });
        }
    }
    for group in model.groups() {
        let named = group.touches().into_iter().chain(group.guard.iter().copied());
        if let Some(slot) = named.max().filter(|slot| *slot >= model.slots()) {
            return Err(FalseClaim::NoSuchSlot { group: group.name, slot });
        }
    }
    Ok(())
}

/// Checks a model's claims about one state. `other` is any state whose parts stand in for those that
/// should not matter: the more it differs, the sharper the test.
///
/// # Errors
/// The first claim that is not true.
pub fn check<M: Parted>(model: &M, state: &M::State, other: &M::State) -> Result<(), FalseClaim> {
    let mut whole = other.clone();
    (0..model.slots()).for_each(|slot| model.put(&mut whole, slot, &model.part(state, slot)));
    if whole != *state {
        return Err(FalseClaim::Parts);
    }
    let (mut all, mut union) = (Vec::new(), Vec::new());
    model.enabled(state, &mut all);
    for (index, group) in model.groups().iter().enumerate() {
        let mut actions = Vec::new();
        model.enabled_in(index, state, &mut actions);
        check_group(model, index, group, &actions, [state, other])?;
        union.extend(actions);
    }
    union.sort();
    if union != all {
        let (all, groups) = (format!("{all:?}"), format!("{union:?}"));
        return Err(FalseClaim::Enabled { all, groups });
    }
    // States that follow differ little, which is where one is easily taken for the other.
    for action in &all {
        let mut next = state.clone();
        model.step(&mut next, action, &mut Vec::new());
        let is_said_truly = |slot: &usize| {
            let part = model.part(state, *slot);
            model.holds(&next, *slot, &part) == (model.part(&next, *slot) == part)
        };
        if let Some(slot) = (0..model.slots()).find(|slot| !is_said_truly(slot)) {
            return Err(FalseClaim::Holds { slot });
        }
    }
    Ok(())
}

fn check_group<M: Parted>(
    model: &M,
    index: usize,
    group: &Group,
    actions: &[M::Action],
    [state, other]: [&M::State; 2],
) -> Result<(), FalseClaim> {
    let name = || group.name.clone();
    if !group.guard.is_empty() {
        let guard = mixed(model, &group.guard, state, other);
        let may = model.may_enable(index, state);
        if !may && !actions.is_empty() {
            return Err(FalseClaim::Guard { group: name() });
        }
        if model.may_enable(index, &guard) != may {
            return Err(FalseClaim::Reads { group: name(), action: None });
        }
    }
    for slot in group.touches() {
        let refuses = model.refuses(index, slot, state);
        let alone = mixed(model, &[slot], state, other);
        if refuses && !actions.is_empty() || model.refuses(index, slot, &alone) != refuses {
            return Err(FalseClaim::Refusal { group: name(), slot });
        }
    }
    check_ignored(model, index, group, actions, [state, other])?;
    let local = mixed(model, &group.touches(), state, other);
    let mut same = Vec::new();
    model.enabled_in(index, &local, &mut same);
    if same != actions {
        return Err(FalseClaim::Reads { group: name(), action: None });
    }
    for action in actions {
        let told = || format!("{action:?}");
        if model.faults(action) != group.cost {
            return Err(FalseClaim::Cost { group: name(), action: told() });
        }
        let (mut here, mut there) = (state.clone(), local.clone());
        model.step(&mut here, action, &mut Vec::new());
        model.step(&mut there, action, &mut Vec::new());
        for slot in 0..model.slots() {
            let writes = group.writes.contains(&slot);
            if !writes && model.part(&here, slot) != model.part(state, slot) {
                return Err(FalseClaim::Writes { group: name(), action: told(), slot });
            }
            if writes && model.part(&here, slot) != model.part(&there, slot) {
                return Err(FalseClaim::Reads { group: name(), action: Some(told()) });
            }
        }
    }
    Ok(())
}

/// Puts other parts that are ignored, too, in place of ignored ones: nothing may become of it.
fn check_ignored<M: Parted>(
    model: &M,
    index: usize,
    group: &Group,
    actions: &[M::Action],
    [state, other]: [&M::State; 2],
) -> Result<(), FalseClaim> {
    for slot in group.touches() {
        let claim = || FalseClaim::Ignores { group: group.name.clone(), slot };
        let ignores = model.ignores(index, slot, state);
        if model.ignores(index, slot, &mixed(model, &[slot], state, other)) != ignores {
            return Err(claim());
        }
        let mut changed = state.clone();
        model.put(&mut changed, slot, &model.part(other, slot));
        if !ignores || !model.ignores(index, slot, &changed) {
            continue;
        }
        let mut same = Vec::new();
        model.enabled_in(index, &changed, &mut same);
        if same != actions {
            return Err(claim());
        }
        for action in actions {
            let (mut here, mut there) = (state.clone(), changed.clone());
            model.step(&mut here, action, &mut Vec::new());
            model.step(&mut there, action, &mut Vec::new());
            let alike = |at| match at == slot {
                true => {
                    model.part(&here, at) == model.part(state, at)
                        && model.part(&there, at) == model.part(&changed, at)
                }
                false => model.part(&here, at) == model.part(&there, at),
            };
            if !(0..model.slots()).all(alike) {
                return Err(claim());
            }
        }
    }
    Ok(())
}

/// Checks that the views of a property read only what they name.
///
/// # Errors
/// The first view that does not.
pub fn check_property<M: Parted>(
    model: &M,
    property: &Property<M::State>,
    state: &M::State,
    other: &M::State,
) -> Result<(), FalseClaim> {
    let views = property.facts.iter().flat_map(|facts| &facts.views);
    for (view, each) in views.enumerate() {
        let local = mixed(model, &each.reads, state, other);
        if (each.facts)(state) != (each.facts)(&local) {
            return Err(FalseClaim::View { property: property.name.clone(), view });
        }
    }
    Ok(())
}

/// The parts of `state` in some slots, and those of `other` everywhere else.
fn mixed<M: Parted>(model: &M, slots: &[usize], state: &M::State, other: &M::State) -> M::State {
    let mut mixed = other.clone();
    slots.iter().for_each(|&slot| model.put(&mut mixed, slot, &model.part(state, slot)));
    mixed
}
