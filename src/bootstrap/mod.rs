//! Runbooks, tasks and steps, and the runner that looks before it changes.

mod error;
pub mod key_pair;
mod library;
mod look;
mod render;
mod runbook;
mod runner;
pub mod step;
mod task;
mod world;

pub use error::Error;
pub use library::Library;
pub use look::Look;
pub use runbook::Runbook;
pub use runner::{Mode, Run, Summary};
pub use task::{Task, TaskFile};
pub use world::World;
