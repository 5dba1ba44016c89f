//! The tasks and runbooks that can be run: the embedded ones, and those of the user's repository over them.

use super::{Error, Runbook, Task};
use crate::settings::Settings;

/// All tasks and runbooks by name.
pub struct Library {}

/// A task or runbook file by name.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its full name.
    pub name: String,
    /// One line on it.
    pub summary: String,
    /// Whether the user's repository has it (and perhaps replaces the embedded one).
    pub own: bool,
}

#[expect(unused_variables, clippy::todo, clippy::unused_self, reason = "skeleton")]
impl Library {
    /// Embedded files, overlaid by `.sealstrap/tasks` and `.sealstrap/bootstrap` below `root`.
    pub fn open(root: &std::path::Path) -> Result<Self, Error> {
        todo!()
    }
    /// All tasks, sorted by name.
    #[must_use]
    pub fn tasks(&self) -> Vec<Entry> {
        todo!()
    }
    /// All runbooks, sorted by name.
    #[must_use]
    pub fn runbooks(&self) -> Vec<Entry> {
        todo!()
    }
    /// A runbook.
    pub fn runbook(&self, name: &str) -> Result<Runbook, Error> {
        todo!()
    }
    /// The tasks of a runbook, rendered, in an order that their needs allow.
    pub fn of_runbook(&self, name: &str, settings: &Settings) -> Result<Vec<Task>, Error> {
        todo!()
    }
    /// The named tasks (full name, or last part where it is unique), rendered; a task that stands for a runbook becomes its tasks.
    pub fn named(&self, names: &[String], settings: &Settings) -> Result<Vec<Task>, Error> {
        todo!()
    }
    /// The text of a task's or runbook's file and its place below `.sealstrap`, to start an own one from.
    pub fn text(&self, name: &str) -> Result<(std::path::PathBuf, String), Error> {
        todo!()
    }
}
