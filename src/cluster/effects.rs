//! Where an action writes down what it did, with the outboxes that it uses on the way.
//!
//! Runs by the thousand are read by nobody but the judge: a *brief* list leaves out what only stories need, so
//! that no message is copied for it.

use crate::app::program::ProgramOut;
use crate::cluster::effect::Effect;
use crate::protocol::outbox::Outbox;

/// What an action did, in order. Keeps its memory and that of its outboxes from one action to the next.
#[derive(Clone, Default, Debug)]
pub struct Effects {
    list: Vec<Effect>,
    brief: bool,
    /// Boxed, since they are taken out and given back with each action.
    client: Option<Box<ProgramOut>>,
    broker: Option<Box<Outbox>>,
}

impl Effects {
    /// A list that goes on behind what another action did.
    pub fn behind(list: Vec<Effect>) -> Effects {
        Effects { list, ..Effects::default() }
    }

    /// Empties it. If it is to be brief, it takes only events, refusals, and what became of processes,
    /// connections, records and topics: no messages, no other notes, and nothing that programs did.
    pub fn begin(&mut self, brief: bool) {
        self.list.clear();
        self.brief = brief;
    }

    /// What was written down.
    pub fn list(&self) -> &[Effect] {
        &self.list
    }

    /// What was written down.
    pub fn into_list(self) -> Vec<Effect> {
        self.list
    }

    /// Whether stories are left out.
    pub fn is_brief(&self) -> bool {
        self.brief
    }

    /// Writes one down.
    pub fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    /// Writes some down.
    pub fn extend(&mut self, effects: impl IntoIterator<Item = Effect>) {
        self.list.extend(effects);
    }

    /// Writes one down that only stories need; it is made only then.
    pub fn tell(&mut self, effect: impl FnOnce() -> Effect) {
        if !self.brief {
            self.list.push(effect());
        }
    }

    /// An empty outbox for a program, to be given back.
    pub(super) fn client(&mut self) -> Box<ProgramOut> {
        let mut out = self.client.take().unwrap_or_default();
        out.client.brief = self.brief;
        out
    }

    /// Takes an outbox of a program back, whose content has gone its ways.
    pub(super) fn keep_client(&mut self, mut out: Box<ProgramOut>) {
        out.clear();
        self.client = Some(out);
    }

    /// An empty outbox for the broker, to be given back.
    pub(super) fn broker(&mut self) -> Box<Outbox> {
        let mut out = self.broker.take().unwrap_or_default();
        out.brief = self.brief;
        out
    }

    /// Takes the broker's outbox back, whose content has gone its ways.
    pub(super) fn keep_broker(&mut self, mut out: Box<Outbox>) {
        out.clear();
        self.broker = Some(out);
    }
}
