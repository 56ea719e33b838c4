//! A program that polls records, works on them and commits.

use std::collections::{BTreeMap, VecDeque};

use crate::app::judging::Asked;
use crate::app::output::Output;
use crate::app::own::{self, OwnMemory, OwnStore};
use crate::app::program::{Doing, Exit, ProgramOut};
use crate::app::setting::{
    AppSetting, CommitEvery, CommitOrder, EffectKind, OnCommitFailure, OnProcessingError,
    SourceSetting,
};
use crate::dedup::model::ModelDedup;
use crate::history::Event;
use crate::protocol::config::ConsumerKind;
use crate::protocol::consumer::{
    COORDINATOR, CommitEnd, CommitKind, Consumer, ConsumerContext, Key, Polled,
};
use crate::protocol::message::{Connection, Response};
use crate::protocol::producer::ProducerContext;
use crate::protocol::variant::AutoCommitPositions;
use crate::record::{KeyId, Offset, PayloadId, Rename, Swap};

/// What is fixed for the program.
#[derive(Clone, Copy, Debug)]
pub struct ReaderContext<'a> {
    /// Its client.
    pub consumer: ConsumerContext<'a>,
    /// Its producer, if it has one.
    pub output: Option<ProducerContext<'a>>,
    /// Its own settings.
    pub setting: &'a AppSetting,
    /// The sources whose records it may read.
    pub sources: &'a [SourceSetting],
}

/// What the application keeps outside its process; it survives every crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Durable {
    /// The newest value of each key (`effect = upsert`).
    pub values: BTreeMap<Option<KeyId>, PayloadId>,
    /// Next record to read, stored together with the result (`commit = with-result`).
    pub offsets: BTreeMap<Key, Offset>,
    /// Its strategy of deduplication, which itself knows what of it survives.
    pub dedup: Option<ModelDedup>,
    /// What a program of somebody's own keeps; none before its first step.
    pub own: Option<OwnStore>,
}

/// How processing one record goes, as the environment has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Course {
    /// It takes effect and returns.
    Succeeds,
    /// It raises; no effect took place.
    FailsBefore,
    /// It raises, although the effect took place.
    FailsAfter,
    /// Its strategy of deduplication takes it for one that was seen, though it was not.
    FalsePositive,
    /// Its strategy of deduplication cannot tell any more: the window has passed.
    WindowPassed,
    /// Its strategy of deduplication is a cache, which had not kept it.
    Evicted,
}

/// What the program does after a synchronous commit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Next {
    Work,
    Poll,
    Own,
}

/// Where the program is in its loop.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Phase {
    /// Inside poll.
    Poll,
    /// About to work on the first record at hand.
    Work,
    /// About to write down that it has seen the first record at hand, whose effect took place.
    Mark,
    /// Waiting until the first record at hand was sent on; then it is marked as seen, or not.
    Sending {
        /// Whether it is.
        marks: bool,
    },
    /// About to call commit.
    Commit(Next),
    /// Inside a synchronous commit.
    Committing(Next),
    /// About to make the next step of a program of somebody's own.
    Own,
    /// Inside close, which commits before the process ends.
    Closing,
}

/// The memory of the process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReaderProgram {
    /// Its client.
    pub consumer: Consumer,
    /// Its producer, if it has one.
    pub output: Option<Output>,
    pub(super) phase: Phase,
    /// Records that poll returned and that are not worked on yet.
    pub(super) at_hand: VecDeque<Polled>,
    /// Whether the first of them was judged.
    pub(super) asked: Asked,
    /// What a commit would cover.
    to_commit: BTreeMap<Key, Offset>,
    /// Records handed to the worker thread (`commit = auto-hand-off`).
    worker: VecDeque<Polled>,
    /// Poll has told the background thread that the automatic commit is due, and that thread has not
    /// looked at the positions yet (the asynchronous consumer).
    commit_event: bool,
    /// A fault held up the synchronous commit that it is inside, so that the API's time may be over.
    commit_held_up: bool,
    /// The memory of a program of somebody's own, which decides instead of the settings.
    own: Option<OwnMemory>,
}

