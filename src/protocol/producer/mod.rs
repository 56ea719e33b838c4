//! The Java producer: accumulator, sender, idempotence (`KafkaProducer.java`, `RecordAccumulator.java`,
//! `Sender.java`, `TransactionManager.java`).
//!
//! A state machine like every role: it never sees a link or a clock. Its caller says when the connection
//! came or broke and when a timer is over. Responses come in the order of their requests, as on TCP.

mod batch;
mod complete;
mod deadline;
mod drain;
mod errors;
mod sequence;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use batch::ProducerBatch;
use sequence::PartitionEntry;

use crate::history::event::ProcessId;
use crate::protocol::Protocol;
use crate::protocol::config::{Acks, ProducerConfig};
use crate::protocol::error_code::ErrorCode;
use crate::protocol::message::{
    Connection, Correlation, MetadataAnswer, MetadataRequest, Request, Response,
};
use crate::protocol::outbox::Outbox;
use crate::protocol::variant::KeyMapping;
use crate::record::{
    NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Partition, ProducerEpoch, ProducerId, Record, Rename, Swap,
    TopicId, TopicName,
};

/// The connection that a producer uses, as it numbers its own.
pub const CONNECTION: Connection = Connection(0);

/// Version of Metadata that clients speak here.
const METADATA_VERSION: i16 = 13;

/// What is fixed for a producer.
#[derive(Clone, Copy, Debug)]
pub struct ProducerContext<'a> {
    /// The cluster's version, for the versions of requests.
    pub protocol: &'a Protocol,
    /// Its settings.
    pub config: &'a ProducerConfig,
    /// Whose it is.
    pub process: ProcessId,
    /// Records in a full batch.
    pub batch_records: u32,
}

/// Number of a batch among those of one producer instance.
type BatchNumber = u32;

/// A partition as the producer keys it.
type Key = (TopicName, Partition);

/// A request that waits for its response.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum InFlight {
    Produce(Vec<BatchNumber>),
    InitProducerId,
    Metadata,
}

/// What the producer knows of a topic.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct KnownTopic {
    id: TopicId,
    partitions: Partition,
    /// As it began to use the topic.
    partitions_at_first: Partition,
}

/// One instance of the Java producer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Producer {
    producer_id: ProducerId,
    producer_epoch: ProducerEpoch,
    /// The last fatal error, after which nothing is sent any more.
    fatal: Option<ErrorCode>,
    connected: bool,
    metadata: BTreeMap<TopicName, KnownTopic>,
    metadata_stale: bool,
    /// By their numbers, in the order of their first `send`.
    batches: VecDeque<ProducerBatch>,
    /// How many of them are complete, and still in flight.
    done: u32,
    /// Batches that wait to be sent, in order (`RecordAccumulator.java`).
    queues: BTreeMap<Key, VecDeque<BatchNumber>>,
    /// Sequences, for an idempotent producer (`TxnPartitionMap.java`).
    entries: BTreeMap<Key, PartitionEntry>,
    /// Partitions that asked for an epoch bump (`partitionsToRewriteSequences`).
    bump_asked: Vec<Key>,
    bump_required: bool,
    in_flight: VecDeque<InFlight>,
}

impl Producer {
    /// A new instance that knows the given topics (name, id, partitions) and is not connected yet.
    pub fn new(topics: impl IntoIterator<Item = (TopicName, TopicId, Partition)>) -> Producer {
        let known = |(name, id, partitions)| {
            (name, KnownTopic { id, partitions, partitions_at_first: partitions })
        };
        Producer {
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            fatal: None,
            connected: false,
            metadata: topics.into_iter().map(known).collect(),
            metadata_stale: false,
            batches: VecDeque::new(),
            done: 0,
            queues: BTreeMap::new(),
            entries: BTreeMap::new(),
            bump_asked: Vec::new(),
            bump_required: false,
            in_flight: VecDeque::new(),
        }
    }

    /// Why nothing can be sent any more, if so.
    pub fn fatal(&self) -> Option<ErrorCode> {
        self.fatal
    }

    /// Whether some topic is not what the producer knows, and it has not asked yet; `now` tells the id and
    /// the number of partitions of those that exist.
    pub fn is_outdated(&self, now: impl Fn(TopicName) -> Option<(TopicId, Partition)>) -> bool {
        let news = |(&name, known): (&TopicName, &KnownTopic)| {
            now(name)
                .is_some_and(|(id, partitions)| (known.id, known.partitions) != (id, partitions))
        };
        let asks = || self.metadata_stale || self.in_flight.contains(&InFlight::Metadata);
        self.connected && self.metadata.iter().any(news) && !asks()
    }

    /// `metadata.max.age.ms` is over: asks what became of its topics.
    pub fn refresh_metadata(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        self.metadata_stale = true;
        self.run(cx, out);
    }

