//! Consumer programs that people write themselves, for their own tests: one trait, and how the model keeps
//! what implements it.
//!
//! Knows nothing of links, brokers or faults, like every program.

use std::any::{Any, TypeId};
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use crate::app::program::{Doing, ProgramOut};
use crate::app::reader::Course;
use crate::history::Event;
use crate::history::event::ProcessId;
use crate::protocol::consumer::{Key, Polled};
use crate::record::{KeyId, Offset, Partition, PayloadId, TopicName};

/// A record that poll returned.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub struct Message {
    /// The source record. A record that was sent, or appended, again has the same number.
    pub id: u32,
    /// Its key, if it has one.
    pub key: Option<u32>,
    /// Its topic, by its place in the scenario.
    pub topic: u16,
    /// Its partition.
    pub partition: Partition,
    /// Its offset.
    pub offset: Offset,
}

impl Message {
    fn of(polled: &Polled) -> Message {
        Message {
            id: polled.record.payload.0,
            key: polled.record.key.map(|key| key.0),
            topic: polled.key.0.0,
            partition: polled.key.1,
            offset: polled.offset,
        }
    }

    /// The position behind it, for a commit.
    pub fn position(&self) -> Position {
        Position { topic: self.topic, partition: self.partition, next: self.offset + 1 }
    }
}

/// The next record to read in a partition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// The topic, by its place in the scenario.
    pub topic: u16,
    /// The partition.
    pub partition: Partition,
    /// The next offset.
    pub next: Offset,
}

impl Position {
    pub(super) fn key(self) -> (Key, Offset) {
        ((TopicName(self.topic), self.partition), self.next)
    }
}

/// What the main thread does at the end of a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// It goes on with its next step.
    Continue,
    /// It calls `poll`, which returns with records; then `polled` is called.
    Poll,
    /// It calls `commitSync` with these positions, which returns or throws; then `committed` is called.
    Commit(Vec<Position>),
    /// It calls `commitAsync` with these positions, and goes on.
    CommitAsync(Vec<Position>),
    /// It throws: the process ends and is started anew.
    Crash,
}

/// A consumer program.
///
/// A value of the type is the memory of its process: it goes when the process crashes. [`Self::Store`] is
/// what it keeps outside, in a database for instance: that stays. Each call of [`Self::step`] and
/// [`Self::work`] happens at once; between any two of them the process may crash, the broker may fail, or
/// the other thread may go on. So what must not be torn apart belongs into one step, if your database can do
/// it in one transaction, and into two if it cannot.
///
/// Equality and hash should be derived: states that are equal have equal futures. So a step must not depend on
/// anything else, such as a clock or chance; debug builds perform each step twice, and panic if the two differ.
pub trait Program: Clone + Eq + Hash + Debug + Send + Sync + 'static {
    /// What it keeps outside its process.
    type Store: Clone + Eq + Hash + Debug + Default + Send + Sync + 'static;

    /// A process starts.
    fn start(store: &Self::Store) -> Self;

    /// Poll returned these records: the program takes them into its memory.
    fn polled(&mut self, messages: &[Message]);

    /// The next step of the main thread, which is neither in poll nor in a synchronous commit.
    fn step(&mut self, outside: &mut Outside<'_, Self::Store>) -> Next;

    /// A commit ended, with or without an error.
    fn committed(&mut self, succeeded: bool) {
        let _ = succeeded;
    }

    /// The record that the worker thread works on next; none if it is idle, or if there is no such thread.
    fn worker_on(&self) -> Option<&Message> {
        None
    }

    /// The next step of the worker thread, called when there is a record for it.
    fn work(&mut self, outside: &mut Outside<'_, Self::Store>) {
        let _ = outside;
    }
}

/// The world outside the process, during one step.
#[derive(Debug)]
pub struct Outside<'a, S> {
    /// What the program keeps there.
    pub store: &'a mut S,
    out: &'a mut ProgramOut,
    process: ProcessId,
    course: Course,
}

/// A call to the world outside raised an error; it may have taken effect.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallFailed;

