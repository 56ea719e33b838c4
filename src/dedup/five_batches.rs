//! The last five batches per producer, as a Kafka broker keeps them (`ProducerStateEntry.java`): a batch
//! equal to one of them is a duplicate, the next one in sequence is new, anything else is refused.
//!
//! The state is as durable as the records: a broker rebuilds it from the log that holds them
//! (`ProducerStateManager.java`), and so does the replica that takes over.
//!
//! A batch is one record here. Assumes at most five requests in flight and one session of the producer:
//! an older duplicate and a gap are errors (`OUT_OF_ORDER_SEQUENCE_NUMBER`), and a producer without
//! state may begin at any number (`ProducerAppendInfo.java: checkSequence`).

use super::{Admission, Arrival, Dedup, DedupError, Loss, Memory, Order, Recognises, Theory};

/// Batches remembered (`ProducerStateEntry.NUM_BATCHES_TO_RETAIN`).
const RETAINED: u64 = 5;

/// What is known of one producer. Its batches are accepted in sequence only, so the retained ones are
/// the last numbers before `next`, back to the one it began with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
struct Producer {
    /// The first number of this session.
    first: u64,
    /// The number that must come next; equal to `first` if nothing is known.
    next: u64,
}

/// The producer state of one partition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FiveBatches {
    producers: Vec<Producer>,
    /// What the log that is committed would give.
    logged: Vec<Producer>,
}

impl FiveBatches {
    /// State for `producers` producers, and for more when they appear.
    pub fn with_room(producers: u32) -> FiveBatches {
        let producers = vec![Producer::default(); producers as usize];
        FiveBatches { logged: producers.clone(), producers }
    }

    #[inline(always)]
    fn judge(&mut self, arrival: &Arrival) -> Admission {
        let (place, sequence) = (arrival.producer as usize, arrival.sequence);
        // The common case: the next number of a producer that has begun.
        if let Some(producer) = self.producers.get_mut(place)
            && sequence == producer.next
            && sequence != producer.first
        {
            producer.next = sequence.saturating_add(1);
            return Admission::Process;
        }
        self.judge_other(place, sequence)
    }

    #[inline(never)]
    fn judge_other(&mut self, place: usize, sequence: u64) -> Admission {
        if place >= self.producers.len() {
            self.producers.resize(place + 1, Producer::default());
        }
        let producer = &mut self.producers[place];
        if producer.first == producer.next {
            *producer = Producer { first: sequence, next: sequence.saturating_add(1) };
            return Admission::Process;
        }
        let oldest = producer.first.max(producer.next.saturating_sub(RETAINED));
        if (oldest..producer.next).contains(&sequence) {
            return Admission::Skip;
        }
        Admission::Refuse
    }
}

impl Dedup for FiveBatches {
    fn admit(&mut self, arrival: &Arrival) -> Result<Admission, DedupError> {
        Ok(self.judge(arrival))
    }

    fn commit(&mut self) -> Result<(), DedupError> {
        self.logged.clone_from(&self.producers);
        Ok(())
    }

    fn fail(&mut self, _: Loss) -> Result<(), DedupError> {
        self.producers.clone_from(&self.logged);
        Ok(())
    }

    fn memory(&self) -> Memory {
        Memory::Durable { order: Order::With }
    }

    fn bytes(&self) -> u64 {
        self.producers.capacity() as u64 * size_of::<Producer>() as u64
    }

    fn theory(&self) -> Theory {
        Theory::exact(Recognises::NextSequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_as_a_broker_does() {
        let mut state = FiveBatches::with_room(0);
        let mut admit = |sequence| {
            state.admit(&Arrival { sequence, producer: 1, ..Arrival::default() }).unwrap()
        };
        assert_eq!(admit(7), Admission::Process, "any number may begin");
        assert_eq!(admit(6), Admission::Refuse, "before the first");
        assert_eq!(admit(7), Admission::Skip);
        assert_eq!([8, 9, 10, 11, 12].map(&mut admit), [Admission::Process; 5]);
        assert_eq!(admit(7), Admission::Refuse, "the sixth last is forgotten, and an error");
        assert_eq!([8, 12].map(&mut admit), [Admission::Skip; 2]);
        assert_eq!(admit(14), Admission::Refuse, "a gap");
        assert_eq!(admit(13), Admission::Process);
    }
}