impl ReaderProgram {
    /// A process that begins with poll; with offsets of its own it seeks to them first.
    pub fn new(
        cx: ReaderContext<'_>,
        mut consumer: Consumer,
        output: Option<Output>,
        durable: &Durable,
    ) -> ReaderProgram {
        if cx.setting.commit == CommitOrder::WithResult {
            for (&key, &offset) in &durable.offsets {
                consumer.seek(key, offset);
            }
        }
        ReaderProgram {
            consumer,
            output,
            phase: Phase::Poll,
            at_hand: VecDeque::new(),
            asked: Asked::first(cx.setting),
            to_commit: BTreeMap::new(),
            worker: VecDeque::new(),
            commit_event: false,
            commit_held_up: false,
            own: cx.setting.own.map(|program| program.start(durable.own.as_ref())),
        }
    }

    /// Whether the program's main thread has a step to make.
    pub fn can_run(&self) -> bool {
        match self.phase {
            Phase::Poll => self.consumer.has_records() || self.consumer.error().is_some(),
            Phase::Work | Phase::Mark | Phase::Commit(_) | Phase::Own => true,
            Phase::Sending { .. } | Phase::Committing(_) | Phase::Closing => false,
        }
    }

    /// The record that the main thread works on next, if that is its next step.
    pub fn working_on(&self, cx: ReaderContext<'_>, durable: &Durable) -> Option<PayloadId> {
        if let (Phase::Own, Some(program), Some(own)) = (self.phase, cx.setting.own, &self.own) {
            let store = durable.own.clone().unwrap_or_else(|| program.empty_store());
            return own.effect_of_next_step(store, cx.consumer.process);
        }
        let works = self.phase == Phase::Work && self.asked != Asked::NotYet;
        let first = self.at_hand.front().filter(|_| works);
        first.map(|polled| polled.record.payload)
    }

    /// The record that it is about to ask its strategy of deduplication about.
    pub(super) fn asking_about(&self) -> Option<&Polled> {
        let asks = self.phase == Phase::Work && self.asked == Asked::NotYet;
        self.at_hand.front().filter(|_| asks)
    }

    /// The record that the worker thread works on next.
    pub fn worker_on(&self) -> Option<PayloadId> {
        if self.phase == Phase::Closing {
            return None;
        }
        if let Some(own) = &self.own {
            return own.worker_on();
        }
        self.worker.front().map(|polled| polled.record.payload)
    }

    /// Whether the automatic commit may come due now: inside poll, with something to commit.
    pub fn can_auto_commit(&self, cx: ReaderContext<'_>) -> bool {
        cx.setting.config.enable_auto_commit
            && self.phase == Phase::Poll
            && !self.commit_event
            && !self.awaits_auto_commit(cx)
            && (self.consumer.has_uncommitted() || self.races(cx))
    }

    /// The asynchronous consumer skips the interval while an automatic commit is in flight
    /// (`CommitRequestManager.java: shouldAutoCommit`); the classic one does not.
    fn awaits_auto_commit(&self, cx: ReaderContext<'_>) -> bool {
        cx.setting.config.kind == ConsumerKind::Async && self.consumer.awaits_auto_commit()
    }

    /// Whether poll may collect records before the background thread looks at the positions.
    fn races(&self, cx: ReaderContext<'_>) -> bool {
        auto_commit_positions(cx) == AutoCommitPositions::Live && self.consumer.has_records()
    }

    /// Whether the background thread has yet to commit.
    pub fn has_commit_event(&self) -> bool {
        self.commit_event
    }

    /// `auto.commit.interval.ms` is over when poll is called: it commits before it collects, or leaves that
    /// to the background thread, which may look at the positions later.
    pub fn auto_commit_due(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        match auto_commit_positions(cx) {
            AutoCommitPositions::AtPoll => self.auto_commit(cx, out),
            AutoCommitPositions::Live => self.commit_event = true,
        }
    }