impl<S> Outside<'_, S> {
    /// The effect of a record takes place: the mail is sent, the money is booked. This is what is counted.
    ///
    /// # Errors
    /// The call failed, before or after it took effect, if the scenario has such faults. One fault is one call: of
    /// several in one step the first, so make one call a step.
    pub fn effect(&mut self, message: &Message) -> Result<(), CallFailed> {
        let (payload, process) = (PayloadId(message.id), self.process);
        self.out.client.event(Event::Processed { process, payload });
        if self.course != Course::FailsBefore {
            self.out.did(Doing::Effect(payload));
            let key = message.key.map(KeyId);
            self.out.client.event(Event::Effect { process, payload, key });
        }
        if self.course == Course::Succeeds {
            return Ok(());
        }
        // One fault is one call that fails.
        self.course = Course::Succeeds;
        self.out.did(Doing::Raise(payload));
        Err(CallFailed)
    }

    /// The effect of a record takes place in the transaction of a database in which the store changes: both or neither.
    ///
    /// # Errors
    /// The transaction failed: before it was committed, so that neither took place; or behind it, so that both did.
    pub fn effect_with(
        &mut self,
        message: &Message,
        change: impl FnOnce(&mut S),
    ) -> Result<(), CallFailed> {
        if self.course != Course::FailsBefore {
            change(self.store);
        }
        self.effect(message)
    }

    /// The program finds that a record has had its effect already, for the story.
    pub fn skip(&mut self, message: &Message) {
        self.out.did(Doing::NoEffect(PayloadId(message.id)));
    }
}

/// A kind of program, as a scenario holds it.
#[derive(Clone, Copy, Debug)]
pub struct OwnProgram {
    kind: TypeId,
    name: &'static str,
    start: fn(&OwnStore) -> OwnMemory,
    store: fn() -> OwnStore,
}

impl PartialEq for OwnProgram {
    fn eq(&self, other: &OwnProgram) -> bool {
        self.kind == other.kind
    }
}

impl Eq for OwnProgram {}

impl OwnProgram {
    /// The kind of a type.
    pub fn of<P: Program>() -> OwnProgram {
        OwnProgram {
            kind: TypeId::of::<P>(),
            name: std::any::type_name::<P>(),
            start: |store| {
                let store = (*store.0).as_any().downcast_ref::<P::Store>();
                OwnMemory(Box::new(P::start(store.expect("the store of this program"))))
            },
            store: || OwnStore(Box::new(P::Store::default())),
        }
    }

    /// The name of the type, without its path and its parameters.
    pub fn name(&self) -> &'static str {
        let whole = self.name.split('<').next().unwrap_or(self.name);
        whole.rsplit("::").next().unwrap_or(whole)
    }

    pub(super) fn start(&self, store: Option<&OwnStore>) -> OwnMemory {
        match store {
            Some(store) => (self.start)(store),
            None => (self.start)(&(self.store)()),
        }
    }

    pub(super) fn empty_store(&self) -> OwnStore {
        (self.store)()
    }
}

/// The memory of a process that runs a program of somebody's own.
#[derive(Debug)]
pub struct OwnMemory(Box<dyn AnyProgram>);

/// What such a program keeps outside.
#[derive(Debug)]
pub struct OwnStore(Box<dyn AnyStore>);

/// What one step did beside its effects.
pub(super) struct Step<'a> {
    pub(super) store: &'a mut OwnStore,
    pub(super) process: ProcessId,
    pub(super) course: Course,
    pub(super) out: &'a mut ProgramOut,
}

impl OwnMemory {
    pub(super) fn polled(&mut self, polled: &[Polled]) {
        let messages: Vec<Message> = polled.iter().map(Message::of).collect();
        self.0.polled(&messages);
    }

    pub(super) fn step(&mut self, step: Step<'_>) -> Next {
        self.perform(step, |program, step| program.step(step))
    }