    /// Whether every batch is complete.
    pub fn is_idle(&self) -> bool {
        self.batches.iter().all(|batch| batch.done)
    }

    /// The partition of a record with a key (`BuiltInPartitioner.java: partitionForKey`, with the key's
    /// number for its hash), or the first one.
    pub fn partition_for(
        &self,
        cx: ProducerContext<'_>,
        topic: TopicName,
        record: &Record,
    ) -> Partition {
        let count =
            self.metadata.get(&topic).map_or(1, |known| match cx.protocol.variants.key_mapping {
                KeyMapping::ByCount => known.partitions.max(1),
                KeyMapping::Fixed => known.partitions_at_first.max(1),
            });
        record.key.map_or(0, |key| (key.0 % count as u32) as Partition)
    }

    /// `KafkaProducer.send`: adds the record to the accumulator and lets the sender run.
    pub fn send(
        &mut self,
        cx: ProducerContext<'_>,
        topic: TopicName,
        record: Record,
        out: &mut Outbox,
    ) {
        let partition = self.partition_for(cx, topic, &record);
        let queue = self.queues.entry((topic, partition)).or_default();
        let open = queue.back().copied().filter(|number| {
            let batch = &self.batches[*number as usize];
            batch.is_open() && batch.records.len() < cx.batch_records as usize
        });
        match open {
            Some(number) => {
                self.batch_mut(number).records.push(record);
            }
            None => {
                let number = self.batches.len() as BatchNumber;
                queue.push_back(number);
                let mut batch = ProducerBatch::new(topic, partition, record);
                batch.may_expire = !self.connected;
                self.batches.push_back(batch);
            }
        }
        self.run(cx, out);
    }

    /// The linger time of open batches is over, or `flush` was called.
    pub fn linger_over(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        // What was there the last time is over already.
        for batch in self.batches.iter_mut().rev().take_while(|batch| !batch.linger_over) {
            batch.linger_over = true;
        }
        self.run(cx, out);
    }

    /// Whether a batch waits for more records or for its linger time.
    pub fn is_lingering(&self, cx: ProducerContext<'_>) -> bool {
        let lingers = |&number: &BatchNumber| !self.batch(number).is_ready(cx.batch_records);
        // A further batch is begun only behind one that is full or may go.
        let last = self.queues.values().any(|queue| queue.back().is_some_and(lingers));
        debug_assert_eq!(last, self.queues.values().flatten().any(lingers));
        last
    }

    /// The connection is there.
    pub fn connected(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        self.connected = true;
        self.run(cx, out);
    }

    /// The connection broke, or was closed after the request timeout: every request in flight is
    /// cancelled, the oldest first (`NetworkClient.java: cancelInFlightRequests`).
    pub fn disconnected(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        self.connected = false;
        self.held_up();
        for request in std::mem::take(&mut self.in_flight) {
            match request {
                InFlight::Produce(numbers) => {
                    for number in numbers {
                        self.complete_attempt(cx, number, complete::Attempt::NoAnswer, out);
                    }
                }
                InFlight::Metadata => self.metadata_stale = true,
                InFlight::InitProducerId => {}
            }
        }
        self.forget_done();
        self.run(cx, out);
    }

    /// The next response of the connection.
    pub fn receive(&mut self, cx: ProducerContext<'_>, response: Response, out: &mut Outbox) {
        match (self.in_flight.pop_front(), response) {
            (Some(InFlight::Produce(numbers)), Response::Produce(answers)) => {
                for (number, answer) in numbers.into_iter().zip(answers) {
                    let attempt = complete::Attempt::Answer(answer.error, answer.base_offset);
                    self.complete_attempt(cx, number, attempt, out);
                }
            }
            (
                Some(InFlight::InitProducerId),
                Response::InitProducerId { error, producer_id, producer_epoch },
            ) => self.initialized(error, producer_id, producer_epoch),
            (Some(InFlight::Metadata), Response::Metadata(answers)) => self.learn(&answers),
            (request, response) => panic!("{response:?} does not answer {request:?}"),
        }
        self.forget_done();
        self.run(cx, out);
    }

    fn initialized(&mut self, error: ErrorCode, id: ProducerId, epoch: ProducerEpoch) {
        if error == ErrorCode::None {
            self.producer_id = id;
            self.producer_epoch = epoch;
        } else if !errors::is_retriable(error) {
            self.fatal = Some(error);
        }
    }

    fn learn(&mut self, answers: &[MetadataAnswer]) {
        for answer in answers {
            if let (ErrorCode::None, Some(id)) = (answer.error, answer.topic_id) {
                let partitions = answer.partitions.len() as Partition;
                let known = self.metadata.get(&answer.topic);
                let partitions_at_first = known.map_or(partitions, |k| k.partitions_at_first);
                let known = KnownTopic { id, partitions, partitions_at_first };
                self.metadata.insert(answer.topic, known);
            }
        }
    }

