//! The high watermark of a leader never goes back.

use super::{Invariant, Transition, logs};

/// See [`Invariant::doc`].
pub(super) struct HighWatermarkMonotone;

impl Invariant for HighWatermarkMonotone {
    fn name(&self) -> &'static str {
        "high-watermark-monotone"
    }

    fn doc(&self) -> &'static str {
        "As long as a broker leads a partition, its high watermark does not go back (UnifiedLog.java: \
         maybeIncrementHighWatermark). A topic that was created anew is another one."
    }

    fn check(&self, step: Transition<'_>) -> Result<(), String> {
        let Some(before) = step.before else { return Ok(()) };
        for (name, number, log) in logs(step.after) {
            let Some(topic) = before.node.broker.topics().get(&name).filter(|_| before.node.up)
            else {
                continue;
            };
            let same =
                step.after.node.broker.topics().get(&name).map(|now| now.id) == Some(topic.id);
            let led = usize::try_from(number).ok().and_then(|i| topic.partitions.get(i));
            let was = led.map_or(0, |led| led.log.high_watermark());
            if same && log.high_watermark() < was {
                return Err(format!("it went from {was} back to {}", log.high_watermark()));
            }
        }
        Ok(())
    }
}