    /// Performs a step; debug builds perform it twice, to see that it depends on nothing but memory and store.
    fn perform<R: PartialEq>(
        &mut self,
        step: Step<'_>,
        act: impl Fn(&mut dyn AnyProgram, Step<'_>) -> R,
    ) -> R {
        let Step { store, process, course, out } = step;
        let before = cfg!(debug_assertions).then(|| (self.clone(), store.clone()));
        let told = out.client.events.len();
        let result =
            act(&mut *self.0, Step { store: &mut *store, process, course, out: &mut *out });
        if let Some((mut again, mut other)) = before {
            let second = &mut ProgramOut::default();
            let step = Step { store: &mut other, process, course, out: second };
            let same = act(&mut *again.0, step) == result
                && (&again, &other) == (&*self, &*store)
                && second.client.events == out.client.events[told..];
            assert!(
                same,
                "a step that began alike ended in two ways, once with {:?}, once with {:?}: it depends on \
                 something beside its memory and its store",
                self.0, again.0
            );
        }
        result
    }

    /// The record whose effect the next step of the main thread asks for first, if it does: found by trying the step
    /// with a copy.
    pub(super) fn effect_of_next_step(
        &self,
        mut store: OwnStore,
        process: ProcessId,
    ) -> Option<PayloadId> {
        let mut out = ProgramOut::default();
        out.client.brief = true;
        let step = Step { store: &mut store, process, course: Course::Succeeds, out: &mut out };
        self.clone().step(step);
        out.client.events.iter().find_map(|event| match event {
            Event::Processed { payload, .. } => Some(*payload),
            _ => None,
        })
    }

    pub(super) fn committed(&mut self, succeeded: bool) {
        self.0.committed(succeeded);
    }

    pub(super) fn worker_on(&self) -> Option<PayloadId> {
        self.0.worker_on().map(|message| PayloadId(message.id))
    }

    pub(super) fn work(&mut self, step: Step<'_>) {
        self.perform(step, |program, step| program.work(step));
    }
}

/// [`Program`] with its type forgotten.
trait AnyProgram: Debug + Send + Sync {
    fn polled(&mut self, messages: &[Message]);
    fn step(&mut self, step: Step<'_>) -> Next;
    fn committed(&mut self, succeeded: bool);
    fn worker_on(&self) -> Option<&Message>;
    fn work(&mut self, step: Step<'_>);
    fn boxed(&self) -> Box<dyn AnyProgram>;
    fn equals(&self, other: &dyn AnyProgram) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
}

fn outside<S: 'static>(step: Step<'_>) -> Outside<'_, S> {
    let store =
        (*step.store.0).as_any_mut().downcast_mut::<S>().expect("the store of this program");
    Outside { store, out: step.out, process: step.process, course: step.course }
}

impl<P: Program> AnyProgram for P {
    fn polled(&mut self, messages: &[Message]) {
        Program::polled(self, messages);
    }

    fn step(&mut self, step: Step<'_>) -> Next {
        Program::step(self, &mut outside(step))
    }

    fn committed(&mut self, succeeded: bool) {
        Program::committed(self, succeeded);
    }

    fn worker_on(&self) -> Option<&Message> {
        Program::worker_on(self)
    }

    fn work(&mut self, step: Step<'_>) {
        Program::work(self, &mut outside(step));
    }

    fn boxed(&self) -> Box<dyn AnyProgram> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn AnyProgram) -> bool {
        other.as_any().downcast_ref::<P>().is_some_and(|other| self == other)
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A store with its type forgotten.
trait AnyStore: Debug + Send + Sync {
    fn boxed(&self) -> Box<dyn AnyStore>;
    fn equals(&self, other: &dyn AnyStore) -> bool;
    fn feed(&self, hasher: &mut dyn Hasher);
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<S: Clone + Eq + Hash + Debug + Send + Sync + 'static> AnyStore for S {
    fn boxed(&self) -> Box<dyn AnyStore> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn AnyStore) -> bool {
        other.as_any().downcast_ref::<S>().is_some_and(|other| self == other)
    }

    fn feed(&self, mut hasher: &mut dyn Hasher) {
        self.hash(&mut hasher);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

macro_rules! by_its_box {
    ($name:ident) => {
        impl Clone for $name {
            fn clone(&self) -> $name {
                $name((*self.0).boxed())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &$name) -> bool {
                (*self.0).equals(&*other.0)
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, hasher: &mut H) {
                (*self.0).feed(hasher);
            }
        }
    };
}

by_its_box!(OwnMemory);
by_its_box!(OwnStore);
