//! Tells a run step by step: from effects to sentences and rows.

use std::collections::{BTreeMap, VecDeque};

use crate::cluster::{ClientTimer, Effect, LinkId, Message};
use crate::decide::trace::Performed;
use crate::history::Event;
use crate::history::event::{Outcome, ProcessId};
use crate::protocol::message::{Request, Response};
use crate::record::PayloadId;
use crate::report::message::{self, produced};
use crate::report::names::Names;
use crate::report::story::beat::{Actor, Beat, Fate, Row, Weight};
use crate::report::story::facts::{Cause, Ended, Facts};
use crate::report::story::page::{OnItsWay, Page, rank};
use crate::world::Action;

/// What is known to be on its way over one connection.
#[derive(Clone, Default, Debug)]
struct Way {
    requests: VecDeque<OnItsWay>,
    answers: VecDeque<Response>,
    late: Vec<OnItsWay>,
}

/// Tells the steps of a run one after the other.
#[derive(Clone, Debug)]
pub struct Teller<'a> {
    pub(super) names: Names<'a>,
    pub(super) facts: Facts,
    pub(super) number: usize,
    ways: BTreeMap<LinkId, Way>,
}

impl<'a> Teller<'a> {
    /// A teller at the beginning of a run.
    pub fn new(names: Names<'a>) -> Teller<'a> {
        Teller { names, facts: Facts::default(), number: 0, ways: BTreeMap::new() }
    }

    /// What happened so far.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The next step; its weight is for whoever knows what matters.
    pub fn step(&mut self, performed: &Performed) -> Beat {
        self.number += 1;
        let mut page = Page { actor: actor(&performed.action), ..Page::default() };
        look_ahead(performed, &mut page);
        if performed.is_fault {
            self.strike(performed, &mut page);
        }
        for effect in &performed.effects {
            self.effect(effect, &mut page);
        }
        self.say_if_held(&mut page);
        self.say_in_doubt(&mut page);
        page.rows.sort_by_key(|(rank, _)| *rank);
        Beat {
            first: self.number,
            last: self.number,
            weight: if performed.is_fault { Weight::Fault } else { Weight::Main },
            text: self.compose(&mut page),
            rows: page.rows.into_iter().map(|(_, row)| row).collect(),
        }
    }

    /// A fetch without an answer waits in the broker.
    fn say_if_held(&self, page: &mut Page) {
        let silent = page.clauses.is_empty() && page.leads.is_empty() && !page.answers_fetch;
        if let (true, Some((link, OnItsWay { request: Request::Fetch(_), .. }))) =
            (silent, &page.taken)
        {
            let process = self.names.process(link.process);
            let text = format!("holds {process}'s fetch until there is something to read");
            page.clause(Actor::Broker, rank::DOES, text);
        }
    }

    fn compose(&self, page: &mut Page) -> String {
        let mut sentences: Vec<String> = page.leads.iter().map(|lead| format!("{lead}.")).collect();
        sentences.extend(several(
            "request",
            &page.pending,
            "still on its way",
            "still on their way",
        ));
        sentences.extend(several("answer", &page.lost_answers, "lost", "lost"));
        sentences.extend(several("request", &page.lost_requests, "lost", "lost"));
        let mut actors: Vec<Actor> = Vec::new();
        for clause in &page.clauses {
            if !actors.contains(&clause.actor) {
                actors.push(clause.actor);
            }
        }
        page.clauses.sort_by_key(|clause| clause.rank);
        for actor in actors {
            let of = page.clauses.iter().filter(|clause| clause.actor == actor);
            let said: Vec<String> = of.map(|clause| clause.text.clone()).collect();
            sentences.push(format!("{} {}.", self.subject(actor), joined(&said)));
        }
        sentences.join(" ")
    }

    /// An actor at the beginning of a sentence.
    fn subject(&self, actor: Actor) -> &'a str {
        match actor {
            Actor::Process(id) => self.names.process(id),
            Actor::Broker => "The broker",
        }
    }