    /// The automatic commit of all positions as they are now, if they say anything new.
    pub fn auto_commit(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.commit_event = false;
        if !self.consumer.has_uncommitted() {
            return;
        }
        self.consumer.auto_commit(cx.consumer, &mut out.client);
        for (_, offset) in self.consumer.positions() {
            out.did(Doing::Commit(offset));
        }
    }

    /// One step of the main thread.
    pub fn run(
        &mut self,
        cx: ReaderContext<'_>,
        course: Course,
        durable: &mut Durable,
        out: &mut ProgramOut,
    ) {
        match self.phase {
            Phase::Poll if self.consumer.error().is_some() => out.exit(Exit::Stop),
            Phase::Poll => self.poll_returns(cx, out),
            Phase::Work if self.asking_about().is_some() => self.judge(cx, course, durable, out),
            Phase::Work => self.work(cx, course, durable, out),
            Phase::Mark => self.mark(cx, durable, out),
            Phase::Commit(next) => self.commit(cx, next, out),
            Phase::Own => self.step_own(cx, course, durable, out),
            Phase::Sending { .. } | Phase::Committing(_) | Phase::Closing => {}
        }
    }

    fn poll_returns(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        let polled = self.consumer.collect(cx.consumer);
        out.did_with(|| Doing::Poll(polled.iter().map(|polled| polled.record.payload).collect()));
        for polled in &polled {
            out.client.event(Event::Polled {
                process: cx.consumer.process,
                topic: polled.key.0,
                partition: polled.key.1,
                offset: polled.offset,
                payload: polled.record.payload,
            });
        }
        if let Some(own) = &mut self.own {
            own.polled(&polled);
            self.phase = Phase::Own;
            return;
        }
        self.at_hand = polled.into();
        match cx.setting.commit {
            CommitOrder::AutoHandOff => {
                let payloads = || self.at_hand.iter().map(|polled| polled.record.payload);
                out.did_with(|| Doing::HandOver(payloads().collect()));
                self.worker.append(&mut self.at_hand);
                self.enter_poll(cx, out);
            }
            CommitOrder::BeforeProcessing => {
                self.cover(cx);
                self.phase = Phase::Commit(Next::Work);
            }
            _ => self.phase = Phase::Work,
        }
    }

    /// One step of the main thread of a program of somebody's own.
    fn step_own(
        &mut self,
        cx: ReaderContext<'_>,
        course: Course,
        durable: &mut Durable,
        out: &mut ProgramOut,
    ) {
        let (Some(program), Some(own)) = (cx.setting.own, &mut self.own) else { return };
        let store = durable.own.get_or_insert_with(|| program.empty_store());
        let process = cx.consumer.process;
        let (positions, sync) = match own.step(own::Step { store, process, course, out }) {
            own::Next::Continue => return,
            own::Next::Poll => return self.enter_poll(cx, out),
            own::Next::Crash => return out.exit(Exit::Restart),
            own::Next::Commit(positions) => (positions, true),
            own::Next::CommitAsync(positions) => (positions, false),
        };
        let offsets: Vec<(Key, Offset)> = positions.into_iter().map(own::Position::key).collect();
        for &((topic, _), offset) in &offsets {
            let reads = cx.setting.topics.contains(&topic);
            assert!(reads, "a commit in topic {}, of which the program reads nothing", topic.0);
            out.did(Doing::Commit(offset));
        }
        let kind = if sync { CommitKind::Sync } else { CommitKind::Async };
        if sync {
            self.phase = Phase::Committing(Next::Own);
        }
        self.consumer.commit(cx.consumer, kind, offsets, &mut out.client);
    }

    /// What a commit before processing covers: the records at hand, or the first of them.
    fn cover(&mut self, cx: ReaderContext<'_>) {
        let count = match cx.setting.commit_every {
            CommitEvery::Poll => self.at_hand.len(),
            CommitEvery::Record => 1,
        };
        for polled in self.at_hand.iter().take(count) {
            self.to_commit.insert(polled.key, polled.offset + 1);
        }
    }

