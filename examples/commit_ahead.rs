//! A consumer with a bug that is easy to write: it hands records to a worker thread and commits them at once.
//! A crash before the worker gets to them loses them: nobody reads them again.
//!
//! `cargo run --example commit_ahead` prints the shortest way to that:
//!
//! ```text
//! at-least is broken: at rest a due record has no effect, and never will
//!
//! How "at-least" breaks, with 1 fault in 23 steps, and no shorter way does it
//!
//!        producer                                    broker                                     mailer
//!        |                                           |                                           |
//!   1-9  | (setting up: producer id, place in the group, position)                               |
//!    10  | takes m0 from source                      |                                           |
//!    11  |-- produce m0 (P0, epoch 0, seq 0) ------->|                                           |
//!        |                                           | appends m0 at offset 0                    |
//!    12  |<-------------------------- ok, offset 0 --|                                           |
//!        | stores its position: behind m0            |                                           |
//!    13  |                                           |-- m0 ------------------------------------>|
//!    14  |                                           |                           poll returns m0 |
//!    15  |                                           |                          commits offset 1 |
//!    16  |                                           |<----------------------- commit offset 1 --|
//!        |                                           | stores offset 1                           |
//!        |                                           |                                           |
//!    17  ******************************** FAULT 1: mailer crashes ********************************
//!        |                                           |                                           |
//!        |                                           |-- committed -------------------x          |
//!        |                                           |                                           X
//!    18  |                                           |                              starts again |
//!    20  |                                           |-- member2, generation 2 ----------------->|
//!    22  |                                           |-- committed 1 --------------------------->|
//!        |                                           |                                           |
//!
//!   1-9  (setting up: producer id, place in the group, position.)
//!    10  producer takes m0 from source and sends it (producer id 0, epoch 0, sequence 0).
//!    11  The broker appends m0 to records at offset 0, answers "ok, offset 0" and hands m0 to mailer's
//!        waiting fetch.
//!    12  producer learns that m0 is at offset 0 and stores its position in source (behind m0).
//!    13  mailer receives m0.
//!    14  mailer polls and gets m0.
//!    15  mailer commits offset 1 of records.
//!    16  The broker stores offset 1 of records as group mailer's committed offset and answers
//!        "committed".
//!    17  FAULT 1: mailer crashes. Its memory is gone; effects and committed offsets stay. The answer
//!        "committed" is lost.
//!    18  mailer starts again.
//! 19-20  mailer joins its group as member2, generation 2.
//! 21-22  mailer learns that the committed offset is 1 and reads on from there.
//!
//!   => m0 never takes effect in mailer: mailer polled it and committed offset 1, behind it, but
//!      crashed before it had processed it; after its restart it read on from there.
//! ```

use std::collections::VecDeque;

use brokerproof::testing::{Guarantee, Message, Next, Outside, Program, Trial};

/// The memory of the process: what poll returned and is not committed, and the worker's queue.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mailer {
    behind: Option<Message>,
    queue: VecDeque<Message>,
}

impl Program for Mailer {
    type Store = ();

    fn start(_: &()) -> Self {
        Mailer { behind: None, queue: VecDeque::new() }
    }

    fn polled(&mut self, messages: &[Message]) {
        self.behind = messages.last().copied();
        self.queue.extend(messages);
    }

    fn step(&mut self, _: &mut Outside<'_, ()>) -> Next {
        // The bug: the worker may not have sent these mails yet.
        let behind = self.behind.take();
        behind.map_or(Next::Poll, |message| Next::Commit(vec![message.position()]))
    }

    fn worker_on(&self) -> Option<&Message> {
        self.queue.front()
    }

    fn work(&mut self, outside: &mut Outside<'_, ()>) {
        if let Some(message) = self.queue.pop_front() {
            // A mail that fails is given up: that is another bug, of the same kind.
            let _ = outside.effect(&message);
        }
    }
}

/// What `main` prints: the story that `assert_at_least_once!` would panic with.
pub fn report() -> String {
    let trial = Trial::of::<Mailer>().records(1).faults(1, &["crash-consumer"]);
    match trial.check(&[Guarantee::AtLeast]) {
        Ok(evidence) => format!("{evidence}\n"),
        Err(broken) => broken.to_string(),
    }
}

#[allow(dead_code, reason = "a test includes this file")]
fn main() {
    print!("{}", report());
}
