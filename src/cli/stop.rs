//! Ctrl-C: the first ends the search with what is known so far, the second ends the program.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// The exit code of a program that a second Ctrl-C ends, as shells have it.
const INTERRUPTED: i32 = 130;

/// Whether the user wants the search to end.
#[derive(Clone, Default, Debug)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Listens to Ctrl-C from now on. Where that is impossible, Ctrl-C ends the program as ever.
    pub fn on_interrupt() -> Stop {
        let stop = Stop::default();
        // In this order: what was set by an earlier signal makes this one end the program.
        let _ = flag::register_conditional_shutdown(SIGINT, INTERRUPTED, Arc::clone(&stop.0));
        let _ = flag::register(SIGINT, Arc::clone(&stop.0));
        stop
    }

    /// Whether to end.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// For the progress of a search.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.is_asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