    /// One turn of the sender thread (`Sender.java: runOnce`); none while it polls with batches overdue.
    fn run(&mut self, cx: ProducerContext<'_>, out: &mut Outbox) {
        if self.is_in_poll() {
            return;
        }
        if cx.config.idempotence {
            self.resolve_sequences();
            if let Some(error) = self.fatal {
                self.abort_all(cx, error, out);
                return;
            }
            self.bump_epoch_if_asked(cx, out);
            if self.fatal.is_some() {
                return;
            }
        }
        if !self.connected {
            return;
        }
        if self.metadata_stale && !self.in_flight.contains(&InFlight::Metadata) {
            self.metadata_stale = false;
            let topics = self.metadata.keys().copied().collect();
            let request = Request::Metadata(MetadataRequest { version: METADATA_VERSION, topics });
            self.request(InFlight::Metadata, request, out);
        }
        if cx.config.idempotence && !self.has_producer_id() {
            if !self.in_flight.contains(&InFlight::InitProducerId) {
                self.request(InFlight::InitProducerId, drain::init_producer_id(), out);
            }
            return;
        }
        while self.drain(cx, out) {}
    }

    fn has_producer_id(&self) -> bool {
        self.producer_id != NO_PRODUCER_ID
    }

    fn request(&mut self, in_flight: InFlight, request: Request, out: &mut Outbox) {
        self.in_flight.push_back(in_flight);
        out.request(CONNECTION, Correlation(0), request);
    }

    /// Fails everything after a fatal error (`Sender.java: maybeAbortBatches`).
    fn abort_all(&mut self, cx: ProducerContext<'_>, error: ErrorCode, out: &mut Outbox) {
        self.queues.clear();
        let open: Vec<BatchNumber> =
            self.numbered().filter(|(_, batch)| !batch.done).map(|(number, _)| number).collect();
        for number in open {
            self.fail_batch(cx, number, error, complete::Confirmed::No, out);
        }
        self.forget_done();
    }

    /// Drops batches that are complete and no longer in flight, and numbers the others anew in their order:
    /// a number that only counts would make equal states differ.
    fn forget_done(&mut self) {
        debug_assert_eq!(
            self.done as usize,
            self.batches.iter().filter(|batch| batch.done).count()
        );
        let mut gone: Vec<BatchNumber> = Vec::new();
        let mut left = self.done;
        for (number, batch) in (0..).zip(&self.batches) {
            if left == 0 {
                break;
            }
            if batch.done {
                left -= 1;
                if !self.is_in_flight(number) {
                    gone.push(number);
                }
            }
        }
        let Some(&last) = gone.last() else { return };
        for &number in gone.iter().rev() {
            self.batches.remove(number as usize);
        }
        let count = gone.len() as BatchNumber;
        self.done -= count;
        let new = |number: &mut BatchNumber| {
            *number -= match *number > last {
                true => count,
                false => gone.partition_point(|gone| gone < number) as BatchNumber,
            };
        };
        self.queues.values_mut().flatten().for_each(new);
        for request in &mut self.in_flight {
            if let InFlight::Produce(numbers) = request {
                numbers.iter_mut().for_each(new);
            }
        }
    }

    fn batch(&self, number: BatchNumber) -> &ProducerBatch {
        &self.batches[number as usize]
    }

    fn batch_mut(&mut self, number: BatchNumber) -> &mut ProducerBatch {
        &mut self.batches[number as usize]
    }

    fn numbered(&self) -> impl Iterator<Item = (BatchNumber, &ProducerBatch)> {
        (0..).zip(&self.batches)
    }

    /// The batches in flight, as their requests have them.
    fn flying(&self) -> impl Iterator<Item = BatchNumber> {
        let numbers = self.in_flight.iter().flat_map(|request| match request {
            InFlight::Produce(numbers) => numbers.as_slice(),
            InFlight::InitProducerId | InFlight::Metadata => &[],
        });
        numbers.copied()
    }

    fn is_in_flight(&self, number: BatchNumber) -> bool {
        self.flying().any(|other| other == number)
    }

    /// Whether acknowledgements are awaited at all.
    fn awaits_answers(cx: ProducerContext<'_>) -> bool {
        cx.config.acks != Acks::None
    }
}

impl Rename for Producer {
    fn rename(&mut self, swap: &Swap) {
        let Producer {
            batches,
            producer_id: _,
            producer_epoch: _,
            fatal: _,
            connected: _,
            metadata: _,
            metadata_stale: _,
            done: _,
            queues: _,
            entries: _,
            bump_asked: _,
            bump_required: _,
            in_flight: _,
        } = self;
        batches.rename(swap);
    }
}
