//! Since when records are in a producer's hands: `delivery.timeout.ms` of a batch counts from its first record
//! (`ProducerBatch.java: hasReachedDeliveryTimeout`).

use std::collections::BTreeMap;

use crate::app::setting::AppSetting;
use crate::cluster::Effect;
use crate::history::Event;
use crate::history::event::ProcessId;
use crate::record::PayloadId;
use crate::simulate::pace::Micros;
use crate::world::Setting;

/// The records that producers have not finished yet, each with the time at which it was handed to its producer.
#[derive(Clone, Default, Debug)]
pub(super) struct Deadlines(BTreeMap<(ProcessId, PayloadId), Micros>);

impl Deadlines {
    /// Begins anew.
    pub(super) fn begin(&mut self) {
        self.0.clear();
    }

    /// Looks at what a step did.
    pub(super) fn heed(&mut self, setting: &Setting, effects: &[Effect], now: Micros) {
        let sends = |process| {
            setting.application(process).is_some_and(|app: &AppSetting| app.output.is_some())
        };
        for effect in effects {
            match effect {
                Effect::Event(Event::Handed { process, payload }) => {
                    self.0.insert((*process, *payload), now);
                }
                Effect::Event(Event::Processed { process, payload }) if sends(*process) => {
                    self.0.insert((*process, *payload), now);
                }
                Effect::Event(Event::SendEnded { process, payload, .. }) => {
                    self.0.remove(&(*process, *payload));
                }
                // It remembers nothing.
                Effect::Restarted(process) => self.0.retain(|(of, _), _| of != process),
                _ => {}
            }
        }
    }

    /// When so much time has passed for a record; one that is sent again after it had failed counts from now on.
    pub(super) fn over(
        &mut self,
        process: ProcessId,
        payload: PayloadId,
        now: Micros,
        timeout: Micros,
    ) -> Micros {
        self.0.entry((process, payload)).or_insert(now).saturating_add(timeout).max(now)
    }
}