    fn enter_poll(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        self.phase = Phase::Poll;
        self.consumer.poll(cx.consumer, &mut out.client);
    }

    fn work(
        &mut self,
        cx: ReaderContext<'_>,
        course: Course,
        durable: &mut Durable,
        out: &mut ProgramOut,
    ) {
        let Some(polled) = self.at_hand.front().cloned() else {
            return self.enter_poll(cx, out);
        };
        if !process(cx, &polled, course, durable, out) {
            self.roll_back(durable);
            return self.raised(cx, &polled, out);
        }
        let marks = self.marks_later(durable);
        if let Some(topic) = cx.setting.next_stage() {
            out.did(Doing::Send(polled.record.payload));
            self.send_on(cx, topic, polled.record, marks, out);
        } else if marks {
            self.phase = Phase::Mark;
        } else {
            self.done(cx, &polled, out);
        }
    }

    /// What the policy says of a record that raised.
    pub(super) fn raised(&mut self, cx: ReaderContext<'_>, polled: &Polled, out: &mut ProgramOut) {
        if let Some(topic) = cx.setting.dead_letter() {
            out.did(Doing::DeadLetter(polled.record.payload));
            self.send_on(cx, topic, polled.record.clone(), false, out);
        } else if self.passes_over(cx, polled, out) {
            self.done(cx, polled, out);
        }
    }

    /// Acts as the policy says of a record that raised; whether the program goes on to the next one.
    fn passes_over(
        &mut self,
        cx: ReaderContext<'_>,
        polled: &Polled,
        out: &mut ProgramOut,
    ) -> bool {
        let payload = polled.record.payload;
        match cx.setting.on_processing_error {
            OnProcessingError::Retry => {}
            OnProcessingError::Crash => out.exit(Exit::Restart),
            OnProcessingError::CloseAndRestart => self.close(cx, out),
            OnProcessingError::Skip => out.did(Doing::Skip(payload)),
            OnProcessingError::DeadLetter => out.did(Doing::DeadLetter(payload)),
        }
        let policy = cx.setting.on_processing_error;
        matches!(policy, OnProcessingError::Skip | OnProcessingError::DeadLetter)
    }

    /// The first record at hand is done with.
    pub(super) fn done(&mut self, cx: ReaderContext<'_>, polled: &Polled, out: &mut ProgramOut) {
        self.at_hand.pop_front();
        self.asked = Asked::first(cx.setting);
        self.phase = Phase::Work;
        self.after_record(cx, polled, out);
    }

    /// Close: with the automatic commit it commits all positions, also that of the record that just raised
    /// (`ConsumerCoordinator.java: close`, `AsyncKafkaConsumer.java: commitSyncAllConsumed`), then ends.
    fn close(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        if !cx.setting.config.enable_auto_commit {
            return out.exit(Exit::Restart);
        }
        self.phase = Phase::Closing;
        let positions = self.consumer.positions();
        for &(_, offset) in &positions {
            out.did(Doing::Commit(offset));
        }
        self.consumer.commit(cx.consumer, CommitKind::Sync, positions, &mut out.client);
    }

    fn after_record(&mut self, cx: ReaderContext<'_>, polled: &Polled, out: &mut ProgramOut) {
        let last = self.at_hand.is_empty();
        match cx.setting.commit {
            CommitOrder::AfterProcessing => {
                self.to_commit.insert(polled.key, polled.offset + 1);
                if last || cx.setting.commit_every == CommitEvery::Record {
                    let next = if last { Next::Poll } else { Next::Work };
                    self.phase = Phase::Commit(next);
                }
            }
            CommitOrder::BeforeProcessing
                if !last && cx.setting.commit_every == CommitEvery::Record =>
            {
                self.cover(cx);
                self.phase = Phase::Commit(Next::Work);
            }
            _ if last => self.enter_poll(cx, out),
            _ => {}
        }
    }

