//! Catching a model's panics without printing them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs `work`; a panic in it becomes its message and place. Nothing is printed, on this thread.
///
/// What `work` changes must make sense after a panic, too.
pub fn quietly<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| if QUIET.get() { remember(info) } else { loud(info) }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|payload| describe(&*payload))
}

fn remember(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
    PLACE.set(place);
}

fn describe(payload: &(dyn Any + Send)) -> String {
    let message = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (None, Some(text)) => text.clone(),
        (None, None) => "a panic without words".to_owned(),
    };
    match PLACE.take() {
        Some(place) => format!("{message} ({place})"),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_message() {
        assert_eq!(quietly(|| 1), Ok(1));
        let message = quietly(|| panic!("lost {}", 3)).expect_err("it panics");
        assert!(message.starts_with("lost 3 ("), "{message}");
        assert!(message.contains("panics.rs:"), "{message}");
        let nested = quietly(|| quietly(|| panic!("inner")).is_err());
        assert_eq!(nested, Ok(true));
    }
}
