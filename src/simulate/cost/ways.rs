//! The configurations that a scenario's producers and applications are put into.

use crate::app::setting::{AppSetting, CommitOrder, EffectKind};
use crate::protocol::config::{Acks, ProducerConfig};
use crate::world::Setting;

/// A configuration whose cost is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The level that it is meant to give, and how.
    pub name: String,
    /// Its scenario, or why there is none.
    pub setting: Result<Setting, String>,
}

/// What distinguishes a configuration from the others.
#[derive(Clone, Copy)]
struct Change {
    acks: Acks,
    idempotence: bool,
    commit: CommitOrder,
}

/// The configurations, the weakest level first. Applications keep their effects, but where the offset is stored
/// with the result: that needs a store.
pub fn ways(setting: &Setting) -> Vec<Way> {
    let way = |name: &str, acks, idempotence, commit| Way {
        name: name.to_owned(),
        setting: changed(setting, Change { acks, idempotence, commit }),
    };
    vec![
        way(
            "at most once: acks=0, commit before processing",
            Acks::None,
            false,
            CommitOrder::BeforeProcessing,
        ),
        way(
            "at least once: acks=1, commit after processing",
            Acks::Leader,
            false,
            CommitOrder::AfterProcessing,
        ),
        way(
            "at least once: acks=all, idempotent, commit after processing",
            Acks::All,
            true,
            CommitOrder::AfterProcessing,
        ),
        way(
            "effectively once: idempotent, offset stored with the result",
            Acks::All,
            true,
            CommitOrder::WithResult,
        ),
        Way {
            name: "effectively once: transactions, read_committed".to_owned(),
            setting: Err("not modelled yet".to_owned()),
        },
    ]
}

fn changed(setting: &Setting, change: Change) -> Result<Setting, String> {
    let mut setting = setting.clone();
    for producer in &mut setting.producers {
        change_producer(&producer.name, &mut producer.config, change)?;
    }
    for app in &mut setting.apps {
        change_app(app, change)?;
    }
    Ok(setting)
}

fn change_producer(name: &str, config: &mut ProducerConfig, change: Change) -> Result<(), String> {
    // What Kafka refuses when it reads the settings (`ProducerConfig.java`).
    if change.idempotence && (config.max_in_flight > 5 || config.retries == 0) {
        let (in_flight, retries) = (config.max_in_flight, config.retries);
        return Err(format!(
            "does not apply: {name} has max.in.flight.requests.per.connection={in_flight} and \
             retries={retries}, and an idempotent producer needs at most 5, and more than 0"
        ));
    }
    (config.acks, config.idempotence) = (change.acks, change.idempotence);
    Ok(())
}

fn change_app(app: &mut AppSetting, change: Change) -> Result<(), String> {
    if change.commit == CommitOrder::WithResult {
        if app.effect == EffectKind::Topic {
            return Err(format!(
                "does not apply: {} sends its records on to a topic, which stores no offset with them",
                app.name
            ));
        }
        app.effect = EffectKind::Store;
    }
    if let Some(output) = &mut app.output {
        change_producer(&app.name, &mut output.config, change)?;
    }
    app.config.enable_auto_commit = false;
    app.commit = change.commit;
    app.commit_sync = true;
    Ok(())
}

/// The scenario with automatic commits at an interval in milliseconds, for the plot.
pub fn with_interval(setting: &Setting, milliseconds: u64) -> Setting {
    let mut setting = setting.clone();
    for app in &mut setting.apps {
        app.config.enable_auto_commit = true;
        app.config.auto_commit_interval_ms = milliseconds;
        app.commit = CommitOrder::Auto;
    }
    setting
}