    fn commit(&mut self, cx: ReaderContext<'_>, next: Next, out: &mut ProgramOut) {
        let offsets: Vec<(Key, Offset)> = self.to_commit.iter().map(|(&k, &o)| (k, o)).collect();
        for &(_, offset) in &offsets {
            out.did(Doing::Commit(offset));
        }
        if cx.setting.commit_sync {
            self.consumer.commit(cx.consumer, CommitKind::Sync, offsets, &mut out.client);
            self.phase = Phase::Committing(next);
        } else {
            self.consumer.commit(cx.consumer, CommitKind::Async, offsets, &mut out.client);
            self.to_commit.clear();
            self.go_on(cx, next, out);
        }
    }

    fn go_on(&mut self, cx: ReaderContext<'_>, next: Next, out: &mut ProgramOut) {
        match next {
            Next::Work => self.phase = Phase::Work,
            Next::Poll => self.enter_poll(cx, out),
            Next::Own => self.phase = Phase::Own,
        }
    }

    /// Whether it is inside `commitSync`.
    pub fn is_committing(&self) -> bool {
        matches!(self.phase, Phase::Committing(_) | Phase::Closing)
    }

    /// A disconnect or a pause held up the synchronous commit, if it is inside one.
    pub fn hold_up_commit(&mut self) {
        self.commit_held_up = self.is_committing();
    }

    /// Whether the time of the synchronous commit that it is inside may be over: a fault held it up, and
    /// it waits for a connection. One on its way has its request timeout first, if that is the shorter.
    pub fn commit_is_held_up(&self, cx: ReaderContext<'_>) -> bool {
        let config = &cx.setting.config;
        let first = config.default_api_timeout_ms <= config.request_timeout_ms;
        self.commit_held_up && (first || self.consumer.commit_waits())
    }

    /// `default.api.timeout.ms` is over: `commitSync` throws, and nobody knows whether it took effect.
    pub fn give_up_commit(&mut self, cx: ReaderContext<'_>, out: &mut ProgramOut) {
        if let Some(end) = self.consumer.give_up_commit() {
            self.commit_ended(cx, &end, out);
        }
    }

    /// One step of the worker thread.
    pub fn run_worker(
        &mut self,
        cx: ReaderContext<'_>,
        course: Course,
        durable: &mut Durable,
        out: &mut ProgramOut,
    ) {
        if let (Some(program), Some(own)) = (cx.setting.own, &mut self.own) {
            let store = durable.own.get_or_insert_with(|| program.empty_store());
            let process = cx.consumer.process;
            return own.work(own::Step { store, process, course, out });
        }
        let Some(polled) = self.worker.front().cloned() else { return };
        if process(cx, &polled, course, durable, out) || self.passes_over(cx, &polled, out) {
            self.worker.pop_front();
        }
    }

    /// A connection is there; the first time poll is entered by it.
    pub fn connected(
        &mut self,
        cx: ReaderContext<'_>,
        connection: Connection,
        out: &mut ProgramOut,
    ) {
        // A commit that waited for the connection was held up by whatever broke it.
        if connection == COORDINATOR {
            self.hold_up_commit();
        }
        self.consumer.connected(cx.consumer, connection, &mut out.client);
        if self.phase == Phase::Poll && !self.consumer.has_records() {
            self.consumer.poll(cx.consumer, &mut out.client);
        }
    }

    /// A connection broke.
    pub fn disconnected(
        &mut self,
        cx: ReaderContext<'_>,
        connection: Connection,
        out: &mut ProgramOut,
    ) {
        if connection == COORDINATOR {
            self.hold_up_commit();
        }
        for end in self.consumer.disconnected(connection) {
            self.commit_ended(cx, &end, out);
        }
    }

    /// A response came.
    pub fn receive(
        &mut self,
        cx: ReaderContext<'_>,
        connection: Connection,
        response: Response,
        out: &mut ProgramOut,
    ) {
        let ends = self.consumer.receive(cx.consumer, connection, response, &mut out.client);
        for end in ends {
            self.commit_ended(cx, &end, out);
        }
    }