    /// Keeps account of what is on its way, and tells the effect.
    fn effect(&mut self, effect: &Effect, page: &mut Page) {
        match effect {
            Effect::Sent { link, message } => self.sent(*link, message, page),
            Effect::Arrived { link, message } => self.arrived(*link, message, page),
            Effect::ArrivedLate { link, message: Message::Request(request) } => {
                self.arrived_late(*link, request, page);
            }
            Effect::ArrivedLate { .. } => {}
            Effect::Lost { link, message } => self.lost(*link, message, page),
            Effect::Disconnected(link) => self.disconnected(*link, page),
            Effect::Crashed(process) => {
                let crashed = true;
                self.ended(*process, crashed, page);
            }
            Effect::Exited(process) => {
                let crashed = false;
                self.ended(*process, crashed, page);
            }
            other => self.simple(other, page),
        }
    }

    fn sent(&mut self, link: LinkId, message: &Message, page: &mut Page) {
        match message {
            Message::Request(request) => {
                self.tell_request_sent(link, request, page);
                let causes = match request {
                    Request::Produce(produce) => produced(produce)
                        .into_iter()
                        .map(|payload| (payload, self.cause(payload)))
                        .collect(),
                    _ => Vec::new(),
                };
                let way = self.ways.entry(link).or_default();
                way.requests.push_back(OnItsWay { request: request.clone(), causes });
            }
            Message::Response(response) => {
                self.tell_response_sent(link, response, page);
                self.ways.entry(link).or_default().answers.push_back(response.clone());
            }
        }
    }

    fn cause(&self, payload: PayloadId) -> Cause {
        self.facts.cause.get(&payload).copied().unwrap_or(Cause::First)
    }

    fn arrived(&mut self, link: LinkId, message: &Message, page: &mut Page) {
        let process = link.process;
        let way = self.ways.entry(link).or_default();
        match message {
            Message::Request(request) => {
                // Requests of the first connection were sent before the first step.
                let known = way.requests.front().is_some_and(|sent| sent.request == *request);
                let known = known.then(|| way.requests.pop_front()).flatten();
                let unknown = || OnItsWay { request: request.clone(), causes: Vec::new() };
                page.taken = Some((link, known.unwrap_or_else(unknown)));
                self.arrow(process, message, Fate::Taken, page);
            }
            Message::Response(response) => {
                if way.answers.front() == Some(response) {
                    way.answers.pop_front();
                }
                self.arrow(process, message, Fate::Taken, page);
                self.tell_response_arrived(link, response, page);
            }
        }
    }

    fn arrived_late(&mut self, link: LinkId, request: &Request, page: &mut Page) {
        let way = self.ways.entry(link).or_default();
        let place = way.late.iter().position(|late| late.request == *request);
        let known = place.map(|place| way.late.remove(place));
        let unknown = || OnItsWay { request: request.clone(), causes: Vec::new() };
        page.taken = Some((link, known.unwrap_or_else(unknown)));
        page.is_late = true;
        let name = message::request(self.names, request).short;
        let process = self.names.process(link.process);
        page.lead(format!(
            "The request \"{name}\" of {process}'s broken connection was still on its way and \
             arrives only now"
        ));
        self.arrow(link.process, &Message::Request(request.clone()), Fate::Late, page);
    }

    fn lost(&mut self, link: LinkId, message: &Message, page: &mut Page) {
        let way = self.ways.entry(link).or_default();
        match message {
            Message::Request(request) if !matters(request) => return,
            Message::Request(request) => {
                way.late.retain(|late| late.request != *request);
                page.lost_requests.push(message::request(self.names, request).short);
            }
            Message::Response(response) => {
                way.answers.clear();
                page.lost_answers.push(message::response(self.names, response).short);
            }
        }
        self.arrow(link.process, message, Fate::Lost, page);
    }

    /// Requests that were on their way may still arrive; answers are told as lost one by one.
    fn disconnected(&mut self, link: LinkId, page: &mut Page) {
        for request in self.break_way(link) {
            let name = message::request(self.names, &request).short;
            page.pending.push(name);
            self.arrow(link.process, &Message::Request(request), Fate::Pending, page);
        }
    }

