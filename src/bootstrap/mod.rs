//! Runbooks, tasks and steps, and the runner that looks before it changes.

mod apply;
mod current;
pub mod doctor;
mod error;
mod finding;
pub mod key_pair;
mod known_hosts;
mod kubernetes_auth;
mod library;
mod lock;
pub mod login_check;
mod look;
mod manifest_files;
mod own_secret;
pub mod policy;
mod preflight;
mod program;
mod ready;
mod release;
mod render;
mod rights;
mod runbook;
mod runner;
mod sealing;
pub mod status;
pub mod step;
mod task;
#[cfg(test)]
mod testing;
mod watch;
mod world;

pub use error::Error;
pub use finding::Finding;
pub use library::{Entry, Library};
pub use look::Look;
pub use runbook::Runbook;
pub use runner::{Run, Summary};
pub use task::{Task, TaskFile};
pub use world::World;