    /// `commitSync` returns or throws, or the callback of `commitAsync` is called.
    fn commit_ended(&mut self, cx: ReaderContext<'_>, end: &CommitEnd, out: &mut ProgramOut) {
        if end.kind == CommitKind::Sync {
            self.commit_held_up = false;
        }
        if self.phase == Phase::Closing {
            // The callback of an earlier commit changes nothing any more.
            if end.kind == CommitKind::Sync {
                out.exit(Exit::Restart);
            }
            return;
        }
        if let Some(own) = &mut self.own {
            own.committed(end.error.is_none());
            if end.error.is_some() {
                out.did(Doing::CommitFailed);
            }
            if end.kind == CommitKind::Sync && matches!(self.phase, Phase::Committing(_)) {
                self.phase = Phase::Own;
            }
            return;
        }
        if end.error.is_some() {
            out.did(Doing::CommitFailed);
            match cx.setting.on_commit_failure {
                OnCommitFailure::Crash => return out.exit(Exit::Restart),
                OnCommitFailure::TryAgain if end.kind == CommitKind::Sync => {
                    if let Phase::Committing(next) = self.phase {
                        self.phase = Phase::Commit(next);
                    }
                    return;
                }
                OnCommitFailure::TryAgain | OnCommitFailure::GiveUp => {}
            }
        }
        if let (CommitKind::Sync, Phase::Committing(next)) = (end.kind, self.phase) {
            self.to_commit.clear();
            self.go_on(cx, next, out);
        }
    }
}

fn auto_commit_positions(cx: ReaderContext<'_>) -> AutoCommitPositions {
    let protocol = cx.consumer.protocol;
    let choice = protocol.variants.auto_commit_positions;
    protocol.kafka.auto_commit_positions(cx.setting.config.kind, choice)
}

/// Works on a record; false if that raised.
fn process(
    cx: ReaderContext<'_>,
    polled: &Polled,
    course: Course,
    durable: &mut Durable,
    out: &mut ProgramOut,
) -> bool {
    let payload = polled.record.payload;
    let process = cx.consumer.process;
    out.client.event(Event::Processed { process, payload });
    if course != Course::FailsBefore {
        take_effect(cx, polled, durable, out);
    }
    if course != Course::Succeeds {
        out.did(Doing::Raise(payload));
    }
    course == Course::Succeeds
}

fn take_effect(
    cx: ReaderContext<'_>,
    polled: &Polled,
    durable: &mut Durable,
    out: &mut ProgramOut,
) {
    if cx.setting.next_stage().is_some() {
        // What the broker appends is the effect.
        return;
    }
    let (payload, process) = (polled.record.payload, cx.consumer.process);
    if cx.setting.effect == EffectKind::Upsert {
        let before = durable.values.insert(polled.record.key, payload);
        if before == Some(payload) {
            return out.did(Doing::NoEffect(payload));
        }
        if let Some(before) = before.filter(|&before| before > payload) {
            out.client.event(Event::Overwrote { process, payload, before });
        }
    }
    if cx.setting.commit == CommitOrder::WithResult {
        durable.offsets.insert(polled.key, polled.offset + 1);
    }
    durable.mark_with_effect();
    out.did(Doing::Effect(payload));
    out.client.event(Event::Effect { process, payload, key: polled.record.key });
}

impl Rename for ReaderProgram {
    /// But for the memory of a program of somebody's own, which nobody can rename.
    fn rename(&mut self, swap: &Swap) {
        let ReaderProgram {
            consumer,
            output,
            at_hand,
            worker,
            phase: _,
            asked: _,
            to_commit: _,
            commit_event: _,
            commit_held_up: _,
            own: _,
        } = self;
        consumer.rename(swap);
        output.rename(swap);
        at_hand.rename(swap);
        worker.rename(swap);
    }
}

impl Rename for Durable {
    /// But for the marks of a strategy of deduplication and the store of a program of somebody's own.
    fn rename(&mut self, swap: &Swap) {
        let Durable { values, offsets: _, dedup: _, own: _ } = self;
        values.values_mut().for_each(|payload| payload.rename(swap));
    }
}