    /// What is on its way to the broker stays so, as far as it matters; returns it.
    fn break_way(&mut self, link: LinkId) -> Vec<Request> {
        let way = self.ways.entry(link).or_default();
        let on_its_way = std::mem::take(&mut way.requests);
        let kept: Vec<OnItsWay> =
            on_its_way.into_iter().filter(|sent| matters(&sent.request)).collect();
        let requests = kept.iter().map(|sent| sent.request.clone()).collect();
        way.late.extend(kept);
        requests
    }

    fn ended(&mut self, process: ProcessId, crashed: bool, page: &mut Page) {
        let step = self.number;
        self.facts.ended.push(Ended { step, process, crashed });
        for lane in 0..self.names.setting().fixed().lanes(process) {
            let link = LinkId { process, lane };
            for request in self.break_way(link) {
                let name = message::request(self.names, &request).short;
                page.pending.push(name);
                self.arrow(process, &Message::Request(request), Fate::Pending, page);
            }
            let way = self.ways.entry(link).or_default();
            let answers = std::mem::take(&mut way.answers);
            for answer in answers.into_iter().filter(|a| !matches!(a, Response::Fetch(_))) {
                let name = message::response(self.names, &answer).short;
                page.lost_answers.push(name);
                self.arrow(process, &Message::Response(answer), Fate::Lost, page);
            }
        }
        page.row(rank::LIFE, Row::Life { actor: Actor::Process(process), up: false });
    }

    fn arrow(&self, process: ProcessId, message: &Message, fate: Fate, page: &mut Page) {
        let (to_broker, label) = match message {
            Message::Request(request) => (true, message::request(self.names, request)),
            Message::Response(response) => (false, message::response(self.names, response)),
        };
        page.row(rank::MESSAGE, Row::Arrow { process, to_broker, label, fate });
    }
}

/// `The request "a" is lost.`, `The requests "a" and "b" are lost.`
fn several(what: &str, names: &[String], one: &str, many: &str) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.as_slice() {
        [] => None,
        [name] => Some(format!("The {what} {name} is {one}.")),
        names => Some(format!("The {what}s {} are {many}.", crate::report::text::listed(names))),
    }
}

/// Parts of a sentence: `a`, `a and b`, `a, b and c`; what begins with `but` follows a comma.
fn joined(parts: &[String]) -> String {
    let (but, plain): (Vec<&String>, Vec<&String>) =
        parts.iter().partition(|part| part.starts_with("but "));
    let mut text = crate::report::text::listed(&plain.into_iter().cloned().collect::<Vec<_>>());
    for part in but {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(part);
    }
    text
}

/// What later effects of a step mean for how earlier ones are told.
fn look_ahead(performed: &Performed, page: &mut Page) {
    for effect in &performed.effects {
        match effect {
            Effect::Sent { message: Message::Request(Request::Produce(produce)), .. } => {
                page.sent.extend(produced(produce));
            }
            Effect::Sent { message: Message::Request(Request::OffsetCommit(_)), .. } => {
                page.sends_commit = true;
            }
            Effect::Fired(_, ClientTimer::AutoCommit) => page.commits_by_itself = true,
            Effect::Event(Event::SendEnded { outcome: Outcome::Acked(-1), .. }) => {
                page.ends_unanswered = true;
            }
            _ => {}
        }
    }
}

/// Whether a request can change the broker; the others only ask.
fn matters(request: &Request) -> bool {
    matches!(request, Request::Produce(_) | Request::OffsetCommit(_))
}

/// Who acts in an action.
fn actor(action: &Action) -> Option<Actor> {
    Some(match *action {
        Action::Run(id) | Action::RunWorker(id) | Action::Evict(id) => Actor::Process(id),
        Action::Fire(id, _) => Actor::Process(id),
        Action::Restart(id) | Action::Resume(id) => Actor::Process(id),
        Action::DeliverResponse(link) | Action::Reconnect(link) => Actor::Process(link.process),
        Action::DeliverRequest(_) | Action::DeliverLate(..) => Actor::Broker,
        Action::RestartBroker | Action::ResumeBroker | Action::Recreate(_) => Actor::Broker,
        Action::LoseTail(..) | Action::LoseCommit => Actor::Broker,
        Action::LoseLate(..) | Action::Strike(..) => return None,
    })
}
