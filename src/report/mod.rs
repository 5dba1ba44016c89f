//! What happened, and how it is told: events become human lines or JSON lines here, and nowhere else.

mod change;
mod event;
mod finding;
pub mod format;
pub mod graph;
mod human;
mod leak;
mod log;
mod printer;
mod problem;
mod progress;
mod words;

pub use change::{Change, Verb};
pub use event::{Event, Kind, Outcome, Severity};
pub use leak::{Commit, Coverage, Leak};
pub use log::start_log;
pub use printer::{Colour, Manner, Printer};
pub use problem::Problem;

use std::sync::Arc;

/// Where events go. Cheap to clone; everyone may hold one.
#[derive(Clone)]
pub struct Events(Arc<dyn Fn(Event) + Send + Sync>);

impl Events {
    /// Sends every event to `listener`.
    pub fn new(listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    /// Hears nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(|_| ())
    }

    /// Tells what happened.
    pub fn send(&self, event: Event) {
        (self.0)(event);
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Events")
    }
}
